//! Bytes that several readers read at once, from a file or from memory; it does not look at them.

use std::fs::File;
use std::io::{Read, Result};
use std::sync::Arc;

/// Where a document's bytes are.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// In a file, which stays the one that was opened even when another takes its name.
    File(Arc<File>),
    /// In memory.
    Memory(Arc<Vec<u8>>),
}

/// The lines of one table.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Section {
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
pub(crate) struct SectionReader {
    source: Source,
    at: u64,
    end: u64,
}

impl Source {
    pub fn file(file: File) -> Self {
        Self::File(Arc::new(file))
    }

    pub fn memory(bytes: Vec<u8>) -> Self {
        Self::Memory(Arc::new(bytes))
    }

    pub fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }

    pub fn section(&self, section: Section) -> SectionReader {
        SectionReader {
            source: self.clone(),
            at: section.start,
            end: section.end,
        }
    }

    pub fn whole(&self) -> SectionReader {
        SectionReader {
            source: self.clone(),
            at: 0,
            end: u64::MAX,
        }
    }

    pub fn read_all(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.whole().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// How many bytes there are.
    pub fn length(&self) -> Result<u64> {
        match self {
            Self::File(file) => file.metadata().map(|data| data.len()),
            Self::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> Result<usize> {
        match self {
            Self::File(file) => read_file_at(file, buffer, at),
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

impl Read for SectionReader {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        let read = self.source.read_at(&mut buffer[..length], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(unix)]
fn read_file_at(file: &File, buffer: &mut [u8], at: u64) -> Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_file_at(file: &File, buffer: &mut [u8], at: u64) -> Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}
