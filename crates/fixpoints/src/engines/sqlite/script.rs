//! Runs a script of SQL, as one transaction where it does not control transactions itself; it returns no rows.

use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::{Batch, Connection, Error as SqlError};

use super::fault;
use super::reach::{Reach, Refusal};
use crate::engines::guard::NotATest;
use fixpoints_core::database::ScriptReport;
use fixpoints_core::error::{Error, Fault, Result};

mod words;

/// Statements that begin so need to run outside our transaction, or end it.
const OWN: [&str; 9] = [
    "begin",
    "commit",
    "end",
    "rollback",
    "savepoint",
    "pragma",
    "vacuum",
    "attach",
    "detach",
];

/// See [`fixpoints_core::database::Database::run_script`].
pub(super) fn run(
    connection: &Connection,
    reach: Option<&Reach>,
    name: &str,
    script: &str,
) -> Result<ScriptReport> {
    let mut words = words::first(script).into_iter();
    let one_transaction = !words.any(|word| OWN.contains(&word.as_str()));
    let failed = || fault::refused("cannot run the script in a transaction");
    if one_transaction {
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(failed())?;
    }
    let before = connection.total_changes();
    let running = Running {
        connection,
        reach,
        name,
        script,
        one_transaction,
    };
    let done = running.statements().and_then(|(statements, open)| {
        if let Some(begun) = open {
            let message = fixpoints_core::database::UNFINISHED.to_owned();
            return Err(running.error(begun.statement, begun.line, message, Fault::Statement));
        }
        if !connection.is_autocommit() {
            connection.execute_batch("COMMIT").map_err(failed())?;
        }
        Ok(statements)
    });
    if done.is_err() && !connection.is_autocommit() {
        // The script's own error is the one to report.
        let _ = connection.execute_batch("ROLLBACK");
    }
    let rows_changed = connection.total_changes() - before;
    done.map(|statements| ScriptReport {
        statements,
        rows_changed,
        one_transaction,
    })
}

/// A statement of the script that began a transaction.
#[derive(Clone, Copy)]
struct Begun {
    statement: usize,
    line: usize,
}

/// A script, and where it runs.
struct Running<'a> {
    connection: &'a Connection,
    reach: Option<&'a Reach>,
    name: &'a str,
    script: &'a str,
    one_transaction: bool,
}

impl Running<'_> {
    /// Runs every statement; says how many there are, and which of them began a transaction that is still open.
    fn statements(&self) -> Result<(usize, Option<Begun>)> {
        let (connection, script) = (self.connection, self.script);
        let mut batch = Batch::new(connection, script);
        let (mut count, mut at, mut begun) = (0, 0, None);
        loop {
            let next = batch.next();
            let next = next.map_err(|error| self.refused(count + 1, at, &error))?;
            let Some(mut statement) = next else {
                return Ok((count, begun));
            };
            count += 1;
            let was_open = !connection.is_autocommit();
            let text = statement.expanded_sql().unwrap_or_default();
            at += script[at..].find(&text).unwrap_or_default();
            let run = drain(&mut statement);
            run.map_err(|error| self.refused(count, at, &error))?;
            self.reach.map_or(Ok(()), |reach| reach.check(connection))?;
            if connection.is_autocommit() {
                begun = None;
            } else if !was_open {
                let line = line_of(script, at + leading_blanks(&script[at..]));
                begun = Some(Begun {
                    statement: count,
                    line,
                });
            }
            at += text.len().min(script.len() - at);
        }
    }

    /// What a statement was refused for: where a script may not reach, or what SQLite says.
    fn refused(&self, statement: usize, at: usize, error: &SqlError) -> Error {
        let (line, message) = self.place(at, error);
        match self.reach.and_then(Reach::refused) {
            Some(Refusal::NotATest(found)) => {
                let shown = found.shown.trim_end_matches(',');
                let shown = format!("{shown}, which line {line} of {} opens,", self.name);
                NotATest { shown, ..found }.into()
            }
            Some(Refusal::Other(message)) => {
                let message = format!("{message}, and a script may only reach test databases");
                self.error(statement, line, message, Fault::Statement)
            }
            None => {
                let fault = fault::of_script(error, self.connection);
                self.error(statement, line, message, fault)
            }
        }
    }

    fn error(&self, statement: usize, line: usize, message: String, fault: Fault) -> Error {
        Error::Script {
            script: self.name.to_owned(),
            statement,
            line,
            message,
            fault,
            one_transaction: self.one_transaction,
        }
    }

    /// The line of an error in a statement that begins at an offset, and the message.
    fn place(&self, at: usize, error: &SqlError) -> (usize, String) {
        let script = self.script;
        let (message, offset) = match error {
            SqlError::SqlInputError {
                msg, offset, sql, ..
            } => {
                let inside = usize::try_from(*offset).unwrap_or_default();
                (msg.clone(), script.len().saturating_sub(sql.len()) + inside)
            }
            other => (other.to_string(), at + leading_blanks(&script[at..])),
        };
        (line_of(script, offset), message)
    }
}

fn drain(statement: &mut rusqlite::Statement<'_>) -> rusqlite::Result<()> {
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

fn line_of(script: &str, offset: usize) -> usize {
    let before = script.as_bytes().get(..offset).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Blank lines and comments above a statement are not where it begins.
fn leading_blanks(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        if !trimmed.is_empty() && !trimmed.starts_with("--") {
            return at;
        }
        at += line.len();
    }
    at
}
