//! Two sorted streams of rows of one table, and what differs between them; it holds one row of each.

use std::cmp::Ordering;
use std::iter::Peekable;

use crate::cell::{AsCell, Cell, CellRef, Row};
use crate::error::Result;
use crate::table::Table;

/// What happened to one row between an old state and a new one.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Only the new state has it.
    Inserted(Row),
    /// Both have it, with other values.
    Updated {
        /// The whole row in the old state.
        old: Row,
        /// The whole row in the new state.
        new: Row,
    },
    /// Only the old state has it.
    Deleted(Row),
}

impl Change {
    /// The positions of the columns in which two versions of a row differ.
    #[must_use]
    pub fn changed_columns(table: &Table, old: &[Cell], new: &[Cell]) -> Vec<usize> {
        (0..table.columns().len())
            .filter(|&at| !old[at].cell().same(new[at].cell()))
            .collect()
    }
}

/// What is called with each change.
pub type EachChange<'a> = dyn FnMut(Change) -> Result<()> + 'a;

/// The old state as an iterator, waiting for the rows of the new one.
pub struct Merge<'a, I: Iterator<Item = Result<Row>>> {
    table: &'a Table,
    old: Peekable<I>,
    each: &'a mut EachChange<'a>,
}

impl<'a, I: Iterator<Item = Result<Row>>> Merge<'a, I> {
    /// Compares `old` with what [`Merge::push`] is given; both in the order of [`Table::order`].
    pub fn new(table: &'a Table, old: I, each: &'a mut EachChange<'a>) -> Self {
        Self {
            table,
            old: old.peekable(),
            each,
        }
    }

    /// Takes the next row of the new state.
    ///
    /// # Errors
    /// Whatever the old state or the receiver of changes returns.
    pub fn push(&mut self, new: &[CellRef<'_>]) -> Result<()> {
        loop {
            let order = match self.old.peek() {
                Some(Ok(old)) => self.table.order(old, new),
                Some(Err(_)) => Ordering::Less,
                None => Ordering::Greater,
            };
            if order.is_gt() {
                return (self.each)(Change::Inserted(owned(new)));
            }
            let Some(old) = self.old.next() else { continue };
            let old = old?;
            if order.is_lt() {
                (self.each)(Change::Deleted(old))?;
            } else if old.iter().zip(new).all(|(old, new)| old.cell().same(*new)) {
                return Ok(());
            } else {
                return (self.each)(Change::Updated {
                    old,
                    new: owned(new),
                });
            }
        }
    }

    /// Says that the new state has no more rows.
    ///
    /// # Errors
    /// Whatever the old state or the receiver of changes returns.
    pub fn finish(self) -> Result<()> {
        let Self { old, each, .. } = self;
        for row in old {
            each(Change::Deleted(row?))?;
        }
        Ok(())
    }
}

fn owned(row: &[CellRef<'_>]) -> Row {
    row.iter().map(|cell| cell.to_cell()).collect()
}
