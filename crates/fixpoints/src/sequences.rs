//! Where sequences stand beside the tables they feed, and puts them right behind the highest key; rows are only read.

use std::ops::ControlFlow;

use crate::restore::aftermath::check_sequences;
use fixpoints_core::catalog::{Catalog, Feed, Sequence};
use fixpoints_core::cell::CellRef;
use fixpoints_core::database::{Database, Transaction, Write};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::names::is_called;
use fixpoints_core::pattern::Pattern;
use fixpoints_core::position::{Position, Positions};
use fixpoints_core::scope::Scope;

/// A sequence beside the columns it feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The sequence; SQLite's have the names of their tables.
    pub sequence: String,
    /// The table it feeds; of several, the one that went furthest.
    pub table: String,
    /// The column of that table.
    pub column: String,
    /// Every column it feeds.
    pub feeds: Vec<Feed>,
    /// Where it stands.
    pub stands: Position,
    /// The highest value of the column, or the lowest where the sequence counts down; `None` where the table has no
    /// row.
    pub highest: Option<i64>,
    /// How far one value is from the next; negative where the sequence counts down.
    pub increment: i64,
    /// Whether it may have handed out more than is seen: a column it feeds cannot be read, or holds more than numbers.
    pub is_partial: bool,
}

impl Standing {
    /// Whether the sequence has yet to hand out a value that the table has.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        let Position {
            last_value,
            is_called,
        } = self.stands;
        let step = if is_called { self.increment } else { 0 };
        let next = i128::from(last_value) + i128::from(step);
        let is_taken = |highest| along(self.increment, highest) >= along(self.increment, next);
        self.highest.map(i128::from).is_some_and(is_taken)
    }

    /// Whether the sequence counts down.
    #[must_use]
    pub fn descends(&self) -> bool {
        self.increment < 0
    }
}

/// How far a value is in the direction of a sequence.
fn along(increment: i64, value: i128) -> i128 {
    value * i128::from(increment.signum())
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
    /// Where it stands now; `None` where SQLite forgot the sequence of an empty table.
    pub now: Option<Position>,
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
    let mut transaction = database.write(None)?;
    let write = transaction.lock(&[])?;
    let report = reset_within(write, scope, tables)?;
    let moved = report.sequences.iter().filter(|reset| reset.is_moved());
    let moved = moved.filter_map(|reset| Some((reset.standing.sequence.clone(), reset.now?)));
    let wanted: Positions = moved.collect();
    let names: Vec<String> = wanted.keys().cloned().collect();
    check_sequences(write.finish()?, &names, &wanted)?;
    transaction.commit()?;
    Ok(report)
}

/// See [`reset_sequences`]; in the caller's transaction.
///
/// # Errors
/// Those of [`reset_sequences`].
pub fn reset_within(
    write: &mut dyn Write,
    scope: &Scope,
    tables: &[String],
) -> Result<ResetReport> {
    let catalog = write.catalog();
    let scope = &scope.clone().resolved(write)?;
    let known = scope.covered(catalog.tables()).map(|table| &table.name);
    let known: Vec<&String> = known.collect();
    let is_known = |said: &&String| known.iter().any(|table| is_called(table, said));
    if let Some(unknown) = tables.iter().find(|said| !is_known(said)) {
        catalog.check_whole(&Pattern::new(unknown), |_| false)?;
        return Err(Error::UnknownTable {
            table: unknown.clone(),
            known: known.into_iter().cloned().collect(),
        });
    }
    let is_wanted =
        |table: &str| tables.is_empty() || tables.iter().any(|said| is_called(table, said));
    let mut report = ResetReport::default();
    let mut values = Positions::new();
    for standing in standings(write, scope)? {
        if !standing.feeds.iter().any(|feed| is_wanted(&feed.table)) {
            continue;
        }
        let now = match standing.highest {
            _ if standing.is_partial && !standing.is_behind() => Some(standing.stands),
            Some(highest) => Some(Position::called(highest)),
            // SQLite forgets the counter of an empty table; others begin again.
            None => catalog.sequences[&standing.sequence]
                .start
                .map(Position::next),
        };
        values.extend(now.map(|value| (standing.sequence.clone(), value)));
        report.sequences.push(ResetSequence { standing, now });
    }
    let moved = report.sequences.iter().filter(|reset| reset.is_moved());
    let moved: Vec<String> = moved.map(|reset| reset.standing.sequence.clone()).collect();
    if !moved.is_empty() {
        write.set_sequences(&moved, &values)?;
    }
    if tables.is_empty() {
        let sequences = catalog.sequences.iter();
        let free = sequences.filter(|(_, sequence)| sequence.feeds.is_empty());
        report.free = free.map(|(name, _)| name.clone()).collect();
    }
    Ok(report)
}

/// Every sequence that feeds a covered table, judged by all the tables it feeds: what an excluded one has is not to be
/// handed out again either.
pub(crate) fn standings(transaction: &mut dyn Transaction, scope: &Scope) -> Result<Vec<Standing>> {
    let catalog = &transaction.catalog();
    let mut standings = Vec::new();
    for (name, sequence) in &catalog.sequences {
        if sequence.feeds.iter().any(|feed| scope.covers(&feed.table)) {
            standings.extend(standing(transaction, catalog, name, sequence)?);
        }
    }
    Ok(standings)
}

/// `None` where no table that it feeds can be read.
fn standing(
    transaction: &mut dyn Transaction,
    catalog: &Catalog,
    name: &str,
    sequence: &Sequence,
) -> Result<Option<Standing>> {
    let mut found: Option<(Option<i64>, &Feed)> = None;
    let mut is_partial = false;
    let far = |value: Option<i64>| value.map(|value| along(sequence.increment, value.into()));
    for feed in &sequence.feeds {
        let table = catalog.table(&feed.table);
        let at = table.and_then(|table| table.columns().get_index_of(&feed.column));
        let (Some(table), Some(at)) = (table, at) else {
            is_partial = true;
            continue;
        };
        let others = (0..table.columns().len()).filter(|other| *other != at);
        let (narrow, _) = table.without(&others.collect::<Vec<_>>());
        let mut furthest = None;
        transaction.scan(&narrow, &mut |row| {
            match whole(row[0]) {
                value @ Some(_) if far(value) > far(furthest) => furthest = value,
                Some(_) => {}
                None => is_partial |= !row[0].is_null(),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if found.is_none_or(|(before, _)| far(furthest) > far(before)) {
            found = Some((furthest, feed));
        }
    }
    Ok(found.map(|(highest, feed)| Standing {
        sequence: name.to_owned(),
        table: feed.table.clone(),
        column: feed.column.clone(),
        feeds: sequence.feeds.clone(),
        stands: sequence.position,
        highest,
        increment: sequence.increment,
        is_partial,
    }))
}

/// A whole number, also of a type that files hold as text, as `numeric`.
fn whole(cell: CellRef<'_>) -> Option<i64> {
    match cell {
        CellRef::Integer(value) => Some(value),
        CellRef::Text(text) => std::str::from_utf8(text).ok()?.parse().ok(),
        _ => None,
    }
}
