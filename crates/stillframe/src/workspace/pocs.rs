//! The POCs of a project, found below one folder and read; a folder or a link there that is not one is reported.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use stillframe_core::conflict;
use stillframe_core::poc::{MANIFEST_NAME, Poc};
use stillframe_core::problem::{Kind, Problem};

use crate::config_file::{MERGE, by_hand};
use crate::disk::{self, Item, ItemKind};
use crate::git;

/// Every POC below the POC folder, and what is wrong there.
pub(crate) fn load_pocs(folder: &Path, name: &str) -> (Vec<Poc>, Vec<Problem>) {
    let items = match disk::list(folder) {
        Ok(items) => items,
        Err(error) => {
            let problem = Problem::new(Kind::Prerequisite, name, "");
            return (Vec::new(), vec![problem.detail(format!("{error:#}"))]);
        }
    };
    let (items, mut problems) = with_linked(folder, items, name);
    let mut pocs = Vec::new();
    problems.extend(folders_without_manifest(&items, name));
    for item in items.iter().filter(|item| is_manifest(item)) {
        match load_poc(item, name) {
            Ok(poc) => pocs.push(poc),
            Err(found) => problems.extend(found),
        }
    }
    if pocs.is_empty() && problems.is_empty() {
        problems.push(
            Problem::new(
                Kind::Prerequisite,
                name,
                "write a first one: `stillframe poc new NAME -- ARGUMENTS`",
            )
            .detail(format!(
                "no POC: no folder below {} holds a {MANIFEST_NAME}",
                folder.display()
            )),
        );
    }
    (pocs, problems)
}

fn load_poc(item: &Item, name: &str) -> Result<Poc, Vec<Problem>> {
    let id = item.name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let subject = format!("{name}/{}", item.name);
    let found = |fix: &str| Problem::new(Kind::Config, subject.clone(), fix);
    let problem = |message: &str, step| {
        found(&format!("edit {subject}"))
            .at(id, step)
            .lines(message)
    };
    if id.is_empty() {
        return Err(vec![problem(
            "a POC has a folder of its own below the POC folder; move the file",
            None,
        )]);
    }
    let text = disk::read_regular_text(&item.path).map_err(|error| {
        let unread = found("").at(id, None);
        vec![unread.detail(format!("it cannot be read: {error}"))]
    })?;
    Poc::parse(id, &text).map_err(|errors| {
        if let Some(line) = conflict::first(text.as_bytes()) {
            return vec![by_hand(found(MERGE), line)];
        }
        errors
            .iter()
            .map(|error| problem(&error.message, error.step))
            .collect()
    })
}

/// Also what is not a regular file: reading it says what it is.
fn is_manifest(item: &Item) -> bool {
    item.kind != ItemKind::Folder
        && item
            .path
            .file_name()
            .is_some_and(|name| name == MANIFEST_NAME)
}

/// Folders that hold files but belong to no POC, and POCs inside a POC.
fn folders_without_manifest(items: &[Item], name: &str) -> Vec<Problem> {
    let folder_of = |item: &Item| {
        item.name
            .rsplit_once('/')
            .map_or(String::new(), |(folder, _)| folder.to_owned())
    };
    let pocs: Vec<String> = items
        .iter()
        .filter(|item| is_manifest(item))
        .map(folder_of)
        .collect();
    let inside = |folder: &str, poc: &str| {
        folder
            .strip_prefix(poc)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    let mut problems = Vec::new();
    for poc in &pocs {
        if let Some(outer) = pocs.iter().find(|outer| inside(poc, outer)) {
            problems.push(
                Problem::new(
                    Kind::Config,
                    format!("{name}/{poc}"),
                    "move it out of the other POC",
                )
                .detail(format!("a POC inside the POC {outer}")),
            );
        }
    }
    let mut named: Vec<String> = Vec::new();
    for folder in items
        .iter()
        .filter(|item| item.kind != ItemKind::Folder)
        .map(folder_of)
    {
        let covered = folder.is_empty()
            || folder.split('/').any(is_base)
            || pocs
                .iter()
                .any(|poc| *poc == folder || inside(&folder, poc) || inside(poc, &folder))
            || named
                .iter()
                .any(|other| *other == folder || inside(&folder, other));
        if !covered {
            problems.push(
                Problem::new(
                    Kind::Prerequisite,
                    format!("{name}/{folder}"),
                    format!("add a {MANIFEST_NAME} to it, or delete the folder"),
                )
                .detail(format!("a POC folder without {MANIFEST_NAME}")),
            );
            named.push(folder);
        }
    }
    problems
}

/// Whether a folder's name says that it is not a POC but something that POCs have in common.
fn is_base(name: &str) -> bool {
    name.starts_with('_')
}

/// Where a path really lies, written from `root` where it lies below it.
pub(super) fn resolved(root: &Path, path: &Path) -> PathBuf {
    let Ok(real) = path.canonicalize() else {
        return path.to_owned();
    };
    // The usual case, where neither has a link in it.
    if real == path {
        return real;
    }
    let real_root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    match real.strip_prefix(&real_root) {
        Ok(rest) => root.join(rest),
        Err(_) => real,
    }
}

/// The items with what lies in folders that links lead to; those are POCs like all others.
fn with_linked(folder: &Path, items: Vec<Item>, name: &str) -> (Vec<Item>, Vec<Problem>) {
    let pocs: Vec<PathBuf> = items
        .iter()
        .filter(|item| is_manifest(item))
        .filter_map(|item| item.path.parent().map(Path::to_owned))
        .collect();
    let mut all = Vec::new();
    let mut problems = Vec::new();
    for item in items {
        let is_theirs =
            pocs.iter().any(|poc| item.path.starts_with(poc)) || item.name.split('/').any(is_base);
        if !is_theirs && is_link(&item.path) && !is_manifest(&item) {
            match linked(folder, &item) {
                Ok(below) => all.extend(below),
                Err((detail, fix)) => problems.push(
                    Problem::new(Kind::Config, format!("{name}/{}", item.name), fix).detail(detail),
                ),
            }
        }
        all.push(item);
    }
    (all, problems)
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink())
}

/// What lies in the folder that a link leads to, or what is wrong with the link, with its fix.
fn linked(pocs: &Path, link: &Item) -> Result<Vec<Item>, (String, String)> {
    let real = link.path.canonicalize().map_err(|error| {
        let detail = format!("a link that leads nowhere: {error}");
        (detail, "correct the link, or delete it".to_owned())
    })?;
    if !real.is_dir() {
        return Ok(Vec::new());
    }
    let home = pocs.canonicalize().unwrap_or_else(|_| pocs.to_owned());
    if home.starts_with(&real) {
        let detail = format!("a link to {}, which holds all POCs", real.display());
        return Err((
            detail,
            "let it lead to a single POC, or delete it".to_owned(),
        ));
    }
    let inside = |folder: &Path| real.starts_with(folder);
    if !inside(repository(&home)) {
        let detail = format!(
            "a link to {}, outside of the repository, which a fresh clone does not have",
            real.display()
        );
        return Err((
            detail,
            "replace it by a copy of what it leads to".to_owned(),
        ));
    }
    let items = disk::list(&link.path).map_err(|error| (format!("{error:#}"), String::new()))?;
    Ok(items
        .into_iter()
        .map(|item| Item {
            name: format!("{}/{}", link.name, item.name),
            ..item
        })
        .collect())
}

/// The folder of the git repository that a path lies in; without one, the project's, which holds the POC folder.
fn repository(pocs: &Path) -> &Path {
    git::top(pocs).or_else(|| pocs.parent()).unwrap_or(pocs)
}

/// Captures that write one path, also on a file system that ignores case.
pub(super) fn same_paths(pocs: &[Poc]) -> Vec<Problem> {
    let mut first: BTreeMap<String, (&str, usize)> = BTreeMap::new();
    let mut problems = Vec::new();
    for poc in pocs {
        for (step, capture) in poc.captures() {
            match first.get(&capture.path.folded()) {
                None => {
                    first.insert(capture.path.folded(), (&poc.id, step.number));
                }
                Some((other, number)) => problems.push(
                    Problem::new(
                        Kind::Config,
                        capture.path.to_string(),
                        "give one of them another `capture` name or `dest`",
                    )
                    .at(&poc.id, Some(step.number))
                    .detail(format!("{other}, step {number} writes the same path")),
                ),
            }
        }
    }
    for (path, (poc, number)) in &first {
        let above = path.match_indices('/').map(|(end, _)| &path[..end]);
        if let Some((other, step)) = above.filter_map(|folder| first.get(folder)).next() {
            problems.push(
                Problem::new(
                    Kind::Config,
                    path.clone(),
                    "give one of them another `capture` name or `dest`",
                )
                .at(poc, Some(*number))
                .detail(format!(
                    "{other}, step {step} writes a file where this path needs a folder"
                )),
            );
        }
    }
    let captures = pocs.iter().flat_map(Poc::captures).count();
    if captures == 0 && !pocs.is_empty() {
        problems.push(
            Problem::new(
                Kind::Prerequisite,
                "captures",
                "add `capture = \"name\"` to a step",
            )
            .detail("no POC captures anything, so there is no corpus"),
        );
    }
    problems
}
