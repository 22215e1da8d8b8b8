//! `stillframe normalize`: the normaliser as a filter over files and stdin; it needs no project and writes no file.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use stillframe_core::config::Config;
use stillframe_core::normalize::{Change, FilterError, Format, Framing, Plan, Report, Scrub};
use stillframe_core::normalize::{Settings, filter};
use stillframe_core::rule::RuleError;

use crate::exit_code::ExitCode;
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
    let plan = match plan(args)? {
        Ok(plan) => plan,
        Err(faults) => {
            for fault in faults {
                writeln!(notes, "error: {fault}")?;
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
        match one(args, &plan, file, out, notes) {
            Ok(report) => ambiguities(&plan, file, &report, notes)?,
            Err(FilterError::Io(error)) if error.kind() == ErrorKind::BrokenPipe => break,
            Err(FilterError::Json(error)) => {
                writeln!(notes, "error: {}: {error}", shown(file))?;
                code = ExitCode::Broken;
            }
            Err(error) => {
                return Err(error).with_context(|| format!("normalising {}", shown(file)));
            }
        }
    }
    Ok(code)
}

/// One input.
fn one(
    args: &NormalizeArgs,
    plan: &Plan,
    file: &Path,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<Report, FilterError> {
    let reader: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file)?)
    };
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
    writeln!(
        notes,
        "{location}  {before} → {after}  ({}{reason})",
        rule.name
    )
}

fn ambiguities(plan: &Plan, file: &Path, report: &Report, notes: &mut dyn Write) -> Result<()> {
    for found in &report.ambiguities {
        let rule = &plan.rules()[found.rule.0].name;
        let (file, location, ties) = (shown(file), &found.location, found.ties);
        writeln!(
            notes,
            "warning: {file}: {location} is sorted by `{rule}`, but {ties} of its elements differ in identities only and stay in the order of the input; give the rule's elements a field that tells them apart"
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

/// The plan of the configuration and the schema, or all that is wrong with them.
fn plan(args: &NormalizeArgs) -> Result<Result<Plan, Vec<String>>> {
    let text = |errors: Vec<RuleError>| errors.iter().map(ToString::to_string).collect();
    let (settings, format) = match settings(args)? {
        Ok(found) => found,
        Err(errors) => return Ok(Err(errors)),
    };
    let mut plan = Plan::compile(&settings, &format);
    if let (Ok(base), Some(path)) = (&plan, &args.schema) {
        let act = || format!("reading the schema {}", path.display());
        let schema =
            serde_json::from_reader(io::BufReader::new(File::open(path).with_context(act)?));
        plan = base.with_annotations(&schema.with_context(act)?);
    }
    Ok(plan.map_err(text))
}

fn settings(args: &NormalizeArgs) -> Result<Result<(Settings, Format), Vec<String>>> {
    let path = match &args.config {
        Some(path) => path.clone(),
        None => match Workspace::find(&std::env::current_dir().unwrap_or_default()) {
            Ok(root) => root.join("stillframe.toml"),
            Err(_) => return Ok(Ok(Default::default())),
        },
    };
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("reading the configuration {}", path.display()))?;
    let name = |error: String| format!("{}: {error}", path.display());
    Ok(Config::parse(&text)
        .map(|config| (config.normalize, config.format))
        .map_err(|errors| errors.into_iter().map(name).collect()))
}
