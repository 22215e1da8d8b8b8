//! `FIXPOINTS_SKIP_TABLES` through the real binary; which tables it means is tested beside the library.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

struct Project(tempfile::TempDir);

impl Project {
    /// A shop stored as `base`, and changed since.
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.sql(
            "CREATE TABLE authors (id INTEGER PRIMARY KEY);
             CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES authors);
             CREATE TABLE audit (id INTEGER PRIMARY KEY);
             INSERT INTO authors VALUES (1); INSERT INTO books VALUES (1, 1); INSERT INTO audit VALUES (1);",
        );
        assert_eq!(project.run(&["store", "base"], &[]).0, 0);
        project.sql("INSERT INTO books VALUES (2, 1)");
        project
    }

    fn sql(&self, text: &str) {
        fixpoints::write_file(&self.0.path().join("change.sql"), text.as_bytes()).unwrap();
        assert_eq!(self.run(&["sql", "change.sql"], &[]).0, 0);
    }

    /// The exit code, and what was printed on both streams.
    fn run(&self, args: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fixpoints"));
        command.args(args).current_dir(self.0.path()).env_clear();
        command
            .env("FIXPOINTS_DB", "sqlite:test.db")
            .envs(environment.iter().copied());
        // Without it no program starts on Windows.
        command.envs(std::env::vars().filter(|(name, _)| name == "SystemRoot"));
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (
            output.status.code().unwrap(),
            String::from_utf8(text).unwrap(),
        )
    }

    fn skipping(&self, tables: &str, args: &[&str]) -> (i32, String) {
        self.run(args, &[("FIXPOINTS_SKIP_TABLES", tables)])
    }
}

#[test]
fn skipped_tables_are_left_empty_and_not_compared() {
    let project = Project::new();
    assert_eq!(project.run(&["compare", "base"], &[]).0, 1);
    let (exit, text) = project.skipping("authors", &["restore", "base"]);
    assert_eq!(
        (exit, text.as_str()),
        (
            0,
            "sqlite:test.db is at base again\n\
             warning: FIXPOINTS_SKIP_TABLES is set, so that these were left empty: authors, books\n"
        )
    );
    let (exit, text) = project.skipping("authors", &["compare", "base"]);
    assert_eq!(
        (exit, text.as_str()),
        (
            0,
            "sqlite:test.db equals base: 1 table\n\
             warning: FIXPOINTS_SKIP_TABLES is set, so that these were not compared: authors, books\n"
        )
    );
    for (command, tables) in [("restore", 3), ("compare", 1)] {
        let (_, text) = project.skipping("authors", &["--output", "json", command, "base"]);
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let skipped = serde_json::json!(["authors", "books"]);
        assert_eq!(document["skipped_tables"], skipped, "{text}");
        assert_eq!(document["tables"].as_array().unwrap().len(), tables);
    }
    let (exit, text) = project.run(&["compare", "base"], &[]);
    assert!(
        exit == 1 && text.contains("authors (") && text.contains("books ("),
        "{text}"
    );
}

#[test]
fn what_depends_on_them_can_be_kept() {
    let project = Project::new();
    let keep = [
        ("FIXPOINTS_SKIP_TABLES", "authors"),
        ("FIXPOINTS_SKIP_DEPENDENTS", "keep"),
    ];
    assert_eq!(project.run(&["restore", "base"], &keep).0, 0);
    assert_eq!(
        project.run(&["compare", "base"], &keep).1,
        "sqlite:test.db equals base: 2 tables\n\
         warning: FIXPOINTS_SKIP_TABLES is set, so that these were not compared: authors\n"
    );
}

#[test]
fn a_skipped_table_that_is_to_be_compared_is_named_as_such() {
    let project = Project::new();
    let (exit, text) = project.skipping("authors", &["compare", "base", "--table", "books"]);
    assert_eq!(
        (exit, text.as_str()),
        (
            3,
            "error: books is skipped: FIXPOINTS_SKIP_TABLES names it, or a table it refers to\n\
             hint: unset FIXPOINTS_SKIP_TABLES, or name a table that is not skipped\n"
        )
    );
}

#[test]
fn a_name_with_a_comma_is_written_in_quotes() {
    let project = Project::new();
    project
        .sql("CREATE TABLE \"we,ird\" (id INTEGER PRIMARY KEY); INSERT INTO \"we,ird\" VALUES (1)");
    assert_eq!(project.run(&["store", "base"], &[]).0, 0);
    let (exit, text) = project.skipping("\"we,ird\"", &["compare", "base"]);
    assert!(
        exit == 0 && text.ends_with("not compared: we,ird\n"),
        "{text}"
    );
    let (exit, text) = project.skipping("we,ird", &["compare", "base"]);
    assert!(
        exit == 3 && text.contains("to one of audit, authors, books, \"we,ird\", or unset it"),
        "{text}"
    );
}

#[test]
fn an_empty_list_skips_nothing() {
    let project = Project::new();
    assert_eq!(project.skipping("", &["restore", "base"]).0, 0);
    assert_eq!(project.run(&["compare", "base"], &[]).0, 0);
}

#[test]
fn unknown_names_and_storing_are_refused() {
    let project = Project::new();
    for command in ["restore", "compare"] {
        let (exit, text) = project.skipping("bokks", &[command, "base"]);
        assert_eq!(
            (exit, text.as_str()),
            (
                3,
                "error: no table is called `bokks`, and FIXPOINTS_SKIP_TABLES is to skip it\n\
                 hint: set FIXPOINTS_SKIP_TABLES to one of books, audit, authors, or unset it\n"
            )
        );
    }
    let (exit, text) = project.skipping("books", &["store", "base"]);
    assert!(
        exit == 3 && text.contains("unset FIXPOINTS_SKIP_TABLES"),
        "{text}"
    );
    let (exit, text) = project.skipping("books", &["--output", "json", "store", "base"]);
    assert!(
        exit == 3 && text.contains(r#""kind": "implicit_write""#),
        "{text}"
    );
}

#[test]
fn a_plan_hides_tables_from_the_test_that_the_environment_names() {
    let project = Project::new();
    let plan = r#"{"tests/test_shop.py::test_sale": ["authors"]}"#;
    fixpoints::write_file(&project.0.path().join("plan.json"), plan.as_bytes()).unwrap();
    let with_plan = |args: &[&str], test: &[(&str, &str)]| {
        let plan = [
            ("FIXPOINTS_HIDE_PLAN", "plan.json"),
            ("FIXPOINTS_HIDE_LOG", "log.jsonl"),
        ];
        project.run(args, &[&plan, test].concat())
    };
    let sale = [(
        "PYTEST_CURRENT_TEST",
        "tests/test_shop.py::test_sale (setup)",
    )];
    let (exit, text) = with_plan(&["restore", "base"], &sale);
    assert_eq!(
        (exit, text.as_str()),
        (
            0,
            "sqlite:test.db is at base again\n\
             \x20 books  1 row deleted, 0 inserted\n\
             warning: FIXPOINTS_HIDE_PLAN is set, so that these were left empty: authors\n"
        )
    );
    let (exit, text) = with_plan(&["compare", "base"], &sale);
    assert!(
        exit == 0 && text.contains("not compared: authors"),
        "{text}"
    );
    let other = [("FIXPOINTS_TEST", "another")];
    let (exit, text) = with_plan(&["restore", "base"], &other);
    assert!(exit == 0 && !text.contains("left empty"), "{text}");
    let (exit, text) = with_plan(&["restore", "base"], &[]);
    assert!(
        exit == 3 && text.contains("set FIXPOINTS_TEST to"),
        "{text}"
    );
    let log = std::fs::read_to_string(project.0.path().join("log.jsonl")).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(
        lines[..2],
        [
            r#"{"test":"tests/test_shop.py::test_sale","fixpoint":"base","hidden":["authors"],"restored":{"audit":1,"books":1}}"#,
            r#"{"test":"another","fixpoint":"base","hidden":[],"restored":{"audit":1,"authors":1,"books":1}}"#,
        ]
    );
    assert!(lines.len() == 3 && lines[2].contains("refused"), "{log}");
}
