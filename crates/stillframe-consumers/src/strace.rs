//! Which files each test asks the system for, seen by `strace` around a run of that test alone.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, Result, bail};
use regex::bytes::Regex;
use stillframe::disk;
use stillframe::process::End;

use crate::name::TestName;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::runner::{Runner, RunnerReport};
use crate::suite::{Order, RunError, Selection, Watch};

/// Observes tests by their system calls.
#[derive(Debug)]
pub struct Strace {
    _checked: (),
}

impl Strace {
    /// Looks whether reading a file, asking for one that is not there, and listing a folder are seen.
    ///
    /// # Errors
    ///
    /// When one of them is not.
    pub fn checked(place: &Place) -> Result<Strace> {
        let folder = place.scratch.join("strace");
        let canary = folder.join("a \"canary\",\n");
        disk::scratch(&canary, b"x")?;
        let script = "cat \"$1\" && cd \"$2\" && ls . && ! test -e none";
        let mut command: Vec<OsString> = ["sh", "-c", script, "sh"].map(OsString::from).into();
        command.extend([canary.clone().into(), folder.clone().into()]);
        let log = place.scratch.join("strace.log");
        let outcome = traced(place, &log)
            .run(&command)
            .map_err(|error| match error {
                RunError::Failed(error) => error,
                RunError::Interrupted => anyhow::anyhow!("interrupted"),
            });
        let outcome = outcome.context(
            "[observe] files = \"strace\" needs the program strace; install it, or remove the line",
        )?;
        if outcome.end != End::Exited(0) {
            bail!(
                "strace does not work here, so that [observe] files = \"strace\" cannot be believed; remove the line: {}",
                String::from_utf8_lossy(&outcome.stderr).trim()
            );
        }
        let seen = paths(&read(&log)?, &place.cwd);
        for expected in [canary, folder.clone(), folder.join("none")] {
            if !seen.contains(&expected) {
                bail!(
                    "strace does not show that {} was asked for, so that [observe] files = \"strace\" cannot be believed; remove the line",
                    expected.display()
                );
            }
        }
        Ok(Strace { _checked: () })
    }

    /// Runs each test alone that passed, and returns what it asked for. One that does not pass alone is left out: what it
    /// would ask for is not known then.
    ///
    /// # Errors
    ///
    /// When nothing can be concluded from a run.
    pub fn opened(
        &self,
        runner: &mut dyn Runner,
        place: &Place,
        report: &RunnerReport,
    ) -> Result<BTreeMap<TestName, BTreeSet<PathBuf>>, RunError> {
        let mut opened = BTreeMap::new();
        let log = place.scratch.join("strace.log");
        let passed = report.outcomes.iter();
        for (test, _) in passed.filter(|(_, outcome)| **outcome == Outcome::Passed) {
            disk::remove_file(&log)?;
            let alone = Selection::Only(BTreeSet::from([test.clone()]));
            let traced = traced(place, &log);
            let seen = runner.run(&traced, &alone, Order::Given, Watch::No)?;
            if seen.outcomes.get(test) == Some(&Outcome::Passed) {
                opened.insert(test.clone(), paths(&read(&log)?, &place.cwd));
            }
        }
        Ok(opened)
    }
}

/// The same place, in which every command is traced.
fn traced(place: &Place, log: &Path) -> Place {
    let mut traced = place.clone();
    let words = ["strace", "-f", "--seccomp-bpf", "-y", "-A", "-e"];
    let words = words.into_iter().chain(["trace=%file,getdents64", "-o"]);
    traced.wrapper.extend(words.map(OsString::from));
    traced.wrapper.extend([log.into(), "--".into()]);
    traced
}

fn read(log: &Path) -> Result<Vec<u8>> {
    fs::read(log).with_context(|| format!("reading {}", log.display()))
}

/// Every path that a log names. One that is relative to an unknown folder counts for each that any process was in: too
/// many paths only cost time.
pub fn paths(log: &[u8], cwd: &Path) -> BTreeSet<PathBuf> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?s-u)(?:<((?:[^<>\\\n]|\\.)+)>(?:, )?)?"((?:[^"\\\n]|\\.)*)"|<((?:[^<>\\\n]|\\.)+)>"#)
            .expect("the pattern is a constant")
    });
    static FOLDER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?s-u)AT_FDCWD<((?:[^<>\\\n]|\\.)+)>|chdir\("((?:[^"\\\n]|\\.)*)""#)
            .expect("the pattern is a constant")
    });
    let mut folders = BTreeSet::from([cwd.to_owned()]);
    for found in FOLDER.captures_iter(log) {
        let path = found.get(1).or(found.get(2)).map(|path| path.as_bytes());
        let path = unescaped(path.unwrap_or_default());
        let more: Vec<PathBuf> = folders.iter().map(|folder| joined(folder, &path)).collect();
        if folders.len() < 100 {
            folders.extend(more);
        }
    }
    let mut paths = BTreeSet::new();
    for found in NAMED.captures_iter(log) {
        let part = |number: usize| found.get(number).map(|part| unescaped(part.as_bytes()));
        match (part(1), part(2)) {
            (Some(base), Some(path)) => {
                paths.insert(joined(&base, &path));
                paths.insert(base);
            }
            (None, Some(path)) => {
                paths.extend(folders.iter().map(|folder| joined(folder, &path)));
            }
            _ => paths.extend(part(3)),
        }
    }
    paths
}

/// Joined, with `.` and `..` taken away as text.
fn joined(base: &Path, path: &Path) -> PathBuf {
    let mut joined = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                joined.pop();
            }
            part => joined.push(part),
        }
    }
    joined
}

/// What strace writes with the escapes of C.
fn unescaped(text: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let Some((&kind, after)) = rest.split_first() else {
            break;
        };
        if kind.is_ascii_digit() {
            let digits = rest.iter().take(3);
            let digits = digits.take_while(|digit| (b'0'..b'8').contains(digit));
            let (mut value, mut count) = (0_u8, 0);
            for digit in digits {
                value = value.wrapping_mul(8).wrapping_add(digit - b'0');
                count += 1;
            }
            bytes.push(value);
            rest = &rest[count.max(1)..];
            continue;
        }
        bytes.push(match kind {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'v' => 11,
            b'f' => 12,
            other => other,
        });
        rest = after;
    }
    PathBuf::from(OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_from_calls_and_from_what_they_return() {
        let log = br#"1 openat(AT_FDCWD</s/a>, "data/x.json", O_RDONLY) = 3</s/a/real.json>
2 stat("../b, \"c\"\n\303\251.txt", 0x7ff) = -1 ENOENT (No such file or directory)
2 getdents64(3</s/a/dir>, 0x5, 32768) = 48
3 newfstatat(4</s/d>, "", {st_mode=S_IFREG}, AT_EMPTY_PATH) = 0
4 chdir("sub") = 0
4 access("here", F_OK) = 0
"#;
        let paths = paths(log, Path::new("/s"));
        for expected in [
            "/s/a/data/x.json",
            "/s/a/real.json",
            "/s/b, \"c\"\n\u{e9}.txt",
            "/s/a/dir",
            "/s/d",
            "/s/sub/here",
        ] {
            assert!(paths.contains(Path::new(expected)), "{expected}: {paths:?}");
        }
    }
}
