//! SQLite: rows in and out of one file through one connection; what a row means is decided elsewhere.
//!
//! During a restore triggers are off and foreign keys are not enforced; the caller checks them before the commit.
//! Both are put back afterwards. On a connection that is inside a transaction already, ours is a savepoint of it. One
//! limit: SQLite counts violations that wait for the caller's commit, and goes on counting one whose row a restore
//! removed, so that this commit is refused.
//!
//! Every statement names the schema `main`: temporary tables and those of attached databases are not covered, and never
//! stand in for a table of the same name. A virtual table is covered by the shadow tables that hold its rows, verbatim;
//! a full-text index whose shadow tables are left out is built again from its content. Generated columns are neither
//! stored nor written. A rowid that is not a column is not part of a row, unless a full-text index finds the rows by it.
//!
//! A script may attach other databases, if each of them is one for tests and its name is written out; it may not choose
//! a folder that SQLite writes into, or load an extension.

use std::borrow::Borrow;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use self::paths::resolved;
use super::guard::TestDatabases;
use fixpoints_core::database::{Database, Missing, Remember, ScriptReport, Transaction, Writable};
use fixpoints_core::error::Result;
use fixpoints_core::quotes::quoted;

mod affinity;
mod beside;
mod catalog;
mod cells;
mod connection;
mod fault;
mod lex;
pub(crate) mod location;
mod mounts;
mod opened;
mod paths;
mod quiet;
mod reach;
mod references;
mod script;
mod search;
mod temporary;
mod transaction;
mod unopened;
mod virtuals;
mod zeros;

use reach::Reach;
use transaction::Begun;

/// The word for SQLite in a file's header.
pub const ENGINE: &str = "sqlite";

/// A connection to a SQLite file: one of its own, or with `Sqlite<&Connection>` one that somebody else holds.
#[derive(Debug)]
pub struct Sqlite<C = Connection> {
    connection: C,
    /// What a script may reach on a connection of our own.
    reach: Option<Reach>,
}

impl Sqlite {
    /// Opens a file, and `:memory:` as a database of its own.
    ///
    /// # Errors
    /// [`Error::Database`](fixpoints_core::error::Error::Database) when it is not a database, or another program has it locked.
    pub fn open(path: &Path, missing: Missing) -> Result<Self> {
        Self::open_file(path, missing, None)
    }

    /// The same. Where only test databases are wanted, the file that was
    /// opened is judged, not only its name.
    ///
    /// # Errors
    /// [`Error::NotATestDatabase`](fixpoints_core::error::Error::NotATestDatabase), and those of [`Sqlite::open`].
    pub(crate) fn open_file(
        path: &Path,
        missing: Missing,
        tests: Option<&TestDatabases>,
    ) -> Result<Self> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let is_memory = path.as_os_str() == ":memory:";
        if missing == Missing::Create || is_memory {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let refused = || unopened::refused(path);
        let mut connection = if is_memory {
            Connection::open_with_flags(path, flags).map_err(refused())?
        } else {
            let file = resolved(path);
            beside::check_regular(path, &file)?;
            let connection = Connection::open_with_flags(&file, flags).map_err(refused())?;
            // Nothing was read yet: what a journal left would be written back by the first read.
            opened::check(path, &file, tests)?;
            connection
        };
        connection
            .busy_timeout(Duration::from_secs(5))
            .map_err(refused())?;
        // The header is read here, so that a file of another kind is refused before anything else is said.
        connection
            .query_row("PRAGMA schema_version", [], |_| Ok(()))
            .map_err(refused())?;
        let tests = tests.cloned().unwrap_or_default();
        let reach = Reach::limit(&mut connection, tests).map_err(refused())?;
        Ok(Self {
            reach: Some(reach),
            ..Self::over(connection)
        })
    }
}

impl<C: Borrow<Connection>> Sqlite<C> {
    /// Uses a connection as it is, with the transaction it may be in.
    pub fn over(connection: C) -> Self {
        Self {
            connection,
            reach: None,
        }
    }

    fn connection(&self) -> &Connection {
        self.connection.borrow()
    }
}

impl<C: Borrow<Connection>> Database for Sqlite<C> {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn read<'a>(&'a mut self, _: Option<&dyn Remember>) -> Result<Box<dyn Transaction + 'a>> {
        Ok(Box::new(Begun::reading(self.connection())?))
    }

    fn write<'a>(&'a mut self, _: Option<&dyn Remember>) -> Result<Box<dyn Writable + 'a>> {
        Ok(Box::new(Begun::writing(self.connection())?))
    }

    fn run_script(&mut self, name: &str, script: &str) -> Result<ScriptReport> {
        script::run(self.connection(), self.reach.as_ref(), name, script)
    }
}

/// A table of the database itself: without its schema, a temporary table of the same name would stand in for it.
fn qualified(table: &str) -> String {
    format!("main.{}", quoted(table))
}

fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names
        .map(|name| quoted(name))
        .collect::<Vec<_>>()
        .join(", ")
}
