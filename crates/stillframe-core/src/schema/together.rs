//! Closes the places that several schemas describe together, around all of them; places with one describer are not its job.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::describe::{Child, Described, described};
use super::shape::{Shape, shape};

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
    definitions: Map<String, Value>,
}

impl<'a> Together<'a> {
    pub(super) fn new(root: &'a Value, shared: &'a BTreeSet<String>) -> Self {
        Together {
            root,
            shared,
            names: BTreeMap::new(),
            definitions: Map::new(),
        }
    }

    /// The definitions made so far, by name.
    pub(super) fn definitions(self) -> Map<String, Value> {
        self.definitions
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
        let name = match self.names.get(describers) {
            Some(name) => name.clone(),
            None => self.define(describers),
        };
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn define(&mut self, describers: &BTreeSet<String>) -> String {
        let name = format!("stillframe-together-{}", self.names.len());
        // Known before it is made: what it describes may lead back here.
        self.names.insert(describers.clone(), name.clone());
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
        self.definitions.insert(name.clone(), definition);
        name
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
