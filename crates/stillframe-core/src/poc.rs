//! `poc.toml`: one playground project and its steps, parsed once into values that need no second look.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::normalize::Framing;
use crate::select::Selector;
use crate::toml_error;
use crate::toml_value::TomlValue;
use crate::visible::visible;

mod manifest;
mod path;

pub use manifest::{Manifest, Seconds};
pub use path::FixturePath;

use manifest::{Argv, Stdout, StepManifest};
use path::stays_inside;
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
    /// Added to the environment of every step.
    pub env: BTreeMap<String, String>,
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
    /// A file of the POC that is read as standard input; closed without one.
    pub stdin: Option<String>,
    /// Which exit codes are no failure.
    pub exit: ExitPolicy,
    /// Ends the step when it takes longer.
    pub timeout: Option<Duration>,
    /// Variables for later steps, taken from the raw output.
    pub save: BTreeMap<String, Selector>,
    /// Present where stdout becomes a fixture.
    pub capture: Option<Capture>,
}

/// What a step starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Any program with its arguments.
    Exec(Vec<String>),
    /// The target with these arguments, after those of `[target] args`.
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

/// Which exit codes are no failure of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExitPolicy {
    /// Any code; it is recorded.
    Any,
    /// One of these.
    OneOf(Vec<i32>),
}

impl ExitPolicy {
    /// Whether a step that exits with `code` is no failure.
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
    /// The schema it is bound to, when the manifest names one.
    pub schema: Option<String>,
    /// One document, or one a line.
    pub framing: Framing,
    /// Selectors that must find something that is not empty; `None` where the manifest is silent.
    pub nonempty: Option<Vec<Selector>>,
    /// Selectors that must find exactly this one value in the normalised output.
    pub expect: Vec<(Selector, Value)>,
}

/// One thing wrong with a manifest, as a lowercase fragment with the edit that mends it.
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
                message: toml_error::text(&error),
            }]
        })?;
        let dest = manifest.dest.unwrap_or_else(|| default_dest(id).to_owned());
        let mut errors = Vec::new();
        let mut known = Vec::new();
        let mut steps = Vec::new();
        if manifest.steps.is_empty() {
            errors.push(ManifestError {
                step: None,
                message: "the POC has no step; add a [[step]]".into(),
            });
        }
        for (index, written) in manifest.steps.into_iter().enumerate() {
            let number = index + 1;
            match step(number, &dest, written, &known) {
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
            steps,
        })
    }

    /// The steps whose stdout becomes a fixture.
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

fn step(
    number: usize,
    dest: &str,
    written: StepManifest,
    known: &[String],
) -> Result<Step, Vec<String>> {
    let mut errors = Vec::new();
    let action = action(written.exec, written.run, &mut errors);
    for word in action.words() {
        check_variables(word, known, &mut errors);
    }
    if let Some(file) = &written.stdin
        && !stays_inside(file)
    {
        errors.push(format!("`stdin = \"{file}\"` is no file of the POC; copy it there and write its path from the POC's folder"));
    }
    if matches!(action, Action::Exec(_)) && !written.save.is_empty() {
        errors.push("`save` reads the target's output; it belongs to a `run` step".into());
    }
    let save = written
        .save
        .iter()
        .filter_map(|(name, path)| {
            check_name(name, &mut errors);
            Some((name.clone(), selector(path, &mut errors)?))
        })
        .collect();
    let exit = match (written.exit, &written.capture) {
        (Some(codes), _) if codes.is_empty() => {
            errors.push("`exit = []` allows no exit code; leave `exit` out to allow any".into());
            ExitPolicy::Any
        }
        (Some(codes), _) => ExitPolicy::OneOf(codes),
        (None, Some(_)) => ExitPolicy::Any,
        (None, None) => ExitPolicy::OneOf(vec![0]),
    };
    let stray =
        written.schema.is_some() || written.nonempty.is_some() || !written.expect.is_empty();
    let capture = match written.capture {
        Some(name) => capture(
            dest,
            &name,
            written.stdout,
            written.schema,
            written.nonempty,
            written.expect,
            &mut errors,
        ),
        None => {
            if stray {
                errors.push(
                    "`schema`, `nonempty` and `expect` belong to a step with `capture`".into(),
                );
            }
            None
        }
    };
    if capture.is_some() && matches!(action, Action::Exec(_)) {
        errors.push("a capture is made from the target; write `run` instead of `exec`".into());
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Step {
        number,
        action,
        stdin: written.stdin,
        exit,
        timeout: written.timeout.map(|seconds| seconds.0),
        save,
        capture,
    })
}

fn action(exec: Option<Argv>, run: Option<Argv>, errors: &mut Vec<String>) -> Action {
    match (exec, run) {
        (Some(Argv(words)), None) => {
            if words.is_empty() {
                errors.push("`exec = []` names no program".into());
            }
            Action::Exec(words)
        }
        (None, Some(Argv(words))) => Action::Run(words),
        (Some(_), Some(_)) => {
            errors.push("a step has either `run` or `exec`, not both; split it in two".into());
            Action::Run(Vec::new())
        }
        (None, None) => {
            errors.push(
                "a step needs `run = [\"…\"]` (the target) or `exec = [\"…\"]` (any program)"
                    .into(),
            );
            Action::Run(Vec::new())
        }
    }
}

fn capture(
    dest: &str,
    name: &str,
    stdout: Stdout,
    schema: Option<String>,
    nonempty: Option<Vec<String>>,
    expect: BTreeMap<String, TomlValue>,
    errors: &mut Vec<String>,
) -> Option<Capture> {
    let (framing, extension) = match stdout {
        Stdout::Json => (Framing::Json, "json"),
        Stdout::Ndjson => (Framing::Ndjson, "ndjson"),
    };
    let path = match dest {
        "." => format!("{name}.{extension}"),
        dest => format!("{dest}/{name}.{extension}"),
    };
    let path = match FixturePath::new(&path) {
        Ok(path) => Some(path),
        Err(reason) => {
            errors.push(format!(
                "`dest` and `capture` give no usable path: {reason}"
            ));
            None
        }
    };
    let nonempty = nonempty.map(|paths| {
        paths
            .iter()
            .filter_map(|path| selector(path, errors))
            .collect()
    });
    let expect = expect
        .into_iter()
        .filter_map(|(path, value)| Some((selector(&path, errors)?, value.0)))
        .collect();
    Some(Capture {
        path: path?,
        schema,
        framing,
        nonempty,
        expect,
    })
}

fn selector(path: &str, errors: &mut Vec<String>) -> Option<Selector> {
    Selector::parse(path)
        .map_err(|error| errors.push(error))
        .ok()
}

fn check_name(name: &str, errors: &mut Vec<String>) {
    let plain = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if !plain {
        errors.push(format!(
            "`{name}` is no variable name; use letters, digits, `_` and `-`"
        ));
    }
}

fn check_variables(word: &str, known: &[String], errors: &mut Vec<String>) {
    for name in variables(word) {
        if !known.iter().any(|k| k == name) {
            let have = match known {
                [] => "no earlier step saves one".to_owned(),
                known => format!("earlier steps save: {}", known.join(", ")),
            };
            errors.push(format!("unknown variable `${{{name}}}`; {have}"));
        }
    }
}

/// The names of the `${name}`s in a word.
fn variables(word: &str) -> impl Iterator<Item = &str> {
    word.split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// The word with each `${name}` replaced by its value; values are never looked into again.
pub fn expand(word: &str, values: &BTreeMap<String, String>) -> String {
    let mut parts = word.split("${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((name, rest)) if values.contains_key(name) => {
                out.push_str(&values[name]);
                out.push_str(rest);
            }
            _ => {
                out.push_str("${");
                out.push_str(part);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> String {
        match Poc::parse("00-a/01-basics", text) {
            Ok(_) => "accepted".into(),
            Err(errors) => errors
                .into_iter()
                .map(|e| e.message)
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }

    #[test]
    fn a_whole_manifest_is_understood() {
        let poc = Poc::parse(
            "00-a/01-basics",
            r#"
            summary = "All keys"
            [[step]]
            exec = ["sqlite3", "test.db"]
            stdin = "seed.sql"
            [[step]]
            run = ["plan"]
            save = { id = "$.plan_id" }
            [[step]]
            capture = "apply"
            run = ["apply", "${id}"]
            timeout = "1500ms"
            stdout = "ndjson"
            nonempty = ["$.rows[*]"]
            expect = { "$.n" = 2 }
            "#,
        )
        .unwrap();
        let (step, capture) = poc.captures().next().unwrap();
        assert_eq!(capture.path.as_str(), "basics/apply.ndjson");
        assert_eq!(step.exit, ExitPolicy::Any);
        assert_eq!(poc.steps[0].exit, ExitPolicy::OneOf(vec![0]));
        assert_eq!(step.timeout, Some(Duration::from_millis(1500)));
    }

    #[test]
    fn a_string_for_run_is_refused_with_the_array() {
        let said = errors("summary = \"x\"\n[[step]]\nrun = \"store base\"\n");
        assert!(
            said.contains(r#"write the arguments as an array: ["store", "base"]"#),
            "{said}"
        );
        assert!(said.contains("line 3"), "{said}");
    }

    #[test]
    fn each_mistake_is_named() {
        let head = "summary = \"x\"\n";
        for (manifest, expected) in [
            ("", "the POC has no step"),
            ("[[step]]\nexec = [\"a\"]\nrun = [\"b\"]", "not both"),
            ("[[step]]", "needs `run"),
            ("[[step]]\nrun = [\"${x}\"]", "unknown variable `${x}`"),
            (
                "[[step]]\nrun = []\ncapture = \"../x\"",
                "does not stay in the corpus folder",
            ),
            (
                "[[step]]\nrun = []\ncapture = \"/x\"",
                "does not stay in the corpus folder",
            ),
            (
                "[[step]]\nrun = []\ncapture = \"a:b\"",
                "not a portable file name",
            ),
            (
                "[[step]]\nrun = []\ncapture = \"con\"",
                "not a portable file name",
            ),
            (
                "dest = \"corpus.lock\"\n[[step]]\nrun = []\ncapture = \"a\"",
                "the name of the lock",
            ),
            ("[[step]]\nrun = []\nstdin = \"../x\"", "no file of the POC"),
            (
                "[[step]]\nrun = []\nstdin = \"/etc/passwd\"",
                "no file of the POC",
            ),
            (
                "[[step]]\nrun = []\ncapture = \"a\"\nexpect = { \"$.z\" = 1979-05-27 }",
                "JSON has no dates",
            ),
            (
                "[[step]]\nrun = []\nexpect = { \"$.a\" = 1 }",
                "belong to a step with `capture`",
            ),
            ("[[step]]\nrun = []\ntimeout = \"soon\"", "is no duration"),
            ("[[step]]\nrun = []\nsave = { x = \"$[\" }", "JSONPath"),
            (
                "[[step]]\nexec = [\"a\"]\ncapture = \"x\"",
                "write `run` instead of `exec`",
            ),
            ("[[step]]\nrun = []\ntypo = 1", "unknown field `typo`"),
            ("[[step]]\nrun = [\"a\", \"b\\u0000\"]", "line 3, column 7"),
            ("[[step]]\nexec = [\"a\\u0000b\"]", "the character NUL"),
            (
                "[[step]]\nrun = []\nstdin = \"a\\u0000\"",
                "the character NUL",
            ),
            ("env = { A = \"\\u0000\" }", "the character NUL"),
            ("env = { \"A=B\" = \"\" }", "cannot name a variable"),
        ] {
            let said = errors(&format!("{head}{manifest}\n"));
            assert!(said.contains(expected), "{manifest}\nsaid: {said}");
        }
    }

    #[test]
    fn default_dest_drops_the_leading_number() {
        for (id, dest) in [
            ("a/01-basics", "basics"),
            ("basics", "basics"),
            ("a/01", "01"),
            ("a/01-", "01-"),
            ("a/-x", "-x"),
        ] {
            assert_eq!(default_dest(id), dest);
        }
    }

    #[test]
    fn expanding_never_looks_into_a_value() {
        let values = [
            ("a".to_owned(), "${b}".to_owned()),
            ("b".to_owned(), "2".to_owned()),
        ]
        .into();
        assert_eq!(expand("x${a}-${b}-${c}", &values), "x${b}-2-${c}");
    }
}
