//! Moves alternatives out of the places where they stand into definitions; what is valid stays the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::exact::{DATA, FOREIGN, MOVED};
use super::rewrite::{rewritten, targets};
use super::subschemas::{escaped, fragment, id_keyword};

/// Keywords that describe the same place, or what is left of it.
const BESIDE: [&str; 9] = [
    "additionalProperties",
    "allOf",
    "anyOf",
    "dependentSchemas",
    "else",
    "if",
    "oneOf",
    "patternProperties",
    "then",
];
const UNEVALUATED: [&str; 2] = ["unevaluatedProperties", "unevaluatedItems"];

/// How what is moved is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// By its place, so that messages can name it.
    Place,
    /// Once for all places where the same is said: for one place of a document, that is asked once.
    Content,
}

/// `schema` with a definition for each alternative that refers to something, and for each place that is closed around
/// a reference; none where there is no need.
///
/// The validator compiles what stands beside `unevaluatedProperties` once more for each reference that leads there, and
/// asks it again at every level of a document. In types that contain each other that is exponential; a definition is
/// compiled once, and asked once about each value.
pub fn hoisted(schema: &Value, naming: Naming) -> Option<Value> {
    if !mentions(schema, &UNEVALUATED) || !is_movable(schema) {
        return None;
    }
    let mut hoist = Hoist::new(schema, naming);
    let moved = rewritten(schema, &mut |pointer, holder, keywords| {
        let is_closed = UNEVALUATED
            .iter()
            .any(|keyword| keywords.contains_key(*keyword));
        let is_definition = matches!(holder, "" | "$defs" | "definitions");
        let is_beside = BESIDE.contains(&holder) || UNEVALUATED.contains(&holder);
        let schema = Value::Object(keywords);
        let moves = is_beside || (is_closed && !is_definition);
        match moves && mentions(&schema, &["$ref"]) {
            true => hoist.moved(pointer, schema),
            false => schema,
        }
    });
    hoist.finished(moved)
}

/// `schema` with `anyOf` and `oneOf` as statements that hold or not, without the reasons of each alternative; none
/// where that cannot be said.
///
/// The reasons of alternatives that contain each other are as many as the ways through them.
pub fn outlined(schema: &Value) -> Option<Value> {
    if !is_movable(schema) {
        return None;
    }
    let stand_alone = references_stand_alone(schema);
    let mut hoist = Hoist::new(schema, Naming::Place);
    let outlined = rewritten(schema, &mut |pointer, _, mut keywords| {
        if stand_alone && keywords.contains_key("$ref") {
            return Value::Object(keywords);
        }
        for keyword in ["anyOf", "oneOf"] {
            let place = format!("{pointer}/{keyword}");
            let Some(Value::Array(arms)) = keywords.get(keyword) else {
                continue;
            };
            if arms.len() < 2 || hoist.is_target(&place) {
                continue;
            }
            let arms = arms.clone().into_iter().enumerate();
            let arms: Vec<Value> = arms
                .map(|(index, arm)| hoist.moved(&format!("{place}/{index}"), arm))
                .collect();
            let holds = json!({"not": {"not": {keyword: arms.clone()}}});
            keywords.remove(keyword);
            // What an alternative declares still counts beside it.
            let declares = json!({"anyOf": [{keyword: arms}, true]});
            let both = [hoist.moved(&place, holds), declares];
            match keywords.get_mut("allOf") {
                Some(Value::Array(all)) => all.extend(both),
                _ => _ = keywords.insert("allOf".to_owned(), both.into_iter().collect()),
            }
        }
        Value::Object(keywords)
    });
    hoist.finished(outlined)
}

/// Before 2019-09, nothing counts beside a `$ref`.
pub(super) fn references_stand_alone(schema: &Value) -> bool {
    let dialect = schema.get("$schema").and_then(Value::as_str);
    dialect.is_some_and(|dialect| dialect.contains("/draft-0"))
}

/// Whether a schema means the same in another place of its document.
fn is_movable(schema: &Value) -> bool {
    let Value::Object(keywords) = schema else {
        return false;
    };
    let definitions = keywords.get("$defs").is_none_or(Value::is_object);
    let names = [id_keyword(schema), "$dynamicRef", "$recursiveRef"];
    let inside = |(keyword, value): (&String, &Value)| keyword != "$id" && is_named(value, &names);
    definitions && !keywords.contains_key(FOREIGN) && !keywords.iter().any(inside)
}

/// Whether anything in a schema has a URI of its own, or a target that depends on the way.
fn is_named(value: &Value, names: &[&str]) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, inner)| {
            let is_data = DATA.contains(&name.as_str());
            let is_name = inner.is_string() && names.contains(&name.as_str());
            !is_data && (is_name || is_named(inner, names))
        }),
        Value::Array(list) => list.iter().any(|inner| is_named(inner, names)),
        _ => false,
    }
}

fn mentions(value: &Value, keywords: &[&str]) -> bool {
    match value {
        Value::Object(members) => members
            .iter()
            .any(|(name, inner)| keywords.contains(&name.as_str()) || mentions(inner, keywords)),
        Value::Array(list) => list.iter().any(|inner| mentions(inner, keywords)),
        _ => false,
    }
}

struct Hoist {
    naming: Naming,
    /// What references lead to stays where it is.
    targets: BTreeSet<String>,
    definitions: Map<String, Value>,
    /// Names by content.
    names: BTreeMap<String, String>,
}

impl Hoist {
    fn new(schema: &Value, naming: Naming) -> Self {
        Hoist {
            naming,
            names: BTreeMap::new(),
            targets: targets(schema),
            definitions: Map::new(),
        }
    }

    /// Whether a reference leads to a place or below it.
    fn is_target(&self, pointer: &str) -> bool {
        let below = format!("{pointer}/");
        self.targets.contains(pointer)
            || self
                .targets
                .range(below.clone()..)
                .next()
                .is_some_and(|first| first.starts_with(&below))
    }

    /// A reference to a schema, which becomes a definition that is named by its place.
    fn moved(&mut self, pointer: &str, schema: Value) -> Value {
        let is_reference = schema
            .as_object()
            .is_none_or(|keywords| keywords.len() == 1 && keywords.contains_key("$ref"));
        if is_reference || self.is_target(pointer) {
            return schema;
        }
        let mut name = format!("{MOVED}{pointer}");
        if self.naming == Naming::Content {
            let content = schema.to_string();
            name = self.names.entry(content).or_insert(name).clone();
        }
        let reference = fragment(&format!("/$defs/{}", escaped(&name)));
        self.definitions.insert(name, schema);
        json!({ "$ref": reference })
    }

    fn finished(self, mut schema: Value) -> Option<Value> {
        let definitions = schema
            .as_object_mut()?
            .entry("$defs")
            .or_insert_with(|| Value::Object(Map::new()))
            .as_object_mut()?;
        for (name, moved) in self.definitions {
            if definitions.insert(name, moved).is_some() {
                return None;
            }
        }
        Some(schema)
    }
}
