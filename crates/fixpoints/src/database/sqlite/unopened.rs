//! Why a file cannot be opened as a database, where SQLite only says that it cannot.

use std::path::Path;

use crate::error::Error;

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
            act: format!("cannot open sqlite:{}", path.display()),
            message,
        }
    }
}
