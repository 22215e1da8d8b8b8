//! The document of `stillframe consumers check`: what fixtures marked as retiring have gained and lost since `consumers.lock` was written; versioned, with a generated schema.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::findings::Findings;
use crate::lock_file::Locked;
use crate::name::{FixtureName, TestName};
use crate::outcome::Class;

/// The version of the document's format.
pub const FORMAT_VERSION: u32 = 1;

/// What has changed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "stillframe consumers check")]
pub struct Ratchet {
    /// The version of this format: 1. It grows when a field is removed or changes its meaning.
    pub format_version: u32,
    /// What the exit code says, as a word.
    pub verdict: Verdict,
    /// Every fixture under `[[retiring]]`, by name.
    pub retiring: Vec<Retired>,
    /// Tests of which not everything is known, with the reason.
    pub unknown: BTreeMap<TestName, String>,
}

/// What has changed, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No retiring fixture has gained a consumer. Exit code 0.
    Fresh,
    /// One has. Exit code 3.
    Stale,
}

/// One retiring fixture.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Retired {
    /// Its name.
    pub name: FixtureName,
    /// How many tests consume it as `consumers.lock` has it.
    pub known: usize,
    /// Tests that consume it now and are not in `consumers.lock`.
    pub gained: Vec<Gained>,
    /// Tests of `consumers.lock` that do not consume it any more.
    pub lost: Vec<TestName>,
}

/// A new consumer.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Gained {
    /// The test.
    pub test: TestName,
    /// How its result changes when the fixture is hidden; `null` where it is one of several of which the test needs one.
    pub class: Option<Class>,
    /// The other fixtures of that set.
    pub or: Vec<FixtureName>,
    /// The first lines of its failure.
    pub evidence: Vec<String>,
    /// The command that repeats it.
    pub repeat: String,
}

impl Ratchet {
    /// Compares what was found with only the retiring fixtures hidden with what is committed.
    pub fn of(
        findings: &Findings,
        locked: &[&Locked],
        repeat: impl Fn(&[&FixtureName], &TestName) -> String,
    ) -> Ratchet {
        let retiring: Vec<Retired> = locked
            .iter()
            .map(|locked| retired(findings, locked, &repeat))
            .collect();
        let is_stale = retiring.iter().any(|retired| !retired.gained.is_empty());
        Ratchet {
            format_version: FORMAT_VERSION,
            verdict: if is_stale {
                Verdict::Stale
            } else {
                Verdict::Fresh
            },
            retiring,
            unknown: findings.unknown.clone(),
        }
    }
}

fn retired(
    findings: &Findings,
    locked: &Locked,
    repeat: impl Fn(&[&FixtureName], &TestName) -> String,
) -> Retired {
    let name = &locked.name;
    let known: BTreeSet<&TestName> = locked.tests();
    let is_known = |test: &TestName| known.iter().any(|known| same(known, test));
    let mut gained = Vec::new();
    for (test, edge) in findings.consumers(name) {
        if !is_known(test) {
            gained.push(Gained {
                test: test.clone(),
                class: Some(edge.class),
                or: Vec::new(),
                evidence: edge.evidence.clone(),
                repeat: repeat(&[name], test),
            });
        }
    }
    for (test, joint) in findings.joint_consumers(name) {
        if !is_known(test) {
            let others = joint.fixtures.iter().filter(|other| *other != name);
            gained.push(Gained {
                test: test.clone(),
                class: None,
                or: others.cloned().collect(),
                evidence: joint.evidence.clone(),
                repeat: repeat(&Vec::from_iter(&joint.fixtures), test),
            });
        }
    }
    Retired {
        name: name.clone(),
        known: known.len(),
        gained,
        lost: lost(findings, locked),
    }
}

/// Only tests that consumed it alone can be seen not to: what a joint set consists of besides is not hidden.
fn lost(findings: &Findings, locked: &Locked) -> Vec<TestName> {
    let now = findings.consumers(&locked.name);
    let now: BTreeSet<&TestName> = now.map(|(test, _)| test).collect();
    let consumers = locked.consumers.iter().map(|consumer| &consumer.test);
    consumers
        .filter(|test| !now.iter().any(|other| same(other, test)))
        .filter(|test| !findings.unknown.keys().any(|other| same(other, test)))
        .cloned()
        .collect()
}

/// Tests whose names shift are one when they are measured, and may be several in the lock, or the other way round.
fn same(one: &TestName, other: &TestName) -> bool {
    one.stands_for(other) || other.stands_for(one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Edge, Joint};
    use crate::hiding::FixtureKind;
    use crate::lock_file::Consumer;

    fn locked(tests: &[&str]) -> Locked {
        let consumers = tests.iter().map(|test| Consumer {
            test: TestName::from(*test),
            class: Class::Reads,
        });
        Locked {
            name: FixtureName::from("users"),
            kind: FixtureKind::Table,
            consumers: consumers.collect(),
            joint: Vec::new(),
            unhidden: None,
        }
    }

    fn findings(tests: &[&str]) -> Findings {
        let mut findings = Findings::default();
        for test in tests {
            let edge = Edge {
                class: Class::Reads,
                evidence: vec!["no such user".to_owned()],
            };
            let edges = BTreeMap::from([(FixtureName::from("users"), edge)]);
            findings.edges.insert(TestName::from(*test), edges);
        }
        findings
    }

    fn check(now: &Findings, before: &[&str]) -> (Verdict, Vec<String>, Vec<String>) {
        let ratchet = Ratchet::of(now, &[&locked(before)], |_, _| String::new());
        let [retired] = &ratchet.retiring[..] else {
            panic!("one fixture is retiring");
        };
        let gained = retired.gained.iter().map(|gained| gained.test.to_string());
        let lost = retired.lost.iter().map(TestName::to_string);
        (ratchet.verdict, gained.collect(), lost.collect())
    }

    #[test]
    fn a_new_consumer_is_stale_and_a_lost_one_is_not() {
        let none = Vec::new;
        assert_eq!(
            check(&findings(&["a", "b"]), &["a"]),
            (Verdict::Stale, vec!["b".to_owned()], none())
        );
        assert_eq!(
            check(&findings(&["a"]), &["a", "b"]),
            (Verdict::Fresh, none(), vec!["b".to_owned()])
        );
        let mut flaky = findings(&["a"]);
        flaky.unknown.insert("b".into(), "flaky".to_owned());
        assert_eq!(
            check(&flaky, &["a", "b"]),
            (Verdict::Fresh, none(), none()),
            "what a flaky test needs is not known"
        );
    }

    #[test]
    fn a_new_joint_use_is_a_new_consumer() {
        let mut now = findings(&[]);
        let joint = Joint {
            fixtures: ["users", "roles"].map(FixtureName::from).into(),
            evidence: Vec::new(),
        };
        now.joint.insert("c".into(), vec![joint]);
        assert_eq!(check(&now, &[]).0, Verdict::Stale);
        assert_eq!(check(&now, &["c"]).0, Verdict::Fresh);
    }

    #[test]
    fn tests_whose_names_shift_are_one_with_those_of_their_function() {
        assert_eq!(check(&findings(&["f[…]"]), &["f[0]"]).0, Verdict::Fresh);
        assert_eq!(check(&findings(&["f[1]"]), &["f[…]"]).0, Verdict::Fresh);
        assert_eq!(check(&findings(&["f[1]"]), &["f[0]"]).0, Verdict::Stale);
    }
}
