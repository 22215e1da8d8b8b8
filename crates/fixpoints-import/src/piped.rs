//! What comes through a pipe, kept in a file of its own, because an import reads it more than once.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use fixpoints::files::is_stream;
use fixpoints::read_typed;
use fixpoints::write_file;
use fixpoints_core::error::{Error, Result};
use fixpoints_core::names::shown;

/// A source as it was typed, and the file to read.
pub(crate) struct Piped {
    _folder: TempDir,
    file: PathBuf,
    typed: String,
}

impl Piped {
    /// Reads a pipe to its end; `None` for files and folders.
    pub fn of(source: &Path) -> Result<Option<Self>> {
        if !is_stream(source) {
            return Ok(None);
        }
        let text = read_typed(source)?;
        let folder =
            tempfile::tempdir().map_err(Error::io("make a folder", std::env::temp_dir()))?;
        let file = folder.path().join("piped.yml");
        write_file(&file, text.as_bytes())?;
        Ok(Some(Self {
            _folder: folder,
            file,
            typed: shown(source),
        }))
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The path that was typed, in place of that of the file.
    pub fn named(&self, path: String) -> String {
        if path == shown(&self.file) {
            self.typed.clone()
        } else {
            path
        }
    }

    /// An error about what was typed.
    pub fn error(&self, error: Error) -> Error {
        match error {
            Error::Import { path, line, reason } => Error::Import {
                path: self.named(path),
                line,
                reason,
            },
            other => other,
        }
    }
}
