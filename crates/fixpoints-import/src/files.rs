//! Finds out what a file or folder is, and reads it into states; no database is asked.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use indexmap::IndexMap;

use crate::ImportOptions;
use crate::gem::{self, PARENT};
use crate::mapping::Mapping;
use crate::note::{Note, NoteKind, Notes};
use crate::record::{Record, State, Tables};
use crate::tables;
use crate::value::Value;
use crate::yaml::{self, Kind, Node};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::name::FixpointName;
use fixpoints_core::names::shown;

/// What a file of a folder may be called that says what names mean.
const MAPPINGS: [&str; 2] = ["mapping.yml", "mapping.yaml"];

/// The most that is read of one file, in bytes: its values take many times that in memory.
pub(crate) const MOST: u64 = 64 << 20;

/// What a file holds.
pub(crate) enum Content {
    /// Every table by its name: a fixpoint of the gem.
    Fixpoint(IndexMap<String, Node>),
    /// The rows of the table it is named after.
    Table(Vec<Record>),
    /// Neither, since it is empty.
    Empty,
}

/// Reads every state there is, parents first.
pub(crate) fn read(
    source: &Path,
    options: &ImportOptions,
    notes: &mut Notes,
) -> Result<Vec<State>> {
    let found = if source.is_dir() {
        mappings(source)
    } else {
        Vec::new()
    };
    let map = options.mapping.clone().or(found.first().cloned());
    let mut mapping = map
        .as_deref()
        .map(Mapping::read)
        .transpose()?
        .unwrap_or_default();
    for other in &found {
        note_ignored(other, map.as_deref(), notes);
    }
    let mut states = if source.is_dir() {
        let none: Vec<&Path> = found.iter().chain(&map).map(PathBuf::as_path).collect();
        folder(source, &none, options, notes)?
    } else {
        file(source, options, notes)?
    };
    for state in &mut states {
        state.tables = mapping.apply(std::mem::take(&mut state.tables));
    }
    if source.is_dir() {
        mapping.note_unused(notes);
    }
    Ok(states)
}

fn file(path: &Path, options: &ImportOptions, notes: &mut Notes) -> Result<Vec<State>> {
    match content(path)? {
        Content::Fixpoint(_) | Content::Empty => gem::file(path, options.name.as_ref(), notes),
        Content::Table(records) => {
            let stem = stem(path);
            let (name, from) = (named(path, options, &stem)?, shown(path));
            tables::check_templates(path)?;
            let tables = Tables::from([(stem, tables::rows(records, notes))]);
            Ok(vec![State::of_tables(name, from, tables)])
        }
    }
}

fn folder(
    path: &Path,
    mappings: &[&Path],
    options: &ImportOptions,
    notes: &mut Notes,
) -> Result<Vec<State>> {
    let mut files = Vec::new();
    collect(path, "", &mut files)?;
    files.retain(|(_, file)| !mappings.iter().any(|mapping| is_same(mapping, file)));
    files.sort();
    let (mut fixpoint, mut rows) = (None, Vec::new());
    for (name, file) in &files {
        match content(file)? {
            Content::Fixpoint(_) => fixpoint = fixpoint.or(Some(file)),
            Content::Table(records) => rows.push((name, file, records)),
            Content::Empty => {}
        }
    }
    match (fixpoint, rows.first()) {
        (None, None) => Err(refused(
            path,
            None,
            "it holds no rows in files that end in .yml or .yaml",
        )),
        (Some(one), Some((_, other, _))) => {
            let reason = format!(
                "{} holds tables and {} the rows of one; import them one by one",
                shown(one),
                shown(other)
            );
            Err(refused(path, None, reason))
        }
        (Some(_), None) if options.name.is_some() => Err(refused(
            path,
            None,
            "it holds several fixpoints, which keep their names",
        )),
        (Some(_), None) => {
            let names: Vec<String> = files.into_iter().map(|(name, _)| name).collect();
            gem::folder(path, &names, notes)
        }
        (None, Some(_)) => {
            let name = named(path, options, &stem(path))?;
            let mut tables = Tables::new();
            for (name, file, records) in rows {
                tables::check_templates(file)?;
                tables.insert(name.clone(), tables::rows(records, notes));
            }
            Ok(vec![State::of_tables(name, shown(path), tables)])
        }
    }
}

/// The files of a folder that say what names mean; the first one counts.
fn mappings(folder: &Path) -> Vec<PathBuf> {
    let paths = MAPPINGS.iter().map(|name| folder.join(name));
    paths.filter(|path| path.exists()).collect()
}

fn note_ignored(found: &Path, used: Option<&Path>, notes: &mut Notes) {
    let Some(used) = used.filter(|used| !is_same(used, found)) else {
        return;
    };
    let message = format!(
        "it was not read, since {} says what names mean",
        shown(used)
    );
    notes.add(Note::of_file(NoteKind::Assumed, shown(found), message));
}

pub(crate) fn is_same(a: &Path, b: &Path) -> bool {
    let whole = |path: &Path| path.canonicalize().ok();
    a == b || whole(a).is_some_and(|a| Some(a) == whole(b))
}

fn named(path: &Path, options: &ImportOptions, stem: &str) -> Result<FixpointName> {
    match &options.name {
        Some(name) => Ok(name.clone()),
        None => FixpointName::parse(stem).map_err(|_| {
            let reason = "its name cannot name a fixpoint; give one with `--name NAME`";
            refused(path, None, reason)
        }),
    }
}

/// The last part of a path, also of one like `.`.
fn stem(path: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let name = if whole.is_dir() {
        whole.file_name()
    } else {
        whole.file_stem()
    };
    name.unwrap_or_default().to_string_lossy().into_owned()
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(Error::io("read the folder", folder))? {
        let entry = entry.map_err(Error::io("read the folder", folder))?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        // Links to folders are not followed, so that a loop of them ends.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else if let Some(stem) = name.strip_suffix(".yml").or(name.strip_suffix(".yaml")) {
            files.push((format!("{prefix}{stem}"), entry.path()));
        }
    }
    Ok(())
}

/// Reads a file and tells its shape.
pub(crate) fn content(path: &Path) -> Result<Content> {
    let Some(node) = parse(path)? else {
        return Ok(Content::Empty);
    };
    let line = node.line;
    let file: Rc<str> = shown(path).into();
    match node.kind {
        Kind::Scalar(Value::Null) => Ok(Content::Empty),
        Kind::Map(map) if map.is_empty() => Ok(Content::Empty),
        Kind::Map(map) if map.contains_key(PARENT) => Ok(Content::Fixpoint(map)),
        Kind::Map(map) if map.values().all(is_list) => Ok(Content::Fixpoint(map)),
        Kind::Map(map) if map.values().all(|node| !matches!(node.kind, Kind::List(_))) => {
            let records = map.into_iter();
            let records = records.map(|(label, node)| record(path, &file, Some(label), node));
            records.collect::<Result<_>>().map(Content::Table)
        }
        Kind::List(items) => list(path, &file, items).map(Content::Table),
        _ => {
            let reason =
                "it is neither a map from tables to lists of rows, nor the rows of one table";
            Err(refused(path, Some(line), reason))
        }
    }
}

fn is_list(node: &Node) -> bool {
    matches!(node.kind, Kind::List(_) | Kind::Scalar(Value::Null))
}

/// Rows without labels.
pub(crate) fn list(path: &Path, file: &Rc<str>, items: Vec<Node>) -> Result<Vec<Record>> {
    let records = items.into_iter();
    records.map(|node| record(path, file, None, node)).collect()
}

fn record(path: &Path, file: &Rc<str>, label: Option<String>, node: Node) -> Result<Record> {
    let line = node.line;
    let fields = match node.kind {
        Kind::Map(fields) => fields,
        // A fixture without any value.
        Kind::Scalar(Value::Null) if label.is_some() => IndexMap::new(),
        _ => {
            let reason = "a row is a map from columns to values";
            return Err(refused(path, Some(line), reason));
        }
    };
    Ok(Record {
        file: file.clone(),
        line,
        label,
        fields,
    })
}

/// Reads a file's only document.
pub(crate) fn parse(path: &Path) -> Result<Option<Node>> {
    let text = fixpoints::files::read_to_string(path, MOST)
        .map_err(Error::io(fixpoints_core::error::TYPED, path))?;
    yaml::read(&text).map_err(|found| refused(path, Some(found.line), found.reason))
}

/// An [`Error::Import`].
pub(crate) fn refused(path: &Path, line: Option<usize>, reason: impl Into<String>) -> Error {
    Error::Import {
        path: shown(path),
        line,
        reason: reason.into(),
    }
}
