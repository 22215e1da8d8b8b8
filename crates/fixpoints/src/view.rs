//! A table as a comparison sees it: without the columns that somebody left out.

use std::ops::ControlFlow;
use std::time::Duration;

use fixpoints_core::cell::{CellRef, Row};
use fixpoints_core::change::Change;
use fixpoints_core::comparison::ComparedTable;
use fixpoints_core::database::Transaction;
use fixpoints_core::error::{Error, Result};
use fixpoints_core::pattern::Pattern;
use fixpoints_core::table::Table;

/// A table and which of its columns count.
pub(crate) struct View<'a> {
    pub table: &'a Table,
    /// The table without the columns that do not count.
    pub seen: Table,
    kept: Vec<usize>,
    ignored: Vec<usize>,
}

impl<'a> View<'a> {
    /// The table without the columns that these names mean.
    pub fn new(table: &'a Table, ignore: &[impl AsRef<str>]) -> Self {
        Self::without(table, ignore, &[])
    }

    /// The same, without the columns at some positions, which nobody named.
    pub fn without(table: &'a Table, ignore: &[impl AsRef<str>], others: &[usize]) -> Self {
        let ignored = positions(table, ignore);
        let (seen, kept) = table.without(&[ignored.as_slice(), others].concat());
        Self {
            table,
            seen,
            kept,
            ignored,
        }
    }

    /// Whether every column counts.
    pub fn is_whole(&self) -> bool {
        self.kept.len() == self.table.columns().len()
    }

    /// The cells of a row that count.
    pub fn cells<'r>(&self, row: &[CellRef<'r>]) -> Vec<CellRef<'r>> {
        self.kept.iter().map(|&at| row[at]).collect()
    }

    /// Whole rows as they are seen.
    pub fn rows(
        &self,
        rows: impl Iterator<Item = Result<Row>>,
    ) -> impl Iterator<Item = Result<Row>> {
        rows.map(|row| Ok(pick(row?, &self.kept)))
    }

    /// All rows of the database, as they are seen.
    pub fn read(&self, transaction: &mut dyn Transaction) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        transaction.scan(self.table, &mut |row| {
            rows.push(self.kept.iter().map(|&at| row[at].to_cell()).collect());
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    /// The report on the table.
    pub fn compared(self, rows: u64, changes: Vec<Change>, duration: Duration) -> ComparedTable {
        let ignored = self.ignored.iter();
        ComparedTable {
            ignored: ignored
                .map(|&at| self.table.column(at).to_owned())
                .collect(),
            table: self.seen,
            rows,
            changes,
            duration,
        }
    }
}

/// The cells of a row at some positions.
pub(crate) fn pick(row: Row, positions: &[usize]) -> Row {
    if positions.iter().copied().eq(0..row.len()) {
        return row;
    }
    positions.iter().map(|&at| row[at].clone()).collect()
}

/// Refuses a name that means no column of any of these tables.
pub(crate) fn check_columns<'a>(
    tables: impl IntoIterator<Item = &'a Table>,
    names: &[impl AsRef<str>],
) -> Result<()> {
    let tables: Vec<&Table> = tables.into_iter().collect();
    let mut names = names.iter().map(AsRef::as_ref);
    match names.find(|name| !is_column(tables.iter().copied(), name)) {
        Some(name) => Err(Error::UnknownColumn {
            column: name.to_owned(),
        }),
        None => Ok(()),
    }
}

/// Whether a name means a column of any of these tables.
pub(crate) fn is_column<'a>(mut tables: impl Iterator<Item = &'a Table>, name: &str) -> bool {
    tables.any(|table| !positions(table, &[name]).is_empty())
}

/// Where the columns are that these names mean.
fn positions(table: &Table, names: &[impl AsRef<str>]) -> Vec<usize> {
    let names: Vec<Pattern> = names
        .iter()
        .map(|name| Pattern::new(name.as_ref()))
        .collect();
    let columns = table.columns().keys().enumerate();
    let is_meant = |column: &str| {
        let mut names = names.iter();
        names.any(|said| said.means_column(&table.name, column))
    };
    columns
        .filter_map(|(at, column)| is_meant(column).then_some(at))
        .collect()
}
