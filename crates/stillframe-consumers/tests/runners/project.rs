//! A throw-away suite with a definition, and its runner.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use stillframe_consumers::definition::Definition;
use stillframe_consumers::name::TestName;
use stillframe_consumers::outcome::Outcome;
use stillframe_consumers::place::Place;
use stillframe_consumers::runner::{self, Runner, RunnerReport};
use stillframe_consumers::suite::{Order, RunError, Selection, Watch};
use tempfile::TempDir;

pub struct Project {
    root: PathBuf,
    _folder: Option<TempDir>,
}

/// A runner in its place.
pub struct Suite {
    pub runner: Box<dyn Runner>,
    pub place: Place,
}

impl Project {
    pub fn new() -> Project {
        let folder = TempDir::new().unwrap();
        Project {
            root: folder.path().canonicalize().unwrap(),
            _folder: Some(folder),
        }
    }

    /// One that stays, as building it takes long.
    pub fn kept(name: &str) -> Project {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&root).unwrap();
        Project {
            root,
            _folder: None,
        }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        stillframe::disk::replace(&path, text.as_bytes()).unwrap();
    }

    pub fn script(&self, path: &str, text: &str) {
        self.write(path, text);
        fs::set_permissions(self.path(path), Permissions::from_mode(0o755)).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// The suite of this `[suite]` table, without its head.
    pub fn suite(&self, table: &str) -> Suite {
        let scratch = self.root.join("exchange");
        fs::create_dir_all(&scratch).unwrap();
        Suite {
            runner: runner::choice::choose(&definition(table).written).unwrap(),
            place: Place {
                root: self.root.clone(),
                files: self.root.clone(),
                cwd: self.root.clone(),
                env: std::env::vars_os().collect(),
                timeout: Duration::from_secs(120),
                scratch,
                wrapper: Vec::new(),
            },
        }
    }
}

/// Why this `[suite]` table is refused.
pub fn refused(table: &str) -> String {
    match runner::choice::choose(&definition(table).written) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => format!("{error:#}"),
    }
}

fn definition(table: &str) -> Definition {
    let folder = TempDir::new().unwrap();
    let text =
        format!("format-version = 1\n[suite]\n{table}\n[[fixtures]]\nfiles = [\"data/*\"]\n");
    stillframe::disk::replace(&folder.path().join("consumers.toml"), text.as_bytes()).unwrap();
    Definition::find(folder.path()).unwrap()
}

impl Suite {
    pub fn with(mut self, variable: &str, value: &str) -> Suite {
        self.set(variable, value);
        self
    }

    pub fn set(&mut self, variable: &str, value: &str) {
        self.place.set(variable, value);
    }

    pub fn unset(&mut self, variable: &str) {
        self.place.env.remove(std::ffi::OsStr::new(variable));
    }

    /// For suites that hang.
    pub fn ended_after(mut self, seconds: u64) -> Suite {
        self.place.timeout = Duration::from_secs(seconds);
        self
    }

    pub fn prepared(mut self) -> Suite {
        self.runner.prepare(&self.place).unwrap();
        self
    }

    pub fn run(&mut self, tests: &Selection) -> Result<RunnerReport, RunError> {
        self.run_in(tests, Order::Given)
    }

    pub fn run_in(&mut self, tests: &Selection, order: Order) -> Result<RunnerReport, RunError> {
        self.runner.run(&self.place, tests, order, Watch::No)
    }

    /// How each test ended.
    pub fn ends(&mut self, tests: &Selection) -> Vec<String> {
        shown(&self.run(tests).unwrap().outcomes)
    }

    /// The message of a run that says nothing.
    pub fn problem(&mut self, tests: &Selection) -> String {
        match self.run(tests) {
            Err(error) => message(&error),
            Ok(report) => panic!("it ran: {report:?}"),
        }
    }

    pub fn problem_of_preparing(&mut self) -> String {
        message(&self.runner.prepare(&self.place).unwrap_err())
    }
}

fn message(error: &RunError) -> String {
    match error {
        RunError::Interrupted => "interrupted".to_owned(),
        RunError::Failed(error) => format!("{error:#}"),
    }
}

pub fn only(tests: &[&str]) -> Selection {
    Selection::Only(tests.iter().map(|test| TestName::from(*test)).collect())
}

/// `name: end`, with the first line of what stands for it.
pub fn shown(outcomes: &BTreeMap<TestName, Outcome>) -> Vec<String> {
    let line = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    outcomes
        .iter()
        .map(|(test, outcome)| match outcome {
            Outcome::Passed => format!("{test}: passed"),
            Outcome::Skipped => format!("{test}: skipped"),
            Outcome::TimedOut => format!("{test}: timed out"),
            Outcome::Missing(printed) => format!("{test}: missing, {}", line(printed)),
            Outcome::Failed(failure) => {
                format!("{test}: {:?}, {}", failure.phase, line(&failure.message))
            }
        })
        .collect()
}
