//! Compares a database with a fixpoint, row by key and column by column, through every table; it changes nothing.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::chain::Chain;
use crate::memory::{Memory, Recall};
use crate::restore::{check_schema, covered_sequences};
use fixpoints_core::catalog::{Catalog, Feed};
use fixpoints_core::cell::{AsCell, CellRef, Row};
use fixpoints_core::change::Change;
use fixpoints_core::comparison::ComparedTable;
use fixpoints_core::comparison::Comparison;
use fixpoints_core::comparison::SequenceChange;
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
    check_ignored(&known, &options.ignore)?;
    let held = recall.held(chain, transaction.unchanged(&chosen)?);
    let is_read = |table: &&Table| !held.contains_key(&table.name);
    transaction.read_ahead(&chosen.iter().copied().filter(is_read).collect::<Vec<_>>())?;
    let mut tables = Vec::new();
    for table in &chosen {
        let view = View::new(table, options);
        tables.push(match held.get(&table.name) {
            Some(rows) => view.equal(*rows),
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
    let tables = &chain.header().tables;
    let pattern = Pattern::new(said);
    let mut meant = pattern.among(tables.keys().map(String::as_str));
    if meant.is_empty() {
        let owned = tables.keys().map(String::as_str).filter(|table| {
            let owner = catalog.owners.get(*table);
            owner.is_some_and(|owner| pattern.means(owner))
        });
        meant = owned.collect();
    }
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
    let is_known = |name: &String| {
        let name = std::slice::from_ref(name);
        let mut tables = catalog.tables();
        tables.any(|table| !ignored_positions(table, name).is_empty())
    };
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

fn check_ignored(tables: &[&Table], ignore: &[String]) -> Result<()> {
    let known = |name: &String| {
        tables
            .iter()
            .any(|table| !ignored_positions(table, std::slice::from_ref(name)).is_empty())
    };
    match ignore.iter().find(|name| !known(name)) {
        Some(column) => Err(Error::UnknownColumn {
            column: column.clone(),
        }),
        None => Ok(()),
    }
}

/// The columns of a table that a list of `COLUMN` and `TABLE.COLUMN` names.
pub(crate) fn ignored_positions(table: &Table, ignore: &[String]) -> Vec<usize> {
    let ignore: Vec<Pattern> = ignore.iter().map(|name| Pattern::new(name)).collect();
    let named = |column: &String| {
        let mut ignore = ignore.iter();
        ignore.any(|said| said.means_column(&table.name, column))
    };
    (0..table.columns().len())
        .filter(|&at| {
            table
                .columns()
                .get_index(at)
                .is_some_and(|(name, _)| named(name))
        })
        .collect()
}

/// A table, and what of it is compared.
struct View<'a> {
    table: &'a Table,
    /// It, with the columns that count.
    seen: Table,
    /// Where those are.
    kept: Vec<usize>,
    ignored: Vec<usize>,
}

impl<'a> View<'a> {
    fn new(table: &'a Table, options: &CompareOptions) -> Self {
        let all = options.ignore.iter().chain(&options.ignore_configured);
        let ignored = ignored_positions(table, &all.cloned().collect::<Vec<_>>());
        let (seen, kept) = table.without(&ignored);
        Self {
            table,
            seen,
            kept,
            ignored,
        }
    }

    /// What is said of a table that holds the fixpoint's rows.
    fn equal(self, rows: u64) -> ComparedTable {
        self.compared(rows, Vec::new(), Duration::ZERO)
    }

    fn compared(self, rows: u64, changes: Vec<Change>, duration: Duration) -> ComparedTable {
        let ignored = self.ignored.iter();
        ComparedTable {
            ignored: ignored
                .map(|&at| self.table.column(at).to_owned())
                .collect(),
            table: self.seen,
            rows,
            changes,
            duration,
        }
    }
}

fn compare_table(
    transaction: &mut dyn Transaction,
    catalog: &Catalog,
    chain: &Chain,
    view: View<'_>,
) -> Result<ComparedTable> {
    let started = Instant::now();
    // Without some columns, rows that the key does not identify come in another order.
    let keeps_order = view.ignored.is_empty()
        || (!view.seen.key().is_empty() && catalog.key(&view.table.name) == Some(KeyKind::Exact));
    let sides = Sides {
        chain,
        table: view.table,
        view: &view.seen,
        kept: &view.kept,
    };
    let (rows, changes) = if keeps_order {
        sides.merge(transaction)?
    } else {
        sides.sort(transaction)?
    };
    Ok(view.compared(rows, changes, started.elapsed()))
}

/// One table of the fixpoint and of the database, seen through the columns that count.
struct Sides<'a> {
    chain: &'a Chain,
    table: &'a Table,
    view: &'a Table,
    kept: &'a [usize],
}

impl Sides<'_> {
    fn old(&self) -> impl Iterator<Item = Result<Row>> {
        self.chain
            .rows(self.table)
            .map(|row| row.map(|row| project(row, self.kept)))
    }

    /// Row by row, as both sides come.
    fn merge(&self, transaction: &mut dyn Transaction) -> Result<(u64, Vec<Change>)> {
        let mut changes = Vec::new();
        let mut each = |change| {
            changes.push(change);
            Ok(ControlFlow::Continue(()))
        };
        let rows = if self.kept.len() == self.table.columns().len() {
            let merge = Merge::new(self.view, self.chain.rows(self.table), &mut each);
            self.drive(transaction, merge)?
        } else {
            self.drive(
                transaction,
                Merge::new(self.view, Plain(self.old()), &mut each),
            )?
        };
        Ok((rows, changes))
    }

    fn drive(
        &self,
        transaction: &mut dyn Transaction,
        mut merge: Merge<'_, impl OldRows>,
    ) -> Result<u64> {
        let mut rows = 0;
        transaction.scan(self.table, &mut |row| {
            rows += 1;
            if self.kept.len() == row.len() {
                return merge.push(row);
            }
            merge.push(&self.kept.iter().map(|&at| row[at]).collect::<Vec<_>>())
        })?;
        merge.finish()?;
        Ok(rows)
    }

    /// With both sides in memory.
    fn sort(&self, transaction: &mut dyn Transaction) -> Result<(u64, Vec<Change>)> {
        let mut new: Vec<Row> = Vec::new();
        transaction.scan(self.table, &mut |row| {
            new.push(self.kept.iter().map(|&at| row[at].to_cell()).collect());
            Ok(ControlFlow::Continue(()))
        })?;
        let (rows, mut changes) = (new.len() as u64, Vec::new());
        let mut old = self.old().collect::<Result<Vec<_>>>()?;
        old.sort_by(|a, b| self.view.order(a, b));
        new.sort_by(|a, b| self.view.order(a, b));
        let mut each = |change| {
            changes.push(change);
            Ok(ControlFlow::Continue(()))
        };
        diff_rows(
            self.view,
            old.into_iter().map(Ok),
            new.into_iter().map(Ok),
            &mut each,
        )?;
        Ok((rows, changes))
    }
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

fn project(row: Row, kept: &[usize]) -> Row {
    if kept.len() == row.len() {
        return row;
    }
    kept.iter().map(|&at| row[at].clone()).collect()
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
