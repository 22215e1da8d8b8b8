//! Connections that a test holds already, as databases; what the test began on them, only the test ends.

use crate::config::Config;
use crate::url::DatabaseUrl;
use fixpoints_core::database::Database;
use fixpoints_core::error::Result;

/// A connection or a transaction that a test holds.
///
/// `&mut` of any of these will do: `rusqlite::Connection`, a reference to one, `rusqlite::Transaction`, `rusqlite::Savepoint`,
/// `postgres::Client`, `postgres::Transaction`. Inside a transaction everything happens in savepoints of it, and
/// lasts only if the test commits.
pub trait Held {
    /// The same connection, as fixpoints use it.
    fn database(&mut self) -> Box<dyn Database + '_>;

    /// The database it leads to; `None` for one that ends with the connection.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when the database does not say.
    fn url(&mut self) -> Result<Option<DatabaseUrl>>;
}

/// Refuses a database whose rows nobody said may be replaced.
pub(super) fn allow(held: &mut (impl Held + ?Sized), config: &Config) -> Result<()> {
    match held.url()? {
        #[cfg(feature = "sqlite")]
        // Without a file, as with a virtual file system, or after it lost its name, there is only the name to judge.
        Some(DatabaseUrl::Sqlite(path)) if path.symlink_metadata().is_ok() => {
            let tests = config.test_databases();
            crate::engines::sqlite::opened::check(&path, &path, Some(&tests))
        }
        Some(url) => config.allow(&url),
        None => Ok(()),
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::path::PathBuf;

    use rusqlite::{Connection, Savepoint, Transaction};

    use super::Held;
    use crate::engines::sqlite::Sqlite;
    use crate::url::DatabaseUrl;
    use fixpoints_core::database::Database;
    use fixpoints_core::error::Result;

    impl Held for Connection {
        fn database(&mut self) -> Box<dyn Database + '_> {
            Box::new(Sqlite::over(&*self))
        }

        fn url(&mut self) -> Result<Option<DatabaseUrl>> {
            Ok(url(self))
        }
    }

    impl Held for &Connection {
        fn database(&mut self) -> Box<dyn Database + '_> {
            Box::new(Sqlite::over(*self))
        }

        fn url(&mut self) -> Result<Option<DatabaseUrl>> {
            Ok(url(self))
        }
    }

    impl Held for Transaction<'_> {
        fn database(&mut self) -> Box<dyn Database + '_> {
            Box::new(Sqlite::over(&**self))
        }

        fn url(&mut self) -> Result<Option<DatabaseUrl>> {
            Ok(url(self))
        }
    }

    impl Held for Savepoint<'_> {
        fn database(&mut self) -> Box<dyn Database + '_> {
            Box::new(Sqlite::over(&**self))
        }

        fn url(&mut self) -> Result<Option<DatabaseUrl>> {
            Ok(url(self))
        }
    }

    fn url(connection: &Connection) -> Option<DatabaseUrl> {
        let path = connection.path().filter(|path| !path.is_empty())?;
        Some(DatabaseUrl::Sqlite(PathBuf::from(path)))
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use ::postgres::{Client, GenericClient, SimpleQueryMessage, Transaction};

    use super::Held;
    use crate::engines::postgres::spoken::refused;
    use crate::engines::postgres::{IS_IN_TRANSACTION, Postgres};
    use crate::url::DatabaseUrl;
    use fixpoints_core::database::Database;
    use fixpoints_core::error::Result;

    impl Held for Client {
        fn database(&mut self) -> Box<dyn Database + '_> {
            if is_in_transaction(self) {
                Box::new(Postgres::joining(self))
            } else {
                Box::new(Postgres::on(self))
            }
        }

        fn url(&mut self) -> Result<Option<DatabaseUrl>> {
            url(self)
        }
    }

    impl Held for Transaction<'_> {
        fn database(&mut self) -> Box<dyn Database + '_> {
            Box::new(Postgres::within(self))
        }

        fn url(&mut self) -> Result<Option<DatabaseUrl>> {
            url(self)
        }
    }

    /// Whether a test sent `BEGIN`. A transaction that failed answers nothing.
    fn is_in_transaction(client: &mut Client) -> bool {
        let asked = client.simple_query(IS_IN_TRANSACTION);
        let is_older = |message: &SimpleQueryMessage| matches!(message, SimpleQueryMessage::Row(row) if row.get(0) == Some("t"));
        asked.map_or(true, |answer| answer.iter().any(is_older))
    }

    fn url(client: &mut impl GenericClient) -> Result<Option<DatabaseUrl>> {
        // One round trip, where a statement with a plan of its own takes two.
        let answers = client.simple_query("SELECT pg_catalog.current_database()");
        let answers = answers.map_err(refused("cannot ask for the name of the database"))?;
        let name = answers.iter().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        let name = crate::url::encoded(name.unwrap_or_default());
        Ok(Some(DatabaseUrl::Postgres(format!("postgres:///{name}"))))
    }
}
