//! A suite as measuring sees it: something that runs some of its tests with some fixtures hidden, and reports how each test ended.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::name::TestName;
use crate::outcome::Outcome;
use crate::set::FixtureSet;

/// Runs tests.
pub trait Suite {
    /// Runs them once.
    ///
    /// # Errors
    ///
    /// [`RunError`] when nothing can be concluded from the run. A suite that does not even start while something is hidden
    /// is not an error: its tests are missing.
    fn run(&mut self, run: &Run) -> Result<Report, RunError>;

    /// Tells how long a run of the whole suite takes while nothing is hidden.
    fn baseline_took(&mut self, _longest: Duration) {}

    /// What it can do.
    fn abilities(&self) -> Abilities;
}

/// What a suite can do, beyond running as a whole.
#[derive(Debug, Clone)]
pub struct Abilities {
    /// It can run some of its tests alone.
    pub selects: bool,
    /// It can run its tests in another order.
    pub reorders: bool,
    /// These fixtures can be hidden from single tests of one run; all others are hidden from a whole run.
    pub per_test: FixtureSet,
    /// Of these an observer, where there is one, sees whether a test reads them.
    pub observable: FixtureSet,
}

/// One run of some tests.
#[derive(Debug, Clone)]
pub struct Run {
    /// Which tests run.
    pub tests: Selection,
    /// In which order.
    pub order: Order,
    /// What is hidden from all of them.
    pub hidden: FixtureSet,
    /// What is hidden from single tests besides.
    pub hidden_from: BTreeMap<TestName, FixtureSet>,
    /// Whether observers are to watch.
    pub watch: Watch,
}

/// Which tests run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    Whole,
    /// Some of them.
    Only(BTreeSet<TestName>),
}

/// In which order tests run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The suite's own.
    Given,
    /// Shuffled by this seed.
    Shuffled(u64),
}

/// Whether observers are to watch a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// They are, where there are any.
    Yes,
    /// They are not.
    No,
}

/// What one run showed.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How each test ended that was reported.
    pub outcomes: BTreeMap<TestName, Outcome>,
    /// Every test that the runner found while this was hidden, where it tells; also those that were not selected.
    pub listed: Option<BTreeSet<TestName>>,
    /// What each test may have read, where an observer watched and was seen to work.
    pub observed: Option<BTreeMap<TestName, FixtureSet>>,
    /// What the runner printed where it did not report tests.
    pub printed: String,
    /// How long it took.
    pub elapsed: Duration,
}

/// Why nothing can be concluded from a run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Ctrl-C, or a signal.
    #[error("interrupted")]
    Interrupted,
    /// What was to be hidden was not, the suite cannot be started, or changed while it was measured.
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}
