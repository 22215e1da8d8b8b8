//! Top-level keys of a map, each a fixture named `path#key`: one that is hidden is cut out of the file in the private copy.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use stillframe::{disk, print};

use super::cut::{Format, Map};
use super::files::Taken;
use super::variable::Variable;
use super::{Fixture, FixtureKind, Hidden, Hiding, Proof};
use crate::definition::{self, Definition};
use crate::name::FixtureName;
use crate::place::Place;

/// What hides the keys of a file.
///
/// # Errors
///
/// When the file cannot be read, or holds no key that can be hidden.
pub fn all(definition: &Definition, keys: &definition::Keys) -> Result<Box<dyn Hiding>> {
    let own = Keys::new(&definition.root, &keys.file)?;
    match &keys.hide {
        Some(variable) => {
            let names = own.fixtures.iter().map(|fixture| own.key(&fixture.name));
            let names = names.map(FixtureName::from).collect();
            let kind = FixtureKind::Key;
            Ok(Box::new(Variable::of(variable, names, kind)))
        }
        None => Ok(Box::new(own)),
    }
}

/// Hides keys by leaving them out of the private copy's file.
pub struct Keys {
    file: String,
    map: Map,
    fixtures: Vec<Fixture>,
    taken: Taken,
    /// What the file holds while keys are hidden.
    rest: Option<String>,
    rewritten: bool,
}

impl Keys {
    fn new(root: &Path, file: &str) -> Result<Keys> {
        let path = root.join(file);
        let act = || format!("reading the keys of {}", path.display());
        let format = Format::of(&path)?;
        let text = disk::read_regular_text(&path).with_context(act)?;
        let map = Map::read(format, text).with_context(act)?;
        let needed = map.needed_by_others().with_context(act)?;
        for (key, reason) in &needed {
            print::note(&format!(
                "{file}#{key} is not measured: it cannot be hidden alone, because {reason}"
            ));
        }
        let keys = map.keys().into_iter();
        let fixtures: Vec<Fixture> = keys
            .filter(|key| !needed.contains_key(*key))
            .map(|key| Fixture {
                // Always with the path: a name must not change when another file gets a key of the same name.
                name: FixtureName::from(format!("{file}#{key}")),
                kind: FixtureKind::Key,
            })
            .collect();
        if fixtures.is_empty() {
            bail!(
                "{} has no key that can be hidden; remove it from [[fixtures]]",
                path.display()
            );
        }
        Ok(Keys {
            file: file.to_owned(),
            map,
            fixtures,
            taken: Taken::default(),
            rest: None,
            rewritten: false,
        })
    }

    fn key<'a>(&self, name: &'a FixtureName) -> &'a str {
        let name = name.as_str();
        name.get(self.file.len() + 1..).unwrap_or(name)
    }

    fn write(&mut self, rest: &str, place: &Place) -> Result<()> {
        let path = place.files.join(&self.file);
        let act = || format!("writing {}", path.display());
        let permissions = path.metadata().with_context(act)?.permissions();
        self.taken.take(&place.files, Path::new(&self.file))?;
        disk::scratch(&path, rest.as_bytes())?;
        fs::set_permissions(&path, permissions).with_context(act)
    }
}

impl Hiding for Keys {
    fn fixtures(&self) -> &[Fixture] {
        &self.fixtures
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![PathBuf::from(&self.file)]
    }

    fn source(&self, _fixture: &FixtureName) -> Option<PathBuf> {
        Some(PathBuf::from(&self.file))
    }

    fn title(&self) -> String {
        format!("cutting keys out of {}", self.file)
    }

    fn hide(&mut self, hidden: &Hidden, place: &mut Place) -> Result<()> {
        let names = hidden.from_all.iter().map(|name| self.key(name));
        let keys: BTreeSet<&str> = names.collect();
        let rest = self
            .map
            .without(&keys)
            .with_context(|| format!("hiding keys of {}", self.file))?;
        if place.files.join(&self.file).symlink_metadata().is_err() {
            // The whole file is hidden as another fixture.
            return Ok(());
        }
        if let Err(error) = self.write(&rest, place) {
            self.taken.put_back(&place.files)?;
            return Err(error);
        }
        self.rest = Some(rest);
        Ok(())
    }

    fn verify(&mut self, _hidden: &Hidden, place: &Place) -> Result<Proof> {
        let Some(rest) = &self.rest else {
            return Ok(Proof::Seen);
        };
        let now = disk::read_if_any(&place.files.join(&self.file))?;
        if now.is_none_or(|now| now == rest.as_bytes()) {
            return Ok(Proof::Seen);
        }
        if !self.rewritten {
            print::note(&format!(
                "the suite writes {} itself; tests that read it then are not seen as consumers of its keys",
                self.file
            ));
        }
        self.rewritten = true;
        Ok(Proof::None)
    }

    fn show(&mut self, place: &Place) -> Result<()> {
        self.rest = None;
        self.taken.put_back(&place.files)
    }
}
