//! Where and how a suite runs: the folder, the environment, and how long it may take.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use stillframe::process::{self, End, Invocation, Outcome};

use crate::suite::RunError;

/// How much a suite may print.
const OUTPUT_LIMIT: u64 = 1 << 30;

/// The exit code of a wrapper that could not start the command, as for `env` and `timeout`.
pub const NOT_STARTED: i32 = 125;
/// What its message begins with.
pub const NOT_STARTED_MESSAGE: &str = "stillframe consumers within: ";

/// Where and how commands of the suite run.
#[derive(Debug, Clone)]
pub struct Place {
    /// The root of the suite, as its commands see it.
    pub root: PathBuf,
    /// Where the files of the suite lie for us: the same as `root`, or a private copy, in which they may be changed.
    pub files: PathBuf,
    /// The folder that commands run in.
    pub cwd: PathBuf,
    /// Their whole environment.
    pub env: BTreeMap<OsString, OsString>,
    /// How long one command may take.
    pub timeout: Duration,
    /// A folder for what is exchanged with the suite: reports, plans, plugins. It outlives the run, and nothing else.
    pub scratch: PathBuf,
    /// What stands before every command, such as one that lays a private copy over the suite's own path.
    pub wrapper: Vec<OsString>,
}

impl Place {
    /// Sets a variable for every command.
    pub fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.env.insert(name.into(), value.as_ref().to_owned());
    }

    /// Where a file lies for us that the suite knows by this path.
    pub fn reach(&self, path: &Path) -> PathBuf {
        match path.strip_prefix(&self.root) {
            Ok(below) if !path.starts_with(&self.scratch) => self.files.join(below),
            _ => path.to_owned(),
        }
    }

    /// Runs a command to its end, or for as long as [`timeout`](Place::timeout) says, and returns what it printed.
    ///
    /// # Errors
    ///
    /// [`RunError::Interrupted`] on Ctrl-C; [`RunError::Failed`] when the command cannot be started.
    pub fn run<S: AsRef<OsStr>>(&self, command: &[S]) -> Result<Outcome, RunError> {
        self.run_for(command, self.timeout)
    }

    /// The same, with another limit: for a runner that ends single tests itself.
    ///
    /// # Errors
    ///
    /// As for [`run`](Place::run).
    pub fn run_for<S: AsRef<OsStr>>(
        &self,
        command: &[S],
        timeout: Duration,
    ) -> Result<Outcome, RunError> {
        let mut words: Vec<OsString> = self.wrapper.clone();
        words.extend(command.iter().map(|word| word.as_ref().to_owned()));
        let name = words.remove(0);
        let program = self.resolve(&name)?;
        let outcome = process::run(&Invocation {
            program: &program,
            args: &words,
            cwd: &self.cwd,
            env: &self.env,
            stdin: None,
            timeout,
            output_limit: OUTPUT_LIMIT,
        })
        .with_context(|| format!("starting {}", name.display()))?;
        match outcome.end {
            End::Exited(NOT_STARTED)
                if !self.wrapper.is_empty()
                    && outcome.stderr.starts_with(NOT_STARTED_MESSAGE.as_bytes()) =>
            {
                let message = String::from_utf8_lossy(&outcome.stderr);
                Err(RunError::Failed(anyhow::anyhow!("{}", message.trim())))
            }
            End::Cancelled => Err(RunError::Interrupted),
            _ => Ok(outcome),
        }
    }

    /// A program by its path from `cwd`, or by its name on the suite's PATH.
    fn resolve(&self, name: &OsStr) -> Result<PathBuf> {
        let text = name
            .to_str()
            .with_context(|| format!("{} is not Unicode", name.display()))?;
        let paths = self.env.get(OsStr::new("PATH"));
        let found = process::resolve(text, &self.cwd, paths.map(OsString::as_os_str));
        found.with_context(|| format!("looking for the program {text}"))
    }
}
