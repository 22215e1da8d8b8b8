//! `cargo test`: the test programs are built once and then run themselves, each with the tests that are wanted of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use stillframe::process::{End, Outcome as Ended};

use super::stopped::outcome_of_running;
use super::{Runner, RunnerReport, end_of_output};
use crate::definition::Suite;
use crate::name::TestName;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::suite::{Order, RunError, Selection, Watch};

mod binary;
mod printed;

use binary::Binary;

/// How many bytes of names one command gets; a system takes 128 KiB as one argument, and more of them in sum.
const NAMES: usize = 100_000;
/// Arguments after `--` that change what is printed, or which tests run.
const REFUSED: [&str; 9] = [
    "-q",
    "--quiet",
    "--format",
    "--list",
    "--exact",
    "--nocapture",
    "--no-capture",
    "--bench",
    "-h",
];
/// Arguments after `--` that have another after them.
const VALUED: [&str; 5] = ["--test-threads", "--skip", "--color", "--logfile", "-Z"];

/// Whether a program is told the names of its tests; it runs all of them otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ByName {
    Yes,
    No,
}

/// Runs Rust's own test programs.
pub struct Libtest {
    /// `cargo test` with its flags.
    cargo: Vec<String>,
    /// What stands after `--`.
    arguments: Vec<String>,
    binaries: Vec<Binary>,
    /// Where the toolchain's own libraries lie.
    libraries: Option<PathBuf>,
    /// The tests of each program, while nothing was hidden.
    known: BTreeMap<String, BTreeSet<String>>,
}

impl Libtest {
    /// As the definition says.
    ///
    /// # Errors
    ///
    /// When the command is another, or has arguments that are the runner's own.
    pub fn new(suite: &Suite) -> Result<Libtest> {
        let words = &suite.command;
        let end = words.iter().position(|word| word == "--");
        let (cargo, arguments) = match end {
            Some(end) => (&words[..end], &words[end + 1..]),
            None => (&words[..], &[][..]),
        };
        if !cargo.iter().any(|word| word == "test" || word == "t") {
            bail!(
                "the command of the runner libtest is {:?}; write [\"cargo\", \"test\"], with the flags that the suite needs",
                words.join(" ")
            );
        }
        let mut value = false;
        for word in arguments {
            let name = word.split('=').next().unwrap_or(word);
            let is_filter = !word.starts_with('-') && !value;
            if is_filter || REFUSED.contains(&name) {
                bail!(
                    "the command of the runner libtest has {word:?} after --; remove it: the runner selects tests and reads what they print"
                );
            }
            value = VALUED.contains(&word.as_str());
        }
        Ok(Libtest {
            cargo: cargo.to_vec(),
            arguments: arguments.to_vec(),
            binaries: Vec::new(),
            libraries: None,
            known: BTreeMap::new(),
        })
    }

    /// The tests that a program has; how listing ended where it did not work.
    fn list(
        &self,
        place: &Place,
        binary: &Binary,
    ) -> Result<Result<BTreeSet<String>, Ended>, RunError> {
        let mut command = binary.command();
        // Some of them choose tests, such as --skip.
        command.extend(self.arguments.iter().map(OsString::from));
        command.extend(["--list", "--format", "terse"].map(OsString::from));
        let ended = place.run(&command)?;
        let text = String::from_utf8_lossy(&ended.stdout);
        let names: BTreeSet<String> = text
            .lines()
            .filter_map(|line| line.strip_suffix(": test"))
            .map(str::to_owned)
            .collect();
        if ended.end == End::Exited(0) {
            Ok(Ok(names))
        } else {
            Ok(Err(ended))
        }
    }

    /// Runs a program's tests, and again those that a stopped run left open, until each is known or cannot be.
    fn run_binary(
        &self,
        place: &Place,
        binary: &Binary,
        wanted: BTreeSet<String>,
        mut by_name: ByName,
        report: &mut RunnerReport,
    ) -> Result<(), RunError> {
        let mut open = wanted;
        let mut one_by_one = self.has_one_thread(place) || open.len() == 1;
        loop {
            let mut command = binary.command();
            command.extend(self.arguments.iter().map(OsString::from));
            if one_by_one && !self.has_one_thread(place) {
                command.push("--test-threads=1".into());
            }
            if by_name == ByName::Yes {
                command.push("--exact".into());
                command.extend(open.iter().map(OsString::from));
            }
            let ended = place.run(&command)?;
            let printed = printed::read(&String::from_utf8_lossy(&ended.stdout), &open);
            report.printed = end_of_output(&ended);
            let before = open.len();
            for (test, outcome) in printed.outcomes {
                open.remove(&test);
                report.outcomes.insert(binary.name_of(&test), outcome);
            }
            if printed.is_whole || open.is_empty() {
                return Ok(());
            }
            // A line is begun before its test runs only where tests run one by one.
            let running = printed
                .running
                .filter(|test| one_by_one && open.contains(test));
            if let Some(running) = running {
                let outcome = outcome_of_running(&ended);
                report.outcomes.insert(binary.name_of(&running), outcome);
                open.remove(&running);
            } else if one_by_one && open.len() == before {
                // It ended before its first test began, and will again.
                let outcome = match ended.end {
                    End::TimedOut => Outcome::TimedOut,
                    _ => Outcome::missing(&report.printed),
                };
                let all = open
                    .iter()
                    .map(|test| (binary.name_of(test), outcome.clone()));
                report.outcomes.extend(all);
                return Ok(());
            }
            if open.is_empty() {
                return Ok(());
            }
            (one_by_one, by_name) = (true, ByName::Yes);
        }
    }

    /// Whether the definition has tests run one after the other.
    fn has_one_thread(&self, place: &Place) -> bool {
        let variable = place.env.get(&OsString::from("RUST_TEST_THREADS"));
        let words = &self.arguments;
        variable.is_some_and(|threads| threads == "1")
            || words.iter().any(|word| word == "--test-threads=1")
            || words.windows(2).any(|pair| pair == ["--test-threads", "1"])
    }
}

impl Binary {
    fn name_of(&self, test: &str) -> TestName {
        TestName::from(format!("{} {test}", self.id))
    }
}

impl Runner for Libtest {
    fn selects(&self) -> bool {
        true
    }

    fn reorders(&self) -> bool {
        false
    }

    fn tells_which_test_runs(&self) -> bool {
        // The thread of a test has its name.
        true
    }

    fn prepare(&mut self, place: &Place) -> Result<(), RunError> {
        let mut build = self.cargo.clone();
        build.extend(["--no-run", "--message-format=json-render-diagnostics"].map(String::from));
        let built = place.run(&build)?;
        if built.end != End::Exited(0) {
            return Err(anyhow!(
                "`{}` failed: {}\n{}",
                build.join(" "),
                built.end,
                String::from_utf8_lossy(&built.stderr).trim()
            )
            .into());
        }
        self.binaries = binary::all(&String::from_utf8_lossy(&built.stdout))?;
        if self.binaries.is_empty() {
            return Err(anyhow!(
                "`{}` built no test program; name packages that have tests",
                build.join(" ")
            )
            .into());
        }
        let rustc = place.run(&["rustc", "--print", "target-libdir"]);
        self.libraries = match rustc {
            Err(RunError::Interrupted) => return Err(RunError::Interrupted),
            Ok(printed) if printed.end == End::Exited(0) => {
                let text = String::from_utf8_lossy(&printed.stdout);
                Some(PathBuf::from(text.trim()))
            }
            // Only test programs that load Rust's own libraries need it.
            _ => None,
        };
        self.known.clear();
        for binary in &self.binaries {
            let own = binary.place(place, self.libraries.as_deref());
            match self.list(&own, binary)? {
                Ok(names) => {
                    self.known.insert(binary.id.clone(), names);
                }
                Err(ended) => {
                    return Err(anyhow!(
                        "the test program {} does not list its tests with --list --format terse; leave it out of the command, such as with --lib or --test NAME, or make its harness understand this: {}",
                        binary.id,
                        end_of_output(&ended)
                    )
                    .into());
                }
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
        let mut selected = match tests {
            Selection::Whole => None,
            Selection::Only(tests) => Some(by_binary(tests)?),
        };
        let mut listed = Some(BTreeSet::new());
        for binary in &self.binaries {
            let own = binary.place(place, self.libraries.as_deref());
            let known = &self.known[&binary.id];
            let listing = self.list(&own, binary)?;
            let (names, lists) = match &listing {
                Ok(names) => (names, true),
                Err(_) => (known, false),
            };
            match &mut listed {
                Some(all) if lists => all.extend(names.iter().map(|name| binary.name_of(name))),
                _ => listed = None,
            }
            let wanted = match &mut selected {
                None => names.clone(),
                Some(selected) => {
                    let wanted = selected.remove(binary.id.as_str()).unwrap_or_default();
                    let wanted = wanted.into_iter().filter(|name| names.contains(*name));
                    wanted.map(str::to_owned).collect()
                }
            };
            let (portions, by_name) = match selected {
                Some(_) => (portions(wanted), ByName::Yes),
                None if wanted.is_empty() => (Vec::new(), ByName::No),
                None => (vec![wanted], ByName::No),
            };
            for tests in portions {
                self.run_binary(&own, binary, tests, by_name, &mut report)?;
            }
        }
        report.listed = listed;
        Ok(report)
    }
}

/// Tests in portions that can be arguments of one command.
fn portions(tests: BTreeSet<String>) -> Vec<BTreeSet<String>> {
    let mut portions: Vec<BTreeSet<String>> = Vec::new();
    let mut room = 0;
    for test in tests {
        if portions.is_empty() || test.len() >= room {
            portions.push(BTreeSet::new());
            room = NAMES;
        }
        room = room.saturating_sub(test.len() + 1);
        portions.last_mut().expect("one was pushed").insert(test);
    }
    portions
}

fn by_binary(tests: &BTreeSet<TestName>) -> Result<BTreeMap<&str, Vec<&str>>> {
    let mut by_binary: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for test in tests {
        let (binary, name) = test
            .as_str()
            .split_once(' ')
            .with_context(|| format!("{test} is not a name that the runner libtest gave"))?;
        by_binary.entry(binary).or_default().push(name);
    }
    Ok(by_binary)
}
