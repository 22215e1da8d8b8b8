//! The document of `sequences reset`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Position, Run, SequencesWord};

/// Where `sequences reset` put the sequences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SequencesOutput {
    /// Always `sequences`.
    pub command: SequencesWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The database, without a password.
    pub database: String,
    /// Sequences that were moved.
    pub moved: u64,
    /// Every sequence that feeds a covered table, by name.
    pub sequences: Vec<ResetSequence>,
    /// Sequences that feed no table, which were left alone.
    pub free: Vec<String>,
}

/// One sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResetSequence {
    /// Its name; a sequence of SQLite has the name of its table.
    pub name: String,
    /// The table it feeds; of several, the one whose value went furthest.
    pub table: String,
    /// The column it feeds.
    pub column: String,
    /// The highest value of that column; null where the table is empty.
    #[schemars(extend("x-stillframe" = "keep"))]
    pub highest: Option<i64>,
    /// Where it stood.
    pub old: Position,
    /// Where it stands now; null where SQLite forgot it, and begins again.
    pub new: Option<Position>,
}
