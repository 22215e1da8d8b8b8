//! Brings each change of a child together with the row of the parent it is about; it decides nothing.

use std::cmp::Ordering;
use std::iter::Peekable;

use crate::chain::{Chain, Rows, change_order};
use fixpoints_core::cell::Row;
use fixpoints_core::error::Result;
use fixpoints_core::line::ChangeLine;
use fixpoints_core::table::Table;

/// Calls `each` with every change, and the parent's row of the same identity where there is one. A row of a table
/// without a key is given to one change only, since its copies count.
pub(super) fn each(
    table: &Table,
    rows: impl Iterator<Item = Result<Row>>,
    changes: impl Iterator<Item = Result<(usize, ChangeLine)>>,
    each: &mut dyn FnMut(Option<Row>, ChangeLine) -> Result<()>,
) -> Result<()> {
    let mut rows = rows.peekable();
    for change in changes {
        let (_, change) = change?;
        let found = loop {
            let Some(row) = rows.peek() else { break None };
            let order = match row {
                Ok(row) => change_order(table, &change, row),
                Err(_) => std::cmp::Ordering::Greater,
            };
            if order.is_lt() {
                break None;
            }
            let row = rows.next().transpose()?;
            if order.is_eq() {
                break row;
            }
        };
        each(found, change)?;
    }
    // What is left of the parent is read too, so that a row that cannot be read is not passed over.
    rows.try_for_each(|row| row.map(drop))
}

/// The rows of one more state, each found by the change that is about it; changes come in order.
pub(super) struct Finder<'a> {
    table: &'a Table,
    rows: Option<Peekable<Rows<'a>>>,
}

impl<'a> Finder<'a> {
    pub fn new(table: &'a Table, chain: Option<&'a Chain>) -> Self {
        let rows = chain.map(|chain| chain.rows(table).peekable());
        Self { table, rows }
    }

    pub fn find(&mut self, change: &ChangeLine) -> Result<Option<Row>> {
        let Some(rows) = &mut self.rows else {
            return Ok(None);
        };
        while let Some(row) = rows.peek() {
            let order = match row {
                Ok(row) => change_order(self.table, change, row),
                Err(_) => Ordering::Equal,
            };
            if order.is_lt() {
                break;
            }
            let row = rows.next().transpose()?;
            if order.is_eq() {
                return Ok(row);
            }
        }
        Ok(None)
    }
}
