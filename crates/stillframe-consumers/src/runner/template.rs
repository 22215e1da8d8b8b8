//! Any test program that writes JUnit XML or TAP: the definition says how it is run, how its tests are listed and selected, and where its report lies.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use stillframe::process::{End, Outcome as Ended};

use super::stopped::{is_stopped, note, outcome_of_running};
use super::{Runner, RunnerReport, end_of_output, junit, tap};
use crate::definition::Suite;
use crate::name::TestName;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::suite::{Order, RunError, Selection, Watch};

/// What stands for the names of tests.
const TESTS: &str = "${tests}";
/// How many bytes of names one command gets; a system takes 128 KiB as one argument, and more of them in sum.
const NAMES: usize = 60_000;

/// In which format tests are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JUnit XML, in files.
    Junit,
    /// TAP, on stdout or in a file.
    Tap,
}

/// Runs tests by the commands of the definition.
pub struct Template {
    format: Format,
    command: Vec<String>,
    list: Option<Vec<String>>,
    select: Option<Vec<String>>,
    report: Option<String>,
    /// Every test that was listed, or reported by a run of the whole suite.
    known: BTreeSet<TestName>,
}

/// What one command reported.
struct Seen {
    outcomes: BTreeMap<TestName, Outcome>,
    /// Why the report is not whole; that there is none is another matter.
    problem: Option<String>,
    there_is_a_report: bool,
    ended: Ended,
}

impl Template {
    /// As the definition says.
    pub fn new(suite: &Suite, format: Format) -> Template {
        Template {
            format,
            command: suite.command.clone(),
            list: suite.list.clone(),
            select: suite.select.clone(),
            report: suite.report.clone(),
            known: BTreeSet::new(),
        }
    }

    /// Runs a command that is to run these tests, or all; reruns alone what it left open.
    fn run_until_known(
        &self,
        place: &Place,
        command: &[String],
        expected: &BTreeSet<TestName>,
        report: &mut RunnerReport,
    ) -> Result<(), RunError> {
        let seen = self.run_once(place, command)?;
        report.printed = end_of_output(&seen.ended);
        let open: BTreeSet<TestName> = expected
            .iter()
            .filter(|test| !seen.outcomes.contains_key(*test))
            .cloned()
            .collect();
        let reported_any = !seen.outcomes.is_empty();
        for (test, outcome) in seen.outcomes {
            note(&mut report.outcomes, test, outcome);
        }
        let stopped = is_stopped(seen.ended.end);
        // Who is ended after the last test has told everything, unless nobody knows which test is the last.
        let everything = open.is_empty()
            && !(expected.is_empty()
                && matches!(seen.ended.end, End::TimedOut | End::Signalled(_)));
        let problem = match (seen.problem, seen.there_is_a_report) {
            (None, true) if !stopped || everything => return Ok(()),
            (Some(problem), true) if !stopped && self.format == Format::Junit => {
                return Err(anyhow!(
                    "the report {} is not whole: {problem}; what the suite printed:\n{}",
                    self.report.as_deref().unwrap_or_default(),
                    report.printed
                )
                .into());
            }
            // It did not start: its tests are missing.
            _ if !stopped && !reported_any && expected.len() != 1 => return Ok(()),
            (Some(problem), _) => problem,
            (None, true) => "it was stopped".to_owned(),
            (None, false) => "it wrote no report".to_owned(),
        };
        if let ([only], true) = (&Vec::from_iter(&open)[..], expected.len() == 1) {
            let outcome = if stopped {
                outcome_of_running(&seen.ended)
            } else {
                Outcome::missing(&report.printed)
            };
            report.outcomes.insert((*only).clone(), outcome);
            return Ok(());
        }
        if expected.is_empty() || (self.select.is_none() && !open.is_empty()) {
            return Err(self
                .cannot_know(&seen.ended, &problem, &report.printed)
                .into());
        }
        for test in open {
            let alone = BTreeSet::from([test]);
            for command in self.selecting(&alone) {
                self.run_until_known(place, &command, &alone, report)?;
            }
        }
        Ok(())
    }

    fn cannot_know(&self, ended: &Ended, problem: &str, printed: &str) -> anyhow::Error {
        let fix = match (ended.end, &self.select) {
            (End::TimedOut, None) => {
                "raise [suite] timeout, give each test a timeout of its own, or write [suite] select, so that tests can be run alone"
            }
            (End::TimedOut, Some(_)) => "raise [suite] timeout",
            (_, None) => {
                "write [suite] select, so that the tests after the one that ended the suite can be run alone"
            }
            (_, Some(_)) => "make the suite run to its end, or write [suite] list",
        };
        anyhow!(
            "`{}` ended before it reported every test ({problem}); {fix}. It ended so:\n{printed}",
            self.command.join(" ")
        )
    }

    fn run_once(&self, place: &Place, command: &[String]) -> Result<Seen, RunError> {
        let path = self
            .report
            .as_ref()
            .map(|report| place.reach(&place.cwd.join(report)));
        if let Some(path) = &path {
            remove_reports(path)?;
        }
        let ended = place.run(command)?;
        let texts = match &path {
            Some(path) => read_reports(path)?,
            None => vec![String::from_utf8_lossy(&ended.stdout).into_owned()],
        };
        let mut seen = Seen {
            outcomes: BTreeMap::new(),
            problem: None,
            there_is_a_report: !texts.is_empty(),
            ended,
        };
        for text in texts {
            match self.format {
                Format::Junit => seen.add_junit(&text),
                Format::Tap => seen.add_tap(&text),
            }
        }
        Ok(seen)
    }

    /// The commands that run these tests.
    fn selecting(&self, tests: &BTreeSet<TestName>) -> Vec<Vec<String>> {
        let template = self.select.as_deref().unwrap_or(&self.command);
        let mut groups: Vec<Vec<&str>> = Vec::new();
        let mut room = 0;
        for test in tests.iter().map(TestName::as_str) {
            if groups.is_empty() || test.len() >= room {
                groups.push(Vec::new());
                room = NAMES;
            }
            room = room.saturating_sub(test.len() + 1);
            groups.last_mut().expect("one was pushed").push(test);
        }
        let command = |names: Vec<&str>| {
            let words = template.iter().flat_map(|word| {
                if word.contains(TESTS) {
                    names.iter().map(|name| word.replace(TESTS, name)).collect()
                } else {
                    vec![word.clone()]
                }
            });
            words.collect()
        };
        groups.into_iter().map(command).collect()
    }

    /// Every test, where the definition says how they are listed.
    fn listed(&self, place: &Place) -> Result<Option<Result<BTreeSet<TestName>, Ended>>, RunError> {
        let Some(list) = &self.list else {
            return Ok(None);
        };
        let ended = place.run(list)?;
        if ended.end != End::Exited(0) {
            return Ok(Some(Err(ended)));
        }
        let text = String::from_utf8_lossy(&ended.stdout);
        let names = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Ok(Some(Ok(names.map(TestName::from).collect())))
    }

    /// Whether any test has parameters, so that names can move while something is hidden.
    fn names_may_move(&self) -> bool {
        let mut known = self.known.iter();
        known.any(|name| name.parametrised().is_some())
    }
}

impl Runner for Template {
    fn selects(&self) -> bool {
        self.select.is_some()
    }

    fn reorders(&self) -> bool {
        false
    }

    fn tells_which_test_runs(&self) -> bool {
        false
    }

    fn prepare(&mut self, place: &Place) -> Result<(), RunError> {
        match self.listed(place)? {
            None => {}
            Some(Ok(names)) => self.known = names,
            Some(Err(ended)) => {
                let list = self.list.as_deref().unwrap_or_default();
                return Err(anyhow!(
                    "`{}` failed, which [suite] list says: {}",
                    list.join(" "),
                    end_of_output(&ended)
                )
                .into());
            }
        }
        Ok(())
    }

    fn run(
        &mut self,
        place: &Place,
        tests: &Selection,
        _order: Order,
        _watch: Watch,
    ) -> Result<RunnerReport, RunError> {
        let mut report = RunnerReport::default();
        match tests {
            Selection::Whole => {
                self.run_until_known(place, &self.command, &self.known, &mut report)?;
                self.refuse_other_names(&report)?;
                self.known.extend(report.outcomes.keys().cloned());
            }
            Selection::Only(tests) => {
                for command in self.selecting(tests) {
                    self.run_until_known(
                        place,
                        &command,
                        &self.among(tests, &command),
                        &mut report,
                    )?;
                }
                // Some programs report what was not selected as skipped.
                report.outcomes.retain(|test, _| tests.contains(test));
            }
        }
        if self.names_may_move() {
            report.listed = self.listed(place)?.and_then(Result::ok);
        }
        Ok(report)
    }
}

impl Template {
    /// Those of the tests that a command selects.
    fn among(&self, tests: &BTreeSet<TestName>, command: &[String]) -> BTreeSet<TestName> {
        let words: BTreeSet<&String> = command.iter().collect();
        let template = self.select.as_deref().unwrap_or_default();
        let pattern = template.iter().find(|word| word.contains(TESTS));
        let selected = |test: &&TestName| {
            pattern.is_some_and(|word| words.contains(&word.replace(TESTS, test.as_str())))
        };
        tests.iter().filter(selected).cloned().collect()
    }

    /// Names that only the list has, and names that only the report has, cannot be brought together.
    fn refuse_other_names(&self, report: &RunnerReport) -> Result<()> {
        let Some(reported) = report.outcomes.keys().next() else {
            return Ok(());
        };
        match self.known.first() {
            Some(listed) if !report.outcomes.keys().any(|test| self.known.contains(test)) => {
                Err(anyhow!(
                    "[suite] list prints names such as {:?}, and the report has names such as {:?}; make list print the names of the report",
                    listed.as_str(),
                    reported.as_str()
                ))
            }
            _ => Ok(()),
        }
    }
}

impl Seen {
    fn add_junit(&mut self, text: &str) {
        let (cases, problem) = junit::read_part(text);
        for case in cases {
            let (class, name) = (case.class.trim(), case.name.trim());
            let name = if class.is_empty() || class == name {
                name.to_owned()
            } else {
                format!("{class} {name}")
            };
            note(&mut self.outcomes, TestName::from(name), case.outcome);
        }
        if let Some(problem) = problem {
            self.problem = Some(format!("{problem:#}"));
        }
    }

    fn add_tap(&mut self, text: &str) {
        let tap = tap::read(text);
        for (name, outcome) in tap.tests {
            note(&mut self.outcomes, TestName::from(name), outcome);
        }
        self.problem = self.problem.take().or(tap.problem);
    }
}

/// The reports at a path: a file, or every XML and TAP file of a folder.
fn reports(path: &Path) -> Result<Vec<PathBuf>> {
    let act = || format!("looking for the report {}", path.display());
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(act),
    };
    if !found.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).with_context(act)? {
        let file = entry.with_context(act)?.path();
        let ending = file.extension().unwrap_or_default();
        if (ending == "xml" || ending == "tap") && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// Removes what an earlier run wrote, so that it is not taken for this run's.
fn remove_reports(path: &Path) -> Result<()> {
    for file in reports(path)? {
        fs::remove_file(&file)
            .with_context(|| format!("removing the report of an earlier run {}", file.display()))?;
    }
    Ok(())
}

fn read_reports(path: &Path) -> Result<Vec<String>> {
    let files = reports(path)?;
    let read = |file: PathBuf| {
        let bytes = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    files.into_iter().map(read).collect()
}
