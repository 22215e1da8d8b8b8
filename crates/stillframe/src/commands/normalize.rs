//! `stillframe normalize`: the normaliser as a filter over files and stdin; it needs no project and writes no file.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use stillframe_core::config::Config;
use stillframe_core::normalize::{Change, FilterError, Format, Framing, Plan, Report, Scrub};
use stillframe_core::normalize::{Settings, filter};
use stillframe_core::rule::RuleError;
use stillframe_core::visible::visible;

use crate::disk;
use crate::exit_code::ExitCode;
use crate::print;
use crate::validate::arms;
use crate::workspace::Workspace;

/// What to normalise, and by which rules.
#[derive(Debug, Clone, Default)]
pub struct NormalizeArgs {
    /// The files, one after the other; stdin when there are none, or for `-`.
    pub files: Vec<PathBuf>,
    /// One document, or one a line; by the file's ending (`.ndjson`, `.jsonl`) when not set.
    pub framing: Option<Framing>,
    /// The `stillframe.toml` with the rules; found from the current folder upwards when not set,
    /// and the built-in lists apply where there is none.
    pub config: Option<PathBuf>,
    /// A JSON Schema whose `x-stillframe` annotations apply too.
    pub schema: Option<PathBuf>,
    /// Whether every change is named on stderr.
    pub explain: Explain,
}

/// Whether changes are named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Explain {
    /// Only the normalised text.
    #[default]
    No,
    /// One line for each changed place: where, what, which rule and why.
    Changes,
}

/// Normalises everything to `out`; findings and explanations go to `notes`.
///
/// # Errors
/// When an input cannot be read or an output not written.
pub fn normalize(
    args: &NormalizeArgs,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<ExitCode> {
    let rules = match rules(args)? {
        Ok(rules) => rules,
        Err(faults) => {
            for fault in faults {
                lines(notes, &format!("error: {fault}"))?;
            }
            return Ok(ExitCode::Setup);
        }
    };
    let stdin = [PathBuf::from("-")];
    let files = if args.files.is_empty() {
        &stdin[..]
    } else {
        &args.files[..]
    };
    let mut code = ExitCode::Fresh;
    for file in files {
        let mut reader = match open(file) {
            Ok(reader) => reader,
            Err(error) => {
                let file = shown(file);
                print::message(
                    notes,
                    &format!("error: opening {file}: {error}{}", advice(&error)),
                )?;
                code = ExitCode::Setup;
                continue;
            }
        };
        let plan = rules.plan_for(file);
        match one(args, &plan, file, &mut reader, out, notes) {
            Ok(report) => ambiguities(&plan, file, &report, notes)?,
            Err(FilterError::Io(error)) if error.kind() == ErrorKind::BrokenPipe => break,
            Err(FilterError::Json(error)) => {
                print::message(notes, &format!("error: {}: {error}", shown(file)))?;
                code = ExitCode::Broken;
            }
            Err(error) => {
                return Err(error).with_context(|| format!("normalising {}", shown(file)));
            }
        }
    }
    Ok(code)
}

/// What helps where the name is wrong; what else the system refuses has causes that are not known.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::IsADirectory => "; name a file, or - for stdin",
        _ => "",
    }
}

/// A message that is laid out in lines.
fn lines(notes: &mut dyn Write, text: &str) -> io::Result<()> {
    text.lines().try_for_each(|line| print::line(notes, line))
}

fn open(file: &Path) -> io::Result<Box<dyn Read>> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let open = File::open(file)?;
    if open.metadata()?.is_dir() {
        return Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder"));
    }
    Ok(Box::new(open))
}

/// One input.
fn one(
    args: &NormalizeArgs,
    plan: &Plan,
    file: &Path,
    reader: &mut dyn Read,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<Report, FilterError> {
    let framing = args.framing.unwrap_or_else(|| framing_of(file));
    let mut failed = None;
    let mut tell = |change: Change| {
        if let Err(error) = explain(plan, &change, notes) {
            failed.get_or_insert(error);
        }
    };
    let sink: Option<&mut dyn FnMut(Change)> = match args.explain {
        Explain::No => None,
        Explain::Changes => Some(&mut tell),
    };
    let report = filter(
        plan,
        &Scrub::default(),
        framing,
        reader,
        out,
        tempfile::tempfile,
        sink,
    )?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(report),
    }
}

/// `$.took_ms  12 → 0  (timing-suffixes: durations differ from run to run)`
fn explain(plan: &Plan, change: &Change, notes: &mut dyn Write) -> io::Result<()> {
    let rule = &plan.rules()[change.rule.0];
    let after = if change.after.is_empty() {
        "left out"
    } else {
        &change.after
    };
    let reason = if rule.reason.is_empty() {
        String::new()
    } else {
        format!(": {}", rule.reason)
    };
    let Change {
        location, before, ..
    } = change;
    print::line(
        notes,
        &format!("{location}  {before} → {after}  ({}{reason})", rule.name),
    )
}

fn ambiguities(plan: &Plan, file: &Path, report: &Report, notes: &mut dyn Write) -> Result<()> {
    for found in &report.ambiguities {
        let rule = &plan.rules()[found.rule.0].name;
        let (file, location, ties) = (shown(file), &found.location, found.ties);
        print::line(
            notes,
            &format!(
                "warning: {file}: {location} is sorted by `{rule}`, but {ties} of its elements differ in identities only and stay in the order of the input; give the rule's elements a field that tells them apart"
            ),
        )?;
    }
    Ok(())
}

fn framing_of(file: &Path) -> Framing {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("ndjson" | "jsonl") => Framing::Ndjson,
        _ => Framing::Json,
    }
}

fn shown(file: &Path) -> String {
    if file == Path::new("-") {
        "stdin".to_owned()
    } else {
        file.display().to_string()
    }
}

/// The name of the one schema of the inputs.
const SCHEMA: &str = "--schema";

/// What files are normalised by.
struct Rules {
    plan: Plan,
    /// Where fixtures lie, if there is a configuration.
    corpus: Option<PathBuf>,
}

impl Rules {
    /// The plan for a file. A fixture is known by its path below the corpus folder; in every other input, rules that are
    /// limited to some fixtures do not hold.
    fn plan_for(&self, file: &Path) -> Plan {
        let path = self.corpus.as_deref().and_then(|corpus| {
            let file = file.canonicalize().ok()?;
            let below = file.strip_prefix(corpus.canonicalize().ok()?).ok()?;
            let names = below.components().map(|name| name.as_os_str().to_str());
            Some(names.collect::<Option<Vec<&str>>>()?.join("/"))
        });
        match path {
            Some(path) => self.plan.for_fixture(&path),
            None => self.plan.clone(),
        }
    }
}

/// The plan of the configuration and the schema, or all that is wrong with them.
fn rules(args: &NormalizeArgs) -> Result<Result<Rules, Vec<String>>> {
    let text = |errors: Vec<RuleError>| {
        let shown = |error: &RuleError| visible(&error.to_string()).into_owned();
        errors.iter().map(shown).collect()
    };
    let Configured {
        settings,
        format,
        corpus,
    } = match configured(args)? {
        Ok(found) => found,
        Err(errors) => return Ok(Err(errors)),
    };
    let mut plan = Plan::compile(&settings, &format);
    if let (Ok(base), Some(path)) = (&plan, &args.schema) {
        let act = || format!("reading the schema {}", path.display());
        let file = io::BufReader::new(File::open(path).with_context(act)?);
        let schema = serde_json::from_reader(file).with_context(act)?;
        let annotated = base
            .clone()
            .with_annotations(SCHEMA, &schema, &arms(&schema));
        plan = annotated.map(|plan| plan.for_schema(Some(SCHEMA)));
    }
    Ok(plan.map(|plan| Rules { plan, corpus }).map_err(text))
}

/// What a configuration says of normalising.
#[derive(Default)]
struct Configured {
    settings: Settings,
    format: Format,
    /// The corpus folder.
    corpus: Option<PathBuf>,
}

fn configured(args: &NormalizeArgs) -> Result<Result<Configured, Vec<String>>> {
    let path = match &args.config {
        Some(path) => path.clone(),
        None => match Workspace::nearest(&std::env::current_dir().unwrap_or_default()) {
            Some(root) => root.join("stillframe.toml"),
            None => return Ok(Ok(Default::default())),
        },
    };
    let read = match args.config {
        // A person typed the path, so it may be a pipe.
        Some(_) => std::fs::read_to_string(&path),
        None => disk::read_regular_text(&path),
    };
    let text = read.with_context(|| format!("reading the configuration {}", path.display()))?;
    let file = path.display().to_string();
    let name = |error: String| format!("{}: {error}", visible(&file));
    Ok(Config::parse(&text)
        .map(|config| {
            let corpus = path.with_file_name(&config.paths.fixtures);
            Configured {
                settings: config.normalize,
                format: config.format,
                corpus: Some(corpus),
            }
        })
        .map_err(|errors| errors.into_iter().map(name).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exit code, the output and the notes for some files, the last of which are inputs.
    fn run(
        files: &[(&str, &str)],
        adapt: impl FnOnce(&mut NormalizeArgs),
    ) -> (ExitCode, String, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (name, text) in files {
            disk::scratch(&path(name), text.as_bytes()).unwrap();
        }
        let config = path("stillframe.toml");
        if !config.exists() {
            disk::scratch(&config, b"format-version = 1\n[target]\ncommand = 'x'\n").unwrap();
        }
        let inputs = files
            .iter()
            .filter(|file| file.0.contains("json") && !file.0.contains("schema"));
        let mut args = NormalizeArgs {
            files: inputs.map(|file| path(file.0)).collect(),
            config: Some(config),
            schema: Some(path("v.schema.json")).filter(|schema| schema.exists()),
            ..NormalizeArgs::default()
        };
        adapt(&mut args);
        let (mut out, mut notes) = (Vec::new(), Vec::new());
        let code = normalize(&args, &mut out, &mut notes).unwrap();
        let notes = String::from_utf8(notes).unwrap();
        let notes = terminal::strip_str(&notes).to_string();
        let folder = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
        (
            code,
            String::from_utf8(out).unwrap(),
            notes.replace(&folder, ""),
        )
    }

    #[test]
    fn the_ending_of_a_file_tells_its_framing() {
        let files = [
            ("a.json", "{\"a_ms\":1}"),
            ("b.ndjson", "{\"a_ms\":1}\n[ ]\n"),
        ];
        let (code, out, notes) = run(&files, |_| {});
        assert_eq!(out, "{\n  \"a_ms\": 0\n}\n{\"a_ms\":0}\n[]\n");
        assert_eq!((code, notes.as_str()), (ExitCode::Fresh, ""));
    }

    #[test]
    fn a_limited_rule_holds_for_the_fixtures_of_the_project_alone() {
        let config = "format-version = 1\n[target]\ncommand = 'x'\n[[normalize.rule]]\nname = 'n'\nmatch = { key = ['a'] }\nwithin = ['lint/*']\naction = 'zero'\n";
        let files = [
            ("stillframe.toml", config),
            ("fixtures_generated/lint/a.ndjson", "{\"a\":1}"),
            ("fixtures_generated/other/a.ndjson", "{\"a\":2}"),
            ("a.ndjson", "{\"a\":3}"),
        ];
        assert_eq!(run(&files, |_| {}).1, "{\"a\":0}\n{\"a\":2}\n{\"a\":3}\n");
    }

    #[test]
    fn explanations_name_place_rule_and_reason() {
        let config = "format-version = 1\n[target]\ncommand = 'x'\n[[normalize.rule]]\nname = 'run-id'\nmatch = { key = ['id'] }\naction = { identity = 'run-${n}' }\nreason = 'minted'\n";
        let files = [
            ("stillframe.toml", config),
            ("a.json", "{\"id\":\"q\",\"a_ms\":12}"),
        ];
        let (_, out, notes) = run(&files, |args| args.explain = Explain::Changes);
        assert_eq!(out, "{\n  \"id\": \"run-1\",\n  \"a_ms\": 0\n}\n");
        assert_eq!(
            notes,
            "$.a_ms  12 → 0  (timing-suffixes: durations differ from run to run)\n$.id  \"q\" → \"run-1\"  (run-id: minted)\n"
        );
    }

    #[test]
    fn a_schema_adds_its_annotations() {
        let schema = "{\"properties\":{\"a_ms\":{\"x-stillframe\":\"keep\"}}}";
        let files = [
            ("v.schema.json", schema),
            ("a.ndjson", "{\"a_ms\":12,\"b_ms\":12}"),
        ];
        assert_eq!(run(&files, |_| {}).1, "{\"a_ms\":12,\"b_ms\":0}\n");
    }

    #[test]
    fn malformed_input_breaks_and_the_next_file_is_still_read() {
        let files = [("a.ndjson", "{\"a\":1,\"a\":2}"), ("b.ndjson", "1")];
        let (code, out, notes) = run(&files, |_| {});
        assert_eq!((code, out.as_str()), (ExitCode::Broken, "1\n"));
        assert_eq!(
            notes,
            "error: a.ndjson: duplicate key \"a\" at line 1, column 8, in $[0].a; print each name of an object once\n"
        );
    }

    #[test]
    fn what_cannot_be_used_is_a_matter_of_setup() {
        let missing = run(&[], |args| {
            args.files = vec![PathBuf::from("no-such-file.json")];
        });
        assert_eq!(missing.0, ExitCode::Setup);
        assert!(
            missing.2.starts_with("error: opening no-such-file.json: "),
            "{}",
            missing.2
        );
        let config =
            "format-version = 1\n[target]\ncommand = 'x'\n[normalize]\ntimestamp = 'now'\n";
        let refused = run(&[("stillframe.toml", config), ("a.json", "1")], |_| {});
        assert_eq!((refused.0, refused.1.as_str()), (ExitCode::Setup, ""));
        assert_eq!(
            refused.2,
            "error: rule `timestamp`: \"now\" is no date-time; write it as 2000-01-01T00:00:00Z\n"
        );
    }
}
