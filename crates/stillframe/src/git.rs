//! What git reports about the project: which files it ignores, because a fresh clone does not have them; it changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use stillframe_core::problem::{Kind, Problem};

use crate::process::{self, End, Invocation};

/// What git ignores of these files and folders and of what lies in them; empty outside a repository. They are below `root`,
/// or absolute.
///
/// In a repository git has to answer: a copy of what it ignores could hold somebody's keys.
pub fn ignored(root: &Path, paths: &[PathBuf]) -> Result<BTreeSet<PathBuf>, Problem> {
    if !is_in_a_repository(root) {
        return Ok(BTreeSet::new());
    }
    let folder = paths
        .first()
        .map(|first| first.display().to_string())
        .unwrap_or_default();
    let folder = folder.as_str();
    let path = std::env::var_os("PATH");
    let program = process::resolve("git", root, path.as_deref()).map_err(|error| {
        let fix =
            "install git; or, where the project is not meant to be a repository, remove its `.git`";
        unanswered(folder, fix).detail(error.to_string())
    })?;
    let words = [
        "--literal-pathspecs",
        "ls-files",
        "--others",
        "--ignored",
        "--exclude-standard",
        "--directory",
        "-z",
        "--",
    ];
    let words = words.map(OsString::from).into_iter();
    let args: Vec<OsString> = words.chain(paths.iter().map(OsString::from)).collect();
    let outcome = process::run(&Invocation {
        program: &program,
        args: &args,
        cwd: root,
        env: &environment(std::env::vars_os()),
        stdin: None,
        timeout: Duration::from_secs(60),
        output_limit: 64 << 20,
    })
    .map_err(|error| {
        unanswered(folder, &error.hint().unwrap_or_default()).detail(error.to_string())
    })?;
    if outcome.end == End::Cancelled {
        // Nothing will be copied any more.
        return Ok(BTreeSet::new());
    }
    if outcome.end != End::Exited(0) {
        let words = String::from_utf8_lossy(&outcome.stderr);
        return Err(unanswered(folder, &advice(&words))
            .detail(ended(outcome.end))
            .lines(words));
    }
    let names = outcome.stdout.split(|byte| *byte == 0);
    Ok(names
        .filter(|name| !name.is_empty())
        .map(|name| from_root(root, &path_of(name)))
        .collect())
}

/// A path as git prints it: from `root`, with `..` where it lies outside.
fn from_root(root: &Path, path: &Path) -> PathBuf {
    if !path.starts_with("..") {
        return root.join(path);
    }
    let mut real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    for component in path.components() {
        match component {
            Component::ParentDir => {
                real.pop();
            }
            other => real.push(other),
        }
    }
    real
}

/// Whether a `.git` lies here or above. It is looked for where the folder really is, as git does.
fn is_in_a_repository(root: &Path) -> bool {
    let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    top(&real).is_some()
}

/// The nearest folder with a `.git`, from a real path upwards.
pub(crate) fn top(real: &Path) -> Option<&Path> {
    real.ancestors()
        .find(|folder| folder.join(".git").symlink_metadata().is_ok())
}

/// The caller's environment without what would show git another repository, as it is set inside a hook; its
/// configuration stays, because it may be what lets git answer.
fn environment(all: impl Iterator<Item = (OsString, OsString)>) -> BTreeMap<OsString, OsString> {
    let is_kept = |name: &OsStr| {
        let name = name.to_string_lossy();
        !name.starts_with("GIT_")
            || name == "GIT_EXEC_PATH"
            || (name.starts_with("GIT_CONFIG_") && name != "GIT_CONFIG_PARAMETERS")
    };
    let mut kept: BTreeMap<_, _> = all.filter(|(name, _)| is_kept(name)).collect();
    // The `.git` that was found may lie on the other side of a mount.
    kept.insert("GIT_DISCOVERY_ACROSS_FILESYSTEM".into(), "1".into());
    // A question does not refresh the index.
    kept.insert("GIT_OPTIONAL_LOCKS".into(), "0".into());
    kept
}

fn unanswered(folder: &str, fix: &str) -> Problem {
    Problem::new(Kind::Prerequisite, "git", fix).detail(format!(
        "git does not tell which files it ignores below {folder}, so nothing was copied"
    ))
}

fn ended(end: End) -> String {
    match end {
        End::Exited(code) => format!("git ended with exit code {code}"),
        End::Signalled(signal) => format!("git was ended by {}", process::signal_name(signal)),
        End::TimedOut => "git took longer than a minute and was ended".into(),
        End::Flooded(stream) => format!("git printed too much to {stream}"),
        End::Cancelled => "interrupted".into(),
    }
}

/// The command that git itself names, as for a repository that belongs to somebody else.
fn advice(words: &str) -> String {
    let mut lines = words.lines().map(str::trim);
    lines
        .find(|line| line.starts_with("git config "))
        .unwrap_or_default()
        .to_owned()
}

#[cfg(unix)]
fn path_of(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    let name = name.strip_suffix(b"/").unwrap_or(name);
    PathBuf::from(OsStr::from_bytes(name))
}

#[cfg(not(unix))]
fn path_of(name: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(name).trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_names_no_other_repository_and_keeps_the_configuration() {
        let given = [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "GIT_CEILING_DIRECTORIES",
            "GIT_CONFIG_PARAMETERS",
            "GIT_CONFIG_GLOBAL",
            "GIT_CONFIG_COUNT",
            "HOME",
        ];
        let given = given.map(|name| (name.into(), "x".into()));
        let kept: Vec<_> = environment(given.into_iter()).into_keys().collect();
        assert_eq!(
            kept,
            [
                "GIT_CONFIG_COUNT",
                "GIT_CONFIG_GLOBAL",
                "GIT_DISCOVERY_ACROSS_FILESYSTEM",
                "GIT_OPTIONAL_LOCKS",
                "HOME"
            ]
        );
    }

    #[test]
    fn the_fix_is_the_command_that_git_names() {
        let words = "fatal: detected dubious ownership in repository at '/p'\nTo add an exception for this directory, call:\n\n\tgit config --global --add safe.directory /p\n";
        assert_eq!(advice(words), "git config --global --add safe.directory /p");
        assert_eq!(advice("fatal: bad object"), "");
    }
}
