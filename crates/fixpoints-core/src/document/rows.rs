//! The rows of one table of a full fixpoint, one at a time; a row is decoded only when somebody looks into it.

use super::source::Lines;
use super::{Document, json_of};
use crate::cell::Row;
use crate::error::Result;
use crate::layout::LINE;
use crate::line::RowDecoder;
use crate::merge::OldRows;
use crate::table::Table;

/// Reads rows in the order of their identity; opening the file saw to that order.
#[derive(Debug)]
pub struct StoredRows<'a> {
    document: &'a Document,
    table: &'a Table,
    decoder: RowDecoder<'a>,
    lines: Lines,
    /// How many rows were taken.
    taken: usize,
}

impl<'a> StoredRows<'a> {
    pub(super) fn new(document: &'a Document, table: &'a Table) -> Self {
        Self {
            document,
            table,
            decoder: RowDecoder::new(table),
            lines: Lines::new(document.section(&table.name)),
            taken: 0,
        }
    }

    fn decode(&mut self) -> Result<Option<Row>> {
        let (document, table, nth) = (self.document, self.table, self.taken);
        let json = json_of(self.lines.next().map_err(|error| document.unread(error))?);
        if json.is_empty() {
            return Ok(None);
        }
        self.taken += 1;
        let row = self.decoder.row(json);
        let row = row.map_err(|unreadable| {
            let number = document.line_number(&table.name, nth);
            document.corrupt(number, unreadable.reason)
        })?;
        Ok(Some(row))
    }
}

impl Iterator for StoredRows<'_> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        self.decode().transpose()
    }
}

impl OldRows for StoredRows<'_> {
    fn has_text(&self) -> bool {
        true
    }

    fn take_text(&mut self, text: &[u8]) -> Result<bool> {
        let taken = self.lines.take([LINE.as_bytes(), text, b"\n"]);
        let taken = taken.map_err(|error| self.document.unread(error))?;
        self.taken += usize::from(taken);
        Ok(taken)
    }
}
