//! `cargo nextest run`: each test in a process of its own, reported as JUnit XML.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use stillframe::disk;
use stillframe::process::End;

use super::{Runner, RunnerReport, dep_info, end_of_output, junit};
use crate::definition::Suite;
use crate::name::TestName;
use crate::place::Place;
use crate::suite::{Order, RunError, Selection, Watch};

mod command;

use command::{Command, Filters, PROFILE};

/// How long one filter may be; the system takes 128 KiB as one argument.
const FILTER: usize = 60_000;

/// Runs tests by nextest.
pub struct Nextest {
    command: Command,
    /// What nextest needs to find the compiled tests without asking cargo again.
    compiled: Vec<String>,
    /// Where it found them.
    target: Option<PathBuf>,
}

impl Nextest {
    /// As the definition says.
    ///
    /// # Errors
    ///
    /// When its command does not run nextest.
    pub fn new(suite: &Suite) -> Result<Nextest> {
        Ok(Nextest {
            command: Command::parse(&suite.command)?,
            compiled: Vec::new(),
            target: None,
        })
    }
}

impl Runner for Nextest {
    fn selects(&self) -> bool {
        true
    }

    fn reorders(&self) -> bool {
        false
    }

    fn tells_which_test_runs(&self) -> bool {
        true
    }

    fn prepare(&mut self, place: &Place) -> Result<(), RunError> {
        self.compiled.clear();
        let list = self.command.list_binaries();
        let binaries = place.scratch.join("binaries.json");
        keep_output(place, &list, &binaries)?;
        self.target = target_folder(&binaries)?;
        let metadata = self.command.cargo_metadata();
        let cargo = place.scratch.join("cargo.json");
        keep_output(place, &metadata, &cargo)?;
        self.compiled = vec![
            "--binaries-metadata".to_owned(),
            binaries.display().to_string(),
            "--cargo-metadata".to_owned(),
            cargo.display().to_string(),
        ];
        Ok(())
    }

    fn compiled_in(&self, place: &Place) -> Result<BTreeSet<PathBuf>> {
        match &self.target {
            Some(target) => dep_info::files(&place.reach(target), [&place.root, &place.cwd]),
            None => Ok(BTreeSet::new()),
        }
    }

    fn run(
        &mut self,
        place: &Place,
        tests: &Selection,
        _order: Order,
        _watch: Watch,
    ) -> Result<RunnerReport, RunError> {
        let report = place.scratch.join("nextest.xml");
        let config = place.scratch.join("nextest.toml");
        remove(&report)?;
        disk::scratch(&config, config_text(place, &report).as_bytes())?;
        let mut options = self.compiled.clone();
        options.extend([
            "--tool-config-file".to_owned(),
            format!("stillframe:{}", config.display()),
        ]);
        let command = match tests {
            Selection::Whole => self.command.run(&options, Filters::OfTheSuite),
            Selection::Only(tests) => {
                for filter in filters(tests)? {
                    options.extend(["-E".to_owned(), filter]);
                }
                self.command.run(&options, Filters::Ours)
            }
        };
        // Nextest ends each test that takes too long itself; only nextest as a whole may hang.
        let tests = match tests {
            Selection::Whole => 1000,
            Selection::Only(tests) => u32::try_from(tests.len()).unwrap_or(u32::MAX),
        };
        let outcome = place.run_for(&command, place.timeout.saturating_mul(tests + 1))?;
        let printed = end_of_output(&outcome);
        let text = match fs::read_to_string(&report) {
            Ok(text) => text,
            // 100: tests failed; 4: no tests. Everything else without a report is a suite that did not run.
            Err(_) => {
                return Ok(RunnerReport {
                    printed,
                    ..RunnerReport::default()
                });
            }
        };
        let cases = junit::read(&text).context("reading the report of nextest")?;
        if outcome.end == End::TimedOut {
            return Err(anyhow::anyhow!(
                "the suite took longer than its timeout and was ended; raise [suite] timeout"
            )
            .into());
        }
        let outcomes: BTreeMap<_, _> = cases
            .into_iter()
            .map(|case| {
                let name = TestName::from(format!("{} {}", case.suite, case.name));
                (name, case.outcome)
            })
            .collect();
        Ok(RunnerReport {
            outcomes,
            printed,
            ..RunnerReport::default()
        })
    }
}

/// Runs a command and keeps what it prints on stdout in a file.
fn keep_output(place: &Place, command: &[String], file: &Path) -> Result<(), RunError> {
    let outcome = place.run(command)?;
    if outcome.end != End::Exited(0) {
        return Err(anyhow::anyhow!(
            "`{}` failed: {}",
            command.join(" "),
            end_of_output(&outcome)
        )
        .into());
    }
    disk::scratch(file, &outcome.stdout)?;
    Ok(())
}

/// Cargo's target folder, as nextest tells it.
fn target_folder(binaries: &Path) -> Result<Option<PathBuf>> {
    let act = || format!("reading {}", binaries.display());
    let text = fs::read(binaries).with_context(act)?;
    let list: serde_json::Value = serde_json::from_slice(&text).with_context(act)?;
    let folder = list["rust-build-meta"]["target-directory"].as_str();
    Ok(folder.map(PathBuf::from))
}

fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", file.display()))
        }
        _ => Ok(()),
    }
}

/// A profile of our own, so that nothing of the suite's own profiles is changed.
fn config_text(place: &Place, report: &Path) -> String {
    let seconds = place.timeout.as_secs().max(1);
    let report = toml::Value::from(report.display().to_string());
    format!(
        "[profile.{PROFILE}]\nslow-timeout = {{ period = \"{seconds}s\", terminate-after = 1 }}\n\n[profile.{PROFILE}.junit]\npath = {report}\n"
    )
}

/// Filters that select exactly these tests, each short enough to be an argument.
fn filters(tests: &BTreeSet<TestName>) -> Result<Vec<String>> {
    let mut by_binary: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for test in tests {
        let (binary, name) = test
            .as_str()
            .split_once(' ')
            .with_context(|| format!("{test} is not a name that nextest gave"))?;
        by_binary.entry(binary).or_default().push(name);
    }
    let mut filters = Vec::new();
    for (binary, names) in by_binary {
        let mut filter = String::new();
        for name in names {
            if filter.len() > FILTER {
                filters.push(format!("binary_id(={binary}) & ({filter})"));
                filter.clear();
            }
            let or = if filter.is_empty() { "" } else { " | " };
            write!(filter, "{or}test(={name})")?;
        }
        filters.push(format!("binary_id(={binary}) & ({filter})"));
    }
    Ok(filters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_select_by_binary_and_exact_name() {
        let tests = ["a::b one::two", "a::b three", "c four"].map(TestName::from);
        assert_eq!(
            filters(&BTreeSet::from(tests)).unwrap(),
            [
                "binary_id(=a::b) & (test(=one::two) | test(=three))",
                "binary_id(=c) & (test(=four))",
            ]
        );
        let many = (0..5000).map(|number| TestName::from(format!("a test_{number:020}")));
        let filters = filters(&many.collect()).unwrap();
        assert!(filters.len() > 1);
        assert!(filters.iter().all(|filter| filter.len() < 128 << 10));
    }
}
