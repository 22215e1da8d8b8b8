//! A row as messages and reports name it: by its key; finding it is an engine's work.

use std::cmp::Ordering;
use std::fmt;

use crate::cell::{AsCell, Cell};
use crate::line::encode_cells;
use crate::table::Table;

/// The columns of a row's key with their values; every column of a row that no key identifies.
#[derive(Debug, Clone, Default)]
pub struct NamedRow(pub Vec<(String, Cell)>);

impl NamedRow {
    /// Names a row of a table.
    #[must_use]
    pub fn of<C: AsCell>(table: &Table, row: &[C]) -> Self {
        let whole: Vec<usize> = (0..row.len()).collect();
        let positions = if table.is_identified(row) {
            table.key_positions()
        } else {
            &whole
        };
        let cells = positions
            .iter()
            .map(|&at| (table.column(at).to_owned(), row[at].cell().to_cell()));
        Self(cells.collect())
    }

    /// The value of a column.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&Cell> {
        let mut cells = self.0.iter();
        cells.find_map(|(name, cell)| (name == column).then_some(cell))
    }
}

/// JSON, as in a file.
impl fmt::Display for NamedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        encode_cells(
            &mut text,
            self.0.iter().map(|(column, cell)| (&**column, cell)),
        );
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

impl PartialEq for NamedRow {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for NamedRow {}

impl PartialOrd for NamedRow {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By value, then by type; rows of one table, so that columns are the same.
impl Ord for NamedRow {
    fn cmp(&self, other: &Self) -> Ordering {
        let pairs = || self.0.iter().zip(&other.0);
        let by = |order: fn(&(String, Cell), &(String, Cell)) -> Ordering| {
            let mut orders = pairs().map(|(a, b)| order(a, b));
            orders.find(|order| order.is_ne())
        };
        by(|a, b| a.1.cell().order(b.1.cell()))
            .or_else(|| by(|a, b| a.1.cell().type_order(b.1.cell())))
            .or_else(|| by(|a, b| a.1.cell().sign_order(b.1.cell())))
            .or_else(|| by(|a, b| a.0.cmp(&b.0)))
            .unwrap_or_else(|| self.0.len().cmp(&other.0.len()))
    }
}
