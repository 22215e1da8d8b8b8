//! A state of a database that a test can hold and read: a stored one, a restored one, or one of just now.

use std::fmt;
use std::ops::Deref;

use indexmap::IndexMap;
use tempfile::TempDir;

use crate::chain::Chain;
use crate::restore::RestoreReport;
use crate::view::{View, check_columns};
use fixpoints_core::cell::{Cell, Row};
use fixpoints_core::database::{Database, reading};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::excerpt::visible;
use fixpoints_core::header::Parent;
use fixpoints_core::line::encode_cells;
use fixpoints_core::pattern::Pattern;
use fixpoints_core::scope::Scope;
use fixpoints_core::table::Table;

/// A state of every covered table, kept in a file.
#[derive(Debug)]
pub struct State {
    pub(super) chain: Chain,
    /// With the skipped tables of its database.
    pub(super) scope: Scope,
    /// What messages call it.
    pub(super) shown: String,
    pub(super) origin: Origin,
}

/// How a state and a database are related.
#[derive(Debug)]
pub(super) enum Origin {
    /// It is what a file says.
    File,
    /// It is what a file said when it was restored, beside tables that the file does not have.
    Restored { beside: Vec<String> },
    /// It is all the database held, skipped tables too.
    Seen { _folder: TempDir },
    /// It was restored without the skipped tables, which left the database in the other state.
    Partial(Box<State>),
}

/// What was restored, for as long as a test wants to know. It is held by the test alone: two threads never see each
/// other's.
#[derive(Debug)]
pub struct Restored {
    pub(super) state: State,
    pub(super) report: RestoreReport,
}

/// A row, by the names of its columns; shown as it is in a file.
#[derive(Clone, PartialEq)]
pub struct Record {
    cells: IndexMap<String, Cell>,
}

impl State {
    /// The state to tell changes from, with what is to be compared: skipped tables too, where it is known what they
    /// held.
    pub(super) fn before(&self, scope: Scope) -> (&Chain, Scope) {
        match &self.origin {
            Origin::File | Origin::Restored { .. } => (&self.chain, scope),
            Origin::Seen { .. } => (&self.chain, scope.without_skip()),
            Origin::Partial(seen) => seen.before(scope),
        }
    }

    /// Whether a table that it does not have came after it was taken; one that was excluded then may have been there.
    pub(super) fn came_later(&self, table: &str) -> bool {
        if !self.scope.covers(table) {
            return false;
        }
        match &self.origin {
            Origin::File => false,
            Origin::Restored { beside } => beside.iter().all(|known| known != table),
            Origin::Seen { .. } => true,
            Origin::Partial(seen) => seen.came_later(table),
        }
    }

    /// A refusal in the words of a test, which did not store the state that is compared with.
    pub(super) fn explained(&self, error: Error) -> Error {
        let since = match &self.origin {
            Origin::File => return error,
            Origin::Restored { .. } | Origin::Partial(_) => format!("{} was restored", self.shown),
            Origin::Seen { .. } => self.shown.clone(),
        };
        match error {
            Error::SchemaDrift { drifts, .. } => Error::SchemaMovedSince { since, drifts },
            other => other,
        }
    }

    /// The tables it holds, sorted.
    #[must_use]
    pub fn table_names(&self) -> Vec<String> {
        names(&self.scope, self.chain.header().tables.values())
    }

    /// The rows of a table in the order of its key, without the columns in `ignoring`.
    ///
    /// # Errors
    /// [`Error::UnknownTable`], [`Error::SkippedTable`], [`Error::UnknownColumn`], and whatever the file refuses.
    pub fn records<'a>(
        &self,
        table: &str,
        ignoring: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Record>> {
        let table = covered(&self.scope, self.chain.header().tables.values(), table)?;
        let view = view(table, ignoring)?;
        let rows = view.rows(self.chain.rows(table));
        rows.map(|row| Ok(Record::of(&view.seen, row?))).collect()
    }
}

impl Restored {
    /// The fixpoint that was restored.
    #[must_use]
    pub fn name(&self) -> &str {
        self.state.chain.name().as_str()
    }

    /// What the restore did.
    #[must_use]
    pub fn report(&self) -> &RestoreReport {
        &self.report
    }

    pub(super) fn as_parent(&self) -> Parent {
        Parent {
            name: self.name().to_owned(),
            content: self.state.chain.document().content.clone(),
        }
    }
}

impl Deref for Restored {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl AsRef<State> for State {
    fn as_ref(&self) -> &State {
        self
    }
}

impl AsRef<State> for Restored {
    fn as_ref(&self) -> &State {
        &self.state
    }
}

impl Record {
    fn of(table: &Table, row: Row) -> Self {
        Self {
            cells: table.columns().keys().cloned().zip(row).collect(),
        }
    }

    /// The value of a column; `None` where the record does not have it.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&Cell> {
        self.cells.get(column)
    }

    /// Every column with its value, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Cell)> {
        self.cells.iter().map(|(name, cell)| (name.as_str(), cell))
    }

    /// The record as a JSON object, with the values that stand for its cells in a file.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let values = self
            .iter()
            .map(|(name, cell)| (name.to_owned(), cell.to_json()));
        serde_json::Value::Object(values.collect())
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        encode_cells(&mut text, self.iter());
        f.write_str(&visible(&String::from_utf8_lossy(&text)))
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The tables a database covers now, sorted.
pub(super) fn table_names(database: &mut dyn Database, scope: &Scope) -> Result<Vec<String>> {
    reading(database, |transaction| {
        let scope = scope.clone().resolved(transaction)?;
        Ok(names(&scope, transaction.catalog().tables()))
    })
}

/// The rows a table has now.
pub(super) fn records<'a>(
    database: &mut dyn Database,
    scope: &Scope,
    table: &str,
    ignoring: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<Record>> {
    reading(database, |transaction| {
        let scope = scope.clone().resolved(transaction)?;
        let catalog = transaction.catalog();
        if catalog.table(table).is_none() {
            catalog.check_whole(&Pattern::new(table), |_| false)?;
        }
        let table = covered(&scope, catalog.tables(), table)?;
        let view = view(table, ignoring)?;
        transaction.read_ahead(&[table])?;
        let rows = view.read(transaction)?.into_iter();
        Ok(rows.map(|row| Record::of(&view.seen, row)).collect())
    })
}

/// The scope with the tables that are skipped in this database.
pub(super) fn resolve(database: &mut dyn Database, scope: &Scope) -> Result<Scope> {
    if scope.skip().is_empty() {
        return Ok(scope.clone());
    }
    reading(database, |transaction| scope.clone().resolved(transaction))
}

fn names<'a>(scope: &Scope, tables: impl Iterator<Item = &'a Table>) -> Vec<String> {
    scope
        .covered(tables)
        .map(|table| table.name.clone())
        .collect()
}

fn covered<'a>(
    scope: &Scope,
    mut tables: impl Iterator<Item = &'a Table> + Clone,
    name: &str,
) -> Result<&'a Table> {
    let all = tables.clone();
    let named = tables.find(|table| table.name == name);
    let found = named.filter(|table| scope.covers(&table.name));
    if found.is_none() && scope.skips(name) && named.is_some() {
        let table = name.to_owned();
        let asked = scope.skip().asked();
        return Err(Error::SkippedTable { table, asked });
    }
    found.ok_or_else(|| Error::UnknownTable {
        table: name.to_owned(),
        known: names(scope, all),
    })
}

fn view<'a, 'i>(table: &'a Table, ignoring: impl IntoIterator<Item = &'i str>) -> Result<View<'a>> {
    let ignoring: Vec<&str> = ignoring.into_iter().collect();
    check_columns([table], &ignoring)?;
    Ok(View::new(table, &ignoring))
}
