//! PostgreSQL's refusals in one line: its message and the detail that names the row; nothing is decided here.

use crate::error::Error;

/// An [`Error::Database`], for `map_err`.
pub(super) fn refused(act: impl Into<String>) -> impl FnOnce(postgres::Error) -> Error {
    let act = act.into();
    move |error| Error::Database {
        act,
        message: spoken(&error),
    }
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
    match found.detail() {
        Some(detail) => format!("{} ({})", found.message(), detail.trim_end_matches('.')),
        None => found.message().to_owned(),
    }
}
