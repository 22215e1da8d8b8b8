//! `x-stillframe` annotations of a schema as rules for exactly their places; it refuses words it does not know.
//!
//! | word | string | number | boolean | array, object |
//! |---|---|---|---|---|
//! | `duration` | `PT0S` for ISO 8601, else `0s` | `0`, `0.0` for a float | as printed | each value inside |
//! | `timestamp` | the timestamp, its date or its time, as `format` says | `0`, `0.0` | as printed | each value inside |
//! | `identity` | `id-1`, or the like in the value's `format` | its rank, `1` or `1.0` | as printed | each value inside |
//! | `constant` | the first of `examples` or `enum`, else empty | the same, else `0` | the same, else `false` | the same, else each value inside |
//! | `keep` | as printed | as printed | as printed | as printed |
//!
//! `null` is left alone. Annotations are found through `$ref`, `$defs`, `allOf`, `anyOf`, `oneOf`,
//! `then`, `else`, `dependentSchemas` and all keywords that describe children; a type that contains
//! itself is no trouble, for places are not listed but become states of one automaton.

use crate::location::Slice;
use crate::location::automaton::{Mark, Part, State, Test};
use crate::normalize::{Accepts, Choice, Compiled, Effect, Guards, Rule};
use crate::rule::form::Form;
use crate::rule::format::TextFormat;
use crate::rule::predicate::Predicate;
use crate::rule::{Origin, RuleError};
use crate::schema::{origin, pointer};
use regex::Regex;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The keyword.
pub const KEYWORD: &str = "x-stillframe";
/// How many references are followed to find a format.
const MOST_REFERENCES: usize = 16;

/// A schema on its way into the automaton.
struct Walk<'a> {
    plan: &'a mut Compiled,
    root: &'a Value,
    /// The state of each subschema, by its pointer.
    states: BTreeMap<String, State>,
    /// Subschemas that are still to be read, with the depth of their place.
    open: Vec<(String, &'a Value, usize)>,
    rules: Vec<usize>,
    accepts: &'a Accepts,
    errors: Vec<RuleError>,
}

/// Adds a schema's annotations to a plan; gives the state of its documents, and the new rules.
pub(crate) fn add(
    plan: &mut Compiled,
    schema: &Value,
    accepts: &Accepts,
) -> Result<(State, Vec<usize>), Vec<RuleError>> {
    let mut walk = Walk {
        plan,
        root: schema,
        states: BTreeMap::new(),
        open: Vec::new(),
        rules: Vec::new(),
        accepts,
        errors: Vec::new(),
    };
    let first = walk.enter(String::new(), schema, 0);
    while let Some((pointer, schema, depth)) = walk.open.pop() {
        walk.read(&pointer, schema, depth);
    }
    if !walk.errors.is_empty() {
        return Err(walk.errors);
    }
    Ok((first, walk.rules))
}

impl<'a> Walk<'a> {
    /// The state of a subschema, which is read later if it is new.
    fn enter(&mut self, pointer: String, schema: &'a Value, depth: usize) -> State {
        if let Some(&state) = self.states.get(&pointer) {
            return state;
        }
        let state = self.plan.automaton.state();
        self.states.insert(pointer.clone(), state);
        self.open.push((pointer, schema, depth));
        state
    }

    fn read(&mut self, pointer: &str, schema: &'a Value, depth: usize) {
        let Some(object) = schema.as_object() else {
            return;
        };
        let state = self.states[pointer];
        if let Some(word) = object.get(KEYWORD) {
            self.annotate(pointer, object, word, state, depth);
        }
        self.same_place(pointer, object, state, depth);
        self.members(pointer, object, state, depth + 1);
        self.elements(pointer, object, state, depth + 1);
    }

    /// Subschemas that describe the same place.
    fn same_place(
        &mut self,
        pointer: &str,
        object: &'a Map<String, Value>,
        state: State,
        depth: usize,
    ) {
        if let Some((target, schema)) = reference(self.root, object) {
            let to = self.enter(target, schema, depth);
            self.plan.automaton.free(state, to);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            let branches = object.get(keyword).and_then(Value::as_array);
            let mut arms = Vec::new();
            for (index, branch) in branches.into_iter().flatten().enumerate() {
                let pointer = format!("{pointer}/{keyword}/{index}");
                let to = self.enter(pointer.clone(), branch, depth);
                arms.push((pointer, to));
            }
            let branches = branches.map_or(&[][..], Vec::as_slice);
            if keyword != "allOf" && arms_differ(self.root, branches) {
                let accepts = self.accepts.clone();
                self.plan.choices.push(Choice { arms, accepts });
                let choice = self.plan.choices.len() - 1;
                self.plan.automaton.mark(state, Mark::Choice(choice));
            } else {
                for (_, to) in arms {
                    self.plan.automaton.free(state, to);
                }
            }
        }
        for keyword in ["then", "else"] {
            if let Some(branch) = object.get(keyword) {
                let to = self.enter(format!("{pointer}/{keyword}"), branch, depth);
                self.plan.automaton.free(state, to);
            }
        }
        let dependent = object.get("dependentSchemas").and_then(Value::as_object);
        for (name, branch) in dependent.into_iter().flatten() {
            let to = self.enter(child(pointer, "dependentSchemas", name), branch, depth);
            self.plan.automaton.free(state, to);
        }
    }

    fn members(
        &mut self,
        pointer: &str,
        object: &'a Map<String, Value>,
        state: State,
        depth: usize,
    ) {
        let mut names = Vec::new();
        let mut patterns = Vec::new();
        let properties = object.get("properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            names.push(name.as_str().into());
            let to = self.enter(child(pointer, "properties", name), schema, depth);
            self.plan
                .automaton
                .edge(state, Test::Name(name.as_str().into()), to);
        }
        let matched = object.get("patternProperties").and_then(Value::as_object);
        for (pattern, schema) in matched.into_iter().flatten() {
            let Ok(regex) = Regex::new(pattern) else {
                let message = format!("the pattern {pattern:?} cannot be followed");
                let hint = "write it without look-around and back references";
                self.errors.push(RuleError::new(
                    format!("schema {}", origin(pointer)),
                    message,
                    hint,
                ));
                continue;
            };
            patterns.push(regex.clone());
            let to = self.enter(child(pointer, "patternProperties", pattern), schema, depth);
            self.plan.automaton.edge(state, Test::Pattern(regex), to);
        }
        for keyword in ["additionalProperties", "unevaluatedProperties"] {
            if let Some(schema) = object.get(keyword).filter(|schema| schema.is_object()) {
                let to = self.enter(format!("{pointer}/{keyword}"), schema, depth);
                let others = Test::Others(names.clone().into(), patterns.clone().into());
                self.plan.automaton.edge(state, others, to);
            }
        }
    }

    fn elements(
        &mut self,
        pointer: &str,
        object: &'a Map<String, Value>,
        state: State,
        depth: usize,
    ) {
        // Before 2020-12, a list under `items` was what `prefixItems` is now.
        let (prefix, rest) = match object.get("items") {
            Some(Value::Array(list)) => (Some(("items", list)), "additionalItems"),
            _ => {
                let list = object.get("prefixItems").and_then(Value::as_array);
                (list.map(|list| ("prefixItems", list)), "items")
            }
        };
        let mut start = 0;
        if let Some((keyword, list)) = prefix {
            for (index, schema) in (0..).zip(list) {
                let to = self.enter(format!("{pointer}/{keyword}/{index}"), schema, depth);
                let only = Slice::one(index);
                self.plan.automaton.edge(state, Test::Elements(only), to);
                start = index + 1;
            }
        }
        for keyword in [rest, "unevaluatedItems"] {
            if let Some(schema) = object.get(keyword).filter(|schema| schema.is_object()) {
                let to = self.enter(format!("{pointer}/{keyword}"), schema, depth);
                let others = Slice {
                    start,
                    ..Slice::ALL
                };
                self.plan.automaton.edge(state, Test::Elements(others), to);
            }
        }
    }

    fn annotate(
        &mut self,
        pointer: &str,
        object: &'a Map<String, Value>,
        word: &Value,
        state: State,
        depth: usize,
    ) {
        let name = match origin(pointer).trim_start_matches('#') {
            "" => "schema /".to_owned(),
            place => format!("schema {place}"),
        };
        if word == "keep" {
            let guard = self.plan.guard("x-stillframe", "keep", Guards::Everything);
            self.plan.automaton.mark_below(state, Mark::Guard(guard));
            return;
        }
        let effect = match effect(self.root, object, word) {
            Ok(effect) => effect,
            Err((message, hint)) => {
                self.errors.push(RuleError::new(name, message, hint));
                return;
            }
        };
        let reason = format!("{KEYWORD}: {}", word.as_str().unwrap_or_default());
        let predicate = Predicate::default();
        let rule = Rule {
            needs: Part::Path as u8,
            predicate,
            effect,
            depth: Some(depth),
            within: Vec::new(),
        };
        let rule = self.plan.push(&name, Origin::Schema, &reason, rule);
        self.rules.push(rule);
        // The annotation holds for the value, or for each value inside of it.
        self.plan
            .automaton
            .mark_below(state, Mark::Part(rule, Part::Path));
    }
}

/// Whether it matters which of these accepts a value: one has annotations, and another one is there for values
/// besides `null`, which annotations leave alone.
fn arms_differ(root: &Value, branches: &[Value]) -> bool {
    let for_null = |branch: &Value| {
        branch.get("type") == Some(&Value::from("null"))
            || branch.get("const") == Some(&Value::Null)
    };
    let others: Vec<&Value> = branches.iter().filter(|branch| !for_null(branch)).collect();
    others.len() > 1 && others.iter().any(|branch| is_annotated(root, branch))
}

/// Whether a subschema, or anything that it refers to within its document, has an annotation.
fn is_annotated(root: &Value, schema: &Value) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        match schema {
            Value::Object(object) if object.contains_key(KEYWORD) => return true,
            Value::Object(object) => {
                open.extend(object.values());
                if let Some((target, referred)) = reference(root, object)
                    && seen.insert(target)
                {
                    open.push(referred);
                }
            }
            Value::Array(list) => open.extend(list),
            _ => {}
        }
    }
    false
}

fn child(pointer: &str, keyword: &str, name: &str) -> String {
    format!(
        "{pointer}/{keyword}/{}",
        name.replace('~', "~0").replace('/', "~1")
    )
}

/// What an object refers to within its document, with the pointer.
fn reference<'a>(root: &'a Value, object: &'a Map<String, Value>) -> Option<(String, &'a Value)> {
    let target = pointer(object.get("$ref")?.as_str()?)?;
    let schema = root.pointer(&target)?;
    Some((target, schema))
}

/// The effect of a word on the values of a schema.
fn effect(
    root: &Value,
    object: &Map<String, Value>,
    word: &Value,
) -> Result<Effect, (String, String)> {
    let format = format_of(root, object, MOST_REFERENCES);
    let time = format.filter(|format| format.is_time() && *format != TextFormat::Duration);
    match word.as_str() {
        Some("duration") => Ok(Effect::Elapsed(format)),
        Some("timestamp") => Ok(Effect::AnyMoment(time)),
        Some("identity") if time.is_some() => Ok(Effect::AnyMoment(time)),
        Some("identity") => identity(format),
        Some("constant") => Ok(constant(object, format)),
        _ => Err((
            format!("{KEYWORD} is {word}"),
            "write \"duration\", \"timestamp\", \"identity\", \"constant\" or \"keep\"".to_owned(),
        )),
    }
}

/// The form of identities that are valid in a format.
fn identity(format: Option<TextFormat>) -> Result<Effect, (String, String)> {
    let form = match format {
        Some(TextFormat::Uuid) => "00000000-0000-4000-8000-${n:012}",
        Some(TextFormat::Email) => "id-${n}@example.com",
        Some(TextFormat::Uri) => "https://example.com/id-${n}",
        Some(TextFormat::Duration) => return Ok(Effect::Elapsed(format)),
        Some(TextFormat::Ipv4 | TextFormat::Ipv6) => {
            let message = "an address cannot be numbered".to_owned();
            return Err((
                message,
                "annotate it as \"constant\", with one of `examples`".to_owned(),
            ));
        }
        _ => "id-${n}",
    };
    Form::parse(form).map(Effect::Identity)
}

fn constant(object: &Map<String, Value>, format: Option<TextFormat>) -> Effect {
    let listed = ["examples", "enum"]
        .iter()
        .find_map(|keyword| object.get(*keyword)?.as_array()?.first())
        .filter(|value| !value.is_null());
    match (listed, format) {
        (Some(value), _) => Effect::Constant(value.clone()),
        (None, Some(TextFormat::Uuid)) => Effect::Constant(Value::String(
            "00000000-0000-0000-0000-000000000000".to_owned(),
        )),
        (None, Some(TextFormat::Duration)) => Effect::Elapsed(format),
        (None, Some(format)) if format.is_time() => Effect::AnyMoment(Some(format)),
        _ => Effect::Plain,
    }
}

/// The format of the strings at this place, also behind references and alternatives.
fn format_of(root: &Value, object: &Map<String, Value>, references: usize) -> Option<TextFormat> {
    let own = object
        .get("format")
        .and_then(Value::as_str)
        .and_then(TextFormat::named);
    if own.is_some() || references == 0 {
        return own;
    }
    let referred = reference(root, object).map(|(_, schema)| schema);
    let branches = ["allOf", "anyOf", "oneOf"]
        .iter()
        .filter_map(|keyword| object.get(*keyword)?.as_array())
        .flatten();
    referred
        .into_iter()
        .chain(branches)
        .filter_map(Value::as_object)
        .find_map(|schema| format_of(root, schema, references - 1))
}

#[cfg(test)]
mod tests;
