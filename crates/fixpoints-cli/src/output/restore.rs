//! The document of `restore`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use fixpoints::Action as RestoreAction;

use super::{Finding, Position, RestoreWord, Run};

/// What `restore` brought back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RestoreOutput {
    /// Always `restore`.
    pub command: RestoreWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The name of the fixpoint.
    pub fixpoint: String,
    /// The fixpoints it stands on, its parent first.
    pub ancestors: Vec<String>,
    /// The database, without a password.
    pub database: String,
    /// Whether anything had to be written.
    pub status: RestoreStatus,
    /// Rows written.
    pub rows_inserted: u64,
    /// Rows deleted one by one; tables that were emptied are not counted.
    pub rows_deleted: u64,
    /// Every covered table, by name.
    pub tables: Vec<RestoredTable>,
    /// Sequences that stand elsewhere now.
    pub sequences: Vec<SequenceChange>,
    /// Tables that were left empty, because `FIXPOINTS_SKIP_TABLES` is set; absent where it is not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped_tables: Vec<String>,
    /// The variable that they are skipped by, for the text.
    #[serde(skip)]
    #[schemars(skip)]
    pub skipped_by: &'static str,
    /// Rows that refer to rows which the fixpoint lacks, where the configuration keeps those, and what the database has
    /// besides that no fixpoint holds.
    pub warnings: Vec<Finding>,
}

/// Whether a restore had to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestoreStatus {
    /// Rows or sequences were written.
    Restored,
    /// The database was in this state already.
    Unchanged,
}

/// What was done to one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RestoredTable {
    /// The table.
    pub name: String,
    /// How it was written.
    pub action: RestoreAction,
    /// Rows written.
    pub inserted: u64,
    /// Rows deleted; null where the whole table was emptied.
    pub deleted: Option<u64>,
    /// How long it took, in milliseconds.
    #[schemars(extend("x-stillframe" = "duration"))]
    pub duration_ms: u64,
}

/// A sequence that stands elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SequenceChange {
    /// The sequence's table.
    pub table: String,
    /// Where it stood; null where it had not begun.
    pub old: Option<Position>,
    /// Where it stands now; null where it has not begun.
    pub new: Option<Position>,
}

impl From<&fixpoints::SequenceChange> for SequenceChange {
    fn from(change: &fixpoints::SequenceChange) -> Self {
        Self {
            table: change.table.clone(),
            old: change.old.map(Into::into),
            new: change.new.map(Into::into),
        }
    }
}
