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
            "correct the user of the URL",
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

#[test]
fn a_script_that_pg_dump_wrote_runs_with_its_rows() {
    let Some((project, _)) = stored() else {
        return;
    };
    let dump = "\u{feff}--\n-- PostgreSQL database dump\n--\n\n\\restrict 8x;Y\n\nSET client_encoding = 'UTF8';\n\
        SELECT pg_catalog.set_config('search_path', '', false);\n\n\
        DELETE FROM public.b;\nCOPY public.a (id, name) FROM stdin;\n3\tit's; $x$\n4\t\\N\n\\.\n\n\n\
        COPY public.b (id, a_id) FROM stdin WITH (FORMAT csv);\n1,3\n\\.\n\n\\unrestrict 8x;Y\n";
    project.file("dump.sql", dump);
    let done = project.done(&["sql", "dump.sql"]);
    assert!(
        done.starts_with("dump.sql: 5 statements, 4 rows changed"),
        "{done}"
    );
    let shown = project.run(&["compare", "base"]).stdout;
    assert!(
        shown.contains("  + id 3, name \"it's; $x$\"\n  + id 4, name null\n"),
        "{shown}"
    );
    assert!(shown.contains("      a_id: 1 → 3\n"), "{shown}");
    for (script, line, words) in [
        (
            "DELETE FROM b;\nCOPY a FROM stdin;\n9\tx\noops\ty\n\\.\n",
            2,
            "invalid input syntax for type integer",
        ),
        ("COPY a FROM stdin;\n1\tx\n3\tx\n", 1, "duplicate key"),
        (
            "DELETE FROM b;\n\\connect other\nSELECT 1;\n",
            2,
            "`\\connect` is a command of psql",
        ),
    ] {
        project.file("bad.sql", script);
        let (exit, error) = project.json(&["sql", "bad.sql"]);
        let message = error["message"].as_str().unwrap_or_default();
        assert!(exit == 3 && message.contains(words), "{error}");
        assert_eq!(error["details"]["line"], line, "{error}");
        assert_eq!(project.run(&["compare", "base"]).stdout, shown);
    }
    let (_, _, hint) = project.fails(&["sql", "bad.sql"]);
    assert!(hint.starts_with("run the script with psql"), "{hint}");
}

#[test]
fn a_table_may_be_called_as_psql_shows_it() {
    let Some((mut project, _)) = stored() else {
        return;
    };
    let done = project.done(&["store", "part", "--exclude-table", "public.b"]);
    assert!(done.contains("  left out b: it is excluded\n"), "{done}");
    project
        .sql("UPDATE a SET name = 'z' WHERE id = 2; DELETE FROM b; INSERT INTO b VALUES (8, 1);");
    project.done(&["store", "next"]);
    for command in [&["compare", "base"][..], &["diff", "base", "next"]] {
        let shown = |words: &[&str]| project.run(&[command, words].concat()).stdout;
        for (public, bare) in [
            (&["--table", "public.a"][..], &["--table", "a"][..]),
            (&["--exclude-table", "public.a"], &["--exclude-table", "a"]),
            (&["--ignore", "public.a.name"], &["--ignore", "a.name"]),
        ] {
            let found = shown(public);
            assert_eq!(found.replace("public.", ""), shown(bare));
            assert!(found.contains("differs from"), "{public:?}: {found}");
        }
    }
    let hint = project
        .json(&["compare", "base", "--exclude-table", "public.b"])
        .1;
    assert!(
        !hint["hint"].as_str().unwrap().contains("--exclude-table"),
        "{hint}"
    );
    assert!(
        project
            .done(&["show", "base", "--table", "public.a"])
            .contains("\na (key id)")
    );
    project.done(&["sequences", "reset", "--table", "public.a"]);
    let (_, message, hint) = project.fails(&["compare", "base", "--table", "public.no"]);
    assert!(
        message.contains("`public.no`") && hint == "name one of a, b",
        "{message} {hint}"
    );
    project.file(
        "fixpoints.toml",
        "ignore = [\"public.a.name\"]\nexclude = [\"public.b\"]\n",
    );
    assert_eq!(project.run(&["compare", "base"]).exit, 0);
    let doctor = project.run(&["doctor"]).stdout;
    assert!(doctor.contains("configuration  ok"), "{doctor}");
    project.file("fixpoints.toml", "");
    project.set("FIXPOINTS_SKIP_TABLES", "public.b");
    project.done(&["restore", "base"]);
    assert_eq!(project.run(&["compare", "base"]).exit, 0);
}

#[test]
fn rows_that_a_policy_hides_are_a_refusal_with_its_fix() {
    let Some((project, place)) = stored() else {
        return;
    };
    let user = format!("hidden_of_{}", place.name);
    let mut owner: postgres::Client = place.connect("postgres");
    let sql = format!(
        "CREATE ROLE {user} LOGIN; GRANT ALL ON a, b TO {user}; ALTER TABLE a ENABLE ROW LEVEL SECURITY"
    );
    owner.batch_execute(&sql).unwrap();
    let (_, message, hint) = project.fails(&["--db", &place.url(&user), "store", "base"]);
    assert!(
        message.contains("row-level security policy for table \"a\""),
        "{message}"
    );
    assert!(
        hint.contains("BYPASSRLS") && hint.contains("`exclude`"),
        "{hint}"
    );
}

#[test]
fn bytes_that_are_no_text_are_a_refusal_that_names_the_table() {
    let Some((project, place)) = stored() else {
        return;
    };
    let mut owner: postgres::Client = place.connect("postgres");
    let name = format!("{}_ascii", place.name);
    owner.batch_execute(&format!("CREATE DATABASE {name} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")).unwrap();
    let url = place.url("postgres").replace(&place.name, &name);
    project.file("ascii.sql", "CREATE TABLE odd (id integer PRIMARY KEY, v text);\nINSERT INTO odd VALUES (1, E'\\xe9');\n");
    project.done(&["--db", &url, "sql", "ascii.sql"]);
    let (_, message, hint) = project.fails(&["--db", &url, "store", "ascii"]);
    assert!(
        message.contains("table odd") && message.contains("0xe9"),
        "{message}"
    );
    assert!(hint.contains("that is not UTF-8"), "{hint}");
    owner
        .batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .unwrap();
}
