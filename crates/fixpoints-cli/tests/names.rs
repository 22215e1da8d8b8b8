//! Names of tables and columns in the configuration and on the command line: patterns, tables of tools, and names that
//! mean nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;

use project::Project;
use serde_json::Value;

const SEED: &str = "CREATE TABLE books (id INTEGER PRIMARY KEY, price INTEGER, sold_at TEXT);
CREATE TABLE sessions (id INTEGER PRIMARY KEY);
CREATE TABLE tmp_a (id INTEGER PRIMARY KEY);
CREATE TABLE tmp_keep (id INTEGER PRIMARY KEY);
INSERT INTO books VALUES (1, 5, 'then');
INSERT INTO sessions VALUES (1);
INSERT INTO tmp_a VALUES (1);
INSERT INTO tmp_keep VALUES (1);
";

fn project(configuration: &str) -> Project {
    let project = Project::new("sqlite:test.db");
    project.sql(SEED);
    project.file("fixpoints.toml", configuration);
    project
}

fn stored(project: &Project, args: &[&str]) -> Vec<String> {
    let args: Vec<&str> = ["--output", "json", "store"]
        .iter()
        .chain(args)
        .copied()
        .collect();
    let stored = project.run(&args);
    assert_eq!(stored.exit, 0, "{}", stored.stdout);
    names(&stored.json()["tables"], "name")
}

fn names(list: &Value, key: &str) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one[key].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_name_that_means_nothing_is_refused_by_every_command() {
    for (configuration, message, hint) in [
        (
            "exclude = [\"session\"]",
            "`exclude` names `session`, which means no table",
            "write sessions in its place",
        ),
        (
            "exclude = [\"temp_*\"]",
            "`exclude` names `temp_*`, which means no table",
            "remove it from `exclude`",
        ),
        (
            "exclude = [\"worker_2.*\"]",
            "`exclude` names `worker_2.*`, which means no table",
            "remove it from `exclude`",
        ),
        (
            "include = [\"migrations\"]",
            "`include` names `migrations`, which means no table",
            "remove it from `include`",
        ),
        (
            "ignore = [\"prise\"]",
            "`ignore` names `prise`, which means no column",
            "write price in its place",
        ),
        (
            "ignore = [\"sessions.price\"]",
            "`ignore` names `sessions.price`, which means no column",
            "remove it from `ignore`",
        ),
    ] {
        let project = project("");
        project.done(&["store", "base"]);
        project.file("fixpoints.toml", configuration);
        let is_column = configuration.starts_with("ignore");
        let commands: &[&[&str]] = if is_column {
            &[&["compare", "base"]]
        } else {
            &[
                &["store", "other"],
                &["restore", "base"],
                &["compare", "base"],
                &["sequences", "reset"],
            ]
        };
        for args in commands {
            let (_, found, advice) = project.fails(args);
            assert!(found.contains(message), "{configuration} {args:?}: {found}");
            assert!(advice.contains(hint), "{configuration} {args:?}: {advice}");
        }
        let doctor = project.run(&["doctor"]);
        assert_eq!(doctor.exit, 2, "{}", doctor.stdout);
        assert!(doctor.stdout.contains(message), "{}", doctor.stdout);
    }
    let project = project("");
    project.done(&["store", "base"]);
    for args in [
        &["compare", "base", "--table", "bookz"][..],
        &["compare", "base", "--table", "bookz*"],
        &["compare", "base", "--exclude-table", "bookz"],
        &["store", "other", "--exclude-table", "bookz?"],
        &["show", "base", "--table", "bookz"],
    ] {
        let (_, message, hint) = project.fails(args);
        assert!(message.contains("`bookz"), "{args:?}: {message}");
        assert!(hint.starts_with("name one of books"), "{args:?}: {hint}");
    }
}

#[test]
fn a_pattern_means_every_table_and_column_that_fits() {
    let project = project(
        "exclude = [\"tmp_*\", \"s?ssions\"]\ninclude = [\"*_keep\"]\nignore = [\"*_at\", \"books.pri*\"]",
    );
    assert_eq!(stored(&project, &["base"]), ["books", "tmp_keep"]);
    project.sql(
        "UPDATE books SET price = 6, sold_at = 'now'; DELETE FROM tmp_a; DELETE FROM sessions;",
    );
    project.done(&["compare", "base"]);
    project.file("fixpoints.toml", "");
    assert_eq!(
        stored(&project, &["all", "--exclude-table", "*_*"]),
        ["books", "sessions"]
    );
    let compared = project
        .run(&["--output", "json", "compare", "all", "--table", "b*"])
        .json();
    assert_eq!(names(&compared["tables"], "name"), ["books"]);
}

#[test]
fn a_name_comes_before_a_pattern_and_what_is_quoted_is_no_pattern() {
    let project = project("exclude = [\"t*\"]");
    project.sql("CREATE TABLE \"t*\" (id INTEGER PRIMARY KEY)");
    assert_eq!(
        stored(&project, &["base"]),
        ["books", "sessions", "tmp_a", "tmp_keep"]
    );
    project.file("fixpoints.toml", "exclude = ['\"t*\"', \"tm*\"]");
    assert_eq!(stored(&project, &["base"]), ["books", "sessions"]);
}

#[test]
fn a_table_of_a_tool_is_left_out_unless_it_is_included() {
    let project = project("");
    project.sql(
        "CREATE TABLE migrations (id INTEGER PRIMARY KEY, migration TEXT, batch INTEGER);
         CREATE TABLE SequelizeMeta (name TEXT PRIMARY KEY);
         CREATE TABLE phinxlog (version INTEGER PRIMARY KEY, migration_name TEXT, start_time TEXT, end_time TEXT, breakpoint INTEGER);",
    );
    let stored_now = project.run(&["--output", "json", "store", "base"]).json();
    assert_eq!(
        names(&stored_now["left_out"], "table"),
        ["SequelizeMeta", "migrations", "phinxlog"]
    );
    assert_eq!(
        names(&stored_now["left_out"], "reason"),
        [
            "it belongs to Sequelize",
            "it belongs to Laravel",
            "it belongs to Phinx"
        ]
    );
    for command in [&["compare", "base"][..], &["doctor"]] {
        let args: Vec<&str> = ["--output", "json"]
            .iter()
            .chain(command)
            .copied()
            .collect();
        let found = project.run(&args).json();
        assert_eq!(found["left_out"], stored_now["left_out"], "{command:?}");
        let text = project.run(command).stdout;
        assert!(
            text.contains("left out phinxlog: it belongs to Phinx"),
            "{text}"
        );
    }
    project.file("fixpoints.toml", "include = [\"migrations\"]");
    let covered = stored(&project, &["more"]);
    assert!(
        covered.contains(&"migrations".to_owned()) && !covered.contains(&"phinxlog".to_owned()),
        "{covered:?}"
    );
}

#[test]
fn a_table_that_only_has_the_name_of_a_tools_table_is_covered() {
    let project = project("");
    project.sql("CREATE TABLE migrations (id INTEGER PRIMARY KEY, species TEXT, season TEXT); INSERT INTO migrations VALUES (1, 'swallow', 'autumn');");
    assert!(stored(&project, &["base"]).contains(&"migrations".to_owned()));
    project.sql("DELETE FROM migrations");
    assert_eq!(project.run(&["compare", "base"]).exit, 1);
    project.done(&["restore", "base"]);
    project.done(&["compare", "base"]);
}

#[test]
fn several_databases_have_names_of_their_own() {
    let project = Project::without_database();
    let configure = |exclude: &str| {
        let text = format!(
            "exclude = {exclude}\n[db]\nshop = \"sqlite:test-shop.db\"\nlogs = \"sqlite:test-logs.db\"\n"
        );
        project.file("fixpoints.toml", &text);
    };
    configure("{ shop = [\"sessions\"] }");
    for (database, sql) in [
        ("shop", SEED),
        ("logs", "CREATE TABLE lines (id INTEGER PRIMARY KEY);"),
    ] {
        project.file("script.sql", sql);
        project.done(&["--db", database, "sql", "script.sql"]);
    }
    project.done(&["--db", "shop", "store", "base"]);
    assert!(
        !project
            .read("fixpoints/shop/base.yaml")
            .contains("sessions")
    );
    project.done(&["--db", "logs", "store", "base"]);
    project.done(&["--db", "sqlite:test-shop.db", "store", "same"]);
    assert!(!project.read("fixpoints/same.yaml").contains("sessions"));
    configure("[\"sessions\"]");
    project.done(&["--db", "shop", "store", "base"]);
    let (_, message, hint) = project.fails(&["--db", "logs", "store", "base"]);
    assert!(message.contains("`exclude` names `sessions`"), "{message}");
    assert!(
        hint.contains("exclude = { DATABASE = [\"sessions\"] }"),
        "{hint}"
    );
    configure("{ shops = [\"sessions\"] }");
    let (_, message, _) = project.fails(&["--db", "logs", "store", "base"]);
    assert!(
        message.contains("`exclude` has names for shops"),
        "{message}"
    );
}
