//! Brings a database back to a fixpoint in one transaction, writing only what differs; other tables are not touched.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use self::aftermath::Failure;
use serde::{Deserialize, Serialize};

use crate::chain::Chain;
use crate::memory::{Left, Memory, Recall};
use fixpoints_core::catalog::{Catalog, Feed};
use fixpoints_core::comparison::SequenceChange;
use fixpoints_core::database::{Database, Remember, Transaction, Writable, Write};
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::header::Header;
use fixpoints_core::left_out::Omission;
use fixpoints_core::merge::Merge;
use fixpoints_core::patch::{Patch, check_kept, kept};
use fixpoints_core::reference::BrokenReference;
use fixpoints_core::scope::Scope;
use fixpoints_core::table::{Table, drifts};

pub(crate) mod aftermath;

/// What a restore did.
#[derive(Debug, Clone)]
pub struct RestoreReport {
    /// Every covered table.
    pub tables: Vec<RestoredTable>,
    /// Sequences that stand elsewhere now: table, before, after.
    pub sequences: Vec<SequenceChange>,
    /// Tables of the database that the fixpoint does not have, and that were left alone.
    pub uncovered: Vec<String>,
    /// Tables of the fixpoint that were left empty, because they are skipped.
    pub skipped: Vec<String>,
    /// Rows that refer to rows which the fixpoint lacks, where those are kept.
    pub broken: Vec<BrokenReference>,
    /// What the database has besides whole tables, and no fixpoint brings back.
    pub omissions: Vec<Omission>,
}

/// What a restore did to one table.
#[derive(Debug, Clone)]
pub struct RestoredTable {
    /// The table's name.
    pub table: String,
    /// How it was written.
    pub action: Action,
    /// Rows written.
    pub inserted: u64,
    /// Rows deleted; `None` where the whole table was emptied.
    pub deleted: Option<u64>,
    /// How long it took; nothing at all for a table that was not read.
    pub duration: Duration,
}

/// How a table was brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "RestoreAction"))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It held these rows already.
    Unchanged,
    /// Only the rows that differ were written.
    Patched,
    /// It was emptied and filled.
    Rewritten,
}

/// Restores a fixpoint. Either everything is restored or nothing is changed.
///
/// # Errors
/// [`Error::SchemaDrift`], [`Error::BrokenReferences`], [`Error::Disturbed`], [`Error::Row`], and whatever files and
/// database refuse.
pub fn restore(database: &mut dyn Database, chain: &Chain, scope: &Scope) -> Result<RestoreReport> {
    restore_with(database, chain, scope, None)
}

/// See [`restore`()]; everything is as before afterwards, whatever comes of it.
pub(crate) fn rehearse(database: &mut dyn Database, chain: &Chain, scope: &Scope) -> Result<()> {
    let mut transaction = database.write(None)?;
    let done = bring_back(transaction.as_mut(), chain, scope, None);
    drop(transaction);
    done.map(drop)
        .map_err(|failure| failure.explain(database, chain))
}

/// See [`restore`()]; does not read the tables that hold the fixpoint's rows since an earlier one.
pub(crate) fn restore_again(
    database: &mut dyn Database,
    chain: &Chain,
    scope: &Scope,
    memory: &Memory,
) -> Result<RestoreReport> {
    restore_with(database, chain, scope, Some(memory.recall()))
}

fn restore_with(
    database: &mut dyn Database,
    chain: &Chain,
    scope: &Scope,
    recall: Option<Recall<'_>>,
) -> Result<RestoreReport> {
    let remember = recall.as_ref().map(|recall| recall as &dyn Remember);
    let mut transaction = database.write(remember)?;
    let done = bring_back(transaction.as_mut(), chain, scope, recall.as_ref());
    let (report, left) = match done {
        Ok(done) => done,
        Err(failure) => {
            drop(transaction);
            return Err(failure.explain(database, chain));
        }
    };
    transaction.commit()?;
    if let (Some(recall), Some(left)) = (recall, left) {
        recall.keep(left);
    }
    Ok(report)
}

fn bring_back(
    transaction: &mut dyn Writable,
    chain: &Chain,
    scope: &Scope,
    recall: Option<&Recall<'_>>,
) -> Result<(RestoreReport, Option<Left>), Failure> {
    let catalog = transaction.catalog();
    let scope = &scope.clone().resolved(transaction)?;
    check_schema(transaction.engine(), &catalog, chain, scope)?;
    let covered: Vec<&Table> = scope.covered(chain.header().tables.values()).collect();
    let emptied: Vec<&Table> = scope.skipped(chain.header().tables.values()).collect();
    let write = transaction.lock(&covered)?;
    let (mut tables, rows) = restore_tables(write, chain, covered.clone(), recall)?;
    for table in &emptied {
        tables.push(empty_table(write, table)?);
    }
    write.derive(&covered, &emptied)?;
    tables.sort_by(|a, b| a.table.cmp(&b.table));
    let names: Vec<String> = tables.iter().map(|table| table.table.clone()).collect();
    let counted = covered_sequences(&catalog, chain, |feed| {
        feed.is_none_or(|feed| names.contains(&feed.table))
    });
    let wanted = &catalog.wanted(&chain.header().sequences);
    let sequences = SequenceChange::between(&counted, &catalog.positions(), wanted);
    write.set_sequences(&counted, wanted)?;
    let broken = check_references(write, chain, scope, &names)?;
    let finished = write.finish()?;
    aftermath::check(finished, chain, scope, &catalog, (&counted, wanted))?;
    let left = match recall {
        Some(recall) => recall.leave(finished, chain, &rows)?,
        None => None,
    };
    let stored = &chain.header().tables;
    let is_new = |table: &&Table| !stored.contains_key(&table.name);
    let report = RestoreReport {
        tables,
        sequences,
        uncovered: named(scope.covered(catalog.tables()).filter(is_new)),
        skipped: named(scope.skipped(stored.values())),
        broken,
        omissions: scope.omissions(&catalog),
    };
    Ok((report, left))
}

fn named<'a>(tables: impl Iterator<Item = &'a Table>) -> Vec<String> {
    tables.map(|table| table.name.clone()).collect()
}

/// The covered tables. Says too how many rows each table has that was found as the fixpoint has it; one that was
/// written is not among them, because a database may keep a value otherwise than it was given, as a number in a column
/// of text.
fn restore_tables(
    write: &mut dyn Write,
    chain: &Chain,
    covered: Vec<&Table>,
    recall: Option<&Recall<'_>>,
) -> Result<(Vec<RestoredTable>, BTreeMap<String, u64>)> {
    let unchanged = write.unchanged(&covered)?;
    let mut rows = recall.map_or_else(BTreeMap::new, |recall| recall.held(chain, unchanged));
    let (held, read): (Vec<_>, Vec<_>) =
        (covered.into_iter()).partition(|table| rows.contains_key(&table.name));
    let mut tables: Vec<RestoredTable> = held.into_iter().map(held_table).collect();
    write.read_ahead(&read)?;
    for table in read {
        let (restored, scanned) = restore_table(write, chain, table)?;
        if restored.action == Action::Unchanged {
            rows.insert(table.name.clone(), scanned);
        }
        tables.push(restored);
    }
    Ok((tables, rows))
}

/// Refuses a database of another kind, or with other columns than the fixpoint's, or with a table of it that cannot be
/// covered now.
pub(crate) fn check_schema(
    engine: &str,
    catalog: &Catalog,
    chain: &Chain,
    scope: &Scope,
) -> Result<()> {
    let name = chain.name().as_str();
    check_header(
        engine,
        catalog,
        (name, chain.header(), chain.folder()),
        scope,
    )
}

/// See [`check_schema`]: of a fixpoint with this name, in a folder.
pub(crate) fn check_header(
    engine: &str,
    catalog: &Catalog,
    (name, header, folder): (&str, &Header, &str),
    scope: &Scope,
) -> Result<()> {
    let fixpoint = name.to_owned();
    if header.engine != engine {
        return Err(Error::OtherEngine {
            fixpoint,
            stored: header.engine.clone(),
            found: engine.to_owned(),
        });
    }
    let mut covered = scope.covered(header.tables.values());
    let left_out = covered.find_map(|table| Some((&table.name, catalog.why_not(&table.name)?)));
    if let Some((table, reason)) = left_out {
        return Err(Error::Database {
            act: format!("cannot read table {table}, which {fixpoint} covers"),
            message: reason,
            fault: Fault::Unknown,
        });
    }
    let drifts = drifts(scope.covered(header.tables.values()), |name| {
        catalog.table(name)
    });
    if drifts.is_empty() {
        return Ok(());
    }
    let parent = header.parent.as_ref().map(|parent| parent.name.clone());
    Err(Error::SchemaDrift {
        fixpoint,
        parent,
        folder: folder.to_owned(),
        drifts,
    })
}

/// The sequences of the fixpoint, and those that feed tables of it, as far as `covers` wants one of the columns they
/// feed, or those that feed none.
pub(crate) fn covered_sequences(
    catalog: &Catalog,
    chain: &Chain,
    covers: impl Fn(Option<&Feed>) -> bool,
) -> Vec<String> {
    let header = chain.header();
    let names = header.sequences.keys().chain(catalog.sequences.keys());
    let names: BTreeSet<&String> = names.collect();
    let covered = names.into_iter().filter(|name| {
        let mut feeds = feeds(catalog, header, name);
        if feeds.is_empty() {
            return header.sequences.contains_key(*name) && covers(None);
        }
        feeds.retain(|feed| header.tables.contains_key(&feed.table));
        feeds.iter().any(|feed| covers(Some(feed)))
    });
    covered.cloned().collect()
}

/// The columns a sequence feeds. One that the database does not have any more, as SQLite has none for an empty table,
/// fed the key.
fn feeds(catalog: &Catalog, header: &Header, sequence: &str) -> Vec<Feed> {
    if let Some(found) = catalog.sequences.get(sequence) {
        return found.feeds.clone();
    }
    let table = header.feeds.get(sequence);
    let table = table.and_then(|table| header.tables.get(table));
    let feed = table.map(|table| Feed {
        table: table.name.clone(),
        column: table.key().first().cloned().unwrap_or_default(),
    });
    feed.into_iter().collect()
}

/// The rows that may stay broken. What other tables did wrong before is not this restore's business.
fn check_references(
    transaction: &mut dyn Transaction,
    chain: &Chain,
    scope: &Scope,
    covered: &[String],
) -> Result<Vec<BrokenReference>> {
    let mut broken = transaction.broken_references()?;
    broken.retain(|broken| !scope.leaves_gap(&broken.parent));
    let is_covered = |table: &String| covered.contains(table);
    broken.retain(|broken| is_covered(&broken.table) || is_covered(&broken.parent));
    // What both sides of a reference hold is what the fixpoint holds.
    let is_own = |broken: &BrokenReference| {
        scope.keeps_broken() && is_covered(&broken.table) && is_covered(&broken.parent)
    };
    let (kept, broken): (Vec<_>, Vec<_>) = broken.into_iter().partition(is_own);
    if broken.is_empty() {
        Ok(kept)
    } else {
        Err(Error::BrokenReferences {
            fixpoint: chain.name().to_string(),
            broken,
        })
    }
}

/// A skipped table, of which nothing is wanted.
fn empty_table(write: &mut dyn Write, table: &Table) -> Result<RestoredTable> {
    let started = Instant::now();
    write.clear(table)?;
    Ok(RestoredTable {
        table: table.name.clone(),
        action: Action::Rewritten,
        inserted: 0,
        deleted: None,
        duration: started.elapsed(),
    })
}

/// A table that holds the fixpoint's rows since an earlier restore.
fn held_table(table: &Table) -> RestoredTable {
    RestoredTable {
        table: table.name.clone(),
        action: Action::Unchanged,
        inserted: 0,
        deleted: Some(0),
        duration: Duration::ZERO,
    }
}

/// Says too how many rows were read.
fn restore_table(
    write: &mut dyn Write,
    chain: &Chain,
    table: &Table,
) -> Result<(RestoredTable, u64)> {
    let started = Instant::now();
    let mut patch = Patch::default();
    let mut each = |change| Ok(patch.add(table, change));
    // The old state is the fixpoint's: what it alone has is to be inserted.
    let mut merge = Merge::new(table, chain.rows(table), &mut each);
    let (mut flow, mut scanned) = (ControlFlow::Continue(()), 0);
    write.scan(table, &mut |row| {
        scanned += 1;
        flow = merge.push(row)?;
        Ok(flow)
    })?;
    if flow.is_continue() {
        merge.finish()?;
    }
    let keeps = write.keeps(table)?;
    let info = write.catalog();
    let info = info.tables.get(&table.name);
    let is_append_only = info.is_some_and(|info| info.is_append_only);
    let is_rewrite = patch.is_rewrite || (is_append_only && patch.changes_rows());
    let (action, inserted, deleted) = if is_rewrite {
        write.clear(table)?;
        let mut rows = chain.rows(table).map(|row| kept(table, row?, &keeps));
        (Action::Rewritten, write.insert(table, &mut rows)?, None)
    } else if patch.is_empty() {
        (Action::Unchanged, 0, Some(0))
    } else {
        let updated = patch.update.len() as u64;
        let deleted = patch.delete.len() as u64 + updated;
        let new = patch.update.iter().map(|(_, new)| new).chain(&patch.insert);
        new.clone()
            .try_for_each(|row| check_kept(table, row, &keeps))?;
        // Every old version goes before any new one comes, so that rows may swap unique values.
        write.delete(table, &patch.delete)?;
        write.update(table, patch.update)?;
        let inserted = write.insert(table, &mut patch.insert.into_iter().map(Ok))?;
        (Action::Patched, inserted + updated, Some(deleted))
    };
    let restored = RestoredTable {
        table: table.name.clone(),
        action,
        inserted,
        deleted,
        duration: started.elapsed(),
    };
    Ok((restored, scanned))
}
