//! A table that rows of a file are meant for, and these rows; it asks no database.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use crate::column::Column;
use crate::form::{Form, form};
use crate::record::Record;
use fixpoints_core::catalog::TableInfo;
use fixpoints_core::cell::{AsCell as _, Cell};
use fixpoints_core::named::NamedRow;
use fixpoints_core::table::Table;

/// A table and what its columns take.
pub(crate) struct Target<'a> {
    pub table: &'a Table,
    pub columns: Vec<Column<'a>>,
    /// Columns that the database computes.
    pub generated: &'a BTreeSet<String>,
}

/// A row on its way: the columns that are given, their values, and where it comes from.
pub(crate) struct Given<'a> {
    pub record: &'a Record,
    pub values: BTreeMap<usize, Cell>,
}

impl<'a> Target<'a> {
    pub fn new(engine: &str, info: &'a TableInfo) -> Self {
        let table = &info.table;
        let columns = table.columns().iter();
        let columns = columns.map(|(name, declared)| Column::new(engine, name, declared));
        Self {
            table,
            columns: columns.collect(),
            generated: &info.generated,
        }
    }

    pub fn name(&self) -> &'a str {
        &self.table.name
    }

    /// The key a row was given.
    pub fn key_of(&self, row: &Given<'_>) -> Option<Vec<Form>> {
        let key = self.table.key_positions().iter();
        let key = key.map(|at| Some(form(self.columns[*at], row.values.get(at)?.cell())));
        let key: Option<Vec<Form>> = key.collect();
        key.filter(|key| !key.is_empty() && !key.contains(&Form::Null))
    }

    /// The row that an error names.
    pub fn row_called<'r, 'b, R: Borrow<Given<'b>>>(
        &self,
        rows: &'r [R],
        named: &NamedRow,
    ) -> Option<&'r Given<'b>> {
        let key = self.table.key_positions().iter().map(|&at| {
            let column = self.columns[at];
            Some(form(column, named.get(column.name)?.cell()))
        });
        let key: Vec<Form> = key.collect::<Option<_>>()?;
        let mut rows = rows.iter().map(Borrow::borrow);
        rows.find(|row| self.key_of(row).as_ref() == Some(&key))
    }
}
