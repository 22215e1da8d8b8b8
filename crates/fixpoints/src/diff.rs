//! Compares two fixpoints as the whole states they stand for; no database is opened.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::Instant;

use crate::chain::Chain;
use crate::compare::{CompareOptions, diff_rows, ignored_positions};
use fixpoints_core::cell::Row;
use fixpoints_core::comparison::ComparedTable;
use fixpoints_core::comparison::SequenceChange;
use fixpoints_core::error::{Error, Result};
use fixpoints_core::merge::EachChange;
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
    for name in &options.ignore {
        let names = std::slice::from_ref(name);
        if !tables().any(|table| !ignored_positions(table, names).is_empty()) {
            return Err(Error::UnknownColumn {
                column: name.clone(),
            });
        }
    }
    Ok(())
}

fn diff_table(
    old: &Chain,
    new: &Chain,
    table: &Table,
    options: &CompareOptions,
) -> Result<ComparedTable> {
    let started = Instant::now();
    let ignore: Vec<String> = options
        .ignore
        .iter()
        .chain(&options.ignore_configured)
        .cloned()
        .collect();
    let other = &new.header().tables[&table.name];
    let ignored = ignored_positions(table, &ignore);
    let gone =
        (0..table.columns().len()).filter(|&at| !other.columns().contains_key(table.column(at)));
    let left_out: Vec<usize> = ignored.iter().copied().chain(gone).collect();
    let (mut view, kept) = table.without(&left_out);
    if table.key() != other.key() {
        // Rows that two keys identify can only be matched as a whole.
        let columns = view.columns().clone();
        view = Table::new(view.name, Vec::new(), columns).expect("no key is among all columns");
    }
    let of_other: Vec<usize> = view
        .columns()
        .keys()
        .filter_map(|column| other.columns().get_index_of(column))
        .collect();
    let mut changes = Vec::new();
    let mut each = |change| {
        changes.push(change);
        Ok(ControlFlow::Continue(()))
    };
    let sides = Sides {
        view: &view,
        old: (old, table, &kept),
        new: (new, other, &of_other),
    };
    let rows = if sides.keep_order() {
        sides.merge(&mut each)?
    } else {
        sides.sort(&mut each)?
    };
    let names = ignored.iter().map(|&at| table.column(at).to_owned());
    Ok(ComparedTable {
        ignored: names.collect(),
        table: view,
        rows,
        changes,
        duration: started.elapsed(),
    })
}

/// One table of both fixpoints, seen through the columns that count.
struct Sides<'a> {
    view: &'a Table,
    old: Side<'a>,
    new: Side<'a>,
}

/// A fixpoint, its table, and the positions of the columns that count.
type Side<'a> = (&'a Chain, &'a Table, &'a [usize]);

impl<'a> Sides<'a> {
    /// Whether both files hold their rows in the order of what is compared.
    fn keep_order(&self) -> bool {
        [self.old, self.new].into_iter().all(|(_, table, kept)| {
            kept.iter().copied().eq(0..table.columns().len()) && table.key() == self.view.key()
        })
    }

    fn merge(&'a self, each: &'a mut EachChange<'a>) -> Result<u64> {
        let mut count = 0;
        let new = rows(self.new).inspect(|_| count += 1);
        diff_rows(self.view, rows(self.old), new, each)?;
        Ok(count)
    }

    /// With both sides in memory.
    fn sort(&'a self, each: &'a mut EachChange<'a>) -> Result<u64> {
        let mut before = rows(self.old).collect::<Result<Vec<_>>>()?;
        let mut after = rows(self.new).collect::<Result<Vec<_>>>()?;
        before.sort_by(|a, b| self.view.order(a, b));
        after.sort_by(|a, b| self.view.order(a, b));
        let count = after.len() as u64;
        diff_rows(
            self.view,
            before.into_iter().map(Ok),
            after.into_iter().map(Ok),
            each,
        )?;
        Ok(count)
    }
}

fn rows<'a>((chain, table, kept): Side<'a>) -> impl Iterator<Item = Result<Row>> + 'a {
    let kept = kept.to_vec();
    let rows = chain.rows(table);
    rows.map(move |row| row.map(|row| kept.iter().map(|&at| row[at].clone()).collect()))
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
