//! What is written: spans of the input as long as it is laid out as wanted, other text where it is not; it knows no JSON.

use super::layout::Joint;
use crate::json::tokens::{BeforeMove, Tokens};
use std::io::{self, Write};
use std::ops::Range;

/// Text is collected into pieces of about this size, because a system call costs more than copying.
const PIECE: usize = 256 << 10;
/// A span of this size is handed on by itself.
const LARGE: usize = 64 << 10;

/// The output, which follows the input lazily.
pub struct Output<'w> {
    sink: &'w mut dyn Write,
    /// Text that is not handed on yet; the pending span follows it.
    pub text: Vec<u8>,
    /// Input that is to be written as it is.
    span: (usize, usize),
    /// How many open arrays and objects hold their text back.
    pub holds: usize,
}

impl<'w> Output<'w> {
    /// Writes to `sink`.
    pub fn new(sink: &'w mut dyn Write) -> Self {
        Self {
            sink,
            text: Vec::new(),
            span: (0, 0),
            holds: 0,
        }
    }

    /// Writes `joint` and then the current token as printed.
    #[inline]
    pub fn emit(&mut self, tokens: &Tokens<'_>, joint: Joint<'_>) -> io::Result<()> {
        let (start, end) = tokens.span();
        let previous = tokens.previous();
        // The reader saw the one comma or colon that has to be there, so the length and the
        // whitespace behind it tell whether the input has the very same text.
        if self.span.1 == previous
            && start - previous == joint.text.len()
            && tokens.gap() == joint.gap
        {
            self.span.1 = end;
            return Ok(());
        }
        self.settle(tokens.window())?;
        self.text.extend_from_slice(joint.text);
        self.span = (start, end);
        Ok(())
    }

    /// Whether what is written ends where the input goes on.
    #[inline]
    pub fn follows(&self, tokens: &Tokens<'_>) -> bool {
        self.span.1 == tokens.span().1
    }

    /// Writes the input up to the end of the current token as it is.
    #[inline]
    pub fn follow(&mut self, tokens: &Tokens<'_>) {
        self.span.1 = tokens.span().1;
    }

    /// Writes the input up to a range as it is, and `parts` in place of the range.
    #[inline]
    pub fn put(&mut self, window: &[u8], range: Range<usize>, parts: &[&str]) -> io::Result<()> {
        self.span.1 = range.start;
        self.settle(window)?;
        for part in parts {
            self.text.extend_from_slice(part.as_bytes());
        }
        self.span = (range.end, range.end);
        Ok(())
    }

    /// Writes `text` in place of the input that ends at `end`.
    pub fn replace(&mut self, window: &[u8], text: &[u8], end: usize) -> io::Result<()> {
        self.settle(window)?;
        self.text.extend_from_slice(text);
        self.span = (end, end);
        Ok(())
    }

    /// Takes the pending span into the text, or hands it on.
    pub fn settle(&mut self, window: &[u8]) -> io::Result<()> {
        let (start, end) = self.span;
        self.span.0 = end;
        let span = &window[start..end];
        if self.holds == 0 && self.text.len() + span.len() > PIECE {
            self.sink.write_all(&self.text)?;
            self.text.clear();
            if span.len() >= LARGE {
                return self.sink.write_all(span);
            }
        }
        self.text.extend_from_slice(span);
        Ok(())
    }

    /// Hands everything on.
    pub fn finish(mut self, window: &[u8]) -> io::Result<()> {
        self.settle(window)?;
        self.sink.write_all(&self.text)?;
        self.sink.flush()
    }
}

impl BeforeMove for Output<'_> {
    fn before_move(&mut self, window: &[u8]) -> io::Result<()> {
        self.settle(window)?;
        self.span = (0, 0);
        Ok(())
    }
}
