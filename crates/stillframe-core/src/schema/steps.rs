//! Marks every reference of a schema, so that a validator can count how often it follows one; it counts nothing itself.

use serde_json::{Map, Value, json};

use super::exact::FOREIGN;
use super::hoist::references_stand_alone;
use super::rewrite::rewritten;
use super::shape::{pointer, resolve};
use super::subschemas::{escaped, fragment};

/// The keyword of a mark. Its value is the pointer that is referred to.
pub const STEP: &str = "x-stillframe-step";

/// `schema` with a mark that is met before each of its references is followed.
pub fn counted(schema: &Value) -> Value {
    if references_stand_alone(schema) || schema.get(FOREIGN).is_some() {
        return through_definitions(schema);
    }
    rewritten(schema, &mut |_, _, mut keywords| {
        let referred = ["$ref", "$dynamicRef", "$recursiveRef"]
            .iter()
            .find_map(|keyword| keywords.get(*keyword)?.as_str());
        if let Some(reference) = referred {
            let mark = mark(reference);
            match keywords.get_mut("allOf") {
                Some(Value::Array(all)) => all.push(mark),
                _ => _ = keywords.insert("allOf".to_owned(), json!([mark])),
            }
        }
        Value::Object(keywords)
    })
}

/// Where nothing counts beside a reference, it leads to a definition that holds both.
fn through_definitions(schema: &Value) -> Value {
    let holder = match references_stand_alone(schema) {
        true => "definitions",
        false => "$defs",
    };
    let mut definitions = Map::new();
    let mut counted = rewritten(schema, &mut |_, _, mut keywords| {
        if let Some(Value::String(reference)) = keywords.get_mut("$ref")
            && resolve(schema, reference).is_some()
        {
            let name = format!("{STEP}:{reference}");
            let both = json!({"allOf": [mark(reference), {"$ref": reference}]});
            *reference = fragment(&format!("/{holder}/{}", escaped(&name)));
            definitions.insert(name, both);
        }
        Value::Object(keywords)
    });
    if let Value::Object(keywords) = &mut counted
        && let Value::Object(all) = keywords
            .entry(holder)
            .or_insert_with(|| Value::Object(Map::new()))
    {
        all.extend(definitions);
    }
    counted
}

fn mark(reference: &str) -> Value {
    let place = pointer(reference).unwrap_or_else(|| reference.to_owned());
    json!({ STEP: place })
}
