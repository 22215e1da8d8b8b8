//! Removes a fixpoint's file, unless another fixpoint stands on it; no database is opened.

use crate::folder::Folder;
use crate::glimpse::names_parent;
use crate::regular;
use fixpoints_core::document::Document;
use fixpoints_core::error::{Error, Result};
use fixpoints_core::name::FixpointName;

/// What was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The file, as messages show it.
    pub path: String,
    /// Its length.
    pub bytes: u64,
}

/// Removes a fixpoint, and the folders that it leaves empty. Its file need not be readable.
///
/// # Errors
/// [`Error::HasChildren`], [`Error::MissingFixpoint`] and [`Error::Io`]; the file is then where it was.
pub fn remove(folder: &Folder, name: &FixpointName) -> Result<Removed> {
    let file = folder.file_of(name);
    folder.check_links(name)?;
    if !folder.exists(name)? {
        return Err(folder.missing(name));
    }
    let mut children = Vec::new();
    for other in folder.names()? {
        if stands_on(folder, &other, name)? {
            children.push(other);
        }
    }
    if !children.is_empty() {
        return Err(Error::HasChildren {
            name: name.to_string(),
            children: children.iter().map(ToString::to_string).collect(),
        });
    }
    let bytes = std::fs::symlink_metadata(&file)
        .map_err(Error::io("read", &file))?
        .len();
    std::fs::remove_file(&file).map_err(Error::io("remove", &file))?;
    let mut above = file.parent();
    while let Some(emptied) = above.filter(|above| *above != folder.path()) {
        // A folder that is not empty refuses, and so ends this.
        if std::fs::remove_dir(emptied).is_err() {
            break;
        }
        above = emptied.parent();
    }
    Ok(Removed {
        path: fixpoints_core::names::shown(&file),
        bytes,
    })
}

/// The fixpoints that stand on `name`, whatever bytes they pin.
pub(crate) fn children(folder: &Folder, name: &FixpointName) -> Result<Vec<FixpointName>> {
    let mut children = folder.names()?;
    children.retain(|other| stands_on(folder, other, name).unwrap_or_default());
    Ok(children)
}

/// Fixpoints that stand on what another one held before it held `content`. A file that cannot be read is doctor's
/// business.
///
/// # Errors
/// [`Error::Io`] when the folder cannot be listed.
pub fn stale_children(
    folder: &Folder,
    name: &FixpointName,
    content: &str,
) -> Result<Vec<(FixpointName, Document)>> {
    let mut stale = Vec::new();
    for other in folder.names()? {
        let Ok(document) = folder.open(&other) else {
            continue;
        };
        let parent = document.header.parent.as_ref();
        if parent.is_some_and(|parent| parent.name == name.as_str() && parent.content != content) {
            stale.push((other, document));
        }
    }
    Ok(stale)
}

/// Whether a fixpoint stands on another; one that is damaged, or in the middle of a merge, by what is left of it.
fn stands_on(folder: &Folder, other: &FixpointName, name: &FixpointName) -> Result<bool> {
    if other == name {
        return Ok(false);
    }
    if let Ok(document) = folder.open(other) {
        let parent = document.header.parent;
        return Ok(parent.is_some_and(|parent| parent.name == name.as_str()));
    }
    let file = folder.file_of(other);
    if !file.symlink_metadata().is_ok_and(|data| data.is_file()) {
        return Ok(false);
    }
    let text = regular::read(&file).map_err(Error::io("read", &file))?;
    Ok(names_parent(&text, name))
}
