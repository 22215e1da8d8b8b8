//! The machine-readable outcome of a command: versioned, with a generated schema; printing it is the engine's work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::problem::{Class, Problem};

/// The version of the report's format.
pub const FORMAT_VERSION: u32 = 1;

/// What a command found and did.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "stillframe report")]
pub struct Report {
    /// The version of this format: 1. It grows when a field is removed or changes its meaning.
    pub format_version: u32,
    /// The command: `regen`, `check`, `accept` or `validate`.
    pub command: String,
    /// What the exit code says, as a word.
    pub verdict: Verdict,
    /// How many fixtures there are of each fate.
    pub summary: Summary,
    /// Every finding, in the order: setup, broken, stale, advisory.
    pub problems: Vec<Problem>,
    /// What the run did otherwise than somebody may expect, although nothing is wrong: files that git ignores were left out,
    /// variables of the caller were handed on.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// The outcome in one word; each has an exit code of its own.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything agrees. Exit code 0.
    Fresh,
    /// Something failed that regenerating cannot mend. Exit code 1.
    Broken,
    /// Usage, configuration or a prerequisite. Exit code 2.
    Setup,
    /// Regenerating mends it. Exit code 3.
    Stale,
}

impl Verdict {
    /// What a list of findings amounts to: the setup first, then broken, then stale.
    pub fn of(problems: &[Problem]) -> Verdict {
        let has = |class| problems.iter().any(|problem| problem.class == class);
        if has(Class::Setup) {
            Verdict::Setup
        } else if has(Class::Broken) {
            Verdict::Broken
        } else if has(Class::Stale) {
            Verdict::Stale
        } else {
            Verdict::Fresh
        }
    }
}

/// Counts of fixtures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// POCs that ran.
    pub pocs: usize,
    /// Captures that those POCs hold.
    pub captures: usize,
    /// Schemas that documents were validated against.
    pub schemas: usize,
    /// Fixtures that the corpus did not have.
    pub new: usize,
    /// Fixtures whose bytes differ.
    pub changed: usize,
    /// Files that no capture produces.
    pub removed: usize,
    /// Fixtures that are as they should be.
    pub unchanged: usize,
    /// Captures that belong to no schema although there are schemas.
    #[serde(default)]
    pub unbound: usize,
}
