//! Everything below a root, and how it is copied: contents, permissions, times and links, and no hard links.

use std::fs::{self, File, FileTimes, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use stillframe::disk;
use stillframe::print;
use stillframe::process::cancelled;
use walkdir::WalkDir;

/// How much a small file takes on the disk.
const BLOCK: u64 = 4096;

/// The paths below a root, from there, folders before what they hold.
#[derive(Debug, Default)]
pub struct Tree {
    entries: Vec<(PathBuf, Kind)>,
    bytes: u64,
    files: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    File,
    Link,
}

impl Tree {
    /// Reads what lies below the root, without the work folder and git's objects.
    ///
    /// # Errors
    ///
    /// When a folder cannot be read.
    pub fn read(root: &Path, work: &Path) -> Result<Tree> {
        let mut tree = Tree::default();
        let objects = root.join(".git").join("objects");
        let entries = WalkDir::new(root).min_depth(1).into_iter();
        for entry in entries.filter_entry(|entry| entry.path() != work) {
            let entry = entry.with_context(|| format!("listing {}", root.display()))?;
            if entry.path().starts_with(&objects) && entry.path() != objects {
                continue;
            }
            let kind = match entry.file_type() {
                kind if kind.is_dir() => Kind::Folder,
                kind if kind.is_file() => Kind::File,
                kind if kind.is_symlink() => Kind::Link,
                // A socket or a pipe belongs to a process that runs now.
                _ => continue,
            };
            if kind == Kind::File {
                let size = entry.metadata()?.len();
                tree.bytes += size.next_multiple_of(BLOCK);
                tree.files += 1;
            }
            let name = entry.path().strip_prefix(root)?.to_owned();
            tree.entries.push((name, kind));
        }
        Ok(tree)
    }

    /// How many files there are.
    pub fn files(&self) -> usize {
        self.files
    }

    /// What they take on the disk.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Every path, from the root.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.entries.iter().map(|(name, _)| name.as_path())
    }

    /// Whether files in the folder can share their blocks with those of the tree.
    pub fn shares_blocks(&self, root: &Path, folder: &Path) -> bool {
        let probe = folder.join("probe");
        let file = self.entries.iter().find(|(name, kind)| {
            let of_size = || root.join(name).metadata().is_ok_and(|meta| meta.len() > 0);
            *kind == Kind::File && of_size()
        });
        let shares = file.is_some_and(|(name, _)| share_blocks(&root.join(name), &probe).is_ok());
        let _absent = fs::remove_file(&probe);
        shares
    }

    /// Copies all of it into a folder that is not there yet. It ends early on Ctrl-C.
    ///
    /// # Errors
    ///
    /// When something cannot be copied.
    pub fn copy(&self, from: &Path, to: &Path) -> Result<()> {
        disk::create_folder(to)?;
        let mut folders = Vec::new();
        for (name, kind) in &self.entries {
            if cancelled() {
                return Ok(());
            }
            let (from, to) = (from.join(name), to.join(name));
            match kind {
                Kind::Folder => {
                    disk::create_folder(&to)?;
                    folders.push((from, to));
                }
                Kind::File | Kind::Link => match copy_file(&from, &to) {
                    Err(error) if is_kept_from_us(&error) => print::note(&format!(
                        "{} cannot be read and is not in the private copy",
                        from.display()
                    )),
                    copied => copied?,
                },
            }
        }
        // A folder that may not be written is closed when its content is there; the inner ones first.
        for (from, to) in folders.iter().rev() {
            copy_traits(from, to)?;
        }
        Ok(())
    }
}

fn is_kept_from_us(error: &anyhow::Error) -> bool {
    let system = error.downcast_ref::<io::Error>();
    system.is_some_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// Copies one file or link to where nothing lies.
///
/// # Errors
///
/// When it cannot be copied.
pub fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let act = || format!("copying {} to {}", from.display(), to.display());
    let meta = from.symlink_metadata().with_context(act)?;
    if meta.is_symlink() {
        return copy_link(from, to).with_context(act);
    }
    if share_blocks(from, to).is_err() {
        fs::copy(from, to).with_context(act)?;
    }
    set_times(to, &meta).with_context(act)?;
    fs::set_permissions(to, meta.permissions()).with_context(act)
}

/// Creates the folders above a path in the copy, where they are gone.
///
/// # Errors
///
/// When they cannot be created.
pub fn copy_folders(from: &Path, to: &Path, name: &Path) -> Result<()> {
    let mut above: Vec<&Path> = name.ancestors().skip(1).collect();
    above.reverse();
    for folder in above {
        let at = to.join(folder);
        if at.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            continue;
        }
        clear(&at)?;
        disk::create_folder(&at)?;
        copy_traits(&from.join(folder), &at)?;
    }
    Ok(())
}

/// Removes a file, a link, or a folder with all it holds; nothing is fine.
///
/// # Errors
///
/// When it cannot be removed.
pub fn clear(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Ok(meta) if meta.is_dir() => disk::remove_folder(path),
        Ok(_) => disk::remove_file(path),
        Err(_) => Ok(()),
    }
}

/// Makes a file look as if it had been written now.
///
/// # Errors
///
/// When that is not allowed.
pub fn touch(path: &Path) -> Result<()> {
    touch_now(path).with_context(|| format!("touching {}", path.display()))
}

#[cfg(unix)]
fn touch_now(path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_NOW, utimensat};
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_NOW,
    };
    let times = Timestamps {
        last_access: now,
        last_modification: now,
    };
    Ok(utimensat(CWD, path, &times, AtFlags::empty())?)
}

#[cfg(not(unix))]
fn touch_now(path: &Path) -> io::Result<()> {
    let file = File::options().append(true).open(path)?;
    file.set_modified(std::time::SystemTime::now())
}

fn copy_traits(from: &Path, to: &Path) -> Result<()> {
    let act = || format!("copying the permissions of {}", from.display());
    let meta = from.metadata().with_context(act)?;
    set_times(to, &meta).with_context(act)?;
    fs::set_permissions(to, meta.permissions()).with_context(act)
}

/// Builds compare times: a copy with times of its own would be built again.
fn set_times(path: &Path, meta: &Metadata) -> io::Result<()> {
    let times = FileTimes::new()
        .set_modified(meta.modified()?)
        .set_accessed(meta.accessed()?);
    #[cfg(unix)]
    {
        use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};
        use std::os::unix::fs::MetadataExt;
        let _ = times;
        let spec = |seconds, nanoseconds| Timespec {
            tv_sec: seconds,
            tv_nsec: nanoseconds,
        };
        let times = Timestamps {
            last_access: spec(meta.atime(), meta.atime_nsec()),
            last_modification: spec(meta.mtime(), meta.mtime_nsec()),
        };
        Ok(utimensat(CWD, path, &times, AtFlags::empty())?)
    }
    #[cfg(not(unix))]
    File::options().write(true).open(path)?.set_times(times)
}

/// A new file whose blocks are those of another until one of them is written.
#[cfg(target_os = "linux")]
fn share_blocks(from: &Path, to: &Path) -> io::Result<()> {
    let source = File::open(from)?;
    let target = File::options().write(true).create_new(true).open(to)?;
    let shared = rustix::fs::ioctl_ficlone(&target, &source);
    if shared.is_err() {
        fs::remove_file(to)?;
    }
    Ok(shared?)
}

#[cfg(not(target_os = "linux"))]
fn share_blocks(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

#[cfg(unix)]
fn copy_link(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(fs::read_link(from)?, to)
}

#[cfg(not(unix))]
fn copy_link(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to).map(drop)
}
