//! Publishing with a journal: each file is wholly old or wholly new, and a publish that was ended anywhere is recognised, completed or undone.
//!
//! The order is: staged siblings, made durable; the new lock as the journal (from here on the publish
//! will be completed, before it it will be undone); renames over the old files; deletions; the journal becomes
//! the lock. Unchanged files are never opened for writing. No link is followed on the way to any of them.

use std::collections::BTreeSet;
use std::fs::{self, File};
#[cfg(target_os = "linux")]
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use stillframe_core::compare::Changes;
use stillframe_core::lock::{Lock, hash};
use stillframe_core::names::LOCK_NAME;

use crate::corpus::{self, JOURNAL_NAME, Tree, staged, unstaged};
use crate::disk::{self, ItemKind};

/// Above this many files one flush of the whole file system is cheaper than one for each.
const FLUSH_EACH: usize = 16;

/// Applies the changes; on an error before the journal stands, nothing has changed.
pub fn publish(tree: &Tree, changes: &Changes) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let targets = stage(tree, changes).inspect_err(|_| undo(tree))?;
    write_journal(tree, changes).inspect_err(|_| undo(tree))?;
    complete(tree, &targets, changes)
}

/// What [`recover`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// No publish was ended early.
    Nothing,
    /// One was ended before its journal stood; its files are removed again.
    Undone,
    /// One was ended after its journal stood; it is complete now.
    Completed,
}

/// Completes or undoes a publish that was ended early. Every writing command calls it first.
pub fn recover(tree: &Tree) -> Result<Recovery> {
    tree.guard(&tree.fixtures)?;
    let journal = tree.fixtures.join(JOURNAL_NAME);
    let staged = leftovers(tree)?;
    match disk::read_if_any(&journal)? {
        None if staged.is_empty() => Ok(Recovery::Nothing),
        None => {
            remove_staged(tree, &staged)?;
            Ok(Recovery::Undone)
        }
        Some(bytes) => {
            let next = corpus::parse_lock(&bytes)
                .map_err(|reason| anyhow::anyhow!("reading {}: {reason}", journal.display()))?;
            let previous = previous_lock(tree);
            let (targets, strays) = meant(tree, &staged, &next);
            remove_staged(tree, &strays)?;
            let changes = Changes {
                delete: deleted(&previous, &next),
                delete_schemas: deleted_schemas(tree, &previous, &next),
                lock: next,
                ..Changes::default()
            };
            complete(tree, &targets, &changes)?;
            Ok(Recovery::Completed)
        }
    }
}

fn stage(tree: &Tree, changes: &Changes) -> Result<Vec<PathBuf>> {
    tree.guard(&tree.fixtures)?;
    disk::create_folder(&tree.fixtures)?;
    let fixtures = changes
        .write
        .iter()
        .map(|(path, bytes)| (tree.fixtures.join(path), bytes));
    let schemas = changes
        .write_schemas
        .iter()
        .map(|(name, bytes)| (tree.schemas.join(name), bytes));
    let mut targets = Vec::new();
    for (target, bytes) in fixtures.chain(schemas) {
        refuse_link(tree, &target)?;
        disk::create_folder(target.parent().unwrap_or(&tree.fixtures))?;
        disk::create(&staged(&target), bytes)?;
        targets.push(target);
    }
    flush_staged(tree, &targets)?;
    Ok(targets)
}

/// A link in the place of a file, or on the way to it, would be replaced or lead out of the tree.
fn refuse_link(tree: &Tree, target: &Path) -> Result<()> {
    tree.guard(target)?;
    if fs::symlink_metadata(target).is_ok_and(|meta| !meta.is_file()) {
        bail!(
            "{} is not a file; remove it and run again",
            target.display()
        );
    }
    Ok(())
}

fn write_journal(tree: &Tree, changes: &Changes) -> Result<()> {
    let journal = tree.fixtures.join(JOURNAL_NAME);
    let draft = staged(&journal);
    disk::create(&draft, changes.lock.render().as_bytes())?;
    sync_file(&draft)?;
    rename(&draft, &journal)?;
    sync_folder(&tree.fixtures)
}

fn complete(tree: &Tree, targets: &[PathBuf], changes: &Changes) -> Result<()> {
    let mut folders: BTreeSet<&Path> = BTreeSet::new();
    for target in targets {
        tree.guard(target)?;
        rename(&staged(target), target)?;
        folders.extend(target.parent());
    }
    let fixtures = changes
        .delete
        .iter()
        .map(|path| (tree.fixtures.join(path), &tree.fixtures));
    let schemas = changes
        .delete_schemas
        .iter()
        .map(|name| (tree.schemas.join(name), &tree.schemas));
    for (path, top) in fixtures.chain(schemas) {
        tree.guard(&path)?;
        disk::remove_file(&path)?;
        remove_empty_above(&path, top);
    }
    if folders.len() > FLUSH_EACH {
        flush_file_system(&tree.fixtures)?;
    } else {
        for folder in folders {
            sync_folder(folder)?;
        }
    }
    rename(
        &tree.fixtures.join(JOURNAL_NAME),
        &tree.fixtures.join(LOCK_NAME),
    )?;
    sync_folder(&tree.fixtures)
}

/// The lock that is still in place.
fn previous_lock(tree: &Tree) -> Lock {
    let bytes = disk::read_if_any(&tree.fixtures.join(LOCK_NAME)).ok();
    bytes
        .flatten()
        .and_then(|bytes| {
            let whole = corpus::parse_lock(&bytes).ok();
            whole.or_else(|| corpus::merged_lock(&bytes))
        })
        .unwrap_or_default()
}

/// The files that a journal lists and that are staged, and the staged ones that it does not list.
fn meant(tree: &Tree, staged: &[PathBuf], next: &Lock) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let fixtures = next.fixtures.keys().map(|path| tree.fixtures.join(path));
    let schemas = next.schemas.keys().map(|name| tree.schemas.join(name));
    let listed: BTreeSet<PathBuf> = fixtures.chain(schemas).collect();
    let mut targets = Vec::new();
    let mut strays = Vec::new();
    for path in staged {
        match unstaged(path).filter(|target| listed.contains(target)) {
            Some(target) => targets.push(target),
            None => strays.push(path.clone()),
        }
    }
    (targets, strays)
}

fn deleted(previous: &Lock, next: &Lock) -> BTreeSet<String> {
    let paths = previous.fixtures.keys();
    paths
        .filter(|path| !next.fixtures.contains_key(*path))
        .cloned()
        .collect()
}

/// Schemas that the ended publish meant to delete: still as Stillframe wrote them. A lock that lists none belongs to a target
/// that exports none, and then the folder is left alone.
fn deleted_schemas(tree: &Tree, previous: &Lock, next: &Lock) -> BTreeSet<String> {
    let dropped = previous.schemas.iter();
    dropped
        .filter(|(name, _)| !next.schemas.is_empty() && !next.schemas.contains_key(*name))
        .filter(|(name, recorded)| {
            let path = tree.schemas.join(name);
            tree.guard(&path).is_ok()
                && disk::read_regular(&path).is_ok_and(|bytes| hash(&bytes) == **recorded)
        })
        .map(|(name, _)| name.clone())
        .collect()
}

fn leftovers(tree: &Tree) -> Result<Vec<PathBuf>> {
    let mut staged = Vec::new();
    let ours = [&tree.fixtures, &tree.schemas].into_iter();
    // A linked schema folder is only ever read.
    for folder in ours.filter(|folder| tree.guard(folder).is_ok()) {
        let items = disk::list(folder)?;
        staged.extend(
            items
                .into_iter()
                .filter(|item| item.kind != ItemKind::Folder)
                .map(|item| item.path)
                .filter(|path| unstaged(path).is_some()),
        );
    }
    Ok(staged)
}

/// Takes staged files away after a failure; what cannot be removed is found by the next [`recover`].
fn undo(tree: &Tree) {
    if let Ok(staged) = leftovers(tree) {
        remove_staged(tree, &staged).ok();
    }
}

fn remove_staged(tree: &Tree, staged: &[PathBuf]) -> Result<()> {
    for path in staged {
        disk::remove_file(path)?;
        remove_empty_above(
            path,
            if path.starts_with(&tree.fixtures) {
                &tree.fixtures
            } else {
                &tree.schemas
            },
        );
    }
    Ok(())
}

/// Removes the folders above a deleted file that hold nothing any more, up to `top`.
fn remove_empty_above(path: &Path, top: &Path) {
    for folder in path.ancestors().skip(1).take_while(|folder| *folder != top) {
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("renaming {} to {}", from.display(), to.display()))
}

/// Staged files and the folders that name them must be on disk before the journal says so.
fn flush_staged(tree: &Tree, targets: &[PathBuf]) -> Result<()> {
    if targets.len() > FLUSH_EACH {
        for folder in [&tree.fixtures, &tree.schemas]
            .into_iter()
            .filter(|folder| folder.exists())
        {
            flush_file_system(folder)?;
        }
        return Ok(());
    }
    let mut folders = BTreeSet::new();
    for target in targets {
        sync_file(&staged(target))?;
        folders.extend(target.parent());
    }
    folders.into_iter().try_for_each(sync_folder)
}

fn sync_file(path: &Path) -> Result<()> {
    let options = File::options().append(true).open(path);
    options
        .and_then(|file| file.sync_all())
        .with_context(|| format!("flushing {}", path.display()))
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("flushing {}", path.display()))
}

/// Other systems make a rename durable themselves, and cannot open a folder as a file.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn flush_file_system(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| rustix::fs::syncfs(&folder).map_err(io::Error::from))
        .with_context(|| format!("flushing the file system of {}", folder.display()))
}

/// Where no call flushes one file system, every file below the folder is flushed.
#[cfg(not(target_os = "linux"))]
fn flush_file_system(folder: &Path) -> Result<()> {
    for item in disk::list(folder)? {
        match item.kind {
            ItemKind::File => sync_file(&item.path)?,
            ItemKind::Folder => sync_folder(&item.path)?,
            ItemKind::Other => {}
        }
    }
    Ok(())
}
