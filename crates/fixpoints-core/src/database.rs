//! What a database has to do for fixpoints, and nothing about any one of them.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::cell::{CellRef, Row};
use crate::error::Result;
use crate::error::{Error, Fault};
use crate::position::Positions;
use crate::reference::BrokenReference;
use crate::table::Table;

/// Whether a missing database is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// A missing database is an error.
    Refuse,
    /// A missing database is created.
    Create,
}

/// What is called with each row of a scan; it may end the scan.
pub type EachRow<'a> = dyn FnMut(&[CellRef<'_>]) -> Result<ControlFlow<()>> + 'a;

/// Says of a value in a column, by its place in the table, whether it would be read again as it was written.
pub type Keeps = Box<dyn Fn(usize, CellRef<'_>) -> bool>;

/// How a database tells later which tables nobody wrote since; only its own backend reads it.
#[derive(Clone)]
pub struct Mark(pub Arc<dyn Any + Send + Sync>);

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Mark").finish_non_exhaustive()
    }
}

/// What a database's own code may have written in a transaction besides what it was told to: functions of checks,
/// defaults and indexes, event triggers, and triggers that nothing switches off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strays {
    /// Tables that may hold other rows than were written; by default, none.
    pub tables: MayDiffer,
    /// Tables that came, went, or have other columns, keys or triggers than before.
    pub altered: BTreeSet<String>,
    /// Where the sequences stand now; `None` where nothing can have moved them.
    pub sequences: Option<Positions>,
    /// Rows that were written besides in tables of which it is not known which they are.
    pub rows: u64,
}

/// Tables that may hold other rows than were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MayDiffer {
    /// These, which are sure to have been written to by something else unless they are covered.
    Named(BTreeSet<String>),
    /// Any: nobody knows.
    Any,
}

impl Default for MayDiffer {
    fn default() -> Self {
        Self::Named(BTreeSet::new())
    }
}

impl MayDiffer {
    /// Whether a table is among them.
    #[must_use]
    pub fn has(&self, table: &str) -> bool {
        match self {
            Self::Named(tables) => tables.contains(table),
            Self::Any => true,
        }
    }
}

/// What running a script did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScriptReport {
    /// Statements run.
    pub statements: usize,
    /// Rows inserted, updated or deleted.
    pub rows_changed: u64,
    /// Whether the whole script was one transaction; not where it begins transactions of its own.
    pub one_transaction: bool,
}

/// Why a script is undone that leaves its own transaction open.
pub const UNFINISHED: &str = "it begins a transaction that nothing ends, so nothing of it was kept";

/// A connection to a database of one kind.
pub trait Database {
    /// The word for this kind of database in a file's header.
    fn engine(&self) -> &'static str;

    /// Begins a transaction that only reads, in which every table is seen as of one moment, and reads the schema.
    ///
    /// # Errors
    /// [`Error::Database`], as for every function here.
    fn read<'a>(&'a mut self, memory: Option<&dyn Remember>) -> Result<Box<dyn Transaction + 'a>>;

    /// Begins a transaction that may replace rows, and reads the schema.
    ///
    /// # Errors
    /// [`Error::Database`].
    fn write<'a>(&'a mut self, memory: Option<&dyn Remember>) -> Result<Box<dyn Writable + 'a>>;

    /// Runs a script of statements.
    ///
    /// # Errors
    /// [`Error::Script`] naming the statement.
    fn run_script(&mut self, name: &str, script: &str) -> Result<ScriptReport>;
}

/// What was kept of earlier transactions, so that tables need not be read again that did not change since.
pub trait Remember {
    /// The mark of the last transaction in this place, which tells a database from every other one that the process may
    /// meet; an engine that cannot tell never asks.
    fn recall(&self, place: &str) -> Option<Mark>;
}

/// A transaction whose schema was read. Dropping it undoes what it did.
pub trait Transaction {
    /// The word for this kind of database in a file's header.
    fn engine(&self) -> &'static str;

    /// The schema and the sequences, as they were when the transaction began.
    fn catalog(&self) -> Arc<Catalog>;

    /// Says which of these tables did not change since the mark that was recalled, and how many rows they have.
    ///
    /// # Errors
    /// [`Error::Database`].
    fn unchanged(&mut self, tables: &[&Table]) -> Result<BTreeMap<String, u64>> {
        let _ = tables;
        Ok(BTreeMap::new())
    }

    /// Says which tables will be scanned, in this order, so that they can be read ahead.
    ///
    /// # Errors
    /// [`Error::Database`].
    fn read_ahead(&mut self, tables: &[&Table]) -> Result<()> {
        let _ = tables;
        Ok(())
    }

    /// Calls `each` with the rows of a table, in the order of [`Table::order`], with the columns of `table`.
    ///
    /// # Errors
    /// [`Error::Database`], and whatever `each` returns.
    fn scan(&mut self, table: &Table, each: &mut EachRow<'_>) -> Result<()>;

    /// Every row that refers to nothing; a transaction that writes may leave out what it cannot have broken.
    ///
    /// # Errors
    /// [`Error::Database`].
    fn broken_references(&mut self) -> Result<Vec<BrokenReference>>;

    /// The tables that each table refers to by its foreign keys.
    ///
    /// # Errors
    /// [`Error::Database`], also where the engine cannot tell.
    fn references(&mut self) -> Result<BTreeMap<String, BTreeSet<String>>> {
        Err(Error::Database {
            act: "cannot read the foreign keys".to_owned(),
            message: format!("the engine of {} does not tell them", self.engine()),
            fault: Fault::Unknown,
        })
    }

    /// Ends the transaction and keeps what it did.
    ///
    /// # Errors
    /// [`Error::Database`]; nothing is kept then.
    fn commit(self: Box<Self>) -> Result<()>;
}

/// A transaction in which rows may be written once their tables are locked.
pub trait Writable: Transaction {
    /// Keeps other writers away from these tables until the transaction ends. Triggers do not run for what is written,
    /// and foreign keys wait until they are asked for.
    ///
    /// # Errors
    /// [`Error::Database`].
    fn lock(&mut self, tables: &[&Table]) -> Result<&mut dyn Write>;
}

/// Replaces rows.
pub trait Write: Transaction {
    /// What the columns of a table do to values that are not of their types; nothing, where an engine does not say.
    ///
    /// # Errors
    /// [`Error::Database`].
    fn keeps(&self, table: &Table) -> Result<Keeps> {
        let _ = table;
        Ok(Box::new(|_, _| true))
    }

    /// Deletes every row of a table.
    ///
    /// # Errors
    /// [`Error::Database`].
    fn clear(&mut self, table: &Table) -> Result<()>;

    /// Deletes the given rows, each found by its key.
    ///
    /// # Errors
    /// [`Error::Row`] naming the row.
    fn delete(&mut self, table: &Table, rows: &[Row]) -> Result<()>;

    /// Brings rows from their first version to their second, which has the same key. Every first version goes before
    /// any second one comes, so that rows may swap unique values.
    ///
    /// # Errors
    /// [`Error::Row`] naming the row.
    fn update(&mut self, table: &Table, rows: Vec<(Row, Row)>) -> Result<()> {
        let (old, new): (Vec<Row>, Vec<Row>) = rows.into_iter().unzip();
        self.delete(table, &old)?;
        self.insert(table, &mut new.into_iter().map(Ok)).map(drop)
    }

    /// Inserts rows as they come, and says how many.
    ///
    /// # Errors
    /// [`Error::Row`] naming the row, and whatever the iterator yields.
    fn insert(&mut self, table: &Table, rows: &mut dyn Iterator<Item = Result<Row>>)
    -> Result<u64>;

    /// Puts the sequences of these names where `sequences` says. SQLite forgets those it does not name.
    ///
    /// # Errors
    /// [`Error::Database`].
    fn set_sequences(&mut self, names: &[String], sequences: &Positions) -> Result<()>;

    /// Brings what the database derives from its rows up to date with what was written. `covered` are the tables that
    /// hold the fixpoint's rows now, `emptied` those that were left empty.
    ///
    /// # Errors
    /// [`Error::Database`].
    fn derive(&mut self, covered: &[&Table], emptied: &[&Table]) -> Result<()> {
        let _ = (covered, emptied);
        Ok(())
    }

    /// Reads the sequences again, after defaults may have moved them.
    ///
    /// # Errors
    /// [`Error::Database`].
    fn refresh(&mut self) -> Result<()>;

    /// Checks what waits for the commit, and puts back what was switched off. Only the commit is left then.
    ///
    /// # Errors
    /// [`Error::Row`] naming a row that cannot be kept.
    fn finish(&mut self) -> Result<&mut dyn Finished>;
}

/// A transaction that wrote everything it was asked to.
pub trait Finished: Transaction {
    /// What else than the calls of [`Write`] may have written in this transaction.
    ///
    /// # Errors
    /// [`Error::Database`].
    fn strays(&mut self) -> Result<Strays>;

    /// Marks tables that are locked, each with the number of its rows, for the time after the commit; `None` where the
    /// engine cannot tell later who wrote.
    ///
    /// # Errors
    /// [`Error::Database`].
    fn mark(&mut self, rows: &BTreeMap<String, u64>) -> Result<Option<Mark>> {
        let _ = rows;
        Ok(None)
    }
}

/// Runs `work` in a transaction that only reads.
///
/// # Errors
/// Whatever `work` returns, and [`Error::Database`] when the transaction cannot be had.
pub fn reading<T>(
    database: &mut dyn Database,
    work: impl FnOnce(&mut dyn Transaction) -> Result<T>,
) -> Result<T> {
    let mut transaction = database.read(None)?;
    let value = work(transaction.as_mut())?;
    transaction.commit()?;
    Ok(value)
}
