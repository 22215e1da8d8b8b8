//! The document of `rebase`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use fixpoints::{ConflictKind, Constraints};

use super::{Cell, CellMap, ChangeCounts, ParentRef, RebaseWord, Run};

/// What `rebase` did; the exit code is 1 where conflicts were left, and then nothing was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RebaseOutput {
    /// Always `rebase`.
    pub command: RebaseWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The name of the fixpoint.
    pub fixpoint: String,
    /// Its file, from the current folder.
    pub path: String,
    /// What happened to the file.
    pub status: RebaseStatus,
    /// The parent it stood on; null where it was stored in full.
    pub before: Option<ParentRef>,
    /// The parent it stands on, or would stand on.
    pub after: ParentRef,
    /// Rows the file changes on its new parent.
    pub changes: ChangeCounts,
    /// Changes left out because the parent made them too.
    pub absorbed: u64,
    /// Conflicts that were left.
    pub conflicts: u64,
    /// Conflicts that the preferred side won.
    pub resolved: u64,
    /// Every table, by name.
    pub tables: Vec<RebasedTable>,
    /// Whether the database takes the rows.
    pub constraints: Constraints,
    /// Tables that came with the parent.
    pub added_tables: Vec<String>,
    /// Fixpoints that stood on what this file held before, and have to be rebased too.
    pub stale_children: Vec<String>,
    /// The command that goes on from here, where something is left to do.
    pub hint: Option<String>,
}

/// What happened to a rebased fixpoint's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RebaseStatus {
    /// It stands on the parent now.
    Rebased,
    /// It stood on exactly this parent.
    Unchanged,
    /// Conflicts were left, and the file is as it was.
    Conflicts,
}

/// What happened to one table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RebasedTable {
    /// The table.
    pub name: String,
    /// The columns rows were matched by; empty where they were matched as a whole.
    pub key: Vec<String>,
    /// Rows the file changes on its new parent.
    pub changes: ChangeCounts,
    /// Changes left out because the parent made them too.
    pub absorbed: u64,
    /// Conflicts that the preferred side won.
    pub resolved: u64,
    /// Rows on which both sides disagree.
    pub conflicts: Vec<RowConflict>,
}

/// A row on which both sides disagree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RowConflict {
    /// How they disagree.
    pub kind: ConflictKind,
    /// The row by its key, or whole where it has none.
    #[schemars(extend("x-stillframe" = "keep"))]
    pub key: CellMap,
    /// The columns they disagree on.
    pub columns: Vec<ContestedColumn>,
    /// Why the database does not take the row, where it was asked and does not.
    pub reason: Option<String>,
}

/// One column in three versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContestedColumn {
    /// The column.
    pub column: String,
    /// The three versions; one that has no such row, or is not known, is left out.
    #[schemars(extend("x-stillframe" = "keep"))]
    pub versions: Versions,
}

/// A value in three versions; one that has no such row, or is not known, is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Versions {
    /// In the parent that the fixpoint was stored on.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub then: Option<Cell>,
    /// In the parent as it is now.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub now: Option<Cell>,
    /// In the fixpoint.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub child: Option<Cell>,
}

/// A null that is there is SQL's NULL.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Cell>, D::Error> {
    Cell::deserialize(deserializer).map(Some)
}
