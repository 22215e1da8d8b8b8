//! The document of `import`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use fixpoints_import::NoteKind;

use super::{ImportWord, Kind, ParentRef, Run, StoreStatus, StoredTable};

/// What `import` took over; the exit code is 1 where something was lost, changed or broken on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportOutput {
    /// Always `import`.
    pub command: ImportWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The files and folders that were imported.
    pub sources: Vec<String>,
    /// The database that gave the rows their types, without a password; its own rows are as before.
    pub database: String,
    /// Whether everything was carried over.
    pub status: ImportStatus,
    /// Every fixpoint written, parents first.
    pub fixpoints: Vec<ImportedFixpoint>,
    /// What a person should know of it.
    pub notes: Vec<ImportNote>,
}

/// Whether everything was carried over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// Everything the files say is in the fixpoints.
    Complete,
    /// Something was lost, changed or broken; a note says what.
    Incomplete,
}

/// One imported fixpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportedFixpoint {
    /// Its name.
    pub name: String,
    /// The file or folder it was read from.
    pub source: String,
    /// Its file, from the current folder.
    pub path: String,
    /// Whether it holds rows or changes.
    pub kind: Kind,
    /// What happened to its file.
    pub status: StoreStatus,
    /// The fixpoint it stands on, when it is incremental.
    pub parent: Option<ParentRef>,
    /// The length of its file.
    pub bytes: u64,
    /// The digest over everything its file holds, in hexadecimal; its layout does not count.
    pub content: String,
    /// Rows its tables have.
    pub rows: u64,
    /// Every covered table, by name.
    pub tables: Vec<StoredTable>,
    /// Fixpoints that stood on what its file held before, and have to be rebased.
    pub stale_children: Vec<String>,
}

/// One thing a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportNote {
    /// What kind of thing it is.
    pub kind: NoteKind,
    /// The file.
    pub file: String,
    /// The first line it is so at, counted from 1, where it has one.
    pub line: Option<u64>,
    /// The table, or the name the file gives it.
    pub table: Option<String>,
    /// The column, or the name the file gives it.
    pub column: Option<String>,
    /// What is so, at that line.
    pub message: String,
    /// How often it is so.
    pub count: u64,
}
