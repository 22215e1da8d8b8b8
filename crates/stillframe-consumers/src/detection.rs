//! Measures a suite: the baseline, then for each test what has to be hidden to know what it needs, with as few executions as can be.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::baseline::{self, BaselineRun, Standing};
use crate::broken::Broken;
use crate::findings::Findings;
use crate::memory::Memory;
use crate::name::{FixtureName, TestName};
use crate::outcome::Outcome;
use crate::record::{Company, Record};
use crate::search::{self, Decision, Expectation};
use crate::set::FixtureSet;
use crate::suite::{Abilities, Order, Report, Run, RunError, Selection, Suite, Watch};

mod batches;
mod companions;
mod control;
mod estimate;
mod options;
mod recall;
mod shifts;
mod subject;

use batches::Batch;
pub use options::{Budget, Detected, Ended, Estimate, Failing, News, Options, Shard};
pub use recall::recall;
use subject::{State, Subject};

/// Measures a suite.
///
/// # Errors
///
/// When the suite cannot be run, hiding did not work, or tests fail while nothing is hidden.
pub fn detect(
    suite: &mut dyn Suite,
    fixtures: &[FixtureName],
    options: &Options,
    memory: &mut dyn Memory,
    tell: &mut dyn FnMut(News<'_>),
) -> anyhow::Result<Detected> {
    let abilities = suite.abilities();
    let mut detection = Detection {
        suite,
        fixtures,
        options,
        memory,
        tell,
        abilities,
        subjects: Vec::new(),
        set_aside: BTreeMap::new(),
        suite_tests: BTreeSet::new(),
        companions: BTreeMap::new(),
        tests: BTreeSet::new(),
        needed: vec![0; fixtures.len()],
        pilots: 0,
        executions: 0,
        runs: 0,
        spent: Duration::ZERO,
    };
    let ended = match detection.measure() {
        Ok(()) => Ended::Complete,
        Err(Halt::OutOfBudget) => Ended::OutOfBudget,
        Err(Halt::Run(RunError::Interrupted)) => Ended::Interrupted,
        Err(Halt::Run(RunError::Failed(error))) => return Err(error),
    };
    Ok(Detected {
        findings: detection.findings(),
        executions: detection.executions,
        runs: detection.runs,
        ended,
    })
}

/// Why measuring stops before its end.
enum Halt {
    OutOfBudget,
    Run(RunError),
}

impl From<RunError> for Halt {
    fn from(error: RunError) -> Halt {
        Halt::Run(error)
    }
}

impl From<anyhow::Error> for Halt {
    fn from(error: anyhow::Error) -> Halt {
        Halt::Run(RunError::Failed(error))
    }
}

struct Detection<'a> {
    suite: &'a mut dyn Suite,
    fixtures: &'a [FixtureName],
    options: &'a Options,
    memory: &'a mut dyn Memory,
    tell: &'a mut dyn FnMut(News<'_>),
    abilities: Abilities,
    subjects: Vec<Subject>,
    /// Tests that are not measured, with the reason.
    set_aside: BTreeMap<TestName, String>,
    /// Every test that the baseline ran, also those of other shards.
    suite_tests: BTreeSet<TestName>,
    /// The tests that another one needs before it.
    companions: BTreeMap<TestName, BTreeSet<TestName>>,
    /// Every test of the suite, or of this shard.
    tests: BTreeSet<TestName>,
    /// How many of the first tests need each fixture.
    needed: Vec<usize>,
    /// How many tests that is of.
    pilots: usize,
    executions: u64,
    runs: u64,
    spent: Duration,
}

impl Detection<'_> {
    fn measure(&mut self) -> Result<(), Halt> {
        let (runs, observed, elapsed) = self.baseline()?;
        self.suite.baseline_took(elapsed);
        self.choose_subjects(&runs, observed.as_ref())?;
        self.recall();
        let estimate = self.estimate(elapsed);
        (self.tell)(News::Estimate(&estimate));
        self.pilot()?;
        self.search(|_| true)?;
        self.control()
    }

    /// Runs the suite with nothing hidden, several times, every second time in another order.
    #[expect(clippy::type_complexity, reason = "read in one place")]
    fn baseline(
        &mut self,
    ) -> Result<
        (
            Vec<BaselineRun>,
            Option<BTreeMap<TestName, FixtureSet>>,
            Duration,
        ),
        Halt,
    > {
        let mut runs = Vec::new();
        let mut observed = None;
        let mut longest = Duration::ZERO;
        for run in 0..self.options.runs {
            let order = if run % 2 == 1 && self.abilities.reorders {
                Order::Shuffled(run as u64)
            } else {
                Order::Given
            };
            let watch = if run == 0 { Watch::Yes } else { Watch::No };
            (self.tell)(News::Baseline {
                run: run + 1,
                of: self.options.runs,
            });
            let seen = match self.memory.answers().baseline(run) {
                Some(seen) => seen.clone(),
                None => {
                    let report = self.run(&Run {
                        tests: Selection::Whole,
                        order,
                        hidden: self.nothing(),
                        hidden_from: BTreeMap::new(),
                        watch,
                    })?;
                    if report.outcomes.is_empty() {
                        return Err(anyhow::Error::from(no_tests(&report)).into());
                    }
                    let record = self.baseline_record(run, order, report);
                    self.memory.keep(record.clone())?;
                    record
                }
            };
            let Record::Baseline {
                outcomes,
                observed: saw,
                milliseconds,
                ..
            } = seen
            else {
                unreachable!("a memory gives baselines for baselines")
            };
            longest = longest.max(Duration::from_millis(milliseconds));
            runs.push(BaselineRun { order, outcomes });
            if let Some(saw) = saw {
                let sets = saw
                    .into_iter()
                    .map(|(test, names)| (test, self.set_of(&names)));
                observed = Some(sets.collect());
            }
        }
        Ok((runs, observed, longest))
    }

    fn baseline_record(&self, run: usize, order: Order, report: Report) -> Record {
        let observed = report.observed.map(|observed| {
            let named = observed
                .into_iter()
                .map(|(test, set)| (test, self.names_of(&set)));
            named.collect()
        });
        Record::Baseline {
            run,
            seed: match order {
                Order::Given => None,
                Order::Shuffled(seed) => Some(seed),
            },
            outcomes: report.outcomes,
            observed,
            milliseconds: u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// Decides what is measured, by how the tests of the baseline ended.
    fn choose_subjects(
        &mut self,
        runs: &[BaselineRun],
        observed: Option<&BTreeMap<TestName, FixtureSet>>,
    ) -> Result<(), Halt> {
        let mut standings = baseline::judge(runs);
        self.triage(&mut standings)?;
        if self.options.failing == Failing::Refused {
            refuse_failing(&standings).map_err(anyhow::Error::from)?;
        }
        self.suite_tests = standings.keys().cloned().collect();
        for (test, standing) in standings {
            if !self.options.shard.holds(&test) {
                continue;
            }
            self.tests.insert(test.clone());
            if let Some(obstacle) = standing.obstacle() {
                self.set_aside.insert(test, obstacle.to_owned());
                continue;
            }
            let company = if self.abilities.selects && standing == Standing::Steady {
                Company::Selection
            } else {
                Company::Suite
            };
            if company == Company::Suite {
                self.find_companions(&test)?;
            }
            let seen = observed.and_then(|observed| observed.get(&test)).cloned();
            let seen = match (self.memory.answers().expected(&test), seen) {
                (Some(expected), Some(seen)) => Some(self.set_of(expected).union(&seen)),
                (Some(expected), None) => Some(self.set_of(expected)),
                (None, seen) => seen,
            };
            self.subjects.push(Subject::new(test, company, seen));
        }
        for function in self.memory.answers().shifting().clone() {
            self.merge(&function);
        }
        Ok(())
    }

    /// Measures some tests first where nothing was observed, to know what the others are likely to need.
    fn pilot(&mut self) -> Result<(), Halt> {
        let is_blind = !self.blind().is_empty();
        let is_pilot = |subject: &&Subject| {
            (subject.observed.is_none() || is_blind) && !self.is_expected(subject)
        };
        let unobserved = self.subjects.iter().filter(is_pilot).count();
        let every = (unobserved / (unobserved / 10).max(8)).max(1);
        let pilots: BTreeSet<TestName> = self
            .subjects
            .iter()
            .filter(is_pilot)
            .step_by(every)
            .map(|subject| subject.name.clone())
            .collect();
        self.search(|subject| pilots.contains(&subject.name))?;
        let mut needed = vec![0; self.fixtures.len()];
        let mut known = 0;
        for subject in &self.subjects {
            let (true, State::Known(found)) = (pilots.contains(&subject.name), &subject.state)
            else {
                continue;
            };
            known += 1;
            for fixture in found.alone.iter() {
                needed[fixture] += 1;
            }
        }
        (self.needed, self.pilots) = (needed, known);
        Ok(())
    }

    /// Runs what these tests want until each of them is known.
    fn search(&mut self, among: impl Fn(&Subject) -> bool) -> Result<(), Halt> {
        loop {
            let wanted = self.wanted(&among)?;
            if wanted.is_empty() {
                return Ok(());
            }
            for batch in batches::arrange(wanted, &self.abilities) {
                self.try_batch(batch)?;
            }
        }
    }

    /// What each test that is not known yet wants to be tried next.
    fn wanted(
        &mut self,
        among: &impl Fn(&Subject) -> bool,
    ) -> Result<Vec<(TestName, Company, Vec<FixtureSet>)>, Halt> {
        let all = FixtureSet::all(self.fixtures.len());
        let blind = self.blind();
        let not_blind = self.nothing();
        let mut wanted = Vec::new();
        for index in 0..self.subjects.len() {
            loop {
                let subject = &self.subjects[index];
                if !matches!(subject.state, State::Open) || !among(subject) {
                    break;
                }
                let expectation = match &subject.observed {
                    Some(seen) => Expectation::Observed {
                        seen,
                        // What was measured in an earlier revision was not only observed.
                        blind: if self.is_expected(subject) {
                            &not_blind
                        } else {
                            &blind
                        },
                        needed: &self.needed,
                        tests: self.pilots,
                    },
                    None => Expectation::Likely {
                        needed: &self.needed,
                        tests: self.pilots,
                    },
                };
                match search::decide(&subject.known, &all, expectation) {
                    Decision::Try(sets) => {
                        // What an earlier run has answered is not run again.
                        let (test, company) = (subject.name.clone(), subject.company);
                        let mut open = Vec::new();
                        for set in sets {
                            match self.answered(&test, company, &set) {
                                Some(outcome) => self.subjects[index].learn(set, outcome),
                                None => open.push(set),
                            }
                        }
                        if !open.is_empty() {
                            wanted.push((test, company, open));
                            break;
                        }
                    }
                    Decision::Known(found) => {
                        let record = Record::Known {
                            test: subject.name.clone(),
                            company: subject.company,
                            alone: self.names_of(&found.alone),
                            joint: found.joint.iter().map(|set| self.names_of(set)).collect(),
                        };
                        self.memory.keep(record)?;
                        self.subjects[index].state = State::Known(found);
                    }
                    Decision::Contradicted(_) => {
                        let reason = "flaky: the same fixtures hidden gave different results";
                        self.memory.keep(Record::Undecided {
                            test: subject.name.clone(),
                            company: subject.company,
                            reason: reason.to_owned(),
                        })?;
                        self.subjects[index].state = State::Unknown(reason.to_owned());
                    }
                }
            }
        }
        Ok(wanted)
    }

    fn try_batch(&mut self, batch: Batch) -> Result<(), Halt> {
        let mut hidden_from = BTreeMap::new();
        let mut selected = BTreeSet::new();
        let mut asked = BTreeMap::new();
        let mut widest = FixtureSet::none(self.fixtures.len());
        for (name, own) in batch.tests {
            let subject = self.subject(&name);
            let hidden = batch.hidden.union(&own);
            // Another batch of this round may have answered it, or made it one of several that are measured as one.
            let Some(subject) = subject.filter(|subject| subject.known.seen(&hidden).is_none())
            else {
                continue;
            };
            widest.insert_all(&hidden);
            for member in &subject.members {
                selected.insert(member.clone());
                if !own.is_empty() {
                    hidden_from.insert(member.clone(), own.clone());
                }
            }
            asked.insert(name, hidden);
        }
        if asked.is_empty() {
            return Ok(());
        }
        (self.tell)(News::Trial {
            tests: selected.len(),
            hidden: widest.len(),
            known: self.subjects.iter().filter(|one| !one.is_open()).count(),
            of: self.subjects.len(),
        });
        let tests = self.selection(&selected, batch.company);
        let report = self.run(&Run {
            tests: tests.clone(),
            order: Order::Given,
            hidden: batch.hidden.clone(),
            hidden_from,
            watch: Watch::No,
        })?;
        if tests == Selection::Whole {
            // Everybody else ran too, with what is hidden from all.
            for subject in &self.subjects {
                let same_company = subject.company == Company::Suite && subject.is_open();
                if same_company && !batch.hidden.is_empty() {
                    asked
                        .entry(subject.name.clone())
                        .or_insert_with(|| batch.hidden.clone());
                }
            }
        }
        self.merge_what_shifted(&report)?;
        for (name, hidden) in asked {
            let Some(index) = self.position(&name) else {
                continue;
            };
            let outcome = self.subjects[index].outcome_in(&report);
            self.memory.keep(Record::Answer {
                test: name,
                hidden: self.names_of(&hidden),
                company: batch.company,
                outcome: outcome.clone(),
            })?;
            self.subjects[index].learn(hidden, outcome);
        }
        Ok(())
    }

    fn run(&mut self, run: &Run) -> Result<Report, Halt> {
        let budget = self.options.budget;
        let used_up = budget
            .executions
            .is_some_and(|most| self.executions >= most)
            || budget.time.is_some_and(|most| self.spent >= most);
        if used_up {
            return Err(Halt::OutOfBudget);
        }
        let report = self.suite.run(run)?;
        self.runs += 1;
        self.executions += match &run.tests {
            Selection::Whole => report.outcomes.len().max(self.tests.len()),
            Selection::Only(tests) => tests.len(),
        } as u64;
        self.spent += report.elapsed;
        Ok(report)
    }

    fn findings(&self) -> Findings {
        let mut findings = Findings {
            tests: self.tests.clone(),
            unknown: self.set_aside.clone(),
            ..Findings::default()
        };
        for subject in &self.subjects {
            subject.report(self.fixtures, &mut findings);
        }
        findings
    }

    fn is_expected(&self, subject: &Subject) -> bool {
        self.memory.answers().expected(&subject.name).is_some()
    }

    /// How a test ended while these were hidden, where an earlier run has shown it.
    fn answered(&self, test: &TestName, company: Company, hidden: &FixtureSet) -> Option<Outcome> {
        let answers = self.memory.answers();
        answers
            .answer(test, company, &self.names_of(hidden))
            .cloned()
    }

    fn position(&self, name: &TestName) -> Option<usize> {
        self.subjects
            .binary_search_by(|subject| subject.name.cmp(name))
            .ok()
    }

    /// The subject that stands for a test, perhaps among others.
    fn owner(&self, test: &TestName) -> Option<usize> {
        let stands_for = |subject: &Subject| subject.members.contains(test);
        self.subjects.iter().position(stands_for)
    }

    fn subject(&self, name: &TestName) -> Option<&Subject> {
        self.position(name).map(|index| &self.subjects[index])
    }

    /// The fixtures of which no observer tells anything.
    fn blind(&self) -> FixtureSet {
        FixtureSet::all(self.fixtures.len()).without(&self.abilities.observable)
    }

    fn nothing(&self) -> FixtureSet {
        FixtureSet::none(self.fixtures.len())
    }

    fn names_of(&self, set: &FixtureSet) -> BTreeSet<FixtureName> {
        set.iter().map(|one| self.fixtures[one].clone()).collect()
    }

    fn set_of(&self, names: &BTreeSet<FixtureName>) -> FixtureSet {
        let positions = self.fixtures.iter().enumerate();
        let named = positions.filter(|(_, name)| names.contains(name));
        FixtureSet::of(self.fixtures.len(), named.map(|(position, _)| position))
    }
}

fn no_tests(report: &Report) -> Broken {
    let printed = report.printed.trim();
    if printed.is_empty() {
        Broken::Baseline(
            "the suite reported no test while nothing was hidden, and printed nothing".to_owned(),
        )
    } else {
        Broken::Baseline(format!(
            "the suite reported no test while nothing was hidden; it printed:\n{printed}"
        ))
    }
}

fn refuse_failing(standings: &BTreeMap<TestName, Standing>) -> Result<(), Broken> {
    let mut failing = Vec::new();
    for (test, standing) in standings {
        if let Standing::Failing(outcome) = standing {
            let evidence = outcome.evidence();
            let first = evidence.first().map_or("", String::as_str);
            failing.push(format!("  {test}: {first}"));
        }
    }
    if !failing.is_empty() {
        return Err(Broken::Baseline(format!(
            "{} of {} tests fail while nothing is hidden; make them pass, or set them aside with --allow-failing:\n{}",
            failing.len(),
            standings.len(),
            failing.join("\n")
        )));
    }
    Ok(())
}
