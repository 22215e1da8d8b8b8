//! PostgreSQL's refusals in one line: its message and the detail that names the row; nothing is decided here.

use postgres::error::SqlState;

use super::fault;
use fixpoints_core::error::{Error, Fault};

/// Said of every statement in a transaction that failed, in whatever language the server speaks.
const FAILED: &str = "an earlier statement of this transaction failed, and every other is refused until it is rolled back";

/// An [`Error::Database`], for `map_err`.
pub(super) fn refused(act: impl Into<String>) -> impl FnOnce(postgres::Error) -> Error {
    let act = act.into();
    move |error| Error::Database {
        act,
        message: spoken(&error),
        fault: fault::of(&error),
    }
}

/// An [`Error::Database`] for a statement that only reads, for `map_err`.
pub(super) fn unread(act: impl Into<String>) -> impl FnOnce(postgres::Error) -> Error {
    let act = act.into();
    move |error| Error::Database {
        act,
        message: spoken(&error),
        fault: fault::of_reading(&error),
    }
}

/// What a transaction that ends was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Reading,
    Commit,
}

/// An [`Error::Database`] for an end that failed. Where the connection went with it, nobody can say what was kept.
pub(super) fn uncommitted(ending: Ending) -> impl FnOnce(postgres::Error) -> Error {
    move |error| {
        let (mut message, mut fault) = (spoken(&error), fault::of(&error));
        if ending == Ending::Commit && is_lost(&error) {
            message = format!(
                "the connection ended before the server answered, so that everything may have been committed, or nothing: {message}"
            );
            fault = Fault::Undecided;
        }
        Error::Database {
            act: match ending {
                Ending::Reading => "cannot end the transaction",
                Ending::Commit => "cannot commit",
            }
            .to_owned(),
            message,
            fault,
        }
    }
}

/// An [`Error::Database`] for what was switched off and cannot be switched on again, for rows that a restore may leave.
pub(super) fn not_put_back(error: &postgres::Error) -> Error {
    let (mut message, mut fault) = (spoken(error), fault::of(error));
    if error.code() == Some(&SqlState::FOREIGN_KEY_VIOLATION) {
        message.push_str(", and only a superuser can leave such a row");
        fault = Fault::SuperuserOnly;
    }
    Error::Database {
        act: "cannot put constraints and triggers back".to_owned(),
        message,
        fault,
    }
}

/// Whether the connection is gone, rather than a statement refused.
fn is_lost(error: &postgres::Error) -> bool {
    use postgres::error::Severity;
    error.as_db_error().is_none_or(|found| {
        matches!(
            found.parsed_severity(),
            Some(Severity::Fatal | Severity::Panic) | None
        )
    })
}

/// Whether the server stopped at no fault of a row: an operator, a timeout, a full disk, the end of the connection.
pub(super) fn is_outside(error: &postgres::Error) -> bool {
    const CLASSES: [&str; 6] = ["08", "40", "53", "57", "58", "XX"];
    let code = error.code().map(postgres::error::SqlState::code);
    code.is_none_or(|code| CLASSES.iter().any(|class| code.starts_with(class)))
}

/// The server's own words, with its detail; otherwise the client's and what caused them.
pub(super) fn spoken(error: &postgres::Error) -> String {
    let Some(found) = error.as_db_error() else {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !text.contains(&cause_text) {
                text.push_str(": ");
                text.push_str(&cause_text);
            }
            source = cause.source();
        }
        return text;
    };
    if *found.code() == SqlState::IN_FAILED_SQL_TRANSACTION {
        return FAILED.to_owned();
    }
    match found.detail() {
        Some(detail) => format!("{} ({})", found.message(), detail.trim_end_matches('.')),
        None => found.message().to_owned(),
    }
}
