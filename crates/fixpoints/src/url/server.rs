//! The parts of a server's URL, read as the client reads them; passwords are left out of everything it writes.

/// `scheme://user:password@host:port/name?key=value`.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub user: Option<String>,
    pub host: Option<String>,
    pub port: Option<String>,
    pub name: String,
    /// Decoded, in their order.
    pub parameters: Vec<(String, String)>,
}

impl Parts {
    /// Reads a URL with `://` in it; the user ends at the first `@`, and of repeated parameters the last one counts.
    pub fn of(url: &str) -> Self {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (user, rest) = match rest.split_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, rest),
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, name) = place.split_once('/').unwrap_or((place, ""));
        let parameters = query.split('&').filter_map(|pair| pair.split_once('='));
        let parameters = parameters.map(|(key, value)| (decoded(key), decoded(value)));
        let parameters: Vec<(String, String)> = parameters.collect();
        let (host, port) = address(host);
        let mut parts = Self {
            user: user.map(|user| decoded(user.split(':').next().unwrap_or_default())),
            host,
            port,
            name: decoded(name),
            parameters: Vec::new(),
        };
        for (key, value) in &parameters {
            match key.as_str() {
                "dbname" => parts.name.clone_from(value),
                "user" => parts.user = Some(value.clone()),
                "host" => parts.host = Some(value.clone()),
                "port" => parts.port = Some(value.clone()),
                _ => {}
            }
        }
        Self {
            parameters,
            ..parts
        }
    }

    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// The first of several hosts, and its port.
fn address(hosts: &str) -> (Option<String>, Option<String>) {
    let first = hosts.split(',').next().unwrap_or_default();
    let (host, port) = match first
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => match first.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (first, None),
        },
    };
    let given = |text: &str| (!text.is_empty()).then(|| decoded(text));
    (given(host), port.and_then(given))
}

/// Text without its percent signs.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        match hex.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Text as a part of a URL.
#[cfg(feature = "postgres")]
pub(crate) fn encoded(text: &str) -> String {
    let mut url = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02x}"));
        }
    }
    url
}

/// The command that creates the database a URL names.
pub(crate) fn createdb(url: &str) -> String {
    use fixpoints_core::names::shell_word;
    let parts = Parts::of(url);
    let mut command = "createdb".to_owned();
    for (flag, value) in [("-h", parts.host), ("-p", parts.port), ("-U", parts.user)] {
        if let Some(value) = value {
            command.push_str(&format!(" {flag} {}", shell_word(&value)));
        }
    }
    command.push_str(&format!(" {}", shell_word(&parts.name)));
    command
}

/// Why a URL asks for TLS, if it does; `prefer` takes what there is.
pub(super) fn tls(parts: &Parts) -> Option<String> {
    let wants = |key: &str, value: &str| match key {
        "sslmode" => ["require", "verify-ca", "verify-full"].contains(&value),
        "sslnegotiation" => value == "direct",
        _ => ["sslrootcert", "sslcert", "sslkey"].contains(&key),
    };
    let key = parts
        .parameters
        .iter()
        .find(|(key, value)| wants(key, value));
    key.map(|(key, value)| format!("`{key}={value}` asks for TLS, which this build does not have"))
}
