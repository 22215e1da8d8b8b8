//! Writes one fixpoint file as its rows come, holding none of them; what the rows are is decided elsewhere.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use crate::writer::{AtomicFile, Finished, Written};
use fixpoints_core::cell::AsCell;
use fixpoints_core::change::Change;
use fixpoints_core::digest;
use fixpoints_core::digest::RowsHasher;
use fixpoints_core::error::Result;
use fixpoints_core::header::Header;
use fixpoints_core::layout;
use fixpoints_core::layout::{Body, End, LINE, Stands};
use fixpoints_core::line::RowEncoder;
use fixpoints_core::table::Table;

/// A fixpoint file in the making.
#[derive(Debug)]
pub(crate) struct Recording {
    out: AtomicFile,
    header: Header,
    /// Tables whose rows have yet to come.
    ahead: VecDeque<Table>,
    section: Option<Section>,
    hasher: RowsHasher,
    /// The digests of the rows of each table that is done.
    rows: BTreeMap<String, String>,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Section {
    table: Table,
    encoder: RowEncoder,
    lines: u64,
}

/// A finished fixpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What the write did.
    pub written: Written,
    /// The length of the file.
    pub bytes: u64,
    /// The digest over everything the file holds, which children pin.
    pub content: String,
}

const FLUSH: usize = 64 * 1024;

impl Recording {
    /// Begins a file with its header.
    pub fn create(path: &Path, header: &Header) -> Result<Self> {
        let mut buffer = Vec::with_capacity(FLUSH * 2);
        layout::head(&mut buffer, &header.engine, header.parent.as_ref());
        layout::begin_tables(&mut buffer, header.tables.is_empty());
        header
            .tables
            .values()
            .for_each(|table| layout::table(&mut buffer, table));
        layout::digest(&mut buffer, &digest::of_header(header));
        let body = if header.parent.is_some() {
            Body::Changes
        } else {
            Body::Rows
        };
        layout::begin_body(&mut buffer, body, header.tables.is_empty());
        Ok(Self {
            out: AtomicFile::create(path)?,
            header: header.clone(),
            ahead: header.tables.values().cloned().collect(),
            section: None,
            hasher: RowsHasher::default(),
            rows: BTreeMap::new(),
            buffer,
        })
    }

    /// Turns to the rows of another table; tables come in the order of the header, and those passed over are empty.
    pub fn table(&mut self, table: &Table) {
        self.end_section();
        while let Some(next) = self.ahead.pop_front() {
            let is_it = next.name == table.name;
            self.section = Some(Section {
                encoder: RowEncoder::new(&next),
                table: next,
                lines: 0,
            });
            if is_it {
                return;
            }
            self.end_section();
        }
    }

    /// Writes a whole row.
    pub fn row<C: AsCell>(&mut self, row: &[C]) -> Result<()> {
        self.line(|encoder, _, out| encoder.row(out, row))
    }

    /// Writes a change.
    pub fn change(&mut self, change: &Change) -> Result<()> {
        self.line(|encoder, table, out| encode_change(encoder, table, out, change))
    }

    /// Writes the canonical JSON of a row or a change.
    pub fn text(&mut self, json: &[u8]) -> Result<()> {
        self.line(|_, _, out| out.extend_from_slice(json))
    }

    /// Puts the file into its place.
    pub fn finish(mut self) -> Result<Recorded> {
        self.end_section();
        while let Some(table) = self.ahead.front().cloned() {
            self.table(&table);
            self.end_section();
        }
        let free = self.header.free_sequences();
        if !free.is_empty() {
            layout::begin_sequences(&mut self.buffer);
        }
        for (name, value) in free {
            let digest = Some(digest::of_sequence(name, value));
            layout::sequence(&mut self.buffer, name, &Stands { value, digest });
        }
        self.out.write(&self.buffer)?;
        let content = digest::of_content(&self.header, &self.rows);
        let Finished { written, bytes } = self.out.finish()?;
        Ok(Recorded {
            written,
            bytes,
            content,
        })
    }

    fn line(&mut self, encode: impl FnOnce(&RowEncoder, &Table, &mut Vec<u8>)) -> Result<()> {
        let section = self
            .section
            .as_mut()
            .expect("a table was turned to before its rows");
        if section.lines == 0 {
            layout::begin_section(&mut self.buffer, &section.table.name, false);
        }
        section.lines += 1;
        let start = self.buffer.len() + LINE.len();
        layout::begin_line(&mut self.buffer);
        encode(&section.encoder, &section.table, &mut self.buffer);
        self.hasher.line(&self.buffer[start..]);
        self.buffer.push(b'\n');
        if self.buffer.len() >= FLUSH {
            self.out.write(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    fn end_section(&mut self) {
        let Some(Section { table, lines, .. }) = self.section.take() else {
            return;
        };
        if lines == 0 {
            layout::begin_section(&mut self.buffer, &table.name, true);
        }
        let rows = self.hasher.finish();
        let mut sequences = self.header.sequences_of(&table.name);
        let end = End {
            count: Some(lines),
            digest: Some(digest::of_table(&table.name, &rows, &sequences)),
            sequence: sequences.remove(&table.name),
            sequences,
        };
        layout::end(&mut self.buffer, &table.name, &end);
        self.rows.insert(table.name, rows);
    }
}

fn encode_change(encoder: &RowEncoder, table: &Table, out: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Inserted(row) => encoder.inserted(out, row),
        Change::Deleted(row) => encoder.deleted(out, row),
        Change::Updated { old, new } => {
            let changed = Change::changed_columns(table, old, new);
            let key = table.key_positions().iter();
            encoder.updated(
                out,
                key.map(|&at| (at, old[at].cell())),
                changed.iter().map(|&at| (at, old[at].cell())),
                changed.iter().map(|&at| (at, new[at].cell())),
            );
        }
    }
}
