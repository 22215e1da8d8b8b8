//! `poc.toml`: one playground project and its steps, parsed once into values that need no second look.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::normalize::Framing;
use crate::select::Selector;
use crate::toml_error;
use crate::variable;
use crate::visible::visible;

mod manifest;
mod path;
mod schema_choice;
mod step;

pub use manifest::{Manifest, Seconds};
pub use path::FixturePath;
pub use schema_choice::SchemaChoice;

use path::is_plain;
pub(crate) use path::{clash, portable};

/// The file that makes a folder below `pocs` a POC.
pub const MANIFEST_NAME: &str = "poc.toml";

/// One playground project.
#[derive(Debug, Clone)]
pub struct Poc {
    /// The folder below `pocs`, with forward slashes: `00-foundations/01-basics`.
    pub id: String,
    /// What it shows, in a sentence.
    pub summary: String,
    /// Added to the environment of every step, as written.
    pub env: BTreeMap<String, String>,
    /// The folder of the repository that is laid down before the POC's own files.
    pub base: Option<String>,
    /// In the order in which they run.
    pub steps: Vec<Step>,
}

/// One action in a POC.
#[derive(Debug, Clone)]
pub struct Step {
    /// Counted from 1.
    pub number: usize,
    /// What is started.
    pub action: Action,
    /// The target of a `run` that is not the one of `[target]`.
    pub target: Option<String>,
    /// The folder of the sandbox that it is started in, as written; the sandbox itself without one.
    pub cwd: Option<String>,
    /// What is read as standard input; closed without one.
    pub stdin: Option<Seed>,
    /// Which exit codes are not a failure.
    pub exit: ExitPolicy,
    /// Ends the step when it takes longer.
    pub timeout: Option<Duration>,
    /// Where its output is found.
    pub channel: Channel,
    /// One document, or one a line.
    pub framing: Framing,
    /// Variables for later steps, taken from the raw output.
    pub save: BTreeMap<String, Selector>,
    /// Present where the output becomes a fixture.
    pub capture: Option<Capture>,
}

/// A file that a step reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seed {
    /// Below the POC's folder.
    Poc(String),
    /// Below the folder of `stillframe.toml`, written with `${root}/`.
    Root(String),
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Seed::Poc(path) => f.write_str(path),
            Seed::Root(path) => write!(f, "${{root}}/{path}"),
        }
    }
}

/// Where the output of a step is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Channel {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// A file that the step writes below its sandbox, as written.
    File(String),
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Channel::Stdout => "stdout",
            Channel::Stderr => "stderr",
            Channel::File(path) => path,
        })
    }
}

/// What a step starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Any program with its arguments.
    Exec(Vec<String>),
    /// A target with these arguments, after its own `args`.
    Run(Vec<String>),
}

impl Action {
    /// The words as written in the manifest.
    pub fn words(&self) -> &[String] {
        match self {
            Action::Exec(words) | Action::Run(words) => words,
        }
    }
}

/// Which exit codes are not a failure of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExitPolicy {
    /// Any code; it is recorded.
    Any,
    /// One of these.
    OneOf(Vec<i32>),
}

impl ExitPolicy {
    /// Whether a step that exits with `code` is not a failure.
    pub fn allows(&self, code: i32) -> bool {
        match self {
            ExitPolicy::Any => true,
            ExitPolicy::OneOf(codes) => codes.contains(&code),
        }
    }
}

impl fmt::Display for ExitPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExitPolicy::Any => f.write_str("any"),
            ExitPolicy::OneOf(codes) => {
                let codes: Vec<String> = codes.iter().map(i32::to_string).collect();
                f.write_str(&codes.join(" or "))
            }
        }
    }
}

/// A step's output on its way to a fixture.
#[derive(Debug, Clone)]
pub struct Capture {
    /// Where the fixture lies below the corpus folder.
    pub path: FixturePath,
    /// The schema that the manifest, or a `[[bind]]` of the configuration, gives it.
    pub schema: SchemaChoice,
    /// One document, or one a line.
    pub framing: Framing,
    /// Selectors that must find something that is not empty; `None` where the manifest is silent.
    pub nonempty: Option<Vec<Selector>>,
    /// Selectors that must find exactly this one value in the normalised output.
    pub expect: Vec<(Selector, Value)>,
}

/// One thing wrong with a manifest, as a lowercase fragment with the edit that fixes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestError {
    /// The step it is in, counted from 1.
    pub step: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl Poc {
    /// Reads the text of a `poc.toml`; `id` is the folder below `pocs`.
    pub fn parse(id: &str, text: &str) -> Result<Poc, Vec<ManifestError>> {
        let manifest: Manifest = toml::from_str(text).map_err(|error| {
            vec![ManifestError {
                step: None,
                message: toml_error::text(&error, text),
            }]
        })?;
        let dest = manifest.dest.unwrap_or_else(|| default_dest(id).to_owned());
        let mut errors = Vec::new();
        let about_the_poc = |message: String| ManifestError {
            step: None,
            message: visible(&message).into_owned(),
        };
        for (name, value) in &manifest.env {
            let fault = variable::fault(value, variable::is_of_environment, variable::ENVIRONMENT);
            errors.extend(fault.map(|fault| about_the_poc(format!("`env` {name}: {fault}"))));
        }
        if let Some(base) = &manifest.base
            && !is_plain(base)
        {
            errors.push(about_the_poc(format!(
                "`base = \"{base}\"` is not a folder below that of stillframe.toml; write its path from there, such as \"pocs/_shop\""
            )));
        }
        let mut known = vec![variable::ROOT.to_owned()];
        let mut steps = Vec::new();
        if manifest.steps.is_empty() {
            errors.push(ManifestError {
                step: None,
                message: "the POC has no step; add a [[step]]".into(),
            });
        }
        for (index, written) in manifest.steps.into_iter().enumerate() {
            let number = index + 1;
            match step::read(number, &dest, written, &known) {
                Ok(step) => {
                    known.extend(step.save.keys().cloned());
                    steps.push(step);
                }
                Err(messages) => errors.extend(messages.into_iter().map(|message| ManifestError {
                    step: Some(number),
                    message: visible(&message).into_owned(),
                })),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Poc {
            id: id.to_owned(),
            summary: manifest.summary,
            env: manifest.env,
            base: manifest.base,
            steps,
        })
    }

    /// The steps whose output becomes a fixture.
    pub fn captures(&self) -> impl Iterator<Item = (&Step, &Capture)> {
        self.steps
            .iter()
            .filter_map(|step| step.capture.as_ref().map(|capture| (step, capture)))
    }
}

/// Where a POC's fixtures go unless it says otherwise.
fn default_dest(id: &str) -> &str {
    plain_name(id.rsplit('/').next().unwrap_or(id))
}

/// Checks a POC's folder below `pocs`, as a new one is named; the error is the reason, as a lowercase fragment.
pub fn check_id(id: &str) -> Result<(), String> {
    portable(id, "the POC folder")
}

/// A folder's name without the leading `NN-` that sorts it.
pub fn plain_name(name: &str) -> &str {
    let rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
    match rest.strip_prefix('-') {
        Some(rest) if rest.len() + 1 < name.len() && !rest.is_empty() => rest,
        _ => name,
    }
}

#[cfg(test)]
mod tests;
