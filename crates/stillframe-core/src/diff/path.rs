//! The place of one value inside a document, written as a normalised-looking JSONPath; it selects nothing.

use std::fmt;

use serde_json::Value;

/// One step down into a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// Into an object.
    Key(String),
    /// Into an array, counted from 0.
    Index(usize),
    /// Into every element of an array; only in summaries.
    Any,
}

/// The place of one value: `$.tables[0].rows`, `$['odd key']`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Segment>);

impl Path {
    /// The place a JSON pointer (`/tables/0/rows`) names in `document`, which tells an index from a key.
    pub fn from_pointer(pointer: &str, document: &Value) -> Self {
        let mut at = Some(document);
        let mut path = Path::default();
        for part in pointer.split('/').skip(1) {
            let key = part.replace("~1", "/").replace("~0", "~");
            let (segment, next) = match (at, key.parse::<usize>()) {
                (Some(Value::Array(list)), Ok(index)) => (Segment::Index(index), list.get(index)),
                _ => {
                    let next = at.and_then(|value| value.get(&key));
                    (Segment::Key(key), next)
                }
            };
            path.push(segment);
            at = next;
        }
        path
    }

    /// Goes one step down.
    pub fn push(&mut self, segment: Segment) {
        self.0.push(segment);
    }

    /// Goes one step up.
    pub fn pop(&mut self) {
        self.0.pop();
    }

    /// The place one key further down.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.push(Segment::Key(key.to_owned()));
        self
    }

    /// The same place with every index replaced by `[*]`.
    #[must_use]
    pub fn any_index(&self) -> Self {
        let segments = self.0.iter().map(|segment| match segment {
            Segment::Index(_) => Segment::Any,
            other => other.clone(),
        });
        Path(segments.collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for segment in &self.0 {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Any => f.write_str("[*]")?,
                Segment::Key(key) if is_plain(key) => write!(f, ".{key}")?,
                Segment::Key(key) => write!(f, "['{}']", quoted(key))?,
            }
        }
        Ok(())
    }
}

/// Whether RFC 9535 lets the name stand after a dot.
fn is_plain(key: &str) -> bool {
    let mut chars = key.chars();
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
    chars.next().is_some_and(starts) && chars.all(|c| starts(c) || c.is_ascii_digit())
}

fn quoted(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    for c in key.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}
