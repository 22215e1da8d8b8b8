//! What a comparison has to say, told by looking at all rows one by one, without a line of the library.

use std::collections::BTreeSet;

use fixpoints::{Cell, Change, Comparison, Position, Positions};

use super::{Role, Schema, Table};

/// A row, each cell as text that no other cell has; what is generated comes last.
pub type Row = Vec<String>;

/// All there is in a database, read by the test itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// The sorted rows of each table.
    pub tables: Vec<Vec<Row>>,
    pub sequences: Positions,
    /// Constraints and triggers, as the engine tells them.
    pub schema: String,
}

/// The text of one cell: its type, then its value.
pub fn spell(cell: &Cell) -> String {
    match cell {
        Cell::Null => "null".to_owned(),
        Cell::Bool(value) => format!("bool {value}"),
        Cell::Integer(value) => format!("integer {value}"),
        Cell::Real(value) if value.is_nan() => "real nan".to_owned(),
        Cell::Real(value) => format!("real {value:?}"),
        Cell::Text(text) => format!("text {}", text.escape_ascii()),
        Cell::Bytes(bytes) => format!("bytes {}", bytes.escape_ascii()),
    }
}

/// What the library said, a line for each change, sorted.
pub fn said(comparison: &Comparison) -> Vec<String> {
    let mut lines = Vec::new();
    for compared in &comparison.tables {
        let name = &compared.table.name;
        let row = |row: &[Cell]| row.iter().map(spell).collect::<Vec<_>>();
        lines.extend(compared.changes.iter().map(|change| match change {
            Change::Inserted(new) => inserted(name, &row(new)),
            Change::Deleted(old) => deleted(name, &row(old)),
            Change::Updated { old, new } => updated(name, &row(old), &row(new)),
        }));
    }
    let sequences = comparison.sequences.iter();
    lines.extend(sequences.map(|found| moved(&found.table, found.old, found.new)));
    lines.sort();
    lines
}

fn inserted(table: &str, row: &[String]) -> String {
    format!("+ {table} {row:?}")
}

fn deleted(table: &str, row: &[String]) -> String {
    format!("- {table} {row:?}")
}

fn updated(table: &str, old: &[String], new: &[String]) -> String {
    format!("~ {table} {old:?} => {new:?}")
}

fn moved(sequence: &str, old: Option<Position>, new: Option<Position>) -> String {
    format!("# {sequence} {old:?} => {new:?}")
}

/// What the library has to say of two snapshots.
pub fn expected(
    schema: &Schema,
    name: impl Fn(&Table) -> String,
    before: &Snapshot,
    after: &Snapshot,
) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, table) in schema.tables.iter().enumerate() {
        let (old, new) = (&before.tables[at], &after.tables[at]);
        between(table, &name(table), old, new, &mut lines);
    }
    let names: BTreeSet<&String> = before
        .sequences
        .keys()
        .chain(after.sequences.keys())
        .collect();
    let stands = |snapshot: &Snapshot, name: &String| snapshot.sequences.get(name).copied();
    for name in names {
        let (old, new) = (stands(before, name), stands(after, name));
        lines.extend((old != new).then(|| moved(name, old, new)));
    }
    lines.sort();
    lines
}

fn between(table: &Table, name: &str, old: &[Row], new: &[Row], lines: &mut Vec<String>) {
    let stored: Vec<Role> = table.stored().map(|column| column.role).collect();
    let rows = |rows: &[Row]| -> Vec<Row> {
        let rows = rows.iter();
        rows.map(|row| row[..stored.len()].to_vec()).collect()
    };
    let (mut gone, mut come) = (rows(old), rows(new));
    for row in come.clone() {
        if let Some(at) = gone.iter().position(|found| *found == row) {
            gone.remove(at);
            let at = come.iter().position(|found| *found == row);
            come.remove(at.unwrap());
        }
    }
    for row in gone {
        let same = |found: &Row| {
            let key = key(table, &stored, &row);
            key.is_some() && key == self::key(table, &stored, found)
        };
        match come.iter().position(same) {
            Some(at) => lines.push(updated(name, &row, &come.remove(at))),
            None => lines.push(deleted(name, &row)),
        }
    }
    lines.extend(come.iter().map(|row| inserted(name, row)));
}

/// What names a row, where something does. A whole number and a float of the same value are one key.
fn key(table: &Table, stored: &[Role], row: &Row) -> Option<Vec<String>> {
    if !table.key.names_rows() {
        return None;
    }
    let cells = stored.iter().zip(row);
    let key = cells.filter(|(role, _)| matches!(role, Role::Key(_)));
    key.map(|(_, cell)| match cell.split_once(' ') {
        Some(("integer", value)) => Some(format!("{value}.0")),
        Some(("real", value)) => Some(value.replace("-0.0", "0.0")),
        _ => (cell != "null").then(|| cell.clone()),
    })
    .collect()
}
