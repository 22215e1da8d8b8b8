//! The CI workflow that `init` writes: at the root of the git repository, where it is looked for, and for this folder.

use std::path::{Path, PathBuf};

use crate::disk::slashed;
use crate::git;

/// Where GitHub looks for workflows.
pub(super) const WORKFLOW: &str = ".github/workflows/stillframe.yml";

/// The workflow, or why there is none.
pub(super) enum Workflow {
    /// Where it goes.
    At {
        /// The root of the repository, or the folder itself outside of one.
        top: PathBuf,
        /// Its path below that.
        name: String,
        /// Its path from the folder.
        shown: String,
        /// What is in it.
        text: String,
    },
    /// The reason.
    LeftOut(&'static str),
}

impl Workflow {
    /// The workflow for the project in `root`; `setup` is the command that makes its program available.
    pub(super) fn of(root: &Path, setup: Option<&str>) -> Workflow {
        let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let top = git::top(&real).unwrap_or(&real);
        let folder = slashed(real.strip_prefix(top).unwrap_or(Path::new("")));
        if folder.is_empty() {
            return Workflow::At {
                top: root.to_owned(),
                name: WORKFLOW.to_owned(),
                shown: WORKFLOW.to_owned(),
                text: text("", setup),
            };
        }
        if git::ignored(top, &[PathBuf::from(&folder)]).is_ok_and(|ignored| ignored.contains(&real))
        {
            return Workflow::LeftOut("git ignores this folder, so CI does not have it");
        }
        let mut name = WORKFLOW.to_owned();
        if top.join(&name).symlink_metadata().is_ok() {
            // It belongs to another folder of the repository.
            name = format!(".github/workflows/stillframe-{}.yml", plain(&folder));
        }
        let up = "../".repeat(folder.split('/').count());
        Workflow::At {
            top: top.to_owned(),
            shown: format!("{up}{name}"),
            text: text(&folder, setup),
            name,
        }
    }
}

/// The text for the project in `folder` of the repository; empty for its root.
fn text(folder: &str, setup: Option<&str>) -> String {
    let work = "target/stillframe/candidates";
    let (name, defaults, work) = if folder.is_empty() {
        ("stillframe".to_owned(), String::new(), work.to_owned())
    } else {
        (
            scalar(&format!("stillframe {folder}")),
            format!(
                "    defaults:\n      run:\n        working-directory: {}\n",
                scalar(folder)
            ),
            scalar(&format!("{folder}/{work}")),
        )
    };
    let setup = match setup {
        Some(command) => format!("      - run: {command}\n"),
        None => "      # Whatever builds your program goes here.\n".to_owned(),
    };
    include_str!("workflow.yml")
        .replace("{name}", &name)
        .replace("{folder}", &defaults)
        .replace("{setup}", &setup)
        .replace("{work}", &work)
}

/// A string as YAML has it: plain where that is safe, else as in JSON.
fn scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_/. ".contains(c);
    let starts_plain = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts_plain && text.chars().all(is_plain) && !text.ends_with(' ') {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// A folder as part of a file's name.
fn plain(folder: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    folder.replace(|c| !is_plain(c), "-")
}
