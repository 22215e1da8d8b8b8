//! Chooses the runner that a definition names.

use anyhow::Result;

use super::template::{Format, Template};
use super::{Runner, libtest, nextest, pytest, rspec};
use crate::definition::{RunnerKind, Written};

/// The runner that a definition names.
///
/// # Errors
///
/// When it cannot run the definition's command.
pub fn choose(written: &Written) -> Result<Box<dyn Runner>> {
    let suite = &written.suite;
    match suite.runner {
        RunnerKind::Nextest => Ok(Box::new(nextest::Nextest::new(suite)?)),
        RunnerKind::Pytest => Ok(Box::new(pytest::Pytest::new(written))),
        RunnerKind::Libtest => Ok(Box::new(libtest::Libtest::new(suite)?)),
        RunnerKind::Rspec => Ok(Box::new(rspec::Rspec::new(suite))),
        RunnerKind::Junit => Ok(Box::new(Template::new(suite, Format::Junit))),
        RunnerKind::Tap => Ok(Box::new(Template::new(suite, Format::Tap))),
    }
}
