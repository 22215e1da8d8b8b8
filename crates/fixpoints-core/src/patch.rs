//! The rows of one table that a restore writes, and whether their columns keep them; it writes nothing.

use std::ops::ControlFlow;

use crate::cell::{AsCell, CellRef, Row};
use crate::change::Change;
use crate::database::Keeps;
use crate::error::{Error, Fault, Result};
use crate::line::encode_cell;
use crate::named::NamedRow;
use crate::table::Table;

/// Above this many bytes of changed rows a table is emptied and filled instead.
const LIMIT: usize = 8 * 1024 * 1024;

/// The rows to write, as long as they are few and each can be found by its key.
#[derive(Debug, Default)]
pub struct Patch {
    /// Rows that go.
    pub delete: Vec<Row>,
    /// From the first version to the second.
    pub update: Vec<(Row, Row)>,
    /// Rows that come.
    pub insert: Vec<Row>,
    size: usize,
    /// Whether the rows are too many, or nothing tells them apart.
    pub is_rewrite: bool,
}

impl Patch {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.delete.is_empty() && self.update.is_empty() && self.insert.is_empty()
    }

    /// Whether rows are deleted or updated, each by itself.
    #[must_use]
    pub fn changes_rows(&self) -> bool {
        !self.delete.is_empty() || !self.update.is_empty()
    }

    /// Ends the comparison as soon as the rows are not few.
    pub fn add(&mut self, table: &Table, change: Change) -> ControlFlow<()> {
        let rows = match &change {
            Change::Inserted(row) | Change::Deleted(row) => [Some(row), None],
            Change::Updated { old, new } => [Some(old), Some(new)],
        };
        let rows = || rows.into_iter().flatten();
        self.size += rows().map(size).sum::<usize>();
        if self.size > LIMIT || !rows().all(|row| table.is_identified(row)) {
            *self = Self {
                is_rewrite: true,
                ..Self::default()
            };
            return ControlFlow::Break(());
        }
        match change {
            Change::Inserted(row) => self.delete.push(row),
            Change::Deleted(row) => self.insert.push(row),
            Change::Updated { old, new } => self.update.push((new, old)),
        }
        ControlFlow::Continue(())
    }
}

fn size(row: &Row) -> usize {
    let payload = |cell: CellRef<'_>| match cell {
        CellRef::Text(bytes) | CellRef::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    row.iter().map(|cell| 32 + payload(cell.cell())).sum()
}

/// A row as it is, or the error of [`check_kept`].
pub fn kept(table: &Table, row: Row, keeps: &Keeps) -> Result<Row> {
    check_kept(table, &row, keeps).map(|()| row)
}

/// Refuses a value that would be another one in the database, which only a hand can have put into the file.
pub fn check_kept(table: &Table, row: &Row, keeps: &Keeps) -> Result<()> {
    let Some(at) = (0..row.len()).find(|&at| !keeps(at, row[at].cell())) else {
        return Ok(());
    };
    let mut value = Vec::new();
    encode_cell(&mut value, row[at].cell());
    let declared = table
        .columns()
        .get_index(at)
        .map_or("", |(_, declared)| declared);
    Err(Error::Row {
        table: table.name.clone(),
        row: NamedRow::of(table, row),
        message: format!(
            "column {} is {} and would keep {} as another value",
            table.column(at),
            if declared.is_empty() {
                "of no type"
            } else {
                declared
            },
            String::from_utf8_lossy(&value)
        ),
        fault: Fault::Row,
    })
}
