//! Tagged alternatives as conditions, so that errors are those of the variant that was meant; what is valid stays the same.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::shape::{members, resolve};

/// `schema` with every `oneOf` whose branches require different constants of one property written
/// as `if` that constant `then` that branch; none where a reference leads into such a branch.
///
/// Collecting the errors of a `oneOf` visits every branch at every level of a recursive document,
/// which takes exponential time; a condition visits the one branch that its tag names.
pub fn dispatched(schema: &Value) -> Option<Value> {
    if refers_into_branches(schema) {
        return None;
    }
    Some(rewritten(schema, schema))
}

/// The place in `schema` that a keyword's place in [`dispatched`] stands for, as JSON pointers.
pub fn undispatched(schema: &Value, pointer: &str) -> String {
    let mut found = String::new();
    let mut segments = pointer.split('/').skip(1);
    while let Some(segment) = segments.next() {
        let here = schema.pointer(&found);
        let own = here
            .and_then(|at| at.get("allOf")?.as_array())
            .map_or(0, Vec::len);
        let branches = here
            .and_then(|at| at.get("oneOf")?.as_array())
            .map_or(0, Vec::len);
        if segment != "allOf" || branches == 0 {
            found.push_str(&format!("/{segment}"));
            continue;
        }
        match segments.next().map(str::parse::<usize>) {
            Some(Ok(index)) if index < own => found.push_str(&format!("/allOf/{index}")),
            Some(Ok(index)) if index - own < branches => {
                found.push_str(&format!("/oneOf/{}", index - own));
                // The `then` that holds the branch.
                segments.next();
            }
            // The list of all tags.
            _ => return found + "/oneOf",
        }
    }
    found
}

fn rewritten(root: &Value, value: &Value) -> Value {
    match value {
        Value::Object(keywords) => {
            let inner = keywords.iter().map(|(keyword, value)| {
                let literal = ["const", "enum", "default", "examples"].contains(&keyword.as_str());
                let value = if literal {
                    value.clone()
                } else {
                    rewritten(root, value)
                };
                (keyword.clone(), value)
            });
            let mut out: Map<String, Value> = inner.collect();
            if let Some((tag, constants)) = tagged(root, keywords) {
                dispatch(&mut out, tag, &constants);
            }
            Value::Object(out)
        }
        Value::Array(list) => list.iter().map(|inner| rewritten(root, inner)).collect(),
        other => other.clone(),
    }
}

/// Moves the branches into conditions behind the schema's own `allOf`.
fn dispatch(keywords: &mut Map<String, Value>, tag: &str, constants: &[&Value]) {
    let Some(Value::Array(branches)) = keywords.remove("oneOf") else {
        return;
    };
    let conditions = branches
        .into_iter()
        .zip(constants)
        .map(|(branch, constant)| {
            let is_meant = json!({"properties": {tag: {"const": constant}}, "required": [tag]});
            json!({"if": is_meant, "then": branch})
        });
    let any_tag =
        json!({"type": "object", "properties": {tag: {"enum": constants}}, "required": [tag]});
    let all: Vec<Value> = conditions.chain([any_tag]).collect();
    match keywords.get_mut("allOf") {
        Some(Value::Array(own)) => own.extend(all),
        _ => _ = keywords.insert("allOf".to_owned(), Value::Array(all)),
    }
}

/// The property whose constants tell the branches of a `oneOf` apart, and the constant of each.
fn tagged<'a>(
    root: &'a Value,
    keywords: &'a Map<String, Value>,
) -> Option<(&'a str, Vec<&'a Value>)> {
    let branches: Vec<&Value> = members(keywords, "oneOf").collect();
    let first = target(root, branches.first()?);
    let mut tags = first.get("properties")?.as_object()?.keys();
    tags.find_map(|tag| {
        let constants = branches.iter().map(|branch| constant(root, branch, tag));
        let constants: Vec<&Value> = constants.collect::<Option<_>>()?;
        let different: BTreeSet<&str> = constants.iter().filter_map(|one| one.as_str()).collect();
        (different.len() == branches.len()).then_some((tag.as_str(), constants))
    })
}

fn constant<'a>(root: &'a Value, branch: &'a Value, tag: &str) -> Option<&'a Value> {
    let branch = target(root, branch);
    let required = branch.get("required")?.as_array()?;
    required.iter().find(|name| *name == tag)?;
    branch.get("properties")?.get(tag)?.get("const")
}

/// What a branch that is a mere reference leads to.
fn target<'a>(root: &'a Value, branch: &'a Value) -> &'a Value {
    let reference = branch.get("$ref").and_then(Value::as_str);
    match reference.filter(|_| branch.get("properties").is_none()) {
        Some(reference) => resolve(root, reference).unwrap_or(branch),
        None => branch,
    }
}

fn refers_into_branches(value: &Value) -> bool {
    match value {
        Value::Object(keywords) => {
            let reference = keywords.get("$ref").and_then(Value::as_str);
            reference.is_some_and(|reference| reference.contains("/oneOf/"))
                || keywords.values().any(refers_into_branches)
        }
        Value::Array(list) => list.iter().any(refers_into_branches),
        _ => false,
    }
}
