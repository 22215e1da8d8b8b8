//! The document of `diff`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ChangeCounts, ComparedTable, DiffWord, Run, SchemaDrift, SequenceChange};

/// How two fixpoints differ as whole states; the exit code is 1 where they do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DiffOutput {
    /// Always `diff`.
    pub command: DiffWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The first fixpoint.
    pub old: String,
    /// The second fixpoint.
    pub new: String,
    /// The verdict.
    pub status: DiffStatus,
    /// Tables both fixpoints have.
    pub tables_compared: u64,
    /// Tables whose rows differ.
    pub tables_different: u64,
    /// Rows that differ, in all tables.
    pub changes: ChangeCounts,
    /// Every table both fixpoints have, by name; rows are compared through the columns both have.
    pub tables: Vec<ComparedTable>,
    /// Sequences that stand elsewhere.
    pub sequences: Vec<SequenceChange>,
    /// Columns and keys that differ.
    pub drifts: Vec<SchemaDrift>,
    /// Tables that only the first fixpoint covers.
    pub only_old: Vec<String>,
    /// Tables that only the second fixpoint covers.
    pub only_new: Vec<String>,
}

/// The verdict of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiffStatus {
    /// Nothing differs.
    Equal,
    /// Something differs.
    Different,
}
