//! How a suite is to be measured, what is told while that goes on, and what it came to.

use std::time::Duration;

use crate::findings::Findings;
use crate::name::TestName;

/// How to measure.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many runs the baseline has.
    pub runs: usize,
    /// What is done about tests that never pass.
    pub failing: Failing,
    /// When to stop.
    pub budget: Budget,
    /// Which part of the tests is measured.
    pub shard: Shard,
}

/// What is done about tests that fail while nothing is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    /// They are an error.
    Refused,
    /// They are set aside.
    Allowed,
}

/// How much may be spent; a run that has begun is always completed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Budget {
    /// How many tests may be run.
    pub executions: Option<u64>,
    /// How long the suite may run.
    pub time: Option<Duration>,
}

/// One of several equal parts of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Its number, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl Shard {
    /// All tests.
    pub const WHOLE: Shard = Shard { number: 1, of: 1 };

    pub(super) fn holds(self, test: &TestName) -> bool {
        let hash = blake3::hash(test.function().as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        u64::from_le_bytes(first) % self.of as u64 == self.number as u64 - 1
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parts = text.split_once('/');
        let parts = parts.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((number, of)) if 1 <= number && number <= of => Ok(Shard { number, of }),
            _ => Err(format!("\"{text}\" is not a shard; write 1/3, 2/3 and 3/3")),
        }
    }
}

/// What a measurement came to.
#[derive(Debug, Clone)]
pub struct Detected {
    /// What was found.
    pub findings: Findings,
    /// How many tests were run, each time one ran counted.
    pub executions: u64,
    /// How many runs of the suite, or parts of it, there were.
    pub runs: u64,
    /// How it ended.
    pub ended: Ended,
}

/// How a measurement ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything was measured.
    Complete,
    /// The budget was used up.
    OutOfBudget,
    /// It was interrupted; what was measured is kept.
    Interrupted,
}

/// What is told while it goes on.
#[derive(Debug, Clone)]
pub enum News<'a> {
    /// A run of the baseline begins.
    Baseline {
        /// Its number, from 1.
        run: usize,
        /// How many there will be.
        of: usize,
    },
    /// The baseline is known.
    Estimate(&'a Estimate),
    /// A run with something hidden begins.
    Trial {
        /// How many tests run in it.
        tests: usize,
        /// How many fixtures are hidden, from any of them.
        hidden: usize,
        /// How many tests are known now.
        known: usize,
        /// How many there are.
        of: usize,
    },
}

/// What measuring may cost.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// Tests to measure.
    pub tests: usize,
    /// Fixtures to hide.
    pub fixtures: usize,
    /// How many of the tests were observed.
    pub observed: usize,
    /// The fewest executions it can take.
    pub at_least: u64,
    /// The most, joint sets apart.
    pub at_most: u64,
    /// What hiding one fixture after the other from the whole suite would take.
    pub one_at_a_time: u64,
    /// How long one run of the whole suite takes.
    pub run: Duration,
}
