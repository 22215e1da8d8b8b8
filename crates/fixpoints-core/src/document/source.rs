//! Bytes that several readers read at once, from wherever the caller has them or from memory; it does not look at them.

use std::fmt::Debug;
use std::io::{ErrorKind, Read, Result};
use std::sync::Arc;

/// Where a document's bytes are.
#[derive(Debug, Clone)]
pub enum Source {
    /// As the caller keeps them: an open file, which stays the same even when another takes its name.
    Kept(Arc<dyn Bytes>),
    /// In memory.
    Memory(Arc<Vec<u8>>),
}

/// Bytes that the caller keeps.
pub trait Bytes: Debug + Send + Sync {
    /// How many there are.
    ///
    /// # Errors
    /// What the system says.
    fn length(&self) -> Result<u64>;

    /// Reads some of them from a place on, and says how many; none at the end.
    ///
    /// # Errors
    /// What the system says.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> Result<usize>;
}

/// The lines of one table.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Section {
    /// Where the first line begins.
    pub start: u64,
    /// Where the last line ends.
    pub end: u64,
    /// How many lines there are.
    pub lines: u64,
    /// The number of the first line in the file, counted from 1.
    pub first_line: usize,
}

/// Reads a part of a source.
#[derive(Debug)]
pub(super) struct SectionReader {
    source: Source,
    at: u64,
    end: u64,
}

/// Hands out the lines of a part of a source, in a buffer of its own.
#[derive(Debug)]
pub(super) struct Lines {
    reader: SectionReader,
    buffer: Vec<u8>,
    /// What was read and not yet taken.
    start: usize,
    end: usize,
}

impl Lines {
    /// The most bytes of one line: a file without line ends may be larger than memory.
    pub const LONGEST: usize = 256 << 20;
    const CAPACITY: usize = 64 * 1024;

    pub fn new(reader: SectionReader) -> Self {
        // A small table needs a small buffer.
        let length = usize::try_from(reader.left()).unwrap_or(usize::MAX);
        Self {
            reader,
            buffer: vec![0; length.clamp(1, Self::CAPACITY)],
            start: 0,
            end: 0,
        }
    }

    /// The next line, with its end; empty where no more comes. Of a line that is longer than [`Lines::LONGEST`] a part
    /// that is longer than that.
    pub fn next(&mut self) -> Result<&[u8]> {
        let length = self.find()?;
        self.start += length;
        Ok(&self.buffer[self.start - length..self.start])
    }

    /// Takes the next line where it is exactly this, and says whether it was.
    pub fn take(&mut self, parts: [&[u8]; 3]) -> Result<bool> {
        let length = parts.iter().map(|part| part.len()).sum();
        while self.end - self.start < length && self.fill()? {}
        let mut rest = &self.buffer[self.start..self.end];
        for part in parts {
            let Some(after) = rest.strip_prefix(part) else {
                return Ok(false);
            };
            rest = after;
        }
        self.start += length;
        Ok(true)
    }

    fn find(&mut self) -> Result<usize> {
        let mut searched = 0;
        loop {
            let unsearched = &self.buffer[self.start + searched..self.end];
            if let Some(at) = memchr::memchr(b'\n', unsearched) {
                return Ok(searched + at + 1);
            }
            searched = self.end - self.start;
            if searched > Self::LONGEST || !self.fill()? {
                return Ok(searched);
            }
        }
    }

    /// Reads more, and says whether there was any.
    fn fill(&mut self) -> Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end == self.buffer.len() {
            self.buffer.resize(2 * self.end, 0);
        }
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => {
                    let read = read?;
                    self.end += read;
                    return Ok(read > 0);
                }
            }
        }
    }
}

impl Source {
    /// A file that the caller opened.
    pub fn kept(bytes: impl Bytes + 'static) -> Self {
        Self::Kept(Arc::new(bytes))
    }

    /// Bytes in memory.
    #[must_use]
    pub fn memory(bytes: Vec<u8>) -> Self {
        Self::Memory(Arc::new(bytes))
    }

    /// Whether it is what the caller keeps, whose lines a person sees.
    #[must_use]
    pub fn is_file(&self) -> bool {
        matches!(self, Self::Kept(_))
    }

    pub(super) fn section(&self, section: Section) -> SectionReader {
        SectionReader {
            source: self.clone(),
            at: section.start,
            end: section.end,
        }
    }

    pub(super) fn whole(&self) -> SectionReader {
        SectionReader {
            source: self.clone(),
            at: 0,
            end: u64::MAX,
        }
    }

    /// All bytes.
    ///
    /// # Errors
    /// What the system says.
    pub fn read_all(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.whole().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// How many bytes there are.
    ///
    /// # Errors
    /// What the system says.
    pub fn length(&self) -> Result<u64> {
        match self {
            Self::Kept(bytes) => bytes.length(),
            Self::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> Result<usize> {
        match self {
            Self::Kept(bytes) => bytes.read_at(buffer, at),
            Self::Memory(bytes) => {
                let rest = usize::try_from(at)
                    .ok()
                    .and_then(|at| bytes.get(at..))
                    .unwrap_or_default();
                let length = rest.len().min(buffer.len());
                buffer[..length].copy_from_slice(&rest[..length]);
                Ok(length)
            }
        }
    }
}

impl SectionReader {
    /// How many bytes are left, at the most.
    fn left(&self) -> u64 {
        self.end.saturating_sub(self.at)
    }
}

impl Read for SectionReader {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let left = usize::try_from(self.left()).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        let read = self.source.read_at(&mut buffer[..length], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
