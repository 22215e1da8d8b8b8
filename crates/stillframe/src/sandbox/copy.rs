//! Copies one thing of a POC into its sandbox; what leads out of the POC, or is neither file, folder nor link, is refused.

use std::fs::{self, File, FileType};
use std::io;
use std::path::{Component, Path};

use anyhow::{Result, bail};

use super::set_mode;
use crate::disk;

/// Copies a file or a link that lies at `inside` the POC to the same place below `sandbox`, and the folders that hold it.
pub(super) fn copy(poc: &Path, inside: &Path, kind: FileType, sandbox: &Path) -> Result<()> {
    let from = poc.join(inside);
    let to = sandbox.join(inside);
    folders_for(inside, sandbox)?;
    make_room(&to)?;
    if kind.is_file() {
        copy_file(&from, &to)?;
    } else if kind.is_symlink() {
        let target = fs::read_link(&from)?;
        if leaves(poc, inside, &target)? {
            bail!(
                "the link {} points to {}, outside of the POC; replace it by a copy of what it points to",
                inside.display(),
                target.display()
            );
        }
        link(&from, &target, &to)?;
    } else {
        bail!(
            "{} is {}; a POC can only hold files, folders and links; remove it",
            inside.display(),
            disk::kind_of(kind)
        );
    }
    Ok(())
}

/// Creates the folders above a path; a link in the place of one is not followed.
fn folders_for(inside: &Path, sandbox: &Path) -> Result<()> {
    let mut folder = sandbox.to_path_buf();
    for part in inside.parent().into_iter().flatten() {
        folder.push(part);
        match fs::symlink_metadata(&folder) {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => bail!(
                "the base has a file or a link where the POC has the folder {}",
                folder.strip_prefix(sandbox)?.display()
            ),
            Err(_) => {
                fs::create_dir(&folder)?;
                set_mode(&folder, 0o755)?;
            }
        }
    }
    Ok(())
}

/// Removes what an earlier layer has in the place of a file.
fn make_room(to: &Path) -> Result<()> {
    match fs::symlink_metadata(to) {
        Ok(meta) if meta.is_dir() => bail!("the base has a folder there; rename one of them"),
        Ok(_) => Ok(fs::remove_file(to)?),
        Err(_) => Ok(()),
    }
}

/// Whether a link inside the POC leads out of it, by what is written or by where it ends.
fn leaves(poc: &Path, inside: &Path, target: &Path) -> io::Result<bool> {
    let mut depth = inside.components().count() - 1;
    for component in target.components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return Ok(true),
        }
    }
    match poc.join(inside).canonicalize() {
        Ok(end) => Ok(!end.starts_with(poc.canonicalize()?)),
        // It leads nowhere; that may be what the POC is about.
        Err(_) => Ok(false),
    }
}

#[cfg(unix)]
fn link(_from: &Path, target: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, to)
}

#[cfg(windows)]
fn link(from: &Path, target: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        std::os::windows::fs::symlink_dir(target, to)
    } else {
        std::os::windows::fs::symlink_file(target, to)
    }
}

/// Only the content and whether it may be executed: no owner, no special bit, no extended attribute.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut original = disk::open_regular(from)?;
    let mut copy = File::options().write(true).create_new(true).open(to)?;
    io::copy(&mut original, &mut copy)?;
    let mode = if is_executable(&original)? {
        0o755
    } else {
        0o644
    };
    set_mode(to, mode)
}

#[cfg(unix)]
fn is_executable(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata()?.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_file: &File) -> io::Result<bool> {
    Ok(false)
}
