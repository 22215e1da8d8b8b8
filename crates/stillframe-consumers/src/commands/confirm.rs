//! `stillframe consumers confirm`: hides fixtures together, runs the suite, and finds the smallest sets of them that tests cannot do without.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use anyhow::Result;
use stillframe::exit_code::ExitCode;
use stillframe::print::message;

use super::naming::{self, count};
use super::session::{Session, Where};
use crate::detection::{self, Budget, Ended, Failing, Options, Shard};
use crate::findings::Findings;
use crate::memory::Memory as _;
use crate::name::{FixtureName, TestName};
use crate::narrowed::{Narrowed, OfAll};
use crate::outcome::Outcome;
use crate::progress::{Progress, Shows};
use crate::record::Record;
use crate::set::FixtureSet;
use crate::suite::{Order, Run, RunError, Selection, Suite as _, Watch};

/// How many lines of evidence are shown.
const EVIDENCE: usize = 4;

/// What is to be confirmed.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The fixtures that are hidden together.
    pub fixtures: Vec<String>,
    /// The only test that is run.
    pub test: Option<String>,
}

/// Hides them and runs.
///
/// # Errors
///
/// When there is nothing of that name, or the suite cannot be run.
pub fn run(at: &Where, request: &Request, shows: Shows, out: &mut dyn Write) -> Result<ExitCode> {
    let Some(mut session) = at.session()? else {
        return Ok(ExitCode::Interrupted);
    };
    let progress = Progress::new(shows);
    match confirm(&mut session, request, progress, out) {
        Ok(code) => Ok(code),
        Err(RunError::Interrupted) => Ok(ExitCode::Interrupted),
        Err(RunError::Failed(error)) => Err(error),
    }
}

fn confirm(
    session: &mut Session,
    request: &Request,
    mut progress: Progress,
    out: &mut dyn Write,
) -> Result<ExitCode, RunError> {
    let all = session.suite.names();
    let mut hidden = BTreeSet::new();
    for wanted in &request.fixtures {
        hidden.insert(naming::find("fixture", wanted, &all)?.clone());
    }
    session.suite.prepare()?;
    let passing = session.passing(&mut progress)?;
    let mut expected = passing.clone();
    if let Some(wanted) = &request.test {
        let test = naming::find(
            "test that passes while nothing is hidden",
            wanted,
            &expected,
        )?;
        expected = BTreeSet::from([test.clone()]);
    }
    progress.step(&format!(
        "running {} with {} hidden",
        count(expected.len(), "test"),
        count(hidden.len(), "fixture")
    ));
    let failures = failures(session, &hidden, &expected, request.test.is_some())?;
    if failures.is_empty() {
        session.refuse_not_proved(&hidden, &Findings::default(), &passing)?;
        drop(progress);
        session.check_tree()?;
        let passed = format!(
            "{} without {}",
            passes(expected.len()),
            listed(&hidden, "and")
        );
        message(out, &passed).map_err(anyhow::Error::from)?;
        return Ok(ExitCode::Fresh);
    }
    let failing: BTreeSet<TestName> = failures.keys().cloned().collect();
    let (mut narrowed, names) =
        Narrowed::new(&mut session.suite, &all, &hidden, Some(failing.clone()));
    let options = Options {
        runs: 1,
        failing: Failing::Allowed,
        budget: Budget::default(),
        shard: Shard::WHOLE,
    };
    let mut memory = OfAll::new(&mut session.journal, Some(&failing));
    let detected = detection::detect(&mut narrowed, &names, &options, &mut memory, &mut |news| {
        // The estimate is for the whole suite.
        if !matches!(news, detection::News::Estimate(_)) {
            progress.tell(&news);
        }
    })?;
    drop(progress);
    session.check_tree()?;
    if detected.ended == Ended::Interrupted {
        return Err(RunError::Interrupted);
    }
    let outcome = Confirmed {
        hidden: &hidden,
        failures: &failures,
        findings: &detected.findings,
    };
    Ok(outcome.tell(expected.len(), out)?)
}

/// How each of the tests that should pass ended, where it did not.
fn failures(
    session: &mut Session,
    hidden: &BTreeSet<FixtureName>,
    expected: &BTreeSet<TestName>,
    one_test: bool,
) -> Result<BTreeMap<TestName, Outcome>, RunError> {
    let names = session.suite.names();
    let places = names.iter().enumerate();
    let positions = places.filter(|(_, name)| hidden.contains(*name));
    let tests = if one_test && session.suite.abilities().selects {
        Selection::Only(expected.clone())
    } else {
        Selection::Whole
    };
    let report = session.suite.run(&Run {
        tests,
        order: Order::Given,
        hidden: FixtureSet::of(names.len(), positions.map(|(position, _)| position)),
        hidden_from: BTreeMap::new(),
        watch: Watch::No,
    })?;
    let mut failures = BTreeMap::new();
    for test in expected {
        let outcome = report.outcomes.get(test).cloned();
        let outcome = outcome.unwrap_or_else(|| Outcome::missing(&report.printed));
        if outcome != Outcome::Passed {
            failures.insert(test.clone(), outcome);
        }
    }
    Ok(failures)
}

impl Session {
    /// The tests that pass while nothing is hidden: as the journal has them, else by one run.
    fn passing(&mut self, progress: &mut Progress) -> Result<BTreeSet<TestName>, RunError> {
        let outcomes = match self.journal.answers().baseline(0) {
            Some(Record::Baseline { outcomes, .. }) => outcomes.clone(),
            _ => {
                progress.step("running the suite with nothing hidden");
                let report = self.suite.run(&Run {
                    tests: Selection::Whole,
                    order: Order::Given,
                    hidden: FixtureSet::none(self.suite.names().len()),
                    hidden_from: BTreeMap::new(),
                    watch: Watch::No,
                })?;
                self.suite.baseline_took(report.elapsed);
                report.outcomes
            }
        };
        let passed = outcomes
            .into_iter()
            .filter(|(_, outcome)| *outcome == Outcome::Passed);
        let passed: BTreeSet<TestName> = passed.map(|(test, _)| test).collect();
        if passed.is_empty() {
            return Err(anyhow::anyhow!(
                "no test passes while nothing is hidden; make the suite pass first"
            )
            .into());
        }
        Ok(passed)
    }
}

/// What came of hiding them.
struct Confirmed<'a> {
    hidden: &'a BTreeSet<FixtureName>,
    failures: &'a BTreeMap<TestName, Outcome>,
    findings: &'a Findings,
}

impl Confirmed<'_> {
    fn tell(&self, of: usize, out: &mut dyn Write) -> Result<ExitCode> {
        let flaky: BTreeSet<&TestName> = self
            .failures
            .keys()
            .filter(|test| self.findings.unknown.contains_key(*test))
            .collect();
        let guilty = self.guilty();
        let failing = self.failures.len() - flaky.len();
        if failing > 0 {
            message(
                out,
                &format!(
                    "{} of {} not pass without {}",
                    failing,
                    if of == 1 {
                        "1 test does".to_owned()
                    } else {
                        format!("{of} tests do")
                    },
                    listed(self.hidden, "and")
                ),
            )?;
        }
        for (set, tests) in &guilty {
            message(out, &format!("{}:", needed(set, tests.len())))?;
            for (test, evidence) in tests {
                message(out, &format!("  {test}"))?;
                for line in evidence.iter().take(EVIDENCE) {
                    message(out, &format!("    | {line}"))?;
                }
                message(
                    out,
                    &format!(
                        "    repeat: {}",
                        naming::repeat(set.iter().copied(), Some(test))
                    ),
                )?;
            }
        }
        let in_company: Vec<&TestName> = self
            .failures
            .keys()
            .filter(|test| !flaky.contains(*test) && !self.is_explained(test))
            .collect();
        for test in &in_company {
            message(
                out,
                &format!(
                    "{test}: fails in the whole suite, and passes when it is run without the others:"
                ),
            )?;
            for line in self.failures[*test].evidence().iter().take(EVIDENCE) {
                message(out, &format!("    | {line}"))?;
            }
        }
        for test in &flaky {
            let reason = &self.findings.unknown[*test];
            message(out, &format!("not counted: {test}: {reason}"))?;
        }
        if failing == 0 {
            let rest = passes(of - flaky.len());
            message(
                out,
                &format!("{rest} without {}", listed(self.hidden, "and")),
            )?;
            return Ok(ExitCode::Fresh);
        }
        let needed: BTreeSet<&FixtureName> =
            guilty.keys().flat_map(|set| set.iter().copied()).collect();
        let free: BTreeSet<&FixtureName> = self
            .hidden
            .iter()
            .filter(|name| !needed.contains(name))
            .collect();
        if !free.is_empty() && in_company.is_empty() {
            message(
                out,
                &format!(
                    "the others can be tried without them: {}",
                    naming::repeat(free.iter().copied(), None)
                ),
            )?;
        }
        Ok(ExitCode::Broken)
    }

    /// The smallest sets, each with the tests that cannot do without it.
    fn guilty(&self) -> BTreeMap<BTreeSet<&FixtureName>, Vec<(&TestName, &[String])>> {
        let mut guilty: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (test, edges) in &self.findings.edges {
            for (fixture, edge) in edges {
                let tests = guilty.entry(BTreeSet::from([fixture])).or_default();
                tests.push((test, edge.evidence.as_slice()));
            }
        }
        for (test, sets) in &self.findings.joint {
            for joint in sets {
                let tests = guilty.entry(joint.fixtures.iter().collect()).or_default();
                tests.push((test, joint.evidence.as_slice()));
            }
        }
        guilty
    }

    fn is_explained(&self, test: &TestName) -> bool {
        let by_group = |name: &TestName| name.stands_for(test);
        self.findings.edges.keys().any(by_group) || self.findings.joint.keys().any(by_group)
    }
}

fn needed(set: &BTreeSet<&FixtureName>, tests: usize) -> String {
    let names: Vec<&str> = set.iter().map(|name| name.as_str()).collect();
    match names[..] {
        [one] => format!("{one} is needed by {}", count(tests, "test")),
        _ => format!(
            "one of {} is needed by {}",
            names.join(" and "),
            count(tests, "test")
        ),
    }
}

fn passes(tests: usize) -> String {
    if tests == 1 {
        "1 test passes".to_owned()
    } else {
        format!("{tests} tests pass")
    }
}

fn listed(names: &BTreeSet<FixtureName>, last: &str) -> String {
    let names: Vec<&str> = names.iter().map(FixtureName::as_str).collect();
    match names.split_last() {
        Some((end, [])) => (*end).to_owned(),
        Some((end, before)) => format!("{} {last} {end}", before.join(", ")),
        None => String::new(),
    }
}
