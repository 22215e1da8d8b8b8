//! Which tables are partitions of which, and which of them are not to be read; it reads nothing itself.

use std::collections::BTreeMap;

use postgres::SimpleQueryRow;

use super::name::shown;
use super::relation::{Known, Relation};
use super::wire::number;
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::table::Table;

/// A relation as the server lists it.
pub(super) struct Found {
    pub oid: u32,
    pub schema: String,
    pub name: String,
    /// PostgreSQL's letter for the kind.
    pub kind: String,
    /// The table it is directly a partition of.
    pub parent: Option<u32>,
}

/// The partitions of a database.
#[derive(Debug, Default)]
pub(super) struct Partitions {
    /// The table each partition is directly of.
    parents: BTreeMap<u32, u32>,
    names: BTreeMap<u32, String>,
    /// Tables that are not to be read, by themselves or because of a partition, near or far, and why.
    unread: BTreeMap<u32, String>,
}

/// Asks which of some tables have a foreign partition, or one that was made after the transaction began to look.
pub(super) fn question(tables: &[(&Table, Relation)]) -> Option<String> {
    let partitioned = tables.iter().filter(|(_, found)| found.is_partitioned);
    let oids: Vec<String> = partitioned
        .map(|(_, found)| found.oid.to_string())
        .collect();
    let oids = oids.join(",");
    (!oids.is_empty()).then(|| {
        format!(
            "SELECT root FROM unnest('{{{oids}}}'::oid[]) root CROSS JOIN LATERAL pg_partition_tree(root)
            LEFT JOIN pg_class c ON c.oid = relid WHERE c.relkind IS NULL OR c.relkind = 'f'"
        )
    })
}

/// Refuses the tables that such an answer names. When the schema was read they had no foreign partition, and now they
/// are locked, so that they get none any more.
pub(super) fn check(known: &Known, rows: &[SimpleQueryRow]) -> Result<()> {
    let Some(row) = rows.first() else {
        return Ok(());
    };
    let table = known.root(number(row, 0)).map(|root| root.name.as_str());
    Err(Error::Database {
        act: format!("cannot lock table {}", table.unwrap_or_default()),
        message: "it got a partition while the schema was read".to_owned(),
        fault: Fault::Conflict,
    })
}

impl Partitions {
    /// Of all relations, and why some are not to be read.
    pub fn new(relations: &[Found], reasons: &BTreeMap<u32, String>) -> Self {
        let mut found = Self::default();
        for relation in relations {
            let called = shown(&relation.schema, &relation.name);
            found.names.insert(relation.oid, called);
            if let Some(parent) = relation.parent {
                found.parents.insert(relation.oid, parent);
            }
        }
        for relation in relations {
            let oid = relation.oid;
            let name = &found.names[&oid];
            if relation.kind == "f" {
                let reason = format!("its partition {name} is a foreign table");
                found.above(oid, &reason);
            } else if let Some(reason) = reasons.get(&oid) {
                let above = format!("its partition {name} is not covered because {reason}");
                found.above(oid, &above);
                found.unread.insert(oid, reason.clone());
            }
        }
        found
    }

    fn above(&mut self, oid: u32, reason: &str) {
        let mut above = self.parents.get(&oid).copied();
        while let Some(parent) = above {
            let entry = self.unread.entry(parent);
            entry.or_insert_with(|| reason.to_owned());
            above = self.parents.get(&parent).copied();
        }
    }

    /// Whether reading or writing a table would read or write a foreign table, or run somebody's code.
    pub fn is_unread(&self, oid: u32) -> bool {
        self.unread.contains_key(&oid)
    }

    /// The table whose rows a partition's rows are; itself where that is none, or is not to be read.
    pub fn root(&self, mut oid: u32) -> u32 {
        while let Some(parent) = self.parents.get(&oid) {
            if self.is_unread(*parent) {
                break;
            }
            oid = *parent;
        }
        oid
    }

    /// Why a table that is not to be read is not covered, nor any of its partitions.
    pub fn why_not(&self, oid: u32) -> Option<String> {
        if let Some(reason) = self.unread.get(&oid) {
            return Some(reason.clone());
        }
        let parent = self.parents.get(&self.root(oid))?;
        let (name, reason) = (self.names.get(parent)?, self.unread.get(parent)?);
        Some(format!(
            "it is a partition of {name}, which is not covered because {reason}"
        ))
    }
}
