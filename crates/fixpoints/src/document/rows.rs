//! The rows of one table of a full fixpoint, one at a time; a row is decoded only when somebody looks into it.

use std::cmp::Ordering;
use std::io::{BufRead as _, BufReader};

use super::source::SectionReader;
use super::{Document, chomp};
use crate::cell::{AsCell, Cell, Row};
use crate::error::{Error, Result};
use crate::file::LINE;
use crate::line::{self, RowEncoder, Unreadable};
use crate::merge::OldRows;
use crate::table::Table;

/// Reads rows in the order of their identity, which is checked wherever rows are decoded.
#[derive(Debug)]
pub struct StoredRows<'a> {
    document: &'a Document,
    table: &'a Table,
    reader: BufReader<SectionReader>,
    /// The line that comes next, once it was looked at; empty at the end.
    text: Vec<u8>,
    is_peeked: bool,
    /// The line before, where [`Last::Line`] says so.
    last_text: Vec<u8>,
    /// How many rows were taken.
    taken: usize,
    last: Last,
}

/// The row before, as far as the order of rows needs it.
#[derive(Debug)]
enum Last {
    None,
    /// Its line was not decoded.
    Line,
    /// Its key, which identifies it.
    Key(Vec<Cell>),
    /// The whole row, which nothing less identifies.
    Whole(Row),
}

impl<'a> StoredRows<'a> {
    pub(super) fn new(document: &'a Document, table: &'a Table) -> Self {
        let reader = BufReader::with_capacity(64 * 1024, document.section(table));
        Self {
            document,
            table,
            reader,
            text: Vec::new(),
            is_peeked: false,
            last_text: Vec::new(),
            taken: 0,
            last: Last::None,
        }
    }

    /// The JSON of the line that comes next; empty at the end.
    fn peek(&mut self) -> Result<&[u8]> {
        if !self.is_peeked {
            self.text.clear();
            let read = self.reader.read_until(b'\n', &mut self.text);
            read.map_err(Error::io("read", &self.document.path))?;
            self.is_peeked = true;
        }
        Ok(json_of(&self.text))
    }

    fn decode(&mut self) -> Result<Option<Row>> {
        if self.peek()?.is_empty() {
            return Ok(None);
        }
        let row = match line::decode_row(self.table, json_of(&self.text)) {
            Ok(row) => row,
            Err(unreadable) => self.reread(unreadable)?,
        };
        self.check_order(&row)
            .map_err(|reason| self.document.corrupt(self.number(), reason))?;
        self.is_peeked = false;
        self.taken += 1;
        Ok(Some(row))
    }

    /// A line that is no JSON may still be YAML: the whole file is read so, and this goes on where it stands.
    fn reread(&mut self, unreadable: Unreadable) -> Result<Row> {
        let (document, table, taken) = (self.document, self.table, self.taken);
        let error = document.corrupt(self.number(), unreadable.reason);
        let other = if unreadable.is_syntax {
            document.as_any_yaml()
        } else {
            None
        };
        let Some(other) = other else {
            return Err(error);
        };
        let mut rows = Self::new(other, table);
        for _ in 0..taken {
            rows.peek()?;
            rows.is_peeked = false;
        }
        let row = line::decode_row(table, rows.peek()?).map_err(|_| error)?;
        rows.taken = taken;
        rows.last = std::mem::replace(&mut self.last, Last::None);
        rows.last_text = std::mem::take(&mut self.last_text);
        *self = rows;
        Ok(row)
    }

    fn number(&self) -> usize {
        self.document.line_number(&self.table.name, self.taken)
    }

    fn check_order(&mut self, row: &Row) -> Result<(), String> {
        let (table, order) = (self.table, self.order(row)?);
        match order {
            Ordering::Greater => Err(format!(
                "the row {} of {} belongs above the one before it",
                named(table, row),
                table.name
            )),
            Ordering::Equal if table.is_identified(row) => Err(format!(
                "the row {} of {} is there twice",
                named(table, row),
                table.name
            )),
            _ => {
                self.last = if table.is_identified(row) {
                    Last::Key(
                        table
                            .key_positions()
                            .iter()
                            .map(|&at| row[at].clone())
                            .collect(),
                    )
                } else {
                    Last::Whole(row.clone())
                };
                Ok(())
            }
        }
    }

    /// How the row before compares to this one.
    fn order(&self, row: &Row) -> Result<Ordering, String> {
        Ok(match &self.last {
            Last::None => Ordering::Less,
            Last::Whole(last) => self.table.order(last, row),
            Last::Line => {
                let last = line::decode_row(self.table, json_of(&self.last_text))
                    .map_err(|unreadable| unreadable.reason)?;
                self.table.order(&last, row)
            }
            Last::Key(key) => {
                let pairs = key.iter().zip(self.table.key_positions());
                let order = pairs.map(|(last, &at)| last.cell().order(row[at].cell()));
                order.fold(Ordering::Equal, Ordering::then)
            }
        })
    }
}

/// A row by its key.
fn named(table: &Table, row: &Row) -> String {
    let mut out = Vec::new();
    RowEncoder::new(table).key(&mut out, row);
    String::from_utf8_lossy(&out).into_owned()
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
        // What an encoder wrote is sound; it is kept to check the order of the next row that is decoded.
        self.last = Last::Line;
        std::mem::swap(&mut self.last_text, &mut self.text);
        self.is_peeked = false;
        self.taken += 1;
        Ok(true)
    }
}
