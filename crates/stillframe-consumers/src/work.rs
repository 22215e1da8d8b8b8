//! The folder of a measurement: journals, private copies, and what is exchanged with the suite.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use stillframe::disk;

/// Its name below `target`, where no other is named.
pub const FOLDER_NAME: &str = "stillframe-consumers";
/// The file that marks a folder as one whose content may be deleted.
const MARK: &str = ".stillframe-consumers";

/// The work folder, which ignores itself in git.
#[derive(Debug, Clone)]
pub struct Work {
    path: PathBuf,
}

impl Work {
    /// Creates or adopts it: the named one, else `target/stillframe-consumers` at the suite's root.
    ///
    /// # Errors
    ///
    /// When it is somebody else's, or cannot be written.
    pub fn open(root: &Path, named: Option<&Path>) -> Result<Work> {
        let path = Work::path_for(root, named)?;
        let act = || {
            format!(
                "creating the work folder {}; --work names another",
                path.display()
            )
        };
        fs::create_dir_all(&path).with_context(act)?;
        let is_empty = fs::read_dir(&path).with_context(act)?.next().is_none();
        if !is_empty && !path.join(MARK).is_file() {
            bail!(
                "{} holds files and is not a work folder of stillframe; move them, or name another folder with --work",
                path.display()
            );
        }
        disk::replace(&path.join(".gitignore"), b"*\n").with_context(act)?;
        disk::replace(
            &path.join(MARK),
            b"`stillframe consumers` writes and deletes what is in here.\n",
        )
        .with_context(act)?;
        let path = path.canonicalize().with_context(act)?;
        Ok(Work { path })
    }

    /// Where it lies or would lie; nothing is created.
    ///
    /// # Errors
    ///
    /// When the current folder is gone.
    pub fn path_for(root: &Path, named: Option<&Path>) -> Result<PathBuf> {
        Ok(match named {
            Some(named) => std::path::absolute(named)?.join(FOLDER_NAME),
            None => root.join("target").join(FOLDER_NAME),
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A folder in it for what is exchanged with the suite, empty.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn scratch(&self) -> Result<PathBuf> {
        let scratch = self.path.join("exchange");
        let act = || format!("emptying {}", scratch.display());
        if scratch.exists() {
            fs::remove_dir_all(&scratch).with_context(act)?;
        }
        fs::create_dir(&scratch).with_context(act)?;
        Ok(scratch)
    }

    /// A folder in it for a private copy of the suite's tree, empty: what a run left that was killed is removed.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn copy(&self) -> Result<PathBuf> {
        self.remove_copy()?;
        let copy = self.path.join("copy");
        disk::create_folder(&copy)?;
        Ok(copy)
    }

    /// Removes the private copy that a killed run left.
    ///
    /// # Errors
    ///
    /// When it cannot be removed.
    pub fn remove_copy(&self) -> Result<()> {
        disk::remove_folder(&self.path.join("copy"))
    }
}
