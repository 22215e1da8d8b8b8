//! `accept`: publishes candidates that a `check` left, here or in CI; it captures nothing.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use stillframe_core::compare::{Scope, compare};
use stillframe_core::problem::sound;

use super::regen::{news, recovered, still_different};
use super::{Ending, Options};
use crate::candidates;
use crate::corpus;
use crate::differences;
use crate::exit_code::ExitCode;
use crate::publish;
use crate::run_lock::RunLock;

/// Runs the command; `from` is a candidates folder, by default the one of the last `check`.
pub fn run(options: &Options, from: Option<PathBuf>, out: &mut dyn Write) -> Result<ExitCode> {
    let workspace = match options.load() {
        Ok(workspace) => workspace,
        Err(problems) => return options.finish("accept", None, problems, Ending::default(), out),
    };
    let config = Some(&workspace.config);
    let work = workspace.work()?;
    let _lock = RunLock::acquire(&work)?;
    let tree = workspace.tree();
    options
        .progress()
        .line_if(recovered(publish::recover(&tree)?));
    let folder = from.unwrap_or_else(|| work.join(candidates::FOLDER));
    let candidates = match candidates::load(&folder)? {
        Ok(candidates) => candidates,
        Err(problem) => {
            return options.finish("accept", config, vec![problem], Ending::default(), out);
        }
    };
    let committed = match corpus::load(&tree)? {
        Ok(committed) => committed,
        Err(problem) => {
            return options.finish("accept", config, vec![problem], Ending::default(), out);
        }
    };
    let mut comparison = compare(
        &candidates,
        &committed,
        Scope::Everything,
        workspace.folders(),
    );
    differences::explain(&mut comparison.problems, &candidates, &committed);
    if !sound(&comparison.problems) {
        let mut problems = comparison.problems;
        problems.retain(|problem| !sound(std::slice::from_ref(problem)));
        return options.finish("accept", config, problems, Ending::default(), out);
    }
    publish::publish(&tree, &comparison.changes)?;
    let problems = still_different(&workspace, &comparison.changes)?;
    let ending = Ending {
        summary: comparison.summary,
        news: news(
            &comparison.problems,
            &comparison.summary,
            &comparison.changes,
            &workspace,
        ),
        hint: None,
    };
    options.finish("accept", config, problems, ending, out)
}
