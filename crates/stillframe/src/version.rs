//! What version each target is of, by its own words: recorded with what is published, and never judged.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use stillframe_core::config::{Config, Source, Target as Table};
use stillframe_core::variable;

use crate::capture::Session;
use crate::process::{self, End, Invocation};
use crate::progress::Progress;
use crate::sandbox::Sandbox;
use crate::target::Target;

/// No program needs longer to print its version.
const LONGEST: Duration = Duration::from_secs(60);
const OUTPUT_LIMIT: u64 = 1 << 20;
/// A longer line is not a version.
const MOST_CHARACTERS: usize = 200;

/// The first line with a digit that each target prints when it is asked for its version, where the configuration has it asked.
pub fn of_targets(session: &Session<'_>, progress: &Progress) -> BTreeMap<String, String> {
    let mut versions = BTreeMap::new();
    for (name, table) in session.workspace.config.programs() {
        let (Some(words), Some(target)) = (&table.version, session.targets.get(name)) else {
            continue;
        };
        let name = recorded_as(name, table);
        match ask(session, target, words) {
            Ok(version) => {
                versions.insert(name, version);
            }
            Err(reason) => progress.line(&format!("no version of {name} is recorded: {reason}")),
        }
    }
    versions
}

/// The names under which a lock may record versions.
pub(crate) fn names(config: &Config) -> BTreeSet<String> {
    let asked = config
        .programs()
        .filter(|(_, table)| table.version.is_some());
    asked
        .map(|(name, table)| recorded_as(name, table))
        .collect()
}

fn recorded_as(name: Option<&str>, table: &Table) -> String {
    name.map_or_else(|| program_name(table), str::to_owned)
}

/// What the program of `[target]` is called.
fn program_name(table: &Table) -> String {
    match table.source() {
        Source::Cargo(binary) => binary.bin.as_ref().unwrap_or(&binary.package).clone(),
        Source::Command { program, .. } => {
            let name = Path::new(program).file_name();
            name.map_or_else(
                || program.to_owned(),
                |name| name.to_string_lossy().into_owned(),
            )
        }
    }
}

fn ask(session: &Session<'_>, target: &Target, words: &[String]) -> Result<String, String> {
    let sandbox = Sandbox::empty().map_err(|error| format!("{error:#}"))?;
    let values = &session.workspace.values;
    let words = words.iter().map(|word| variable::expand(word, values));
    let args = target.args.iter().cloned().chain(words);
    let outcome = process::run_sandboxed(&Invocation {
        program: &target.program,
        args: &args.map(OsString::from).collect::<Vec<_>>(),
        cwd: sandbox.root(),
        env: &session.workspace.environment(&sandbox, &BTreeMap::new()),
        stdin: None,
        timeout: LONGEST,
        output_limit: OUTPUT_LIMIT,
    })
    .map_err(|error| error.to_string())?;
    if outcome.end != End::Exited(0) {
        return Err(format!("{}", outcome.end));
    }
    // Some programs print it to stderr.
    let texts = [&outcome.stdout, &outcome.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    let lines = texts.iter().flat_map(|text| text.lines()).map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    // Some begin with their name alone.
    let numbered = |line: &&&str| line.contains(|letter: char| letter.is_ascii_digit());
    let line = lines.iter().find(numbered).or(lines.first());
    let line = line.ok_or("it prints nothing")?;
    Ok(line.chars().take(MOST_CHARACTERS).collect())
}
