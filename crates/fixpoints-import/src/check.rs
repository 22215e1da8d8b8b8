//! Looks whether the database holds what it was given, and whether its rows refer to each other; it only reads.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::form::{Fate, Form, fate, form};
use crate::note::{Note, NoteKind, Notes};
use crate::target::{Given, Target};
use fixpoints_core::cell::{AsCell as _, Cell, CellRef, Row};
use fixpoints_core::database::Transaction;
use fixpoints_core::error::Result;

/// Notes every value that the database holds otherwise. A row is found again by its key, and one that was given none by
/// its values.
pub(crate) fn check(
    database: &mut dyn Transaction,
    target: &Target<'_>,
    given: &[Given<'_>],
    notes: &mut Notes,
) -> Result<()> {
    let mut named: BTreeMap<Vec<Form>, &Given<'_>> = BTreeMap::new();
    let mut unnamed: Vec<&Given<'_>> = Vec::new();
    for row in given.iter().filter(|row| !row.values.is_empty()) {
        match target.key_of(row) {
            Some(key) => drop(named.insert(key, row)),
            None => unnamed.push(row),
        }
    }
    let mut others: Vec<Row> = Vec::new();
    database.scan(target.table, &mut |row| {
        let key = target.table.key_positions().iter();
        let key: Vec<Form> = key.map(|&at| form(target.columns[at], row[at])).collect();
        if let Some(given) = named.remove(&key) {
            compare(target, given, row, notes);
        } else if !unnamed.is_empty() {
            others.push(row.iter().map(|cell| cell.to_cell()).collect());
        }
        Ok(ControlFlow::Continue(()))
    })?;
    check_unnamed(target, &unnamed, others, notes);
    for given in named.into_values() {
        let message = format!("a row of {} has another key in the database", target.name());
        notes.of(
            given.record,
            NoteKind::Changed,
            target.name(),
            None,
            message,
        );
    }
    Ok(())
}

/// Pairs rows that are equal, and then those that are left in their order.
fn check_unnamed(
    target: &Target<'_>,
    given: &[&Given<'_>],
    mut found: Vec<Row>,
    notes: &mut Notes,
) {
    let mut wanted: BTreeMap<Vec<usize>, BTreeMap<Vec<Form>, Vec<&Given<'_>>>> = BTreeMap::new();
    for row in given {
        let positions: Vec<usize> = row.values.keys().copied().collect();
        let values = row.values.iter();
        let values = values.map(|(&at, cell)| form(target.columns[at], cell.cell()));
        let same = wanted.entry(positions).or_default();
        same.entry(values.collect()).or_default().push(row);
    }
    found.retain(|row| {
        !wanted.iter_mut().any(|(positions, same)| {
            let values = positions.iter();
            let values = values.map(|&at| form(target.columns[at], row[at].cell()));
            same.get_mut(&values.collect::<Vec<_>>())
                .is_some_and(|rows| rows.pop().is_some())
        })
    });
    let left = wanted.into_values().flat_map(BTreeMap::into_values);
    let mut left: Vec<&Given<'_>> = left.flatten().collect();
    left.sort_by_key(|row| row.record.line);
    let mut found = found.iter();
    for row in left {
        match found.next() {
            Some(found) => {
                let found: Vec<CellRef<'_>> = found.iter().map(Cell::cell).collect();
                compare(target, row, &found, notes);
            }
            None => {
                let message = format!("the database has no row of {} for it", target.name());
                notes.of(row.record, NoteKind::Changed, target.name(), None, message);
            }
        }
    }
}

/// Notes what became of the values of a row.
fn compare(target: &Target<'_>, given: &Given<'_>, found: &[CellRef<'_>], notes: &mut Notes) {
    for (&at, cell) in &given.values {
        let column = target.columns[at].name;
        let fate = fate(target.columns[at], cell, found[at]);
        if fate == Fate::Kept {
            continue;
        }
        let (from, to) = (cell.to_json(), found[at].to_cell().to_json());
        let (kind, message) = if fate == Fate::Read {
            let message =
                format!("{column} is {from} in the file, which the database reads as {to}");
            (NoteKind::Assumed, message)
        } else {
            let message = format!("{column} is {from} in the file and {to} in the database");
            (NoteKind::Changed, message)
        };
        notes.of(given.record, kind, target.name(), Some(column), message);
    }
}

/// Notes every row that refers to a row that is in no file.
pub(crate) fn check_references(
    database: &mut dyn Transaction,
    loaded: &[(Target<'_>, Vec<Given<'_>>)],
    notes: &mut Notes,
) -> Result<()> {
    for broken in database.broken_references()? {
        let found = loaded
            .iter()
            .find(|(target, _)| target.name() == broken.table);
        // What is wrong in tables of others is not this import's business.
        let Some((target, rows)) = found else {
            continue;
        };
        let Some(first) = rows.first() else { continue };
        let row = target.row_called(rows, &broken.row);
        let message = broken.to_string();
        let mut note = Note::of(first.record, NoteKind::Broken, target.name(), None, message);
        match row {
            Some(row) => {
                (note.file, note.line) = (row.record.file.to_string(), Some(row.record.line));
            }
            None => note.line = None,
        }
        notes.add(note);
    }
    Ok(())
}
