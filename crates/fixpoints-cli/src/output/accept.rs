//! The document of `accept`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use fixpoints::Outcome as AcceptStatus;

use super::{AcceptWord, ChangeCounts, ComparedTable, ParentRef, Run, SchemaDrift, SequenceChange};

/// What `accept` signed; "old" is the last committed version that was sound, "new" the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AcceptOutput {
    /// Always `accept`.
    pub command: AcceptWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The name of the fixpoint.
    pub fixpoint: String,
    /// Its file, from the current folder.
    pub path: String,
    /// What was done.
    pub status: AcceptStatus,
    /// What did not match its digest.
    pub unsigned: Vec<UnsignedPart>,
    /// What changed since the last committed version that was sound; null where git has none, or where it stood on
    /// something that is not there any more.
    pub since: Option<Since>,
    /// The length of the file.
    pub bytes: u64,
    /// The digest over everything the file holds, in hexadecimal; its layout does not count.
    pub content: String,
    /// The fixpoint it stands on, when it is incremental.
    pub parent: Option<ParentRef>,
    /// Whether that parent holds something else by now, so that a rebase is needed.
    pub parent_moved: bool,
    /// Other fixpoints that had format 1 and were rewritten with it, because each stands on the other.
    pub rewritten: Vec<String>,
    /// Fixpoints that stood on what this file held before.
    pub stale_children: Vec<String>,
    /// The command that is needed next.
    pub hint: Option<String>,
}

/// A part of the file that was changed since it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnsignedPart {
    /// Which part.
    pub part: SignedPart,
    /// The table or the sequence; null for the header.
    pub name: Option<String>,
    /// How it differs from what was signed.
    pub difference: String,
}

/// What has a digest of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignedPart {
    /// Everything above the rows.
    Header,
    /// The rows of a table, and its sequences.
    Table,
    /// A sequence that feeds no table.
    Sequence,
}

/// What changed since a version that was committed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Since {
    /// Its commit.
    pub commit: String,
    /// Rows that differ, in all tables.
    pub changes: ChangeCounts,
    /// Tables whose rows differ, by name.
    pub tables: Vec<ComparedTable>,
    /// Sequences that stand elsewhere.
    pub sequences: Vec<SequenceChange>,
    /// Columns and keys that differ.
    pub drifts: Vec<SchemaDrift>,
    /// Tables that came.
    pub added_tables: Vec<String>,
    /// Tables that went.
    pub removed_tables: Vec<String>,
}
