//! Transactions and the settings inside them; outside them the connection is as its holder left it.

use std::time::Duration;

use postgres::Error;

use super::wire::{Wire, results};
use crate::database::Access;

/// What values look like, and how a statement is run. Each is put back where the transaction is somebody else's.
const SETTINGS: [(&str, &str); 16] = [
    ("datestyle", "ISO, YMD"),
    ("intervalstyle", "postgres"),
    ("timezone", "UTC"),
    ("extra_float_digits", "3"),
    ("bytea_output", "hex"),
    ("lc_monetary", "C"),
    ("xmloption", "content"),
    ("array_nulls", "on"),
    ("quote_all_identifiers", "off"),
    ("standard_conforming_strings", "on"),
    ("transform_null_equals", "off"),
    ("idle_in_transaction_session_timeout", "0"),
    ("row_security", "off"),
    ("jit", "off"),
    ("default_text_search_config", "pg_catalog.simple"),
    ("application_name", "fixpoints"),
];

/// What tells one database from another, as long as the server runs.
const PLACE: &str = "extract(epoch FROM pg_postmaster_start_time()) || ' ' || (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Turns to [`Path::Fixed`].
const FIXED_PATH: &str = "SET LOCAL search_path = ''";

/// Where unqualified names are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    /// Nowhere, so that names come out qualified, the same for everybody.
    Fixed,
    /// Where the database's own checks and defaults expect it.
    Own,
}

/// How long the server may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waits {
    pub lock: Duration,
    pub statement: Duration,
}

impl Waits {
    /// The names of its settings, and their values in milliseconds.
    fn settings(self) -> [(&'static str, String); 2] {
        // Nought would be for ever.
        let value = |wait: Duration| wait.as_millis().clamp(1, 2_147_483_647).to_string();
        [
            ("statement_timeout", value(self.statement)),
            ("lock_timeout", value(self.lock)),
        ]
    }
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            lock: Duration::from_secs(10),
            statement: Duration::from_secs(5 * 60),
        }
    }
}

/// Whether transactions are ours to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nesting {
    Top,
    Savepoint,
}

/// How a writer keeps triggers and foreign keys silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// By `session_replication_role`.
    Role,
    /// Table by table, as their owner.
    Owner,
}

/// A connection, and how far its transaction got.
pub(super) struct Session<'c> {
    pub wire: Box<dyn Wire + 'c>,
    pub waits: Waits,
    nesting: Nesting,
    open: Option<Open>,
}

struct Open {
    access: Access,
    silence: Silence,
    path: Path,
    own_path: String,
    place: Option<String>,
    /// What puts the settings of somebody else's transaction back.
    put_back: String,
}

impl<'c> Session<'c> {
    pub fn new(wire: Box<dyn Wire + 'c>) -> Self {
        let nesting = Nesting::Top;
        Self {
            wire,
            waits: Waits::default(),
            nesting,
            open: None,
        }
    }

    pub fn nested(wire: Box<dyn Wire + 'c>) -> Self {
        let nesting = Nesting::Savepoint;
        Self {
            wire,
            waits: Waits::default(),
            nesting,
            open: None,
        }
    }

    pub fn access(&self) -> Option<Access> {
        self.open.as_ref().map(|open| open.access)
    }

    pub fn is_nested(&self) -> bool {
        self.nesting == Nesting::Savepoint
    }

    /// The server as long as it runs, and the database in it.
    pub fn place(&self) -> Option<String> {
        self.open.as_ref()?.place.clone()
    }

    pub fn silence(&self) -> Silence {
        self.open
            .as_ref()
            .map_or(Silence::Owner, |open| open.silence)
    }

    pub fn begin(&mut self, access: Access) -> Result<(), Error> {
        let begin = match (self.nesting, access) {
            (Nesting::Top, Access::Read) => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            // Each statement sees what is there once the tables are locked.
            (Nesting::Top, Access::Write) => "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE",
            (Nesting::Savepoint, _) => "SAVEPOINT fixpoints",
        };
        let waits = self.waits.settings();
        let waits = waits.iter().map(|(name, value)| (*name, value.as_str()));
        let settings: Vec<(&str, &str)> = SETTINGS.into_iter().chain(waits).collect();
        let before = ["search_path", "session_replication_role"].into_iter();
        let names: Vec<&str> = before
            .chain(settings.iter().map(|(name, _)| *name))
            .collect();
        let before: Vec<String> = names
            .iter()
            .map(|name| format!("current_setting('{name}')"))
            .collect();
        let settings: Vec<String> = settings
            .iter()
            .map(|(name, value)| format!("SET LOCAL {name} = '{value}'"))
            .collect();
        let before = format!("{begin}; SELECT {}, {PLACE}", before.join(", "));
        let role = "SELECT CASE current_setting('is_superuser') WHEN 'on' THEN set_config('session_replication_role', 'replica', true) END";
        let sql = match access {
            Access::Read => format!("{before}; {FIXED_PATH}; {}", settings.join("; ")),
            Access::Write => format!("{before}; {FIXED_PATH}; {}; {role}", settings.join("; ")),
        };
        // What failed after the beginning has begun something.
        let answers = self.wire.simple(&sql).inspect_err(|_| self.undo())?;
        self.open = Some(Open::new(access, &names, results(answers)));
        if access == Access::Write && self.silence() == Silence::Owner {
            self.ask_for_role()?;
        }
        Ok(())
    }

    /// Since PostgreSQL 15 others than superusers may be granted the role.
    fn ask_for_role(&mut self) -> Result<(), Error> {
        self.wire.batch("SAVEPOINT fixpoints_role")?;
        if self
            .wire
            .batch("SET LOCAL session_replication_role = 'replica'")
            .is_err()
        {
            return self
                .wire
                .batch("ROLLBACK TO SAVEPOINT fixpoints_role; RELEASE SAVEPOINT fixpoints_role");
        }
        if let Some(open) = &mut self.open {
            open.silence = Silence::Role;
        }
        self.wire.batch("RELEASE SAVEPOINT fixpoints_role")
    }

    /// Turns to another search path where it is not that one.
    pub fn path(&mut self, path: Path) -> Result<(), Error> {
        let Some(open) = self.open.as_mut().filter(|open| open.path != path) else {
            return Ok(());
        };
        let sql = match path {
            Path::Fixed => FIXED_PATH.to_owned(),
            Path::Own => format!(
                "SELECT set_config('search_path', {}, true)",
                super::name::literal(&open.own_path)
            ),
        };
        self.wire.batch(&sql)?;
        open.path = path;
        Ok(())
    }

    /// Runs what is to be done last.
    pub fn finish(&mut self, last: &str) -> Result<(), Error> {
        self.path(Path::Own)?;
        if last.is_empty() {
            return Ok(());
        }
        self.wire.batch(last)
    }

    /// Ends the transaction: alone in its batch, so that nothing but the end can have failed.
    pub fn commit(&mut self) -> Result<(), Error> {
        let Some(open) = &self.open else {
            return Ok(());
        };
        let end = match self.nesting {
            Nesting::Top => "COMMIT".to_owned(),
            Nesting::Savepoint => format!("{}RELEASE SAVEPOINT fixpoints", open.put_back),
        };
        self.wire.batch(&end)?;
        self.open = None;
        Ok(())
    }

    pub fn rollback(&mut self) {
        if self.open.take().is_some() {
            self.undo();
        }
    }

    fn undo(&mut self) {
        let sql = match self.nesting {
            Nesting::Top => "ROLLBACK",
            Nesting::Savepoint => "ROLLBACK TO SAVEPOINT fixpoints; RELEASE SAVEPOINT fixpoints",
        };
        // A connection that is gone has undone everything already.
        let _ = self.wire.batch(sql);
    }
}

impl Open {
    fn new(access: Access, names: &[&str], answers: Vec<Vec<postgres::SimpleQueryRow>>) -> Self {
        let mut rows = answers.into_iter().flatten();
        let before = rows.next();
        let value = |at: usize| {
            let found = before.as_ref().and_then(|row| row.get(at));
            found.unwrap_or_default().to_owned()
        };
        let back = |(at, name): (usize, &str)| {
            let value = super::name::literal(&value(at));
            format!("SELECT set_config('{name}', {value}, true); ")
        };
        let role = rows.next();
        let is_silent = role.is_some_and(|row| row.get(0) == Some("replica"));
        // The role is only ours to put back where it was ours to change.
        let put_back = names
            .iter()
            .copied()
            .enumerate()
            .filter(|(at, _)| *at != 1 || is_silent);
        Self {
            access,
            silence: if is_silent {
                Silence::Role
            } else {
                Silence::Owner
            },
            path: Path::Fixed,
            own_path: value(0),
            place: before
                .as_ref()
                .and_then(|row| row.get(names.len()))
                .map(str::to_owned),
            put_back: put_back.map(back).collect(),
        }
    }
}
