//! Which places of a document a schema describes, through references and compositions; it judges none of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::{Map, Value};

use super::shape::{pointer as local, resolve};
use super::subschemas::escaped;

/// A place directly below the described one, and the schema some describer has for it.
#[derive(Clone)]
pub(super) struct Described {
    pub(super) child: Child,
    /// JSON pointer of that schema.
    pub(super) pointer: String,
}

/// The place, as the describer names it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Child {
    Name(String),
    Pattern(String),
    /// Every property that nothing beside it names.
    Rest,
    Index(usize),
    /// Every item that `prefixItems` leaves.
    Items,
}

impl Child {
    /// Whether both may be one place of a document.
    pub(super) fn meets(&self, other: &Child) -> bool {
        match (self, other) {
            (Child::Name(name), Child::Pattern(pattern))
            | (Child::Pattern(pattern), Child::Name(name)) => matches(pattern, name),
            (Child::Rest, Child::Name(_)) | (Child::Name(_), Child::Rest) => true,
            (Child::Items, Child::Index(_)) | (Child::Index(_), Child::Items) => true,
            (a, b) => a == b,
        }
    }
}

/// Whether a pattern matches; one that only the validator understands may match anything.
fn matches(pattern: &str, name: &str) -> bool {
    thread_local! {
        /// Every pattern meets every name, so none is compiled more than once.
        static COMPILED: RefCell<BTreeMap<String, Option<Regex>>> = const { RefCell::new(BTreeMap::new()) };
    }
    COMPILED.with_borrow_mut(|compiled| {
        if !compiled.contains_key(pattern) {
            compiled.insert(pattern.to_owned(), Regex::new(pattern).ok());
        }
        let regex = compiled.get(pattern).and_then(Option::as_ref);
        regex.is_none_or(|regex| regex.is_match(name))
    })
}

/// Everything the schema at `pointer` may describe, whichever alternative applies.
pub(super) fn described(root: &Value, pointer: &str) -> Vec<Described> {
    Reader { root }.all(pointer, &mut BTreeSet::new())
}

/// The same as one list per schema that holds at this place; alternatives share a list.
pub(super) fn describers(root: &Value, pointer: &str) -> Vec<Vec<Described>> {
    match root.pointer(pointer) {
        Some(Value::Object(keywords)) => {
            Reader { root }.parts(pointer, keywords, &mut BTreeSet::new())
        }
        _ => Vec::new(),
    }
}

struct Reader<'a> {
    root: &'a Value,
}

impl Reader<'_> {
    fn all(&self, pointer: &str, seen: &mut BTreeSet<String>) -> Vec<Described> {
        if !seen.insert(pointer.to_owned()) {
            return Vec::new();
        }
        match self.root.pointer(pointer) {
            Some(Value::Object(keywords)) => self.parts(pointer, keywords, seen).concat(),
            _ => Vec::new(),
        }
    }

    fn parts(
        &self,
        pointer: &str,
        keywords: &Map<String, Value>,
        seen: &mut BTreeSet<String>,
    ) -> Vec<Vec<Described>> {
        let mut parts = own(pointer, keywords);
        if let Some(Value::String(reference)) = keywords.get("$ref")
            && resolve(self.root, reference).is_some()
            && let Some(pointer) = local(reference)
        {
            parts.push(self.all(&pointer, seen));
        }
        for index in 0..count(keywords, "allOf") {
            parts.push(self.all(&format!("{pointer}/allOf/{index}"), seen));
        }
        for keyword in ["anyOf", "oneOf"] {
            let mut either = Vec::new();
            for index in 0..count(keywords, keyword) {
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

/// What the keywords themselves describe; patterns apart, since they hold beside names.
fn own(pointer: &str, keywords: &Map<String, Value>) -> Vec<Vec<Described>> {
    let mut places = Vec::new();
    let mut patterns = Vec::new();
    for (keyword, value) in keywords {
        let base = format!("{pointer}/{keyword}");
        match (keyword.as_str(), value) {
            ("properties", Value::Object(named)) => {
                places.extend(
                    named
                        .keys()
                        .map(|name| at(Child::Name(name.clone()), &base, name)),
                );
            }
            ("patternProperties", Value::Object(named)) => {
                let child = |name: &String| at(Child::Pattern(name.clone()), &base, name);
                patterns.extend(named.keys().map(child));
            }
            ("prefixItems" | "items", Value::Array(list)) => {
                let child = |index: usize| at(Child::Index(index), &base, &index.to_string());
                places.extend((0..list.len()).map(child));
            }
            ("additionalProperties", Value::Object(_) | Value::Bool(true)) => {
                places.push(Described {
                    child: Child::Rest,
                    pointer: base,
                });
            }
            ("items" | "additionalItems", Value::Object(_)) => {
                places.push(Described {
                    child: Child::Items,
                    pointer: base,
                });
            }
            _ => {}
        }
    }
    vec![places, patterns]
}

fn at(child: Child, base: &str, segment: &str) -> Described {
    Described {
        child,
        pointer: format!("{base}/{}", escaped(segment)),
    }
}

fn count(keywords: &Map<String, Value>, keyword: &str) -> usize {
    keywords
        .get(keyword)
        .and_then(Value::as_array)
        .map_or(0, Vec::len)
}
