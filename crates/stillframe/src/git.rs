//! What git says of the project: which files it ignores, because a fresh clone does not have them; it changes nothing.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::process::{self, End, Invocation};

/// Files and folders below `folder` that git ignores. Empty outside a repository, or without git.
pub fn ignored(root: &Path, folder: &str) -> BTreeSet<PathBuf> {
    let environment = std::env::vars_os().collect();
    let path = std::env::var_os("PATH");
    let Ok(program) = process::resolve("git", root, path.as_deref()) else {
        return BTreeSet::new();
    };
    let words = [
        "ls-files",
        "--others",
        "--ignored",
        "--exclude-standard",
        "--directory",
        "-z",
        "--",
        folder,
    ];
    let outcome = process::run(&Invocation {
        program: &program,
        args: &words.map(OsString::from),
        cwd: root,
        env: &environment,
        stdin: None,
        timeout: Duration::from_secs(60),
        output_limit: 64 << 20,
    });
    match outcome {
        Ok(outcome) if outcome.end == End::Exited(0) => outcome
            .stdout
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty())
            .map(|name| root.join(String::from_utf8_lossy(name).trim_end_matches('/')))
            .collect(),
        _ => BTreeSet::new(),
    }
}
