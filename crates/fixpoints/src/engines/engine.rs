//! What an engine is asked before a database is open, and where a database is; it knows no engine by name.

use std::fmt;
use std::path::Path;

use fixpoints_core::database::{Database, Missing};
use fixpoints_core::error::{Fault, Result};
use fixpoints_core::secret::redacted;

use super::guard::TestDatabases;

/// An engine: which URLs are its own, what they mean, and how they are opened.
///
/// A `text` is what [`Engine::parse`] returned: the URL in the one spelling that the engine uses.
pub trait Engine: fmt::Debug + Sync {
    /// What people call it.
    fn title(&self) -> &'static str;

    /// What its URLs begin with, before the colon.
    fn schemes(&self) -> &'static [&'static str];

    /// Whether it takes a text without a scheme.
    fn claims(&self, text: &str) -> bool {
        let _ = text;
        false
    }

    /// Reads a URL of its own.
    ///
    /// # Errors
    /// Why it is not one, and what kind of reason that is.
    fn parse(&self, url: &str) -> Result<String, (Fault, String)>;

    /// The name a configuration allows the database by.
    fn database_name(&self, text: &str) -> String;

    /// The same database, where relative paths begin in another folder.
    fn below(&self, text: &str, home: &Path) -> String {
        let _ = home;
        text.to_owned()
    }

    /// Whether the database ends with its connection.
    fn is_transient(&self, text: &str) -> bool {
        let _ = text;
        false
    }

    /// Refuses a database that is not one for tests.
    ///
    /// # Errors
    /// [`fixpoints_core::error::Error::NotATestDatabase`].
    fn allow(&self, text: &str, tests: &TestDatabases) -> Result<()> {
        tests.allow_name(&redacted(text), &self.database_name(text))
    }

    /// The same for one that is open.
    ///
    /// # Errors
    /// Those of [`Engine::allow`].
    fn allow_open(&self, text: &str, tests: &TestDatabases) -> Result<()> {
        self.allow(text, tests)
    }

    /// Opens the database; what was opened is judged too where only test databases are wanted.
    ///
    /// # Errors
    /// [`fixpoints_core::error::Error::MissingDatabase`], [`fixpoints_core::error::Error::Database`] and
    /// [`fixpoints_core::error::Error::NotATestDatabase`].
    fn open(
        &self,
        text: &str,
        missing: Missing,
        tests: Option<&TestDatabases>,
    ) -> Result<Box<dyn Database>>;
}

/// Where a database is; it may hold a password, which is never shown.
#[derive(Debug, Clone)]
pub struct Location {
    pub(super) engine: &'static dyn Engine,
    pub(super) text: String,
}

impl Location {
    /// A location as its engine spells it.
    #[cfg_attr(
        not(any(feature = "sqlite", feature = "postgres")),
        expect(dead_code, reason = "engines make them")
    )]
    pub(crate) fn new(engine: &'static dyn Engine, text: String) -> Self {
        Self { engine, text }
    }

    /// The same database, where the path of a file begins in another folder.
    pub(crate) fn below(self, home: &Path) -> Self {
        let text = self.engine.below(&self.text, home);
        Self { text, ..self }
    }

    /// The name a configuration allows this database by: its file name, or its name on the server.
    #[must_use]
    pub fn name(&self) -> String {
        self.engine.database_name(&self.text)
    }

    /// Whether `test` is a word of the name, or the database is in memory or in the folder of temporary files; what a
    /// link leads to must be so too, and the file may have no other name.
    #[must_use]
    pub fn looks_like_test(&self) -> bool {
        self.allow(&TestDatabases::default()).is_ok()
    }

    /// Whether the database ends with its connection.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.engine.is_transient(&self.text)
    }

    /// Refuses a database that is not one for tests.
    pub(crate) fn allow(&self, tests: &TestDatabases) -> Result<()> {
        self.engine.allow(&self.text, tests)
    }

    /// The same for one that is open.
    pub(crate) fn allow_open(&self, tests: &TestDatabases) -> Result<()> {
        self.engine.allow_open(&self.text, tests)
    }

    /// Opens a database whose rows may be replaced: its name is judged first, and then what was opened.
    pub(crate) fn open_test(
        &self,
        missing: Missing,
        tests: &TestDatabases,
    ) -> Result<Box<dyn Database>> {
        self.allow(tests)?;
        self.engine.open(&self.text, missing, Some(tests))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redacted(&self.text))
    }
}

/// A connection or a transaction that a test opened.
///
/// `&mut` of any of these will do: `rusqlite::Connection`, a reference to one, `rusqlite::Transaction`, `rusqlite::Savepoint`,
/// `postgres::Client`, `postgres::Transaction`. Inside a transaction everything happens in savepoints of it, and
/// lasts only if the test commits.
pub trait TestConnection {
    /// The same connection, as fixpoints use it.
    fn database(&mut self) -> Box<dyn Database + '_>;

    /// The database it leads to; `None` for one that ends with the connection.
    ///
    /// # Errors
    /// [`fixpoints_core::error::Error::Database`] when the database does not say.
    fn location(&mut self) -> Result<Option<Location>>;
}
