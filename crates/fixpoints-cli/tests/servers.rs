//! What is said of failures on a PostgreSQL server, and what is refused there.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;
#[path = "../../fixpoints/tests/postgres/server.rs"]
#[allow(dead_code, reason = "tests of the library need more of it")]
mod server;

use project::Project;
use server::{Place, Server};

const SEED: &str = "CREATE TABLE a (id integer PRIMARY KEY, name text);
CREATE TABLE b (id integer PRIMARY KEY, a_id integer REFERENCES a (id));
INSERT INTO a VALUES (1, 'x'), (2, 'y');
INSERT INTO b VALUES (1, 1);
";

/// A project with a database of its own, stored as `base`; `None` where there is no server.
fn stored() -> Option<(Project, Place)> {
    let place = Server::get()?.database();
    let project = Project::stored(&place.url("postgres"), SEED);
    Some((project, place))
}

#[test]
fn a_server_that_cannot_be_used_is_said_with_what_to_do() {
    let Some((project, place)) = stored() else {
        return;
    };
    let url = place.url("postgres");
    let nowhere = url.replace(&place.name, "nowhere_test");
    let host = url.split(['@', '/']).nth(3).unwrap().replace("%2F", "/");
    let createdb = format!("`createdb -h {host} -U postgres nowhere_test`");
    let tls = "asks for TLS, which this build does not have";
    let with = |parameter: &str| format!("{url}?{parameter}");
    for (url, message, hint) in [
        (
            nowhere.as_str(),
            "there is no database at",
            createdb.as_str(),
        ),
        (
            "postgres://me:s3cret@127.0.0.1:1/app_test",
            "error connecting to server",
            "start the server",
        ),
        (
            "postgres:///app_test?host=/no/socket",
            "error connecting to server",
            "start the server",
        ),
        (
            &place.url("stranger"),
            "role \"stranger\" does not exist",
            "correct the user",
        ),
        (&with("sslmode=require"), tls, "`sslmode=disable`"),
        (&with("sslmode=verify-full"), tls, "through a tunnel"),
        (&with("sslrootcert=ca.pem"), tls, "`sslmode=disable`"),
        (
            &with("sslmode=maybe"),
            "invalid value for option `sslmode`",
            "postgres://user@host/name_test",
        ),
        (
            &with("shoe=38"),
            "unknown option `shoe`",
            "postgres://user@host/name_test",
        ),
        (
            &url.replace("fixpoints_test", "contest"),
            "does not look like a test database",
            "allow-databases = [\"contest",
        ),
    ] {
        let (_, found, advice) = project.fails(&["--db", url, "restore", "base"]);
        assert!(found.contains(message), "{url}: {found}");
        assert!(advice.contains(hint), "{url}: {advice}");
        assert!(!found.contains("s3cret"), "{found}");
    }
    for parameter in ["sslmode=prefer", "sslmode=allow", "sslmode=disable"] {
        project.done(&["--db", &with(parameter), "restore", "base"]);
    }
}

#[test]
fn rows_that_a_user_may_not_see_are_a_refusal_with_its_fix() {
    let Some((project, place)) = stored() else {
        return;
    };
    let user = format!("guest_of_{}", place.name);
    let mut owner: postgres::Client = place.connect("postgres");
    let sql = format!("CREATE ROLE {user} LOGIN; GRANT SELECT ON a TO {user}");
    owner.batch_execute(&sql).unwrap();
    let url = place.url(&user);
    for command in ["store", "restore", "compare"] {
        let (kind, message, hint) = project.fails(&["--db", &url, command, "base"]);
        assert_eq!(kind, "database");
        assert!(message.contains("permission denied for table"), "{message}");
        assert!(
            hint.contains("connect as the owner of the tables"),
            "{hint}"
        );
    }
    project.done(&["compare", "base"]);
}

#[test]
fn a_transaction_that_nothing_ends_is_refused_and_undone_on_a_server() {
    let Some((project, _)) = stored() else {
        return;
    };
    for (script, statement, line) in [
        ("BEGIN;\nDELETE FROM b;\n", 1, 1),
        (
            "SELECT 1;\n-- a comment\nstart transaction;\nDELETE FROM b;",
            2,
            3,
        ),
        (
            "BEGIN;\nSELECT 1;\nCOMMIT AND CHAIN;\nDELETE FROM b;\n",
            3,
            3,
        ),
        ("BEGIN;\nSAVEPOINT s;\nDELETE FROM b;\nRELEASE s;\n", 1, 1),
    ] {
        project.file("open.sql", script);
        let (exit, error) = project.json(&["sql", "open.sql"]);
        assert_eq!((exit, &error["kind"]), (3, &"script".into()), "{script}");
        let place = (&error["details"]["statement"], &error["details"]["line"]);
        assert_eq!(place, (&statement.into(), &line.into()), "{script}");
        project.done(&["compare", "base"]);
    }
    project.file("whole.sql", "BEGIN;\nDELETE FROM b;\nEND;\n");
    project.done(&["sql", "whole.sql"]);
    assert_eq!(project.run(&["compare", "base"]).exit, 1);
}

#[test]
fn rows_that_break_foreign_keys_are_said_when_they_are_stored_from_a_server() {
    let Some((project, _)) = stored() else {
        return;
    };
    project.sql(
        "ALTER TABLE b DROP CONSTRAINT b_a_id_fkey; INSERT INTO b VALUES (7, 99);
         ALTER TABLE b ADD FOREIGN KEY (a_id) REFERENCES a (id) NOT VALID;",
    );
    let shown = project.done(&["store", "broken"]);
    assert!(
        shown.contains("warning: row {\"id\": 7} of b refers by (a_id) to a missing row of a\nhint: correct the row"),
        "{shown}"
    );
    let (_, document) = project.json(&["store", "broken"]);
    assert_eq!(document["warnings"][0]["subject"], "b");
}

#[test]
fn labels_become_the_uuids_that_rails_gives_them_and_other_spellings_are_the_same_key() {
    let Some((project, _)) = stored() else {
        return;
    };
    project.sql(
        "DROP TABLE b, a; CREATE TABLE people (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
         CREATE TABLE notes (id integer PRIMARY KEY, person_id uuid REFERENCES people (id), text text);",
    );
    project.file("fx/people.yml", "george:\n  name: George\nada:\n  id: '{6BA7B812-9DAD-11D1-80B4-00C04FD430C8}'\n  name: Ada\n");
    project.file(
        "fx/notes.yml",
        "first:\n  id: 1\n  person: george\n  text: hello\n",
    );
    let (exit, first) = project.json(&["import", "fx", "--name", "suite"]);
    assert_eq!(
        (exit, &first["notes"]),
        (0, &serde_json::json!([])),
        "{first}"
    );
    let text = project.read("fixpoints/suite.yaml");
    let george = "cd6a9e3b-1b93-5f18-b25c-a4218d3f5849";
    assert!(
        text.contains(&format!("{{\"id\": \"{george}\", \"name\": \"George\"}}")),
        "{text}"
    );
    assert!(
        text.contains(&format!("\"person_id\": \"{george}\"")),
        "{text}"
    );
    assert_eq!(
        project.json(&["import", "fx", "--name", "suite"]).1["fixpoints"][0]["status"],
        "unchanged"
    );
    project.file(
        "fx/people.yml",
        "- name: null\n  id: 6ba7b812-9dad-11d1-80b4-00c04fd430c8\n",
    );
    let (_, message, _) = project.fails(&["import", "fx/people.yml", "--name", "bad"]);
    assert!(
        message.contains("6ba7b812-9dad-11d1-80b4-00c04fd430c8"),
        "named by its key: {message}"
    );
}
