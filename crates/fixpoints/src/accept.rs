//! Signs the file of a fixpoint that a hand or a merge changed, or that has format 1, and finds out what changed; no
//! database is opened.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::chain::{Chain, cycle, is_own_ancestor};
use crate::compare::CompareOptions;
use crate::diff::{StateDiff, diff};
use crate::folder::Folder;
use crate::git;
use crate::recording::{Recorded, Recording};
use crate::regular;
use crate::remove::stale_children;
use crate::source;
use crate::writer::write_file;
use fixpoints_core::document::{Damage, Document, Origin, conflict};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::header::{Header, Parent};
use fixpoints_core::name::FixpointName;
use fixpoints_core::names::shown;

mod convert;
mod merge;

use merge::Merged;

/// What was accepted.
#[derive(Debug)]
pub struct AcceptReport {
    /// The file, as messages show it.
    pub path: String,
    /// What was done.
    pub outcome: Outcome,
    /// What did not match its digest.
    pub damages: Vec<Damage>,
    /// The commit with the last version that was sound; `None` where git has none.
    pub since: Option<String>,
    /// What changed since that version; `None` where that cannot be told.
    pub changes: Option<StateDiff>,
    /// The file as it is now.
    pub recorded: Recorded,
    /// The parent it stands on.
    pub parent: Option<Parent>,
    /// Whether the parent holds something else than what the file stands on.
    pub parent_moved: bool,
    /// Other fixpoints of format 1 that were rewritten with it, because each stands on the other.
    pub rewritten: Vec<FixpointName>,
    /// Fixpoints that stood on what this one held before.
    pub stale_children: Vec<FixpointName>,
}

/// What was done to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "AcceptStatus"))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing: it was as it had been signed.
    Sound,
    /// What it holds was signed.
    Signed,
    /// Conflicts that a merge left in digests were settled, and the file was signed.
    Merged,
    /// It had format 1.
    Rewritten,
}

/// Signs a fixpoint as it is. What cannot be read, and rows that both sides of a merge changed, are refused; the file is
/// then as it was.
///
/// # Errors
/// [`Error::MissingFixpoint`], [`Error::Corrupt`], [`Error::Unmerged`] and [`Error::Io`].
pub fn accept(folder: &Folder, name: &FixpointName) -> Result<AcceptReport> {
    folder.check_links(name)?;
    let path = folder.file_of(name);
    if !folder.exists(name)? {
        return Err(folder.missing(name));
    }
    let origin = Origin::fixpoint(path.clone(), name);
    let text = regular::read(&path).map_err(Error::io("read", &path))?;
    if conflict::first(&text).is_some() {
        let sides = merge::sides(&origin, &text)?;
        let merged = sides.merge(&origin)?;
        return sign(folder, name, &merged, Outcome::Merged, Vec::new());
    }
    match source::read(&origin) {
        Ok(document) if document.damages().is_empty() => sound(folder, name, document),
        Ok(document) => {
            let damages = document.damages().to_vec();
            sign(
                folder,
                name,
                &Merged::of(&document),
                Outcome::Signed,
                damages,
            )
        }
        Err(Error::UnsupportedFormat { found, .. }) if found == "1" => {
            let before = last_sound(folder, name);
            let rewritten = convert::convert(folder, name)?;
            let mut report = sound(folder, name, source::read(&origin)?)?;
            report.outcome = Outcome::Rewritten;
            report.rewritten = rewritten;
            tell(folder, name, before, &mut report);
            Ok(report)
        }
        Err(error) => Err(error),
    }
}

/// Of a file that is as it was signed.
fn sound(folder: &Folder, name: &FixpointName, document: Document) -> Result<AcceptReport> {
    Ok(AcceptReport {
        path: shown(&folder.file_of(name)),
        outcome: Outcome::Sound,
        damages: Vec::new(),
        since: None,
        changes: None,
        recorded: Recorded {
            written: crate::writer::Written::Unchanged,
            bytes: document.bytes,
            content: document.content.clone(),
        },
        parent_moved: parent_moved(folder, name, &document.header),
        parent: document.header.parent,
        rewritten: Vec::new(),
        stale_children: Vec::new(),
    })
}

fn sign(
    folder: &Folder,
    name: &FixpointName,
    merged: &Merged<'_>,
    outcome: Outcome,
    damages: Vec<Damage>,
) -> Result<AcceptReport> {
    let stage = tempfile::tempdir().map_err(Error::io("make a folder", std::env::temp_dir()))?;
    let staged = stage.path().join("accepted.yaml");
    let recorded = write(&staged, merged)?;
    let path = folder.file_of(name);
    check_changes(folder, name, &staged)?;
    let before = last_sound(folder, name);
    let text = std::fs::read(&staged).map_err(Error::io("read", &staged))?;
    let written = write_file(&path, &text)?.written;
    let mut report = AcceptReport {
        path: shown(&path),
        outcome,
        damages,
        since: None,
        changes: None,
        stale_children: stale_children(folder, name, &recorded.content)?
            .into_iter()
            .map(|(child, _)| child)
            .collect(),
        recorded: Recorded {
            written,
            ..recorded
        },
        parent: merged.header.parent.clone(),
        parent_moved: parent_moved(folder, name, &merged.header),
        rewritten: Vec::new(),
    };
    tell(folder, name, before, &mut report);
    Ok(report)
}

fn write(path: &Path, merged: &Merged<'_>) -> Result<Recorded> {
    let mut recording = Recording::create(path, &merged.header)?;
    for table in merged.header.tables.values() {
        recording.table(table);
        for line in merged.rows[&table.name].lines(&table.name) {
            recording.text(&line?.1)?;
        }
    }
    recording.finish()
}

/// The parent must be another fixpoint, and the changes must fit its rows, where it can be read and is the one they were
/// made for.
fn check_changes(folder: &Folder, name: &FixpointName, staged: &Path) -> Result<()> {
    let origin = Origin::fixpoint(folder.file_of(name), name);
    let text = std::fs::read(staged).map_err(Error::io("read", staged))?;
    let document = Document::of_text(&origin, text)?.sound()?;
    let Some(parent) = &document.header.parent else {
        return Ok(());
    };
    let parent = document.parent_name(parent)?;
    if is_own_ancestor(folder, name, Some(&parent)) {
        return Err(cycle(name));
    }
    if parent_moved(folder, name, &document.header) {
        return Ok(());
    }
    let Some(chain) = on_parent(folder, name, document) else {
        return Ok(());
    };
    chain.read_through()
}

/// A version of a file, on the parent as it is now; `None` where that cannot be read.
fn on_parent(folder: &Folder, name: &FixpointName, document: Document) -> Option<Chain> {
    let Some(parent) = &document.header.parent else {
        return Some(Chain::alone(folder, name, document));
    };
    let parent = FixpointName::parse(&parent.name).ok()?;
    let chain = Chain::open(folder, &parent).ok()?;
    chain.check_above(name).ok()?;
    Some(chain.below(name.clone(), document))
}

/// Whether a file stands on something else than its parent holds; what is not there has not moved.
fn parent_moved(folder: &Folder, name: &FixpointName, header: &Header) -> bool {
    let Some(parent) = &header.parent else {
        return false;
    };
    let parent_name = FixpointName::parse(&parent.name).ok();
    let parent_name = parent_name.filter(|parent_name| parent_name != name);
    let document = parent_name.and_then(|name| folder.open(&name).ok());
    document.is_some_and(|document| document.content != parent.content)
}

/// The newest committed version that was sound, with its commit.
fn last_sound(folder: &Folder, name: &FixpointName) -> Option<(String, Document)> {
    let path = folder.file_of(name);
    let mut versions = git::versions(&path);
    versions.find_map(|(commit, text)| {
        let origin = Origin::fixpoint(path.clone(), name);
        let document = match Document::of_text(&origin, text.clone()) {
            Err(Error::UnsupportedFormat { found, .. }) if found == "1" => {
                convert::of_format_1(&origin, &text).ok()?
            }
            read => read.and_then(Document::sound).ok()?,
        };
        Some((commit, document))
    })
}

/// Finds out what changed since a version.
fn tell(
    folder: &Folder,
    name: &FixpointName,
    before: Option<(String, Document)>,
    report: &mut AcceptReport,
) {
    let Some((commit, document)) = before else {
        return;
    };
    report.since = Some(commit);
    report.changes = on_parent(folder, name, document).and_then(|before| {
        let now = on_parent(folder, name, folder.open(name).ok()?)?;
        diff(&before, &now, &CompareOptions::default()).ok()
    });
}
