//! Writes one fixpoint file as its rows come, holding none of them; what the rows are is decided elsewhere.

use std::path::Path;

use crate::cell::AsCell;
use crate::document::Header;
use crate::error::Result;
use crate::file::{self, Body};
use crate::line::RowEncoder;
use crate::merge::Change;
use crate::table::Table;
use crate::writer::{AtomicFile, Finished};

/// A fixpoint file in the making.
#[derive(Debug)]
pub(crate) struct Recording {
    out: AtomicFile,
    body: Body,
    begun: bool,
    section: Option<Section>,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Section {
    table: Table,
    encoder: RowEncoder,
    begun: bool,
}

const FLUSH: usize = 64 * 1024;

impl Recording {
    /// Begins a file with its header.
    pub fn create(path: &Path, header: &Header) -> Result<Self> {
        let mut buffer = Vec::with_capacity(FLUSH * 2);
        file::head(&mut buffer, &header.engine, header.parent.as_ref());
        file::begin_tables(&mut buffer, header.tables.is_empty());
        header
            .tables
            .values()
            .for_each(|table| file::table(&mut buffer, table));
        file::sequences(&mut buffer, &header.sequences);
        let body = if header.parent.is_some() {
            Body::Changes
        } else {
            Body::Rows
        };
        Ok(Self {
            out: AtomicFile::create(path)?,
            body,
            begun: false,
            section: None,
            buffer,
        })
    }

    /// Turns to the rows of another table.
    pub fn table(&mut self, table: &Table) {
        self.section = Some(Section {
            table: table.clone(),
            encoder: RowEncoder::new(table),
            begun: false,
        });
    }

    /// Writes a whole row.
    pub fn row<C: AsCell>(&mut self, row: &[C]) -> Result<()> {
        self.line(|encoder, _, out| encoder.row(out, row))
    }

    /// Writes a change.
    pub fn change(&mut self, change: &Change) -> Result<()> {
        self.line(|encoder, table, out| encode_change(encoder, table, out, change))
    }

    /// Puts the file into its place.
    pub fn finish(mut self) -> Result<Finished> {
        if !self.begun {
            file::begin_body(&mut self.buffer, self.body, true);
        }
        self.out.write(&self.buffer)?;
        self.out.finish()
    }

    fn line(&mut self, encode: impl FnOnce(&RowEncoder, &Table, &mut Vec<u8>)) -> Result<()> {
        let section = self
            .section
            .as_mut()
            .expect("a table was turned to before its rows");
        if !std::mem::replace(&mut self.begun, true) {
            file::begin_body(&mut self.buffer, self.body, false);
        }
        if !std::mem::replace(&mut section.begun, true) {
            file::begin_section(&mut self.buffer, &section.table.name);
        }
        file::begin_line(&mut self.buffer);
        encode(&section.encoder, &section.table, &mut self.buffer);
        self.buffer.push(b'\n');
        if self.buffer.len() >= FLUSH {
            self.out.write(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

fn encode_change(encoder: &RowEncoder, table: &Table, out: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Inserted(row) => {
            out.extend_from_slice(b"{\"insert\": ");
            encoder.row(out, row);
        }
        Change::Deleted(row) => {
            out.extend_from_slice(b"{\"delete\": ");
            encoder.row(out, row);
        }
        Change::Updated { old, new } => {
            let changed = Change::changed_columns(table, old, new);
            out.extend_from_slice(b"{\"update\": ");
            encoder.key(out, old);
            out.extend_from_slice(b", \"old\": ");
            encoder.some(out, old, changed.iter().copied());
            out.extend_from_slice(b", \"new\": ");
            encoder.some(out, new, changed);
        }
    }
    out.push(b'}');
}
