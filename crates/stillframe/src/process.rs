//! Starts a process, reads what it prints within bounds, and ends it with its whole group; the only place that does so, and it never interprets the output.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter};
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use crate::{disk, print};

mod cancel;
mod life;
mod resolve;
mod signal;
mod spawn_error;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub(crate) use cancel::computing;
pub use cancel::{cancel_all, cancelled, end_all_on_interrupt};
pub use resolve::resolve;
pub use signal::signal_name;
pub use spawn_error::SpawnError;

#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
use windows as platform;

/// How often a program that is still being written by another process is tried again: 1, 2, 4 … 64 ms apart.
const BUSY_RETRIES: u32 = 7;

/// How long the last lines of a build may take after its end.
const LAST_LINES: Duration = Duration::from_millis(200);

/// One run of one program. Nothing is inherited: not the environment, not stdin, no open file, not the terminal.
#[derive(Debug, Clone)]
pub struct Invocation<'a> {
    /// The program, as an absolute path (see [`resolve`]).
    pub program: &'a Path,
    /// Its arguments.
    pub args: &'a [OsString],
    /// The folder it runs in.
    pub cwd: &'a Path,
    /// Its whole environment.
    pub env: &'a BTreeMap<OsString, OsString>,
    /// The file it reads as stdin; without one stdin is empty.
    pub stdin: Option<&'a Path>,
    /// How long it may run.
    pub timeout: Duration,
    /// How many bytes it may print, on each stream.
    pub output_limit: u64,
}

/// What one run printed and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What it printed on stdout, at most the limit.
    pub stdout: Vec<u8>,
    /// What it printed on stderr, at most the limit.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub end: End,
    /// From before the start until the end was known and the output read.
    pub elapsed: Duration,
    /// Something it started still held stdout or stderr 200 ms after its end.
    pub leaky: bool,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit code.
    Exited(i32),
    /// By a signal that was not ours.
    Signalled(i32),
    /// We ended it at its timeout.
    TimedOut,
    /// We ended it because it printed more than the limit on this stream.
    Flooded(Stream),
    /// We ended it, or never started it, because the run was interrupted.
    Cancelled,
}

/// One of the two output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Exited(code) => write!(f, "exit code {code}"),
            End::Signalled(signal) => write!(f, "ended by {}", signal_name(*signal)),
            End::TimedOut => f.write_str("it took too long and was ended"),
            End::Flooded(stream) => write!(f, "it printed too much to {stream} and was ended"),
            End::Cancelled => f.write_str("interrupted"),
        }
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        })
    }
}

/// What the platform's supervisor saw.
struct Observed {
    /// stdout and stderr.
    output: [Vec<u8>; 2],
    /// Why we ended the process, if we did.
    cause: Option<End>,
    /// See [`Outcome::leaky`].
    leaky: bool,
    /// The process has ended and can be reaped; false only for one that even a kill does not end (a dead network disk).
    reapable: bool,
}

/// The bounds the supervisor enforces.
#[derive(Clone, Copy)]
struct Bounds {
    deadline: Instant,
    output_limit: u64,
}

/// Run a program to its end and return everything it printed.
///
/// The child leads a session and a process group of its own, without a terminal. When it has exited, what is left of the
/// group is ended, after the 200 ms in which a straggler may still finish printing. On a timeout the group gets SIGTERM
/// and, 100 ms later, SIGKILL; a flood gets SIGKILL at once. On Windows a job object plays the part of the group and
/// ending is always immediate.
///
/// There is no parent-death signal: Linux ties it to the *thread* that forked, so a worker pool that shrinks would end
/// healthy children, and asking for it replaces the cheap `posix_spawn` by a fork of this whole process (measured: 0.5
/// against 17 seconds for a thousand runs from a parent of 500 MiB).
///
/// # Errors
///
/// [`SpawnError`] when the process could not be started. Everything that happens after the start is an [`Outcome`].
pub fn run(invocation: &Invocation<'_>) -> Result<Outcome, SpawnError> {
    supervise(invocation, Errors::Kept, Umask::Callers)
}

/// [`run`], but with a umask of 022 whatever the caller's is: what the program writes has the same permissions everywhere.
///
/// # Errors
///
/// As for [`run`].
pub fn run_sandboxed(invocation: &Invocation<'_>) -> Result<Outcome, SpawnError> {
    supervise(invocation, Errors::Kept, Umask::Usual)
}

/// [`run`], but each line that the program prints on stderr is shown on ours as it comes: for a build a person waits
/// for. The outcome's stderr is empty.
///
/// # Errors
///
/// As for [`run`].
pub fn run_with_stderr_shown(invocation: &Invocation<'_>) -> Result<Outcome, SpawnError> {
    let (lines, shown) = io::pipe().map_err(|error| SpawnError::other(invocation, error))?;
    let relay = std::thread::spawn(move || print::relay(lines));
    let outcome = supervise(invocation, Errors::Shown(shown), Umask::Callers);
    // Something the build left running, such as a compiler's server, may keep its stderr open for hours.
    let patience = Instant::now() + LAST_LINES;
    while !relay.is_finished() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(1));
    }
    outcome
}

/// What becomes of the child's stderr.
enum Errors {
    Kept,
    Shown(PipeWriter),
}

/// Which permissions the files of the child do not get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Umask {
    Callers,
    /// 022
    Usual,
}

fn supervise(
    invocation: &Invocation<'_>,
    errors: Errors,
    umask: Umask,
) -> Result<Outcome, SpawnError> {
    let started = Instant::now();
    let _live = cancel::Live::enter();
    if cancelled() {
        return Ok(Outcome::never_started());
    }
    let (child, pipes) = start(invocation, errors, umask)?;
    let bounds = Bounds {
        deadline: deadline(started, invocation.timeout),
        output_limit: invocation.output_limit,
    };
    let failed = |error| SpawnError::other(invocation, error);
    let observed = platform::supervise(&child, pipes, bounds).map_err(failed)?;
    let end = match (observed.cause, observed.reapable) {
        (Some(cause), false) => cause,
        (None, false) => End::TimedOut,
        (cause, true) => {
            // Reaping comes after the group's end: until then the group's number cannot be given to anybody else.
            let status = child.wait().map_err(failed)?;
            cause.unwrap_or_else(|| own_end(status))
        }
    };
    let [stdout, stderr] = observed.output;
    Ok(Outcome {
        stdout,
        stderr,
        end,
        elapsed: started.elapsed(),
        leaky: observed.leaky,
    })
}

impl Outcome {
    /// The run that a cancellation forestalled.
    fn never_started() -> Outcome {
        Outcome {
            stdout: Vec::new(),
            stderr: Vec::new(),
            end: End::Cancelled,
            elapsed: Duration::ZERO,
            leaky: false,
        }
    }
}

/// A timeout too long for the clock is a day short of forever.
fn deadline(started: Instant, timeout: Duration) -> Instant {
    const LONG: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    started + timeout.min(LONG)
}

/// The end of a process we did not end ourselves.
fn own_end(status: ExitStatus) -> End {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        if let Some(signal) = status.signal() {
            return End::Signalled(signal);
        }
    }
    // Without a signal there is a code; -1 is what the standard library itself would invent.
    End::Exited(status.code().unwrap_or(-1))
}

/// The three descriptors of a child, and the only ones it gets. Without a file stdin is empty.
struct Streams {
    stdin: Option<File>,
    stdout: PipeWriter,
    stderr: PipeWriter,
}

/// Start the child; the returned pipes are the reading ends of its stdout and stderr, and nobody here holds the others.
/// The one of a stderr that is shown is at its end from the start.
fn start(
    invocation: &Invocation<'_>,
    errors: Errors,
    umask: Umask,
) -> Result<(platform::Child, [PipeReader; 2]), SpawnError> {
    let failed = |error| SpawnError::other(invocation, error);
    refuse_unspeakable(invocation)?;
    let stdin = match invocation.stdin {
        Some(path) => {
            Some(disk::open_regular(path).map_err(|error| SpawnError::stdin(path, error))?)
        }
        None => None,
    };
    let _exclusive = pipes_leak_into_siblings();
    let (stdout, stdout_writer) = io::pipe().map_err(failed)?;
    let (stderr, stderr_writer) = io::pipe().map_err(failed)?;
    let streams = Streams {
        stdin,
        stdout: stdout_writer,
        stderr: match errors {
            Errors::Kept => stderr_writer,
            Errors::Shown(writer) => writer,
        },
    };
    let child = start_unless_busy(invocation, &streams, umask)
        .map_err(|error| SpawnError::diagnose(invocation, error))?;
    Ok((child, [stdout, stderr]))
}

/// A word that no system can hand to a program.
fn refuse_unspeakable(invocation: &Invocation<'_>) -> Result<(), SpawnError> {
    let holds_nul = |text: &OsStr| text.as_encoded_bytes().contains(&0);
    if let Some(argument) = invocation.args.iter().find(|word| holds_nul(word)) {
        return Err(SpawnError::nul(format!("the argument {argument:?}")));
    }
    let named = |(name, value): &(&OsString, &OsString)| holds_nul(name) || holds_nul(value);
    match invocation.env.iter().find(named) {
        Some((name, _)) => Err(SpawnError::nul(format!("the variable {name:?}"))),
        None => Ok(()),
    }
}

/// A program that was written a moment ago can still be open for writing in a child that another thread forked before
/// its exec; the kernel then says "text file busy" until that exec has happened.
fn start_unless_busy(
    invocation: &Invocation<'_>,
    streams: &Streams,
    umask: Umask,
) -> io::Result<platform::Child> {
    for attempt in 0..BUSY_RETRIES {
        match platform::spawn(invocation, streams, umask) {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(1 << attempt));
            }
            started => return started,
        }
    }
    platform::spawn(invocation, streams, umask)
}

/// Apple's systems cannot open a pipe that is closed on exec in one call, so a child of another thread could inherit
/// ours between the two: there, opening pipes and starting is one critical section.
fn pipes_leak_into_siblings() -> Option<std::sync::MutexGuard<'static, ()>> {
    static STARTING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    cfg!(target_vendor = "apple").then(|| {
        STARTING
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    })
}
