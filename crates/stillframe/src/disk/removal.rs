//! Removes a folder with everything below it, however deep and however closed; it follows no link and leaves no file system.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

/// What is left of a removal that did not get everything: the first thing that stayed, and why.
struct Stayed(Option<io::Error>);

/// A folder whose files are gone already.
struct Level {
    /// Its name in the folder above.
    name: CString,
    /// Which folder it is, so that the way back up is seen to lead there.
    identity: (u64, u64),
    /// The folders in it that are still to be emptied.
    folders: Vec<CString>,
}

/// Removes the folder at `path`.
///
/// It goes down and up by names and by `..`, so that neither the length of a path, nor the number of open files, nor the
/// stack limits the depth. A folder that may not be read or written is opened to its owner first. Everything that can be
/// removed is, also after a failure.
///
/// # Errors
/// The first thing that could not be removed.
pub(super) fn remove_tree(path: &Path) -> io::Result<()> {
    let name = CString::new(path.as_os_str().as_encoded_bytes())?;
    let (mut here, stat) = enter(CWD, &name)?;
    let device = stat.st_dev;
    let mut stayed = Stayed(None);
    let mut above: Vec<Level> = Vec::new();
    let mut level = empty(&here, name, &stat, &mut stayed);
    loop {
        if let Some(name) = level.folders.pop() {
            match enter(&here, &name) {
                Ok((_, stat)) if stat.st_dev != device => {
                    stayed.note(&above, &name, "another file system is mounted there");
                }
                Ok((folder, stat)) => {
                    let below = empty(&folder, name, &stat, &mut stayed);
                    above.push(std::mem::replace(&mut level, below));
                    here = folder;
                }
                Err(error) => stayed.note(&above, &name, &error.to_string()),
            }
        } else if let Some(upper) = above.pop() {
            here = leave(&here, &upper)?;
            let done = std::mem::replace(&mut level, upper);
            if let Err(error) = rustix::fs::unlinkat(&here, &done.name, AtFlags::REMOVEDIR) {
                stayed.note(&above, &done.name, &io::Error::from(error).to_string());
            }
        } else {
            break;
        }
    }
    match stayed.0 {
        Some(error) => Err(error),
        None => Ok(rustix::fs::rmdir(path)?),
    }
}

impl Stayed {
    /// Remembers the first thing that stayed, by its path below the folder unless that is too long to read.
    fn note(&mut self, above: &[Level], name: &CStr, reason: &str) {
        const READABLE: usize = 8;
        self.0.get_or_insert_with(|| {
            let names = above.iter().skip(1).map(|level| level.name.as_c_str());
            let names: Vec<_> = names.chain([name]).map(CStr::to_string_lossy).collect();
            let path: PathBuf = match names.len() {
                ..=READABLE => names.iter().map(|name| &**name).collect(),
                depth => return io::Error::other(format!("{depth} folders deep: {reason}")),
            };
            io::Error::other(format!("{path:?}: {reason}"))
        });
    }
}

/// Opens a folder that is not a link, and lets its owner do everything in it.
fn enter(parent: impl AsFd, name: &CStr) -> io::Result<(OwnedFd, Stat)> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let open = || rustix::fs::openat(&parent, name, flags, Mode::empty());
    let folder = match open() {
        Err(Errno::ACCESS) => {
            unlock(&parent, name)?;
            open()?
        }
        opened => opened?,
    };
    let stat = rustix::fs::fstat(&folder)?;
    if !Mode::from_raw_mode(stat.st_mode).contains(Mode::RWXU) {
        // It may belong to somebody else, and what it holds be nothing.
        let _still_closed = rustix::fs::fchmod(&folder, Mode::RWXU);
    }
    Ok((folder, stat))
}

/// Changes the permissions of what is a folder and not a link, which on Linux takes a descriptor that needs none itself.
#[cfg(target_os = "linux")]
fn unlock(parent: impl AsFd, name: &CStr) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = rustix::fs::openat(parent, name, flags, Mode::empty())?;
    let path = format!("/proc/self/fd/{}", folder.as_raw_fd());
    Ok(rustix::fs::chmod(path, Mode::RWXU)?)
}

#[cfg(not(target_os = "linux"))]
fn unlock(parent: impl AsFd, name: &CStr) -> io::Result<()> {
    Ok(rustix::fs::chmodat(
        parent,
        name,
        Mode::RWXU,
        AtFlags::SYMLINK_NOFOLLOW,
    )?)
}

/// Goes back up, if up is still where it was: a process that is still alive may move a folder.
fn leave(folder: &OwnedFd, upper: &Level) -> io::Result<OwnedFd> {
    let (parent, stat) = enter(folder, c"..")?;
    if identity(&stat) != upper.identity {
        return Err(io::Error::other(
            "a folder was moved while it was being removed",
        ));
    }
    Ok(parent)
}

#[expect(clippy::unnecessary_cast, reason = "the types differ between systems")]
fn identity(stat: &Stat) -> (u64, u64) {
    (stat.st_dev as u64, stat.st_ino as u64)
}

/// Removes the files of a folder and lists its folders.
fn empty(folder: &OwnedFd, name: CString, stat: &Stat, stayed: &mut Stayed) -> Level {
    let mut level = Level {
        name,
        identity: identity(stat),
        folders: Vec::new(),
    };
    if let Err(error) = unlink_files(folder, &mut level.folders, stayed) {
        stayed.note(&[], &level.name, &error.to_string());
    }
    level
}

fn unlink_files(
    folder: &OwnedFd,
    folders: &mut Vec<CString>,
    stayed: &mut Stayed,
) -> io::Result<()> {
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        if entry.file_type() == FileType::Directory {
            folders.push(name.to_owned());
            continue;
        }
        match rustix::fs::unlinkat(folder, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            // Some file systems do not tell the kind of an entry.
            Err(Errno::ISDIR | Errno::PERM) if entry.file_type() == FileType::Unknown => {
                folders.push(name.to_owned());
            }
            Err(error) => stayed.note(&[], name, &io::Error::from(error).to_string()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    /// Folders in each other, deeper than any path can name.
    fn dig(top: &Path, depth: usize) {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let mut here = rustix::fs::open(top, flags, Mode::empty()).unwrap();
        for _ in 0..depth {
            rustix::fs::mkdirat(&here, "d", Mode::RWXU).unwrap();
            here = rustix::fs::openat(&here, "d", flags, Mode::empty()).unwrap();
        }
        rustix::fs::openat(&here, "file", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR).unwrap();
    }

    #[test]
    fn depth_is_limited_neither_by_paths_nor_by_the_stack_nor_by_open_files() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().join("top");
        fs::create_dir(&top).unwrap();
        // Longer than a path may be, and more than the files that may be open.
        dig(&top, 2_500);
        let small = std::thread::Builder::new().stack_size(128 << 10);
        let removed = small
            .spawn(move || remove_tree(&top))
            .unwrap()
            .join()
            .unwrap();
        removed.unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn closed_folders_are_opened_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("outside/data")).unwrap();
        fs::create_dir_all(at("top/closed/inner")).unwrap();
        symlink("../../outside", at("top/closed/link")).unwrap();
        symlink("loop", at("top/loop")).unwrap();
        for (name, mode) in [
            ("outside", 0o500),
            ("top/closed/inner", 0),
            ("top/closed", 0o400),
            ("top", 0o500),
        ] {
            fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        remove_tree(&at("top")).unwrap();
        assert!(!at("top").exists());
        assert!(at("outside/data").exists());
        let mode = fs::metadata(at("outside")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o500);
    }
}
