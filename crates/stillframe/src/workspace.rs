//! One project: its configuration and its POCs, found and checked before anything runs; every mistake is named at once.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use stillframe_core::binding;
use stillframe_core::compare::Folders;
use stillframe_core::config::{CONFIG_NAME, Config};
use stillframe_core::poc::SchemaChoice;
use stillframe_core::poc::{Poc, Seed};
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::variable;

use crate::config_file::load_config;
use crate::corpus::{self, Tree};
use crate::disk;
use crate::git;
use crate::projects;
use crate::sandbox::Sandbox;

mod pocs;
mod prerequisites;
mod values;

pub(crate) use pocs::load_pocs;

/// The most projects that a message names.
const MOST_NAMED: usize = 10;

/// A loaded project.
#[derive(Debug)]
pub struct Workspace {
    /// The folder that holds `stillframe.toml`.
    pub root: PathBuf,
    /// What that file says.
    pub config: Config,
    /// Every POC, by its folder's name.
    pub pocs: Vec<Poc>,
    /// What git ignores below the POC folder and the bases: a fresh clone does not have it, so no step sees it.
    pub ignored: BTreeSet<PathBuf>,
    /// What `${root}` and `${env.NAME}` stand for.
    pub values: BTreeMap<String, String>,
}

impl Workspace {
    /// The nearest folder with a `stillframe.toml`, from `start` upwards.
    pub fn nearest(start: &Path) -> Option<PathBuf> {
        start
            .ancestors()
            // Whatever it is: a pipe of that name is a mistake to report, not a reason to look further up.
            .find(|folder| folder.join(CONFIG_NAME).symlink_metadata().is_ok())
            .map(Path::to_owned)
    }

    /// As [`nearest`](Self::nearest); the problem names the projects below `start`, which takes a walk over its folders.
    pub fn find(start: &Path) -> Result<PathBuf, Problem> {
        Self::nearest(start).ok_or_else(|| missing(start))
    }

    /// Reads the configuration and every POC below `root`.
    pub fn load(root: &Path) -> Result<Workspace, Vec<Problem>> {
        let config = load_config(root)?;
        let folder = root.join(&config.paths.pocs);
        let (mut pocs, mut problems) = load_pocs(&folder, &config.paths.pocs);
        problems.extend(pocs::same_paths(&pocs));
        problems.extend(bound(&config, &mut pocs));
        let (values, unset) = values::of(root, &config, &pocs);
        problems.extend(unset);
        let mut workspace = Workspace {
            root: root.to_owned(),
            ignored: BTreeSet::new(),
            values,
            config,
            pocs,
        };
        match git::ignored(root, &workspace.read_from()) {
            Ok(ignored) => workspace.ignored = ignored,
            Err(problem) => problems.push(problem),
        }
        problems.extend(prerequisites::missing(&workspace));
        problems.extend(workspace.obstacles());
        if problems.is_empty() {
            Ok(workspace)
        } else {
            Err(problems)
        }
    }

    /// Reads the configuration alone, for what starts no program: variables have no values.
    pub(crate) fn without_values(root: &Path) -> Result<Workspace, Vec<Problem>> {
        Ok(Workspace {
            root: root.to_owned(),
            config: load_config(root)?,
            pocs: Vec::new(),
            ignored: BTreeSet::new(),
            values: BTreeMap::new(),
        })
    }

    /// Reads the configuration alone.
    pub(crate) fn without_pocs(root: &Path) -> Result<Workspace, Vec<Problem>> {
        let mut workspace = Workspace::without_values(root)?;
        let (values, unset) = values::of(root, &workspace.config, &[]);
        if !unset.is_empty() {
            return Err(unset);
        }
        workspace.values = values;
        Ok(workspace)
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

    /// Where a POC lies; where it is reached through a link, what that leads to.
    pub fn poc_folder(&self, poc: &Poc) -> PathBuf {
        let written = self.root.join(&self.config.paths.pocs).join(&poc.id);
        pocs::resolved(&self.root, &written)
    }

    /// What a POC's sandbox is a copy of, in the order in which it is laid down.
    pub fn layers(&self, poc: &Poc) -> Vec<PathBuf> {
        let base = poc.base.as_ref().map(|base| self.root.join(base));
        let base = base.map(|base| pocs::resolved(&self.root, &base));
        base.into_iter().chain([self.poc_folder(poc)]).collect()
    }

    /// Folders outside of the POC folder that sandboxes are copies of, as they are named in messages.
    pub fn outside(&self) -> BTreeMap<String, PathBuf> {
        let below = self.root.join(&self.config.paths.pocs);
        let mut outside = BTreeMap::new();
        for poc in &self.pocs {
            let names = poc.base.iter().cloned();
            let id = format!("{}/{}", self.config.paths.pocs, poc.id);
            for (name, folder) in names.chain([id]).zip(self.layers(poc)) {
                if !folder.starts_with(&below) {
                    outside.insert(name, folder);
                }
            }
        }
        outside
    }

    /// What git ignores of the files that a POC is made of, from the root.
    pub fn left_out(&self, poc: &Poc) -> Vec<String> {
        let layers = self.layers(poc);
        let is_of_the_poc = |path: &&PathBuf| layers.iter().any(|layer| path.starts_with(layer));
        let ignored = self.ignored.iter().filter(is_of_the_poc);
        ignored
            .map(|path| match path.strip_prefix(&self.root) {
                Ok(below) => disk::slashed(below),
                Err(_) => path.display().to_string(),
            })
            .collect()
    }

    /// The environment of a process in a sandbox; `more` wins over `[env] set`.
    pub fn environment(
        &self,
        sandbox: &Sandbox,
        more: &BTreeMap<String, String>,
    ) -> BTreeMap<OsString, OsString> {
        let set = self.config.env.set.iter().chain(more);
        let set = set.map(|(name, value)| (name.clone(), variable::expand(value, &self.values)));
        sandbox.environment(&self.config.env.pass, &set.collect())
    }

    /// Everything that steps read and that git might ignore.
    fn read_from(&self) -> Vec<PathBuf> {
        let seeds = self.pocs.iter().flat_map(|poc| &poc.steps);
        let seeds = seeds.filter_map(|step| match &step.stdin {
            Some(Seed::Root(file)) => Some(PathBuf::from(file)),
            _ => None,
        });
        [PathBuf::from(&self.config.paths.pocs)]
            .into_iter()
            .chain(self.outside().into_values())
            .chain(seeds)
            .collect()
    }

    /// Links on the way to the folders that a publish writes.
    fn obstacles(&self) -> Vec<Problem> {
        let tree = self.tree();
        let exports = self.config.exports_schemas();
        // Without an export the schemas are only read.
        let written = [Some(&tree.fixtures), exports.then_some(&tree.schemas)];
        let written = written.into_iter().flatten();
        written
            .filter_map(|folder| Some(corpus::in_the_way(folder, &tree.guard(folder).err()?)))
            .collect()
    }
}

/// There is no `stillframe.toml` in a folder or above it.
fn missing(start: &Path) -> Problem {
    let below = projects::some_below(start);
    let fix = if below.is_empty() {
        "run `stillframe init` in the folder that should hold it, or name one with --root"
    } else {
        "go to one of them, or name it with --root; `check` and `regen` take --all"
    };
    let mut problem = Problem::new(Kind::Config, CONFIG_NAME, fix).detail(format!(
        "no {CONFIG_NAME} in {} or above it",
        start.display()
    ));
    for folder in below.iter().take(MOST_NAMED) {
        let folder = folder.strip_prefix(start).unwrap_or(folder);
        problem = problem.detail(format!("there is one in {}", folder.display()));
    }
    match below.len().saturating_sub(MOST_NAMED) {
        0 => problem,
        more => problem.detail(format!("… and in {more} more folders")),
    }
}

/// Gives captures the schemas that `[[bind]]` names.
fn bound(config: &Config, pocs: &mut [Poc]) -> Vec<Problem> {
    let fix = "edit the [[bind]] in stillframe.toml";
    let problem = |error| Problem::new(Kind::Config, CONFIG_NAME, fix).detail(error);
    let errors = binding::bind(&config.binds, pocs);
    errors.into_iter().map(problem).collect()
}

/// The fixtures of captures that have no schema, by what their step or a `[[bind]]` says; of what can be read.
pub fn without_schema(root: &Path, config: &Config) -> BTreeSet<String> {
    let (mut pocs, _) = load_pocs(&root.join(&config.paths.pocs), &config.paths.pocs);
    binding::bind(&config.binds, &mut pocs);
    let captures = pocs.iter().flat_map(Poc::captures);
    captures
        .filter(|(_, capture)| capture.schema == SchemaChoice::Off)
        .map(|(_, capture)| capture.path.to_string())
        .collect()
}

/// The committed folders of a configuration.
pub fn tree(root: &Path, config: &Config) -> Tree {
    Tree::new(root, &config.paths.fixtures, &config.paths.schemas)
}
