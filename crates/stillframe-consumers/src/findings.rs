//! What measuring has found: which test consumes which fixture, why, and what is not known.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name::{FixtureName, TestName};
use crate::outcome::Class;

/// Everything that was found. What is neither an edge, nor in a joint set, nor unknown was seen to be unaffected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Findings {
    /// Every test of the suite; those of a parametrised function whose names shift are one.
    pub tests: BTreeSet<TestName>,
    /// Which test consumes which fixture by itself.
    pub edges: BTreeMap<TestName, BTreeMap<FixtureName, Edge>>,
    /// Which tests need one of several fixtures.
    pub joint: BTreeMap<TestName, Vec<Joint>>,
    /// Tests of which not everything is known, with the reason.
    pub unknown: BTreeMap<TestName, String>,
    /// Fixtures that could not be hidden, with the reason: nothing is known of their consumers.
    pub unhidden: BTreeMap<FixtureName, String>,
}

/// A test whose result changes when one fixture alone is hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edge {
    /// How its result changes.
    pub class: Class,
    /// The first lines of its failure.
    pub evidence: Vec<String>,
}

/// A smallest set of fixtures of which a test needs one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Joint {
    /// The fixtures.
    pub fixtures: BTreeSet<FixtureName>,
    /// The first lines of its failure when all of them are hidden.
    pub evidence: Vec<String>,
}

impl Findings {
    /// The tests that consume a fixture by itself, with the class.
    pub fn consumers<'a>(
        &'a self,
        fixture: &'a FixtureName,
    ) -> impl Iterator<Item = (&'a TestName, &'a Edge)> {
        self.edges
            .iter()
            .filter_map(move |(test, edges)| Some((test, edges.get(fixture)?)))
    }

    /// The tests that need the fixture or one of several others.
    pub fn joint_consumers<'a>(
        &'a self,
        fixture: &'a FixtureName,
    ) -> impl Iterator<Item = (&'a TestName, &'a Joint)> {
        self.joint.iter().flat_map(move |(test, sets)| {
            let with = sets.iter().filter(|set| set.fixtures.contains(fixture));
            with.map(move |set| (test, set))
        })
    }

    /// Whether any test consumes it, alone or as one of several.
    pub fn is_used(&self, fixture: &FixtureName) -> bool {
        self.consumers(fixture).next().is_some() || self.joint_consumers(fixture).next().is_some()
    }

    /// The fixtures that could not be hidden, by the reason.
    pub fn unhidden_by_reason(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (fixture, reason) in &self.unhidden {
            by_reason.entry(reason).or_default().push(fixture.as_str());
        }
        by_reason
    }

    /// How many edges there are.
    pub fn edge_count(&self) -> usize {
        self.edges.values().map(BTreeMap::len).sum()
    }
}
