//! One pass over a file in our own shape: its header, where each table's lines are, its hash; rows are not
//! decoded, and any other shape is left to the YAML reader.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use indexmap::IndexMap;
use serde::Deserialize;

use super::hash::LineHasher;
use super::order::Leading;
use super::source::{Section, Source};
use super::{Header, Parent, corrupt, shown};
use crate::error::{Error, Result};
use crate::file::LINE;
use crate::table::{Table, Tables};

pub(crate) struct Scanned {
    pub header: Header,
    pub sections: BTreeMap<String, Section>,
    /// Tables with lines that belong above the ones before them.
    pub unsorted: BTreeSet<String>,
    pub blake3: String,
    pub bytes: u64,
}

pub(crate) enum Outcome {
    /// Every line has our own shape.
    Canonical(Box<Scanned>),
    /// Some line does not.
    Other { blake3: String, bytes: u64 },
}

/// The line of a table in the header.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableLine {
    key: Vec<String>,
    #[serde(deserialize_with = "unique")]
    columns: IndexMap<String, String>,
}

/// The line of the sequences.
#[derive(Deserialize)]
struct Sequences(#[serde(deserialize_with = "unique")] IndexMap<String, i64>);

/// A map in which no key comes twice; by default the last one would win.
fn unique<'de, D, T>(deserializer: D) -> Result<IndexMap<String, T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Unique<T>(std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Unique<T> {
        type Value = IndexMap<String, T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> Result<Self::Value, A::Error> {
            let mut found = IndexMap::new();
            while let Some((key, value)) = map.next_entry::<String, T>()? {
                if found.insert(key, value).is_some() {
                    return Err(serde::de::Error::custom("a key comes twice"));
                }
            }
            Ok(found)
        }
    }

    deserializer.deserialize_map(Unique(std::marker::PhantomData))
}

/// What a whole file holds.
struct Found {
    header: Header,
    sections: BTreeMap<String, Section>,
    unsorted: BTreeSet<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Head,
    Tables,
    Rows,
}

struct Scan<'p> {
    path: &'p Path,
    part: Part,
    format: Option<String>,
    engine: Option<String>,
    parent: Option<Parent>,
    tables: Option<Tables>,
    sequences: Option<BTreeMap<String, i64>>,
    body: Option<Body>,
    sections: BTreeMap<String, Section>,
    unsorted: BTreeSet<String>,
    open: Option<Open>,
}

/// The section that lines are added to.
struct Open {
    table: String,
    section: Section,
    order: Leading,
    is_unsorted: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Body {
    Rows,
    Changes,
}

/// Why a line was not taken.
enum Stop {
    /// It has another shape; the YAML reader may still understand it.
    Shape,
    /// No reader will.
    Error(Error),
}

/// Scans a source. Only a readable file with a refused content is an error here.
pub(crate) fn scan(source: &Source, path: &Path) -> Result<Outcome> {
    let mut reader = BufReader::with_capacity(256 * 1024, source.whole());
    let (mut hasher, mut at, mut number) = (LineHasher::default(), 0_u64, 0);
    let (mut scan, mut canonical, mut text) = (Scan::new(path), true, Vec::new());
    loop {
        text.clear();
        let read = reader
            .read_until(b'\n', &mut text)
            .map_err(Error::io("read", path))?;
        if read == 0 {
            break;
        }
        number += 1;
        let line = chomp(&text);
        hasher.line(line, text.len() - line.len());
        if canonical {
            let span = Span {
                end: at + read as u64,
                number,
            };
            match scan.line(line, span) {
                Ok(()) => {}
                Err(Stop::Shape) => canonical = false,
                Err(Stop::Error(error)) => return Err(error),
            }
        }
        at += read as u64;
    }
    let blake3 = hasher.finish();
    match canonical.then(|| scan.finish()) {
        Some(Ok(found)) => Ok(Outcome::Canonical(Box::new(Scanned {
            header: found.header,
            sections: found.sections,
            unsorted: found.unsorted,
            blake3,
            bytes: at,
        }))),
        Some(Err(Stop::Error(error))) => Err(error),
        Some(Err(Stop::Shape)) | None => Ok(Outcome::Other { blake3, bytes: at }),
    }
}

#[derive(Clone, Copy)]
struct Span {
    end: u64,
    number: usize,
}

impl<'p> Scan<'p> {
    fn new(path: &'p Path) -> Self {
        Self {
            path,
            part: Part::Head,
            format: None,
            engine: None,
            parent: None,
            tables: None,
            sequences: None,
            body: None,
            sections: BTreeMap::new(),
            unsorted: BTreeSet::new(),
            open: None,
        }
    }

    fn line(&mut self, line: &[u8], span: Span) -> Result<(), Stop> {
        if let Some(row) = line.strip_prefix(LINE.as_bytes()) {
            return self.row(row, span);
        }
        let line = std::str::from_utf8(line).map_err(|_| Stop::Shape)?;
        match line.strip_prefix("  ") {
            Some(rest) if self.part == Part::Tables => self.table(rest),
            Some(rest) if self.part == Part::Rows => self.section(rest, span),
            Some(_) => Err(Stop::Shape),
            None => self.top(line),
        }
    }

    fn top(&mut self, line: &str) -> Result<(), Stop> {
        let (word, rest) = line.split_once(':').ok_or(Stop::Shape)?;
        let rest = rest.trim();
        match word {
            "format" if self.format.is_none() => self.format(rest),
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
            "sequences" if self.sequences.is_none() => {
                self.sequences = Some(json::<Sequences>(rest)?.0.into_iter().collect());
                Ok(())
            }
            "rows" | "changes" if self.body.is_none() => {
                self.body = Some(if word == "rows" {
                    Body::Rows
                } else {
                    Body::Changes
                });
                self.begin(Part::Rows, rest)
            }
            _ => Err(Stop::Shape),
        }
    }

    fn format(&mut self, rest: &str) -> Result<(), Stop> {
        if rest.parse::<u64>().is_ok_and(|number| number != 1) {
            let error = Error::UnsupportedFormat {
                path: shown(self.path),
                found: rest.to_owned(),
            };
            return Err(Stop::Error(error));
        }
        self.format = Some(rest.to_owned());
        if rest == "1" {
            Ok(())
        } else {
            Err(Stop::Shape)
        }
    }

    fn begin(&mut self, part: Part, rest: &str) -> Result<(), Stop> {
        self.part = match rest {
            "" => part,
            "{}" => Part::Head,
            _ => return Err(Stop::Shape),
        };
        Ok(())
    }

    fn table(&mut self, line: &str) -> Result<(), Stop> {
        let (name, rest) = split_name(line).ok_or(Stop::Shape)?;
        let found: TableLine = json(rest)?;
        let table = Table::new(name.clone(), found.key, found.columns).ok_or_else(|| {
            Stop::Error(corrupt(
                self.path,
                None,
                format!("the key of table {name} is not among its columns"),
            ))
        })?;
        let tables = self.tables.as_mut().ok_or(Stop::Shape)?;
        if tables.insert(name, table).is_some() {
            Err(Stop::Shape)
        } else {
            Ok(())
        }
    }

    fn section(&mut self, line: &str, span: Span) -> Result<(), Stop> {
        let (name, rest) = split_name(line).ok_or(Stop::Shape)?;
        if !rest.is_empty() {
            return Err(Stop::Shape);
        }
        let table = self.tables.as_ref().and_then(|tables| tables.get(&name));
        let Some(order) = table.map(Leading::new) else {
            let reason = format!("it has rows of table {name}, which its header does not name");
            return Err(Stop::Error(corrupt(self.path, Some(span.number), reason)));
        };
        self.close();
        if self.sections.contains_key(&name) {
            return Err(Stop::Shape);
        }
        self.open = Some(Open {
            table: name,
            section: Section {
                start: span.end,
                end: span.end,
                lines: 0,
                first_line: span.number + 1,
            },
            order,
            is_unsorted: false,
        });
        Ok(())
    }

    fn row(&mut self, row: &[u8], span: Span) -> Result<(), Stop> {
        let open = self.open.as_mut().ok_or(Stop::Shape)?;
        // Whole rows are many, and found to be no JSON when they are decoded.
        let is_row = match self.body {
            Some(Body::Rows) => row.starts_with(b"{\"") && row.ends_with(b"}"),
            _ => serde_json::from_slice::<serde::de::IgnoredAny>(row).is_ok(),
        };
        if !is_row {
            return Err(Stop::Shape);
        }
        open.is_unsorted |= open.order.is_behind(row);
        open.section.end = span.end;
        open.section.lines += 1;
        Ok(())
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            if open.is_unsorted {
                self.unsorted.insert(open.table.clone());
            }
            self.sections.insert(open.table, open.section);
        }
    }

    fn finish(mut self) -> Result<Found, Stop> {
        self.close();
        let (Some(_), Some(engine), Some(tables), Some(sequences), Some(body)) = (
            self.format,
            self.engine,
            self.tables,
            self.sequences,
            self.body,
        ) else {
            return Err(Stop::Shape);
        };
        if (body == Body::Changes) != self.parent.is_some() {
            let reason = "a file with a parent holds changes, and one without holds rows";
            return Err(Stop::Error(corrupt(self.path, None, reason)));
        }
        Ok(Found {
            header: Header {
                engine,
                parent: self.parent,
                tables,
                sequences,
            },
            sections: self.sections,
            unsorted: self.unsorted,
        })
    }
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

/// Whether a name means itself in YAML without quotes, in every version of YAML.
pub(crate) fn is_plain(name: &str) -> bool {
    const WORDS: [&str; 10] = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan",
    ];
    let first = name
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    first
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !WORDS.contains(&name.to_ascii_lowercase().as_str())
}

pub(super) fn chomp(line: &[u8]) -> &[u8] {
    let Some(line) = line.strip_suffix(b"\n") else {
        return line;
    };
    line.strip_suffix(b"\r").unwrap_or(line)
}
