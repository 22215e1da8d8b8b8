//! The rows of one table of a full fixpoint, one at a time; a row is decoded only when somebody looks into it.

use std::io::{BufRead as _, BufReader};

use super::source::SectionReader;
use super::{Document, chomp};
use crate::cell::Row;
use crate::error::{Error, Result};
use crate::layout::LINE;
use crate::line;
use crate::merge::OldRows;
use crate::table::Table;

/// Reads rows in the order of their identity; opening the file saw to that order.
#[derive(Debug)]
pub struct StoredRows<'a> {
    document: &'a Document,
    table: &'a Table,
    reader: BufReader<SectionReader>,
    /// The line that comes next, once it was looked at; empty at the end.
    text: Vec<u8>,
    is_peeked: bool,
    /// How many rows were taken.
    taken: usize,
}

impl<'a> StoredRows<'a> {
    pub(super) fn new(document: &'a Document, table: &'a Table) -> Self {
        let reader = BufReader::with_capacity(64 * 1024, document.section(&table.name));
        Self {
            document,
            table,
            reader,
            text: Vec::new(),
            is_peeked: false,
            taken: 0,
        }
    }

    /// The JSON of the line that comes next; empty at the end.
    fn peek(&mut self) -> Result<&[u8]> {
        if !self.is_peeked {
            self.text.clear();
            let read = self.reader.read_until(b'\n', &mut self.text);
            read.map_err(Error::io("read", &self.document.origin.path))?;
            self.is_peeked = true;
        }
        Ok(json_of(&self.text))
    }

    fn decode(&mut self) -> Result<Option<Row>> {
        if self.peek()?.is_empty() {
            return Ok(None);
        }
        let row = line::decode_row(self.table, json_of(&self.text));
        let row = row.map_err(|unreadable| {
            let number = self.document.line_number(&self.table.name, self.taken);
            self.document.corrupt(number, unreadable.reason)
        })?;
        self.take();
        Ok(Some(row))
    }

    fn take(&mut self) {
        self.is_peeked = false;
        self.taken += 1;
    }
}

/// What stands in a line after its dash.
fn json_of(line: &[u8]) -> &[u8] {
    chomp(line).get(LINE.len()..).unwrap_or_default()
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
        if self.peek()? != text {
            return Ok(false);
        }
        self.take();
        Ok(true)
    }
}
