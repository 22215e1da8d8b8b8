//! Why a file cannot be opened as a database, where SQLite only says that it cannot.

use std::path::Path;

use crate::error::{Error, Result};
use crate::url::DatabaseUrl;

/// Refuses what SQLite would wait for, as for a pipe: `file` is where `path` leads.
pub(super) fn check(path: &Path, file: &Path) -> Result<()> {
    match std::fs::symlink_metadata(file) {
        Ok(data) if !data.is_file() && !data.is_dir() => Err(Error::Database {
            act: act(path),
            message: crate::regular::IRREGULAR.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// An [`Error::Database`], for `map_err`.
pub(super) fn refused(path: &Path) -> impl FnOnce(rusqlite::Error) -> Error {
    move |error| {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let message = if path.is_dir() {
            "it is a folder".to_owned()
        } else if folder.is_some_and(|folder| !folder.exists()) {
            "its folder does not exist".to_owned()
        } else {
            error.to_string()
        };
        Error::Database {
            act: act(path),
            message,
        }
    }
}

fn act(path: &Path) -> String {
    format!("cannot open {}", DatabaseUrl::Sqlite(path.to_path_buf()))
}
