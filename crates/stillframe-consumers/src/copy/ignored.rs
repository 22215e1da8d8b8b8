//! What a suite may leave in its tree: everything that git ignores, and without git the usual folders of build output.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use stillframe::disk;
use stillframe::process::{self, End, Invocation};

use crate::place::Place;

/// Folders of build output and caches, where git does not tell.
pub const USUAL: [&str; 12] = [
    ".git",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".tox",
    ".venv",
    "__pycache__",
    "_build",
    "deps",
    "node_modules",
    "target",
    "venv",
];

/// Tells what is ignored.
#[derive(Debug)]
pub enum Ignored {
    /// git, asked in this folder.
    ByGit(PathBuf),
    /// The usual names.
    ByName,
}

impl Ignored {
    /// For a tree with this root.
    pub fn of(root: &Path, _place: &Place) -> Ignored {
        if root.ancestors().any(|folder| folder.join(".git").exists()) {
            Ignored::ByGit(root.to_owned())
        } else {
            Ignored::ByName
        }
    }

    /// Those of the paths that are ignored; each with whether it is a folder.
    ///
    /// # Errors
    ///
    /// When git does not answer.
    pub fn among(&self, paths: &[(PathBuf, bool)], place: &Place) -> Result<BTreeSet<PathBuf>> {
        match self {
            Ignored::ByName => {
                let usual = |path: &Path| {
                    path.file_name()
                        .and_then(|name| name.to_str())
                        .is_some_and(|name| USUAL.contains(&name))
                };
                let paths = paths.iter().map(|(path, _)| path);
                Ok(paths.filter(|path| usual(path)).cloned().collect())
            }
            Ignored::ByGit(root) => by_git(root, paths, place),
        }
    }
}

fn by_git(root: &Path, paths: &[(PathBuf, bool)], place: &Place) -> Result<BTreeSet<PathBuf>> {
    let mut list = Vec::new();
    for (path, is_folder) in paths {
        // A new folder is taken by its first name alone; a pattern such as `build/` must see that it is one.
        let slash = if *is_folder { "/" } else { "" };
        list.extend(format!("{}{slash}\0", disk::slashed(path)).into_bytes());
    }
    let asked = place.scratch.join("new-files");
    disk::scratch(&asked, &list)?;
    let paths_of_programs = place.env.get(std::ffi::OsStr::new("PATH"));
    let git = process::resolve(
        "git",
        root,
        paths_of_programs.map(|paths| paths.as_os_str()),
    )
    .context("looking for the program git")?;
    let outcome = process::run(&Invocation {
        program: &git,
        args: &["check-ignore", "-z", "--stdin"].map(Into::into),
        cwd: root,
        env: &place.env,
        stdin: Some(&asked),
        timeout: place.timeout,
        output_limit: 1 << 30,
    })
    .context("starting git")?;
    // 1: none of them is ignored.
    if !matches!(outcome.end, End::Exited(0 | 1)) {
        bail!(
            "`git check-ignore` failed in {}: {}",
            root.display(),
            String::from_utf8_lossy(&outcome.stderr).trim()
        );
    }
    let text = String::from_utf8_lossy(&outcome.stdout);
    let names = text.split('\0').filter(|name| !name.is_empty());
    Ok(names
        .map(|name| PathBuf::from(name.trim_end_matches('/')))
        .collect())
}
