//! Brings the lines of a table into our own spelling and order, in memory: what a person, a formatter or a merge left
//! in another one means the same. Rows that come twice are refused.

use std::cmp::Ordering;

use super::json_of;
use super::source::{Lines, Section, Source};
use crate::cell::{AsCell as _, Cell};
use crate::digest::RowsHasher;
use crate::layout::{LINE, chomp, is_comment};
use crate::line::{ChangeLine, RowEncoder, Unreadable, decode_change, decode_row};
use crate::table::Table;

/// A section whose lines were brought into order.
#[derive(Debug)]
pub struct Sorted {
    pub source: Source,
    pub section: Section,
    /// The numbers its lines have in the file.
    pub lines: Vec<usize>,
    /// The digest of its lines.
    pub rows: String,
}

/// What a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Row,
    Change,
}

/// Why a section cannot be read.
pub struct Unsortable {
    pub line: usize,
    pub reason: String,
    /// Whether the line may be YAML that is not JSON.
    pub may_be_yaml: bool,
}

/// Sorts a section.
pub fn sort(
    source: &Source,
    section: Section,
    table: &Table,
    holds: Holds,
) -> Result<Sorted, Unsortable> {
    let mut changes = read(source, section, table, holds)?;
    changes.sort_by(|(a, _), (b, _)| order(table, a, b));
    let twice = |pair: &&[(ChangeLine, usize)]| is_twice(table, &pair[0].0, &pair[1].0);
    if let Some([_, (change, line)]) = changes.windows(2).find(twice) {
        return Err(Unsortable {
            line: *line,
            reason: twice_reason(table, change, holds),
            may_be_yaml: false,
        });
    }
    Ok(written(table, section, changes, holds))
}

fn read(
    source: &Source,
    section: Section,
    table: &Table,
    holds: Holds,
) -> Result<Vec<(ChangeLine, usize)>, Unsortable> {
    let mut lines = Lines::new(source.section(section));
    let (mut changes, mut number) = (Vec::new(), section.first_line);
    loop {
        let unsortable = |reason, may_be_yaml| Unsortable {
            line: number,
            reason,
            may_be_yaml,
        };
        let read = lines.next();
        let line = read.map_err(|error| unsortable(error.to_string(), false))?;
        if line.is_empty() {
            return Ok(changes);
        }
        if !is_comment(chomp(line)) {
            let json = json_of(line);
            let change = decode(table, json, holds).map_err(|unreadable| {
                // What begins like a row of ours is a damaged one.
                let may_be_yaml = unreadable.is_syntax && !json.starts_with(b"{\"");
                unsortable(reason(table, unreadable.reason), may_be_yaml)
            })?;
            changes.push((change, number));
        }
        number += 1;
    }
}

/// Most reasons do not name the table.
fn reason(table: &Table, reason: String) -> String {
    let named = format!("table {}", table.name);
    if reason.contains(&named) {
        reason
    } else {
        format!("in {named}: {reason}")
    }
}

fn decode(table: &Table, json: &[u8], holds: Holds) -> Result<ChangeLine, Unreadable> {
    match holds {
        Holds::Row => decode_row(table, json).map(ChangeLine::Insert),
        Holds::Change => decode_change(table, json),
    }
}

fn written(
    table: &Table,
    section: Section,
    changes: Vec<(ChangeLine, usize)>,
    holds: Holds,
) -> Sorted {
    let encoder = RowEncoder::new(table);
    let mut hasher = RowsHasher::default();
    let (mut bytes, mut lines) = (Vec::new(), Vec::new());
    for (change, line) in changes {
        bytes.extend_from_slice(LINE.as_bytes());
        let start = bytes.len();
        match (holds, &change) {
            (Holds::Row, ChangeLine::Insert(row)) => encoder.row(&mut bytes, row),
            _ => encoder.change(&mut bytes, &change),
        }
        hasher.line(&bytes[start..]);
        bytes.push(b'\n');
        lines.push(line);
    }
    let section = Section {
        start: 0,
        end: bytes.len() as u64,
        lines: lines.len() as u64,
        ..section
    };
    Sorted {
        source: Source::memory(bytes),
        section,
        lines,
        rows: hasher.finish(),
    }
}

fn twice_reason(table: &Table, change: &ChangeLine, holds: Holds) -> String {
    let (row, name) = (named(table, change), &table.name);
    match holds {
        Holds::Row => format!("the row {row} of {name} is there twice"),
        Holds::Change => format!("it changes the row {row} of {name} twice"),
    }
}

/// The order of the rows that two changes are about; a row is deleted before it is inserted again.
fn order(table: &Table, a: &ChangeLine, b: &ChangeLine) -> Ordering {
    by_row(table, a, b).then_with(|| kind(a).cmp(&kind(b)))
}

fn kind(change: &ChangeLine) -> u8 {
    match change {
        ChangeLine::Delete(_) => 0,
        ChangeLine::Update { .. } => 1,
        ChangeLine::Insert(_) => 2,
    }
}

fn by_row(table: &Table, a: &ChangeLine, b: &ChangeLine) -> Ordering {
    let keys = table.key_positions().iter().enumerate();
    let by_key = keys
        .map(|(nth, &at)| value(a, nth, at).cell().order(value(b, nth, at).cell()))
        .find(|order| order.is_ne());
    match (by_key, row(a), row(b)) {
        (Some(order), ..) => order,
        (None, Some(a), Some(b)) => table.order(a, b),
        (None, ..) => Ordering::Equal,
    }
}

/// Whether one row cannot have both changes: only a row that was deleted can be inserted again.
fn is_twice(table: &Table, before: &ChangeLine, after: &ChangeLine) -> bool {
    let again = matches!(
        (before, after),
        (ChangeLine::Delete(_), ChangeLine::Insert(_))
    );
    let is_identified = row(after).is_none_or(|row| table.is_identified(row));
    !again && is_identified && by_row(table, before, after).is_eq()
}

fn row(change: &ChangeLine) -> Option<&[Cell]> {
    match change {
        ChangeLine::Insert(row) | ChangeLine::Delete(row) => Some(row),
        ChangeLine::Update { .. } => None,
    }
}

fn value(change: &ChangeLine, nth: usize, at: usize) -> &Cell {
    match change {
        ChangeLine::Insert(row) | ChangeLine::Delete(row) => &row[at],
        ChangeLine::Update { key, .. } => &key[nth],
    }
}

/// A row as messages name it: by its key.
fn named(table: &Table, change: &ChangeLine) -> String {
    let mut out = Vec::new();
    let encoder = RowEncoder::new(table);
    match change {
        ChangeLine::Insert(row) | ChangeLine::Delete(row) => encoder.key(&mut out, row),
        ChangeLine::Update { key, .. } => {
            let mut row = vec![Cell::Null; table.columns().len()];
            for (cell, &at) in key.iter().zip(table.key_positions()) {
                row[at] = cell.clone();
            }
            encoder.key(&mut out, &row);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
