//! The words between the reader and who uses it: tokens, gaps, limits, and why reading stops; no reading is done here.

use super::error::JsonError;
use std::io;

/// How deep arrays and objects may nest.
pub const MAX_DEPTH: usize = 128;
/// How long one string or number may be, in bytes.
pub const MAX_TOKEN: usize = 16 << 20;
/// One document, or one a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// One document.
    #[default]
    Json,
    /// One document a line; lines of whitespace are passed over.
    Ndjson,
}

/// What was found next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// `{`
    ObjectStart,
    /// `}`
    ObjectEnd,
    /// `[`
    ArrayStart,
    /// `]`
    ArrayEnd,
    /// A member's name; its colon is consumed with the value.
    Name,
    /// A string value.
    String,
    /// A number; [`Tokens::is_float`] tells whether it has a fraction or an exponent.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`
    Null,
    /// A document is complete.
    EndOfDocument,
    /// Nothing follows.
    EndOfInput,
}

/// Why reading stopped.
#[derive(Debug)]
pub enum Fail {
    /// The input is not acceptable.
    Json(Box<JsonError>),
    /// The input could not be read, or the output not written.
    Io(io::Error),
}

impl From<io::Error> for Fail {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Who holds positions in the window; called before it moves.
pub trait BeforeMove {
    /// Copies what it needs out of the window; its positions are void afterwards.
    ///
    /// # Errors
    /// When writing fails.
    fn before_move(&mut self, window: &[u8]) -> io::Result<()>;
}

impl BeforeMove for () {
    fn before_move(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// The whitespace before a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap(usize);

impl Gap {
    /// None.
    pub const NONE: Self = Self(0);
    /// One space.
    pub const SPACE: Self = Self(1);
    /// Anything that is not one of the others.
    pub const OTHER: Self = Self(usize::MAX);

    /// A line break and so many spaces.
    #[inline]
    pub const fn line(spaces: usize) -> Self {
        Self(spaces + 2)
    }
}
