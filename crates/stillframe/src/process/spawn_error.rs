//! Why a process could not be started, told apart as far as the operating system's one number and the file allow; nothing here is about how a process ended.

use super::Invocation;
use crate::disk;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// A process that never was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// A name without a slash that no folder on PATH has.
    #[error("program `{program}` is not on PATH")]
    NotOnPath {
        /// The name.
        program: String,
    },
    /// No file at the program's path.
    #[error("there is no program at {}", path.display())]
    NotFound {
        /// Where it should be.
        path: PathBuf,
    },
    /// The program's path is a folder.
    #[error("{} is a folder, not a program", path.display())]
    IsFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The file is there and may not be executed.
    #[error("{} is not executable", path.display())]
    NotExecutable {
        /// The file.
        path: PathBuf,
    },
    /// The file is executable, but the system cannot make sense of it.
    #[error("{} cannot run here: {reason}", path.display())]
    WrongFormat {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The folder to run in is not there.
    #[error("there is no folder {} to run in", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The file for stdin cannot be opened.
    #[error("cannot open {} as stdin: {source}", path.display())]
    Stdin {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Anything else: no memory, no process or file descriptor left, arguments too long.
    #[error("cannot start {}: {source}", path.display())]
    Other {
        /// The program.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl SpawnError {
    /// What to do about it: a command where there is one.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            SpawnError::NotOnPath { program } => {
                format!("install `{program}`, or write its path with a slash (`./{program}`)")
            }
            SpawnError::NotFound { path } => {
                format!("build {} first, or correct its path", path.display())
            }
            SpawnError::IsFolder { path } => {
                format!("name a program inside {}", path.display())
            }
            SpawnError::NotExecutable { path } => format!("chmod +x {}", path.display()),
            SpawnError::WrongFormat { path, .. } => format!("file {}", path.display()),
            SpawnError::NoFolder { path } => format!("mkdir -p {}", path.display()),
            SpawnError::Stdin { path, .. } => format!("ls -l {}", path.display()),
            SpawnError::Other { .. } => {
                "run again with fewer processes at once (--jobs 1)".to_owned()
            }
        }
    }

    pub(super) fn not_executable(path: PathBuf) -> SpawnError {
        if path.is_dir() {
            SpawnError::IsFolder { path }
        } else {
            SpawnError::NotExecutable { path }
        }
    }

    pub(super) fn stdin(path: &Path, source: io::Error) -> SpawnError {
        SpawnError::Stdin {
            path: path.to_path_buf(),
            source,
        }
    }

    pub(super) fn other(invocation: &Invocation<'_>, source: io::Error) -> SpawnError {
        SpawnError::Other {
            path: invocation.program.to_path_buf(),
            source,
        }
    }

    /// Find out what a failed start meant. The system reports a missing working folder, a missing program and a missing
    /// interpreter with one and the same number.
    pub(super) fn diagnose(invocation: &Invocation<'_>, source: io::Error) -> SpawnError {
        let path = invocation.program.to_path_buf();
        if !invocation.cwd.is_dir() {
            return SpawnError::NoFolder {
                path: invocation.cwd.to_path_buf(),
            };
        }
        match source.kind() {
            io::ErrorKind::NotFound => match missing_interpreter(&path) {
                Some(reason) => SpawnError::WrongFormat { path, reason },
                None => SpawnError::NotFound { path },
            },
            io::ErrorKind::PermissionDenied => SpawnError::not_executable(path),
            _ if is_format_error(&source) => SpawnError::WrongFormat {
                reason: format_reason(&path),
                path,
            },
            _ => SpawnError::Other { path, source },
        }
    }
}

/// The program exists, yet the system found nothing: what it names as its interpreter is missing.
fn missing_interpreter(program: &Path) -> Option<String> {
    let file = disk::open_regular(program).ok()?;
    let mut line = Vec::new();
    // The kernel reads no more of the line either.
    BufReader::new(file.take(256))
        .read_until(b'\n', &mut line)
        .ok()?;
    let Some(interpreter) = line.strip_prefix(b"#!") else {
        return Some(
            "its loader or a library it names is missing; it was built for another system"
                .to_owned(),
        );
    };
    let text = String::from_utf8_lossy(interpreter);
    let carriage_return = if text.ends_with("\r\n") {
        " (its lines end in CRLF)"
    } else {
        ""
    };
    let name = text.split_whitespace().next().unwrap_or_default();
    Some(format!(
        "its interpreter `{name}` does not exist{carriage_return}"
    ))
}

/// ENOEXEC on every Unix; `ERROR_BAD_EXE_FORMAT` on Windows.
fn is_format_error(error: &io::Error) -> bool {
    let format_error = if cfg!(windows) { 193 } else { 8 };
    error.raw_os_error() == Some(format_error)
}

/// Why the system does not know the format of an executable file.
fn format_reason(program: &Path) -> String {
    let mut magic = [0; 4];
    let read = disk::open_regular(program).and_then(|mut file| file.read(&mut magic));
    let reason = match (read, &magic) {
        (Ok(0), _) => "it is empty",
        (_, b"\x7fELF" | b"MZ\x90\0" | b"\xcf\xfa\xed\xfe" | b"\xca\xfe\xba\xbe") => {
            "it was built for another machine; build it for this one"
        }
        (_, [b'#', b'!', ..]) => "the system rejects its `#!` line",
        _ => "it is neither a binary for this machine nor a script with a `#!` line",
    };
    reason.to_owned()
}
