//! What changed between two JSON documents, place by place; layout, key order and number spelling count as unchanged.

mod align;
mod path;
mod summary;

use serde_json::{Map, Value};

pub use path::{Path, Segment};
pub use summary::{shortened, summarize, summarize_texts};

use align::{Aligned, align};

/// One place at which two documents differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The place, in the new document; for what was removed, in the old one.
    pub path: Path,
    /// What happened there.
    pub change: Change,
}

/// What happened at one place.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Another value.
    Changed {
        /// The value before.
        old: Value,
        /// The value now.
        new: Value,
    },
    /// Not there before.
    Added(Value),
    /// Not there any more.
    Removed(Value),
    /// An array with the same elements in another order.
    Reordered,
}

/// All differences between two documents, in document order with keys sorted.
///
/// Array elements are aligned, so that one inserted element is one `Added` and not a change of
/// every element after it.
pub fn diff(old: &Value, new: &Value) -> Vec<Difference> {
    let mut walk = Walk {
        path: Path::default(),
        found: Vec::new(),
    };
    walk.values(old, new);
    walk.found
}

struct Walk {
    path: Path,
    found: Vec<Difference>,
}

impl Walk {
    fn values(&mut self, old: &Value, new: &Value) {
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => self.objects(old, new),
            (Value::Array(old), Value::Array(new)) => self.arrays(old, new),
            _ if old == new => {}
            _ => self.report(Change::Changed {
                old: old.clone(),
                new: new.clone(),
            }),
        }
    }

    fn objects(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) {
        let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            self.path.push(Segment::Key(key.clone()));
            match (old.get(key), new.get(key)) {
                (Some(old), Some(new)) => self.values(old, new),
                (Some(old), None) => self.report(Change::Removed(old.clone())),
                (None, Some(new)) => self.report(Change::Added(new.clone())),
                (None, None) => {}
            }
            self.path.pop();
        }
    }

    fn arrays(&mut self, old: &[Value], new: &[Value]) {
        if old == new {
            return;
        }
        if align::same_elements(old, new) {
            self.report(Change::Reordered);
            return;
        }
        for aligned in align(old, new) {
            let index = match aligned {
                Aligned::Pair(_, index) | Aligned::Added(index) | Aligned::Removed(index) => index,
            };
            self.path.push(Segment::Index(index));
            match aligned {
                Aligned::Pair(from, to) => self.values(&old[from], &new[to]),
                Aligned::Added(index) => self.report(Change::Added(new[index].clone())),
                Aligned::Removed(index) => self.report(Change::Removed(old[index].clone())),
            }
            self.path.pop();
        }
    }

    fn report(&mut self, change: Change) {
        self.found.push(Difference {
            path: self.path.clone(),
            change,
        });
    }
}

#[cfg(test)]
mod tests;
