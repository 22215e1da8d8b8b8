//! The programs that a run captures, by hash, with the files of the repository that they are given: whether one of them changed; it starts none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use stillframe_core::poc::{Action, Poc, Seed, Step};
use stillframe_core::problem::Problem;
use stillframe_core::variable;

use crate::target::Targets;
use crate::witness::{changed, content_hash};
use crate::workspace::Workspace;

/// Files by their path, with the hash of what was there.
#[derive(Debug, Default)]
pub struct Programs {
    files: BTreeMap<PathBuf, String>,
}

impl Programs {
    /// The targets; the scripts that an interpreter runs as one of them, or that a step starts; and what steps read as stdin
    /// from the repository.
    pub fn of(workspace: &Workspace, targets: &Targets, pocs: &[&Poc]) -> Programs {
        let programs = targets.iter().map(|target| target.program.clone());
        let steps = pocs.iter().flat_map(|poc| &poc.steps);
        let given = steps.flat_map(|step| given(workspace, targets, step));
        let hashed = |path: PathBuf| {
            let hash = content_hash(&path);
            (path, hash)
        };
        Programs {
            files: programs.chain(given).map(hashed).collect(),
        }
    }

    /// Those that are not the same any more; `who` ran in that time.
    pub fn changed_by(&self, who: &str) -> Vec<Problem> {
        let files = self.files.iter();
        let differ = files.filter(|(path, hash)| content_hash(path) != **hash);
        differ
            .filter_map(|(path, _)| {
                let subject = path.display().to_string();
                changed(&subject, who, vec!["the program changed".into()])
            })
            .collect()
    }
}

fn given(workspace: &Workspace, targets: &Targets, step: &Step) -> Vec<PathBuf> {
    let before = match &step.action {
        Action::Exec(_) => None,
        Action::Run(_) => targets.get(step.target.as_deref()),
    };
    let before = before.iter().flat_map(|target| &target.args);
    let words = before.chain(step.action.words());
    let script = script(&workspace.root, words, &workspace.values);
    let stdin = match &step.stdin {
        Some(Seed::Root(file)) => Some(workspace.root.join(file)),
        Some(Seed::Poc(_)) | None => None,
    };
    script.into_iter().chain(stdin).collect()
}

/// The first file of the repository that a command line names. Those after it may be meant to be written.
fn script<'a>(
    root: &Path,
    words: impl Iterator<Item = &'a String>,
    values: &BTreeMap<String, String>,
) -> Option<PathBuf> {
    words
        .map(|word| PathBuf::from(variable::expand(word, values)))
        .find(|path| path.starts_with(root) && path.is_file())
}
