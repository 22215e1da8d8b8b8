//! Candidates beside the tree, with everything found on the way: the one value that `check` prints and `regen` publishes.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use stillframe_core::compare::{Candidates, Changes, Committed, Comparison, Scope, compare};
use stillframe_core::problem::{Class, Problem, sound};
use stillframe_core::report::Summary;

use crate::candidates;
use crate::corpus;
use crate::differences;
use crate::disk;
use crate::pipeline::{self, Built, Selection};
use crate::process;
use crate::progress::Progress;
use crate::verify;
use crate::workspace::Workspace;

/// What a run amounts to.
#[derive(Debug, Default)]
pub struct Judgement {
    /// What stands against publishing, and the advice.
    pub found: Vec<Problem>,
    /// What differs between candidates and tree.
    pub drift: Vec<Problem>,
    /// The way from the tree to the candidates; `None` where something stands against it.
    pub changes: Option<Changes>,
    /// Counts.
    pub summary: Summary,
    /// Whether the run was interrupted from outside.
    pub cancelled: bool,
}

/// When the candidates folder is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// Always, for CI to upload and for `accept`.
    Candidates,
    /// Only for verifiers to read.
    Nothing,
}

/// Builds the candidates, compares them with the tree, and lets the verifiers speak. Writes nothing outside the work folder.
pub fn judge(
    workspace: &Workspace,
    work: &Path,
    selection: &Selection,
    leave: Leave,
    progress: &Progress,
) -> Result<Judgement> {
    let built = pipeline::build(workspace, work, selection, progress)?;
    let folder = work.join(candidates::FOLDER);
    disk::remove_folder(&folder)?;
    let mut judgement = Judgement {
        summary: built.summary,
        cancelled: built.cancelled,
        ..Judgement::default()
    };
    let committed = match corpus::load(&workspace.tree())? {
        Ok(committed) => committed,
        Err(problem) => {
            judgement.found = built.problems;
            judgement.found.push(problem);
            return Ok(judgement);
        }
    };
    if built.candidates.fixtures.is_empty() || built.cancelled {
        judgement.found = built.problems;
        return Ok(judgement);
    }
    let mut comparison = compared(&built, &committed, workspace);
    differences::explain(&mut comparison.problems, &built.candidates, &committed);
    judgement.found = built.problems;
    if sound(&judgement.found) {
        let verifiers = &workspace.config.verify;
        if leave == Leave::Candidates || !verifiers.is_empty() {
            let tree =
                candidates::store(&folder, &built.candidates, &committed, &comparison.changes)?;
            progress.verifying(verifiers.len());
            judgement.found.extend(verify::run(
                verifiers,
                &workspace.root,
                &tree.fixtures,
                &tree.schemas,
            ));
        }
    }
    judgement.cancelled |= process::cancelled();
    judgement.summary.new = comparison.summary.new;
    judgement.summary.changed = comparison.summary.changed;
    judgement.summary.removed = comparison.summary.removed;
    judgement.summary.unchanged =
        comparison.summary.unchanged - broken(&judgement.found, &comparison, &built.candidates);
    if !sound(&judgement.found) || !sound(&comparison.problems) {
        candidates::spoil(&folder)?;
    } else {
        judgement.changes = Some(std::mem::take(&mut comparison.changes));
    }
    judgement.drift = comparison.problems;
    Ok(judgement)
}

/// How many fixtures are as committed and nevertheless broken.
fn broken(found: &[Problem], comparison: &Comparison, candidates: &Candidates) -> usize {
    let drifted = |path: &String| {
        comparison
            .problems
            .iter()
            .any(|problem| problem.subject == *path)
    };
    let paths: BTreeSet<&String> = found
        .iter()
        .filter(|problem| problem.class == Class::Broken)
        .map(|problem| &problem.subject)
        .filter(|path| candidates.fixtures.contains_key(*path) && !drifted(path))
        .collect();
    paths.len()
}

/// Compares as far as the candidates can speak: after a failure nothing is called an orphan.
fn compared(built: &Built, committed: &Committed, workspace: &Workspace) -> Comparison {
    let nothing = BTreeSet::new();
    let scope = match &built.limited_to {
        Some(pocs) => Scope::Pocs(pocs),
        None if sound(&built.problems) => Scope::Everything,
        None => Scope::Pocs(&nothing),
    };
    compare(&built.candidates, committed, scope, workspace.folders())
}
