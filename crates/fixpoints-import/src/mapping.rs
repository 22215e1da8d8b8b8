//! The mapping file: which table a name in the files means, and which column; names that nothing has are noted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use indexmap::IndexMap;

use crate::files::{parse, refused};
use crate::note::{Note, NoteKind, Notes};
use crate::record::{Record, Tables};
use crate::value::Value;
use crate::yaml::{Kind, Node};
use fixpoints_core::error::Result;
use fixpoints_core::names::shown;

/// What names mean.
#[derive(Debug, Default)]
pub(crate) struct Mapping {
    file: String,
    entries: BTreeMap<String, Entry>,
    used: BTreeSet<String>,
}

#[derive(Debug)]
struct Entry {
    line: usize,
    table: String,
    columns: BTreeMap<String, String>,
}

impl Mapping {
    /// Reads `name: table`, or `name: {table: …, columns: {old: new}}`.
    pub fn read(path: &Path) -> Result<Self> {
        let mut mapping = Self {
            file: shown(path),
            ..Self::default()
        };
        let Some(node) = parse(path)? else {
            return Ok(mapping);
        };
        let line = node.line;
        let Kind::Map(names) = node.kind else {
            return Err(refused(
                path,
                Some(line),
                "a mapping is a map from names to tables",
            ));
        };
        for (name, node) in names {
            let entry = entry(path, &name, node)?;
            mapping.entries.insert(name, entry);
        }
        Ok(mapping)
    }

    /// The table a name means.
    pub fn table(&mut self, name: &str) -> String {
        match self.entries.get(name) {
            Some(entry) => {
                self.used.insert(name.to_owned());
                entry.table.clone()
            }
            None => name.replace('/', "_"),
        }
    }

    /// Tables under the names that the database has for them and their columns.
    pub fn apply(&mut self, tables: Tables) -> Tables {
        let mut mapped = Tables::new();
        for (name, records) in tables {
            let table = self.table(&name);
            let columns = self.entries.get(&name).map(|entry| &entry.columns);
            let records = records.into_iter().map(|record| renamed(record, columns));
            mapped.entry(table).or_default().extend(records);
        }
        mapped
    }

    /// Names that no file has.
    pub fn note_unused(&self, notes: &mut Notes) {
        for (name, entry) in &self.entries {
            if !self.used.contains(name) {
                let message =
                    format!("the mapping of {name} was not needed: nothing has that name");
                notes.add(Note {
                    line: Some(entry.line),
                    table: Some(name.clone()),
                    ..Note::of_file(NoteKind::Lost, self.file.clone(), message)
                });
            }
        }
    }
}

fn renamed(mut record: Record, columns: Option<&BTreeMap<String, String>>) -> Record {
    if let Some(columns) = columns {
        let fields = record.fields.into_iter();
        let fields = fields.map(|(name, node)| (columns.get(&name).cloned().unwrap_or(name), node));
        record.fields = fields.collect();
    }
    record
}

fn entry(path: &Path, name: &str, node: Node) -> Result<Entry> {
    let line = node.line;
    let wrong = || {
        let reason =
            format!("{name} is mapped to a table, or to {{table: …, columns: {{old: new}}}}");
        refused(path, Some(line), reason)
    };
    let (table, columns) = match node.kind {
        Kind::Scalar(Value::Text(table)) => (table, IndexMap::new()),
        Kind::Map(mut parts) => {
            let table = parts.swap_remove("table").map(|node| node.kind);
            let columns = parts.swap_remove("columns").map(|node| node.kind);
            match (table, columns, parts.is_empty()) {
                (Some(Kind::Scalar(Value::Text(table))), Some(Kind::Map(columns)), true) => {
                    (table, columns)
                }
                (Some(Kind::Scalar(Value::Text(table))), None, true) => (table, IndexMap::new()),
                (None, Some(Kind::Map(columns)), true) => (name.to_owned(), columns),
                _ => return Err(wrong()),
            }
        }
        _ => return Err(wrong()),
    };
    let columns = columns.into_iter().map(|(old, node)| match node.kind {
        Kind::Scalar(Value::Text(new)) => Ok((old, new)),
        _ => Err(wrong()),
    });
    Ok(Entry {
        line,
        table,
        columns: columns.collect::<Result<_>>()?,
    })
}
