//! Reads one fixpoint file, table by table, holding one row at a time; it knows nothing of other files.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::line::{self, ChangeLine};
use crate::secret::without_secrets;
use crate::table::{Table, Tables};

mod hash;
mod order;
mod rows;
mod scan;
mod source;
mod yaml;

use order::{Holds, Sorted};
pub use rows::StoredRows;
use scan::chomp;
pub(crate) use scan::is_plain;
use source::{Section, SectionReader, Source};

/// The fixpoint an incremental one stands on, pinned by the bytes it had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// The parent's name.
    pub name: String,
    /// The BLAKE3 hash of the parent's file, in hexadecimal.
    pub blake3: String,
}

/// Everything above the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The kind of database, as in `sqlite`.
    pub engine: String,
    /// Present in incremental fixpoints only.
    pub parent: Option<Parent>,
    /// Every covered table, empty ones too.
    pub tables: Tables,
    /// Where each covered sequence stands.
    pub sequences: BTreeMap<String, i64>,
}

/// An open fixpoint file.
#[derive(Debug)]
pub struct Document {
    /// What its first lines say.
    pub header: Header,
    /// The BLAKE3 hash of its bytes, in hexadecimal; a CRLF counts as LF.
    pub blake3: String,
    /// Its length.
    pub bytes: u64,
    path: PathBuf,
    sections: BTreeMap<String, Section>,
    /// Sections whose lines stand in another order in the file.
    sorted: BTreeMap<String, Sorted>,
    source: Source,
    any_yaml: OnceCell<Option<Box<Self>>>,
}

impl Document {
    /// Opens a file, and reads all of it once to know that every line is one.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`] or [`Error::UnsupportedFormat`].
    pub fn open(path: &Path) -> Result<Self> {
        let file = crate::regular::open(path).map_err(Error::io("read", path))?;
        let source = Source::file(file);
        let scanned = match scan::scan(&source, path)? {
            scan::Outcome::Canonical(scanned) => return Ok(Self::in_order(path, *scanned, source)),
            scan::Outcome::Other { blake3, bytes } => (blake3, bytes),
        };
        // A person, or a formatter, changed the shape: read it as any YAML and keep it in our own.
        let text = source.read_all().map_err(Error::io("read", path))?;
        let source = Source::memory(yaml::canonical(&text, path)?);
        match scan::scan(&source, path)? {
            scan::Outcome::Canonical(found) => {
                let mut document = Self::in_order(path, *found, source);
                (document.blake3, document.bytes) = scanned;
                Ok(document)
            }
            scan::Outcome::Other { .. } => {
                Err(corrupt(path, None, "it has no rows and no changes"))
            }
        }
    }

    /// Brings the lines of tables that a person or a merge left in another order into theirs, in memory.
    fn in_order(path: &Path, mut scanned: scan::Scanned, source: Source) -> Self {
        let unsorted = std::mem::take(&mut scanned.unsorted);
        let mut document = Self::assemble(path, scanned, source);
        let holds = if document.header.parent.is_some() {
            Holds::Change
        } else {
            Holds::Row
        };
        for name in unsorted {
            let (table, section) = (&document.header.tables[&name], document.sections[&name]);
            if let Some(sorted) = order::sort(&document.source, section, table, holds) {
                document.sorted.insert(name, sorted);
            }
        }
        document
    }

    fn assemble(path: &Path, scanned: scan::Scanned, source: Source) -> Self {
        let scan::Scanned {
            header,
            sections,
            blake3,
            bytes,
            ..
        } = scanned;
        Self {
            header,
            blake3,
            bytes,
            path: path.to_path_buf(),
            sections,
            sorted: BTreeMap::new(),
            source,
            any_yaml: OnceCell::new(),
        }
    }

    /// How many rows, or changes, a table has in this file.
    #[must_use]
    pub fn lines_of(&self, table: &str) -> u64 {
        self.sections.get(table).map_or(0, |section| section.lines)
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
        let mut last: Option<ChangeLine> = None;
        self.lines(table).map(move |read| {
            let (number, text) = read?;
            let change =
                line::decode_change(table, &text).map_err(|reason| self.corrupt(number, reason))?;
            if let Some(last) = &last {
                check_order(table, last, &change).map_err(|reason| self.corrupt(number, reason))?;
            }
            last = Some(change.clone());
            Ok((number, change))
        })
    }

    /// An error about a line of this file.
    #[must_use]
    pub fn corrupt(&self, line: usize, reason: impl Into<String>) -> Error {
        // Lines of a rewritten copy are not the lines a person sees.
        corrupt(&self.path, self.source.is_file().then_some(line), reason)
    }

    fn lines<'a>(&'a self, table: &Table) -> impl Iterator<Item = Result<(usize, Vec<u8>)>> + 'a {
        let mut reader = BufReader::with_capacity(64 * 1024, self.section(table));
        let (name, mut nth) = (table.name.clone(), 0);
        std::iter::from_fn(move || {
            let mut text = Vec::with_capacity(128);
            match reader.read_until(b'\n', &mut text) {
                Ok(0) => None,
                Ok(_) => {
                    text.drain(..crate::file::LINE.len().min(text.len()));
                    nth += 1;
                    Some(Ok((self.line_number(&name, nth - 1), text)))
                }
                Err(error) => Some(Err(Error::io("read", &self.path)(error))),
            }
        })
    }

    fn section(&self, table: &Table) -> SectionReader {
        if let Some(sorted) = self.sorted.get(&table.name) {
            return sorted.source.section(sorted.section);
        }
        let section = self.sections.get(&table.name).copied().unwrap_or_default();
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

    /// This file read as any YAML, once; `None` where it is none, or was read so already.
    fn as_any_yaml(&self) -> Option<&Self> {
        let reread = || {
            let text = self
                .source
                .is_file()
                .then(|| self.source.read_all().ok())??;
            let source = Source::memory(yaml::canonical(&text, &self.path).ok()?);
            match scan::scan(&source, &self.path).ok()? {
                scan::Outcome::Canonical(found) => {
                    Some(Box::new(Self::assemble(&self.path, *found, source)))
                }
                scan::Outcome::Other { .. } => None,
            }
        };
        self.any_yaml.get_or_init(reread).as_deref()
    }
}

/// Refuses a change that belongs above the one before it, or is about the same row.
fn check_order(table: &Table, last: &ChangeLine, change: &ChangeLine) -> Result<(), String> {
    let (row, name) = (|| order::named(table, change), &table.name);
    if order::order(table, last, change).is_gt() {
        return Err(format!(
            "the change of {} in {name} belongs above the one before it",
            row()
        ));
    }
    if order::is_twice(table, last, change) {
        return Err(format!("it changes the row {} of {name} twice", row()));
    }
    Ok(())
}

/// Why a file cannot be read that a merge has not finished with.
pub(crate) const CONFLICT: &str = "git left a conflict there";

/// An [`Error::Corrupt`] about a file.
pub(crate) fn corrupt(path: &Path, line: Option<usize>, reason: impl Into<String>) -> Error {
    Error::Corrupt {
        path: shown(path),
        line,
        reason: reason.into(),
    }
}

/// A path as messages show it, the same on every system; a URL may have been typed in its place.
#[must_use]
pub fn shown(path: &Path) -> String {
    let path = path.display().to_string().replace('\\', "/");
    without_secrets(&path).into_owned()
}
