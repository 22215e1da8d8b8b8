//! `poc.toml`: one playground project and its steps, parsed once into values that need no second look.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde_json::Value;

use crate::normalize::Framing;
use crate::select::Selector;
use crate::toml_value::TomlValue;

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

/// A fixture's path below the corpus folder: relative, forward slashes, never leaving it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FixturePath(String);

impl FixturePath {
    /// Checks a path; the error is the reason, as a lowercase fragment.
    pub fn new(path: &str) -> Result<Self, String> {
        for part in path.split('/') {
            if matches!(part, "" | "." | "..") {
                return Err(format!("`{path}` does not stay in the corpus folder"));
            }
            if part.starts_with('.') {
                return Err(format!("`{part}` is a hidden name"));
            }
            if part.ends_with(['.', ' ']) || part.contains(is_unportable) || is_device(part) {
                return Err(format!("`{part}` is no portable file name"));
            }
        }
        let first = path.split('/').next().unwrap_or(path);
        if first.to_lowercase().starts_with(crate::lock::LOCK_NAME) {
            return Err(format!("`{first}` is the name of the lock"));
        }
        Ok(FixturePath(path.to_owned()))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the path is on a file system that ignores case.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for FixturePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a path names something in the folder it is written for, other than its manifest.
fn stays_inside(path: &str) -> bool {
    path != MANIFEST_NAME
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && !path.contains(['\\', ':'])
}

/// Names that Windows keeps for devices, whatever follows the first dot.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).to_ascii_lowercase();
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|c: char| c.is_ascii_digit())
}

fn is_unportable(c: char) -> bool {
    c.is_control() || r#"\:*?"<>|"#.contains(c)
}

/// A `poc.toml` as written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "poc.toml")]
pub struct Manifest {
    /// What the POC shows, in a sentence.
    summary: String,
    /// The folder below the corpus folder; by default the POC's folder name without a leading `NN-`, `.` for the corpus folder itself.
    dest: Option<String>,
    /// Added to the environment of every step.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// The steps, in the order in which they run.
    #[serde(default, rename = "step")]
    steps: Vec<StepManifest>,
}

/// One `[[step]]` as written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct StepManifest {
    /// Any program with its arguments; must exit 0 unless `exit` says otherwise.
    exec: Option<Argv>,
    /// The target's arguments; must exit 0 unless `exit` says otherwise or the step is a capture.
    run: Option<Argv>,
    /// The fixture's name: stdout becomes `<dest>/<name>.json`.
    capture: Option<String>,
    /// The schema; by default what the output's `command` field names.
    schema: Option<String>,
    /// The exit codes that are no failure.
    exit: Option<Vec<i32>>,
    /// What stdout holds.
    #[serde(default)]
    stdout: Stdout,
    /// Such as `"30s"`.
    timeout: Option<Seconds>,
    /// A file of the POC, read as standard input.
    stdin: Option<String>,
    /// Variables for later steps: a name and a JSONPath into the raw output.
    #[serde(default)]
    save: BTreeMap<String, String>,
    /// JSONPaths that must find something that is not empty. An empty list says that empty is right.
    nonempty: Option<Vec<String>>,
    /// JSONPaths and the one value each must find in the normalised output.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Value>")]
    expect: BTreeMap<String, TomlValue>,
}

/// What a capture's stdout holds.
#[derive(Debug, Default, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Stdout {
    /// One JSON document.
    #[default]
    Json,
    /// One compact JSON document a line.
    Ndjson,
}

/// Words of a command line; a string is refused with the array it should be.
#[derive(Debug, JsonSchema)]
#[schemars(transparent)]
struct Argv(Vec<String>);

impl<'de> Deserialize<'de> for Argv {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = Argv;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of strings, one for each argument")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Argv, E> {
                let words: Vec<String> =
                    text.split_whitespace().map(|w| format!("{w:?}")).collect();
                Err(E::custom(format!(
                    "no shell splits this string; write the arguments as an array: [{}]",
                    words.join(", ")
                )))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Argv, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = seq.next_element()? {
                    words.push(word);
                }
                Ok(Argv(words))
            }
        }
        deserializer.deserialize_any(Words)
    }
}

/// A duration as people write it in a manifest: `"500ms"`, `"30s"`, `"2m"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
pub struct Seconds(pub Duration);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_duration(&text).map(Seconds).ok_or_else(|| {
            de::Error::custom(format!(
                "`{text}` is no duration; write \"500ms\", \"30s\" or \"2m\""
            ))
        })
    }
}

fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let millis = match text[digits..].trim() {
        "ms" => number,
        "s" => number.checked_mul(1_000)?,
        "m" => number.checked_mul(60_000)?,
        _ => return None,
    };
    (millis > 0).then(|| Duration::from_millis(millis))
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
                message: error.to_string().trim_end().to_owned(),
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
                    message,
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

/// The last folder of a POC's id without a leading `NN-`.
fn default_dest(id: &str) -> &str {
    let name = id.rsplit('/').next().unwrap_or(id);
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
                "no portable file name",
            ),
            (
                "[[step]]\nrun = []\ncapture = \"con\"",
                "no portable file name",
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
