//! What a suite takes from its surroundings, as a value; only [`Environment::of_process`] reads the environment.

use super::command;
use crate::hiding::Hiding;
use fixpoints_core::skip::{Dependents, Skip};

/// How a suite is run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Who runs it: `CI`.
    pub operator: Operator,
    /// What happens to a fixpoint that the database differs from: `FIXPOINTS_UPDATE`.
    pub recording: Recording,
    /// Tables that are left empty: `FIXPOINTS_SKIP_TABLES` and `FIXPOINTS_SKIP_DEPENDENTS`.
    pub skip: Skip,
    /// Tables that are hidden from single tests: `FIXPOINTS_HIDE_PLAN`.
    pub hiding: Hiding,
    /// The command that runs the test again, for messages, in which `{test}` stands for its name: that of its thread.
    /// Where none is given, `cargo test -- {test} --exact`.
    pub command: Option<String>,
}

/// Who runs a suite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Operator {
    /// A person, who will look at a file that was written implicitly.
    #[default]
    Person,
    /// A build server, on which nothing is written implicitly.
    Ci,
}

/// What happens to a fixpoint that the database differs from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Recording {
    /// It stays, and the test fails.
    #[default]
    Keep,
    /// It is stored again, and the test goes on. A build server keeps it all the same.
    Update,
}

impl Environment {
    /// The environment variable that stores fixpoints again, with `1`.
    pub const UPDATE: &str = "FIXPOINTS_UPDATE";

    /// Reads the environment of this process; empty variables, `0` and `false` count as unset.
    #[must_use]
    pub fn of_process() -> Self {
        let get = |name: &str| std::env::var(name).ok();
        let program = std::env::current_exe().ok();
        let environment = Self::of(get);
        let hiding = match &environment.hiding.program {
            None if environment.hiding.plan.is_some() => Hiding {
                program: command::program(get, program.as_deref()),
                ..environment.hiding
            },
            _ => environment.hiding,
        };
        Self {
            command: Some(command::of(get, program.as_deref())),
            hiding,
            ..environment
        }
    }

    /// Reads the variables that `get` knows; they do not say the command.
    ///
    /// ```
    /// use fixpoints::{Environment, Operator};
    ///
    /// let ci = Environment::of(|name| (name == "CI").then(|| "true".to_owned()));
    /// assert_eq!(ci.operator, Operator::Ci);
    /// ```
    #[must_use]
    pub fn of(get: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| get(name).filter(|value| !["", "0", "false"].contains(&value.as_str()));
        let skip = set(Skip::TABLES).map_or_else(Skip::default, |list| Skip::parse(&list));
        let skip = match set(Skip::DEPENDENTS).as_deref() {
            None | Some("skip") => skip,
            Some("keep") => skip.dependents(Dependents::Keep),
            Some(other) => skip.unclear(other),
        };
        Self {
            operator: set("CI").map_or(Operator::Person, |_| Operator::Ci),
            recording: set(Self::UPDATE).map_or(Recording::Keep, |_| Recording::Update),
            skip,
            hiding: Hiding::of(|name: &str| get(name).filter(|value| !value.is_empty())),
            command: None,
        }
    }

    /// Whether fixpoints that differ are stored again: not those that would lack the rows of skipped tables.
    pub(crate) fn updates(&self) -> bool {
        let is_whole = self.skip.is_empty() && self.hiding.plan.is_none();
        let may_write = self.operator == Operator::Person && is_whole;
        may_write && self.recording == Recording::Update
    }

    /// The command that stores again what the running test compares.
    pub(crate) fn rerun(&self) -> String {
        let command = self
            .command
            .as_deref()
            .unwrap_or("cargo test -- {test} --exact");
        let thread = std::thread::current();
        format!(
            "{}=1 {}",
            Self::UPDATE,
            command::naming(command, thread.name())
        )
    }
}
