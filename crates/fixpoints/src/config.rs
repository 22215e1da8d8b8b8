//! `fixpoints.toml`: where the database and the fixpoints are, and what is left out; it opens neither.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, de};

use crate::engines::Location;
use crate::engines::guard::TestDatabases;
use fixpoints_core::database::{Database, Missing};
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::names::CONFIG_FILE;
use fixpoints_core::names::DEFAULT_DIR;
use fixpoints_core::names::shown;
use fixpoints_core::scope::{BrokenReferences, Scope};
use fixpoints_core::secret::redacted;

mod names;

pub use names::Names;

/// The configuration of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// The database, or several by name.
    pub db: Databases,
    /// The folder of fixpoints.
    pub dir: Option<PathBuf>,
    /// Columns that a comparison leaves out: `COLUMN` in every table, or `TABLE.COLUMN`, also by patterns.
    pub ignore: Names,
    /// Tables that are left out of everything, also by patterns.
    pub exclude: Names,
    /// Tables that are covered although they are a tool's, or excluded.
    pub include: Names,
    /// Names of databases whose rows may be replaced although they do not look like test databases.
    pub allow_databases: Vec<String>,
    /// What a restore does about rows that refer to rows which the fixpoint itself lacks.
    pub broken_references: BrokenReferences,
    /// The folder the file lies in, where its paths begin; empty for the current one.
    #[serde(skip)]
    pub home: PathBuf,
}

/// What `db` holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Databases {
    /// Nothing.
    #[default]
    None,
    /// One URL.
    One(String),
    /// Several URLs by name.
    Named(BTreeMap<String, String>),
}

impl<'de> Deserialize<'de> for Databases {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(url) => Ok(Self::One(url)),
            toml::Value::Table(table) => {
                let named = table.into_iter().map(|(name, url)| match url {
                    toml::Value::String(url) => Ok((name, url)),
                    other => Err(de::Error::custom(format!(
                        "db.{} is a URL, not {}",
                        redacted(&name),
                        other.type_str()
                    ))),
                });
                named.collect::<Result<_, _>>().map(Self::Named)
            }
            other => Err(de::Error::custom(format!(
                "db is a URL or a table of them, not {}",
                other.type_str()
            ))),
        }
    }
}

/// The most that a configuration may have, in bytes.
const MOST: u64 = 1 << 20;

impl Config {
    /// Reads the configuration of a folder; the default where there is none.
    ///
    /// # Errors
    /// [`Error::Config`] with the line, and [`Error::Io`].
    pub fn load(folder: &Path) -> Result<Self> {
        Ok(Self::read(folder)?.unwrap_or_default())
    }

    /// Reads the configuration of the project that the current folder lies in: the nearest file, up to the folder
    /// that holds `.git`, or to the root where none does; the default where there is none. Its paths lead there from
    /// the current folder.
    ///
    /// # Errors
    /// Those of [`Config::load`].
    pub fn find() -> Result<Self> {
        let here = std::env::current_dir().map_err(Error::io("find", "the current folder"))?;
        let mut home = PathBuf::new();
        for folder in here.ancestors() {
            if let Some(found) = Self::read(&home)? {
                return Ok(found);
            }
            if folder.join(".git").exists() {
                break;
            }
            home.push("..");
        }
        Ok(Self::default())
    }

    fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(CONFIG_FILE);
        let text = match crate::regular::read_to_string(&path, MOST) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if path.is_symlink() {
                    let error = std::io::Error::other("it is a link to a file that does not exist");
                    return Err(Error::io("read", path)(error));
                }
                return Ok(None);
            }
            Err(error) => return Err(Error::io("read", path)(error)),
        };
        let config = Self::parse(&text).map_err(|error| match error {
            Error::Config { message, .. } => Error::Config {
                path: shown(&path),
                message,
            },
            other => other,
        })?;
        Ok(Some(Self {
            home: folder.to_path_buf(),
            ..config
        }))
    }

    /// The folder of fixpoints.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        let dir = self.dir.as_deref();
        self.home.join(dir.unwrap_or(Path::new(DEFAULT_DIR)))
    }

    /// The name of a chosen database that has its fixpoints in a folder of its own, because there are several.
    #[must_use]
    pub fn one_of_several(&self, chosen: Option<&str>) -> Option<&str> {
        let Databases::Named(named) = &self.db else {
            return None;
        };
        let (name, _) = named.get_key_value(chosen?)?;
        (named.len() > 1).then_some(name)
    }

    /// The tables that are covered in a database: a URL, or the name of a configured one.
    #[must_use]
    pub fn scope(&self, chosen: Option<&str>) -> Scope {
        let database = self.name_of(chosen);
        Scope::excluding(&self.exclude.of(database))
            .including(&self.include.of(database))
            .about_broken_references(self.broken_references)
    }

    /// The columns that comparisons with a database leave out.
    #[must_use]
    pub fn ignored(&self, chosen: Option<&str>) -> Vec<String> {
        self.ignore.of(self.name_of(chosen))
    }

    /// What a chosen database is called in the configuration, if it is there.
    fn name_of(&self, chosen: Option<&str>) -> Option<&str> {
        let Databases::Named(named) = &self.db else {
            return None;
        };
        let is_chosen = |(name, url): &(&String, &String)| match chosen {
            Some(chosen) => *name == chosen || *url == chosen,
            None => named.len() == 1,
        };
        named.iter().find(is_chosen).map(|(name, _)| name.as_str())
    }

    /// Parses the text of a configuration.
    ///
    /// # Errors
    /// [`Error::Config`] with the line.
    pub fn parse(text: &str) -> Result<Self> {
        let config = Self::read_text(text)?;
        config.check_databases()?;
        Ok(config)
    }

    /// Refuses lists for databases that `db` does not name.
    fn check_databases(&self) -> Result<()> {
        for (key, names) in [
            ("ignore", &self.ignore),
            ("exclude", &self.exclude),
            ("include", &self.include),
        ] {
            let is_known = |name: &&String| match &self.db {
                Databases::Named(named) => named.contains_key(*name),
                Databases::None | Databases::One(_) => false,
            };
            if let Some(unknown) = names.databases().find(|name| !is_known(name)) {
                let unknown = redacted(unknown);
                return Err(Error::Config {
                    path: CONFIG_FILE.to_owned(),
                    message: format!(
                        "`{key}` has names for {unknown}, which is not among the databases of `db`"
                    ),
                });
            }
        }
        Ok(())
    }

    fn read_text(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| {
            // The line itself may hold a password.
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map(|before| before.matches('\n').count() + 1);
            let place = line.map_or_else(String::new, |line| format!("line {line}: "));
            Error::Config {
                path: CONFIG_FILE.to_owned(),
                message: format!("{place}{}", told(error.message().trim())),
            }
        })
    }

    /// The database to use: a URL, the name of a configured one, or the only one configured.
    ///
    /// # Errors
    /// [`Error::NoDatabase`], [`Error::SeveralDatabases`] and [`Error::UnsupportedUrl`].
    pub fn database(&self, chosen: Option<&str>) -> Result<Location> {
        let url = match (&self.db, chosen) {
            (Databases::Named(named), Some(name)) if named.contains_key(name) => &named[name],
            (_, Some(url)) => url,
            (Databases::One(url), None) => url,
            (Databases::Named(named), None) if named.len() == 1 => {
                named.values().next().ok_or(Error::NoDatabase)?
            }
            (Databases::Named(named), None) if !named.is_empty() => {
                let names = named.keys().map(|name| redacted(name)).collect();
                return Err(Error::SeveralDatabases { names });
            }
            (_, None) => return Err(Error::NoDatabase),
        };
        if chosen == Some(url) {
            return Location::parse(url).map_err(|error| self.misnamed(url, error));
        }
        let url = Location::parse(url).map_err(|error| self.misconfigured(url, error))?;
        Ok(url.below(&self.home))
    }

    /// Where what is configured is not even a URL, it is named by its key: it may be a password.
    fn misconfigured(&self, url: &str, error: Error) -> Error {
        match error {
            Error::UnsupportedUrl { reason, fault, .. } if !url.contains(':') => {
                Error::UnsupportedUrl {
                    url: format!("`{}` of {CONFIG_FILE}", self.key_of(url)),
                    reason,
                    fault,
                }
            }
            error => error,
        }
    }

    fn key_of(&self, url: &str) -> String {
        let Databases::Named(named) = &self.db else {
            return "db".to_owned();
        };
        let found = named.iter().find(|(_, named)| *named == url);
        let name = found.map(|(name, _)| redacted(name)).unwrap_or_default();
        format!("db.{name}")
    }

    /// What is no URL was to be the name of a configured database, where there are any.
    fn misnamed(&self, name: &str, error: Error) -> Error {
        let Databases::Named(named) = &self.db else {
            return error;
        };
        if name.contains([':', '/', '.']) || named.is_empty() {
            return error;
        }
        let names: Vec<String> = named.keys().map(|name| redacted(name)).collect();
        Error::UnsupportedUrl {
            url: redacted(name),
            reason: format!("{CONFIG_FILE} names {} only", names.join(", ")),
            fault: Fault::Unknown,
        }
    }

    /// Refuses a database whose rows nobody said may be replaced.
    ///
    /// # Errors
    /// [`Error::NotATestDatabase`].
    pub fn allow(&self, url: &Location) -> Result<()> {
        url.allow(&self.test_databases())
    }

    /// Opens a database whose rows may be replaced: its name is judged first, and then what was opened.
    ///
    /// # Errors
    /// [`Error::NotATestDatabase`], and those of [`crate::open`].
    pub fn open_test(&self, url: &Location, missing: Missing) -> Result<Box<dyn Database>> {
        url.open_test(missing, &self.test_databases())
    }

    /// The databases whose rows may be replaced.
    pub(crate) fn test_databases(&self) -> TestDatabases {
        TestDatabases {
            allowed: self.allow_databases.clone(),
            project: self.home.clone(),
            folder: self.folder(),
        }
    }
}

/// What the parser says, without the values it repeats, any of which may be a password: only keys are shown.
fn told(message: &str) -> String {
    let (quote, end) = (message.find(['"', '`']), message.rfind(", expected"));
    if let (Some(quote), Some(end)) = (quote, end)
        && quote < end
        && !message.starts_with("unknown field")
    {
        return format!("{}{}", message[..quote].trim_end(), &message[end..]);
    }
    let mut parts = message.split('`').enumerate();
    let shown = |(at, part): (usize, &str)| {
        let is_key = part
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
        if at % 2 == 0 || is_key {
            part.to_owned()
        } else {
            redacted(part)
        }
    };
    let first = parts.next().map(shown).unwrap_or_default();
    parts.fold(first, |told, part| told + "`" + &shown(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused_with_their_line() {
        let error = Config::parse("dir = \"f\"\nexcluded = []\n")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("excluded") && error.contains("line 2"),
            "{error}"
        );
    }

    #[test]
    fn a_line_with_a_password_is_not_shown() {
        let error = Config::parse("db = \"postgres://me:s3cret@h/test\" oops").unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("line 1") && !error.contains("s3cret"),
            "{error}"
        );
    }

    #[test]
    fn values_that_do_not_belong_are_not_shown() {
        for text in [
            "allow-databases = \"postgres://me:s3cret@127.0.0.1/app\"",
            "allow-databases = \"s3cret\"",
            "broken-references = \"s3cret\"",
            "broken-references = \"password=s3cret\"",
            "dir = [\"s3cret\"]",
            "ignore = [[\"s3cret\"]]",
            "exclude = \"s3cret\"",
            "exclude = { \"me:s3cret@h\" = [] }",
            "include = { main = \"s3cret\" }",
            "db = postgres://me:s3cret@h/test",
            "db = 's3cret",
            "db = \"postgres://me:s3cret@h/test\\q\"",
            "\"postgres://me:s3cret@h/test\" = 1",
            "[db]\n\"postgres://me:s3cret@h/test\" = 1",
            "db = \"x\"\n[db.\"me:s3cret@h\"]\n",
            "[postgres.\"me:s3cret@h\"]\n[postgres.\"me:s3cret@h\"]\n",
            "password = s3cret",
            "db = { password = s3cret }",
            "db = { password = \"s3cret\", password = \"s3cret\" }",
            "db = \"s3cret\"",
            "db.password = \"s3cret\"",
            "db = \"user=me pw=s3cret\"",
            "db = \"me:s3cret\"",
        ] {
            let error = match Config::parse(text) {
                Ok(config) => config.database(None).unwrap_err(),
                Err(error) => error,
            };
            let told = format!("{error} {error:?} {:?}", error.hint());
            assert!(!told.contains("s3cret"), "{text}: {told}");
        }
    }

    #[test]
    fn several_databases_need_a_choice() {
        let config = Config::parse("[db]\nmain = \"sqlite:a.db\"\nlogs = \"sqlite:b.db\"").unwrap();
        assert_eq!(
            config.database(Some("logs")).unwrap().to_string(),
            "sqlite:b.db"
        );
        assert!(matches!(
            config.database(None),
            Err(Error::SeveralDatabases { .. })
        ));
        let error = config.database(Some("log")).unwrap_err().to_string();
        assert!(
            error.contains("fixpoints.toml names logs, main only"),
            "{error}"
        );
    }
}
