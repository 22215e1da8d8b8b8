//! The document every failed command prints.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ErrorWord, Run};

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

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// No file holds the named fixpoint.
    MissingFixpoint,
    /// The name cannot be a file below the folder of fixpoints.
    BadName,
    /// No database was named anywhere.
    NoDatabase,
    /// The database file does not exist.
    MissingDatabase,
    /// The URL is of a kind this build cannot open.
    UnsupportedUrl,
    /// The URL looks like a database somebody needs.
    NotATestDatabase,
    /// The tables of the database are no longer those of the fixpoint.
    SchemaDrift,
    /// The rows to restore refer to rows that do not exist.
    BrokenReferences,
    /// The file is not a fixpoint file.
    Corrupt,
    /// The file does not hold what was signed.
    Unsigned,
    /// The file was written by an unknown version of the format.
    UnsupportedFormat,
    /// The fixpoint was stored from another kind of database.
    OtherEngine,
    /// A database without rows would have replaced a fixpoint that has some.
    WouldEmpty,
    /// The parent was stored again after the child was.
    ParentMoved,
    /// The parent of an incremental fixpoint is gone.
    ParentMissing,
    /// A fixpoint is its own ancestor.
    ParentCycle,
    /// Other fixpoints stand on the one that was to be removed.
    HasChildren,
    /// A file of another tool cannot be taken over.
    Import,
    /// A table was named that the operation does not cover.
    UnknownTable,
    /// A column was named that no covered table has.
    UnknownColumn,
    /// A fixpoint would have been written where only a person should write one.
    ImplicitWrite,
    /// A statement of a script failed.
    Script,
    /// A row could not be written back.
    Row,
    /// The database refused something.
    Database,
    /// The configuration file is not valid.
    Config,
    /// A file or folder could not be read or written.
    Io,
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

/// One table or column that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SchemaDrift {
    /// The table.
    pub table: String,
    /// The column; null where the whole table moved.
    pub column: Option<String>,
    /// How it moved.
    pub change: DriftChange,
}

/// How a table or column moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DriftChange {
    /// It came.
    Added,
    /// It went.
    Dropped,
    /// It has another type.
    Retyped {
        /// The type in the fixpoint.
        old: String,
        /// The type in the database.
        new: String,
    },
    /// Its rows are identified by other columns.
    Rekeyed {
        /// The key in the fixpoint.
        old: Vec<String>,
        /// The key in the database.
        new: Vec<String>,
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

impl From<fixpoints::ErrorKind> for ErrorKind {
    fn from(kind: fixpoints::ErrorKind) -> Self {
        use fixpoints::ErrorKind as Kind;
        match kind {
            Kind::MissingFixpoint => Self::MissingFixpoint,
            Kind::BadName => Self::BadName,
            Kind::NoDatabase => Self::NoDatabase,
            Kind::MissingDatabase => Self::MissingDatabase,
            Kind::UnsupportedUrl => Self::UnsupportedUrl,
            Kind::NotATestDatabase => Self::NotATestDatabase,
            Kind::SchemaDrift => Self::SchemaDrift,
            Kind::BrokenReferences => Self::BrokenReferences,
            Kind::Corrupt => Self::Corrupt,
            Kind::Unsigned => Self::Unsigned,
            Kind::WouldEmpty => Self::WouldEmpty,
            Kind::UnsupportedFormat => Self::UnsupportedFormat,
            Kind::OtherEngine => Self::OtherEngine,
            Kind::ParentMoved => Self::ParentMoved,
            Kind::ParentMissing => Self::ParentMissing,
            Kind::ParentCycle => Self::ParentCycle,
            Kind::HasChildren => Self::HasChildren,
            Kind::Import => Self::Import,
            Kind::UnknownTable => Self::UnknownTable,
            Kind::UnknownColumn => Self::UnknownColumn,
            Kind::ImplicitWrite => Self::ImplicitWrite,
            Kind::Script => Self::Script,
            Kind::Row => Self::Row,
            Kind::Config => Self::Config,
            Kind::Io => Self::Io,
            _ => Self::Database,
        }
    }
}
