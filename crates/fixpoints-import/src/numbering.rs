//! Numbers for the rows that a file gives none, and sequences that a rollback puts back: importing twice is the same.

use crate::column::Takes;
use crate::note::{NoteKind, Notes};
use crate::target::{Given, Target};
use fixpoints_core::catalog::Catalog;
use fixpoints_core::cell::Cell;
use fixpoints_core::database::Write;
use fixpoints_core::error::Result;
use fixpoints_core::position::Position;
use fixpoints_core::table::Table;

/// Fills the columns that sequences feed, with numbers after the last one of the file; the sequences are not asked.
pub(crate) fn number(
    catalog: &Catalog,
    target: &Target<'_>,
    given: &mut [Given<'_>],
    notes: &mut Notes,
) {
    let table = target.table;
    for sequence in catalog.sequences.values() {
        let feeds = sequence.feeds.iter();
        for feed in feeds.filter(|feed| feed.table == table.name) {
            let at = table.columns().get_index_of(&feed.column);
            // A sequence may be a part of a text, too.
            if let Some(at) = at.filter(|at| target.columns[*at].takes == Takes::Integer) {
                let step = if sequence.descends() { -1 } else { 1 };
                fill(table, at, step, given, notes);
            }
        }
    }
}

fn fill(table: &Table, at: usize, step: i64, given: &mut [Given<'_>], notes: &mut Notes) {
    let numbers = given.iter().filter_map(|row| row.values.get(&at));
    let furthest = numbers
        .filter_map(whole)
        .map(|number| number.saturating_mul(step));
    let mut count = furthest.max().unwrap_or_default().max(0);
    let column = table.column(at);
    for row in given.iter_mut() {
        // A row without any value is left out.
        if row.values.is_empty() || row.values.contains_key(&at) {
            continue;
        }
        let Some(next) = count.checked_add(1) else {
            return;
        };
        count = next;
        row.values.insert(at, Cell::Integer(next * step));
        let message = format!("the file has no {column}, so rows are numbered after its last one");
        notes.of(
            row.record,
            NoteKind::Assumed,
            &table.name,
            Some(column),
            message,
        );
    }
}

fn whole(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Integer(value) => Some(*value),
        Cell::Text(text) => std::str::from_utf8(text).ok()?.parse().ok(),
        _ => None,
    }
}

/// Lets the transaction's end put sequences back, wherever defaults take them: a sequence that was set to another
/// place inside a transaction belongs to it.
pub(crate) fn hold(database: &mut dyn Write) -> Result<()> {
    let standing = database.catalog().positions();
    let names: Vec<String> = standing.keys().cloned().collect();
    let elsewhere = standing.iter().map(|(name, position)| {
        let is_called = !position.is_called;
        let elsewhere = Position {
            is_called,
            ..*position
        };
        (name.clone(), elsewhere)
    });
    database.set_sequences(&names, &elsewhere.collect())?;
    database.set_sequences(&names, &standing)
}
