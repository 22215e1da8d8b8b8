//! The schemas inside one schema and the part each plays; predicates (`if`, `not`, `contains`) are deliberately absent.

use fluent_uri::pct_enc::{EString, encoder};
use serde_json::{Map, Value};

/// The part a schema plays for the one that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It describes another place of the document: a property or an item.
    Position,
    /// It describes the same place, beside others.
    Branch,
}

/// One schema inside another.
pub(super) struct Subschema<'a> {
    pub(super) role: Role,
    /// JSON pointer from the holder, such as `/properties/a~1b`.
    pub(super) pointer: String,
    pub(super) schema: &'a Value,
}

/// All schemas directly inside `keywords`, in key order.
///
/// What stands below `if`, `not`, `contains` and `propertyNames` decides whether something applies
/// and describes nothing by itself, so closing it would change what it decides.
pub(super) fn subschemas(keywords: &Map<String, Value>) -> Vec<Subschema<'_>> {
    let mut found = Vec::new();
    for (keyword, value) in keywords {
        let (role, holder) = match keyword.as_str() {
            "properties" | "patternProperties" => (Role::Position, Holder::Named),
            "additionalProperties" | "unevaluatedProperties" => (Role::Position, Holder::One),
            "items" | "prefixItems" | "additionalItems" | "unevaluatedItems" => {
                (Role::Position, Holder::OneOrList)
            }
            "allOf" | "anyOf" | "oneOf" => (Role::Branch, Holder::OneOrList),
            "then" | "else" => (Role::Branch, Holder::One),
            "dependentSchemas" | "$defs" | "definitions" => (Role::Branch, Holder::Named),
            _ => continue,
        };
        found.extend(
            held(holder, keyword, value)
                .into_iter()
                .map(|(pointer, schema)| Subschema {
                    role,
                    pointer,
                    schema,
                }),
        );
    }
    found
}

/// `segment` as it is written inside a JSON pointer.
pub(super) fn escaped(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

#[derive(Clone, Copy)]
enum Holder {
    One,
    OneOrList,
    Named,
}

fn held<'a>(holder: Holder, keyword: &str, value: &'a Value) -> Vec<(String, &'a Value)> {
    let keyword = escaped(keyword);
    match (holder, value) {
        (Holder::Named, Value::Object(named)) => named
            .iter()
            .map(|(name, schema)| (format!("/{keyword}/{}", escaped(name)), schema))
            .collect(),
        (Holder::OneOrList, Value::Array(list)) => list
            .iter()
            .enumerate()
            .map(|(index, schema)| (format!("/{keyword}/{index}"), schema))
            .collect(),
        (Holder::One | Holder::OneOrList, Value::Object(_) | Value::Bool(_)) => {
            vec![(format!("/{keyword}"), value)]
        }
        _ => Vec::new(),
    }
}

/// A pointer as a reference.
pub(super) fn fragment(pointer: &str) -> String {
    let mut encoded = EString::<encoder::Fragment>::new();
    encoded.encode_str::<encoder::Fragment>(pointer);
    format!("#{encoded}")
}

/// The keyword by which a schema names itself in the draft of its file.
pub(super) fn id_keyword(file: &Value) -> &'static str {
    let dialect = file.get("$schema").and_then(Value::as_str);
    match dialect {
        Some(dialect) if dialect.contains("draft-04") || dialect.contains("draft-03") => "id",
        _ => "$id",
    }
}
