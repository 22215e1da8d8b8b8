//! Finds the places that two schemas describe together, where closing each alone would refuse what the other names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::describe::{Described, described, describers};
use super::shape::{Shape, shape};
use super::subschemas::subschemas;

/// What is described together, as pointers of property and item schemas.
#[derive(Default)]
pub(super) struct Overlap {
    /// Closed from the place above, where all describers are known.
    pub(super) shared: BTreeSet<String>,
    /// Those of them that declare properties, as does a schema they are shared with.
    pub(super) open: BTreeSet<String>,
}

/// The places of which two schemas speak at the same time (`allOf` members, a `$ref` and its siblings).
///
/// Alternatives (`anyOf`, `oneOf`, `then` against `else`) are not together: one of them has to
/// account for the whole place.
pub(super) fn overlap(root: &Value) -> Overlap {
    let mut search = Search {
        root,
        compared: BTreeMap::new(),
        found: Overlap::default(),
    };
    search.visit("", root);
    search.found
}

struct Search<'a> {
    root: &'a Value,
    /// Pairs met so far, and whether something is closed there or below.
    compared: BTreeMap<(String, String), Closing>,
    found: Overlap,
}

/// Whether two describers leave something to close.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closing {
    Nothing,
    Something,
}

impl Search<'_> {
    fn visit(&mut self, pointer: &str, schema: &Value) {
        let Value::Object(keywords) = schema else {
            return;
        };
        let parts = describers(self.root, pointer);
        for (index, one) in parts.iter().enumerate() {
            for other in &parts[index + 1..] {
                self.compare(one, other);
            }
        }
        for sub in subschemas(keywords) {
            self.visit(&format!("{pointer}{}", sub.pointer), sub.schema);
        }
    }

    fn compare(&mut self, one: &[Described], other: &[Described]) -> Closing {
        let mut closing = Closing::Nothing;
        for a in one {
            for b in other {
                if a.pointer != b.pointer && a.child.meets(&b.child) {
                    closing = closing.max(self.meet(&a.pointer, &b.pointer));
                }
            }
        }
        closing
    }

    /// Two schemas hold at one place: leave both open, and look at what they describe below.
    fn meet(&mut self, a: &str, b: &str) -> Closing {
        let (first, second) = if a < b { (a, b) } else { (b, a) };
        let pair = (first.to_owned(), second.to_owned());
        if let Some(known) = self.compared.get(&pair) {
            return *known;
        }
        let shapes = [a, b].map(|at| self.root.pointer(at).map(|found| shape(self.root, found)));
        let mut closing = Closing::Nothing;
        if shapes == [Some(Shape::Declared); 2] {
            self.found.open.extend([a.to_owned(), b.to_owned()]);
            closing = Closing::Something;
        }
        // Known before looking below, which may lead back here.
        self.compared.insert(pair.clone(), closing);
        let [one, other] = [a, b].map(|at| described(self.root, at));
        closing = closing.max(self.compare(&one, &other));
        if closing == Closing::Something {
            self.found.shared.extend([a.to_owned(), b.to_owned()]);
        }
        self.compared.insert(pair, closing);
        closing
    }
}
