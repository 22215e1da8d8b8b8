//! The programs under capture: built first, then found; never stale ones, and nothing is run from them here.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use stillframe_core::config::{self, CargoBinary, Source};
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::variable;

use crate::process::{self, End, Invocation, Outcome, SpawnError};
use crate::workspace::Workspace;

/// A build is ended by Ctrl-C, not by us.
const LONGEST_BUILD: Duration = Duration::from_secs(24 * 60 * 60);
/// Far above what cargo prints for a large workspace.
const BUILD_OUTPUT_LIMIT: u64 = 1 << 30;

/// A target that is ready to run.
#[derive(Debug)]
pub struct Target {
    /// Its absolute path.
    pub program: PathBuf,
    /// What stands before the arguments of every run.
    pub args: Vec<String>,
}

/// The targets of a project, by the name that steps give them; that of `[target]` has none.
#[derive(Debug, Default)]
pub struct Targets(BTreeMap<Option<String>, Target>);

impl Targets {
    /// The target of that name.
    pub fn get(&self, name: Option<&str>) -> Option<&Target> {
        self.0.get(&name.map(str::to_owned))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Target> {
        self.0.values()
    }
}

/// Builds the targets where there is something to build, and finds them. A build that several of them name is run once.
pub fn prepare(workspace: &Workspace) -> Result<Targets, Problem> {
    let mut targets = Targets::default();
    let mut built: BTreeSet<&[String]> = BTreeSet::new();
    for (name, config) in workspace.config.programs() {
        let table = config::table(name);
        let program = match config.source() {
            Source::Cargo(binary) => build_with_cargo(&workspace.root, binary)?,
            Source::Command { program, build } => {
                if built.insert(build) {
                    run_build(&workspace.root, build, &table)?;
                }
                find(&workspace.root, program, &table)?
            }
        };
        let args = config.args.iter();
        let args = args.map(|word| variable::expand(word, &workspace.values));
        let target = Target {
            program,
            args: args.collect(),
        };
        targets.0.insert(name.map(str::to_owned), target);
    }
    Ok(targets)
}

fn find(root: &Path, program: &str, table: &str) -> Result<PathBuf, Problem> {
    let path = std::env::var_os("PATH");
    process::resolve(program, root, path.as_deref()).map_err(|error| {
        let correct = format!("correct {table} command in stillframe.toml");
        let fix = match error.hint() {
            Some(hint) => format!("{hint}; or {correct}"),
            None => correct,
        };
        Problem::new(Kind::Prerequisite, program, fix).detail(format!("the target: {error}"))
    })
}

fn run_build(root: &Path, build: &[String], table: &str) -> Result<(), Problem> {
    let Some((program, args)) = build.split_first() else {
        return Ok(());
    };
    let failed = |detail: String| {
        Problem::new(
            Kind::Prerequisite,
            build.join(" "),
            format!("make the build pass, or correct {table} build in stillframe.toml"),
        )
        .detail(detail)
    };
    let path = std::env::var_os("PATH");
    let program = process::resolve(program, root, path.as_deref())
        .map_err(|error| failed(error.to_string()))?;
    let outcome = run_shown(root, &program, args).map_err(|error| failed(error.to_string()))?;
    match outcome.end {
        End::Exited(0) => Ok(()),
        end => Err(failed(format!(
            "the build of the target failed: {end}; its messages stand above"
        ))
        .lines(String::from_utf8_lossy(&outcome.stdout))),
    }
}

/// Runs a build that a person waits for: its messages are shown as they come, its stdout is kept.
fn run_shown(root: &Path, program: &Path, args: &[String]) -> Result<Outcome, SpawnError> {
    let args: Vec<OsString> = args.iter().map(OsString::from).collect();
    process::run_with_stderr_shown(&Invocation {
        program,
        args: &args,
        cwd: root,
        env: &inherited_environment(),
        stdin: None,
        timeout: LONGEST_BUILD,
        output_limit: BUILD_OUTPUT_LIMIT,
    })
}

/// One of cargo's JSON messages, as far as it is of interest.
#[derive(Deserialize)]
struct Message {
    reason: String,
    target: Option<MessageTarget>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct MessageTarget {
    name: String,
    kind: Vec<String>,
}

fn build_with_cargo(root: &Path, binary: &CargoBinary) -> Result<PathBuf, Problem> {
    let name = binary.bin.as_deref().unwrap_or(&binary.package);
    let mut args = vec!["build".to_owned()];
    for package in std::iter::once(&binary.package).chain(&binary.with) {
        args.extend(["--package".to_owned(), package.clone()]);
    }
    args.extend(["--bin".to_owned(), name.to_owned()]);
    if !binary.features.is_empty() {
        args.extend(["--features".to_owned(), binary.features.join(",")]);
    }
    let again = format!("run `cargo {}` and fix what it reports", args.join(" "));
    let failed =
        |detail: String| Problem::new(Kind::Prerequisite, name, again.clone()).detail(detail);
    args.extend(["--message-format", "json-render-diagnostics"].map(str::to_owned));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let path = std::env::var_os("PATH");
    let cargo = process::resolve(&cargo.to_string_lossy(), root, path.as_deref())
        .map_err(|error| failed(error.to_string()))?;
    let outcome = run_shown(root, &cargo, &args).map_err(|error| failed(error.to_string()))?;
    if outcome.end != End::Exited(0) {
        return Err(failed(format!(
            "the target does not build: {}; cargo's messages stand above",
            outcome.end
        )));
    }
    executable(&outcome.stdout, name).ok_or_else(|| {
        failed(format!(
            "cargo built no binary `{name}` of package `{}`",
            binary.package
        ))
    })
}

fn executable(messages: &[u8], name: &str) -> Option<PathBuf> {
    messages
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .filter(|message| {
            message.target.as_ref().is_some_and(|target| {
                target.name == name && target.kind.iter().any(|kind| kind == "bin")
            })
        })
        .find_map(|message| message.executable)
}

/// The caller's whole environment, for builds and verifiers.
pub(crate) fn inherited_environment() -> BTreeMap<OsString, OsString> {
    std::env::vars_os()
        .map(|(name, value)| match name.to_str() {
            Some("MAKEFLAGS" | "CARGO_MAKEFLAGS") => (name, without_job_server(value)),
            _ => (name, value),
        })
        .collect()
}

/// The flags of a `make` above us without its job server, where that is a pair of open files: no child gets those. Without
/// it, a bare `-j` would mean any number of jobs.
fn without_job_server(flags: OsString) -> OsString {
    let Some(text) = flags.to_str() else {
        return flags;
    };
    let is_by_files = |word: &str| {
        ["--jobserver-auth=", "--jobserver-fds="]
            .into_iter()
            .filter_map(|flag| word.strip_prefix(flag))
            .any(|server| !server.starts_with("fifo:"))
    };
    if !text.split(' ').any(is_by_files) {
        return flags;
    }
    let kept = text
        .split(' ')
        .filter(|word| !is_by_files(word) && *word != "-j");
    kept.collect::<Vec<_>>().join(" ").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_server_that_no_child_can_reach_is_not_named_to_it() {
        for (flags, kept) in [
            ("", ""),
            ("-k -j8", "-k -j8"),
            ("-k -j8 --jobserver-auth=3,4", "-k -j8"),
            ("-k -j --jobserver-fds=3,4 --jobserver-auth=3,4", "-k"),
            (
                "-j --jobserver-auth=fifo:/tmp/f",
                "-j --jobserver-auth=fifo:/tmp/f",
            ),
        ] {
            assert_eq!(without_job_server(flags.into()), OsString::from(kept));
        }
    }

    #[test]
    fn the_binary_is_taken_from_cargos_own_messages() {
        let messages = br#"{"reason":"compiler-artifact","target":{"name":"tool","kind":["lib"]},"executable":null}
{"reason":"compiler-artifact","target":{"name":"tool","kind":["bin"]},"executable":"/t/debug/tool"}
{"reason":"build-finished","success":true}
"#;
        assert_eq!(
            executable(messages, "tool"),
            Some(PathBuf::from("/t/debug/tool"))
        );
        assert_eq!(executable(messages, "other"), None);
    }
}
