//! Settles the conflicts that git leaves in digests, and in tables that only one side has; rows that both sides changed
//! are left to a person.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::convert::read;
use fixpoints_core::document::{Document, Origin, conflict};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::header::Header;
use fixpoints_core::layout::LINE;
use fixpoints_core::names::shown;

/// A header, and the file that has the rows of each table.
pub(super) struct Merged<'a> {
    pub header: Header,
    pub rows: BTreeMap<String, &'a Document>,
}

impl<'a> Merged<'a> {
    /// One file as it is.
    pub fn of(document: &'a Document) -> Self {
        let names = document.header.tables.keys();
        Self {
            header: document.header.clone(),
            rows: names.map(|name| (name.clone(), document)).collect(),
        }
    }
}

/// Both sides of an unfinished merge. What git merged is the same in both.
pub(super) struct Sides {
    ours: Document,
    theirs: Document,
    /// The lines of the conflicts in which rows differ.
    rows: Vec<RangeInclusive<usize>>,
}

/// Reads both sides of a file with conflicts.
pub(super) fn sides(origin: &Origin, text: &[u8]) -> Result<Sides> {
    let found = conflict::sides(text).ok_or_else(|| {
        unmerged(
            origin,
            vec!["the marks of git are not in their order".to_owned()],
        )
    })?;
    let rows = found
        .conflicts
        .iter()
        .filter(|lines| differ_in_rows(text, lines));
    let rows: Vec<_> = rows.cloned().collect();
    let side = |name: &str, text| {
        read(origin, text).map_err(|error| match error {
            Error::Corrupt { reason, .. } => unmerged(
                origin,
                vec![format!("{name} side cannot be read: {reason}")],
            ),
            other => other,
        })
    };
    Ok(Sides {
        ours: side("our", found.ours)?,
        theirs: side("their", found.theirs)?,
        rows,
    })
}

fn differ_in_rows(text: &[u8], lines: &RangeInclusive<usize>) -> bool {
    let all = text.split_inclusive(|byte| *byte == b'\n');
    let within: Vec<u8> = all
        .skip(lines.start() - 1)
        .take(lines.end() + 1 - lines.start())
        .flatten()
        .copied()
        .collect();
    let rows = |side: &[u8]| -> Vec<Vec<u8>> {
        let lines = side.split(|byte| *byte == b'\n');
        let rows = lines.filter(|line| line.starts_with(LINE.as_bytes()));
        rows.map(<[u8]>::to_vec).collect()
    };
    conflict::sides(&within).is_none_or(|sides| rows(&sides.ours) != rows(&sides.theirs))
}

impl Sides {
    /// What both sides together say.
    pub fn merge(&self, origin: &Origin) -> Result<Merged<'_>> {
        let (ours, theirs) = (&self.ours.header, &self.theirs.header);
        let mut conflicts = Vec::new();
        if ours.engine != theirs.engine {
            conflicts.push("the engine".to_owned());
        }
        let name = |header: &Header| header.parent.as_ref().map(|parent| parent.name.clone());
        if name(ours) != name(theirs) {
            conflicts.push("the parent".to_owned());
        }
        let mut merged = Merged {
            header: ours.clone(),
            rows: BTreeMap::new(),
        };
        let shared = ours
            .tables
            .keys()
            .filter(|name| theirs.tables.contains_key(*name));
        for name in shared {
            conflicts.extend(self.conflict(name));
        }
        for side in [&self.theirs, &self.ours] {
            add(side, &mut merged);
        }
        if conflicts.is_empty() {
            Ok(merged)
        } else {
            Err(unmerged(origin, conflicts))
        }
    }

    /// What both sides changed of a table.
    fn conflict(&self, name: &str) -> Option<String> {
        let (ours, theirs) = (&self.ours, &self.theirs);
        if ours.header.tables[name] != theirs.header.tables[name] {
            return Some(format!("the columns of table {name}"));
        }
        (ours.digest_of(name) != theirs.digest_of(name)).then(|| {
            let lines = self
                .rows
                .iter()
                .map(|lines| format!("{}–{}", lines.start(), lines.end()));
            let lines: Vec<String> = lines.collect();
            format!("rows of table {name}, at lines {}", lines.join(", "))
        })
    }
}

/// Adds what a side has; of a sequence that both advanced the higher position counts.
fn add<'a>(side: &'a Document, merged: &mut Merged<'a>) {
    let (from, to) = (&side.header, &mut merged.header);
    for (name, table) in &from.tables {
        to.tables.insert(name.clone(), table.clone());
        merged.rows.insert(name.clone(), side);
    }
    for (name, &value) in &from.sequences {
        let stands = to.sequences.entry(name.clone()).or_insert(value);
        *stands = value.max(*stands);
    }
    to.feeds.extend(from.feeds.clone());
}

fn unmerged(origin: &Origin, conflicts: Vec<String>) -> Error {
    Error::Unmerged {
        fixpoint: origin.fixpoint.clone(),
        path: shown(&origin.path),
        conflicts,
    }
}
