//! Why a process could not be started, told apart as far as the operating system's one number and the file allow; nothing here is about how a process ended.

use super::invocation::Invocation;
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
    /// A word that ends in its middle for every program: strings end at NUL there.
    #[error("{what} holds the character NUL, which no program can be given")]
    Nul {
        /// Which word.
        what: String,
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
    /// What to do about it, a command where there is one; none where the cause is not known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
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
            SpawnError::Nul { .. } => {
                "take the NUL out of it (`\\u0000` in TOML and JSON)".to_owned()
            }
            // Who removed a folder, or why a file cannot be opened, is not known here.
            SpawnError::NoFolder { .. } | SpawnError::Stdin { .. } => return None,
            SpawnError::Other { source, .. } => return hint_of(source).map(str::to_owned),
        })
    }

    /// Whether it is the program that cannot be started, whoever starts it and however.
    pub(crate) fn concerns_the_program(&self) -> bool {
        matches!(
            self,
            SpawnError::NotOnPath { .. }
                | SpawnError::NotFound { .. }
                | SpawnError::IsFolder { .. }
                | SpawnError::NotExecutable { .. }
                | SpawnError::WrongFormat { .. }
        )
    }

    pub(super) fn not_executable(path: PathBuf) -> SpawnError {
        match disk::open_regular(&path) {
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
                SpawnError::IsFolder { path }
            }
            Err(source) if source.kind() == io::ErrorKind::InvalidInput => {
                SpawnError::Other { path, source }
            }
            _ => SpawnError::NotExecutable { path },
        }
    }

    pub(super) fn nul(what: String) -> SpawnError {
        SpawnError::Nul { what }
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
    /// interpreter with one and the same number; what the files themselves do not prove is left at what the system says.
    pub(super) fn diagnose(invocation: &Invocation<'_>, source: io::Error) -> SpawnError {
        let path = invocation.program.to_path_buf();
        if is_missing(invocation.cwd) {
            return SpawnError::NoFolder {
                path: invocation.cwd.to_path_buf(),
            };
        }
        match source.kind() {
            io::ErrorKind::NotFound if is_missing(&path) => SpawnError::NotFound { path },
            io::ErrorKind::NotFound => match missing_interpreter(&path) {
                Some(reason) => SpawnError::WrongFormat { path, reason },
                None => SpawnError::Other { path, source },
            },
            io::ErrorKind::PermissionDenied if !may_run(&path) => SpawnError::not_executable(path),
            _ if is_format_error(&source) => SpawnError::WrongFormat {
                reason: format_reason(&path),
                path,
            },
            _ => SpawnError::Other { path, source },
        }
    }
}

/// Whether there is nothing; what cannot be looked at may be there.
pub(super) fn is_missing(path: &Path) -> bool {
    path.metadata().is_err_and(|error| disk::is_absent(&error))
}

/// Whether the file's own permissions let somebody run it. With those, a refusal has another cause: the folder to run in, a
/// disk that is mounted without programs, a security module.
#[cfg(unix)]
fn may_run(program: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    program
        .metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn may_run(_program: &Path) -> bool {
    true
}

/// Advice where the system's number proves the cause.
fn hint_of(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::ArgumentListTooLong => {
            Some("pass less: the arguments and the environment exceed what this system allows")
        }
        io::ErrorKind::OutOfMemory => Some("run fewer processes at once (--jobs 1)"),
        _ => exhausted(error),
    }
}

/// Limits that fewer processes at once keep clear of.
#[cfg(unix)]
fn exhausted(error: &io::Error) -> Option<&'static str> {
    match error.raw_os_error() {
        Some(libc::EMFILE | libc::ENFILE) => Some(
            "run fewer processes at once (--jobs 1), or allow more open files (ulimit -n 4096)",
        ),
        Some(libc::EAGAIN) => {
            Some("run fewer processes at once (--jobs 1), or allow more of them (ulimit -u)")
        }
        _ => None,
    }
}

#[cfg(not(unix))]
fn exhausted(_error: &io::Error) -> Option<&'static str> {
    None
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
        return Some("the loader it names is missing; it was built for another system".to_owned());
    };
    let text = String::from_utf8_lossy(interpreter);
    let carriage_return = if text.ends_with("\r\n") {
        " (its lines end in CRLF)"
    } else {
        ""
    };
    let name = text.split_whitespace().next().unwrap_or_default();
    let whole = text.trim_start().split([' ', '\t', '\n']).next()?;
    is_missing(Path::new(whole))
        .then(|| format!("its interpreter `{name}` does not exist{carriage_return}"))
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
