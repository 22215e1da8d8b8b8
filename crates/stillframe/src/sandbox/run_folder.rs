//! The folder that holds all sandboxes of a run, locked while the run lives; the next run removes those of runs that are gone, and nothing else.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, Weak};

use anyhow::{Context, Result};

use super::{PRIVATE, left, private_folder, set_mode};
use crate::disk;

/// What the folder's name begins with.
const PREFIX: &str = "stillframe-";
/// The file in it that is locked by a run that lives.
const LOCK: &str = "lock";
/// What that file holds.
const MARK: &[u8] =
    b"The sandboxes of a run of stillframe; a run removes them when this file is not locked.\n";

/// The folder of this process's sandboxes; it is removed when the last of them is gone.
#[derive(Debug)]
pub(super) struct RunFolder {
    path: PathBuf,
    /// Locked; the system frees it when the process ends, however it ends.
    _lock: File,
    /// Folders of sandboxes that are gone, with an empty home and an empty temporary folder.
    used: Mutex<Vec<PathBuf>>,
}

static CURRENT: Mutex<Weak<RunFolder>> = Mutex::new(Weak::new());

/// Removes the one that is in use.
pub(super) fn remove_current() {
    let current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = current.upgrade() {
        remove_or_note(&folder.path);
    }
}

/// The one that is in use, or a new one.
pub(super) fn current() -> Result<Arc<RunFolder>> {
    static SWEEP: Once = Once::new();
    let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = current.upgrade() {
        return Ok(folder);
    }
    let temporary = std::env::temp_dir();
    SWEEP.call_once(|| sweep(&temporary));
    let folder = Arc::new(create(&temporary).with_context(|| act(&temporary))?);
    *current = Arc::downgrade(&folder);
    Ok(folder)
}

fn act(temporary: &Path) -> String {
    format!(
        "creating a folder for sandboxes in {} (TMPDIR names another place)",
        temporary.display()
    )
}

pub(super) fn create(temporary: &Path) -> io::Result<RunFolder> {
    let path = private_folder(temporary, PREFIX)?;
    match locked(&path) {
        Ok(lock) => Ok(RunFolder {
            path,
            _lock: lock,
            used: Mutex::default(),
        }),
        Err(error) => {
            remove(&path)?;
            Err(error)
        }
    }
}

/// Creates the lock under another name and renames it when it is locked, so that it is never seen without its lock. On a
/// disk without locks it keeps the other name, and nobody but this run removes the folder.
fn locked(folder: &Path) -> io::Result<File> {
    let new = folder.join("lock.new");
    let mut file = File::options().write(true).create_new(true).open(&new)?;
    set_mode(&new, 0o600)?;
    file.write_all(MARK)?;
    if file.try_lock().is_ok() {
        fs::rename(&new, folder.join(LOCK))?;
    }
    Ok(file)
}

impl RunFolder {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps the folder of a sandbox for another one.
    pub(super) fn use_again(&self, folder: &Path) {
        self.lock_used().push(folder.to_owned());
    }

    /// The folder of an earlier sandbox, under a name that nobody knows yet.
    pub(super) fn used(&self) -> Option<PathBuf> {
        let old = self.lock_used().pop()?;
        let renamed = tempfile::Builder::new()
            .prefix("")
            .make_in(&self.path, |new| match new.symlink_metadata() {
                Ok(_) => Err(ErrorKind::AlreadyExists.into()),
                Err(_) => fs::rename(&old, new),
            });
        renamed.ok()?.into_temp_path().keep().ok()
    }

    fn lock_used(&self) -> MutexGuard<'_, Vec<PathBuf>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        remove_or_note(&self.path);
    }
}

/// Removes what runs that are gone have left in the temporary folder.
fn sweep(temporary: &Path) {
    for entry in fs::read_dir(temporary).into_iter().flatten().flatten() {
        let named = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if !named {
            continue;
        }
        let folder = entry.path();
        // The lock is kept until the folder is gone, so that no other run removes it at the same time.
        if let Some(_lock) = lock_if_abandoned(&folder) {
            remove_or_note(&folder);
        }
    }
}

/// The lock of a folder whose run is gone; `None` for a live one, and for whatever is not a folder of ours.
fn lock_if_abandoned(folder: &Path) -> Option<File> {
    let path = folder.join(LOCK);
    let ours = |path: &Path, is: fn(&fs::Metadata) -> bool| {
        path.symlink_metadata()
            .is_ok_and(|meta| is(&meta) && is_our_own(&meta))
    };
    if !ours(folder, fs::Metadata::is_dir) || !ours(&path, fs::Metadata::is_file) {
        return None;
    }
    let mut file = disk::open_regular(&path).ok()?;
    file.try_lock().ok()?;
    let mut mark = Vec::new();
    (&mut file)
        .take(MARK.len() as u64 + 1)
        .read_to_end(&mut mark)
        .ok()?;
    (mark == MARK).then_some(file)
}

#[cfg(unix)]
fn is_our_own(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    meta.uid() == rustix::process::geteuid().as_raw()
}

/// The temporary folder belongs to one user there.
#[cfg(not(unix))]
fn is_our_own(_meta: &fs::Metadata) -> bool {
    true
}

fn remove_or_note(folder: &Path) {
    match remove(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => left::note(folder, &error),
        _ => {}
    }
}

/// Removes the lock last: what cannot be removed now stays known as ours.
fn remove(folder: &Path) -> io::Result<()> {
    set_mode(folder, PRIVATE)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            disk::remove_tree(&path)?;
        } else {
            fs::remove_file(&path)?;
        }
    }
    match fs::remove_file(folder.join(LOCK)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::remove_dir(folder)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A temporary folder with the sandboxes of a run that is gone.
    fn abandoned() -> (tempfile::TempDir, PathBuf) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = create(temporary.path()).unwrap();
        fs::create_dir_all(folder.path.join("a/poc/sub")).unwrap();
        let path = folder.path.clone();
        let kept = temporary.path().join("kept");
        fs::rename(&path, &kept).unwrap();
        drop(folder);
        fs::rename(&kept, &path).unwrap();
        (temporary, path)
    }

    #[test]
    fn folder_of_a_run_that_is_gone_is_swept() {
        let (temporary, folder) = abandoned();
        sweep(temporary.path());
        assert!(!folder.exists());
    }

    #[test]
    fn folder_of_a_run_that_lives_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = create(temporary.path()).unwrap();
        sweep(temporary.path());
        assert!(folder.path.join(LOCK).exists());
        let path = folder.path.clone();
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn what_only_looks_like_a_folder_of_ours_stays() {
        let (temporary, folder) = abandoned();
        let at = |name: &str| temporary.path().join(name);
        // Without a lock, with another file as the lock, and a link to a real one.
        fs::create_dir_all(at("stillframe-none")).unwrap();
        fs::create_dir_all(at("stillframe-other/data")).unwrap();
        File::create(at("stillframe-other/lock")).unwrap();
        fs::rename(&folder, at("elsewhere")).unwrap();
        symlink("elsewhere", &folder).unwrap();
        sweep(temporary.path());
        assert!(at("stillframe-none").exists());
        assert!(at("stillframe-other/data").exists());
        assert!(at("elsewhere/a/poc/sub").exists());
    }

    #[test]
    fn links_in_a_swept_folder_are_removed_and_not_followed() {
        let (temporary, folder) = abandoned();
        let outside = temporary.path().join("outside");
        fs::create_dir_all(outside.join("data")).unwrap();
        symlink(&outside, folder.join("link")).unwrap();
        symlink(&outside, folder.join("a/poc/link")).unwrap();
        symlink("loop", folder.join("a/loop")).unwrap();
        sweep(temporary.path());
        assert!(!folder.exists());
        assert!(outside.join("data").exists());
    }
}
