//! What is run and how it ended, without the running.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::PipeWriter;
use std::path::Path;
use std::time::{Duration, Instant};

use super::signal::signal_name;

/// One run of one program. Nothing is inherited: not the environment, not stdin, no open file, not the terminal.
#[derive(Debug, Clone)]
pub struct Invocation<'a> {
    /// The program, as an absolute path (see [`resolve`](super::resolve)).
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
pub(super) struct Observed {
    /// stdout and stderr.
    pub(super) output: [Vec<u8>; 2],
    /// Why we ended the process, if we did.
    pub(super) cause: Option<End>,
    /// See [`Outcome::leaky`].
    pub(super) leaky: bool,
    /// The process has ended and can be reaped; false only for one that even a kill does not end (a dead network disk).
    pub(super) reapable: bool,
}

/// The bounds the supervisor enforces.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) deadline: Instant,
    pub(super) output_limit: u64,
}

/// Which permissions the files of the child do not get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Umask {
    Callers,
    /// 022
    Usual,
}

/// The three descriptors of a child, and the only ones it gets. Without a file stdin is empty.
pub(super) struct Streams {
    pub(super) stdin: Option<File>,
    pub(super) stdout: PipeWriter,
    pub(super) stderr: PipeWriter,
}
