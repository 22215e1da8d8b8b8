//! What earlier runs have answered already.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::name::{FixtureName, TestName};
use crate::outcome::Outcome;
use crate::record::{Company, Record};

/// Keeps every answer as it comes, and gives all of them back.
pub trait Memory {
    /// Keeps one more.
    ///
    /// # Errors
    ///
    /// When it cannot be kept: a measurement that could not go on later does not go on now.
    fn keep(&mut self, record: Record) -> Result<()>;

    /// All that were kept.
    fn answers(&self) -> &Answers;
}

/// Answers in the memory of this process.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    baselines: BTreeMap<usize, Record>,
    answers: BTreeMap<(TestName, Company), BTreeMap<BTreeSet<FixtureName>, Outcome>>,
    controls: BTreeMap<(TestName, Company, usize), Outcome>,
    companions: BTreeMap<TestName, BTreeSet<TestName>>,
    shifting: BTreeSet<String>,
    ends: BTreeMap<(TestName, Company), Record>,
    expected: BTreeMap<TestName, BTreeSet<FixtureName>>,
}

impl Answers {
    /// How many runs of the baseline there are, from the first on without a gap.
    pub fn baselines(&self) -> usize {
        let numbers = self.baselines.keys().enumerate();
        numbers.take_while(|(at, run)| at == *run).count()
    }

    /// A run of the baseline.
    pub fn baseline(&self, run: usize) -> Option<&Record> {
        self.baselines.get(&run)
    }

    /// The tests that passed in every run of the baseline.
    pub fn steady(&self) -> BTreeSet<TestName> {
        let mut passed: Option<BTreeSet<TestName>> = None;
        for record in self.baselines.values() {
            let Record::Baseline { outcomes, .. } = record else {
                continue;
            };
            let passes = |test: &TestName| outcomes.get(test) == Some(&Outcome::Passed);
            passed = Some(match passed {
                Some(before) => before.into_iter().filter(passes).collect(),
                None => outcomes
                    .keys()
                    .filter(|test| passes(test))
                    .cloned()
                    .collect(),
            });
        }
        passed.unwrap_or_default()
    }

    /// How a test ended while these were hidden.
    pub fn answer(
        &self,
        test: &TestName,
        company: Company,
        hidden: &BTreeSet<FixtureName>,
    ) -> Option<&Outcome> {
        // A map from tests, so that the names of the fixtures need not be copied to look one up.
        self.answers.get(&(test.clone(), company))?.get(hidden)
    }

    /// How a test ended when it was run again with nothing hidden.
    pub fn control(&self, test: &TestName, company: Company, run: usize) -> Option<&Outcome> {
        self.controls.get(&(test.clone(), company, run))
    }

    /// The fewest tests that one needs before it.
    pub fn companions(&self, test: &TestName) -> Option<&BTreeSet<TestName>> {
        self.companions.get(test)
    }

    /// Functions whose tests are measured as one.
    pub fn shifting(&self) -> &BTreeSet<String> {
        &self.shifting
    }

    /// How the search for a test ended in this company.
    pub fn end_of_search(&self, test: &TestName, company: Company) -> Option<&Record> {
        self.ends.get(&(test.clone(), company))
    }

    /// What a test needed in an earlier revision.
    pub fn expected(&self, test: &TestName) -> Option<&BTreeSet<FixtureName>> {
        self.expected.get(test)
    }

    /// The same answers for a measurement of fewer fixtures, and of these tests or all. What a test was seen to do holds for
    /// both; how a search ended does not.
    pub fn narrowed(&self, tests: Option<&BTreeSet<TestName>>) -> Answers {
        let mut narrowed = self.clone();
        narrowed.ends.clear();
        for record in narrowed.baselines.values_mut() {
            if let (Some(tests), Record::Baseline { outcomes, .. }) = (tests, record) {
                outcomes.retain(|test, _| tests.contains(test));
            }
        }
        narrowed
    }

    fn keep_baseline(&mut self, record: Record) {
        if let Record::Baseline { run, .. } = record {
            let record = match self.baselines.remove(&run) {
                Some(before) => both(before, record),
                None => record,
            };
            self.baselines.insert(run, record);
        }
    }
}

impl Memory for Answers {
    fn keep(&mut self, record: Record) -> Result<()> {
        match record {
            Record::Baseline { .. } => self.keep_baseline(record),
            Record::Answer {
                test,
                hidden,
                company,
                outcome,
            } => {
                let answers = self.answers.entry((test, company)).or_default();
                answers.insert(hidden, outcome);
            }
            Record::Control {
                test,
                run,
                company,
                outcome,
            } => {
                self.controls.insert((test, company, run), outcome);
            }
            Record::Companions { test, with } => {
                self.companions.insert(test, with);
            }
            Record::Shifting { function } => {
                self.shifting.insert(function);
            }
            Record::Expected { test, fixtures } => {
                self.expected.insert(test, fixtures);
            }
            Record::Unproved { .. } => {}
            Record::Known {
                ref test, company, ..
            }
            | Record::Undecided {
                ref test, company, ..
            } => {
                self.ends.insert((test.clone(), company), record);
            }
        }
        Ok(())
    }

    fn answers(&self) -> &Answers {
        self
    }
}

/// Two runs of the baseline that have the same number because shards ran them on different machines: a test passed when it
/// passed in both.
fn both(mut one: Record, other: Record) -> Record {
    if let (
        Record::Baseline {
            outcomes,
            observed,
            milliseconds,
            ..
        },
        Record::Baseline {
            outcomes: others,
            observed: other_observed,
            milliseconds: other_milliseconds,
            ..
        },
    ) = (&mut one, other)
    {
        for (test, outcome) in others {
            let known = outcomes.entry(test).or_insert_with(|| outcome.clone());
            if *known == Outcome::Passed {
                *known = outcome;
            }
        }
        match (observed.as_mut(), other_observed) {
            (Some(observed), Some(other)) => {
                for (test, names) in other {
                    observed.entry(test).or_default().extend(names);
                }
            }
            // What one of them did not watch is not known to be complete.
            _ => *observed = None,
        }
        *milliseconds = (*milliseconds).max(other_milliseconds);
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Phase;

    #[test]
    fn a_test_passed_a_run_of_the_baseline_when_it_passed_in_every_shard() {
        let run = |ends: [(&str, Outcome); 2]| Record::Baseline {
            run: 0,
            seed: None,
            outcomes: ends
                .map(|(test, outcome)| (TestName::from(test), outcome))
                .into(),
            observed: None,
            milliseconds: 1,
        };
        let failed = Outcome::failed(Phase::Body, "no");
        let mut answers = Answers::default();
        let one = run([("a", Outcome::Passed), ("b", failed.clone())]);
        let other = run([("a", failed.clone()), ("b", Outcome::Passed)]);
        answers.keep(one).unwrap();
        answers.keep(other).unwrap();
        let both = run([("a", failed.clone()), ("b", failed)]);
        assert_eq!(answers.baseline(0), Some(&both));
        assert_eq!(answers.baselines(), 1);
    }
}
