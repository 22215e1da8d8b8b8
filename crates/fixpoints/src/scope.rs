//! Which tables an operation covers: never those of migration tools and job queues, nor those a project excludes.

use std::collections::BTreeSet;

use crate::database::Catalog;
use crate::error::{Error, Result};
use crate::table::{Table, Tables};

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

/// The tables to leave out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    excluded: BTreeSet<String>,
}

impl Scope {
    /// Leaves out the tables of tools and those named.
    #[must_use]
    pub fn excluding(names: &[String]) -> Self {
        Self {
            excluded: names.iter().cloned().collect(),
        }
    }

    /// Leaves out some more tables, each of which must exist.
    ///
    /// # Errors
    /// [`Error::UnknownTable`] for a name without a table.
    pub fn and_excluding(mut self, names: &[String], catalog: &Catalog) -> Result<Self> {
        for name in names {
            if !catalog.tables.contains_key(name) && !catalog.skipped.contains_key(name) {
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
        !TOOL_TABLES.contains(&table) && !self.excluded.contains(table)
    }

    /// The covered ones among `tables`.
    pub fn covered<'a>(&'a self, tables: &'a Tables) -> impl Iterator<Item = &'a Table> + 'a {
        tables.values().filter(|table| self.covers(&table.name))
    }
}
