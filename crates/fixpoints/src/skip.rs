//! Tables that are left empty on purpose, so that a suite shows who needs them; it reads no environment.

use std::collections::{BTreeMap, BTreeSet};

use crate::database::Catalog;
use crate::error::{Error, Result};

/// Tables that a restore leaves empty, and that comparisons and rows leave out.
///
/// ```
/// use fixpoints::Skip;
///
/// assert_eq!(Skip::parse("books, authors"), Skip::tables(["books", "authors"]));
/// assert!(Skip::parse("").is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skip {
    tables: BTreeSet<String>,
    dependents: Dependents,
}

/// What happens to tables whose rows refer to rows of a skipped table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dependents {
    /// They are skipped too, however many foreign keys away they are.
    #[default]
    Skip,
    /// They are restored, and their rows refer to rows that are not there.
    Keep,
}

impl Skip {
    /// The environment variable that names the tables, separated by commas.
    pub const TABLES: &str = "FIXPOINTS_SKIP_TABLES";
    /// The environment variable that keeps what depends on them, with `keep`.
    pub const DEPENDENTS: &str = "FIXPOINTS_SKIP_DEPENDENTS";

    /// Skips these tables, and whatever depends on them.
    #[must_use]
    pub fn tables(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            tables: names.into_iter().map(Into::into).collect(),
            dependents: Dependents::Skip,
        }
    }

    /// Reads a list of tables separated by commas; blanks around a name are not part of it.
    #[must_use]
    pub fn parse(list: &str) -> Self {
        let names = list.split(',').map(str::trim);
        Self::tables(names.filter(|name| !name.is_empty()))
    }

    /// Says what happens to the tables that depend on the skipped ones.
    #[must_use]
    pub fn dependents(mut self, dependents: Dependents) -> Self {
        self.dependents = dependents;
        self
    }

    /// Whether nothing is skipped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// Whether rows may refer to rows of a skipped table.
    pub(crate) fn leaves_gaps(&self) -> bool {
        self.dependents == Dependents::Keep
    }

    /// Every table that is skipped, given the tables that each table refers to.
    pub(crate) fn resolve(
        &self,
        catalog: &Catalog,
        references: &BTreeMap<String, BTreeSet<String>>,
    ) -> Result<BTreeSet<String>> {
        let unknown = |name: &&String| !catalog.tables.contains_key(*name);
        if let Some(table) = self.tables.iter().find(unknown) {
            return Err(Error::UnknownSkip {
                table: table.clone(),
                known: catalog.tables.keys().cloned().collect(),
            });
        }
        let mut skipped = self.tables.clone();
        if self.dependents == Dependents::Keep {
            return Ok(skipped);
        }
        let mut before = 0;
        while skipped.len() > before {
            before = skipped.len();
            let refer = references
                .iter()
                .filter(|(_, parents)| !parents.is_disjoint(&skipped));
            let refer: Vec<String> = refer.map(|(table, _)| table.clone()).collect();
            skipped.extend(refer);
        }
        Ok(skipped)
    }
}
