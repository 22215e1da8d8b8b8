//! Tells which tables something else than our own statements wrote in a transaction: a function that a check, a
//! default, an index or an event trigger calls, or a trigger that waited. It reads no rows.
//!
//! The server counts the rows that a transaction writes in each table, what a function writes included, and we count
//! our own. The counters may hold what the session did before, so that they are read before the first statement that
//! can run somebody's code, and again after the last. TRUNCATE is not in them; it gives a table a new file.
//!
//! Code can have the server count nothing for a while. What it cannot hide is the lock that whoever writes a table holds
//! until the end of the transaction. So where there is code, tables are suspected by their locks too, and those that
//! our own statements wrote, whose locks are ours as well, always.

use std::collections::{BTreeMap, BTreeSet};

use postgres::{Error, SimpleQueryRow};

use super::name::shown;
use super::questions::{OURS, SCHEMA};
use super::relation::Known;
use super::wire::{Wire, number, results, text};
use fixpoints_core::database::MayDiffer;

/// Rows written in a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub inserted: i64,
    pub updated: i64,
    pub deleted: i64,
}

impl Written {
    pub fn inserted(rows: u64) -> Self {
        Self {
            inserted: rows.cast_signed(),
            ..Self::default()
        }
    }

    pub fn updated(rows: u64) -> Self {
        Self {
            updated: rows.cast_signed(),
            ..Self::default()
        }
    }

    pub fn deleted(rows: u64) -> Self {
        Self {
            deleted: rows.cast_signed(),
            ..Self::default()
        }
    }
}

/// What was written since the transaction began to write.
#[derive(Debug, Default)]
pub(super) struct Watch {
    before: Option<Before>,
    /// What our own statements wrote in each covered table.
    own: BTreeMap<u32, Written>,
}

/// What the session did before.
#[derive(Debug)]
struct Before {
    counters: Counters,
    /// Read only where tables are suspected by their locks.
    locks: Locks,
}

/// The counters of a session.
#[derive(Debug)]
struct Counters {
    /// Whether the server counts at all.
    is_counting: bool,
    tables: BTreeMap<u32, Counter>,
}

/// The tables that the transaction has locked.
#[derive(Debug, Default)]
struct Locks {
    /// As whoever writes rows does.
    writing: BTreeSet<u32>,
    /// As whoever alters a table does; readers and writers of rows do not.
    altering: BTreeSet<u32>,
}

#[derive(Debug)]
struct Counter {
    name: String,
    file: u32,
    written: Written,
}

impl Watch {
    /// Reads the counters before the first statement that can run somebody's code.
    pub fn begin(&mut self, wire: &mut dyn Wire, known: &Known) -> Result<(), Error> {
        if self.before.is_none() {
            let counters = Counters::read(wire)?;
            let locks = if known.runs_code || !counters.is_counting {
                Locks::read(wire)?
            } else {
                Locks::default()
            };
            self.before = Some(Before { counters, locks });
        }
        Ok(())
    }

    pub fn has_begun(&self) -> bool {
        self.before.is_some()
    }

    /// Notes rows that our own statement wrote.
    pub fn note(&mut self, oid: u32, rows: Written) {
        *self.own.entry(oid).or_default() += rows;
    }

    /// The tables, covered or not, in which other rows were written than our own.
    pub fn strays(&self, wire: &mut dyn Wire, known: &Known) -> Result<MayDiffer, Error> {
        let Some(before) = &self.before else {
            return Ok(MayDiffer::default());
        };
        let now = Counters::read(wire)?;
        let (mut written, mut names) = (BTreeMap::<u32, Written>::new(), BTreeMap::new());
        let mut replaced = Vec::new();
        for (oid, counter) in &now.tables {
            let then = before.counters.tables.get(oid);
            let root = known.root(*oid);
            let root_oid = root.map_or(*oid, |root| root.oid);
            names.insert(
                root_oid,
                root.map_or(&counter.name, |root| &root.name).clone(),
            );
            let already = then.map(|then| then.written).unwrap_or_default();
            *written.entry(root_oid).or_default() += counter.written - already;
            if then.is_some_and(|then| then.file != counter.file) {
                replaced.push((*oid, root_oid));
            }
        }
        written.retain(|oid, rows| *rows != self.own.get(oid).copied().unwrap_or_default());
        let mut strays: BTreeSet<u32> = written.into_keys().collect();
        let is_counted = before.counters.is_counting && now.is_counting;
        let is_suspect = known.runs_code || !is_counted;
        if is_suspect || !replaced.is_empty() {
            let locks = Locks::read(wire)?;
            strays.extend(replaced_here(&locks, &replaced));
            if is_suspect {
                strays.extend(self.suspects(before, &locks, known));
            }
        }
        let named = strays.iter().filter_map(|oid| names.get(oid)).cloned();
        Ok(MayDiffer::Named(named.collect()))
    }

    /// Tables that code may have written unseen.
    fn suspects(&self, before: &Before, now: &Locks, known: &Known) -> BTreeSet<u32> {
        let locked = now.writing.difference(&before.locks.writing);
        let locked = locked.map(|oid| known.root(*oid).map_or(*oid, |root| root.oid));
        locked.chain(self.own.keys().copied()).collect()
    }

    /// Tables that are not what they were when the schema was read, if it was this transaction that changed them.
    pub fn altered(&self, wire: &mut dyn Wire, then: &Known) -> Result<BTreeSet<String>, Error> {
        if !then.runs_code || self.before.is_none() {
            return Ok(BTreeSet::new());
        }
        let locks = Locks::read(wire)?;
        let now = super::catalog::read(wire)?.0.known;
        let oids = then.relations.keys().chain(now.relations.keys());
        let altered = oids.filter(|oid| {
            locks.altering.contains(oid) && then.description(**oid) != now.description(**oid)
        });
        let named = altered.filter_map(|oid| {
            let relation = then.relations.get(oid).or(now.relations.get(oid));
            relation.map(|relation| relation.name.clone())
        });
        Ok(named.collect())
    }
}

/// Of tables that have a new file, those to which this transaction gave it: it holds the lock for that.
fn replaced_here(locks: &Locks, replaced: &[(u32, u32)]) -> Vec<u32> {
    let ours = replaced
        .iter()
        .filter(|(oid, _)| locks.altering.contains(oid));
    ours.map(|(_, root)| *root).collect()
}

impl Locks {
    const QUERY: &str = "SELECT relation, bool_or(mode = 'RowExclusiveLock'), bool_or(mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock'))
        FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted AND relation >= 16384
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY relation";

    fn read(wire: &mut dyn Wire) -> Result<Self, Error> {
        let answers = results(wire.simple(Self::QUERY)?);
        Ok(Self::of(answers.first().map_or(&[], Vec::as_slice)))
    }

    fn of(rows: &[SimpleQueryRow]) -> Self {
        let with = |at: usize| {
            let rows = rows.iter().filter(move |row| text(row, at) == "t");
            rows.map(|row| number(row, 0)).collect()
        };
        Self {
            writing: with(1),
            altering: with(2),
        }
    }
}

impl Counters {
    fn read(wire: &mut dyn Wire) -> Result<Self, Error> {
        let sql = format!(
            "SELECT current_setting('track_counts');
             SELECT c.oid, {SCHEMA}, c.relname, c.relfilenode, pg_stat_get_xact_tuples_inserted(c.oid),
                    pg_stat_get_xact_tuples_updated(c.oid), pg_stat_get_xact_tuples_deleted(c.oid)
             FROM pg_class c WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND {OURS}"
        );
        let answers = results(wire.simple(&sql)?);
        let mut answers = answers.iter();
        let mut next = || answers.next().map(Vec::as_slice).unwrap_or_default();
        let is_counting = next().first().is_some_and(|row| text(row, 0) == "on");
        let tables = next().iter().map(|row| (number(row, 0), Counter::of(row)));
        Ok(Self {
            is_counting,
            tables: tables.collect(),
        })
    }
}

impl Counter {
    fn of(row: &SimpleQueryRow) -> Self {
        let rows = |at: usize| text(row, at).parse().unwrap_or_default();
        Self {
            name: shown(text(row, 1), text(row, 2)),
            file: number(row, 3),
            written: Written {
                inserted: rows(4),
                updated: rows(5),
                deleted: rows(6),
            },
        }
    }
}

impl std::ops::AddAssign for Written {
    fn add_assign(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.deleted += other.deleted;
    }
}

impl std::ops::Sub for Written {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            inserted: self.inserted - other.inserted,
            updated: self.updated - other.updated,
            deleted: self.deleted - other.deleted,
        }
    }
}
