//! What is done to fixpoints that stand on each other, to sequences, and to files of other tools, through the real
//! binary; what the library does is tested beside the library.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

use serde_json::Value;

struct Project(tempfile::TempDir);

impl Project {
    fn new(sql: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.sql(sql);
        project
    }

    /// A child on a parent that was stored again since.
    fn moved(child: &str, parent: &str) -> Self {
        let project = Self::new(
            "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT, n REAL);
             INSERT INTO t VALUES (1, 'a', 1.0), (2, 'b', 2.0);",
        );
        project.run(&["store", "base"]);
        project.sql(child);
        project.run(&["store", "child", "--parent", "base"]);
        project.run(&["restore", "base"]);
        project.sql(parent);
        assert_eq!(project.run(&["store", "base"]).0, 0);
        project
    }

    fn file(&self, name: &str, text: &str) {
        fixpoints::write_file(&self.0.path().join(name), text.as_bytes()).unwrap();
    }

    fn sql(&self, text: &str) {
        self.file("change.sql", text);
        let (exit, _, stderr) = self.run(&["sql", "change.sql"]);
        assert_eq!(exit, 0, "{stderr}");
    }

    /// The exit code, stdout and stderr.
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fixpoints"));
        command.args(args).current_dir(self.0.path()).env_clear();
        command.env("FIXPOINTS_DB", "sqlite:test.db");
        // Without it no program starts on Windows.
        command.envs(std::env::vars().filter(|(name, _)| name == "SystemRoot"));
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code().unwrap(),
            text(output.stdout),
            text(output.stderr),
        )
    }

    fn json(&self, args: &[&str]) -> (i32, Value) {
        let all: Vec<&str> = ["--output", "json"].iter().chain(args).copied().collect();
        let (exit, stdout, stderr) = self.run(&all);
        assert_eq!(stderr, "", "with JSON nothing goes to stderr");
        (exit, serde_json::from_str(&stdout).unwrap())
    }
}

#[test]
fn a_moved_parent_is_mended_by_the_command_the_error_names() {
    let project = Project::moved(
        "INSERT INTO t VALUES (3, 'c', 3.0);",
        "UPDATE t SET v = 'A' WHERE id = 1;",
    );
    let (exit, error) = project.json(&["restore", "child"]);
    assert_eq!((exit, &error["kind"]), (3, &"parent_moved".into()));
    let hint = error["hint"].as_str().unwrap();
    let command = hint
        .strip_prefix("run `fixpoints ")
        .unwrap()
        .strip_suffix('`')
        .unwrap();
    let words: Vec<&str> = command.split(' ').collect();
    let (exit, rebase) = project.json(&words);
    assert_eq!((exit, &rebase["status"]), (0, &"rebased".into()));
    assert_eq!(project.run(&["restore", "child"]).0, 0);
    assert_eq!(project.json(&words).1["status"], "unchanged");
}

#[test]
fn conflicts_exit_with_1_and_read_in_three_versions() {
    let project = Project::moved(
        "UPDATE t SET v = 'mine' WHERE id = 1; DELETE FROM t WHERE id = 2;",
        "UPDATE t SET v = 'theirs' WHERE id = 1; UPDATE t SET n = NULL WHERE id = 2;",
    );
    let (exit, stdout, _) = project.run(&["rebase", "child", "--onto", "base"]);
    assert_eq!(exit, 1);
    insta::assert_snapshot!(stdout, @r#"
    t (2 conflicts)
      ! id 1: updated on both sides
          v: was "a", parent "theirs", here "mine"
      ! id 2: deleted here, updated in the parent
          n: was 2.0, parent null, here –
    child cannot stand on base: 2 conflicts; nothing was written
    hint: run `fixpoints rebase child --onto base --prefer child` to keep its side of every conflict, or with `--prefer parent` the other
    "#);
    assert_eq!(
        project.run(&["restore", "child"]).0,
        3,
        "the file is as it was"
    );
    let (exit, rebase) = project.json(&["rebase", "child", "--onto", "base", "--prefer", "child"]);
    assert_eq!((exit, &rebase["resolved"]), (0, &2.into()));
}

#[test]
fn diff_exits_with_0_and_1_and_opens_no_database() {
    let project = Project::moved(
        "INSERT INTO t VALUES (3, 'c', 3.0);",
        "CREATE TABLE u (id INTEGER PRIMARY KEY);",
    );
    project.run(&["store", "other"]);
    std::fs::remove_file(project.0.path().join("test.db")).unwrap();
    assert_eq!(project.run(&["diff", "base", "other"]).0, 0);
    project.run(&["rebase", "child", "--onto", "base"]);
    let (exit, stdout, _) = project.run(&["diff", "base", "child"]);
    assert_eq!(exit, 1);
    insta::assert_snapshot!(stdout, @r#"
    t (1 difference of 3 rows now)
      + id 3, v "c", n 3.0
    t sequence: 2 → 3
    child differs from base: 1 inserted
    "#);
    assert_eq!(
        project
            .run(&["diff", "base", "child", "--exclude-table", "t"])
            .0,
        0
    );
    let (exit, error) = project.json(&["diff", "base", "child", "--table", "x"]);
    assert_eq!((exit, &error["kind"]), (3, &"unknown_table".into()));
}

#[test]
fn remove_refuses_what_others_stand_on_and_names_them() {
    let project = Project::moved("SELECT 1;", "SELECT 1;");
    let (exit, error) = project.json(&["remove", "base"]);
    assert_eq!(
        (exit, &error["details"]["children"][0]),
        (3, &"child".into())
    );
    assert_eq!(
        project.run(&["remove", "child"]).1,
        "removed fixpoints/child.yaml\n"
    );
    assert_eq!(project.run(&["remove", "base"]).0, 0);
    assert_eq!(project.run(&["remove", "base"]).0, 3);
}

#[test]
fn doctors_hint_puts_sequences_right() {
    let project = Project::moved("SELECT 1;", "UPDATE sqlite_sequence SET seq = 0;");
    assert!(
        project
            .run(&["doctor"])
            .1
            .contains("`fixpoints sequences reset --table t`")
    );
    let (exit, stdout, _) = project.run(&["sequences", "reset", "--table", "t"]);
    assert_eq!(
        (exit, stdout.as_str()),
        (0, "t.id  0 → 2\n1 of 1 sequence moved in sqlite:test.db\n")
    );
    assert_eq!(project.json(&["sequences", "reset"]).1["moved"], 0);
    assert!(!project.run(&["doctor"]).1.contains("sequences reset"));
}

#[test]
fn sequences_of_a_database_that_is_not_for_tests_are_left_alone() {
    let project = Project::moved("SELECT 1;", "SELECT 1;");
    for args in [&["sequences", "reset"][..], &["import", "x.yml"]] {
        let all: Vec<&str> = ["--db", "sqlite:app.db"]
            .iter()
            .chain(args)
            .copied()
            .collect();
        let (exit, error) = project.json(&all);
        assert_eq!((exit, &error["kind"]), (3, &"not_a_test_database".into()));
    }
}

#[test]
fn import_exits_with_0_1_and_3() {
    let project = Project::moved("SELECT 1;", "SELECT 1;");
    project.file(
        "old/whole.yml",
        "t:\n- id: 1\n  v: :a\n  n: !ruby/object:BigDecimal 9:0.15e1\n",
    );
    project.file("old/part.yml", "t:\n- id: 1\n  v: a\n  n: 1.5\n  w: lost\n");
    project.file("old/bad.yml", "t:\n- id: *a\n");
    let (exit, stdout, _) = project.run(&["import", "old/whole.yml"]);
    assert_eq!(
        (exit, stdout.as_str()),
        (
            0,
            "created fixpoints/whole.yaml: 1 row, from old/whole.yml\n"
        )
    );
    let (exit, stdout, _) = project.run(&["import", "old/part.yml", "--name", "parts/one"]);
    assert_eq!(exit, 1);
    insta::assert_snapshot!(stdout, @r"
    created fixpoints/parts/one.yaml: 1 row, from old/part.yml
    lost  old/part.yml, line 2: t has no column w that could be written
    not everything was carried over from old/part.yml
    hint: correct the files or the schema and import them again, or commit what there is
    ");
    let (exit, error) = project.json(&["import", "old/bad.yml"]);
    assert_eq!(
        (exit, &error["kind"], &error["details"]["line"]),
        (3, &"import".into(), &2.into())
    );
    assert_eq!(
        project.run(&["compare", "base"]).0,
        0,
        "the database is as it was"
    );
}

#[test]
fn a_difference_of_tables_alone_names_them_in_the_verdict() {
    let project = Project::new("CREATE TABLE t (id INTEGER PRIMARY KEY);");
    project.run(&["store", "base"]);
    project.sql("CREATE TABLE u (id INTEGER PRIMARY KEY);");
    project.run(&["store", "new"]);
    let (exit, stdout, _) = project.run(&["diff", "base", "new"]);
    assert_eq!(exit, 1);
    insta::assert_snapshot!(stdout, @r"
    only in new: u
    new differs from base: 1 table
    ");
    let (_, stdout, _) = project.run(&["rebase", "new", "--onto", "base"]);
    insta::assert_snapshot!(stdout, @"new stands on base: no row changed");
    let (_, stdout, _) = project.run(&["show", "new", "--table", "t"]);
    assert!(
        stdout.contains("t (key id): 0 rows, no row changed"),
        "{stdout}"
    );
}

#[test]
fn a_child_that_cannot_win_is_told_how_it_can() {
    let project = Project::moved(
        "UPDATE t SET v = 'mine' WHERE id = 2;",
        "DELETE FROM t WHERE id = 2;",
    );
    let (exit, stdout, stderr) =
        project.run(&["rebase", "child", "--onto", "base", "--prefer", "child"]);
    assert_eq!(exit, 1);
    let said = format!("{stdout}{stderr}");
    assert!(
        said.contains("git show HEAD:./fixpoints/base.yaml > fixpoints/base-before.yaml`"),
        "{said}"
    );
    assert!(!said.contains("--prefer child"), "{said}");
}

#[test]
fn a_rebase_asks_the_database_and_says_where_it_could_not() {
    let project = Project::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT UNIQUE); INSERT INTO a VALUES (1, 's');",
    );
    project.run(&["store", "base"]);
    project.sql("INSERT INTO a VALUES (3, 'u');");
    project.run(&["store", "child", "--parent", "base"]);
    project.run(&["restore", "base"]);
    project.sql("INSERT INTO a VALUES (4, 'u');");
    project.run(&["store", "base"]);
    let (exit, stdout, stderr) = project.run(&["rebase", "child", "--onto", "base"]);
    assert_eq!(exit, 1);
    insta::assert_snapshot!(stdout + &stderr, @r"
    a (1 conflict)
      ! id 3: the database does not take it: UNIQUE constraint failed: a.n
    child cannot stand on base: 1 conflict; nothing was written
    hint: correct these rows in fixpoints/child.yaml or in `base`, then run `fixpoints rebase child --onto base` again
    ");
    std::fs::remove_file(project.0.path().join("test.db")).unwrap();
    let (exit, stdout, _) = project.run(&["rebase", "child", "--onto", "base"]);
    assert_eq!(exit, 0);
    insta::assert_snapshot!(stdout, @r"
    child stands on base: 1 inserted
      constraints were not checked: there is no database at sqlite:test.db; `fixpoints restore child` does
    ");
}

#[test]
fn an_import_of_a_row_that_refers_to_nothing_exits_with_1() {
    let project = Project::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE items (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users);",
    );
    project.file("x.yml", "items:\n- id: 1\n  user_id: 77\n");
    let (exit, stdout, _) = project.run(&["import", "x.yml"]);
    assert_eq!(exit, 1);
    insta::assert_snapshot!(stdout.lines().nth(1).unwrap(), @r#"broken  x.yml, line 2: row {"id": 1} of items refers by (user_id) to a missing row of users"#);
}
