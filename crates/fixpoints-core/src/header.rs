//! What a file says besides its rows: engine, parent, tables and sequences.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::position::{Position, Positions};
use crate::table::Tables;

/// The fixpoint an incremental one stands on, pinned by what it held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// The parent's name.
    pub name: String,
    /// The digest over everything the parent held, in hexadecimal; its layout does not count.
    pub content: String,
}

/// Everything a file says besides its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The kind of database, as in `sqlite`.
    pub engine: String,
    /// Present in incremental fixpoints only.
    pub parent: Option<Parent>,
    /// Every covered table, empty ones too.
    pub tables: Tables,
    /// Where each covered sequence stands.
    pub sequences: Positions,
    /// The covered table that each sequence feeds; those that are not here stand free.
    pub feeds: BTreeMap<String, String>,
}

impl Header {
    /// The sequences that feed a table.
    pub fn sequences_of(&self, table: &str) -> Positions {
        let fed = |name: &String| self.feeds.get(name).is_some_and(|fed| fed == table);
        let sequences = self.sequences.iter().filter(|(name, _)| fed(name));
        sequences
            .map(|(name, value)| (name.clone(), *value))
            .collect()
    }

    /// The sequences that feed no table.
    pub fn free_sequences(&self) -> BTreeMap<&String, Position> {
        let is_free = |name: &String| !self.feeds.contains_key(name);
        let sequences = self.sequences.iter().filter(|(name, _)| is_free(name));
        sequences.map(|(name, value)| (name, *value)).collect()
    }
}
