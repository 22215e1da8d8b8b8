//! `corpus.lock`: what was published, by which step, with which exit code, and which schemas are ours; nothing in it depends on the machine or the day.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::conflict;
use crate::poc::{FixturePath, portable};
use crate::visible::visible;

/// What a schema file's name ends with.
pub const SCHEMA_SUFFIX: &str = ".schema.json";

const VERSION: u32 = 1;
const HEADER: &str = "# Written by `stillframe regen`; never edited by hand.\n";

/// The record of one published corpus, sorted by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// Every fixture, by its path below the corpus folder.
    pub fixtures: BTreeMap<String, Entry>,
    /// The hash of every schema file that Stillframe wrote, by its path below the schema folder; other files there are
    /// not its own.
    pub schemas: BTreeMap<String, String>,
    /// What each target printed as its version when something was last published; never judged.
    pub versions: BTreeMap<String, String>,
}

/// What is recorded of one fixture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Below the corpus folder, with forward slashes.
    pub path: String,
    /// The POC's folder below `pocs`.
    pub poc: String,
    /// The target, where it is not the one of `[target]`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target: Option<String>,
    /// Whether `args` are those of an `exec`, which begin with the program; a target's own program is not among them.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub exec: bool,
    /// The step's arguments as written, variables unexpanded.
    pub args: Vec<String>,
    /// The exit code of the program.
    pub exit: i32,
    /// The schema that the fixture satisfies; a list where the lines of a stream have several.
    #[serde(skip_serializing_if = "SchemaNames::is_empty", default)]
    pub schema: SchemaNames,
    /// The BLAKE3 hash of the fixture's bytes, in hexadecimal.
    pub blake3: String,
    /// The places where rules apply, as patterns of locations, by the rule's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub masked: Masked,
}

/// Places where rules apply, by the rule's name.
pub type Masked = BTreeMap<String, Vec<String>>;

/// The names of a fixture's schemas: none, one, or those of a stream's lines. One is written as a string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SchemaNames(BTreeSet<String>);

impl SchemaNames {
    /// Whether the fixture has no schema.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The name, where it is the only one.
    pub fn one(&self) -> Option<&str> {
        self.0
            .first()
            .filter(|_| self.0.len() == 1)
            .map(String::as_str)
    }
}

impl FromIterator<String> for SchemaNames {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        SchemaNames(names.into_iter().collect())
    }
}

impl fmt::Display for SchemaNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().collect();
        f.write_str(if names.is_empty() { "none" } else { "" })?;
        f.write_str(&names.join(", "))
    }
}

impl Serialize for SchemaNames {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.one() {
            Some(name) => serializer.serialize_str(name),
            None => serializer.collect_seq(self.iter()),
        }
    }
}

impl<'de> Deserialize<'de> for SchemaNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = SchemaNames;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a schema's name, or a list of them")
            }
            fn visit_str<E>(self, name: &str) -> Result<SchemaNames, E> {
                Ok([name.to_owned()].into_iter().collect())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<SchemaNames, A::Error> {
                let mut names = BTreeSet::new();
                while let Some(name) = seq.next_element()? {
                    names.insert(name);
                }
                Ok(SchemaNames(names))
            }
        }
        deserializer.deserialize_any(Names)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnDisk {
    version: u32,
    #[serde(default, rename = "fixture")]
    fixtures: Vec<Entry>,
    #[serde(default, rename = "schema", skip_serializing_if = "Vec::is_empty")]
    schemas: Vec<SchemaEntry>,
    #[serde(default, rename = "target", skip_serializing_if = "BTreeMap::is_empty")]
    targets: BTreeMap<String, TargetEntry>,
}

/// What is recorded of one target.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetEntry {
    version: String,
}

/// What is recorded of one schema file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SchemaEntry {
    path: String,
    blake3: String,
}

/// Why a lock cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Not TOML, or not this shape.
    #[error("{}", crate::toml_error::text(.0, ""))]
    Malformed(#[from] toml::de::Error),
    /// Written by a later release.
    #[error("version {0} is newer than this stillframe understands (1)")]
    Version(u32),
    /// A path that no publish can have written.
    #[error(
        "the path `{}` cannot be in a lock: {}",
        visible(path),
        visible(reason)
    )]
    Path {
        /// As written in the lock.
        path: String,
        /// What is wrong with it, as a lowercase fragment.
        reason: String,
    },
}

impl LockError {
    fn path(path: &str, reason: impl Into<String>) -> LockError {
        LockError::Path {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}

impl Lock {
    /// Reads the text of a lock file.
    pub fn parse(text: &str) -> Result<Lock, LockError> {
        let on_disk: OnDisk = toml::from_str(text)?;
        if on_disk.version > VERSION {
            return Err(LockError::Version(on_disk.version));
        }
        let fixtures: BTreeMap<_, _> = by_path(on_disk.fixtures, |entry| &entry.path)?;
        let schemas = by_path(on_disk.schemas, |entry| &entry.path)?;
        for path in fixtures.keys() {
            fixture_path(path)?;
        }
        for path in schemas.keys() {
            schema_path(path).map_err(|reason| LockError::path(path, reason))?;
        }
        Ok(Lock {
            fixtures,
            schemas: schemas
                .into_iter()
                .map(|(path, entry)| (path, entry.blake3))
                .collect(),
            versions: on_disk
                .targets
                .into_iter()
                .map(|(name, entry)| (name, entry.version))
                .collect(),
        })
    }

    /// Reads a lock that git could not merge, from both sides: every entry that one of them has, the current branch's first.
    /// `None` where there are no marks of git's, or nothing can be read.
    pub fn merged(text: &str) -> Option<Lock> {
        let sides = conflict::sides(text)?;
        let mut merged = Lock::of_side(&sides.ours)?;
        let theirs = Lock::of_side(&sides.theirs)?;
        for (path, entry) in theirs.fixtures {
            merged.fixtures.entry(path).or_insert(entry);
        }
        for (path, blake3) in theirs.schemas {
            merged.schemas.entry(path).or_insert(blake3);
        }
        for (name, version) in theirs.versions {
            merged.versions.entry(name).or_insert(version);
        }
        Some(merged)
    }

    /// One side of a conflict. What git merged by itself on the way to it may have cut an entry, so that the others are
    /// read one by one.
    fn of_side(text: &str) -> Option<Lock> {
        match Lock::parse(text) {
            Ok(lock) => return Some(lock),
            Err(LockError::Version(_)) => return None,
            Err(_) => {}
        }
        let mut lock = Lock::default();
        for entry in text.split("\n[[").skip(1) {
            if let Ok(one) = Lock::parse(&format!("version = {VERSION}\n[[{entry}")) {
                lock.fixtures.extend(one.fixtures);
                lock.schemas.extend(one.schemas);
                lock.versions.extend(one.versions);
            }
        }
        (lock != Lock::default()).then_some(lock)
    }

    /// The text of the lock file.
    pub fn render(&self) -> String {
        let on_disk = OnDisk {
            version: VERSION,
            fixtures: self.fixtures.values().cloned().collect(),
            schemas: self
                .schemas
                .iter()
                .map(|(path, blake3)| SchemaEntry {
                    path: path.clone(),
                    blake3: blake3.clone(),
                })
                .collect(),
            targets: self
                .versions
                .iter()
                .map(|(name, version)| {
                    let version = version.clone();
                    (name.clone(), TargetEntry { version })
                })
                .collect(),
        };
        let body = toml::to_string(&on_disk).expect("a lock is plain strings and numbers");
        format!("{HEADER}{body}")
    }
}

/// Sorts entries by their path; paths that one folder cannot hold are refused.
fn by_path<E>(
    entries: Vec<E>,
    path: impl Fn(&E) -> &str,
) -> Result<BTreeMap<String, E>, LockError> {
    if let Some(twice) = crate::poc::clash(entries.iter().map(&path)) {
        let reason = "another path is the same, differs only in case, or lies below it";
        return Err(LockError::path(twice, reason));
    }
    Ok(entries
        .into_iter()
        .map(|entry| (path(&entry).to_owned(), entry))
        .collect())
}

fn fixture_path(path: &str) -> Result<(), LockError> {
    if !is_fixture(path) {
        let reason = "a fixture's name ends with .json or .ndjson";
        return Err(LockError::path(path, reason));
    }
    FixturePath::new(path).map_err(|reason| LockError::path(path, reason))?;
    Ok(())
}

/// Whether a name in the corpus folder is that of a fixture.
pub fn is_fixture(name: &str) -> bool {
    name.ends_with(".json") || name.ends_with(".ndjson")
}

/// Checks the path of a schema file below the schema folder; the error is the reason, as a lowercase fragment.
pub fn schema_path(path: &str) -> Result<(), String> {
    if !path.ends_with(SCHEMA_SUFFIX) {
        return Err(format!("a schema's name ends with {SCHEMA_SUFFIX}"));
    }
    portable(path, "the schema folder")
}

/// The hash that a lock records for a file's bytes.
pub fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str) -> Entry {
        Entry {
            path: path.into(),
            poc: "00/basics".into(),
            args: vec!["store".into(), "${name}".into()],
            exit: 1,
            blake3: hash(b"{}\n"),
            masked: [("timing-suffixes".to_owned(), vec!["$.a[*].x_ms".to_owned()])].into(),
            ..Entry::default()
        }
    }

    fn lock(paths: &[&str], schemas: &[&str]) -> Lock {
        Lock {
            fixtures: paths.iter().map(|p| (p.to_string(), entry(p))).collect(),
            schemas: schemas
                .iter()
                .map(|p| (p.to_string(), hash(b"{}")))
                .collect(),
            versions: BTreeMap::new(),
        }
    }

    #[test]
    fn one_schema_is_a_name_and_several_are_a_sorted_list() {
        for (names, written) in [
            (&[][..], None),
            (&["b"], Some("schema = \"b\"")),
            (&["b", "a"], Some("schema = [\"a\", \"b\"]")),
        ] {
            let mut lock = lock(&["a.json"], &[]);
            let names = names.iter().map(|name| (*name).to_owned());
            lock.fixtures.get_mut("a.json").unwrap().schema = names.collect();
            let text = lock.render();
            let line = text.lines().find(|line| line.starts_with("schema ="));
            assert_eq!(line, written);
            assert_eq!(Lock::parse(&text).unwrap(), lock);
        }
    }

    #[test]
    fn rendering_and_parsing_give_the_same_lock() {
        let mut lock = lock(&["b.json", "a/c.json"], &["store.schema.json"]);
        lock.versions = [("tool.x".to_owned(), "tool 1.0 \"a\"".to_owned())].into();
        assert_eq!(Lock::parse(&lock.render()).unwrap(), lock);
        assert!(lock.render().find("a/c.json") < lock.render().find("b.json"));
        assert!(lock.render().find("b.json") < lock.render().find("[[schema]]"));
    }

    #[test]
    fn a_lock_without_schemas_reads_as_it_did_before_they_were_recorded() {
        let lock = lock(&["a.json"], &[]);
        assert!(!lock.render().contains("[[schema]]"));
        assert_eq!(Lock::parse(&lock.render()).unwrap(), lock);
    }

    #[test]
    fn a_path_that_no_publish_writes_is_refused() {
        for paths in [
            &["../x.json"][..],
            &["/x.json"],
            &["a//x.json"],
            &["a/./x.json"],
            &["a\\..\\x.json"],
            &["C:x.json"],
            &[".git/x.json"],
            &["corpus.lock.json"],
            &["nul.json"],
            &["COM¹.json"],
            &["a/x.json "],
            &["bin/run.sh"],
            &["x"],
            &["a.json", "A.json"],
            &["a.json", "A.JSON/b.json"],
        ] {
            let text = lock(paths, &[]).render();
            let refused = matches!(Lock::parse(&text), Err(LockError::Path { .. }));
            assert!(refused, "{paths:?}");
        }
        for schema in ["../x.schema.json", "x.json", ".x.schema.json", "a/"] {
            let text = lock(&[], &[schema]).render();
            let refused = matches!(Lock::parse(&text), Err(LockError::Path { .. }));
            assert!(refused, "{schema}");
        }
        let twice = format!("{}{}", lock(&["a.json"], &[]).render(), {
            let text = lock(&["a.json"], &[]).render();
            text[text.find("[[").unwrap()..].to_owned()
        });
        assert!(matches!(Lock::parse(&twice), Err(LockError::Path { .. })));
    }

    #[test]
    fn a_conflict_is_read_from_both_sides_and_keeps_what_each_has() {
        let text = |paths: &[&str]| lock(paths, &["s.schema.json"]).render();
        let [head, ours, theirs] = [&[][..], &["a.json"], &["b.json", "c.json"]].map(text);
        let marked = format!("<<<<<<< HEAD\n{ours}||||||| 1\n{head}=======\n{theirs}>>>>>>> x\n");
        let merged = Lock::merged(&marked).unwrap();
        assert_eq!(
            merged,
            lock(&["a.json", "b.json", "c.json"], &["s.schema.json"])
        );
        assert_eq!(Lock::merged(&ours), None);
        assert!(matches!(Lock::parse(&marked), Err(LockError::Malformed(_))));
    }

    #[test]
    fn an_entry_that_a_merge_has_cut_hides_no_other() {
        let whole = lock(&["a.json", "b.json"], &[]).render();
        let cut = whole.replacen(
            "poc = \"00/basics\"\n",
            "<<<<<<< HEAD\n=======\nx = 1\n>>>>>>> x\n",
            1,
        );
        assert_eq!(Lock::merged(&cut).unwrap(), lock(&["b.json"], &[]));
        let escapes = cut.replace("b.json", "../b.json");
        assert_eq!(Lock::merged(&escapes), None);
    }

    #[test]
    fn a_side_of_a_later_release_is_not_read() {
        let later = lock(&["a.json"], &[])
            .render()
            .replace("version = 1", "version = 2");
        assert_eq!(
            Lock::merged(&format!("<<<<<<< HEAD\n=======\n>>>>>>> x\n{later}")),
            None
        );
    }
}
