//! SQLite: rows in and out of one file through one connection; what a row means is decided elsewhere.
//!
//! During a restore triggers are off and foreign keys are not enforced; the caller checks them before the commit.
//! Both are put back afterwards. On a connection that is inside a transaction already, ours is a savepoint of it. One
//! limit: SQLite counts violations that wait for the caller's commit, and goes on counting
//! one whose row a restore removed, so that this commit is refused.
//!
//! Every statement names the schema `main`: temporary tables and those of attached databases are not covered, and never
//! stand in for a table of the same name. Virtual tables and the shadow tables behind them are not covered; full-text indexes over covered tables are built
//! anew before the commit. Generated columns are neither stored nor written, and rowids that are no column are not
//! part of a row.
//!
//! A script may attach other databases, if each of them is one for tests and its name is written out; it may not choose
//! a folder that SQLite writes into, or load an extension.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use self::paths::resolved;
use super::guard::TestDatabases;
use fixpoints_core::catalog::Catalog;
use fixpoints_core::cell::{AsCell, Row};
use fixpoints_core::database::{
    Access, Database, EachRow, Keeps, MayDiffer, Missing, ScriptReport, Strays,
};
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::line::RowEncoder;
use fixpoints_core::reference::BrokenReference;
use fixpoints_core::table::{KeyKind, Table};

mod affinity;
mod beside;
mod catalog;
mod cells;
mod connection;
mod fault;
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
mod unopened;
mod zeros;

use affinity::Affinity;
use cells::{Bound, cell_of};
use quiet::Quiet;
use reach::Reach;
use zeros::ZeroGroup;

/// The word for SQLite in a file's header.
pub const ENGINE: &str = "sqlite";

/// A connection to a SQLite file: one of its own, or with `Sqlite<&Connection>` one that somebody else holds.
#[derive(Debug)]
pub struct Sqlite<C = Connection> {
    connection: C,
    /// What to put back when the transaction ends.
    quiet: Option<Quiet>,
    open: Option<Open>,
    /// The tables that rows were put into: SQLite has counted their keys.
    filled: BTreeSet<String>,
    /// What a script may reach on a connection of our own.
    reach: Option<Reach>,
    /// Rows that functions wrote which a check, a generated column or an index calls.
    strays: u64,
}

/// What was begun.
#[derive(Debug, Clone, Copy)]
enum Open {
    Transaction,
    /// Inside a transaction that somebody else began and will end.
    Savepoint,
}

impl Sqlite {
    /// Opens a file, and `:memory:` as a database of its own.
    ///
    /// # Errors
    /// [`Error::Database`] when it is not a database, or another program has it locked.
    pub fn open(path: &Path, missing: Missing) -> Result<Self> {
        Self::open_file(path, missing, None)
    }

    /// The same. Where only test databases are wanted, the file that was
    /// opened is judged, not only its name.
    ///
    /// # Errors
    /// [`Error::NotATestDatabase`], and those of [`Sqlite::open`].
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
            // Nothing was read yet: what a journal left behind would be written back by the first read.
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
            quiet: None,
            open: None,
            filled: BTreeSet::new(),
            reach: None,
            strays: 0,
        }
    }

    /// Runs statements that write as many rows as they return, and notes what else was written meanwhile.
    fn counted(&mut self, write: impl FnOnce(&Connection) -> Result<u64>) -> Result<u64> {
        let before = self.connection().total_changes();
        let written = write(self.connection())?;
        let all = self.connection().total_changes() - before;
        self.strays += all.saturating_sub(written);
        Ok(written)
    }

    fn connection(&self) -> &Connection {
        self.connection.borrow()
    }

    fn resume(&mut self) -> rusqlite::Result<()> {
        match self.quiet.take() {
            Some(quiet) => quiet.end(self.connection()),
            None => Ok(()),
        }
    }

    fn scan_unsorted(&self, table: &Table, sql: &str, each: &mut EachRow<'_>) -> Result<()> {
        let mut rows: Vec<Row> = Vec::new();
        self.select(table, sql, &mut |row| {
            rows.push(row.iter().map(|cell| cell.to_cell()).collect());
            Ok(ControlFlow::Continue(()))
        })?;
        rows.sort_by(|a, b| table.order(a, b));
        for row in &rows {
            if each(&row.iter().map(AsCell::cell).collect::<Vec<_>>())?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn select(&self, table: &Table, sql: &str, each: &mut EachRow<'_>) -> Result<()> {
        let failed = || fault::refused(format!("cannot read table {}", table.name));
        let mut statement = self.connection().prepare(sql).map_err(failed())?;
        let mut rows = statement.query([]).map_err(failed())?;
        let width = table.columns().len();
        while let Some(row) = rows.next().map_err(failed())? {
            let cells = (0..width)
                .map(|at| row.get_ref(at).map(cell_of))
                .collect::<rusqlite::Result<Vec<_>>>();
            if each(&cells.map_err(failed())?)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl<C: Borrow<Connection>> Database for Sqlite<C> {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn begin(&mut self, access: Access) -> Result<()> {
        if access == Access::Write {
            let quiet = Quiet::begin(self.connection())
                .map_err(fault::refused("cannot suspend triggers and foreign keys"))?;
            self.quiet = Some(quiet);
        }
        let open = if self.connection().is_autocommit() {
            Open::Transaction
        } else {
            Open::Savepoint
        };
        let begin = match (open, access) {
            (Open::Transaction, Access::Read) => "BEGIN DEFERRED",
            (Open::Transaction, Access::Write) => "BEGIN IMMEDIATE",
            (Open::Savepoint, _) => "SAVEPOINT fixpoints",
        };
        self.connection()
            .execute_batch(begin)
            .map_err(fault::refused("cannot begin a transaction"))?;
        self.open = Some(open);
        self.filled.clear();
        self.strays = 0;
        if let Some(mut quiet) = self.quiet.take() {
            let silenced = quiet.silence(self.connection());
            self.quiet = Some(quiet);
            silenced.map_err(fault::refused("cannot suspend temporary triggers"))?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        if let Some(quiet) = &self.quiet {
            search::rebuild(self.connection())
                .map_err(fault::refused("cannot build the full-text indexes anew"))?;
            quiet
                .speak(self.connection())
                .map_err(fault::refused("cannot resume temporary triggers"))?;
        }
        let commit = match self.open {
            Some(Open::Savepoint) => "RELEASE fixpoints",
            Some(Open::Transaction) | None => "COMMIT",
        };
        self.connection()
            .execute_batch(commit)
            .map_err(fault::refused("cannot commit"))?;
        self.open = None;
        self.resume().map_err(fault::refused(
            "everything was committed, but triggers and foreign keys stay off on this connection",
        ))
    }

    fn rollback(&mut self) {
        let rollback = match self.open.take() {
            Some(Open::Transaction) => "ROLLBACK",
            Some(Open::Savepoint) => "ROLLBACK TO fixpoints; RELEASE fixpoints",
            None => "",
        };
        // A transaction that SQLite ended itself, as on a full disk, has nothing left to undo.
        if !self.connection().is_autocommit() {
            let _ = self.connection().execute_batch(rollback);
        }
        let _ = self.resume();
    }

    fn catalog(&mut self) -> Result<Catalog> {
        catalog::read(self.connection()).map_err(fault::refused("cannot read the schema"))
    }

    fn scan(&mut self, table: &Table, each: &mut EachRow<'_>) -> Result<()> {
        let failed = || fault::refused(format!("cannot read table {}", table.name));
        let columns = list(table.columns().keys());
        let select = format!("SELECT {columns} FROM {}", qualified(&table.name));
        if !catalog::sorts_by_utf8(self.connection()).map_err(failed())? {
            return self.scan_unsorted(table, &select, each);
        }
        let kind = catalog::key_kind(self.connection(), table).map_err(failed())?;
        let select = format!("{select} ORDER BY {}", order_by(table, kind));
        if kind == KeyKind::Exact {
            return self.select(table, &select, each);
        }
        let mut group = ZeroGroup::new(table);
        self.select(table, &select, &mut |row| group.push(row, each))?;
        group.flush(each).map(drop)
    }

    fn keeps(&self, table: &Table) -> Result<Keeps> {
        let declared = table.columns().values();
        let affinities: Vec<Affinity> = declared.map(|declared| Affinity::of(declared)).collect();
        // A rowid that is NULL becomes a number; other keys that are never NULL are refused by the database.
        let kind = catalog::key_kind(self.connection(), table)
            .map_err(fault::refused(format!("cannot read table {}", table.name)))?;
        let key = match kind {
            KeyKind::Exact => table.key_positions().to_vec(),
            KeyKind::Nullable | KeyKind::None => Vec::new(),
        };
        Ok(Box::new(move |at, cell| {
            affinities[at].keeps(cell) && !(cell.is_null() && key.contains(&at))
        }))
    }

    fn strays(&mut self) -> Result<Strays> {
        let tables = if self.strays > 0 {
            MayDiffer::Any
        } else {
            let dropping = catalog::drop_rows(self.connection())
                .map_err(fault::refused("cannot read the schema"))?;
            MayDiffer::Named(self.filled.intersection(&dropping).cloned().collect())
        };
        Ok(Strays {
            tables,
            altered: BTreeSet::new(),
            sequences: None,
            rows: self.strays,
        })
    }

    fn clear(&mut self, table: &Table) -> Result<()> {
        let sql = format!("DELETE FROM {}", qualified(&table.name));
        let failed = || fault::refused(format!("cannot empty table {}", table.name));
        let cleared = self.counted(|connection| {
            let deleted = connection.execute(&sql, []).map_err(failed())?;
            Ok(deleted as u64)
        });
        cleared.map(drop)
    }

    fn delete(&mut self, table: &Table, rows: &[Row]) -> Result<()> {
        // The first comparison finds the row through its index, whatever the collation; the second is exact.
        let terms = table.key().iter().enumerate().map(|(at, column)| {
            let (column, at) = (quoted(column), at + 1);
            format!("{column} = ?{at} AND {column} COLLATE BINARY = ?{at}")
        });
        let terms = terms.collect::<Vec<_>>().join(" AND ");
        let sql = format!("DELETE FROM {} WHERE {terms}", qualified(&table.name));
        let act = format!("cannot delete from {}", table.name);
        let deleted = self.counted(|connection| {
            let mut statement = connection.prepare(&sql).map_err(fault::refused(act))?;
            let mut deleted = 0;
            for row in rows {
                let positions = table.key_positions().iter();
                let key = positions.map(|&at| Bound(row[at].cell()));
                let reached = statement
                    .execute(rusqlite::params_from_iter(key))
                    .map_err(|error| row_error(table, row, &error))?;
                deleted += reached as u64;
            }
            Ok(deleted)
        });
        deleted.map(drop)
    }

    fn insert(
        &mut self,
        table: &Table,
        rows: &mut dyn Iterator<Item = Result<Row>>,
    ) -> Result<u64> {
        self.filled.insert(table.name.clone());
        let holes = (1..=table.columns().len())
            .map(|at| format!("?{at}"))
            .collect::<Vec<_>>()
            .join(", ");
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({holes})",
            qualified(&table.name),
            list(table.columns().keys())
        );
        let act = format!("cannot insert into {}", table.name);
        self.counted(|connection| {
            let mut statement = connection.prepare(&sql).map_err(fault::refused(act))?;
            let mut inserted = 0;
            for row in rows {
                let row = row?;
                let cells = row.iter().map(|cell| Bound(cell.cell()));
                // None, where the table ignores a row that conflicts with another.
                let reached = statement
                    .execute(rusqlite::params_from_iter(cells))
                    .map_err(|error| row_error(table, &row, &error))?;
                inserted += reached as u64;
            }
            Ok(inserted)
        })
    }

    fn set_sequences(
        &mut self,
        tables: &[String],
        sequences: &BTreeMap<String, i64>,
    ) -> Result<()> {
        let tables = self.filled.iter().chain(tables);
        catalog::set_sequences(self.connection(), tables, sequences)
            .map_err(fault::refused("cannot set the sequences"))?
            .map_err(|table| Error::Database {
                act: format!("cannot set the sequence of {table}"),
                message: "the table has no AUTOINCREMENT".to_owned(),
                fault: Fault::NoAutoincrement,
            })
    }

    fn broken_references(&mut self) -> Result<Vec<BrokenReference>> {
        references::broken(self.connection())
            .map_err(fault::refused("cannot check the foreign keys"))
    }

    fn references(&mut self) -> Result<BTreeMap<String, BTreeSet<String>>> {
        references::between(self.connection())
            .map_err(fault::refused("cannot read the foreign keys"))
    }

    fn run_script(&mut self, name: &str, script: &str) -> Result<ScriptReport> {
        script::run(self.connection(), self.reach.as_ref(), name, script)
    }
}

/// An identifier, whatever is in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
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

/// The SQL of [`Table::order`]: by key, and where the key does not identify a row, by every value and then by type.
fn order_by(table: &Table, kind: KeyKind) -> String {
    let binary = |name: &String| format!("{} COLLATE BINARY", quoted(name));
    let mut terms: Vec<String> = table.key().iter().map(binary).collect();
    if kind != KeyKind::Exact {
        terms.extend(table.columns().keys().map(binary));
        let ties = table
            .columns()
            .keys()
            .map(|name| format!("typeof({})", quoted(name)));
        terms.extend(ties);
    }
    terms.join(", ")
}

fn row_error(table: &Table, row: &Row, error: &rusqlite::Error) -> Error {
    let mut text = Vec::new();
    RowEncoder::new(table).key(&mut text, row);
    let row = String::from_utf8_lossy(&text).into_owned();
    Error::Row {
        table: table.name.clone(),
        row,
        message: error.to_string(),
        fault: fault::of(error),
    }
}
