//! How much a schema becomes when every reference and composition at one place is followed; it refuses what would take for ever.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use thiserror::Error;

use super::bundle::origin;
use super::shape::resolve;
use super::subschemas::escaped;

/// As many schemas as may describe one place, each counted as often as something leads to it.
const MOST_AT_ONE_PLACE: usize = 2048;
/// As many over all places of a schema.
const MOST: usize = 1 << 18;
/// As many references and compositions as may follow one another at one place. A validator calls itself for each of
/// them, at each of the 128 levels of a document.
const DEEPEST: usize = 32;

/// A schema that is small to read and endless to work with.
///
/// A validator follows each reference for each time something leads to it. Twenty definitions that each refer to the
/// next one twice are a million schemas.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Explosion {
    /// Too many at one place.
    #[error(
        "at {}, following every reference and alternative leads to more than {MOST_AT_ONE_PLACE} schemas for one value; refer to each definition once",
        origin(.0)
    )]
    Wide(String),
    /// Too many in a row.
    #[error(
        "at {}, more than {DEEPEST} references and alternatives follow one another for one value; refer to the last one directly",
        origin(.0)
    )]
    Deep(String),
    /// Too many altogether.
    #[error(
        "following every reference and alternative leads to more than {MOST} schemas; split the file, or refer to each definition once"
    )]
    Large,
    /// Too many sets of schemas that describe one place together.
    #[error(
        "at {}, too many combinations of schemas describe one place together (`allOf`, or a `$ref` and what stands beside it) for unknown properties to be refused there; describe it in one schema",
        origin(.0)
    )]
    Together(String),
}

/// What makes a schema endless, if anything does.
pub fn explosion(schema: &Value) -> Option<Explosion> {
    let mut count = Count {
        root: schema,
        names: names(schema),
        within: Vec::new(),
        here: 0,
        all: 0,
    };
    count.places(&mut String::new(), schema).err()
}

struct Count<'a> {
    root: &'a Value,
    names: BTreeMap<String, &'a Value>,
    /// The schemas being followed at one place, outermost first.
    within: Vec<&'a Value>,
    here: usize,
    all: usize,
}

impl<'a> Count<'a> {
    /// Every schema of the file, wherever it stands; what only looks like one does no harm.
    fn places(&mut self, pointer: &mut String, value: &'a Value) -> Result<(), Explosion> {
        let length = pointer.len();
        match value {
            Value::Object(keywords) => {
                self.here = 0;
                self.follow(pointer, value)?;
                for (keyword, inner) in keywords {
                    pointer.push('/');
                    pointer.push_str(&escaped(keyword));
                    self.places(pointer, inner)?;
                    pointer.truncate(length);
                }
            }
            Value::Array(list) => {
                for (index, inner) in list.iter().enumerate() {
                    pointer.push_str(&format!("/{index}"));
                    self.places(pointer, inner)?;
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn follow(&mut self, pointer: &str, schema: &'a Value) -> Result<(), Explosion> {
        let Value::Object(keywords) = schema else {
            return Ok(());
        };
        if self.within.iter().any(|outer| std::ptr::eq(*outer, schema)) {
            return Ok(());
        }
        self.here += 1;
        self.all += 1;
        if self.here > MOST_AT_ONE_PLACE {
            return Err(Explosion::Wide(pointer.to_owned()));
        }
        if self.all > MOST {
            return Err(Explosion::Large);
        }
        if self.within.len() >= DEEPEST {
            return Err(Explosion::Deep(pointer.to_owned()));
        }
        self.within.push(schema);
        for next in self.beside(keywords) {
            self.follow(pointer, next)?;
        }
        self.within.pop();
        Ok(())
    }

    /// The schemas that describe, or decide about, the same value.
    fn beside(&self, keywords: &'a Map<String, Value>) -> Vec<&'a Value> {
        let references = ["$ref", "$dynamicRef", "$recursiveRef"]
            .iter()
            .filter_map(|keyword| keywords.get(*keyword)?.as_str())
            .filter_map(|reference| self.target(reference));
        let lists = ["allOf", "anyOf", "oneOf"]
            .iter()
            .filter_map(|keyword| keywords.get(*keyword)?.as_array())
            .flatten();
        let single = ["if", "then", "else", "not"]
            .iter()
            .filter_map(|keyword| keywords.get(*keyword));
        let dependent = ["dependentSchemas", "dependencies"]
            .iter()
            .filter_map(|keyword| keywords.get(*keyword)?.as_object())
            .flat_map(Map::values);
        references
            .chain(lists)
            .chain(single)
            .chain(dependent)
            .collect()
    }

    fn target(&self, reference: &str) -> Option<&'a Value> {
        resolve(self.root, reference).or_else(|| self.names.get(reference).copied())
    }
}

/// Schemas by the references that name them without a path.
fn names(root: &Value) -> BTreeMap<String, &Value> {
    let mut names = BTreeMap::new();
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(keywords) => {
                for (keyword, name) in keywords {
                    let Value::String(name) = name else { continue };
                    match keyword.as_str() {
                        "$anchor" | "$dynamicAnchor" => {
                            names.insert(format!("#{name}"), value);
                        }
                        "$id" => {
                            names.insert(name.clone(), value);
                        }
                        _ => {}
                    }
                }
                open.extend(keywords.values());
            }
            Value::Array(list) => open.extend(list),
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// `levels` definitions, each of which leads to the next by `link`.
    fn chain(levels: usize, link: impl Fn(&str) -> Value) -> Value {
        let mut definitions = Map::new();
        for level in 0..levels {
            let next = format!("#/$defs/d{}", level + 1);
            definitions.insert(format!("d{level}"), link(&next));
        }
        definitions.insert(format!("d{levels}"), json!({"type": "object"}));
        json!({"$ref": "#/$defs/d0", "$defs": definitions})
    }

    #[test]
    fn what_doubles_at_every_level_is_refused() {
        for keyword in ["allOf", "anyOf", "oneOf"] {
            let twice = |next: &str| json!({keyword: [{"$ref": next}, {"$ref": next}]});
            assert_eq!(explosion(&chain(5, twice)), None, "{keyword}");
            let found = explosion(&chain(12, twice));
            assert!(matches!(found, Some(Explosion::Wide(_))), "{found:?}");
        }
        let both = |next: &str| json!({"if": {"$ref": next}, "then": {"$ref": next}});
        assert!(explosion(&chain(12, both)).is_some());
        let named = |next: &str| json!({"$anchor": next.rsplit('/').next().unwrap().replace('d', "before"), "not": {"$ref": next}, "$ref": next});
        assert!(explosion(&chain(12, named)).is_some());
    }

    #[test]
    fn a_graph_in_which_everything_leads_to_everything_is_refused() {
        let all: Vec<Value> = (0..12)
            .map(|n| json!({"$ref": format!("#/$defs/d{n}")}))
            .collect();
        let definitions: Map<String, Value> = (0..12)
            .map(|n| (format!("d{n}"), json!({"anyOf": all})))
            .collect();
        assert!(explosion(&json!({"$ref": "#/$defs/d0", "$defs": definitions})).is_some());
    }

    #[test]
    fn an_endless_row_of_references_is_refused() {
        let found = explosion(&chain(10_000, |next| json!({"$ref": next})));
        assert!(matches!(found, Some(Explosion::Deep(_))), "{found:?}");
    }

    #[test]
    fn what_leads_through_the_places_of_a_document_may_be_of_any_length() {
        let through =
            |next: &str| json!({"properties": {"a": {"$ref": next}, "b": {"$ref": next}}});
        assert_eq!(explosion(&chain(2000, through)), None);
    }

    #[test]
    fn a_schema_that_contains_itself_is_as_large_as_it_looks() {
        let tree = json!({"properties": {"left": {"$ref": "#"}}, "allOf": [{"$ref": "#"}]});
        assert_eq!(explosion(&tree), None);
    }
}
