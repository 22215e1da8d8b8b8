//! Connects to a server within a bound, whatever is listening there; it sends nothing but one question.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use postgres::config::Host;
use postgres::error::SqlState;
use postgres::{Client, Config, NoTls};

use super::location::createdb;
use super::spoken::spoken;
use super::{fault, settings, wire};
use fixpoints_core::advice::Command;
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::secret::redacted;

/// A server that answers.
pub(super) struct Connected {
    pub client: Client,
    /// What the server calls the database.
    pub name: String,
}

/// Connects to the database a URL names. The client's own timeout ends with the connection of the socket, while
/// whatever took it may never answer, so the handshake and a first question run on a thread that is given up at the
/// bound: it ends with its socket, or with this process.
pub(super) fn connect(url: &str) -> Result<Connected> {
    let config = settings::config(url)?;
    let bound = bound(&config);
    let (sender, receiver) = sync_channel(1);
    let asked = config.clone();
    let thread = std::thread::Builder::new().name("fixpoints-connect".to_owned());
    let started = thread.spawn(move || {
        // Nobody receives it once the bound has passed.
        let _ = sender.send(ask(&asked));
    });
    started.map_err(|error| failed(url, error.to_string(), Fault::Unknown))?;
    match receiver.recv_timeout(bound) {
        Ok(Ok(connected)) => Ok(connected),
        Ok(Err(Failure::Connecting(error))) => Err(unreachable(url, &config, &error)),
        Ok(Err(Failure::Asking(error))) => Err(failed(url, spoken(&error), fault::of(&error))),
        Err(RecvTimeoutError::Timeout) => Err(silent(url, &config)),
        Err(RecvTimeoutError::Disconnected) => {
            let message = "the client ended without an answer".to_owned();
            Err(failed(url, message, Fault::Unknown))
        }
    }
}

/// How far it got.
enum Failure {
    Connecting(postgres::Error),
    Asking(postgres::Error),
}

fn ask(config: &Config) -> Result<Connected, Failure> {
    let mut client = config.connect(NoTls).map_err(Failure::Connecting)?;
    let name = wire::database_name(&mut client).map_err(Failure::Asking)?;
    Ok(Connected { client, name })
}

/// Why there is no connection.
fn unreachable(url: &str, config: &Config, error: &postgres::Error) -> Error {
    if error.code() == Some(&SqlState::INVALID_CATALOG_NAME) {
        let create = Command::Shell(createdb(url));
        let url = redacted(url);
        return Error::MissingDatabase { url, create };
    }
    match fault::of_connecting(error, config.get_password().is_none()) {
        Fault::NoAnswer => silent(url, config),
        fault => failed(url, spoken(error), fault),
    }
}

fn silent(url: &str, config: &Config) -> Error {
    let message = format!(
        "{} did not answer within {} seconds",
        places(config),
        bound(config).as_secs()
    );
    failed(url, message, Fault::NoAnswer)
}

fn failed(url: &str, message: String, fault: Fault) -> Error {
    Error::Database {
        act: format!("cannot open {}", redacted(url)),
        message,
        fault,
    }
}

/// What `connect_timeout` allows, for each of the hosts that are tried one after the other.
fn bound(config: &Config) -> Duration {
    let hosts = config
        .get_hosts()
        .len()
        .max(config.get_hostaddrs().len())
        .max(1);
    let each = config
        .get_connect_timeout()
        .copied()
        .unwrap_or(settings::WAIT);
    each.saturating_mul(u32::try_from(hosts).unwrap_or(u32::MAX))
}

/// Every host and its port, in the order in which they are tried.
fn places(config: &Config) -> String {
    const PORT: u16 = 5432;
    let hosts: Vec<String> = match config.get_hosts() {
        [] => config
            .get_hostaddrs()
            .iter()
            .map(ToString::to_string)
            .collect(),
        hosts => hosts.iter().map(host_name).collect(),
    };
    let ports = config.get_ports();
    let place = |(at, host): (usize, String)| {
        let port = ports.get(at).or(ports.first()).unwrap_or(&PORT);
        format!("{host}, port {port},")
    };
    let places: Vec<String> = hosts.into_iter().enumerate().map(place).collect();
    places.join(" and ")
}

fn host_name(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    }
}
