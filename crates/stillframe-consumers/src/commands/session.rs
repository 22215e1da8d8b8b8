//! What every command that runs the suite begins with: the definition, the work folder, and the suite put together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use stillframe::run_lock::RunLock;

use crate::definition::{Definition, expand};
use crate::hiding;
use crate::journal::{Header, Journal};
use crate::measured::{Measured, Timeout};
use crate::place::Place;
use crate::revision;
use crate::runner;
use crate::work::Work;

/// How long one run may take before the baseline is known.
const FIRST_TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// Where to find the suite.
#[derive(Debug, Clone, Default)]
pub struct Where {
    /// The folder with `consumers.toml`, or one below it; the current folder when not set.
    pub root: Option<PathBuf>,
    /// The folder for the work folder.
    pub work: Option<PathBuf>,
}

/// A suite that is ready to be measured, and alone in its work folder.
pub(super) struct Session {
    pub(super) definition: Definition,
    pub(super) suite: Measured,
    pub(super) journal: Journal,
    _lock: RunLock,
}

/// A work folder that no other command uses now.
pub(super) struct Alone {
    work: Work,
    _lock: RunLock,
}

impl Alone {
    pub(super) fn path(&self) -> &Path {
        self.work.path()
    }
}

impl Where {
    pub(super) fn definition(&self) -> Result<Definition> {
        let here = match &self.root {
            Some(root) => std::path::absolute(root)?,
            None => std::env::current_dir().context("looking for the current folder")?,
        };
        Definition::find(&here)
    }

    fn named_work(&self) -> Option<PathBuf> {
        let named = std::env::var_os("STILLFRAME_WORK").filter(|path| !path.is_empty());
        self.work.clone().or(named.map(PathBuf::from))
    }

    pub(super) fn work(&self, definition: &Definition) -> Result<Work> {
        Work::open(&definition.root, self.named_work().as_deref())
    }

    /// The work folder, for a command that only looks.
    pub(super) fn work_path(&self, definition: &Definition) -> Result<PathBuf> {
        Work::path_for(&definition.root, self.named_work().as_deref())
    }

    /// The work folder with nobody else in it; nothing for a run that was interrupted while it waited.
    pub(super) fn alone(&self, definition: &Definition) -> Result<Option<Alone>> {
        let work = self.work(definition)?;
        let lock = RunLock::acquire(work.path())?;
        Ok(lock.map(|lock| Alone { work, _lock: lock }))
    }

    /// Reads the definition and puts the suite together; nothing for a run that was interrupted while it waited.
    pub(super) fn session(&self) -> Result<Option<Session>> {
        let definition = self.definition()?;
        let work = self.work(&definition)?;
        let Some(lock) = RunLock::acquire(work.path())? else {
            return Ok(None);
        };
        let place = place(&definition, &work)?;
        let files = revision::files(&definition.root, &place)?;
        let hashes = revision::hashes(&definition.root, &files)?;
        let key = revision::key(&definition, &hashes);
        let commit = revision::head(&definition.root, &place)?;
        let runner = runner::choose(&definition.written)?;
        let timeout = match definition.written.suite.timeout {
            Some(_) => Timeout::Given,
            None => Timeout::ByBaseline,
        };
        let means = hiding::all(&definition)?;
        let suite = Measured::new(runner, means, place, timeout)?;
        let header = Header::new(key, suite.fixtures().to_vec(), commit, hashes);
        let journal = Journal::open(work.path(), &header)?;
        Ok(Some(Session {
            definition,
            suite,
            journal,
            _lock: lock,
        }))
    }
}

/// A place to ask git in, which needs nothing of the suite.
pub(super) fn bare_place(definition: &Definition) -> Place {
    Place {
        root: definition.root.clone(),
        cwd: definition.root.clone(),
        env: std::env::vars_os().collect(),
        timeout: FIRST_TIMEOUT,
        scratch: definition.root.clone(),
        wrapper: Vec::new(),
    }
}

fn place(definition: &Definition, work: &Work) -> Result<Place> {
    let suite = &definition.written.suite;
    let mut env: BTreeMap<_, _> = std::env::vars_os().collect();
    for (name, value) in &suite.env {
        env.insert(name.into(), expand(value)?.into());
    }
    Ok(Place {
        root: definition.root.clone(),
        cwd: folder(&definition.cwd())?,
        env,
        timeout: suite.timeout.map_or(FIRST_TIMEOUT, |span| span.0),
        scratch: work.scratch()?,
        wrapper: Vec::new(),
    })
}

fn folder(path: &Path) -> Result<PathBuf> {
    path.canonicalize()
        .with_context(|| format!("looking for {}, which [suite] cwd names", path.display()))
}
