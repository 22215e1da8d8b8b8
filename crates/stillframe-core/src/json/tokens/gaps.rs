//! Moving on: over whitespace, and to the next window; it refuses an input that ends too early.

use super::{BeforeMove, Fail, Framing, Gap, MAX_TOKEN, Tokens};
use crate::json::error::JsonErrorKind;
use crate::json::scan;

impl Tokens<'_> {
    /// The next byte that is not whitespace; the document goes on, so there has to be one.
    #[inline(always)]
    pub(super) fn peek(&mut self, holder: &mut impl BeforeMove) -> Result<u8, Fail> {
        match self.input.bytes().get(self.at) {
            Some(&byte) if byte > b' ' => {
                self.gap = Gap::NONE;
                Ok(byte)
            }
            _ => self.peek_behind_gap(holder),
        }
    }

    /// As [`peek`](Self::peek); one space, and a line break with spaces, are told from other gaps.
    #[inline(never)]
    fn peek_behind_gap(&mut self, holder: &mut impl BeforeMove) -> Result<u8, Fail> {
        let window = self.input.bytes();
        let (end, gap) = match window.get(self.at) {
            Some(b' ') => (self.at + 1, Gap::SPACE),
            Some(b'\n') if self.framing == Framing::Json => {
                let end = scan::spaces_end(window, self.at + 1);
                (end, Gap::line(end - self.at - 1))
            }
            _ => (usize::MAX, Gap::OTHER),
        };
        match window.get(end) {
            Some(&byte) if byte > b' ' => {
                self.gap = gap;
                self.at = end;
                Ok(byte)
            }
            _ => self.peek_beyond_gap(holder),
        }
    }

    #[inline(never)]
    fn peek_beyond_gap(&mut self, holder: &mut impl BeforeMove) -> Result<u8, Fail> {
        match self.skip_gap(holder)? {
            Some(_) if self.broken => Err(self.fault(JsonErrorKind::LineBreak)),
            Some(byte) => Ok(byte),
            None => Err(self.truncated()),
        }
    }

    /// Skips whitespace, over as many windows as it takes.
    pub(super) fn skip_gap(&mut self, holder: &mut impl BeforeMove) -> Result<Option<u8>, Fail> {
        self.broken = false;
        self.gap = Gap::OTHER;
        loop {
            let from = self.at;
            self.at = scan::gap_end(self.input.bytes(), self.at);
            if self.framing == Framing::Ndjson {
                self.broken |= self.input.bytes()[from..self.at].contains(&b'\n');
            }
            if let Some(&byte) = self.input.bytes().get(self.at) {
                return Ok(Some(byte));
            }
            if self.input.ended() {
                return Ok(None);
            }
            self.refill(self.at, holder)?;
        }
    }

    /// Reads on behind the token at `start`.
    #[cold]
    pub(super) fn more_of_token(&mut self, holder: &mut impl BeforeMove) -> Result<(), Fail> {
        if self.input.ended() {
            return Err(self.truncated());
        }
        if self.window().len() - self.start > MAX_TOKEN {
            return Err(self.fault_at(self.start, JsonErrorKind::Token(MAX_TOKEN)));
        }
        let keep = self.start;
        self.refill(keep, holder)?;
        self.start = 0;
        self.at = 0;
        Ok(())
    }

    /// Forgets what lies before `keep` and reads one more chunk; `at` becomes relative to `keep`.
    #[cold]
    pub(super) fn refill(&mut self, keep: usize, holder: &mut impl BeforeMove) -> Result<(), Fail> {
        self.at -= keep;
        self.previous = usize::MAX;
        let fresh = self.input.is_fresh();
        self.input.refill(keep, holder)?;
        if fresh {
            self.start_of_input(holder)?;
        }
        Ok(())
    }

    /// Looks for a byte-order mark, which may arrive in pieces.
    fn start_of_input(&mut self, holder: &mut impl BeforeMove) -> Result<(), Fail> {
        const MARK: &[u8] = b"\xEF\xBB\xBF";
        let cut = |window: &[u8]| window.len() < MARK.len() && MARK.starts_with(window);
        while cut(self.window()) && !self.input.ended() {
            self.input.refill(0, holder)?;
        }
        if self.window().starts_with(MARK) {
            return Err(self.fault_at(0, JsonErrorKind::ByteOrderMark));
        }
        Ok(())
    }
}
