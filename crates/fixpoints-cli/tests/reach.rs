//! Ways round the question whether a database is one for tests: other names of a file, scripts, folders of temporary files.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use project::Project;

const SEED: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO a VALUES (1, 'test');
";

/// A project with a fixpoint, and with a database beside it that somebody needs.
fn project() -> Project {
    let project = Project::stored("sqlite:test.db", SEED);
    project.file("fixpoints.toml", "allow-databases = [\"app.db\"]\n");
    project.done(&["--db", "sqlite:app.db", "sql", "script.sql"]);
    project.file("needed.sql", "UPDATE a SET name = 'needed'");
    project.done(&["--db", "sqlite:app.db", "sql", "needed.sql"]);
    std::fs::remove_file(project.path().join("fixpoints.toml")).unwrap();
    project
}

fn bytes(project: &Project, name: &str) -> Vec<u8> {
    std::fs::read(project.path().join(name)).unwrap()
}

/// Every command that writes to a database or keeps its rows is refused, with the name to allow.
#[track_caller]
fn refused(project: &Project, db: &str, found: &str, name: &str) {
    for args in [
        &["restore", "base"][..],
        &["store", "other"],
        &["sql", "script.sql"],
        &["sequences", "reset"],
    ] {
        let all: Vec<&str> = ["--db", db].iter().chain(args).copied().collect();
        let (kind, message, hint) = project.fails(&all);
        assert_eq!(kind, "not_a_test_database", "{args:?}: {message}");
        assert!(message.contains(found), "{message}");
        assert!(
            hint.contains(&format!("allow-databases = [\"{name}\"]")),
            "{hint}"
        );
    }
}

#[test]
fn a_file_with_another_name_has_to_be_allowed() {
    let project = project();
    let at = |name: &str| project.path().join(name);
    let before = bytes(&project, "app.db");
    std::fs::hard_link(at("app.db"), at("hard-test.db")).unwrap();
    refused(
        &project,
        "hard-test.db",
        "2 names (hard links)",
        "hard-test.db",
    );
    symlink("hard-test.db", at("soft-test.db")).unwrap();
    refused(
        &project,
        "soft-test.db",
        "2 names (hard links)",
        "hard-test.db",
    );
    let absolute = at("hard-test.db");
    refused(
        &project,
        absolute.to_str().unwrap(),
        "2 names (hard links)",
        "hard-test.db",
    );
    assert_eq!(bytes(&project, "app.db"), before);
    project.file("fixpoints.toml", "allow-databases = [\"hard-test.db\"]\n");
    project.done(&["--db", "hard-test.db", "restore", "base"]);
    assert_ne!(bytes(&project, "app.db"), before);
}

#[test]
fn a_folder_that_is_a_link_leads_to_the_file_that_is_asked() {
    let project = project();
    std::fs::create_dir(project.path().join("data")).unwrap();
    std::fs::rename(
        project.path().join("app.db"),
        project.path().join("data/app.db"),
    )
    .unwrap();
    symlink("data", project.path().join("test")).unwrap();
    refused(&project, "test/app.db", "test/app.db", "app.db");
    symlink("data/app.db", project.path().join("TEST.DB")).unwrap();
    refused(&project, "TEST.DB", "a link to", "app.db");
    // What is not there yet is judged by where it would be.
    symlink("data/new.db", project.path().join("new-test.db")).unwrap();
    refused(&project, "new-test.db", "a link to", "new.db");
    assert!(!project.path().join("data/new.db").exists());
}

#[test]
fn a_journal_that_leads_to_another_file_is_refused() {
    let project = project();
    project.file("precious", "precious");
    for ending in ["-journal", "-wal", "-shm"] {
        let journal = project.path().join(format!("test.db{ending}"));
        let links: [fn(&Path, &Path) -> std::io::Result<()>; 2] = [
            |to, at| symlink(to, at),
            |to, at| std::fs::hard_link(to, at),
        ];
        for link in links {
            link(&project.path().join("precious"), &journal).unwrap();
            let (kind, message, hint) = project.fails(&["restore", "base"]);
            assert_eq!(kind, "database");
            let beside = format!("test.db{ending} beside it");
            assert!(message.contains(&beside), "{message}");
            assert!(hint.contains("remove it"), "{hint}");
            assert_eq!(project.read("precious"), "precious");
            std::fs::remove_file(&journal).unwrap();
        }
    }
    project.done(&["restore", "base"]);
}

#[test]
fn a_script_reaches_test_databases_only() {
    let project = project();
    let at = |name: &str| project.path().join(name);
    symlink("app.db", at("soft-test.db")).unwrap();
    std::fs::copy(at("app.db"), at("other.db")).unwrap();
    std::fs::hard_link(at("other.db"), at("hard-test.db")).unwrap();
    std::fs::copy(at("test.db"), at("second-test.db")).unwrap();
    let before = (bytes(&project, "app.db"), bytes(&project, "test.db"));
    for (statement, kind) in [
        (
            "ATTACH 'app.db' AS o; DELETE FROM o.a;",
            "not_a_test_database",
        ),
        (
            "ATTACH 'soft-test.db' AS o; DELETE FROM o.a;",
            "not_a_test_database",
        ),
        (
            "ATTACH 'hard-test.db' AS o; DELETE FROM o.a;",
            "not_a_test_database",
        ),
        ("attach database app.db as o;", "script"),
        ("ATTACH 'app' || '.db' AS o; DELETE FROM o.a;", "script"),
        ("ATTACH 'file:app.db' AS o; DELETE FROM o.a;", "script"),
        (
            "ATTACH 'file:app.db?x=test.db' AS o; DELETE FROM o.a;",
            "script",
        ),
        (
            "ATTACH 'new.db' AS o; CREATE TABLE o.a (id);",
            "not_a_test_database",
        ),
        ("/* x */ ATTACH 'app.db' AS o;", "not_a_test_database"),
        ("VACUUM INTO 'new.db';", "not_a_test_database"),
        ("VACUUM main INTO 'file:new.db';", "script"),
        ("PRAGMA temp_store_directory = '.';", "script"),
        ("SELECT load_extension('x');", "script"),
        ("SELECT writefile('new.db', 'x');", "script"),
        ("CREATE VIRTUAL TABLE v USING csv(filename='x');", "script"),
        ("CREATE VIRTUAL TABLE v USING zipfile('x');", "script"),
        (
            "CREATE TEMP TABLE s AS SELECT 'app.db' AS f; ATTACH (SELECT f FROM s) AS o;",
            "script",
        ),
    ] {
        // A line that does not begin with the word runs in our own transaction, where nothing is attached either way.
        for script in [
            format!("{statement}\n"),
            format!("DELETE FROM a;\n{statement}\n"),
        ] {
            project.file("out.sql", &script);
            let (found, message, _) = project.fails(&["sql", "out.sql"]);
            assert_eq!(found, kind, "{statement}: {message}");
        }
        assert_eq!(bytes(&project, "app.db"), before.0, "{statement}");
        assert!(!at("new.db").exists(), "{statement}");
        project.done(&["restore", "base"]);
    }
    let (_, message, hint) = {
        project.file("out.sql", "SELECT 1;\n\nATTACH 'app.db' AS o;\n");
        project.fails(&["sql", "out.sql"])
    };
    assert!(
        message.contains("sqlite:app.db, which line 3 of out.sql opens,"),
        "{message}"
    );
    assert!(hint.contains("allow-databases = [\"app.db\"]"), "{hint}");
    project.file("out.sql", "ATTACH 'second-test.db' AS o;\nDELETE FROM o.a;\nATTACH ':memory:' AS m;\nCREATE TABLE m.x (id);\nDETACH o;\nVACUUM;\nVACUUM INTO 'third-test.db';\n");
    project.done(&["sql", "out.sql"]);
    assert!(at("third-test.db").exists());
    project.file("fixpoints.toml", "allow-databases = [\"app.db\"]\n");
    project.file("out.sql", "ATTACH 'app.db' AS o;\nDELETE FROM o.a;\n");
    project.done(&["sql", "out.sql"]);
    assert_ne!(bytes(&project, "app.db"), before.0);
}

#[test]
fn a_folder_of_temporary_files_that_somebody_works_in_is_not_one() {
    // Not below the system's own, which holds the other tests' projects, nor below the home of who runs this.
    let home = tempfile::tempdir_in("/var/tmp").unwrap();
    let home = home.path().canonicalize().unwrap();
    let at = |folder: &str| {
        let folder = home.join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    };
    let (work, scratch, below) = (at("user/work"), at("scratch"), at("user/work/tmp"));
    let run = |tmpdir: &Path, file: &Path| {
        let project = Project::new("");
        let mut command = project.command(&["--db", file.to_str().unwrap(), "sql", "seed.sql"]);
        command
            .current_dir(&work)
            .env("TMPDIR", tmpdir)
            .env("HOME", home.join("user"));
        command.output().unwrap().status.code().unwrap()
    };
    fixpoints::write_file(&work.join("seed.sql"), b"SELECT 1").unwrap();
    fixpoints::write_file(&work.join("fixpoints.toml"), b"").unwrap();
    std::fs::create_dir(home.join("user/work/.git")).unwrap();
    for (tmpdir, file, exit) in [
        (&work, "user/work/app.db", 3),
        (&below, "user/work/tmp/app.db", 3),
        (&at("user"), "user/app.db", 3),
        (&at("user/cache"), "user/cache/app.db", 3),
        (&home, "app.db", 3),
        (&scratch, "user/work/app.db", 3),
        (&scratch, "scratch/app.db", 0),
        (&scratch, "scratch/../app.db", 3),
    ] {
        let ran = run(tmpdir, &home.join(file));
        assert_eq!(ran, exit, "{file} with TMPDIR {}", tmpdir.display());
        assert_eq!(home.join(file).exists(), exit == 0);
    }
    // The folder of fixpoints tells where the project is for one who works elsewhere.
    let (project, app) = (Project::new(""), work.join("app.db"));
    let (dir, seed) = (work.join("fixpoints"), work.join("seed.sql"));
    let words = [&app, &dir, &seed].map(|path| path.to_str().unwrap());
    let mut command = project.command(&["--db", words[0], "--dir", words[1], "sql", words[2]]);
    command.current_dir(at("elsewhere"));
    command.env("TMPDIR", &work).env("HOME", "/");
    assert_eq!(command.output().unwrap().status.code(), Some(3));
    assert!(!app.exists());
}

#[test]
fn what_takes_the_name_while_it_is_opened_is_not_written() {
    let project = project();
    let at = |name: &str| project.path().join(name);
    let before = bytes(&project, "app.db");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // The real file and a link to the other one change places as fast as they can.
            while !done.load(Ordering::Relaxed) {
                let _ = std::fs::rename(at("test.db"), at("aside"));
                let _ = symlink("app.db", at("test.db"));
                let _ = std::fs::rename(at("aside"), at("test.db"));
            }
        });
        for _ in 0..60 {
            let ran = project.run(&["restore", "base"]);
            assert!(ran.exit == 0 || ran.exit == 3, "{}", ran.stderr);
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(bytes(&project, "app.db"), before);
}
