//! What the program refuses, so that nothing is lost that somebody needs: databases, scripts, names, imports.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;

use project::Project;

const SEED: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id));
INSERT INTO a VALUES (1, 'x'), (2, 'y');
INSERT INTO b VALUES (1, 1);
";

fn stored() -> Project {
    Project::stored("sqlite:test.db", SEED)
}

#[test]
fn test_must_be_a_word_of_a_databases_name() {
    let project = Project::new("");
    project.file("seed.sql", SEED);
    for name in [
        "latest.db",
        "contest.db",
        "attestation.sqlite",
        "app.db",
        "tests/app.db",
    ] {
        let (kind, message, hint) = project.fails(&["--db", name, "sql", "seed.sql"]);
        assert_eq!(kind, "not_a_test_database");
        assert!(message.contains(name) && hint.contains("allow-databases = [\""));
        assert!(!project.path().join(name).exists());
    }
    for name in [
        "test.db",
        "app_test.db",
        "test1.sqlite",
        "MyAppTest.db",
        "my-tests.db",
    ] {
        project.done(&["--db", name, "sql", "seed.sql"]);
    }
    // Not even the server is asked.
    let (kind, ..) = project.fails(&["--db", "postgres://h/attestation", "store", "x"]);
    assert_eq!(kind, "not_a_test_database");
    let url = "postgres://h/app_test?dbname=app";
    assert_eq!(project.fails(&["--db", url, "store", "x"]).0, kind);
}

#[cfg(unix)]
#[test]
fn a_link_is_judged_by_what_it_leads_to_as_well() {
    let project = stored();
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, project.path().join(name)).unwrap();
    };
    std::fs::copy(
        project.path().join("test.db"),
        project.path().join("app.db"),
    )
    .unwrap();
    link("app.db", "test-x.db");
    link("test-x.db", "test-y.db");
    link("not-there.db", "test-z.db");
    link("test.db", "app-test.db");
    for (name, target) in [
        ("test-x.db", "app.db"),
        ("test-y.db", "app.db"),
        ("test-z.db", "not-there.db"),
    ] {
        for args in [["restore", "base"], ["sql", "script.sql"]] {
            let (kind, message, hint) = project.fails(&["--db", name, args[0], args[1]]);
            assert_eq!(kind, "not_a_test_database", "{name}");
            assert!(
                message.contains(name) && message.contains(target),
                "{message}"
            );
            assert!(hint.contains(&format!("[\"{target}\"]")), "{hint}");
        }
    }
    assert!(!project.path().join("not-there.db").exists());
    project.done(&["--db", "app-test.db", "restore", "base"]);
    project.file("fixpoints.toml", "allow-databases = [\"app.db\"]\n");
    project.done(&["--db", "test-x.db", "restore", "base"]);
}

#[test]
fn a_transaction_that_nothing_ends_is_refused_and_undone() {
    let project = stored();
    for (script, statement, line) in [
        ("BEGIN;\nDELETE FROM b;\n", 1, 1),
        ("-- a comment\n\nbegin immediate;\nDELETE FROM b;", 1, 3),
        (
            "PRAGMA user_version = 0;\nSAVEPOINT s;\nDELETE FROM b;\n",
            2,
            2,
        ),
        ("BEGIN;\nCOMMIT;\nSELECT 1;\nBEGIN;\nDELETE FROM b;\n", 4, 4),
        ("SELECT 1;  BEGIN;\nDELETE FROM b;\n", 2, 1),
    ] {
        project.file("open.sql", script);
        let (exit, error) = project.json(&["sql", "open.sql"]);
        assert_eq!((exit, &error["kind"]), (3, &"script".into()), "{script}");
        let place = (&error["details"]["statement"], &error["details"]["line"]);
        assert_eq!(place, (&statement.into(), &line.into()), "{script}");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("a transaction that nothing ends"),
            "{message}"
        );
        project.done(&["compare", "base"]);
    }
    project.file(
        "whole.sql",
        "BEGIN;\nSAVEPOINT s;\nDELETE FROM b;\nRELEASE s;\nEND;\n",
    );
    project.done(&["sql", "whole.sql"]);
    assert_eq!(project.run(&["compare", "base"]).exit, 1);
}

#[test]
fn rows_that_break_foreign_keys_are_said_when_they_are_stored() {
    let project = Project::new("sqlite:test.db");
    project.sql(SEED);
    project.sql("PRAGMA foreign_keys = OFF;\nINSERT INTO b VALUES (7, 99);\n");
    insta::assert_snapshot!(project.done(&["store", "base"]), @r#"
    created fixpoints/base.yaml: 2 tables, 4 rows, 518 bytes
    warning: row {"id": 7} of b refers by (a_id) to a missing row of a
    hint: correct the row and store again; a restore refuses to break foreign keys, unless fixpoints.toml has `broken-references = "keep"`
    "#);
    for args in [&["store", "base"][..], &["compare", "new", "--or-store"]] {
        let (_, document) = project.json(args);
        let stored = document.get("stored").unwrap_or(&document);
        assert_eq!(stored["warnings"][0]["subject"], "b", "{document}");
    }
    let shown = project.run(&["compare", "newer", "--or-store"]).stdout;
    assert!(shown.contains("warning: row {\"id\": 7} of b"), "{shown}");
}

#[test]
fn a_name_that_another_one_has_but_for_its_case_is_refused() {
    let project = stored();
    project.done(&["store", "shop/paid", "--parent", "base"]);
    for (name, other) in [
        ("Base", "`base`"),
        ("shop/PAID", "`shop/paid`"),
        ("Shop/new", "`shop/paid`"),
    ] {
        for args in [
            &["store", name][..],
            &["store", name, "--parent", "base"],
            &["store", name, "--if-missing"],
            &["compare", name, "--or-store"],
        ] {
            let (kind, message, _) = project.fails(args);
            assert_eq!(kind, "bad_name", "{args:?}");
            assert!(message.contains(other), "{message}");
        }
    }
    project.file("BASE.yml", "a:\n- id: 1\n  name: x\n");
    assert_eq!(project.fails(&["import", "BASE.yml"]).0, "bad_name");
    assert_eq!(project.done(&["list"]).lines().count(), 2);
    project.done(&["store", "base"]);
    project.done(&["store", "shop/new"]);
}

const GOOD: &str = "a:\n- id: 1\n  name: Ada\nb: []\n";

#[test]
fn several_imports_are_written_together_or_not_at_all() {
    let project = stored();
    let base = project.read("fixpoints/base.yaml");
    project.file("in/base.yml", GOOD);
    project.file("in/two.yml", GOOD);
    project.file(
        "in/child.yml",
        "a:\n- name: Eve\n\"++parent_fixpoint++\": base\n",
    );
    project.file(
        "in/late.yml",
        "a:\n- id: 2\n  name: Bob\nb: []\n\"++parent_fixpoint++\": base\n",
    );
    project.file("bad.yml", "a:\n- id: 1\n- id: 1\n");
    let untouched = |why: &str| {
        assert_eq!(project.read("fixpoints/base.yaml"), base, "{why}");
        let names = std::fs::read_dir(project.path().join("fixpoints")).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.retain(|name| name != "two.yaml");
        assert_eq!(names, ["base.yaml"], "{why}");
    };
    let (kind, message, _) = project.fails(&["import", "in/base.yml", "in/two.yml", "bad.yml"]);
    assert!(kind == "import" && message.contains("bad.yml"), "{message}");
    untouched("the last file is refused");

    let in_the_way = project.path().join("fixpoints/two.yaml");
    std::fs::create_dir(&in_the_way).unwrap();
    let (kind, message, _) = project.fails(&["import", "in/base.yml", "in/two.yml"]);
    assert!(kind == "io" && message.contains("two.yaml"), "{message}");
    untouched("a folder is in the way of the last file");
    std::fs::remove_dir(&in_the_way).unwrap();

    let done = project.done(&["import", "in/child.yml", "in/late.yml", "in/two.yml"]);
    let written: Vec<&str> = done
        .lines()
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(
        written[..4],
        [
            "replaced fixpoints/base.yaml",
            "created fixpoints/child.yaml on top of base",
            "created fixpoints/late.yaml on top of base",
            "created fixpoints/two.yaml",
        ]
    );
    project.file("other/two.yml", GOOD);
    let (_, message, _) = project.fails(&["import", "in/two.yml", "other/two.yml"]);
    assert!(
        message.contains("in/two.yml is called `two` too"),
        "{message}"
    );
    let (_, message, _) = project.fails(&["import", "in/two.yml", "other/two.yml", "--name", "x"]);
    assert!(message.contains("one by one"), "{message}");
}

#[test]
fn rows_that_were_broken_before_come_back_where_the_project_says_so() {
    let orphan = "PRAGMA foreign_keys = OFF;\nINSERT INTO b VALUES (7, 99);\n";
    let project = Project::new("sqlite:test.db");
    project.sql(SEED);
    project.sql(orphan);
    let stored = project.done(&["store", "base"]);
    assert!(
        stored.contains("`broken-references = \"keep\"`"),
        "{stored}"
    );
    project.sql("DELETE FROM b WHERE id = 1;");
    let (kind, _, hint) = project.fails(&["restore", "base"]);
    assert_eq!(kind, "broken_references");
    assert!(hint.contains("`broken-references = \"keep\"`"), "{hint}");
    project.file("fixpoints.toml", "broken-references = \"keep\"\n");
    let warning = "warning: row {\"id\": 7} of b refers by (a_id) to a missing row of a\n";
    let restored = project.done(&["restore", "base"]);
    assert!(
        restored.contains("b  0 rows deleted, 1 inserted") && restored.ends_with(warning),
        "{restored}"
    );
    project.done(&["compare", "base"]);
    assert!(project.done(&["restore", "base"]).ends_with(warning));
    assert_eq!(
        project.json(&["restore", "base"]).1["warnings"][0]["subject"],
        "b"
    );
    // What the restore itself would break is still refused.
    project.file(
        "fixpoints.toml",
        "broken-references = \"keep\"\nexclude = [\"b\"]\n",
    );
    project.done(&["store", "part"]);
    project.sql("INSERT INTO a VALUES (3, 'z'); INSERT INTO b VALUES (8, 3);");
    let (kind, message, _) = project.fails(&["restore", "part"]);
    assert_eq!(kind, "broken_references");
    assert!(message.contains("{\"id\": 8}"), "{message}");
}

#[test]
fn a_script_is_one_transaction_unless_a_statement_of_it_begins_or_ends_one() {
    for (before, stays) in [
        (
            "CREATE TRIGGER t AFTER INSERT ON b\nBEGIN\n  SELECT 1;\nEND;",
            false,
        ),
        ("INSERT INTO a VALUES (4, 'first\nend of story');", false),
        ("/* what comes now\nbegins here\nend */", false),
        (
            "INSERT INTO a VALUES (4, CASE WHEN 1 THEN 'x'\nEND);",
            false,
        ),
        ("SELECT 1; COMMIT;", true),
        ("/* x */ PRAGMA user_version = 1;", true),
        ("INSERT INTO a VALUES (4, 'x'); BEGIN; COMMIT;", true),
    ] {
        let project = stored();
        let script =
            format!("INSERT INTO a VALUES (3, 'z');\n{before}\nINSERT INTO nowhere VALUES (1);");
        project.file("half.sql", &script);
        let (failed, error) = project.json(&["sql", "half.sql"]);
        let hint = error["hint"].as_str().unwrap();
        let (exit, compared) = project.json(&["compare", "base"]);
        assert_eq!(
            (failed, exit),
            (3, i32::from(stays)),
            "{script}: {compared}"
        );
        assert_eq!(hint.contains("stays"), stays, "{script}: {hint}");
    }
    let project = stored();
    project.file("own.sql", "/* ours */ BEGIN; DELETE FROM b; COMMIT;");
    project.done(&["sql", "own.sql"]);
}

#[test]
fn a_fixpoint_of_another_engine_is_not_replaced_however_its_file_is_laid_out() {
    let project = stored();
    let text = project.read("fixpoints/base.yaml");
    let head = "engine: sqlite\n";
    for engine in [
        "engine: postgres\n",
        "engine: \"postgres\"\n",
        "'engine': 'postgres'\n",
        "engine: postgres # the server\n",
        "engine  : postgres\n",
        "# engine: sqlite\nengine: postgres\n",
    ] {
        for rest in ["", "\t damaged\n"] {
            let other = text.replace(head, engine) + rest;
            project.file("fixpoints/base.yaml", &other);
            let (kind, ..) = project.fails(&["store", "base"]);
            assert_eq!(kind, "other_engine", "{other}");
            assert_eq!(project.read("fixpoints/base.yaml"), other);
        }
    }
    for engine in [
        "engine: \"sqlite\"\n",
        "# engine: postgres\nengine: sqlite\n",
    ] {
        project.file("fixpoints/base.yaml", &text.replace(head, engine));
        project.done(&["store", "base"]);
    }
    project.file(
        "fixpoints/base.yaml",
        "{\"format\": 2, \"engine\": \"postgres\", \"tables\": {}}",
    );
    assert_eq!(project.fails(&["store", "base"]).0, "other_engine");
}

#[test]
fn what_another_fixpoint_stands_on_stays_where_that_one_cannot_be_read() {
    let project = stored();
    project.sql("INSERT INTO a VALUES (3, 'z');");
    project.done(&["store", "kid", "--parent", "base"]);
    let kid = project.read("fixpoints/kid.yaml");
    let row = kid.lines().find(|line| line.contains("insert")).unwrap();
    let merge = format!("<<<<<<< HEAD\n{row}\n=======\n>>>>>>> other");
    for (what, text) in [
        ("edited", kid.replace("\"z\"", "\"y\"")),
        ("in a merge", kid.replace(row, &merge)),
        ("cut off", kid[..kid.len() - 20].to_owned()),
        ("of format 1", kid.replace("format: 2", "format: 1")),
        (
            "laid out anew",
            kid.replace("parent: {", "parent: {\n  ") + "\t",
        ),
    ] {
        project.file("fixpoints/kid.yaml", &text);
        let (kind, message, _) = project.fails(&["remove", "base"]);
        assert_eq!(kind, "has_children", "{what}: {message}");
    }
    project.file("fixpoints/kid.yaml", "\t");
    project.done(&["remove", "base"]);
    project.done(&["remove", "kid"]);
}
