//! What has to exist before anything runs: programs, seed files, bases and targets that steps name; all that is missing is reported at once.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use stillframe_core::config::CONFIG_NAME;
use stillframe_core::poc::{Action, MANIFEST_NAME, Poc, Seed, Step};
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::variable;

use super::Workspace;
use crate::disk;
use crate::process;

/// Everything that is missing.
pub(super) fn missing(workspace: &Workspace) -> Vec<Problem> {
    let mut problems = required_programs(workspace);
    for poc in &workspace.pocs {
        problems.extend(ignored_manifest(workspace, poc));
        problems.extend(base(workspace, poc));
        for step in &poc.steps {
            problems.extend(target(workspace, poc, step));
            problems.extend(seed(workspace, poc, step));
            problems.extend(program(workspace, poc, step));
        }
    }
    problems
}

fn required_programs(workspace: &Workspace) -> Vec<Problem> {
    let mut problems = Vec::new();
    let path = std::env::var_os("PATH");
    for requirement in &workspace.config.requires {
        if let Err(error) = process::resolve(&requirement.program, &workspace.root, path.as_deref())
        {
            let fix = requirement
                .hint
                .clone()
                .unwrap_or_else(|| format!("install `{}` or put it on PATH", requirement.program));
            problems.push(
                Problem::new(Kind::Prerequisite, requirement.program.clone(), fix)
                    .detail(error.to_string()),
            );
        }
    }
    problems
}

fn is_ignored(workspace: &Workspace, path: &Path) -> bool {
    path.ancestors()
        .any(|path| workspace.ignored.contains(path))
}

/// A POC that no fresh clone has.
fn ignored_manifest(workspace: &Workspace, poc: &Poc) -> Option<Problem> {
    let path = workspace.poc_folder(poc).join(MANIFEST_NAME);
    let subject = format!("{}/{}/{MANIFEST_NAME}", workspace.config.paths.pocs, poc.id);
    is_ignored(workspace, &path).then(|| {
        Problem::new(
            Kind::Prerequisite,
            subject.clone(),
            format!("git add --force {subject}"),
        )
        .at(&poc.id, None)
        .detail("git ignores the POC, so a fresh clone does not have it")
    })
}

/// A base that is not there, or that could not be laid down.
fn base(workspace: &Workspace, poc: &Poc) -> Option<Problem> {
    let name = poc.base.as_ref()?;
    let [folder, own] = <[PathBuf; 2]>::try_from(workspace.layers(poc)).ok()?;
    let (detail, fix) = if !folder.is_dir() {
        (
            "the POC's `base` is not a folder",
            "correct `base` in poc.toml; its path is from the folder of stillframe.toml".to_owned(),
        )
    } else if !folder.starts_with(&workspace.root) {
        (
            "the POC's `base` lies outside of the project",
            "replace it by a copy of what it leads to".to_owned(),
        )
    } else if own.starts_with(&folder) {
        (
            "the POC's `base` holds the POC itself",
            "move what POCs have in common to a folder of its own, such as pocs/_shop".to_owned(),
        )
    } else if is_ignored(workspace, &folder) {
        (
            "git ignores the POC's `base`, so a fresh clone does not have it",
            format!("git add --force {name}"),
        )
    } else {
        return None;
    };
    let problem = Problem::new(Kind::Prerequisite, name.clone(), fix);
    Some(problem.at(&poc.id, None).detail(detail))
}

/// A step whose target is not configured.
fn target(workspace: &Workspace, poc: &Poc, step: &Step) -> Option<Problem> {
    let config = &workspace.config;
    let unknown =
        matches!(step.action, Action::Run(_)) && config.program(step.target.as_deref()).is_none();
    if !unknown {
        return None;
    }
    let names: Vec<&str> = config.targets.keys().map(String::as_str).collect();
    let (subject, detail) = match &step.target {
        Some(name) => (
            format!("target = \"{name}\""),
            format!("{CONFIG_NAME} has no [targets.{name}]"),
        ),
        None => (
            "target".to_owned(),
            format!("the step names no target, and {CONFIG_NAME} has no [target]"),
        ),
    };
    let fix = match names.as_slice() {
        [] => format!("add [targets.NAME] to {CONFIG_NAME}, or leave `target` out of the step"),
        names => format!(
            "write one of them into the step: target = \"{}\"",
            names.join("\" | \"")
        ),
    };
    let problem = Problem::new(Kind::Config, subject, fix);
    Some(problem.at(&poc.id, Some(step.number)).detail(detail))
}

/// A seed file that cannot be read, or that no fresh clone has.
fn seed(workspace: &Workspace, poc: &Poc, step: &Step) -> Option<Problem> {
    let paths = match step.stdin.as_ref()? {
        Seed::Root(file) => vec![workspace.root.join(file)],
        Seed::Poc(file) => {
            let layers = workspace.layers(poc).into_iter().rev();
            layers.map(|layer| layer.join(file)).collect()
        }
    };
    let path = paths.iter().find(|path| path.symlink_metadata().is_ok());
    let path = path.or(paths.first())?;
    let subject = match &step.stdin {
        Some(Seed::Poc(file)) if path == &paths[0] => {
            format!("{}/{}/{file}", workspace.config.paths.pocs, poc.id)
        }
        _ => disk::slashed(path.strip_prefix(&workspace.root).unwrap_or(path)),
    };
    let (detail, fix) = match disk::open_regular(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => (
            "the step reads a file that does not exist".to_owned(),
            "add the file, or correct `stdin` in poc.toml".to_owned(),
        ),
        Err(error) => (
            format!("the step cannot read it: {error}"),
            "replace it by a file that can be read, or correct `stdin` in poc.toml".to_owned(),
        ),
        Ok(_) if is_ignored(workspace, path) => (
            "git ignores the file, so a fresh clone does not have it".to_owned(),
            format!("git add --force {subject}"),
        ),
        Ok(_) => return None,
    };
    Some(
        Problem::new(Kind::Prerequisite, subject, fix)
            .at(&poc.id, Some(step.number))
            .detail(detail),
    )
}

/// The program of an `exec` that cannot be found. One whose name an earlier step gives, or that an earlier step could make,
/// is looked for when its step runs.
fn program(workspace: &Workspace, poc: &Poc, step: &Step) -> Option<Problem> {
    let Action::Exec(words) = &step.action else {
        return None;
    };
    let written = variable::expand(words.first()?, &workspace.values);
    if written.contains("${") {
        return None;
    }
    let path: Option<OsString> = match poc.env.get("PATH") {
        Some(path) => Some(variable::expand(path, &workspace.values).into()),
        None => std::env::var_os("PATH"),
    };
    let folders = workspace.layers(poc).into_iter().rev();
    let folders = folders.map(|layer| match &step.cwd {
        Some(cwd) => layer.join(cwd),
        None => layer,
    });
    let mut errors = Vec::new();
    for folder in folders {
        match process::resolve(&written, &folder, path.as_deref()) {
            Ok(_) => return None,
            Err(error) => errors.push(error),
        }
    }
    if step.number > 1 && lies_in_the_sandbox(&written, path.as_deref()) {
        return None;
    }
    let install =
        format!("install it, and name it under [[requires]] with a hint: program = \"{written}\"");
    Some(
        Problem::new(Kind::Prerequisite, written, install)
            .at(&poc.id, Some(step.number))
            .detail(errors.first()?.to_string()),
    )
}

/// Whether a step looks for a program, or may look for it, among the files of its POC.
fn lies_in_the_sandbox(program: &str, path: Option<&OsStr>) -> bool {
    if program.chars().any(std::path::is_separator) {
        return Path::new(program).is_relative();
    }
    path.is_some_and(|path| std::env::split_paths(path).any(|folder| folder.is_relative()))
}
