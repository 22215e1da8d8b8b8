//! The means of hiding fixtures: each knows its fixtures, hides some of them for one run, and can tell whether that took effect.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Result;

use crate::name::{FixtureName, TestName};
use crate::place::Place;

pub mod choice;
mod cut;
mod files;
mod hook;
mod keys;
mod paired;
mod plan;
#[cfg(feature = "postgres")]
mod policy;
mod variable;

/// Hides fixtures.
pub trait Hiding {
    /// What it hides.
    fn fixtures(&self) -> &[Fixture];

    /// Whether it can hide something else from each test of one run.
    fn is_per_test(&self) -> bool {
        false
    }

    /// The files that it takes away or changes, from the root. Where there are any, the suite runs in a private copy of its
    /// tree.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// The file that one of its fixtures is read from, from the root, where there is one: whoever opens it may use the
    /// fixture.
    fn source(&self, _fixture: &FixtureName) -> Option<PathBuf> {
        None
    }

    /// Hides these fixtures, all of them its own, from what will run in this place: it changes the place's environment, or
    /// what lies there. [`show`](Hiding::show) takes it back.
    ///
    /// # Errors
    ///
    /// When they cannot be hidden. What was begun is taken back.
    fn hide(&mut self, hidden: &Hidden, place: &mut Place) -> Result<()>;

    /// Looks, after the run and before [`show`](Hiding::show), whether hiding took effect.
    ///
    /// # Errors
    ///
    /// When it was seen not to: no result of the run counts then.
    fn verify(&mut self, _hidden: &Hidden, _place: &Place) -> Result<Proof> {
        Ok(Proof::None)
    }

    /// What it is called in messages: `the variable FIXTURE_SKIP_TABLES`.
    fn title(&self) -> String;

    /// A fixture that does not exist, where the suite refuses to hide one: seeing it refused proves that the means works,
    /// even where nobody uses what it hides.
    fn made_up(&self) -> Option<FixtureName> {
        None
    }

    /// Takes back what [`hide`](Hiding::hide) did outside of the place's environment.
    ///
    /// # Errors
    ///
    /// When that fails: nothing more is measured then.
    fn show(&mut self, _place: &Place) -> Result<()> {
        Ok(())
    }
}

/// A fixture, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// Its name, which no other fixture of the suite has.
    pub name: FixtureName,
    /// What it is.
    pub kind: FixtureKind,
}

/// What a fixture is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum FixtureKind {
    /// A file.
    File,
    /// A table.
    Table,
    /// A key of a map.
    Key,
    /// Anything that a hook hides.
    Hook,
}

impl FixtureKind {
    /// The word in reports and files.
    pub fn word(self) -> &'static str {
        match self {
            FixtureKind::File => "file",
            FixtureKind::Table => "table",
            FixtureKind::Key => "key",
            FixtureKind::Hook => "hook",
        }
    }
}

/// What is hidden in one run.
#[derive(Debug, Clone, Default)]
pub struct Hidden {
    /// From every test.
    pub from_all: BTreeSet<FixtureName>,
    /// From single tests besides.
    pub from: BTreeMap<TestName, BTreeSet<FixtureName>>,
}

impl Hidden {
    /// Whether nothing is hidden from any test.
    pub fn is_nothing(&self) -> bool {
        self.from_all.is_empty() && self.from.values().all(BTreeSet::is_empty)
    }
}

/// Whether a means was seen to work in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// What was hidden was looked for and not found.
    Seen,
    /// It cannot be looked for. The means is believed only when a test has changed, or a made-up name was refused.
    None,
}
