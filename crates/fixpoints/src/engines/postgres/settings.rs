//! Turns a URL into the settings of a connection; passwords stay out of its errors.

use std::time::Duration;

use postgres::Config;

use super::location;

use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::secret::redacted;

/// How long a server may take to answer.
pub(super) const WAIT: Duration = Duration::from_secs(10);

/// The settings a URL stands for, with libpq's variables where it is silent.
pub(super) fn config(url: &str) -> Result<Config> {
    let mut config = location::parse(url).map_err(|(fault, reason)| Error::UnsupportedUrl {
        url: redacted(url),
        reason,
        fault,
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
        config.connect_timeout(wait(url, variable("PGCONNECT_TIMEOUT"))?);
    }
    notice_loss(&mut config);
    config.application_name("fixpoints");
    Ok(config)
}

/// What libpq's variable allows; like libpq, nothing is a limit that is not above zero, so that ours is taken then.
fn wait(url: &str, seconds: Option<String>) -> Result<Duration> {
    let Some(seconds) = seconds else {
        return Ok(WAIT);
    };
    match seconds.trim().parse::<i32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(u64::from(seconds.unsigned_abs()))),
        Ok(_) => Ok(WAIT),
        Err(_) => Err(Error::Database {
            act: format!("cannot open {}", redacted(url)),
            message: "PGCONNECT_TIMEOUT is not a whole number of seconds".to_owned(),
            fault: Fault::Unknown,
        }),
    }
}

/// Ends a connection whose other side is gone without a word: a machine that lost its power, or a network that was
/// taken away. What the URL sets stays.
fn notice_loss(config: &mut Config) {
    const IDLE: Duration = Duration::from_secs(30);
    if config.get_keepalives_idle() == Config::new().get_keepalives_idle() {
        config.keepalives_idle(IDLE);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(Duration::from_secs(10));
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(3);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(IDLE * 2);
    }
}
