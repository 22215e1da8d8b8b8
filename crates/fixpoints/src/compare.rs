//! Compares a database with a fixpoint, row by key and column by column, through every table; it changes nothing.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::chain::Chain;
use crate::memory::{Memory, Recall};
use crate::restore::{check_schema, covered_sequences};
use crate::view::{View, check_columns, is_column};
use fixpoints_core::catalog::{Catalog, Feed};
use fixpoints_core::cell::{AsCell, CellRef, Row};
use fixpoints_core::change::Change;
use fixpoints_core::comparison::{ComparedTable, Comparison, SequenceChange};
use fixpoints_core::database::{Database, Transaction};
use fixpoints_core::error::{Error, Result, Setting};
use fixpoints_core::merge::{EachChange, Merge, OldRows, Plain};
use fixpoints_core::pattern::Pattern;
use fixpoints_core::scope::Scope;
use fixpoints_core::table::{KeyKind, Table};

/// What to compare.
#[derive(Debug, Clone, Default)]
pub struct CompareOptions {
    /// Columns to leave out: `COLUMN` in every table, or `TABLE.COLUMN`; each must exist.
    pub ignore: Vec<String>,
    /// More columns to leave out, each of which some table of the database must have.
    pub ignore_configured: Vec<String>,
    /// Compare only these tables; all where empty.
    pub tables: Vec<String>,
    /// Leave out these tables too; each must exist.
    pub exclude: Vec<String>,
}

impl CompareOptions {
    /// Every name of a column to leave out.
    pub(crate) fn all_ignored(&self) -> Vec<&String> {
        self.ignore.iter().chain(&self.ignore_configured).collect()
    }
}

/// Compares the database with a fixpoint.
///
/// # Errors
/// [`Error::SchemaDrift`], [`Error::UnknownTable`], [`Error::UnknownColumn`], [`Error::SkippedTable`] where no other
/// table is wanted, and whatever files and database refuse.
pub fn compare(
    database: &mut dyn Database,
    chain: &Chain,
    scope: &Scope,
    options: &CompareOptions,
) -> Result<Comparison> {
    compare_again(database, chain, scope, options, &Memory::default())
}

/// See [`compare`]; does not read the tables that hold the fixpoint's rows since a restore.
pub(crate) fn compare_again(
    database: &mut dyn Database,
    chain: &Chain,
    scope: &Scope,
    options: &CompareOptions,
    memory: &Memory,
) -> Result<Comparison> {
    let recall = memory.recall();
    let mut transaction = database.read(Some(&recall))?;
    let comparison = compare_within(transaction.as_mut(), chain, scope, options, &recall)?;
    transaction.commit()?;
    Ok(comparison)
}

fn compare_within(
    transaction: &mut dyn Transaction,
    chain: &Chain,
    scope: &Scope,
    options: &CompareOptions,
    recall: &Recall<'_>,
) -> Result<Comparison> {
    let catalog = transaction.catalog();
    let scope = scope.clone().and_excluding(&options.exclude, &catalog)?;
    let scope = scope.resolved(transaction)?;
    check_configured(&catalog, &options.ignore_configured)?;
    let chosen = choose(&catalog, chain, &scope, &options.tables)?;
    check_schema(transaction.engine(), &catalog, chain, &scope)?;
    let skipped = scope.skipped(chain.header().tables.values());
    let known: Vec<&Table> = chosen.iter().copied().chain(skipped).collect();
    for name in &options.ignore {
        catalog.check_whole_columns(&Pattern::new(name))?;
    }
    check_columns(known.iter().copied(), &options.ignore)?;
    let held = recall.held(chain, transaction.unchanged(&chosen)?);
    let is_read = |table: &&Table| !held.contains_key(&table.name);
    transaction.read_ahead(&chosen.iter().copied().filter(is_read).collect::<Vec<_>>())?;
    let mut tables = Vec::new();
    for table in &chosen {
        let view = View::new(table, &options.all_ignored());
        tables.push(match held.get(&table.name) {
            Some(rows) => view.compared(*rows, Vec::new(), Duration::ZERO),
            None => compare_table(transaction, &catalog, chain, view)?,
        });
    }
    let sequences = sequences(&catalog, chain, &tables, options);
    let uncovered = scope
        .covered(catalog.tables())
        .filter(|table| !chain.header().tables.contains_key(&table.name));
    let uncovered = uncovered.map(|table| table.name.clone()).collect();
    let wanted = |name: &String| options.tables.is_empty() || options.tables.contains(name);
    let skipped = scope.skipped(chain.header().tables.values());
    let skipped = skipped.map(|table| table.name.clone()).filter(wanted);
    Ok(Comparison {
        tables,
        sequences,
        uncovered,
        skipped: skipped.collect(),
        left_out: scope.left_out(&catalog),
        omissions: scope.omissions(&catalog),
    })
}

fn choose<'a>(
    catalog: &Catalog,
    chain: &'a Chain,
    scope: &'a Scope,
    asked: &[String],
) -> Result<Vec<&'a Table>> {
    let covered: Vec<&Table> = scope.covered(chain.header().tables.values()).collect();
    if asked.is_empty() {
        return Ok(covered);
    }
    let wanted: Vec<String> = asked
        .iter()
        .flat_map(|said| meant(catalog, chain, said))
        .collect();
    for said in asked.iter().map(|said| Pattern::new(said)) {
        let is_stored = |table: &str| chain.header().tables.contains_key(table);
        if !is_stored(said.text()) {
            catalog.check_whole(&said, |table| wanted.iter().any(|name| name == table))?;
        }
    }
    // A table that is skipped is left out, unless nothing else is wanted.
    let left = wanted.iter().any(|name| !scope.skips(name));
    for name in &wanted {
        if scope.skips(name) {
            if left {
                continue;
            }
            let table = name.clone();
            let asked = scope.skip().asked();
            return Err(Error::SkippedTable { table, asked });
        }
        if !covered.iter().any(|table| table.name == *name) {
            let known = covered.iter().map(|table| table.name.clone()).collect();
            return Err(Error::UnknownTable {
                table: name.clone(),
                known,
            });
        }
    }
    Ok(covered
        .into_iter()
        .filter(|table| wanted.contains(&table.name))
        .collect())
}

/// The tables of the fixpoint that a name, or a pattern, means; or the name itself. A virtual table means what holds its
/// rows.
fn meant(catalog: &Catalog, chain: &Chain, said: &str) -> Vec<String> {
    let tables = chain.header().tables.keys().map(String::as_str);
    let mut meant = catalog.meant(&Pattern::new(said), tables);
    if meant.is_empty() {
        meant.push(said);
    }
    meant.into_iter().map(str::to_owned).collect()
}

/// Refuses a configured name of a column that no table of the database has.
fn check_configured(catalog: &Catalog, ignore: &[String]) -> Result<()> {
    match unmatched_columns(catalog, ignore).into_iter().next() {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// The configured names that mean no column of the database, as errors.
pub(crate) fn unmatched_columns(catalog: &Catalog, ignore: &[String]) -> Vec<Error> {
    let is_known = |name: &String| is_column(catalog.tables(), name);
    let known = || {
        let columns = catalog.tables().flat_map(|table| table.columns().keys());
        columns.cloned().collect::<BTreeSet<String>>()
    };
    let unmatched = ignore.iter().filter(|name| !is_known(name));
    let unmatched = unmatched.map(|name| Error::Unmatched {
        setting: Setting::Ignore,
        name: name.clone(),
        known: known().into_iter().collect(),
    });
    let parts = ignore.iter().filter_map(|name| {
        let said = Pattern::new(name);
        catalog.check_whole_columns(&said).err()
    });
    let mut errors: Vec<Error> = parts.collect();
    if errors.is_empty() {
        errors.extend(unmatched);
    }
    errors
}

fn compare_table(
    transaction: &mut dyn Transaction,
    catalog: &Catalog,
    chain: &Chain,
    view: View<'_>,
) -> Result<ComparedTable> {
    let started = Instant::now();
    let (seen, old) = (&view.seen, chain.rows(view.table));
    let is_exact = catalog.key(&view.table.name) == Some(KeyKind::Exact);
    let (rows, changes) = gathered(|each| {
        if view.is_whole() {
            merge(transaction, &view, Merge::new(seen, old, each))
        } else if !seen.key().is_empty() && is_exact {
            let old = Plain(view.rows(old));
            merge(transaction, &view, Merge::new(seen, old, each))
        } else {
            // Without some columns, rows that the key does not identify come in another order.
            let new = view.read(transaction)?;
            diff_sorted(seen, view.rows(old).collect::<Result<_>>()?, new, each)
        }
    })?;
    Ok(view.compared(rows, changes, started.elapsed()))
}

/// Gives every row of the database to a merge, and counts them.
fn merge(
    transaction: &mut dyn Transaction,
    view: &View<'_>,
    mut merge: Merge<'_, impl OldRows>,
) -> Result<u64> {
    let mut rows = 0;
    transaction.scan(view.table, &mut |row| {
        rows += 1;
        if view.is_whole() {
            return merge.push(row);
        }
        merge.push(&view.cells(row))
    })?;
    merge.finish()?;
    Ok(rows)
}

/// What a comparison returns, with all the changes that it finds.
pub(crate) fn gathered(
    compare: impl for<'e> FnOnce(&'e mut EachChange<'e>) -> Result<u64>,
) -> Result<(u64, Vec<Change>)> {
    let mut changes = Vec::new();
    let rows = compare(&mut |change| {
        changes.push(change);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok((rows, changes))
}

/// Compares rows in any order, and counts the new ones.
pub(crate) fn diff_sorted<'a>(
    table: &'a Table,
    mut old: Vec<Row>,
    mut new: Vec<Row>,
    each: &'a mut EachChange<'a>,
) -> Result<u64> {
    old.sort_by(|a, b| table.order(a, b));
    new.sort_by(|a, b| table.order(a, b));
    let count = new.len() as u64;
    diff_rows(
        table,
        old.into_iter().map(Ok),
        new.into_iter().map(Ok),
        each,
    )?;
    Ok(count)
}

/// Compares two streams of rows, each in the order of [`Table::order`].
pub(crate) fn diff_rows<'a>(
    table: &'a Table,
    old: impl Iterator<Item = Result<Row>>,
    new: impl Iterator<Item = Result<Row>>,
    each: &'a mut EachChange<'a>,
) -> Result<()> {
    let mut merge = Merge::new(table, Plain(old), each);
    for row in new {
        let row = row?;
        let cells: Vec<CellRef<'_>> = row.iter().map(AsCell::cell).collect();
        if merge.push(&cells)?.is_break() {
            return Ok(());
        }
    }
    merge.finish()
}

/// A sequence counts unless every column it feeds is left out; one that feeds no table, where every table is compared.
fn sequences(
    catalog: &Catalog,
    chain: &Chain,
    tables: &[ComparedTable],
    options: &CompareOptions,
) -> Vec<SequenceChange> {
    let counts = |feed: Option<&Feed>| {
        let Some(Feed { table, column }) = feed else {
            return options.tables.is_empty();
        };
        let compared = tables.iter().find(|found| found.table.name == *table);
        compared.is_some_and(|compared| !compared.ignored.contains(column))
    };
    let names = covered_sequences(catalog, chain, counts);
    let wanted = catalog.wanted(&chain.header().sequences);
    SequenceChange::between(&names, &wanted, &catalog.positions())
}
