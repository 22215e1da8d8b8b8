//! Two sorted streams of rows of one table, and what differs between them; it holds one row of each.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use crate::cell::{AsCell, CellRef, Row};
use crate::change::Change;
use crate::error::Result;
use crate::line::RowEncoder;
use crate::table::Table;

/// What is called with each change; it may end the comparison.
pub type EachChange<'a> = dyn FnMut(Change) -> Result<ControlFlow<()>> + 'a;

/// The rows of an old state, some of which are at hand as text.
pub trait OldRows: Iterator<Item = Result<Row>> {
    /// Whether [`OldRows::take_text`] can ever succeed.
    fn has_text(&self) -> bool {
        false
    }

    /// Takes the next row if its text is exactly this, without looking into it.
    ///
    /// # Errors
    /// When the row cannot be read.
    fn take_text(&mut self, text: &[u8]) -> Result<bool> {
        let _ = text;
        Ok(false)
    }
}

/// Rows that are at hand as rows only.
#[derive(Debug)]
pub struct Plain<I>(pub I);

impl<I: Iterator<Item = Result<Row>>> Iterator for Plain<I> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        self.0.next()
    }
}

impl<I: Iterator<Item = Result<Row>>> OldRows for Plain<I> {}

/// The old state as an iterator, waiting for the rows of the new one.
pub struct Merge<'a, I: OldRows> {
    table: &'a Table,
    old: I,
    /// The next row of the old state, once it was looked into.
    next: Option<Option<Result<Row>>>,
    encoder: RowEncoder,
    text: Vec<u8>,
    each: &'a mut EachChange<'a>,
}

impl<'a, I: OldRows> Merge<'a, I> {
    /// Compares `old` with what [`Merge::push`] is given; both in the order of [`Table::order`].
    pub fn new(table: &'a Table, old: I, each: &'a mut EachChange<'a>) -> Self {
        let encoder = RowEncoder::new(table);
        Self {
            table,
            old,
            next: None,
            encoder,
            text: Vec::new(),
            each,
        }
    }

    /// Takes the next row of the new state.
    ///
    /// # Errors
    /// Whatever the old state or the receiver of changes returns.
    pub fn push(&mut self, new: &[CellRef<'_>]) -> Result<ControlFlow<()>> {
        // Mostly nothing changed, and comparing text is several times as fast as reading it.
        if self.next.is_none() && self.old.has_text() {
            self.text.clear();
            self.encoder.row(&mut self.text, new);
            if self.old.take_text(&self.text)? {
                return Ok(ControlFlow::Continue(()));
            }
        }
        loop {
            let table = self.table;
            let order = match self.peek() {
                Some(Ok(old)) => table.order(old, new),
                Some(Err(_)) => Ordering::Less,
                None => Ordering::Greater,
            };
            if order.is_gt() {
                return (self.each)(Change::Inserted(owned(new)));
            }
            let Some(old) = self.next.take().flatten() else {
                continue;
            };
            let old = old?;
            if order.is_lt() {
                if (self.each)(Change::Deleted(old))?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            } else if old.iter().zip(new).all(|(old, new)| old.cell().same(*new)) {
                return Ok(ControlFlow::Continue(()));
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
    pub fn finish(mut self) -> Result<()> {
        while let Some(old) = self.next.take().unwrap_or_else(|| self.old.next()) {
            if (self.each)(Change::Deleted(old?))?.is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn peek(&mut self) -> Option<&Result<Row>> {
        let old = &mut self.old;
        self.next.get_or_insert_with(|| old.next()).as_ref()
    }
}

fn owned(row: &[CellRef<'_>]) -> Row {
    row.iter().map(|cell| cell.to_cell()).collect()
}
