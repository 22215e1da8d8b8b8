//! From a project to its candidates: every POC captured, frozen, and judged; the same value for `regen` and `check`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::Result;
use rayon::prelude::*;
use stillframe_core::compare::{Candidates, Committed, duplicates};
use stillframe_core::litter::is_litter;
use stillframe_core::poc::Poc;
use stillframe_core::problem::{Kind, Problem, sound};
use stillframe_core::report::Summary;

use crate::capture::{self, Look, PocRun, Session};
use crate::corpus;
use crate::disk::{self, ItemKind};
use crate::export;
use crate::freeze::{self, Frozen};
use crate::limit;
use crate::process;
use crate::programs::Programs;
use crate::progress::Progress;
use crate::rulebook::Rulebook;
use crate::sandbox::{self, Cleaner};
use crate::second_look::{self, Looks};
use crate::target;
use crate::unused::{self, RuleUse};
use crate::version;
use crate::witness::{self, Witness, changed};
use crate::work::WorkFolder;
use crate::workspace::Workspace;

/// The stack of a thread that freezes. The deepest document under the deepest schema takes a few MiB.
const STACK: usize = 64 << 20;

/// What a run is limited to.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// The words of `--poc`; empty for all POCs.
    pub pocs: Vec<String>,
    /// How many POCs run at once; the number of processors when not set.
    pub jobs: Option<usize>,
    /// How often a POC with a new or changed fixture is run.
    pub looks: Looks,
}

/// What a run gave.
#[derive(Debug, Default)]
pub struct Built {
    /// Fixtures and schemas, complete only where no finding is broken.
    pub candidates: Candidates,
    /// What was committed before the target started; `None` where it cannot be read or nothing was run.
    pub committed: Option<Committed>,
    /// What the run rests on, as it was before the target started.
    pub witness: Witness,
    /// The programs under capture, as they were then.
    pub programs: Programs,
    /// Everything found on the way.
    pub problems: Vec<Problem>,
    /// What the run does otherwise than somebody may expect.
    pub notes: Vec<String>,
    /// The POCs that ran, where not all of them did.
    pub limited_to: Option<BTreeSet<String>>,
    /// What was counted on the way.
    pub summary: Summary,
    /// Rules that cover what varies, as TOML.
    pub rules: Vec<String>,
    /// Rules that cover the day on which a fixture was made, by the fixture's path.
    pub of_the_day: BTreeMap<String, Vec<String>>,
    /// How many POCs were run twice.
    pub looked_twice: usize,
    /// Whether the run was interrupted from outside.
    pub cancelled: bool,
}

/// Runs the target in every selected POC and judges what it printed.
pub fn build(
    workspace: &Workspace,
    work: &WorkFolder,
    selection: &Selection,
    progress: &Progress,
) -> Result<Built> {
    let mut built = Built::default();
    let pocs = match limit::pocs(workspace, &selection.pocs) {
        Ok(pocs) => pocs,
        Err(problem) => return Ok(failed(built, vec![problem])),
    };
    if !selection.pocs.is_empty() {
        built.limited_to = Some(pocs.iter().map(|poc| poc.id.clone()).collect());
    }
    let _sandboxes = match sandbox::keep() {
        Ok(kept) => kept,
        Err(problem) => return Ok(failed(built, vec![problem])),
    };
    built.notes = notes(workspace, &pocs);
    for note in &built.notes {
        progress.line(&format!("note: {note}"));
    }
    let manifests = Witness::of_manifests(workspace);
    let targets = match target::prepare(workspace) {
        Ok(targets) => targets,
        Err(problem) => return Ok(failed(built, vec![problem])),
    };
    let differences = manifests.differences(&Witness::of_manifests(workspace));
    if let Some(problem) = changed_by_build(differences) {
        return Ok(failed(built, vec![problem]));
    }
    // From here on the target runs, and could write anywhere: what it is judged by is read before.
    let committed = match corpus::load(&workspace.tree())? {
        Ok(committed) => committed,
        Err(problem) => return Ok(failed(built, vec![problem])),
    };
    built.witness = Witness::of_project(workspace);
    built.programs = Programs::of(workspace, &targets, &pocs);
    let session = Session {
        workspace,
        targets: &targets,
        work,
        progress: Some(progress),
    };
    observe(&mut built, &session, &committed, &pocs, selection, progress)?;
    // An interrupted export has failed as well, but nothing is wrong with it.
    built.cancelled |= process::cancelled();
    if !built.cancelled {
        let found = changed_by_target(&built.witness, &built.programs, workspace);
        built.problems.extend(found);
    }
    built.committed = Some(committed);
    Ok(built)
}

/// Lets the target export its schemas and runs it in every POC.
fn observe(
    built: &mut Built,
    session: &Session<'_>,
    committed: &Committed,
    pocs: &[&Poc],
    selection: &Selection,
    progress: &Progress,
) -> Result<()> {
    let exported = match export::export(session)? {
        Ok(exported) => exported,
        Err(problem) => {
            built.problems.push(problem);
            return Ok(());
        }
    };
    let config = &session.workspace.config;
    let files = committed.schemas_in_force(exported.as_ref());
    let (rulebook, open) = match Rulebook::compile(config, Some(&files)) {
        Ok(compiled) => compiled,
        Err(problems) => {
            built.problems.extend(problems);
            return Ok(());
        }
    };
    built.problems.extend(open);
    built.summary.pocs = pocs.len();
    built.summary.captures = pocs.iter().map(|poc| poc.captures().count()).sum();
    built.summary.schemas = rulebook.schema_count();
    let started = Instant::now();
    progress.capturing(&built.summary);
    let keep = |frozen: &Frozen| match selection.looks {
        Looks::Once => false,
        Looks::Twice => second_look::is_news(frozen, committed),
        Looks::FixVarying => true,
    };
    let mut results = run_all(session, &rulebook, pocs, selection.jobs, keep, progress)?;
    progress.captured(&built.summary, started.elapsed());
    let rulebook = look_again(
        built,
        session,
        rulebook,
        pocs,
        selection.looks,
        &mut results,
        committed,
        progress,
    );
    let scenario_schemas = scenario_folders(session.workspace)?;
    gather(built, results, &rulebook, &scenario_schemas);
    if built.limited_to.is_none() {
        built.problems.extend(unused::binds(session.workspace));
    }
    if rulebook.schemas.is_some() {
        let fixtures = built.candidates.fixtures.values();
        let without = fixtures.filter(|fixture| fixture.entry.schema.is_empty());
        built.summary.unbound = without.count();
    }
    built.candidates.schemas = exported;
    built.candidates.versions = version::of_targets(session, progress);
    let duplicates = duplicates(&built.candidates.fixtures);
    built.problems.extend(duplicates);
    Ok(())
}

/// The most names of files that a note lists.
const MOST_NAMES: usize = 10;

/// What a run does otherwise than somebody may expect, although nothing is wrong.
fn notes(workspace: &Workspace, pocs: &[&Poc]) -> Vec<String> {
    let mut notes = Vec::new();
    let replaced = sandbox::replaced(&workspace.config.env.pass);
    if !replaced.is_empty() {
        notes.push(format!(
            "[env] pass hands on {} instead of the sandbox's own; what steps find there differs from one machine to the next",
            replaced.join(", ")
        ));
    }
    for poc in pocs {
        let names = workspace.left_out(poc);
        let more = match names.len().saturating_sub(MOST_NAMES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if let Some(shown) = names.chunks(MOST_NAMES).next() {
            let shown = shown.join(", ");
            notes.push(format!(
                "{} runs without {shown}{more}: git ignores it, and a fresh clone does not have it",
                poc.id
            ));
        }
    }
    notes
}

/// A build that writes what the project was loaded from: nothing is captured by what is not there any more.
fn changed_by_build(differences: Vec<String>) -> Option<Problem> {
    if differences.is_empty() {
        return None;
    }
    let fix = "run it again: the build has written it now; if every run says this, let the build write it only where it differs";
    let problem = Problem::new(Kind::ChangedDuringRun, "the project", fix)
        .detail("while the build ran, and nothing was captured:");
    Some(witness::shortened(problem, differences))
}

/// What a target, or something else, changed while it ran: what it was judged by, or itself.
fn changed_by_target(before: &Witness, programs: &Programs, workspace: &Workspace) -> Vec<Problem> {
    let who = "the target";
    let after = Witness::of_project(workspace);
    let project = changed("the project", who, before.differences(&after));
    project
        .into_iter()
        .chain(programs.changed_by(who))
        .collect()
}

/// The commands that have a scenario: the folders below the scenario folder that hold a file.
fn scenario_folders(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let items = disk::list(&workspace.root.join(&workspace.config.paths.scenarios))?;
    Ok(items
        .iter()
        .filter(|item| item.kind == ItemKind::File && !is_litter(&item.name))
        .filter_map(|item| {
            item.name
                .split_once('/')
                .map(|(command, _)| command.to_owned())
        })
        .collect())
}

/// An interrupted build or export has failed as well, but nothing is wrong with it.
fn failed(mut built: Built, problems: Vec<Problem>) -> Built {
    built.cancelled = process::cancelled();
    built.problems.extend(problems);
    built
}

/// Runs those POCs once more whose fixtures have been seen only once; gives the rules that hold from then on.
#[expect(
    clippy::too_many_arguments,
    reason = "one step of `observe`, which has them all"
)]
fn look_again(
    built: &mut Built,
    session: &Session<'_>,
    rulebook: Rulebook,
    pocs: &[&Poc],
    looks: Looks,
    results: &mut [(PocRun, Frozen)],
    committed: &Committed,
    progress: &Progress,
) -> Rulebook {
    let config = &session.workspace.config;
    if looks == Looks::Once || process::cancelled() {
        return rulebook;
    }
    let whole = |(_, (run, frozen)): &(&&Poc, &(PocRun, Frozen))| {
        run.problems.is_empty() && sound(&frozen.problems)
    };
    let (news, rest): (Vec<_>, Vec<_>) = pocs
        .iter()
        .zip(results.iter())
        .filter(whole)
        .partition(|(_, (_, frozen))| second_look::is_news(frozen, committed));
    let news: Vec<(&Poc, &PocRun)> = news.iter().map(|(poc, (run, _))| (**poc, run)).collect();
    let rest: Vec<(&Poc, &Frozen)> = rest.iter().map(|(poc, (_, now))| (**poc, now)).collect();
    let seen = second_look::look(session, config, &rulebook, &news, &rest, looks, progress);
    built.looked_twice = seen.pocs;
    built.problems.extend(seen.problems);
    built.rules = seen.rules;
    built.of_the_day = seen.of_the_day;
    if looks != Looks::FixVarying || built.rules.is_empty() {
        return rulebook;
    }
    let Some(rulebook) = second_look::with_rules(config, &rulebook, &built.rules) else {
        return rulebook;
    };
    for (poc, (run, frozen)) in pocs.iter().zip(results) {
        *frozen = freeze::freeze(&rulebook, poc, run);
    }
    rulebook
}

/// Captures and freezes in parallel; the results are in the order of the POCs.
fn run_all(
    session: &Session<'_>,
    rulebook: &Rulebook,
    pocs: &[&Poc],
    jobs: Option<usize>,
    keep: impl Fn(&Frozen) -> bool + Sync,
    progress: &Progress,
) -> Result<Vec<(PocRun, Frozen)>> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs.unwrap_or(0))
        .stack_size(STACK)
        .build()?;
    let cleaner = Cleaner::start();
    Ok(pool.install(|| {
        pocs.par_iter()
            .map(|poc| {
                let mut run = capture::run(session, poc, Look::First, &cleaner);
                let frozen = freeze::freeze(rulebook, poc, &run);
                if !keep(&frozen) {
                    run.outputs.clear();
                }
                progress.poc_done(&poc.id, poc.captures().count());
                (run, frozen)
            })
            .collect()
    }))
}

/// Puts the POCs' results together, in one order whatever ran first.
fn gather(
    built: &mut Built,
    results: Vec<(PocRun, Frozen)>,
    rulebook: &Rulebook,
    scenario_schemas: &BTreeSet<String>,
) {
    let mut used = RuleUse::default();
    for (run, frozen) in results {
        built.cancelled |= run.cancelled;
        built.problems.extend(run.problems);
        built.problems.extend(frozen.problems);
        used.add(frozen.used);
        for fixture in frozen.fixtures {
            built
                .candidates
                .fixtures
                .insert(fixture.entry.path.clone(), fixture);
        }
    }
    // A target that cannot be started fails every POC in the same way.
    built.problems.sort();
    built.problems.dedup();
    built.cancelled |= process::cancelled();
    if built.limited_to.is_none() && sound(&built.problems) {
        let rules = unused::rules(rulebook, &built.candidates, &used);
        let schemas = unused::schemas(rulebook, &built.candidates, scenario_schemas);
        built.problems.extend(rules.into_iter().chain(schemas));
    }
}
