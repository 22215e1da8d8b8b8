//! Shows a database URL, also a mistyped one, by what is known to be harmless in it; everything else may be a password.

use std::borrow::Cow;

use super::{HIDDEN, Separator, WORDS, cut, find, is_name, letters, without_user};

/// Keys of URLs and connection strings whose values are never secret.
const HARMLESS: [&str; 24] = [
    "host",
    "hostaddr",
    "port",
    "user",
    "username",
    "dbname",
    "database",
    "server",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "application_name",
    "client_encoding",
    "target_session_attrs",
    "load_balance_hosts",
    "channel_binding",
    "mode",
    "cache",
];

/// The words that URLs of databases begin with; the advice about a URL goes by them.
const SCHEMES: [&str; 7] = [
    "postgresql",
    "postgres",
    "sqlite3",
    "sqlite",
    "mysql",
    "mariadb",
    "jdbc",
];

/// A URL without its password. Of one that cannot be understood, and of what is not a URL, only the names and values
/// are shown that are known to be harmless: nobody can say where in the rest a password is.
///
/// ```
/// use redact::redacted;
///
/// assert_eq!(redacted("postgres://me:s3cret@host/app_test"), "postgres://me:***@host/app_test");
/// assert_eq!(redacted("postgres//me:s3cret@host/app_test"), "postgres//***@host/app_test");
/// assert_eq!(redacted("host=h pssword = 's3 cret' x=1"), "host=h ***");
/// ```
#[must_use]
pub fn redacted(url: &str) -> String {
    match server(url) {
        Some((scheme, rest)) => format!("{scheme}://{}", server_shown(rest)),
        None if is_file(url) || is_word(url) => cut(&without_user(url)).into_owned(),
        None => unknown(url),
    }
}

/// The scheme of a server's URL and what comes after `://`.
fn server(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let is_scheme = !scheme.is_empty()
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    (is_scheme && !scheme.starts_with("sqlite")).then_some((scheme, rest))
}

/// The path of a SQLite file, as far as it cannot be a connection string.
fn is_file(text: &str) -> bool {
    let has_ending = [".db", ".sqlite", ".sqlite3"]
        .iter()
        .any(|ending| text.ends_with(ending));
    let is_string = text.contains('=') && text.contains([' ', '\t', ';', '&', '?']);
    !is_string && (text.starts_with("sqlite:") || text.starts_with("sqlite3:") || has_ending)
}

/// The name of something, or a sentence: neither a pair nor a URL, nor after a word like `password`.
fn is_word(text: &str) -> bool {
    let lower = text.to_lowercase();
    let announces = WORDS.iter().any(|word| lower.contains(word));
    !text.contains(['=', '@', ':']) && (!announces || text.split('/').all(is_name))
}

/// What comes after `://`. A password may hold what ends a host elsewhere, so that everything up to the last `@` may be
/// one, and so may what comes after a port that is not a number.
fn server_shown(rest: &str) -> String {
    let (user, rest) = match rest.rsplit_once('@') {
        Some((user, rest)) => (user_shown(user) + "@", rest),
        None => (String::new(), rest),
    };
    let (place, query) = match rest.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (rest, None),
    };
    let (hosts, name) = match place.split_once('/') {
        Some((hosts, name)) => (hosts, Some(name)),
        None => (place, None),
    };
    let shown: Vec<String> = hosts.split(',').map(host_shown).collect();
    let shown = shown.join(",");
    let name = name.map(|name| {
        if shown == hosts {
            value_shown(name)
        } else {
            HIDDEN.to_owned()
        }
    });
    let name = name.map_or_else(String::new, |name| format!("/{name}"));
    let query = query.map_or_else(String::new, |query| {
        let pairs: Vec<String> = query.split('&').map(pair_shown).collect();
        format!("?{}", pairs.join("&"))
    });
    user + &shown + &name + &query
}

fn user_shown(user: &str) -> String {
    match user.split_once(':') {
        None if is_name(user) => user.to_owned(),
        Some((name, _)) if is_name(name) => format!("{name}:{HIDDEN}"),
        _ => HIDDEN.to_owned(),
    }
}

fn host_shown(host: &str) -> String {
    let port = port_of(host);
    let name = port.map_or(host, |port| &host[..host.len() - port.len() - 1]);
    let name = if is_address(name) {
        name.to_owned()
    } else {
        value_shown(name)
    };
    match port {
        None => name,
        Some(port) if is_number(port) => format!("{name}:{port}"),
        Some(_) => format!("{name}:{HIDDEN}"),
    }
}

/// What follows the colon of a host; those of an IPv6 address are in brackets.
fn port_of(host: &str) -> Option<&str> {
    let end = host.rfind(']').map_or(0, |bracket| bracket + 1);
    host[end..].split_once(':').map(|(_, port)| port)
}

fn is_number(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_address(name: &str) -> bool {
    let inside = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    let is_part = |c: char| c.is_ascii_alphanumeric() || ":.%".contains(c);
    inside.is_some_and(|inside| inside.chars().all(is_part))
}

/// The name of a host or a database, or a harmless value: up to what has no place in one.
fn value_shown(value: &str) -> String {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b"_-./,+".contains(&byte) || byte >= 0x80;
    let mut plain = 0;
    for (byte, end) in letters(value) {
        let is_escaped_blank = byte == b' ' && end - plain > 1;
        if is_plain(byte) || is_escaped_blank {
            plain = end;
        } else {
            return value[..plain].to_owned() + HIDDEN;
        }
    }
    value.to_owned()
}

/// A pair of a query. Its key is shown where it is known too: an `=` may be a part of a password.
fn pair_shown(pair: &str) -> String {
    let Some((key, value)) = pair.split_once('=') else {
        return if pair.is_empty() {
            String::new()
        } else {
            HIDDEN.to_owned()
        };
    };
    if is_harmless(key) && value_shown(value) == value {
        return pair.to_owned();
    }
    let is_known = is_harmless(key) || find(&format!("{key}="), Separator::Sign).is_some();
    if is_known && is_name(key) {
        format!("{key}={HIDDEN}")
    } else {
        HIDDEN.to_owned()
    }
}

fn is_harmless(key: &str) -> bool {
    HARMLESS.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// What is neither a URL nor a path: what comes after the last `@`, or the harmless pairs that it begins with.
fn unknown(text: &str) -> String {
    let (scheme, rest) = scheme(text);
    if let Some((_, host)) = rest.rsplit_once('@') {
        return format!("{scheme}{HIDDEN}@{}", server_shown(host));
    }
    let mut shown = scheme.to_owned();
    for word in rest.split_inclusive([' ', '\t', ';', '&', '?']) {
        let pair = word.trim_end_matches([' ', '\t', ';', '&', '?']);
        if !pair.contains('=') || pair_shown(pair) != pair {
            return shown + HIDDEN;
        }
        shown.push_str(word);
    }
    shown
}

/// A message with each of its URLs [`redacted`]; those of the web are left as they are.
pub(super) fn urls_redacted(text: &str) -> Cow<'_, str> {
    let is_end = |c: char| c.is_whitespace() || "'\"`".contains(c);
    let Some(at) = text.find("://") else {
        return Cow::Borrowed(text);
    };
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let start = text[..at].trim_end_matches(is_scheme).len();
    let end = text[at..].find(is_end).map_or(text.len(), |end| at + end);
    let url = text[start..end].trim_end_matches([':', ',', '.', ';', ')']);
    let shown = match &text[start..at] {
        "" | "http" | "https" | "file" => url.to_owned(),
        _ => redacted(url),
    };
    let rest = urls_redacted(&text[start + url.len()..]);
    Cow::Owned(format!("{}{shown}{rest}", &text[..start]))
}

/// A known scheme, with what separates it from the rest.
fn scheme(text: &str) -> (&str, &str) {
    let known = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme));
    let rest = known.map(|rest| (rest, rest.trim_start_matches([':', '/', '\\', ';', ' '])));
    match rest {
        Some((separated, rest)) if rest.len() < separated.len() => {
            text.split_at(text.len() - rest.len())
        }
        _ => ("", text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_to_be_harmless_is_not_shown() {
        for (url, shown) in [
            ("postgres://me:s3cret", "postgres://me:***"),
            ("postgres://me:s3cret/app_test", "postgres://me:***/***"),
            (
                "postgres://me@h:1,i:s3cret/s3cret",
                "postgres://me@h:1,i:***/***",
            ),
            (
                "postgres://h/app_test?password=a&s3cret",
                "postgres://h/app_test?password=***&***",
            ),
            (
                "postgres://h/app_test?password=a&s3cret=",
                "postgres://h/app_test?password=***&***",
            ),
            (
                "postgres://h/app_test?pw=s3cret&port=1",
                "postgres://h/app_test?***&port=1",
            ),
            (
                "postgres://h/app_test?host=h;s3cret",
                "postgres://h/app_test?host=***",
            ),
            (
                "postgres://h/app_test pw=s3cret",
                "postgres://h/app_test***",
            ),
            ("postgres://h/app_test;s3cret", "postgres://h/app_test***"),
            ("postgres://me%3As3cret/app_test", "postgres://me***/***"),
            ("postgres://[::1:s3cret/app_test", "postgres://***:***/***"),
            ("postgres:me:s3cret@h/app_test", "postgres:***@h/app_test"),
            (
                "mongodb+srv://me:s3cret@h/app_test",
                "mongodb+srv://me:***@h/app_test",
            ),
            ("me/s3cret@h/app_test", "***@h/app_test"),
            ("me@h:s3cret", "***@h:***"),
            ("127.0.0.1:5432:app_test:me:s3cret", "***"),
            ("user=me pw=s3cret", "user=me ***"),
            ("user=me pw=s3cret dbname=test.db", "user=me ***"),
            ("user=me password,s3cret", "user=me ***"),
            ("user=me password s3cret", "user=me ***"),
            ("user=me password＝s3cret", "user=me ***"),
            ("user=me dbname=a,b;host=h", "user=me dbname=a,b;host=h"),
            ("Server=h;Uid=s3cret", "Server=h;***"),
            ("sqlite:test.db?key=s3cret", "sqlite:***"),
            ("password s3cret", "***"),
            ("password|s3cret", "***"),
        ] {
            assert_eq!(redacted(url), shown, "{url}");
            assert_eq!(redacted(shown), shown);
        }
    }

    #[test]
    fn names_and_addresses_are_shown() {
        for url in [
            "postgres://me@host:5432/app_test?connect_timeout=3",
            "postgres://me@[fe80::1%25eth0]:5432,h/app_test?application_name=a%20b",
            "postgres://%2Frun%2Fpg/a%20b_test",
            "postgres:///app_test?host=/run/pg&user=me&sslmode=prefer",
            "postgres://host/passwords_test",
            "sqlite:/home/me@work/token_test.db",
            "sqlite:/data/day=1/test.db",
            "sqlite:C:/app/test.db",
            "sqlite::memory:",
            "data/passwords",
            "Zoë's base",
        ] {
            assert_eq!(redacted(url), url);
        }
    }

    #[test]
    fn a_url_in_a_message_is_shown_like_one_alone() {
        for (text, shown) in [
            (
                "cannot read postgres://me:s3cret: x",
                "cannot read postgres://me:***: x",
            ),
            (
                "`postgres://h/a?pw=s3cret`, b://c:s3cret/d",
                "`postgres://h/a?***`, b://c:***/***",
            ),
            (
                "as in `--db postgres://user@host/name_test`; a",
                "as in `--db postgres://user@host/name_test`; a",
            ),
            (
                "see https://example.com/a#b.",
                "see https://example.com/a#b.",
            ),
            ("a :// b", "a :// b"),
        ] {
            assert_eq!(urls_redacted(text), shown);
            assert_eq!(urls_redacted(shown), shown);
        }
    }

    #[test]
    fn a_password_may_have_blanks() {
        let url = "postgres://host/db?sslpassword=s3&password=x s3cret";
        let shown = "postgres://host/db?sslpassword=***&password=***";
        assert_eq!(redacted(url), shown);
    }
}
