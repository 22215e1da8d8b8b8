//! Where rules applied, as patterns of locations that do not depend on the values; each is kept once, and nothing of the values is.

use crate::json::shapes::{LISTED, ShapeId};
use crate::location::{self, Slice};
use std::collections::{BTreeMap, BTreeSet};

/// When more members of one object than this differ only in their name, their names are data.
const FEW_NAMES: usize = 8;

/// One step of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Any element.
    Element,
    /// Any member.
    Member,
    /// The member of this name.
    Named(String),
    /// The name of any member.
    Name,
    /// These elements.
    Slice(Slice),
}

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
    found: BTreeSet<(usize, Vec<Step>)>,
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

    /// Notes the places at which a rule applied.
    pub fn add(&mut self, rule: usize, pattern: Vec<Step>) {
        self.found.insert((rule, pattern));
    }

    /// The patterns of each rule, as text.
    pub fn finish(self) -> BTreeMap<usize, Vec<String>> {
        let mut rules: BTreeMap<usize, BTreeSet<Vec<Step>>> = BTreeMap::new();
        for (rule, pattern) in self.found {
            rules.entry(rule).or_default().insert(pattern);
        }
        let text = |patterns| {
            compacted(patterns)
                .iter()
                .map(|steps| shown(steps))
                .collect()
        };
        rules
            .into_iter()
            .map(|(rule, patterns)| (rule, text(patterns)))
            .collect()
    }
}

/// The steps before and after one.
type Around = (Vec<Step>, Vec<Step>);

/// The patterns with names that are data replaced, from the document's root downwards.
fn compacted(mut patterns: BTreeSet<Vec<Step>>) -> BTreeSet<Vec<Step>> {
    let longest = patterns.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..longest {
        let mut siblings: BTreeMap<Around, Vec<Vec<Step>>> = BTreeMap::new();
        for pattern in &patterns {
            if let Some(Step::Named(_)) = pattern.get(at) {
                let key = (pattern[..at].to_vec(), pattern[at + 1..].to_vec());
                siblings.entry(key).or_default().push(pattern.clone());
            }
        }
        for ((before, after), group) in siblings {
            if group.len() > FEW_NAMES {
                group
                    .iter()
                    .for_each(|pattern| _ = patterns.remove(pattern));
                patterns.insert([before, vec![Step::Member], after].concat());
            }
        }
    }
    patterns
}

fn shown(steps: &[Step]) -> String {
    let mut text = String::from("$");
    for step in steps {
        match step {
            Step::Element => text.push_str("[*]"),
            Step::Member => text.push_str(".*"),
            Step::Named(name) => location::push_name(&mut text, name),
            Step::Name => text.push('~'),
            Step::Slice(slice) => text.push_str(&slice.to_string()),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(patterns: &[&[&str]]) -> Vec<String> {
        let mut masks = Masks::default();
        for pattern in patterns {
            let step = |name: &&str| match *name {
                "[]" => Step::Element,
                name => Step::Named(name.to_owned()),
            };
            masks.add(7, pattern.iter().map(step).collect());
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
}
