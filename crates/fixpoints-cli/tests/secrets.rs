//! Passwords: wherever one is typed, by mistake or not, it is not printed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;

use project::Project;

/// URLs, mistyped ones, and what other programs take for one. Each holds `s3cret`.
const TYPED: [&str; 28] = [
    "postgres://me:s3cret@127.0.0.1:1/app_test",
    "postgres://me:s3cret@127.0.0.1:1/app",
    "postgresql://me:s3/s3cret@127.0.0.1:1/app_test",
    "postgres://me:s3@s3cret@127.0.0.1:1/app_test",
    "postgres://127.0.0.1:1/app_test?user=me&password=s3cret",
    "postgres://127.0.0.1:1/app?user=me&pass%77ord=s3cret",
    "postgres://127.0.0.1:1/app_test?passwort=s3cret",
    "postgres://127.0.0.1:1/app;password=s3cret",
    "postgres//me:s3cret@127.0.0.1:1/app_test",
    "postgres:/me:s3cret@127.0.0.1:1/app_test",
    "postgres:me:s3cret@127.0.0.1:1/app_test",
    "postgres;//me:s3cret@127.0.0.1/app_test",
    "postgres ://me:s3cret@127.0.0.1/app_test",
    "me:s3cret@127.0.0.1/app_test",
    "me:s3cret@127.0.0.1/test.db",
    "sqlite://me:s3cret@127.0.0.1/app_test",
    "sqlite:test.db?key=1&password=s3cret",
    "mysql://me:s3cret@127.0.0.1/app_test",
    "host=127.0.0.1 password = s3cret dbname=app_test",
    "host=127.0.0.1 password='x s3cret' dbname=app_test",
    "host=127.0.0.1 PWD:s3cret dbname=app_test",
    "Host=127.0.0.1;Password=s3cret;Database=app_test",
    "jdbc:postgresql://h/app_test?user=me;password=s3cret",
    "host=h %70assword=s3cret",
    "postgres://me:s3cret",
    "postgres://me:s3cret/app_test",
    "postgres://127.0.0.1:1/app_test?password=a&s3cret",
    "postgres://127.0.0.1:1/app_test?pw=s3cret",
];

/// What is only ever typed for a database; elsewhere it may be a text like any other. Each holds `s3cret`.
const STRINGS: [&str; 10] = [
    "me/s3cret@127.0.0.1/app_test",
    "127.0.0.1:5432:app_test:me:s3cret",
    "user=me pssword=s3cret",
    "user=me pw=s3cret",
    "user=me pw=s3cret dbname=test.db",
    "user=me password,s3cret",
    "user=me password|s3cret",
    "user=me password s3cret",
    "user=me pass.word=s3cret",
    "user=me password\u{ff1d}s3cret",
];

#[track_caller]
fn check(project: &Project, what: &str, args: &[&str]) {
    for format in ["text", "json"] {
        let all: Vec<&str> = args.iter().copied().chain(["--output", format]).collect();
        let ran = project.run(&all);
        let printed = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!printed.contains("s3cret"), "{what}, {args:?}: {printed}");
    }
}

#[test]
fn no_password_that_was_typed_is_printed() {
    let project = Project::stored("sqlite:test.db", "CREATE TABLE a (id INTEGER PRIMARY KEY)");
    for typed in TYPED {
        for args in [
            &["--db", typed, "store", "base"][..],
            &["--db", typed, "restore", "base"],
            &["--db", typed, "sql", "script.sql"],
            &["--db", typed, "compare", "no"],
            &["--db", typed, "doctor"],
            &["--db", typed, "list"],
            &["--db", typed, "rebase", "base", "--onto", "no"],
            &["--dir", typed, "list"],
            &["--dir", typed, "restore", "base"],
            &["--output", typed],
            &["store", typed],
            &["restore", typed],
            &["compare", "base", "--limit", typed],
            &["compare", "base", "--table", typed],
            &["list", typed],
            &["sql", typed],
            &["import", typed],
            &["import", "no.yml", "--mapping", typed],
            &["completions", typed],
            &[typed],
        ] {
            check(&project, typed, args);
        }
        let assigned = format!("--db={typed}");
        check(&project, typed, &[&assigned, "restore", "no"]);
        let unknown = format!("--url={typed}");
        check(&project, typed, &[&unknown]);
    }
}

#[test]
fn no_password_in_a_connection_string_is_printed() {
    let project = Project::stored("sqlite:test.db", "CREATE TABLE a (id INTEGER PRIMARY KEY)");
    for typed in STRINGS {
        for args in [
            &["--db", typed, "store", "base"][..],
            &["--db", typed, "doctor"],
            &["restore", typed],
            &["compare", "base", "--limit", typed],
            &[typed],
        ] {
            check(&project, typed, args);
        }
        let project = Project::without_database();
        let text = serde_json::to_string(typed).unwrap();
        for line in [
            format!("db = {text}"),
            format!("db = [{text}]"),
            format!("[db]\nmain = {text}\nother = {text}"),
            format!("{text} = 1"),
        ] {
            project.file("fixpoints.toml", &line);
            check(&project, &line, &["store", "base"]);
            check(&project, &line, &["--db", "main", "doctor"]);
        }
    }
    let project = Project::without_database();
    project.file("fixpoints.toml", "db.password = \"s3cret\"");
    check(&project, "db.password", &["store", "base"]);
}

#[test]
fn no_password_of_the_environment_or_the_configuration_is_printed() {
    for typed in TYPED {
        let mut project = Project::new(typed);
        project.set("PGPASSWORD", "s3cret");
        project.set("FIXPOINTS_SKIP_DEPENDENTS", typed);
        project.set("FIXPOINTS_DIR", typed);
        check(&project, typed, &["store", "base"]);
        check(&project, typed, &["doctor"]);
        let project = Project::without_database();
        let text = serde_json::to_string(typed).unwrap();
        for line in [
            format!("db = {text}"),
            format!("db = [{text}]"),
            format!("db = {text} oops"),
            format!("db = {typed}"),
            format!("[db]\nmain = {text}\nother = {text}"),
            format!(
                "[db]\n{text} = \"x\"\n\"y {typed}\" = \"z\"",
                typed = typed.replace(['"', '\\'], "")
            ),
            format!("{text} = 1"),
            format!("allow-databases = {text}"),
            format!("broken-references = {text}"),
            format!("dir = {text}"),
            format!("exclude = {text}"),
            format!("password = {typed}"),
        ] {
            project.file("fixpoints.toml", &line);
            check(&project, &line, &["store", "base"]);
            check(&project, &line, &["list"]);
            check(&project, &line, &["--db", "mainn", "doctor"]);
        }
    }
}
