//! Opens the files of fixpoints, which the core reads; it does not look into them.

use std::fs::File;
use std::path::Path;

use fixpoints_core::document::{Bytes, Document, Origin, Source};
use fixpoints_core::error::{Error, Result};

use crate::regular;

/// An open file.
#[derive(Debug)]
struct Open(File);

impl Bytes for Open {
    fn length(&self) -> std::io::Result<u64> {
        self.0.metadata().map(|data| data.len())
    }

    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.0, buffer, at)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.0, buffer, at)
    }
}

/// Opens a fixpoint's file anywhere, and reads all of it once to know that it holds what was signed.
///
/// # Errors
/// [`Error::Io`], [`Error::Corrupt`], [`Error::Unsigned`] or [`Error::UnsupportedFormat`].
pub fn open_file(path: &Path) -> Result<Document> {
    read(&Origin::file(path))?.sound()
}

/// Reads a file whether or not it holds what was signed; see [`Document::damages`].
pub(crate) fn read(origin: &Origin) -> Result<Document> {
    let file = regular::open(&origin.path).map_err(Error::io("read", &origin.path))?;
    Document::read(origin, &Source::kept(Open(file)))
}
