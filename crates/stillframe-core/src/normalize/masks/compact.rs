//! Patterns in which names that are data give way to any member; it knows steps only by their numbers.

use super::steps::{Id, MEMBER, Quick, Step, Steps};
use indexmap::{IndexMap, IndexSet};

/// When more members of one object than this differ only in their name, their names are data.
const FEW_NAMES: usize = 8;

/// The patterns with names that are data replaced, from the document's root downwards. Each stands once, and begins with
/// its rule, which all of them share.
pub fn compacted(steps: &Steps, mut patterns: Vec<Box<[Id]>>) -> Vec<Box<[Id]>> {
    let longest = patterns
        .iter()
        .map(|pattern| pattern.len())
        .max()
        .unwrap_or(0);
    for at in 1..longest {
        let is_named = |pattern: &[Id]| {
            let id = pattern.get(at);
            id.is_some_and(|&id| matches!(steps.get(id), Step::Named(_)))
        };
        if has_many(
            patterns
                .iter()
                .filter(|one| is_named(one))
                .map(|one| one[at]),
        ) {
            patterns = without_data(patterns, at, is_named);
        }
    }
    patterns
}

/// Whether there are so many names that some may be data.
fn has_many(names: impl Iterator<Item = Id>) -> bool {
    let mut known: Vec<Id> = Vec::new();
    for name in names {
        if !known.contains(&name) {
            known.push(name);
        }
        if known.len() > FEW_NAMES {
            return true;
        }
    }
    false
}

/// Patterns of which those give way to one that differ from many others in their step at `at` alone.
fn without_data(
    patterns: Vec<Box<[Id]>>,
    at: usize,
    is_named: impl Fn(&[Id]) -> bool,
) -> Vec<Box<[Id]>> {
    let mut counts: IndexMap<Box<[Id]>, usize, Quick> = IndexMap::default();
    let mut general = Vec::new();
    let groups: Vec<Option<usize>> = patterns
        .iter()
        .map(|pattern| {
            is_named(pattern).then(|| {
                general.clear();
                general.extend_from_slice(pattern);
                general[at] = MEMBER;
                let group = match counts.get_index_of(&general[..]) {
                    Some(group) => group,
                    None => counts.insert_full(general[..].into(), 0).0,
                };
                counts[group] += 1;
                group
            })
        })
        .collect();
    let is_data = |group: &Option<usize>| group.is_some_and(|group| counts[group] > FEW_NAMES);
    let kept = patterns.into_iter().zip(&groups);
    let kept = kept.filter(|(_, group)| !is_data(group));
    let mut compacted: IndexSet<Box<[Id]>, Quick> = kept.map(|(pattern, _)| pattern).collect();
    let general = counts.into_iter().filter(|(_, count)| *count > FEW_NAMES);
    compacted.extend(general.map(|(pattern, _)| pattern));
    compacted.into_iter().collect()
}
