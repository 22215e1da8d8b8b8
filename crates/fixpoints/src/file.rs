//! The text of a fixpoint file, piece by piece, in the one shape it is written in; it opens nothing.

use std::collections::BTreeMap;

use crate::document::Parent;
use crate::line::encode_text;
use crate::table::Table;

/// What stands before the JSON of a row or change.
pub(crate) const LINE: &str = "    - ";

/// What the last part of a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// Whole rows.
    Rows,
    /// Changes to the rows of a parent.
    Changes,
}

/// The format, the engine and, in incremental files, the parent.
pub(crate) fn head(out: &mut Vec<u8>, engine: &str, parent: Option<&Parent>) {
    out.extend_from_slice(b"format: 1\nengine: ");
    out.extend_from_slice(engine.as_bytes());
    out.push(b'\n');
    if let Some(parent) = parent {
        out.extend_from_slice(b"parent: {\"name\": ");
        encode_text(out, &parent.name);
        out.extend_from_slice(b", \"blake3\": ");
        encode_text(out, &parent.blake3);
        out.extend_from_slice(b"}\n");
    }
}

/// What stands above the tables.
pub(crate) fn begin_tables(out: &mut Vec<u8>, empty: bool) {
    out.extend_from_slice(if empty { b"tables: {}\n" } else { b"tables:\n" });
}

/// The line of a table: its key and its columns.
pub(crate) fn table(out: &mut Vec<u8>, table: &Table) {
    begin_name(out, &table.name);
    out.extend_from_slice(b" {\"key\": [");
    separated(out, table.key(), |out, column| encode_text(out, column));
    out.extend_from_slice(b"], \"columns\": {");
    separated(out, table.columns(), |out, (column, kind)| {
        encode_text(out, column);
        out.extend_from_slice(b": ");
        encode_text(out, kind);
    });
    out.extend_from_slice(b"}}\n");
}

/// The line of the sequences.
pub(crate) fn sequences(out: &mut Vec<u8>, sequences: &BTreeMap<String, i64>) {
    out.extend_from_slice(b"sequences: {");
    separated(out, sequences, |out, (name, value)| {
        encode_text(out, name);
        out.extend_from_slice(format!(": {value}").as_bytes());
    });
    out.extend_from_slice(b"}\n");
}

/// What stands above the rows or changes.
pub(crate) fn begin_body(out: &mut Vec<u8>, body: Body, empty: bool) {
    out.extend_from_slice(if body == Body::Rows {
        b"rows:"
    } else {
        b"changes:"
    });
    out.extend_from_slice(if empty { b" {}\n" } else { b"\n" });
}

/// The line above the rows of one table.
pub(crate) fn begin_section(out: &mut Vec<u8>, table: &str) {
    begin_name(out, table);
    out.push(b'\n');
}

fn begin_name(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b"  ");
    if crate::document::is_plain(name) {
        out.extend_from_slice(name.as_bytes());
    } else {
        encode_text(out, name);
    }
    out.push(b':');
}

fn separated<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut each: impl FnMut(&mut Vec<u8>, T),
) {
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        each(out, item);
    }
}

/// What stands before the JSON of a row or change.
pub(crate) fn begin_line(out: &mut Vec<u8>) {
    out.extend_from_slice(LINE.as_bytes());
}
