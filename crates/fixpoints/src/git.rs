//! Earlier versions of a file, as far as git has them; where there is no git, there are none.

use std::path::Path;
use std::process::{Command, Stdio};

/// How many versions are looked at.
const VERSIONS: &str = "--max-count=20";

/// The versions that were committed, the newest first, each with its commit.
pub(crate) fn versions(path: &Path) -> impl Iterator<Item = (String, Vec<u8>)> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new(".")).to_path_buf();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.into_owned();
    let commits = git(&folder, &["rev-list", VERSIONS, "HEAD", "--", &name]);
    let commits = String::from_utf8(commits.unwrap_or_default()).unwrap_or_default();
    let commits: Vec<String> = commits.lines().map(str::to_owned).collect();
    commits.into_iter().filter_map(move |commit| {
        let blob = format!("{commit}:./{name}");
        let text = git(&folder, &["cat-file", "blob", &blob])?;
        Some((commit, text))
    })
}

fn git(folder: &Path, args: &[&str]) -> Option<Vec<u8>> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).arg("--literal-pathspecs");
    command
        .args(args)
        // A clone that has only a part of its objects would ask a server for the others.
        .env("GIT_NO_LAZY_FETCH", "1")
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let output = command.output().ok()?;
    output.status.success().then_some(output.stdout)
}
