//! What is said of each failure: what happened, where, and a fix that works as it is and loses no sound fixpoint.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;

use project::Project;

const SEED: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id));
INSERT INTO a VALUES (1, 'x'), (2, 'y');
INSERT INTO b VALUES (1, 1);
";

fn stored() -> Project {
    Project::stored("sqlite:test.db", SEED)
}

/// The commands between backticks.
fn commands(text: &str) -> Vec<String> {
    let parts = text.split('`').skip(1).step_by(2);
    let commands = parts.filter(|part| part.starts_with("fixpoints "));
    commands.map(str::to_owned).collect()
}

#[test]
fn no_hint_after_a_failed_restore_stores_over_a_fixpoint() {
    let project = stored();
    project.done(&["store", "child", "--parent", "base"]);
    let base = project.read("fixpoints/base.yaml");
    let broken = base.replace("\"a_id\": 1}", "\"a_id\": 9}");
    let twice = base.replace("\"y\"}", "\"x\"}");
    let torn = base.replace("\nrows:", "\nrows: [");
    let other = base.replace("engine: sqlite", "engine: postgres");
    let newer = base.replace("format: 2", "format: 3");
    let child = project.read("fixpoints/child.yaml");
    // What stands on a fixpoint takes its place.
    project.done(&["store", "ring"]);
    project.done(&["store", "kid", "--parent", "ring"]);
    let ring = project.read("fixpoints/kid.yaml");
    let orphan = child.replace("\"base\"", "\"gone\"");
    for (name, text, kind) in [
        ("broken", &broken, "broken_references"),
        ("twice", &twice, "row"),
        ("torn", &torn, "corrupt"),
        ("other", &other, "other_engine"),
        ("newer", &newer, "unsupported_format"),
        ("ring", &ring, "parent_cycle"),
        ("orphan", &orphan, "parent_missing"),
    ] {
        match kind {
            "corrupt" | "unsupported_format" | "parent_cycle" => {
                project.file(&format!("fixpoints/{name}.yaml"), text);
            }
            _ => project.edit(name, text),
        }
        let text = project.read(&format!("fixpoints/{name}.yaml"));
        let (found, message, hint) = project.fails(&["restore", name]);
        assert_eq!(found, kind, "{message}");
        assert!(!hint.contains("fixpoints store"), "{hint}");
        assert_eq!(project.read(&format!("fixpoints/{name}.yaml")), text);
    }
    project.done(&["compare", "base"]);
}

#[test]
fn what_replaces_a_file_says_so_and_of_what() {
    let project = stored();
    project.sql("ALTER TABLE a ADD COLUMN fresh TEXT; CREATE TABLE log (id INTEGER PRIMARY KEY);");
    for args in [["restore", "base"], ["compare", "base"]] {
        let (kind, _, hint) = project.fails(&args);
        assert_eq!(kind, "schema_drift");
        assert_eq!(
            hint,
            "copy the files with `cp -r fixpoints fixpoints-old`, give the database its old schema, run `fixpoints restore base --dir fixpoints-old`, migrate it, and run `fixpoints store base`; what stands on `base` follows from the same copy"
        );
    }
    project.sql("ALTER TABLE a DROP COLUMN fresh; DELETE FROM b;");
    let shown = project.run(&["doctor"]).stdout;
    let [cover] = &commands(&shown)[..] else {
        panic!("{shown}")
    };
    assert_eq!(cover, "fixpoints restore base && fixpoints store base");
    assert_eq!(project.shell(cover).exit, 0);
    assert!(project.read("fixpoints/base.yaml").contains("\"a_id\": 1"));
    assert!(project.read("fixpoints/base.yaml").contains("log:"));
}

#[test]
fn a_comparison_says_how_to_store_the_same_tables_again() {
    let project = stored();
    project.sql("CREATE TABLE \"o'clock log\" (id INTEGER PRIMARY KEY); DELETE FROM b;");
    let hint = |args: &[&str]| {
        let (exit, compare) = project.json(args);
        assert_eq!(exit, 1);
        compare["hint"].as_str().unwrap().to_owned()
    };
    let again = hint(&["compare", "base"]);
    let left_out = hint(&["compare", "base", "--exclude-table", "o'clock log"]);
    assert_eq!(
        commands(&again),
        commands(&left_out),
        "an exclusion is kept"
    );
    assert!(left_out.ends_with(", which stores what was not compared too"));
    let tables = |text: &str| text.lines().filter(|line| line.contains("\"key\"")).count();
    let before = tables(&project.read("fixpoints/base.yaml"));
    assert_eq!(project.shell(&commands(&again)[0]).exit, 0);
    assert_eq!(tables(&project.read("fixpoints/base.yaml")), before);
    project.done(&["compare", "base"]);
}

#[test]
fn hints_carry_what_was_typed_and_work_as_they_are() {
    let project = Project::new("sqlite:none-test.db");
    let typed = ["--db", "sqlite:my test.db", "--dir", "my dir"];
    let run = |args: &[&str]| project.run(&[&typed[..], args].concat());
    project.file("seed.sql", SEED);
    project.file("wreck.sql", "DELETE FROM b;");
    assert_eq!(run(&["sql", "seed.sql"]).exit, 0);
    assert_eq!(run(&["store", "base"]).exit, 0);
    assert_eq!(run(&["store", "child", "--parent", "base"]).exit, 0);
    assert_eq!(run(&["sql", "wreck.sql"]).exit, 0);
    let shown = run(&["compare", "base"]).stdout;
    let command = "fixpoints --db 'sqlite:my test.db' --dir 'my dir' store base";
    assert_eq!(commands(&shown), [command]);
    let ran = project.shell(command);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    let rebase = "fixpoints --db 'sqlite:my test.db' --dir 'my dir' rebase child --onto base";
    assert_eq!(commands(&ran.stdout), [rebase]);
    assert_eq!(commands(&run(&["tree"]).stdout), [rebase]);
    assert_eq!(commands(&run(&["restore", "child"]).stderr), [rebase]);
    let document = run(&["--output", "json", "restore", "child"]).json();
    assert_eq!(commands(document["hint"].as_str().unwrap()), [rebase]);
    assert_eq!(project.shell(rebase).exit, 0);
    assert_eq!(run(&["restore", "child"]).exit, 0);
    let missing = run(&["restore", "nope"]).stderr;
    let list = &commands(&missing)[1];
    assert_eq!(project.shell(list).exit, 0, "{list}");
}

#[test]
fn what_a_build_server_may_not_write_is_given_as_the_whole_command() {
    let mut project = stored();
    project.set("CI", "true");
    let options = ["--parent", "base", "--exclude-table", "b"];
    for args in [
        ["compare", "new", "--or-store"],
        ["store", "new", "--if-missing"],
    ] {
        let (kind, _, hint) = project.fails(&[&args[..], &options].concat());
        assert_eq!(kind, "implicit_write");
        let command = "fixpoints store new --parent base --exclude-table b";
        assert_eq!(commands(&hint), [command]);
        assert_eq!(project.shell(command).exit, 0);
        std::fs::remove_file(project.path().join("fixpoints/new.yaml")).unwrap();
    }
}

#[test]
fn a_hint_never_repeats_a_password() {
    let project = Project::new("");
    for url in [
        "postgres://me:s3cret@127.0.0.1:1/shop_test",
        "postgres://127.0.0.1:1/shop_test?user=me&password=s3cret",
    ] {
        let ran = project.run(&["--db", url, "restore", "nope"]);
        assert!(!ran.stderr.contains("s3cret"), "{}", ran.stderr);
        let commands = commands(&ran.stderr);
        assert_eq!(
            commands,
            ["fixpoints --db URL store nope", "fixpoints list"]
        );
    }
    let url = "host=localhost password=s3cret dbname=shop_test";
    let ran = project.run(&["--db", url, "restore", "nope"]);
    assert!(
        ran.exit == 3 && !ran.stderr.contains("s3cret"),
        "{}",
        ran.stderr
    );
    project.file(
        "fixpoints.toml",
        "db = \"postgres://me:s3cret@h/test\" oops\n",
    );
    let ran = project.run(&["list"]);
    assert!(
        ran.exit == 3 && !ran.stderr.contains("s3cret"),
        "{}",
        ran.stderr
    );
}

#[test]
fn conflicts_are_settled_by_a_command_that_can_be_copied() {
    let project = stored();
    project.sql("UPDATE a SET name = 'mine' WHERE id = 1;");
    project.done(&["store", "child", "--parent", "base"]);
    project.sql("UPDATE a SET name = 'theirs' WHERE id = 1;");
    project.done(&["store", "base"]);
    let (exit, rebase) = project.json(&["rebase", "child", "--onto", "base"]);
    let command = &commands(rebase["hint"].as_str().unwrap())[0];
    assert_eq!(exit, 1);
    assert_eq!(project.shell(command).exit, 0, "{command}");
    assert!(project.read("fixpoints/child.yaml").contains("mine"));
}

#[test]
fn a_tree_says_what_is_wrong_with_what() {
    let project = stored();
    project.done(&["store", "child", "--parent", "base"]);
    project.done(&["store", "grandchild", "--parent", "child"]);
    let base = project.read("fixpoints/base.yaml");
    project.file("fixpoints/base.yaml", &base.replace("\nrows:", "\nrows: ["));
    insta::assert_snapshot!(project.done(&["tree"]), @r"
    base  (unreadable)
      fixpoints/base.yaml, line 9, is not a readable fixpoint: while parsing a flow mapping, did not find expected ',' or '}'
      hint: bring back the committed file with `git checkout -- fixpoints/base.yaml`, or correct line 9 and run `fixpoints accept base`
    └── child  (it stands on `base`, which cannot be read)
        └── grandchild  (it stands on `base`, which cannot be read)
    ");
    let shown = project.run(&["doctor"]).stdout;
    assert!(
        shown.contains("critical: `child` stands on fixpoints/base.yaml, which cannot be read")
    );
    std::fs::remove_file(project.path().join("fixpoints/base.yaml")).unwrap();
    insta::assert_snapshot!(project.done(&["tree"]), @r"
    base  (missing)
      hint: bring back the committed file with `git checkout -- fixpoints/base.yaml`
    └── child  (it stands on `base`, which does not exist)
        └── grandchild  (it stands on `base`, which does not exist)
    ");
    project.edit("base", &base.replace("\"x\"", "\"z\""));
    let (_, tree) = project.json(&["tree"]);
    let child = &tree["roots"][0]["children"][0];
    assert_eq!(
        (&child["status"], &child["children"][0]["status"]),
        (&"parent_moved".into(), &"blocked".into())
    );
    let stray = project
        .read("fixpoints/child.yaml")
        .replace("\"base\"", "\"../../base\"");
    project.file("fixpoints/child.yaml", &stray);
    let (_, message, _) = project.fails(&["accept", "child"]);
    assert!(
        message.contains("its parent: `../../base` cannot name a fixpoint"),
        "{message}"
    );
    let shown = project.done(&["tree"]);
    assert!(!shown.contains("../../base  (missing)"), "{shown}");
}

#[test]
fn what_cannot_be_opened_is_said_with_what_to_do() {
    let project = stored();
    std::fs::create_dir(project.path().join("test-folder.db")).unwrap();
    project.file(
        "test-note.db",
        "this is a note, and not a database of any kind",
    );
    project.file("fixpoints/marks.yaml", "<<<<<<< ours\n");
    project.file("fixpoints/twice.yaml", "format: 2\nformat: 2\n");
    project.file(
        "fixpoints/bomb.yaml",
        "format: 2\nengine: &a sqlite\ntables: *a\n",
    );
    project.file(
        "fixpoints/tag.yaml",
        "format: 2\nengine: !ruby/object:X sqlite\n",
    );
    for (args, message, hint) in [
        (
            &["--db", "test-folder.db", "restore", "base"][..],
            "sqlite:test-folder.db: it is a folder",
            "--db sqlite:FILE",
        ),
        (
            &["--db", "test-note.db", "restore", "base"],
            "file is not a database",
            "--db sqlite:FILE",
        ),
        (
            &["--db", "no/test.db", "sql", "script.sql"],
            "its folder does not exist",
            "create the folder",
        ),
        (
            &["--db", "other-test.db", "restore", "base"],
            "there is no database at sqlite:other-test.db",
            "`fixpoints --db other-test.db sql FILE`",
        ),
        (
            &["--db", "nonsense", "restore", "base"],
            "no known kind of database",
            "postgres://user@host/name_test",
        ),
        (
            &["--db", "sqlite:file:test.db?x=1", "restore", "base"],
            "it is a URI",
            "--db sqlite:test.db",
        ),
        (
            &["--dir", "script.sql", "list"],
            "a part of its path is not a folder",
            "name a folder",
        ),
        (&["sql", "fixpoints"], "it is a folder", "name a file"),
        (
            &["sql", "no.sql"],
            "there is no such file",
            "correct the name no.sql",
        ),
        (
            &["restore", "../x"],
            "cannot name a fixpoint",
            "letters, digits",
        ),
        (
            &["restore", "/abs"],
            "cannot name a fixpoint",
            "letters, digits",
        ),
        (
            &["restore", "C:\\x"],
            "cannot name a fixpoint",
            "letters, digits",
        ),
        (
            &["compare", "base", "--table", "no"],
            "called `no`",
            "name one of a, b",
        ),
        (
            &["compare", "base", "--ignore", "no"],
            "column `no`",
            "`TABLE.COLUMN`",
        ),
        (
            &["restore", "marks"],
            "fixpoints/marks.yaml, line 1,",
            "git add fixpoints/marks.yaml",
        ),
        (
            &["restore", "twice"],
            "duplicate mapping key: format",
            "correct line 2",
        ),
        (&["restore", "bomb"], "anchors or aliases", "correct line 2"),
        (&["restore", "tag"], "unsupported tag", "correct line 2"),
    ] {
        let (_, found, advice) = project.fails(args);
        assert!(found.contains(message), "{args:?}: {found}");
        assert!(advice.contains(hint), "{args:?}: {advice}");
        assert!(!found.contains("DuplicateKeyPolicy"), "{found}");
    }
    project.file(
        "fixpoints.toml",
        "[db]\nmain = \"sqlite:test.db\"\nlogs = \"sqlite:logs-test.db\"\n",
    );
    let (_, message, _) = project.fails(&["--db", "log", "restore", "base"]);
    assert!(
        message.contains("fixpoints.toml names logs, main only"),
        "{message}"
    );
}

#[test]
fn a_database_that_may_not_be_written_is_no_fault_of_the_row() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = stored();
    project.sql("DELETE FROM b;");
    let file = project.path().join("test.db");
    let may = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode));
    may(0o444).unwrap();
    // The superuser may write everywhere.
    if std::fs::OpenOptions::new()
        .append(true)
        .open(&file)
        .is_err()
    {
        for args in [["restore", "base"], ["sql", "script.sql"]] {
            let (_, message, hint) = project.fails(&args);
            assert!(message.contains("readonly database"), "{message}");
            assert!(
                hint.contains("make the file and its folder readable and writable"),
                "{hint}"
            );
        }
    }
    may(0o644).unwrap();
    // What anybody sees: a disk that is full for the database.
    project.sql("CREATE TABLE big (v BLOB);");
    project.file("full.sql", "PRAGMA max_page_count = 8;\nBEGIN;\nINSERT INTO big VALUES (zeroblob(1000000));\nCOMMIT;\n");
    let (kind, _, hint) = project.fails(&["sql", "full.sql"]);
    assert_eq!(kind, "script");
    assert_eq!(
        hint,
        "make room on the disk, then run the command again; the transaction that was open was rolled back, and what the script did outside of it stays"
    );
}

#[test]
fn a_folder_that_may_not_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = stored();
    let folder = project.path().join("fixpoints");
    let may = |mode| std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode));
    may(0o555).unwrap();
    // The superuser may write everywhere.
    if std::fs::File::create(folder.join("probe")).is_err() {
        let (kind, message, hint) = project.fails(&["store", "other"]);
        assert!(kind == "io" && message.contains("into the folder fixpoints: permission denied"));
        assert!(
            hint.contains("make fixpoints readable and writable"),
            "{hint}"
        );
    }
    may(0o755).unwrap();
}

#[test]
fn a_damaged_database_is_called_that() {
    let project = stored();
    project.sql("INSERT INTO a SELECT value + 10, printf('%.*c', 900, 'x') || value FROM json_each('[1,2,3,4,5,6,7,8,9]');");
    let path = project.path().join("test.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let page = 4096;
    assert!(bytes.len() > page * 2);
    bytes[page..].fill(0xff);
    fixpoints::write_file(&path, &bytes).unwrap();
    for args in [["restore", "base"], ["compare", "base"], ["store", "next"]] {
        let (kind, message, hint) = project.fails(&args);
        assert!(
            kind == "database" && message.contains("malformed"),
            "{message}"
        );
        assert!(hint.starts_with("the file is damaged: remove it"), "{hint}");
    }
}
