//! What happened to one row between two states; finding it is a merge's work.

use crate::cell::{AsCell as _, Cell, Row};
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
