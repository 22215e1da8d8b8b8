//! Which tables an operation covers: never those of migration tools and job queues, nor those a project excludes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::catalog::Catalog;
use crate::database::Transaction;
use crate::error::{Error, Result, Setting};
use crate::left_out::LeftOut;
use crate::left_out::Omission;
use crate::pattern::Pattern;
use crate::skip::Skip;
use crate::table::Table;
use crate::tool::tool_of;

/// What a restore does about rows of a fixpoint that refer to rows which are not in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrokenReferences {
    /// It refuses, and changes nothing.
    #[default]
    Refuse,
    /// It brings them back and names them, for an application that does not enforce its foreign keys.
    Keep,
}

/// The tables to leave out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    exclude: Vec<Pattern>,
    include: Vec<Pattern>,
    /// What was excluded for one operation, which nothing overrules.
    also: Vec<Pattern>,
    skip: Skip,
    broken: BrokenReferences,
    /// What all of that means in one database, once it was looked up.
    found: Found,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Found {
    /// The tables of the database.
    known: BTreeSet<String>,
    /// Those that are left out, each with the reason.
    left_out: BTreeMap<String, String>,
    /// Those that are skipped.
    skipped: BTreeSet<String>,
}

impl Scope {
    /// Leaves out the tables of tools and those named, also by patterns.
    #[must_use]
    pub fn excluding(names: &[String]) -> Self {
        Self {
            exclude: patterns(names),
            ..Self::default()
        }
    }

    /// Covers these tables although they are a tool's, or are excluded.
    #[must_use]
    pub fn including(mut self, names: &[String]) -> Self {
        self.include.extend(patterns(names));
        self
    }

    /// Leaves these tables empty on a restore, and out of comparisons and rows.
    #[must_use]
    pub fn skipping(mut self, skip: Skip) -> Self {
        self.skip = skip;
        self
    }

    /// Says what a restore does about rows that refer to rows which the fixpoint itself lacks.
    #[must_use]
    pub fn about_broken_references(mut self, broken: BrokenReferences) -> Self {
        self.broken = broken;
        self
    }

    /// Whether rows of covered tables may refer to rows that the fixpoint lacks.
    pub fn keeps_broken(&self) -> bool {
        self.broken == BrokenReferences::Keep
    }

    /// Covers the skipped tables like any other.
    pub fn without_skip(mut self) -> Self {
        self.skip = Skip::default();
        self.found.skipped.clear();
        self
    }

    /// What is left empty, as it was asked for.
    #[must_use]
    pub fn skip(&self) -> &Skip {
        &self.skip
    }

    /// Looks up what the names mean in this database.
    ///
    /// # Errors
    /// [`Error::Unmatched`] for a name that means no table of it, [`Error::Partition`], [`Error::UnknownSkip`], and [`Error::Database`] where
    /// foreign keys cannot be read.
    pub fn resolved(self, transaction: &mut (impl Transaction + ?Sized)) -> Result<Self> {
        let catalog = &transaction.catalog();
        if let Some(error) = self.unmatched(catalog).into_iter().next() {
            return Err(error);
        }
        let mut scope = self.looked_up(catalog);
        if !scope.skip.is_empty() {
            scope.found.skipped = scope.skip.resolve(catalog, &transaction.references()?)?;
        }
        Ok(scope)
    }

    /// The names that mean no table of this database, or only a part of one, as errors.
    #[must_use]
    pub fn unmatched(&self, catalog: &Catalog) -> Vec<Error> {
        let found = self.clone().looked_up(catalog);
        let check = |setting: Setting, said: &Pattern| {
            let is_meant = |table: &str| found.includes(table) == (setting == Setting::Include);
            catalog.check_whole(said, is_meant)?;
            if catalog.has(said) {
                return Ok(());
            }
            Err(Error::Unmatched {
                setting,
                name: said.text().to_owned(),
                known: catalog.known(),
            })
        };
        let exclude = self.exclude.iter().chain(&self.also);
        let exclude = exclude.map(|said| check(Setting::Exclude, said));
        let include = self.include.iter();
        let include = include.map(|said| check(Setting::Include, said));
        exclude.chain(include).filter_map(Result::err).collect()
    }

    /// The same scope, which knows what its names mean in this database; those that mean nothing there are left alone.
    #[must_use]
    pub fn looked_up(mut self, catalog: &Catalog) -> Self {
        let meant = |patterns: &[Pattern]| {
            let meant = patterns.iter().flat_map(|said| said.among(catalog.names()));
            meant.map(str::to_owned).collect::<BTreeSet<_>>()
        };
        let (exclude, include, also) = (
            meant(&self.exclude),
            meant(&self.include),
            meant(&self.also),
        );
        let is_excluded = |name: &String| {
            also.contains(name) || (exclude.contains(name) && !include.contains(name))
        };
        let reason = |table: &Table| {
            let owner = catalog.owners.get(&table.name);
            if is_excluded(&table.name) {
                return Some("it is excluded".to_owned());
            }
            if include.contains(&table.name) {
                return None;
            }
            match (owner.filter(|owner| is_excluded(owner)), tool_of(table)) {
                (Some(owner), _) => Some(format!("it holds rows of {owner}, which is excluded")),
                (None, Some(tool)) => Some(format!("it belongs to {tool}")),
                (None, None) => None,
            }
        };
        let tables = catalog.tables();
        let left_out = tables.filter_map(|table| Some((table.name.clone(), reason(table)?)));
        self.found.left_out = left_out.collect();
        self.found.known = catalog.tables.keys().cloned().collect();
        self
    }

    /// Leaves out some more tables, each of which must exist.
    ///
    /// # Errors
    /// [`Error::UnknownTable`] for a name without a table; those for a part of one are refused when they are looked up.
    pub fn and_excluding(mut self, names: &[String], catalog: &Catalog) -> Result<Self> {
        for said in patterns(names) {
            if !catalog.has(&said) {
                return Err(Error::UnknownTable {
                    table: said.text().to_owned(),
                    known: catalog.tables.keys().cloned().collect(),
                });
            }
            self.also.push(said);
        }
        Ok(self)
    }

    /// Whether a table is covered.
    #[must_use]
    pub fn covers(&self, table: &str) -> bool {
        self.includes(table) && !self.found.skipped.contains(table)
    }

    /// Whether a table would be covered, and is left empty.
    #[must_use]
    pub fn skips(&self, table: &str) -> bool {
        self.includes(table) && self.found.skipped.contains(table)
    }

    /// Whether rows of other tables may refer to rows of this one that are not there.
    pub fn leaves_gap(&self, table: &str) -> bool {
        self.skip.leaves_gaps() && self.found.skipped.contains(table)
    }

    /// What the database holds and a fixpoint of it does not, after it was looked up.
    #[must_use]
    pub fn left_out(&self, catalog: &Catalog) -> Vec<LeftOut> {
        let all = self.found.left_out.iter().chain(&catalog.skipped);
        let left_out = all.map(|(table, reason)| LeftOut {
            table: table.clone(),
            reason: reason.clone(),
        });
        let mut left_out: Vec<LeftOut> = left_out.collect();
        left_out.sort();
        left_out
    }

    /// What fixpoints do not hold of the covered tables, and besides tables.
    #[must_use]
    pub fn omissions(&self, catalog: &Catalog) -> Vec<Omission> {
        let is_covered = |omission: &&Omission| {
            let table = omission.table.as_ref();
            table.is_none_or(|table| self.covers(table))
        };
        catalog
            .omissions
            .iter()
            .filter(is_covered)
            .cloned()
            .collect()
    }

    /// A table that the database does not have any more is judged by its name alone.
    fn includes(&self, table: &str) -> bool {
        if self.found.known.contains(table) {
            return !self.found.left_out.contains_key(table);
        }
        let is_meant = |patterns: &[Pattern]| patterns.iter().any(|said| said.means(table));
        !is_meant(&self.also) && (!is_meant(&self.exclude) || is_meant(&self.include))
    }

    /// The covered ones among `tables`.
    pub fn covered<'a>(
        &self,
        tables: impl IntoIterator<Item = &'a Table>,
    ) -> impl Iterator<Item = &'a Table> {
        tables.into_iter().filter(|table| self.covers(&table.name))
    }

    /// The ones among `tables` that are left empty.
    pub fn skipped<'a>(
        &self,
        tables: impl IntoIterator<Item = &'a Table>,
    ) -> impl Iterator<Item = &'a Table> {
        tables.into_iter().filter(|table| self.skips(&table.name))
    }
}

fn patterns(names: &[String]) -> Vec<Pattern> {
    names.iter().map(|name| Pattern::new(name)).collect()
}
