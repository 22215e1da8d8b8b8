//! Finds the places that two schemas describe together, where closing each alone would refuse what the other names.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Map, Value};

use super::shape::{Shape, resolve, shape};
use super::subschemas::{escaped, subschemas};

/// Pointers of the property and item schemas that have to stay open, because another schema
/// that holds at the same time describes the same place (`allOf` members, `$ref` and its siblings).
///
/// Alternatives (`anyOf`, `oneOf`, `then` against `else`) are not together: one of them has to
/// account for the whole place.
pub(super) fn overlapping(root: &Value) -> BTreeSet<String> {
    let mut search = Search {
        root,
        compared: BTreeSet::new(),
        open: BTreeSet::new(),
    };
    search.visit("", root);
    search.open
}

struct Search<'a> {
    root: &'a Value,
    compared: BTreeSet<(String, String)>,
    open: BTreeSet<String>,
}

/// A child place and the schema one describer has for it.
#[derive(Clone)]
struct Described {
    child: Child,
    pointer: String,
}

/// The place, as the describer names it.
#[derive(Clone, PartialEq)]
enum Child {
    Name(String),
    Pattern(String),
    /// Every property that nothing beside it names.
    Rest,
    Index(usize),
    /// Every item that `prefixItems` leaves.
    Items,
}

impl Search<'_> {
    fn visit(&mut self, pointer: &str, schema: &Value) {
        let Value::Object(keywords) = schema else {
            return;
        };
        let parts = self.parts(pointer, keywords, &mut BTreeSet::new());
        for (index, one) in parts.iter().enumerate() {
            for other in &parts[index + 1..] {
                self.compare(one, other);
            }
        }
        for sub in subschemas(keywords) {
            self.visit(&format!("{pointer}{}", sub.pointer), sub.schema);
        }
    }

    fn compare(&mut self, one: &[Described], other: &[Described]) {
        for a in one {
            for b in other {
                if a.pointer != b.pointer && same_place(&a.child, &b.child) {
                    self.meet(&a.pointer, &b.pointer);
                }
            }
        }
    }

    /// Two schemas hold at one place: open both, and look at what they describe below.
    fn meet(&mut self, a: &str, b: &str) {
        let pair = if a < b { (a, b) } else { (b, a) };
        if !self.compared.insert((pair.0.to_owned(), pair.1.to_owned())) {
            return;
        }
        let shapes = [a, b].map(|at| self.root.pointer(at).map(|found| shape(self.root, found)));
        if shapes == [Some(Shape::Declared); 2] {
            self.open.extend([a.to_owned(), b.to_owned()]);
        }
        let below = [a, b].map(|at| self.all(at, &mut BTreeSet::new()));
        self.compare(&below[0], &below[1]);
    }

    /// Everything the schema at `pointer` may describe, whichever alternative applies.
    fn all(&self, pointer: &str, seen: &mut BTreeSet<String>) -> Vec<Described> {
        if !seen.insert(pointer.to_owned()) {
            return Vec::new();
        }
        let Some(Value::Object(keywords)) = self.root.pointer(pointer) else {
            return Vec::new();
        };
        self.parts(pointer, keywords, seen).concat()
    }

    /// What holds together at this place, one list per describer.
    fn parts(
        &self,
        pointer: &str,
        keywords: &Map<String, Value>,
        seen: &mut BTreeSet<String>,
    ) -> Vec<Vec<Described>> {
        let (own, patterns) = own(pointer, keywords);
        let mut parts = vec![own, patterns];
        if let Some(Value::String(reference)) = keywords.get("$ref")
            && resolve(self.root, reference).is_some()
        {
            parts.push(self.all(reference.trim_start_matches('#'), seen));
        }
        let count = |keyword: &str| {
            keywords
                .get(keyword)
                .and_then(Value::as_array)
                .map_or(0, Vec::len)
        };
        for index in 0..count("allOf") {
            parts.push(self.all(&format!("{pointer}/allOf/{index}"), seen));
        }
        for keyword in ["anyOf", "oneOf"] {
            let mut either = Vec::new();
            for index in 0..count(keyword) {
                either.extend(self.all(&format!("{pointer}/{keyword}/{index}"), seen));
            }
            parts.push(either);
        }
        let mut then_or_else = self.all(&format!("{pointer}/then"), seen);
        then_or_else.extend(self.all(&format!("{pointer}/else"), seen));
        parts.push(then_or_else);
        if let Some(Value::Object(dependent)) = keywords.get("dependentSchemas") {
            for name in dependent.keys() {
                let name = escaped(name);
                parts.push(self.all(&format!("{pointer}/dependentSchemas/{name}"), seen));
            }
        }
        parts
    }
}

/// What the keywords themselves describe: named places, and those named by a pattern.
fn own(pointer: &str, keywords: &Map<String, Value>) -> (Vec<Described>, Vec<Described>) {
    let mut places = Vec::new();
    let mut patterns = Vec::new();
    for (keyword, value) in keywords {
        let base = format!("{pointer}/{keyword}");
        match (keyword.as_str(), value) {
            ("properties", Value::Object(named)) => {
                places.extend(named.keys().map(|name| Described {
                    child: Child::Name(name.clone()),
                    pointer: format!("{base}/{}", escaped(name)),
                }))
            }
            ("patternProperties", Value::Object(named)) => {
                patterns.extend(named.keys().map(|pattern| Described {
                    child: Child::Pattern(pattern.clone()),
                    pointer: format!("{base}/{}", escaped(pattern)),
                }));
            }
            ("prefixItems" | "items", Value::Array(list)) => {
                places.extend((0..list.len()).map(|index| Described {
                    child: Child::Index(index),
                    pointer: format!("{base}/{index}"),
                }));
            }
            ("additionalProperties", Value::Object(_)) => places.push(Described {
                child: Child::Rest,
                pointer: base,
            }),
            ("items" | "additionalItems", Value::Object(_)) => places.push(Described {
                child: Child::Items,
                pointer: base,
            }),
            _ => {}
        }
    }
    (places, patterns)
}

fn same_place(a: &Child, b: &Child) -> bool {
    match (a, b) {
        (Child::Name(name), Child::Pattern(pattern))
        | (Child::Pattern(pattern), Child::Name(name)) => {
            // A pattern only the validator understands may match anything.
            Regex::new(pattern).map_or(true, |pattern| pattern.is_match(name))
        }
        (Child::Rest, Child::Name(_)) | (Child::Name(_), Child::Rest) => true,
        (Child::Items, Child::Index(_)) | (Child::Index(_), Child::Items) => true,
        (a, b) => a == b,
    }
}
