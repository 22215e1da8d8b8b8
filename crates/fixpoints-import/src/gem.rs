//! Fixpoints of the Ruby gem: full ones, and changes that it matches to their parent's rows by position.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use indexmap::IndexMap;

use crate::files::{Content, content, list, refused};
use crate::note::{Note, NoteKind, Notes};
use crate::record::{Origin, Record, State, Tables};
use crate::value::Value;
use crate::yaml::{Kind, Node};
use fixpoints_core::error::Result;
use fixpoints_core::name::FixpointName;
use fixpoints_core::names::shown;

/// Where a file names the fixpoint it stands on.
pub(crate) const PARENT: &str = "++parent_fixpoint++";
/// What a row holds that its parent has and it has not.
const DELETED: &str = "++DELETED++";

/// Reads one file and whatever it stands on.
pub(crate) fn file(
    path: &Path,
    name: Option<&FixpointName>,
    notes: &mut Notes,
) -> Result<Vec<State>> {
    let own = path.with_extension("");
    let parent = match content(path)? {
        Content::Fixpoint(map) => parent_of(path, &map)?,
        _ => None,
    };
    // A name may have folders, so that the root is where the parent's file is found from.
    let mut root = path.parent().unwrap_or(Path::new(""));
    if let Some(parent) = &parent {
        let above = root
            .ancestors()
            .find(|above| file_of(above, parent).is_some());
        root = above.ok_or_else(|| {
            let reason = format!("it stands on {parent}, and no folder above has {parent}.yml");
            refused(path, None, reason)
        })?;
    }
    let inside = own.strip_prefix(root).unwrap_or(&own);
    let mut family = Family::new(root, notes);
    let key = inside.to_string_lossy().replace('\\', "/");
    family.add(&key)?;
    let mut states: Vec<State> = family.states.into_values().collect();
    if let (Some(name), Some(last)) = (name, states.last_mut()) {
        last.name = name.clone();
    }
    Ok(states)
}

/// Reads every file of a folder.
pub(crate) fn folder(root: &Path, names: &[String], notes: &mut Notes) -> Result<Vec<State>> {
    let mut family = Family::new(root, notes);
    names.iter().try_for_each(|name| family.add(name))?;
    Ok(family.states.into_values().collect())
}

/// Fixpoints that stand on each other.
struct Family<'a> {
    root: &'a Path,
    notes: &'a mut Notes,
    states: IndexMap<String, State>,
    /// Those that are being read.
    open: Vec<String>,
}

impl<'a> Family<'a> {
    fn new(root: &'a Path, notes: &'a mut Notes) -> Self {
        Self {
            root,
            notes,
            states: IndexMap::new(),
            open: Vec::new(),
        }
    }

    fn add(&mut self, name: &str) -> Result<()> {
        if self.states.contains_key(name) {
            return Ok(());
        }
        let path =
            file_of(self.root, name).unwrap_or_else(|| self.root.join(format!("{name}.yml")));
        if self.open.iter().any(|open| open == name) {
            return Err(refused(&path, None, "it stands on itself"));
        }
        self.open.push(name.to_owned());
        let map = match content(&path)? {
            Content::Fixpoint(map) => map,
            Content::Empty => IndexMap::new(),
            Content::Table(_) => {
                return Err(refused(&path, None, "it holds the rows of one table only"));
            }
        };
        let parent = parent_of(&path, &map)?;
        if let Some(parent) = &parent {
            if file_of(self.root, parent).is_none() {
                let reason = format!(
                    "it stands on {parent}, which is not in {}",
                    shown(self.root)
                );
                return Err(refused(&path, None, reason));
            }
            self.add(parent)?;
        }
        let changes = rows(&path, map)?;
        let tables = match &parent {
            None => changes,
            Some(parent) => {
                let base = self.states[parent.as_str()].tables.clone();
                let child = Child {
                    file: shown(&path),
                    notes: &mut *self.notes,
                };
                child.apply(base, changes)
            }
        };
        let parsed =
            FixpointName::parse(name).map_err(|error| refused(&path, None, error.to_string()))?;
        let state = State {
            name: parsed,
            source: shown(&path),
            origin: Origin::Gem,
            parent: parent.map(|parent| self.states[parent.as_str()].name.clone()),
            tables,
        };
        self.states.insert(name.to_owned(), state);
        Ok(())
    }
}

fn file_of(root: &Path, name: &str) -> Option<PathBuf> {
    // A name that leads out of the folder is not that of a file in it.
    FixpointName::parse(name).ok()?;
    ["yml", "yaml"]
        .iter()
        .map(|extension| root.join(format!("{name}.{extension}")))
        .find(|path| path.is_file())
}

fn parent_of(path: &Path, map: &IndexMap<String, Node>) -> Result<Option<String>> {
    match map.get(PARENT) {
        None => Ok(None),
        Some(node) => match &node.kind {
            Kind::Scalar(Value::Text(parent)) => Ok(Some(parent.clone())),
            Kind::Scalar(Value::Null) => Ok(None),
            _ => Err(refused(path, Some(node.line), "the parent is not a name")),
        },
    }
}

fn rows(path: &Path, map: IndexMap<String, Node>) -> Result<Tables> {
    let file: Rc<str> = shown(path).into();
    let tables = map.into_iter().filter(|(name, _)| name != PARENT);
    let tables = tables.map(|(table, node)| match node.kind {
        Kind::List(items) => list(path, &file, items).map(|records| (table, records)),
        Kind::Scalar(Value::Null) => Ok((table, Vec::new())),
        _ => Err(refused(
            path,
            Some(node.line),
            format!("{table} is not a list of rows"),
        )),
    });
    tables.collect()
}

/// An incremental file.
struct Child<'a> {
    file: String,
    notes: &'a mut Notes,
}

impl Child<'_> {
    /// What the gem makes of changes: the first one is about the parent's first row, and so on.
    fn apply(mut self, mut tables: Tables, changes: Tables) -> Tables {
        for (table, changes) in changes {
            if changes.is_empty() {
                continue;
            }
            let base = tables.get(&table).cloned().unwrap_or_default();
            let rows = self.changed(&table, base, changes);
            tables.insert(table, rows);
        }
        tables
    }

    fn changed(&mut self, table: &str, base: Vec<Record>, changes: Vec<Record>) -> Vec<Record> {
        if changes.len() < base.len() {
            let (short, long) = (changes.len(), base.len());
            let message = format!(
                "the parent has {long} rows of {table} and this file has changes for {short}: it was stored on another \
                 version of the parent, and the gem drops the rest"
            );
            self.notes.add(Note {
                table: Some(table.to_owned()),
                ..Note::of_file(NoteKind::Lost, self.file.clone(), message)
            });
        }
        let mut base = base.into_iter();
        let mut rows = Vec::new();
        for change in changes {
            let deleted = change.fields.contains_key(DELETED);
            match base.next() {
                Some(_) if deleted => {}
                Some(row) => rows.push(self.merged(table, row, change)),
                None if deleted => {
                    let message =
                        format!("a row of {table} is deleted that the parent does not have");
                    self.notes.of(&change, NoteKind::Lost, table, None, message);
                }
                None => rows.push(change),
            }
        }
        rows
    }

    fn merged(&mut self, table: &str, mut row: Record, change: Record) -> Record {
        const NEVER: &str = "updated_at";
        if change.fields.is_empty() {
            return row;
        }
        if row.fields.contains_key(NEVER) && !change.fields.contains_key(NEVER) {
            let message =
                format!("the gem never writes {NEVER} of a changed row, so the parent's was kept");
            self.notes
                .of(&change, NoteKind::Assumed, table, Some(NEVER), message);
        }
        row.fields.extend(change.fields);
        (row.file, row.line) = (change.file, change.line);
        row
    }
}
