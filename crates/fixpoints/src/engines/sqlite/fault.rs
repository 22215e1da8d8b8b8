//! What SQLite's result codes stand for; its messages, which name tables and constraints, are not read.

use rusqlite::{Connection, ErrorCode, MAIN_DB, ffi};

use fixpoints_core::error::{Error, Fault};

/// An [`Error::Database`], for `map_err`.
pub(super) fn refused(act: impl Into<String>) -> impl FnOnce(rusqlite::Error) -> Error {
    let act = act.into();
    move |error| Error::Database {
        act,
        message: error.to_string(),
        fault: of(&error),
    }
}

/// Why SQLite refused something.
pub(super) fn of(error: &rusqlite::Error) -> Fault {
    use rusqlite::Error::{SqlInputError, SqliteFailure};
    let (SqliteFailure(found, _) | SqlInputError { error: found, .. }) = error else {
        return Fault::Unknown;
    };
    match (found.code, found.extended_code) {
        (_, ffi::SQLITE_ERROR_MISSING_COLLSEQ) => Fault::MissingExtension,
        (ErrorCode::Unknown, ffi::SQLITE_ERROR) if misses(error) => Fault::MissingExtension,
        // The file was moved away, which nothing that is done to the file's rights changes.
        (_, ffi::SQLITE_READONLY_DBMOVED) => Fault::Unknown,
        // An index for full-text search is, and the file is not.
        (_, ffi::SQLITE_CORRUPT_VTAB) => Fault::Unknown,
        // A function in the database refused, for a reason of its own.
        (_, ffi::SQLITE_CONSTRAINT_TRIGGER | ffi::SQLITE_CONSTRAINT_FUNCTION) => Fault::Unknown,
        (_, ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => Fault::Reference,
        (ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig, _) => {
            Fault::Row
        }
        (ErrorCode::DatabaseBusy, _) => Fault::Locked,
        (ErrorCode::ReadOnly, _) => Fault::ReadOnly,
        (ErrorCode::DiskFull, _) => Fault::Full,
        (ErrorCode::OutOfMemory, _) => Fault::OutOfMemory,
        (ErrorCode::DatabaseCorrupt, _) => Fault::Damaged,
        (ErrorCode::NotADatabase, _) => Fault::NotADatabase,
        (ErrorCode::Unknown, ffi::SQLITE_ERROR) => Fault::Statement,
        _ => Fault::Unknown,
    }
}

/// How SQLite begins what it says of a function, collation or module that a schema needs and the connection lacks; it
/// has no code for that.
const MISSING: [&str; 4] = [
    "unknown function: ",
    "no such function: ",
    "no such collation sequence: ",
    "no such module: ",
];

fn misses(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{SqlInputError, SqliteFailure};
    let message = match error {
        SqliteFailure(_, Some(message)) => message,
        SqlInputError { msg, .. } => msg,
        _ => return false,
    };
    MISSING.iter().any(|start| message.starts_with(start))
}

/// Why a statement of a script was refused. `PRAGMA query_only` refuses with the code of a file that may not be written.
pub(super) fn of_script(error: &rusqlite::Error, connection: &Connection) -> Fault {
    match of(error) {
        // The script may as well be wrong.
        Fault::MissingExtension => Fault::Statement,
        Fault::ReadOnly if !connection.is_readonly(MAIN_DB).unwrap_or_default() => Fault::Unknown,
        fault => fault,
    }
}
