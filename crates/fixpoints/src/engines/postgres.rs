//! PostgreSQL: rows in and out through one connection in its own text form; what a row means is decided elsewhere.
//!
//! * Tables of every schema are covered; those of `public` by their bare names, others as `schema.table`. A
//!   partitioned table is one table, whose partitions are not covered by themselves. Views, foreign and temporary
//!   tables, tables of extensions, and tables with a foreign partition are not covered; generated columns are neither
//!   stored nor written.
//! * `boolean`, integers, floats and `bytea` are values of their own in a file. Every other type is a string in
//!   PostgreSQL's text form under fixed settings (UTC, ISO dates, hexadecimal bytes, no locale), the only form that
//!   is exact for all of them: `1.10` keeps its zero, `json` its spaces, `jsonb 'null'` is not NULL.
//! * Of a sequence `last_value` and `is_called` are recorded; it is set by `ALTER SEQUENCE … RESTART` and `setval`, which
//!   a rollback undoes.
//! * During a restore the covered tables are locked against writers, triggers and rules are off, and foreign keys
//!   and deferrable constraints are checked before the commit. A superuser sets `session_replication_role`; anybody
//!   else must own the tables that are written: their triggers are disabled and the foreign keys at them are dropped,
//!   and both are made again before the commit, in the same transaction. That takes locks for which even readers have
//!   to end, where a superuser's restore waits for writers only.
//! * Our statements look names up in `pg_catalog` only, from the first one on. While rows are written, the path is the
//!   caller's, for whom the functions of checks and indexes were written, and our statements name everything in full.
//! * What functions and event triggers write during a restore is noticed before the commit, by the server's own counts
//!   of rows; where those are off, every covered table is read again.
//! * A row that differs in columns that need not be unique is updated in place; others are deleted and inserted.
//! * A table that a restore of [`Fixpoints`](crate::Fixpoints) found as it should be is remembered by the versions of
//!   its rows, and not read again before they change.
//! * A statement may wait 10 seconds for a lock and run for 5 minutes.
//! * A script may not name what leads out of the database: files and programs of the server, other servers, and other
//!   databases unless they are for tests. What a function hides is not found; a role that is not a superuser cannot do
//!   most of it.

use std::time::Duration;

use ::postgres::Client;

use super::guard::TestDatabases;
use fixpoints_core::database::{Database, Remember, ScriptReport, Transaction, Writable};
use fixpoints_core::error::Result;
use fixpoints_core::secret::redacted;

mod ahead;
mod catalog;
mod code;
mod connect;
mod connection;
mod copy;
mod delete;
mod equality;
mod fault;
mod guard;
mod insert;
pub(crate) mod location;
mod lock;
mod mark;
mod name;
mod omissions;
mod partitions;
mod publications;
mod questions;
mod references;
mod relation;
mod script;
mod sequences;
mod session;
mod settings;
mod spoken;
mod transaction;
mod turning;
mod update;
mod waiting;
mod watch;
mod wire;

use connect::Connected;
use session::{Access, Session, Waits};
use transaction::Begun;

/// The word for PostgreSQL in a file's header.
pub const ENGINE: &str = "postgres";

/// Asks whether a transaction is open: one is as old as its first statement, and outside of one every statement is the
/// first. It is asked in the search path of others.
const IS_IN_TRANSACTION: &str =
    "SELECT pg_catalog.now() OPERATOR(pg_catalog.<>) pg_catalog.statement_timestamp()";

/// A connection to a PostgreSQL database: one of its own, or one that a test holds.
pub struct Postgres<'c> {
    session: Session<'c>,
    /// The databases that a script may drop or change.
    tests: TestDatabases,
}

impl Postgres<'static> {
    /// Connects to the database a URL names.
    ///
    /// # Errors
    /// [`Error::MissingDatabase`](fixpoints_core::error::Error::MissingDatabase) where the server has none of that name, and [`Error::Database`](fixpoints_core::error::Error::Database).
    pub fn open(url: &str) -> Result<Self> {
        connect::connect(url).map(|connected| Self::own(connected.client))
    }

    /// Connects to a database whose rows may be replaced. The server is asked what the database is called: what stands
    /// between it and us may give it another name.
    ///
    /// # Errors
    /// [`Error::NotATestDatabase`](fixpoints_core::error::Error::NotATestDatabase), and those of [`Postgres::open`].
    pub(crate) fn open_test(url: &str, tests: TestDatabases) -> Result<Self> {
        let Connected { client, name } = connect::connect(url)?;
        let shown = format!("{}, whose server calls it `{name}`,", redacted(url));
        tests.allow_name(&shown, &name)?;
        Ok(Self {
            tests,
            ..Self::own(client)
        })
    }

    fn own(client: Client) -> Self {
        Self::over(Session::new(Box::new(client)))
    }
}

impl<'c> Postgres<'c> {
    /// Uses a connection that somebody else holds; its settings are as before after every operation.
    pub fn on(client: &'c mut Client) -> Self {
        Self::over(Session::new(Box::new(client)))
    }

    /// Uses a transaction that somebody else holds: every operation is a savepoint in it, and lasts only if it does.
    pub fn within<'t: 'c>(transaction: &'c mut ::postgres::Transaction<'t>) -> Self {
        Self::over(Session::nested(Box::new(transaction)))
    }

    /// Uses a connection on which somebody else began a transaction by a statement of SQL; like [`Self::within`].
    pub fn joining(client: &'c mut Client) -> Self {
        Self::over(Session::nested(Box::new(client)))
    }

    /// Waits so long for a lock and so long for a statement, instead of 10 seconds and 5 minutes.
    #[must_use]
    pub fn waiting(mut self, lock: Duration, statement: Duration) -> Self {
        self.session.waits = Waits { lock, statement };
        self
    }

    fn over(session: Session<'c>) -> Self {
        Self {
            session,
            tests: TestDatabases::default(),
        }
    }
}

impl Database for Postgres<'_> {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn read<'a>(&'a mut self, memory: Option<&dyn Remember>) -> Result<Box<dyn Transaction + 'a>> {
        Ok(Box::new(Begun::begin(
            &mut self.session,
            Access::Read,
            memory,
        )?))
    }

    fn write<'a>(&'a mut self, memory: Option<&dyn Remember>) -> Result<Box<dyn Writable + 'a>> {
        Ok(Box::new(Begun::begin(
            &mut self.session,
            Access::Write,
            memory,
        )?))
    }

    fn run_script(&mut self, name: &str, script: &str) -> Result<ScriptReport> {
        script::run(self.session.untouched(), &self.tests, name, script)
    }
}
