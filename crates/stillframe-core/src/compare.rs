//! The one piece of code that decides what is stale: candidates against the committed corpus, in both directions; it writes nothing.

mod differences;

use std::collections::{BTreeMap, BTreeSet};

use crate::conflict;
use crate::lock::{Entry, Lock, Masked, hash};
use crate::problem::{Kind, Problem};
use crate::report::Summary;

use differences::{added_masks, lock_differences, version_changes};

/// What the target printed now, ready to be published.
#[derive(Debug, Default, Clone)]
pub struct Candidates {
    /// Every fixture by its path.
    pub fixtures: BTreeMap<String, Fixture>,
    /// Every schema file by its name; `None` where the target exports none.
    pub schemas: Option<BTreeMap<String, Vec<u8>>>,
    /// What each target prints as its version.
    pub versions: BTreeMap<String, String>,
}

/// One normalised output with its record.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// What is recorded of it.
    pub entry: Entry,
    /// The step that made it, counted from 1; `None` where it comes from a candidates folder.
    pub step: Option<usize>,
    /// The file's content.
    pub bytes: Vec<u8>,
}

/// What lies in the tree.
#[derive(Debug, Default, Clone)]
pub struct Committed {
    /// The record of the last publish; `None` where there is none.
    pub lock: Option<Lock>,
    /// The line in which git's conflict marks begin in the lock, which was read from both sides then.
    pub lock_conflict: Option<usize>,
    /// The fixture files, by path.
    pub fixtures: BTreeMap<String, Vec<u8>>,
    /// Paths in the corpus folder that are not fixtures.
    pub foreign: Vec<String>,
    /// What a publish that was ended left behind.
    pub leftovers: Vec<String>,
    /// The committed schema files, by name: those that Stillframe wrote and those that a person did.
    pub schemas: BTreeMap<String, Vec<u8>>,
    /// What else lies in the schema folder: links, other files.
    pub schema_others: BTreeSet<String>,
}

impl Committed {
    /// The schema files that a run validates against: the exported ones, and beside them those that a person wrote.
    pub fn schemas_in_force(
        &self,
        exported: Option<&BTreeMap<String, Vec<u8>>>,
    ) -> BTreeMap<String, Vec<u8>> {
        let Some(exported) = exported else {
            return self.schemas.clone();
        };
        let kept = self.schemas.iter();
        let kept = kept.filter(|(name, bytes)| !self.wrote_schema(name, bytes));
        kept.chain(exported)
            .map(|(name, bytes)| (name.clone(), bytes.clone()))
            .collect()
    }

    /// Whether a schema file is as Stillframe wrote it; one that was edited since is a person's.
    fn wrote_schema(&self, name: &str, bytes: &[u8]) -> bool {
        self.recorded_schema(name)
            .is_some_and(|recorded| recorded == hash(bytes))
    }

    fn recorded_schema(&self, name: &str) -> Option<&str> {
        Some(self.lock.as_ref()?.schemas.get(name)?)
    }

    /// What Stillframe did not write and would have to replace to write a schema of that name.
    fn in_the_way_of(&self, name: &str) -> Option<&str> {
        let folded = name.to_lowercase();
        let clashes = |other: &str| {
            let other = other.to_lowercase();
            let inside = |inner: &str, outer: &str| {
                inner
                    .strip_prefix(outer)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            inside(&folded, &other) || inside(&other, &folded)
        };
        let others = self.schema_others.iter();
        let unrecorded = self
            .schemas
            .keys()
            .filter(|other| self.recorded_schema(other).is_none());
        others
            .chain(unrecorded)
            .map(String::as_str)
            .find(|other| clashes(other))
    }
}

/// How much of the corpus the candidates cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    /// All of it: what they do not hold is an orphan.
    Everything,
    /// These POCs; nothing is deleted and orphans are not judged.
    Pocs(&'a BTreeSet<String>),
}

/// What differs, and what to write so that nothing does.
#[derive(Debug, Default)]
pub struct Comparison {
    /// One finding for each difference.
    pub problems: Vec<Problem>,
    /// The way from the committed state to the candidates.
    pub changes: Changes,
    /// How many fixtures there are of each fate.
    pub summary: Summary,
}

/// A place that is masked for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMask {
    /// The fixture.
    pub path: String,
    /// The place, as a pattern of locations.
    pub place: String,
    /// The name of the rule.
    pub rule: String,
}

/// The way from the committed state to the candidates; unchanged files are not in it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Fixtures to write, by path.
    pub write: BTreeMap<String, Vec<u8>>,
    /// Fixtures to delete.
    pub delete: BTreeSet<String>,
    /// The lock afterwards.
    pub lock: Lock,
    /// Whether the lock on disk differs from it.
    pub lock_differs: bool,
    /// Schema files to write, by name.
    pub write_schemas: BTreeMap<String, Vec<u8>>,
    /// Schema files to delete.
    pub delete_schemas: BTreeSet<String>,
    /// One line for each target that is of another version than the one that printed the corpus.
    pub versions: Vec<String>,
    /// Places that a rule masks now and did not when the corpus was published.
    pub newly_masked: Vec<NewMask>,
}

impl Changes {
    /// Whether there is nothing to write or delete.
    pub fn is_empty(&self) -> bool {
        self.write.is_empty()
            && self.delete.is_empty()
            && self.write_schemas.is_empty()
            && self.delete_schemas.is_empty()
            && !self.lock_differs
    }
}

/// Where the corpus and the schemas lie, for the messages.
#[derive(Debug, Clone, Copy)]
pub struct Folders<'a> {
    /// The corpus folder as configured.
    pub fixtures: &'a str,
    /// The schema folder as configured.
    pub schemas: &'a str,
}

/// The fix of everything that regenerating puts right.
pub const REGEN: &str = "run `stillframe regen` and commit the result";

/// A file with git's conflict marks, which begin in this line.
pub fn unmerged(subject: impl Into<String>, line: usize) -> Problem {
    Problem::new(
        Kind::Conflict,
        subject,
        "run `stillframe regen`, which needs no merge by hand; then `git add` the result to end git's merge",
    )
    .detail(format!("git could not merge it; its conflict marks begin in line {line}"))
}

/// Compares in both directions.
pub fn compare(
    candidates: &Candidates,
    committed: &Committed,
    scope: Scope<'_>,
    folders: Folders<'_>,
) -> Comparison {
    let mut comparison = Comparison::default();
    comparison.interrupted(committed, folders);
    comparison.foreign(committed, folders);
    if let Some(line) = committed.lock_conflict {
        let lock = format!("{}/{}", folders.fixtures, crate::names::LOCK_NAME);
        comparison.problems.push(unmerged(lock, line));
    }
    for (path, fixture) in &candidates.fixtures {
        comparison.fixture(path, fixture, committed);
    }
    if scope == Scope::Everything {
        comparison.orphans(candidates, committed);
    }
    if let Some(schemas) = &candidates.schemas {
        comparison.schemas(schemas, committed, scope, folders);
    }
    comparison.lock(candidates, committed, scope, folders);
    comparison
}

impl Comparison {
    fn interrupted(&mut self, committed: &Committed, folders: Folders<'_>) {
        if !committed.leftovers.is_empty() {
            let mut problem = Problem::new(
                Kind::Interrupted,
                folders.fixtures,
                "run `stillframe regen`; it completes or undoes what was left",
            )
            .detail("a publish was ended before it was complete; it left:");
            problem.details.extend(committed.leftovers.iter().cloned());
            self.problems.push(problem);
        }
    }

    fn foreign(&mut self, committed: &Committed, folders: Folders<'_>) {
        for path in &committed.foreign {
            self.problems.push(
                Problem::new(
                    Kind::Foreign,
                    path.clone(),
                    format!("move or delete {}/{path}", folders.fixtures),
                )
                .detail("a file, folder or link in the corpus that is not a fixture; it is never deleted for you"),
            );
        }
    }

    fn fixture(&mut self, path: &str, fixture: &Fixture, committed: &Committed) {
        let recorded = committed
            .lock
            .as_ref()
            .and_then(|lock| lock.fixtures.get(path));
        let exit_changed = recorded.is_some_and(|entry| entry.exit != fixture.entry.exit);
        if let Some(entry) = recorded.filter(|_| exit_changed) {
            self.problems.push(
                Problem::new(Kind::ExitChanged, path, REGEN)
                    .at(&fixture.entry.poc, fixture.step)
                    .detail(format!(
                        "exit code: {} → {}",
                        entry.exit, fixture.entry.exit
                    )),
            );
        }
        let Some(bytes) = committed.fixtures.get(path) else {
            self.summary.new += 1;
            self.changes
                .write
                .insert(path.into(), fixture.bytes.clone());
            self.problems.push(
                Problem::new(Kind::Missing, path, REGEN)
                    .at(&fixture.entry.poc, fixture.step)
                    .detail("the corpus does not have it"),
            );
            return;
        };
        if *bytes == fixture.bytes {
            if exit_changed {
                self.summary.changed += 1;
            } else {
                self.summary.unchanged += 1;
            }
            return;
        }
        self.summary.changed += 1;
        self.changes
            .write
            .insert(path.into(), fixture.bytes.clone());
        // What is recorded after half a merge is not what was published.
        let edited = committed.lock_conflict.is_none()
            && recorded.is_some_and(|entry| entry.blake3 != hash(bytes));
        let problem = if let Some(line) = conflict::first(bytes) {
            unmerged(path, line)
        } else if edited {
            Problem::new(
                Kind::HandEdited,
                path,
                "run `stillframe regen` to put back what the target prints; a shape no POC produces belongs under scenarios",
            )
            .detail("its bytes are not the ones that were published")
        } else {
            Problem::new(Kind::Stale, path, REGEN)
        };
        self.problems
            .push(problem.at(&fixture.entry.poc, fixture.step));
    }

    fn orphans(&mut self, candidates: &Candidates, committed: &Committed) {
        for path in committed.fixtures.keys() {
            if !candidates.fixtures.contains_key(path) {
                self.summary.removed += 1;
                self.changes.delete.insert(path.clone());
                self.problems.push(
                    Problem::new(
                        Kind::Orphan,
                        path.clone(),
                        "run `stillframe regen` to delete it, and commit the result",
                    )
                    .detail("no capture produces it"),
                );
            }
        }
    }

    fn lock(
        &mut self,
        candidates: &Candidates,
        committed: &Committed,
        scope: Scope<'_>,
        folders: Folders<'_>,
    ) {
        let mut lock = match scope {
            Scope::Everything => Lock::default(),
            Scope::Pocs(_) => committed.lock.clone().unwrap_or_default(),
        };
        for (path, fixture) in &candidates.fixtures {
            let old = committed.lock.as_ref();
            let was = old.and_then(|lock| lock.fixtures.get(path));
            let nothing = Masked::new();
            let new = added_masks(
                was.map_or(&nothing, |was| &was.masked),
                &fixture.entry.masked,
            );
            self.changes
                .newly_masked
                .extend(new.map(|(place, rule)| NewMask {
                    path: path.clone(),
                    place: place.to_owned(),
                    rule: rule.to_owned(),
                }));
            lock.fixtures.insert(path.clone(), fixture.entry.clone());
        }
        for (name, bytes) in candidates.schemas.iter().flatten() {
            let there = committed.schemas.get(name) == Some(bytes);
            if there || self.changes.write_schemas.contains_key(name) {
                lock.schemas.insert(name.clone(), hash(bytes));
            }
        }
        let recorded = committed.lock.as_ref().map(|lock| &lock.versions);
        lock.versions = recorded.cloned().unwrap_or_default();
        self.changes.lock_differs =
            committed.lock_conflict.is_some() || committed.lock.as_ref() != Some(&lock);
        if self.changes.lock_differs && self.problems.iter().all(|p| p.kind == Kind::Foreign) {
            let mut problem = Problem::new(
                Kind::StaleLock,
                format!("{}/{}", folders.fixtures, crate::names::LOCK_NAME),
                REGEN,
            );
            problem.details = lock_differences(committed.lock.as_ref(), &lock);
            self.problems.push(problem);
        }
        self.changes.versions = version_changes(&lock.versions, &candidates.versions);
        // Another version alone is not a reason to publish.
        if !self.changes.is_empty() {
            lock.versions.clone_from(&candidates.versions);
        }
        self.changes.lock = lock;
    }

    fn schemas(
        &mut self,
        exported: &BTreeMap<String, Vec<u8>>,
        committed: &Committed,
        scope: Scope<'_>,
        folders: Folders<'_>,
    ) {
        for (name, bytes) in exported {
            let old = committed.schemas.get(name);
            // A link to the same text is not a file of ours.
            if old == Some(bytes) && !committed.schema_others.contains(name) {
                continue;
            }
            if let Some(other) = committed.in_the_way_of(name) {
                self.foreign_schema(name, other, folders);
                continue;
            }
            let what = match old {
                Some(old) if conflict::first(old).is_some() => {
                    "git could not merge it and left its conflict marks in it"
                }
                None => "the target exports it, and it is not committed",
                Some(old) if committed.wrote_schema(name, old) => "the target exports another text",
                Some(_) => "it was edited by hand, and the target exports another text",
            };
            self.changes
                .write_schemas
                .insert(name.clone(), bytes.clone());
            self.stale_schema(name, what, folders);
        }
        if scope != Scope::Everything {
            return;
        }
        for (name, bytes) in &committed.schemas {
            if !exported.contains_key(name) && committed.wrote_schema(name, bytes) {
                self.changes.delete_schemas.insert(name.clone());
                self.stale_schema(name, "the target no longer exports it", folders);
            }
        }
    }

    /// A file that a person wrote is neither replaced nor deleted, so the person has to decide.
    fn foreign_schema(&mut self, name: &str, other: &str, folders: Folders<'_>) {
        let other = format!("{}/{other}", folders.schemas);
        self.problems.push(
            Problem::new(
                Kind::Foreign,
                other.clone(),
                format!("if it was written by hand, move it away; if an earlier Stillframe wrote it, delete it: rm {other}; then run `stillframe regen`"),
            )
            .detail(format!(
                "it is where the exported schema {name} belongs, and the lock does not list it as written by Stillframe; it is never replaced for you"
            )),
        );
    }

    fn stale_schema(&mut self, name: &str, what: &str, folders: Folders<'_>) {
        self.problems.push(
            Problem::new(
                Kind::StaleSchema,
                format!("{}/{name}", folders.schemas),
                REGEN,
            )
            .detail(what),
        );
    }
}

/// Fixtures that have the same bytes, as advisory findings on the later path of each pair.
pub fn duplicates(fixtures: &BTreeMap<String, Fixture>) -> Vec<Problem> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    // An empty stream is equal to every other one, and its step says that empty is right.
    for (path, fixture) in fixtures
        .iter()
        .filter(|(_, fixture)| !fixture.bytes.is_empty())
    {
        match first.get(fixture.entry.blake3.as_str()) {
            None => {
                first.insert(&fixture.entry.blake3, path);
            }
            Some(earlier) => problems.push(
                Problem::new(
                    Kind::Duplicate,
                    path.clone(),
                    "let the step show something else, drop it, or `preserve` the value that a rule masks",
                )
                .at(&fixture.entry.poc, fixture.step)
                .detail(format!("has the same bytes as {earlier}")),
            ),
        }
    }
    problems
}

#[cfg(test)]
mod tests;
