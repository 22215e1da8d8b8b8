//! Which arm of a `oneOf` or `anyOf` accepts a value; an arm that cannot be compiled by itself accepts everything.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::Value;
use stillframe_core::normalize::Accepts;
use stillframe_core::schema::{FOREIGN, Naming};

use super::{Numbers, effort, validator};

/// Definitions that an arm may refer to.
const SHARED: [&str; 5] = ["$schema", "$id", "$defs", "definitions", FOREIGN];

/// Asks the arms of one schema, each of which is compiled when it is first asked.
pub fn arms(schema: &Value) -> Accepts {
    let schema = schema.clone();
    let compiled: Mutex<BTreeMap<String, Option<Arc<Validator>>>> = Mutex::default();
    Arc::new(move |pointer, value| {
        let mut compiled = compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let arm = match compiled.get(pointer) {
            Some(arm) => arm.clone(),
            None => {
                let arm = validator(&alone(&schema, pointer), Numbers::Doubles, Naming::Content)
                    .ok()
                    .map(Arc::new);
                compiled.insert(pointer.to_owned(), arm.clone());
                arm
            }
        };
        drop(compiled);
        // Where it takes too long to say, the document is refused when it is validated.
        arm.is_none_or(|arm| effort::verdict(value, || arm.is_valid(value)).unwrap_or(true))
    })
}

/// The subschema at a pointer, with the definitions of its document.
fn alone(schema: &Value, pointer: &str) -> Value {
    let mut arm = schema
        .pointer(pointer)
        .cloned()
        .unwrap_or(Value::Bool(true));
    if let Some(object) = arm.as_object_mut() {
        for keyword in SHARED {
            if let Some(shared) = schema.get(keyword) {
                object.entry(keyword).or_insert_with(|| shared.clone());
            }
        }
    }
    arm
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_arm_is_asked_with_the_definitions_of_its_document() {
        let schema = json!({
            "$defs": {"plan": {"properties": {"kind": {"const": "plan"}}}},
            "oneOf": [{"$ref": "#/$defs/plan"}, {"properties": {"kind": {"const": "run"}}}, {"$ref": "#/nowhere"}]
        });
        let accepts = arms(&schema);
        let run = json!({"kind": "run"});
        assert!(!accepts("/oneOf/0", &run));
        assert!(accepts("/oneOf/1", &run));
        assert!(accepts("/oneOf/2", &run), "cannot be compiled");
    }
}
