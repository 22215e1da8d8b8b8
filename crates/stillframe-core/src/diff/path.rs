//! The place of one value inside a document, written as a normalised-looking JSONPath; it selects nothing.

use std::fmt;

use serde_json::Value;

use crate::location::{push_index, push_name};

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

    /// The place one step up; the root has none.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.0.split_last()?;
        Some(Path(above.to_vec()))
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
        let mut text = String::from("$");
        for segment in &self.0 {
            match segment {
                Segment::Index(index) => push_index(&mut text, *index as u64),
                Segment::Any => text.push_str("[*]"),
                Segment::Key(key) => push_name(&mut text, key),
            }
        }
        f.write_str(&text)
    }
}
