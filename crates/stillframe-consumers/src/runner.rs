//! What runs a suite's tests: selects some of them, and reports how each ended.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Result;

use crate::name::TestName;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::suite::{Order, RunError, Selection, Watch};

pub mod choice;
mod dep_info;
pub mod junit;
mod libtest;
mod nextest;
mod pytest;
mod rspec;
mod stopped;
mod tap;
mod template;

/// Runs tests and reads what became of them.
pub trait Runner {
    /// Whether it can run some tests alone.
    fn selects(&self) -> bool;

    /// Whether it can run tests in another order.
    fn reorders(&self) -> bool;

    /// Whether what is hidden can differ between the tests of one run because each test runs in a process of its own, or
    /// tells the process which test runs.
    fn tells_which_test_runs(&self) -> bool;

    /// Gets ready for many runs in the same place, such as by compiling the tests.
    ///
    /// # Errors
    ///
    /// When that fails: no test can be run then.
    fn prepare(&mut self, _place: &Place) -> Result<(), RunError> {
        Ok(())
    }

    /// The files that [`prepare`](Runner::prepare) compiled into the tests, as absolute paths: a run sees them as they were
    /// then, wherever they are now.
    ///
    /// # Errors
    ///
    /// When that cannot be found out.
    fn compiled_in(&self, _place: &Place) -> Result<BTreeSet<PathBuf>> {
        Ok(BTreeSet::new())
    }

    /// Runs tests once. To watch them is a wish: a runner that cannot reports no opened files.
    ///
    /// # Errors
    ///
    /// [`RunError`] when nothing can be concluded. A suite that starts and reports nothing is a report without outcomes.
    fn run(
        &mut self,
        place: &Place,
        tests: &Selection,
        order: Order,
        watch: Watch,
    ) -> Result<RunnerReport, RunError>;

    /// The file that a test is written in, where the runner knows it, from the root of the suite.
    fn file_of(&self, _test: &TestName) -> Option<PathBuf> {
        None
    }
}

/// What a runner read from one run.
#[derive(Debug, Clone, Default)]
pub struct RunnerReport {
    /// How each test ended that was reported.
    pub outcomes: BTreeMap<TestName, Outcome>,
    /// Every test that was found, where the runner tells; also those that were not selected.
    pub listed: Option<BTreeSet<TestName>>,
    /// The files that each test opened, where the runner was asked to watch, as absolute paths.
    pub opened: Option<BTreeMap<TestName, BTreeSet<PathBuf>>>,
    /// The end of what was printed, for when tests are missing.
    pub printed: String,
}

/// The end of what a command printed, as evidence that its tests were not run: what it wrote to stderr, after stdout.
pub fn end_of_output(outcome: &stillframe::process::Outcome) -> String {
    const BYTES: usize = 4096;
    let tail = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let from = text.len().saturating_sub(BYTES);
        let from = (from..=text.len()).find(|&at| text.is_char_boundary(at));
        text[from.unwrap_or(0)..].trim().to_owned()
    };
    let parts = [tail(&outcome.stdout), tail(&outcome.stderr)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}\n{}", outcome.end, parts.join("\n"))
}
