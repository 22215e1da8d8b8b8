//! Running a POC's steps in a sandbox: the dirty part. It keeps what every step printed and judges only whether the step ended as it may.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;
use stillframe_core::json;
use stillframe_core::poc::{Action, Channel, Poc, Seed, Step};
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::variable::{self, expand};
use stillframe_core::visible::layout;

use crate::disk;
use crate::machine;
use crate::process::{self, End, Invocation, Outcome, SpawnError};
use crate::progress::Progress;
pub use crate::sandbox::Look;
use crate::sandbox::{Cleaner, Sandbox};
use crate::target::Targets;
use crate::work::WorkFolder;
use crate::workspace::Workspace;

mod files;

use files::Written;

/// The lines of a child's output that a finding shows, from its end.
const TAIL_LINES: usize = 20;
/// No more than this is looked at for them.
const TAIL_BYTES: usize = 8 << 10;

/// How each step ended, beside the raw outputs.
const RECORDS: &str = "steps.json";

/// What all POCs of a run share.
#[derive(Debug)]
pub struct Session<'a> {
    /// The project.
    pub workspace: &'a Workspace,
    /// The programs under capture.
    pub targets: &'a Targets,
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

/// One captured output, as printed.
#[derive(Debug)]
pub struct Output {
    /// The step, counted from 1.
    pub step: usize,
    /// The exit code.
    pub exit: i32,
    /// What stdout, stderr or a file held.
    pub bytes: Vec<u8>,
    /// The end of stderr, for diagnosis; empty where it is the output.
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
pub fn run(session: &Session<'_>, poc: &Poc, look: Look, cleaner: &Cleaner) -> PocRun {
    run_steps(session, poc, look, cleaner).unwrap_or_else(|error| PocRun {
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
    /// What was written there.
    written: RefCell<BTreeSet<String>>,
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

fn run_steps(session: &Session<'_>, poc: &Poc, look: Look, cleaner: &Cleaner) -> Result<PocRun> {
    let raw = Path::new(look.raw()).join(&poc.id);
    let folder = session.work.at(&raw)?;
    // What cannot be written over: folders and links.
    disk::keep_only(&folder, &raw_names(poc))?;
    disk::create_folder(&folder)?;
    let workspace = session.workspace;
    let sandbox = Sandbox::layered(look, &workspace.layers(poc), &workspace.ignored)?;
    let playground = Playground {
        session,
        poc,
        env: workspace.environment(&sandbox, &poc.env),
        sandbox: &sandbox,
        raw,
        written: RefCell::default(),
    };
    let mut so_far = SoFar::default();
    let root = workspace.values.get(variable::ROOT).cloned();
    so_far
        .variables
        .extend(root.map(|root| (variable::ROOT.to_owned(), root)));
    so_far.run.scrub = sandbox.scrub_pairs();
    let programs: Vec<&Path> = session
        .targets
        .iter()
        .map(|target| target.program.as_path())
        .collect();
    so_far.run.surroundings = machine::places(&workspace.root, &programs);
    for step in &poc.steps {
        if run_step(&playground, step, &mut so_far)? == Next::Nothing {
            break;
        }
    }
    let records = serde_json::to_vec_pretty(&so_far.records)?;
    playground.write(RECORDS, &records)?;
    // What the last run left and this one did not write.
    disk::keep_only(
        &session.work.at(&playground.raw)?,
        &playground.written.take(),
    )?;
    cleaner.remove(sandbox);
    Ok(so_far.run)
}

/// The files that the steps of a POC may leave below the work folder.
fn raw_names(poc: &Poc) -> BTreeSet<String> {
    let of_step = |step: &Step| {
        let number = step.number;
        ["stdout", "stderr", "file"].map(|ending| format!("{number:02}.{ending}"))
    };
    let outputs = poc.steps.iter().flat_map(of_step);
    outputs.chain([RECORDS.to_owned()]).collect()
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
    let sandbox = playground.sandbox.root();
    let written = match &step.channel {
        Channel::File(file) => Some(Written::before(sandbox, &expand(file, &so_far.variables))),
        Channel::Stdout | Channel::Stderr => None,
    };
    let started = playground
        .folder(step, &so_far.variables)
        .and_then(|folder| start(playground, step, &words, &folder));
    let mut outcome = match started {
        Ok(outcome) => outcome,
        Err(problem) => {
            so_far.run.problems.push(problem);
            return Ok(Next::Nothing);
        }
    };
    keep(playground, step, &outcome)?;
    so_far.records.push(record(step, words.clone(), &outcome));
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
    let ended = playground.judge(step, &outcome).and_then(|exit| {
        let file = playground.written(step, written)?;
        let output = match step.channel {
            Channel::Stdout => &outcome.stdout,
            Channel::Stderr => &outcome.stderr,
            Channel::File(_) => &file,
        };
        save(step, output, &mut so_far.variables)?;
        Ok((exit, file))
    });
    match ended {
        Ok((exit, file)) if step.capture.is_some() => {
            let bytes = match step.channel {
                Channel::Stdout => std::mem::take(&mut outcome.stdout),
                Channel::Stderr => std::mem::take(&mut outcome.stderr),
                Channel::File(_) => {
                    playground.write(&format!("{:02}.file", step.number), &file)?;
                    file
                }
            };
            so_far.run.outputs.push(Output {
                step: step.number,
                exit,
                bytes,
                stderr: diagnosis(playground, step, &words, &outcome),
            });
        }
        Ok(_) => {}
        Err(Failure::Cancelled) => {
            so_far.run.cancelled = true;
            return Ok(Next::Nothing);
        }
        Err(Failure::Because { kind, reason, fix }) => {
            let mut problem = playground.problem(kind, step, &fix).detail(reason);
            problem
                .details
                .extend(diagnosis(playground, step, &words, &outcome));
            problem.details.extend(tail("stdout", &outcome.stdout));
            problem.details.extend(playground.kept(step, &outcome));
            so_far.run.problems.push(problem);
            return Ok(Next::Nothing);
        }
    }
    Ok(Next::Step)
}

/// The end of stderr, and what else may be the cause of a failure.
fn diagnosis(
    playground: &Playground<'_>,
    step: &Step,
    words: &[String],
    outcome: &Outcome,
) -> Vec<String> {
    let mut lines = tail("stderr", &outcome.stderr);
    if outcome.end != End::Exited(0) {
        lines.extend(home_is_empty(playground, step, words));
    }
    lines
}

/// What rustup, pyenv, nvm and their like choose lies in the user's home, as does the rest of it; a step does not see that.
fn home_is_empty(playground: &Playground<'_>, step: &Step, words: &[String]) -> Option<String> {
    let sandbox = playground.sandbox;
    let seen = playground.env.get(&OsString::from("HOME"))?;
    let (program, _) = command(playground, step, words, sandbox.root()).ok()?;
    let home = std::env::home_dir()?;
    let is_installed = program.starts_with(&home)
        && !program.starts_with(&playground.session.workspace.root)
        && !program.starts_with(sandbox.root());
    (is_installed && Path::new(seen) == sandbox.home()).then(|| {
        format!(
            "{} lies in your home, and the HOME of a step is empty: if it looks for more of itself there, say where under [env] set, as in RUSTUP_HOME = \"${{env.HOME}}/.rustup\"",
            program.display()
        )
    })
}

/// Starts the step's program and waits for its end; a program that cannot be started is a finding.
fn start(
    playground: &Playground<'_>,
    step: &Step,
    words: &[String],
    folder: &Path,
) -> Result<Outcome, Problem> {
    let workspace = playground.session.workspace;
    let defaults = &workspace.config.defaults;
    let (program, args) = command(playground, step, words, folder)
        .map_err(|error| playground.not_started(step, &error))?;
    let stdin = step.stdin.as_ref().map(|seed| match seed {
        Seed::Poc(file) => playground.sandbox.root().join(file),
        Seed::Root(file) => workspace.root.join(file),
    });
    process::run_sandboxed(&Invocation {
        program: &program,
        args: &args,
        cwd: folder,
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
    folder: &Path,
) -> Result<(PathBuf, Vec<OsString>), SpawnError> {
    Ok(match &step.action {
        Action::Run(_) => {
            let name = step.target.as_deref();
            let target = playground.session.targets.get(name);
            let target = target.expect("a step without a target is refused when it is loaded");
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
            let program = process::resolve(&words[0], folder, path)?;
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
        self.written.borrow_mut().insert(name.to_owned());
        disk::scratch(&path, bytes)
    }

    /// The folder that a step is started in.
    fn folder(
        &self,
        step: &Step,
        variables: &BTreeMap<String, String>,
    ) -> Result<PathBuf, Problem> {
        let root = self.sandbox.root();
        let Some(written) = &step.cwd else {
            return Ok(root.to_owned());
        };
        let written = expand(written, variables);
        let reason = match files::inside(root, &written) {
            Ok(folder) if folder.is_dir() => return Ok(folder),
            Ok(_) => format!("{written} is not a folder"),
            Err(reason) => reason,
        };
        let fix = "correct `cwd`, or let an earlier step create it; git keeps no empty folder";
        let problem = self.problem(Kind::StepFailed, step, fix);
        Err(problem.detail(format!("the step cannot run in `cwd`: {reason}")))
    }

    /// What the step wrote into its file; nothing where its output is a stream.
    fn written(&self, step: &Step, written: Option<Written>) -> Result<Vec<u8>, Failure> {
        let Some(written) = written else {
            return Ok(Vec::new());
        };
        let limit = self.session.workspace.config.defaults.output_limit();
        let read = written.read(limit, step.cwd.as_deref());
        read.map_err(|(reason, fix)| Failure::Because {
            kind: Kind::StepFailed,
            reason,
            fix,
        })
    }

    /// Where the whole of what a step printed lies, as a line of detail.
    fn kept(&self, step: &Step, outcome: &Outcome) -> Option<String> {
        let workspace = self.session.workspace;
        let folder = self.session.work.path().join(&self.raw);
        let root = workspace.root.canonicalize();
        let below = root
            .ok()
            .and_then(|root| folder.strip_prefix(root).ok().map(disk::slashed));
        let folder = below.unwrap_or_else(|| folder.display().to_string());
        let streams = [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)];
        let files: Vec<String> = streams
            .iter()
            .filter(|(_, bytes)| !bytes.is_empty())
            .map(|(stream, _)| format!("{folder}/{:02}.{stream}", step.number))
            .collect();
        (!files.is_empty()).then(|| format!("all it printed: {}", files.join(", ")))
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
        // A path of the sandbox, which is gone by then, helps nobody.
        let inner = |path: &Path| {
            let inner = path.strip_prefix(self.sandbox.root()).ok();
            inner.map(disk::slashed)
        };
        let told = match error {
            SpawnError::NotFound { path } => inner(path).map(|program| {
                (
                    format!("there is no program {program} in the POC when the step runs"),
                    format!("add {program} to the POC, let an earlier step make it, or correct `exec`"),
                )
            }),
            SpawnError::NotExecutable { path } => inner(path).map(|program| {
                (
                    format!("{program} is not executable when the step runs"),
                    format!("chmod +x it in the POC, or in an earlier step: exec = [\"chmod\", \"+x\", \"{program}\"]"),
                )
            }),
            _ => None,
        };
        let (error, fix) =
            told.unwrap_or_else(|| (error.to_string(), error.hint().unwrap_or_default()));
        self.problem(Kind::StepFailed, step, &fix).detail(error)
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
                &format!("fix the step, or write `exit = [{code}]` if that is right"),
            ),
            End::Signalled(signal) => because(
                format!("ended by {}", process::signal_name(signal)),
                "fix the target; death by a signal is never an outcome",
            ),
            End::TimedOut => because(
                format!(
                    "took longer than {:?} and was ended",
                    step.timeout.unwrap_or(defaults.timeout())
                ),
                "fix the step, or give it a longer `timeout = \"…\"`",
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
    output: &[u8],
    variables: &mut BTreeMap<String, String>,
) -> Result<(), Failure> {
    if step.save.is_empty() {
        return Ok(());
    }
    let fault = |reason: String| Failure::Because {
        kind: Kind::SaveFailed,
        reason,
        fix: "correct the path under `save` in poc.toml".to_owned(),
    };
    let document = json::parse(step.framing, output)
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

/// The last lines of a stream, for a finding.
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
