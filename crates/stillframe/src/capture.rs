//! Running a POC's steps in a sandbox: the dirty part. It keeps what every step printed and judges only whether the step ended as it may.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;
use stillframe_core::json;
use stillframe_core::normalize::Framing;
use stillframe_core::poc::{Action, Poc, Step, expand};
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::visible::layout;

use crate::disk;
use crate::machine;
use crate::process::{self, End, Invocation, Outcome, SpawnError};
use crate::progress::Progress;
use crate::sandbox::{Cleaner, Sandbox};
use crate::target::Target;
use crate::work::WorkFolder;
use crate::workspace::Workspace;

/// The lines of a child's output that a finding shows, from its end.
const TAIL_LINES: usize = 20;
/// No more than this is looked at for them.
const TAIL_BYTES: usize = 8 << 10;

/// What all POCs of a run share.
#[derive(Debug)]
pub struct Session<'a> {
    /// The project.
    pub workspace: &'a Workspace,
    /// The program under capture.
    pub target: &'a Target,
    /// Where raw outputs are kept.
    pub work: &'a WorkFolder,
    /// Where it is shown which steps run, if anywhere.
    pub progress: Option<&'a Progress>,
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
    /// Other places of this machine, and what stands for each.
    pub surroundings: Vec<(PathBuf, &'static str)>,
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

/// Runs every step of a POC in a fresh sandbox, which the cleaner removes.
pub fn run(session: &Session<'_>, poc: &Poc, cleaner: &Cleaner) -> PocRun {
    run_steps(session, poc, cleaner).unwrap_or_else(|error| PocRun {
        problems: vec![
            // Whatever the system refused; the message names the act and the path, and the cause is not known.
            Problem::new(Kind::StepFailed, poc.id.clone(), "")
                .at(&poc.id, None)
                .detail(format!("{error:#}")),
        ],
        ..PocRun::default()
    })
}

/// Where a POC's steps run.
struct Playground<'a> {
    session: &'a Session<'a>,
    poc: &'a Poc,
    sandbox: &'a Sandbox,
    env: BTreeMap<OsString, OsString>,
    /// Below the work folder.
    raw: PathBuf,
}

/// What the steps so far have left.
#[derive(Default)]
struct SoFar {
    run: PocRun,
    variables: BTreeMap<String, String>,
    records: Vec<Record>,
}

/// Whether the next step may run.
#[derive(PartialEq, Eq)]
enum Next {
    Step,
    Nothing,
}

fn run_steps(session: &Session<'_>, poc: &Poc, cleaner: &Cleaner) -> Result<PocRun> {
    let raw = Path::new("raw").join(&poc.id);
    let folder = session.work.at(&raw)?;
    disk::remove_folder(&folder)?;
    disk::create_folder(&folder)?;
    let workspace = session.workspace;
    let sandbox = Sandbox::create(&workspace.poc_folder(poc), &workspace.ignored)?;
    let mut set = workspace.config.env.set.clone();
    set.extend(poc.env.clone());
    let playground = Playground {
        session,
        poc,
        env: sandbox.environment(&workspace.config.env.pass, &set),
        sandbox: &sandbox,
        raw,
    };
    let mut so_far = SoFar::default();
    so_far.run.scrub = sandbox.scrub_pairs();
    so_far.run.surroundings = machine::places(&workspace.root, &[&session.target.program]);
    for step in &poc.steps {
        if run_step(&playground, step, &mut so_far)? == Next::Nothing {
            break;
        }
    }
    let records = serde_json::to_vec_pretty(&so_far.records)?;
    playground.write("steps.json", &records)?;
    cleaner.remove(sandbox);
    Ok(so_far.run)
}

fn run_step(playground: &Playground<'_>, step: &Step, so_far: &mut SoFar) -> Result<Next> {
    if let Some(progress) = playground.session.progress {
        progress.step_begins(&playground.poc.id, step.number);
    }
    let words: Vec<String> = step
        .action
        .words()
        .iter()
        .map(|word| expand(word, &so_far.variables))
        .collect();
    let outcome = match start(playground, step, &words) {
        Ok(outcome) => outcome,
        Err(problem) => {
            so_far.run.problems.push(problem);
            return Ok(Next::Nothing);
        }
    };
    keep(playground, step, &outcome)?;
    so_far.records.push(record(step, words, &outcome));
    if outcome.leaky {
        so_far.run.problems.push(
            playground
                .problem(
                    Kind::Leaky,
                    step,
                    "let the program end its children, or detach them from stdout and stderr",
                )
                .detail("a process that it started kept its output open after it had ended"),
        );
    }
    let ended = playground
        .judge(step, &outcome)
        .and_then(|exit| save(step, &outcome, &mut so_far.variables).map(|()| exit));
    match ended {
        Ok(exit) if step.capture.is_some() => so_far.run.outputs.push(Output {
            step: step.number,
            exit,
            stderr: stderr_tail(&outcome.stderr),
            stdout: outcome.stdout,
        }),
        Ok(_) => {}
        Err(Failure::Cancelled) => {
            so_far.run.cancelled = true;
            return Ok(Next::Nothing);
        }
        Err(Failure::Because { kind, reason, fix }) => {
            let mut problem = playground.problem(kind, step, &fix).detail(reason);
            problem.details.extend(stderr_tail(&outcome.stderr));
            if step.capture.is_none() {
                problem.details.extend(tail("stdout", &outcome.stdout));
            }
            so_far.run.problems.push(problem);
            return Ok(Next::Nothing);
        }
    }
    Ok(Next::Step)
}

/// Starts the step's program and waits for its end; a program that cannot be started is a finding.
fn start(playground: &Playground<'_>, step: &Step, words: &[String]) -> Result<Outcome, Problem> {
    let defaults = &playground.session.workspace.config.defaults;
    let root = playground.sandbox.root();
    let (program, args) =
        command(playground, step, words).map_err(|error| playground.not_started(step, &error))?;
    let stdin = step.stdin.as_ref().map(|file| root.join(file));
    process::run(&Invocation {
        program: &program,
        args: &args,
        cwd: root,
        env: &playground.env,
        stdin: stdin.as_deref(),
        timeout: step.timeout.unwrap_or(defaults.timeout()),
        output_limit: defaults.output_limit(),
    })
    .map_err(|error| match &step.action {
        // Not this step's fault: no step can run it.
        Action::Run(_) if error.concerns_the_program() => Problem::new(
            Kind::Prerequisite,
            program.display().to_string(),
            error.hint().unwrap_or_default(),
        )
        .detail(format!("the target: {error}")),
        _ => playground.not_started(step, &error),
    })
}

fn command(
    playground: &Playground<'_>,
    step: &Step,
    words: &[String],
) -> Result<(PathBuf, Vec<OsString>), SpawnError> {
    let target = playground.session.target;
    Ok(match &step.action {
        Action::Run(_) => {
            let args = target
                .args
                .iter()
                .chain(words)
                .map(OsString::from)
                .collect();
            (target.program.clone(), args)
        }
        Action::Exec(_) => {
            let path = playground
                .env
                .get(&OsString::from("PATH"))
                .map(OsString::as_os_str);
            let program = process::resolve(&words[0], playground.sandbox.root(), path)?;
            (program, words[1..].iter().map(OsString::from).collect())
        }
    })
}

enum Failure {
    Cancelled,
    Because {
        kind: Kind,
        reason: String,
        fix: String,
    },
}

impl Playground<'_> {
    /// Keeps a raw output in the work folder.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.session.work.at(self.raw.join(name))?;
        disk::scratch(&path, bytes)
    }

    /// A finding about a step.
    fn problem(&self, kind: Kind, step: &Step, fix: &str) -> Problem {
        let subject = match &step.capture {
            Some(capture) => capture.path.to_string(),
            None => format!("{}, step {}", self.poc.id, step.number),
        };
        Problem::new(kind, subject, fix).at(&self.poc.id, Some(step.number))
    }

    /// A finding about a step whose program could not be started.
    fn not_started(&self, step: &Step, error: &SpawnError) -> Problem {
        self.problem(Kind::StepFailed, step, &error.hint().unwrap_or_default())
            .detail(error.to_string())
    }

    /// The exit code of a step that ended as it may.
    fn judge(&self, step: &Step, outcome: &Outcome) -> Result<i32, Failure> {
        let defaults = &self.session.workspace.config.defaults;
        let because = |reason: String, fix: &str| {
            Err(Failure::Because {
                kind: Kind::StepFailed,
                reason,
                fix: fix.to_owned(),
            })
        };
        match outcome.end {
            End::Exited(code) if step.exit.allows(code) => Ok(code),
            End::Exited(code) => because(
                format!("exit code {code}, expected {}", step.exit),
                &format!("mend the step, or write `exit = [{code}]` if that is right"),
            ),
            End::Signalled(signal) => because(
                format!("ended by {}", process::signal_name(signal)),
                "mend the target; death by a signal is never an outcome",
            ),
            End::TimedOut => because(
                format!(
                    "took longer than {:?} and was ended",
                    step.timeout.unwrap_or(defaults.timeout())
                ),
                "mend the step, or give it a longer `timeout = \"…\"`",
            ),
            End::Flooded(stream) => because(
                format!(
                    "printed more than {} MiB to {stream} and was ended",
                    defaults.output_limit() >> 20
                ),
                "print less, or raise [defaults] output-limit-mib in stillframe.toml",
            ),
            End::Cancelled => Err(Failure::Cancelled),
        }
    }
}

fn save(
    step: &Step,
    outcome: &Outcome,
    variables: &mut BTreeMap<String, String>,
) -> Result<(), Failure> {
    if step.save.is_empty() {
        return Ok(());
    }
    let framing = step
        .capture
        .as_ref()
        .map_or(Framing::Json, |capture| capture.framing);
    let fault = |reason: String| Failure::Because {
        kind: Kind::SaveFailed,
        reason,
        fix: "correct the path under `save` in poc.toml".to_owned(),
    };
    let document = json::parse(framing, &outcome.stdout)
        .map_err(|error| fault(format!("`save` cannot read the output: {error}")))?;
    for (name, selector) in &step.save {
        let value = selector
            .save(&document)
            .map_err(|reason| fault(format!("`{name}`: {reason}")))?;
        variables.insert(name.clone(), value);
    }
    Ok(())
}

fn keep(playground: &Playground<'_>, step: &Step, outcome: &Outcome) -> Result<()> {
    playground.write(&format!("{:02}.stdout", step.number), &outcome.stdout)?;
    if !outcome.stderr.is_empty() {
        playground.write(&format!("{:02}.stderr", step.number), &outcome.stderr)?;
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
    tail("stderr", stderr)
}

fn tail(stream: &str, bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(TAIL_BYTES)..]);
    let lines: Vec<&str> = text.lines().collect();
    let skipped = lines.len().saturating_sub(TAIL_LINES);
    let mut tail = Vec::new();
    if skipped > 0 || bytes.len() > TAIL_BYTES {
        tail.push(format!("{stream}: …"));
    }
    tail.extend(
        lines[skipped..]
            .iter()
            .map(|line| format!("{stream}: {}", layout(line))),
    );
    tail
}
