//! What a path of a file leads to, and how many names the file has; it reads no file.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// The absolute path without links, whether its last parts exist or not; a link to what is not there leads there too.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    const LINKS: usize = 40;
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        if let Ok(whole) = path.canonicalize() {
            return whole;
        }
        match std::fs::read_link(&path) {
            Ok(next) => path = path.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => break,
        }
    }
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if folder.as_os_str().is_empty() => {
            resolved(Path::new(".")).join(name)
        }
        (Some(folder), Some(name)) => resolved(folder).join(name),
        _ => path,
    }
}

/// The last part of a path.
pub(crate) fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// How many names a file has.
pub(crate) fn names(path: &Path) -> u64 {
    let file = std::fs::symlink_metadata(path)
        .ok()
        .filter(Metadata::is_file);
    file.map_or(1, |data| names_of(&data))
}

#[cfg(unix)]
pub(crate) fn names_of(file: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(file)
}

/// The system does not tell.
#[cfg(not(unix))]
pub(crate) fn names_of(_: &Metadata) -> u64 {
    1
}
