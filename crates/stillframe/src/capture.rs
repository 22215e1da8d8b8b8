//! Running a POC's steps in a sandbox: the dirty part. It keeps what every step printed and judges only whether the step ended as it may.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;
use stillframe_core::normalize::Framing;
use stillframe_core::poc::{Action, Poc, Step, expand};
use stillframe_core::problem::{Kind, Problem};

use crate::disk;
use crate::document;
use crate::process::{self, End, Invocation, Outcome};
use crate::sandbox::Sandbox;
use crate::target::Target;
use crate::workspace::Workspace;

/// The lines of a child's stderr that a finding shows.
const STDERR_LINES: usize = 20;

/// What all POCs of a run share.
#[derive(Debug)]
pub struct Session<'a> {
    /// The project.
    pub workspace: &'a Workspace,
    /// The program under capture.
    pub target: &'a Target,
    /// Where raw outputs are kept.
    pub raw: PathBuf,
}

/// What a POC's steps printed.
#[derive(Debug, Default)]
pub struct PocRun {
    /// One output for each capture whose step ended as it may, in step order.
    pub outputs: Vec<Output>,
    /// What went wrong; the steps after a failed one were not run.
    pub problems: Vec<Problem>,
    /// Folders of the sandbox, and what stands for each in a fixture.
    pub scrub: Vec<(PathBuf, &'static str)>,
    /// Whether the run was interrupted from outside.
    pub cancelled: bool,
}

/// One captured stdout, as printed.
#[derive(Debug)]
pub struct Output {
    /// The step, counted from 1.
    pub step: usize,
    /// The exit code.
    pub exit: i32,
    /// The bytes of stdout.
    pub stdout: Vec<u8>,
    /// The end of stderr, for diagnosis.
    pub stderr: Vec<String>,
}

/// How a step ended, for the record in the work folder.
#[derive(Serialize)]
struct Record {
    step: usize,
    command: Vec<String>,
    end: String,
    elapsed_ms: f64,
    leaky: bool,
}

/// Runs every step of a POC in a fresh sandbox.
pub fn run(session: &Session<'_>, poc: &Poc) -> PocRun {
    let mut run = PocRun::default();
    let mut records = Vec::new();
    if let Err(error) = run_steps(session, poc, &mut run, &mut records) {
        run.problems.push(
            Problem::new(
                Kind::StepFailed,
                poc.id.clone(),
                "mend what it says and run again",
            )
            .at(&poc.id, None)
            .detail(format!("{error:#}")),
        );
    }
    run
}

/// Where a POC's raw outputs lie below the work folder.
pub fn raw_folder(raw: &Path, poc: &Poc) -> PathBuf {
    raw.join(&poc.id)
}

fn run_steps(
    session: &Session<'_>,
    poc: &Poc,
    run: &mut PocRun,
    records: &mut Vec<Record>,
) -> Result<()> {
    let raw = raw_folder(&session.raw, poc);
    disk::remove_folder(&raw)?;
    disk::create_folder(&raw)?;
    let sandbox = Sandbox::create(&session.workspace.poc_folder(poc))?;
    run.scrub = sandbox.scrub_pairs();
    let config = &session.workspace.config;
    let mut set = config.env.set.clone();
    set.extend(poc.env.clone());
    let env = sandbox.environment(&config.env.pass, &set);
    let mut variables = BTreeMap::new();
    for step in &poc.steps {
        let goes_on = run_step(
            session,
            poc,
            step,
            &sandbox,
            &env,
            &mut variables,
            run,
            records,
        )?;
        if !goes_on {
            break;
        }
    }
    let text = serde_json::to_vec_pretty(records)?;
    disk::scratch(&raw.join("steps.json"), &text)
}

/// Runs one step; says whether the next one may run.
#[expect(
    clippy::too_many_arguments,
    reason = "a step needs all that its POC has gathered so far"
)]
fn run_step(
    session: &Session<'_>,
    poc: &Poc,
    step: &Step,
    sandbox: &Sandbox,
    env: &BTreeMap<OsString, OsString>,
    variables: &mut BTreeMap<String, String>,
    run: &mut PocRun,
    records: &mut Vec<Record>,
) -> Result<bool> {
    let problem = |kind, fix: &str| {
        Problem::new(kind, subject(poc, step), fix).at(&poc.id, Some(step.number))
    };
    let words: Vec<String> = step
        .action
        .words()
        .iter()
        .map(|word| expand(word, variables))
        .collect();
    let (program, args) = match command(session, step, &words, sandbox, env) {
        Ok(command) => command,
        Err(error) => {
            run.problems
                .push(problem(Kind::StepFailed, &error.hint()).detail(error.to_string()));
            return Ok(false);
        }
    };
    let defaults = &session.workspace.config.defaults;
    let stdin = step.stdin.as_ref().map(|file| sandbox.root().join(file));
    let timeout = step.timeout.unwrap_or(defaults.timeout());
    let outcome = process::run(&Invocation {
        program: &program,
        args: &args,
        cwd: sandbox.root(),
        env,
        stdin: stdin.as_deref(),
        timeout,
        output_limit: defaults.output_limit(),
    });
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            run.problems
                .push(problem(Kind::StepFailed, &error.hint()).detail(error.to_string()));
            return Ok(false);
        }
    };
    keep(session, poc, step, &outcome)?;
    records.push(record(step, words, &outcome));
    if outcome.leaky {
        run.problems.push(
            problem(
                Kind::Leaky,
                "let the program end its children, or detach them from stdout and stderr",
            )
            .detail("a process that it started kept its output open after it had ended"),
        );
    }
    let exit = match judge(&outcome, step, timeout, defaults.output_limit()) {
        Ok(exit) => exit,
        Err(Failure::Cancelled) => {
            run.cancelled = true;
            return Ok(false);
        }
        Err(Failure::Because(reason, fix)) => {
            let mut failed = problem(Kind::StepFailed, &fix).detail(reason);
            failed.details.extend(stderr_tail(&outcome.stderr));
            run.problems.push(failed);
            return Ok(false);
        }
    };
    if let Err(found) = save(step, &outcome, variables) {
        run.problems.push(found.at(&poc.id, Some(step.number)));
        return Ok(false);
    }
    if step.capture.is_some() {
        run.outputs.push(Output {
            step: step.number,
            exit,
            stderr: stderr_tail(&outcome.stderr),
            stdout: outcome.stdout,
        });
    }
    Ok(true)
}

/// What a finding about a step is found in.
fn subject(poc: &Poc, step: &Step) -> String {
    match &step.capture {
        Some(capture) => capture.path.to_string(),
        None => format!("{}, step {}", poc.id, step.number),
    }
}

fn command(
    session: &Session<'_>,
    step: &Step,
    words: &[String],
    sandbox: &Sandbox,
    env: &BTreeMap<OsString, OsString>,
) -> Result<(PathBuf, Vec<OsString>), process::SpawnError> {
    Ok(match &step.action {
        Action::Run(_) => {
            let args = session
                .target
                .args
                .iter()
                .chain(words)
                .map(OsString::from)
                .collect();
            (session.target.program.clone(), args)
        }
        Action::Exec(_) => {
            let path = env.get(&OsString::from("PATH")).map(OsString::as_os_str);
            let program = process::resolve(&words[0], sandbox.root(), path)?;
            (program, words[1..].iter().map(OsString::from).collect())
        }
    })
}

enum Failure {
    Cancelled,
    Because(String, String),
}

/// The exit code of a step that ended as it may.
fn judge(outcome: &Outcome, step: &Step, timeout: Duration, limit: u64) -> Result<i32, Failure> {
    let because = |reason: String, fix: &str| Err(Failure::Because(reason, fix.to_owned()));
    match outcome.end {
        End::Exited(code) if step.exit.allows(code) => Ok(code),
        End::Exited(code) => Err(Failure::Because(
            format!("exit code {code}, expected {}", step.exit),
            format!("mend the step, or write `exit = [{code}]` if that is right"),
        )),
        End::Signalled(signal) => because(
            format!("ended by {}", process::signal_name(signal)),
            "mend the target; death by a signal is never an outcome",
        ),
        End::TimedOut => because(
            format!("took longer than {timeout:?} and was ended"),
            "mend the step, or give it a longer `timeout = \"…\"`",
        ),
        End::Flooded(stream) => because(
            format!(
                "printed more than {} MiB to {stream} and was ended",
                limit >> 20
            ),
            "print less, or raise [defaults] output-limit-mib in stillframe.toml",
        ),
        End::Cancelled => Err(Failure::Cancelled),
    }
}

fn save(
    step: &Step,
    outcome: &Outcome,
    variables: &mut BTreeMap<String, String>,
) -> Result<(), Problem> {
    if step.save.is_empty() {
        return Ok(());
    }
    let framing = step
        .capture
        .as_ref()
        .map_or(Framing::Json, |capture| capture.framing);
    let fault = |detail: String| {
        let subject = format!("step {}", step.number);
        Problem::new(
            Kind::SaveFailed,
            subject,
            "correct the path under `save` in poc.toml",
        )
        .detail(detail)
    };
    let document: Value = document::parse(framing, &outcome.stdout)
        .map_err(|error| fault(format!("`save` cannot read the output: {error}")))?;
    for (name, selector) in &step.save {
        let value = selector
            .save(&document)
            .map_err(|reason| fault(format!("`{name}`: {reason}")))?;
        variables.insert(name.clone(), value);
    }
    Ok(())
}

fn keep(session: &Session<'_>, poc: &Poc, step: &Step, outcome: &Outcome) -> Result<()> {
    let raw = raw_folder(&session.raw, poc);
    disk::scratch(
        &raw.join(format!("{:02}.stdout", step.number)),
        &outcome.stdout,
    )?;
    if !outcome.stderr.is_empty() {
        disk::scratch(
            &raw.join(format!("{:02}.stderr", step.number)),
            &outcome.stderr,
        )?;
    }
    Ok(())
}

fn record(step: &Step, command: Vec<String>, outcome: &Outcome) -> Record {
    Record {
        step: step.number,
        command,
        end: match outcome.end {
            End::Exited(code) => format!("exit {code}"),
            End::Signalled(signal) => process::signal_name(signal),
            End::TimedOut => "timeout".into(),
            End::Flooded(stream) => format!("flood on {stream}"),
            End::Cancelled => "cancelled".into(),
        },
        elapsed_ms: outcome.elapsed.as_secs_f64() * 1e3,
        leaky: outcome.leaky,
    }
}

/// The last lines of stderr, for a finding.
fn stderr_tail(stderr: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text.lines().collect();
    let skipped = lines.len().saturating_sub(STDERR_LINES);
    let mut tail = Vec::new();
    if skipped > 0 {
        tail.push(format!("stderr: … {skipped} more lines"));
    }
    tail.extend(
        lines[skipped..]
            .iter()
            .map(|line| format!("stderr: {line}")),
    );
    tail
}
