//! Measures a suite: the baseline, then for each test what has to be hidden to know what it needs, with as few executions as can be.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::bail;

use crate::baseline::{self, BaselineRun, Standing};
use crate::findings::Findings;
use crate::memory::Memory;
use crate::name::{FixtureName, TestName};
use crate::outcome::Outcome;
use crate::record::{Company, Record};
use crate::search::{self, Decision, Expectation};
use crate::set::FixtureSet;
use crate::suite::{Abilities, Order, Report, Run, RunError, Selection, Suite, Watch};

mod batches;
mod subject;

use batches::Batch;
use subject::{State, Subject};

/// How often a test that seems to need something is run again with nothing hidden.
const CONTROLS: usize = 2;
/// How often a test that fails in some company is run without the rest of the suite, to know whether it ever passes there.
const TRIALS_ALONE: usize = 3;
/// Why nothing is said of a test that passes or fails by chance.
const FLAKY: &str = "flaky: it does not always pass while nothing is hidden";

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

    fn holds(self, test: &TestName) -> bool {
        let hash = blake3::hash(test.function().as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        u64::from_le_bytes(first) % self.of as u64 == self.number as u64 - 1
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
        self.choose_subjects(&runs, observed.as_ref())?;
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
            let seen = match self.memory.baseline(run) {
                Some(seen) => seen,
                None => {
                    let report = self.run(Run {
                        tests: Selection::Whole,
                        order,
                        hidden: self.nothing(),
                        hidden_from: BTreeMap::new(),
                        watch,
                    })?;
                    if report.outcomes.is_empty() {
                        return Err(no_tests(&report).into());
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
            refuse_failing(&standings)?;
        }
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
            let seen = observed.and_then(|observed| observed.get(&test)).cloned();
            self.subjects.push(Subject::new(test, company, seen));
        }
        for function in self.memory.shifting() {
            self.merge(&function);
        }
        Ok(())
    }

    /// Tests that fail in another order only are run again without the others. One that never passes there does need
    /// others; runs of the whole suite are dear, so nothing else is measured in them.
    fn triage(&mut self, standings: &mut BTreeMap<TestName, Standing>) -> Result<(), Halt> {
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

    /// Measures some tests first where nothing was observed, to know what the others are likely to need.
    fn pilot(&mut self) -> Result<(), Halt> {
        let unobserved = self
            .subjects
            .iter()
            .filter(|subject| subject.observed.is_none())
            .count();
        let every = (unobserved / (unobserved / 10).max(8)).max(1);
        let pilots: BTreeSet<TestName> = self
            .subjects
            .iter()
            .filter(|subject| subject.observed.is_none())
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
        let mut wanted = Vec::new();
        for index in 0..self.subjects.len() {
            loop {
                let subject = &self.subjects[index];
                if !matches!(subject.state, State::Open) || !among(subject) {
                    break;
                }
                let expectation = match &subject.observed {
                    Some(seen) => Expectation::Observed(seen),
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
                            match self.memory.answer(&test, company, &self.names_of(&set)) {
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
                            alone: self.names_of(&found.alone),
                            joint: found.joint.iter().map(|set| self.names_of(set)).collect(),
                        };
                        self.memory.keep(record)?;
                        self.subjects[index].state = State::Known(found);
                    }
                    Decision::Contradicted(_) => {
                        self.subjects[index].state = State::Unknown(
                            "flaky: the same fixtures hidden gave different results".to_owned(),
                        );
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
        let report = self.run(Run {
            tests: match batch.company {
                Company::Selection => Selection::Only(selected),
                Company::Suite => Selection::Whole,
            },
            order: Order::Given,
            hidden: batch.hidden.clone(),
            hidden_from,
            watch: Watch::No,
        })?;
        if batch.company == Company::Suite {
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

    /// Tests that seem to need something are run again with nothing hidden. One that fails there depends on others, or on
    /// chance.
    fn control(&mut self) -> Result<(), Halt> {
        for run in 0..CONTROLS {
            let failed = self.failing_controls(Company::Selection, run)?;
            if failed.is_empty() {
                continue;
            }
            for (test, standing) in self.alone(&failed, CONTROLS)? {
                let Some(index) = self.owner(&test) else {
                    continue;
                };
                let subject = &mut self.subjects[index];
                match standing {
                    Standing::NeedsOthers => subject.start_again(Company::Suite),
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
            match self.memory.control(test, company, run) {
                Some(outcome) => {
                    outcomes.insert(test.clone(), outcome);
                }
                None => {
                    missing.insert(test.clone());
                }
            }
        }
        if missing.is_empty() {
            return Ok(outcomes);
        }
        let report = self.run(Run {
            tests: match company {
                Company::Selection => Selection::Only(missing.clone()),
                Company::Suite => Selection::Whole,
            },
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

    fn run(&mut self, run: Run) -> Result<Report, Halt> {
        let budget = self.options.budget;
        let used_up = budget
            .executions
            .is_some_and(|most| self.executions >= most)
            || budget.time.is_some_and(|most| self.spent >= most);
        if used_up {
            return Err(Halt::OutOfBudget);
        }
        let report = self.suite.run(&run)?;
        self.runs += 1;
        self.executions += match &run.tests {
            Selection::Whole => report.outcomes.len().max(self.tests.len()),
            Selection::Only(tests) => tests.len(),
        } as u64;
        self.spent += report.elapsed;
        Ok(report)
    }

    /// Tests whose names moved while something was hidden are measured as one from now on.
    fn merge_what_shifted(&mut self, report: &Report) -> Result<(), Halt> {
        let Some(listed) = &report.listed else {
            return Ok(());
        };
        let known = |name: &TestName| {
            let has = |subject: &Subject| subject.members.contains(name);
            self.subjects.iter().any(has)
                || self.set_aside.contains_key(name)
                || !self.options.shard.holds(name)
        };
        let mut functions = BTreeSet::new();
        for name in listed {
            if let Some(function) = name.parametrised()
                && !known(name)
            {
                functions.insert(function.to_owned());
            }
        }
        // The last of a row of numbered names goes, whichever of them was hidden.
        let alive: BTreeSet<&str> = listed.iter().filter_map(TestName::parametrised).collect();
        for subject in &self.subjects {
            if let [only] = Vec::from_iter(&subject.members)[..]
                && let Some(function) = only.parametrised()
                && !listed.contains(only)
                && is_numbered(only)
                && alive.contains(function)
            {
                functions.insert(function.to_owned());
            }
        }
        for function in functions {
            self.memory.keep(Record::Shifting {
                function: function.clone(),
            })?;
            self.merge(&function);
        }
        Ok(())
    }

    fn merge(&mut self, function: &str) {
        let belongs = |subject: &Subject| {
            let mut members = subject.members.iter();
            members.all(|member| member.parametrised() == Some(function))
        };
        let (parts, rest): (Vec<Subject>, Vec<Subject>) = std::mem::take(&mut self.subjects)
            .into_iter()
            .partition(belongs);
        self.subjects = rest;
        if parts.is_empty() {
            return;
        }
        for part in &parts {
            for member in &part.members {
                self.tests.remove(member);
            }
        }
        let merged = Subject::merged(function, parts);
        self.tests.insert(merged.name.clone());
        let at = self.subjects.partition_point(|one| one.name < merged.name);
        self.subjects.insert(at, merged);
    }

    fn estimate(&self, run: Duration) -> Estimate {
        let tests = self.subjects.len();
        let baseline = (self.tests.len() * self.options.runs) as u64;
        let observed = self.subjects.iter().filter_map(|one| one.observed.as_ref());
        let trials: usize = observed.clone().map(FixtureSet::len).sum();
        let watched = observed.count();
        let fixtures = self.fixtures.len();
        let unobserved = tests - watched;
        Estimate {
            tests,
            fixtures,
            observed: watched,
            at_least: (tests + trials) as u64,
            at_most: (trials + 3 * watched + unobserved * (2 * fixtures + CONTROLS)) as u64,
            one_at_a_time: (tests * fixtures) as u64,
            run,
        }
        .after(baseline)
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

impl Estimate {
    /// The same, with the executions of the baseline, which are behind us.
    fn after(mut self, baseline: u64) -> Estimate {
        self.at_least += baseline;
        self.at_most += baseline;
        self.one_at_a_time += baseline;
        self
    }
}

/// Whether the parameters of a test are named by their position: `path0`, `case12`.
fn is_numbered(test: &TestName) -> bool {
    let parameters = test.as_str().strip_suffix(']');
    let parameters = parameters.and_then(|test| test.split_once('['));
    parameters.is_some_and(|(_, parameters)| parameters.ends_with(|end: char| end.is_ascii_digit()))
}

fn no_tests(report: &Report) -> anyhow::Error {
    let printed = report.printed.trim();
    if printed.is_empty() {
        anyhow::anyhow!("the suite reported no test while nothing was hidden, and printed nothing")
    } else {
        anyhow::anyhow!(
            "the suite reported no test while nothing was hidden; it printed:\n{printed}"
        )
    }
}

fn refuse_failing(standings: &BTreeMap<TestName, Standing>) -> anyhow::Result<()> {
    let mut failing = Vec::new();
    for (test, standing) in standings {
        if let Standing::Failing(outcome) = standing {
            let evidence = outcome.evidence();
            let first = evidence.first().map_or("", String::as_str);
            failing.push(format!("  {test}: {first}"));
        }
    }
    if !failing.is_empty() {
        bail!(
            "{} of {} tests fail while nothing is hidden; make them pass, or set them aside with --allow-failing:\n{}",
            failing.len(),
            standings.len(),
            failing.join("\n")
        );
    }
    Ok(())
}
