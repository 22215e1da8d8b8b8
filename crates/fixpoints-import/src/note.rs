//! What a person should know of an import, gathered so that what holds for a thousand rows is one note.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::Record;
use serde::{Deserialize, Serialize};

/// The kinds of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// Something in the file is not in the fixpoint.
    Lost,
    /// The database holds another value than the file means.
    Changed,
    /// A row refers to a row that is in no file, so that a restore refuses the fixpoint.
    Broken,
    /// The file does not say something, and the fixpoint does; or Ruby would read it otherwise.
    Assumed,
}

/// One thing a person should know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// What kind of thing it is.
    pub kind: NoteKind,
    /// The file.
    pub file: String,
    /// The first line it is so at, counted from 1, where it has one.
    pub line: Option<usize>,
    /// The table, or the name the file gives it.
    pub table: Option<String>,
    /// The column, or the name the file gives it.
    pub column: Option<String>,
    /// What is so, at that line.
    pub message: String,
    /// How often it is so.
    pub count: u64,
}

impl Note {
    /// About a record.
    pub(crate) fn of(
        record: &Record,
        kind: NoteKind,
        table: &str,
        column: Option<&str>,
        message: String,
    ) -> Self {
        Self {
            line: Some(record.line),
            table: Some(table.to_owned()),
            column: column.map(str::to_owned),
            ..Self::of_file(kind, record.file.to_string(), message)
        }
    }

    /// About a whole file.
    pub(crate) fn of_file(kind: NoteKind, file: String, message: String) -> Self {
        Self {
            kind,
            file,
            line: None,
            table: None,
            column: None,
            message,
            count: 1,
        }
    }
}

/// What makes two notes one, in another line.
type Subject = (NoteKind, String, Option<String>, Option<String>, String);

/// Notes in the making.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// With the lines that were counted: rows of a parent come again in each of its children.
    notes: BTreeMap<Subject, (Note, BTreeSet<Option<usize>>)>,
}

impl Notes {
    /// Adds a note about a record.
    pub fn of(
        &mut self,
        record: &Record,
        kind: NoteKind,
        table: &str,
        column: Option<&str>,
        message: String,
    ) {
        self.add(Note::of(record, kind, table, column, message));
    }

    /// Adds a note; those that say the same of another line are one.
    pub fn add(&mut self, note: Note) {
        let subject = (
            note.kind,
            note.file.clone(),
            note.table.clone(),
            note.column.clone(),
            note.message.clone(),
        );
        match self.notes.get_mut(&subject) {
            Some((known, lines)) => {
                if lines.insert(note.line) {
                    known.count += note.count;
                }
            }
            None => {
                let lines = BTreeSet::from([note.line]);
                self.notes.insert(subject, (note, lines));
            }
        }
    }

    pub fn sorted(self) -> Vec<Note> {
        let mut notes: Vec<Note> = self.notes.into_values().map(|(note, _)| note).collect();
        notes.sort();
        notes
    }
}
