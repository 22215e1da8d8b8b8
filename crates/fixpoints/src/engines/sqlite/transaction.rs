//! A transaction: the rows of each table in and out; triggers and foreign keys are silent in one that writes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::Connection;

use super::affinity::Affinity;
use super::cells::{Bound, cell_of};
use super::quiet::Quiet;
use super::search::Unfit;
use super::zeros::ZeroGroup;
use super::{ENGINE, catalog, fault, list, qualified, quoted, references, search};
use fixpoints_core::catalog::Catalog;
use fixpoints_core::cell::{AsCell, CellRef, Row};
use fixpoints_core::database::{
    EachRow, Finished, Keeps, MayDiffer, Strays, Transaction, Writable, Write,
};
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::named::NamedRow;
use fixpoints_core::position::Positions;
use fixpoints_core::reference::BrokenReference;
use fixpoints_core::table::{KeyKind, Table};

/// A transaction that was begun; it is undone where it is not committed.
pub(super) struct Begun<'c> {
    connection: &'c Connection,
    catalog: Arc<Catalog>,
    /// None once it has ended.
    open: Option<Open>,
    /// What to put back when the transaction ends.
    quiet: Option<Quiet>,
    /// The tables that rows were put into: SQLite has counted their keys.
    filled: BTreeSet<String>,
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

impl<'c> Begun<'c> {
    /// Begins a transaction that sees one state of the file.
    pub fn reading(connection: &'c Connection) -> Result<Self> {
        Self::begin(connection, None, "BEGIN DEFERRED")
    }

    /// Begins a transaction that is the only one to write.
    pub fn writing(connection: &'c Connection) -> Result<Self> {
        let quiet = Quiet::begin(connection)
            .map_err(fault::refused("cannot suspend triggers and foreign keys"))?;
        let mut begun = Self::begin(connection, Some(quiet), "BEGIN IMMEDIATE")?;
        if let Some(quiet) = &mut begun.quiet {
            let silenced = quiet.silence(connection);
            silenced.map_err(fault::refused("cannot suspend temporary triggers"))?;
        }
        Ok(begun)
    }

    fn begin(connection: &'c Connection, quiet: Option<Quiet>, begin: &str) -> Result<Self> {
        let mut begun = Self {
            connection,
            catalog: Arc::default(),
            open: None,
            quiet,
            filled: BTreeSet::new(),
            strays: 0,
        };
        let (open, begin) = if connection.is_autocommit() {
            (Open::Transaction, begin)
        } else {
            (Open::Savepoint, "SAVEPOINT fixpoints")
        };
        let opened = connection.execute_batch(begin);
        opened.map_err(fault::refused("cannot begin a transaction"))?;
        begun.open = Some(open);
        begun.read_catalog()?;
        Ok(begun)
    }

    fn read_catalog(&mut self) -> Result<()> {
        let read = catalog::read(self.connection);
        self.catalog = Arc::new(read.map_err(fault::refused("cannot read the schema"))?);
        Ok(())
    }

    /// Runs statements that write as many rows as they return, and notes what else was written meanwhile.
    fn counted(&mut self, write: impl FnOnce(&Connection) -> Result<u64>) -> Result<u64> {
        let before = self.connection.total_changes();
        let written = write(self.connection)?;
        let all = self.connection.total_changes() - before;
        self.strays += all.saturating_sub(written);
        Ok(written)
    }

    fn resume(&mut self) -> rusqlite::Result<()> {
        match self.quiet.take() {
            Some(quiet) => quiet.end(self.connection),
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
        let failed = |error| fault::refused(format!("cannot read table {}", table.name))(error);
        let prepared = self.connection.prepare(sql);
        let mut statement = prepared.map_err(|error| self.unreadable(table, error))?;
        let mut rows = statement.query([]).map_err(failed)?;
        let width = table.columns().len();
        let mut room = Vec::with_capacity(width);
        while let Some(row) = rows.next().map_err(failed)? {
            let mut cells = emptied(room);
            for at in 0..width {
                cells.push(row.get_ref(at).map(cell_of).map_err(failed)?);
            }
            if each(&cells)?.is_break() {
                break;
            }
            room = emptied(cells);
        }
        Ok(())
    }

    /// SQLite does not say what it lacks where the only index of a table needs a collation.
    fn unreadable(&self, table: &Table, error: rusqlite::Error) -> Error {
        let act = format!("cannot read table {}", table.name);
        match catalog::missing_collation(self.connection, &table.name) {
            Ok(Some(collation)) => Error::Database {
                act,
                message: format!("no such collation sequence: {collation}"),
                fault: Fault::MissingExtension,
            },
            Ok(None) | Err(_) => fault::refused(act)(error),
        }
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        let undo = match self.open.take() {
            Some(Open::Transaction) => "ROLLBACK",
            Some(Open::Savepoint) => "ROLLBACK TO fixpoints; RELEASE fixpoints",
            None => "",
        };
        // A transaction that SQLite ended itself, as on a full disk, has nothing left to undo.
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch(undo);
        }
        let _ = self.resume();
    }
}

impl Transaction for Begun<'_> {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    fn scan(&mut self, table: &Table, each: &mut EachRow<'_>) -> Result<()> {
        let failed = || fault::refused(format!("cannot read table {}", table.name));
        let columns = list(table.columns().keys());
        let select = format!("SELECT {columns} FROM {}", qualified(&table.name));
        if !catalog::sorts_by_utf8(self.connection).map_err(failed())? {
            return self.scan_unsorted(table, &select, each);
        }
        let kind = catalog::key_kind(self.connection, table).map_err(failed())?;
        let select = format!("{select} ORDER BY {}", order_by(table, kind));
        if kind == KeyKind::Exact {
            return self.select(table, &select, each);
        }
        let mut group = ZeroGroup::new(table);
        self.select(table, &select, &mut |row| group.push(row, each))?;
        group.flush(each).map(drop)
    }

    fn broken_references(&mut self) -> Result<Vec<BrokenReference>> {
        references::broken(self.connection).map_err(fault::refused("cannot check the foreign keys"))
    }

    fn references(&mut self) -> Result<BTreeMap<String, BTreeSet<String>>> {
        references::between(self.connection).map_err(fault::refused("cannot read the foreign keys"))
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        if let Some(quiet) = &self.quiet {
            quiet
                .restore_triggers(self.connection)
                .map_err(fault::refused("cannot resume temporary triggers"))?;
        }
        let commit = match self.open {
            Some(Open::Savepoint) => "RELEASE fixpoints",
            Some(Open::Transaction) | None => "COMMIT",
        };
        self.connection
            .execute_batch(commit)
            .map_err(fault::refused("cannot commit"))?;
        self.open = None;
        self.resume().map_err(fault::refused(
            "everything was committed, but triggers and foreign keys stay off on this connection",
        ))
    }
}

impl Writable for Begun<'_> {
    fn lock(&mut self, _: &[&Table]) -> Result<&mut dyn Write> {
        // Nobody else writes: the whole file is locked from the beginning.
        Ok(self)
    }
}

impl Write for Begun<'_> {
    fn keeps(&self, table: &Table) -> Result<Keeps> {
        let declared = table.columns().values();
        let affinities: Vec<Affinity> = declared.map(|declared| Affinity::of(declared)).collect();
        // A rowid that is NULL becomes a number; other keys that are never NULL are refused by the database.
        let kind = catalog::key_kind(self.connection, table)
            .map_err(fault::refused(format!("cannot read table {}", table.name)))?;
        let key = match kind {
            KeyKind::Exact => table.key_positions().to_vec(),
            KeyKind::Nullable | KeyKind::None => Vec::new(),
        };
        Ok(Box::new(move |at, cell| {
            affinities[at].keeps(cell) && !(cell.is_null() && key.contains(&at))
        }))
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

    fn set_sequences(&mut self, tables: &[String], sequences: &Positions) -> Result<()> {
        let tables = self.filled.iter().chain(tables);
        catalog::set_sequences(self.connection, tables, sequences)
            .map_err(fault::refused("cannot set the sequences"))?
            .map_err(|table| Error::Database {
                act: format!("cannot set the sequence of {table}"),
                message: "the table has no AUTOINCREMENT".to_owned(),
                fault: Fault::NoAutoincrement,
            })
    }

    fn derive(&mut self, covered: &[&Table], emptied: &[&Table]) -> Result<()> {
        search::derive(self.connection, &self.catalog.owners, covered, emptied)
            .map_err(fault::refused("cannot bring the virtual tables up to date"))?
            .map_err(|unfit| match unfit {
                Unfit::Torn {
                    name,
                    covered,
                    left_out,
                } => Error::Database {
                    act: format!("cannot restore a part of the virtual table {name}"),
                    message: format!(
                        "{covered} is covered and {left_out} is not, and they belong together"
                    ),
                    fault: Fault::TornTable,
                },
                Unfit::Emptied(name) => Error::Database {
                    act: format!("cannot leave the virtual table {name} empty"),
                    message: "only a full-text index can be built again from nothing".to_owned(),
                    fault: Fault::Unknown,
                },
            })
    }

    fn refresh(&mut self) -> Result<()> {
        self.read_catalog()
    }

    fn finish(&mut self) -> Result<&mut dyn Finished> {
        Ok(self)
    }
}

impl Finished for Begun<'_> {
    fn strays(&mut self) -> Result<Strays> {
        let tables = if self.strays > 0 {
            MayDiffer::Any
        } else {
            let dropping = catalog::drop_rows(self.connection)
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
    Error::Row {
        table: table.name.clone(),
        row: NamedRow::of(table, row),
        message: error.to_string(),
        fault: fault::of(error),
    }
}

/// The memory of a vector for cells of another row.
fn emptied<'b>(mut cells: Vec<CellRef<'_>>) -> Vec<CellRef<'b>> {
    cells.clear();
    cells.into_iter().map(|_| CellRef::Null).collect()
}
