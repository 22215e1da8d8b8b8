//! A real suite: its runner, its means of hiding and its observers, put together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use stillframe::print;
use stillframe::process::cancelled;

use crate::broken::Broken;
use crate::copy::{self, Copy};
use crate::findings::Findings;
use crate::hiding::{Fixture, Hidden, Hiding, Proof};
use crate::name::{FixtureName, TestName};
use crate::observation::Sources;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::runner::{Runner, RunnerReport};
use crate::set::FixtureSet;
use crate::strace::Strace;
use crate::suite::{Abilities, Order, Report, Run, RunError, Selection, Suite, Watch};

/// A suite that is run for real.
pub struct Measured {
    runner: Box<dyn Runner>,
    means: Vec<Box<dyn Hiding>>,
    place: Place,
    fixtures: Vec<Fixture>,
    positions: BTreeMap<FixtureName, usize>,
    timeout_is_given: bool,
    /// The means, by position, that were looked at in a run.
    seen_to_work: BTreeSet<usize>,
    /// The private copy in which the suite runs, where a means of hiding works on files.
    copy: Option<Copy>,
    /// Fixtures that were compiled into the tests.
    compiled_in: BTreeSet<FixtureName>,
    /// What sees the files that tests ask for.
    strace: Option<Strace>,
}

/// How long a suite may take at least, where the definition says nothing: a machine under load is not a finding.
const LEAST_TIMEOUT: Duration = Duration::from_secs(20);

/// Who says how long a run may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timeout {
    /// The definition.
    Given,
    /// The baseline, once it is known.
    ByBaseline,
}

/// A means of hiding that was not seen to work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotProved {
    /// Everything that it is to hide; nothing is known of who uses it.
    pub fixtures: BTreeSet<FixtureName>,
    /// What was not seen.
    pub reason: String,
}

impl Measured {
    /// Puts it together.
    ///
    /// # Errors
    ///
    /// When two fixtures have the same name, or there are none.
    pub fn new(
        runner: Box<dyn Runner>,
        means: Vec<Box<dyn Hiding>>,
        place: Place,
        copy: Option<Copy>,
        timeout: Timeout,
    ) -> Result<Measured> {
        let fixtures: Vec<Fixture> = means
            .iter()
            .flat_map(|means| means.fixtures().iter().cloned())
            .collect();
        let mut positions = BTreeMap::new();
        for (position, fixture) in fixtures.iter().enumerate() {
            if positions.insert(fixture.name.clone(), position).is_some() {
                bail!(
                    "there are two fixtures with the name {}; every name must be of one thing",
                    fixture.name
                );
            }
        }
        if fixtures.is_empty() {
            bail!("the definition names no fixture that exists; nothing can be measured");
        }
        Ok(Measured {
            runner,
            means,
            place,
            fixtures,
            positions,
            timeout_is_given: timeout == Timeout::Given,
            seen_to_work: BTreeSet::new(),
            copy,
            compiled_in: BTreeSet::new(),
            strace: None,
        })
    }

    /// Has the files seen that each test asks for, in runs that are watched.
    pub fn watch_files(&mut self, strace: Strace) {
        self.strace = Some(strace);
    }

    /// Every fixture, in the definition's order.
    pub fn fixtures(&self) -> &[Fixture] {
        &self.fixtures
    }

    /// The names of the fixtures.
    pub fn names(&self) -> Vec<FixtureName> {
        let names = self.fixtures.iter().map(|fixture| fixture.name.clone());
        names.collect()
    }

    /// The file that a test is written in, from the root of the suite, where the runner knows it.
    pub fn file_of(&self, test: &TestName) -> Option<PathBuf> {
        self.runner.file_of(test)
    }

    /// Gets the runner ready.
    ///
    /// # Errors
    ///
    /// When the suite cannot be run at all.
    pub fn prepare(&mut self) -> Result<(), RunError> {
        self.runner.prepare(&self.place)?;
        if let Some(copy) = &mut self.copy {
            copy.refresh(&self.place)?;
        }
        let files = self.runner.compiled_in(&self.place)?;
        self.compiled_in.clear();
        for means in &self.means {
            for fixture in means.fixtures() {
                let source = means.source(&fixture.name);
                if source.is_some_and(|file| files.contains(&self.place.root.join(file))) {
                    self.compiled_in.insert(fixture.name.clone());
                }
            }
        }
        Ok(())
    }

    /// Prepares while something is hidden that was compiled into the tests, and runs. Tests that cannot be compiled are not
    /// run any more, which is a use.
    fn run_compiled_again(&mut self, place: &Place, run: &Run) -> Result<RunnerReport, RunError> {
        match self.runner.prepare(place) {
            Ok(()) => self.runner.run(place, &run.tests, run.order, run.watch),
            Err(RunError::Failed(error)) => Ok(RunnerReport {
                printed: format!("{error:#}"),
                ..RunnerReport::default()
            }),
            Err(interrupted) => Err(interrupted),
        }
    }

    /// Prepares again after what was compiled in is back. Builds go by times, so what is back must be newer than what was
    /// built without it.
    fn compile_again(&mut self, parts: &[Hidden]) -> Result<(), RunError> {
        for (means, part) in self.means.iter().zip(parts) {
            for file in part.from_all.iter().filter_map(|name| means.source(name)) {
                copy::touch(&self.place.files.join(file))?;
            }
        }
        self.runner.prepare(&self.place)
    }

    /// The means of the chosen fixtures that were never seen to work: no test uses anything that they hide, it cannot be
    /// looked at, and no test changes when all of it is hidden, or, where the suite refuses that, something made up. `passing`
    /// are the tests that pass while nothing is hidden.
    ///
    /// # Errors
    ///
    /// When the suite cannot be run to find out.
    pub fn not_proved(
        &mut self,
        chosen: &BTreeSet<FixtureName>,
        findings: &Findings,
        passing: &BTreeSet<TestName>,
    ) -> Result<Vec<NotProved>, RunError> {
        let mut not_proved = Vec::new();
        for number in 0..self.means.len() {
            let own = self.means[number].fixtures().iter();
            let fixtures: BTreeSet<FixtureName> = own.map(|fixture| fixture.name.clone()).collect();
            let is_asked = !fixtures.is_disjoint(chosen);
            let is_used = fixtures.iter().any(|fixture| findings.is_used(fixture));
            if is_asked
                && !is_used
                && !self.seen_to_work.contains(&number)
                && !self.proves(number, &fixtures, passing)?
            {
                not_proved.push(NotProved {
                    fixtures,
                    reason: format!(
                        "{} was never seen to hide anything: no test changed",
                        self.means[number].title()
                    ),
                });
            }
        }
        Ok(not_proved)
    }

    /// Runs the suite once to see whether a means works.
    fn proves(
        &mut self,
        number: usize,
        fixtures: &BTreeSet<FixtureName>,
        passing: &BTreeSet<TestName>,
    ) -> Result<bool, RunError> {
        let made_up = self.means[number].made_up();
        let hidden = Hidden {
            from_all: made_up.map_or_else(|| fixtures.clone(), |name| BTreeSet::from([name])),
            from: BTreeMap::new(),
        };
        let mut place = self.place.clone();
        let means = &mut self.means[number];
        means.hide(&hidden, &mut place).context(Broken::Hiding)?;
        let reported = self
            .runner
            .run(&place, &Selection::Whole, Order::Given, Watch::No);
        let verified = means.verify(&hidden, &place);
        means.show(&self.place).context(Broken::Hiding)?;
        if let Some(copy) = &mut self.copy {
            copy.refresh(&self.place)?;
        }
        let outcomes = reported?.outcomes;
        let changed = |test: &TestName| outcomes.get(test) != Some(&Outcome::Passed);
        Ok(passing.iter().any(changed) || verified? == Proof::Seen)
    }

    /// Which fixtures are read from which files.
    fn sources(&self) -> Sources {
        let files = self.means.iter().flat_map(|means| {
            let own = means.fixtures().iter();
            own.filter_map(|fixture| {
                let file = means.source(&fixture.name)?;
                Some((self.positions[&fixture.name], self.place.root.join(file)))
            })
        });
        Sources::new(self.fixtures.len(), files)
    }

    /// The part of what is hidden that belongs to one means.
    fn part(&self, run: &Run, means: &dyn Hiding) -> Hidden {
        let of = |set: &FixtureSet| -> BTreeSet<FixtureName> {
            let own = means.fixtures().iter().map(|fixture| &fixture.name);
            own.filter(|name| set.contains(self.positions[*name]))
                .cloned()
                .collect()
        };
        Hidden {
            from_all: of(&run.hidden),
            from: run
                .hidden_from
                .iter()
                .map(|(test, set)| (test.clone(), of(set)))
                .filter(|(_, names): &(TestName, BTreeSet<FixtureName>)| !names.is_empty())
                .collect(),
        }
    }
}

impl Suite for Measured {
    fn run(&mut self, run: &Run) -> Result<Report, RunError> {
        let mut place = self.place.clone();
        let parts: Vec<Hidden> = self
            .means
            .iter()
            .map(|means| self.part(run, means.as_ref()))
            .collect();
        let compiles = parts
            .iter()
            .any(|part| !part.from_all.is_disjoint(&self.compiled_in));
        let mut begun = Vec::new();
        let mut hidden = Ok(());
        for (number, (means, part)) in self.means.iter_mut().zip(&parts).enumerate() {
            if part.is_nothing() {
                continue;
            }
            hidden = means.hide(part, &mut place);
            if hidden.is_err() {
                break;
            }
            begun.push(number);
        }
        let started = Instant::now();
        let reported = match hidden {
            Ok(()) if compiles => self.run_compiled_again(&place, run),
            Ok(()) => self.runner.run(&place, &run.tests, run.order, run.watch),
            Err(_) if cancelled() => Err(RunError::Interrupted),
            Err(error) => Err(RunError::Failed(error.context(Broken::Hiding))),
        };
        let elapsed = started.elapsed();
        let reported = match (reported, &self.strace) {
            (Ok(mut report), Some(strace)) if run.watch == Watch::Yes => {
                let opened = strace.opened(self.runner.as_mut(), &place, &report);
                opened.map(|opened| {
                    report.opened = Some(opened);
                    report
                })
            }
            (reported, _) => reported,
        };
        let mut failure = None;
        // In the opposite order: two means may work on the same file.
        for number in begun.into_iter().rev() {
            let (means, part) = (&mut self.means[number], &parts[number]);
            let verified = match &reported {
                Ok(_) => means.verify(part, &place).map(|proof| {
                    if proof == Proof::Seen {
                        self.seen_to_work.insert(number);
                    }
                }),
                Err(_) => Ok(()),
            };
            let shown = means.show(&self.place).context("showing fixtures again");
            failure = failure.or(verified.and(shown).err());
        }
        if let Some(error) = failure {
            if cancelled() {
                print::error(&error);
                return Err(RunError::Interrupted);
            }
            return Err(RunError::Failed(error.context(Broken::Hiding)));
        }
        if let Some(copy) = &mut self.copy {
            copy.refresh(&self.place)?;
        }
        if compiles {
            self.compile_again(&parts)?;
        }
        let reported = reported?;
        let observed = reported.opened.as_ref();
        let observed = observed.and_then(|opened| self.sources().used(opened));
        Ok(Report {
            outcomes: reported.outcomes,
            listed: reported.listed,
            observed,
            printed: reported.printed,
            elapsed,
        })
    }

    fn baseline_took(&mut self, longest: Duration) {
        if !self.timeout_is_given {
            self.place.timeout = (longest * 3).max(LEAST_TIMEOUT);
        }
    }

    fn abilities(&self) -> Abilities {
        let mut per_test = FixtureSet::none(self.fixtures.len());
        for means in self.means.iter().filter(|means| means.is_per_test()) {
            for fixture in means.fixtures() {
                per_test.insert(self.positions[&fixture.name]);
            }
        }
        if !self.runner.tells_which_test_runs() {
            per_test = FixtureSet::none(self.fixtures.len());
        }
        Abilities {
            selects: self.runner.selects(),
            reorders: self.runner.reorders(),
            per_test,
            observable: self.sources().all(),
        }
    }
}
