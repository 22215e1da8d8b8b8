//! Puts a state into the database, in the caller's transaction, and looks whether it holds what it was given.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use indexmap::IndexMap;

use super::cells::{cell, is_carried};
use super::identity;
use super::note::{Note, NoteKind, Notes};
use super::record::{Record, State};
use super::value::Value;
use super::yaml::{Kind, Node};
use crate::cell::{AsCell as _, Cell, Row};
use crate::database::Database;
use crate::error::{Error, Result};
use crate::scope::Scope;
use crate::table::Table;

/// A row on its way: the columns that are given, their values, and where it comes from.
struct Given<'a> {
    record: &'a Record,
    values: BTreeMap<usize, Cell>,
}

/// Replaces the rows of every covered table by those of a state.
pub(super) fn load(
    database: &mut dyn Database,
    scope: &Scope,
    state: &State,
    notes: &mut Notes,
) -> Result<()> {
    let catalog = database.catalog()?;
    for table in scope.covered(&catalog.tables) {
        database.clear(table)?;
    }
    for (name, records) in &state.tables {
        let Some(first) = records.first() else {
            continue;
        };
        let reason = match (catalog.tables.get(name), catalog.skipped.get(name)) {
            (Some(_), _) if scope.covers(name) => None,
            (Some(_), _) => Some("it is left out of fixpoints".to_owned()),
            (None, Some(reason)) => Some(reason.clone()),
            (None, None) => Some("the database has no such table".to_owned()),
        };
        if let Some(reason) = reason {
            let message = format!("the rows of {name} are not in the fixpoint: {reason}");
            let mut note = first.note(NoteKind::Lost, name, None, message);
            note.count = records.len() as u64;
            notes.add("table", note);
            continue;
        }
        let table = &catalog.tables[name];
        let given: Vec<Given<'_>> = records
            .iter()
            .map(|record| Fields { table, record }.given(notes))
            .collect();
        insert(database, table, &given, notes)?;
        check(database, table, &given, notes)?;
    }
    Ok(())
}

/// The fields of one record, on their way into a table.
struct Fields<'a> {
    table: &'a Table,
    record: &'a Record,
}

impl<'a> Fields<'a> {
    fn given(&self, notes: &mut Notes) -> Given<'a> {
        let mut values = BTreeMap::new();
        for (name, node) in &self.record.fields {
            if let Some((at, _, declared)) = self.table.columns().get_full(name) {
                values.insert(at, self.labelled(cell(node, declared)));
            } else if !self.refers(name, node, &mut values) {
                let table = &self.table.name;
                let message = format!("{table} has no column {name} that could be written");
                let note = self.record.note(NoteKind::Lost, table, Some(name), message);
                notes.add("column", note);
            }
        }
        if let Some(label) = &self.record.label {
            self.fill(label, &mut values, notes);
        }
        Given {
            record: self.record,
            values,
        }
    }

    /// `$LABEL` in a fixture of Rails stands for its label.
    fn labelled(&self, cell: Cell) -> Cell {
        match (&self.record.label, cell) {
            (Some(label), Cell::Text(text)) => {
                let text = String::from_utf8_lossy(&text).replace("$LABEL", label);
                Cell::Text(text.into_bytes())
            }
            (_, cell) => cell,
        }
    }

    /// `author: george` in a fixture of Rails refers to the row with that label; whether this field does.
    fn refers(&self, name: &str, node: &Node, values: &mut BTreeMap<usize, Cell>) -> bool {
        let columns = self.table.columns();
        let column = columns.get_full(&format!("{name}_id"));
        let (Some(_), Some((at, _, declared))) = (&self.record.label, column) else {
            return false;
        };
        let label = match &node.kind {
            Kind::Scalar(Value::Text(label)) if identity::key(label, declared).is_some() => label,
            Kind::Scalar(Value::Null) => {
                values.insert(at, Cell::Null);
                return true;
            }
            _ => return false,
        };
        let kind = columns.get_index_of(&format!("{name}_type"));
        let polymorphic = label
            .strip_suffix(')')
            .and_then(|label| label.split_once(" ("));
        let label = match (polymorphic, kind) {
            (Some((label, class)), Some(kind)) => {
                values.insert(kind, Cell::Text(class.as_bytes().to_vec()));
                label
            }
            (Some(_), None) => return false,
            (None, _) => label,
        };
        values.extend(identity::key(label, declared).map(|key| (at, key)));
        true
    }

    /// What Rails adds to a fixture: a key made of its label, and times.
    fn fill(&self, label: &str, values: &mut BTreeMap<usize, Cell>, notes: &mut Notes) {
        let table = &self.table.name;
        if let [key] = self.table.key_positions() {
            let declared = &self.table.columns()[*key];
            if let (false, Some(own)) = (values.contains_key(key), identity::key(label, declared)) {
                values.insert(*key, own);
            }
        }
        for (column, moment) in [
            ("created_at", "2000-01-01 00:00:00"),
            ("updated_at", "2000-01-01 00:00:00"),
            ("created_on", "2000-01-01"),
            ("updated_on", "2000-01-01"),
        ] {
            let at = self.table.columns().get_index_of(column);
            let Some(at) = at.filter(|at| !values.contains_key(at)) else {
                continue;
            };
            values.insert(at, Cell::Text(moment.as_bytes().to_vec()));
            let message =
                format!("Rails fills {column} with the time of loading; {moment} stands for it");
            let note = self
                .record
                .note(NoteKind::Assumed, table, Some(column), message);
            notes.add("filled", note);
        }
    }
}

/// Rows with the same columns go together, so that the others get the database's defaults.
fn insert(
    database: &mut dyn Database,
    table: &Table,
    given: &[Given<'_>],
    notes: &mut Notes,
) -> Result<()> {
    let mut groups: IndexMap<Vec<usize>, Vec<&Given<'_>>> = IndexMap::new();
    for row in given {
        if row.values.is_empty() {
            let message = format!("a row of {} has no value that could be written", table.name);
            notes.add(
                "empty",
                row.record.note(NoteKind::Lost, &table.name, None, message),
            );
            continue;
        }
        groups
            .entry(row.values.keys().copied().collect())
            .or_default()
            .push(row);
    }
    // Keys that the database gives must not be those of rows that still come.
    let keyless = |positions: &[usize]| {
        !table
            .key_positions()
            .iter()
            .all(|at| positions.contains(at))
    };
    groups.sort_by_cached_key(|positions, _| keyless(positions));
    for (positions, rows) in groups {
        let missing: Vec<usize> = (0..table.columns().len())
            .filter(|at| !positions.contains(at))
            .collect();
        note_defaults(table, &missing, &rows, notes);
        let (view, _) = table.without(&missing);
        let mut last = None;
        let mut cells = rows.iter().map(|row| {
            last = Some(row.record);
            Ok(row.values.values().cloned().collect::<Row>())
        });
        let done = database.insert(&view, &mut cells);
        if let Err(Error::Row { row, message, .. }) = done {
            let at = last.or(rows.first().map(|row| row.record));
            return Err(Error::Import {
                path: at.map(|record| record.file.to_string()).unwrap_or_default(),
                // A database that takes many rows at once does not say which of them it refuses.
                line: at
                    .filter(|_| database.engine() == "sqlite")
                    .map(|record| record.line),
                reason: format!("{} refuses {row}: {message}", table.name),
            });
        }
        done?;
    }
    Ok(())
}

/// Columns that the file does not speak of.
fn note_defaults(table: &Table, missing: &[usize], rows: &[&Given<'_>], notes: &mut Notes) {
    let Some(first) = rows.first() else {
        return;
    };
    for at in missing {
        let column = table.column(*at);
        let message = format!("the file has no {column}, so the database's default stands");
        let mut note = first
            .record
            .note(NoteKind::Assumed, &table.name, Some(column), message);
        note.count = rows.len() as u64;
        notes.add("default", note);
    }
}

/// Rows are found again by their key, as far as they were given one.
fn check(
    database: &mut dyn Database,
    table: &Table,
    given: &[Given<'_>],
    notes: &mut Notes,
) -> Result<()> {
    let mut expected: BTreeMap<Vec<String>, &Given<'_>> = BTreeMap::new();
    for row in given {
        let key = table.key_positions().iter();
        let key = key.map(|at| Some(spelled(row.values.get(at)?, &table.columns()[*at])));
        let key: Option<Vec<String>> = key.collect();
        if let Some(key) = key.filter(|key| !key.is_empty()) {
            expected.insert(key, row);
        }
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
            if !is_carried(cell, row[at]) {
                let column = table.column(at);
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
        notes.add("changed", note);
    }
    for (key, given) in expected {
        let message = format!("the row {} has another key in the database", key.join(", "));
        let note = given
            .record
            .note(NoteKind::Changed, &table.name, None, message);
        notes.add("rekeyed", note);
    }
    Ok(())
}

/// A key's value, the same for every form of a number or of a UUID.
fn spelled(cell: &Cell, declared: &str) -> String {
    let text = match cell.cell() {
        crate::cell::CellRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        crate::cell::CellRef::Bool(value) => u8::from(value).to_string(),
        _ => cell.to_json().to_string(),
    };
    if declared == "uuid" {
        return super::value::plain_uuid(&text).unwrap_or(text);
    }
    super::value::plain_decimal(&text).unwrap_or(text)
}
