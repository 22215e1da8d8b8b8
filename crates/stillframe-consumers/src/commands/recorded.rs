//! What is known without running anything: from the journal of the present revision, else from `consumers.lock`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Result, bail};

use super::session::{Where, bare_place};
use crate::definition::Definition;
use crate::detection::{Ended, recall};
use crate::findings::Findings;
use crate::hiding::Fixture;
use crate::journal::{self, Header};
use crate::lock_file::{LOCK_NAME, Lock};
use crate::memory::{Answers, Memory as _};
use crate::record::Record;
use crate::revision::{self, Files};
use crate::runner;
use crate::set::FixtureSet;
use crate::suite::Abilities;

/// What is known, and from where.
#[derive(Debug)]
pub struct Recorded {
    /// The definition.
    pub definition: Definition,
    /// Every fixture.
    pub fixtures: Vec<Fixture>,
    /// What was found.
    pub findings: Findings,
    /// From where.
    pub source: Source,
}

/// From where something is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The journal of the files as they are now; it was measured to its end.
    Journal(PathBuf),
    /// The same, while something is left to measure.
    Unfinished(PathBuf),
    /// The committed file, which knows neither evidence nor the tests that consume nothing.
    Lock,
}

impl Recorded {
    /// Looks for it.
    ///
    /// # Errors
    ///
    /// When nothing was measured yet: it names the command that measures.
    pub fn find(at: &Where) -> Result<Recorded> {
        let definition = at.definition()?;
        if let Some(recorded) = from_journal(at, &definition)? {
            return Ok(recorded);
        }
        match Lock::read(&definition.root)? {
            Some(lock) => Ok(Recorded {
                fixtures: lock.all_fixtures(),
                findings: lock.findings(),
                source: Source::Lock,
                definition,
            }),
            None => bail!(
                "nothing was measured yet: there is no {LOCK_NAME} in {}, and no journal of the files as they are; run `stillframe consumers detect`",
                definition.root.display()
            ),
        }
    }

    /// A sentence about where it is from, as far as that matters.
    pub fn origin(&self) -> String {
        match &self.source {
            Source::Journal(path) => format!("measured: {}", path.display()),
            Source::Unfinished(path) => format!(
                "measured in part: {}; run `stillframe consumers detect` to go on",
                path.display()
            ),
            Source::Lock => format!(
                "from {LOCK_NAME}, as nothing was measured of the files as they are now; `stillframe consumers detect` measures them"
            ),
        }
    }
}

fn from_journal(at: &Where, definition: &Definition) -> Result<Option<Recorded>> {
    let now = Now::of(definition)?;
    for path in journal::all(&at.work_path(definition)?)? {
        if !now.is_of(&journal::header(&path)?)? {
            continue;
        }
        let read = journal::read(&path)?;
        let Remembered { findings, ended } = remember(definition, &read)?;
        // It may have begun a moment ago.
        if findings.tests.is_empty() {
            continue;
        }
        return Ok(Some(Recorded {
            definition: definition.clone(),
            fixtures: read.header.fixtures,
            findings,
            source: match ended {
                Ended::Complete => Source::Journal(path),
                _ => Source::Unfinished(path),
            },
        }));
    }
    Ok(None)
}

/// The files as they are now.
pub(super) struct Now {
    root: PathBuf,
    hashes: Files,
}

impl Now {
    pub(super) fn of(definition: &Definition) -> Result<Now> {
        let root = definition.root.clone();
        let files = revision::files(&root, &bare_place(definition))?;
        let hashes = revision::hashes(&root, &files)?;
        Ok(Now { root, hashes })
    }

    /// Whether a journal was measured on the files as they are now. Fixtures that git ignores are among its files, too.
    pub(super) fn is_of(&self, header: &Header) -> Result<bool> {
        Ok(self.changed_since(header)?.is_empty())
    }

    /// The files that are not as they were measured.
    pub(super) fn changed_since(&self, header: &Header) -> Result<BTreeSet<String>> {
        let others = header.files.keys();
        let others = others.filter(|name| !self.hashes.contains_key(*name));
        let others: Vec<PathBuf> = others.map(PathBuf::from).collect();
        let mut now = revision::hashes(&self.root, &others)?;
        now.extend(self.hashes.clone());
        let names = now.keys().chain(header.files.keys());
        let changed = names
            .filter(|name| now.get(*name) != header.files.get(*name))
            // What a measurement writes itself does not change what was measured.
            .filter(|name| *name != LOCK_NAME);
        Ok(changed.cloned().collect())
    }
}

/// What the records of a journal amount to.
pub(super) struct Remembered {
    pub(super) findings: Findings,
    pub(super) ended: Ended,
}

/// Turns the records of a journal into findings.
pub(super) fn remember(definition: &Definition, read: &journal::Read) -> Result<Remembered> {
    let mut answers = Answers::default();
    for record in &read.records {
        answers.keep(record.clone())?;
    }
    let runner = runner::choice::choose(&definition.written)?;
    let names = read.header.names();
    let abilities = Abilities {
        selects: runner.selects(),
        reorders: runner.reorders(),
        per_test: FixtureSet::none(names.len()),
        // How a search ended was recorded; what was seen only decided what it asked.
        observable: FixtureSet::all(names.len()),
    };
    let detected = recall(abilities, &names, &mut answers)?;
    let mut findings = detected.findings;
    for record in &read.records {
        if let Record::Unproved { fixtures, reason } = record {
            let is_used = fixtures.iter().any(|fixture| findings.is_used(fixture));
            if !is_used {
                let named = fixtures.iter().map(|name| (name.clone(), reason.clone()));
                findings.unhidden.extend(named);
            }
        }
    }
    Ok(Remembered {
        findings,
        ended: detected.ended,
    })
}
