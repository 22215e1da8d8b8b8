//! Puts a state into the database, in the caller's transaction, and looks whether it holds what it was given.

use indexmap::IndexMap;

use crate::check::{check, check_references};
use crate::fields::Fields;
use crate::note::{Note, NoteKind, Notes};
use crate::record::{Record, State};
use crate::target::{Given, Target};
use crate::{cells, numbering};
use fixpoints_core::catalog::Catalog;
use fixpoints_core::cell::Row;
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
            let target = Target::new(self.database.engine(), &catalog.tables[name]);
            let mut given = Vec::with_capacity(records.len());
            for record in records {
                let fields = Fields {
                    target: &target,
                    record,
                    origin: state.origin,
                };
                given.push(fields.given(self.notes)?);
            }
            numbering::number(&catalog, &target, &mut given, self.notes);
            self.insert(&target, &given)?;
            check(self.database, &target, &given, self.notes)?;
            loaded.push((target, given));
        }
        self.database.derive(&covered, &[])?;
        check_references(self.database, &loaded, self.notes)
    }

    /// Whether a table is not part of the fixpoint, which is noted.
    fn leaves_out(
        &mut self,
        catalog: &Catalog,
        scope: &Scope,
        name: &str,
        records: &[Record],
    ) -> bool {
        let reason = match (catalog.table(name), catalog.why_not(name)) {
            (Some(_), _) if scope.covers(name) => return false,
            (Some(_), _) => "it is left out of fixpoints".to_owned(),
            (None, Some(reason)) => reason,
            (None, None) => "the database has no such table".to_owned(),
        };
        let message = format!("the rows of {name} are not in the fixpoint: {reason}");
        let mut note = Note::of(&records[0], NoteKind::Lost, name, None, message);
        note.count = records.len() as u64;
        self.notes.add(note);
        true
    }

    /// Rows with the same columns go together, so that the others get the database's defaults.
    fn insert(&mut self, target: &Target<'_>, given: &[Given<'_>]) -> Result<()> {
        let table = target.table;
        let mut groups: IndexMap<Vec<usize>, Vec<&Given<'_>>> = IndexMap::new();
        for row in given {
            if row.values.is_empty() {
                let message = format!("a row of {} has no value that could be written", table.name);
                self.notes
                    .of(row.record, NoteKind::Lost, &table.name, None, message);
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
            // SQLite refuses a row before it takes another one.
            let last = last.filter(|_| self.database.engine() == "sqlite");
            done.map_err(|error| refused(target, &rows, last, error))?;
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
    target: &Target<'_>,
    rows: &[&Given<'_>],
    last: Option<&Given<'_>>,
    error: Error,
) -> Error {
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
    let found = row.and_then(|row| target.row_called(rows, row)).or(last);
    // Without a key in the message, any row may be the one.
    let suspects = found.map_or_else(|| rows.to_vec(), |row| vec![row]);
    let as_json = suspects.iter().find_map(|row| {
        let mut columns = target.columns.iter();
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
                target.name()
            );
            (record.file.to_string(), Some(line), reason)
        }
        (None, Some(row), found) => {
            let path = found.or(rows.first().copied());
            let path = path.map(|row| row.record.file.to_string());
            let reason = format!("{} refuses {row}: {message}", target.name());
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

/// Columns that the file does not have, all of them in one note.
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
    let mut note = Note::of(record, NoteKind::Assumed, &table.name, column, message);
    note.count = rows.len() as u64;
    notes.add(note);
}
