//! Turns a fixpoint that a person reformatted into our own shape; anchors, tags and repeated keys are refused.

use std::collections::BTreeMap;

use granit_parser::Event;
use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};

use super::Origin;
use crate::cell::CellRef;
use crate::error::Result;
use crate::header::Parent;
use crate::layout;
use crate::layout::{End, Stands};
use crate::line::{encode_cell, encode_text, separated};
use crate::position::{Position, Positions};
use crate::table::Table;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "format")]
    _format: u64,
    engine: String,
    parent: Option<Parent>,
    tables: IndexMap<String, TableEntry>,
    digest: Option<String>,
    #[serde(default)]
    sequences: BTreeMap<String, Stands>,
    rows: Option<IndexMap<String, Section>>,
    changes: Option<IndexMap<String, Section>>,
}

/// The first thing that is looked at: what else there is depends on it.
#[derive(serde::Deserialize)]
struct Format {
    format: u64,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TableEntry {
    key: Vec<String>,
    columns: IndexMap<String, String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    rows: Vec<Node>,
    end: End,
}

/// Format 1, in which tables said nothing below their rows.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File1 {
    #[serde(rename = "format")]
    _format: u64,
    engine: String,
    parent: Option<Parent1>,
    tables: IndexMap<String, TableEntry>,
    sequences: BTreeMap<String, i64>,
    rows: Option<IndexMap<String, Vec<Node>>>,
    changes: Option<IndexMap<String, Vec<Node>>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parent1 {
    name: String,
    blake3: String,
}

/// The same document in our own shape.
pub fn canonical(text: &[u8], origin: &Origin) -> Result<Vec<u8>> {
    match parse::<Format>(text, origin)?.format {
        2 => {
            let file = parse(text, origin)?;
            check_tags(text, origin)?;
            write(file, origin)
        }
        found => Err(origin.unsupported(&found.to_string())),
    }
}

/// A file of format 1 in our own shape, without digests; `None` where it has another format.
pub fn of_format_1(text: &[u8], origin: &Origin) -> Result<Option<Vec<u8>>> {
    if parse::<Format>(text, origin)?.format != 1 {
        return Ok(None);
    }
    write(of_file_1(parse(text, origin)?), origin).map(Some)
}

fn of_file_1(file: File1) -> File {
    let mut sequences: Positions = (file.sequences.into_iter())
        .map(|(name, value)| (name, Position::called(value)))
        .collect();
    let mut feeding: BTreeMap<String, Positions> = BTreeMap::new();
    for name in file.tables.keys() {
        let fed = |sequence: &String| {
            let columns = file.tables[name].columns.keys();
            sequence == name
                || columns
                    .into_iter()
                    .any(|column| *sequence == format!("{name}_{column}_seq"))
        };
        let own: Vec<String> = sequences.keys().filter(|name| fed(name)).cloned().collect();
        let own = own
            .into_iter()
            .filter_map(|name| sequences.remove_entry(&name));
        feeding.insert(name.clone(), own.collect());
    }
    let body = |lines: Option<IndexMap<String, Vec<Node>>>| {
        lines.map(|mut lines| {
            let sections = feeding.iter().map(|(name, sequences)| {
                let rows = lines.shift_remove(name).unwrap_or_default();
                let sequences = sequences.clone();
                let end = End {
                    sequences,
                    ..End::default()
                };
                (name.clone(), Section { rows, end })
            });
            let mut sections: IndexMap<String, Section> = sections.collect();
            // Rows of a table that the header does not name are refused later, as in any file.
            sections.extend(lines.into_iter().map(|(name, rows)| {
                let end = End::default();
                (name, Section { rows, end })
            }));
            sections
        })
    };
    let stands = |(name, value)| {
        let digest = None;
        (name, Stands { value, digest })
    };
    File {
        _format: 2,
        engine: file.engine,
        parent: file.parent.map(|Parent1 { name, blake3 }| Parent {
            name,
            content: blake3,
        }),
        digest: None,
        rows: body(file.rows),
        changes: body(file.changes),
        sequences: sequences.into_iter().map(stands).collect(),
        tables: file.tables,
    }
}

/// Refuses tags: what they mean differs between readers, and with it what a file holds.
fn check_tags(text: &[u8], origin: &Origin) -> Result<()> {
    let text = String::from_utf8_lossy(text);
    let events = granit_parser::Parser::new_from_str(&text);
    for (event, span) in events.map_while(std::result::Result::ok) {
        let is_tagged = match event {
            Event::Scalar(_, _, _, tag) => tag.is_some(),
            Event::SequenceStart(_, _, tag) | Event::MappingStart(_, _, tag) => tag.is_some(),
            _ => false,
        };
        if is_tagged {
            let line = span.start.line();
            return Err(origin.corrupt(Some(line), "it has a tag, and tags are not read"));
        }
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(text: &[u8], origin: &Origin) -> Result<T> {
    let text = std::str::from_utf8(text).map_err(|error| {
        let before = &text[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        origin.corrupt(Some(line), "it is not UTF-8")
    })?;
    serde_saphyr::from_str_with_options(text, options(text.len())).map_err(|error| {
        let line = error
            .location()
            .map(|location| usize::try_from(location.line()).unwrap_or_default());
        origin.corrupt(line, plain_message(&error.to_string()))
    })
}

/// The reader's first line without the place, which is said apart.
fn plain_message(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let reason = first.split(" at line ").next().unwrap_or_default();
    if reason.starts_with("multiple documents") {
        return "it has more than one document".to_owned();
    }
    if let Some(breach) = reason.strip_prefix("budget breached: ") {
        let word = breach.split(|c: char| !c.is_ascii_alphanumeric()).next();
        return match word.unwrap_or_default() {
            "Anchors" | "Aliases" => "it has anchors or aliases, which are not read",
            "Documents" => "it has more than one document",
            "Depth" => "its values are nested too deeply",
            _ => "it says more than its size allows",
        }
        .to_owned();
    }
    // What the reader tells its programmer.
    let reason = reason
        .split(", set DuplicateKeyPolicy")
        .next()
        .unwrap_or_default();
    reason.to_owned()
}

/// Limits grow with the file, so that only what a file says many times over in few bytes is refused.
fn options(length: usize) -> serde_saphyr::Options {
    let room = length.saturating_mul(2).saturating_add(1024);
    serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_documents: 1,
            max_depth: 64,
            max_events: room,
            max_nodes: room,
            max_total_scalar_bytes: room,
        },
    }
}

fn write(document: File, origin: &Origin) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    layout::head(&mut out, &document.engine, document.parent.as_ref());
    layout::begin_tables(&mut out, document.tables.is_empty());
    for (name, entry) in document.tables {
        let table = Table::new(name.clone(), entry.key, entry.columns);
        layout::table(&mut out, &table.ok_or_else(|| origin.keyless(&name))?);
    }
    if let Some(digest) = document.digest {
        layout::digest(&mut out, &digest);
    }
    let (word, body) = match (document.rows, document.changes) {
        (Some(rows), None) => (layout::Body::Rows, rows),
        (None, Some(changes)) => (layout::Body::Changes, changes),
        _ => return Err(origin.corrupt(None, "it has neither rows nor changes, or both")),
    };
    layout::begin_body(&mut out, word, body.is_empty());
    body.iter()
        .for_each(|(name, section)| write_section(&mut out, name, section));
    if !document.sequences.is_empty() {
        layout::begin_sequences(&mut out);
    }
    document
        .sequences
        .iter()
        .for_each(|(name, stands)| layout::sequence(&mut out, name, stands));
    Ok(out)
}

fn write_section(out: &mut Vec<u8>, name: &str, section: &Section) {
    layout::begin_section(out, name, section.rows.is_empty());
    for node in &section.rows {
        layout::begin_line(out);
        encode_node(out, node);
        out.push(b'\n');
    }
    layout::end(out, name, &section.end);
}

/// Any YAML value that JSON has too; the first that a value fits is what it is.
#[derive(serde::Deserialize)]
#[serde(untagged, expecting = "a value that JSON has too")]
enum Node {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Real(f64),
    Text(String),
    List(Vec<Node>),
    Map(IndexMap<String, Node>),
}

fn encode_node(out: &mut Vec<u8>, node: &Node) {
    match node {
        Node::Null => encode_cell(out, CellRef::Null),
        Node::Bool(value) => encode_cell(out, CellRef::Bool(*value)),
        Node::Signed(value) => encode_cell(out, CellRef::Integer(*value)),
        Node::Unsigned(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Node::Real(value) => encode_cell(out, CellRef::Real(*value)),
        Node::Text(text) => encode_text(out, text),
        Node::List(items) => {
            out.push(b'[');
            separated(out, items, encode_node);
            out.push(b']');
        }
        Node::Map(entries) => {
            out.push(b'{');
            separated(out, entries, |out, (key, node)| {
                encode_text(out, key);
                out.extend_from_slice(b": ");
                encode_node(out, node);
            });
            out.push(b'}');
        }
    }
}
