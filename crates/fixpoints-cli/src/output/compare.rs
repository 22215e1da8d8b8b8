//! The document of `compare`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Cell, CellMap, ChangeCounts, CompareWord, Finding, LeftOut, Run, SequenceChange, StoreOutput,
};

/// How the database differs from a fixpoint; "old" is the fixpoint, "new" the database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompareOutput {
    /// Always `compare`.
    pub command: CompareWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The name of the fixpoint.
    pub fixpoint: String,
    /// The database, without a password.
    pub database: String,
    /// The verdict.
    pub status: CompareStatus,
    /// Tables compared.
    pub tables_compared: u64,
    /// Tables that differ.
    pub tables_different: u64,
    /// Rows that differ, in all tables.
    pub changes: ChangeCounts,
    /// Every compared table, by name.
    pub tables: Vec<ComparedTable>,
    /// Sequences that stand elsewhere.
    pub sequences: Vec<SequenceChange>,
    /// Tables of the database that the fixpoint does not have.
    pub uncovered_tables: Vec<String>,
    /// Tables that were not compared, because `FIXPOINTS_SKIP_TABLES` is set; absent where it is not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped_tables: Vec<String>,
    /// The variable that they are skipped by, for the text.
    #[serde(skip)]
    #[schemars(skip)]
    pub skipped_by: &'static str,
    /// Tables of the database that no fixpoint of it holds.
    pub left_out: Vec<LeftOut>,
    /// What of covered tables, and besides tables, no fixpoint holds.
    pub warnings: Vec<Finding>,
    /// What `--or-store` stored in place of a comparison.
    pub stored: Option<StoreOutput>,
    /// The command that makes this state the fixpoint, where something differs.
    pub hint: Option<String>,
}

/// The verdict of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompareStatus {
    /// Nothing differs.
    Equal,
    /// Something differs.
    Different,
    /// There was nothing to compare with; the state was stored.
    Stored,
}

/// One compared table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedTable {
    /// The table.
    pub name: String,
    /// Whether its rows differ.
    pub status: TableStatus,
    /// The columns rows were matched by; empty where they were matched as a whole.
    pub key: Vec<String>,
    /// Columns that were left out.
    pub ignored: Vec<String>,
    /// Rows the new state has: the database, or the second fixpoint.
    pub rows: u64,
    /// Every row that differs, in the order of the key.
    pub changes: Vec<RowChange>,
    /// How long it took, in milliseconds.
    #[schemars(extend("x-stillframe" = "duration"))]
    pub duration_ms: u64,
}

/// Whether a table's rows differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TableStatus {
    /// They do not.
    Equal,
    /// They do.
    Different,
}

/// One row that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RowChange {
    /// Only the new state has it.
    Inserted {
        /// The whole row.
        #[schemars(extend("x-stillframe" = "keep"))]
        data: CellMap,
    },
    /// Both have it, with other values.
    Updated {
        /// The row's key.
        #[schemars(extend("x-stillframe" = "keep"))]
        key: CellMap,
        /// The columns that differ.
        columns: Vec<ChangedColumn>,
    },
    /// Only the old state has it.
    Deleted {
        /// The whole row.
        #[schemars(extend("x-stillframe" = "keep"))]
        data: CellMap,
    },
}

/// One column of one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedColumn {
    /// The column.
    pub column: String,
    /// Its value in the old state: the fixpoint, or the first one.
    pub old: Cell,
    /// Its value in the new state: the database, or the second fixpoint.
    pub new: Cell,
}
