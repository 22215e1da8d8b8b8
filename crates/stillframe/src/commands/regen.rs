//! `regen`: captures, judges, and publishes when nothing stands against it; then reads the tree again to be sure.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use stillframe_core::compare::{Changes, NewMask};
use stillframe_core::config::{CONFIG_NAME, Config};
use stillframe_core::problem::{Kind, Problem, sound};
use stillframe_core::report::Summary;

use super::{Ending, Options, Projects, all};
use crate::corpus;
use crate::disk;
use crate::exit_code::ExitCode;
use crate::judgement::{Leave, judge};
use crate::publish::{self, Recovery};
use crate::report::{Conclusion, Entry};
use crate::run_lock::RunLock;
use crate::second_look::Looks;
use crate::work;
use crate::workspace::Workspace;

/// Runs the command.
pub fn run(options: &Options, out: &mut dyn Write) -> Result<ExitCode> {
    if options.projects == Projects::AllBelow {
        return all::run("regen", run, options, out);
    }
    let workspace = match options.load() {
        Ok(workspace) => workspace,
        Err(problems) => return options.finish("regen", None, problems, Ending::default(), out),
    };
    let config = Some(&workspace.config);
    let work = match work::open(&workspace, options.work_folder().as_deref())? {
        Ok(work) => work,
        Err(problem) => {
            return options.finish("regen", config, vec![problem], Ending::default(), out);
        }
    };
    let Some(_lock) = RunLock::acquire(work.path())? else {
        return Ok(ExitCode::Interrupted);
    };
    let progress = options.progress();
    progress.line_if(recovered(publish::recover(&workspace.tree())?));
    let judgement = judge(
        &workspace,
        &work,
        &options.selection,
        Leave::Nothing,
        &progress,
    )?;
    if judgement.cancelled {
        return Ok(ExitCode::Interrupted);
    }
    let mut problems = judgement.found;
    let mut ending = Ending {
        summary: judgement.summary,
        versions: judgement.versions,
        notes: judgement.notes,
        ..Ending::default()
    };
    if options.selection.looks == Looks::FixVarying {
        ending.news.extend(add_rules(&workspace, &judgement.rules)?);
    }
    match judgement.changes {
        Some(changes) => {
            publish::publish(&workspace.tree(), &changes)?;
            problems.extend(still_different(&workspace, &changes)?);
            ending.conclusion = published(&judgement.drift, &ending.summary, &changes, &workspace);
        }
        None => {
            problems.extend(
                judgement
                    .drift
                    .into_iter()
                    .filter(|problem| !sound(std::slice::from_ref(problem))),
            );
            let unwritten = if ending.news.is_empty() {
                "nothing was written"
            } else {
                "the corpus was not written"
            };
            ending.hint = Some(format!("{unwritten}; {}", what_next(&problems)));
        }
    }
    options.finish("regen", config, problems, ending, out)
}

/// What to do next; where rules are offered, one command adds all of them.
fn what_next(problems: &[Problem]) -> &'static str {
    let broken = || {
        problems
            .iter()
            .filter(|problem| !sound(std::slice::from_ref(*problem)))
    };
    let varies = |problem: &Problem| problem.kind == Kind::Varies;
    if !broken().any(|problem| varies(problem) && problem.rule.is_some()) {
        "fix what stands above and run again"
    } else if broken().all(varies) {
        "`stillframe regen --fix-varying` adds the rules to stillframe.toml and goes on"
    } else {
        "fix what else stands above, then run `stillframe regen --fix-varying`"
    }
}

/// Appends rules to the configuration, whose text stays as it is, and says which.
fn add_rules(workspace: &Workspace, rules: &[String]) -> Result<Option<String>> {
    if rules.is_empty() {
        return Ok(None);
    }
    let path = config_file(workspace)?;
    let mut text = disk::read_regular_text(&path)?;
    for rule in rules {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push('\n');
        text.push_str(rule);
    }
    let config = match Config::parse(&text) {
        Ok(config) => config,
        Err(_) => bail!(
            "{CONFIG_NAME} has its rules in a form to which no table can be added, so nothing was written; write each as a table, `[[normalize.rule]]`, or add these by hand:\n\n{}",
            rules.join("\n")
        ),
    };
    disk::rewrite(&path, text.as_bytes())?;
    let added = config
        .normalize
        .rule
        .iter()
        .skip(workspace.config.normalize.rule.len());
    let names: Vec<&str> = added.map(|rule| rule.name.as_str()).collect();
    let rules = crate::progress::count(names.len(), "rule");
    Ok(Some(format!(
        "added {rules} to {CONFIG_NAME}: {}",
        names.join(", ")
    )))
}

/// The file that is the configuration. A link to another one of the project is followed, and no other.
fn config_file(workspace: &Workspace) -> Result<PathBuf> {
    let path = workspace.root.join(CONFIG_NAME);
    let (real, root) = (path.canonicalize()?, workspace.root.canonicalize()?);
    if !real.starts_with(&root) {
        bail!(
            "{CONFIG_NAME} is a link to {}, which lies outside the project, so no rule is added there; run `stillframe check` and add the rules that it shows by hand",
            real.display()
        );
    }
    Ok(real)
}

pub(super) fn recovered(recovery: Recovery) -> Option<&'static str> {
    match recovery {
        Recovery::Nothing => None,
        Recovery::Undone => Some(
            "an earlier publish was ended before it began to replace files; its leftovers are removed",
        ),
        Recovery::Completed => Some("an earlier publish was ended midway; it is completed now"),
    }
}

/// Reads the tree again: after publishing, everything must be as the changes say.
pub(super) fn still_different(workspace: &Workspace, changes: &Changes) -> Result<Vec<Problem>> {
    let committed = match corpus::load(&workspace.tree())? {
        Ok(committed) => committed,
        Err(problem) => return Ok(vec![problem]),
    };
    let wrong = |path: &str| {
        Problem::new(
            Kind::ChangedDuringRun,
            path,
            "run `stillframe regen` again, with nothing else writing to the folder",
        )
        .detail("it was changed by something else while it was being published")
    };
    let written = changes
        .write
        .iter()
        .filter(|(path, bytes)| committed.fixtures.get(*path) != Some(bytes))
        .map(|(path, _)| wrong(path));
    let deleted = changes
        .delete
        .iter()
        .filter(|path| committed.fixtures.contains_key(*path))
        .map(|path| wrong(path));
    let schemas = changes
        .write_schemas
        .iter()
        .filter(|(name, bytes)| committed.schemas.get(*name) != Some(bytes))
        .map(|(name, _)| name)
        .chain(
            changes
                .delete_schemas
                .iter()
                .filter(|name| committed.schemas.contains_key(*name)),
        )
        .map(|name| wrong(name));
    let lock = (committed.lock.as_ref() != Some(&changes.lock))
        .then(|| wrong(stillframe_core::names::LOCK_NAME));
    Ok(written.chain(deleted).chain(schemas).chain(lock).collect())
}

/// The most lines that say what was published; the whole list is git's to show.
const MOST_LINES: usize = 60;

/// What was published, with an entry for each changed fixture.
pub(super) fn published(
    drift: &[Problem],
    summary: &Summary,
    changes: &Changes,
    workspace: &Workspace,
) -> Conclusion {
    let folders = workspace.folders();
    let mut lines = vec![format!(
        "published {} new, {} changed, {} removed, {} unchanged in {}",
        summary.new, summary.changed, summary.removed, summary.unchanged, folders.fixtures
    )];
    let schemas = changes.write_schemas.len() + changes.delete_schemas.len();
    if schemas > 0 {
        lines.push(format!(
            "updated {} in {}",
            crate::progress::count(schemas, "schema"),
            folders.schemas
        ));
    }
    let all: Vec<Entry> = drift
        .iter()
        .filter_map(entry)
        .chain(masked(&changes.newly_masked))
        .collect();
    let length = |entry: &Entry| entry.details.len().max(1);
    let mut entries = Vec::new();
    let mut left = MOST_LINES;
    let mut more = 0;
    for entry in all {
        match left.checked_sub(length(&entry)) {
            Some(rest) if more == 0 => {
                left = rest;
                entries.push(entry);
            }
            _ => more += length(&entry),
        }
    }
    Conclusion {
        lines,
        entries,
        more,
    }
}

/// The places that a rule did not apply to before, under their fixture.
fn masked(places: &[NewMask]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for mask in places {
        let detail = format!("{} ({})", mask.place, mask.rule);
        match entries.last_mut() {
            Some(last) if last.path == mask.path => last.details.push(detail),
            _ => entries.push(Entry {
                word: "masked",
                path: mask.path.clone(),
                details: vec![detail],
            }),
        }
    }
    entries
}

fn entry(problem: &Problem) -> Option<Entry> {
    let (word, details) = match problem.kind {
        Kind::Missing => ("new", Vec::new()),
        Kind::Orphan => ("removed", Vec::new()),
        Kind::Stale | Kind::HandEdited | Kind::ExitChanged => ("changed", problem.details.clone()),
        Kind::Conflict => ("merged", problem.details.clone()),
        _ => return None,
    };
    Some(Entry {
        word,
        path: problem.subject.clone(),
        details,
    })
}
