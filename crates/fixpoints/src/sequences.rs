//! Where sequences stand beside the tables they feed, and puts them right behind the highest key; rows are only read.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::restore::aftermath::check_sequences;
use fixpoints_core::cell::CellRef;
use fixpoints_core::database::{Access, Catalog, Database, transaction};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::names::is_called;
use fixpoints_core::scope::Scope;
use fixpoints_core::table::Table;

/// A sequence and the column it feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The sequence; SQLite's have the names of their tables.
    pub sequence: String,
    /// The table it feeds.
    pub table: String,
    /// The column it feeds.
    pub column: String,
    /// The value it handed out last.
    pub stands: i64,
    /// The highest value of the column, or the lowest where the sequence counts down; `None` where the table has no
    /// row.
    pub highest: Option<i64>,
    /// Whether the sequence counts down.
    pub descends: bool,
}

impl Standing {
    /// Whether the sequence has yet to hand out a value that the table has.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        let ahead = |highest| match self.descends {
            true => highest < self.stands,
            false => highest > self.stands,
        };
        self.highest.is_some_and(ahead)
    }
}

/// What a reset did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResetReport {
    /// Every sequence that feeds a covered table, as it stood before.
    pub sequences: Vec<ResetSequence>,
    /// Sequences that feed no table, which were left alone.
    pub free: Vec<String>,
}

/// One sequence that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetSequence {
    /// Where it stood.
    pub standing: Standing,
    /// The value that counts as handed out last now; `None` where SQLite forgot the sequence of an empty table.
    pub now: Option<i64>,
}

impl ResetSequence {
    /// Whether it moved.
    #[must_use]
    pub fn is_moved(&self) -> bool {
        self.now != Some(self.standing.stands)
    }
}

/// Puts the sequences of the named tables, or of all covered ones, right behind the highest key of their table.
///
/// # Errors
/// [`Error::UnknownTable`] for a name without a covered table, and whatever the database refuses.
pub fn reset_sequences(
    database: &mut dyn Database,
    scope: &Scope,
    tables: &[String],
) -> Result<ResetReport> {
    transaction(database, Access::Write, |database| {
        let report = reset_within(database, scope, tables)?;
        let moved = report.sequences.iter().filter(|reset| reset.is_moved());
        let moved = moved.filter_map(|reset| Some((reset.standing.sequence.clone(), reset.now?)));
        let wanted: BTreeMap<String, i64> = moved.collect();
        let names: Vec<String> = wanted.keys().cloned().collect();
        check_sequences(database, &names, &wanted)?;
        Ok(report)
    })
}

/// See [`reset_sequences`]; in the caller's transaction.
///
/// # Errors
/// Those of [`reset_sequences`].
pub fn reset_within(
    database: &mut dyn Database,
    scope: &Scope,
    tables: &[String],
) -> Result<ResetReport> {
    let catalog = database.catalog()?;
    let known = scope.covered(&catalog.tables).map(|table| &table.name);
    let known: Vec<&String> = known.collect();
    let is_known = |said: &&String| known.iter().any(|table| is_called(table, said));
    if let Some(unknown) = tables.iter().find(|said| !is_known(said)) {
        return Err(Error::UnknownTable {
            table: unknown.clone(),
            known: known.into_iter().cloned().collect(),
        });
    }
    let wanted =
        |table: &str| tables.is_empty() || tables.iter().any(|said| is_called(table, said));
    let mut report = ResetReport::default();
    let mut values = BTreeMap::new();
    for standing in standings(database, &catalog, scope)? {
        if !wanted(&standing.table) {
            continue;
        }
        // SQLite forgets the counter of an empty table; others begin again.
        let begun = catalog.feeds.contains_key(&standing.sequence);
        let now = standing.highest.or(begun.then_some(0));
        values.extend(now.map(|value| (standing.sequence.clone(), value)));
        report.sequences.push(ResetSequence { standing, now });
    }
    let moved = report.sequences.iter().filter(|reset| reset.is_moved());
    let moved: Vec<String> = moved.map(|reset| reset.standing.sequence.clone()).collect();
    if !moved.is_empty() {
        database.set_sequences(&moved, &values)?;
    }
    if tables.is_empty() {
        let free = catalog.sequences.keys();
        let free = free.filter(|sequence| catalog.fed_table(sequence).is_none());
        report.free = free.cloned().collect();
    }
    Ok(report)
}

/// Every sequence that feeds a covered table.
pub(crate) fn standings(
    database: &mut dyn Database,
    catalog: &Catalog,
    scope: &Scope,
) -> Result<Vec<Standing>> {
    let mut standings = Vec::new();
    for (sequence, &stands) in &catalog.sequences {
        let table = catalog
            .fed_table(sequence)
            .filter(|table| scope.covers(table));
        let Some(table) = table.and_then(|table| catalog.tables.get(table)) else {
            continue;
        };
        let Some(at) = fed_column(catalog, sequence, table) else {
            continue;
        };
        let descends = catalog.descending.contains(sequence);
        let ends = ends(database, table, at)?;
        standings.push(Standing {
            sequence: sequence.clone(),
            table: table.name.clone(),
            column: table.column(at).to_owned(),
            stands,
            highest: ends.map(|(lowest, highest)| if descends { lowest } else { highest }),
            descends,
        });
    }
    Ok(standings)
}

/// The column a sequence says it feeds; SQLite's feed the key.
#[must_use]
pub fn fed_column(catalog: &Catalog, sequence: &str, table: &Table) -> Option<usize> {
    match (catalog.feeds.get(sequence), table.key_positions()) {
        (Some((_, column)), _) => table.columns().get_index_of(column),
        (None, [key]) => Some(*key),
        (None, _) => None,
    }
}

/// The lowest and the highest whole number in a column.
fn ends(database: &mut dyn Database, table: &Table, at: usize) -> Result<Option<(i64, i64)>> {
    let others: Vec<usize> = (0..table.columns().len())
        .filter(|other| *other != at)
        .collect();
    let (narrow, _) = table.without(&others);
    let mut ends: Option<(i64, i64)> = None;
    database.scan(&narrow, &mut |row| {
        if let CellRef::Integer(value) = row[0] {
            let (lowest, highest) = ends.unwrap_or((value, value));
            ends = Some((lowest.min(value), highest.max(value)));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(ends)
}
