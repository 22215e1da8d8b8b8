//! Finds the row of a state that a change of a child is about; it decides nothing.

use std::cmp::Ordering;
use std::iter::Peekable;

use crate::chain::{Rows, change_order};
use fixpoints_core::cell::Row;
use fixpoints_core::error::Result;
use fixpoints_core::line::ChangeLine;
use fixpoints_core::table::Table;

/// The rows of a state, each found by the change that is about it; changes come in order. A row of a table without a
/// key is found for one change only, since its copies count.
pub(super) struct Finder<'a> {
    table: &'a Table,
    rows: Peekable<Rows<'a>>,
}

impl<'a> Finder<'a> {
    pub fn new(table: &'a Table, rows: Rows<'a>) -> Self {
        let rows = rows.peekable();
        Self { table, rows }
    }

    pub fn find(&mut self, change: &ChangeLine) -> Result<Option<Row>> {
        while let Some(row) = self.rows.peek() {
            let order = match row {
                Ok(row) => change_order(self.table, change, row),
                Err(_) => Ordering::Equal,
            };
            if order.is_lt() {
                break;
            }
            let row = self.rows.next().transpose()?;
            if order.is_eq() {
                return Ok(row);
            }
        }
        Ok(None)
    }

    /// Reads what is left too, so that a row that cannot be read is not passed over.
    pub fn finish(mut self) -> Result<()> {
        self.rows.try_for_each(|row| row.map(drop))
    }
}
