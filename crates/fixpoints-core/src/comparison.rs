//! How two states differ, as values; comparing them is done elsewhere.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::left_out::LeftOut;
use crate::left_out::Omission;
use crate::position::{Position, Positions};
use crate::table::Table;

/// How the database differs from the fixpoint; "old" is the fixpoint, "new" the database.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Every compared table.
    pub tables: Vec<ComparedTable>,
    /// Sequences that stand elsewhere.
    pub sequences: Vec<SequenceChange>,
    /// Tables of the database that the fixpoint does not have.
    pub uncovered: Vec<String>,
    /// Tables of the fixpoint that were not compared, because they are skipped.
    pub skipped: Vec<String>,
    /// Tables of the database that no fixpoint of it holds, each with the reason.
    pub left_out: Vec<LeftOut>,
    /// What of covered tables, and besides tables, no fixpoint holds.
    pub omissions: Vec<Omission>,
}

impl Comparison {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.sequences.is_empty() && self.tables.iter().all(|table| table.changes.is_empty())
    }
}

/// One compared table.
#[derive(Debug, Clone)]
pub struct ComparedTable {
    /// The table, with the compared columns only.
    pub table: Table,
    /// Columns that were left out.
    pub ignored: Vec<String>,
    /// Rows the database has.
    pub rows: u64,
    /// Every row that differs, in the order of the table's key.
    pub changes: Vec<Change>,
    /// How long it took; nothing at all for a table that was not read.
    pub duration: Duration,
}

/// A sequence that stands elsewhere than it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceChange {
    /// The sequence; SQLite's have the names of their tables.
    pub table: String,
    /// Where the old state has it.
    pub old: Option<Position>,
    /// Where the new state has it.
    pub new: Option<Position>,
}

/// Rows by what happened to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ChangeCounts"))]
pub struct Counts {
    /// Rows that came.
    pub inserted: u64,
    /// Rows with other values.
    pub updated: u64,
    /// Rows that went.
    pub deleted: u64,
}

impl Counts {
    /// Counts one more change.
    pub fn add(&mut self, change: &Change) {
        match change {
            Change::Inserted(_) => self.inserted += 1,
            Change::Updated { .. } => self.updated += 1,
            Change::Deleted(_) => self.deleted += 1,
        }
    }

    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.inserted + self.updated + self.deleted
    }
}

impl SequenceChange {
    /// How some sequences differ between two states.
    pub fn between<'a>(
        names: impl IntoIterator<Item = &'a String>,
        old: &Positions,
        new: &Positions,
    ) -> Vec<Self> {
        let changes = names.into_iter().map(|name| Self {
            table: name.clone(),
            old: old.get(name).copied(),
            new: new.get(name).copied(),
        });
        changes.filter(|change| change.old != change.new).collect()
    }
}
