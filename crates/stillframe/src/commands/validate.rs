//! `validate`: the committed corpus against its lock and the committed schemas, without running the target.

use std::io::Write;

use anyhow::Result;
use stillframe_core::compare::{Committed, REGEN};
use stillframe_core::json;
use stillframe_core::lock::{LOCK_NAME, Lock, hash};
use stillframe_core::normalize::Framing;
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::report::Summary;

use super::{Ending, Options};
use crate::corpus;
use crate::exit_code::ExitCode;
use crate::rulebook::{Rulebook, Schemas};
use crate::workspace;

/// Runs the command.
pub fn run(options: &Options, out: &mut dyn Write) -> Result<ExitCode> {
    let root = match options.root() {
        Ok(root) => root,
        Err(problem) => {
            return options.finish("validate", None, vec![problem], Ending::default(), out);
        }
    };
    let config = match workspace::load_config(&root) {
        Ok(config) => config,
        Err(problems) => return options.finish("validate", None, problems, Ending::default(), out),
    };
    let tree = corpus::Tree {
        fixtures: root.join(&config.paths.fixtures),
        schemas: root.join(&config.paths.schemas),
    };
    let (problems, summary) = match corpus::load(&tree)? {
        Err(problem) => (vec![problem], Summary::default()),
        Ok(committed) => match Rulebook::compile(&config, Some(&committed.schemas)) {
            Err(problems) => (problems, Summary::default()),
            Ok((rulebook, open)) => {
                let mut problems = open;
                let summary = judge(&committed, &rulebook, &config.paths.fixtures, &mut problems);
                (problems, summary)
            }
        },
    };
    let mut ending = Ending {
        summary,
        ..Ending::default()
    };
    if problems.is_empty() {
        ending.news = vec![format!(
            "{} valid against {}",
            crate::progress::count(summary.unchanged, "fixture"),
            crate::progress::count(summary.schemas, "schema")
        )];
    }
    options.finish("validate", Some(&config), problems, ending, out)
}

fn judge(
    committed: &Committed,
    rulebook: &Rulebook,
    folder: &str,
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
        problems.extend(found);
    }
    summary
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
    let mut problems = Vec::new();
    if hash(bytes) != entry.blake3 {
        problems.push(
            Problem::new(Kind::HandEdited, path, REGEN)
                .at(&entry.poc, None)
                .detail("its bytes are not the ones that were published"),
        );
    }
    let framing = if path.ends_with(".ndjson") {
        Framing::Ndjson
    } else {
        Framing::Json
    };
    match json::parse(framing, bytes) {
        Err(error) => problems.push(
            Problem::new(Kind::Unreadable, path, REGEN)
                .at(&entry.poc, None)
                .detail(error.to_string()),
        ),
        Ok(document) => problems.extend(rulebook.schemas.as_ref().and_then(|schemas| {
            invalid(path, entry.schema.as_deref(), framing, &document, schemas)
                .map(|problem| problem.at(&entry.poc, None))
        })),
    }
    problems
}

fn invalid(
    path: &str,
    schema: Option<&str>,
    framing: Framing,
    document: &serde_json::Value,
    schemas: &Schemas,
) -> Option<Problem> {
    let Some(name) = schema.filter(|name| schemas.catalogue.get(name).is_some()) else {
        let what = schema.map_or("the lock names no schema for it".to_owned(), |name| {
            format!("the lock names the schema `{name}`, which does not exist")
        });
        return Some(Problem::new(Kind::Unbound, path, REGEN).detail(what));
    };
    let violations = schemas.violations(name, framing, document);
    if violations.is_empty() {
        return None;
    }
    let mut problem = Problem::new(
        Kind::Invalid,
        path,
        "run `stillframe regen`; the corpus and the schemas are of different builds",
    );
    problem.details = violations;
    Some(problem)
}
