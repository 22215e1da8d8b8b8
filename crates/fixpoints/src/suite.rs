//! Fixpoints as a test uses them, over connections that the test opened; what a test should know of an earlier call, the test keeps.

use std::path::{Path, PathBuf};

use crate::chain::Chain;
use crate::config::Config;
use crate::engines::TestConnection;
use crate::folder::Folder;
use crate::memory::Memory;
use crate::remove::{Removed, remove};
use crate::restore::restore_again;
use crate::store::{StoreOptions, StoreReport, store};
use fixpoints_core::advice::Command;
use fixpoints_core::error::{Error, Result};
use fixpoints_core::name::FixpointName;
use fixpoints_core::scope::Scope;
use fixpoints_core::skip::Skip;

mod command;
mod comparing;
mod environment;
mod newcomer;
mod options;
mod state;

pub use environment::{Environment, Operator, Recording};
pub use options::{Compare, On, Store};
use state::Origin;
pub use state::{Record, Restored, State};

/// The fixpoints of a suite: where they are, what does not count, and how the suite is run.
///
/// Make one for each test, or share one between tests and threads: what a test should know later is in the values that
/// calls return. One that is shared remembers how its restores left PostgreSQL databases, which makes the next ones and
/// comparisons fast; it is never believed without asking the server.
///
/// ```
/// use fixpoints::{Compare, Fixpoints, Store};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let fixpoints = Fixpoints::new(folder.path());
/// # /*
/// let fixpoints = Fixpoints::new("tests/fixpoints");
/// # */
/// let mut db = rusqlite::Connection::open_in_memory()?;
/// db.execute_batch(
///     "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, price REAL);
///      INSERT INTO books VALUES (1, 'Emma', 9.5), (2, 'Ulysses', 12.0);",
/// )?;
/// fixpoints.store(&mut db, "base")?;
///
/// // A test begins where the fixpoint ends,
/// let start = fixpoints.restore(&mut db, "base")?;
/// db.execute("UPDATE books SET price = 8.0 WHERE id = 1", [])?;
///
/// // says what changed,
/// fixpoints.assert_changes(&mut db, &start, |c| c.updated("books", ["price"]));
///
/// // or compares everything with the state it should lead to.
/// fixpoints.store(&mut db, Store::named("sale").on(&start))?;
/// fixpoints.compare(&mut db, Compare::with("sale").ignoring(["books.title"]))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Fixpoints {
    folder: Folder,
    /// The configured name of the database, where there are several.
    database: Option<String>,
    config: Config,
    environment: Environment,
    memory: Memory,
}

impl Fixpoints {
    /// The fixpoints in a folder, which need not exist yet, run as the environment of this process says.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: Folder::new(folder),
            database: None,
            config: Config::default(),
            environment: Environment::of_process(),
            memory: Memory::default(),
        }
    }

    /// The fixpoints of the project in a folder, as its `fixpoints.toml` says: `dir`, `ignore`, `exclude`,
    /// `allow-databases` and `broken-references`. `env!("CARGO_MANIFEST_DIR")` is the folder of a crate.
    ///
    /// # Errors
    /// [`Error::Config`] and [`Error::Io`].
    pub fn of_project(project: impl AsRef<Path>) -> Result<Self> {
        let project = project.as_ref();
        let config = Config::load(project)?;
        let folder = config.folder();
        Ok(Self {
            config,
            ..Self::new(folder)
        })
    }

    /// Runs as `environment` says, and not as that of this process does.
    #[must_use]
    pub fn in_environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Leaves columns out of every comparison: `COLUMN` in every table, `TABLE.COLUMN` in one, also by patterns as
    /// `*_at`. One that no table of the database has is an error.
    #[must_use]
    pub fn ignoring(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let columns = columns.into_iter().map(Into::into);
        self.config.ignore.extend(columns);
        self
    }

    /// Leaves tables out of everything, also by patterns as `tmp_*`. A name that means no table of the database is an
    /// error.
    #[must_use]
    pub fn excluding(mut self, tables: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let tables = tables.into_iter().map(Into::into);
        self.config.exclude.extend(tables);
        self
    }

    /// Covers tables although they are a tool's, or excluded.
    #[must_use]
    pub fn including(mut self, tables: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let tables = tables.into_iter().map(Into::into);
        self.config.include.extend(tables);
        self
    }

    /// Allows databases of these names, although they do not look like test databases.
    #[must_use]
    pub fn allowing(mut self, databases: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let databases = databases.into_iter().map(Into::into);
        self.config.allow_databases.extend(databases);
        self
    }

    /// The fixpoints of one of several databases, which lie in a folder of its name: `base` of `logs` is the fixpoint
    /// `logs/base`.
    ///
    /// ```
    /// # use fixpoints::Fixpoints;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let fixpoints = Fixpoints::new(folder.path());
    /// # let (mut shop, mut audit) = (rusqlite::Connection::open_in_memory()?, rusqlite::Connection::open_in_memory()?);
    /// fixpoints.database("shop").store(&mut shop, "base")?;
    /// fixpoints.database("audit").store(&mut audit, "base")?;
    /// assert_eq!(fixpoints.names()?, ["audit/base", "shop/base"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn database(&self, name: &str) -> Self {
        Self {
            database: Some(name.to_owned()),
            ..self.clone()
        }
    }

    /// The names of all fixpoints in the folder, sorted.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn names(&self) -> Result<Vec<String>> {
        let names = self.folder.names()?;
        Ok(names.iter().map(ToString::to_string).collect())
    }

    /// Whether a fixpoint exists.
    ///
    /// # Errors
    /// [`Error::BadName`], and [`Error::Io`] where that cannot be told.
    pub fn exists(&self, name: &str) -> Result<bool> {
        self.folder.exists(&self.name(name)?)
    }

    /// Stores the state of the database: a name, or a [`Store`].
    ///
    /// # Errors
    /// Those of [`crate::store()`]; [`Error::NotATestDatabase`]; [`Error::RestoredMoved`] where the parent is
    /// not what was restored any more.
    pub fn store(
        &self,
        connection: &mut (impl TestConnection + ?Sized),
        what: impl Into<Store>,
    ) -> Result<StoreReport> {
        let what = what.into();
        self.allow(connection)?;
        let name = self.name(&what.name)?;
        let parent = what.parent.map(|on| self.parent(&name, on)).transpose()?;
        let options = StoreOptions {
            parent,
            exclude: what.exclude,
            replace: what.replace,
        };
        let mut database = connection.database();
        store(
            database.as_mut(),
            &self.folder,
            &name,
            &self.scope()?,
            &options,
        )
    }

    /// Stores only where nothing has that name, and returns `None` where something does.
    ///
    /// # Errors
    /// [`Error::ImplicitWrite`] where `CI` is set, and those of [`Fixpoints::store`].
    pub fn store_unless_present(
        &self,
        connection: &mut (impl TestConnection + ?Sized),
        what: impl Into<Store>,
    ) -> Result<Option<StoreReport>> {
        let what = what.into();
        let name = self.name(&what.name)?;
        if self.folder.exists(&name)? {
            return Ok(None);
        }
        self.may_write(&name)?;
        self.store(connection, what).map(Some)
    }

    /// Removes a fixpoint that no other stands on.
    ///
    /// # Errors
    /// Those of [`crate::remove()`].
    pub fn remove(&self, name: &str) -> Result<Removed> {
        remove(&self.folder, &self.name(name)?)
    }

    /// Brings the database back to a fixpoint, all of it or nothing, and returns a handle that remembers which.
    ///
    /// # Errors
    /// Those of [`crate::restore()`] and [`Chain::open`]; [`Error::NotATestDatabase`].
    pub fn restore(
        &self,
        connection: &mut (impl TestConnection + ?Sized),
        name: &str,
    ) -> Result<Restored> {
        let name = self.name(name)?;
        self.allow(connection)?;
        let chain = Chain::open(&self.folder, &name)?;
        let mut database = connection.database();
        let (environment, memory) = (&self.environment, &self.memory);
        let mut scope = Scope::default();
        let hiding = &environment.hiding;
        let report = hiding.restore(&chain, &environment.skip, |skip| {
            scope = self.scope_skipping(skip);
            restore_again(database.as_mut(), &chain, &scope, memory)
        })?;
        let scope = state::resolve(database.as_mut(), &scope)?;
        drop(database);
        let origin = if scope.skip().is_empty() {
            Origin::Restored {
                beside: report.uncovered.clone(),
            }
        } else {
            Origin::Partial(Box::new(self.snapshot(connection)?))
        };
        let shown = format!("`{name}`");
        let state = State {
            chain,
            scope,
            shown,
            origin,
        };
        Ok(Restored { state, report })
    }

    /// Remembers the state of the database as it is, for [`Fixpoints::assert_changes`]; nothing is stored.
    ///
    /// # Errors
    /// Those of [`crate::store()`].
    pub fn snapshot(&self, connection: &mut (impl TestConnection + ?Sized)) -> Result<State> {
        let lies =
            tempfile::tempdir().map_err(Error::io("make a folder in", std::env::temp_dir()))?;
        let (folder, name) = (Folder::new(lies.path()), FixpointName::parse("snapshot")?);
        let mut database = connection.database();
        let scope = state::resolve(database.as_mut(), &self.scope()?)?;
        let whole = scope.clone().without_skip();
        let options = StoreOptions::default();
        store(database.as_mut(), &folder, &name, &whole, &options)?;
        Ok(State {
            chain: Chain::open(&folder, &name)?,
            scope,
            shown: "the snapshot".to_owned(),
            origin: Origin::Seen { _folder: lies },
        })
    }

    /// A fixpoint to be read, without the tables that are skipped in the database.
    ///
    /// # Errors
    /// Those of [`Chain::open`].
    pub fn saved(
        &self,
        connection: &mut (impl TestConnection + ?Sized),
        name: &str,
    ) -> Result<State> {
        let name = self.name(name)?;
        Ok(State {
            chain: Chain::open(&self.folder, &name)?,
            scope: state::resolve(connection.database().as_mut(), &self.scope()?)?,
            shown: format!("`{name}`"),
            origin: Origin::File,
        })
    }

    /// The covered tables of the database, sorted.
    ///
    /// # Errors
    /// [`Error::Database`] and [`Error::UnknownSkip`].
    pub fn table_names(
        &self,
        connection: &mut (impl TestConnection + ?Sized),
    ) -> Result<Vec<String>> {
        state::table_names(connection.database().as_mut(), &self.scope()?)
    }

    /// The rows of a table in the order of its key, without the columns in `ignoring`: `COLUMN` or `TABLE.COLUMN`.
    ///
    /// ```
    /// # use fixpoints::Fixpoints;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fixpoints = Fixpoints::new("nowhere");
    /// # let mut db = rusqlite::Connection::open_in_memory()?;
    /// # db.execute_batch("CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, updated_at TEXT);
    /// #     INSERT INTO books VALUES (1, 'Emma', 'now')")?;
    /// let books = fixpoints.records(&mut db, "books", ["updated_at"])?;
    /// assert_eq!(books[0].to_string(), r#"{"id": 1, "title": "Emma"}"#);
    /// assert_eq!(fixpoints.records(&mut db, "books", [])?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownTable`], [`Error::SkippedTable`], [`Error::UnknownColumn`] and [`Error::Database`].
    pub fn records<'a>(
        &self,
        connection: &mut (impl TestConnection + ?Sized),
        table: &str,
        ignoring: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Record>> {
        state::records(
            connection.database().as_mut(),
            &self.scope()?,
            table,
            ignoring,
        )
    }

    /// Refuses a database that is not one for tests.
    fn allow(&self, connection: &mut (impl TestConnection + ?Sized)) -> Result<()> {
        match connection.location()? {
            Some(location) => location.allow_open(&self.config.test_databases()),
            None => Ok(()),
        }
    }

    fn may_write(&self, name: &FixpointName) -> Result<()> {
        match self.environment.operator {
            Operator::Person => Ok(()),
            Operator::Ci => Err(Error::ImplicitWrite {
                name: name.to_string(),
                command: Command::Shell(self.environment.rerun()),
            }),
        }
    }

    /// What is covered, without what is skipped for the running test.
    fn scope(&self) -> Result<Scope> {
        let skip = self.environment.hiding.skip(&self.environment.skip)?;
        Ok(self.scope_skipping(skip))
    }

    fn scope_skipping(&self, skip: Skip) -> Scope {
        self.config.scope(self.database.as_deref()).skipping(skip)
    }

    fn name(&self, name: &str) -> Result<FixpointName> {
        match &self.database {
            Some(database) => FixpointName::parse(&format!("{database}/{name}")),
            None => FixpointName::parse(name),
        }
    }

    fn parent(&self, child: &FixpointName, on: On) -> Result<FixpointName> {
        let Some(content) = on.content else {
            return self.name(&on.name);
        };
        let parent = FixpointName::parse(&on.name)?;
        if self.folder.open(&parent)?.content != content {
            return Err(Error::RestoredMoved {
                restored: on.name,
                child: child.to_string(),
            });
        }
        Ok(parent)
    }
}
