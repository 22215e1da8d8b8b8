//! A private copy of a POC to run in, with a home and a temporary folder of its own; it is removed when dropped and never touches the original.

use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stillframe_core::problem::{Kind, Problem};
use walkdir::WalkDir;

use crate::disk;
use crate::process::cancelled;

mod cleaner;
mod copy;
mod left;
mod run_folder;

pub use cleaner::Cleaner;
pub use left::name_what_is_left;
use run_folder::RunFolder;

/// Which run of a POC it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The one that makes the fixtures.
    First,
    /// Another one, in other folders.
    Second,
}

impl Look {
    /// Where raw outputs are kept below the work folder.
    pub(crate) fn raw(self) -> &'static str {
        match self {
            Look::First => "raw",
            Look::Second => "raw/.second-look",
        }
    }
}

/// The file that describes the POC; the target never sees it.
const DESCRIPTION: &str = "poc.toml";

/// Always handed on: without these no program can be found, on Windows none can even start.
const ALWAYS_PASSED: &[&str] = if cfg!(windows) {
    &["PATH", "PATHEXT", "SystemRoot", "ComSpec"]
} else {
    &["PATH"]
};

/// The same everywhere: no time zone, no language, no terminal.
const FIXED: [(&str, &str); 5] = [
    ("COLUMNS", "80"),
    ("LANG", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
    ("NO_COLOR", "1"),
    ("TZ", "UTC"),
];

/// The variables that name the home and the temporary folder.
const HOME: &[&str] = if cfg!(windows) {
    &["HOME", "USERPROFILE"]
} else {
    &["HOME"]
};
const TMP: &[&str] = if cfg!(windows) {
    &["TMPDIR", "TMP", "TEMP"]
} else {
    &["TMPDIR"]
};

/// The variables of a sandbox that `pass` replaces by the caller's, which differ from one machine to the next.
pub fn replaced(pass: &[String]) -> Vec<&str> {
    let fixed = FIXED.iter().map(|(name, _)| name);
    let built_in: Vec<&str> = HOME.iter().chain(TMP).chain(fixed).copied().collect();
    let is_set = |name: &&str| built_in.contains(name) && std::env::var_os(name).is_some();
    pass.iter().map(String::as_str).filter(is_set).collect()
}

/// Keeps the folder of a run's sandboxes from being removed between two of them.
#[derive(Debug)]
pub struct Kept {
    _run: Arc<RunFolder>,
}

/// Creates the folder for the sandboxes of a run.
///
/// # Errors
///
/// When the system's temporary folder is missing or cannot be written.
pub fn keep() -> Result<Kept, Problem> {
    let temporary = std::env::temp_dir();
    run_folder::current()
        .map(|run| Kept { _run: run })
        .map_err(|error| {
            let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
            let shown = temporary.display();
            let fix = match kind {
                // Some file systems say so of a folder in which nothing can be made, such as /proc.
                Some(ErrorKind::NotFound) if !temporary.exists() => {
                    format!("mkdir -p {shown}, or let TMPDIR name a folder that exists")
                }
                Some(
                    ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::NotADirectory,
                ) => "let TMPDIR name a folder that you can write".to_owned(),
                // Why the system refuses it is not known.
                _ => String::new(),
            };
            Problem::new(Kind::Prerequisite, shown.to_string(), fix).detail(format!("{error:#}"))
        })
}

/// Removes the sandboxes of this process, and names on stderr what could not be removed: for a process that ends without
/// unwinding.
pub fn remove_all() {
    run_folder::remove_current();
    name_what_is_left();
}

/// For the owner alone.
const PRIVATE: u32 = 0o700;

/// Three empty folders beside each other below the system's temporary folder: far from any repository, so that the target
/// finds no outer `.git` and no outer configuration.
#[derive(Debug)]
pub struct Sandbox {
    folder: PathBuf,
    root: PathBuf,
    home: PathBuf,
    tmp: PathBuf,
    look: Look,
    run: Arc<RunFolder>,
}

impl Sandbox {
    /// A sandbox with nothing in it, which nobody else can look into.
    ///
    /// # Errors
    ///
    /// When the system's temporary folder cannot be written.
    pub fn empty() -> Result<Sandbox> {
        Sandbox::empty_for(Look::First)
    }

    fn empty_for(look: Look) -> Result<Sandbox> {
        Sandbox::empty_in(run_folder::current()?, look)
    }

    fn empty_in(run: Arc<RunFolder>, look: Look) -> Result<Sandbox> {
        let used = match look {
            Look::First => run.used(),
            Look::Second => None,
        };
        let is_new = used.is_none();
        let folder = match used {
            Some(folder) => folder,
            None => private_folder(run.path(), "")
                .with_context(|| format!("creating a sandbox in {}", run.path().display()))?,
        };
        let base = canonical(&folder)?.join(between(look));
        let sandbox = Sandbox {
            root: base.join("poc"),
            home: base.join("home"),
            tmp: base.join("tmp"),
            look,
            folder,
            run,
        };
        fs::create_dir_all(&base)
            .and_then(|()| set_mode(&base, PRIVATE))
            .with_context(|| format!("creating {}", base.display()))?;
        let missing = [&sandbox.root, &sandbox.home, &sandbox.tmp];
        // What is used again has a home and a temporary folder.
        for made in &missing[..if is_new { 3 } else { 1 }] {
            fs::create_dir(made)
                .and_then(|()| set_mode(made, PRIVATE))
                .with_context(|| format!("creating {}", made.display()))?;
        }
        Ok(sandbox)
    }

    /// A sandbox with a copy of the POC: files and links with the folders that hold them, but not its `poc.toml` and not what
    /// is left out. A folder that holds nothing is not copied, because git does not have it.
    ///
    /// Files keep their content and whether they may be executed; all other permissions are the same for everybody
    /// (0644 or 0755), because those of a checkout depend on who made it. Special bits (setuid and the like) are dropped.
    ///
    /// # Errors
    ///
    /// When something cannot be copied, is neither file, folder nor link, or is a link that leaves the POC.
    pub fn create(poc: &Path, left_out: &BTreeSet<PathBuf>) -> Result<Sandbox> {
        Sandbox::layered(Look::First, &[poc.to_owned()], left_out)
    }

    /// [`Sandbox::create`] of several folders; a file of a later one replaces that of an earlier one.
    ///
    /// # Errors
    ///
    /// As for [`Sandbox::create`], and where one has a folder and another does not.
    pub fn layered(
        look: Look,
        layers: &[PathBuf],
        left_out: &BTreeSet<PathBuf>,
    ) -> Result<Sandbox> {
        let sandbox = Sandbox::empty_for(look)?;
        for layer in layers {
            sandbox.lay_down(layer, left_out)?;
        }
        Ok(sandbox)
    }

    fn lay_down(&self, layer: &Path, left_out: &BTreeSet<PathBuf>) -> Result<()> {
        let all = WalkDir::new(layer)
            .min_depth(1)
            .sort_by_file_name()
            .into_iter();
        for entry in all.filter_entry(|entry| !left_out.contains(entry.path())) {
            let entry = entry.map_err(|error| disk::unlisted(layer, error))?;
            if cancelled() {
                bail!("interrupted");
            }
            let inside = entry.path().strip_prefix(layer)?;
            if entry.file_type().is_dir() || inside == Path::new(DESCRIPTION) {
                continue;
            }
            copy::copy(layer, inside, entry.file_type(), &self.root)
                .with_context(|| format!("copying {} into a sandbox", entry.path().display()))?;
        }
        Ok(())
    }

    /// The folder the target runs in: the copy of the POC.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The home folder of everything that runs here.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The temporary folder of everything that runs here.
    #[must_use]
    pub fn tmp(&self) -> &Path {
        &self.tmp
    }

    /// The whole environment of a process in here: PATH, the fixed variables and those that name these folders, then the
    /// variables in `pass` from ours, then `set`; the later wins.
    #[must_use]
    pub fn environment(
        &self,
        pass: &[String],
        set: &BTreeMap<String, String>,
    ) -> BTreeMap<OsString, OsString> {
        let home = HOME.iter().map(|name| (*name, self.home.as_os_str()));
        let tmp = TMP.iter().map(|name| (*name, self.tmp.as_os_str()));
        let fixed = FIXED
            .iter()
            .map(|(name, value)| (*name, OsStr::new(*value)));
        let set = set
            .iter()
            .map(|(name, value)| (name.as_str(), OsStr::new(value)));
        let owned = |(name, value): (&str, &OsStr)| (OsString::from(name), value.to_owned());
        let ours = |name: &str| Some((OsString::from(name), std::env::var_os(name)?));
        let always = ALWAYS_PASSED.iter().filter_map(|name| ours(name));
        let passed = pass.iter().filter_map(|name| ours(name));
        let built_in = home.chain(tmp).chain(fixed).map(owned);
        always
            .chain(built_in)
            .chain(passed)
            .chain(set.map(owned))
            .collect()
    }

    /// What to call these folders in a fixture. Each comes in the form the process is given and, where the temporary
    /// folder is reached through a link (macOS's `/var`), also as it is written there.
    #[must_use]
    pub fn scrub_pairs(&self) -> Vec<(PathBuf, &'static str)> {
        let written = self.folder.join(between(self.look));
        let named = [
            (&self.root, "/stillframe/poc"),
            (&self.home, "/stillframe/home"),
            (&self.tmp, "/stillframe/tmp"),
        ];
        let mut pairs = Vec::new();
        for (given, name) in named {
            pairs.push((given.clone(), name));
            let other = written.join(given.file_name().unwrap_or_default());
            if other != *given {
                pairs.push((other, name));
            }
        }
        pairs
    }
}

/// What stays, and why, is reported with the folder of the run, which tries once more.
impl Drop for Sandbox {
    fn drop(&mut self) {
        if self.is_as_new() {
            self.run.use_again(&self.folder);
        } else {
            let _tried_again_later = disk::remove_tree(&self.folder);
        }
    }
}

impl Sandbox {
    /// Removes the copy of the POC; whether the rest is as it was made, so that another POC may have it. Making folders is
    /// the most expensive part of a small capture: a file system looks long for a number that was not freed just now.
    ///
    /// The folder that programs run in is never used again: a process that got away may still be in it.
    fn is_as_new(&self) -> bool {
        self.look == Look::First
            && disk::remove_tree(&self.root).is_ok()
            && [&self.home, &self.tmp].iter().all(|folder| {
                is_private(folder) && names_in(folder).is_some_and(|names| names == 0)
            })
            && is_private(&self.folder)
            && names_in(&self.folder).is_some_and(|names| names == 2)
    }
}

/// How many names a folder has.
fn names_in(folder: &Path) -> Option<usize> {
    fs::read_dir(folder).map(Iterator::count).ok()
}

/// A folder in between, in a second look only: its paths have another length, so that one that is not replaced varies.
fn between(look: Look) -> &'static str {
    match look {
        Look::First => "",
        Look::Second => "another-look",
    }
}

/// A new folder with a name that nobody could guess, for the owner alone.
fn private_folder(parent: &Path, prefix: &str) -> io::Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(PRIVATE));
    }
    let folder = builder.tempdir_in(parent)?;
    // The umask may have taken some of it away, and a parent may have added its group.
    set_mode(folder.path(), PRIVATE)?;
    Ok(folder.keep())
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Whether it is a folder, and for the owner alone.
#[cfg(unix)]
fn is_private(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let meta = folder.symlink_metadata();
    meta.is_ok_and(|meta| meta.is_dir() && meta.permissions().mode() & 0o7777 == PRIVATE)
}

/// Elsewhere it is not known who may do what, so nothing is used again.
#[cfg(not(unix))]
fn is_private(_folder: &Path) -> bool {
    false
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// The path as the process itself will see it. Windows' canonical paths (`\\?\C:\…`) are ones that most programs cannot read.
fn canonical(path: &Path) -> io::Result<PathBuf> {
    if cfg!(windows) {
        Ok(path.to_path_buf())
    } else {
        path.canonicalize()
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
