//! Finds the places that two schemas describe together, where closing each alone would refuse what the other names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::describe::{Described, described, describers};
use super::expansion::Explosion;
use super::shape::{Shape, shape};
use super::subschemas::subschemas;

/// As many pairs of schemas as may describe a place together.
const MOST_PAIRS: usize = 1 << 16;
/// As many pairs of places as may be looked at to find them.
const MOST_LOOKS: usize = 1 << 24;
/// As many places as may lie below one another where the same two schemas lead on.
const DEEPEST: usize = 128;

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
pub(super) fn overlap(root: &Value) -> Result<Overlap, Explosion> {
    let mut search = Search {
        root,
        compared: BTreeMap::new(),
        depth: 0,
        looked: 0,
        found: Overlap::default(),
    };
    search.visit("", root)?;
    Ok(search.found)
}

struct Search<'a> {
    root: &'a Value,
    /// Pairs met so far, and whether something is closed there or below.
    compared: BTreeMap<(String, String), Closing>,
    /// How many places below the first one this is.
    depth: usize,
    /// How many pairs of places have been looked at.
    looked: usize,
    found: Overlap,
}

/// Whether two describers leave something to close.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closing {
    Nothing,
    Something,
}

impl Search<'_> {
    fn visit(&mut self, pointer: &str, schema: &Value) -> Result<(), Explosion> {
        let Value::Object(keywords) = schema else {
            return Ok(());
        };
        let parts = describers(self.root, pointer);
        for (index, one) in parts.iter().enumerate() {
            for other in &parts[index + 1..] {
                self.compare(one, other)?;
            }
        }
        for sub in subschemas(keywords) {
            self.visit(&format!("{pointer}{}", sub.pointer), sub.schema)?;
        }
        Ok(())
    }

    fn compare(&mut self, one: &[Described], other: &[Described]) -> Result<Closing, Explosion> {
        let mut closing = Closing::Nothing;
        self.looked += one.len() * other.len();
        for a in one {
            for b in other {
                if a.pointer != b.pointer && a.child.meets(&b.child) {
                    closing = closing.max(self.meet(&a.pointer, &b.pointer)?);
                }
            }
        }
        Ok(closing)
    }

    /// Two schemas hold at one place: leave both open, and look at what they describe below.
    fn meet(&mut self, a: &str, b: &str) -> Result<Closing, Explosion> {
        let (first, second) = if a < b { (a, b) } else { (b, a) };
        let pair = (first.to_owned(), second.to_owned());
        if let Some(known) = self.compared.get(&pair) {
            return Ok(*known);
        }
        if self.compared.len() >= MOST_PAIRS || self.depth >= DEEPEST || self.looked > MOST_LOOKS {
            return Err(Explosion::Together(a.to_owned()));
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
        self.depth += 1;
        closing = closing.max(self.compare(&one, &other)?);
        self.depth -= 1;
        if closing == Closing::Something {
            self.found.shared.extend([a.to_owned(), b.to_owned()]);
        }
        self.compared.insert(pair, closing);
        Ok(closing)
    }
}
