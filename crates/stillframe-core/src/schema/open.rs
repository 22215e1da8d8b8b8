//! Which places of a schema, as it is written, accept properties that it does not name; it closes nothing.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::hoist::references_stand_alone;
use super::shape::{Shape, members, pointer, resolve, shape};
use super::subschemas::{Role, subschemas};

/// The places that declare their properties and accept others, as JSON pointers, sorted.
///
/// A declared `additionalProperties` settles its place, whatever it says, as does one that must hold beside it
/// (`allOf`, `$ref`), or one in each alternative.
pub(super) fn open_places(root: &Value) -> BTreeSet<String> {
    let mut search = Search {
        root,
        references_stand_alone: references_stand_alone(root),
        seen: BTreeSet::new(),
        open: BTreeSet::new(),
    };
    search.visit("", root, Role::Position);
    search.open
}

struct Search<'a> {
    root: &'a Value,
    /// Before 2019-09, nothing counts beside a `$ref`.
    references_stand_alone: bool,
    seen: BTreeSet<(String, bool)>,
    open: BTreeSet<String>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, at: &str, schema: &'a Value, role: Role) {
        let is_position = role == Role::Position;
        let Value::Object(keywords) = schema else {
            return;
        };
        if !self.seen.insert((at.to_owned(), is_position)) {
            return;
        }
        if self.references_stand_alone
            && let Some((target, schema)) = self.referred(keywords)
        {
            // What it is called here counts no more than what else stands here.
            return self.visit(&target, schema, role);
        }
        if is_position
            && shape(self.root, schema) == Shape::Declared
            && !self.is_settled(schema, &mut BTreeSet::new())
        {
            self.open.insert(self.written_at(at, keywords));
        }
        if let Some((target, schema)) = self.referred(keywords) {
            self.visit(&target, schema, Role::Branch);
        }
        for sub in subschemas(keywords) {
            let is_definition = ["/$defs/", "/definitions/"]
                .iter()
                .any(|holder| sub.pointer.starts_with(holder));
            if !is_definition {
                self.visit(&format!("{at}{}", sub.pointer), sub.schema, sub.role);
            }
        }
    }

    /// Where a place is described: what it refers to, if it does nothing else.
    fn written_at(&self, at: &str, keywords: &Map<String, Value>) -> String {
        let mut found = at.to_owned();
        let mut seen = BTreeSet::new();
        let mut next = self.referred(keywords);
        while let Some((target, schema)) = next.take_if(|(target, _)| seen.insert(target.clone())) {
            found = target;
            next = schema.as_object().and_then(|below| self.referred(below));
        }
        found
    }

    fn referred(&self, keywords: &Map<String, Value>) -> Option<(String, &'a Value)> {
        let reference = keywords.get("$ref")?.as_str()?;
        Some((pointer(reference)?, resolve(self.root, reference)?))
    }

    /// Whether something says what other properties may be, for every object that is accepted.
    fn is_settled(&self, schema: &Value, seen: &mut BTreeSet<String>) -> bool {
        let Value::Object(keywords) = schema else {
            return schema == &Value::Bool(false);
        };
        let referred = self.referred(keywords).is_some_and(|(target, referred)| {
            // A circle of references says nothing against it.
            !seen.insert(target) || self.is_settled(referred, seen)
        });
        if self.references_stand_alone && keywords.contains_key("$ref") {
            return referred;
        }
        let says = |keyword| keywords.contains_key(keyword);
        if referred
            || says("additionalProperties")
            || says("unevaluatedProperties")
            || self.names_all(keywords)
        {
            return true;
        }
        if members(keywords, "allOf").any(|member| self.is_settled(member, seen)) {
            return true;
        }
        let in_each = |keyword: &str, seen: &mut BTreeSet<String>| {
            keywords.contains_key(keyword)
                && members(keywords, keyword).all(|member| {
                    shape(self.root, member) != Shape::Declared
                        || self.is_settled(member, &mut seen.clone())
                })
        };
        in_each("anyOf", seen) || in_each("oneOf", seen) || self.both_ways(keywords, seen)
    }

    /// Whether no property can have another name than those that are listed.
    fn names_all(&self, keywords: &Map<String, Value>) -> bool {
        const ANY: [&str; 6] = ["", "^", ".*", "^.*", ".*$", "^.*$"];
        let patterns = keywords.get("patternProperties").and_then(Value::as_object);
        let has_pattern_for_all =
            || patterns.is_some_and(|all| ANY.iter().any(|any| all.contains_key(*any)));
        let lists = |names: &Value| {
            let referred = names
                .as_object()
                .and_then(|keywords| self.referred(keywords));
            let names = referred.map_or(names, |(_, schema)| schema);
            names == &Value::Bool(false)
                || names.get("enum").is_some()
                || names.get("const").is_some()
        };
        has_pattern_for_all()
            || keywords.get("propertyNames").is_some_and(lists)
            || keywords.get("maxProperties") == Some(&Value::from(0))
    }

    fn both_ways(&self, keywords: &Map<String, Value>, seen: &BTreeSet<String>) -> bool {
        ["then", "else"].iter().all(|keyword| {
            keywords
                .get(*keyword)
                .is_some_and(|branch| self.is_settled(branch, &mut seen.clone()))
        })
    }
}
