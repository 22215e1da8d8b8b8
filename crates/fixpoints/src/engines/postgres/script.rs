//! Runs a script of SQL, as one transaction where it does not control transactions itself; it returns no rows.

use std::io::Write as _;

use super::copy::cause;
use super::fault;
use super::spoken::{Ending, spoken, uncommitted};
use super::wire::Wire;
use crate::engines::guard::TestDatabases;
use fixpoints_core::database::ScriptReport;
use fixpoints_core::error::{Error, Fault, Result};

mod reach;
mod split;

use reach::Beyond;
use split::{Statement, statements};

/// Statements that begin so need to run outside our transaction, or end it.
const OWN: [&str; 11] = [
    "begin",
    "start",
    "commit",
    "end",
    "rollback",
    "abort",
    "savepoint",
    "vacuum",
    "reindex",
    "create database",
    "drop database",
];

/// See [`fixpoints_core::database::Database::run_script`].
pub(super) fn run(
    wire: &mut dyn Wire,
    tests: &TestDatabases,
    name: &str,
    script: &str,
) -> Result<ScriptReport> {
    let statements = statements(script);
    // All of them before the first one runs: what a script did outside of a transaction cannot be undone.
    for (at, statement) in statements.iter().enumerate() {
        within_reach(tests, name, at + 1, statement)?;
    }
    let one_transaction = !statements.iter().any(controls_transactions);
    let failed = || super::spoken::refused("cannot run the script in a transaction");
    if one_transaction {
        wire.batch("BEGIN").map_err(failed())?;
    }
    let is_nested = !one_transaction && is_in_transaction(wire).map_err(failed())?;
    let mut rows_changed = 0;
    for (at, statement) in statements.iter().enumerate() {
        match rows_changed_by(wire, statement) {
            Ok(rows) => rows_changed += rows,
            Err(refused) => {
                // The script's own error is the one to report; without a transaction this is only a warning.
                let _ = wire.batch("ROLLBACK");
                let refusal = Refusal {
                    script: name,
                    number: at + 1,
                    one_transaction,
                };
                return Err(refusal.of(statement, &refused));
            }
        }
    }
    if !one_transaction && !is_nested && is_in_transaction(wire).map_err(failed())? {
        wire.batch("ROLLBACK").map_err(failed())?;
        return Err(unfinished(name, &statements));
    }
    if one_transaction {
        wire.batch("COMMIT").map_err(uncommitted(Ending::Commit))?;
    }
    Ok(ScriptReport {
        statements: statements.len(),
        rows_changed,
        one_transaction,
    })
}

/// Refuses a statement that names what is outside of the database.
fn within_reach(
    tests: &TestDatabases,
    script: &str,
    number: usize,
    statement: &Statement<'_>,
) -> Result<()> {
    let line = statement.line;
    match reach::beyond(statement.text) {
        None => Ok(()),
        Some(Beyond::Database(name)) => {
            let shown = format!("database `{name}`, which line {line} of {script} names,");
            match tests.refused_name(&shown, &name) {
                Some(stranger) => Err(stranger.into()),
                None => Ok(()),
            }
        }
        Some(Beyond::Other(what)) => Err(Error::Script {
            script: script.to_owned(),
            statement: number,
            line,
            message: format!("{what} {}", reach::OUTSIDE),
            fault: Fault::Statement,
            one_transaction: true,
        }),
    }
}

/// What kept a statement from running.
enum Refused {
    Server(postgres::Error),
    Data(std::io::Error),
    Psql,
}

fn rows_changed_by(wire: &mut dyn Wire, statement: &Statement<'_>) -> Result<u64, Refused> {
    if statement.text.starts_with('\\') {
        return Err(Refused::Psql);
    }
    if let Some(data) = statement.data {
        let mut writer = wire.copy_in(statement.text).map_err(Refused::Server)?;
        writer.write_all(data.as_bytes()).map_err(Refused::Data)?;
        return writer.finish().map_err(Refused::Server);
    }
    let messages = wire.simple(statement.text).map_err(Refused::Server)?;
    Ok(if changes_rows(statement) {
        messages.iter().map(completed).sum()
    } else {
        0
    })
}

/// Whether a transaction is open: it is as old as its first statement, and outside of one every statement is the first.
fn is_in_transaction(wire: &mut dyn Wire) -> std::result::Result<bool, postgres::Error> {
    let answer = wire.simple(super::IS_IN_TRANSACTION)?;
    let is_older = |message: &postgres::SimpleQueryMessage| matches!(message, postgres::SimpleQueryMessage::Row(row) if row.get(0) == Some("t"));
    Ok(answer.iter().any(is_older))
}

/// A script that leaves a transaction open, of which nobody knows whether it should be kept.
fn unfinished(name: &str, statements: &[Statement<'_>]) -> Error {
    let begins = |statement: &Statement<'_>| {
        let text = statement.text.to_ascii_lowercase();
        text.starts_with("begin") || text.starts_with("start") || text.contains("chain")
    };
    let begun = statements.iter().rposition(begins).unwrap_or_default();
    Error::Script {
        script: name.to_owned(),
        statement: begun + 1,
        line: statements.get(begun).map_or(1, |statement| statement.line),
        message: fixpoints_core::database::UNFINISHED.to_owned(),
        fault: Fault::Statement,
        one_transaction: false,
    }
}

fn controls_transactions(statement: &Statement<'_>) -> bool {
    let text = statement.text.to_ascii_lowercase();
    let words: Vec<&str> = text.split_ascii_whitespace().take(2).collect();
    let two = words.join(" ");
    let first = words.first().copied().unwrap_or_default();
    OWN.iter()
        .any(|own| first.trim_end_matches(';') == *own || two.trim_end_matches(';') == *own)
}

fn changes_rows(statement: &Statement<'_>) -> bool {
    const WORDS: [&str; 5] = ["insert", "update", "delete", "merge", "with"];
    let word: String = statement
        .text
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    WORDS.contains(&word.to_ascii_lowercase().as_str())
}

fn completed(message: &postgres::SimpleQueryMessage) -> u64 {
    match message {
        postgres::SimpleQueryMessage::CommandComplete(rows) => *rows,
        _ => 0,
    }
}

/// Which statement of which script was refused.
struct Refusal<'a> {
    script: &'a str,
    number: usize,
    one_transaction: bool,
}

impl Refusal<'_> {
    fn of(&self, statement: &Statement<'_>, refused: &Refused) -> Error {
        let (error, message) = match refused {
            Refused::Server(error) => (Some(error), spoken(error)),
            Refused::Data(error) => match cause(error) {
                Some(error) => (Some(error), spoken(error)),
                None => (None, error.to_string()),
            },
            Refused::Psql => {
                let command = statement.text.split_ascii_whitespace().next();
                let command = command.unwrap_or_default();
                (
                    None,
                    format!("`{command}` is a command of psql, and not SQL"),
                )
            }
        };
        let fault = match refused {
            Refused::Psql => Fault::PsqlCommand,
            Refused::Server(_) | Refused::Data(_) => error.map(fault::of).unwrap_or_default(),
        };
        Error::Script {
            script: self.script.to_owned(),
            statement: self.number,
            line: statement.line + lines_before(statement, error),
            message,
            fault,
            one_transaction: self.one_transaction,
        }
    }
}

/// The lines of a statement above the place that the server names.
fn lines_before(statement: &Statement<'_>, error: Option<&postgres::Error>) -> usize {
    let position = error
        .and_then(postgres::Error::as_db_error)
        .and_then(|found| match found.position()? {
            postgres::error::ErrorPosition::Original(at) => Some(*at as usize),
            postgres::error::ErrorPosition::Internal { .. } => None,
        });
    let before = statement
        .text
        .chars()
        .take(position.unwrap_or(1).saturating_sub(1));
    before.filter(|c| *c == '\n').count()
}
