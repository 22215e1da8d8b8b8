//! Files of the suite, each a fixture: one that is hidden is moved out of the private copy.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use glob::{MatchOptions, Pattern};
use stillframe::{disk, print};

use super::{Fixture, FixtureKind, Hidden, Hiding, Proof};
use crate::copy::{self, USUAL_FOLDERS};
use crate::definition::{DEFINITION_NAME, Definition, LOCK_NAME};
use crate::name::FixtureName;
use crate::place::Place;

/// Hides files by taking them out of the private copy.
pub struct FilesByPattern {
    fixtures: Vec<Fixture>,
    taken: Taken,
    recreated: BTreeSet<FixtureName>,
}

impl FilesByPattern {
    /// The files that the patterns match, from the definition's folder.
    ///
    /// # Errors
    ///
    /// When a pattern matches nothing, or leads out of the folder.
    pub fn new(definition: &Definition, patterns: &[String]) -> Result<FilesByPattern> {
        let mut names = BTreeSet::new();
        for pattern in patterns {
            let matched = matched(&definition.root, pattern)?;
            if matched.is_empty() {
                bail!(
                    "the pattern {pattern:?} matches no file below {}; change or remove it",
                    definition.root.display()
                );
            }
            names.extend(matched);
        }
        let fixtures = names.into_iter().map(|name| Fixture {
            name: FixtureName::from(name),
            kind: FixtureKind::File,
        });
        Ok(FilesByPattern {
            fixtures: fixtures.collect(),
            taken: Taken::default(),
            recreated: BTreeSet::new(),
        })
    }
}

impl Hiding for FilesByPattern {
    fn fixtures(&self) -> &[Fixture] {
        &self.fixtures
    }

    fn files(&self) -> Vec<PathBuf> {
        let names = self.fixtures.iter().map(|fixture| fixture.name.as_str());
        names.map(PathBuf::from).collect()
    }

    fn source(&self, fixture: &FixtureName) -> Option<PathBuf> {
        Some(PathBuf::from(fixture.as_str()))
    }

    fn title(&self) -> String {
        "taking files out of a private copy".to_owned()
    }

    fn hide(&mut self, hidden: &Hidden, place: &mut Place) -> Result<()> {
        for name in &hidden.from_all {
            let taken = self.taken.take(&place.files, Path::new(name.as_str()));
            if let Err(error) = taken {
                self.taken.put_back(&place.files)?;
                return Err(error.context(format!("hiding {name}")));
            }
        }
        Ok(())
    }

    fn verify(&mut self, hidden: &Hidden, place: &Place) -> Result<Proof> {
        let mut proof = Proof::Seen;
        for name in &hidden.from_all {
            if place.files.join(name.as_str()).symlink_metadata().is_err() {
                continue;
            }
            // It was not there when the run began. A suite that makes what is missing does not need it.
            proof = Proof::None;
            if self.recreated.insert(name.clone()) {
                print::note(&format!(
                    "the suite writes {name} itself when it is not there; tests that read it then are not seen as its consumers"
                ));
            }
        }
        Ok(proof)
    }

    fn show(&mut self, place: &Place) -> Result<()> {
        self.taken.put_back(&place.files)
    }
}

/// What is taken out of a private copy for a while.
#[derive(Debug, Default)]
pub struct Taken(BTreeMap<PathBuf, PathBuf>);

impl Taken {
    /// Moves a file out of the tree, and removes folders that hold nothing more, as git would.
    ///
    /// # Errors
    ///
    /// When it cannot be moved.
    pub fn take(&mut self, tree: &Path, name: &Path) -> Result<()> {
        let number = blake3::hash(name.as_os_str().as_encoded_bytes());
        let away = copy::away(tree).join(number.to_hex().as_str());
        let path = tree.join(name);
        fs::rename(&path, &away).with_context(|| format!("moving {}", path.display()))?;
        self.0.insert(name.to_owned(), away);
        let folders = path.ancestors().skip(1);
        for folder in folders.take_while(|folder| *folder != tree) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Moves everything back to where it was.
    ///
    /// # Errors
    ///
    /// When it cannot be moved.
    pub fn put_back(&mut self, tree: &Path) -> Result<()> {
        while let Some((name, away)) = self.0.pop_last() {
            let path = tree.join(&name);
            copy::clear(&path)?;
            if let Some(folder) = path.parent() {
                disk::create_folder(folder)?;
            }
            fs::rename(&away, &path).with_context(|| format!("moving {} back", path.display()))?;
        }
        Ok(())
    }
}

/// The names of the files that a pattern matches. Build output is matched only by a pattern that names its folder.
fn matched(root: &Path, pattern: &str) -> Result<Vec<String>> {
    let below = Path::new(pattern);
    if below
        .components()
        .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
    {
        bail!(
            "the pattern {pattern:?} leads out of {}; patterns are relative to the folder of {DEFINITION_NAME}",
            root.display()
        );
    }
    let text = root
        .to_str()
        .with_context(|| format!("{} is not Unicode", root.display()))?;
    let pattern_of_all = format!("{}/{pattern}", Pattern::escape(text));
    let options = MatchOptions {
        require_literal_separator: true,
        ..MatchOptions::new()
    };
    let paths = glob::glob_with(&pattern_of_all, options)
        .with_context(|| format!("reading the pattern {pattern:?}"))?;
    let named: BTreeSet<&str> = below.iter().filter_map(|part| part.to_str()).collect();
    let mut names = Vec::new();
    for path in paths {
        let path = path.with_context(|| format!("looking for files that {pattern:?} matches"))?;
        let below = path.strip_prefix(root).unwrap_or(&path);
        let is_folder = path.is_dir();
        if is_folder || is_ours(below) || is_built(below, &named) {
            continue;
        }
        if below.to_str().is_none() {
            bail!("{} is not Unicode; rename it", path.display());
        }
        names.push(disk::slashed(below));
    }
    Ok(names)
}

fn is_ours(name: &Path) -> bool {
    name == Path::new(DEFINITION_NAME)
        || name == Path::new(LOCK_NAME)
        || name
            .iter()
            .any(|part| part == crate::work::FOLDER_NAME || part == ".git")
}

fn is_built(name: &Path, named: &BTreeSet<&str>) -> bool {
    let mut parts = name.iter().filter_map(|part| part.to_str());
    parts.any(|part| USUAL_FOLDERS.contains(&part) && !named.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_files_below_the_root_and_no_build_output() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("a [strange] *name");
        for name in [
            "data/a.json",
            "data/deep/er/b, c\n.json",
            "data/.hidden.json",
            "data/a.txt",
            "target/x.json",
            "data/target/x.json",
            "consumers.toml",
        ] {
            disk::scratch(&root.join(name), b"{}").unwrap();
        }
        let of = |pattern: &str| matched(&root, pattern).unwrap();
        assert_eq!(
            of("**/*.json"),
            [
                "data/.hidden.json",
                "data/a.json",
                "data/deep/er/b, c\n.json"
            ]
        );
        assert_eq!(of("data/*.json"), ["data/.hidden.json", "data/a.json"]);
        assert_eq!(of("target/*.json"), ["target/x.json"]);
        assert_eq!(
            of("data/*"),
            ["data/.hidden.json", "data/a.json", "data/a.txt"]
        );
        assert!(of("*.toml").is_empty());
        for pattern in ["../*", "/etc/*", "a/../../b"] {
            let error = matched(&root, pattern).unwrap_err().to_string();
            assert!(error.contains("leads out of"), "{pattern}: {error}");
        }
    }

    #[test]
    fn what_is_taken_away_comes_back_with_its_folders_whatever_lies_there_now() {
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path().join("tree");
        fs::create_dir_all(copy::away(&tree)).unwrap();
        for name in ["a/b/one", "a/b/two", "a/three"] {
            disk::scratch(&tree.join(name), name.as_bytes()).unwrap();
        }
        let mut taken = Taken::default();
        taken.take(&tree, Path::new("a/b/one")).unwrap();
        assert!(tree.join("a/b").is_dir());
        taken.take(&tree, Path::new("a/b/two")).unwrap();
        assert!(!tree.join("a/b").exists());
        disk::scratch(&tree.join("a/b/one/made"), b"by a test").unwrap();
        taken.put_back(&tree).unwrap();
        for name in ["a/b/one", "a/b/two", "a/three"] {
            assert_eq!(fs::read(tree.join(name)).unwrap(), name.as_bytes());
        }
        let left = fs::read_dir(copy::away(&tree)).unwrap().count();
        assert_eq!(left, 0);
    }
}
