//! The work folder: raw outputs, candidates and the lock between runs. It is used only where it is new, empty, or marked as this project's.

use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use same_file::Handle;
use serde::Deserialize;
use stillframe_core::config::{CONFIG_NAME, Paths};
use stillframe_core::problem::{Kind, Problem};

use crate::disk;
use crate::inside;
use crate::workspace::Workspace;

/// The file that marks a folder as one whose content Stillframe may delete.
pub const MARK: &str = ".stillframe-work";
/// Everything that a run writes there beside the mark.
const CONTENT: [&str; 5] = [".gitignore", "lock", "raw", "candidates", "schemas"];

const HEADER: &str =
    "# A work folder of Stillframe: `stillframe` writes and deletes what is in here.\n";

/// The work folder, as it was found when the run began.
#[derive(Debug)]
pub struct WorkFolder {
    path: PathBuf,
    /// Kept open, so that no other folder can be taken for it.
    opened: Handle,
}

impl WorkFolder {
    fn hold(path: PathBuf) -> Result<WorkFolder> {
        let opened =
            Handle::from_path(&path).with_context(|| format!("opening {}", path.display()))?;
        Ok(WorkFolder { path, opened })
    }

    /// Its real path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where something in it lies, looked at again each time: a target that exchanges the folder, or one on the way to it,
    /// must not have ours written and deleted elsewhere.
    ///
    /// # Errors
    ///
    /// When another folder lies at its path now, or a link on the way to the name.
    pub fn at(&self, name: impl AsRef<Path>) -> Result<PathBuf> {
        if Handle::from_path(&self.path).ok().as_ref() != Some(&self.opened) {
            bail!(
                "{} is not the folder that it was when the run began; nothing more is written there",
                self.path.display()
            );
        }
        Ok(inside::below(&self.path, name)?)
    }
}

/// What the mark says.
#[derive(Deserialize)]
struct Mark {
    /// The project's folder: from the work folder where that is inside it, else absolute.
    project: PathBuf,
}

/// Creates or adopts the work folder. A link on the way to it is resolved here and never again. The folder ignores itself in
/// git.
///
/// A folder that is not empty and not marked is somebody else's: nothing is written or deleted there. `named` takes the
/// place of the configured one.
pub fn open(workspace: &Workspace, named: Option<&Path>) -> Result<Result<WorkFolder, Problem>> {
    let work = match named {
        Some(named) => real(named),
        None => real(&real(&workspace.root).join(&workspace.config.paths.work)),
    };
    match adopt(workspace, &work, named) {
        Err(error) if is_unwritable(&error) => Ok(Err(unwritable(&work, &error))),
        opened => opened,
    }
}

/// Whether the system refuses to write there; the causes that another folder removes.
fn is_unwritable(error: &anyhow::Error) -> bool {
    let cause = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| {
        matches!(
            cause.kind(),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
        )
    })
}

fn unwritable(work: &Path, error: &anyhow::Error) -> Problem {
    Problem::new(
        Kind::Config,
        work.display().to_string(),
        "name a folder that can be written, anywhere: --work DIR, or the variable STILLFRAME_WORK",
    )
    .detail(format!("the work folder cannot be written: {error:#}"))
}

fn adopt(
    workspace: &Workspace,
    work: &Path,
    named: Option<&Path>,
) -> Result<Result<WorkFolder, Problem>> {
    let root = real(&workspace.root);
    let written = &workspace.config.paths.work;
    let work = work.to_owned();
    let origin = match named {
        Some(named) => format!("--work or STILLFRAME_WORK is {}", named.display()),
        None => format!("[paths] work = \"{written}\""),
    };
    let refuse = |reason: String, fix: String| {
        Ok(Err(Problem::new(
            Kind::Config,
            work.display().to_string(),
            fix,
        )
        .detail(format!("{origin}: {reason}"))
        .detail("nothing was written or deleted there")))
    };
    let elsewhere = || {
        let how = match named {
            Some(_) => "with --work or STILLFRAME_WORK",
            None => "as [paths] work in stillframe.toml",
        };
        format!("name a new or empty folder {how}, or move away what is in this one")
    };
    if let Some(what) = reserved(&root, &work, &workspace.config.paths) {
        return refuse(format!("it is {what}"), elsewhere());
    }
    match occupant(&work, &root, written)? {
        Occupant::Nobody => {
            disk::create_folder(&work)?;
            mark(&work, &root)?;
        }
        Occupant::Us => {}
        Occupant::UsUnnamed => mark(&work, &root)?,
        Occupant::Project(other) => {
            let reason = format!("it is the work folder of {}", other.display());
            return refuse(reason, elsewhere());
        }
        Occupant::Unmarked(reason) => return refuse(reason, elsewhere()),
    }
    for name in CONTENT {
        if let Err(obstacle) = inside::below(&work, name) {
            let fix = format!("rm {}", work.join(name).display());
            return refuse(obstacle.to_string(), fix);
        }
    }
    let ignore = work.join(".gitignore");
    if !ignore.exists() {
        disk::replace(&ignore, b"*\n")?;
    }
    // Whoever wrote the folder may have been somebody else, such as root in a container.
    let lock = work.join("lock");
    disk::open_lock(&lock).with_context(|| format!("opening {}", lock.display()))?;
    WorkFolder::hold(work).map(Ok)
}

/// Who uses a folder.
enum Occupant {
    /// It is new or empty.
    Nobody,
    /// It is marked as this project's.
    Us,
    /// It is ours, but its mark names no project that exists.
    UsUnnamed,
    /// It is marked as another project's.
    Project(PathBuf),
    /// Somebody else, or it is not a folder.
    Unmarked(String),
}

fn occupant(work: &Path, root: &Path, written: &str) -> Result<Occupant> {
    let entries = match fs::read_dir(work) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(match fs::symlink_metadata(work) {
                Ok(found) if found.is_symlink() => {
                    Occupant::Unmarked("it is a link that leads nowhere".into())
                }
                // Another run made it in the meantime.
                Ok(_) => return occupant(work, root, written),
                Err(_) => Occupant::Nobody,
            });
        }
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            return Ok(Occupant::Unmarked("it is not a folder".into()));
        }
        Err(error) => return Err(error).with_context(|| format!("reading {}", work.display())),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name());
    }
    if names.is_empty() {
        return Ok(Occupant::Nobody);
    }
    if names.iter().any(|name| name == MARK) {
        return Ok(marked(work, root));
    }
    let names: Option<Vec<&str>> = names.iter().map(|name| name.to_str()).collect();
    if names.is_some_and(|names| of_the_first_version(work, &names, written)) {
        return Ok(Occupant::UsUnnamed);
    }
    Ok(Occupant::Unmarked(format!(
        "it holds files, and no {MARK} marks it as a work folder of Stillframe"
    )))
}

fn marked(work: &Path, root: &Path) -> Occupant {
    let path = work.join(MARK);
    if !fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file()) {
        return Occupant::Unmarked(format!("its {MARK} is not a file"));
    }
    // A mark whose writing was cut off is still ours.
    let text = disk::read_regular_text(&path).unwrap_or_default();
    let Ok(mark) = toml::from_str::<Mark>(&text) else {
        return Occupant::UsUnnamed;
    };
    let project = real(&work.join(mark.project));
    if project == *root {
        Occupant::Us
    } else if project.join(CONFIG_NAME).is_file() {
        Occupant::Project(project)
    } else {
        // The project was moved or renamed.
        Occupant::UsUnnamed
    }
}

/// Whether a folder is what the first version left, which wrote no mark: at the default path, with nothing else in it.
fn of_the_first_version(work: &Path, names: &[&str], written: &str) -> bool {
    let ignores_all = disk::read_regular(&work.join(".gitignore")).is_ok_and(|text| text == b"*\n");
    // Empty, or the number of a process.
    let is_number = |text: &[u8]| text.iter().all(|c| c.is_ascii_digit() || *c == b'\n');
    let lock_is_ours = disk::read_regular(&work.join("lock")).is_ok_and(|text| is_number(&text));
    written == Paths::default().work
        && names.iter().all(|name| CONTENT.contains(name))
        && ignores_all
        && lock_is_ours
}

fn mark(work: &Path, root: &Path) -> Result<()> {
    let project = match work.strip_prefix(root) {
        Ok(inner) => inner.iter().map(|_| "..").collect::<Vec<_>>().join("/"),
        Err(_) => root.display().to_string(),
    };
    let text = format!("{HEADER}project = {project:?}\n");
    // Not beside it and renamed: a second run that starts now must see nothing here but the mark.
    disk::scratch(&work.join(MARK), text.as_bytes())
}

/// What a work folder may never be, nor hold, nor lie in.
fn reserved(root: &Path, work: &Path, paths: &Paths) -> Option<String> {
    if root.starts_with(work) {
        return Some("the project's own folder, or one above it".into());
    }
    let home = ["HOME", "USERPROFILE"].into_iter();
    if home
        .filter_map(std::env::var_os)
        .any(|home| real(Path::new(&home)).starts_with(work))
    {
        return Some("your home folder, or one above it".into());
    }
    paths
        .named()
        .into_iter()
        .filter(|(key, _)| *key != "work")
        .map(|(key, path)| (key, path, real(&root.join(path))))
        .find(|(_, _, folder)| folder.starts_with(work) || work.starts_with(folder))
        .map(|(key, path, _)| format!("in, above or at [paths] {key} = \"{path}\""))
}

/// The path without links, as far as it exists, and without `..`.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut real = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            // What is before it has no links any more.
            Component::ParentDir => _ = real.pop(),
            part => {
                real.push(part);
                real = canonical(&real).unwrap_or(real);
            }
        }
    }
    real
}

#[cfg(not(windows))]
fn canonical(path: &Path) -> std::io::Result<PathBuf> {
    path.canonicalize()
}

/// The verbatim form that Windows gives is one that many programs cannot use.
#[cfg(windows)]
fn canonical(path: &Path) -> std::io::Result<PathBuf> {
    path.metadata()?;
    std::path::absolute(path)
}
