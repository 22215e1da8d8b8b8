//! What a statement names that is outside of its database: files and programs of the server, other servers, other
//! databases. It reads words, and in code also the words in strings; it does not know what functions do, and what code
//! puts together when it runs is not there to be read.

use super::lex::{Piece, piece};

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
const STATEMENTS: [&str; 18] = [
    "alter system",
    "create server",
    "alter server",
    "create foreign",
    "alter foreign",
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
    "reassign owned",
    "create language",
    "load",
];

/// Words between those, which change nothing.
const FILLERS: [&str; 4] = ["or", "replace", "trusted", "procedural"];

/// Functions that read or write files of the server, or call another one.
const FUNCTIONS: [&str; 3] = ["lo_export", "lo_import", "pg_logdir_ls"];

/// The same by how their names begin.
const FAMILIES: [&str; 5] = ["dblink", "pg_read_", "pg_ls_", "pg_stat_file", "pg_file_"];

/// Functions that run a string.
const RUNNERS: [&str; 5] = [
    "query_to_xml",
    "query_to_xmlschema",
    "query_to_xml_and_xmlschema",
    "ts_stat",
    "ts_rewrite",
];

/// Settings that this reading of a script depends on, and the values that it wants.
const SETTINGS: [(&str, &[&str]); 2] = [
    ("standard_conforming_strings", &["on", "true", "yes", "1"]),
    (FOREIGN_TABLES, &[]),
];

/// The setting by which the server itself refuses foreign tables.
pub(super) const FOREIGN_TABLES: &str = "restrict_nonsystem_relation_kind";

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

/// Databases that every server has to make others from.
const TEMPLATES: [&str; 2] = ["template0", "template1"];

/// Strings in strings in strings are read, but not for ever.
const DEEPEST: usize = 8;

/// What a statement reaches beyond its database, as far as it says so itself.
pub(super) fn beyond(statement: &str) -> Vec<Beyond> {
    let tokens = tokens(statement);
    let mut found = Vec::new();
    // A statement that we take for one may be several where our reading differs from the server's.
    for part in tokens.split(|token| token.is(';')) {
        found.extend(databases(part).into_iter().map(Beyond::Database));
        found.extend(begun(part).map(Beyond::Other));
        found.extend(copied(part).map(Beyond::Other));
    }
    found.extend(named(&tokens).map(Beyond::Other));
    if is_code(&tokens) {
        inside(&tokens, DEEPEST, &mut found);
    }
    found
}

/// Whether the strings of a statement are run.
fn is_code(tokens: &[Token]) -> bool {
    let words: Vec<&str> = tokens.iter().take(4).map(Token::word).collect();
    let makes = |word: &&str| ["function", "procedure"].contains(word);
    match words.first() {
        Some(&"do") => true,
        Some(&"create") if words.iter().any(makes) => true,
        _ => tokens.iter().any(|token| RUNNERS.contains(&token.name())),
    }
}

/// The same for the code in the strings of a statement, and in the strings of that.
fn inside(around: &[Token], deepest: usize, found: &mut Vec<Beyond>) {
    if deepest == 0 {
        return;
    }
    for text in around.iter().filter_map(Token::text) {
        let tokens = tokens(text);
        found.extend(databases(&tokens).into_iter().map(Beyond::Database));
        for at in 0..tokens.len() {
            // A word of its own, as `LOAD` is, may be anything in there.
            let statement = begun(&tokens[at..]).filter(|found| found.contains(' '));
            found.extend(statement.map(Beyond::Other));
            found.extend(copied_inside(&tokens[at..], at).map(Beyond::Other));
        }
        found.extend(named(&tokens).map(Beyond::Other));
        inside(&tokens, deepest - 1, found);
    }
}

/// The databases that are changed, or from which one is made.
fn databases(tokens: &[Token]) -> Vec<String> {
    let mut found = Vec::new();
    for at in 1..tokens.len() {
        let (before, after) = (tokens[at - 1].word(), &tokens[at + 1..]);
        if tokens[at].word() != "database" {
            continue;
        }
        match before {
            "drop" if after.first().is_some_and(|token| token.word() == "if") => {
                found.extend(after.get(2).map(Token::name));
            }
            "drop" | "alter" | "in" => found.extend(after.first().map(Token::name)),
            "on" => {
                let listed = after.chunks(2);
                let more = |pair: &&[Token]| pair.get(1).is_some_and(|token| token.is(','));
                let length = listed.clone().take_while(more).count() + 1;
                found.extend(listed.take(length).map(|pair| pair[0].name()));
            }
            "create" => {
                let from = after.iter().position(|token| token.word() == "template");
                let after = from.map_or(&[][..], |from| &after[from + 1..]);
                let name = after.iter().find(|token| !token.is('='));
                found.extend(
                    name.map(Token::name)
                        .filter(|name| !TEMPLATES.contains(name)),
                );
            }
            _ => {}
        }
    }
    // A column may be called so: `ON database = 5`.
    found.retain(|name| !name.is_empty());
    found.into_iter().map(str::to_owned).collect()
}

/// Where a `COPY` reads or writes, unless that is the connection.
fn copied(tokens: &[Token]) -> Option<String> {
    if tokens.first()?.word() != "copy" {
        return None;
    }
    match far_end(tokens).map(Token::word) {
        Some("stdin" | "stdout") => None,
        Some("program") => Some("`COPY … PROGRAM`".to_owned()),
        _ => Some("`COPY` from or to a file".to_owned()),
    }
}

/// The same where `copy` may be anything else, and what follows may be put together.
fn copied_inside(tokens: &[Token], before: usize) -> Option<String> {
    if tokens.first()?.word() != "copy" {
        return None;
    }
    let outer = tokens.iter().take_while(|token| !token.is(';'));
    let is_begun = outer.clone().any(Token::is_direction);
    let is_away = match far_end(tokens) {
        Some(end) => end.text().is_some() || end.is('%') || end.word() == "program",
        None => is_begun && before == 0,
    };
    is_away.then(|| "`COPY` from or to a file or program".to_owned())
}

/// What follows the first `FROM` or `TO` of a statement, outside of parentheses.
fn far_end(tokens: &[Token]) -> Option<&Token> {
    let depth = tokens.first()?.depth;
    let statement = tokens.iter().take_while(|token| !token.is(';'));
    let mut outer = statement.filter(|token| token.depth == depth);
    outer.find(|token| token.is_direction())?;
    outer.next()
}

fn begun(tokens: &[Token]) -> Option<String> {
    let words = tokens.iter().map(Token::word);
    let words = words.filter(|word| !FILLERS.contains(word));
    let words: Vec<&str> = words.take(3).collect();
    let begins = |statement: &&&str| {
        let wanted: Vec<&str> = statement.split(' ').collect();
        words.starts_with(&wanted)
    };
    if let Some(found) = STATEMENTS.iter().find(begins) {
        return Some(format!("`{}`", found.to_uppercase()));
    }
    if !words.starts_with(&["create", "extension"]) {
        return None;
    }
    let end = tokens.iter().take_while(|token| !token.is(';'));
    let mut names = end.map(Token::value);
    let found = names.find(|name| EXTENSIONS.contains(name))?;
    Some(format!("the extension {found}"))
}

/// A function that is called, a language that is not trusted, or a setting.
fn named(tokens: &[Token]) -> Option<String> {
    let is_function = |name: &&str| {
        FUNCTIONS.contains(name) || FAMILIES.iter().any(|family| name.starts_with(family))
    };
    if let Some(found) = tokens.iter().map(Token::name).find(is_function) {
        return Some(format!("`{found}`"));
    }
    for (at, token) in tokens.iter().enumerate() {
        let after = tokens.get(at + 1).map(Token::value).unwrap_or_default();
        let language = after.to_lowercase();
        if token.word() == "language" && LANGUAGES.contains(&language.as_str()) {
            return Some(format!("a function in the language {language}"));
        }
        let value = token.value().to_ascii_lowercase();
        let setting = SETTINGS.iter().find(|(name, _)| *name == value);
        if let Some((name, wanted)) = setting {
            let to = tokens.get(at + 2).map(Token::value).unwrap_or_default();
            let is_wanted = wanted.contains(&to.to_ascii_lowercase().as_str());
            let is_read = tokens.first().is_some_and(|first| first.word() == "show");
            if !is_wanted && !is_read {
                return Some(format!("the setting {name}"));
            }
        }
    }
    None
}

#[derive(Debug)]
struct Token {
    piece: Piece,
    /// In how many parentheses it stands.
    depth: usize,
}

impl Token {
    /// As a word of the language, which a quoted name is not.
    fn word(&self) -> &str {
        match &self.piece {
            Piece::Word(word) => word,
            _ => "",
        }
    }

    /// As the name of something.
    fn name(&self) -> &str {
        match &self.piece {
            Piece::Word(name) | Piece::Name(name) => name,
            _ => "",
        }
    }

    fn text(&self) -> Option<&str> {
        match &self.piece {
            Piece::Text(text) => Some(text),
            _ => None,
        }
    }

    /// As a word, a name or a string.
    fn value(&self) -> &str {
        self.text().unwrap_or_else(|| self.name())
    }

    fn is(&self, symbol: char) -> bool {
        self.piece == Piece::Symbol(symbol)
    }

    fn is_direction(&self) -> bool {
        ["from", "to"].contains(&self.word())
    }
}

/// What a statement is made of, without blanks.
fn tokens(statement: &str) -> Vec<Token> {
    let (mut tokens, mut at, mut depth) = (Vec::new(), 0, 0_usize);
    while let Some((piece, length)) = piece(&statement[at..]) {
        at += length;
        match piece {
            Piece::Symbol('(') => depth += 1,
            Piece::Symbol(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if piece != Piece::Blank {
            tokens.push(Token { piece, depth });
        }
    }
    tokens
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
            "COPY (SELECT lo_export(1, '/tmp/x')) TO STDOUT",
            "COPY t FROM stdin WHERE lo_export(1, '/tmp/x') = 1",
            "SELECT U&\"lo\\005fexport\"(1, '/tmp/x')",
            "SELECT 1 --\r, lo_export(1, '/tmp/x')",
            "SELECT 1 AS x$a$, lo_export(1, '/tmp/x') AS y$a$",
            "SELECT E'a'\n'\\'', lo_export(1, '/tmp/x') --'",
            "SET standard_conforming_strings = off",
            "SELECT set_config('Standard_Conforming_Strings', 'off', false)",
            "SET SESSION restrict_nonsystem_relation_kind TO ''",
            "DO E'BEGIN PERFORM lo\\x5fexport(1, ''/tmp/x''); END'",
            "DO U&'BEGIN PERFORM lo!005fexport(1, ''/tmp/x''); END' UESCAPE '!'",
            "DO $$ BEGIN EXECUTE E'COPY t TO PROGR\\x41M ''id'''; END $$",
            "DO $$ BEGIN EXECUTE format('COPY t TO %s %L', 'PROGRAM', 'id'); END $$",
            "DO $$ BEGIN EXECUTE 'COPY t TO ' || quote_literal('/tmp/x'); END $$",
            "DO $$ BEGIN COPY t TO U&'/tmp/x'; END $$",
            "DO $x$ BEGIN COPY (SELECT 1) TO /* c */ PROGRAM $y$id$y$; END $x$",
            "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS dblink; END $$",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT lo_export(1, '/tmp/x'); END",
            "CREATE FUNCTION f(oid, text) RETURNS int AS 'be_lo_export' LANGUAGE U&'\\0069nternal'",
            "CREATE FUNCTION f(oid, text) RETURNS int LANGUAGE E'\\x69nternal' AS 'be_lo_export'",
            "CREATE OR REPLACE TRUSTED PROCEDURAL LANGUAGE x HANDLER plpgsql_call_handler",
            "CREATE PROCEDURE p() LANGUAGE sql AS E'SELECT lo\\137export(1, ''/tmp/x'')'",
            "SELECT query_to_xml('SELECT lo_export(1, ''/tmp/x'')', true, true, '')",
            "ALTER FOREIGN TABLE f OPTIONS (ADD program 'id')",
            "SELECT (1; ALTER SYSTEM SET x = 1)",
            "REASSIGN OWNED BY a TO b",
        ] {
            let found = beyond(statement);
            assert!(
                matches!(found.as_slice(), [Beyond::Other(_), ..]),
                "{statement}"
            );
        }
        for (statement, name) in [
            ("DROP DATABASE app", "app"),
            ("drop database if exists \"App\"", "App"),
            ("ALTER DATABASE app SET x = 1", "app"),
            ("DROP DATABASE U&\"a\\0070p\"", "app"),
            ("GRANT ALL ON DATABASE app TO somebody", "app"),
            ("COMMENT ON DATABASE app IS 'x'", "app"),
            ("ALTER ROLE ALL IN DATABASE app SET x = 1", "app"),
            ("CREATE DATABASE copy_test OWNER a TEMPLATE = app", "app"),
            (
                "DO $$ BEGIN EXECUTE 'ALTER DATABASE app CONNECTION LIMIT 0'; END $$",
                "app",
            ),
        ] {
            let found = beyond(statement);
            assert!(
                matches!(found.as_slice(), [Beyond::Database(found), ..] if found == name),
                "{statement}: {found:?}"
            );
        }
        let names = ["a", "b", "C"].map(|name| Beyond::Database(name.to_owned()));
        let statement = "REVOKE CONNECT ON DATABASE a, b, \"C\" FROM PUBLIC";
        assert_eq!(beyond(statement), names);
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
            "SET standard_conforming_strings = on",
            "SELECT pg_catalog.set_config('standard_conforming_strings', 'on', false)",
            "SHOW standard_conforming_strings",
            "SELECT * FROM a JOIN b ON database = 5 AND a.database IN (1)",
            "CREATE DATABASE app_test WITH TEMPLATE = template0 ENCODING = 'UTF8'",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(copy) FROM t); END $$",
        ] {
            assert!(beyond(statement).is_empty(), "{statement}");
        }
    }
}
