//! Tables that a plan hides from single tests: which test runs, what is hidden from it, and the log of what restores did about that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::chain::Chain;
use crate::regular;
use crate::restore::RestoreReport;
use fixpoints_core::error::{Error, Result};
use fixpoints_core::skip::Skip;

/// The name in a plan that stands for every test.
const EVERY: &str = "*";

/// The most bytes a plan may have.
const LONGEST: u64 = 256 << 20;

/// What is hidden from single tests, and which test runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hiding {
    /// The plan: a JSON object from the name of a test to the tables that are hidden from it; `*` stands for every test.
    pub plan: Option<PathBuf>,
    /// The file that restores report to: one JSON object a line, a [`Logged`].
    pub log: Option<PathBuf>,
    /// The names of the running test, as the environment gives them. Where it gives none, the test's thread has one.
    pub test: Vec<String>,
    /// The program that the tests are in, as nextest calls it: `shop::orders`.
    pub program: Option<String>,
}

/// What one restore reports while a log is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logged {
    /// The test that restored, by its name in the plan where it is listed there; nothing where that cannot be told.
    pub test: Option<String>,
    /// The fixpoint.
    pub fixpoint: String,
    /// Its tables that were hidden.
    pub hidden: BTreeSet<String>,
    /// Its tables that were restored, with the rows that they hold.
    pub restored: BTreeMap<String, u64>,
    /// Why nothing was restored, where hiding may be the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// The running test, as far as it is known.
enum Running {
    /// By these names, of which the environment gave each.
    Named(Vec<String>),
    /// By the name of its thread.
    Thread(String),
    /// Not at all, with the reason.
    Unknown(String),
}

impl Hiding {
    /// The environment variable that names the plan.
    pub const PLAN: &str = fixpoints_core::names::HIDE_PLAN;
    /// The environment variable that names the log.
    pub const LOG: &str = "FIXPOINTS_HIDE_LOG";
    /// The environment variable that names the running test.
    pub const TEST: &str = fixpoints_core::names::TEST;

    /// Reads the variables that `get` knows.
    #[must_use]
    pub fn of(get: impl Fn(&str) -> Option<String>) -> Self {
        let program = get("NEXTEST_BINARY_ID");
        let mut test: Vec<String> = get(Self::TEST).into_iter().collect();
        if test.is_empty() {
            if let Some(name) = get("NEXTEST_TEST_NAME") {
                test.extend(program.as_ref().map(|program| format!("{program} {name}")));
                test.push(name);
            }
            let name = get("PYTEST_CURRENT_TEST");
            test.extend(name.as_deref().map(without_phase).map(str::to_owned));
        }
        Self {
            plan: get(Self::PLAN).map(PathBuf::from),
            log: get(Self::LOG).map(PathBuf::from),
            test,
            program,
        }
    }

    /// What is skipped for the running test: what the plan hides from it, or `otherwise` where there is no plan.
    ///
    /// # Errors
    /// [`Error::HidePlan`] and [`Error::UnknownTest`].
    pub fn skip(&self, otherwise: &Skip) -> Result<Skip> {
        self.hidden(otherwise).map(|(_, skip)| skip)
    }

    /// Restores without what is hidden from the running test, and reports that where a log is asked for.
    ///
    /// # Errors
    /// Those of [`Hiding::skip`], of `restore`, and [`Error::Io`] for a log that cannot be written.
    pub fn restore(
        &self,
        chain: &Chain,
        otherwise: &Skip,
        restore: impl FnOnce(Skip) -> Result<RestoreReport>,
    ) -> Result<RestoreReport> {
        let Some(log) = &self.log else {
            return restore(self.skip(otherwise)?);
        };
        let (test, restored) = match self.hidden(otherwise) {
            Ok((test, skip)) => (test, restore(skip)),
            Err(error) => (None, Err(error)),
        };
        let mut logged = Logged {
            test: test.or_else(|| self.own_name()),
            fixpoint: chain.name().to_string(),
            hidden: BTreeSet::new(),
            restored: BTreeMap::new(),
            refused: None,
        };
        match &restored {
            Ok(report) => {
                logged.hidden = report.skipped.iter().cloned().collect();
                logged.restored = rows(chain, &logged.hidden)?;
            }
            Err(error) if may_be_by_hiding(error) => logged.refused = Some(error.to_string()),
            Err(_) => return restored,
        }
        append(log, &logged)?;
        restored
    }

    /// The running test by its name in the plan, where it is listed, and what is skipped for it.
    fn hidden(&self, otherwise: &Skip) -> Result<(Option<String>, Skip)> {
        let Some(path) = &self.plan else {
            return Ok((None, otherwise.clone()));
        };
        if !otherwise.is_empty() {
            let reason = format!("{} is set too, for every test", Skip::TABLES);
            return Err(unusable(path, reason));
        }
        let plan = read(path)?;
        let (test, tables) = self.running().among(&plan, path, self.program.as_deref())?;
        let everywhere = plan.get(EVERY).into_iter().flatten();
        Ok((test, Skip::planned(everywhere.chain(tables))))
    }

    fn running(&self) -> Running {
        if !self.test.is_empty() {
            return Running::Named(self.test.clone());
        }
        let thread = std::thread::current();
        match thread.name() {
            Some(name) if is_path(name) => Running::Thread(name.to_owned()),
            Some(name) => Running::Unknown(format!("the thread is called `{name}`")),
            None => Running::Unknown("the thread has no name".to_owned()),
        }
    }

    /// What the running test is called where the plan does not list it.
    fn own_name(&self) -> Option<String> {
        match self.running() {
            Running::Named(names) => names.into_iter().next(),
            Running::Thread(name) => Some(match &self.program {
                Some(program) => format!("{program} {name}"),
                None => name,
            }),
            Running::Unknown(_) => None,
        }
    }
}

type Plan = BTreeMap<String, BTreeSet<String>>;

impl Running {
    /// Its name in a plan, and the tables that are hidden from it; nothing for a test that is not listed.
    fn among<'a>(
        self,
        plan: &'a Plan,
        path: &Path,
        program: Option<&str>,
    ) -> Result<(Option<String>, Vec<&'a String>)> {
        let unknown = |reason| Error::UnknownTest {
            path: path.display().to_string(),
            reason,
        };
        let names = match self {
            Self::Named(names) => names,
            Self::Thread(name) => match program {
                Some(program) => vec![format!("{program} {name}"), name],
                None => {
                    // Another program may have a test of that name.
                    let end = format!(" {name}");
                    if let Some(listed) = plan.keys().find(|listed| listed.ends_with(&end)) {
                        return Err(unknown(format!(
                            "the thread is called `{name}`, which may be `{listed}`, and Cargo did not start this program"
                        )));
                    }
                    vec![name]
                }
            },
            // What is hidden from every test needs no name.
            Self::Unknown(_) if plan.keys().all(|listed| listed == EVERY) => Vec::new(),
            Self::Unknown(reason) => return Err(unknown(reason)),
        };
        let found = names.iter().filter_map(|name| plan.get_key_value(name));
        let mut test = None;
        let mut tables = Vec::new();
        for (name, hidden) in found {
            test.get_or_insert_with(|| name.clone());
            tables.extend(hidden);
        }
        Ok((test, tables))
    }
}

/// Whether this may be a test's name, which the test harness gives to its thread; runtimes name theirs otherwise.
pub(crate) fn is_path(name: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    name != "main" && name.chars().all(is_letter)
}

/// `tests/test_shop.py::test_sale (call)` → `tests/test_shop.py::test_sale`
fn without_phase(name: &str) -> &str {
    let phases = [" (setup)", " (call)", " (teardown)"];
    let ends = phases.iter().find_map(|phase| name.strip_suffix(phase));
    ends.unwrap_or(name)
}

fn read(path: &Path) -> Result<Plan> {
    let text = regular::read_to_string(path, LONGEST).map_err(Error::io("read", path))?;
    serde_json::from_str(&text).map_err(|error| unusable(path, error.to_string()))
}

fn unusable(path: &Path, reason: String) -> Error {
    Error::HidePlan {
        path: path.display().to_string(),
        reason,
    }
}

/// Whether a restore may have failed only because tables were to be hidden.
fn may_be_by_hiding(error: &Error) -> bool {
    matches!(
        error,
        Error::UnknownSkip { .. }
            | Error::HidePlan { .. }
            | Error::UnknownTest { .. }
            | Error::BrokenReferences { .. }
            | Error::Database { .. }
            | Error::Row { .. }
    )
}

/// How many rows the fixpoint has of each table that is not hidden.
fn rows(chain: &Chain, hidden: &BTreeSet<String>) -> Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for table in chain.header().tables.values() {
        if hidden.contains(&table.name) {
            continue;
        }
        let mut count = 0;
        for row in chain.rows(table) {
            row?;
            count += 1;
        }
        counts.insert(table.name.clone(), count);
    }
    Ok(counts)
}

/// Appends one line, in one write: tests of other processes write to the same file.
fn append(path: &Path, logged: &Logged) -> Result<()> {
    let mut line = serde_json::to_vec(logged).map_err(|error| Error::Io {
        act: "write",
        path: path.to_owned(),
        source: error.into(),
    })?;
    line.push(b'\n');
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(&line))
        .map_err(Error::io("write", path))
}
