//! Rows of a shared PostgreSQL database, hidden by a row-level-security policy over a session setting: nothing is copied, nothing is deleted.
//!
//! A policy names what it hides by two settings: `stillframe.hidden`, a list of the tables' OIDs, and `stillframe.before`,
//! a transaction. Rows that are older than it are hidden; what a test makes itself stays visible. The suite gets the
//! settings through `PGOPTIONS`, which libpq and the drivers over it read. Foreign keys are checked by PostgreSQL as the
//! owner of the parent and without forced policies, so that children of hidden parents can still be inserted.
//!
//! How old a row is comes from its `xmin`, by `age()`, which holds for two thousand million transactions: a server wraps
//! around only after it has frozen older rows, and a run does not take that long.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use fixpoints::postgres::{Client, Config, NoTls};
use fixpoints::{Config as Project, Location};

use super::{Fixture, FixtureKind, Hidden, Hiding, Proof};
use crate::definition::{Definition, Tables, expand};
use crate::name::FixtureName;
use crate::place::Place;

mod standing;
mod tables;

use standing::{BEFORE, HIDDEN, Standing};
use tables::Table;

/// The variable that hands both to the suite.
const OPTIONS: &str = "PGOPTIONS";

/// Hides tables by policies.
pub struct Policy {
    client: Client,
    config: Config,
    /// What the suite's connections turn to, where the URL's own role sees everything.
    role: Option<String>,
    fixtures: Vec<Fixture>,
    tables: BTreeMap<FixtureName, Table>,
    /// What the present run hides.
    run: Option<Run>,
}

/// What one run hides.
struct Run {
    standing: Standing,
    /// The settings of every connection of the suite.
    options: String,
    before: String,
    /// How many rows each hidden table had.
    rows: BTreeMap<FixtureName, i64>,
}

impl Policy {
    /// The tables of a database. What an earlier run that was killed left there is removed.
    ///
    /// # Errors
    ///
    /// When it is not a database for tests, does not answer, or the suite's role sees every row whatever a policy says.
    pub fn new(definition: &Definition, tables: &Tables) -> Result<Policy> {
        let Some(url) = &tables.database else {
            bail!(
                "hide = \"policy\" is for the tables of a database; write database = \"$DATABASE_URL\" in place of fixpoint"
            );
        };
        let url = expand(url)?;
        let location = Location::parse(&url)?;
        let project = Project::load(&definition.cwd())?;
        project.allow(&location).map_err(advised)?;
        // The name that the server gives it counts too.
        let opened = project.open_test(&location, fixpoints::Missing::Refuse);
        drop(opened.map_err(advised)?);
        let act = || format!("connecting to {location}");
        let config: Config = url.parse().with_context(act)?;
        let mut client = config.connect(NoTls).with_context(act)?;
        client.batch_execute("SET lock_timeout = '10s'")?;
        standing::remove_left(&mut client)?;
        refuse_seers(&mut client, tables.role.as_deref())?;
        let found = tables::all(&mut client, tables.names.as_deref())?;
        let fixtures = found.keys().map(|name| Fixture {
            name: name.clone(),
            kind: FixtureKind::Table,
        });
        Ok(Policy {
            fixtures: fixtures.collect(),
            client,
            config,
            role: tables.role.clone(),
            tables: found,
            run: None,
        })
    }

    /// How many rows a connection with these options sees that are older than the run.
    fn seen(&self, run: &Run, options: &str) -> Result<BTreeMap<FixtureName, i64>> {
        let mut config = self.config.clone();
        config.options(options);
        let mut client = config.connect(NoTls)?;
        let mut seen = BTreeMap::new();
        for name in run.rows.keys() {
            let rows = self.tables[name].count(&mut client, &run.before)?;
            seen.insert(name.clone(), rows);
        }
        Ok(seen)
    }

    /// Refuses a run in which a connection of the suite sees a row that was to be hidden.
    fn check_hidden(&self, run: &Run) -> Result<()> {
        for (name, rows) in self.seen(run, &run.options)? {
            if rows > 0 {
                bail!(
                    "{rows} rows of {name} were to be hidden, and a connection with {OPTIONS}=\"{}\" sees them",
                    run.options
                );
            }
        }
        Ok(())
    }

    /// The settings of a connection that these tables are hidden from.
    fn options(&self, before: &str, hidden: &BTreeSet<FixtureName>) -> String {
        let oids: Vec<String> = hidden
            .iter()
            .map(|name| self.tables[name].oid.to_string())
            .collect();
        let mut options = format!("-c {HIDDEN}=,{}, -c {BEFORE}={before}", oids.join(","));
        if let Some(role) = &self.role {
            options.push_str(&format!(" -c role={}", escaped(role)));
        }
        options
    }
}

impl Hiding for Policy {
    fn fixtures(&self) -> &[Fixture] {
        &self.fixtures
    }

    fn title(&self) -> String {
        format!("the policies of the database with the settings in {OPTIONS}")
    }

    fn hide(&mut self, hidden: &Hidden, place: &mut Place) -> Result<()> {
        let tables: Vec<&Table> = hidden
            .from_all
            .iter()
            .map(|name| &self.tables[name])
            .collect();
        let standing = Standing::raise(&mut self.client, &tables, self.role.as_deref()).context(
            "making policies; the role of the URL must own the tables, or be a superuser",
        )?;
        let before = standing.before.clone();
        let options = self.options(&before, &hidden.from_all);
        let mut run = Run {
            standing,
            options,
            rows: BTreeMap::new(),
            before,
        };
        for name in &hidden.from_all {
            let rows = self.tables[name].count(&mut self.client, &run.before);
            match rows {
                Ok(rows) => run.rows.insert(name.clone(), rows),
                Err(error) => {
                    run.standing.fall(&mut self.client)?;
                    return Err(error);
                }
            };
        }
        if let Err(error) = self.check_hidden(&run) {
            run.standing.fall(&mut self.client)?;
            return Err(error);
        }
        let own = place.env.get(std::ffi::OsStr::new(OPTIONS));
        let own = own.and_then(|value| value.to_str()).unwrap_or_default();
        place.set(OPTIONS, format!("{own} {}", run.options).trim_start());
        self.run = Some(run);
        Ok(())
    }

    /// The settings are seen to hide the rows; whether the suite's driver takes them shows only in its tests.
    fn verify(&mut self, _hidden: &Hidden, _place: &Place) -> Result<Proof> {
        let Some(run) = self.run.take() else {
            return Ok(Proof::None);
        };
        let checked = self.check_hidden(&run);
        let mut lost = Ok(());
        for (name, before) in &run.rows {
            let rows = self.tables[name].count(&mut self.client, &run.before)?;
            if rows != *before && lost.is_ok() {
                lost = Err(anyhow::anyhow!(
                    "{name} had {before} rows when they were hidden, and has {rows} of them now: the suite empties it itself and fills it again, so that a policy hides nothing; hide it by a variable, a plan or a hook"
                ));
            }
        }
        self.run = Some(run);
        checked.and(lost)?;
        Ok(Proof::None)
    }

    fn show(&mut self, _place: &Place) -> Result<()> {
        match self.run.take() {
            Some(run) => run.standing.fall(&mut self.client),
            None => Ok(()),
        }
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if let Some(run) = self.run.take() {
            // The next command removes what is left.
            let _ = run.standing.fall(&mut self.client);
        }
    }
}

fn advised(error: fixpoints::Error) -> anyhow::Error {
    let hint = error.hint();
    let error = anyhow::Error::new(error);
    match hint {
        Some(hint) => error.context(hint),
        None => error,
    }
}

/// A superuser sees every row, and so does whoever bypasses policies: nothing would be hidden from them.
fn refuse_seers(client: &mut Client, role: Option<&str>) -> Result<()> {
    let query = "SELECT rolname::text, rolsuper, rolbypassrls FROM pg_roles \
                 WHERE rolname = coalesce($1::text, current_user::text)";
    let Some(row) = client.query_opt(query, &[&role])? else {
        bail!(
            "there is no role {}; name the one that the suite connects as",
            role.unwrap_or_default()
        );
    };
    let name: String = row.get(0);
    let what = match (row.get(1), row.get(2)) {
        (true, _) => "a superuser",
        (false, true) => "a role with BYPASSRLS",
        (false, false) => return Ok(()),
    };
    bail!(
        "{name} is {what}, and sees rows that policies hide; write role = \"…\" beside hide = \"policy\", with a role that has the rights of the suite and neither of these: CREATE ROLE suite; GRANT ALL ON ALL TABLES IN SCHEMA public TO suite"
    )
}

/// A value as it stands in `PGOPTIONS`, where blanks part arguments.
fn escaped(value: &str) -> String {
    let mut text = String::new();
    for letter in value.chars() {
        if letter.is_whitespace() || letter == '\\' {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}
