//! Puts a state into the database, in the caller's transaction, and looks whether it holds what it was given.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::check::{check, check_references, columns, row_called};
use crate::column::{Column, Takes};
use crate::given::Given;
use crate::note::{NoteKind, Notes};
use crate::record::{Origin, Record, State};
use crate::value::Value;
use crate::yaml::{Kind, Node};
use crate::{cells, identity, numbering};
use fixpoints_core::catalog::Catalog;
use fixpoints_core::cell::{Cell, Row};
use fixpoints_core::database::Write;
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::scope::Scope;
use fixpoints_core::table::Table;

/// What is loaded with what.
pub(crate) struct Loader<'a> {
    pub database: &'a mut dyn Write,
    pub scope: &'a Scope,
    pub notes: &'a mut Notes,
    /// Whether a rollback undoes what defaults do to sequences.
    pub holds_sequences: bool,
}

impl Loader<'_> {
    /// Replaces the rows of every covered table by those of a state.
    pub fn load(&mut self, state: &State) -> Result<()> {
        let catalog = self.database.catalog();
        let scope = self.scope.clone().resolved(self.database)?;
        // An index stays as it is where the file does not say what holds its rows.
        let is_derived = |table: &&Table| {
            let records = state.tables.get(&table.name);
            catalog.owners.contains_key(&table.name) && records.is_none_or(Vec::is_empty)
        };
        let covered = scope.covered(catalog.tables());
        let covered: Vec<&Table> = covered.filter(|table| !is_derived(table)).collect();
        for table in &covered {
            self.database.clear(table)?;
        }
        let mut loaded = Vec::new();
        for (name, records) in &state.tables {
            if records.is_empty() || self.leaves_out(&catalog, &scope, name, records) {
                continue;
            }
            let table = &catalog.tables[name].table;
            let engine = self.database.engine();
            let fields = records.iter().map(|record| Fields {
                table,
                record,
                origin: state.origin,
                engine,
            });
            let given = fields.map(|fields| fields.given(self.notes));
            let mut given: Vec<Given<'_>> = given.collect::<Result<_>>()?;
            numbering::number(&catalog, table, &mut given, self.notes);
            self.insert(table, &given)?;
            check(self.database, table, &given, self.notes)?;
            loaded.push((table, given));
        }
        self.database.derive(&covered, &[])?;
        check_references(self.database, &loaded, self.notes)
    }

    /// Whether a table is no part of a fixpoint, which is said.
    fn leaves_out(
        &mut self,
        catalog: &Catalog,
        scope: &Scope,
        name: &str,
        records: &[Record],
    ) -> bool {
        let reason = match (catalog.table(name), catalog.skipped.get(name)) {
            (Some(_), _) if scope.covers(name) => return false,
            (Some(_), _) => "it is left out of fixpoints".to_owned(),
            (None, Some(reason)) => reason.clone(),
            (None, None) => "the database has no such table".to_owned(),
        };
        let message = format!("the rows of {name} are not in the fixpoint: {reason}");
        let mut note = records[0].note(NoteKind::Lost, name, None, message);
        note.count = records.len() as u64;
        self.notes.add(note);
        true
    }

    /// Rows with the same columns go together, so that the others get the database's defaults.
    fn insert(&mut self, table: &Table, given: &[Given<'_>]) -> Result<()> {
        let mut groups: IndexMap<Vec<usize>, Vec<&Given<'_>>> = IndexMap::new();
        for row in given {
            if row.values.is_empty() {
                let message = format!("a row of {} has no value that could be written", table.name);
                let note = row.record.note(NoteKind::Lost, &table.name, None, message);
                self.notes.add(note);
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
            if !missing.is_empty() {
                self.hold_sequences()?;
                note_defaults(table, &missing, &rows, self.notes);
            }
            let (view, _) = table.without(&missing);
            let mut last = None;
            let mut cells = rows.iter().map(|row| {
                last = Some(*row);
                Ok(row.values.values().cloned().collect::<Row>())
            });
            let done = self.database.insert(&view, &mut cells);
            let engine = self.database.engine();
            // SQLite refuses a row before it takes another one.
            let last = last.filter(|_| engine == "sqlite");
            done.map_err(|error| refused(engine, table, &rows, last, error))?;
        }
        Ok(())
    }

    /// Before a default may move a sequence.
    fn hold_sequences(&mut self) -> Result<()> {
        if !std::mem::replace(&mut self.holds_sequences, true) {
            numbering::hold(self.database)?;
        }
        Ok(())
    }
}

/// Says where in the file the row is that the database refuses, as far as that is known.
fn refused(
    engine: &str,
    table: &Table,
    rows: &[&Given<'_>],
    last: Option<&Given<'_>>,
    error: Error,
) -> Error {
    let columns = columns(engine, table);
    let (row, message) = match &error {
        Error::Row {
            row,
            message,
            fault: Fault::Row | Fault::Reference,
            ..
        } => (Some(row), message),
        Error::Database {
            message,
            fault: Fault::Row | Fault::Statement | Fault::Unknown,
            ..
        } => (None, message),
        _ => return error,
    };
    let found = row
        .and_then(|row| row_called(&columns, table, rows, row))
        .or(last);
    // Without a key in the message, any row may be the one.
    let suspects = found.map_or_else(|| rows.to_vec(), |row| vec![row]);
    let as_json = suspects.iter().find_map(|row| {
        let mut columns = columns.iter();
        let (column, node) = columns.find_map(|column| {
            let node = row.record.fields.get(column.name)?;
            cells::is_json_for(node, *column).then_some((column, node))
        })?;
        Some((row.record, column.name, node.line))
    });
    let (path, line, reason) = match (as_json, row, found) {
        (Some((record, column, line)), ..) => {
            let reason = format!(
                "{}.{column} is a list or a map, which was written as JSON: {message}",
                table.name
            );
            (record.file.to_string(), Some(line), reason)
        }
        (None, Some(row), found) => {
            let path = found.or(rows.first().copied());
            let path = path.map(|row| row.record.file.to_string());
            let reason = format!("{} refuses {row}: {message}", table.name);
            (
                path.unwrap_or_default(),
                found.map(|row| row.record.line),
                reason,
            )
        }
        (None, None, _) => return error,
    };
    Error::Import { path, line, reason }
}

/// The fields of one record, on their way into a table.
struct Fields<'a> {
    table: &'a Table,
    record: &'a Record,
    origin: Origin,
    engine: &'static str,
}

impl<'a> Fields<'a> {
    fn given(&self, notes: &mut Notes) -> Result<Given<'a>> {
        let mut values = BTreeMap::new();
        for (name, node) in &self.record.fields {
            if let Some((at, name, declared)) = self.table.columns().get_full(name) {
                let column = Column::new(self.engine, name, declared);
                let cell = self.cell(column, node, notes)?;
                values.insert(at, self.labelled(cell));
            } else if !self.refers(name, node, &mut values) {
                let table = &self.table.name;
                let message = format!("{table} has no column {name} that could be written");
                let note = self.record.note(NoteKind::Lost, table, Some(name), message);
                notes.add(note);
            }
        }
        if let Some(label) = &self.record.label {
            self.fill(label, &mut values, notes);
        }
        Ok(Given {
            record: self.record,
            values,
        })
    }

    fn cell(&self, column: Column<'_>, node: &Node, notes: &mut Notes) -> Result<Cell> {
        let (table, name) = (&self.table.name, column.name);
        match cells::cell(node, column, self.origin) {
            Ok((cell, note)) => {
                if let Some((kind, what)) = note {
                    let message = format!("{name} {what}");
                    notes.add(self.record.note(kind, table, Some(name), message));
                }
                Ok(cell)
            }
            Err(what) => Err(Error::Import {
                path: self.record.file.to_string(),
                line: Some(node.line),
                reason: format!("{table}.{name} {what}"),
            }),
        }
    }

    fn takes(&self, at: usize) -> Takes {
        let declared = &self.table.columns()[at];
        Column::new(self.engine, self.table.column(at), declared).takes
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
        let (Some(_), Some((at, ..))) = (&self.record.label, column) else {
            return false;
        };
        let takes = self.takes(at);
        let label = match &node.kind {
            Kind::Scalar(Value::Null) => {
                values.insert(at, Cell::Null);
                return true;
            }
            Kind::Scalar(value) if identity::key("", takes).is_some() => value.clone().into_text(),
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
            (None, _) => label.as_str(),
        };
        values.extend(identity::key(label, takes).map(|key| (at, key)));
        true
    }

    /// What Rails adds to a fixture: a key made of its label, and times.
    fn fill(&self, label: &str, values: &mut BTreeMap<usize, Cell>, notes: &mut Notes) {
        let table = &self.table.name;
        if let [key] = self.table.key_positions() {
            let own = identity::key(label, self.takes(*key));
            if let (false, Some(own)) = (values.contains_key(key), own) {
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
            notes.add(note);
        }
    }
}

/// Columns that the file does not speak of, all of them in one note.
fn note_defaults(table: &Table, missing: &[usize], rows: &[&Given<'_>], notes: &mut Notes) {
    let Some(first) = rows.first() else {
        return;
    };
    let names: Vec<&str> = missing.iter().map(|&at| table.column(at)).collect();
    let (column, message) = match names.as_slice() {
        [one] => (
            Some(*one),
            format!("the file has no {one}, so the database's default stands"),
        ),
        _ => (
            None,
            format!(
                "the file has no {}, so the database's defaults stand",
                names.join(", ")
            ),
        ),
    };
    let record = first.record;
    let mut note = record.note(NoteKind::Assumed, &table.name, column, message);
    note.count = rows.len() as u64;
    notes.add(note);
}
