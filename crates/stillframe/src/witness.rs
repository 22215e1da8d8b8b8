//! What a run rests on, by hash: looked at before the target starts and again after it, and kept with candidates; it judges nothing by content.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use stillframe_core::config::CONFIG_NAME;
use stillframe_core::litter::is_litter;
use stillframe_core::poc::MANIFEST_NAME;
use stillframe_core::problem::{Kind, Problem};

use crate::corpus;
use crate::disk::{self, Item, ItemKind};
use crate::workspace::Workspace;

/// The most files that a finding names.
const MOST_NAMES: usize = 20;

/// Files by their path, with the hash of what was there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Witness {
    files: BTreeMap<String, String>,
}

impl Witness {
    /// The configuration, and every file below the folders of POCs, fixtures, schemas and scenarios; but not what git ignores
    /// there.
    pub fn of_project(workspace: &Workspace) -> Witness {
        let paths = &workspace.config.paths;
        let mut witness = Witness::default();
        let config = workspace.root.join(CONFIG_NAME);
        witness.files.insert(CONFIG_NAME.into(), hash_of(&config));
        let own = [
            &paths.pocs,
            &paths.fixtures,
            &paths.schemas,
            &paths.scenarios,
        ];
        let own = own.map(|name| (name.clone(), workspace.root.join(name)));
        let outside = workspace.outside();
        for (folder, path) in own.into_iter().chain(outside.clone()) {
            let below = Witness::of_folder(&path, &workspace.ignored);
            // A POC's files are inputs, whatever their names; elsewhere an editor may be open while a run goes on.
            let is_input = folder == paths.pocs || outside.contains_key(&folder);
            let counts = |name: &str| is_input || !is_litter(name);
            let named = below
                .files
                .into_iter()
                .filter(|(name, _)| counts(name))
                .map(|(name, hash)| (format!("{folder}/{name}"), hash));
            witness.files.extend(named);
        }
        witness
    }

    /// What a project is loaded from: the configuration, and what describes its POCs.
    pub fn of_manifests(workspace: &Workspace) -> Witness {
        let config = workspace.root.join(CONFIG_NAME);
        let mut files = BTreeMap::from([(CONFIG_NAME.to_owned(), hash_of(&config))]);
        let folder = &workspace.config.paths.pocs;
        let is_manifest = |item: &Item| item.path.file_name() == Some(MANIFEST_NAME.as_ref());
        let below = Witness::of_items(&workspace.root.join(folder), is_manifest).files;
        files.extend(
            below
                .into_iter()
                .map(|(name, hash)| (format!("{folder}/{name}"), hash)),
        );
        for (name, folder) in workspace.outside() {
            let hash = hash_of(&folder.join(MANIFEST_NAME));
            files.insert(format!("{name}/{MANIFEST_NAME}"), hash);
        }
        Witness { files }
    }

    /// Every file below a folder, but not what is left out.
    pub fn of_folder(folder: &Path, left_out: &BTreeSet<PathBuf>) -> Witness {
        Witness::of_items(folder, |item| {
            !item.path.ancestors().any(|path| left_out.contains(path))
        })
    }

    fn of_items(folder: &Path, counts: impl Fn(&Item) -> bool) -> Witness {
        // A folder that cannot be listed has no files, before and after.
        let items = disk::list(folder).unwrap_or_default();
        let looked_at: Vec<&Item> = items
            .iter()
            .filter(|item| item.kind != ItemKind::Folder && counts(item))
            .collect();
        let files = looked_at
            .par_iter()
            .map(|item| (item.name.clone(), hash_of(&item.path)))
            .collect();
        Witness { files }
    }

    /// What candidates depend on: the configuration, the POCs, the corpus and the schemas, without what differs from one
    /// machine to the next.
    pub fn of_candidates(&self, workspace: &Workspace) -> Witness {
        let paths = &workspace.config.paths;
        let below = |name: &str, folder: &str| {
            let rest = name.strip_prefix(folder)?.strip_prefix('/')?;
            Some(rest.to_owned())
        };
        let outside = workspace.outside();
        let counts = |name: &str| {
            name == CONFIG_NAME
                || outside.keys().any(|folder| below(name, folder).is_some())
                || below(name, &paths.pocs).is_some()
                || below(name, &paths.fixtures).is_some_and(|rest| !corpus::is_hidden(&rest))
                || below(name, &paths.schemas).is_some_and(|rest| rest.ends_with(".json"))
        };
        Witness {
            files: self
                .files
                .iter()
                .filter(|(name, _)| counts(name))
                .map(|(name, hash)| (name.clone(), hash.clone()))
                .collect(),
        }
    }

    /// How another look differs from this one, one line for each file.
    pub fn differences(&self, later: &Witness) -> Vec<String> {
        let names: BTreeSet<&String> = self.files.keys().chain(later.files.keys()).collect();
        let mut lines = Vec::new();
        for name in names {
            match (self.files.get(name), later.files.get(name)) {
                (Some(before), Some(after)) if before == after => {}
                (Some(_), Some(_)) => lines.push(format!("{name} changed")),
                (Some(_), None) => lines.push(format!("{name} was deleted")),
                (None, _) => lines.push(format!("{name} was added")),
            }
        }
        lines
    }
}

/// The finding that something changed while a run went on; `who` ran in that time.
pub fn changed(subject: &str, who: &str, differences: Vec<String>) -> Option<Problem> {
    if differences.is_empty() {
        return None;
    }
    let fix = format!(
        "look at it with `git status`, put it back, and run again with nothing else writing there; if {who} writes it, let it write only where it runs"
    );
    let problem = Problem::new(Kind::ChangedDuringRun, subject, fix)
        .detail(format!("while {who} ran, and nothing was published:"));
    Some(shortened(problem, differences))
}

/// The same finding with the files that differ, as far as they can be read at a glance.
pub fn shortened(mut problem: Problem, mut lines: Vec<String>) -> Problem {
    let more = lines.len().saturating_sub(MOST_NAMES);
    lines.truncate(MOST_NAMES);
    problem.details.extend(lines);
    if more > 0 {
        problem.details.push(format!("… and {more} more"));
    }
    problem
}

/// The hash of a file's content, for a link with where it leads; what cannot be read is told apart by the reason.
fn hash_of(path: &Path) -> String {
    match fs::read_link(path) {
        Ok(leads) => format!("link to {}: {}", leads.display(), content_hash(path)),
        Err(_) => content_hash(path),
    }
}

/// The hash of what a path stands for, links followed.
pub(crate) fn content_hash(path: &Path) -> String {
    let hash = || -> io::Result<String> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(disk::open_regular(path)?)?;
        Ok(hasher.finalize().to_hex().to_string())
    };
    hash().unwrap_or_else(|error| format!("unreadable: {:?}", error.kind()))
}
