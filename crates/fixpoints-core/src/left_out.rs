//! What a database has and a fixpoint does not hold, and why.

use serde::{Deserialize, Serialize};

/// A table that is not covered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeftOut {
    /// The table.
    pub table: String,
    /// Why.
    pub reason: String,
}

/// What a database has and a fixpoint does not hold, or what a restore of it may not bring back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Omission {
    /// The table it is about, where it is about one.
    pub table: Option<String>,
    /// What is missing, or may be.
    pub message: String,
    /// What to do about it.
    pub advice: String,
}
