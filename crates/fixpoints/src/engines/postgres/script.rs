//! Runs a script of SQL, as one transaction where it does not control transactions itself; it returns no rows.

use std::io::Write as _;

use super::copy::cause;
use super::fault;
use super::name::literal;
use super::spoken::{Ending, spoken, uncommitted};
use super::wire::{Wire, results};
use crate::engines::guard::TestDatabases;
use fixpoints_core::database::ScriptReport;
use fixpoints_core::error::{Error, Fault, Result};

mod lex;
mod reach;
mod split;

use reach::Beyond;
use split::{Statement, copied_table, statements, words};

/// Statements that begin so need to run outside our transaction, or end it.
const OWN: [&str; 12] = [
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
    "prepare transaction",
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
    let before = settle(wire).map_err(super::spoken::refused("cannot set up a script"))?;
    let done = run_statements(wire, name, &statements);
    // After a failure of the connection there is nothing to put back.
    let _ = wire.batch(&before);
    done
}

/// What our reading of a script depends on, and what has the server itself refuse foreign tables, which keep their rows
/// elsewhere; a server that is too old does not know that.
const SETTINGS: [(&str, &str); 2] = [
    ("standard_conforming_strings", "on"),
    (reach::FOREIGN_TABLES, "foreign-table"),
];

/// Returns the statements that put back what was set before.
fn settle(wire: &mut dyn Wire) -> std::result::Result<String, postgres::Error> {
    let asked = SETTINGS.map(|(name, _)| {
        format!(
            "SELECT setting FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) '{name}'"
        )
    });
    let answers = results(wire.simple(&asked.join("; "))?);
    let (mut now, mut back) = (Vec::new(), Vec::new());
    for ((name, value), rows) in SETTINGS.iter().zip(&answers) {
        if let Some(before) = rows.first().and_then(|row| row.get(0)) {
            now.push(set(name, value));
            back.push(set(name, before));
        }
    }
    wire.batch(&now.join("; "))?;
    Ok(back.join("; "))
}

fn set(name: &str, value: &str) -> String {
    let value = literal(value);
    format!("SELECT pg_catalog.set_config('{name}', {value}, false)")
}

fn run_statements(
    wire: &mut dyn Wire,
    name: &str,
    statements: &[Statement<'_>],
) -> Result<ScriptReport> {
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
        if resets(statement) {
            settle(wire).map_err(failed())?;
        }
    }
    if !one_transaction && !is_nested && is_in_transaction(wire).map_err(failed())? {
        wire.batch("ROLLBACK").map_err(failed())?;
        return Err(unfinished(name, statements));
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

/// Whether a statement puts every setting back.
fn resets(statement: &Statement<'_>) -> bool {
    let first = words(statement.text).next();
    first.is_some_and(|word| word == "reset" || word == "discard")
}

/// Refuses a statement that names what is outside of the database.
fn within_reach(
    tests: &TestDatabases,
    script: &str,
    number: usize,
    statement: &Statement<'_>,
) -> Result<()> {
    let line = statement.line;
    for beyond in reach::beyond(statement.text) {
        match beyond {
            Beyond::Database(name) => {
                let shown = format!("database `{name}`, which line {line} of {script} names,");
                if let Some(stranger) = tests.refused_name(&shown, &name) {
                    return Err(stranger.into());
                }
            }
            Beyond::Other(what) => {
                return Err(Error::Script {
                    script: script.to_owned(),
                    statement: number,
                    line,
                    message: format!("{what} {}", reach::OUTSIDE),
                    fault: Fault::Statement,
                    one_transaction: true,
                });
            }
        }
    }
    Ok(())
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
        refuse_foreign(wire, &copied_table(statement.text)).map_err(Refused::Server)?;
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

/// Asks the server to refuse a foreign table before rows are on their way: what it says of a COPY that has begun reaches
/// the client or not, depending on which of them is quicker.
fn refuse_foreign(wire: &mut dyn Wire, table: &str) -> Result<(), postgres::Error> {
    let foreign = format!(
        "SELECT 1 FROM pg_catalog.pg_class WHERE oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass({}) AND relkind OPERATOR(pg_catalog.=) 'f'",
        literal(table)
    );
    let found = results(wire.simple(&foreign)?);
    if found.iter().flatten().next().is_none() {
        return Ok(());
    }
    wire.simple(&format!("EXPLAIN INSERT INTO {table} DEFAULT VALUES"))
        .map(drop)
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
    let words: Vec<String> = words(statement.text).take(2).collect();
    let first = words.first().map(String::as_str).unwrap_or_default();
    OWN.contains(&first) || OWN.contains(&words.join(" ").as_str())
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
