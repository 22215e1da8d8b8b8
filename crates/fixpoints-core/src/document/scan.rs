//! One pass over a file in our own shape: its header, where each table's lines are, what it says of them, and their
//! digest as they stand; rows are not decoded, and any other shape is left to the YAML reader.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::Deserialize;

use super::Origin;
use super::source::{Lines, Section, Source};
use crate::digest::RowsHasher;
use crate::error::{Error, Result};
use crate::header::{Header, Parent};
use crate::layout::{End, LINE, Stands, chomp, is_comment, is_plain, unique};
use crate::table::{Table, Tables};

/// What a whole file says; whether that is true is not known yet.
pub struct Scanned {
    pub header: Header,
    /// The digest of the header.
    pub digest: Option<String>,
    pub sections: BTreeMap<String, ScannedSection>,
    /// The digest of each free sequence.
    pub free: BTreeMap<String, Option<String>>,
}

/// The lines of one table, and what the file says below them.
pub struct ScannedSection {
    pub section: Section,
    /// The digest of its lines as they stand.
    pub rows: String,
    pub end: End,
    /// Whether every line is a row; others are comments.
    pub is_regular: bool,
}

pub enum Outcome {
    /// Every line has our own shape.
    Canonical(Box<Scanned>),
    /// Some line does not.
    Other,
}

/// The line of a table in the header.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableLine {
    key: Vec<String>,
    #[serde(deserialize_with = "unique")]
    columns: IndexMap<String, String>,
}

/// What the next line may be.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    /// A word at the left.
    Top,
    /// A table of the header.
    Tables,
    /// The name of a table above its rows.
    Body,
    /// `rows:`
    Section,
    /// A row, or `end:`.
    Rows,
    /// `end:`
    NoRows,
    /// What is said below the rows.
    End,
    /// The name of a free sequence.
    Sequences,
    /// The value of a free sequence.
    Sequence,
}

struct Scan<'p> {
    origin: &'p Origin,
    part: Part,
    has_format: bool,
    engine: Option<String>,
    parent: Option<Parent>,
    tables: Option<Tables>,
    digest: Option<String>,
    body: Option<Body>,
    sections: BTreeMap<String, ScannedSection>,
    sequences: Option<BTreeMap<String, Stands>>,
    /// The sequence whose value comes next.
    sequence: String,
    hasher: RowsHasher,
    open: Open,
}

/// The section that lines are added to.
#[derive(Default)]
struct Open {
    table: String,
    section: Section,
    has_comments: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Body {
    Rows,
    Changes,
}

/// Why a line was not taken.
pub(super) enum Stop {
    /// It has another shape; the YAML reader may still understand it.
    Shape,
    /// No reader will.
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// Scans a source. Only a readable file with a refused content is an error here.
pub fn scan(source: &Source, origin: &Origin) -> Result<Outcome> {
    match lines(source, origin) {
        Ok(scanned) => Ok(Outcome::Canonical(Box::new(scanned))),
        Err(Stop::Shape) => Ok(Outcome::Other),
        Err(Stop::Error(error)) => Err(error),
    }
}

fn lines(source: &Source, origin: &Origin) -> Result<Scanned, Stop> {
    let mut lines = Lines::new(source.whole());
    let mut span = Span { end: 0, number: 0 };
    let mut scan = Scan::new(origin);
    loop {
        let read = lines.next();
        let line = read.map_err(|error| Error::io("read", &origin.path)(error))?;
        if line.len() > Lines::LONGEST {
            let reason = format!("it has a line of more than {} MiB", Lines::LONGEST >> 20);
            return Err(origin.corrupt(Some(span.number + 1), reason).into());
        }
        if line.is_empty() {
            return scan.finish();
        }
        span.end += line.len() as u64;
        span.number += 1;
        scan.line(chomp(line), span)?;
    }
}

#[derive(Clone, Copy)]
struct Span {
    end: u64,
    number: usize,
}

impl<'p> Scan<'p> {
    fn new(origin: &'p Origin) -> Self {
        Self {
            origin,
            part: Part::Top,
            has_format: false,
            engine: None,
            parent: None,
            tables: None,
            digest: None,
            body: None,
            sections: BTreeMap::new(),
            sequences: None,
            sequence: String::new(),
            hasher: RowsHasher::default(),
            open: Open::default(),
        }
    }

    fn line(&mut self, line: &[u8], span: Span) -> Result<(), Stop> {
        if self.part == Part::Rows
            && let Some(row) = line.strip_prefix(LINE.as_bytes())
        {
            self.row(row, span);
            return Ok(());
        }
        if is_comment(line) {
            self.open.has_comments = true;
            return Ok(());
        }
        let line = std::str::from_utf8(line).map_err(|_| Stop::Shape)?;
        let rest = line.trim_start_matches(' ');
        match (self.part, line.len() - rest.len()) {
            (Part::Top | Part::Tables | Part::Body | Part::Sequences, 0) => self.top(rest),
            (Part::Tables, 2) => self.table(rest),
            (Part::Body, 2) => self.section(rest, span),
            (Part::Section, 4) => self.rows(rest, span),
            (Part::Rows | Part::NoRows, 4) if rest == "end:" => {
                self.part = Part::End;
                Ok(())
            }
            (Part::End, 6) => self.end(rest),
            (Part::Sequences, 2) => self.sequence(rest),
            (Part::Sequence, 4) => self.stands(rest),
            _ => Err(Stop::Shape),
        }
    }

    fn top(&mut self, line: &str) -> Result<(), Stop> {
        let (word, rest) = line.split_once(':').ok_or(Stop::Shape)?;
        let rest = rest.trim();
        match word {
            "format" if !self.has_format => self.format(rest),
            "engine" if self.engine.is_none() && is_plain(rest) => {
                self.engine = Some(rest.to_owned());
                Ok(())
            }
            "parent" if self.parent.is_none() => {
                self.parent = Some(json(rest)?);
                Ok(())
            }
            "tables" if self.tables.is_none() => {
                self.tables = Some(Tables::new());
                self.begin(Part::Tables, rest)
            }
            "digest" if self.digest.is_none() => {
                self.digest = Some(json(rest)?);
                self.begin(Part::Top, "")
            }
            "sequences" if self.sequences.is_none() => {
                self.sequences = Some(BTreeMap::new());
                self.begin(Part::Sequences, rest)
            }
            "rows" | "changes" if self.body.is_none() => {
                self.body = Some(if word == "rows" {
                    Body::Rows
                } else {
                    Body::Changes
                });
                self.begin(Part::Body, rest)
            }
            _ => Err(Stop::Shape),
        }
    }

    fn format(&mut self, rest: &str) -> Result<(), Stop> {
        if rest.parse::<u64>().is_ok_and(|number| number != 2) {
            return Err(Stop::Error(self.origin.unsupported(rest)));
        }
        self.has_format = rest == "2";
        self.has_format.then_some(()).ok_or(Stop::Shape)
    }

    fn begin(&mut self, part: Part, rest: &str) -> Result<(), Stop> {
        self.part = match rest {
            "" => part,
            "{}" => Part::Top,
            _ => return Err(Stop::Shape),
        };
        Ok(())
    }

    fn table(&mut self, line: &str) -> Result<(), Stop> {
        let (name, rest) = split_name(line).ok_or(Stop::Shape)?;
        let found: TableLine = json(rest)?;
        let table = Table::new(name.clone(), found.key, found.columns)
            .ok_or_else(|| Stop::Error(self.origin.keyless(&name)))?;
        let tables = self.tables.as_mut().ok_or(Stop::Shape)?;
        first_time(tables.insert(name, table))
    }

    fn section(&mut self, line: &str, span: Span) -> Result<(), Stop> {
        let (name, rest) = split_name(line).ok_or(Stop::Shape)?;
        if !rest.is_empty() || self.sections.contains_key(&name) {
            return Err(Stop::Shape);
        }
        let tables = self.tables.as_ref();
        if tables.is_some_and(|tables| !tables.contains_key(&name)) {
            let reason = format!("it has rows of table {name}, which its header does not name");
            return Err(Stop::Error(self.origin.corrupt(Some(span.number), reason)));
        }
        self.open.table = name;
        self.part = Part::Section;
        Ok(())
    }

    fn rows(&mut self, rest: &str, span: Span) -> Result<(), Stop> {
        self.part = match rest {
            "rows:" => Part::Rows,
            "rows: []" => Part::NoRows,
            _ => return Err(Stop::Shape),
        };
        self.open.has_comments = false;
        self.open.section = Section {
            start: span.end,
            end: span.end,
            lines: 0,
            first_line: span.number + 1,
        };
        Ok(())
    }

    fn row(&mut self, row: &[u8], span: Span) {
        self.hasher.line(row);
        self.open.section.end = span.end;
        self.open.section.lines += 1;
    }

    fn end(&mut self, rest: &str) -> Result<(), Stop> {
        let end = json(rest)?;
        let Open {
            table,
            section,
            has_comments,
        } = std::mem::take(&mut self.open);
        let scanned = ScannedSection {
            section,
            rows: self.hasher.finish(),
            end,
            is_regular: !has_comments,
        };
        self.part = Part::Body;
        first_time(self.sections.insert(table, scanned))
    }

    fn sequence(&mut self, line: &str) -> Result<(), Stop> {
        let (name, rest) = split_name(line).ok_or(Stop::Shape)?;
        self.sequence = name;
        self.part = Part::Sequence;
        rest.is_empty().then_some(()).ok_or(Stop::Shape)
    }

    fn stands(&mut self, line: &str) -> Result<(), Stop> {
        let (name, stands) = (std::mem::take(&mut self.sequence), json(line)?);
        let sequences = self.sequences.as_mut().ok_or(Stop::Shape)?;
        self.part = Part::Sequences;
        first_time(sequences.insert(name, stands))
    }

    fn finish(self) -> Result<Scanned, Stop> {
        if matches!(
            self.part,
            Part::Section | Part::Rows | Part::NoRows | Part::End
        ) {
            let reason = format!(
                "it ends within the rows of table {}, so that it was cut off",
                self.open.table
            );
            return Err(Stop::Error(self.origin.corrupt(None, reason)));
        }
        let (true, Some(engine), Some(tables), Some(body)) =
            (self.has_format, self.engine, self.tables, self.body)
        else {
            return Err(Stop::Shape);
        };
        if (body == Body::Changes) != self.parent.is_some() {
            let reason = "a file with a parent has changes, and one without has rows";
            return Err(Stop::Error(self.origin.corrupt(None, reason)));
        }
        self.origin.check_sections(&tables, &self.sections)?;
        let (mut sequences, mut feeds, mut free) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut names = BTreeSet::new();
        for (table, scanned) in &self.sections {
            for (name, value) in scanned.end.sequences_of(table) {
                first_time((!names.insert(name.clone())).then_some(()))?;
                feeds.insert(name.clone(), table.clone());
                sequences.insert(name, value);
            }
        }
        for (name, Stands { value, digest }) in self.sequences.unwrap_or_default() {
            first_time((!names.insert(name.clone())).then_some(()))?;
            sequences.insert(name.clone(), value);
            free.insert(name, digest);
        }
        Ok(Scanned {
            header: Header {
                engine,
                parent: self.parent,
                tables,
                sequences,
                feeds,
            },
            digest: self.digest,
            sections: self.sections,
            free,
        })
    }
}

/// The YAML reader names what comes twice.
fn first_time<T>(before: Option<T>) -> Result<(), Stop> {
    before.map_or(Ok(()), |_| Err(Stop::Shape))
}

fn json<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, Stop> {
    serde_json::from_str(text).map_err(|_| Stop::Shape)
}

/// Splits `name: rest`, the name being plain or a JSON string.
fn split_name(line: &str) -> Option<(String, &str)> {
    if !line.starts_with('"') {
        let (name, rest) = line.split_once(':')?;
        return is_plain(name).then(|| (name.to_owned(), rest.trim()));
    }
    let mut names = serde_json::Deserializer::from_str(line).into_iter::<String>();
    let name = names.next()?.ok()?;
    let rest = line[names.byte_offset()..].strip_prefix(':')?;
    Some((name, rest.trim()))
}
