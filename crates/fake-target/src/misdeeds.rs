//! What a target should not do: malformed output, floods, hangs, and processes left behind; each crime is one small function.

use crate::documents::document;
use std::fs::File;
use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// How long a process that hangs or is left behind lives, unless told otherwise; nobody waits for it.
const LONG: f64 = 3600.0;

/// Do what `behaviour` names; false when it names nothing known.
pub fn commit(
    behaviour: &str,
    arguments: &[String],
    pid_file: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let first = arguments.first().map(String::as_str);
    match behaviour {
        "empty" => {}
        "nest" => nest(required(first)?, out)?,
        "flood" => flood(required(first)?, out)?,
        "flood-stderr" => flood(required(first)?, &mut io::stderr().lock())?,
        "hang" => sleep(seconds(first)?),
        "ignore-sigterm" => {
            unix::ignore_sigterm()?;
            sleep(seconds(first)?);
        }
        "grandchild-holds-pipe" => {
            leave_behind(
                &["hang", &seconds(first)?.as_secs_f64().to_string()],
                pid_file,
            )?;
            writeln!(out, "{}", document())?;
        }
        "grandchild-leaves-group" => {
            let seconds = seconds(first)?.as_secs_f64().to_string();
            let grandchild = leave_behind(&["leave-group", &seconds], pid_file)?;
            unix::wait_until_leader(grandchild)?;
            writeln!(out, "{}", document())?;
        }
        "grandchild-is-late" => {
            leave_behind(&["late"], pid_file)?;
        }
        "leave-group" => {
            unix::lead_session()?;
            sleep(seconds(first)?);
        }
        "late" => {
            sleep(Duration::from_millis(5));
            writeln!(out, "{}", document())?;
        }
        "kill-self" => unix::raise(required(first)?)?,
        _ => return malformed(behaviour, out),
    }
    Ok(true)
}

/// Print something that is almost JSON.
fn malformed(behaviour: &str, out: &mut dyn Write) -> io::Result<bool> {
    let document = document();
    match behaviour {
        "log-before-json" => writeln!(out, "INFO starting up\n{document}")?,
        "log-after-json" => writeln!(out, "{document}\nINFO done")?,
        "nan" => writeln!(out, r#"{{"command": "nan", "ratio": NaN}}"#)?,
        "duplicate-keys" => writeln!(out, r#"{{"outer": {{"twice": 1, "tw\u0069ce": 2}}}}"#)?,
        "invalid-utf8" => out.write_all(b"{\"name\": \"\xff\xfe\"}\n")?,
        "bom" => writeln!(out, "\u{feff}{document}")?,
        "lone-surrogate" => writeln!(out, r#"{{"name": "\ud800"}}"#)?,
        "truncated" => write!(out, "{}", &document[..document.len() / 2])?,
        "garbage" => {
            let bytes: Vec<u8> = (0..=255).rev().collect();
            out.write_all(&bytes)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn nest(depth: usize, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&b"[".repeat(depth))?;
    out.write_all(&b"]".repeat(depth))?;
    writeln!(out)
}

/// Print so many bytes of a JSON string that never ends.
fn flood(bytes: u64, out: &mut dyn Write) -> io::Result<()> {
    let chunk = [b'x'; 64 * 1024];
    let mut left = bytes;
    if left > 0 {
        out.write_all(b"\"")?;
        left -= 1;
    }
    while left > 0 {
        let now = left.min(chunk.len() as u64);
        out.write_all(&chunk[..usize::try_from(now).unwrap_or(chunk.len())])?;
        left -= now;
    }
    out.flush()
}

/// Start this program again and do not wait for it; it inherits the pipes.
fn leave_behind(arguments: &[&str], pid_file: Option<&str>) -> io::Result<u32> {
    let child = Command::new(std::env::current_exe()?)
        .args(arguments)
        .stdin(Stdio::null())
        .spawn()?;
    if let Some(path) = pid_file {
        note_pid(path, child.id())?;
    }
    Ok(child.id())
}

/// Append a process id to a file, one a line.
pub fn note_pid(path: &str, pid: u32) -> io::Result<()> {
    writeln!(
        File::options().create(true).append(true).open(path)?,
        "{pid}"
    )
}

fn required<T: std::str::FromStr>(argument: Option<&str>) -> io::Result<T> {
    crate::number(argument.ok_or_else(|| crate::usage("the behaviour needs a number"))?)
}

fn seconds(argument: Option<&str>) -> io::Result<Duration> {
    let seconds = argument.map_or(Ok(LONG), crate::number)?;
    Duration::try_from_secs_f64(seconds).map_err(io::Error::other)
}

#[cfg(unix)]
#[expect(
    unsafe_code,
    reason = "signals and sessions are system calls; each passes plain numbers"
)]
mod unix {
    use super::{Duration, io, sleep};

    pub fn ignore_sigterm() -> io::Result<()> {
        // SAFETY: ignoring a signal installs no handler.
        let before = unsafe { libc::signal(libc::SIGTERM, libc::SIG_IGN) };
        checked((before != libc::SIG_ERR).into())
    }

    /// The runtime handles some signals (a segmentation fault may be a stack overflow), so the default comes back first.
    pub fn raise(signal: i32) -> io::Result<()> {
        // SAFETY: both take plain numbers and can at worst end this process, which is what they are for.
        let raised = unsafe {
            libc::signal(signal, libc::SIG_DFL);
            libc::raise(signal)
        };
        checked((raised == 0).into())
    }

    pub fn lead_session() -> io::Result<()> {
        // SAFETY: takes nothing.
        checked(unsafe { libc::setsid() })
    }

    /// Wait until a process leads a session of its own, so that nothing depends on who is faster.
    pub fn wait_until_leader(pid: u32) -> io::Result<()> {
        let pid = i32::try_from(pid).map_err(io::Error::other)?;
        // SAFETY: takes a number and only asks.
        while unsafe { libc::getsid(pid) } != pid {
            sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Positive is success.
    fn checked(result: i32) -> io::Result<()> {
        if result > 0 {
            return Ok(());
        }
        Err(io::Error::last_os_error())
    }
}

#[cfg(not(unix))]
mod unix {
    use super::io;

    fn unsupported() -> io::Error {
        io::Error::from(io::ErrorKind::Unsupported)
    }

    pub fn ignore_sigterm() -> io::Result<()> {
        Err(unsupported())
    }

    pub fn raise(_signal: i32) -> io::Result<()> {
        Err(unsupported())
    }

    pub fn lead_session() -> io::Result<()> {
        Err(unsupported())
    }

    pub fn wait_until_leader(_pid: u32) -> io::Result<()> {
        Err(unsupported())
    }
}
