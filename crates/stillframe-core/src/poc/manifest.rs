//! `poc.toml` as written, before anything in it is understood.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde_json::Value;

use super::schema_choice::SchemaChoice;
use crate::toml_value::TomlValue;
use crate::word::{self, Word};

/// A `poc.toml` as written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "poc.toml")]
pub struct Manifest {
    /// What the POC shows, in a sentence.
    pub(super) summary: String,
    /// The folder below the corpus folder; by default the POC's folder name without a leading `NN-`, `.` for the corpus folder itself.
    pub(super) dest: Option<String>,
    /// A folder below that of `stillframe.toml` which is laid down before the POC's own files.
    pub(super) base: Option<String>,
    /// Added to the environment of every step; `${root}` is the folder of `stillframe.toml`, `${env.NAME}` a variable of the caller.
    #[serde(default, deserialize_with = "word::variables")]
    pub(super) env: BTreeMap<String, String>,
    /// The steps, in the order in which they run.
    #[serde(default, rename = "step")]
    pub(super) steps: Vec<StepManifest>,
}

/// One `[[step]]` as written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct StepManifest {
    /// Any program with its arguments; must exit 0 unless `exit` says otherwise.
    pub(super) exec: Option<Argv>,
    /// The target's arguments; must exit 0 unless `exit` says otherwise or the step is a capture.
    pub(super) run: Option<Argv>,
    /// The target of `run`: one of `[targets]`; by default the one of `[target]`.
    pub(super) target: Option<String>,
    /// The folder of the sandbox to run in; by default the sandbox itself.
    #[serde(default, deserialize_with = "word::optional")]
    pub(super) cwd: Option<String>,
    /// The fixture's name: the output becomes `<dest>/<name>.json`.
    pub(super) capture: Option<String>,
    /// The schema's name, or `false` where the output has none; by default what a `[[bind]]` says, else what the output's
    /// `command` field names.
    pub(super) schema: Option<SchemaChoice>,
    /// The exit codes that are not a failure.
    pub(super) exit: Option<Vec<i32>>,
    /// What stdout holds; it is the output where neither `stderr` nor `file` is.
    pub(super) stdout: Option<Lines>,
    /// What stderr holds: it is the output instead of stdout.
    pub(super) stderr: Option<Lines>,
    /// The file below the sandbox that is the output instead of stdout; NDJSON where its name ends with `.ndjson` or `.jsonl`.
    #[serde(default, deserialize_with = "word::optional")]
    pub(super) file: Option<String>,
    /// Such as `"30s"`.
    pub(super) timeout: Option<Seconds>,
    /// A file of the POC, or with `${root}/` one of the repository, read as standard input.
    #[serde(default, deserialize_with = "word::optional")]
    pub(super) stdin: Option<String>,
    /// Variables for later steps: a name and a JSONPath into the raw output.
    #[serde(default)]
    pub(super) save: BTreeMap<String, String>,
    /// JSONPaths that must find something that is not empty. An empty list says that empty is right.
    pub(super) nonempty: Option<Vec<String>>,
    /// JSONPaths and the one value each must find in the normalised output.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Value>")]
    pub(super) expect: BTreeMap<String, TomlValue>,
}

/// What an output holds.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Lines {
    /// One JSON document.
    Json,
    /// One compact JSON document a line.
    Ndjson,
}

/// Words of a command line; a string is refused with the array it should be.
#[derive(Debug, JsonSchema)]
#[schemars(transparent)]
pub(super) struct Argv(pub(super) Vec<String>);

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
                while let Some(Word(word)) = seq.next_element()? {
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
                "`{text}` is not a duration; write \"500ms\", \"30s\" or \"2m\""
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
