//! Turns a URL into the settings of a connection, and says why one cannot be had; passwords stay out of it.

use std::time::Duration;

use postgres::Config;
use postgres::error::SqlState;

use super::spoken::spoken;
use crate::error::{Error, Result};
use crate::secret::redacted;

/// The settings a URL stands for, with libpq's variables where it is silent.
pub(super) fn config(url: &str) -> Result<Config> {
    let mut config: Config = url.parse().map_err(|error: postgres::Error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        Error::UnsupportedUrl {
            url: redacted(url),
            reason: cause.unwrap_or_else(|| error.to_string()),
        }
    })?;
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        let host = variable("PGHOST").unwrap_or_else(|| "localhost".to_owned());
        config.host(&host);
    }
    if let (Some(port), []) = (
        variable("PGPORT").and_then(|port| port.parse().ok()),
        config.get_ports(),
    ) {
        config.port(port);
    }
    if let (Some(user), None) = (variable("PGUSER"), config.get_user()) {
        config.user(&user);
    }
    if let (Some(password), None) = (variable("PGPASSWORD"), config.get_password()) {
        config.password(password);
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    config.application_name("fixpoints");
    Ok(config)
}

/// Why there is no connection.
pub(super) fn unreachable(url: &str, error: &postgres::Error) -> Error {
    let url = redacted(url);
    if error.code() == Some(&SqlState::INVALID_CATALOG_NAME) {
        return Error::MissingDatabase { url };
    }
    Error::Database {
        act: format!("cannot open {url}"),
        message: spoken(error),
    }
}
