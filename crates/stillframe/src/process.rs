//! Starts a process, reads what it prints within bounds, and ends it with its whole group; the only place that does so, and it never interprets the output.

use std::ffi::{OsStr, OsString};
use std::io::{self, PipeReader, PipeWriter};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use crate::{disk, print};

mod cancel;
mod flag;
mod invocation;
mod life;
mod resolve;
mod signal;
mod spawn_error;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub(crate) use cancel::computing;
pub use cancel::end_all_on_interrupt;
pub use flag::{cancel_all, cancelled};
use invocation::{Bounds, Streams, Umask};
pub use invocation::{End, Invocation, Outcome, Stream};
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
