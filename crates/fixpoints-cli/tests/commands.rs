//! Every command and every exit code through the real binary; what the library does is tested beside the library.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

struct Project(tempfile::TempDir);

/// What a run left behind.
struct Ran {
    exit: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {:?} {:?}", self.stdout, self.stderr))
    }
}

const SEED: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT, at TEXT);
INSERT INTO t (v) VALUES ('a'), ('b');
";

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.file("seed.sql", SEED);
        project
    }

    /// With the seed run and stored as `base`.
    fn stored() -> Self {
        let project = Self::new();
        assert_eq!(project.run(&["sql", "seed.sql"]).exit, 0);
        assert_eq!(project.run(&["store", "base"]).exit, 0);
        project
    }

    fn file(&self, name: &str, text: &str) {
        fixpoints::write_file(&self.path().join(name), text.as_bytes()).unwrap();
    }

    fn sql(&self, text: &str) {
        self.file("change.sql", text);
        let ran = self.run(&["sql", "change.sql"]);
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[("FIXPOINTS_DB", "sqlite:test.db")])
    }

    fn run_with(&self, args: &[&str], environment: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fixpoints"));
        command
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .envs(environment.iter().copied());
        // Without it no program starts on Windows.
        command.envs(std::env::vars().filter(|(name, _)| name == "SystemRoot"));
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran {
            exit: status.code().unwrap(),
            stdout: text(stdout),
            stderr: text(stderr),
        }
    }

    fn json(&self, args: &[&str]) -> (i32, Value) {
        let all: Vec<&str> = ["--output", "json"].iter().chain(args).copied().collect();
        let ran = self.run(&all);
        assert_eq!(ran.stderr, "", "with JSON nothing goes to stderr");
        (ran.exit, ran.json())
    }
}

#[test]
fn sql_creates_the_database_and_counts() {
    let project = Project::new();
    let (exit, sql) = project.json(&["sql", "seed.sql"]);
    assert_eq!(
        (exit, &sql["statements"], &sql["rows_changed"]),
        (0, &2.into(), &2.into())
    );
    assert!(project.path().join("test.db").exists());
}

#[test]
fn a_failed_script_exits_with_3_and_is_undone() {
    let project = Project::stored();
    project.file(
        "bad.sql",
        "DELETE FROM t;\n\nINSERT INTO nowhere VALUES (1);\n",
    );
    let (exit, error) = project.json(&["sql", "bad.sql"]);
    assert_eq!(
        (exit, &error["kind"], &error["details"]["line"]),
        (3, &"script".into(), &3.into())
    );
    assert_eq!(project.run(&["compare", "base"]).exit, 0);
}

#[test]
fn a_script_with_its_own_transactions_is_run_as_written() {
    let project = Project::new();
    project.file(
        "own.sql",
        "PRAGMA foreign_keys = OFF;\nBEGIN;\nCREATE TABLE t (id INTEGER PRIMARY KEY);\nCOMMIT;\n",
    );
    let (exit, sql) = project.json(&["sql", "own.sql"]);
    assert_eq!((exit, &sql["transaction"]), (0, &"own".into()));
    project.file(
        "own.sql",
        "BEGIN;\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (1);\n",
    );
    let (exit, error) = project.json(&["sql", "own.sql"]);
    assert_eq!(
        (
            exit,
            &error["details"]["statement"],
            &error["details"]["line"]
        ),
        (3, &3.into(), &3.into())
    );
    project.sql("CREATE TABLE proof AS SELECT count(*) AS n FROM t;");
    project.run(&["store", "proof"]);
    let (_, show) = project.json(&["show", "proof", "--rows", "--table", "proof"]);
    assert_eq!(
        show["tables"][0]["data"][0]["n"], 0,
        "an open transaction is rolled back"
    );
}

#[test]
fn store_reports_created_then_unchanged_then_replaced() {
    let project = Project::new();
    project.run(&["sql", "seed.sql"]);
    let status = || project.json(&["store", "base"]).1["status"].clone();
    assert_eq!(status(), "created");
    assert_eq!(status(), "unchanged");
    project.sql("DELETE FROM t;");
    let (exit, refused) = project.json(&["store", "base"]);
    assert_eq!((exit, &refused["kind"]), (3, &"would_empty".into()));
    let (_, forced) = project.json(&["store", "base", "--force"]);
    assert_eq!(forced["status"], "replaced");
    let (_, present) = project.json(&["store", "base", "--if-missing"]);
    assert_eq!(present["status"], "present");
}

#[test]
fn compare_exits_with_1_where_something_differs_and_names_the_command_to_store_again() {
    let project = Project::stored();
    assert_eq!(project.json(&["compare", "base"]).0, 0);
    project.sql("UPDATE t SET v = 'c' WHERE id = 2; CREATE TABLE other (id INTEGER PRIMARY KEY);");
    let (exit, compare) = project.json(&["compare", "base"]);
    assert_eq!((exit, &compare["status"]), (1, &"different".into()));
    let changed = &compare["tables"][0]["changes"][0];
    assert_eq!(changed["key"]["id"], 2);
    assert_eq!(
        changed["columns"][0],
        serde_json::json!({"column": "v", "old": "b", "new": "c"})
    );
    assert_eq!(
        compare["hint"],
        "if this is right, run `fixpoints store base --exclude-table other`"
    );
    let ran = project.run(&["compare", "base", "--ignore", "v"]);
    assert_eq!(ran.exit, 0, "{}", ran.stdout);
}

#[test]
fn a_difference_reads_row_by_key_and_column_by_column() {
    let project = Project::stored();
    project.sql("UPDATE t SET v = 'c', at = 'now' WHERE id = 2; DELETE FROM t WHERE id = 1; INSERT INTO t (v) VALUES (NULL);");
    let ran = project.run(&["compare", "base"]);
    insta::assert_snapshot!(ran.stdout, @r#"
    t (3 differences of 2 rows now)
      - id 1, v "a", at null
      ~ id 2
          v: "b" → "c"
          at: null → "now"
      + id 3, v null, at null
    t sequence: 2 → 3
    sqlite:test.db differs from base: 1 inserted, 1 updated, 1 deleted
    hint: if this is right, run `fixpoints store base`
    "#);
}

#[test]
fn or_store_writes_and_exits_with_1() {
    let project = Project::stored();
    let (exit, compare) = project.json(&["compare", "new", "--or-store", "--parent", "base"]);
    assert_eq!(
        (exit, &compare["status"], &compare["stored"]["kind"]),
        (1, &"stored".into(), &"incremental".into())
    );
    assert_eq!(project.json(&["compare", "new", "--or-store"]).0, 0);
}

#[test]
fn where_ci_is_set_implicit_writes_are_refused() {
    let project = Project::stored();
    let environment = [("FIXPOINTS_DB", "sqlite:test.db"), ("CI", "true")];
    for args in [
        ["compare", "new", "--or-store"],
        ["store", "new", "--if-missing"],
    ] {
        let ran = project.run_with(&args, &environment);
        assert_eq!((ran.exit, ran.stdout.as_str()), (3, ""));
        assert!(
            ran.stderr.contains("`fixpoints store new`"),
            "{}",
            ran.stderr
        );
        assert!(!project.path().join("fixpoints/new.yaml").exists());
    }
    assert_eq!(
        project
            .run_with(&["store", "base", "--if-missing"], &environment)
            .exit,
        0
    );
    assert_eq!(
        project.run_with(&["store", "new"], &environment).exit,
        0,
        "an explicit store is no implicit write"
    );
}

#[test]
fn a_missing_fixpoint_never_passes() {
    let project = Project::stored();
    for args in [["compare", "nope"], ["restore", "nope"], ["show", "nope"]] {
        let (exit, error) = project.json(&args);
        assert_eq!(
            (exit, &error["kind"], &error["failed"]),
            (3, &"missing_fixpoint".into(), &args[0].into())
        );
    }
}

#[test]
fn restore_brings_the_state_back() {
    let project = Project::stored();
    project.sql("DELETE FROM t;");
    let (exit, restore) = project.json(&["restore", "base"]);
    assert_eq!(
        (exit, &restore["status"], &restore["rows_inserted"]),
        (0, &"restored".into(), &2.into())
    );
    assert_eq!(project.json(&["restore", "base"]).1["status"], "unchanged");
}

#[test]
fn a_database_that_is_not_for_tests_is_left_alone_until_allowed() {
    let project = Project::new();
    let run = |args: &[&str]| project.run_with(args, &[("FIXPOINTS_DB", "sqlite:app.db")]);
    for args in [["sql", "seed.sql"], ["store", "base"], ["restore", "base"]] {
        let ran = run(&args);
        assert_eq!(ran.exit, 3);
        assert!(
            ran.stderr.contains("allow-databases = [\"app.db\"]"),
            "{}",
            ran.stderr
        );
    }
    assert!(!project.path().join("app.db").exists());
    project.file("fixpoints.toml", "allow-databases = [\"app.db\"]\n");
    assert_eq!(run(&["sql", "seed.sql"]).exit, 0);
}

#[test]
fn list_show_and_tree_need_no_database() {
    let project = Project::stored();
    project.run(&["store", "child", "--parent", "base"]);
    let json = |command: &[&str]| {
        let args: Vec<&str> = ["--output", "json"]
            .iter()
            .chain(command)
            .copied()
            .collect();
        project.run_with(&args, &[]).json()
    };
    assert_eq!(json(&["list"])["fixpoints"][1]["parent"]["name"], "base");
    assert_eq!(json(&["show", "child"])["ancestors"][0], "base");
    assert_eq!(json(&["tree"])["roots"][0]["children"][0]["name"], "child");
    insta::assert_snapshot!(project.run(&["show", "base", "--rows"]).stdout, @r#"
    base: sqlite, 344 bytes

    t (key id): 2 rows, sequence at 2
      id  v    at
      1   "a"  null
      2   "b"  null
    "#);
    insta::assert_snapshot!(project.run(&["tree"]).stdout, @r"
    base
    └── child
    ");
}

#[test]
fn doctor_exits_with_0_1_and_2() {
    let project = Project::stored();
    assert_eq!(project.json(&["doctor"]).0, 0);
    project.sql("CREATE TABLE log (line TEXT);");
    let (exit, doctor) = project.json(&["doctor"]);
    assert_eq!(
        (exit, &doctor["status"], &doctor["summary"]["warnings"]),
        (1, &"warnings".into(), &2.into())
    );
    project.file("fixpoints/torn.yaml", "format: 2\n");
    let (exit, doctor) = project.json(&["doctor"]);
    assert_eq!((exit, &doctor["status"]), (2, &"critical".into()));
    let ran = project.run_with(
        &["--output", "json", "doctor"],
        &[("FIXPOINTS_DB", "sqlite:none-test.db")],
    );
    assert_eq!(
        (ran.exit, &ran.json()["checks"][0]["status"]),
        (2, &"critical".into())
    );
}

#[test]
fn doctor_ends_each_finding_with_its_fix() {
    let project = Project::stored();
    project.sql("CREATE TABLE log (line TEXT);");
    insta::assert_snapshot!(project.run(&["doctor"]).stdout, @r"
    database       ok
    files          ok
    parents        ok
    schema         ok
    coverage       warning
    keys           warning
    sequences      ok
    foreign keys   ok
    configuration  ok
    store          ok
    restore        ok
    size           ok
    warning: `base` does not cover log
    hint: run `fixpoints restore base && fixpoints store base` to cover what is in it now, or add the table to `exclude`
    warning: table log has no key, so a changed row shows as one deleted and one inserted
    hint: give log a primary key, or a unique index over columns that are NOT NULL
    1 fixpoint, 2 tables: 0 critical, 2 warnings
    ");
}

#[test]
fn schemas_are_written_once_and_then_unchanged() {
    let project = Project::new();
    let statuses = || {
        let (exit, exported) = project.json(&["export-schemas", "schemas"]);
        assert_eq!(exit, 0);
        exported["schemas"]
            .as_array()
            .unwrap()
            .iter()
            .map(|schema| schema["status"].clone())
            .collect::<Vec<_>>()
    };
    assert!(statuses().iter().all(|status| status == "created"));
    assert!(statuses().iter().all(|status| status == "unchanged"));
    for (name, _) in fixpoints_cli::output::schemas() {
        let path = project.path().join(format!("schemas/{name}.schema.json"));
        let text = std::fs::read_to_string(&path).unwrap();
        let schema: Value = serde_json::from_str(&text).unwrap();
        assert!(text.ends_with("}\n"));
        assert_eq!(schema["properties"]["command"]["const"], name);
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        assert_eq!(
            schema["$defs"]["Run"]["properties"]["duration_ms"]["x-stillframe"],
            "duration"
        );
    }
}

#[test]
fn completions_are_a_script_or_a_document() {
    let project = Project::new();
    let script = project.run(&["completions", "bash"]);
    assert!(script.exit == 0 && script.stdout.contains("_fixpoints"));
    assert_eq!(
        project.json(&["completions", "bash"]).1["script"],
        script.stdout
    );
}

#[test]
fn wrong_usage_exits_with_2_and_prints_no_document() {
    let project = Project::new();
    for args in [
        &["--output", "json", "stor"][..],
        &[],
        &["compare", "x", "--parent", "y"],
        &["completions", "klingon"],
    ] {
        let ran = project.run(args);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{args:?}");
        assert!(!ran.stderr.is_empty());
    }
}

#[test]
fn settings_come_from_arguments_then_environment_then_configuration() {
    let project = Project::new();
    project.file(
        "fixpoints.toml",
        "db = \"sqlite:from-config-test.db\"\ndir = \"saved\"\n",
    );
    let database = |args: &[&str], environment: &[(&str, &str)]| {
        let all: Vec<&str> = ["--output", "json"]
            .iter()
            .chain(args)
            .chain(&["sql", "seed.sql"])
            .copied()
            .collect();
        project.run_with(&all, environment).json()["database"].clone()
    };
    let environment = [("FIXPOINTS_DB", "sqlite:from-environment-test.db")];
    assert_eq!(
        database(&["--db", "sqlite:from-arguments-test.db"], &environment),
        "sqlite:from-arguments-test.db"
    );
    assert_eq!(
        database(&[], &environment),
        "sqlite:from-environment-test.db"
    );
    assert_eq!(database(&[], &[]), "sqlite:from-config-test.db");
    assert_eq!(project.run_with(&["store", "x"], &[]).exit, 0);
    assert!(project.path().join("saved/x.yaml").exists());
    assert_eq!(
        project
            .run_with(&["store", "x"], &[("FIXPOINTS_DIR", "elsewhere")])
            .exit,
        0
    );
    assert!(project.path().join("elsewhere/x.yaml").exists());
}

#[test]
fn configured_masks_hold_on_compare_only() {
    let project = Project::stored();
    project.file("fixpoints.toml", "ignore = [\"t.at\"]\n");
    project.sql("UPDATE t SET at = 'now';");
    assert_eq!(project.run(&["compare", "base"]).exit, 0);
    assert_eq!(
        project.json(&["store", "base"]).1["status"],
        "replaced",
        "a mask leaves nothing out of a file"
    );
}

#[test]
fn a_password_is_never_printed() {
    let project = Project::new();
    // Nobody listens at the first, and no build knows the second.
    for (url, exit) in [
        ("postgres://me:s3cret@127.0.0.1:1/test", 2),
        ("mysql://me:s3cret@host/test", 3),
    ] {
        for output in ["text", "json"] {
            let ran = project.run_with(&["--output", output, "--db", url, "doctor"], &[]);
            assert_eq!(ran.exit, exit, "{}{}", ran.stdout, ran.stderr);
            assert!(!ran.stdout.contains("s3cret") && !ran.stderr.contains("s3cret"));
        }
    }
}

#[test]
fn a_failure_in_text_ends_with_its_fix() {
    let project = Project::stored();
    let ran = project.run(&["restore", "bas"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (3, ""));
    insta::assert_snapshot!(ran.stderr, @r"
    error: no fixpoint named `bas` in fixpoints
    hint: run `fixpoints store bas` to store it, or `fixpoints list` to see what there is
    ");
}

#[test]
fn every_line_of_help_is_one_imperative_sentence() {
    use clap::CommandFactory as _;
    let command = fixpoints_cli::args::Cli::command();
    let about = |command: &clap::Command| {
        command
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    for text in command
        .get_subcommands()
        .map(about)
        .chain([about(&command)])
    {
        assert!(
            text.starts_with(char::is_uppercase) && !text.ends_with('.') && !text.contains('\n'),
            "{text:?}"
        );
    }
}
