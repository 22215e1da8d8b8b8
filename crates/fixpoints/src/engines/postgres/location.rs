//! Where a PostgreSQL database is: its URL as the client reads it, its name, and the command that creates it.

use fixpoints_core::database::{Database, Missing};
use fixpoints_core::error::{Fault, Result};
use fixpoints_core::names::shell_word;
use postgres::Config;
use postgres::config::Host;

use super::Postgres;
use crate::engines::engine::Engine;
use crate::engines::guard::TestDatabases;

/// PostgreSQL, whose locations are URLs as libpq knows them.
#[derive(Debug)]
pub(crate) struct PostgresEngine;

impl Engine for PostgresEngine {
    fn title(&self) -> &'static str {
        "PostgreSQL"
    }

    fn schemes(&self) -> &'static [&'static str] {
        &["postgres", "postgresql"]
    }

    fn parse(&self, url: &str) -> Result<String, (Fault, String)> {
        parse(url).map(|_| url.to_owned())
    }

    fn database_name(&self, text: &str) -> String {
        let config = parse(text).unwrap_or_default();
        config.get_dbname().unwrap_or_default().to_owned()
    }

    fn open(
        &self,
        text: &str,
        _: Missing,
        tests: Option<&TestDatabases>,
    ) -> Result<Box<dyn Database>> {
        Ok(match tests {
            Some(tests) => Box::new(Postgres::open_test(text, tests.clone())?),
            None => Box::new(Postgres::open(text)?),
        })
    }
}

/// What the client makes of a URL; or why it is not one.
pub(super) fn parse(url: &str) -> Result<Config, (Fault, String)> {
    let refused = |reason: &str| Err((Fault::Unknown, reason.to_owned()));
    let Some((_, rest)) = url.split_once("://") else {
        return refused("it needs two slashes, as in postgres://host/name");
    };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    if place.matches('@').count() > 1 {
        return refused("an `@` inside of its user, password or name is written as %40");
    }
    if let Some(asked) = query.split('&').find(|pair| asks_for_tls(pair)) {
        let reason = format!("`{asked}` asks for TLS, which this build does not have");
        return Err((Fault::Tls, reason));
    }
    // The client knows no `allow`, and without TLS both are the same.
    let url = url.replace("sslmode=allow", "sslmode=prefer");
    let config: Config = url.parse().map_err(|error: postgres::Error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        (Fault::Unknown, cause.unwrap_or_else(|| error.to_string()))
    })?;
    match config.get_dbname() {
        Some(name) if !name.is_empty() => Ok(config),
        _ => refused("it names no database, as in postgres://host/name"),
    }
}

/// `prefer` takes what there is.
fn asks_for_tls(pair: &str) -> bool {
    match pair.split_once('=') {
        Some(("sslmode", value)) => ["require", "verify-ca", "verify-full"].contains(&value),
        Some(("sslnegotiation", value)) => value == "direct",
        Some((key, _)) => ["sslrootcert", "sslcert", "sslkey"].contains(&key),
        None => false,
    }
}

/// The command that creates the database a URL names.
pub(super) fn createdb(url: &str) -> String {
    let config = parse(url).unwrap_or_default();
    let host = config.get_hosts().first().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    });
    // The client adds the usual port where the URL has none.
    let is_written = |port: &&u16| **port != 5432 || url.contains(":5432");
    let port = config.get_ports().first().filter(is_written);
    let port = port.map(ToString::to_string);
    let user = config.get_user().map(str::to_owned);
    let mut command = "createdb".to_owned();
    for (flag, value) in [("-h", host), ("-p", port), ("-U", user)] {
        if let Some(value) = value {
            command.push_str(&format!(" {flag} {}", shell_word(&value)));
        }
    }
    let name = config.get_dbname().unwrap_or_default();
    command.push_str(&format!(" {}", shell_word(name)));
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_creates_a_database_reaches_the_same_server() {
        for (url, command) in [
            ("postgres:///app_test", "createdb app_test"),
            ("postgres://u@h/app_test", "createdb -h h -U u app_test"),
            (
                "postgres://h:5432/app_test",
                "createdb -h h -p 5432 app_test",
            ),
            (
                "postgres://me:***@h:1/a%20b_test",
                "createdb -h h -p 1 -U me 'a b_test'",
            ),
            (
                "postgres:///x_test?host=/run/pg&user=u",
                "createdb -h /run/pg -U u x_test",
            ),
            (
                "postgres://[::1]:5433/x_test",
                "createdb -h ::1 -p 5433 x_test",
            ),
        ] {
            assert_eq!(createdb(url), command);
        }
    }
}
