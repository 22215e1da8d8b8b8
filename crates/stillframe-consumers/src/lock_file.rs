//! `consumers.lock`: which test consumes which fixture, committed and reviewed; nothing in it depends on the machine or the day.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use stillframe::disk;

use crate::findings::Findings;
use crate::hiding::{Fixture, FixtureKind};
use crate::name::{FixtureName, TestName};
use crate::outcome::Class;

/// Its name, beside the definition.
pub const LOCK_NAME: &str = "consumers.lock";
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
        disk::replace(&root.join(LOCK_NAME), self.text()?.as_bytes())
    }

    /// Its text.
    ///
    /// # Errors
    ///
    /// Never for names that are text.
    pub fn text(&self) -> Result<String> {
        Ok(format!("{HEADER}{}", toml::to_string(self)?))
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
    let sets = findings
        .joint_consumers(fixture)
        .map(|(test, joint)| JointUse {
            test: test.clone(),
            or: joint
                .fixtures
                .iter()
                .filter(|other| *other != fixture)
                .cloned()
                .collect(),
        });
    sets.collect()
}
