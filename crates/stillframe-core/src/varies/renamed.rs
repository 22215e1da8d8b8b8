//! Objects whose members two runs name otherwise, as a map by ids; a member is then any member, whatever a rule makes of its name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::diff::{Path, Segment};

/// The objects whose members have other names in each run, by their patterns, and the names there that are the same in both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renamed {
    objects: BTreeMap<String, BTreeSet<String>>,
}

impl Renamed {
    /// Notes an object of both runs.
    pub(super) fn note(&mut self, path: &Path, one: &Map<String, Value>, two: &Map<String, Value>) {
        let same = one.keys().filter(|name| two.contains_key(*name)).cloned();
        self.objects
            .entry(path.to_string())
            .or_default()
            .extend(same);
    }

    /// The names that are the same in both runs, where the members of an object are known to have others.
    pub(super) fn fixed_names(&self, path: &Path) -> Option<&BTreeSet<String>> {
        if self.objects.is_empty() {
            return None;
        }
        self.objects.get(&path.to_string())
    }
}

/// The step to a member of an object with these fixed names.
pub(super) fn step_to(name: &str, fixed: Option<&BTreeSet<String>>) -> Segment {
    match fixed {
        Some(fixed) if !fixed.contains(name) => Segment::Any,
        _ => Segment::Key(name.to_owned()),
    }
}
