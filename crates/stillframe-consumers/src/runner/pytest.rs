//! `pytest`, with a plugin of ours: selection, order, how each test ended, and which files it opened.
//!
//! All tests of a run share one process, so that what one test reads under a plan of its own may be kept and seen by the
//! next: nothing is ever hidden from single tests of one run.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use stillframe::{disk, print};

use super::{Runner, RunnerReport, end_of_output};
use crate::definition::Written;
use crate::name::TestName;
use crate::outcome::{Outcome, Phase};
use crate::place::Place;
use crate::suite::{Order, RunError, Selection, Watch};

mod lines;

use lines::{Lines, Opened};

const PLUGIN: &str = include_str!("pytest/stillframe_pytest.py");
const PLUGIN_NAME: &str = "stillframe_pytest";

/// Runs tests by pytest.
pub struct Pytest {
    command: Vec<String>,
    observes: bool,
    /// Every test that was found so far: one that is not found any more is missing.
    found: BTreeSet<TestName>,
}

/// What is told to the plugin.
#[derive(Debug, Serialize)]
struct Asked<'a> {
    root: &'a Path,
    tests: Option<&'a BTreeSet<TestName>>,
    seed: Option<u64>,
    timeout: f64,
    /// A file that the plugin opens, to see whether it sees that; none where nobody wants to know what is opened.
    canary: Option<&'a Path>,
    /// Where Python says what it did when it was ended for taking too long.
    traceback: &'a Path,
    report: &'a Path,
}

/// What one process of pytest reported.
#[derive(Default)]
struct Part {
    lines: Lines,
    /// Where every thread was when the process was ended for taking too long.
    traceback: String,
    printed: String,
}

impl Pytest {
    /// As the definition says.
    pub fn new(written: &Written) -> Pytest {
        Pytest {
            command: written.suite.command.clone(),
            observes: written.observe.pytest,
            found: BTreeSet::new(),
        }
    }

    /// Runs one process.
    fn process(
        &self,
        place: &Place,
        tests: Option<&BTreeSet<TestName>>,
        order: Order,
        watch: Watch,
    ) -> Result<Part, RunError> {
        let folder = place.scratch.join("pytest");
        let [report, traceback, asked, plugin, canary, cache] = [
            "report.jsonl",
            "traceback.txt",
            "asked.json",
            "plugin",
            "canary/file",
            "cache",
        ]
        .map(|name| folder.join(name));
        for old in [&report, &traceback] {
            remove(old)?;
        }
        remove_folder(&cache)?;
        disk::scratch(&plugin.join(format!("{PLUGIN_NAME}.py")), PLUGIN.as_bytes())?;
        disk::scratch(&canary, b"canary\n")?;
        let text = serde_json::to_vec(&Asked {
            root: &place.root,
            tests,
            seed: match order {
                Order::Given => None,
                Order::Shuffled(seed) => Some(seed),
            },
            timeout: place.timeout.as_secs_f64(),
            canary: (self.observes && watch == Watch::Yes).then_some(&canary),
            traceback: &traceback,
            report: &report,
        })
        .context("writing what pytest is asked for")?;
        disk::scratch(&asked, &text)?;

        let mut place = place.clone();
        place.set("STILLFRAME_PYTEST", &asked);
        let paths = place.env.get(OsStr::new("PYTHONPATH")).cloned();
        let paths = paths.filter(|paths| !paths.is_empty());
        let paths = paths.iter().flat_map(std::env::split_paths);
        let paths = std::env::join_paths(std::iter::once(plugin).chain(paths))
            .context("adding the plugin to PYTHONPATH")?;
        place.set("PYTHONPATH", paths);
        // Python would write beside the modules, into the suite that is measured.
        let bytecode = "PYTHONPYCACHEPREFIX";
        if !place.env.contains_key(OsStr::new(bytecode)) {
            place.set(bytecode, folder.join("bytecode"));
        }
        let mut command = self.command.clone();
        command.extend(["-p", PLUGIN_NAME].map(String::from));
        // What failed in an earlier run decides nothing in this one, and no file is written into the suite for it.
        command.extend(["-o".to_owned(), format!("cache_dir={}", cache.display())]);
        command.extend(["--continue-on-collection-errors", "--maxfail=0"].map(String::from));
        // The plugin ends each test that takes too long itself; this holds where even that does not end.
        let count = tests.map_or(1000, BTreeSet::len).max(self.found.len());
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let outcome = place.run_for(&command, place.timeout.saturating_mul(count) + LAST_RESORT)?;
        Ok(Part {
            lines: Lines::read(&report)?,
            traceback: fs::read_to_string(&traceback).unwrap_or_default(),
            printed: end_of_output(&outcome),
        })
    }

    /// What is reported for tests that were to run and were not.
    fn report_missing(&self, tests: &Selection, part: &Part, report: &mut RunnerReport) {
        let expected = match tests {
            Selection::Whole => &self.found,
            Selection::Only(tests) => tests,
        };
        for test in expected {
            if report.outcomes.contains_key(test) {
                continue;
            }
            let outcome = match part.lines.not_collected.get(file_of(test)) {
                Some(text) => Outcome::missing(text),
                None if part.lines.listed.is_none() && !part.traceback.is_empty() => {
                    Outcome::TimedOut
                }
                // pytest as a whole did not start, or ended early.
                None if report.outcomes.is_empty() => Outcome::missing(&report.printed),
                None => Outcome::missing("pytest does not collect it"),
            };
            report.outcomes.insert(test.clone(), outcome);
        }
    }
}

/// How long pytest as a whole may take at least besides its tests.
const LAST_RESORT: Duration = Duration::from_secs(60);

impl Runner for Pytest {
    fn selects(&self) -> bool {
        true
    }

    fn reorders(&self) -> bool {
        true
    }

    fn tells_which_test_runs(&self) -> bool {
        false
    }

    fn run(
        &mut self,
        place: &Place,
        tests: &Selection,
        order: Order,
        watch: Watch,
    ) -> Result<RunnerReport, RunError> {
        let mut wanted = match tests {
            Selection::Whole => None,
            Selection::Only(tests) => Some(tests.clone()),
        };
        let mut report = RunnerReport::default();
        let mut first: Option<Part> = None;
        // A test may take the whole process with it; the tests after it run in another one.
        loop {
            let part = self.process(place, wanted.as_ref(), order, watch)?;
            let ended = part.outcomes();
            let left: BTreeSet<TestName> = part
                .lines
                .planned
                .iter()
                .filter(|test| !ended.contains_key(*test))
                .cloned()
                .collect();
            let got_on = !ended.is_empty();
            report.outcomes.extend(ended);
            if first.is_none() {
                first = Some(part);
            }
            if left.is_empty() || !got_on {
                break;
            }
            wanted = Some(left);
        }
        let first = first.expect("the loop runs at least once");
        report.printed = first.all_printed();
        if report.outcomes.is_empty() && first.lines.listed.is_none() && self.found.is_empty() {
            return Ok(report);
        }
        self.found
            .extend(first.lines.listed.iter().flatten().cloned());
        self.report_missing(tests, &first, &mut report);
        report.opened = first.opened(&place.root);
        report.listed = first.lines.listed;
        Ok(report)
    }

    fn file_of(&self, test: &TestName) -> Option<PathBuf> {
        Some(PathBuf::from(file_of(test)))
    }
}

/// The file of a test, as its name begins.
fn file_of(test: &TestName) -> &str {
    let name = test.as_str();
    name.split_once("::").map_or(name, |(file, _)| file)
}

impl Part {
    /// How each test ended; one that was begun and took the process with it did not pass.
    fn outcomes(&self) -> BTreeMap<TestName, Outcome> {
        let mut outcomes = self.lines.outcomes();
        if let Some(test) = &self.lines.begun
            && !outcomes.contains_key(test)
        {
            let outcome = if self.traceback.is_empty() {
                let text = format!("pytest ended while it ran: {}", self.printed);
                Outcome::failed(Phase::Body, &text)
            } else {
                Outcome::TimedOut
            };
            outcomes.insert(test.clone(), outcome);
        }
        outcomes
    }

    fn all_printed(&self) -> String {
        let errors = self.lines.not_collected.iter();
        let mut text: String = errors
            .map(|(file, error)| format!("{file} cannot be collected: {error}\n"))
            .collect();
        text.push_str(&self.printed);
        text
    }

    /// The files that each test opened; nothing where the observer was not seen to work.
    fn opened(&self, root: &Path) -> Option<BTreeMap<TestName, BTreeSet<PathBuf>>> {
        let lines = &self.lines;
        match lines.watched {
            Some(true) if lines.finished => {}
            Some(false) => {
                print::note(
                    "[observe] pytest: this Python does not report the files that it opens; nothing is observed",
                );
                return None;
            }
            _ => return None,
        }
        let mut opened: BTreeMap<TestName, BTreeSet<PathBuf>> = BTreeMap::new();
        for test in &lines.planned {
            opened.entry(test.clone()).or_default();
        }
        for Opened { by, paths } in &lines.opened {
            for (test, own) in &mut opened {
                if by.includes(test) {
                    own.extend(paths.iter().map(|path| root.join(path)));
                }
            }
        }
        Some(opened)
    }
}

fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", file.display()))
        }
        _ => Ok(()),
    }
}

fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", folder.display()))
        }
        _ => Ok(()),
    }
}
