//! Digests over what a fixpoint holds, the same whatever its file looks like; it reads no files. They are against
//! accidents: whoever wants to sign a changed file can.

use std::collections::BTreeMap;

use crate::header::Header;
use crate::layout;
use crate::line::encode_text;
use crate::position::Position;

/// Hashes the canonical lines of a table in large pieces, which is several times as fast as line by line.
#[derive(Debug, Default)]
pub struct RowsHasher {
    hasher: blake3::Hasher,
    pending: Vec<u8>,
}

impl RowsHasher {
    const PIECE: usize = 128 * 1024;

    /// Takes the JSON of one row or change.
    pub fn line(&mut self, json: &[u8]) {
        self.pending.extend_from_slice(json);
        self.pending.push(b'\n');
        if self.pending.len() >= Self::PIECE {
            self.hasher.update(&self.pending);
            self.pending.clear();
        }
    }

    /// The digest of the rows so far; the next row is the first one of another table.
    pub fn finish(&mut self) -> String {
        self.hasher.update(&self.pending);
        let digest = short(&self.hasher);
        self.pending.clear();
        self.hasher.reset();
        digest
    }
}

/// Of a table: its name, its rows, and the sequences that feed it.
pub fn of_table<'a>(
    name: &str,
    rows: &str,
    sequences: impl IntoIterator<Item = (&'a String, &'a Position)>,
) -> String {
    let mut text = Vec::new();
    table(&mut text, name, rows);
    sequences
        .into_iter()
        .for_each(|(name, value)| sequence(&mut text, name, *value));
    of(&text)
}

/// Of a sequence that feeds no table.
pub fn of_sequence(name: &str, value: Position) -> String {
    let mut text = Vec::new();
    sequence(&mut text, name, value);
    of(&text)
}

/// Of everything above the rows, and of which free sequences come after them.
pub fn of_header(header: &Header) -> String {
    let mut text = above_rows(header);
    for name in header.free_sequences().keys() {
        encode_text(&mut text, name);
        text.push(b'\n');
    }
    of(&text)
}

/// Of a whole fixpoint, by the digests of each table's rows. Which table a sequence feeds does not count, because
/// that is a matter of the schema.
pub fn of_content(header: &Header, rows: &BTreeMap<String, String>) -> String {
    let mut text = above_rows(header);
    rows.iter()
        .for_each(|(name, rows)| table(&mut text, name, rows));
    header
        .sequences
        .iter()
        .for_each(|(name, value)| sequence(&mut text, name, *value));
    of(&text)
}

fn above_rows(header: &Header) -> Vec<u8> {
    let mut text = Vec::new();
    layout::head(&mut text, &header.engine, header.parent.as_ref());
    header
        .tables
        .values()
        .for_each(|table| layout::table(&mut text, table));
    text
}

fn table(out: &mut Vec<u8>, name: &str, rows: &str) {
    encode_text(out, name);
    out.extend_from_slice(format!(" {rows}\n").as_bytes());
}

fn sequence(out: &mut Vec<u8>, name: &str, value: Position) {
    encode_text(out, name);
    out.extend_from_slice(format!(": {}\n", value.to_json()).as_bytes());
}

fn of(text: &[u8]) -> String {
    short(blake3::Hasher::new().update(text))
}

/// The first 128 bits, in hexadecimal.
fn short(hasher: &blake3::Hasher) -> String {
    hasher.finalize().to_hex()[..32].to_owned()
}
