//! Transactions and the settings inside them; outside them the connection is as its holder left it.

use std::time::Duration;

use postgres::{Error, SimpleQueryMessage};

use super::name::literal;
use super::turning::{Path, Turning};
use super::wire::{Wire, results};

/// What values look like, and how a statement is run. Each is put back where the transaction is somebody else's.
const SETTINGS: [(&str, &str); 17] = [
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
    // The planner would compute the checks of partitions, and call whatever is in them.
    ("constraint_exclusion", "off"),
    ("default_text_search_config", "pg_catalog.simple"),
    ("application_name", "fixpoints"),
];

/// What tells one database from another, as long as the server runs.
const PLACE: &str = "extract(epoch FROM pg_postmaster_start_time()) || ' ' || (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Turns to [`Path::Fixed`]. A utility statement looks no name up, so that this is safe whatever the path was before.
const FIXED_PATH: &str = "SET LOCAL search_path = pg_catalog, pg_temp";

const UNDO: &str = "ROLLBACK";
const UNDO_SAVEPOINT: &str = "ROLLBACK TO SAVEPOINT fixpoints; RELEASE SAVEPOINT fixpoints";

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// One consistent view of every table.
    Read,
    /// Replacing rows: triggers stay silent and foreign keys wait until they are checked.
    Write,
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
    wire: Turning<'c>,
    pub waits: Waits,
    nesting: Nesting,
    open: Option<Open>,
}

struct Open {
    silence: Silence,
    caller_path: String,
    place: Option<String>,
    /// What puts the settings of somebody else's transaction back.
    put_back: String,
    /// What puts `session_replication_role` back.
    role_back: String,
}

impl<'c> Session<'c> {
    pub fn new(wire: Box<dyn Wire + 'c>) -> Self {
        let nesting = Nesting::Top;
        Self {
            wire: Turning::new(wire),
            waits: Waits::default(),
            nesting,
            open: None,
        }
    }

    pub fn nested(wire: Box<dyn Wire + 'c>) -> Self {
        let nesting = Nesting::Savepoint;
        Self {
            wire: Turning::new(wire),
            waits: Waits::default(),
            nesting,
            open: None,
        }
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
        let names: Vec<&str> = std::iter::once("session_replication_role")
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
        let before = format!(
            "{begin}; SHOW search_path; {FIXED_PATH}; SELECT {}, {PLACE}",
            before.join(", ")
        );
        let role = "SELECT CASE current_setting('is_superuser') WHEN 'on' THEN set_config('session_replication_role', 'replica', true) END";
        let sql = match access {
            Access::Read => format!("{before}; {}", settings.join("; ")),
            Access::Write => format!("{before}; {}; {role}", settings.join("; ")),
        };
        // What failed after the beginning has begun something.
        let answers = self.wire.simple(&sql).inspect_err(|_| self.undo())?;
        self.open = Some(Open::new(&names, results(answers)));
        self.wire.is_at(Path::Fixed);
        if access == Access::Write && self.silence() == Silence::Owner {
            let asked = self.ask_for_role();
            return asked.inspect_err(|_| self.rollback());
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
            open.put_back.push_str(&open.role_back);
        }
        self.wire.batch("RELEASE SAVEPOINT fixpoints_role")
    }

    /// The connection, for statements in this search path; there is no way to it that leaves the path open. The server
    /// turns to the path together with the next statements, so that a place in them that it names is off.
    pub fn wire(&mut self, path: Path) -> Result<&mut (dyn Wire + 'c), Error> {
        self.turn(path)?;
        Ok(&mut self.wire)
    }

    /// See [`Self::wire`]; places in statements are those the server names.
    pub fn turned(&mut self, path: Path) -> Result<&mut (dyn Wire + 'c), Error> {
        self.turn(path)?;
        self.wire.flush()?;
        Ok(&mut self.wire)
    }

    fn turn(&mut self, path: Path) -> Result<(), Error> {
        let Some(open) = &self.open else {
            // Outside of our transactions there is no path of ours; the server says so.
            return self.wire.batch("RELEASE SAVEPOINT fixpoints");
        };
        let sql = match path {
            Path::Fixed => FIXED_PATH.to_owned(),
            Path::Caller => set_path(&open.caller_path),
        };
        self.wire.turn(path, sql);
        Ok(())
    }

    /// The connection as its holder left it, outside of our transactions: for the holder's own statements.
    pub fn untouched(&mut self) -> &mut (dyn Wire + 'c) {
        self.wire.untouched()
    }

    /// Asks something outside of our transactions, and leaves nothing of it behind.
    pub fn ask(&mut self, sql: &str) -> Result<Vec<SimpleQueryMessage>, Error> {
        let (begin, end) = match self.nesting {
            Nesting::Top => ("BEGIN READ ONLY", UNDO),
            Nesting::Savepoint => ("SAVEPOINT fixpoints", UNDO_SAVEPOINT),
        };
        let asked = self
            .wire
            .simple(&format!("{begin}; {FIXED_PATH}; {sql}; {end}"));
        asked.inspect_err(|_| self.undo())
    }

    /// Runs what is to be done last, and triggers that wait for the end of a transaction of ours: what they do is seen
    /// before the end then. Those of somebody else's transaction wait for its end.
    pub fn settle(&mut self, last: &str) -> Result<(), Error> {
        let waiting = match self.nesting {
            Nesting::Top => "SET CONSTRAINTS ALL IMMEDIATE",
            Nesting::Savepoint => "",
        };
        let mut statements = vec![last, waiting];
        statements.retain(|sql| !sql.is_empty());
        if statements.is_empty() {
            return Ok(());
        }
        self.wire(Path::Caller)?.batch(&statements.join("; "))
    }

    /// Ends the transaction: alone in its batch, so that nothing but the end can have failed.
    pub fn commit(&mut self) -> Result<(), Error> {
        let Some(open) = &self.open else {
            return Ok(());
        };
        let end = match self.nesting {
            Nesting::Top => "COMMIT".to_owned(),
            Nesting::Savepoint => format!(
                "{}{}; RELEASE SAVEPOINT fixpoints",
                open.put_back,
                set_path(&open.caller_path)
            ),
        };
        self.wire.untouched().batch(&end)?;
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
            Nesting::Top => UNDO,
            Nesting::Savepoint => UNDO_SAVEPOINT,
        };
        // A connection that is gone has undone everything already.
        let _ = self.wire.untouched().batch(sql);
    }
}

/// Turns to a path that is somebody else's.
fn set_path(path: &str) -> String {
    format!(
        "SELECT pg_catalog.set_config('search_path', {}, true)",
        literal(path)
    )
}

impl Open {
    fn new(names: &[&str], answers: Vec<Vec<postgres::SimpleQueryRow>>) -> Self {
        let mut rows = answers.into_iter().flatten();
        let path = rows.next();
        let before = rows.next();
        let value = |at: usize| {
            let found = before.as_ref().and_then(|row| row.get(at));
            found.unwrap_or_default().to_owned()
        };
        let back = |(at, name): (usize, &str)| {
            let value = literal(&value(at));
            format!("SELECT pg_catalog.set_config('{name}', {value}, true); ")
        };
        let role = rows.next();
        let is_silent = role.is_some_and(|row| row.get(0) == Some("replica"));
        let role_back = back((0, names[0]));
        // The role is only ours to put back where it was ours to change.
        let put_back = names
            .iter()
            .copied()
            .enumerate()
            .filter(|(at, _)| *at != 0 || is_silent);
        Self {
            silence: if is_silent {
                Silence::Role
            } else {
                Silence::Owner
            },
            caller_path: path
                .and_then(|row| row.get(0).map(str::to_owned))
                .unwrap_or_default(),
            place: before
                .as_ref()
                .and_then(|row| row.get(names.len()))
                .map(str::to_owned),
            put_back: put_back.map(back).collect(),
            role_back,
        }
    }
}
