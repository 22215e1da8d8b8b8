//! What a schema says about objects at its own place; it never looks at a document.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What a schema says about the objects it may describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// It names the properties of an object, or says that there are none.
    Declared,
    /// It accepts an object and says nothing about its properties: a payload.
    Free,
    /// It accepts no object, or only those it lists whole.
    NoObject,
}

/// The shape of `schema`, following references within `root`.
pub(super) fn shape(root: &Value, schema: &Value) -> Shape {
    seen_shape(root, schema, &mut BTreeSet::new())
}

/// The JSON pointer in a local reference.
pub(crate) fn pointer(reference: &str) -> Option<String> {
    percent_decoded(reference.strip_prefix('#')?)
}

/// The value a local reference (`#`, `#/…`) names.
pub(super) fn resolve<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    root.pointer(&pointer(reference)?)
}

fn seen_shape(root: &Value, schema: &Value, seen: &mut BTreeSet<String>) -> Shape {
    let Value::Object(keywords) = schema else {
        return match schema {
            Value::Bool(false) => Shape::NoObject,
            _ => Shape::Free,
        };
    };
    let own = own_shape(keywords);
    if own != Shape::Free {
        return own;
    }
    let mut parts = Vec::new();
    for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
        if let Some(Value::String(reference)) = keywords.get(keyword) {
            parts.push(reference_shape(root, reference, seen));
        }
    }
    for part in members(keywords, "allOf") {
        parts.push(seen_shape(root, part, seen));
    }
    for keyword in ["anyOf", "oneOf"] {
        if keywords.contains_key(keyword) {
            let shapes = members(keywords, keyword).map(|part| seen_shape(root, part, seen));
            parts.push(either(&shapes.collect::<Vec<_>>()));
        }
    }
    for keyword in ["then", "else"] {
        if let Some(part) = keywords.get(keyword)
            && seen_shape(root, part, seen) == Shape::Declared
        {
            parts.push(Shape::Declared);
        }
    }
    both(&parts)
}

fn reference_shape(root: &Value, reference: &str, seen: &mut BTreeSet<String>) -> Shape {
    if !seen.insert(reference.to_owned()) {
        return Shape::NoObject;
    }
    // A reference that leaves the document, or goes by an anchor, is one somebody wrote a shape for.
    let found = resolve(root, reference).map_or(Shape::Declared, |to| seen_shape(root, to, seen));
    seen.remove(reference);
    found
}

fn own_shape(keywords: &Map<String, Value>) -> Shape {
    if keywords.contains_key("const") || keywords.contains_key("enum") {
        return Shape::NoObject;
    }
    const NAMING: [&str; 4] = [
        "properties",
        "patternProperties",
        "additionalProperties",
        "unevaluatedProperties",
    ];
    let names = NAMING.iter().any(|keyword| keywords.contains_key(*keyword));
    match keywords.get("type") {
        None if names => Shape::Declared,
        None => Shape::Free,
        Some(types) if !admits_object(types) => Shape::NoObject,
        Some(_) if names => Shape::Declared,
        Some(types) if only_object(types) && !composes(keywords) => Shape::Declared,
        Some(_) => Shape::Free,
    }
}

/// A bare `type: object` is the empty struct; beside a composition the names stand over there.
fn composes(keywords: &Map<String, Value>) -> bool {
    const COMPOSING: [&str; 6] = ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if"];
    COMPOSING.iter().any(|word| keywords.contains_key(*word))
}

fn admits_object(types: &Value) -> bool {
    match types {
        Value::Array(list) => list.iter().any(|one| one == "object"),
        one => one == "object",
    }
}

/// `object` or a nullable one; a longer list of types is a payload.
fn only_object(types: &Value) -> bool {
    match types {
        Value::Array(list) => list.iter().all(|one| one == "object" || one == "null"),
        _ => true,
    }
}

/// The members of an array-valued keyword.
pub(super) fn members<'a>(
    keywords: &'a Map<String, Value>,
    keyword: &str,
) -> impl Iterator<Item = &'a Value> {
    keywords
        .get(keyword)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn both(parts: &[Shape]) -> Shape {
    [Shape::Declared, Shape::NoObject]
        .into_iter()
        .find(|shape| parts.contains(shape))
        .unwrap_or(Shape::Free)
}

fn either(parts: &[Shape]) -> Shape {
    [Shape::Declared, Shape::Free]
        .into_iter()
        .find(|shape| parts.contains(shape))
        .unwrap_or(Shape::NoObject)
}

pub(super) fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' && after.len() >= 2 {
            let digits = std::str::from_utf8(&after[..2]).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
