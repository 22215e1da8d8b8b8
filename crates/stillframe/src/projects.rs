//! The projects below a folder: every folder with a `stillframe.toml` that a person would call one; nothing in them is run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use stillframe_core::config::{CONFIG_NAME, Paths};
use walkdir::{DirEntry, WalkDir};

use crate::git;

/// Where programs put what nobody wrote.
const GENERATED: [&str; 2] = ["target", "node_modules"];
/// A search for the sake of a hint ends here.
const MOST_LOOKED_AT: usize = 20_000;

/// All of them, in the order of their paths. What git ignores, hidden folders, and the POCs and fixtures of a project, which
/// may hold such a file as a seed, are not searched.
pub fn below(folder: &Path) -> Vec<PathBuf> {
    search(folder, usize::MAX)
}

/// The first few of them, for a hint.
pub(crate) fn some_below(folder: &Path) -> Vec<PathBuf> {
    search(folder, MOST_LOOKED_AT)
}

fn search(folder: &Path, most: usize) -> Vec<PathBuf> {
    // Where git does not answer, each project reports it when it runs.
    let ignored = git::ignored(folder, &[PathBuf::from(".")]).unwrap_or_default();
    let mut data = BTreeSet::new();
    let mut projects = Vec::new();
    let mut entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    for _ in 0..most {
        let Some(entry) = entries.next() else { break };
        let Ok(entry) = entry else { continue };
        if !entry.file_type().is_dir() {
            continue;
        }
        let path = entry.path();
        if is_generated(&entry) || ignored.contains(&plain(path)) || data.contains(path) {
            entries.skip_current_dir();
        } else if path.join(CONFIG_NAME).symlink_metadata().is_ok() {
            data.extend(data_folders(path));
            projects.push(path.to_owned());
        }
    }
    projects
}

fn is_generated(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    entry.depth() > 0 && (name.starts_with('.') || GENERATED.contains(&&*name))
}

/// The path as git's answer is joined: without a `.` in it.
fn plain(path: &Path) -> PathBuf {
    path.components().collect()
}

/// The folders of a project that hold data.
fn data_folders(root: &Path) -> Vec<PathBuf> {
    let paths = match crate::config_file::load_config(root) {
        Ok(config) => config.paths,
        Err(_) => Paths::default(),
    };
    let named = paths.named().into_iter();
    named.map(|(_, path)| root.join(path)).collect()
}
