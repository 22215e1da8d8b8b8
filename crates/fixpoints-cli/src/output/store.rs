//! The document of `store`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use fixpoints::LeftOut;
pub use fixpoints::core::comparison::Counts as ChangeCounts;

use super::{Finding, Position, Run, StoreWord};

/// What `store` wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoreOutput {
    /// Always `store`.
    pub command: StoreWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The name of the fixpoint.
    pub fixpoint: String,
    /// Its file, from the current folder.
    pub path: String,
    /// Whether it holds rows or changes.
    pub kind: Kind,
    /// What happened to the file.
    pub status: StoreStatus,
    /// The fixpoint it stands on, when it is incremental.
    pub parent: Option<ParentRef>,
    /// The length of the file.
    pub bytes: u64,
    /// The digest over everything the file holds, in hexadecimal; its layout does not count.
    pub content: String,
    /// Tables covered.
    pub tables_stored: u64,
    /// Rows those tables have.
    pub rows_stored: u64,
    /// Every covered table, by name.
    pub tables: Vec<StoredTable>,
    /// Where each sequence stands, by its table.
    pub sequences: BTreeMap<String, Position>,
    /// Tables that are not covered.
    pub left_out: Vec<LeftOut>,
    /// Fixpoints that stood on what this file held before, and have to be stored again.
    pub stale_children: Vec<String>,
    /// What the stored tables will make harder.
    pub warnings: Vec<Finding>,
}

/// Whether a fixpoint holds a whole state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Every row of every covered table.
    Full,
    /// Only what differs from a parent.
    Incremental,
}

/// What happened to a fixpoint's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoreStatus {
    /// It is new.
    Created,
    /// It held another state.
    Replaced,
    /// It held exactly this state.
    Unchanged,
    /// It existed, and `--if-missing` left it alone without looking at the database.
    Present,
}

/// A parent, pinned by what it held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParentRef {
    /// The parent's name.
    pub name: String,
    /// The digest over everything it held, in hexadecimal.
    pub content: String,
}

/// What was stored of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoredTable {
    /// The table.
    pub name: String,
    /// The columns that identify a row; empty where nothing does.
    pub key: Vec<String>,
    /// Rows it has.
    pub rows: u64,
    /// What the file says of them; in a full fixpoint every row is an inserted one.
    pub changes: ChangeCounts,
    /// How long it took, in milliseconds.
    #[schemars(extend("x-stillframe" = "duration"))]
    pub duration_ms: u64,
}
