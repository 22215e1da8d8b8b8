//! Comparing and change assertions of [`Fixpoints`], and what they say; how states differ is found out elsewhere.

use super::options::Absent;
use super::{Compare, Fixpoints, On, State, Store, newcomer};
use crate::chain::Chain;
use crate::compare::{CompareOptions, compare_again};
use crate::engines::TestConnection;
use fixpoints_core::advice::Command;
use fixpoints_core::assertion;
use fixpoints_core::assertion::{Changes, ExpectedChanges, Mismatch};
use fixpoints_core::database::reading;
use fixpoints_core::error::{Error, Result};
use fixpoints_core::name::FixpointName;
use fixpoints_core::pattern::Pattern;

impl Fixpoints {
    /// Compares the database with a fixpoint: a name, or a [`Compare`].
    ///
    /// Where a person set `FIXPOINTS_UPDATE`, a fixpoint that is missing or differs is stored again instead, with every
    /// table it has, also those that are not compared here, and on the parent it had.
    ///
    /// # Errors
    /// [`Error::Different`], which shows every table, row and column that differs; [`Error::ChildrenLeft`] where an
    /// update stored it again under others; [`Error::StoredInstead`] and
    /// [`Error::ImplicitWrite`] with [`Compare::or_store`]; those of [`crate::compare()`] and [`Chain::open`].
    pub fn compare(
        &self,
        connection: &mut (impl TestConnection + ?Sized),
        with: impl Into<Compare>,
    ) -> Result<()> {
        let with = with.into();
        let name = self.name(&with.store.name)?;
        if !self.folder.exists(&name)? {
            return self.compare_with_nothing(connection, &with, &name);
        }
        let chain = Chain::open(&self.folder, &name)?;
        let options = CompareOptions {
            ignore: with.ignore.clone(),
            ignore_configured: self.config.ignored(self.database.as_deref()),
            tables: with.tables.clone(),
            exclude: with.store.exclude.clone(),
        };
        let mut database = connection.database();
        let comparison = compare_again(
            database.as_mut(),
            &chain,
            &self.scope()?,
            &options,
            &self.memory,
        )?;
        drop(database);
        if comparison.is_equal() {
            return Ok(());
        }
        if self.environment.updates() {
            let parent = chain.ancestors().next();
            let parent = parent.map(|parent| self.own(parent.as_str()));
            let mut again = Store {
                parent: parent.map(On::from),
                ..with.store
            };
            // A table that was not compared stays in the file, if it is there.
            let held_already = &chain.header().tables;
            again
                .exclude
                .retain(|said| !held_already.values().any(|table| table.is_called(said)));
            return self.store_over(connection, again, &name);
        }
        let hint = format!("if this is right, run `{}`", self.environment.rerun());
        Err(Error::Different(Box::new(Mismatch::new(
            name.as_str(),
            comparison,
            hint,
        ))))
    }

    /// Compares like [`Fixpoints::compare`], and panics with every difference.
    ///
    /// # Panics
    /// When the database differs, and on every other error.
    #[track_caller]
    pub fn assert_equals(
        &self,
        connection: &mut (impl TestConnection + ?Sized),
        with: impl Into<Compare>,
    ) {
        if let Err(error) = self.compare(connection, with) {
            panic!("{error:?}");
        }
    }

    /// Checks which rows changed since a state: what [`Fixpoints::restore`] or [`Fixpoints::snapshot`] returned.
    /// Whatever is not named must be unchanged.
    ///
    /// A table that came after the state was empty before, and must be named even if it still is. Tables that a
    /// restored or saved fixpoint leaves out may have held anything: whoever does not want to know of them excludes them.
    ///
    /// # Errors
    /// [`Error::UnexpectedChanges`], which shows every table, row and column that is not as expected, and the
    /// expectation that would be right; [`Error::UnclearExpectation`], [`Error::UnknownTable`] and
    /// [`Error::UnknownColumn`]; [`Error::SchemaMovedSince`] where the columns are others now.
    pub fn changes(
        &self,
        connection: &mut (impl TestConnection + ?Sized),
        before: impl AsRef<State>,
        expect: impl FnOnce(ExpectedChanges) -> ExpectedChanges,
    ) -> Result<()> {
        let before = before.as_ref();
        let options = CompareOptions {
            ignore_configured: self.config.ignored(self.database.as_deref()),
            ..CompareOptions::default()
        };
        let (chain, scope) = before.before(self.scope()?);
        let mut database = connection.database();
        let comparison = compare_again(database.as_mut(), chain, &scope, &options, &self.memory);
        let comparison = comparison.map_err(|error| before.explained(error))?;
        let uncovered = comparison.uncovered.iter().map(String::as_str);
        let later: Vec<&str> = uncovered.filter(|name| before.came_later(name)).collect();
        let newcomers = newcomer::read(database.as_mut(), &later, &options.ignore_configured)?;
        let skips = |table: &str| !scope.skip().is_empty() && before.scope.skips(table);
        let expected = expect(ExpectedChanges::default());
        let changes = Changes {
            before: &before.shown,
            comparison: &comparison,
            newcomers: &newcomers,
        };
        let checked = assertion::check(&changes, &expected, &skips);
        if let Err(Error::UnknownTable { table, .. }) = &checked {
            let said = Pattern::new(table);
            reading(database.as_mut(), |transaction| {
                transaction.catalog().check_whole(&said, |_| false)
            })?;
        }
        checked
    }

    /// Checks like [`Fixpoints::changes`], and panics with everything that is not as expected.
    ///
    /// ```
    /// # use fixpoints::Fixpoints;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let fixpoints = Fixpoints::new(folder.path());
    /// # let mut db = rusqlite::Connection::open_in_memory()?;
    /// # db.execute_batch("CREATE TABLE posts (id INTEGER PRIMARY KEY);
    /// #     CREATE TABLE users (id INTEGER PRIMARY KEY, last_login_at TEXT); INSERT INTO users VALUES (1, '');
    /// #     CREATE TABLE books (id INTEGER PRIMARY KEY);")?;
    /// let before = fixpoints.snapshot(&mut db)?;
    /// # db.execute_batch("INSERT INTO posts VALUES (1); UPDATE users SET last_login_at = 'now'")?;
    /// // … the code under test …
    /// fixpoints.assert_changes(&mut db, &before, |c| {
    ///     c.inserted("posts", 1).updated("users", ["last_login_at"]).unchanged("books")
    /// });
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// When other rows changed than expected, and on every other error.
    #[track_caller]
    pub fn assert_changes(
        &self,
        connection: &mut (impl TestConnection + ?Sized),
        before: impl AsRef<State>,
        expect: impl FnOnce(ExpectedChanges) -> ExpectedChanges,
    ) {
        if let Err(error) = self.changes(connection, before, expect) {
            panic!("{error:?}");
        }
    }

    /// Stores implicitly, which nobody sees; what that makes unreadable must not pass unseen.
    fn store_over(
        &self,
        connection: &mut (impl TestConnection + ?Sized),
        what: Store,
        name: &FixpointName,
    ) -> Result<()> {
        let stored = self.store(connection, what)?;
        if stored.orphaned_children.is_empty() {
            return Ok(());
        }
        let children = stored.orphaned_children.iter();
        Err(Error::ChildrenLeft {
            name: name.to_string(),
            children: children.map(ToString::to_string).collect(),
        })
    }

    fn compare_with_nothing(
        &self,
        connection: &mut (impl TestConnection + ?Sized),
        with: &Compare,
        name: &FixpointName,
    ) -> Result<()> {
        if self.environment.updates() {
            return self.store(connection, with.store.clone()).map(drop);
        }
        if with.missing == Absent::Fail {
            return Err(Error::NothingToCompare {
                name: name.to_string(),
                folder: self.folder.shown(),
                command: Command::Shell(self.environment.rerun()),
            });
        }
        self.may_write(name)?;
        let stored = self.store(connection, with.store.clone())?;
        Err(Error::StoredInstead {
            name: name.to_string(),
            path: stored.path,
        })
    }

    /// A name as a test of this database writes it.
    fn own<'a>(&self, name: &'a str) -> &'a str {
        let database = self.database.as_deref();
        let inside = database.and_then(|database| name.strip_prefix(database)?.strip_prefix('/'));
        inside.unwrap_or(name)
    }
}
