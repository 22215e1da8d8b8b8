//! Scenarios: hand-written outputs, one folder per command; it judges bytes it is given and reads no files.

mod sample;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::json::{self, Document, Framing};
use crate::litter::is_litter;
use crate::problem::{Kind, Problem};
use crate::schema::{BindError, Catalogue};

pub use sample::{NoSample, Sample, sample};

/// The command and the name of the scenario at `path`, which is relative to the scenario folder:
/// `store/rich.json` is `rich` of `store`.
pub fn address(path: &str) -> Option<(&str, &str)> {
    let (command, file) = path.split_once('/')?;
    let name = file.strip_suffix(".json")?;
    (is_name(command) && is_name(name)).then_some((command, name))
}

/// Whether a command or scenario may be called so: it becomes a file name on every system.
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && !name.starts_with('.') && !name.ends_with('.') && name.chars().all(plain)
}

/// Everything wrong with the scenarios in `files`, which maps paths below `folder` to bytes.
///
/// `violations` validates a document against the schema of that name and gives one line for each
/// violation. Without any schema the documents are only read.
pub fn check(
    folder: &str,
    files: &BTreeMap<String, Vec<u8>>,
    catalogue: &Catalogue,
    violations: impl Fn(&str, &Document) -> Vec<String>,
) -> Vec<Problem> {
    let scenarios: Vec<(&String, &Vec<u8>)> =
        files.iter().filter(|(path, _)| !is_ignored(path)).collect();
    if scenarios.is_empty() {
        return vec![none(folder)];
    }
    let mut problems = Vec::new();
    for (path, bytes) in scenarios {
        let subject = format!("{folder}/{path}");
        let found = match address(path) {
            None => Some(misplaced(folder, &subject)),
            Some((command, _)) => one(&subject, command, bytes, catalogue, &violations),
        };
        problems.extend(found);
    }
    problems
}

/// The scenarios of each command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Command to names of its scenarios.
    pub scenarios: BTreeMap<String, Vec<String>>,
    /// Schemas that no scenario belongs to, each with the command whose outputs it describes.
    pub without: BTreeMap<String, String>,
}

/// Which scenarios there are, and which schemas have none.
pub fn list<'a>(paths: impl IntoIterator<Item = &'a str>, catalogue: &Catalogue) -> Listing {
    let mut scenarios: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (command, name) in paths.into_iter().filter_map(address) {
        let names = scenarios.entry(command.to_owned()).or_default();
        names.push(name.to_owned());
    }
    let covered: BTreeSet<&str> = scenarios
        .keys()
        .filter_map(|command| schema_of(catalogue, command).ok())
        .collect();
    let without = catalogue.names().filter(|name| !covered.contains(name));
    let with_command = |name: &str| {
        let command = catalogue.commands_of(name).next().unwrap_or(name);
        (name.to_owned(), command.to_owned())
    };
    Listing {
        without: without.map(with_command).collect(),
        scenarios,
    }
}

/// The schema of the outputs of `command`.
pub fn schema_of<'a>(catalogue: &'a Catalogue, command: &str) -> Result<&'a str, BindError> {
    let document = serde_json::json!({ "command": command });
    catalogue
        .bind(None, &document)
        .or_else(|error| match error {
            BindError::Unbound { .. } => catalogue.bind(Some(command), &document),
            other => Err(other),
        })
}

fn is_ignored(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    path.split('/').any(|part| part.starts_with('.')) || file.ends_with(".md") || is_litter(path)
}

fn one(
    subject: &str,
    command: &str,
    bytes: &[u8],
    catalogue: &Catalogue,
    violations: impl Fn(&str, &Document) -> Vec<String>,
) -> Option<Problem> {
    let edit = format!("edit {subject}, then run `stillframe scenario check`");
    let document = match json::parse(Framing::Json, bytes) {
        Ok(document) => document,
        Err(error) => {
            return Some(Problem::new(Kind::Unreadable, subject, edit).detail(error.to_string()));
        }
    };
    if catalogue.is_empty() {
        return None;
    }
    if let Some(other) = document.get("command").and_then(Value::as_str)
        && other != command
    {
        let fix = format!("move it to the folder `{other}`, or correct its `command`");
        let detail = format!("it lies in the folder `{command}` and its `command` is `{other}`");
        return Some(Problem::new(Kind::Invalid, subject, fix).detail(detail));
    }
    match schema_of(catalogue, command) {
        Ok(name) => {
            let mut invalid = Problem::new(Kind::Invalid, subject, edit);
            invalid.details = violations(name, &document);
            (!invalid.details.is_empty()).then_some(invalid)
        }
        Err(error) => Some(unbound(subject, &error)),
    }
}

fn unbound(subject: &str, error: &BindError) -> Problem {
    let (kind, fix) = match error {
        BindError::Ambiguous { .. } => (
            Kind::Ambiguous,
            "give each schema a `command` constant of its own",
        ),
        BindError::Unbound { .. } | BindError::Unknown { .. } => (
            Kind::Unbound,
            "rename its folder to a command that has a schema, or export a schema for it",
        ),
    };
    Problem::new(kind, subject, fix).detail(error.to_string())
}

fn misplaced(folder: &str, subject: &str) -> Problem {
    Problem::new(
        Kind::Unbound,
        subject,
        format!("move it to {folder}/<command>/<name>.json, or remove it"),
    )
    .detail("a scenario is one JSON file in the folder of its command")
}

fn none(folder: &str) -> Problem {
    Problem::new(
        Kind::Prerequisite,
        folder,
        "write a first one: `stillframe scenario new COMMAND NAME`",
    )
    .detail("there is no scenario, so nothing was checked")
}

#[cfg(test)]
mod tests;
