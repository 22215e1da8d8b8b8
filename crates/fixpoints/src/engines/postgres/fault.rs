//! What PostgreSQL's codes stand for; its messages, which may be in any language, are not read.

use std::io::ErrorKind;

use postgres::error::{DbError, SqlState};

use fixpoints_core::error::Fault;

/// Why the server, or the connection to it, refused something.
pub(crate) fn of(error: &postgres::Error) -> Fault {
    match error.as_db_error() {
        Some(found) => of_server(found),
        None if error.is_closed() || io_kind(error).is_some() => Fault::Lost,
        None => Fault::Unknown,
    }
}

/// The same of a statement that only reads, so that bytes which are not text came out of the database.
pub(super) fn of_reading(error: &postgres::Error) -> Fault {
    match error.code() {
        Some(code) if *code == SqlState::CHARACTER_NOT_IN_REPERTOIRE => Fault::NotUtf8,
        _ => of(error),
    }
}

/// Why there is no connection; `is_keyless` says that no password was given.
pub(super) fn of_connecting(error: &postgres::Error, is_keyless: bool) -> Fault {
    if let Some(found) = error.as_db_error() {
        return match of_server(found) {
            // The right to connect, and nothing about tables.
            Fault::Denied => Fault::Unknown,
            fault => fault,
        };
    }
    match io_kind(error) {
        Some(ErrorKind::TimedOut) => Fault::NoAnswer,
        Some(
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof,
        ) => Fault::Lost,
        Some(ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::PermissionDenied) => {
            Fault::Unknown
        }
        Some(_) => Fault::Unreachable,
        None if error.is_closed() => Fault::Lost,
        // Of what the client itself refuses with a cause, only this depends on the password.
        None if is_keyless && std::error::Error::source(error).is_some() => Fault::MissingPassword,
        None => Fault::Unknown,
    }
}

/// The place in the server's own code that lets rows be hidden from nobody who reads all of a table.
const POLICY_CHECK: &str = "check_enable_rls";
/// Those that look for the partition of a row, and for what identifies one.
const PARTITION_SEARCH: &str = "ExecFindPartition";
const IDENTITY_CHECK: &str = "CheckCmdReplicaIdentity";
/// Those that ask the operating system, or ICU, for a collation.
const COLLATION_SEARCHES: [&str; 6] = [
    "report_newlocale_failure",
    "pg_newlocale_from_collation",
    "make_icu_collator",
    "make_libc_collator",
    "create_pg_locale",
    "pg_ucol_open",
];
/// Where functions in the database choose a code themselves.
const RAISE: &str = "exec_stmt_raise";

fn of_server(error: &DbError) -> Fault {
    match error.routine() {
        Some(RAISE) => return Fault::Unknown,
        Some(POLICY_CHECK) => return Fault::RowSecurity,
        Some(PARTITION_SEARCH) => return Fault::MissingPartition,
        Some(IDENTITY_CHECK) => return Fault::ReplicaIdentity,
        Some(routine) if COLLATION_SEARCHES.contains(&routine) => return Fault::MissingCollation,
        _ => {}
    }
    let code = error.code().code();
    let class = code.get(..2).unwrap_or_default();
    match (class, code) {
        (_, "55P03") => Fault::LockTimeout,
        (_, "57014") => Fault::Cancelled,
        (_, "57P03") => Fault::Starting,
        (_, "25P02") => Fault::FailedTransaction,
        (_, "28P01") => Fault::WrongPassword,
        (_, "42501") => Fault::Denied,
        (_, "53100") => Fault::ServerFull,
        (_, "53200") => Fault::OutOfMemory,
        (_, "53300") => Fault::TooManyConnections,
        (_, "23503") => Fault::Reference,
        (_, "40001" | "40P01") => Fault::Conflict,
        (_, "42883" | "42704" | "42P01" | "3F000" | "58P01") => Fault::MissingObject,
        (_, "42P21" | "42P22") => Fault::MissingCollation,
        ("08", _) | (_, "57P01" | "57P02" | "57P04" | "57P05") => Fault::Lost,
        ("22" | "23" | "44", _) => Fault::Row,
        ("28", _) => Fault::NotAdmitted,
        ("0A" | "21" | "25" | "2B" | "34" | "3B" | "3D" | "3F" | "42", _) => Fault::Statement,
        _ => Fault::Unknown,
    }
}

fn io_kind(error: &postgres::Error) -> Option<ErrorKind> {
    let cause = std::error::Error::source(error)?;
    cause
        .downcast_ref::<std::io::Error>()
        .map(std::io::Error::kind)
}
