//! Which fixtures a test may have used, by the files that it was seen to open; a pure function.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::name::TestName;
use crate::set::FixtureSet;

/// The fixtures by the files that they are read from. All keys of a map are read from one file.
#[derive(Debug)]
pub struct Sources {
    count: usize,
    by_file: BTreeMap<PathBuf, FixtureSet>,
    /// Who lists a folder sees which files exist: that is a use, too.
    by_folder: BTreeMap<PathBuf, FixtureSet>,
}

impl Sources {
    /// Of `count` fixtures, those at these positions are read from these files. The files are absolute, as tests see them.
    pub fn new(count: usize, files: impl IntoIterator<Item = (usize, PathBuf)>) -> Sources {
        let none = FixtureSet::none(count);
        let mut sources = Sources {
            count,
            by_file: BTreeMap::new(),
            by_folder: BTreeMap::new(),
        };
        for (position, file) in files {
            if let Some(folder) = file.parent() {
                let listed = sources.by_folder.entry(folder.to_owned());
                listed.or_insert_with(|| none.clone()).insert(position);
            }
            let read = sources.by_file.entry(file);
            read.or_insert_with(|| none.clone()).insert(position);
        }
        sources
    }

    /// What each test may have used; nothing where no fixture is read from a file, so that nothing can be seen.
    pub fn used(
        &self,
        opened: &BTreeMap<TestName, BTreeSet<PathBuf>>,
    ) -> Option<BTreeMap<TestName, FixtureSet>> {
        if self.by_file.is_empty() {
            return None;
        }
        let used = opened.iter().map(|(test, paths)| {
            let mut used = FixtureSet::none(self.count);
            for path in paths {
                for set in self.behind(path) {
                    used.insert_all(set);
                }
            }
            (test.clone(), used)
        });
        Some(used.collect())
    }

    /// Every fixture that is read from a file.
    pub fn all(&self) -> FixtureSet {
        let mut all = FixtureSet::none(self.count);
        for set in self.by_file.values() {
            all.insert_all(set);
        }
        all
    }

    fn behind(&self, path: &Path) -> impl Iterator<Item = &FixtureSet> {
        let file = self.by_file.get(path);
        file.into_iter().chain(self.by_folder.get(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stands_for_its_keys_and_a_listed_folder_for_its_files() {
        let files = [
            (0, "/r/a/one.json"),
            (1, "/r/a/two.json"),
            (3, "/r/map.yml"),
            (4, "/r/map.yml"),
        ];
        let sources = Sources::new(5, files.map(|(one, file)| (one, PathBuf::from(file))));
        let used = |paths: &[&str]| {
            let paths = paths.iter().map(PathBuf::from).collect();
            let opened = BTreeMap::from([(TestName::from("t"), paths)]);
            let used = sources.used(&opened).unwrap();
            used.into_values().next().unwrap()
        };
        assert_eq!(used(&["/r/a/two.json"]), FixtureSet::of(5, [1]));
        assert_eq!(used(&["/r/map.yml"]), FixtureSet::of(5, [3, 4]));
        assert_eq!(used(&["/r/a"]), FixtureSet::of(5, [0, 1]));
        assert_eq!(used(&["/r/a/other", "/r/b"]), FixtureSet::none(5));
    }

    #[test]
    fn where_no_fixture_is_a_file_nothing_was_observed() {
        let opened = BTreeMap::from([(TestName::from("t"), BTreeSet::new())]);
        assert!(Sources::new(3, []).used(&opened).is_none());
    }
}
