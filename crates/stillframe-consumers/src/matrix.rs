//! The document of `stillframe consumers show`: who consumes what, by fixture and by test; versioned, with a generated schema.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::findings::Findings;
use crate::hiding::{Fixture, FixtureKind};
use crate::name::{FixtureName, TestName};
use crate::outcome::Class;

/// The version of the document's format.
pub const FORMAT_VERSION: u32 = 1;

/// Who consumes what.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "stillframe consumers show")]
pub struct Matrix {
    /// The version of this format: 1. It grows when a field is removed or changes its meaning.
    pub format_version: u32,
    /// From where it is known.
    pub source: Origin,
    /// The fixtures, those with the fewest consumers first.
    pub fixtures: Vec<Row>,
    /// The fixtures that each test consumes, alone or as one of several. With `source` `lock`, tests that consume nothing
    /// are not in it.
    pub tests: BTreeMap<TestName, BTreeSet<FixtureName>>,
    /// Tests of which not everything is known, with the reason.
    pub unknown: BTreeMap<TestName, String>,
    /// Fixtures that no test consumes; `null` where that is not known.
    pub unused: Option<Vec<FixtureName>>,
    /// Tests that consume nothing; `null` where that is not known. Those of them that leave nothing behind may run in
    /// parallel at once.
    pub consume_nothing: Option<Vec<TestName>>,
    /// Tests that leave rows or files changed; `null` as it was not measured.
    pub polluters: Option<BTreeMap<TestName, Vec<String>>>,
    /// Places outside of tests that name a fixture or one of its rows, as `file:line`; `null` where they were not searched
    /// for.
    pub mentions: Option<BTreeMap<FixtureName, Vec<Mention>>>,
}

/// From where it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Measured to its end, on the files as they are.
    Measured,
    /// Measured in part, on the files as they are.
    MeasuredInPart,
    /// `consumers.lock`.
    Lock,
}

/// One fixture.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Row {
    /// Its name.
    pub name: FixtureName,
    /// What it is.
    pub kind: FixtureKind,
    /// The tests that consume it by itself.
    pub consumers: Vec<Cell>,
    /// The tests that need it or one of others.
    pub joint: Vec<JointCell>,
    /// Why it could not be hidden; nothing is known of its consumers then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unhidden: Option<String>,
}

impl Row {
    /// How many tests consume it in one way or the other.
    pub fn tests(&self) -> BTreeSet<&TestName> {
        let alone = self.consumers.iter().map(|cell| &cell.test);
        alone
            .chain(self.joint.iter().map(|cell| &cell.test))
            .collect()
    }
}

/// A test that consumes a fixture by itself.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Cell {
    /// The test.
    pub test: TestName,
    /// How its result changes.
    pub class: Class,
    /// The first lines of its failure; empty with `source` `lock`.
    pub evidence: Vec<String>,
    /// The command that repeats it.
    pub repeat: String,
}

/// A test that needs one of several fixtures.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct JointCell {
    /// The test.
    pub test: TestName,
    /// The other fixtures of the set.
    pub or: Vec<FixtureName>,
    /// The first lines of its failure when all of them are hidden; empty with `source` `lock`.
    pub evidence: Vec<String>,
    /// The command that repeats it.
    pub repeat: String,
}

/// A place that names a fixture, or one of its rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Mention {
    /// The file, from the root of the suite.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is named there.
    pub text: String,
}

impl Matrix {
    /// Arranges what was found.
    pub fn of(
        fixtures: &[Fixture],
        findings: &Findings,
        source: Origin,
        repeat: impl Fn(&[&FixtureName], &TestName) -> String,
    ) -> Matrix {
        let mut rows: Vec<Row> = fixtures
            .iter()
            .map(|fixture| row(fixture, findings, &repeat))
            .collect();
        rows.sort_by(|one, other| {
            let key = |row: &Row| (row.unhidden.is_some(), row.tests().len());
            key(one)
                .cmp(&key(other))
                .then_with(|| one.name.cmp(&other.name))
        });
        let mut tests: BTreeMap<TestName, BTreeSet<FixtureName>> = BTreeMap::new();
        for test in &findings.tests {
            let mut uses = BTreeSet::new();
            if let Some(edges) = findings.edges.get(test) {
                uses.extend(edges.keys().cloned());
            }
            for set in findings.joint.get(test).into_iter().flatten() {
                uses.extend(set.fixtures.iter().cloned());
            }
            tests.insert(test.clone(), uses);
        }
        let unused = rows
            .iter()
            .filter(|row| row.unhidden.is_none() && row.tests().is_empty())
            .map(|row| row.name.clone())
            .collect();
        let consume_nothing = tests
            .iter()
            .filter(|(test, uses)| uses.is_empty() && !findings.unknown.contains_key(*test))
            .map(|(test, _)| test.clone())
            .collect();
        Matrix {
            format_version: FORMAT_VERSION,
            source,
            unused: (source != Origin::MeasuredInPart).then_some(unused),
            consume_nothing: (source != Origin::Lock).then_some(consume_nothing),
            fixtures: rows,
            tests,
            unknown: findings.unknown.clone(),
            polluters: None,
            mentions: None,
        }
    }
}

fn row(
    fixture: &Fixture,
    findings: &Findings,
    repeat: impl Fn(&[&FixtureName], &TestName) -> String,
) -> Row {
    let consumers = findings.consumers(&fixture.name).map(|(test, edge)| Cell {
        test: test.clone(),
        class: edge.class,
        evidence: edge.evidence.clone(),
        repeat: repeat(&[&fixture.name], test),
    });
    let joint = findings
        .joint_consumers(&fixture.name)
        .map(|(test, joint)| JointCell {
            test: test.clone(),
            or: joint
                .fixtures
                .iter()
                .filter(|other| **other != fixture.name)
                .cloned()
                .collect(),
            evidence: joint.evidence.clone(),
            repeat: repeat(&Vec::from_iter(&joint.fixtures), test),
        });
    Row {
        name: fixture.name.clone(),
        kind: fixture.kind,
        consumers: consumers.collect(),
        joint: joint.collect(),
        unhidden: findings.unhidden.get(&fixture.name).cloned(),
    }
}
