//! Advice depends on codes and never on words: names and values may be any words, and what nobody knows has no advice.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;
#[path = "../../fixpoints/tests/postgres/server.rs"]
#[allow(dead_code, reason = "tests of the library need more of it")]
mod server;

use project::Project;
use server::Server;

/// What databases say of faults that a person can do something about, and once more in other words.
const WORDS: [&str; 38] = [
    "locked",
    "database is locked",
    "busy",
    "readonly",
    "attempt to write a readonly database",
    "disk",
    "database or disk is full",
    "is full",
    "database disk image is malformed",
    "malformed",
    "file is not a database",
    "unable to open database file",
    "has no AUTOINCREMENT",
    " beside it ",
    "it is a folder",
    "its folder does not exist",
    "foreign key mismatch - x",
    "an earlier statement of this transaction failed",
    "query would be affected by row-level security policy",
    "invalid byte sequence",
    "x is a command of psql",
    "may have been committed",
    "connection closed",
    "terminating connection",
    "error communicating with the server",
    "No space left on device",
    "canceling statement due to statement timeout",
    "error connecting to server",
    "role \"x\" does not exist",
    "no pg_hba.conf entry",
    "password authentication failed",
    "password missing",
    "canceling statement due to lock timeout",
    "only a superuser can leave such a row",
    "must be owner of table x",
    "permission denied for table x",
    "violates foreign key constraint",
    "asks for TLS",
];

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What a person is advised when a row, a statement and a reference fail, all of whose names and values are `word`.
fn advice(project: &Project, word: &str) -> Vec<String> {
    let (name, value) = (quoted(word), word.replace('\'', "''"));
    project.sql(&format!(
        "DROP TABLE IF EXISTS {other}; DROP TABLE IF EXISTS {name};
         CREATE TABLE {name} ({name} INTEGER PRIMARY KEY, v VARCHAR(90), CONSTRAINT {check} CHECK (v <> 'bad {value}'));
         CREATE TABLE {other} (id INTEGER PRIMARY KEY, {name} INTEGER REFERENCES {name} ({name}));
         INSERT INTO {name} VALUES (1, 'good {value}');",
        other = quoted(&format!("b {word}")),
        check = quoted(&format!("c {word}")),
    ));
    project.done(&["store", "base", "--force"]);
    let base = project.read("fixpoints/base.yaml");
    project.edit("base", &base.replace("\"good ", "\"bad "));
    let (kind, message, restore) = project.fails(&["restore", "base"]);
    assert_eq!(kind, "row", "{message}");
    let mut advice = vec![restore];
    for script in [
        format!("INSERT INTO {name} VALUES (2, 'bad {value}');"),
        format!("INSERT INTO {name} VALUES (1, '{value}');"),
        format!(
            "SELECT {name}.{missing} FROM {name};",
            missing = quoted(&format!("no {word}"))
        ),
        format!(
            "SELECT * FROM {missing};",
            missing = quoted(&format!("no {word}"))
        ),
        format!("SELEC '{value}';"),
    ] {
        project.file("bad.sql", &script);
        let (kind, message, hint) = project.fails(&["sql", "bad.sql"]);
        assert_eq!(kind, "script", "{message}");
        advice.push(hint);
    }
    advice
}

fn advice_is_the_same_whatever_the_names_are(url: &str) {
    let project = Project::new(url);
    let plain = advice(&project, "plain");
    let fix = "nothing was changed; correct the row in the fixpoint's file";
    assert_eq!(plain[0], fix);
    let fix = "correct bad.sql at line 1; what the script began was rolled back";
    assert!(plain[1..].iter().all(|hint| hint == fix), "{plain:?}");
    for word in WORDS {
        assert_eq!(advice(&project, word), plain, "{word}");
    }
}

#[test]
fn names_and_values_change_no_advice_on_sqlite() {
    advice_is_the_same_whatever_the_names_are("sqlite:test.db");
}

#[test]
fn names_and_values_change_no_advice_on_a_server() {
    let Some(server) = Server::get() else {
        return;
    };
    advice_is_the_same_whatever_the_names_are(&server.database().url("postgres"));
}

/// What is left to say where a function of the database refused something for reasons of its own.
const UNKNOWN: &str = "what the script began was rolled back";

#[test]
fn what_a_trigger_refuses_has_no_advice() {
    let project = Project::new("sqlite:test.db");
    for word in WORDS {
        let value = word.replace('\'', "''");
        project.sql(&format!(
            "DROP TABLE IF EXISTS a; CREATE TABLE a (id INTEGER PRIMARY KEY);
             CREATE TRIGGER t BEFORE INSERT ON a BEGIN SELECT RAISE(ABORT, '{value}'); END;"
        ));
        project.file("bad.sql", "INSERT INTO a VALUES (1);");
        let (_, message, hint) = project.fails(&["sql", "bad.sql"]);
        assert!(message.contains(word.trim()), "{message}");
        assert_eq!(hint, UNKNOWN, "{word}");
    }
}

#[test]
fn what_a_function_raises_has_no_advice_whatever_code_it_chooses() {
    let Some(server) = Server::get() else {
        return;
    };
    let project = Project::new(&server.database().url("postgres"));
    for (code, word) in [
        "42501", "53100", "55P03", "57014", "57P01", "28P01", "25P02", "40001", "23503",
    ]
    .into_iter()
    .zip(WORDS)
    {
        project.file(
            "bad.sql",
            &format!(
                "DO $$ BEGIN RAISE EXCEPTION '%', 'x {word}' USING ERRCODE = '{code}'; END $$;"
            ),
        );
        let (_, message, hint) = project.fails(&["sql", "bad.sql"]);
        assert!(code == "25P02" || message.contains(word), "{message}");
        assert_eq!(hint, UNKNOWN, "{code}");
    }
}

#[test]
fn a_connection_that_may_not_write_is_not_a_file_that_may_not_be_written() {
    let project = Project::stored("sqlite:test.db", "CREATE TABLE a (id INTEGER PRIMARY KEY);");
    project.file(
        "bad.sql",
        "PRAGMA query_only = ON;\nINSERT INTO a VALUES (1);\n",
    );
    let (_, message, hint) = project.fails(&["sql", "bad.sql"]);
    assert!(message.contains("readonly"), "{message}");
    assert_eq!(
        hint,
        "the transaction that was open was rolled back, and what the script did outside of it stays"
    );
}

#[test]
fn what_a_script_did_outside_of_a_transaction_is_not_reported_as_undone() {
    let project = Project::stored("sqlite:test.db", "CREATE TABLE a (id INTEGER PRIMARY KEY);");
    project.file(
        "half.sql",
        "PRAGMA foreign_keys = OFF;\nINSERT OR IGNORE INTO a VALUES (1);\nINSERT INTO a VALUES (1);\n",
    );
    let (_, _, hint) = project.fails(&["sql", "half.sql"]);
    assert!(hint.starts_with("correct half.sql at line 3; "), "{hint}");
    assert!(
        hint.ends_with("what the script did outside of it stays"),
        "{hint}"
    );
    assert_eq!(
        project.run(&["compare", "base"]).exit,
        1,
        "the first row is there"
    );
}

#[test]
fn a_parameter_called_like_a_fault_changes_no_advice() {
    let project = Project::new("");
    for url in [
        "postgres://h/app_test?TLS=1",
        "postgres://h/app_test?shoe=1",
    ] {
        let (_, message, hint) = project.fails(&["--db", url, "store", "base"]);
        assert!(message.contains("unknown option"), "{message}");
        assert!(hint.starts_with("name it as in"), "{hint}");
    }
}
