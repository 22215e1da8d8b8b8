//! `validate`: the committed corpus against its lock and the committed schemas, without running the target.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::Result;
use stillframe_core::compare::{Committed, REGEN, unmerged};
use stillframe_core::config::Paths;
use stillframe_core::conflict;
use stillframe_core::lock::{Lock, hash};
use stillframe_core::names::LOCK_NAME;
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::report::Summary;

use super::{Ending, Options};
use crate::audit;
use crate::binding;
use crate::corpus;
use crate::exit_code::ExitCode;
use crate::freeze;
use crate::process;
use crate::report::Conclusion;
use crate::rulebook::Rulebook;
use crate::workspace;

/// Runs the command.
pub fn run(options: &Options, out: &mut dyn Write) -> Result<ExitCode> {
    let root = match options.root() {
        Ok(root) => root,
        Err(problem) => {
            return options.finish("validate", None, vec![problem], Ending::default(), out);
        }
    };
    let config = match crate::config_file::load_config(&root) {
        Ok(config) => config,
        Err(problems) => return options.finish("validate", None, problems, Ending::default(), out),
    };
    let tree = workspace::tree(&root, &config);
    let (problems, summary) = match corpus::load(&tree)? {
        Err(problem) => (vec![problem], Summary::default()),
        // Nothing can be said of one half of a merge.
        Ok(committed) if !conflicts(&committed, &config.paths).is_empty() => {
            (conflicts(&committed, &config.paths), Summary::default())
        }
        Ok(committed) => match Rulebook::compile(&config, Some(&committed.schemas)) {
            Err(problems) => (problems, Summary::default()),
            Ok((rulebook, open)) => {
                let mut problems = open;
                let paths = &config.paths;
                let mut summary = judge(
                    &committed,
                    &rulebook,
                    &paths.fixtures,
                    &paths.schemas,
                    &mut problems,
                );
                let silent = workspace::without_schema(&root, &config);
                let unlisted = unlisted(&committed, &rulebook, &silent);
                summary.unchanged = summary.unchanged.saturating_sub(unlisted.len());
                problems.extend(unlisted);
                (problems, summary)
            }
        },
    };
    if process::cancelled() {
        return Ok(ExitCode::Interrupted);
    }
    let mut ending = Ending {
        summary,
        ..Ending::default()
    };
    if problems.is_empty() {
        let without = match summary.unbound {
            0 => String::new(),
            some => format!(", {some} without a schema"),
        };
        ending.conclusion = Conclusion::line(format!(
            "{} valid against {}{without}",
            crate::progress::count(summary.unchanged.saturating_sub(summary.unbound), "fixture"),
            crate::progress::count(summary.schemas, "schema")
        ));
    }
    options.finish("validate", Some(&config), problems, ending, out)
}

/// The files that git could not merge and that regen writes again.
fn conflicts(committed: &Committed, paths: &Paths) -> Vec<Problem> {
    let lock = committed.lock_conflict;
    let lock = lock.map(|line| unmerged(format!("{}/{LOCK_NAME}", paths.fixtures), line));
    let is_ours = |name: &String| {
        let recorded = committed.lock.as_ref();
        recorded.is_some_and(|lock| lock.schemas.contains_key(name))
    };
    let fixtures = committed
        .fixtures
        .iter()
        .map(|(path, bytes)| (path.clone(), bytes));
    let schemas = committed.schemas.iter().filter(|(name, _)| is_ours(name));
    let schemas = schemas.map(|(name, bytes)| (format!("{}/{name}", paths.schemas), bytes));
    let files = fixtures.chain(schemas);
    let files = files.filter_map(|(name, bytes)| Some(unmerged(name, conflict::first(bytes)?)));
    lock.into_iter().chain(files).collect()
}

fn judge(
    committed: &Committed,
    rulebook: &Rulebook,
    folder: &str,
    schema_folder: &str,
    problems: &mut Vec<Problem>,
) -> Summary {
    let Some(lock) = &committed.lock else {
        problems.push(
            Problem::new(Kind::Missing, format!("{folder}/{LOCK_NAME}"), REGEN)
                .detail("there is no corpus yet"),
        );
        return Summary::default();
    };
    if lock.fixtures.is_empty() {
        problems.push(
            Problem::new(
                Kind::Prerequisite,
                folder,
                "add `capture = \"name\"` to a step and run `stillframe regen`",
            )
            .detail("the corpus holds no fixture, so there is nothing to validate"),
        );
    }
    problems.extend(schemas(committed, lock, schema_folder));
    for leftover in &committed.leftovers {
        problems.push(Problem::new(
            Kind::Interrupted,
            leftover.clone(),
            "run `stillframe regen`; it completes or undoes what was left",
        ));
    }
    for path in committed
        .fixtures
        .keys()
        .filter(|path| !lock.fixtures.contains_key(*path))
    {
        problems.push(
            Problem::new(Kind::Orphan, path.clone(), REGEN).detail("the lock does not list it"),
        );
    }
    let mut summary = Summary {
        schemas: rulebook.schema_count(),
        ..Summary::default()
    };
    for path in lock.fixtures.keys() {
        let found = fixture(path, committed, lock, rulebook);
        if found.is_empty() {
            summary.unchanged += 1;
        }
        if rulebook.schemas.is_some() && lock.fixtures[path].schema.is_empty() {
            summary.unbound += 1;
        }
        problems.extend(found);
    }
    summary
}

/// Schema files that the lock lists as written by Stillframe and that are not as they were written.
fn schemas(committed: &Committed, lock: &Lock, folder: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, recorded) in &lock.schemas {
        let what = match committed.schemas.get(name) {
            None => "the lock lists it, and it is not there",
            Some(bytes) if hash(bytes) != *recorded => {
                "its bytes are not the ones that were published"
            }
            Some(_) => continue,
        };
        let subject = format!("{folder}/{name}");
        problems.push(Problem::new(Kind::StaleSchema, subject, REGEN).detail(what));
    }
    problems
}

/// Fixtures for which the lock names no schema although they name one themselves, and no step says otherwise.
fn unlisted(
    committed: &Committed,
    rulebook: &Rulebook,
    without_schema: &BTreeSet<String>,
) -> Vec<Problem> {
    let (Some(schemas), Some(lock)) = (&rulebook.schemas, &committed.lock) else {
        return Vec::new();
    };
    let unnamed = lock
        .fixtures
        .iter()
        .filter(|(path, entry)| entry.schema.is_empty() && !without_schema.contains(*path));
    unnamed
        .filter_map(|(path, entry)| {
            let document =
                freeze::parse(audit::framing(path), committed.fixtures.get(path)?).ok()?;
            let claimed =
                binding::claimed(&schemas.catalogue, audit::framing(path), &document).ok()?;
            let what = format!(
                "the lock names no schema for it, and its output names `{}`",
                claimed.names()
            );
            Some(
                Problem::new(Kind::Unbound, path, REGEN)
                    .at(&entry.poc, None)
                    .detail(what),
            )
        })
        .collect()
}

fn fixture(path: &str, committed: &Committed, lock: &Lock, rulebook: &Rulebook) -> Vec<Problem> {
    let entry = &lock.fixtures[path];
    let Some(bytes) = committed.fixtures.get(path) else {
        return vec![
            Problem::new(Kind::Missing, path, REGEN)
                .at(&entry.poc, None)
                .detail("the lock lists it"),
        ];
    };
    audit::fixture(entry, bytes, rulebook)
}
