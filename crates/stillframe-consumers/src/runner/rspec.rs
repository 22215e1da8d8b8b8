//! `rspec`: reports by its JSON formatter, selects examples by their ids.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use stillframe::disk;
use stillframe::process::{End, Outcome as Ended};

use super::stopped::{is_stopped, note, outcome_of_running};
use super::{Runner, RunnerReport, end_of_output};
use crate::definition::Suite;
use crate::name::TestName;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::suite::{Order, RunError, Selection, Watch};

mod report;

use report::{Example, Report};

/// Notes which example runs.
const PROGRESS: &str = include_str!("rspec/progress.rb");
/// How many bytes of ids one command gets; a system takes 128 KiB as one argument, and more of them in sum.
const IDS: usize = 60_000;
/// RSpec's options that have another argument after them.
const VALUED: [&str; 22] = [
    "-I",
    "-r",
    "-O",
    "-f",
    "-o",
    "-P",
    "-e",
    "-E",
    "-t",
    "--require",
    "--options",
    "--order",
    "--seed",
    "--format",
    "--out",
    "--pattern",
    "--exclude-pattern",
    "--example",
    "--tag",
    "--default-path",
    "--failure-exit-code",
    "--drb-port",
];

/// Runs tests by RSpec.
pub struct Rspec {
    command: Vec<String>,
    /// Every example, as RSpec listed them while nothing was hidden.
    listed: BTreeMap<TestName, Listed>,
    /// The names of those whose description is made while they run, by id.
    undescribed: BTreeMap<String, TestName>,
    /// `cwd`, from the root of the suite.
    below_root: PathBuf,
}

#[derive(Debug, Default)]
struct Listed {
    file: String,
    full_description: String,
    /// More than one where examples of a file have the same description.
    positions: Vec<String>,
}

/// What one process reported.
struct Seen {
    report: Option<Report>,
    /// The example that ran when the process ended.
    running: Option<String>,
    ended: Ended,
}

/// How examples are selected.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// All are run, by the definition's command.
    Nothing,
    Id,
    /// Ids count positions; where hiding has moved them, descriptions do not move.
    Description,
}

impl By {
    /// What selects some of the tests that this selected.
    fn selecting(self) -> By {
        match self {
            By::Nothing | By::Id => By::Id,
            By::Description => By::Description,
        }
    }
}

impl Rspec {
    /// As the definition says.
    pub fn new(suite: &Suite) -> Rspec {
        Rspec {
            command: suite.command.clone(),
            listed: BTreeMap::new(),
            undescribed: BTreeMap::new(),
            below_root: PathBuf::new(),
        }
    }

    /// The command without files and folders: RSpec would run all of them besides the selection.
    fn without_paths(&self, place: &Place) -> Vec<String> {
        let words = &self.command;
        let program = words.iter().position(|word| {
            Path::new(word)
                .file_name()
                .is_some_and(|name| name == "rspec")
        });
        let program = program.unwrap_or(0);
        let mut kept = words[..=program].to_vec();
        let mut before = "";
        for word in &words[program + 1..] {
            let file = word.split(['[', ':']).next().unwrap_or(word);
            let is_path = !word.starts_with('-')
                && !VALUED.contains(&before)
                && place.reach(&place.cwd.join(file)).exists();
            if !is_path {
                kept.push(word.clone());
            }
            before = word;
        }
        kept
    }

    /// Runs RSpec once.
    fn run_once(
        &self,
        place: &Place,
        command: &[String],
        order: &[String],
    ) -> Result<Seen, RunError> {
        let [json, progress, formatter] =
            ["rspec.json", "rspec.txt", "rspec_progress.rb"].map(|name| place.scratch.join(name));
        disk::scratch(&json, b"")?;
        disk::scratch(&progress, b"")?;
        disk::scratch(&formatter, PROGRESS.as_bytes())?;
        let mut command = command.to_vec();
        command.extend(order.iter().cloned());
        command.extend(["--no-fail-fast".to_owned(), "--require".to_owned()]);
        command.push(formatter.display().to_string());
        for (format, file) in [("json", &json), ("StillframeProgress", &progress)] {
            let words = ["--format", format, "--out"].map(str::to_owned);
            command.extend(words);
            command.push(file.display().to_string());
        }
        let ended = place.run(&command)?;
        let read = |path: &Path| {
            let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
            anyhow::Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = read(&json)?;
        let report = match report::read(&text) {
            Ok(report) => Some(report),
            // RSpec writes it in the end; a process that ends before leaves an empty file.
            Err(_) if text.trim().is_empty() || is_stopped(ended.end) => None,
            Err(error) => {
                return Err(error
                    .context(format!(
                        "`{}` wrote half a report; {}",
                        self.command.join(" "),
                        end_of_output(&ended)
                    ))
                    .into());
            }
        };
        let running = match report {
            Some(_) => None,
            None => running(&read(&progress)?),
        };
        Ok(Seen {
            report,
            running,
            ended,
        })
    }

    /// The name of an example: its file, and its description where that does not depend on how it runs.
    fn name_of(&self, example: &Example) -> TestName {
        let name = self.undescribed.get(&example.id);
        let listed = name.and_then(|name| Some((name, self.listed.get(name)?)));
        match listed {
            Some((name, listed))
                if example
                    .full_description
                    .starts_with(&listed.full_description) =>
            {
                name.clone()
            }
            _ => TestName::from(format!(
                "{} {}",
                example.file(),
                example.full_description.trim()
            )),
        }
    }

    /// The commands that run these tests.
    fn selecting(&self, place: &Place, tests: &BTreeSet<TestName>, by: By) -> Vec<Vec<String>> {
        let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for test in tests {
            let (file, description) = self.place_of(test);
            let selectors = files.entry(file).or_default();
            match (by, self.listed.get(test)) {
                (By::Nothing | By::Id, Some(listed)) => {
                    selectors.extend(listed.positions.iter().cloned());
                }
                _ => selectors.push(description),
            }
        }
        let mut commands: Vec<Vec<String>> = Vec::new();
        let mut room = 0;
        for (file, selectors) in files {
            for part in selectors.chunks(IDS / 200) {
                let words: Vec<String> = match by {
                    By::Nothing | By::Id => vec![format!("./{file}[{}]", part.join(","))],
                    By::Description => {
                        let mut words = vec![format!("./{file}")];
                        for description in part {
                            words.extend(["--example".to_owned(), description.clone()]);
                        }
                        words
                    }
                };
                let length: usize = words.iter().map(String::len).sum();
                if commands.is_empty() || length > room || by == By::Description {
                    commands.push(self.without_paths(place));
                    room = IDS;
                }
                room = room.saturating_sub(length);
                commands.last_mut().expect("one was pushed").extend(words);
            }
        }
        commands
    }

    /// The file and the description of a test.
    fn place_of(&self, test: &TestName) -> (String, String) {
        match self.listed.get(test) {
            Some(listed) => (listed.file.clone(), listed.full_description.clone()),
            None => {
                let name = test.as_str();
                let end = name.find(".rb ").map_or(name.len(), |at| at + ".rb".len());
                (name[..end].to_owned(), name[end..].trim().to_owned())
            }
        }
    }

    fn file(&self, test: &TestName) -> String {
        self.place_of(test).0
    }

    /// Runs tests, and again those that a run left open although they might run, until each is known or cannot be.
    fn run_until_known(
        &self,
        place: &Place,
        tests: &BTreeSet<TestName>,
        by: By,
        order: &[String],
        report: &mut RunnerReport,
    ) -> Result<(), RunError> {
        let commands = match by {
            By::Nothing => vec![self.command.clone()],
            _ => self.selecting(place, tests, by),
        };
        let mut rounds = vec![(tests.clone(), commands, by)];
        while let Some((mut open, commands, by)) = rounds.pop() {
            let before = open.len();
            let mut last = None;
            for command in commands {
                let seen = self.run_once(place, &command, order)?;
                self.take(&seen, &mut open, report);
                // A run that was stopped, or could not load everything, says nothing about the commands after it.
                let failed = seen
                    .report
                    .as_ref()
                    .is_none_or(|one| one.errors_outside().is_some());
                last = Some(seen);
                if failed {
                    break;
                }
            }
            let Some(seen) = last else {
                continue;
            };
            if open.is_empty() {
                continue;
            }
            let progress = open.len() < before;
            let files: BTreeSet<String> = open.iter().map(|test| self.file(test)).collect();
            let errors = seen
                .report
                .as_ref()
                .is_some_and(|one| one.errors_outside().is_some());
            if progress && (errors || seen.report.is_none() || is_stopped(seen.ended.end)) {
                let by = by.selecting();
                let commands = self.selecting(place, &open, by);
                rounds.push((open, commands, by));
            } else if seen.report.is_none() && is_stopped(seen.ended.end) {
                // It was stopped before an example began: while it loaded files, of which each may be the cause.
                if files.len() > 1 {
                    for file in files {
                        let own: BTreeSet<TestName> = open
                            .iter()
                            .filter(|test| self.file(test) == file)
                            .cloned()
                            .collect();
                        let by = by.selecting();
                        let commands = self.selecting(place, &own, by);
                        rounds.push((own, commands, by));
                    }
                } else {
                    let outcome = match seen.ended.end {
                        End::TimedOut => Outcome::TimedOut,
                        _ => Outcome::missing(&end_of_output(&seen.ended)),
                    };
                    let all = open.iter().map(|test| (test.clone(), outcome.clone()));
                    report.outcomes.extend(all);
                }
            } else if seen.report.is_some() && !errors && by == By::Id {
                let commands = self.selecting(place, &open, By::Description);
                rounds.push((open, commands, By::Description));
            } else {
                let printed = match &seen.report {
                    Some(report) => report.errors_outside().unwrap_or_default(),
                    None => end_of_output(&seen.ended),
                };
                let missing = Outcome::missing(&printed);
                let all = open.iter().map(|test| (test.clone(), missing.clone()));
                report.outcomes.extend(all);
            }
        }
        Ok(())
    }

    /// Takes what a run tells: reported examples, files that were not loaded, and the example that ran when it ended.
    fn take(&self, seen: &Seen, open: &mut BTreeSet<TestName>, report: &mut RunnerReport) {
        report.printed = end_of_output(&seen.ended);
        if let Some(told) = &seen.report {
            for example in &told.examples {
                let name = self.name_of(example);
                open.remove(&name);
                note(&mut report.outcomes, name, example.outcome());
            }
            if let Some(errors) = told.errors_outside() {
                let files = told.not_loaded();
                let missing = Outcome::missing(&errors);
                open.retain(|test| {
                    let is_lost = files.contains(&self.file(test).as_str());
                    if is_lost {
                        report.outcomes.insert(test.clone(), missing.clone());
                    }
                    !is_lost
                });
                report.printed = errors;
            }
        } else if let Some(running) = &seen.running {
            let by_id = |test: &&TestName| {
                self.listed.get(*test).is_some_and(|listed| {
                    let mut positions = listed.positions.iter();
                    positions.any(|position| format!("./{}[{position}]", listed.file) == *running)
                })
            };
            if let Some(test) = open.iter().find(by_id).cloned() {
                open.remove(&test);
                report
                    .outcomes
                    .insert(test, outcome_of_running(&seen.ended));
            }
        }
    }
}

/// The example that was started last and is not finished.
fn running(progress: &str) -> Option<String> {
    progress
        .lines()
        .last()?
        .strip_prefix("started ")
        .map(str::to_owned)
}

impl Runner for Rspec {
    fn selects(&self) -> bool {
        true
    }

    fn reorders(&self) -> bool {
        true
    }

    fn tells_which_test_runs(&self) -> bool {
        false
    }

    fn prepare(&mut self, place: &Place) -> Result<(), RunError> {
        self.listed.clear();
        self.undescribed.clear();
        let below = place.cwd.strip_prefix(&place.root);
        self.below_root = below.unwrap_or(Path::new("")).to_owned();
        let mut list = self.command.clone();
        list.push("--dry-run".to_owned());
        let seen = self.run_once(place, &list, &[])?;
        let errors = seen.report.as_ref().and_then(Report::errors_outside);
        let report = match (seen.report, errors) {
            (Some(report), None) => report,
            (_, errors) => {
                return Err(anyhow!(
                    "`{}` could not list the examples; make it work, then run this again: {}",
                    list.join(" "),
                    errors.unwrap_or_else(|| end_of_output(&seen.ended))
                )
                .into());
            }
        };
        for example in report.examples {
            let description = example.full_description.trim().to_owned();
            let name = if example.is_without_description() {
                let position = example.position();
                let name = format!("{} {description} (example {position})", example.file());
                let name = TestName::from(name);
                self.undescribed.insert(example.id.clone(), name.clone());
                name
            } else {
                TestName::from(format!("{} {description}", example.file()))
            };
            let listed = self.listed.entry(name).or_default();
            example.file().clone_into(&mut listed.file);
            listed.full_description = description;
            listed.positions.push(example.position().to_owned());
        }
        Ok(())
    }

    fn run(
        &mut self,
        place: &Place,
        tests: &Selection,
        order: Order,
        _watch: Watch,
    ) -> Result<RunnerReport, RunError> {
        let order = match order {
            // A suite whose own order is random runs in one order, so that runs can be compared.
            Order::Given => ["--order".to_owned(), "defined".to_owned()],
            Order::Shuffled(seed) => ["--order".to_owned(), format!("rand:{}", seed % 65_536)],
        };
        let mut report = RunnerReport::default();
        match tests {
            Selection::Whole => {
                let all = self.listed.keys().cloned().collect();
                self.run_until_known(place, &all, By::Nothing, &order, &mut report)?;
            }
            Selection::Only(tests) => {
                self.run_until_known(place, tests, By::Id, &order, &mut report)?;
                report.outcomes.retain(|test, _| tests.contains(test));
            }
        }
        Ok(report)
    }

    fn file_of(&self, test: &TestName) -> Option<PathBuf> {
        Some(self.below_root.join(self.file(test)))
    }
}
