//! The corpus in the tree: what lies there, for the comparison; it judges nothing and writes nothing.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use stillframe_core::compare::Committed;
use stillframe_core::conflict;
use stillframe_core::litter::is_litter;
pub use stillframe_core::lock::SCHEMA_SUFFIX;
use stillframe_core::lock::{Lock, is_fixture};
use stillframe_core::names::{LOCK_NAME, STAGED_SUFFIX};
use stillframe_core::problem::{Kind, Problem};

use crate::disk::{self, ItemKind};
use crate::inside::{self, Obstacle};

/// The new lock, while a publish is under way.
pub(crate) const JOURNAL_NAME: &str = "corpus.lock.journal";

/// Schema files by their name.
pub type SchemaFiles = BTreeMap<String, Vec<u8>>;

/// The two committed folders that a publish writes. No component of a path below `root` may be a link.
#[derive(Debug, Clone)]
pub struct Tree {
    root: PathBuf,
    /// The corpus folder.
    pub fixtures: PathBuf,
    /// The schema folder.
    pub schemas: PathBuf,
}

impl Tree {
    /// The two folders by their names below `root`.
    pub fn new(root: &Path, fixtures: &str, schemas: &str) -> Tree {
        Tree {
            root: root.to_owned(),
            fixtures: root.join(fixtures),
            schemas: root.join(schemas),
        }
    }

    /// Checks that no link leads from the root to a path in one of the two folders.
    pub fn guard(&self, path: &Path) -> Result<(), Obstacle> {
        inside::below(&self.root, path.strip_prefix(&self.root).unwrap_or(path)).map(|_| ())
    }
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
    if let Err(obstacle) = tree.guard(&tree.fixtures) {
        return Ok(Err(in_the_way(&tree.fixtures, &obstacle)));
    }
    for folder in [&tree.fixtures, &tree.schemas] {
        if folder.exists() && !folder.is_dir() {
            return Ok(Err(no_folder(folder)));
        }
    }
    let mut others = Vec::new();
    let mut committed = Committed {
        schemas: schemas(&tree.schemas, &mut others)?,
        ..Committed::default()
    };
    for name in others {
        if unstaged(Path::new(&name)).is_some() {
            committed.leftovers.push(name);
        } else {
            committed.schema_others.insert(name);
        }
    }
    for item in disk::list(&tree.fixtures)? {
        match item.kind {
            ItemKind::Folder => {}
            // Emacs locks a file by a link beside it, so this is not about files alone.
            _ if is_litter(&item.name) => {}
            ItemKind::Other => committed.foreign.push(item.name),
            ItemKind::File if item.name == LOCK_NAME => {}
            ItemKind::File if item.name == JOURNAL_NAME || unstaged(&item.path).is_some() => {
                committed.leftovers.push(item.name);
            }
            ItemKind::File if is_hidden(&item.name) => {}
            ItemKind::File if is_fixture(&item.name) => {
                let bytes = disk::read_regular(&item.path)
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
            Err(reason) => match merged_lock(&bytes) {
                Some(lock) => {
                    committed.lock = Some(lock);
                    committed.lock_conflict = conflict::first(&bytes);
                }
                None => return Ok(Err(unreadable_lock(&lock_path, &reason))),
            },
        },
        None if committed.leftovers.is_empty() && !committed.fixtures.is_empty() => {
            return Ok(Err(no_lock(tree)));
        }
        None => {}
    }
    Ok(Ok(committed))
}

/// The schema files of a folder, by name, and the JSON files that they may refer to, also where a link leads to one; links
/// and other files go to `others`, because a publish replaces neither. What has the name of a schema and cannot be read is
/// an error: passed over, it would leave documents unvalidated without a word.
pub fn schemas(folder: &Path, others: &mut Vec<String>) -> Result<SchemaFiles> {
    let mut schemas = BTreeMap::new();
    for item in disk::list(folder)? {
        if is_litter(&item.name) {
            continue;
        }
        let is_json = item.name.ends_with(".json") && !is_hidden(&item.name);
        let is_schema = item.name.ends_with(SCHEMA_SUFFIX) && is_json;
        if item.kind == ItemKind::Folder && !is_schema {
            continue;
        }
        if item.kind != ItemKind::File || !is_json {
            others.push(item.name.clone());
        }
        if !is_json {
            continue;
        }
        match disk::read_regular(&item.path) {
            Ok(bytes) => {
                schemas.insert(item.name, bytes);
            }
            // What refers to it is reported.
            Err(_) if !is_schema && item.kind == ItemKind::Other => {}
            Err(error) => return Err(unreadable_schema(&item.path, error)),
        }
    }
    Ok(schemas)
}

fn unreadable_schema(path: &Path, error: io::Error) -> anyhow::Error {
    let is_lost = error.kind() == ErrorKind::NotFound && path.is_symlink();
    let act = format!("reading the schema {}", path.display());
    if is_lost {
        return anyhow!("{act}: it is a link that leads nowhere");
    }
    anyhow::Error::new(error).context(act)
}

pub(crate) fn parse_lock(bytes: &[u8]) -> Result<Lock, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    Lock::parse(text).map_err(|error| error.to_string().trim_end().to_owned())
}

/// A lock that git could not merge, from both of its sides.
pub(crate) fn merged_lock(bytes: &[u8]) -> Option<Lock> {
    Lock::merged(std::str::from_utf8(bytes).ok()?)
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
    .lines(reason)
}

/// A link or a file on the way to a folder that a publish writes.
pub(crate) fn in_the_way(folder: &Path, obstacle: &Obstacle) -> Problem {
    Problem::new(
        Kind::Config,
        folder.display().to_string(),
        "put a folder in its place, or name another one under [paths] in stillframe.toml",
    )
    .detail(obstacle.to_string())
    .detail("nothing was touched")
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

pub(crate) fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.'))
}
