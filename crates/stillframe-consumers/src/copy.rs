//! A private copy of the suite's tree, in which fixtures are hidden; what a run changes in it is restored, and the user's own tree is never written to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use stillframe::process::cancelled;
use stillframe::{disk, print};
use walkdir::WalkDir;

use crate::copy::ignored::Ignored;
use crate::copy::stamp::Stamp;
use crate::copy::tree::Tree;
use crate::definition::LOCK_NAME;
use crate::overlay;
use crate::place::Place;
use crate::revision::{self, Files};
use crate::suite::RunError;
use crate::work::Work;

mod ignored;
mod space;
mod stamp;
mod tree;

pub use ignored::USUAL as USUAL_FOLDERS;
pub use tree::{clear, touch};

/// A copy of the suite's tree, which is removed when this is dropped.
#[derive(Debug)]
pub struct Copy {
    /// Where the user's own tree lies.
    original: PathBuf,
    /// The folder of the copy, and of what is taken out of it for a while.
    folder: PathBuf,
    /// Files that every run finds as they were, by their path from the root.
    watched: BTreeMap<PathBuf, Watched>,
    /// What the suite may write: build output, caches.
    free: BTreeSet<PathBuf>,
    ignored: Ignored,
    /// What runs have written, each named once.
    written: BTreeSet<PathBuf>,
}

#[derive(Debug)]
struct Watched {
    hash: String,
    stamp: Stamp,
}

impl Copy {
    /// Copies everything below the root but the work folder and git's objects. `hashes` are those of the files that every
    /// run must find as they were.
    ///
    /// # Errors
    ///
    /// When the disk has not enough space, which is found before anything is copied, or a file cannot be read.
    pub fn make(place: &Place, work: &Work, hashes: &Files) -> Result<Copy, RunError> {
        let act = || format!("looking for {}", place.root.display());
        let original = place.root.canonicalize().with_context(act)?;
        let folder = work.copy()?;
        let tree = Tree::read(&original, work.path())?;
        space::check(&original, &folder, &tree)?;
        print::note(&format!(
            "copying {} files ({}) of {}",
            tree.files(),
            space::shown(tree.bytes()),
            original.display()
        ));
        let mut copy = Copy {
            ignored: Ignored::of(&original, place),
            original,
            folder,
            watched: BTreeMap::new(),
            free: BTreeSet::new(),
            written: BTreeSet::new(),
        };
        disk::create_folder(&copy.away())?;
        tree.copy(&copy.original, &copy.root())?;
        if cancelled() {
            return Err(RunError::Interrupted);
        }
        copy.watch(&tree, hashes)?;
        Ok(copy)
    }

    /// The root of the copy.
    pub fn root(&self) -> PathBuf {
        self.folder.join("tree")
    }

    fn away(&self) -> PathBuf {
        away(&self.root())
    }

    /// The place of a suite that runs in the copy: laid over the path of the tree itself where the system allows that, since
    /// compiled programs and installed packages name that path, else in the folder of the copy.
    ///
    /// # Errors
    ///
    /// When neither can be done.
    pub fn place(&self, place: &Place) -> Result<Place> {
        match self.laid_over(place) {
            Ok(place) => return Ok(place),
            Err(error) => print::note(&format!(
                "the private copy cannot be laid over {} ({error:#}); the suite runs in {}, and a test that finds its files by another way sees what is hidden",
                self.original.display(),
                self.root().display()
            )),
        }
        let Ok(below) = place.cwd.strip_prefix(&self.original) else {
            bail!(
                "the suite runs in {}, which is not below {}, so that it cannot run in a private copy; move consumers.toml up to a folder that holds both",
                place.cwd.display(),
                self.original.display()
            );
        };
        Ok(Place {
            root: self.root(),
            files: self.root(),
            cwd: self.root().join(below),
            ..place.clone()
        })
    }

    fn laid_over(&self, place: &Place) -> Result<Place> {
        let layers = overlay::layers(&self.original, &self.root(), &place.scratch)?;
        let laid = Place {
            files: self.root(),
            wrapper: overlay::wrapper(&layers)?,
            ..place.clone()
        };
        overlay::probe(&laid)?;
        Ok(laid)
    }

    fn watch(&mut self, tree: &Tree, hashes: &Files) -> Result<()> {
        let mut folders = BTreeSet::new();
        for (name, hash) in hashes {
            let path = PathBuf::from(name);
            folders.extend(path.ancestors().skip(1).map(Path::to_owned));
            let copied = self.root().join(&path);
            // A folder is a repository in this one.
            if copied.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
                continue;
            }
            let Some(stamp) = Stamp::of(&copied)? else {
                continue;
            };
            let hash = hash.clone();
            self.watched.insert(path, Watched { hash, stamp });
        }
        for path in tree.paths() {
            let within_free = path.ancestors().skip(1).any(|up| self.free.contains(up));
            if !within_free && !self.watched.contains_key(path) && !folders.contains(path) {
                self.free.insert(path.to_owned());
            }
        }
        Ok(())
    }

    /// Makes the copy again what it was, apart from what git ignores; tells which files a run has written.
    ///
    /// # Errors
    ///
    /// When a file of the user's own tree, from which the copy is restored, has changed since.
    pub fn refresh(&mut self, place: &Place) -> Result<()> {
        let mut written = self.restore()?;
        written.extend(self.remove_new(place)?);
        let new: Vec<String> = written
            .into_iter()
            .filter(|path| self.written.insert(path.clone()))
            .map(|path| format!("{:?}", disk::slashed(&path)))
            .collect();
        if !new.is_empty() {
            print::note(&format!(
                "the suite writes into its own tree, which is restored after each run: {}",
                new.join(", ")
            ));
        }
        Ok(())
    }

    /// Restores what is not as it was, and returns what was written.
    fn restore(&mut self) -> Result<Vec<PathBuf>> {
        let root = self.root();
        let mut written = Vec::new();
        for (name, watched) in &mut self.watched {
            let path = root.join(name);
            if Stamp::of(&path)?.as_ref() == Some(&watched.stamp) {
                continue;
            }
            if revision::hash(&path)?.as_ref() != Some(&watched.hash) {
                written.push(name.clone());
            }
            let original = self.original.join(name);
            if revision::hash(&original)?.as_ref() != Some(&watched.hash) {
                bail!(
                    "{} was changed while the suite was measured; run the command again when nobody writes to the tree",
                    original.display()
                );
            }
            tree::clear(&path)?;
            tree::copy_folders(&self.original, &root, name)?;
            tree::copy_file(&original, &path)?;
            watched.stamp =
                Stamp::of(&path)?.with_context(|| format!("{} is gone again", path.display()))?;
        }
        Ok(written)
    }

    /// Removes what was not there before and is not ignored, and returns it.
    fn remove_new(&mut self, place: &Place) -> Result<Vec<PathBuf>> {
        let root = self.root();
        let mut folders = BTreeSet::new();
        for name in self.watched.keys() {
            folders.extend(name.ancestors().skip(1));
        }
        let mut new = Vec::new();
        let mut entries = WalkDir::new(&root).min_depth(1).into_iter();
        while let Some(entry) = entries.next() {
            let entry = entry.context("looking for what a run has written")?;
            let name = entry.path().strip_prefix(&root)?;
            if folders.contains(name) || self.watched.contains_key(name) {
                continue;
            }
            if !self.free.contains(name) {
                new.push((name.to_owned(), entry.file_type().is_dir()));
            }
            if entry.file_type().is_dir() {
                entries.skip_current_dir();
            }
        }
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let ignored = self.ignored.among(&new, place)?;
        let mut removed = Vec::new();
        for (name, _) in new {
            if ignored.contains(&name) {
                self.free.insert(name);
            } else {
                tree::clear(&root.join(&name))?;
                removed.push(name);
            }
        }
        Ok(removed)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next command.
        let _left = disk::remove_folder(&self.folder);
    }
}

/// Where files are moved that are taken out of the copy with this root.
pub fn away(root: &Path) -> PathBuf {
    root.with_file_name("away")
}

/// The files of the user's own tree that differ from what they were.
///
/// # Errors
///
/// When they cannot be read.
pub fn changed(root: &Path, place: &Place, before: &Files) -> Result<Vec<String>> {
    let mut files = revision::files(root, place)?;
    files.extend(before.keys().map(PathBuf::from));
    let after = revision::hashes(root, &files)?;
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .filter(|name| *name != LOCK_NAME);
    Ok(changed.cloned().collect())
}
