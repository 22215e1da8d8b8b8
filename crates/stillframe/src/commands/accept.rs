//! `accept`: publishes candidates that a `check` left, here or in CI; it captures nothing.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use stillframe_core::compare::{Comparison, Scope, compare};
use stillframe_core::problem::{Problem, sound};

use super::regen::{published, recovered, still_different};
use super::{Ending, Options};
use crate::candidates;
use crate::corpus;
use crate::differences;
use crate::exit_code::ExitCode;
use crate::process;
use crate::publish;
use crate::rulebook::Rulebook;
use crate::run_lock::RunLock;
use crate::witness::Witness;
use crate::work;
use crate::workspace::Workspace;

/// Runs the command; `from` is a candidates folder, by default the one of the last `check`.
pub fn run(options: &Options, from: Option<PathBuf>, out: &mut dyn Write) -> Result<ExitCode> {
    let workspace = match options.load() {
        Ok(workspace) => workspace,
        Err(problems) => return options.finish("accept", None, problems, Ending::default(), out),
    };
    let config = Some(&workspace.config);
    let refuse = |problems: Vec<Problem>, out: &mut dyn Write| {
        options.finish("accept", config, problems, Ending::default(), out)
    };
    let work = match work::open(&workspace, options.work_folder().as_deref())? {
        Ok(work) => work,
        Err(problem) => return refuse(vec![problem], out),
    };
    let Some(_lock) = RunLock::acquire(work.path())? else {
        return Ok(ExitCode::Interrupted);
    };
    let tree = workspace.tree();
    options
        .progress()
        .line_if(recovered(publish::recover(&tree)?));
    let folder = from.unwrap_or_else(|| work.path().join(candidates::FOLDER));
    let comparison = match compared(&workspace, &folder)? {
        Ok(comparison) => comparison,
        Err(_) if process::cancelled() => return Ok(ExitCode::Interrupted),
        Err(problems) => return refuse(problems, out),
    };
    // What was not looked at to the end is not published.
    if process::cancelled() {
        return Ok(ExitCode::Interrupted);
    }
    publish::publish(&tree, &comparison.changes)?;
    let problems = still_different(&workspace, &comparison.changes)?;
    let ending = Ending {
        versions: comparison.changes.versions.clone(),
        summary: comparison.summary,
        conclusion: published(
            &comparison.problems,
            &comparison.summary,
            &comparison.changes,
            &workspace,
        ),
        ..Ending::default()
    };
    options.finish("accept", config, problems, ending, out)
}

/// What publishing the candidates would change, if nothing stands against it: they are whole, sound by the project's own POCs
/// and schemas, and made from the project as it is.
fn compared(workspace: &Workspace, folder: &Path) -> Result<Result<Comparison, Vec<Problem>>> {
    let loaded = match candidates::load(folder)? {
        Ok(loaded) => loaded,
        Err(problem) => return Ok(Err(vec![problem])),
    };
    let committed = match corpus::load(&workspace.tree())? {
        Ok(committed) => committed,
        Err(problem) => return Ok(Err(vec![problem])),
    };
    let candidates = &loaded.candidates;
    let folders = workspace.folders();
    let mut comparison = compare(candidates, &committed, Scope::Everything, folders);
    differences::explain(&mut comparison.problems, candidates, &committed, folders);
    let now = Witness::of_project(workspace).of_candidates(workspace);
    let moved = candidates::moved(folder, &loaded, &now);
    if let Some(moved) = moved.filter(|_| !comparison.changes.is_empty()) {
        return Ok(Err(vec![moved]));
    }
    let schemas = committed.schemas_in_force(candidates.schemas.as_ref());
    let (rulebook, _) = match Rulebook::compile(&workspace.config, Some(&schemas)) {
        Ok(compiled) => compiled,
        Err(problems) => return Ok(Err(problems)),
    };
    let mut against = candidates::foreign_captures(&loaded, &committed, workspace);
    against.extend(candidates::unsound(
        &loaded, &committed, &rulebook, workspace,
    ));
    let differs = comparison.problems.iter();
    against.extend(
        differs
            .filter(|problem| !sound(std::slice::from_ref(*problem)))
            .cloned(),
    );
    Ok(if against.is_empty() {
        Ok(comparison)
    } else {
        Err(against)
    })
}
