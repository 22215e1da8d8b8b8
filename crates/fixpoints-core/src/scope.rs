//! Which tables an operation covers: never those of migration tools and job queues, nor those a project excludes.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::catalog::Catalog;
use crate::database::Transaction;
use crate::error::{Error, Result};
use crate::names::is_called;
use crate::skip::Skip;
use crate::table::Table;

/// Tables that belong to tools, and are left out of everything.
pub const TOOL_TABLES: [&str; 19] = [
    "__EFMigrationsHistory",
    "__diesel_schema_migrations",
    "_prisma_migrations",
    "_sqlx_migrations",
    "alembic_version",
    "ar_internal_metadata",
    "databasechangelog",
    "databasechangeloglock",
    "delayed_jobs",
    "django_migrations",
    "flyway_schema_history",
    "goose_db_version",
    "good_jobs",
    "knex_migrations",
    "knex_migrations_lock",
    "migrations",
    "refinery_schema_history",
    "schema_info",
    "schema_migrations",
];

/// Whether a table belongs to a tool, in whatever schema it is.
pub fn is_tool_table(table: &str) -> bool {
    let name = table.rsplit_once('.').map_or(table, |(_, name)| name);
    TOOL_TABLES.contains(&name)
}

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
    excluded: BTreeSet<String>,
    skip: Skip,
    broken: BrokenReferences,
    /// What `skip` means in one database, once that was looked up.
    skipped: BTreeSet<String>,
}

impl Scope {
    /// Leaves out the tables of tools and those named.
    #[must_use]
    pub fn excluding(names: &[String]) -> Self {
        Self {
            excluded: names.iter().cloned().collect(),
            ..Self::default()
        }
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
        self.skipped.clear();
        self
    }

    /// What is left empty, as it was asked for.
    #[must_use]
    pub fn skip(&self) -> &Skip {
        &self.skip
    }

    /// Looks up which tables are skipped in this database; asks it nothing where none are.
    ///
    /// # Errors
    /// [`Error::UnknownSkip`], and [`Error::Database`] where foreign keys cannot be read.
    pub fn resolved(mut self, transaction: &mut (impl Transaction + ?Sized)) -> Result<Self> {
        if !self.skip.is_empty() {
            let references = transaction.references()?;
            self.skipped = self.skip.resolve(&transaction.catalog(), &references)?;
        }
        Ok(self)
    }

    /// Leaves out some more tables, each of which must exist.
    ///
    /// # Errors
    /// [`Error::UnknownTable`] for a name without a table.
    pub fn and_excluding(mut self, names: &[String], catalog: &Catalog) -> Result<Self> {
        for name in names {
            if !catalog.has(name) {
                let known = catalog.tables.keys().cloned().collect();
                return Err(Error::UnknownTable {
                    table: name.clone(),
                    known,
                });
            }
        }
        self.excluded.extend(names.iter().cloned());
        Ok(self)
    }

    /// Whether a table is covered.
    #[must_use]
    pub fn covers(&self, table: &str) -> bool {
        self.includes(table) && !self.skipped.contains(table)
    }

    /// Whether a table would be covered, and is left empty.
    #[must_use]
    pub fn skips(&self, table: &str) -> bool {
        self.includes(table) && self.skipped.contains(table)
    }

    /// Whether rows of other tables may refer to rows of this one that are not there.
    pub fn leaves_gap(&self, table: &str) -> bool {
        // SQLite finds a table whatever the case of its name.
        let is_skipped = |name: &String| name.eq_ignore_ascii_case(table);
        self.skip.leaves_gaps() && self.skipped.iter().any(is_skipped)
    }

    fn includes(&self, table: &str) -> bool {
        !is_tool_table(table) && !self.excluded.iter().any(|said| is_called(table, said))
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
