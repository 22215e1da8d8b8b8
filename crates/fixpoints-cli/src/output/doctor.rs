//! The document of `doctor`, and the findings `store` reports too.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use fixpoints::Check as CheckName;

use super::{DoctorWord, LeftOut, Run};

/// What is wrong, or could be better, with fixpoints and their database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DoctorOutput {
    /// Always `doctor`.
    pub command: DoctorWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The database, without a password.
    pub database: String,
    /// The folder of fixpoints.
    pub folder: String,
    /// The verdict.
    pub status: DoctorStatus,
    /// The checks by their outcome.
    pub summary: Summary,
    /// Every check, in the order they are made.
    pub checks: Vec<CheckResult>,
    /// Tables of the database that no fixpoint of it holds.
    pub left_out: Vec<LeftOut>,
}

/// The verdict of all checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoctorStatus {
    /// Nothing was found; the exit code is 0.
    Healthy,
    /// Everything works and something could be better; the exit code is 1.
    Warnings,
    /// Something does not work; the exit code is 2.
    Critical,
}

/// Counts of what was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Fixpoints looked at.
    pub fixpoints: u64,
    /// Tables of the database looked at; 0 where it could not be read.
    pub tables: u64,
    /// Things that could be better.
    pub warnings: u64,
    /// Things that do not work.
    pub critical: u64,
}

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckResult {
    /// The check.
    pub check: CheckName,
    /// Its outcome.
    pub status: Health,
    /// What it found.
    pub findings: Vec<Finding>,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Nothing was found.
    Ok,
    /// Something could be better.
    Warning,
    /// Something does not work.
    Critical,
    /// It could not be made, because the database cannot be read.
    Skipped,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The fixpoint, table or setting it is about.
    pub subject: Option<String>,
    /// What was found.
    pub message: String,
    /// The command or edit that fixes it.
    pub hint: Option<String>,
}
