//! The engines of this build, and which of them opens a URL.

use crate::url::{DatabaseUrl, TestDatabases};
use fixpoints_core::database::{Database, Missing};
use fixpoints_core::error::{Error, Result};

#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;

/// Opens the database a URL names.
///
/// # Errors
/// [`Error::MissingDatabase`] and [`Error::Database`].
pub fn open(url: &DatabaseUrl, missing: Missing) -> Result<Box<dyn Database>> {
    match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(path) => {
            refuse_missing(url, path, missing)?;
            Ok(Box::new(sqlite::Sqlite::open(path, missing)?))
        }
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(text) => Ok(Box::new(postgres::Postgres::open(text)?)),
        #[cfg(not(feature = "sqlite"))]
        DatabaseUrl::Sqlite(_) => Err(absent(url, missing, "SQLite")),
        #[cfg(not(feature = "postgres"))]
        DatabaseUrl::Postgres(_) => Err(absent(url, missing, "PostgreSQL")),
    }
}

/// Opens a database whose rows may be replaced: its name is judged first, and then what was opened.
///
/// # Errors
/// [`Error::NotATestDatabase`], and those of [`open`].
pub(crate) fn open_test(
    url: &DatabaseUrl,
    missing: Missing,
    tests: &TestDatabases,
) -> Result<Box<dyn Database>> {
    tests.allow(url)?;
    match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(path) => {
            refuse_missing(url, path, missing)?;
            Ok(Box::new(sqlite::Sqlite::open_test(path, missing, tests)?))
        }
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(text) => Ok(Box::new(postgres::Postgres::open_test(
            text,
            tests.clone(),
        )?)),
        #[cfg(not(feature = "sqlite"))]
        DatabaseUrl::Sqlite(_) => Err(absent(url, missing, "SQLite")),
        #[cfg(not(feature = "postgres"))]
        DatabaseUrl::Postgres(_) => Err(absent(url, missing, "PostgreSQL")),
    }
}

#[cfg(feature = "sqlite")]
fn refuse_missing(url: &DatabaseUrl, path: &std::path::Path, missing: Missing) -> Result<()> {
    if missing == Missing::Refuse && !url.is_memory() && !path.exists() {
        return Err(Error::MissingDatabase {
            url: url.to_string(),
            create: "fixpoints sql FILE".to_owned(),
        });
    }
    Ok(())
}

/// Only a build without one of the databases needs this.
#[cfg(not(all(feature = "sqlite", feature = "postgres")))]
fn absent(url: &DatabaseUrl, _: Missing, engine: &str) -> Error {
    Error::UnsupportedUrl {
        url: url.to_string(),
        reason: format!("this build has no {engine}"),
        fault: fixpoints_core::error::Fault::Unknown,
    }
}
