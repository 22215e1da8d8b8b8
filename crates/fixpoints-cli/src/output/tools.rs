//! The documents of `sql`, `export-schemas` and `completions`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use fixpoints::Written as FileStatus;

use super::{CompletionsWord, ExportSchemasWord, Run, SqlWord};

/// What a script did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SqlOutput {
    /// Always `sql`.
    pub command: SqlWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The script.
    pub script: String,
    /// The database, without a password.
    pub database: String,
    /// Statements run.
    pub statements: u64,
    /// Rows inserted, updated or deleted.
    pub rows_changed: u64,
    /// Whose transactions they were.
    pub transaction: Transaction,
}

/// Whose transactions a script ran in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transaction {
    /// The whole script was one.
    One,
    /// The script controls them itself.
    Own,
}

/// The schemas written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportSchemasOutput {
    /// Always `export-schemas`.
    pub command: ExportSchemasWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The folder they are in.
    pub folder: String,
    /// Every schema, by name.
    pub schemas: Vec<WrittenSchema>,
}

/// One schema file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WrittenSchema {
    /// The word in the `command` of the documents it describes.
    pub name: String,
    /// Its file in the folder.
    pub file: String,
    /// What happened to the file.
    pub status: FileStatus,
}

/// A completion script for a shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CompletionsOutput {
    /// Always `completions`.
    pub command: CompletionsWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The shell.
    pub shell: String,
    /// The script.
    pub script: String,
}
