//! What every command that runs the suite begins with: the definition, the work folder, and the suite put together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use stillframe::print;
use stillframe::run_lock::RunLock;

use crate::broken::Broken;
use crate::copy::{self, Copy};
use crate::definition::{Definition, FileObserver, expand};
use crate::findings::Findings;
use crate::hiding::choice;
use crate::journal::{Header, Journal};
use crate::measured::{Measured, Timeout};
use crate::name::{FixtureName, TestName};
use crate::place::Place;
use crate::revision::{self, Files};
use crate::runner;
use crate::strace::Strace;
use crate::suite::RunError;
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
    /// The user's own tree as it was before anything ran.
    before: Before,
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

/// The user's own tree before anything ran.
struct Before {
    place: Place,
    hashes: Files,
    has_copy: bool,
}

impl Session {
    /// Makes sure that these fixtures were hidden, where no test has shown it by failing.
    ///
    /// # Errors
    ///
    /// When their means was never seen to work: that every test passes says nothing then.
    pub(super) fn refuse_not_proved(
        &mut self,
        chosen: &BTreeSet<FixtureName>,
        findings: &Findings,
        passing: &BTreeSet<TestName>,
    ) -> Result<(), RunError> {
        let not_proved = self.suite.not_proved(chosen, findings, passing)?;
        if not_proved.is_empty() {
            return Ok(());
        }
        let reasons: Vec<String> = not_proved.into_iter().map(|one| one.reason).collect();
        Err(anyhow!(reasons.join("; ")).context(Broken::Hiding).into())
    }

    /// Looks whether the user's own tree is still what it was.
    ///
    /// # Errors
    ///
    /// When files differ although the suite ran in a private copy: it found its way out, or somebody edits the tree, and in
    /// either case what was measured may not be what it seems.
    pub(super) fn check_tree(&self) -> Result<()> {
        let before = &self.before;
        let changed = copy::changed(&before.place.root, &before.place, &before.hashes)?;
        if changed.is_empty() {
            return Ok(());
        }
        let named: Vec<String> = changed.iter().map(|name| format!("{name:?}")).collect();
        let named = named.join(", ");
        let root = before.place.root.display();
        if before.has_copy {
            bail!(
                "the suite ran in a private copy, and yet these files of {root} were changed: {named}; either a test writes to the tree by a path of its own, or the files were edited meanwhile: undo that and run the command again"
            );
        }
        print::note(&format!(
            "the suite writes into its own tree, or it was edited meanwhile: {named}"
        ));
        Ok(())
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
        work.remove_copy()?;
        let means = choice::all(&definition, &place)?;
        let fixtures: Vec<PathBuf> = means.iter().flat_map(|means| means.files()).collect();
        let needs_copy = !fixtures.is_empty();
        let mut files = revision::files(&definition.root, &place)?;
        // A fixture that git ignores is part of what is measured as well.
        files.extend(fixtures);
        let hashes = revision::hashes(&definition.root, &files)?;
        let key = revision::key(&definition, &hashes);
        let commit = revision::head(&definition.root, &place)?;
        let runner = runner::choice::choose(&definition.written)?;
        let timeout = match definition.written.suite.timeout {
            Some(_) => Timeout::Given,
            None => Timeout::ByBaseline,
        };
        let own_place = place.clone();
        let (place, copy) = if needs_copy {
            let copy = match Copy::make(&place, &work, &hashes) {
                Ok(copy) => copy,
                Err(RunError::Interrupted) => return Ok(None),
                Err(RunError::Failed(error)) => return Err(error),
            };
            (copy.place(&place)?, Some(copy))
        } else {
            (place, None)
        };
        let strace = file_observer(&definition, &place)?;
        let mut suite = Measured::new(runner, means, place, copy, timeout)?;
        if let Some(strace) = strace {
            suite.watch_files(strace);
        }
        let header = Header::new(key, suite.fixtures().to_vec(), commit, hashes.clone());
        let journal = Journal::open(work.path(), &header)?;
        Ok(Some(Session {
            definition,
            suite,
            journal,
            before: Before {
                place: own_place,
                hashes,
                has_copy: needs_copy,
            },
            _lock: lock,
        }))
    }
}

/// A place to ask git in, which needs nothing of the suite.
pub(super) fn bare_place(definition: &Definition) -> Place {
    Place {
        root: definition.root.clone(),
        files: definition.root.clone(),
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
    let root = &definition.root;
    let root = root
        .canonicalize()
        .with_context(|| format!("looking for {}", root.display()))?;
    Ok(Place {
        root: root.clone(),
        files: root,
        cwd: folder(&definition.cwd())?,
        env,
        timeout: suite.timeout.map_or(FIRST_TIMEOUT, |span| span.0),
        scratch: work.scratch()?,
        wrapper: Vec::new(),
    })
}

fn file_observer(definition: &Definition, place: &Place) -> Result<Option<Strace>> {
    match definition.written.observe.files {
        Some(FileObserver::Atime) => bail!(
            "[observe] files = \"atime\" is not supported; write files = \"strace\", or remove the line"
        ),
        Some(FileObserver::Strace) => Strace::checked(place).map(Some),
        None => Ok(None),
    }
}

fn folder(path: &Path) -> Result<PathBuf> {
    path.canonicalize()
        .with_context(|| format!("looking for {}, which [suite] cwd names", path.display()))
}
