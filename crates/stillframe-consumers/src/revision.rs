//! What a measurement holds for: one hash over the definition and every file of the suite that git knows or would know.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use stillframe::disk;
use stillframe::process::End;

use crate::definition::{Definition, LOCK_NAME};
use crate::place::Place;

/// The hash of each file, by its path from the root with forward slashes.
pub type Files = BTreeMap<String, String>;

/// The files of a suite: in a repository those that git does not ignore, else all of them.
///
/// # Errors
///
/// When git does not answer, or a file cannot be read.
pub fn files(root: &Path, place: &Place) -> Result<Vec<PathBuf>> {
    if !root.ancestors().any(|folder| folder.join(".git").exists()) {
        let all = disk_files(root)?;
        return Ok(all);
    }
    let at_root = Place {
        cwd: root.to_owned(),
        wrapper: Vec::new(),
        ..place.clone()
    };
    let list = [
        "git",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let outcome = at_root.run(&list)?;
    if outcome.end != End::Exited(0) {
        bail!(
            "git does not list the files of {}: {}",
            root.display(),
            String::from_utf8_lossy(&outcome.stderr).trim()
        );
    }
    let text = String::from_utf8(outcome.stdout)
        .context("git lists a file whose name is not Unicode; rename it")?;
    let mut files: Vec<PathBuf> = text
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// The commit that is checked out; nothing where there is none.
///
/// # Errors
///
/// When git cannot be started.
pub fn head(root: &Path, place: &Place) -> Result<Option<String>> {
    commit(root, place, "HEAD")
}

/// The commit that a name stands for; nothing for a name that git does not know.
///
/// # Errors
///
/// When git cannot be started.
pub fn commit(root: &Path, place: &Place, name: &str) -> Result<Option<String>> {
    if !root.ancestors().any(|folder| folder.join(".git").exists()) {
        return Ok(None);
    }
    let at_root = Place {
        cwd: root.to_owned(),
        wrapper: Vec::new(),
        ..place.clone()
    };
    let name = format!("{name}^{{commit}}");
    let parse = [
        "git",
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &name,
    ];
    let outcome = at_root.run(&parse)?;
    let hash = String::from_utf8_lossy(&outcome.stdout).trim().to_owned();
    Ok((outcome.end == End::Exited(0) && !hash.is_empty()).then_some(hash))
}

/// How many commits changed each file, by its path from the root.
///
/// # Errors
///
/// When there is no history.
pub fn changes(root: &Path, place: &Place) -> Result<BTreeMap<String, usize>> {
    let at_root = Place {
        cwd: root.to_owned(),
        wrapper: Vec::new(),
        ..place.clone()
    };
    let log = [
        "git",
        "log",
        "--format=",
        "--name-only",
        "--relative",
        "-z",
        "--",
        ".",
    ];
    let outcome = at_root.run(&log)?;
    if outcome.end != End::Exited(0) {
        bail!(
            "git has no history of {}: {}",
            root.display(),
            String::from_utf8_lossy(&outcome.stderr).trim()
        );
    }
    let mut changes = BTreeMap::new();
    let text = String::from_utf8_lossy(&outcome.stdout);
    let names = text.split('\0').map(str::trim_start);
    for name in names.filter(|name| !name.is_empty()) {
        *changes.entry(name.to_owned()).or_default() += 1;
    }
    Ok(changes)
}

/// Folders that building and running a suite fill; in a repository git ignores them.
const MADE: [&str; 8] = [
    crate::work::FOLDER_NAME,
    "target",
    "node_modules",
    ".venv",
    "__pycache__",
    ".pytest_cache",
    ".tox",
    "_build",
];

/// Every file but those that the suite makes itself.
fn disk_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !MADE.iter().any(|made| entry.file_name() == *made))
    {
        let entry = entry?;
        if entry.file_type().is_file() {
            files.push(entry.path().strip_prefix(root)?.to_owned());
        }
    }
    Ok(files)
}

/// The hash of every file that is there; links and missing files count by what they are.
///
/// # Errors
///
/// When a file cannot be read.
pub fn hashes(root: &Path, files: &[PathBuf]) -> Result<Files> {
    let mut hashes = Files::new();
    for file in files {
        let Some(hash) = hash(&root.join(file))? else {
            continue;
        };
        let name = file.to_string_lossy().replace('\\', "/");
        hashes.insert(name, hash);
    }
    Ok(hashes)
}

/// The hash of one file, or of where a link leads; nothing where there is nothing.
///
/// # Errors
///
/// When it cannot be read.
pub fn hash(path: &Path) -> Result<Option<String>> {
    let Ok(meta) = path.symlink_metadata() else {
        return Ok(None);
    };
    let hash = if meta.is_file() {
        let bytes =
            disk::read_regular(path).with_context(|| format!("reading {}", path.display()))?;
        blake3::hash(&bytes)
    } else {
        let target = std::fs::read_link(path).unwrap_or_default();
        blake3::hash(target.as_os_str().as_encoded_bytes())
    };
    Ok(Some(hash.to_hex().to_string()))
}

/// The key under which answers are kept.
pub fn key(definition: &Definition, files: &Files) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(definition.text.as_bytes());
    for (name, hash) in files {
        // What a measurement writes itself does not change what was measured.
        if name == LOCK_NAME {
            continue;
        }
        hasher.update(name.as_bytes());
        hasher.update(&[0]);
        hasher.update(hash.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
