//! Reads one fixpoint file, table by table, holding one row at a time; it knows nothing of other files.

use std::collections::BTreeMap;

use crate::digest;
use crate::error::{CONFLICT, Error, Result};
use crate::header::{Header, Parent};
use crate::layout::{End, LINE, chomp};
use crate::line::{self, ChangeLine};
use crate::name::FixpointName;
use crate::names::shown;
use crate::table::Table;

pub mod conflict;
mod damage;
mod order;
mod origin;
mod rows;
mod scan;
mod source;
mod yaml;

pub use damage::{Damage, SignedPart};
use order::{Holds, Sorted};
pub use origin::Origin;
pub use rows::StoredRows;
use scan::{Scanned, ScannedSection, Stop};
pub use source::{Bytes, Source};
use source::{Lines, Section, SectionReader};
pub use yaml::of_format_1 as format_1;

/// An open fixpoint file.
#[derive(Debug)]
pub struct Document {
    /// What it says besides its rows.
    pub header: Header,
    /// The digest over everything it holds, in hexadecimal; its layout does not count.
    pub content: String,
    /// The length of the file.
    pub bytes: u64,
    origin: Origin,
    sections: BTreeMap<String, Section>,
    /// The lines of tables that stand in another order, or in another spelling, in the file.
    sorted: BTreeMap<String, Sorted>,
    /// The digests of the rows of each table.
    rows: BTreeMap<String, String>,
    damages: Vec<Damage>,
    source: Source,
}

/// What stands in a line of rows after its dash.
fn json_of(line: &[u8]) -> &[u8] {
    chomp(line).get(LINE.len()..).unwrap_or_default()
}

/// The most bytes of a file in another layout, which takes many times as much memory.
const RESHAPED: u64 = 64 << 20;

impl Document {
    /// Reads a file whether or not it holds what was signed; see [`Document::sound`].
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`] or [`Error::UnsupportedFormat`].
    pub fn read(origin: &Origin, source: &Source) -> Result<Self> {
        let bytes = source.length().map_err(Error::io("read", &origin.path))?;
        if let Some(document) = Self::in_our_shape(origin, source.clone(), bytes)? {
            return Ok(document);
        }
        if bytes > RESHAPED {
            let reason = format!(
                "it has another layout than fixpoints writes, which is read up to {} MiB",
                RESHAPED >> 20
            );
            return Err(origin.corrupt(None, reason));
        }
        // A person, or a formatter, changed the shape: read it as any YAML and keep it in our own.
        let text = source.read_all().map_err(Error::io("read", &origin.path))?;
        if let Some(line) = conflict::first(&text) {
            return Err(origin.corrupt(Some(line), CONFLICT));
        }
        let source = Source::memory(yaml::canonical(&text, origin)?);
        Self::in_our_shape(origin, source, bytes)?
            .ok_or_else(|| origin.corrupt(None, "it has no rows and no changes"))
    }

    /// Reads text that is not in a file any more, or not yet.
    ///
    /// # Errors
    /// Those of [`Document::read`].
    pub fn of_text(origin: &Origin, text: Vec<u8>) -> Result<Self> {
        Self::read(origin, &Source::memory(text))
    }

    /// `None` where it has another shape.
    fn in_our_shape(origin: &Origin, source: Source, bytes: u64) -> Result<Option<Self>> {
        let scan::Outcome::Canonical(scanned) = scan::scan(&source, origin)? else {
            return Ok(None);
        };
        match Self::assemble(origin, *scanned, source, bytes) {
            Ok(document) => Ok(Some(document)),
            Err(Stop::Shape) => Ok(None),
            Err(Stop::Error(error)) => Err(error),
        }
    }

    fn assemble(
        origin: &Origin,
        scanned: Scanned,
        source: Source,
        bytes: u64,
    ) -> Result<Self, Stop> {
        let mut document = Self {
            header: scanned.header,
            content: String::new(),
            bytes,
            origin: origin.clone(),
            sections: BTreeMap::new(),
            sorted: BTreeMap::new(),
            rows: BTreeMap::new(),
            damages: Vec::new(),
            source,
        };
        document.check_digest(
            SignedPart::Header,
            scanned.digest.as_ref(),
            &digest::of_header(&document.header),
        );
        for (name, section) in scanned.sections {
            document.take(name, section)?;
        }
        for (name, claimed) in scanned.free {
            let found = digest::of_sequence(&name, document.header.sequences[&name]);
            document.check_digest(SignedPart::Sequence(name), claimed.as_ref(), &found);
        }
        document.content = digest::of_content(&document.header, &document.rows);
        Ok(document)
    }

    /// Takes over a table: its lines as they stand where these are what was signed, else in our own spelling and order.
    fn take(&mut self, name: String, scanned: ScannedSection) -> Result<(), Stop> {
        let ScannedSection {
            section,
            mut rows,
            end,
            is_regular,
        } = scanned;
        let sequences = end.sequences_of(&name);
        let of = |rows: &str| digest::of_table(&name, rows, &sequences);
        if !is_regular || end.digest.as_ref() != Some(&of(&rows)) {
            let sorted = self.sort(&name, section)?;
            rows.clone_from(&sorted.rows);
            self.sorted.insert(name.clone(), sorted);
        }
        let part = SignedPart::Table(name.clone());
        match end.count {
            // Nobody can say what stood there: a sequence that is not named is not restored.
            None if end == End::default() => self.damages.push(Damage {
                part,
                difference: "has an empty `end`, so that a sequence it may have had is lost"
                    .to_owned(),
            }),
            Some(signed) if signed != section.lines => self.damages.push(Damage {
                part,
                difference: damage::of_count(section.lines, signed),
            }),
            _ => self.check_digest(part, end.digest.as_ref(), &of(&rows)),
        }
        self.sections.insert(name.clone(), section);
        self.rows.insert(name, rows);
        Ok(())
    }

    fn sort(&self, name: &str, section: Section) -> Result<Sorted, Stop> {
        let holds = match self.header.parent {
            Some(_) => Holds::Change,
            None => Holds::Row,
        };
        let sorted = order::sort(&self.source, section, &self.header.tables[name], holds);
        sorted.map_err(|unsortable| {
            if unsortable.may_be_yaml && self.source.is_file() {
                Stop::Shape
            } else {
                Stop::Error(self.corrupt(unsortable.line, unsortable.reason))
            }
        })
    }

    fn check_digest(&mut self, part: SignedPart, claimed: Option<&String>, found: &str) {
        if claimed.is_none_or(|claimed| claimed != found) {
            let difference = damage::of_digest(claimed);
            self.damages.push(Damage { part, difference });
        }
    }

    /// This document, unless it was changed since it was signed.
    ///
    /// # Errors
    /// [`Error::Unsigned`].
    pub fn sound(self) -> Result<Self> {
        if self.damages.is_empty() {
            return Ok(self);
        }
        Err(Error::Unsigned {
            fixpoint: self.origin.fixpoint,
            path: shown(&self.origin.path),
            damages: self.damages,
        })
    }

    /// What does not match its digest.
    #[must_use]
    pub fn damages(&self) -> &[Damage] {
        &self.damages
    }

    /// How many rows, or changes, a table has in this file.
    #[must_use]
    pub fn lines_of(&self, table: &str) -> u64 {
        self.sections.get(table).map_or(0, |section| section.lines)
    }

    /// Rows, or changes, of all tables.
    #[must_use]
    pub fn all_lines(&self) -> u64 {
        self.sections.values().map(|section| section.lines).sum()
    }

    /// The digest of the rows, or changes, of a table: equal ones, equal rows.
    #[must_use]
    pub fn digest_of(&self, table: &str) -> Option<&String> {
        self.rows.get(table)
    }

    /// The rows of a table of a full fixpoint, in the order of their identity.
    #[must_use]
    pub fn rows<'a>(&'a self, table: &'a Table) -> StoredRows<'a> {
        StoredRows::new(self, table)
    }

    /// The changes of a table of an incremental fixpoint, in the order of their rows.
    pub fn changes<'a>(
        &'a self,
        table: &'a Table,
    ) -> impl Iterator<Item = Result<(usize, ChangeLine)>> + 'a {
        self.lines(&table.name).map(move |read| {
            let (number, text) = read?;
            let change = line::decode_change(table, &text)
                .map_err(|unreadable| self.corrupt(number, unreadable.reason))?;
            Ok((number, change))
        })
    }

    /// The fixpoint that is named as the parent; what can be none is refused.
    pub fn parent_name(&self, parent: &Parent) -> Result<FixpointName> {
        const NUMBER: usize = 3;
        FixpointName::parse(&parent.name)
            .map_err(|error| self.corrupt(NUMBER, format!("its parent: {error}")))
    }

    /// An error about a line of this file.
    #[must_use]
    pub fn corrupt(&self, line: usize, reason: impl Into<String>) -> Error {
        // Lines of a rewritten copy are not the lines a person sees.
        self.origin
            .corrupt(self.source.is_file().then_some(line), reason)
    }

    /// The JSON of each line of a table, with the number it has in the file.
    pub fn lines<'a>(&'a self, table: &str) -> impl Iterator<Item = Result<(usize, Vec<u8>)>> + 'a {
        let mut lines = Lines::new(self.section(table));
        let (name, mut nth) = (table.to_owned(), 0);
        std::iter::from_fn(move || match lines.next() {
            Ok([]) => None,
            Ok(line) => {
                nth += 1;
                Some(Ok((
                    self.line_number(&name, nth - 1),
                    json_of(line).to_vec(),
                )))
            }
            Err(error) => Some(Err(self.unread(error))),
        })
    }

    fn unread(&self, error: std::io::Error) -> Error {
        Error::io("read", &self.origin.path)(error)
    }

    fn section(&self, table: &str) -> SectionReader {
        if let Some(sorted) = self.sorted.get(table) {
            return sorted.source.section(sorted.section);
        }
        let section = self.sections.get(table).copied().unwrap_or_default();
        self.source.section(section)
    }

    /// The number that a line of a table has in the file, counted from 1.
    fn line_number(&self, table: &str, nth: usize) -> usize {
        if let Some(sorted) = self.sorted.get(table) {
            return sorted.lines.get(nth).copied().unwrap_or_default();
        }
        let section = self.sections.get(table);
        section.map_or(0, |section| section.first_line) + nth
    }
}
