//! A window on the input that moves forward over it; it knows nothing of JSON and forgets what was passed.

use super::lines::Lines;
use super::token::{BeforeMove, MAX_TOKEN};
use std::io::{self, ErrorKind, Read};

/// How much is read at once.
pub const CHUNK: usize = 256 << 10;

/// The part of the input that is in memory.
pub struct Window<'r> {
    source: Box<dyn Read + 'r>,
    bytes: Vec<u8>,
    end: usize,
    chunk: usize,
    ended: bool,
    fresh: bool,
    lines: Lines,
}

impl<'r> Window<'r> {
    /// An empty window on `source`, which is read in chunks of this size.
    pub fn new(source: impl Read + 'r, chunk: usize) -> Self {
        Self {
            source: Box::new(source),
            bytes: Vec::new(),
            end: 0,
            chunk: chunk.max(1),
            ended: false,
            fresh: true,
            lines: Lines::default(),
        }
    }

    /// What is in memory.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.end]
    }

    /// Whether the input ends with the window.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Whether nothing was read yet.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// Line and column, both from 1, of a place in the window.
    pub fn locate(&self, place: usize) -> (u64, u64) {
        self.lines.locate(&self.bytes[..place.min(self.end)])
    }

    /// Forgets what lies before `keep`, moves the rest to the front and reads one more chunk.
    ///
    /// A token that is longer than a chunk makes the chunks grow, and they are filled even when
    /// the input comes in small pieces, so that the token is not looked at too often.
    pub fn refill(&mut self, keep: usize, holder: &mut impl BeforeMove) -> io::Result<()> {
        holder.before_move(&self.bytes[..self.end])?;
        self.lines.pass(&self.bytes[..keep]);
        if keep > 0 {
            self.bytes.copy_within(keep..self.end, 0);
        }
        self.end -= keep;
        self.fresh = false;
        let growth = self
            .end
            .min(MAX_TOKEN + self.chunk - self.end.min(MAX_TOKEN));
        let limit = self.end + self.chunk.max(growth);
        if self.bytes.len() < limit {
            self.bytes.resize(limit, 0);
        }
        let wanted = if self.end < self.chunk {
            self.end + 1
        } else {
            limit
        };
        while self.end < wanted && !self.ended {
            let count = read_some(&mut self.source, &mut self.bytes[self.end..limit])?;
            self.ended = count == 0;
            self.end += count;
        }
        Ok(())
    }
}

fn read_some(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
