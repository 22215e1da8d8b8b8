//! `consumers.lock`: which test consumes which fixture, committed and reviewed; nothing in it depends on the machine or the day.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use stillframe::disk;

use crate::findings::{Edge, Findings, Joint};
use crate::hiding::{Fixture, FixtureKind};
use crate::name::{FixtureName, TestName};
use crate::outcome::Class;

pub use crate::definition::LOCK_NAME;
const VERSION: u32 = 1;
const HEADER: &str =
    "# Written by `stillframe consumers detect`; which test consumes which fixture. Do not edit.\n";

/// The file as a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lock {
    /// The version of the format.
    pub version: u32,
    /// Every fixture, by name.
    #[serde(default, rename = "fixture")]
    pub fixtures: Vec<Locked>,
    /// Tests of which not everything is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "unknown")]
    pub unknown: Vec<Unknown>,
}

/// One fixture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Locked {
    /// Its name.
    pub name: FixtureName,
    /// What it is.
    pub kind: FixtureKind,
    /// Who consumes it by itself.
    pub consumers: Vec<Consumer>,
    /// Who needs it or one of others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joint: Vec<JointUse>,
    /// Why it could not be hidden; nothing is known of its consumers then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unhidden: Option<String>,
}

impl Locked {
    /// The tests that consume it, alone or as one of several.
    pub fn tests(&self) -> BTreeSet<&TestName> {
        let alone = self.consumers.iter().map(|consumer| &consumer.test);
        alone
            .chain(self.joint.iter().map(|joint| &joint.test))
            .collect()
    }

    fn add_to(&self, text: &mut String) {
        text.push_str("\n[[fixture]]\n");
        add_pair(text, "name", &quoted(self.name.as_str()));
        add_pair(text, "kind", &quoted(self.kind.word()));
        if let Some(reason) = &self.unhidden {
            add_pair(text, "unhidden", &quoted(reason));
        }
        let consumers = self.consumers.iter().map(|consumer| {
            let test = quoted(consumer.test.as_str());
            format!(
                "{{ test = {test}, class = {} }}",
                quoted(consumer.class.word())
            )
        });
        add_pair(text, "consumers", &lines(consumers));
        if !self.joint.is_empty() {
            let joint = self.joint.iter().map(|joint| {
                let or: Vec<String> = joint.or.iter().map(|one| quoted(one.as_str())).collect();
                let test = quoted(joint.test.as_str());
                format!("{{ test = {test}, or = [{}] }}", or.join(", "))
            });
            add_pair(text, "joint", &lines(joint));
        }
    }
}

fn add_pair(text: &mut String, key: &str, value: &str) {
    text.push_str(key);
    text.push_str(" = ");
    text.push_str(value);
    text.push('\n');
}

/// An array with one element a line.
fn lines(elements: impl Iterator<Item = String>) -> String {
    let mut array = String::from("[");
    for element in elements {
        array.push_str("\n    ");
        array.push_str(&element);
        array.push(',');
    }
    if array.len() > 1 {
        array.push('\n');
    }
    array.push(']');
    array
}

/// A basic string of TOML, on one line whatever is in it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            letter if letter.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(letter)));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// A test that consumes a fixture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Consumer {
    /// The test.
    pub test: TestName,
    /// How its result changes.
    pub class: Class,
}

/// A test that needs one of several fixtures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct JointUse {
    /// The test.
    pub test: TestName,
    /// The other fixtures of the set.
    pub or: Vec<FixtureName>,
}

/// A test of which not everything is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Unknown {
    /// The test.
    pub test: TestName,
    /// Why.
    pub reason: String,
}

impl Lock {
    /// What was found, by fixture.
    pub fn of(fixtures: &[Fixture], findings: &Findings) -> Lock {
        let mut locked: Vec<Locked> = fixtures
            .iter()
            .map(|fixture| Locked {
                name: fixture.name.clone(),
                kind: fixture.kind,
                consumers: consumers(findings, &fixture.name),
                joint: joint(findings, &fixture.name),
                unhidden: findings.unhidden.get(&fixture.name).cloned(),
            })
            .collect();
        locked.sort_by(|one, other| one.name.cmp(&other.name));
        let unknown = findings.unknown.iter().map(|(test, reason)| Unknown {
            test: test.clone(),
            reason: reason.clone(),
        });
        Lock {
            version: VERSION,
            fixtures: locked,
            unknown: unknown.collect(),
        }
    }

    /// The committed one; nothing where there is none yet.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn read(root: &Path) -> Result<Option<Lock>> {
        let path = root.join(LOCK_NAME);
        if !path.exists() {
            return Ok(None);
        }
        let act = || format!("reading {}", path.display());
        let text = disk::read_regular_text(&path).with_context(act)?;
        let lock: Lock = toml::from_str(&text).with_context(act)?;
        if lock.version != VERSION {
            bail!(
                "{LOCK_NAME} has version {}; this version of stillframe reads {VERSION}",
                lock.version
            );
        }
        Ok(Some(lock))
    }

    /// Writes it, if it changed.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write(&self, root: &Path) -> Result<disk::Written> {
        disk::replace(&root.join(LOCK_NAME), self.text().as_bytes())
    }

    /// Its text: one consumer a line, so that a change of one is a change of one line.
    pub fn text(&self) -> String {
        let mut text = format!("{HEADER}version = {}\n", self.version);
        for fixture in &self.fixtures {
            fixture.add_to(&mut text);
        }
        for unknown in &self.unknown {
            text.push_str("\n[[unknown]]\n");
            add_pair(&mut text, "test", &quoted(unknown.test.as_str()));
            add_pair(&mut text, "reason", &quoted(&unknown.reason));
        }
        text
    }

    /// Every fixture in it.
    pub fn all_fixtures(&self) -> Vec<Fixture> {
        let fixtures = self.fixtures.iter().map(|locked| Fixture {
            name: locked.name.clone(),
            kind: locked.kind,
        });
        fixtures.collect()
    }

    /// What it holds as findings: without evidence, and without the tests that consume nothing.
    pub fn findings(&self) -> Findings {
        let mut findings = Findings::default();
        for locked in &self.fixtures {
            for consumer in &locked.consumers {
                let edge = Edge {
                    class: consumer.class,
                    evidence: Vec::new(),
                };
                let edges = findings.edges.entry(consumer.test.clone()).or_default();
                edges.insert(locked.name.clone(), edge);
                findings.tests.insert(consumer.test.clone());
            }
            for used in &locked.joint {
                let others = used.or.iter().cloned();
                let joint = Joint {
                    fixtures: others.chain([locked.name.clone()]).collect(),
                    evidence: Vec::new(),
                };
                let sets = findings.joint.entry(used.test.clone()).or_default();
                // Each fixture of the set tells of it.
                if !sets.contains(&joint) {
                    sets.push(joint);
                }
                findings.tests.insert(used.test.clone());
            }
            if let Some(reason) = &locked.unhidden {
                findings
                    .unhidden
                    .insert(locked.name.clone(), reason.clone());
            }
        }
        for unknown in &self.unknown {
            findings.tests.insert(unknown.test.clone());
            findings
                .unknown
                .insert(unknown.test.clone(), unknown.reason.clone());
        }
        findings
    }

    /// The consumers of each fixture.
    pub fn by_fixture(&self) -> BTreeMap<&FixtureName, &Locked> {
        let fixtures = self.fixtures.iter();
        fixtures.map(|fixture| (&fixture.name, fixture)).collect()
    }
}

fn consumers(findings: &Findings, fixture: &FixtureName) -> Vec<Consumer> {
    let consumers = findings.consumers(fixture).map(|(test, edge)| Consumer {
        test: test.clone(),
        class: edge.class,
    });
    consumers.collect()
}

fn joint(findings: &Findings, fixture: &FixtureName) -> Vec<JointUse> {
    let mut sets: Vec<JointUse> = findings
        .joint_consumers(fixture)
        .map(|(test, joint)| JointUse {
            test: test.clone(),
            or: joint
                .fixtures
                .iter()
                .filter(|other| *other != fixture)
                .cloned()
                .collect(),
        })
        .collect();
    sets.sort();
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Findings {
        let edge = |class| Edge {
            class,
            evidence: vec!["of this machine".to_owned()],
        };
        let name = FixtureName::from;
        let mut findings = Findings::default();
        findings.edges.insert(
            TestName::from("z"),
            [(name("users"), edge(Class::Reads))].into(),
        );
        findings.edges.insert(
            TestName::from("a \"b\"\n\\[c]\u{1b}"),
            [(name("users"), edge(Class::Reference))].into(),
        );
        let joint = Joint {
            fixtures: [name("users"), name("roles, old")].into(),
            evidence: Vec::new(),
        };
        findings.joint.insert(TestName::from("y"), vec![joint]);
        let flaky = "flaky".to_owned();
        findings.unknown.insert(TestName::from("x"), flaky);
        findings
            .unhidden
            .insert(name("themes"), "the hook said no".to_owned());
        findings
    }

    fn fixtures() -> Vec<Fixture> {
        ["users", "themes", "roles, old"]
            .map(|name| Fixture {
                name: FixtureName::from(name),
                kind: FixtureKind::Table,
            })
            .into()
    }

    #[test]
    fn a_lock_has_one_consumer_a_line_in_order() {
        let text = Lock::of(&fixtures(), &findings()).text();
        let expected = r#"version = 1

[[fixture]]
name = "roles, old"
kind = "table"
consumers = []
joint = [
    { test = "y", or = ["users"] },
]

[[fixture]]
name = "themes"
kind = "table"
unhidden = "the hook said no"
consumers = []

[[fixture]]
name = "users"
kind = "table"
consumers = [
    { test = "a \"b\"\n\\[c]\u001B", class = "reference" },
    { test = "z", class = "reads" },
]
joint = [
    { test = "y", or = ["roles, old"] },
]

[[unknown]]
test = "x"
reason = "flaky"
"#;
        assert_eq!(text.strip_prefix(HEADER), Some(expected));
    }

    #[test]
    fn what_is_written_is_read_back_and_written_the_same() {
        let lock = Lock::of(&fixtures(), &findings());
        let read: Lock = toml::from_str(&lock.text()).unwrap();
        assert_eq!(read, lock);
        assert_eq!(read.text(), lock.text());
        assert_eq!(Lock::of(&lock.all_fixtures(), &lock.findings()), lock);
        let folder = std::env::temp_dir().join(format!("consumers-lock-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        assert_eq!(Lock::read(&folder).unwrap(), None);
        lock.write(&folder).unwrap();
        assert_eq!(Lock::read(&folder).unwrap(), Some(lock));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
