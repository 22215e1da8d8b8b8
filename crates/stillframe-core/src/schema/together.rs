//! Closes the places that several schemas describe together, around all of them; places with one describer are not its job.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::describe::{Child, Described, described};
use super::expansion::Explosion;
use super::shape::{Shape, shape};

/// As many sets of schemas as may describe a place together.
const MOST: usize = 512;
/// As many pairs of places as may be looked at to find them.
const MOST_LOOKS: usize = 1 << 24;

/// The definitions that close places around several describers, each named once.
///
/// A place described by `A` and `B` gets `{"allOf": [{"anyOf": [A, true]}, {"anyOf": [B, true]}],
/// "unevaluatedProperties": false}`: whichever of them holds contributes its names, and neither is
/// demanded here.
pub(super) struct Together<'a> {
    root: &'a Value,
    /// Schemas that share their place with another one.
    shared: &'a BTreeSet<String>,
    /// Describers of one place to the definition that closes it.
    names: BTreeMap<BTreeSet<String>, String>,
    /// Those whose definitions are still to be made.
    open: Vec<BTreeSet<String>>,
    /// How many pairs of places have been looked at.
    looked: usize,
}

impl<'a> Together<'a> {
    pub(super) fn new(root: &'a Value, shared: &'a BTreeSet<String>) -> Self {
        Together {
            root,
            shared,
            names: BTreeMap::new(),
            open: Vec::new(),
            looked: 0,
        }
    }

    /// All definitions, by name.
    ///
    /// Each subset of the schemas may describe a place together, and small schemas have a million subsets.
    pub(super) fn definitions(mut self) -> Result<Map<String, Value>, Explosion> {
        let mut definitions = Map::new();
        while let Some(describers) = self.open.pop() {
            if self.names.len() > MOST || self.looked > MOST_LOOKS {
                let first = describers.into_iter().next();
                return Err(Explosion::Together(first.unwrap_or_default()));
            }
            let definition = self.definition(&describers);
            definitions.insert(self.names[&describers].clone(), definition);
        }
        Ok(definitions)
    }

    /// A schema that closes what several schemas describe directly below a place with these
    /// describers; none if there is no such thing.
    pub(super) fn below(&mut self, describers: &BTreeSet<String>) -> Option<Value> {
        let all: Vec<Described> = describers
            .iter()
            .flat_map(|pointer| described(self.root, pointer))
            .collect();
        let shared = all.iter().filter(|one| self.shared.contains(&one.pointer));
        let children: BTreeSet<Child> = shared.map(|one| one.child.clone()).collect();
        self.looked += children.len() * all.len();
        let mut properties = Map::new();
        let mut closing = Map::new();
        for child in children {
            let group = all.iter().filter(|one| one.child.meets(&child));
            let group: BTreeSet<String> = group.map(|one| one.pointer.clone()).collect();
            match child {
                Child::Name(name) => _ = properties.insert(name, self.around(&group)),
                Child::Items => _ = closing.insert("items".to_owned(), self.around(&group)),
                // What a pattern, a rest or a position names cannot be told apart here.
                Child::Pattern(_) | Child::Rest | Child::Index(_) => {}
            }
        }
        if !properties.is_empty() {
            closing.insert("properties".to_owned(), Value::Object(properties));
        }
        (!closing.is_empty()).then_some(Value::Object(closing))
    }

    /// A reference to the definition that closes the place with these describers.
    fn around(&mut self, describers: &BTreeSet<String>) -> Value {
        let next = self.names.len();
        let name = self.names.entry(describers.clone()).or_insert_with(|| {
            self.open.push(describers.clone());
            format!("stillframe-together-{next}")
        });
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn definition(&mut self, describers: &BTreeSet<String>) -> Value {
        let mut all: Vec<Value> = describers
            .iter()
            .map(|pointer| json!({"anyOf": [{ "$ref": reference(pointer) }, true]}))
            .collect();
        all.extend(self.below(describers));
        let mut definition = json!({ "allOf": all });
        let shapes: Vec<Shape> = describers
            .iter()
            .filter_map(|pointer| Some(shape(self.root, self.root.pointer(pointer)?)))
            .collect();
        if shapes.contains(&Shape::Declared) && !shapes.contains(&Shape::Free) {
            definition["unevaluatedProperties"] = Value::Bool(false);
        }
        definition
    }
}

/// A JSON pointer as a reference; what a URI does not allow is percent-encoded.
fn reference(pointer: &str) -> String {
    let mut reference = String::from("#");
    for byte in pointer.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' | b'$' => {
                reference.push(char::from(byte));
            }
            _ => reference.push_str(&format!("%{byte:02X}")),
        }
    }
    reference
}
