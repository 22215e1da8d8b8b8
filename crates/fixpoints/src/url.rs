//! Database URLs: what they name, whether that is a test database, and how they are shown without a password.

use std::fmt;
use std::path::{Path, PathBuf};

use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::secret::redacted;

mod guard;
mod server;

pub(crate) use guard::{Stranger, TestDatabases};
use server::Parts;
pub(crate) use server::createdb;
#[cfg(feature = "postgres")]
pub(crate) use server::encoded;

/// A database this build can open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file, or `:memory:`.
    Sqlite(PathBuf),
    /// A PostgreSQL server's URL, as libpq knows it; it may hold a password.
    Postgres(String),
}

impl DatabaseUrl {
    /// Parses `sqlite:path`, `sqlite://path`, a plain path that ends in `.db`, `.sqlite` or `.sqlite3`, and
    /// `postgres://user@host/name` (or `postgresql://`).
    ///
    /// # Errors
    /// [`Error::UnsupportedUrl`], which shows the URL without its password.
    pub fn parse(url: &str) -> Result<Self> {
        let refuse_for = |fault, reason: &str| Error::UnsupportedUrl {
            url: redacted(url),
            reason: reason.to_owned(),
            fault,
        };
        let refuse = |reason: &str| refuse_for(Fault::Unknown, reason);
        let path = match url.split_once(':') {
            Some(("sqlite" | "sqlite3", rest)) => rest.strip_prefix("//").unwrap_or(rest),
            Some(("postgres" | "postgresql", rest)) => {
                return server(url, rest).map_err(|(fault, reason)| refuse_for(fault, &reason));
            }
            Some(("mysql" | "mariadb" | "duckdb" | "docs", _)) => {
                return Err(refuse("this build has SQLite and PostgreSQL only"));
            }
            _ if is_sqlite_path(url) => url,
            _ => return Err(refuse("it names no known kind of database")),
        };
        if path.is_empty() {
            return Err(refuse("it names no file"));
        }
        // SQLite would read more than a name out of it.
        if path.starts_with("file:") {
            return Err(refuse("it is a URI, where the path of a file is wanted"));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    /// The same database, where the path of a file begins in another folder.
    pub(crate) fn below(self, home: &Path) -> Self {
        match self {
            Self::Sqlite(path) if path.as_os_str() != ":memory:" => Self::Sqlite(home.join(path)),
            other => other,
        }
    }

    /// The name a configuration allows this database by: its file name, or its name on the server.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Sqlite(path) => crate::paths::file_name(path),
            Self::Postgres(url) => Parts::of(url).name,
        }
    }

    /// Whether `test` is a word of the name, or the database is in memory or in the folder of temporary files; what a
    /// link leads to must be so too, and the file may have no other name.
    #[must_use]
    pub fn looks_like_test(&self) -> bool {
        TestDatabases::default().stranger(self).is_none()
    }

    /// Whether the database ends with its connection.
    #[must_use]
    pub fn is_memory(&self) -> bool {
        matches!(self, Self::Sqlite(path) if path.as_os_str() == ":memory:")
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.write_str(&redacted(&format!("sqlite:{}", path.display()))),
            Self::Postgres(url) => f.write_str(&redacted(url)),
        }
    }
}

/// A server's URL, with what comes after the colon; or why it is none.
fn server(url: &str, rest: &str) -> Result<DatabaseUrl, (Fault, String)> {
    let refused = |reason: &str| Err((Fault::Unknown, reason.to_owned()));
    let Some(rest) = rest.strip_prefix("//") else {
        return refused("it needs two slashes, as in postgres://host/name");
    };
    let place = rest.split('?').next().unwrap_or_default();
    if place.matches('@').count() > 1 {
        return refused("an `@` inside of its user, password or name is written as %40");
    }
    let parts = Parts::of(url);
    if parts.name.is_empty() {
        return refused("it names no database, as in postgres://host/name");
    }
    if let Some(reason) = server::tls(&parts) {
        return Err((Fault::Tls, reason));
    }
    // The client knows no `allow`, and without TLS both are the same.
    let url = match parts.parameter("sslmode") {
        Some("allow") => url.replace("sslmode=allow", "sslmode=prefer"),
        _ => url.to_owned(),
    };
    Ok(DatabaseUrl::Postgres(url))
}

fn is_sqlite_path(url: &str) -> bool {
    let extension = Path::new(url)
        .extension()
        .unwrap_or_default()
        .to_ascii_lowercase();
    url == ":memory:"
        || ["db", "sqlite", "sqlite3"]
            .iter()
            .any(|known| extension == *known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_never_shown() {
        for url in [
            "postgres://me:s3cret@host/db",
            "postgres:me:s3cret@host/db",
            "sqlite://me:s3cret@host/db",
            "host=localhost password=s3cret dbname=app_test",
            "mysql://me:s3cret@host",
        ] {
            let shown = match DatabaseUrl::parse(url) {
                Ok(parsed) => parsed.to_string(),
                Err(error) => error.to_string(),
            };
            assert!(!shown.contains("s3cret"), "{shown}");
        }
    }

    #[test]
    fn the_database_of_a_server_is_named() {
        for (url, name) in [
            ("postgres://host/app_test", "app_test"),
            ("postgresql://me:a/b@host:5432/app?x=1", "app"),
            ("postgres:///app?host=/run", "app"),
            ("postgres://host?dbname=a%20b", "a b"),
            ("postgres://h%2Frun/a%C3%A9%", "aé%"),
            // What the client goes by: the last of several, whatever its letters are written as.
            ("postgres://h/app_test?dbname=a_test&dbname=app", "app"),
            ("postgres://h/app_test?dbn%61me=app", "app"),
        ] {
            let url = DatabaseUrl::parse(url).unwrap();
            assert_eq!(url.name(), name);
            assert_eq!(url.looks_like_test(), name.contains("test"));
        }
        assert!(DatabaseUrl::parse("postgres://test.host").is_err());
        assert!(DatabaseUrl::parse("postgres:app").is_err());
    }

    #[test]
    fn only_names_that_say_so_are_test_databases() {
        let test = |url: &str| DatabaseUrl::parse(url).unwrap().looks_like_test();
        assert!(test("sqlite:test.db") && test("sqlite::memory:") && test("my_Test.sqlite3"));
        assert!(
            !test("sqlite:app.db") && !test("sqlite:tests/app.db") && !test("sqlite:../app.db")
        );
        assert!(!test("sqlite:/tmp/../usr/app.db"));
        assert!(!test("sqlite:latest.db") && !test("postgres://h/attestation"));
        assert!(DatabaseUrl::parse("sqlite:file:app.db?x=test").is_err());
    }

    #[test]
    fn what_asks_for_tls_is_refused_with_what_to_do() {
        for (url, asks) in [
            ("postgres://h/test?sslmode=require", true),
            (
                "postgres://h/test?sslmode=verify-full&connect_timeout=3",
                true,
            ),
            ("postgres://h/test?sslrootcert=ca.pem", true),
            ("postgres://h/test?sslmode=prefer", false),
            ("postgres://h/test?sslmode=disable", false),
            ("postgres://h/test?sslmode=allow", false),
        ] {
            let refused = DatabaseUrl::parse(url).err();
            assert_eq!(refused.is_some(), asks, "{url}");
            let Some(error) = refused else { continue };
            assert!(error.to_string().contains("TLS"), "{error}");
            assert!(error.hint().unwrap().contains("sslmode=disable"));
        }
    }

    #[test]
    fn the_command_that_creates_a_database_reaches_the_same_server() {
        for (url, command) in [
            ("postgres:///app_test", "createdb app_test"),
            (
                "postgres://me:***@h:1/a%20b_test",
                "createdb -h h -p 1 -U me 'a b_test'",
            ),
            (
                "postgres:///x_test?host=/run/pg&user=u",
                "createdb -h /run/pg -U u x_test",
            ),
            (
                "postgres://[::1]:5433/x_test",
                "createdb -h ::1 -p 5433 x_test",
            ),
        ] {
            assert_eq!(createdb(url), command);
        }
    }
}
