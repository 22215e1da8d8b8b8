//! What earlier runs have answered already.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::name::{FixtureName, TestName};
use crate::outcome::Outcome;
use crate::record::{Company, Record};

/// Keeps every answer as it comes, and gives it back.
pub trait Memory {
    /// Keeps one more.
    ///
    /// # Errors
    ///
    /// When it cannot be kept: a measurement that could not go on later does not go on now.
    fn keep(&mut self, record: Record) -> Result<()>;

    /// A run of the baseline.
    fn baseline(&self, run: usize) -> Option<Record>;

    /// How a test ended while these were hidden.
    fn answer(
        &self,
        test: &TestName,
        company: Company,
        hidden: &BTreeSet<FixtureName>,
    ) -> Option<Outcome>;

    /// How a test ended when it was run again with nothing hidden.
    fn control(&self, test: &TestName, company: Company, run: usize) -> Option<Outcome>;

    /// Functions whose tests are measured as one.
    fn shifting(&self) -> BTreeSet<String>;
}

/// Answers in the memory of this process.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    baselines: BTreeMap<usize, Record>,
    answers: BTreeMap<(TestName, Company), BTreeMap<BTreeSet<FixtureName>, Outcome>>,
    controls: BTreeMap<(TestName, Company, usize), Outcome>,
    shifting: BTreeSet<String>,
}

impl Memory for Answers {
    fn keep(&mut self, record: Record) -> Result<()> {
        match record {
            Record::Baseline { run, .. } => {
                self.baselines.insert(run, record);
            }
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
            Record::Shifting { function } => {
                self.shifting.insert(function);
            }
            Record::Known { .. } => {}
        }
        Ok(())
    }

    fn baseline(&self, run: usize) -> Option<Record> {
        self.baselines.get(&run).cloned()
    }

    fn answer(
        &self,
        test: &TestName,
        company: Company,
        hidden: &BTreeSet<FixtureName>,
    ) -> Option<Outcome> {
        // A map from tests, so that the names of the fixtures need not be copied to look one up.
        let answers = self.answers.get(&(test.clone(), company))?;
        answers.get(hidden).cloned()
    }

    fn control(&self, test: &TestName, company: Company, run: usize) -> Option<Outcome> {
        self.controls.get(&(test.clone(), company, run)).cloned()
    }

    fn shifting(&self) -> BTreeSet<String> {
        self.shifting.clone()
    }
}
