//! The tests that another one needs before it: with them alone it can be measured without running the whole suite.

use std::collections::{BTreeMap, BTreeSet};

use super::{Detection, Halt};
use crate::name::TestName;
use crate::outcome::Outcome;
use crate::record::{Company, Record};
use crate::search::{self, Decision, Knowledge, Verdict};
use crate::set::FixtureSet;
use crate::suite::{Order, Run, Selection, Watch};

impl Detection<'_> {
    /// Finds a smallest set of tests with which this one passes, and remembers it. Where none is found, the test is measured
    /// in runs of the whole suite.
    pub(super) fn find_companions(&mut self, test: &TestName) -> Result<(), Halt> {
        if !self.abilities.selects || self.companions.contains_key(test) {
            return Ok(());
        }
        let found = match self.memory.answers().companions(test) {
            Some(known) => known.clone(),
            None => {
                let found = self.search_companions(test)?;
                self.memory.keep(Record::Companions {
                    test: test.clone(),
                    with: found.clone(),
                })?;
                found
            }
        };
        if !found.is_empty() {
            self.companions.insert(test.clone(), found);
        }
        Ok(())
    }

    /// The same without remembering it; nothing where there is no such set.
    fn search_companions(&mut self, test: &TestName) -> Result<BTreeSet<TestName>, Halt> {
        let others = self.suite_tests.iter().filter(|other| *other != test);
        let others: Vec<TestName> = others.cloned().collect();
        let all = FixtureSet::all(others.len());
        let names = |set: &FixtureSet| -> BTreeSet<TestName> {
            set.iter().map(|at| others[at].clone()).collect()
        };
        let mut known = Knowledge::default();
        loop {
            match search::smallest(&known, &all) {
                Decision::Try(sets) => {
                    for set in sets {
                        let mut tests = names(&set);
                        tests.insert(test.clone());
                        let report = self.run(&Run {
                            tests: Selection::Only(tests),
                            order: Order::Given,
                            hidden: self.nothing(),
                            hidden_from: BTreeMap::new(),
                            watch: Watch::No,
                        })?;
                        let passed = report.outcomes.get(test) == Some(&Outcome::Passed);
                        let verdict = if passed {
                            Verdict::Changed
                        } else {
                            Verdict::Same
                        };
                        known.learn(set, verdict);
                    }
                }
                Decision::Known(found) => {
                    let sets = found.joint.iter();
                    return Ok(sets.flat_map(&names).collect());
                }
                Decision::Contradicted(_) => return Ok(BTreeSet::new()),
            }
        }
    }

    /// What has to run so that these tests are in their company.
    pub(super) fn selection(&self, tests: &BTreeSet<TestName>, company: Company) -> Selection {
        let mut selected = tests.clone();
        if company == Company::Suite {
            for test in tests {
                match self.companions.get(test) {
                    Some(companions) => selected.extend(companions.iter().cloned()),
                    None => return Selection::Whole,
                }
            }
        }
        Selection::Only(selected)
    }
}
