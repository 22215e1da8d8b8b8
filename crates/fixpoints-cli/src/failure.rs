//! Turns an error into the document that every failed command prints.

use std::error::Error as _;

use fixpoints::Error;
use fixpoints::core::secret::without_secrets;

use crate::invocation::Invocation;
use crate::output::{BrokenRow, ErrorDetails, ErrorOutput, FORMAT_VERSION, Problem, Run};

/// The document for a command that failed.
pub(crate) fn document(failed: &str, error: &Error, typed: &Invocation, run: Run) -> ErrorOutput {
    ErrorOutput {
        command: crate::output::ErrorWord,
        format_version: FORMAT_VERSION,
        run,
        failed: failed.to_owned(),
        kind: error.kind(),
        message: error.to_string(),
        causes: causes(error),
        hint: typed.hint(error),
        details: details(error),
    }
}

/// The short form, inside other documents.
pub(crate) fn problem(error: &Error, typed: &Invocation) -> Problem {
    let mut message = error.to_string();
    for cause in causes(error) {
        message.push_str(": ");
        message.push_str(&cause);
    }
    Problem {
        kind: error.kind(),
        message,
        hint: typed.hint(error),
    }
}

fn causes(error: &Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let io = cause.downcast_ref::<std::io::Error>();
        let words = io.map_or_else(|| cause.to_string(), io_words);
        causes.push(without_secrets(&words).into_owned());
        next = cause.source();
    }
    causes
}

/// The common refusals in the same words on every system.
fn io_words(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::NotADirectory => "a part of its path is not a folder".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        ErrorKind::StorageFull => "the disk is full".to_owned(),
        ErrorKind::InvalidData => "it is not UTF-8".to_owned(),
        _ => error.to_string(),
    }
}

fn details(error: &Error) -> Option<ErrorDetails> {
    Some(match error {
        Error::SchemaDrift { drifts, .. } => ErrorDetails::Schema {
            drifts: drifts.clone(),
        },
        Error::BrokenReferences { broken, .. } => ErrorDetails::References {
            broken: broken
                .iter()
                .map(|row| BrokenRow {
                    table: row.table.clone(),
                    row: row.row.to_string(),
                    columns: row.columns.clone(),
                    parent: row.parent.clone(),
                })
                .collect(),
        },
        Error::Unsigned { path, .. } | Error::Unmerged { path, .. } => ErrorDetails::File {
            path: path.clone(),
            line: None,
        },
        Error::Corrupt { path, line, .. } => ErrorDetails::File {
            path: path.clone(),
            line: line.map(|line| line as u64),
        },
        Error::Import { path, line, .. } => ErrorDetails::File {
            path: path.clone(),
            line: line.map(|line| line as u64),
        },
        Error::HasChildren { name, children } => ErrorDetails::Children {
            fixpoint: name.clone(),
            children: children.clone(),
        },
        Error::UnsupportedFormat { path, .. } => ErrorDetails::File {
            path: path.clone(),
            line: Some(1),
        },
        Error::Script {
            script,
            statement,
            line,
            ..
        } => ErrorDetails::Statement {
            path: script.clone(),
            statement: *statement as u64,
            line: *line as u64,
        },
        Error::Row { table, row, .. } => ErrorDetails::Row {
            table: table.clone(),
            row: row.to_string(),
        },
        Error::ParentMoved { child, parent } | Error::ParentMissing { child, parent, .. } => {
            ErrorDetails::Parent {
                child: child.clone(),
                parent: parent.clone(),
            }
        }
        _ => return None,
    })
}
