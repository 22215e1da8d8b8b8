//! Holds two normalised documents side by side and names each place at which they differ; it knows nothing of rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use super::pieces::{Class, Piece, pieces};
use super::renamed::{Renamed, step_to};
use crate::diff::{Path, Segment, both_shortened};
use crate::json::Node;

/// How far apart the runs are that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apart {
    /// A second or more, in other folders.
    Runs,
    /// A day or more.
    Days,
}

impl Apart {
    pub(super) fn words(self) -> &'static str {
        match self {
            Apart::Runs => "run to run",
            Apart::Days => "day to day",
        }
    }
}

/// A place, as a pattern in which elements have no index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The pattern, as `$.runs[*].id`.
    pub pattern: String,
    /// The pattern of what it is a member or an element of, as `$.runs[*]`; empty for the whole document.
    pub of: String,
    /// The name of the member, where the value is one.
    pub key: Option<String>,
}

impl Place {
    /// The place that a path without indices leads to.
    pub(super) fn at(path: &Path, key: Option<&str>) -> Self {
        let of = path.parent();
        Self {
            pattern: path.to_string(),
            of: of.map_or_else(String::new, |of| of.to_string()),
            key: key.map(str::to_owned),
        }
    }
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
    /// Names of members; all pairs of them.
    Names(Vec<(String, String)>),
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
    variations_knowing(&Renamed::default(), first, second)
}

/// As [`variations`], where the members of some objects are known to have other names in each run: their places are the
/// same whether or not a rule has made the names equal.
#[must_use]
pub fn variations_knowing(known: &Renamed, first: Node<'_>, second: Node<'_>) -> Vec<Variation> {
    let mut walk = Walk {
        known: known.clone(),
        ..Walk::default()
    };
    walk.values(first, second);
    walk.found.into_values().collect()
}

/// The objects whose members have other names in each of two runs.
#[must_use]
pub fn renamed_objects(first: Node<'_>, second: Node<'_>) -> Renamed {
    let mut walk = Walk::default();
    walk.values(first, second);
    walk.renamed
}

#[derive(Default)]
struct Walk {
    path: Path,
    keys: Vec<Option<String>>,
    found: BTreeMap<Place, Variation>,
    /// Objects whose members are known to have other names in each run.
    known: Renamed,
    /// Objects whose members turned out to have other names.
    renamed: Renamed,
}

impl Walk {
    fn values(&mut self, first: Node<'_>, second: Node<'_>) {
        match (first.value, second.value) {
            (Value::Object(one), Value::Object(two)) => {
                if let Some(renamed) = renamed(first, one, second, two) {
                    for (name, other) in &renamed {
                        let (value, other) = (first.with(&one[name]), second.with(&two[other]));
                        self.inside(Segment::Any, value, other);
                    }
                    self.renamed.note(&self.path, one, two);
                    self.report(first, second, Cause::Names(renamed));
                } else if one.len() != two.len() || one.keys().any(|name| !two.contains_key(name)) {
                    self.report(first, second, Cause::Structure(OTHER_MEMBERS));
                }
                let fixed = self.known.fixed_names(&self.path).cloned();
                for (name, value) in one {
                    if let Some(other) = two.get(name) {
                        let step = step_to(name, fixed.as_ref());
                        self.inside(step, first.with(value), second.with(other));
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
        let (one, two): (Vec<&Value>, Vec<&Value>) = (one.iter().collect(), two.iter().collect());
        let other_order = realigned(first, &one, second, &two);
        if other_order.is_some() {
            self.report(first, second, Cause::Order);
        }
        let pairs = other_order.unwrap_or_else(|| (0..one.len()).map(|at| (at, at)).collect());
        for (at, other) in pairs {
            self.inside(Segment::Any, first.with(one[at]), second.with(two[other]));
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
        let place = Place::at(&self.path, self.keys.last().and_then(Option::as_deref));
        let (one, two) = match &cause {
            Cause::Names(pairs) => pairs[0].clone(),
            _ => both_shortened(first, second),
        };
        let variation = Variation {
            place: place.clone(),
            first: one,
            second: two,
            cause,
        };
        let Some(known) = self.found.get_mut(&place) else {
            self.found.insert(place, variation);
            return;
        };
        match (&mut known.cause, variation.cause) {
            (Cause::Texts(pairs), Cause::Texts(more))
            | (Cause::Numbers(pairs), Cause::Numbers(more))
            | (Cause::Names(pairs), Cause::Names(more)) => {
                pairs.extend(more);
            }
            (Cause::Order, Cause::Order) | (Cause::Structure(_), _) => {}
            _ => known.cause = Cause::Structure("what varies there is of several kinds"),
        }
    }
}

/// Why no rule is offered for names.
pub const OTHER_MEMBERS: &str = "the two have other members";

/// Pairs the names that only one of two objects has, where they differ only in what programs make anew in each run: those
/// of members that hold the same, apart from what varies.
pub(super) fn renamed(
    first: Node<'_>,
    one: &Map<String, Value>,
    second: Node<'_>,
    two: &Map<String, Value>,
) -> Option<Vec<(String, String)>> {
    let only = |one: &Map<String, Value>, two: &Map<String, Value>| {
        let only = one.keys().filter(|name| !two.contains_key(*name));
        only.cloned().collect::<Vec<String>>()
    };
    let (mine, others) = (only(one, two), only(two, one));
    if !are_alike(&mine, &others) {
        return None;
    }
    let values: Vec<&Value> = mine.iter().map(|name| &one[name]).collect();
    let other_values: Vec<&Value> = others.iter().map(|name| &two[name]).collect();
    let pairs = realigned(first, &values, second, &other_values)
        .unwrap_or_else(|| (0..mine.len()).map(|at| (at, at)).collect());
    let named = pairs
        .into_iter()
        .map(|(at, other)| (mine[at].clone(), others[other].clone()));
    Some(named.collect())
}

/// Whether there are names, as many on either side, and each has the form of its counterpart.
fn are_alike(one: &[String], two: &[String]) -> bool {
    let alike = |(first, second): (&String, &String)| {
        let (first, second) = (pieces(first), pieces(second));
        first.len() == second.len()
            && first.iter().zip(&second).all(|(a, b)| {
                let made_anew = a.class != Class::Other && a.class == b.class;
                made_anew || a == b
            })
    };
    one.len() == two.len() && !one.is_empty() && one.iter().zip(two).all(alike)
}

/// Pairs the elements of two arrays, by their indices, that hold the same in another order, apart from members and parts of texts that vary.
///
/// What an element is known by are its members whose values are the same ones in both arrays; of a text, the words
/// between ids, times and numbers.
fn realigned(
    first: Node<'_>,
    one: &[&Value],
    second: Node<'_>,
    two: &[&Value],
) -> Option<Vec<(usize, usize)>> {
    let known_by = |names: &[&String], around: Node<'_>, value: &Value| -> Vec<String> {
        match value {
            Value::Object(members) => names
                .iter()
                .map(|name| {
                    let member = members.get(*name);
                    member.map_or(String::new(), |member| around.with(member).text(usize::MAX))
                })
                .collect(),
            Value::String(text) => vec![words_of(text)],
            other => vec![around.with(other).text(usize::MAX)],
        }
    };
    let all: BTreeSet<&String> = one
        .iter()
        .chain(two)
        .filter_map(|value| value.as_object())
        .flat_map(|members| members.keys())
        .collect();
    let sorted = |names: &[&String], around: Node<'_>, list: &[&Value]| {
        let mut known: Vec<(Vec<String>, usize)> = list
            .iter()
            .enumerate()
            .map(|(at, value)| (known_by(names, around, value), at))
            .collect();
        known.sort_by(|a, b| a.0.cmp(&b.0));
        known
    };
    let same = |names: &[&String]| {
        let (one, two) = (sorted(names, first, one), sorted(names, second, two));
        one.iter()
            .map(|known| &known.0)
            .eq(two.iter().map(|known| &known.0))
    };
    let stable: Vec<&String> = all.into_iter().filter(|name| same(&[name])).collect();
    let order = |around: Node<'_>, list: &[&Value]| -> Vec<Vec<String>> {
        list.iter()
            .map(|value| known_by(&stable, around, value))
            .collect()
    };
    if !same(&stable) || order(first, one) == order(second, two) {
        return None;
    }
    let (one, two) = (sorted(&stable, first, one), sorted(&stable, second, two));
    Some(
        one.into_iter()
            .map(|known| known.1)
            .zip(two.into_iter().map(|known| known.1))
            .collect(),
    )
}

/// A text without what programs make anew in each run.
fn words_of(text: &str) -> String {
    let word = |piece: Piece<'_>| match piece.class {
        Class::Other => piece.text.to_owned(),
        class => format!("\0{class:?}\0"),
    };
    pieces(text).into_iter().map(word).collect()
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
                Cause::Names(pairs) => format!("names {}", pairs.len()),
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
    fn what_differs_is_seen_however_long_the_text_before_it_is() {
        let text = |end: &str| Document::from(json!([format!("{}{end}", "long ".repeat(40))]));
        let (first, second) = (text("17"), text("19"));
        let found = variations(first.node(), second.node());
        assert_eq!(found[0].first, "…\"ong long 17\"");
        assert_eq!(found[0].second, "…\"ong long 19\"");
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
    fn members_by_other_names_are_known_by_what_stays_the_same() {
        let id = |last: u8| format!("0193a2b1-7c3d-7e4f-8a5b-6c7d8e9f0a{last:02}");
        let member = |kind: &str, took: u8| json!({"kind": kind, "took": took});
        let first = json!({id(1): member("a", 1), id(2): member("b", 2)});
        let second = json!({id(4): member("a", 3), id(3): member("b", 4)});
        assert_eq!(found(first, second), ["$ names 2", "$[*].took numbers 2"]);
    }

    #[test]
    fn a_place_in_a_map_by_ids_is_the_same_whether_or_not_the_ids_are() {
        let id = |last: u8| format!("0193a2b1-7c3d-7e4f-8a5b-6c7d8e9f0a{last:02}");
        let run = |id: String, took: u8| {
            Document::from(json!({"runs": {id: {"took": took}, "total": {"took": took}}}))
        };
        let (first, second) = (run(id(1), 1), run(id(2), 2));
        let known = renamed_objects(first.node(), second.node());
        let evened_out = run(id(1), 2);
        let found = variations_knowing(&known, first.node(), evened_out.node());
        let places: Vec<String> = found.iter().map(|one| one.place.to_string()).collect();
        assert_eq!(places, ["$.runs.total.took", "$.runs[*].took"]);
    }

    #[test]
    fn elements_in_another_order_are_known_by_what_stays_the_same() {
        assert_eq!(
            found(
                json!([{"f": "a", "l": 1, "took": 0.1}, {"f": "b", "l": 1, "took": 0.2}, {"f": "c", "l": 2, "took": 0.3}]),
                json!([{"f": "c", "l": 2, "took": 0.4}, {"f": "a", "l": 1, "took": 0.5}, {"f": "b", "l": 1, "took": 0.6}]),
            ),
            ["$ order", "$[*].took numbers 3"]
        );
        assert_eq!(
            found(
                json!(["a took 12 ms", "b took 3 ms"]),
                json!(["b took 5 ms", "a took 11 ms"])
            ),
            ["$ order", "$[*] texts 2"]
        );
    }

    #[test]
    fn what_no_rule_can_even_out_says_why() {
        assert_eq!(
            found(
                json!({"a": [1], "b": {"x": 1, "z": 2}, "c": true, "d": null, "e": [1, "x"]}),
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
