//! Cells and rows as the JSON text of one line, exact in both directions; it knows nothing of files.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::cell::{AsCell, Cell, CellRef, Row};
use crate::table::Table;

mod cell;
mod change;
mod decode;
mod plain;

pub use change::decode_change;
pub use decode::{Unreadable, decode_row};
pub use plain::RowDecoder;

/// The tag of bytes, in base64.
pub const BYTES: &str = "$bytes";
/// The tag of text that is not UTF-8, in base64.
pub const TEXT: &str = "$text";
/// The tag of numbers JSON has no token for: `nan`, `inf`, `-inf`.
pub const REAL: &str = "$real";

/// One changed row of an incremental fixpoint, as its line says it.
#[derive(Debug, Clone, PartialEq)]
pub enum ChangeLine {
    /// A row the parent does not have.
    Insert(Row),
    /// A row of the parent with other values in some columns.
    Update {
        /// The parent's row, by its key.
        key: Vec<Cell>,
        /// The columns that change, with the parent's values.
        old: Vec<(usize, Cell)>,
        /// The same columns with the new values.
        new: Vec<(usize, Cell)>,
    },
    /// A row of the parent that is gone.
    Delete(Row),
}

/// Appends text as a JSON string that every YAML reader reads alike.
pub fn encode_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let (mut plain, mut at) = (0, 0);
    while let Some(found) = bytes[at..]
        .iter()
        .position(|&byte| MAY_NEED_ESCAPE[byte as usize])
    {
        at += found;
        let c = text[at..].chars().next().unwrap_or_default();
        let start = at;
        at += c.len_utf8();
        if !needs_escape(c) {
            continue;
        }
        out.extend_from_slice(&bytes[plain..start]);
        plain = at;
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            other => out.extend_from_slice(format!("\\u{:04x}", u32::from(other)).as_bytes()),
        }
    }
    out.extend_from_slice(&bytes[plain..]);
    out.push(b'"');
}

/// The bytes that characters begin with for which [`needs_escape`] may be true.
const MAY_NEED_ESCAPE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    // The first bytes of U+0080 to U+00BF, U+2000 to U+2FFF, and U+F000 to U+FFFF.
    let mut more = [b'"', b'\\', 0x7f, 0xc2, 0xe2, 0xef].as_slice();
    while let [first, rest @ ..] = more {
        table[*first as usize] = true;
        more = rest;
    }
    table
};

/// JSON's own, and what YAML 1.1 and 1.2 readers treat as a line break, a mark, or not printable.
fn needs_escape(c: char) -> bool {
    matches!(c, '"' | '\\' | '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Appends one cell.
pub fn encode_cell(out: &mut Vec<u8>, cell: CellRef<'_>) {
    match cell {
        CellRef::Null => out.extend_from_slice(b"null"),
        CellRef::Bool(true) => out.extend_from_slice(b"true"),
        CellRef::Bool(false) => out.extend_from_slice(b"false"),
        CellRef::Integer(value) => {
            out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
        }
        CellRef::Real(value) => encode_real(out, value),
        CellRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => encode_text(out, text),
            Err(_) => encode_tagged(out, TEXT, &BASE64.encode(bytes)),
        },
        CellRef::Bytes(bytes) => encode_tagged(out, BYTES, &BASE64.encode(bytes)),
    }
}

/// Appends some cells by their names, as an object.
pub fn encode_cells<'c>(out: &mut Vec<u8>, cells: impl IntoIterator<Item = (&'c str, &'c Cell)>) {
    out.push(b'{');
    separated(out, cells, |out, (name, cell)| {
        encode_text(out, name);
        out.extend_from_slice(b": ");
        encode_cell(out, cell.cell());
    });
    out.push(b'}');
}

/// Writes each item, with a comma and a blank between two.
pub(crate) fn separated<T>(
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

/// The shortest token that reads back as the same float, with a point and a signed exponent for YAML 1.1.
fn encode_real(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        return encode_tagged(out, REAL, "nan");
    }
    if value.is_infinite() {
        return encode_tagged(out, REAL, if value > 0.0 { "inf" } else { "-inf" });
    }
    let start = out.len();
    write!(out, "{value:?}").expect("memory takes everything");
    let Some(e) = out[start..].iter().position(|byte| *byte == b'e') else {
        return;
    };
    let exponent = out.split_off(start + e + 1);
    out.truncate(start + e);
    if !out[start..].contains(&b'.') {
        out.extend_from_slice(b".0");
    }
    let sign: &[u8] = if exponent.starts_with(b"-") {
        b"e"
    } else {
        b"e+"
    };
    out.extend_from_slice(sign);
    out.extend_from_slice(&exponent);
}

fn encode_tagged(out: &mut Vec<u8>, tag: &str, text: &str) {
    out.extend_from_slice(b"{\"");
    out.extend_from_slice(tag.as_bytes());
    out.extend_from_slice(b"\": \"");
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(b"\"}");
}

/// Writes the rows of one table, with the text of its column names made once.
#[derive(Debug)]
pub struct RowEncoder {
    columns: Vec<Vec<u8>>,
    key: Vec<usize>,
}

impl RowEncoder {
    /// An encoder for the rows of `table`.
    #[must_use]
    pub fn new(table: &Table) -> Self {
        let columns = table.columns().keys().map(|name| {
            let mut text = Vec::new();
            encode_text(&mut text, name);
            text.extend_from_slice(b": ");
            text
        });
        Self {
            columns: columns.collect(),
            key: table.key_positions().to_vec(),
        }
    }

    /// Appends a whole row.
    pub fn row<C: AsCell>(&self, out: &mut Vec<u8>, row: &[C]) {
        self.some(out, row, 0..self.columns.len());
    }

    /// Appends the key of a row; the whole row where the table has no key.
    pub fn key<C: AsCell>(&self, out: &mut Vec<u8>, row: &[C]) {
        if self.key.is_empty() {
            self.row(out, row);
        } else {
            self.some(out, row, self.key.iter().copied());
        }
    }

    /// Appends the columns at `positions`.
    fn some<C: AsCell>(
        &self,
        out: &mut Vec<u8>,
        row: &[C],
        positions: impl IntoIterator<Item = usize>,
    ) {
        let cells = positions.into_iter().map(|at| (at, row[at].cell()));
        self.named(out, cells);
    }

    /// Appends some cells, each with the position of its column.
    fn named<'c>(&self, out: &mut Vec<u8>, cells: impl IntoIterator<Item = (usize, CellRef<'c>)>) {
        out.push(b'{');
        separated(out, cells, |out, (at, cell)| {
            out.extend_from_slice(&self.columns[at]);
            encode_cell(out, cell);
        });
        out.push(b'}');
    }

    /// Appends a change.
    pub fn change(&self, out: &mut Vec<u8>, change: &ChangeLine) {
        match change {
            ChangeLine::Insert(row) => self.inserted(out, row),
            ChangeLine::Delete(row) => self.deleted(out, row),
            ChangeLine::Update { key, old, new } => self.updated(
                out,
                self.key.iter().copied().zip(key.iter().map(Cell::cell)),
                old.iter().map(|(at, cell)| (*at, cell.cell())),
                new.iter().map(|(at, cell)| (*at, cell.cell())),
            ),
        }
    }

    /// Appends the insert of a row.
    pub fn inserted<C: AsCell>(&self, out: &mut Vec<u8>, row: &[C]) {
        out.extend_from_slice(b"{\"insert\": ");
        self.row(out, row);
        out.push(b'}');
    }

    /// Appends the delete of a row.
    pub fn deleted<C: AsCell>(&self, out: &mut Vec<u8>, row: &[C]) {
        out.extend_from_slice(b"{\"delete\": ");
        self.row(out, row);
        out.push(b'}');
    }

    /// Appends the update of a row.
    pub fn updated<'c>(
        &self,
        out: &mut Vec<u8>,
        key: impl IntoIterator<Item = (usize, CellRef<'c>)>,
        old: impl IntoIterator<Item = (usize, CellRef<'c>)>,
        new: impl IntoIterator<Item = (usize, CellRef<'c>)>,
    ) {
        out.extend_from_slice(b"{\"update\": ");
        self.named(out, key);
        out.extend_from_slice(b", \"old\": ");
        self.named(out, old);
        out.extend_from_slice(b", \"new\": ");
        self.named(out, new);
        out.push(b'}');
    }
}

impl Cell {
    /// The same JSON value that stands for this cell in a file.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let mut text = Vec::new();
        encode_cell(&mut text, self.cell());
        serde_json::from_slice(&text).expect("an encoded cell is JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(cell: &Cell) -> String {
        let mut out = Vec::new();
        encode_cell(&mut out, cell.cell());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_cell_has_one_spelling() {
        let cases = [
            (Cell::Null, "null"),
            (Cell::Integer(i64::MIN), "-9223372036854775808"),
            (Cell::Real(1.0), "1.0"),
            (Cell::Real(-0.0), "-0.0"),
            (Cell::Real(1e300), "1.0e+300"),
            (Cell::Real(5e-324), "5.0e-324"),
            (Cell::Real(1.25e20), "1.25e+20"),
            (Cell::Real(f64::NEG_INFINITY), r#"{"$real": "-inf"}"#),
            (
                Cell::Text(b"a\"\\\n\x01\x7f".to_vec()),
                r#""a\"\\\n\u0001\u007f""#,
            ),
            (
                Cell::Text("\u{2028}\u{feff}\u{85}é😀".as_bytes().to_vec()),
                r#""\u2028\ufeff\u0085é😀""#,
            ),
            (Cell::Text(vec![0xff]), r#"{"$text": "/w=="}"#),
            (Cell::Bytes(vec![]), r#"{"$bytes": ""}"#),
        ];
        for (cell, expected) in cases {
            assert_eq!(text_of(&cell), expected);
        }
    }
}
