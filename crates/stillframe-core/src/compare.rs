//! The one piece of code that decides what is stale: candidates against the committed corpus, in both directions; it writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::lock::{Entry, Lock, hash};
use crate::problem::{Kind, Problem};
use crate::report::Summary;

/// What the target printed now, ready to be published.
#[derive(Debug, Default, Clone)]
pub struct Candidates {
    /// Every fixture by its path.
    pub fixtures: BTreeMap<String, Fixture>,
    /// Every schema file by its name; `None` where the target exports none.
    pub schemas: Option<BTreeMap<String, Vec<u8>>>,
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
    /// The fixture files, by path.
    pub fixtures: BTreeMap<String, Vec<u8>>,
    /// Paths in the corpus folder that are no fixtures.
    pub foreign: Vec<String>,
    /// What a publish that was ended left behind.
    pub leftovers: Vec<String>,
    /// The committed schema files, by name.
    pub schemas: BTreeMap<String, Vec<u8>>,
}

/// How much of the corpus the candidates speak for.
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

/// The fix of everything that regenerating mends.
pub const REGEN: &str = "run `stillframe regen` and commit the result";

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
    for (path, fixture) in &candidates.fixtures {
        comparison.fixture(path, fixture, committed);
    }
    if scope == Scope::Everything {
        comparison.orphans(candidates, committed);
    }
    comparison.lock(candidates, committed, scope, folders);
    if let Some(schemas) = &candidates.schemas {
        comparison.schemas(schemas, &committed.schemas, folders);
    }
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
                .detail("a file, folder or link in the corpus that is no fixture; it is never deleted for you"),
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
        let edited = recorded.is_some_and(|entry| entry.blake3 != hash(bytes));
        let problem = if edited {
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
            lock.fixtures.insert(path.clone(), fixture.entry.clone());
        }
        self.changes.lock_differs = committed.lock.as_ref() != Some(&lock);
        if self.changes.lock_differs && self.problems.iter().all(|p| p.kind == Kind::Foreign) {
            let mut problem = Problem::new(
                Kind::StaleLock,
                format!("{}/{}", folders.fixtures, crate::lock::LOCK_NAME),
                REGEN,
            );
            problem.details = lock_differences(committed.lock.as_ref(), &lock);
            self.problems.push(problem);
        }
        self.changes.lock = lock;
    }

    fn schemas(
        &mut self,
        exported: &BTreeMap<String, Vec<u8>>,
        committed: &BTreeMap<String, Vec<u8>>,
        folders: Folders<'_>,
    ) {
        for (name, bytes) in exported {
            let what = match committed.get(name) {
                Some(old) if old == bytes => continue,
                Some(_) => "the target exports another text",
                None => "the target exports it, and it is not committed",
            };
            self.changes
                .write_schemas
                .insert(name.clone(), bytes.clone());
            self.stale_schema(name, what, folders);
        }
        for name in committed
            .keys()
            .filter(|name| !exported.contains_key(*name))
        {
            self.changes.delete_schemas.insert(name.clone());
            self.stale_schema(name, "the target no longer exports it", folders);
        }
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
    lines
}

fn entry_difference(was: &Entry, now: &Entry) -> String {
    let mut parts = Vec::new();
    if was.poc != now.poc {
        parts.push(format!("poc: {} → {}", was.poc, now.poc));
    }
    if was.args != now.args {
        parts.push(format!("args: {:?} → {:?}", was.args, now.args));
    }
    if was.schema != now.schema {
        let name = |schema: &Option<String>| schema.clone().unwrap_or_else(|| "none".into());
        parts.push(format!(
            "schema: {} → {}",
            name(&was.schema),
            name(&now.schema)
        ));
    }
    if was.blake3 != now.blake3 {
        parts.push("the recorded hash is not that of the published bytes".into());
    }
    parts.join(", ")
}

/// Fixtures that have the same bytes, as advisory findings on the later path of each pair.
pub fn duplicates(fixtures: &BTreeMap<String, Fixture>) -> Vec<Problem> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for (path, fixture) in fixtures {
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
            schema: None,
            blake3: hash(&bytes),
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
        }
    }

    /// What a publish of the candidates leaves in the tree.
    fn published() -> Committed {
        let candidates = candidates();
        Committed {
            lock: Some(Lock {
                fixtures: candidates
                    .fixtures
                    .iter()
                    .map(|(p, f)| (p.clone(), f.entry.clone()))
                    .collect(),
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

    #[test]
    fn schemas_are_compared_in_both_directions() {
        let mut tree = published();
        tree.schemas = [("t.schema.json".to_owned(), vec![])].into();
        assert_eq!(
            kinds(&tree),
            [
                (Kind::StaleSchema, "schemas/s.schema.json".into()),
                (Kind::StaleSchema, "schemas/t.schema.json".into())
            ]
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
}
