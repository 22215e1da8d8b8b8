//! Compares two fixpoints as the whole states they stand for; no database is opened.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::chain::Chain;
use crate::compare::{CompareOptions, diff_rows, diff_sorted, gathered};
use crate::view::{View, check_columns, pick};
use fixpoints_core::comparison::{ComparedTable, SequenceChange};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::names::is_called;
use fixpoints_core::table::{Drift, Table, drifts};

/// How two fixpoints differ.
#[derive(Debug, Clone)]
pub struct StateDiff {
    /// Every table both have, compared through the columns both have.
    pub tables: Vec<ComparedTable>,
    /// Sequences that stand elsewhere.
    pub sequences: Vec<SequenceChange>,
    /// Columns and keys that differ.
    pub drifts: Vec<Drift>,
    /// Tables that only the first one covers.
    pub only_old: Vec<String>,
    /// Tables that only the second one covers.
    pub only_new: Vec<String>,
}

impl StateDiff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.sequences.is_empty()
            && self.drifts.is_empty()
            && self.only_old.is_empty()
            && self.only_new.is_empty()
            && self.tables.iter().all(|table| table.changes.is_empty())
    }
}

/// Compares two fixpoints; "old" is the first.
///
/// # Errors
/// [`Error::EnginesDiffer`], [`Error::UnknownTable`], [`Error::UnknownColumn`], and whatever the files refuse.
pub fn diff(old: &Chain, new: &Chain, options: &CompareOptions) -> Result<StateDiff> {
    let (before, after) = (old.header(), new.header());
    if before.engine != after.engine {
        return Err(Error::EnginesDiffer {
            old: old.name().to_string(),
            old_engine: before.engine.clone(),
            new: new.name().to_string(),
            new_engine: after.engine.clone(),
        });
    }
    check_names(old, new, options)?;
    let chosen = |name: &String| {
        let is_among = |said: &[String]| said.iter().any(|said| is_called(name, said));
        (options.tables.is_empty() || is_among(&options.tables)) && !is_among(&options.exclude)
    };
    let only = |tables: &fixpoints_core::table::Tables,
                other: &fixpoints_core::table::Tables|
     -> Vec<String> {
        let alone = tables.keys().filter(|name| chosen(name));
        alone
            .filter(|name| !other.contains_key(*name))
            .cloned()
            .collect()
    };
    let shared = before.tables.values().filter(|table| chosen(&table.name));
    let shared: Vec<&Table> = shared
        .filter(|table| after.tables.contains_key(&table.name))
        .collect();
    let mut tables = Vec::new();
    for table in &shared {
        tables.push(diff_table(old, new, table, options)?);
    }
    Ok(StateDiff {
        sequences: sequences(old, new, &tables, options),
        tables,
        drifts: drifts(shared, |name| after.tables.get(name)),
        only_old: only(&before.tables, &after.tables),
        only_new: only(&after.tables, &before.tables),
    })
}

fn check_names(old: &Chain, new: &Chain, options: &CompareOptions) -> Result<()> {
    let tables = || {
        old.header()
            .tables
            .values()
            .chain(new.header().tables.values())
    };
    for name in options.tables.iter().chain(&options.exclude) {
        if !tables().any(|table| table.is_called(name)) {
            let mut known: Vec<String> = tables().map(|table| table.name.clone()).collect();
            known.sort();
            known.dedup();
            return Err(Error::UnknownTable {
                table: name.clone(),
                known,
            });
        }
    }
    check_columns(tables(), &options.ignore)
}

fn diff_table(
    old: &Chain,
    new: &Chain,
    table: &Table,
    options: &CompareOptions,
) -> Result<ComparedTable> {
    let started = Instant::now();
    let other = &new.header().tables[&table.name];
    let gone = (0..table.columns().len())
        .filter(|&at| !other.columns().contains_key(table.column(at)))
        .collect::<Vec<_>>();
    let mut view = View::without(table, &options.all_ignored(), &gone);
    if table.key() != other.key() {
        // Rows that two keys identify can only be matched as a whole.
        let (name, columns) = (table.name.clone(), view.seen.columns().clone());
        view.seen = Table::new(name, Vec::new(), columns).expect("no key is among all columns");
    }
    let seen = &view.seen;
    let columns = seen.columns().keys();
    let of_other: Vec<usize> = columns
        .filter_map(|column| other.columns().get_index_of(column))
        .collect();
    let keep_order = view.is_whole()
        && of_other.iter().copied().eq(0..other.columns().len())
        && [table, other].iter().all(|side| side.key() == seen.key());
    let (rows, changes) = gathered(|each| {
        let before = view.rows(old.rows(table));
        let after = new.rows(other).map(|row| Ok(pick(row?, &of_other)));
        if !keep_order {
            let (before, after) = (
                before.collect::<Result<_>>()?,
                after.collect::<Result<_>>()?,
            );
            return diff_sorted(seen, before, after, each);
        }
        let mut count = 0;
        diff_rows(seen, before, after.inspect(|_| count += 1), each)?;
        Ok(count)
    })?;
    Ok(view.compared(rows, changes, started.elapsed()))
}

/// Sequences of both, unless the key of the table they feed is left out; those that feed none, or several, only where
/// every table is compared.
fn sequences(
    old: &Chain,
    new: &Chain,
    tables: &[ComparedTable],
    options: &CompareOptions,
) -> Vec<SequenceChange> {
    let (before, after) = (&old.header().sequences, &new.header().sequences);
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let counts = |name: &String| {
        let [was, is] = [old, new].map(|chain| chain.header().feeds.get(name));
        let Some(fed) = was.or(is) else {
            return options.tables.is_empty() && options.exclude.is_empty();
        };
        let compared = tables.iter().find(|compared| compared.table.name == *fed);
        let key = old.header().tables.get(fed).map(Table::key);
        compared.is_some_and(|compared| {
            let mut key = key.into_iter().flatten();
            !key.any(|column| compared.ignored.contains(column))
        })
    };
    let names = names.into_iter().filter(|name| counts(name));
    SequenceChange::between(names, before, after)
}
