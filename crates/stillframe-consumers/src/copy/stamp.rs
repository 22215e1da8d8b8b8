//! By what a file is seen to be untouched, without reading it.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};

/// The size, the time of the last change, and which file it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    identity: (u64, u32),
}

impl Stamp {
    /// Of what lies at this path; links are not followed. Nothing where there is nothing.
    ///
    /// # Errors
    ///
    /// When the system does not tell.
    pub fn of(path: &Path) -> Result<Option<Stamp>> {
        match path.symlink_metadata() {
            Ok(meta) => Ok(Some(Stamp {
                size: meta.len(),
                modified: meta.modified().ok(),
                identity: identity(&meta),
            })),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(None)
            }
            Err(error) => Err(error).with_context(|| format!("looking at {}", path.display())),
        }
    }
}

#[cfg(unix)]
fn identity(meta: &Metadata) -> (u64, u32) {
    use std::os::unix::fs::MetadataExt;
    (meta.ino(), meta.mode())
}

#[cfg(not(unix))]
fn identity(meta: &Metadata) -> (u64, u32) {
    (0, u32::from(meta.permissions().readonly()))
}
