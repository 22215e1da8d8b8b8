//! Turns a fixpoint that a person reformatted into our own shape; anchors, tags and repeated keys are refused.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use indexmap::IndexMap;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};

use super::{CONFLICT, Parent, corrupt, shown};
use crate::cell::CellRef;
use crate::error::{Error, Result};
use crate::file;
use crate::line::{encode_cell, encode_text};
use crate::table::Table;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u64,
    engine: String,
    parent: Option<Parent>,
    tables: IndexMap<String, TableEntry>,
    sequences: BTreeMap<String, i64>,
    rows: Option<IndexMap<String, Vec<Node>>>,
    changes: Option<IndexMap<String, Vec<Node>>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TableEntry {
    key: Vec<String>,
    columns: IndexMap<String, String>,
}

/// The same document in our own shape.
pub(crate) fn canonical(text: &[u8], path: &Path) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(text).map_err(|error| {
        let line = text[..error.valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        corrupt(path, Some(line), "it is not UTF-8")
    })?;
    let file: File =
        serde_saphyr::from_str_with_options(text, options(text.len())).map_err(|error| {
            if let Some(at) = text.lines().position(|line| line.starts_with("<<<<<<< ")) {
                return corrupt(path, Some(at + 1), CONFLICT);
            }
            let line = error
                .location()
                .map(|location| usize::try_from(location.line()).unwrap_or_default());
            let reason = spoken(&error.to_string());
            corrupt(path, line, reason)
        })?;
    if file.format != 1 {
        return Err(Error::UnsupportedFormat {
            path: shown(path),
            found: file.format.to_string(),
        });
    }
    write(file, path)
}

/// The reader's first line without the place, which is said apart.
fn spoken(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let reason = first.split(" at line ").next().unwrap_or_default();
    if reason.starts_with("budget breached: Anchors")
        || reason.starts_with("budget breached: Aliases")
    {
        return "it has anchors or aliases, which are not read".to_owned();
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

fn write(document: File, path: &Path) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    file::head(&mut out, &document.engine, document.parent.as_ref());
    file::begin_tables(&mut out, document.tables.is_empty());
    for (name, entry) in document.tables {
        let table = Table::new(name.clone(), entry.key, entry.columns).ok_or_else(|| {
            corrupt(
                path,
                None,
                format!("the key of table {name} is not among its columns"),
            )
        })?;
        file::table(&mut out, &table);
    }
    file::sequences(&mut out, &document.sequences);
    let (word, body) = match (document.rows, document.changes) {
        (Some(rows), None) => (file::Body::Rows, rows),
        (None, Some(changes)) => (file::Body::Changes, changes),
        _ => {
            return Err(corrupt(
                path,
                None,
                "it has neither rows nor changes, or both",
            ));
        }
    };
    file::begin_body(&mut out, word, body.is_empty());
    for (name, lines) in body {
        file::begin_section(&mut out, &name);
        for node in lines {
            file::begin_line(&mut out);
            encode_node(&mut out, &node);
            out.push(b'\n');
        }
    }
    Ok(out)
}

/// Any YAML value that JSON has too.
enum Node {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

enum Scalar {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Real(f64),
    Text(String),
}

fn encode_node(out: &mut Vec<u8>, node: &Node) {
    match node {
        Node::Scalar(Scalar::Null) => encode_cell(out, CellRef::Null),
        Node::Scalar(Scalar::Bool(value)) => encode_cell(out, CellRef::Bool(*value)),
        Node::Scalar(Scalar::Signed(value)) => encode_cell(out, CellRef::Integer(*value)),
        Node::Scalar(Scalar::Unsigned(value)) => {
            out.extend_from_slice(value.to_string().as_bytes());
        }
        Node::Scalar(Scalar::Real(value)) => encode_cell(out, CellRef::Real(*value)),
        Node::Scalar(Scalar::Text(text)) => encode_text(out, text),
        Node::List(items) => encode_all(out, b"[]", items.iter().map(|node| (None, node))),
        Node::Map(entries) => encode_all(
            out,
            b"{}",
            entries.iter().map(|(key, node)| (Some(key), node)),
        ),
    }
}

fn encode_all<'a>(
    out: &mut Vec<u8>,
    marks: &[u8; 2],
    parts: impl Iterator<Item = (Option<&'a String>, &'a Node)>,
) {
    out.push(marks[0]);
    for (at, (key, node)) in parts.enumerate() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        if let Some(key) = key {
            encode_text(out, key);
            out.extend_from_slice(b": ");
        }
        encode_node(out, node);
    }
    out.push(marks[1]);
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON has too")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Scalar::Null))
    }

    fn visit_none<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Scalar::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(Scalar::Bool(value)))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(Scalar::Signed(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(Scalar::Unsigned(value)))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(Scalar::Real(value)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(Scalar::Text(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Map(entries))
    }
}
