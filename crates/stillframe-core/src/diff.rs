//! What changed between two JSON documents, place by place; layout, key order and number spelling count as unchanged.

mod align;
mod path;
mod summary;

use serde_json::{Map, Value};

pub use path::{Path, Segment};
pub use summary::{both_shortened, shortened, summarize, summarize_texts};

use crate::json::{Node, Sameness};
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
        old: Shown,
        /// The value now.
        new: Shown,
    },
    /// Not there before.
    Added(Shown),
    /// Not there any more.
    Removed(Shown),
    /// An array with the same elements in another order.
    Reordered,
    /// An array of which so many elements differ that nobody can say which became which.
    Many {
        /// How many elements it had.
        old: usize,
        /// How many it has.
        new: usize,
        /// The index of the first one that differs, and both values there.
        first: (usize, Shown, Shown),
    },
}

/// A value, and its beginning as it is shown: numbers as printed.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub(crate) value: Value,
    pub(crate) text: String,
}

impl Shown {
    fn of(node: Node<'_>) -> Shown {
        Shown {
            value: node.value.clone(),
            text: shortened(node),
        }
    }
}

/// All differences between two documents, in document order with keys sorted.
///
/// Array elements are aligned, so that one inserted element is one `Added` and not a change of
/// every element after it.
pub fn diff<'a>(old: impl Into<Node<'a>>, new: impl Into<Node<'a>>) -> Vec<Difference> {
    let mut walk = Walk::default();
    walk.values(old.into(), new.into());
    walk.found
}

/// The differences between two arrays that are given by their elements.
fn diff_elements(old: &[Node<'_>], new: &[Node<'_>]) -> Vec<Difference> {
    let mut walk = Walk::default();
    walk.elements(old, new);
    walk.found
}

#[derive(Default)]
struct Walk {
    path: Path,
    found: Vec<Difference>,
}

impl Walk {
    fn values(&mut self, old: Node<'_>, new: Node<'_>) {
        match (old.value, new.value) {
            (Value::Object(one), Value::Object(other)) => self.members(old, one, new, other),
            (Value::Array(one), Value::Array(other)) => {
                let one: Vec<Node<'_>> = one.iter().map(|item| old.with(item)).collect();
                let other: Vec<Node<'_>> = other.iter().map(|item| new.with(item)).collect();
                self.elements(&one, &other);
            }
            _ if key(old) == key(new) => {}
            _ => self.report(Change::Changed {
                old: Shown::of(old),
                new: Shown::of(new),
            }),
        }
    }

    fn members(
        &mut self,
        old: Node<'_>,
        old_members: &Map<String, Value>,
        new: Node<'_>,
        new_members: &Map<String, Value>,
    ) {
        let mut names: Vec<&String> = old_members.keys().chain(new_members.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            self.path.push(Segment::Key(name.clone()));
            match (old_members.get(name), new_members.get(name)) {
                (Some(one), Some(other)) => self.values(old.with(one), new.with(other)),
                (Some(gone), None) => self.report(Change::Removed(Shown::of(old.with(gone)))),
                (None, Some(come)) => self.report(Change::Added(Shown::of(new.with(come)))),
                (None, None) => {}
            }
            self.path.pop();
        }
    }

    fn elements(&mut self, old: &[Node<'_>], new: &[Node<'_>]) {
        let keys =
            |list: &[Node<'_>]| -> Vec<String> { list.iter().map(|one| key(*one)).collect() };
        let (old_keys, new_keys) = (keys(old), keys(new));
        if old_keys == new_keys {
            return;
        }
        if align::same_elements(&old_keys, &new_keys) {
            self.report(Change::Reordered);
            return;
        }
        let alike = |from: usize, to: usize| similarity(old[from].value, new[to].value);
        let Some(rows) = align(&old_keys, &new_keys, alike) else {
            let alike = old_keys.iter().zip(&new_keys).take_while(|(a, b)| a == b);
            let at = alike.count();
            self.report(Change::Many {
                old: old.len(),
                new: new.len(),
                first: (at, Shown::of(old[at]), Shown::of(new[at])),
            });
            return;
        };
        for aligned in rows {
            let index = match aligned {
                Aligned::Pair(_, index) | Aligned::Added(index) | Aligned::Removed(index) => index,
            };
            self.path.push(Segment::Index(index));
            match aligned {
                Aligned::Pair(from, to) => self.values(old[from], new[to]),
                Aligned::Added(index) => self.report(Change::Added(Shown::of(new[index]))),
                Aligned::Removed(index) => self.report(Change::Removed(Shown::of(old[index]))),
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

fn key(node: Node<'_>) -> String {
    node.canonical(Sameness::OfType)
}

/// How alike two different elements are: objects by their equal members, everything else not at all.
fn similarity(a: &Value, b: &Value) -> u32 {
    let (Value::Object(a), Value::Object(b)) = (a, b) else {
        return 0;
    };
    let naming = ["id", "name", "key", "path", "title"];
    a.iter()
        .filter(|(name, value)| b.get(*name) == Some(*value))
        .map(|(name, _)| {
            if naming.contains(&name.as_str()) {
                16
            } else {
                1
            }
        })
        .sum()
}

#[cfg(test)]
mod tests;
