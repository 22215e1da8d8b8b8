//! Which tables are partitions of which, and which of them lead to rows of another server; it reads nothing itself.

use std::collections::BTreeMap;

use postgres::SimpleQueryRow;

use super::name::shown;
use super::wire::{number, text};

/// The partitions of a database.
#[derive(Debug, Default)]
pub(super) struct Partitions {
    /// The table each partition is directly of.
    parents: BTreeMap<u32, u32>,
    names: BTreeMap<u32, String>,
    /// Partitioned tables with a partition that is a foreign table, near or far, and what that is called.
    foreign: BTreeMap<u32, String>,
}

impl Partitions {
    /// From rows of number, schema, name, kind and number of the parent.
    pub fn new(rows: &[SimpleQueryRow]) -> Self {
        let mut found = Self::default();
        for row in rows {
            let oid = number(row, 0);
            found.names.insert(oid, shown(text(row, 1), text(row, 2)));
            if row.get(4).is_some() {
                found.parents.insert(oid, number(row, 4));
            }
        }
        for row in rows.iter().filter(|row| text(row, 3) == "f") {
            let oid = number(row, 0);
            let mut above = found.parents.get(&oid).copied();
            while let Some(parent) = above {
                let name = found.names[&oid].clone();
                found.foreign.entry(parent).or_insert(name);
                above = found.parents.get(&parent).copied();
            }
        }
        found
    }

    /// Whether reading or writing a table would read or write a foreign table.
    pub fn leads_away(&self, oid: u32) -> bool {
        self.foreign.contains_key(&oid)
    }

    /// The table whose rows a partition's rows are; itself where that is none, or leads away.
    pub fn root(&self, mut oid: u32) -> u32 {
        while let Some(parent) = self.parents.get(&oid) {
            if self.leads_away(*parent) {
                break;
            }
            oid = *parent;
        }
        oid
    }

    /// Why a table with a foreign partition is not covered, nor any of its partitions.
    pub fn why_elsewhere(&self, oid: u32) -> Option<String> {
        if let Some(partition) = self.foreign.get(&oid) {
            return Some(format!(
                "its partition {partition} is a foreign table, which keeps its rows elsewhere"
            ));
        }
        let parent = self.parents.get(&self.root(oid))?;
        let (name, partition) = (self.names.get(parent)?, self.foreign.get(parent)?);
        Some(format!(
            "it is a partition of {name}, which is not covered because its partition {partition} is a foreign table"
        ))
    }
}
