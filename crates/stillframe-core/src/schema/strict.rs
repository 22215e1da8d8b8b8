//! The strict view of a schema: the same schema with every place closed; what it never closes is a declared payload.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::bundle::origin;
use super::exact::FOREIGN;
use super::expansion::Explosion;
use super::open::open_places;
use super::overlap::{Overlap, overlap};
use super::shape::{Shape, members, pointer, resolve, shape};
use super::subschemas::{Role, subschemas};
use super::together::Together;

/// As many open places as are named.
const MOST_PLACES: usize = 3;

/// A schema in the strict view.
#[derive(Clone, Debug, PartialEq)]
pub struct Strict {
    /// The schema to validate with.
    pub value: Value,
    /// Whether unknown properties are refused.
    pub openness: Openness,
}

/// Whether a schema refuses the properties it does not name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Openness {
    /// Every place that declares its properties refuses any other.
    Closed,
    /// Validated as it stands, for this reason.
    Open(String),
}

/// Closes every place `schema` describes: the root, each property and each item gets
/// `unevaluatedProperties: false` around whatever it references or composes.
///
/// A composition branch is never closed, because its neighbours name properties of the same
/// place; the place around it is. A declared `additionalProperties` or `unevaluatedProperties`
/// stands as written, and a place whose schema says nothing about objects is a payload and stays
/// open. Where two schemas describe one place together (both in an `allOf`, or a `$ref` and its
/// sibling), neither is closed by itself: the place is, around both.
///
/// A schema of a draft before 2019-09 has no keyword to close it with and is returned unchanged; so is one whose
/// references lead to files of another draft. Whether it is open is then for what it says itself to decide.
///
/// # Errors
/// Where what describes a place together would have to be told apart in too many ways.
pub fn strict(schema: &Value) -> Result<Strict, Explosion> {
    if let Some(cause) = uncloseable(schema) {
        return Ok(Strict {
            value: schema.clone(),
            openness: as_written(schema, cause),
        });
    }
    let overlap = overlap(schema)?;
    let view = View {
        root: schema,
        overlap: &overlap,
        copies: copied_targets(schema),
        together: RefCell::new(Together::new(schema, &overlap.shared)),
    };
    Ok(Strict {
        value: view.document()?,
        openness: Openness::Closed,
    })
}

/// Why no keyword can be added to a schema.
fn uncloseable(schema: &Value) -> Option<&'static str> {
    if schema.get(FOREIGN).is_some() {
        return Some("files of several drafts cannot be closed together");
    }
    let dialect = schema.get("$schema")?.as_str()?;
    [
        ("draft-03", "draft-03 has no `unevaluatedProperties`"),
        ("draft-04", "draft-04 has no `unevaluatedProperties`"),
        ("draft-06", "draft-06 has no `unevaluatedProperties`"),
        ("draft-07", "draft-07 has no `unevaluatedProperties`"),
    ]
    .into_iter()
    .find_map(|(draft, cause)| dialect.contains(draft).then_some(cause))
}

fn as_written(schema: &Value, cause: &str) -> Openness {
    let open = open_places(schema);
    let shown: Vec<String> = open
        .iter()
        .take(MOST_PLACES)
        .map(|pointer| origin(pointer))
        .collect();
    let more = match open.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more places"),
    };
    match shown.is_empty() {
        true => Openness::Closed,
        false => Openness::Open(format!(
            "{cause}, and unknown properties are accepted at {}{more}",
            shown.join(", ")
        )),
    }
}

struct View<'a> {
    root: &'a Value,
    /// What stays open in place, because another schema describes it too.
    overlap: &'a Overlap,
    /// Closes those places around all that describe them.
    together: RefCell<Together<'a>>,
    /// References to places rather than to definitions, and the definition that stands in.
    copies: BTreeMap<String, String>,
}

impl View<'_> {
    fn document(self) -> Result<Value, Explosion> {
        let mut document = self.rewritten("", self.root, Role::Position);
        let copies = self.copies.iter().filter_map(|(reference, name)| {
            let mut copy = self.rewritten(
                &pointer(reference)?,
                resolve(self.root, reference)?,
                Role::Branch,
            );
            if let Value::Object(keywords) = &mut copy {
                for identity in ["$schema", "$id", "$anchor", "$dynamicAnchor", "$defs"] {
                    keywords.remove(identity);
                }
            }
            Some((name.clone(), copy))
        });
        let mut copies: Map<String, Value> = copies.collect();
        copies.extend(self.together.into_inner().definitions()?);
        if !copies.is_empty()
            && let Value::Object(keywords) = &mut document
        {
            let definitions = keywords
                .entry("$defs")
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(definitions) = definitions {
                definitions.extend(copies);
            }
        }
        Ok(document)
    }

    fn rewritten(&self, pointer: &str, schema: &Value, role: Role) -> Value {
        let Value::Object(keywords) = schema else {
            return schema.clone();
        };
        let mut rewritten = schema.clone();
        for sub in subschemas(keywords) {
            if let Some(slot) = rewritten.pointer_mut(&sub.pointer) {
                *slot = self.rewritten(&format!("{pointer}{}", sub.pointer), sub.schema, sub.role);
            }
        }
        if let Value::Object(out) = &mut rewritten {
            self.redirect(out);
            self.open_alternatives(keywords, out);
            if role == Role::Position
                && !self.overlap.open.contains(pointer)
                && self.closable(schema)
            {
                out.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
            }
            if role == Role::Position && !self.overlap.shared.contains(pointer) {
                self.close_below(pointer, out);
            }
        }
        rewritten
    }

    fn closable(&self, schema: &Value) -> bool {
        let declared = |keyword| {
            schema
                .get(keyword)
                .is_some_and(|value| value != &Value::Bool(false))
        };
        !declared("unevaluatedProperties")
            && !declared("additionalProperties")
            && shape(self.root, schema) == Shape::Declared
    }

    /// What lies below and was left open is closed from here, where all its describers are known.
    fn close_below(&self, pointer: &str, out: &mut Map<String, Value>) {
        let describers = BTreeSet::from([pointer.to_owned()]);
        if let Some(closing) = self.together.borrow_mut().below(&describers) {
            let all_of = out
                .entry("allOf")
                .or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(members) = all_of {
                members.push(closing);
            }
        }
    }

    /// A reference to a place leads to its open copy: the place itself is closed here.
    fn redirect(&self, keywords: &mut Map<String, Value>) {
        if let Some(Value::String(reference)) = keywords.get_mut("$ref")
            && let Some(name) = self.copies.get(reference)
        {
            *reference = format!("#/$defs/{name}");
        }
    }

    /// An alternative that accepts any object is a payload, and says so to the place around it.
    fn open_alternatives(&self, keywords: &Map<String, Value>, out: &mut Map<String, Value>) {
        for keyword in ["anyOf", "oneOf"] {
            let shapes: Vec<Shape> = members(keywords, keyword)
                .map(|alternative| shape(self.root, alternative))
                .collect();
            if !shapes.contains(&Shape::Declared) || self.declared_beside(keywords, keyword) {
                continue;
            }
            let Some(Value::Array(alternatives)) = out.get_mut(keyword) else {
                continue;
            };
            for (alternative, shape) in alternatives.iter_mut().zip(shapes) {
                if shape == Shape::Free {
                    opened(alternative);
                }
            }
        }
    }

    fn declared_beside(&self, keywords: &Map<String, Value>, keyword: &str) -> bool {
        let mut beside = keywords.clone();
        beside.remove(keyword);
        shape(self.root, &Value::Object(beside)) == Shape::Declared
    }
}

fn opened(alternative: &mut Value) {
    if !alternative.is_object() {
        *alternative = Value::Object(Map::new());
    }
    if let Value::Object(keywords) = alternative {
        keywords.insert("additionalProperties".to_owned(), Value::Bool(true));
    }
}

/// Every local reference to something that is not a definition, with a fresh definition name.
fn copied_targets(root: &Value) -> BTreeMap<String, String> {
    let mut references = BTreeSet::new();
    collect_references(root, &mut references);
    references
        .into_iter()
        .filter(|reference| !names_definition(reference) && resolve(root, reference).is_some())
        .enumerate()
        .map(|(index, reference)| (reference, format!("stillframe-open-{index}")))
        .collect()
}

fn names_definition(reference: &str) -> bool {
    ["#/$defs/", "#/definitions/"].iter().any(|prefix| {
        reference
            .strip_prefix(prefix)
            .is_some_and(|name| !name.contains('/'))
    })
}

fn collect_references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(keywords) => {
            if let Some(Value::String(reference)) = keywords.get("$ref") {
                found.insert(reference.clone());
            }
            keywords
                .values()
                .for_each(|inner| collect_references(inner, found));
        }
        Value::Array(list) => list
            .iter()
            .for_each(|inner| collect_references(inner, found)),
        _ => {}
    }
}
