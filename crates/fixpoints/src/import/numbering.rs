//! Numbers for the rows that a file gives none, and sequences that a rollback puts back: importing twice is the same.

use super::load::Given;
use super::note::{NoteKind, Notes};
use crate::cell::Cell;
use crate::database::{Catalog, Database};
use crate::error::Result;
use crate::sequences::fed_column;
use crate::table::Table;

/// Fills the columns that sequences feed, behind the highest number that the file gives; the sequences are not asked.
pub(super) fn number(catalog: &Catalog, table: &Table, given: &mut [Given<'_>], notes: &mut Notes) {
    let sequences = catalog.sequences.keys();
    let feeding = sequences
        .filter(|sequence| catalog.fed_table(sequence) == Some(&table.name))
        .filter_map(|sequence| fed_column(catalog, sequence, table));
    for at in feeding {
        let numbers = given
            .iter()
            .filter_map(|row| row.values.get(&at).and_then(whole));
        let mut last = numbers.max().unwrap_or_default().max(0);
        let column = table.column(at);
        for row in given.iter_mut() {
            // A row without any value is no row.
            if row.values.is_empty() || row.values.contains_key(&at) {
                continue;
            }
            let Some(next) = last.checked_add(1) else {
                return;
            };
            last = next;
            row.values.insert(at, Cell::Integer(next));
            let message =
                format!("the file has no {column}, so rows are numbered behind its highest one");
            let note = row
                .record
                .note(NoteKind::Assumed, &table.name, Some(column), message);
            notes.add(note);
        }
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
pub(super) fn hold(database: &mut dyn Database) -> Result<()> {
    let standing = database.catalog()?.sequences;
    let names: Vec<String> = standing.keys().cloned().collect();
    let elsewhere = standing
        .iter()
        .map(|(name, value)| (name.clone(), value.wrapping_add(1)));
    database.set_sequences(&names, &elsewhere.collect())?;
    database.catalog()?;
    database.set_sequences(&names, &standing)?;
    database.catalog().map(drop)
}
