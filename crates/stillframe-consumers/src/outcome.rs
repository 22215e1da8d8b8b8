//! How a test ended, and what its end says about a fixture that was hidden.

use std::sync::LazyLock;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many lines of a failure are kept.
const LINES: usize = 12;
/// How many characters of each line.
const WIDTH: usize = 300;

/// How one test ended in one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It failed.
    Failed(Failure),
    /// It was ended because it took too long.
    TimedOut,
    /// The suite was to run it, and did not report it. The text says what the runner printed instead.
    Missing(String),
    /// The suite skipped it.
    Skipped,
}

/// How a test failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// When it failed.
    pub phase: Phase,
    /// The first lines of the message.
    pub message: String,
}

/// When a test failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Before its own body: collecting it, or preparing for it.
    Setup,
    /// In its own body, as far as the runner tells.
    Body,
}

/// Why a test consumes a fixture.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The test fails in its own body.
    Reads,
    /// It fails before its body, or is not run at all.
    Setup,
    /// It fails only because a row refers to what is hidden.
    Reference,
    /// It creates what is hidden itself, and meets it.
    Collides,
    /// It no longer ends in time.
    Timeout,
}

impl Class {
    /// The word in reports and files.
    pub fn word(self) -> &'static str {
        match self {
            Class::Reads => "reads",
            Class::Setup => "setup",
            Class::Reference => "reference",
            Class::Collides => "collides",
            Class::Timeout => "timeout",
        }
    }
}

impl Outcome {
    /// A failure, of which only the first lines are kept.
    pub fn failed(phase: Phase, message: &str) -> Outcome {
        Outcome::Failed(Failure {
            phase,
            message: first_lines(message),
        })
    }

    /// A test that was not run, and what the runner printed instead.
    pub fn missing(printed: &str) -> Outcome {
        Outcome::Missing(first_lines(printed))
    }

    /// The class that this end is evidence of; nothing for a test that passed.
    pub fn class(&self) -> Option<Class> {
        match self {
            Outcome::Passed => None,
            Outcome::Failed(failure) => Some(failure.class()),
            Outcome::TimedOut => Some(Class::Timeout),
            Outcome::Missing(_) | Outcome::Skipped => Some(Class::Setup),
        }
    }

    /// What is shown as evidence.
    pub fn evidence(&self) -> Vec<String> {
        match self {
            Outcome::Passed => Vec::new(),
            Outcome::Failed(failure) => lines(&failure.message),
            Outcome::TimedOut => vec!["it did not end in time".to_owned()],
            Outcome::Missing(printed) => {
                let mut evidence = vec!["it was not run any more".to_owned()];
                evidence.extend(lines(printed));
                evidence
            }
            Outcome::Skipped => vec!["it was skipped".to_owned()],
        }
    }
}

impl Failure {
    fn class(&self) -> Class {
        // What databases and their drivers write; the first that fits decides. The messages of PostgreSQL, SQLite, MySQL
        // and MariaDB are in their error tables.
        static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?i)foreign key (constraint|mismatch)|violates foreign key|ForeignKeyViolation|\b23503\b",
            )
        });
        static COLLISION: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?i)unique constraint|UniqueViolation|duplicate (key|entry)|\b23505\b|PRIMARY KEY must be unique",
            )
        });
        if REFERENCE.is_match(&self.message) {
            Class::Reference
        } else if COLLISION.is_match(&self.message) {
            Class::Collides
        } else {
            match self.phase {
                Phase::Setup => Class::Setup,
                Phase::Body => Class::Reads,
            }
        }
    }
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn first_lines(text: &str) -> String {
    let kept: Vec<String> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .take(LINES)
        .map(|line| line.chars().take(WIDTH).collect())
        .collect();
    kept.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_classed_by_when_it_failed_and_by_what_the_database_says() {
        let class = |phase, message| Outcome::failed(phase, message).class();
        let in_body = |message| class(Phase::Body, message);
        assert_eq!(in_body("assertion failed: 1 == 2"), Some(Class::Reads));
        assert_eq!(class(Phase::Setup, "no such file"), Some(Class::Setup));
        for message in [
            "FOREIGN KEY constraint failed",
            "insert or update on table \"a\" violates foreign key constraint \"b\"",
        ] {
            assert_eq!(in_body(message), Some(Class::Reference), "{message}");
        }
        for message in [
            "UNIQUE constraint failed: users.email",
            "duplicate key value violates unique constraint \"users_pkey\"",
        ] {
            assert_eq!(in_body(message), Some(Class::Collides), "{message}");
        }
        assert_eq!(Outcome::TimedOut.class(), Some(Class::Timeout));
        assert_eq!(Outcome::missing("").class(), Some(Class::Setup));
        assert_eq!(Outcome::Passed.class(), None);
    }
}
