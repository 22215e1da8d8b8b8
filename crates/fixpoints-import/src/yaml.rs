//! YAML that Ruby or a person wrote, as a tree with lines; repeated keys, unknown tags, directives and documents that
//! grow through aliases are refused.

use std::borrow::Cow;
use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, Span, Tag};
use indexmap::IndexMap;

use crate::breaks::Breaks;
use crate::psych;
use crate::value::Value;
use fixpoints_core::line::encode_text;

/// A place in a file and what stands there.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Counted from 1.
    pub line: usize,
    pub kind: Kind,
    /// What stands there, where that is not a text to Ruby.
    written: Option<Box<str>>,
}

impl Node {
    /// A scalar as it is written, or as text.
    pub fn text(&self) -> String {
        match (&self.kind, &self.written) {
            (_, Some(written)) => written.to_string(),
            (Kind::Scalar(value), None) => value.clone().into_text(),
            (Kind::List(_) | Kind::Map(_), None) => String::new(),
        }
    }

    /// Whether Ruby would write another text than the one that stands there.
    pub fn is_read_otherwise(&self) -> bool {
        match (&self.kind, self.written.as_deref()) {
            (Kind::Scalar(value), Some(written)) => value.clone().into_text() != written,
            _ => false,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Scalar(Value),
    List(Vec<Node>),
    Map(IndexMap<String, Node>),
}

/// Why a file cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub line: usize,
    pub reason: String,
}

/// Reads the only document of a text; nothing where there is none.
pub(crate) fn read(text: &str) -> Result<Option<Node>, Refused> {
    let options = granit_parser::options! {
        disallow_directives: true,
        flow_nesting_limit: DEPTH,
        block_nesting_limit: DEPTH,
    };
    let (text, breaks) = Breaks::marked(text);
    let mut reader = Reader {
        events: Parser::new_from_str_with_options(&text, options),
        breaks,
        anchors: BTreeMap::new(),
        // Aliases may make a document larger, though not many times over.
        room: text.len().saturating_mul(4).saturating_add(4096),
        nodes: 0,
    };
    let mut root = None;
    while let Some((event, span)) = reader.next()? {
        match event {
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd => {}
            event if root.is_none() => root = Some(reader.node(event, span)?),
            _ => return Err(refused(span, "it holds more than one document")),
        }
    }
    Ok(root)
}

/// Collections inside collections.
const DEPTH: usize = 64;
/// Values and collections in one file, so that a file of tiny ones does not take all memory there is.
const NODES: usize = 3_000_000;

/// The key whose maps are merged into the one it stands in.
const MERGE: &str = "<<";

struct Reader<'a> {
    events: Parser<'a, granit_parser::StrInput<'a>>,
    breaks: Option<Breaks>,
    anchors: BTreeMap<usize, (Node, usize)>,
    room: usize,
    nodes: usize,
}

impl<'a> Reader<'a> {
    /// The next event that is not a comment.
    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Refused> {
        for event in self.events.by_ref() {
            let (event, span) = event.map_err(|error| Refused {
                line: error.marker().line(),
                reason: error.info(),
            })?;
            if event.is_node() || is_structure(&event) {
                return Ok(Some((event, span)));
            }
        }
        Ok(None)
    }

    fn inside(&mut self, span: Span) -> Result<(Event<'a>, Span), Refused> {
        self.next()?
            .ok_or_else(|| refused(span, "it ends in the middle"))
    }

    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Node, Refused> {
        let line = span.start.line();
        let before = self.room;
        self.nodes += 1;
        if self.nodes > NODES {
            let reason = "it has more than 3,000,000 values; import it in parts";
            return Err(refused(span, reason));
        }
        let mut written = None;
        let (kind, anchor) = match event {
            Event::Alias(id) => return self.alias(id, span),
            Event::Scalar(text, style, anchor, tag) => {
                self.take(text.len() + 1, span)?;
                let text = match &self.breaks {
                    Some(breaks) => breaks.restored(&text, style).into(),
                    None => text,
                };
                let tag = tag.as_deref().map(name);
                let is_plain = style == ScalarStyle::Plain;
                let value = psych::resolve(&text, is_plain, tag.as_deref());
                let value = value.map_err(|reason| refused(span, &reason))?;
                if is_plain && tag.is_none() && !matches!(value, Value::Text(_) | Value::Null) {
                    written = Some(text.into());
                }
                (Kind::Scalar(value), anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.take(1, span)?;
                check_tag(tag.as_ref(), Shape::List, span)?;
                (Kind::List(self.list(span)?), anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.take(1, span)?;
                let time = check_tag(tag.as_ref(), Shape::Map, span)?;
                let map = self.map(span)?;
                (
                    if time {
                        zoned(map, span)?
                    } else {
                        Kind::Map(map)
                    },
                    anchor,
                )
            }
            _ => return Err(refused(span, "it has an alias of nothing")),
        };
        let node = Node {
            line,
            kind,
            written,
        };
        if anchor != 0 {
            self.anchors
                .insert(anchor, (node.clone(), before - self.room));
        }
        Ok(node)
    }

    fn list(&mut self, span: Span) -> Result<Vec<Node>, Refused> {
        let mut items = Vec::new();
        loop {
            match self.inside(span)? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, span) => items.push(self.node(event, span)?),
            }
        }
    }

    fn map(&mut self, span: Span) -> Result<IndexMap<String, Node>, Refused> {
        let (mut map, mut merged) = (IndexMap::new(), Vec::new());
        loop {
            let (event, at) = self.inside(span)?;
            if event == Event::MappingEnd {
                break;
            }
            let plain = matches!(&event, Event::Scalar(_, ScalarStyle::Plain, _, None));
            let key = self.key(event, at)?;
            let (event, inside) = self.inside(span)?;
            let node = self.node(event, inside)?;
            if plain && key == MERGE {
                merged.push((node, at));
            } else if map.insert(key.clone(), node).is_some() {
                return Err(refused(at, &format!("the key {key:?} is given twice")));
            }
        }
        for (node, at) in merged {
            merge(&mut map, node, at)?;
        }
        Ok(map)
    }

    fn key(&mut self, event: Event<'a>, span: Span) -> Result<String, Refused> {
        match self.node(event, span)?.kind {
            Kind::Scalar(value) => Ok(value.into_text()),
            Kind::List(_) | Kind::Map(_) => Err(refused(span, "a key is a list or a map")),
        }
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<Node, Refused> {
        let (node, size) = self
            .anchors
            .get(&id)
            .cloned()
            .ok_or_else(|| refused(span, "it has an alias inside of what it names"))?;
        self.take(size, span)?;
        Ok(node)
    }

    fn take(&mut self, size: usize, span: Span) -> Result<(), Refused> {
        self.room = self
            .room
            .checked_sub(size)
            .ok_or_else(|| refused(span, "its aliases make it many times as large as it is"))?;
        Ok(())
    }
}

fn is_structure(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd
    )
}

fn refused(span: Span, reason: &str) -> Refused {
    Refused {
        line: span.start.line(),
        reason: reason.to_owned(),
    }
}

/// What is there already wins over what is merged in.
fn merge(map: &mut IndexMap<String, Node>, node: Node, span: Span) -> Result<(), Refused> {
    match node.kind {
        Kind::Map(defaults) => {
            for (key, node) in defaults {
                map.entry(key).or_insert(node);
            }
            Ok(())
        }
        Kind::List(items) => items
            .into_iter()
            .try_for_each(|item| merge(map, item, span)),
        Kind::Scalar(_) => Err(refused(span, "`<<` merges something that is not a map")),
    }
}

fn name(tag: &Tag) -> String {
    let (handle, suffix) = tag.parts();
    format!("{handle}{suffix}")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    List,
    Map,
}

/// Collections of Ruby that are lists and maps, and its time with a zone; whether it is the last.
fn check_tag(tag: Option<&Cow<'_, Tag>>, shape: Shape, span: Span) -> Result<bool, Refused> {
    let Some(tag) = tag.map(|tag| name(tag)) else {
        return Ok(false);
    };
    let known = match shape {
        Shape::List => {
            ["!", "tag:yaml.org,2002:seq"].contains(&tag.as_str())
                || tag.starts_with("!ruby/array:")
        }
        Shape::Map => {
            let plain = ["!", "tag:yaml.org,2002:map", "!map", "!ruby/hash"];
            let maps = ["!ruby/hash:", "!map:"];
            plain.contains(&tag.as_str()) || maps.iter().any(|start| tag.starts_with(start))
        }
    };
    let zoned = shape == Shape::Map && tag == "!ruby/object:ActiveSupport::TimeWithZone";
    if known || zoned {
        Ok(zoned)
    } else {
        Err(refused(span, &format!("the tag {tag} is not known")))
    }
}

/// A time with a zone holds the same moment in UTC.
fn zoned(mut map: IndexMap<String, Node>, span: Span) -> Result<Kind, Refused> {
    match map.swap_remove("utc").map(|node| node.kind) {
        Some(Kind::Scalar(value @ Value::Time(_))) => Ok(Kind::Scalar(value)),
        _ => Err(refused(
            span,
            "a time with a zone does not say what it is in UTC",
        )),
    }
}

/// A collection as JSON, its keys in their order.
pub(crate) fn json(node: &Node) -> Vec<u8> {
    let mut out = Vec::new();
    encode(&mut out, node);
    out
}

fn encode(out: &mut Vec<u8>, node: &Node) {
    match &node.kind {
        Kind::Scalar(Value::Null) => out.extend_from_slice(b"null"),
        Kind::Scalar(value @ (Value::Bool(_) | Value::Integer(_) | Value::Decimal(_))) => {
            out.extend_from_slice(value.clone().into_text().as_bytes());
        }
        Kind::Scalar(Value::Real(value)) if value.is_finite() => {
            out.extend_from_slice(format!("{value:?}").as_bytes());
        }
        Kind::Scalar(value) => encode_text(out, &value.clone().into_text()),
        Kind::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                encode(out, item);
            }
            out.push(b']');
        }
        Kind::Map(map) => {
            out.push(b'{');
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                encode_text(out, key);
                out.push(b':');
                encode(out, value);
            }
            out.push(b'}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        read(text).unwrap_err().reason
    }

    #[test]
    fn hostile_documents_are_refused() {
        let bomb: String = (1..12)
            .map(|at| {
                format!(
                    "a{at}: &a{at} [{}]\n",
                    vec![format!("*a{}", at - 1); 9].join(", ")
                )
            })
            .collect();
        let cases = [
            (format!("a0: &a0 [x]\n{bomb}"), "many times as large"),
            ("a: &a [*a]".to_owned(), ""),
            ("a: *b".to_owned(), ""),
            ("a: 1\na: 2".to_owned(), "given twice"),
            (
                "a: !ruby/object:Gem::Installer {}".to_owned(),
                "is not known",
            ),
            ("a: !ruby/regexp /x/".to_owned(), "is not known"),
            ("--- 1\n--- 2\n".to_owned(), "more than one document"),
            ("[a]: 1".to_owned(), "a key is a list"),
            ("%TAG ! tag:x,2000:\n--- 1".to_owned(), ""),
            ("a: [".to_owned(), ""),
            (format!("{}1{}", "[".repeat(100), "]".repeat(100)), ""),
        ];
        for (text, expected) in cases {
            let reason = refusal(&text);
            assert!(
                reason.contains(expected) && !reason.is_empty(),
                "{text}: {reason}"
            );
        }
    }

    #[test]
    fn merged_defaults_do_not_replace_what_is_there() {
        let node = read("d: &d {a: 1, b: 2}\nx: {<<: *d, b: 3}")
            .unwrap()
            .unwrap();
        let Kind::Map(map) = node.kind else {
            panic!("no map")
        };
        let Kind::Map(x) = &map["x"].kind else {
            panic!("no map")
        };
        assert!(matches!(x["a"].kind, Kind::Scalar(Value::Integer(1))));
        assert!(matches!(x["b"].kind, Kind::Scalar(Value::Integer(3))));
    }
}
