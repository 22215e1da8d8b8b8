//! Where rules applied, as patterns of locations that do not depend on the values; each is kept once, and nothing of the values is.

mod compact;
mod steps;

use crate::json::shapes::{LISTED, ShapeId};
use crate::location;
use indexmap::IndexSet;
use std::collections::{BTreeMap, BTreeSet};
use steps::{Id, Quick, Steps};

pub use steps::Step;

/// A way to tell quickly that a place was noted: the names on the way to it, how deep it lies, and whether its name is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Spot {
    /// The shape of the object around it.
    pub shape: ShapeId,
    /// How many arrays and objects are around it.
    pub depth: usize,
    /// Whether the name of the member is meant.
    pub name: bool,
}

/// The places where rules applied.
#[derive(Debug, Default)]
pub struct Masks {
    /// Whether nobody asks for them.
    unwanted: bool,
    /// What was noted already, by shape.
    seen: Vec<Vec<(usize, Spot)>>,
    steps: Steps,
    /// Each pattern by the numbers of its steps, after the rule.
    found: IndexSet<Box<[Id]>, Quick>,
    /// The pattern that is being added.
    pattern: Vec<Id>,
}

impl Masks {
    /// Places that nobody asks for, so that none is new.
    pub fn unwanted() -> Self {
        Self {
            unwanted: true,
            ..Self::default()
        }
    }

    /// Whether a rule did not apply yet at such a spot, as far as that can be told.
    #[inline]
    pub fn is_new(&mut self, rule: usize, spot: Spot) -> bool {
        let seen = self.seen.get(spot.shape as usize);
        // Most places have one rule.
        if seen.and_then(|seen| seen.first()) == Some(&(rule, spot)) {
            return false;
        }
        !self.unwanted && (spot.shape == LISTED || self.is_unseen(rule, spot))
    }

    fn is_unseen(&mut self, rule: usize, spot: Spot) -> bool {
        let shape = spot.shape as usize;
        if self.seen.len() <= shape {
            self.seen.resize(shape + 1, Vec::new());
        }
        let new = !self.seen[shape].contains(&(rule, spot));
        if new {
            self.seen[shape].push((rule, spot));
        }
        new
    }

    /// Notes the places at which a rule applied. In a document that uses names as data, this happens for every value.
    pub fn add<'n>(&mut self, rule: usize, pattern: impl IntoIterator<Item = Step<'n>>) {
        let Self { steps, .. } = self;
        self.pattern.clear();
        self.pattern.push(rule as Id);
        self.pattern
            .extend(pattern.into_iter().map(|step| steps.number(step)));
        if !self.found.contains(&self.pattern[..]) {
            self.found.insert(self.pattern[..].into());
        }
    }

    /// The patterns of each rule, as text.
    pub fn finish(self) -> BTreeMap<usize, Vec<String>> {
        let mut rules: BTreeMap<usize, Vec<Box<[Id]>>> = BTreeMap::new();
        for pattern in self.found {
            let rule = pattern[0] as usize;
            rules.entry(rule).or_default().push(pattern);
        }
        let steps = &self.steps;
        let read = |pattern: &[Id]| pattern[1..].iter().map(|&id| steps.get(id)).collect();
        let text = |patterns| {
            let patterns = compact::compacted(steps, patterns);
            let sorted: BTreeSet<Vec<Step<'_>>> = patterns.iter().map(|ids| read(ids)).collect();
            sorted.iter().map(|steps| shown(steps)).collect()
        };
        rules
            .into_iter()
            .map(|(rule, patterns)| (rule, text(patterns)))
            .collect()
    }
}

fn shown(steps: &[Step<'_>]) -> String {
    let mut text = String::from("$");
    for step in steps {
        match step {
            Step::Element => text.push_str("[*]"),
            Step::Member => text.push_str(".*"),
            Step::Named(name) => location::push_name(&mut text, &String::from_utf8_lossy(name)),
            Step::Name => text.push('~'),
            Step::Slice(slice) => text.push_str(&slice.to_string()),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step<'n>(name: &&'n str) -> Step<'n> {
        match *name {
            "[]" => Step::Element,
            name => Step::Named(name.as_bytes()),
        }
    }

    fn finished(patterns: &[&[&str]]) -> Vec<String> {
        let mut masks = Masks::default();
        for pattern in patterns {
            masks.add(7, pattern.iter().map(step));
        }
        masks.finish().remove(&7).unwrap_or_default()
    }

    #[test]
    fn patterns_are_sorted_and_stand_once() {
        let found = finished(&[&["b", "[]", "x"], &["a b"], &["b", "[]", "x"]]);
        assert_eq!(found, ["$['a b']", "$.b[*].x"]);
    }

    #[test]
    fn names_that_are_data_are_not_listed() {
        let names: Vec<String> = (0..20).map(|at| format!("id{at}")).collect();
        let paths: Vec<[&str; 3]> = names
            .iter()
            .map(|name| ["users", name, "took_ms"])
            .collect();
        let paths: Vec<&[&str]> = paths.iter().map(|path| &path[..]).collect();
        assert_eq!(finished(&paths), ["$.users.*.took_ms"]);
        assert_eq!(finished(&paths[..2]).len(), 2);
    }

    #[test]
    fn names_are_data_only_where_what_is_below_them_is_the_same() {
        let names: Vec<String> = (0..20).map(|at| format!("id{at}")).collect();
        let path = |name: &'_ String| vec!["users".to_owned(), name.clone(), "took_ms".to_owned()];
        let mut paths: Vec<Vec<String>> = names.iter().map(path).collect();
        paths.push(vec!["users".into(), "id3".into(), "at".into()]);
        paths.push(vec!["users".into(), "took_ms".into()]);
        let paths: Vec<Vec<&str>> = paths
            .iter()
            .map(|path| path.iter().map(|name| &**name).collect())
            .collect();
        let paths: Vec<&[&str]> = paths.iter().map(|path| &path[..]).collect();
        assert_eq!(
            finished(&paths),
            ["$.users.*.took_ms", "$.users.id3.at", "$.users.took_ms"]
        );
    }
}
