//! Tables that the suite itself leaves empty when a variable names them.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use fixpoints::{Chain, Config, Folder};

use super::{Fixture, FixtureKind, Hidden, Hiding};
use crate::definition::{Definition, Tables};
use crate::name::FixtureName;
use crate::place::Place;

/// The variable that `fixpoints` reads.
const OF_FIXPOINTS: &str = fixpoints::Skip::TABLES;

/// Hides tables by a variable with a comma-separated list.
pub struct Variable {
    name: String,
    fixtures: Vec<Fixture>,
}

impl Variable {
    /// The tables of a fixpoint, or those that are named.
    ///
    /// # Errors
    ///
    /// When the fixpoint cannot be read, or a name cannot be put into a list.
    pub fn new(definition: &Definition, tables: &Tables) -> Result<Variable> {
        Ok(Variable {
            name: tables.hide.clone(),
            fixtures: fixtures(definition, tables)?,
        })
    }

    /// Fixtures of another kind that the suite itself hides.
    pub fn of(variable: &str, names: Vec<FixtureName>, kind: FixtureKind) -> Variable {
        let fixtures = names.into_iter().map(|name| Fixture { name, kind });
        Variable {
            name: variable.to_owned(),
            fixtures: fixtures.collect(),
        }
    }
}

/// The tables of a fixpoint, or those that are named.
pub(super) fn fixtures(definition: &Definition, tables: &Tables) -> Result<Vec<Fixture>> {
    let names = match (&tables.names, &tables.fixpoint) {
        (Some(names), _) => names.clone(),
        (None, Some(fixpoint)) => tables_of(definition, fixpoint)?,
        (None, None) => bail!(
            "the tables of a database cannot be listed for hide = \"{}\"; list them under names",
            tables.hide
        ),
    };
    let fixtures = names.into_iter().map(|name| Fixture {
        name: FixtureName::from(name),
        kind: FixtureKind::Table,
    });
    Ok(fixtures.collect())
}

impl Hiding for Variable {
    fn fixtures(&self) -> &[Fixture] {
        &self.fixtures
    }

    fn title(&self) -> String {
        format!("the variable {}", self.name)
    }

    fn made_up(&self) -> Option<FixtureName> {
        (self.name == OF_FIXPOINTS).then(|| FixtureName::from("stillframe_no_such_table"))
    }

    fn hide(&mut self, hidden: &Hidden, place: &mut Place) -> Result<()> {
        if hidden.from_all.is_empty() {
            return Ok(());
        }
        let list = list_of(&self.name, &hidden.from_all)?;
        place.set(&self.name, list);
        if self.name == OF_FIXPOINTS {
            // Only what is named is hidden: what refers to it is another fixture.
            place.set(fixpoints::Skip::DEPENDENTS, "keep");
        }
        Ok(())
    }
}

/// A list that the suite takes apart at its commas. `fixpoints` reads quotes as well.
fn list_of(variable: &str, names: &BTreeSet<FixtureName>) -> Result<String> {
    let mut list = Vec::new();
    for name in names {
        let text = name.as_str();
        if !text.contains([',', '"', ' ', '\n', '\t']) {
            list.push(text.to_owned());
        } else if variable == OF_FIXPOINTS {
            list.push(format!("\"{}\"", text.replace('"', "\"\"")));
        } else {
            bail!(
                "the name {text:?} cannot be part of the list in {variable}; use hide = \"plan\" with fixpoints, or a hook"
            );
        }
    }
    Ok(list.join(","))
}

/// The tables of a fixpoint and its ancestors that hold rows.
fn tables_of(definition: &Definition, fixpoint: &str) -> Result<Vec<String>> {
    let act = || format!("reading the fixpoint {fixpoint}");
    let config = Config::load(&definition.cwd()).with_context(act)?;
    let folder = Folder::new(definition.cwd().join(config.folder()));
    let name = folder.name(fixpoint).with_context(act)?;
    let chain = Chain::open(&folder, &name).with_context(act)?;
    Ok(chain.header().tables.keys().cloned().collect())
}
