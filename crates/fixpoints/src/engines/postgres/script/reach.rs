//! What a statement names that is outside of its database: files and programs of the server, other servers, other
//! databases. It reads words, and does not know what functions do.

use super::split::{comment, dollars, is_escaping, string};

/// What messages say about such a statement.
pub(crate) const OUTSIDE: &str = "reaches beyond the database, which a script may not";

/// What a statement reaches.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beyond {
    /// Another database of the server.
    Database(String),
    /// Anything else, in words.
    Other(String),
}

/// Statements that begin so.
const STATEMENTS: [&str; 15] = [
    "alter system",
    "create server",
    "alter server",
    "create foreign",
    "import foreign",
    "create user mapping",
    "alter user mapping",
    "create subscription",
    "alter subscription",
    "create tablespace",
    "alter tablespace",
    "drop tablespace",
    "drop subscription",
    "drop server",
    "load",
];

/// Functions that read or write files of the server, or call another one.
const FUNCTIONS: [&str; 12] = [
    "lo_export",
    "lo_import",
    "pg_read_file",
    "pg_read_binary_file",
    "pg_ls_dir",
    "pg_stat_file",
    "pg_file_write",
    "pg_file_read",
    "pg_file_rename",
    "pg_file_unlink",
    "pg_file_sync",
    "pg_logdir_ls",
];

/// Extensions that lead out of the database.
const EXTENSIONS: [&str; 4] = ["dblink", "postgres_fdw", "file_fdw", "adminpack"];

/// Languages in which a function may do whatever the server may.
const LANGUAGES: [&str; 9] = [
    "c",
    "internal",
    "plperlu",
    "plpythonu",
    "plpython2u",
    "plpython3u",
    "pltclu",
    "plsh",
    "pljavau",
];

/// What a statement reaches beyond its database, as far as it says so itself.
pub(super) fn beyond(statement: &str) -> Option<Beyond> {
    let words = words(statement, Strings::Skipped);
    let plain = plain(&words);
    if let Some(name) = database(&words, &plain) {
        return Some(Beyond::Database(name));
    }
    let is_code = match plain.first() {
        Some(&"do") => true,
        Some(&"create") => plain
            .iter()
            .take(4)
            .any(|word| ["function", "procedure"].contains(word)),
        _ => false,
    };
    let found = match plain.first() {
        Some(&"copy") => copied(&words),
        _ => begun(&plain)
            .or_else(|| extension(&words))
            .or_else(|| called(&words)),
    };
    let found = found.or_else(|| is_code.then(|| inside(statement)).flatten());
    found.map(Beyond::Other)
}

fn plain(words: &[Word]) -> Vec<&str> {
    words.iter().map(Word::plain).collect()
}

/// The name of a database that is dropped or changed.
fn database(words: &[Word], plain: &[&str]) -> Option<String> {
    let at = match plain {
        ["drop", "database", "if", "exists", ..] => 4,
        ["drop" | "alter", "database", ..] => 2,
        _ => return None,
    };
    words.get(at).map(|word| word.text.clone())
}

/// Where a `COPY` reads or writes, unless that is the connection.
fn copied(words: &[Word]) -> Option<String> {
    let outer = words.iter().filter(|word| word.depth == 0);
    let outer: Vec<&str> = outer.map(Word::plain).collect();
    let at = outer
        .iter()
        .position(|word| ["from", "to"].contains(word))?;
    match outer.get(at + 1) {
        Some(&"stdin" | &"stdout") => None,
        Some(&"program") => Some("`COPY … PROGRAM`".to_owned()),
        _ => Some("`COPY` from or to a file".to_owned()),
    }
}

fn begun(plain: &[&str]) -> Option<String> {
    let begins = |statement: &&&str| {
        let wanted: Vec<&str> = statement.split(' ').collect();
        plain.starts_with(&wanted)
    };
    let found = STATEMENTS.iter().find(begins)?;
    Some(format!("`{}`", found.to_uppercase()))
}

fn extension(words: &[Word]) -> Option<String> {
    if !plain(words).starts_with(&["create", "extension"]) {
        return None;
    }
    let found = words
        .iter()
        .find(|word| EXTENSIONS.contains(&word.text.as_str()))?;
    Some(format!("the extension {}", found.text))
}

/// A function that is called, or a language that is not trusted.
fn called(words: &[Word]) -> Option<String> {
    let is_function =
        |word: &&Word| FUNCTIONS.contains(&word.text.as_str()) || word.text.starts_with("dblink");
    if let Some(found) = words.iter().find(is_function) {
        return Some(format!("`{}`", found.text));
    }
    let named = words.split(|word| word.plain() == "language").skip(1);
    let mut named = named.filter_map(|after| after.iter().find(|word| word.text != "'"));
    let language = named.find(|word| LANGUAGES.contains(&word.text.as_str()))?;
    Some(format!("a function in the language {}", language.text))
}

/// The same for the code in a statement, which is a string, with strings of its own.
fn inside(statement: &str) -> Option<String> {
    let words = words(statement, Strings::Read);
    let plain = plain(&words);
    // A quote before the word begins a string that is only this word.
    let is_file = |three: &[&str]| matches!(three, [before, "from" | "to", "program" | "'"] if *before != "'");
    let copy = plain.iter().position(|word| *word == "copy");
    if copy.is_some_and(|copy| plain[copy..].windows(3).any(is_file)) {
        return Some("`COPY` from or to a file or program".to_owned());
    }
    // A word of its own, as `LOAD` is, may be anything in there.
    let mut statements = (0..plain.len()).filter_map(|at| begun(&plain[at..]));
    let statement = statements.find(|found| found.contains(' '));
    statement.or_else(|| called(&words))
}

/// Whether strings are code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strings {
    Skipped,
    /// What is in them is read too, and their quotes are words.
    Read,
}

#[derive(Debug)]
struct Word {
    text: String,
    is_quoted: bool,
    /// In how many parentheses it stands.
    depth: usize,
}

impl Word {
    /// As a word of the language, which a quoted name is not.
    fn plain(&self) -> &str {
        if self.is_quoted { "\"" } else { &self.text }
    }
}

/// The words of a statement, in lower case unless quoted.
fn words(statement: &str, strings: Strings) -> Vec<Word> {
    let bytes = statement.as_bytes();
    let (mut words, mut at, mut depth): (Vec<Word>, usize, usize) = (Vec::new(), 0, 0);
    let mut is_after_e = false;
    while at < bytes.len() {
        let rest = &statement[at..];
        let word = |text: String, is_quoted| Word {
            text,
            is_quoted,
            depth,
        };
        let letters = rest.len() - rest.trim_start_matches(is_letter).len();
        let step = match bytes[at] {
            _ if letters > 0 => {
                words.push(word(rest[..letters].to_lowercase(), false));
                letters
            }
            b'\'' if strings == Strings::Read => {
                words.push(word("'".to_owned(), false));
                1
            }
            b'\'' => string(rest, is_after_e),
            b'"' => {
                let length = string(rest, false);
                let name = rest.get(1..length.saturating_sub(1)).unwrap_or_default();
                words.push(word(name.replace("\"\"", "\""), true));
                length
            }
            b'$' if strings == Strings::Skipped => dollars(rest),
            b'-' | b'/' => comment(rest).max(1),
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        match bytes[at] {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_after_e = letters > 0 && is_escaping(&rest[..letters]);
        at += step;
    }
    words
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_lead_out_of_the_database_are_found() {
        for statement in [
            "COPY t TO '/tmp/x'",
            "copy t (a, b) from /* c */ '/etc/passwd' with csv",
            "COPY (SELECT a FROM stdin) TO '/tmp/x'",
            "COPY t FROM PROGRAM 'id'",
            "SELECT lo_export(1, '/tmp/x')",
            "SELECT pg_catalog.\"lo_export\"(1, '/tmp/x')",
            "SELECT * FROM dblink_exec('dbname=app', 'drop table t')",
            "CREATE EXTENSION IF NOT EXISTS \"dblink\"",
            "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw",
            "ALTER SYSTEM SET archive_command = 'x'",
            "LOAD 'x.so'",
            "CREATE FUNCTION f() RETURNS int AS 'x.so', 'f' LANGUAGE C",
            "create or replace function f() returns int language 'plpython3u' as $$ import os $$",
            "DO $$ BEGIN COPY t TO PROGRAM 'id'; END $$",
            "DO $$ BEGIN EXECUTE 'COPY t TO ''/tmp/x'''; END $$",
            "DO 'BEGIN PERFORM lo_export(1, ''/tmp/x''); END'",
        ] {
            let found = beyond(statement);
            assert!(matches!(found, Some(Beyond::Other(_))), "{statement}");
        }
        for (statement, name) in [
            ("DROP DATABASE app", "app"),
            ("drop database if exists \"App\"", "App"),
            ("ALTER DATABASE app SET x = 1", "app"),
        ] {
            assert_eq!(beyond(statement), Some(Beyond::Database(name.to_owned())));
        }
    }

    #[test]
    fn statements_within_the_database_are_not() {
        for statement in [
            "COPY t (a, b) FROM stdin",
            "COPY (SELECT a FROM b) TO STDOUT",
            "copy \"to\" from stdin with (format csv)",
            "INSERT INTO notes VALUES ('COPY t TO PROGRAM, lo_export, dblink')",
            "SELECT $$ dblink $$, E'it\\'s lo_export' -- pg_read_file",
            "CREATE EXTENSION citext",
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.copy := 'to'; RETURN NEW; END $$",
            "CREATE DATABASE app_test",
            "CREATE TABLE program (load int, server text)",
        ] {
            assert_eq!(beyond(statement), None, "{statement}");
        }
    }
}
