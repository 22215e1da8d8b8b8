//! Tables that are hidden together with the file that feeds each of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use stillframe::{disk, print};

use super::files::Taken;
use super::{Fixture, Hidden, Hiding, Proof};
use crate::definition::Definition;
use crate::name::FixtureName;
use crate::place::Place;

/// A means of hiding tables, and their files.
pub struct Paired {
    tables: Box<dyn Hiding>,
    files: BTreeMap<FixtureName, PathBuf>,
    taken: Taken,
}

impl Paired {
    /// Reads the mapping. Its files are looked for beside it, then from the definition's folder.
    ///
    /// # Errors
    ///
    /// When it cannot be read, names a file that does not exist, or none of the tables.
    pub fn new(definition: &Definition, mapping: &str, tables: Box<dyn Hiding>) -> Result<Paired> {
        let root = &definition.root;
        let path = root.join(mapping);
        let act = || format!("reading the mapping {}", path.display());
        let text = disk::read_regular_text(&path).with_context(act)?;
        let written: BTreeMap<String, String> = serde_json::from_str(&text).with_context(act)?;
        let beside = Path::new(mapping).parent().unwrap_or(Path::new(""));
        let mut files = BTreeMap::new();
        let mut others = Vec::new();
        for (table, file) in written {
            let places = [beside.join(&file), PathBuf::from(&file)];
            let Some(found) = places.into_iter().find(|place| root.join(place).is_file()) else {
                bail!(
                    "{} gives {file:?} as the file of {table}, and there is no such file beside it or in {}",
                    path.display(),
                    root.display()
                );
            };
            let name = FixtureName::from(table);
            if tables.fixtures().iter().any(|own| own.name == name) {
                files.insert(name, found);
            } else {
                others.push(name.to_string());
            }
        }
        if files.is_empty() {
            bail!("{} names none of the tables", path.display());
        }
        if !others.is_empty() {
            print::note(&format!(
                "{} has files for what is not measured: {}",
                path.display(),
                others.join(", ")
            ));
        }
        Ok(Paired {
            tables,
            files,
            taken: Taken::default(),
        })
    }

    fn take(&mut self, hidden: &Hidden, place: &Place) -> Result<()> {
        for name in &hidden.from_all {
            let Some(file) = self.files.get(name) else {
                continue;
            };
            // Two tables can be fed by one file, and a file can be hidden as a fixture of its own.
            if place.files.join(file).symlink_metadata().is_ok() {
                self.taken.take(&place.files, file)?;
            }
        }
        Ok(())
    }
}

impl Hiding for Paired {
    fn fixtures(&self) -> &[Fixture] {
        self.tables.fixtures()
    }

    fn files(&self) -> Vec<PathBuf> {
        self.files.values().cloned().collect()
    }

    fn source(&self, fixture: &FixtureName) -> Option<PathBuf> {
        // Who does not open the file may read the table's rows all the same.
        self.tables.source(fixture)
    }

    fn title(&self) -> String {
        self.tables.title()
    }

    fn made_up(&self) -> Option<FixtureName> {
        self.tables.made_up()
    }

    fn hide(&mut self, hidden: &Hidden, place: &mut Place) -> Result<()> {
        self.tables.hide(hidden, place)?;
        if let Err(error) = self.take(hidden, place) {
            self.show(place)?;
            return Err(error);
        }
        Ok(())
    }

    fn verify(&mut self, hidden: &Hidden, place: &Place) -> Result<Proof> {
        self.tables.verify(hidden, place)
    }

    fn show(&mut self, place: &Place) -> Result<()> {
        let files = self.taken.put_back(&place.files);
        self.tables.show(place).and(files)
    }
}
