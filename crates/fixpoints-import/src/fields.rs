//! The fields of a row in a file, as values of the columns of a table; it asks no database.

use std::collections::BTreeMap;

use crate::column::Column;
use crate::note::{NoteKind, Notes};
use crate::record::{Origin, Record};
use crate::target::{Given, Target};
use crate::value::Value;
use crate::yaml::{Kind, Node};
use crate::{cells, identity};
use fixpoints_core::cell::Cell;
use fixpoints_core::error::{Error, Result};

/// The fields of one record, on their way into a table.
pub(crate) struct Fields<'t, 'a> {
    pub target: &'t Target<'t>,
    pub record: &'a Record,
    pub origin: Origin,
}

impl<'a> Fields<'_, 'a> {
    /// The row they are, in the order of the table's columns.
    pub fn given(&self, notes: &mut Notes) -> Result<Given<'a>> {
        let mut values = BTreeMap::new();
        for (name, node) in &self.record.fields {
            if let Some(at) = self.position(name) {
                let cell = self.cell(self.target.columns[at], node, notes)?;
                values.insert(at, self.labelled(cell));
            } else if self.origin == Origin::Gem && self.target.generated.contains(name) {
                // The gem stored what the database computes again.
            } else if !self.refers(name, node, &mut values) {
                let table = self.target.name();
                let message = format!("{table} has no column {name} that could be written");
                notes.of(self.record, NoteKind::Lost, table, Some(name), message);
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
        let (table, name) = (self.target.name(), column.name);
        match cells::cell(node, column, self.origin) {
            Ok((cell, note)) => {
                if let Some((kind, what)) = note {
                    let message = format!("{name} {what}");
                    notes.of(self.record, kind, table, Some(name), message);
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

    fn position(&self, name: &str) -> Option<usize> {
        self.target.table.columns().get_index_of(name)
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
        let column = self.position(&format!("{name}_id"));
        let (Some(_), Some(at)) = (&self.record.label, column) else {
            return false;
        };
        let takes = self.target.columns[at].takes;
        let label = match &node.kind {
            Kind::Scalar(Value::Null) => {
                values.insert(at, Cell::Null);
                return true;
            }
            Kind::Scalar(value) if identity::key("", takes).is_some() => value.clone().into_text(),
            _ => return false,
        };
        let kind = self.position(&format!("{name}_type"));
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
        let table = self.target.name();
        if let [key] = self.target.table.key_positions() {
            let own = identity::key(label, self.target.columns[*key].takes);
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
            let at = self.position(column);
            let Some(at) = at.filter(|at| !values.contains_key(at)) else {
                continue;
            };
            values.insert(at, Cell::Text(moment.as_bytes().to_vec()));
            let message =
                format!("Rails fills {column} with the time of loading; {moment} stands for it");
            notes.of(self.record, NoteKind::Assumed, table, Some(column), message);
        }
    }
}
