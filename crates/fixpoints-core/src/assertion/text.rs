//! Changed rows as text: by key and column, old and new; what is wrong with them is said elsewhere.

use std::fmt::{Formatter, Result, Write as _};

use crate::cell::{AsCell as _, Cell};
use crate::change::Change;
use crate::comparison::ComparedTable;
use crate::excerpt::{excerpt, excerpts, visible, visible_line};
use crate::line::encode_cell;
use crate::table::Table;

/// Rows shown of each table.
const SHOWN: usize = 50;

/// Writes one line, in which no name can begin another one.
pub(super) fn line(f: &mut Formatter<'_>, text: &str) -> Result {
    writeln!(f, "{}", visible_line(text))
}

/// Writes the changes that are wanted, and how many more there are.
pub(super) fn write_changes(
    f: &mut Formatter<'_>,
    table: &ComparedTable,
    wanted: &dyn Fn(&Change) -> bool,
) -> Result {
    let changes: Vec<&Change> = table
        .changes
        .iter()
        .filter(|change| wanted(change))
        .collect();
    for change in changes.iter().take(SHOWN) {
        write_change(f, &table.table, change)?;
    }
    match changes.len().checked_sub(SHOWN) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(f, "  … and {more} more"),
    }
}

fn write_change(f: &mut Formatter<'_>, table: &Table, change: &Change) -> Result {
    let all: Vec<usize> = (0..table.columns().len()).collect();
    match change {
        Change::Inserted(row) => writeln!(f, "  + {}", cells(table, row, &all)),
        Change::Deleted(row) => writeln!(f, "  - {}", cells(table, row, &all)),
        Change::Updated { old, new } => {
            writeln!(f, "  ~ {}", cells(table, old, table.key_positions()))?;
            for at in Change::changed_columns(table, old, new) {
                let column = table.column(at);
                let (old, new) = excerpts(&cell(&old[at]), &cell(&new[at]));
                writeln!(f, "      {}: {old} → {new}", visible(column))?;
            }
            Ok(())
        }
    }
}

fn cells(table: &Table, row: &[Cell], positions: &[usize]) -> String {
    let mut text = String::new();
    for (at, &position) in positions.iter().enumerate() {
        let separator = if at > 0 { ", " } else { "" };
        let _ = write!(
            text,
            "{separator}{} {}",
            visible(table.column(position)),
            excerpt(&cell(&row[position]))
        );
    }
    text
}

/// A value as it is in a file.
fn cell(cell: &Cell) -> String {
    let mut text = Vec::new();
    encode_cell(&mut text, cell.cell());
    String::from_utf8_lossy(&text).into_owned()
}

/// A count with its noun.
pub(super) fn plural(count: u64, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}
