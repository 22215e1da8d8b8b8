//! The document every failed command prints.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ErrorWord, Run};
pub use fixpoints::ErrorKind;
pub use fixpoints::core::table::{Drift as SchemaDrift, DriftKind as DriftChange};

/// Why a command failed; the exit code is 3. Nothing was changed, unless the message says that nobody knows: where the
/// connection ended during a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorOutput {
    /// Always `error`.
    pub command: ErrorWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The command that failed.
    pub failed: String,
    /// The kind of failure, for programs that branch on it.
    pub kind: ErrorKind,
    /// What happened, and where.
    pub message: String,
    /// Why, from the nearest cause to the first.
    pub causes: Vec<String>,
    /// The command or edit that fixes it.
    pub hint: Option<String>,
    /// Where exactly, for failures that have a place.
    pub details: Option<ErrorDetails>,
}

/// The place of a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum ErrorDetails {
    /// The schema moved.
    Schema {
        /// Every table and column that moved.
        drifts: Vec<SchemaDrift>,
    },
    /// Rows refer to nothing.
    References {
        /// Every such row.
        broken: Vec<BrokenRow>,
    },
    /// A line of a file.
    File {
        /// The file.
        path: String,
        /// The line, counted from 1, where it is known.
        line: Option<u64>,
    },
    /// A statement of a script.
    Statement {
        /// The script.
        path: String,
        /// The statement, counted from 1.
        statement: u64,
        /// The line it begins on, counted from 1.
        line: u64,
    },
    /// A row.
    Row {
        /// Its table.
        table: String,
        /// The row, by its key, as JSON.
        row: String,
    },
    /// A fixpoint and its parent.
    Parent {
        /// The incremental fixpoint.
        child: String,
        /// Its parent.
        parent: String,
    },
    /// A fixpoint and those that stand on it.
    Children {
        /// The fixpoint.
        fixpoint: String,
        /// Those that stand on it.
        children: Vec<String>,
    },
}

/// A row that refers to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BrokenRow {
    /// Its table.
    pub table: String,
    /// The row, by its key, as JSON.
    pub row: String,
    /// The columns that refer.
    pub columns: Vec<String>,
    /// The table that lacks the row.
    pub parent: String,
}
