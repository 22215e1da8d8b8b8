//! Reads `stillframe.toml` as it lies in a project; what it means is the core's.

use std::path::Path;

use stillframe_core::config::{CONFIG_NAME, Config};
use stillframe_core::conflict;
use stillframe_core::problem::{Kind, Problem};

use crate::disk;

/// Reads only the configuration, for commands that need no POC.
pub fn load_config(root: &Path) -> Result<Config, Vec<Problem>> {
    let path = root.join(CONFIG_NAME);
    let fault = |fix: &str| Problem::new(Kind::Config, path.display().to_string(), fix);
    let text = disk::read_regular_text(&path).map_err(|error| {
        // Why the system does not let it be read is not known.
        vec![fault("").detail(format!("it cannot be read: {error}"))]
    })?;
    let correct = "correct the file; `stillframe init --print` shows a whole one";
    Config::parse(&text).map_err(|errors| {
        if let Some(line) = conflict::first(text.as_bytes()) {
            return vec![by_hand(fault(MERGE), line)];
        }
        let faults = errors.into_iter().map(|error| fault(correct).lines(error));
        faults.collect()
    })
}

pub(crate) const MERGE: &str =
    "edit the file so that it holds what both branches need, without the marks";

/// A file that only a person can merge.
pub(crate) fn by_hand(problem: Problem, line: usize) -> Problem {
    problem.detail(format!(
        "git could not merge it; its conflict marks begin in line {line}"
    ))
}
