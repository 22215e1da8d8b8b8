//! What is kept of each run as it comes, so that an interrupted measurement goes on where it was.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::name::{FixtureName, TestName};
use crate::outcome::Outcome;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Record {
    /// A run with nothing hidden.
    Baseline {
        /// Its number, from 0.
        run: usize,
        /// The seed of its order; none for the suite's own order.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        seed: Option<u64>,
        /// How each test ended.
        outcomes: BTreeMap<TestName, Outcome>,
        /// What each test was observed to read, where an observer watched.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        observed: Option<BTreeMap<TestName, BTreeSet<FixtureName>>>,
        /// How long it took.
        milliseconds: u64,
    },
    /// One test, with something hidden.
    Answer {
        /// The test.
        test: TestName,
        /// What was hidden from it.
        hidden: BTreeSet<FixtureName>,
        /// In which company it ran.
        company: Company,
        /// How it ended.
        outcome: Outcome,
    },
    /// One test, run with nothing hidden after the baseline: it failed in another order, or seems to need something.
    Control {
        /// The test.
        test: TestName,
        /// The number of the control, from 0.
        run: usize,
        /// In which company it ran.
        company: Company,
        /// How it ended.
        outcome: Outcome,
    },
    /// The fewest tests that one needs before it to pass; none where that was not found.
    Companions {
        /// The test.
        test: TestName,
        /// The tests it needs.
        with: BTreeSet<TestName>,
    },
    /// The names of this function's tests changed while something was hidden: its tests are measured as one.
    Shifting {
        /// The function.
        function: String,
    },
    /// The search for one test has ended.
    Known {
        /// The test.
        test: TestName,
        /// In which company it ran.
        company: Company,
        /// What it needs by itself.
        alone: BTreeSet<FixtureName>,
        /// Minimal sets of which it needs one.
        joint: Vec<BTreeSet<FixtureName>>,
    },
    /// The search for one test has ended without an answer.
    Undecided {
        /// The test.
        test: TestName,
        /// In which company it ran.
        company: Company,
        /// Why.
        reason: String,
    },
    /// What a test needed in an earlier revision; it is looked for first.
    Expected {
        /// The test.
        test: TestName,
        /// What it needed, alone or as one of several.
        fixtures: BTreeSet<FixtureName>,
    },
    /// No test used any of these, and what hides them was not seen to work.
    Unproved {
        /// All fixtures of one means.
        fixtures: BTreeSet<FixtureName>,
        /// Why nothing is known of them.
        reason: String,
    },
}

/// The company in which a test ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Company {
    /// Among a selection of tests.
    Selection,
    /// In a run of the whole suite, in its own order.
    Suite,
}
