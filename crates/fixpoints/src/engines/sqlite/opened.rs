//! Whether the file that SQLite opened is the one that was asked about: names change hands, open files do not.

use std::fs::Metadata;
use std::path::Path;

use super::location::{allow_file, shown_url};
use crate::engines::guard::TestDatabases;
use crate::regular;
use fixpoints_core::error::{Error, Fault, Result};

/// Judges an open file by the path that was typed and the one that it led to, whatever took that name meanwhile.
///
/// # Errors
/// [`Error::NotATestDatabase`] and [`Error::Database`].
pub(super) fn check(typed: &Path, path: &Path, tests: Option<&TestDatabases>) -> Result<()> {
    let refused = |message: String| Error::Database {
        act: format!("cannot open {}", shown_url(typed)),
        message,
        fault: Fault::Unknown,
    };
    if let Some(tests) = tests {
        allow_file(typed, path, tests)?;
    }
    let Some(file) = descriptor(path) else {
        return Err(refused(
            "another file took its name while it was opened".to_owned(),
        ));
    };
    regular::check(&file).map_err(|error| refused(error.to_string()))
}

/// The open file that has this name now.
#[cfg(target_os = "linux")]
fn descriptor(path: &Path) -> Option<Metadata> {
    use std::os::unix::fs::MetadataExt as _;
    // Links were followed before, so that this name is one only if somebody put it there since.
    let named = std::fs::symlink_metadata(path).ok()?;
    let Ok(descriptors) = std::fs::read_dir("/proc/self/fd") else {
        return Some(named);
    };
    let mut open = descriptors
        .flatten()
        .filter_map(|entry| std::fs::metadata(entry.path()).ok());
    open.find(|file| (file.dev(), file.ino()) == (named.dev(), named.ino()))
}

/// Other systems do not say what a process has open.
#[cfg(not(target_os = "linux"))]
fn descriptor(path: &Path) -> Option<Metadata> {
    std::fs::symlink_metadata(path).ok()
}
