//! Holds two normalised documents side by side and names each place at which they differ; it knows nothing of rules.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::diff::{Path, Segment, shortened};
use crate::json::Node;

/// A place, as a pattern in which elements have no index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The pattern, as `$.runs[*].id`.
    pub pattern: String,
    /// The name of the member, where the value is one.
    pub key: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pattern)
    }
}

/// What differs at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Two strings; all pairs of them that were met.
    Texts(Vec<(String, String)>),
    /// Two numbers as printed; all pairs of them.
    Numbers(Vec<(String, String)>),
    /// The same elements in another order.
    Order,
    /// Anything that no rule can even out, in words.
    Structure(&'static str),
}

/// One place at which two runs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variation {
    /// Where.
    pub place: Place,
    /// What the first run has there, cut to a readable length.
    pub first: String,
    /// What the second run has there.
    pub second: String,
    /// What differs.
    pub cause: Cause,
}

/// The places at which two documents differ, sorted.
#[must_use]
pub fn variations(first: Node<'_>, second: Node<'_>) -> Vec<Variation> {
    let mut walk = Walk::default();
    walk.values(first, second);
    walk.found.into_values().collect()
}

#[derive(Default)]
struct Walk {
    path: Path,
    keys: Vec<Option<String>>,
    found: BTreeMap<Place, Variation>,
}

impl Walk {
    fn values(&mut self, first: Node<'_>, second: Node<'_>) {
        match (first.value, second.value) {
            (Value::Object(one), Value::Object(two)) => {
                let same_names =
                    one.len() == two.len() && one.keys().all(|name| two.contains_key(name));
                if !same_names {
                    self.report(
                        first,
                        second,
                        Cause::Structure("the two have other members"),
                    );
                }
                for (name, value) in one {
                    if let Some(other) = two.get(name) {
                        self.inside(
                            Segment::Key(name.clone()),
                            first.with(value),
                            second.with(other),
                        );
                    }
                }
            }
            (Value::Array(one), Value::Array(two)) => self.elements(first, one, second, two),
            _ => self.scalars(first, second),
        }
    }

    fn elements(&mut self, first: Node<'_>, one: &[Value], second: Node<'_>, two: &[Value]) {
        if one.len() != two.len() {
            let words = "the two have another number of elements";
            return self.report(first, second, Cause::Structure(words));
        }
        let texts = |around: Node<'_>, list: &[Value]| -> Vec<String> {
            list.iter()
                .map(|item| around.with(item).text(usize::MAX))
                .collect()
        };
        let (before, after) = (texts(first, one), texts(second, two));
        let sorted = |texts: &[String]| {
            let mut texts = texts.to_vec();
            texts.sort();
            texts
        };
        if before != after && sorted(&before) == sorted(&after) {
            return self.report(first, second, Cause::Order);
        }
        for (value, other) in one.iter().zip(two) {
            self.inside(Segment::Any, first.with(value), second.with(other));
        }
    }

    fn inside(&mut self, segment: Segment, first: Node<'_>, second: Node<'_>) {
        self.keys.push(match &segment {
            Segment::Key(name) => Some(name.clone()),
            Segment::Index(_) | Segment::Any => None,
        });
        self.path.push(segment);
        self.values(first, second);
        self.path.pop();
        self.keys.pop();
    }

    fn scalars(&mut self, first: Node<'_>, second: Node<'_>) {
        let (one, two) = (first.text(usize::MAX), second.text(usize::MAX));
        if one == two {
            return;
        }
        let cause = match (first.value, second.value) {
            (Value::String(one), Value::String(two)) => {
                Cause::Texts(vec![(one.clone(), two.clone())])
            }
            (Value::Number(_), Value::Number(_)) => Cause::Numbers(vec![(one, two)]),
            (Value::Bool(_), Value::Bool(_)) => {
                Cause::Structure("a truth value has no placeholder")
            }
            _ => Cause::Structure("the two are of different types"),
        };
        self.report(first, second, cause);
    }

    /// Several values of one pattern are one variation with all their pairs; what no rule covers wins over the rest.
    fn report(&mut self, first: Node<'_>, second: Node<'_>, cause: Cause) {
        let place = Place {
            pattern: self.path.to_string(),
            key: self.keys.last().cloned().flatten(),
        };
        let variation = Variation {
            place: place.clone(),
            first: shortened(first),
            second: shortened(second),
            cause,
        };
        let Some(known) = self.found.get_mut(&place) else {
            self.found.insert(place, variation);
            return;
        };
        match (&mut known.cause, variation.cause) {
            (Cause::Texts(pairs), Cause::Texts(more))
            | (Cause::Numbers(pairs), Cause::Numbers(more)) => {
                pairs.extend(more);
            }
            (Cause::Order, Cause::Order) | (Cause::Structure(_), _) => {}
            _ => known.cause = Cause::Structure("what varies there is of several kinds"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;
    use serde_json::json;

    fn found(first: Value, second: Value) -> Vec<String> {
        let (first, second) = (Document::from(first), Document::from(second));
        let line = |variation: &Variation| {
            let word = match &variation.cause {
                Cause::Texts(pairs) => format!("texts {}", pairs.len()),
                Cause::Numbers(pairs) => format!("numbers {}", pairs.len()),
                Cause::Order => "order".to_owned(),
                Cause::Structure(words) => (*words).to_owned(),
            };
            format!("{} {word}", variation.place)
        };
        variations(first.node(), second.node())
            .iter()
            .map(line)
            .collect()
    }

    #[test]
    fn each_place_is_named_once_with_all_its_pairs() {
        assert_eq!(
            found(
                json!({"a": [{"id": "x", "n": 1}, {"id": "y", "n": 2}], "s": [1, 2]}),
                json!({"a": [{"id": "z", "n": 1}, {"id": "w", "n": 3}], "s": [2, 1]}),
            ),
            ["$.a[*].id texts 2", "$.a[*].n numbers 1", "$.s order"]
        );
    }

    #[test]
    fn what_no_rule_can_even_out_says_why() {
        assert_eq!(
            found(
                json!({"a": [1], "b": {"x": 1}, "c": true, "d": null, "e": [1, "x"]}),
                json!({"a": [1, 2], "b": {"y": 1}, "c": false, "d": 1, "e": [2, "y"]}),
            ),
            [
                "$.a the two have another number of elements",
                "$.b the two have other members",
                "$.c a truth value has no placeholder",
                "$.d the two are of different types",
                "$.e[*] what varies there is of several kinds",
            ]
        );
    }
}
