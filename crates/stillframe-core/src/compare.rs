//! The one piece of code that decides what is stale: candidates against the committed corpus, in both directions; it writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::conflict;
use crate::lock::{Entry, Lock, Masked, hash};
use crate::problem::{Kind, Problem};
use crate::report::Summary;

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
        let lock = format!("{}/{}", folders.fixtures, crate::lock::LOCK_NAME);
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
                format!("{}/{}", folders.fixtures, crate::lock::LOCK_NAME),
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

/// `ruff 0.12.0 → 0.5.0`
fn version_changes(was: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let change = |(name, now): (&String, &String)| {
        let was = was.get(name).filter(|was| *was != now)?;
        let words = || was.split(' ').zip(now.split(' '));
        let same = words().take_while(|(was, now)| was == now).count();
        let rest: Vec<&str> = now.split(' ').skip(same).collect();
        // Where it only grew or shrank, or does not say whose version it is, nothing is left out.
        let rest = if rest.is_empty() {
            now.clone()
        } else {
            rest.join(" ")
        };
        let name = if same == 0 {
            format!("{name}: ")
        } else {
            String::new()
        };
        Some(format!("{name}{was} → {rest}"))
    };
    now.iter().filter_map(change).collect()
}

fn lock_differences(old: Option<&Lock>, new: &Lock) -> Vec<String> {
    let Some(old) = old else {
        return vec!["there is none".into()];
    };
    let mut lines = Vec::new();
    for (path, entry) in &new.fixtures {
        match old.fixtures.get(path) {
            None => lines.push(format!("{path}: not recorded")),
            Some(was) if was == entry => {}
            Some(was) => lines.push(format!("{path}: {}", entry_difference(was, entry))),
        }
    }
    for path in old
        .fixtures
        .keys()
        .filter(|path| !new.fixtures.contains_key(*path))
    {
        lines.push(format!("{path}: recorded, but no capture produces it"));
    }
    for (name, now) in &new.schemas {
        match old.schemas.get(name) {
            None => lines.push(format!("{name}: not recorded")),
            Some(was) if was == now => {}
            Some(_) => lines.push(format!(
                "{name}: the recorded hash is not that of the schema"
            )),
        }
    }
    let dropped = old
        .schemas
        .keys()
        .filter(|name| !new.schemas.contains_key(*name));
    lines
        .extend(dropped.map(|name| format!("{name}: recorded, but the target does not export it")));
    lines
}

fn entry_difference(was: &Entry, now: &Entry) -> String {
    let mut parts = Vec::new();
    if was.poc != now.poc {
        parts.push(format!("poc: {} → {}", was.poc, now.poc));
    }
    if (&was.target, was.exec) != (&now.target, now.exec) {
        parts.push(format!("program: {} → {}", program(was), program(now)));
    }
    if was.args != now.args {
        parts.push(format!("args: {:?} → {:?}", was.args, now.args));
    }
    if was.schema != now.schema {
        parts.push(format!("schema: {} → {}", was.schema, now.schema));
    }
    let masks = |word: &'static str, from, to| {
        added_masks(from, to).map(move |(place, rule)| format!("{word} masked: {place} ({rule})"))
    };
    parts.extend(masks("newly", &was.masked, &now.masked));
    parts.extend(masks("no longer", &now.masked, &was.masked));
    if was.blake3 != now.blake3 {
        parts.push("the recorded hash is not that of the published bytes".into());
    }
    parts.join(", ")
}

/// The places that only the second has, each with its rule.
fn added_masks<'m>(was: &'m Masked, now: &'m Masked) -> impl Iterator<Item = (&'m str, &'m str)> {
    now.iter().flat_map(|(rule, places)| {
        let known = was.get(rule);
        let new = move |place: &&String| known.is_none_or(|list| !list.contains(place));
        places
            .iter()
            .filter(new)
            .map(move |place| (place.as_str(), rule.as_str()))
    })
}

/// What a step runs, in the words of its keys.
fn program(entry: &Entry) -> String {
    match &entry.target {
        _ if entry.exec => "exec".into(),
        None => "[target]".into(),
        Some(name) => format!("target = {name:?}"),
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
mod tests {
    use super::*;

    const FOLDERS: Folders<'static> = Folders {
        fixtures: "fixtures_generated",
        schemas: "schemas",
    };

    fn fixture(path: &str, text: &str) -> (String, Fixture) {
        let bytes = text.as_bytes().to_vec();
        let entry = Entry {
            path: path.into(),
            poc: "a/one".into(),
            args: vec!["run".into()],
            exit: 0,
            blake3: hash(&bytes),
            ..Entry::default()
        };
        (
            path.into(),
            Fixture {
                entry,
                step: Some(1),
                bytes,
            },
        )
    }

    fn candidates() -> Candidates {
        Candidates {
            fixtures: [fixture("a.json", "1\n"), fixture("b.json", "2\n")].into(),
            schemas: Some([("s.schema.json".to_owned(), b"{}".to_vec())].into()),
            versions: BTreeMap::new(),
        }
    }

    /// What a publish of the candidates leaves in the tree.
    fn published() -> Committed {
        let candidates = candidates();
        Committed {
            lock: Some(Lock {
                versions: BTreeMap::new(),
                fixtures: candidates
                    .fixtures
                    .iter()
                    .map(|(p, f)| (p.clone(), f.entry.clone()))
                    .collect(),
                schemas: [("s.schema.json".to_owned(), hash(b"{}"))].into(),
            }),
            fixtures: candidates
                .fixtures
                .iter()
                .map(|(p, f)| (p.clone(), f.bytes.clone()))
                .collect(),
            schemas: candidates.schemas.unwrap(),
            ..Committed::default()
        }
    }

    fn kinds(committed: &Committed) -> Vec<(Kind, String)> {
        compare(&candidates(), committed, Scope::Everything, FOLDERS)
            .problems
            .into_iter()
            .map(|p| (p.kind, p.subject))
            .collect()
    }

    #[test]
    fn a_published_corpus_is_fresh() {
        let comparison = compare(&candidates(), &published(), Scope::Everything, FOLDERS);
        assert_eq!(comparison.problems, []);
        assert!(comparison.changes.is_empty());
        assert_eq!(comparison.summary.unchanged, 2);
    }

    #[test]
    fn an_edited_byte_is_named_as_a_hand_edit() {
        let mut tree = published();
        tree.fixtures.insert("a.json".into(), b"7\n".to_vec());
        assert_eq!(kinds(&tree), [(Kind::HandEdited, "a.json".into())]);
    }

    #[test]
    fn another_output_is_stale() {
        let mut tree = published();
        let old = b"7\n".to_vec();
        tree.lock
            .as_mut()
            .unwrap()
            .fixtures
            .get_mut("a.json")
            .unwrap()
            .blake3 = hash(&old);
        tree.fixtures.insert("a.json".into(), old);
        assert_eq!(kinds(&tree), [(Kind::Stale, "a.json".into())]);
    }

    #[test]
    fn a_deleted_fixture_is_missing() {
        let mut tree = published();
        tree.fixtures.remove("b.json");
        assert_eq!(kinds(&tree), [(Kind::Missing, "b.json".into())]);
    }

    #[test]
    fn a_stray_fixture_is_an_orphan_and_deleted() {
        let mut tree = published();
        tree.fixtures.insert("old/c.json".into(), b"3\n".to_vec());
        assert_eq!(kinds(&tree), [(Kind::Orphan, "old/c.json".into())]);
        let changes = compare(&candidates(), &tree, Scope::Everything, FOLDERS).changes;
        assert_eq!(changes.delete, ["old/c.json".to_owned()].into());
    }

    #[test]
    fn a_foreign_file_is_broken_and_never_deleted() {
        let mut tree = published();
        tree.foreign.push("notes.txt".into());
        let comparison = compare(&candidates(), &tree, Scope::Everything, FOLDERS);
        assert_eq!(comparison.problems[0].kind, Kind::Foreign);
        assert!(comparison.changes.delete.is_empty());
    }

    #[test]
    fn another_exit_code_is_drift() {
        let mut tree = published();
        tree.lock
            .as_mut()
            .unwrap()
            .fixtures
            .get_mut("a.json")
            .unwrap()
            .exit = 2;
        assert_eq!(kinds(&tree), [(Kind::ExitChanged, "a.json".into())]);
    }

    #[test]
    fn another_argument_makes_the_lock_stale() {
        let mut tree = published();
        tree.lock
            .as_mut()
            .unwrap()
            .fixtures
            .get_mut("a.json")
            .unwrap()
            .args
            .clear();
        let comparison = compare(&candidates(), &tree, Scope::Everything, FOLDERS);
        assert_eq!(comparison.problems[0].kind, Kind::StaleLock);
        assert_eq!(
            comparison.problems[0].details,
            ["a.json: args: [] → [\"run\"]"]
        );
        assert!(comparison.changes.write.is_empty() && comparison.changes.lock_differs);
    }

    /// A tree whose lock lists the given schemas as written by Stillframe, and that holds the given ones.
    fn with_schemas(recorded: &[(&str, &[u8])], there: &[(&str, &[u8])]) -> Committed {
        let mut tree = published();
        let lock = tree.lock.as_mut().unwrap();
        lock.schemas = recorded
            .iter()
            .map(|(name, bytes)| (name.to_string(), hash(bytes)))
            .collect();
        tree.schemas = there
            .iter()
            .map(|(name, bytes)| (name.to_string(), bytes.to_vec()))
            .collect();
        tree
    }

    #[test]
    fn schemas_are_compared_in_both_directions() {
        let tree = with_schemas(&[("t.schema.json", b"1")], &[("t.schema.json", b"1")]);
        assert_eq!(
            kinds(&tree),
            [
                (Kind::StaleSchema, "schemas/s.schema.json".into()),
                (Kind::StaleSchema, "schemas/t.schema.json".into())
            ]
        );
        let changes = compare(&candidates(), &tree, Scope::Everything, FOLDERS).changes;
        assert_eq!(changes.delete_schemas, ["t.schema.json".to_owned()].into());
        assert_eq!(
            changes.lock.schemas,
            published().lock.unwrap().schemas,
            "the lock lists what was exported"
        );
    }

    #[test]
    fn a_schema_that_stillframe_did_not_write_is_neither_reported_nor_deleted() {
        let tree = with_schemas(
            &[("s.schema.json", b"{}"), ("edited.schema.json", b"1")],
            &[
                ("s.schema.json", b"{}"),
                ("mine.schema.json", b"1"),
                ("edited.schema.json", b"2"),
            ],
        );
        assert_eq!(
            kinds(&tree),
            [(Kind::StaleLock, "fixtures_generated/corpus.lock".into())]
        );
        let changes = compare(&candidates(), &tree, Scope::Everything, FOLDERS).changes;
        assert!(changes.delete_schemas.is_empty() && changes.write_schemas.is_empty());
    }

    #[test]
    fn a_schema_edited_by_hand_is_stale_and_written_again() {
        let tree = with_schemas(&[("s.schema.json", b"{}")], &[("s.schema.json", b"{ }")]);
        let comparison = compare(&candidates(), &tree, Scope::Everything, FOLDERS);
        assert_eq!(comparison.problems[0].kind, Kind::StaleSchema);
        assert!(comparison.problems[0].details[0].contains("edited by hand"));
        assert_eq!(comparison.changes.write_schemas.len(), 1);
    }

    #[test]
    fn an_exported_schema_does_not_replace_one_written_by_hand() {
        for there in [
            "s.schema.json",
            "S.schema.json",
            "s.schema.json/x.schema.json",
        ] {
            let tree = with_schemas(&[], &[(there, b"mine")]);
            let comparison = compare(&candidates(), &tree, Scope::Everything, FOLDERS);
            assert_eq!(comparison.problems[0].kind, Kind::Foreign, "{there}");
            assert_eq!(comparison.problems[0].subject, format!("schemas/{there}"));
            assert!(comparison.changes.write_schemas.is_empty());
        }
        let mut tree = with_schemas(&[], &[]);
        tree.schema_others.insert("s.schema.json".into());
        assert_eq!(kinds(&tree)[0].0, Kind::Foreign);
    }

    #[test]
    fn a_corpus_from_before_schemas_were_recorded_needs_only_its_lock_written() {
        let tree = with_schemas(&[], &[("s.schema.json", b"{}")]);
        let comparison = compare(&candidates(), &tree, Scope::Everything, FOLDERS);
        assert_eq!(comparison.problems[0].kind, Kind::StaleLock);
        assert_eq!(
            comparison.problems[0].details,
            ["s.schema.json: not recorded"]
        );
        assert!(comparison.changes.write_schemas.is_empty());
        assert_eq!(comparison.changes.lock, published().lock.unwrap());
    }

    #[test]
    fn a_target_that_exports_nothing_leaves_every_schema_alone() {
        let tree = with_schemas(&[("s.schema.json", b"{}")], &[("s.schema.json", b"{ }")]);
        let mut candidates = candidates();
        candidates.schemas = None;
        let changes = compare(&candidates, &tree, Scope::Everything, FOLDERS).changes;
        assert!(changes.write_schemas.is_empty() && changes.delete_schemas.is_empty());
        assert!(changes.lock.schemas.is_empty());
        assert_eq!(tree.schemas_in_force(None), tree.schemas);
    }

    #[test]
    fn a_limited_run_deletes_no_schema() {
        let tree = with_schemas(
            &[("s.schema.json", b"{}"), ("t.schema.json", b"1")],
            &[("s.schema.json", b"{}"), ("t.schema.json", b"1")],
        );
        let limited = ["a/one".to_owned()].into();
        let comparison = compare(&candidates(), &tree, Scope::Pocs(&limited), FOLDERS);
        assert_eq!(comparison.problems, []);
        assert!(comparison.changes.is_empty());
    }

    #[test]
    fn outputs_are_validated_against_exported_schemas_and_those_written_by_hand() {
        let tree = with_schemas(
            &[("old.schema.json", b"1")],
            &[("old.schema.json", b"1"), ("mine.schema.json", b"2")],
        );
        let in_force = tree.schemas_in_force(candidates().schemas.as_ref());
        assert_eq!(
            in_force.keys().collect::<Vec<_>>(),
            ["mine.schema.json", "s.schema.json"]
        );
    }

    #[test]
    fn leftovers_are_never_fresh() {
        let mut tree = published();
        tree.leftovers.push(".a.json.stillframe-new".into());
        assert_eq!(kinds(&tree)[0].0, Kind::Interrupted);
    }

    #[test]
    fn a_limited_run_keeps_what_it_does_not_speak_for() {
        let mut tree = published();
        let mut other = fixture("z/other.json", "9\n").1;
        other.entry.poc = "b/two".into();
        tree.fixtures.insert("z/other.json".into(), b"9\n".to_vec());
        tree.lock
            .as_mut()
            .unwrap()
            .fixtures
            .insert("z/other.json".into(), other.entry);
        let limited = ["a/one".to_owned()].into();
        let comparison = compare(&candidates(), &tree, Scope::Pocs(&limited), FOLDERS);
        assert_eq!(comparison.problems, []);
        assert!(comparison.changes.is_empty());
    }

    #[test]
    fn equal_bytes_are_named_once_for_each_further_path() {
        let fixtures = [
            fixture("a.json", "1\n"),
            fixture("b.json", "1\n"),
            fixture("c.json", "2\n"),
        ]
        .into();
        let problems = duplicates(&fixtures);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].details, ["has the same bytes as a.json"]);
    }

    #[test]
    fn another_version_is_named_and_recorded_only_with_something_else() {
        let version = |text: &str| [("tool".to_owned(), text.to_owned())].into();
        let mut tree = published();
        let mut now = candidates();
        now.versions = version("tool 2.0 (b)");
        tree.lock.as_mut().unwrap().versions = version("tool 1.0 (a)");
        let unchanged = compare(&now, &tree, Scope::Everything, FOLDERS);
        assert!(unchanged.changes.is_empty() && unchanged.problems.is_empty());
        assert_eq!(unchanged.changes.lock.versions, version("tool 1.0 (a)"));
        tree.fixtures.remove("a.json");
        let changed = compare(&now, &tree, Scope::Everything, FOLDERS);
        assert_eq!(changed.changes.versions, ["tool 1.0 (a) → 2.0 (b)"]);
        assert_eq!(changed.changes.lock.versions, version("tool 2.0 (b)"));
        for (was, now, line) in [
            ("1.0", "2.0", "tool: 1.0 → 2.0"),
            ("tool 1 x", "tool 1", "tool 1 x → tool 1"),
        ] {
            assert_eq!(version_changes(&version(was), &version(now)), [line]);
        }
    }
}
