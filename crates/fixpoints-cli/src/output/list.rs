//! The document of `list`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ErrorKind, Kind, ListWord, ParentRef, Run};

/// The fixpoints there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListOutput {
    /// Always `list`.
    pub command: ListWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The folder that holds them.
    pub folder: String,
    /// Every fixpoint, by name.
    pub fixpoints: Vec<ListedFixpoint>,
}

/// One fixpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum ListedFixpoint {
    /// Its file can be read.
    Readable {
        /// Its name.
        name: String,
        /// Its file, from the current folder.
        path: String,
        /// Whether it holds rows or changes.
        kind: Kind,
        /// The fixpoint it stands on, when it is incremental.
        parent: Option<ParentRef>,
        /// The kind of database it was stored from.
        engine: String,
        /// Tables it covers.
        tables: u64,
        /// Rows, or changes, its file holds.
        lines: u64,
        /// The length of its file.
        bytes: u64,
        /// The digest over everything its file holds, in hexadecimal; its layout does not count.
        content: String,
    },
    /// Its file cannot be read.
    Unreadable {
        /// Its name.
        name: String,
        /// Its file, from the current folder.
        path: String,
        /// Why.
        problem: Problem,
    },
}

/// Why something could not be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The kind of problem.
    pub kind: ErrorKind,
    /// What happened, and where.
    pub message: String,
    /// The command or edit that fixes it.
    pub hint: Option<String>,
}
