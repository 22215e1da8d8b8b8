//! Rewrites files of format 1, which pinned the bytes of their parents; those that stand on each other are rewritten
//! together, because afterwards the bytes are gone.

use super::write;
use crate::accept::merge::Merged;
use crate::chain::cycle;
use crate::folder::Folder;
use crate::git;
use crate::regular;
use fixpoints_core::document::{Document, Origin, format_1};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::header::Parent;
use fixpoints_core::name::FixpointName;

/// A file of format 1.
struct Old {
    name: FixpointName,
    /// The hash by which its children pinned it.
    blake3: String,
    /// With the parent's hash in the place of its digest.
    document: Document,
}

impl Old {
    fn parent(&self) -> Option<&Parent> {
        self.document.header.parent.as_ref()
    }

    fn stands_on(&self, parent: &Self) -> bool {
        self.parent().is_some_and(|pinned| {
            pinned.name == parent.name.as_str() && pinned.content == parent.blake3
        })
    }
}

/// Rewrites a file, those of format 1 it stands on, and those that stand on them; returns the others.
pub(super) fn convert(folder: &Folder, name: &FixpointName) -> Result<Vec<FixpointName>> {
    let mut olds = Vec::new();
    for other in folder.names()? {
        match old(folder, &other) {
            Ok(found) => olds.extend(found),
            Err(error) if other == *name => return Err(error),
            // It is named when it is accepted itself.
            Err(_) => {}
        }
    }
    let mut at = olds.iter().position(|old| old.name == *name);
    let mut climbed = 0;
    while let Some(parent) = at.and_then(|at| parent_of(&olds, at)) {
        at = Some(parent);
        climbed += 1;
        if climbed > olds.len() {
            return Err(cycle(name));
        }
    }
    let top = at.map(|at| olds.swap_remove(at));
    let Some(top) = top else {
        return Ok(Vec::new());
    };
    let pin = top.parent().and_then(|parent| pin(folder, parent, 0));
    let mut done = Vec::new();
    rewrite(folder, &top, pin, &mut olds, &mut done)?;
    done.retain(|other| other != name);
    Ok(done)
}

fn parent_of(olds: &[Old], at: usize) -> Option<usize> {
    olds.iter().position(|other| olds[at].stands_on(other))
}

fn rewrite(
    folder: &Folder,
    old: &Old,
    pin: Option<String>,
    olds: &mut Vec<Old>,
    done: &mut Vec<FixpointName>,
) -> Result<()> {
    if let Some(parent) = old.parent() {
        old.document.parent_name(parent)?;
    }
    let mut merged = Merged::of(&old.document);
    if let (Some(parent), Some(pin)) = (&mut merged.header.parent, pin) {
        parent.content = pin;
    }
    let recorded = write(&folder.file_of(&old.name), &merged)?;
    done.push(old.name.clone());
    while let Some(at) = olds.iter().position(|other| other.stands_on(old)) {
        let child = olds.swap_remove(at);
        rewrite(folder, &child, Some(recorded.content.clone()), olds, done)?;
    }
    Ok(())
}

/// The digest of a parent that has format 2 by now, where it holds what the pinned bytes held, which git must have.
fn pin(folder: &Folder, parent: &Parent, depth: usize) -> Option<String> {
    const DEEPEST: usize = 100;
    let name = FixpointName::parse(&parent.name).ok()?;
    let now = folder.open(&name).ok()?;
    let origin = Origin::fixpoint(folder.file_of(&name), &name);
    let mut versions = git::versions(&origin.path);
    let (_, text) = versions.find(|(_, text)| hash(text) == parent.content)?;
    let then = of_format_1(&origin, &text).ok()?;
    let on_same = match (&then.header.parent, &now.header.parent) {
        (None, None) => true,
        (Some(old), Some(new)) if old.name == new.name && depth < DEEPEST => {
            pin(folder, old, depth + 1).as_ref() == Some(&new.content)
        }
        _ => false,
    };
    (on_same && holds_same(&then, &now)).then(|| now.content.clone())
}

fn holds_same(then: &Document, now: &Document) -> bool {
    let (old, new) = (&then.header, &now.header);
    let mut tables = new.tables.keys();
    old.engine == new.engine
        && old.tables == new.tables
        && old.sequences == new.sequences
        && tables.all(|table| then.digest_of(table) == now.digest_of(table))
}

fn old(folder: &Folder, name: &FixpointName) -> Result<Option<Old>> {
    folder.check_links(name)?;
    let path = folder.file_of(name);
    let text = regular::read(&path).map_err(Error::io("read", &path))?;
    let origin = Origin::fixpoint(path, name);
    let is_old = format_1(&text, &origin)?.is_some();
    let old = || {
        Ok(Old {
            name: name.clone(),
            blake3: hash(&text),
            document: of_format_1(&origin, &text)?,
        })
    };
    is_old.then(old).transpose()
}

/// Reads text of either format, whether or not it holds what was signed.
pub(super) fn read(origin: &Origin, text: Vec<u8>) -> Result<Document> {
    match format_1(&text, origin) {
        Ok(Some(text)) => Document::of_text(origin, text),
        _ => Document::of_text(origin, text),
    }
}

/// Reads text of format 1, in which nothing is signed.
pub(super) fn of_format_1(origin: &Origin, text: &[u8]) -> Result<Document> {
    match format_1(text, origin)? {
        Some(text) => Document::of_text(origin, text),
        None => Err(origin.corrupt(Some(1), "it does not have format 1")),
    }
}

/// The hash of format 1, in which a CRLF counted as LF.
fn hash(text: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => hasher.update(line).update(b"\n"),
            None => hasher.update(line),
        };
    }
    hasher.finalize().to_hex().to_string()
}
