//! Paths that a step names in its sandbox: they stay in it, and a file is the step's output only if the step wrote it.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::disk;

/// A path below the sandbox that exists there; the error is the reason, as a lowercase fragment.
pub(super) fn inside(sandbox: &Path, written: &str) -> Result<PathBuf, String> {
    let path = sandbox.join(written);
    let real = path.canonicalize().map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("{written} does not exist"),
        _ => format!("{written}: {error}"),
    })?;
    let home = sandbox
        .canonicalize()
        .map_err(|error| format!("the sandbox: {error}"))?;
    if !real.starts_with(home) {
        return Err(format!("{written} leads out of the sandbox"));
    }
    Ok(path)
}

/// A file that a step is to write, and what it was before.
pub(super) struct Written {
    sandbox: PathBuf,
    name: String,
    before: Option<Stamp>,
}

/// Differs after every write, also after one that leaves the content as it was.
#[derive(PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    #[cfg(unix)]
    changed: (u64, i64, i64),
}

impl Stamp {
    fn of(meta: &Metadata) -> Stamp {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;
        Stamp {
            modified: meta.modified().ok(),
            length: meta.len(),
            #[cfg(unix)]
            changed: (meta.ino(), meta.ctime(), meta.ctime_nsec()),
        }
    }
}

impl Written {
    /// Takes note of a file before its step runs.
    pub(super) fn before(sandbox: &Path, name: &str) -> Written {
        Written {
            sandbox: sandbox.to_owned(),
            name: name.to_owned(),
            before: stamp(&sandbox.join(name)),
        }
    }

    /// What the step wrote, or why there is nothing to capture, with the fix.
    pub(super) fn read(self, limit: u64, cwd: Option<&str>) -> Result<Vec<u8>, (String, String)> {
        let name = &self.name;
        let correct = || "let the program write the file, or correct `file` in poc.toml".to_owned();
        let path = inside(&self.sandbox, name).map_err(|reason| {
            let reason = format!("the step has no output: {reason}");
            (reason, self.elsewhere(cwd).unwrap_or_else(correct))
        })?;
        if self.before.is_some() && stamp(&path) == self.before {
            let reason = format!("the step did not write {name}; it lay there before");
            return Err((reason, correct()));
        }
        let mut bytes = Vec::new();
        let read =
            disk::open_regular(&path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
        read.map_err(|error: io::Error| {
            (format!("{name} cannot be read: {error}"), String::new())
        })?;
        if bytes.len() as u64 > limit {
            let reason = format!("{name} is larger than {} MiB", limit >> 20);
            let fix = "write less, or raise [defaults] output-limit-mib in stillframe.toml";
            return Err((reason, fix.to_owned()));
        }
        Ok(bytes)
    }

    /// The edit for a path that was written from the step's own folder.
    fn elsewhere(&self, cwd: Option<&str>) -> Option<String> {
        let name = format!("{}/{}", cwd?, self.name);
        let there = inside(&self.sandbox, &name).is_ok();
        there.then(|| format!("write the path from the POC's folder: file = \"{name}\""))
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    fs::metadata(path).ok().map(|meta| Stamp::of(&meta))
}
