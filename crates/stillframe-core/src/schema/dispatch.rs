//! Tagged alternatives as conditions, so that errors are those of the variant that was meant; what is valid stays the same.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::shape::{members, resolve};

/// `schema` with every `oneOf` or `anyOf` whose branches require different constants of one property written
/// as `if` that constant `then` that branch; none where a reference leads into such a branch.
///
/// Collecting the errors of alternatives visits every branch at every level of a recursive document,
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
        let tagged = here
            .and_then(Value::as_object)
            .and_then(|keywords| tagged(schema, keywords));
        let Some(Tagged {
            keyword, constants, ..
        }) = tagged.filter(|_| segment == "allOf")
        else {
            found.push_str(&format!("/{segment}"));
            continue;
        };
        match segments.next().map(str::parse::<usize>) {
            Some(Ok(index)) if index < own => found.push_str(&format!("/allOf/{index}")),
            Some(Ok(index)) if index - own < constants.len() => {
                found.push_str(&format!("/{keyword}/{}", index - own));
                // The `then` that holds the branch.
                segments.next();
            }
            // The list of all tags.
            _ => return format!("{found}/{keyword}"),
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
            if let Some(tagged) = tagged(root, keywords) {
                dispatch(&mut out, &tagged);
            }
            Value::Object(out)
        }
        Value::Array(list) => list.iter().map(|inner| rewritten(root, inner)).collect(),
        other => other.clone(),
    }
}

/// Moves the branches into conditions behind the schema's own `allOf`.
fn dispatch(keywords: &mut Map<String, Value>, tagged: &Tagged<'_>) {
    let Tagged {
        keyword,
        tag,
        constants,
    } = tagged;
    let Some(Value::Array(branches)) = keywords.remove(*keyword) else {
        return;
    };
    let conditions = branches
        .into_iter()
        .zip(constants)
        .map(|(branch, constant)| {
            let is_meant = json!({"properties": {*tag: {"const": constant}}, "required": [tag]});
            json!({"if": is_meant, "then": branch})
        });
    let any_tag =
        json!({"type": "object", "properties": {*tag: {"enum": constants}}, "required": [tag]});
    let all: Vec<Value> = conditions.chain([any_tag]).collect();
    match keywords.get_mut("allOf") {
        Some(Value::Array(own)) => own.extend(all),
        _ => _ = keywords.insert("allOf".to_owned(), Value::Array(all)),
    }
}

/// Alternatives that a property tells apart.
struct Tagged<'a> {
    keyword: &'static str,
    tag: &'a str,
    /// The value of that property in each of them.
    constants: Vec<&'a Value>,
}

/// The property whose constants tell alternatives apart. No value then satisfies two of them, so that `anyOf` is `oneOf`.
fn tagged<'a>(root: &'a Value, keywords: &'a Map<String, Value>) -> Option<Tagged<'a>> {
    ["oneOf", "anyOf"].into_iter().find_map(|keyword| {
        let (tag, constants) = tag(root, keywords, keyword)?;
        Some(Tagged {
            keyword,
            tag,
            constants,
        })
    })
}

fn tag<'a>(
    root: &'a Value,
    keywords: &'a Map<String, Value>,
    keyword: &str,
) -> Option<(&'a str, Vec<&'a Value>)> {
    let branches: Vec<&Value> = members(keywords, keyword).collect();
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
    let property = branch.get("properties")?.get(tag)?;
    let only = || match property.get("enum")?.as_array()?.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    property.get("const").or_else(only)
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
            let into = |reference: &str| {
                ["/oneOf/", "/anyOf/"]
                    .iter()
                    .any(|one| reference.contains(one))
            };
            reference.is_some_and(into) || keywords.values().any(refers_into_branches)
        }
        Value::Array(list) => list.iter().any(refers_into_branches),
        _ => false,
    }
}
