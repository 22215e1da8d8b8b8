//! What the plugin of pytest writes: one line of JSON for everything that happens.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::name::TestName;
use crate::outcome::{Outcome, Phase};

/// Everything that one process wrote.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Every test that was found; nothing where it did not get so far.
    pub(super) listed: Option<BTreeSet<TestName>>,
    /// The tests that were to run, in their order.
    pub(super) planned: Vec<TestName>,
    /// Why files of tests could not be collected.
    pub(super) not_collected: BTreeMap<String, String>,
    /// The last test that began.
    pub(super) begun: Option<TestName>,
    phases: BTreeMap<TestName, Vec<End>>,
    pub(super) opened: Vec<Opened>,
    /// Whether the observer was seen to work; nothing where there was none.
    pub(super) watched: Option<bool>,
    /// The session came to its end.
    pub(super) finished: bool,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Line {
    Listed {
        tests: BTreeSet<TestName>,
    },
    Planned {
        tests: Vec<TestName>,
    },
    NotCollected {
        file: String,
        text: String,
    },
    Begun {
        test: TestName,
    },
    Phase {
        test: TestName,
        #[serde(flatten)]
        end: End,
    },
    Opened(Opened),
    Watched {
        works: bool,
    },
    Finished,
}

/// How one phase of a test ended.
#[derive(Debug, Deserialize)]
struct End {
    phase: String,
    outcome: Word,
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Passed,
    Failed,
    Skipped,
    TimedOut,
}

/// Files below the root that were opened, and folders that were listed.
#[derive(Debug, Deserialize)]
pub(super) struct Opened {
    #[serde(flatten)]
    pub(super) by: By,
    pub(super) paths: Vec<PathBuf>,
}

/// For whom something was opened.
#[derive(Debug, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub(super) enum By {
    /// For every test.
    Session,
    /// For every test of a file.
    Module { module: String },
    /// For these.
    Tests { tests: BTreeSet<TestName> },
}

impl By {
    pub(super) fn includes(&self, test: &TestName) -> bool {
        match self {
            By::Session => true,
            By::Module { module } => super::file_of(test) == module,
            By::Tests { tests } => tests.contains(test),
        }
    }
}

impl Lines {
    /// Reads a report; one that was never begun is empty.
    ///
    /// # Errors
    ///
    /// When a whole line of it is not what the plugin writes.
    pub(super) fn read(path: &Path) -> Result<Lines> {
        let act = || format!("reading the report of pytest, {}", path.display());
        match fs::read(path) {
            Ok(bytes) => Lines::parse(&bytes).with_context(act),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Lines::default()),
            Err(error) => Err(error).with_context(act),
        }
    }

    fn parse(bytes: &[u8]) -> Result<Lines> {
        let mut lines = Lines::default();
        // A process that is ended in the middle of a line did not report what it says.
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            if line.ends_with(b"\n") {
                lines.add(serde_json::from_slice(line)?);
            }
        }
        Ok(lines)
    }

    fn add(&mut self, line: Line) {
        match line {
            Line::Listed { tests } => self.listed = Some(tests),
            Line::Planned { tests } => self.planned = tests,
            Line::NotCollected { file, text } => {
                self.not_collected.insert(file, text);
            }
            Line::Begun { test } => self.begun = Some(test),
            Line::Phase { test, end } => self.phases.entry(test).or_default().push(end),
            Line::Opened(opened) => self.opened.push(opened),
            Line::Watched { works } => self.watched = Some(works),
            Line::Finished => self.finished = true,
        }
    }

    /// How each test ended whose last phase was reported.
    pub(super) fn outcomes(&self) -> BTreeMap<TestName, Outcome> {
        let ended = self.phases.iter().filter(|(_, ends)| {
            let mut phases = ends.iter().map(|end| end.phase.as_str());
            phases.any(|phase| phase == "teardown")
        });
        ended
            .map(|(test, ends)| (test.clone(), outcome(ends)))
            .collect()
    }
}

/// The first phase that did not pass decides.
fn outcome(ends: &[End]) -> Outcome {
    let bad = ends
        .iter()
        .find(|end| matches!(end.outcome, Word::Failed | Word::TimedOut));
    if let Some(end) = bad {
        let phase = match end.phase.as_str() {
            "setup" => Phase::Setup,
            _ => Phase::Body,
        };
        return match end.outcome {
            Word::TimedOut => Outcome::TimedOut,
            _ => Outcome::failed(phase, &end.message),
        };
    }
    // A part of a test may be skipped.
    let ran = ends
        .iter()
        .any(|end| end.phase == "call" && end.outcome == Word::Passed);
    let skipped = ends.iter().any(|end| end.outcome == Word::Skipped);
    if skipped && !ran {
        Outcome::Skipped
    } else {
        Outcome::Passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(lines: &str) -> BTreeMap<String, Outcome> {
        let lines = Lines::parse(lines.as_bytes()).unwrap();
        let outcomes = lines.outcomes().into_iter();
        outcomes
            .map(|(test, outcome)| (test.to_string(), outcome))
            .collect()
    }

    fn phases(test: &str, ends: &[(&str, &str)]) -> String {
        let line = |(phase, outcome): &(&str, &str)| {
            format!(
                "{{\"kind\":\"phase\",\"test\":\"{test}\",\"phase\":\"{phase}\",\"outcome\":\"{outcome}\",\"message\":\"no\",\"seconds\":0.1}}\n"
            )
        };
        ends.iter().map(line).collect()
    }

    #[test]
    fn a_test_ends_as_its_first_phase_that_did_not_pass() {
        let (passed, failed, skipped) = ("passed", "failed", "skipped");
        let all =
            |setup, call, teardown| [("setup", setup), ("call", call), ("teardown", teardown)];
        let text = [
            phases("passed", &all(passed, passed, passed)),
            phases("body", &all(passed, failed, failed)),
            phases("cleanup", &all(passed, passed, failed)),
            phases("setup", &[("setup", failed), ("teardown", passed)]),
            phases("late", &all(passed, "timed-out", passed)),
            phases("expected", &all(passed, skipped, passed)),
            phases(
                "part",
                &[
                    ("setup", passed),
                    ("call", skipped),
                    ("call", passed),
                    ("teardown", passed),
                ],
            ),
        ]
        .concat();
        let body = Outcome::failed(Phase::Body, "no");
        let expected = [
            ("body", body.clone()),
            ("cleanup", body),
            ("expected", Outcome::Skipped),
            ("late", Outcome::TimedOut),
            ("part", Outcome::Passed),
            ("passed", Outcome::Passed),
            ("setup", Outcome::failed(Phase::Setup, "no")),
        ];
        let expected = expected.map(|(test, outcome)| (test.to_owned(), outcome));
        assert_eq!(outcomes(&text), BTreeMap::from(expected));
    }

    #[test]
    fn a_test_whose_process_died_has_not_ended() {
        let text = phases("test", &[("setup", "passed"), ("call", "passed")]);
        assert!(outcomes(&text).is_empty());
        let unfinished = format!("{text}{{\"kind\":\"phase\",\"test\":\"test\",\"pha");
        assert!(outcomes(&unfinished).is_empty());
    }

    #[test]
    fn what_is_opened_for_a_module_or_the_session_counts_for_every_test_of_it() {
        let text = "{\"kind\":\"opened\",\"by\":\"session\",\"paths\":[\"a\"]}\n{\"kind\":\"opened\",\"by\":\"module\",\"module\":\"t/a.py\",\"paths\":[\"b\"]}\n{\"kind\":\"opened\",\"by\":\"tests\",\"tests\":[\"t/b.py::x\"],\"paths\":[\"c\"]}\n";
        let lines = Lines::parse(text.as_bytes()).unwrap();
        let of = |test: &str| -> Vec<String> {
            let test = TestName::from(test);
            let own = lines
                .opened
                .iter()
                .filter(|opened| opened.by.includes(&test));
            own.flat_map(|opened| opened.paths.iter().map(|path| path.display().to_string()))
                .collect()
        };
        assert_eq!(of("t/a.py::x"), ["a", "b"]);
        assert_eq!(of("t/b.py::x"), ["a", "c"]);
        assert_eq!(of("t/b.py::y"), ["a"]);
    }
}
