//! One project: its configuration and its POCs, found and checked before anything runs; every mistake is named at once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use stillframe_core::compare::Folders;
use stillframe_core::config::{CONFIG_NAME, Config};
use stillframe_core::conflict;
use stillframe_core::poc::{Action, MANIFEST_NAME, Poc};
use stillframe_core::problem::{Kind, Problem};

use crate::corpus::{self, Tree};
use crate::disk::{self, Item, ItemKind};
use crate::git;
use crate::process;

/// A loaded project.
#[derive(Debug)]
pub struct Workspace {
    /// The folder that holds `stillframe.toml`.
    pub root: PathBuf,
    /// What that file says.
    pub config: Config,
    /// Every POC, by its folder's name.
    pub pocs: Vec<Poc>,
    /// What git ignores below the POC folder: a fresh clone does not have it, so no step sees it.
    pub ignored: BTreeSet<PathBuf>,
}

impl Workspace {
    /// The nearest folder with a `stillframe.toml`, from `start` upwards.
    pub fn find(start: &Path) -> Result<PathBuf, Problem> {
        start
            .ancestors()
            // Whatever it is: a pipe of that name is a mistake to report, not a reason to look further up.
            .find(|folder| folder.join(CONFIG_NAME).symlink_metadata().is_ok())
            .map(Path::to_owned)
            .ok_or_else(|| {
                Problem::new(
                    Kind::Config,
                    CONFIG_NAME,
                    "run `stillframe init` in the folder that should hold it, or name one with --root",
                )
                .detail(format!("no {CONFIG_NAME} in {} or above it", start.display()))
            })
    }

    /// Reads the configuration and every POC below `root`.
    pub fn load(root: &Path) -> Result<Workspace, Vec<Problem>> {
        let config = load_config(root)?;
        let folder = root.join(&config.paths.pocs);
        let (pocs, mut problems) = load_pocs(&folder, &config.paths.pocs);
        problems.extend(same_paths(&pocs));
        let ignored = git::ignored(root, &config.paths.pocs).unwrap_or_else(|problem| {
            problems.push(problem);
            BTreeSet::new()
        });
        let workspace = Workspace {
            root: root.to_owned(),
            ignored,
            config,
            pocs,
        };
        problems.extend(workspace.missing_prerequisites());
        problems.extend(workspace.obstacles());
        if problems.is_empty() {
            Ok(workspace)
        } else {
            Err(problems)
        }
    }

    /// The committed folders.
    pub fn tree(&self) -> Tree {
        tree(&self.root, &self.config)
    }

    /// The committed folders as they are written in messages.
    pub fn folders(&self) -> Folders<'_> {
        Folders {
            fixtures: &self.config.paths.fixtures,
            schemas: &self.config.paths.schemas,
        }
    }

    /// Where a POC lies.
    pub fn poc_folder(&self, poc: &Poc) -> PathBuf {
        self.root.join(&self.config.paths.pocs).join(&poc.id)
    }

    /// Links on the way to the folders that a publish writes.
    fn obstacles(&self) -> Vec<Problem> {
        let tree = self.tree();
        let exports = self.config.target.schemas.is_some();
        // Without an export the schemas are only read.
        let written = [Some(&tree.fixtures), exports.then_some(&tree.schemas)];
        let written = written.into_iter().flatten();
        written
            .filter_map(|folder| Some(corpus::in_the_way(folder, &tree.guard(folder).err()?)))
            .collect()
    }

    fn missing_prerequisites(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let path = std::env::var_os("PATH");
        for requirement in &self.config.requires {
            if let Err(error) = process::resolve(&requirement.program, &self.root, path.as_deref())
            {
                let fix = requirement.hint.clone().unwrap_or_else(|| {
                    format!("install `{}` or put it on PATH", requirement.program)
                });
                problems.push(
                    Problem::new(Kind::Prerequisite, requirement.program.clone(), fix)
                        .detail(error.to_string()),
                );
            }
        }
        for poc in &self.pocs {
            problems.extend(self.ignored_manifest(poc));
            problems.extend(self.missing_of(poc));
        }
        problems
    }

    /// A POC that no fresh clone has.
    fn ignored_manifest(&self, poc: &Poc) -> Option<Problem> {
        let path = self.poc_folder(poc).join(MANIFEST_NAME);
        let subject = format!("{}/{}/{MANIFEST_NAME}", self.config.paths.pocs, poc.id);
        path.ancestors()
            .any(|path| self.ignored.contains(path))
            .then(|| {
                Problem::new(
                    Kind::Prerequisite,
                    subject.clone(),
                    format!("git add --force {subject}"),
                )
                .at(&poc.id, None)
                .detail("git ignores the POC, so a fresh clone does not have it")
            })
    }

    /// Seed files and programs that a POC's steps name.
    fn missing_of(&self, poc: &Poc) -> Vec<Problem> {
        let folder = self.poc_folder(poc);
        let path = poc
            .env
            .get("PATH")
            .map(Into::into)
            .or_else(|| std::env::var_os("PATH"));
        let mut problems = Vec::new();
        for step in &poc.steps {
            if let Some(file) = &step.stdin {
                problems.extend(self.missing_seed(poc, step.number, &folder.join(file), file));
            }
            if let Action::Exec(words) = &step.action
                && let Err(error) = process::resolve(&words[0], &folder, path.as_deref())
                && !words[0].contains("${")
            {
                problems.push(
                    Problem::new(
                        Kind::Prerequisite,
                        words[0].clone(),
                        format!(
                            "install it, and name it under [[requires]] with a hint: program = \"{}\"",
                            words[0]
                        ),
                    )
                    .at(&poc.id, Some(step.number))
                    .detail(error.to_string()),
                );
            }
        }
        problems
    }
}

impl Workspace {
    fn missing_seed(&self, poc: &Poc, step: usize, path: &Path, file: &str) -> Option<Problem> {
        let subject = format!("{}/{}/{file}", self.config.paths.pocs, poc.id);
        let (detail, fix) = match disk::open_regular(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => (
                "the step reads a file that does not exist".to_owned(),
                "add the file, or correct `stdin` in poc.toml".to_owned(),
            ),
            Err(error) => (
                format!("the step cannot read it: {error}"),
                "replace it by a file that can be read, or correct `stdin` in poc.toml".to_owned(),
            ),
            Ok(_) if path.ancestors().any(|path| self.ignored.contains(path)) => (
                "git ignores the file, so a fresh clone does not have it".to_owned(),
                format!("git add --force {subject}"),
            ),
            Ok(_) => return None,
        };
        Some(
            Problem::new(Kind::Prerequisite, subject, fix)
                .at(&poc.id, Some(step))
                .detail(detail),
        )
    }
}

/// The committed folders of a configuration.
pub fn tree(root: &Path, config: &Config) -> Tree {
    Tree::new(root, &config.paths.fixtures, &config.paths.schemas)
}

/// Reads only the configuration, for commands that need no POC.
pub fn load_config(root: &Path) -> Result<Config, Vec<Problem>> {
    let path = root.join(CONFIG_NAME);
    let fault = |fix: &str| Problem::new(Kind::Config, path.display().to_string(), fix);
    let text = disk::read_regular_text(&path).map_err(|error| {
        // Why the system does not let it be read is not known.
        vec![fault("").detail(format!("it cannot be read: {error}"))]
    })?;
    let correct = "correct the file; `stillframe init --print` shows a whole one";
    Config::parse(&text).map_err(|errors| {
        if let Some(line) = conflict::first(text.as_bytes()) {
            return vec![by_hand(fault(MERGE), line)];
        }
        let faults = errors.into_iter().map(|error| fault(correct).lines(error));
        faults.collect()
    })
}

pub(crate) fn load_pocs(folder: &Path, name: &str) -> (Vec<Poc>, Vec<Problem>) {
    let items = match disk::list(folder) {
        Ok(items) => items,
        Err(error) => {
            let problem = Problem::new(Kind::Prerequisite, name, "");
            return (Vec::new(), vec![problem.detail(format!("{error:#}"))]);
        }
    };
    let mut pocs = Vec::new();
    let mut problems = folders_without_manifest(&items, name);
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

const MERGE: &str = "edit the file so that it holds what both branches need, without the marks";

/// A file that only a person can merge.
fn by_hand(problem: Problem, line: usize) -> Problem {
    problem.detail(format!(
        "git could not merge it; its conflict marks begin in line {line}"
    ))
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

/// Captures that write one path, also on a file system that ignores case.
fn same_paths(pocs: &[Poc]) -> Vec<Problem> {
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
                "add `capture = \"name\"` to a step with `run`",
            )
            .detail("no POC captures anything, so there is no corpus"),
        );
    }
    problems
}
