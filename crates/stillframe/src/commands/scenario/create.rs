//! `scenario new`: a first draft of a scenario, copied from a captured fixture or made up from the schema; it never overwrites.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value;
use stillframe_core::normalize::Framing;
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::scenario::NoSample;
use stillframe_core::{json, scenario};

use super::{Project, read};
use crate::commands::{Ending, Options, shown};
use crate::corpus;
use crate::disk;
use crate::exit_code::ExitCode;
use crate::inside;

/// What was asked for.
#[derive(Clone, Debug)]
pub struct NewScenario {
    /// The command whose output it is; the folder it goes into.
    pub command: String,
    /// Its name, without `.json`.
    pub name: String,
    /// The fixture to start from: a path from here, or below the corpus folder.
    pub from: Option<PathBuf>,
}

/// Runs `scenario new`.
pub fn new(options: &Options, wanted: &NewScenario, out: &mut dyn Write) -> Result<ExitCode> {
    let project = match Project::load(options)? {
        Ok(project) => project,
        Err(problems) => {
            return options.finish("scenario new", None, problems, Ending::default(), out);
        }
    };
    let config = Some(&project.config);
    match create(&project, wanted)? {
        Err(problem) => options.finish(
            "scenario new",
            config,
            vec![problem],
            Ending::default(),
            out,
        ),
        Ok(news) => {
            let ending = Ending {
                news: vec![news],
                hint: Some(
                    "edit it to hold what no POC produces, then run `stillframe scenario check`"
                        .to_owned(),
                ),
                ..Ending::default()
            };
            options.finish("scenario new", config, Vec::new(), ending, out)
        }
    }
}

/// A draft and where it comes from.
struct Draft {
    bytes: Vec<u8>,
    origin: String,
}

fn create(project: &Project, wanted: &NewScenario) -> Result<Result<String, Problem>> {
    if let Some(problem) = bad_name(wanted) {
        return Ok(Err(problem));
    }
    let below = format!("{}/{}.json", wanted.command, wanted.name);
    let subject = format!("{}/{below}", project.config.paths.scenarios);
    let path = match inside::below(&project.root, &subject) {
        Ok(path) => path,
        Err(obstacle) => {
            let fix = "put a folder in its place, or name another one as [paths] scenarios";
            let problem = Problem::new(Kind::Config, subject, fix);
            let problem = problem.detail(format!("nothing was written: {obstacle}"));
            return Ok(Err(problem));
        }
    };
    if path.symlink_metadata().is_ok() {
        let fix = format!("edit {}, or choose another name", shown(&path));
        let problem = Problem::new(Kind::Config, subject, fix);
        return Ok(Err(problem.detail("it exists already; nothing was written")));
    }
    let draft = match draft(project, wanted)? {
        Ok(draft) => draft,
        Err(problem) => return Ok(Err(problem)),
    };
    if let Some(problem) = unfit(project, wanted, &subject, &draft) {
        return Ok(Err(problem));
    }
    disk::replace(&path, &draft.bytes)?;
    Ok(Ok(format!("wrote {}, from {}", shown(&path), draft.origin)))
}

fn bad_name(wanted: &NewScenario) -> Option<Problem> {
    let names = [("COMMAND", &wanted.command), ("NAME", &wanted.name)];
    let (argument, name) = names
        .into_iter()
        .find(|(_, name)| !scenario::is_name(name))?;
    let problem = Problem::new(
        Kind::Config,
        argument,
        "use letters, digits, `-`, `_` and `.`; NAME goes without `.json`",
    );
    Some(problem.detail(format!("`{name}` cannot be a file name on every system")))
}

fn draft(project: &Project, wanted: &NewScenario) -> Result<Result<Draft, Problem>> {
    if let Some(from) = &wanted.from {
        return named_fixture(project, from);
    }
    match captured(project, &wanted.command)? {
        Some(draft) => Ok(Ok(draft)),
        None => Ok(made_up(project, &wanted.command)),
    }
}

fn named_fixture(project: &Project, from: &Path) -> Result<Result<Draft, Problem>> {
    let corpus = project.root.join(&project.config.paths.fixtures);
    let places = [from.to_owned(), project.root.join(from), corpus.join(from)];
    let Some(path) = places.iter().find(|path| path.is_file()) else {
        let fix = format!("name a file, from here or below {}", shown(&corpus));
        let problem = Problem::new(Kind::Config, format!("--from {}", from.display()), fix);
        return Ok(Err(problem.detail("there is no such file")));
    };
    Ok(Ok(Draft {
        bytes: read(path)?,
        origin: shown(path),
    }))
}

/// The largest fixture of the command: it has the most to start from.
fn captured(project: &Project, command: &str) -> Result<Option<Draft>> {
    let folder = project.root.join(&project.config.paths.fixtures);
    let Some(bytes) = disk::read_if_any(&folder.join(stillframe_core::names::LOCK_NAME))? else {
        return Ok(None);
    };
    // A lock that cannot be read is `check`'s to report; the schema is enough to start from.
    let Ok(lock) = corpus::parse_lock(&bytes) else {
        return Ok(None);
    };
    let mut largest: Option<Draft> = None;
    for path in lock.fixtures.keys().filter(|path| path.ends_with(".json")) {
        let Some(bytes) = disk::read_if_any(&folder.join(path))? else {
            continue;
        };
        let longer = largest
            .as_ref()
            .is_none_or(|draft| draft.bytes.len() < bytes.len());
        if longer && command_of(&bytes).as_deref() == Some(command) {
            let origin = format!("{}/{path}", project.config.paths.fixtures);
            largest = Some(Draft { bytes, origin });
        }
    }
    Ok(largest)
}

fn command_of(bytes: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(bytes).ok()?;
    Some(document.get("command")?.as_str()?.to_owned())
}

fn made_up(project: &Project, command: &str) -> Result<Draft, Problem> {
    let unbound =
        |fix: &str, detail: String| Problem::new(Kind::Unbound, command, fix).detail(detail);
    let Some(schemas) = &project.schemas else {
        return Err(unbound(
            "name a file to start from: --from FILE",
            "there is no fixture of that command and no schema to make one up from".to_owned(),
        ));
    };
    let name = scenario::schema_of(&schemas.catalogue, command).map_err(|error| {
        unbound(
            "name a command of `stillframe scenario list`",
            error.to_string(),
        )
    })?;
    let made = schemas
        .catalogue
        .get(name)
        .map_or(Err(NoSample::Nothing), scenario::sample);
    let made = made.map_err(|reason| {
        unbound(
            "name a file to start from: --from FILE",
            format!("the schema `{name}`: {reason}"),
        )
    })?;
    Ok(Draft {
        bytes: made.to_text().into_bytes(),
        origin: format!("the schema `{name}`"),
    })
}

/// What would be wrong with the draft as a scenario of that command.
fn unfit(project: &Project, wanted: &NewScenario, subject: &str, draft: &Draft) -> Option<Problem> {
    let refused = |kind| {
        Problem::new(
            kind,
            subject,
            "name another file to start from: --from FILE, or write it by hand",
        )
        .detail(format!(
            "nothing was written: {} cannot be its start",
            draft.origin
        ))
    };
    let document = match json::parse(Framing::Json, &draft.bytes) {
        Ok(document) => document,
        Err(error) => return Some(refused(Kind::Unreadable).detail(error.to_string())),
    };
    if let Some(command) = command_of(&draft.bytes).filter(|command| *command != wanted.command) {
        return Some(refused(Kind::Invalid).detail(format!("its `command` is `{command}`")));
    }
    let schemas = project.schemas.as_ref()?;
    let name = match scenario::schema_of(&schemas.catalogue, &wanted.command) {
        Ok(name) => name,
        Err(error) => return Some(refused(Kind::Unbound).detail(error.to_string())),
    };
    let violations = schemas.violations(name, Framing::Json, &document);
    if violations.is_empty() {
        return None;
    }
    let mut problem = refused(Kind::Invalid);
    problem.details.extend(violations);
    Some(problem)
}
