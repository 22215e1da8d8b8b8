//! Rewrites a schema from the inside out; it knows where schemas stand in one, and leaves data alone.

use serde_json::{Map, Value};

use super::exact::{FOREIGN, NAMED};
use super::subschemas::escaped;

/// Keywords whose values are a schema or a list of schemas.
const HOLDING: [&str; 18] = [
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "extends",
    "disallow",
];

/// `schema` with what `change` makes of each schema object in it, the inner ones first. It is given the pointer of the
/// object, the keyword that holds it (nothing for the root), and the object with what is inside already changed.
pub(super) fn rewritten(
    schema: &Value,
    change: &mut impl FnMut(&str, &str, Map<String, Value>) -> Value,
) -> Value {
    object("", "", schema, change)
}

fn object(
    pointer: &str,
    holder: &str,
    schema: &Value,
    change: &mut impl FnMut(&str, &str, Map<String, Value>) -> Value,
) -> Value {
    let Value::Object(keywords) = schema else {
        return schema.clone();
    };
    let mut copy = Map::new();
    for (keyword, value) in keywords {
        let below = format!("{pointer}/{}", escaped(keyword));
        let names = NAMED.contains(&keyword.as_str()) || keyword == FOREIGN;
        let holds = HOLDING.contains(&keyword.as_str());
        let value = match value {
            Value::Object(named) if names => named
                .iter()
                .map(|(name, inner)| {
                    let pointer = format!("{below}/{}", escaped(name));
                    (name.clone(), object(&pointer, keyword, inner, change))
                })
                .collect(),
            Value::Array(list) if holds => list
                .iter()
                .enumerate()
                .map(|(index, inner)| object(&format!("{below}/{index}"), keyword, inner, change))
                .collect(),
            Value::Object(_) if holds => object(&below, keyword, value, change),
            other => other.clone(),
        };
        copy.insert(keyword.clone(), value);
    }
    change(pointer, holder, copy)
}

/// The pointers that the references in a schema lead to.
pub(super) fn targets(schema: &Value) -> std::collections::BTreeSet<String> {
    let mut found = std::collections::BTreeSet::new();
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(keywords) => {
                let reference = keywords.get("$ref").and_then(Value::as_str);
                found.extend(reference.and_then(super::shape::pointer));
                open.extend(keywords.values());
            }
            Value::Array(list) => open.extend(list),
            _ => {}
        }
    }
    found
}
