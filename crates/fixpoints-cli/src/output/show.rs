//! The document of `show`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CellMap, ChangeCounts, Kind, ParentRef, Position, Run, ShowWord};

/// What a fixpoint holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShowOutput {
    /// Always `show`.
    pub command: ShowWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The name of the fixpoint.
    pub fixpoint: String,
    /// Its file, from the current folder.
    pub path: String,
    /// The kind of database it was stored from.
    pub engine: String,
    /// Whether it holds rows or changes.
    pub kind: Kind,
    /// The fixpoint it stands on, when it is incremental.
    pub parent: Option<ParentRef>,
    /// Every fixpoint it stands on, its parent first.
    pub ancestors: Vec<String>,
    /// The length of its file.
    pub bytes: u64,
    /// The digest over everything its file holds, in hexadecimal; its layout does not count.
    pub content: String,
    /// Where each sequence stands, by its table.
    pub sequences: BTreeMap<String, Position>,
    /// Every table it covers, by name.
    pub tables: Vec<ShownTable>,
}

/// One table of a fixpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShownTable {
    /// The table.
    pub name: String,
    /// The columns that identify a row; empty where nothing does.
    pub key: Vec<String>,
    /// Its columns, in the order of the schema.
    pub columns: Vec<ShownColumn>,
    /// Rows it has in the state the fixpoint stands for.
    pub rows: u64,
    /// What an incremental fixpoint changes; null in a full one.
    pub changes: Option<ChangeCounts>,
    /// The rows themselves, with `--rows`.
    #[schemars(extend("x-stillframe" = "keep"))]
    pub data: Option<Vec<CellMap>>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownColumn {
    /// The column.
    pub name: String,
    /// Its declared type, empty where it has none.
    #[serde(rename = "type")]
    pub kind: String,
}
