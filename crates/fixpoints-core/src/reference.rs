//! A row that refers to a row that does not exist; finding it is an engine's work.

use std::fmt;

use crate::excerpt::visible;
use crate::named::NamedRow;

/// A row that refers to a row that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BrokenReference {
    /// The table of the row.
    pub table: String,
    /// The row.
    pub row: NamedRow,
    /// The columns that refer.
    pub columns: Vec<String>,
    /// The table that lacks the row.
    pub parent: String,
}

impl fmt::Display for BrokenReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            table,
            row,
            columns,
            parent,
        } = self;
        let columns = columns.join(", ");
        let text =
            format!("row {row} of {table} refers by ({columns}) to a missing row of {parent}");
        f.write_str(&visible(&text))
    }
}
