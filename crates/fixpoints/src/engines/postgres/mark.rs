//! Tells from the versions of rows which tables nobody wrote since a mark was made; it reads no values.
//!
//! Every version of a row carries the number of the transaction that made it. While a mark is made its tables are
//! locked against writers, so whoever writes one of them later has a number that was still running then, or a higher
//! one: none below the horizon, which is the lowest that was running. A table whose rows are from below the horizon,
//! or from restores themselves, got nothing new; and with as many rows as at the mark it lost nothing either. The
//! same of the system's own tables tells that the schema is what it was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use postgres::{Error, SimpleQueryRow};

use super::omissions;
use super::relation::{Relation, Schema};
use super::wire::{Wire, results};
use fixpoints_core::table::Table;

/// Where the schema is read from, and what the text of values depends on; of the one large table that has an index for it,
/// only what is not the server's own.
const CATALOGS: [&str; 14] = [
    "pg_attribute WHERE attrelid >= 16384",
    "pg_attrdef",
    "pg_type",
    "pg_enum",
    "pg_index",
    "pg_constraint",
    "pg_trigger",
    "pg_rewrite",
    "pg_sequence",
    "pg_depend",
    "pg_namespace",
    "pg_inherits",
    "pg_publication",
    "pg_publication_rel",
];

/// The one table of the system whose rows TRUNCATE and sequences replace, by what the schema has from it.
const CLASSES: &str = "SELECT string_agg(concat_ws(' ', oid, relnamespace, relkind, relpersistence, relispartition, relreplident, relname), ' ' ORDER BY oid) FROM pg_class WHERE relkind IN ('r', 'p', 'f', 'S') AND oid >= 16384";

/// More restores than this are not told apart from others that are still running.
const OWN: usize = 32;

/// The schema and the tables of a database as a restore left them.
#[derive(Debug, Clone, Default)]
pub(super) struct Versions {
    /// Every transaction below was over.
    horizon: u64,
    /// The transactions of restores from there on.
    own: BTreeSet<u64>,
    catalogs: Counts,
    /// How many rows each table has.
    tables: BTreeMap<String, u64>,
    /// The schema as it was read; `None` where the restore itself changed it for a while.
    schema: Option<Arc<Schema>>,
}

/// What is known of the system's tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Counts {
    classes: String,
    /// How many rows each of [`CATALOGS`] has.
    rows: Vec<u64>,
}

/// What a mark is made from, and the one before it.
#[derive(Debug, Default)]
pub(super) struct Marking {
    last: Option<Arc<Versions>>,
    horizon: u64,
    catalogs: Counts,
    is_same_schema: bool,
    /// The schema as it was read.
    pub schema: Option<Arc<Schema>>,
}

impl Marking {
    pub fn new(last: Option<Arc<Versions>>) -> Self {
        Self {
            last,
            ..Self::default()
        }
    }

    /// Before the schema is read: returns it where it still is what it was, and whether there are large objects.
    pub fn look(&mut self, wire: &mut dyn Wire) -> Result<Option<(Arc<Schema>, bool)>, Error> {
        let last = self.last.clone();
        let last = last.as_deref();
        let counts = CATALOGS.map(|name| count(last, name));
        let sql = format!(
            "{}; {}; {CLASSES}; {}",
            omissions::LARGE_OBJECTS,
            horizon(last),
            counts.join("; ")
        );
        let mut answers = results(wire.simple(&sql)?);
        let large_objects = answers.drain(..answers.len().min(1)).next();
        let has_large_objects = large_objects.is_some_and(|rows| omissions::are_there(&rows));
        let mut rows = answers.iter().flatten();
        let (first, classes) = (rows.next(), rows.next());
        self.horizon = first.and_then(|row| number(row, 0)).unwrap_or_default();
        let limit = first.and_then(|row| number(row, 1));
        let rows: Vec<&SimpleQueryRow> = rows.collect();
        let classes = classes.and_then(|row| row.get(0)).unwrap_or_default();
        self.catalogs = Counts {
            classes: classes.to_owned(),
            rows: rows.iter().filter_map(|row| number(row, 0)).collect(),
        };
        let Some(last) = last else { return Ok(None) };
        self.is_same_schema =
            rows.iter().all(|row| is_old(row, limit)) && self.catalogs == last.catalogs;
        let schema = last.schema.as_ref().filter(|_| self.is_same_schema);
        Ok(schema.map(|schema| (Arc::clone(schema), has_large_objects)))
    }

    /// The query that tells how many of these tables nobody wrote; `None` where that cannot be.
    pub fn question(&self, tables: &[(&Table, Relation)]) -> Option<String> {
        let last = self.last.as_deref().filter(|_| self.is_same_schema)?;
        let counts = tables
            .iter()
            .map(|(_, relation)| count(Some(last), &relation.only()));
        let counts: Vec<String> = counts.collect();
        Some(format!("{}; {}", horizon(Some(last)), counts.join("; ")))
    }

    /// Of the answers to that query, the tables nobody wrote.
    pub fn untouched(
        &self,
        tables: &[(&Table, Relation)],
        answers: &[Vec<SimpleQueryRow>],
    ) -> BTreeMap<String, u64> {
        let Some(last) = &self.last else {
            return BTreeMap::new();
        };
        let mut rows = answers.iter().flatten();
        let limit = rows.next().and_then(|row| number(row, 1));
        let found = tables.iter().zip(rows).filter_map(|((table, _), row)| {
            let count = number(row, 0)?;
            let is_same = is_old(row, limit) && last.tables.get(&table.name) == Some(&count);
            is_same.then(|| (table.name.clone(), count))
        });
        found.collect()
    }

    /// The mark, at the end of a restore that left so many rows in each table; `None` where too much is running.
    pub fn mark(
        &self,
        wire: &mut dyn Wire,
        tables: &BTreeMap<String, u64>,
    ) -> Result<Option<Versions>, Error> {
        let answers = results(wire.simple("SELECT txid_current_if_assigned()")?);
        let own = answers.iter().flatten().find_map(|row| number(row, 0));
        let before = self.last.iter().flat_map(|last| last.own.iter().copied());
        let own: BTreeSet<u64> = before
            .chain(own)
            .filter(|own| *own >= self.horizon)
            .collect();
        let is_usable = own.len() <= OWN && self.horizon > 0;
        Ok(is_usable.then(|| Versions {
            horizon: self.horizon,
            own,
            catalogs: self.catalogs.clone(),
            tables: tables.clone(),
            schema: self.schema.clone(),
        }))
    }
}

/// The horizon of now, and how long ago the last one was.
fn horizon(last: Option<&Versions>) -> String {
    let then = last.map_or_else(
        || "NULL".to_owned(),
        |last| format!("age('{}'::xid)", short(last.horizon)),
    );
    format!("SELECT txid_snapshot_xmin(txid_current_snapshot()), {then}")
}

/// How many rows a table has, and how long ago the last one came that is not our own.
fn count(last: Option<&Versions>, table: &str) -> String {
    let own: Vec<String> = last
        .iter()
        .flat_map(|last| &last.own)
        .map(|own| short(*own))
        .collect();
    if own.is_empty() {
        return format!("SELECT count(*), min(age(xmin)) FROM {table}");
    }
    let own = own.join(",");
    format!(
        "SELECT count(*), min(age(xmin)) FILTER (WHERE xmin <> ALL ('{{{own}}}'::xid[])) FROM {table}"
    )
}

/// The number of a transaction as rows carry it.
fn short(transaction: u64) -> String {
    (transaction & u64::from(u32::MAX)).to_string()
}

/// Whether every row came before the horizon, or is our own.
fn is_old(row: &SimpleQueryRow, limit: Option<u64>) -> bool {
    match (row.get(1), limit) {
        (None, _) => true,
        (Some(_), Some(limit)) => number(row, 1).is_some_and(|age| age > limit),
        (Some(_), None) => false,
    }
}

/// Ages of what is ahead of its time are below nought, and no number here.
fn number(row: &SimpleQueryRow, at: usize) -> Option<u64> {
    row.get(at)?.parse().ok()
}
