//! Candidates beside the tree, with everything found on the way: the one value that `check` prints and `regen` publishes.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::SystemTime;

use anyhow::Result;
use stillframe_core::compare::{Candidates, Changes, Comparison, Scope, compare};
use stillframe_core::machine::{Look, Machine};
use stillframe_core::problem::{Class, Kind, Problem, sound};
use stillframe_core::report::Summary;

use crate::audit;
use crate::candidates;
use crate::differences;
use crate::disk;
use crate::machine;
use crate::pipeline::{self, Built, Selection};
use crate::process;
use crate::progress::Progress;
use crate::verify;
use crate::witness::{Witness, changed};
use crate::work::WorkFolder;
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
    /// The targets that are of another version than what is committed, where something differs.
    pub versions: Vec<String>,
    /// What the run did otherwise than somebody may expect.
    pub notes: Vec<String>,
    /// Counts.
    pub summary: Summary,
    /// Rules that cover what varies, as TOML.
    pub rules: Vec<String>,
    /// How many POCs were run twice.
    pub looked_twice: usize,
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

/// Builds the candidates, compares them with the tree, and runs the verifiers. Writes nothing outside the work folder.
pub fn judge(
    workspace: &Workspace,
    work: &WorkFolder,
    selection: &Selection,
    leave: Leave,
    progress: &Progress,
) -> Result<Judgement> {
    let started = SystemTime::now();
    let mut built = pipeline::build(workspace, work, selection, progress)?;
    let folder = work.at(candidates::FOLDER)?;
    let mut judgement = Judgement {
        found: std::mem::take(&mut built.problems),
        notes: std::mem::take(&mut built.notes),
        summary: built.summary,
        rules: std::mem::take(&mut built.rules),
        looked_twice: built.looked_twice,
        cancelled: built.cancelled,
        ..Judgement::default()
    };
    let nothing_to_compare = built.candidates.fixtures.is_empty() || built.cancelled;
    let Some(committed) = built.committed.take().filter(|_| !nothing_to_compare) else {
        disk::remove_folder(&folder)?;
        return Ok(judgement);
    };
    let scope = scope(&built, &judgement.found);
    let folders = workspace.folders();
    let mut comparison = compare(&built.candidates, &committed, scope, folders);
    // What varies is not also called stale: regenerating would not help.
    let varies = |path: &str| {
        let mut found = judgement.found.iter();
        found.any(|problem| problem.kind == Kind::Varies && problem.subject == path)
    };
    let drifts = |kind| matches!(kind, Kind::Stale | Kind::Missing | Kind::ExitChanged);
    comparison
        .problems
        .retain(|problem| !(drifts(problem.kind) && varies(&problem.subject)));
    differences::explain(
        &mut comparison.problems,
        &built.candidates,
        &committed,
        folders,
    );
    let machine = machine::facts(&workspace.root, started);
    let mut bound = bound(&machine, &built, &comparison.changes);
    // What varies is no news about the machine.
    bound.retain(|problem| !varies(&problem.subject));
    judgement.found.extend(bound);
    let verifiers = &workspace.config.verify;
    if sound(&judgement.found) && (leave == Leave::Candidates || !verifiers.is_empty()) {
        candidates::store(
            &folder,
            &built.candidates,
            &committed,
            &comparison.changes,
            &built.witness.of_candidates(workspace),
        )?;
        progress.verifying(verifiers.len());
        judgement.found.extend(verified(workspace, &folder, &built));
    } else {
        disk::remove_folder(&folder)?;
    }
    judgement.cancelled |= process::cancelled();
    judgement.summary.new = comparison.summary.new;
    judgement.summary.changed = comparison.summary.changed;
    judgement.summary.removed = comparison.summary.removed;
    judgement.summary.unchanged =
        comparison.summary.unchanged - broken(&judgement.found, &comparison, &built.candidates);
    if !comparison.changes.is_empty() {
        judgement.versions.clone_from(&comparison.changes.versions);
    }
    if !sound(&judgement.found) || !sound(&comparison.problems) {
        candidates::spoil(&work.at(candidates::FOLDER)?)?;
    } else {
        judgement.changes = Some(std::mem::take(&mut comparison.changes));
    }
    judgement.drift = comparison.problems;
    Ok(judgement)
}

/// What new and changed fixtures tell of the machine and the day. Others were judged when they were new: the day of a seed
/// file would come round every year.
fn bound(machine: &Machine, built: &Built, changes: &Changes) -> Vec<Problem> {
    let look = Look::new(machine);
    let finding = |path: &String| {
        let fixture = built.candidates.fixtures.get(path)?;
        let lines = look.at(audit::framing(path), &fixture.bytes);
        let rules = built.of_the_day.get(path).map(|rules| rules.join("\n"));
        let fix = match rules {
            Some(_) => {
                "add the rule to stillframe.toml; or set `machine-bound = \"allow\"` under [problems] if it is a literal"
            }
            None => {
                "cover it by a rule under [normalize], or let the step print the same everywhere; `machine-bound = \"allow\"` under [problems] if it is a literal"
            }
        };
        let mut problem = Problem::new(Kind::MachineBound, path, fix)
            .at(&fixture.entry.poc, fixture.step)
            .detail("it would be different on another machine or another day:");
        let found = !lines.is_empty();
        problem.details.extend(lines);
        problem.rule = rules;
        found.then_some(problem)
    };
    changes.write.keys().filter_map(finding).collect()
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
        .filter(|problem| problem.class == Class::Broken && problem.kind != Kind::Varies)
        .map(|problem| &problem.subject)
        .filter(|path| candidates.fixtures.contains_key(*path) && !drifted(path))
        .collect();
    paths.len()
}

/// Lets the verifiers read the candidates. What one of them changed is a finding: it was not what the others saw.
fn verified(workspace: &Workspace, folder: &Path, built: &Built) -> Vec<Problem> {
    let verifiers = &workspace.config.verify;
    if verifiers.is_empty() {
        return Vec::new();
    }
    let tree = candidates::halves(folder);
    let everything = BTreeSet::new();
    let stored = Witness::of_folder(folder, &everything);
    let mut found = verify::run(verifiers, &workspace.root, &tree.fixtures, &tree.schemas);
    let after = Witness::of_project(workspace);
    let who = "a verifier";
    let differences = built.witness.differences(&after);
    found.extend(changed("the project", who, differences));
    found.extend(built.programs.changed_by(who));
    let left = Witness::of_folder(folder, &everything);
    found.extend(changed("the candidates", who, stored.differences(&left)));
    found
}

/// How much of the corpus the candidates cover: after a failure nothing is called an orphan.
fn scope<'a>(built: &'a Built, found: &[Problem]) -> Scope<'a> {
    static NOTHING: BTreeSet<String> = BTreeSet::new();
    match &built.limited_to {
        Some(pocs) => Scope::Pocs(pocs),
        None if sound(found) => Scope::Everything,
        None => Scope::Pocs(&NOTHING),
    }
}
