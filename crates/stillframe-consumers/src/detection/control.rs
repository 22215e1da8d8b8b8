//! Runs with nothing hidden besides the baseline: they tell tests that need others from those that fail by chance.

use std::collections::{BTreeMap, BTreeSet};

use super::subject::State;
use super::{Detection, Halt};
use crate::baseline::Standing;
use crate::name::TestName;
use crate::outcome::Outcome;
use crate::record::{Company, Record};
use crate::suite::{Order, Run, Watch};

/// How often a test that seems to need something is run again with nothing hidden.
pub(super) const CONTROLS: usize = 2;
/// How often a test that fails in some company is run without the rest of the suite, to know whether it ever passes there.
const TRIALS_ALONE: usize = 3;
/// Why nothing is said of a test that passes or fails by chance.
const FLAKY: &str = "flaky: it does not always pass while nothing is hidden";

impl Detection<'_> {
    /// Tests that fail in another order only are run again without the others. One that never passes there does need
    /// others; runs of the whole suite are dear, so nothing else is measured in them.
    pub(super) fn triage(
        &mut self,
        standings: &mut BTreeMap<TestName, Standing>,
    ) -> Result<(), Halt> {
        let shard = self.options.shard;
        let suspects: BTreeSet<TestName> = standings
            .iter()
            .filter(|(test, standing)| **standing == Standing::NeedsOthers && shard.holds(test))
            .map(|(test, _)| test.clone())
            .collect();
        if !self.abilities.selects || suspects.is_empty() {
            return Ok(());
        }
        for (test, verdict) in self.alone(&suspects, 0)? {
            standings.insert(test, verdict);
        }
        Ok(())
    }

    /// Runs tests several times without the rest of the suite, and with nothing hidden.
    fn alone(
        &mut self,
        tests: &BTreeSet<TestName>,
        first: usize,
    ) -> Result<BTreeMap<TestName, Standing>, Halt> {
        let mut passes: BTreeMap<&TestName, usize> = tests.iter().map(|test| (test, 0)).collect();
        for run in first..first + TRIALS_ALONE {
            let outcomes = self.with_nothing_hidden(tests, Company::Selection, run)?;
            for (test, passed) in &mut passes {
                *passed += usize::from(outcomes.get(*test) == Some(&Outcome::Passed));
            }
        }
        let standing = |passed| match passed {
            0 => Standing::NeedsOthers,
            TRIALS_ALONE => Standing::Steady,
            _ => Standing::Flaky,
        };
        let judged = passes.into_iter();
        Ok(judged
            .map(|(test, passed)| (test.clone(), standing(passed)))
            .collect())
    }

    /// Tests that seem to need something are run again with nothing hidden. One that fails there depends on others, or on
    /// chance.
    pub(super) fn control(&mut self) -> Result<(), Halt> {
        for run in 0..CONTROLS {
            let failed = self.failing_controls(Company::Selection, run)?;
            if failed.is_empty() {
                continue;
            }
            for (test, standing) in self.alone(&failed, CONTROLS)? {
                let Some(index) = self.owner(&test) else {
                    continue;
                };
                if standing == Standing::NeedsOthers {
                    self.find_companions(&test)?;
                }
                let subject = &mut self.subjects[index];
                match standing {
                    Standing::NeedsOthers => {
                        subject.start_again(Company::Suite);
                        self.recall_one(index);
                    }
                    _ => subject.state = State::Unknown(FLAKY.to_owned()),
                }
            }
            self.search(|_| true)?;
        }
        for run in 0..CONTROLS {
            for test in self.failing_controls(Company::Suite, run)? {
                if let Some(index) = self.owner(&test) {
                    self.subjects[index].state = State::Unknown(FLAKY.to_owned());
                }
            }
        }
        Ok(())
    }

    /// The tests of this company that have findings and fail while nothing is hidden.
    fn failing_controls(
        &mut self,
        company: Company,
        run: usize,
    ) -> Result<BTreeSet<TestName>, Halt> {
        let suspects = self
            .subjects
            .iter()
            .filter(|subject| subject.company == company && subject.has_findings());
        let tests = suspects
            .flat_map(|subject| subject.members.iter().cloned())
            .collect();
        let outcomes = self.with_nothing_hidden(&tests, company, run)?;
        let failed = outcomes
            .into_iter()
            .filter(|(_, outcome)| *outcome != Outcome::Passed);
        Ok(failed.map(|(test, _)| test).collect())
    }

    /// How these tests end in this company while nothing is hidden, the `run`th time.
    fn with_nothing_hidden(
        &mut self,
        tests: &BTreeSet<TestName>,
        company: Company,
        run: usize,
    ) -> Result<BTreeMap<TestName, Outcome>, Halt> {
        let mut outcomes = BTreeMap::new();
        let mut missing = BTreeSet::new();
        for test in tests {
            match self.memory.answers().control(test, company, run) {
                Some(outcome) => {
                    outcomes.insert(test.clone(), outcome.clone());
                }
                None => {
                    missing.insert(test.clone());
                }
            }
        }
        if missing.is_empty() {
            return Ok(outcomes);
        }
        let report = self.run(&Run {
            tests: self.selection(&missing, company),
            order: Order::Given,
            hidden: self.nothing(),
            hidden_from: BTreeMap::new(),
            watch: Watch::No,
        })?;
        for test in missing {
            let ended = report.outcomes.get(&test).cloned();
            let outcome = ended.unwrap_or_else(|| Outcome::missing(&report.printed));
            self.memory.keep(Record::Control {
                test: test.clone(),
                run,
                company,
                outcome: outcome.clone(),
            })?;
            outcomes.insert(test, outcome);
        }
        Ok(outcomes)
    }
}
