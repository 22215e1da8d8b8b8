//! One file per table, as fixtures of Rails and older suites have: rows with labels or without.

use std::path::Path;

use crate::files::{MOST, refused};
use crate::note::{NoteKind, Notes};
use crate::record::Record;
use fixpoints_core::error::{Error, Result};

/// Refuses a file that only Ruby can read.
pub(crate) fn check_templates(path: &Path) -> Result<()> {
    let text = fixpoints::files::read_to_string(path, MOST).map_err(Error::io("read", path))?;
    match text.lines().position(|line| line.contains("<%")) {
        Some(at) => {
            let reason = "it has a template (`<%`), which only Ruby can fill in; import what `erb` makes of it";
            Err(refused(path, Some(at + 1), reason))
        }
        None => Ok(()),
    }
}

/// The rows among what a file holds: settings and defaults are none.
pub(crate) fn rows(records: Vec<Record>, notes: &mut Notes) -> Vec<Record> {
    let mut rows = Vec::new();
    for record in records {
        match record.label.as_deref() {
            Some("_fixture") => {
                let message =
                    "`_fixture` holds settings of Rails; name the table in a mapping file"
                        .to_owned();
                notes.of(&record, NoteKind::Lost, "_fixture", None, message);
            }
            // What it holds is in the rows that merge it.
            Some("DEFAULTS") => {}
            _ => rows.push(record),
        }
    }
    rows
}
