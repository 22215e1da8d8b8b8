//! Database URLs: what they name, whether that is a test database, and how they are shown without a password.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

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
        let refuse = |reason: &str| Error::UnsupportedUrl {
            url: redacted(url),
            reason: reason.to_owned(),
        };
        let path = match url.split_once(':') {
            Some(("sqlite" | "sqlite3", rest)) => rest.strip_prefix("//").unwrap_or(rest),
            Some(("postgres" | "postgresql", rest)) => {
                if !rest.starts_with("//") {
                    return Err(refuse("it needs two slashes, as in postgres://host/name"));
                }
                if postgres_name(url).is_empty() {
                    return Err(refuse("it names no database, as in postgres://host/name"));
                }
                return Ok(Self::Postgres(url.to_owned()));
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
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    /// The name a configuration allows this database by: its file name, or its name on the server.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Sqlite(path) => path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
            Self::Postgres(url) => postgres_name(url),
        }
    }

    /// Whether the name contains `test`, or the URL says that it is in memory or in the folder of temporary files.
    #[must_use]
    pub fn looks_like_test(&self) -> bool {
        let temporary = matches!(self, Self::Sqlite(path) if is_temporary(path));
        self.is_memory() || temporary || self.name().to_lowercase().contains("test")
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
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&redacted(url)),
        }
    }
}

/// The database of `scheme://user:password@host/NAME?…`, or of `?dbname=NAME`; empty where it names none.
pub(crate) fn postgres_name(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    // A password may hold slashes, so the host begins after the last `@`.
    let host = path.rsplit_once('@').map_or(path, |(_, host)| host);
    let name = host.split_once('/').map_or("", |(_, name)| name);
    let parameter = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("dbname="));
    decoded(parameter.unwrap_or(name))
}

/// Text without its percent signs.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        match hex.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
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

/// Judged by the path as written, so that a relative path means the same wherever a project lies.
fn is_temporary(path: &Path) -> bool {
    let inside = path.is_absolute()
        && !path
            .components()
            .any(|part| part == std::path::Component::ParentDir);
    inside && (path.starts_with(std::env::temp_dir()) || (cfg!(unix) && path.starts_with("/tmp")))
}

/// A URL with its password replaced, for messages.
#[must_use]
pub fn redacted(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some(at) = rest[..end].rfind('@').or_else(|| rest.rfind('@')) else {
        return hide_parameter(url);
    };
    let user = rest[..at].split(':').next().unwrap_or_default();
    let secret = if rest[..at].contains(':') { ":***" } else { "" };
    hide_parameter(&format!("{scheme}://{user}{secret}{}", &rest[at..]))
}

/// `?password=…` is a password too.
fn hide_parameter(url: &str) -> String {
    let Some(start) = url.find("password=").map(|at| at + "password=".len()) else {
        return url.to_owned();
    };
    let end = url[start..]
        .find('&')
        .map_or(url.len(), |length| start + length);
    format!("{}***{}", &url[..start], &url[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_never_shown() {
        for url in [
            "postgres://me:s3cret@host/db",
            "postgres://me:s3cret/with@slash@host/db",
            "postgres://host/db?user=me&password=s3cret&x=1",
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
        assert!(!test("sqlite:/tmp/../home/app.db"));
    }
}
