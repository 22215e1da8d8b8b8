//! Where a command finds its configuration, its database and its fixpoints: from any folder, and for several databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;

use project::Project;

const BOTH: &str = "[db]\nmain = \"sqlite:test.db\"\nlogs = \"sqlite:test-logs.db\"\n";

/// A table of its own in each of two databases.
fn two() -> Project {
    let project = Project::without_database();
    project.file("fixpoints.toml", BOTH);
    for (database, table) in [("main", "a"), ("logs", "b")] {
        let script = format!(
            "CREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO {table} VALUES (1, '{database}');\n"
        );
        project.file("seed.sql", &script);
        project.done(&["--db", database, "sql", "seed.sql"]);
    }
    project
}

#[test]
fn a_name_that_no_database_has_is_refused_where_only_files_are_read() {
    let project = two();
    for command in ["list", "tree"] {
        let (_, found, _) = project.fails(&["--db", "lgos", command]);
        assert!(
            found.contains("lgos") && found.contains("logs, main"),
            "{found}"
        );
    }
}

#[test]
fn each_of_several_databases_has_fixpoints_of_its_own() {
    let project = two();
    for database in ["main", "logs"] {
        let done = project.done(&["--db", database, "store", "base"]);
        let file = format!("created fixpoints/{database}/base.yaml: ");
        assert!(done.starts_with(&file), "{done}");
    }
    let logs = |args: &[&str]| project.done(&[&["--db", "logs"], args].concat());
    let kid = logs(&["store", "kid", "--parent", "base"]);
    assert!(
        kid.contains("fixpoints/logs/kid.yaml on top of logs/base"),
        "{kid}"
    );
    // What the library writes is the same.
    assert!(
        project
            .read("fixpoints/logs/kid.yaml")
            .contains("{\"name\": \"logs/base\",")
    );
    project.file("wreck.sql", "UPDATE b SET name = 'other';");
    logs(&["sql", "wreck.sql"]);
    let ran = project.run(&["--db", "logs", "compare", "base"]);
    assert!(
        ran.stdout.contains("differs from logs/base"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("`fixpoints --db logs store logs/base`"),
        "{}",
        ran.stdout
    );
    assert!(logs(&["restore", "base"]).contains("is at logs/base again"));
    assert!(logs(&["restore", "logs/base"]).contains("is at logs/base already"));
    assert!(logs(&["diff", "base", "kid"]).contains("logs/kid equals logs/base"));
    assert!(logs(&["show", "kid"]).starts_with("logs/kid: sqlite"));
    assert!(logs(&["rebase", "kid", "--onto", "base"]).contains("stands on logs/base already"));
    assert_eq!(logs(&["list"]).lines().count(), 2);
    assert_eq!(logs(&["tree"]), "logs/base\n└── logs/kid\n");
    assert!(logs(&["doctor"]).ends_with("2 fixpoints, 1 table: 0 critical, 0 warnings\n"));
    assert!(logs(&["sequences", "reset"]).contains("sqlite:test-logs.db"));
    project.file(
        "in/late.yml",
        "b:\n- id: 2\n  name: x\n\"++parent_fixpoint++\": first\n",
    );
    project.file("in/first.yml", "b:\n- id: 1\n  name: x\n");
    let done = logs(&["import", "in"]);
    assert!(
        done.contains("created fixpoints/logs/late.yaml on top of logs/first"),
        "{done}"
    );
    logs(&["restore", "late"]);
    logs(&["remove", "late"]);
    project.file("in/logs/first.yml", "b:\n- id: 5\n  name: y\n");
    let (kind, message, _) = project.fails(&["--db", "logs", "import", "in"]);
    assert!(
        kind == "import" && message.contains("is called `logs/first` too"),
        "{message}"
    );
    let (exit, document) = project.json(&[
        "--db",
        "logs",
        "compare",
        "new",
        "--or-store",
        "--parent",
        "base",
    ]);
    assert_eq!(
        (exit, &document["stored"]["parent"]["name"]),
        (1, &"logs/base".into())
    );
    let (kind, message, _) = project.fails(&["--db", "logs", "restore", "nope"]);
    assert!(
        kind == "missing_fixpoint" && message.contains("`logs/nope`"),
        "{message}"
    );

    assert!(
        project
            .done(&["--db", "main", "compare", "base"])
            .contains("equals main/base")
    );
    // Without a database names are whole.
    assert_eq!(project.done(&["list"]).lines().count(), 5);
    assert!(
        project
            .done(&["show", "main/base"])
            .starts_with("main/base: sqlite")
    );
    assert!(
        project
            .done(&["--db", "main", "doctor"])
            .contains("1 fixpoint, 1 table")
    );
}

#[test]
fn the_only_database_needs_no_folder_whatever_its_name() {
    let project = two();
    project.file("fixpoints.toml", "[db]\nmain = \"sqlite:test.db\"\n");
    for args in [&["store", "base"][..], &["--db", "main", "store", "base"]] {
        assert!(project.done(args).contains(" fixpoints/base.yaml: "));
    }
}

#[test]
fn the_variable_chooses_one_of_several_databases_too() {
    let mut project = two();
    project.set("FIXPOINTS_DB", "logs");
    assert!(
        project
            .done(&["store", "base"])
            .contains("fixpoints/logs/base.yaml")
    );
    assert_eq!(project.done(&["tree"]), "logs/base\n");
}

/// One database, and a folder far below the one that is configured.
fn nested(configuration: &str) -> Project {
    let project = Project::without_database();
    project.file("fixpoints.toml", configuration);
    project.file(
        "seed.sql",
        "CREATE TABLE a (id INTEGER PRIMARY KEY);\nINSERT INTO a VALUES (1);\n",
    );
    project.file("src/deep/note.sql", "INSERT INTO a VALUES (2);\n");
    project
}

#[test]
fn every_command_does_below_the_project_what_it_does_in_it() {
    let project = nested("db = \"sqlite:test.db\"\ndir = \"spec/fixpoints\"\n");
    let below = |args: &[&str]| project.done_in("src/deep", args);
    assert!(below(&["sql", "../../seed.sql"]).contains("in sqlite:../../test.db"));
    assert!(below(&["store", "base"]).contains("created ../../spec/fixpoints/base.yaml"));
    assert!(
        project
            .read("spec/fixpoints/base.yaml")
            .contains("{\"id\": 1}")
    );
    below(&["sql", "note.sql"]);
    below(&["store", "kid", "--parent", "base"]);
    assert_eq!(project.run_in("src/deep", &["compare", "base"]).exit, 1);
    assert!(below(&["restore", "base"]).contains("sqlite:../../test.db is at base again"));
    for args in [
        &["list"][..],
        &["tree"],
        &["show", "kid"],
        &["rebase", "kid", "--onto", "base"],
    ] {
        assert_eq!(below(args), project.done(args), "{args:?}");
    }
    assert!(below(&["doctor"]).ends_with("2 fixpoints, 1 table: 0 critical, 0 warnings\n"));
    assert_eq!(project.run_in("src/deep", &["diff", "base", "kid"]).exit, 1);
    assert!(below(&["sequences", "reset"]).contains("sqlite:../../test.db"));
    project.file("src/deep/more.yml", "a:\n- id: 3\n");
    assert!(below(&["import", "more.yml"]).contains("created ../../spec/fixpoints/more.yaml"));
    assert!(below(&["remove", "more"]).contains("removed ../../spec/fixpoints/more.yaml"));
    // What is typed begins where it is typed.
    assert!(below(&["--dir", "here", "store", "base"]).contains("created here/base.yaml"));
    let (_, message, _) = project.fails_in("src/deep", &["--db", "sqlite:test.db", "store", "x"]);
    assert!(
        message.contains("no database at sqlite:test.db"),
        "{message}"
    );
    assert!(!project.path().join("src/deep/fixpoints").exists());
}

#[test]
fn the_nearest_configuration_counts_and_none_outside_of_the_repository() {
    let project = nested("db = \"sqlite:test.db\"\n");
    project.done(&["sql", "seed.sql"]);
    project.file("src/deep/fixpoints.toml", "dir = \"own\"\n");
    let (kind, ..) = project.fails_in("src/deep", &["store", "base"]);
    assert_eq!(kind, "no_database");
    project.file("src/deep/fixpoints.toml", "db = oops\n");
    project.file("src/deep/er/x", "");
    let (kind, message, hint) = project.fails_in("src/deep/er", &["list"]);
    assert_eq!(kind, "config");
    assert!(
        message.contains("../fixpoints.toml") && hint.contains("../fixpoints.toml"),
        "{message}"
    );
    std::fs::remove_file(project.path().join("src/deep/fixpoints.toml")).unwrap();
    project.done_in("src/deep/er", &["store", "base"]);
    std::fs::create_dir(project.path().join("src/.git")).unwrap();
    let (kind, ..) = project.fails_in("src/deep", &["store", "base"]);
    assert_eq!(kind, "no_database");
    project.file("src/fixpoints.toml", "db = \"sqlite:../test.db\"\n");
    assert!(
        project
            .done_in("src/deep", &["store", "base"])
            .contains("created ../fixpoints/base.yaml")
    );
}
