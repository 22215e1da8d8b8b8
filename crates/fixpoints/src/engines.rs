//! The engines of this build, and which of them a location belongs to.

use fixpoints_core::database::{Database, Missing};
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::secret::redacted;

pub(crate) mod engine;
pub(crate) mod guard;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;

use engine::Engine;
pub use engine::{Location, TestConnection};

/// A new engine is a folder, a feature, and a line here.
static ENGINES: &[&dyn Engine] = &[
    #[cfg(feature = "sqlite")]
    &sqlite::location::SqliteEngine,
    #[cfg(feature = "postgres")]
    &postgres::location::PostgresEngine,
];

/// Databases that a build may lack.
const OTHERS: [&str; 8] = [
    "sqlite",
    "sqlite3",
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "duckdb",
    "docs",
];

impl Location {
    /// Parses `sqlite:path`, `sqlite://path`, a plain path that ends in `.db`, `.sqlite` or `.sqlite3`, and
    /// `postgres://user@host/name` (or `postgresql://`).
    ///
    /// # Errors
    /// [`Error::UnsupportedUrl`], which shows the URL without its password.
    pub fn parse(url: &str) -> Result<Self> {
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        let mut engines = ENGINES.iter().copied();
        let of_scheme = engines.find(|engine| engine.schemes().contains(&scheme));
        let is_other = OTHERS.contains(&scheme);
        let mut engines = ENGINES.iter().copied().filter(|_| !is_other);
        let found = of_scheme.or_else(|| engines.find(|engine| engine.claims(url)));
        let parsed = match found {
            Some(engine) => engine.parse(url).map(|text| Self { engine, text }),
            None => Err((
                Fault::Unknown,
                if is_other {
                    absent()
                } else {
                    "it names no known kind of database".to_owned()
                },
            )),
        };
        parsed.map_err(|(fault, reason)| Error::UnsupportedUrl {
            url: redacted(url),
            reason,
            fault,
        })
    }
}

fn absent() -> String {
    let titles: Vec<&str> = ENGINES.iter().map(|engine| engine.title()).collect();
    format!("this build has {} only", titles.join(" and "))
}

/// Opens a database.
///
/// # Errors
/// [`Error::MissingDatabase`] and [`Error::Database`].
pub fn open(location: &Location, missing: Missing) -> Result<Box<dyn Database>> {
    location.engine.open(&location.text, missing, None)
}

#[cfg(all(test, feature = "sqlite", feature = "postgres"))]
mod tests {
    use super::Location;

    #[test]
    fn passwords_are_never_shown() {
        for url in [
            "postgres://me:s3cret@host/db",
            "postgres:me:s3cret@host/db",
            "sqlite://me:s3cret@host/db",
            "host=localhost password=s3cret dbname=app_test",
            "mysql://me:s3cret@host",
        ] {
            let shown = match Location::parse(url) {
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
            (
                "postgresql://me:a/b@host:5432/app?application_name=x",
                "app",
            ),
            ("postgres:///app?host=/run", "app"),
            ("postgres://host?dbname=a%20b", "a b"),
            ("postgres://h%2Frun/a%C3%A9%", "aé%"),
            // What the client goes by: the last of several, whatever its letters are written as.
            ("postgres://h/app_test?dbname=a_test&dbname=app", "app"),
            ("postgres://h/app_test?dbn%61me=app", "app"),
        ] {
            let url = Location::parse(url).unwrap();
            assert_eq!(url.name(), name);
            assert_eq!(url.looks_like_test(), name.contains("test"));
        }
        assert!(Location::parse("postgres://test.host").is_err());
        assert!(Location::parse("postgres:app").is_err());
    }

    #[test]
    fn only_names_that_say_so_are_test_databases() {
        let test = |url: &str| Location::parse(url).unwrap().looks_like_test();
        assert!(test("sqlite:test.db") && test("sqlite::memory:") && test("my_Test.sqlite3"));
        assert!(
            !test("sqlite:app.db") && !test("sqlite:tests/app.db") && !test("sqlite:../app.db")
        );
        assert!(!test("sqlite:/tmp/../usr/app.db"));
        assert!(!test("sqlite:latest.db") && !test("postgres://h/attestation"));
        assert!(Location::parse("sqlite:file:app.db?x=test").is_err());
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
            let refused = Location::parse(url).err();
            assert_eq!(refused.is_some(), asks, "{url}");
            let Some(error) = refused else { continue };
            assert!(error.to_string().contains("TLS"), "{error}");
            assert!(error.hint().unwrap().contains("sslmode=disable"));
        }
    }
}
