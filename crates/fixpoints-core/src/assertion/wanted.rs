//! What is expected of one table, once it is clear.

use std::collections::BTreeSet;

/// What is expected of one table.
#[derive(Debug, Clone, Default)]
pub(super) struct Expected {
    pub inserted: u64,
    pub deleted: u64,
    pub updated: Option<Updated>,
}

#[derive(Debug, Clone)]
pub(super) struct Updated {
    /// How many rows, if that matters.
    pub rows: Option<u64>,
    pub columns: BTreeSet<String>,
}
