//! Database URLs: what they name, whether that is a test database, and how they are shown without a password.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A database this build can open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file, or `:memory:`.
    Sqlite(PathBuf),
}

impl DatabaseUrl {
    /// Parses `sqlite:path`, `sqlite://path`, or a plain path that ends in `.db`, `.sqlite` or `.sqlite3`.
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
            Some(("postgres" | "postgresql" | "mysql" | "mariadb" | "duckdb" | "docs", _)) => {
                return Err(refuse("this build has SQLite only"));
            }
            _ if is_sqlite_path(url) => url,
            _ => return Err(refuse("it names no known kind of database")),
        };
        if path.is_empty() {
            return Err(refuse("it names no file"));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    /// The name a configuration allows this database by: its file name.
    #[must_use]
    pub fn name(&self) -> String {
        let Self::Sqlite(path) = self;
        path.file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned()
    }

    /// Whether the name contains `test`, or the URL says that it is in memory or in the folder of temporary files.
    #[must_use]
    pub fn looks_like_test(&self) -> bool {
        let Self::Sqlite(path) = self;
        self.is_memory() || self.name().to_lowercase().contains("test") || is_temporary(path)
    }

    /// Whether the database ends with its connection.
    #[must_use]
    pub fn is_memory(&self) -> bool {
        let Self::Sqlite(path) = self;
        path.as_os_str() == ":memory:"
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Sqlite(path) = self;
        write!(f, "sqlite:{}", path.display())
    }
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
            let shown = DatabaseUrl::parse(url).unwrap_err().to_string();
            assert!(!shown.contains("s3cret"), "{shown}");
        }
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
