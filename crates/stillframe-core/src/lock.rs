//! `corpus.lock`: what was published, by which step, with which exit code; nothing in it depends on the machine or the day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The file's name inside the corpus folder.
pub const LOCK_NAME: &str = "corpus.lock";

const VERSION: u32 = 1;
const HEADER: &str = "# Written by `stillframe regen`; never edited by hand.\n";

/// The record of one published corpus, sorted by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// Every fixture, by its path below the corpus folder.
    pub fixtures: BTreeMap<String, Entry>,
}

/// What is recorded of one fixture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Below the corpus folder, with forward slashes.
    pub path: String,
    /// The POC's folder below `pocs`.
    pub poc: String,
    /// The step's arguments as written, variables unexpanded.
    pub args: Vec<String>,
    /// The exit code of the target.
    pub exit: i32,
    /// The schema that the fixture satisfies.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub schema: Option<String>,
    /// The BLAKE3 hash of the fixture's bytes, in hexadecimal.
    pub blake3: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnDisk {
    version: u32,
    #[serde(default, rename = "fixture")]
    fixtures: Vec<Entry>,
}

/// Why a lock cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Not TOML, or not this shape; git's conflict markers end up here.
    #[error("{0}")]
    Malformed(#[from] toml::de::Error),
    /// Written by a later release.
    #[error("version {0} is newer than this stillframe understands (1)")]
    Version(u32),
    /// A path stands twice, or leaves the corpus folder.
    #[error("the path `{0}` stands twice, or does not stay in the corpus folder")]
    Path(String),
}

impl Lock {
    /// Reads the text of a lock file.
    pub fn parse(text: &str) -> Result<Lock, LockError> {
        let on_disk: OnDisk = toml::from_str(text)?;
        if on_disk.version > VERSION {
            return Err(LockError::Version(on_disk.version));
        }
        let mut fixtures = BTreeMap::new();
        for entry in on_disk.fixtures {
            let path = entry.path.clone();
            let stays = crate::poc::FixturePath::new(&path).is_ok();
            if !stays || fixtures.insert(path.clone(), entry).is_some() {
                return Err(LockError::Path(path));
            }
        }
        Ok(Lock { fixtures })
    }

    /// The text of the lock file.
    pub fn render(&self) -> String {
        let on_disk = OnDisk {
            version: VERSION,
            fixtures: self.fixtures.values().cloned().collect(),
        };
        let body = toml::to_string(&on_disk).expect("a lock is plain strings and numbers");
        format!("{HEADER}{body}")
    }
}

/// The hash that a lock records for a fixture's bytes.
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
            schema: None,
            blake3: hash(b"{}\n"),
        }
    }

    #[test]
    fn rendering_and_parsing_give_the_same_lock() {
        let lock = Lock {
            fixtures: ["b.json", "a/c.json"]
                .map(|p| (p.to_owned(), entry(p)))
                .into(),
        };
        assert_eq!(Lock::parse(&lock.render()).unwrap(), lock);
        assert!(lock.render().find("a/c.json") < lock.render().find("b.json"));
    }

    #[test]
    fn a_path_that_leaves_the_corpus_is_refused() {
        let text = Lock {
            fixtures: [("../x.json".to_owned(), entry("../x.json"))].into(),
        }
        .render();
        assert!(matches!(Lock::parse(&text), Err(LockError::Path(_))));
    }

    #[test]
    fn conflict_markers_are_malformed() {
        assert!(matches!(
            Lock::parse("<<<<<<< HEAD\n"),
            Err(LockError::Malformed(_))
        ));
    }
}
