//! The corpus in the tree: what lies there, for the comparison; it judges nothing and writes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use stillframe_core::compare::Committed;
use stillframe_core::lock::{LOCK_NAME, Lock};
use stillframe_core::problem::{Kind, Problem};

use crate::disk::{self, ItemKind};

/// A file that is written beside its target and then renamed over it.
pub(crate) const STAGED_SUFFIX: &str = ".stillframe-new";
/// The new lock, while a publish is under way.
pub(crate) const JOURNAL_NAME: &str = "corpus.lock.journal";
/// What a schema file's name ends with.
pub const SCHEMA_SUFFIX: &str = ".schema.json";

/// Schema files by their name.
pub type SchemaFiles = BTreeMap<String, Vec<u8>>;

/// The two committed folders that a publish writes.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The corpus folder.
    pub fixtures: PathBuf,
    /// The schema folder.
    pub schemas: PathBuf,
}

/// Where a staged sibling of a file lies.
pub(crate) fn staged(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{STAGED_SUFFIX}"))
}

/// The file that a staged sibling belongs to.
pub(crate) fn unstaged(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let name = name.strip_prefix('.')?.strip_suffix(STAGED_SUFFIX)?;
    Some(path.with_file_name(name))
}

/// Reads what is committed. A lock that cannot be read is an error; a non-empty folder without one is a finding.
pub fn load(tree: &Tree) -> Result<Result<Committed, Problem>> {
    for folder in [&tree.fixtures, &tree.schemas] {
        if folder.exists() && !folder.is_dir() {
            return Ok(Err(no_folder(folder)));
        }
    }
    let mut committed = Committed {
        schemas: schemas(&tree.schemas, &mut Vec::new())?,
        ..Committed::default()
    };
    for item in disk::list(&tree.schemas)? {
        if unstaged(&item.path).is_some() {
            committed.leftovers.push(item.name);
        }
    }
    for item in disk::list(&tree.fixtures)? {
        match item.kind {
            ItemKind::Folder => {}
            ItemKind::Other => committed.foreign.push(item.name),
            ItemKind::File if item.name == LOCK_NAME => {}
            ItemKind::File if item.name == JOURNAL_NAME || unstaged(&item.path).is_some() => {
                committed.leftovers.push(item.name);
            }
            ItemKind::File if is_hidden(&item.name) => {}
            ItemKind::File if is_fixture(&item.name) => {
                let bytes = fs::read(&item.path)
                    .with_context(|| format!("reading {}", item.path.display()))?;
                committed.fixtures.insert(item.name, bytes);
            }
            ItemKind::File => committed.foreign.push(item.name),
        }
    }
    let lock_path = tree.fixtures.join(LOCK_NAME);
    match disk::read_if_any(&lock_path)? {
        Some(bytes) => match parse_lock(&bytes) {
            Ok(lock) => committed.lock = Some(lock),
            Err(reason) => return Ok(Err(unreadable_lock(&lock_path, &reason))),
        },
        None if committed.leftovers.is_empty() && !committed.fixtures.is_empty() => {
            return Ok(Err(no_lock(tree)));
        }
        None => {}
    }
    Ok(Ok(committed))
}

/// The schema files of a folder, by name; other files go to `others`.
pub fn schemas(folder: &Path, others: &mut Vec<String>) -> Result<SchemaFiles> {
    let mut schemas = BTreeMap::new();
    for item in disk::list(folder)? {
        if item.kind == ItemKind::File && item.name.ends_with(SCHEMA_SUFFIX) {
            let bytes =
                fs::read(&item.path).with_context(|| format!("reading {}", item.path.display()))?;
            schemas.insert(item.name, bytes);
        } else if item.kind != ItemKind::Folder {
            others.push(item.name);
        }
    }
    Ok(schemas)
}

pub(crate) fn parse_lock(bytes: &[u8]) -> Result<Lock, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    Lock::parse(text).map_err(|error| error.to_string().trim_end().to_owned())
}

fn unreadable_lock(path: &Path, reason: &str) -> Problem {
    Problem::new(
        Kind::Config,
        path.display().to_string(),
        format!(
            "put the committed one back: git checkout HEAD -- {}; then run `stillframe regen`",
            path.display()
        ),
    )
    .detail("the lock cannot be read, so it is not known which files are the corpus")
    .detail(reason)
}

fn no_folder(path: &Path) -> Problem {
    Problem::new(
        Kind::Config,
        path.display().to_string(),
        "move the file away, or name another folder under [paths] in stillframe.toml",
    )
    .detail("a file stands where the folder should be; nothing was touched")
}

fn no_lock(tree: &Tree) -> Problem {
    Problem::new(
        Kind::Config,
        tree.fixtures.display().to_string(),
        format!(
            "choose an empty folder as [paths] fixtures, put back its {LOCK_NAME}, or move the files away (hand-written ones belong under scenarios)"
        ),
    )
    .detail(format!("the folder holds files but no {LOCK_NAME}, so they are not known to be a corpus; nothing was touched"))
}

fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.'))
}

fn is_fixture(name: &str) -> bool {
    name.ends_with(".json") || name.ends_with(".ndjson")
}
