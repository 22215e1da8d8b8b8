//! Why a file cannot be opened as a database, where SQLite only says that it cannot.

use std::path::Path;

use super::fault;
use super::location::shown_url;
use fixpoints_core::error::{Error, Fault};

/// An [`Error::Database`], for `map_err`.
pub(super) fn refused(path: &Path) -> impl FnOnce(rusqlite::Error) -> Error {
    move |error| {
        let (message, fault) = if path.is_dir() {
            ("it is a folder".to_owned(), Fault::Folder)
        } else if folder(path).try_exists().is_ok_and(|exists| !exists) {
            ("its folder does not exist".to_owned(), Fault::MissingFolder)
        } else {
            (error.to_string(), cause(path, &error))
        };
        Error::Database {
            act: act(path),
            message,
            fault,
        }
    }
}

fn folder(path: &Path) -> &Path {
    let folder = path.parent();
    folder
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// SQLite has one code for everything that keeps a file from being opened, so the system is asked for the rights.
fn cause(path: &Path, error: &rusqlite::Error) -> Fault {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::CannotOpen) if is_denied(path) => Fault::ReadOnly,
        _ => fault::of(error),
    }
}

/// Asked by name: whoever opens and closes the file gives up the locks that this process has on it.
#[cfg(unix)]
fn is_denied(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    let place = match path.try_exists() {
        Ok(false) => folder(path),
        _ => path,
    };
    access(place, Access::READ_OK | Access::WRITE_OK) == Err(rustix::io::Errno::ACCESS)
}

#[cfg(not(unix))]
fn is_denied(_: &Path) -> bool {
    false
}

fn act(path: &Path) -> String {
    format!("cannot open {}", shown_url(path))
}
