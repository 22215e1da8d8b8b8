//! The one writer: whole files only, unchanged bytes untouched; the readers, which wait for nothing; and folder listings in one order on every system.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use walkdir::WalkDir;

mod regular;
#[cfg(unix)]
mod removal;

use regular::overwrite;
pub(crate) use regular::{kind_of, open_lock};
pub use regular::{open_regular, read_regular, read_regular_text};

/// Writes a file that is wholly old or wholly new at every moment; says whether it changed.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<Written> {
    if read_regular(path).is_ok_and(|old| old == bytes) {
        return Ok(Written::Unchanged);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let act = || format!("writing {}", path.display());
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(act)?;
    file.write_all(bytes).with_context(act)?;
    file.as_file().sync_all().with_context(act)?;
    make_readable(file.as_file()).with_context(act)?;
    file.persist(path).with_context(act)?;
    Ok(Written::Changed)
}

/// Replaces a file that a person wrote: who may read and write it stays as it is.
pub fn rewrite(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let act = || format!("writing {}", path.display());
    let permissions = path.metadata().with_context(act)?.permissions();
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(act)?;
    file.write_all(bytes).with_context(act)?;
    let set = file.as_file().set_permissions(permissions);
    set.with_context(act)?;
    file.as_file().sync_all().with_context(act)?;
    file.persist(path).with_context(act)?;
    Ok(())
}

/// Whether [`replace`] had anything to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The file has other bytes now.
    Changed,
    /// The file was as it should be and was not touched.
    Unchanged,
}

/// Writes a file nobody relies on after a crash: raw outputs, candidates, staged siblings. One that is there is written
/// over, because creating and removing files is what takes a file system longest.
pub fn scratch(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || overwrite(path, bytes);
    match write() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            create_folder(path.parent().unwrap_or(Path::new(".")))?;
            write()
        }
        other => other,
    }
    .with_context(|| format!("writing {}", path.display()))
}

/// Writes a file where nothing may lie yet, not even a link.
pub fn create(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    options
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .with_context(|| format!("writing {}", path.display()))
}

/// Creates a folder and those above it.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("creating the folder {}", path.display()))
}

/// Removes a folder with all it holds; no folder is fine.
pub fn remove_folder(path: &Path) -> Result<()> {
    match remove_tree(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// [`remove_folder`] with the system's own error; a link is removed and not followed.
pub(crate) fn remove_tree(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if path.symlink_metadata()?.is_symlink() {
        fs::remove_file(path)
    } else {
        removal::remove_tree(path)
    }
    #[cfg(not(unix))]
    fs::remove_dir_all(path)
}

/// Removes everything below a folder but these files, named from there with forward slashes, and the folders on the way to
/// them; no folder is fine.
pub fn keep_only(folder: &Path, files: &BTreeSet<String>) -> Result<()> {
    let leads_to_one = |name: &str| {
        let below = format!("{name}/");
        let next = files.range(below.clone()..).next();
        next.is_some_and(|file| file.starts_with(&below))
    };
    for Item { path, name, kind } in list(folder)? {
        let stays = match kind {
            ItemKind::File => files.contains(&name),
            ItemKind::Folder => leads_to_one(&name),
            ItemKind::Other => false,
        };
        if stays {
            continue;
        }
        let is_folder = path.symlink_metadata().is_ok_and(|meta| meta.is_dir());
        if is_folder {
            remove_folder(&path)?;
        } else {
            remove_file(&path)?;
        }
    }
    Ok(())
}

/// Removes a file; no file is fine.
pub fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("deleting {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Reads a regular file; `None` where there is nothing.
pub fn read_if_any(path: &Path) -> Result<Option<Vec<u8>>> {
    match read_regular(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

/// One thing below a folder.
#[derive(Debug)]
pub struct Item {
    /// Where it lies.
    pub path: PathBuf,
    /// The same below the listed folder, with forward slashes.
    pub name: String,
    /// Neither folders nor links are followed or listed as files.
    pub kind: ItemKind,
}

/// What an [`Item`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, a pipe, a device, or a name that is not Unicode and so cannot be written down.
    Other,
}

/// Everything below a folder in the order of its names; nothing where there is no folder. One that cannot be looked at is
/// not called empty.
pub fn list(folder: &Path) -> Result<Vec<Item>> {
    match folder.metadata() {
        Ok(meta) if meta.is_dir() => {}
        Err(error) if !is_absent(&error) => {
            return Err(error).with_context(|| format!("listing {}", folder.display()));
        }
        _ => return Ok(Vec::new()),
    }
    let mut items = Vec::new();
    for entry in WalkDir::new(folder).min_depth(1).sort_by_file_name() {
        let entry = entry.map_err(|error| unlisted(folder, error))?;
        let kind = match entry.file_type() {
            _ if entry.file_name().to_str().is_none() => ItemKind::Other,
            kind if kind.is_file() => ItemKind::File,
            kind if kind.is_dir() => ItemKind::Folder,
            _ => ItemKind::Other,
        };
        items.push(Item {
            name: slashed(entry.path().strip_prefix(folder).unwrap_or(entry.path())),
            path: entry.into_path(),
            kind,
        });
    }
    Ok(items)
}

/// The error with its place, unless that is a path too long to be read.
pub(crate) fn unlisted(folder: &Path, error: walkdir::Error) -> anyhow::Error {
    const READABLE: usize = 500;
    let place = error.path().unwrap_or(folder).display().to_string();
    let act = match place.char_indices().nth(READABLE) {
        Some((end, _)) => format!("listing {}…", &place[..end]),
        None => format!("listing {place}"),
    };
    match error.into_io_error() {
        Some(cause) => anyhow::Error::new(cause).context(act),
        None => anyhow::anyhow!("{act}: a link leads back to where it came from"),
    }
}

/// Whether an error about a path means that nothing is there.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// A relative path with forward slashes on every system.
pub fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(unix)]
fn make_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_to_be_kept_goes_with_folders_and_links_that_have_a_kept_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["kept", "a/kept", "a/gone", "a/b/gone", "taken/file", "gone"] {
            scratch(&at(name), b"x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("kept", at("link")).unwrap();
        let files = ["kept", "a/kept", "taken", "link"].map(str::to_owned);
        keep_only(folder.path(), &BTreeSet::from(files)).unwrap();
        let left = list(folder.path()).unwrap();
        let names: Vec<&str> = left.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(names, ["a", "a/kept", "kept"]);
        keep_only(&at("no such folder"), &BTreeSet::new()).unwrap();
    }
}
