//! Looks whether the database holds what it was given, and whether its rows refer to each other; it only reads.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::cells::is_carried;
use crate::given::Given;
use crate::note::{Note, NoteKind, Notes};
use fixpoints_core::cell::{AsCell as _, Cell};
use fixpoints_core::database::Transaction;
use fixpoints_core::error::Result;
use fixpoints_core::table::Table;

/// Notes every value the database holds in another form; rows are found again by their key, as far as they were given
/// one.
pub(crate) fn check(
    database: &mut dyn Transaction,
    table: &Table,
    given: &[Given<'_>],
    notes: &mut Notes,
) -> Result<()> {
    let mut expected: BTreeMap<Vec<String>, &Given<'_>> = BTreeMap::new();
    for row in given {
        expected.extend(key_of(table, row).map(|key| (key, row)));
    }
    let mut changed: Vec<Note> = Vec::new();
    database.scan(table, &mut |row| {
        let key = table.key_positions().iter();
        let key = key.map(|&at| spelled(&row[at].to_cell(), &table.columns()[at]));
        let key: Vec<String> = key.collect();
        let Some(given) = expected.remove(&key) else {
            return Ok(ControlFlow::Continue(()));
        };
        for (&at, cell) in &given.values {
            let column = table.column(at);
            if !is_carried(&table.columns()[at], cell, row[at]) {
                let (from, to) = (cell.to_json(), row[at].to_cell().to_json());
                let message = format!("{column} is {from} in the file and {to} in the database");
                changed.push(given.record.note(
                    NoteKind::Changed,
                    &table.name,
                    Some(column),
                    message,
                ));
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    for note in changed {
        notes.add(note);
    }
    for (key, given) in expected {
        let message = format!("the row {} has another key in the database", key.join(", "));
        let note = given
            .record
            .note(NoteKind::Changed, &table.name, None, message);
        notes.add(note);
    }
    Ok(())
}

/// Notes every row that refers to a row that is in no file.
pub(crate) fn check_references(
    database: &mut dyn Transaction,
    loaded: &[(&Table, Vec<Given<'_>>)],
    notes: &mut Notes,
) -> Result<()> {
    for broken in database.broken_references()? {
        let found = loaded
            .iter()
            .find(|(table, _)| table.name.eq_ignore_ascii_case(&broken.table));
        // What is wrong in tables of others is not this import's business.
        let Some((table, rows)) = found else { continue };
        let Some(first) = rows.first() else { continue };
        let key = key_in(table, &broken.row);
        let row = key.and_then(|key| {
            rows.iter()
                .find(|row| key_of(table, row).as_ref() == Some(&key))
        });
        let message = broken.to_string();
        let mut note = first
            .record
            .note(NoteKind::Broken, &table.name, None, message);
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

/// The key a row was given.
fn key_of(table: &Table, row: &Given<'_>) -> Option<Vec<String>> {
    let key = table.key_positions().iter();
    let key = key.map(|at| Some(spelled(row.values.get(at)?, &table.columns()[*at])));
    let key: Option<Vec<String>> = key.collect();
    key.filter(|key| !key.is_empty())
}

/// The key in a row as messages name it.
fn key_in(table: &Table, row: &str) -> Option<Vec<String>> {
    let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(row).ok()?;
    let key = table.key().iter().map(|column| {
        let cell = match row.get(column)? {
            serde_json::Value::String(text) => Cell::Text(text.clone().into_bytes()),
            serde_json::Value::Bool(value) => Cell::Bool(*value),
            number => Cell::Text(number.to_string().into_bytes()),
        };
        Some(spelled(&cell, &table.columns()[column]))
    });
    key.collect()
}

/// A key's value, the same for every form of a number or of a UUID.
fn spelled(cell: &Cell, declared: &str) -> String {
    let text = match cell.cell() {
        fixpoints_core::cell::CellRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        fixpoints_core::cell::CellRef::Bool(value) => u8::from(value).to_string(),
        _ => cell.to_json().to_string(),
    };
    if declared == "uuid" {
        return crate::identity::plain_uuid(&text).unwrap_or(text);
    }
    crate::value::plain_decimal(&text).unwrap_or(text)
}
