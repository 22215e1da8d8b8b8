//! Files that are none: pipes, sockets, devices and links, where a name says that a file should be.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use project::{Project, Ran};

fn stored() -> Project {
    let project = Project::stored("sqlite:test.db", "CREATE TABLE a (id INTEGER PRIMARY KEY)");
    project.sql("INSERT INTO a VALUES (1)");
    project.done(&["store", "child", "--parent", "base"]);
    project
}

fn pipe(at: &Path) {
    assert!(Command::new("mkfifo").arg(at).status().unwrap().success());
}

/// Makes something that is not a file.
type Make = fn(&Path);

/// What a name may stand for besides a file.
const IRREGULAR: [(&str, Make); 4] = [
    ("pipe", pipe),
    ("socket", |at| drop(UnixListener::bind(at).unwrap())),
    ("endless device", |at| symlink("/dev/zero", at).unwrap()),
    ("empty device", |at| symlink("/dev/null", at).unwrap()),
];

/// Runs what would wait for ever; the bound is far above what it takes.
fn ends(project: &Project, what: &str, args: &[&str]) -> Ran {
    const BOUND: Duration = Duration::from_secs(60);
    let mut child = project
        .command(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > BOUND {
            child.kill().unwrap();
            panic!("{what}: {args:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ran::of(child.wait_with_output().unwrap())
}

#[test]
fn what_is_not_a_file_is_refused_at_once() {
    for (what, make) in IRREGULAR {
        let project = stored();
        let at = |name: &str| {
            let _ = std::fs::remove_file(project.path().join(name));
            make(&project.path().join(name));
        };
        at("fixpoints/other.yaml");
        at("fixpoints/.fixpoint-abcdef.tmp");
        for args in [
            &["restore", "other"][..],
            &["store", "other"],
            &["compare", "other"],
            &["show", "other"],
            &["accept", "other"],
            &["rebase", "child", "--onto", "other"],
        ] {
            let ran = ends(&project, what, args);
            assert_eq!(ran.exit, 3, "{what}: {args:?} {}{}", ran.stdout, ran.stderr);
        }
        for args in [
            &["list"][..],
            &["tree"],
            &["doctor"],
            &["store", "base"],
            &["remove", "child"],
        ] {
            ends(&project, what, args);
        }
        assert!(
            project
                .path()
                .join("fixpoints/other.yaml")
                .symlink_metadata()
                .is_ok()
        );
        at("test.db");
        for args in [
            &["restore", "base"][..],
            &["sql", "script.sql"],
            &["compare", "base"],
            &["store", "more"],
        ] {
            let ran = ends(&project, what, args);
            assert_eq!(ran.exit, 3, "{what}: {args:?} {}{}", ran.stdout, ran.stderr);
        }
        std::fs::create_dir(project.path().join("gem")).unwrap();
        project.file("gem/b.yml", "a:\n- id: 1\n");
        at("gem/a.yml");
        assert_eq!(ends(&project, what, &["import", "gem"]).exit, 3, "{what}");
        std::fs::remove_file(project.path().join("gem/a.yml")).unwrap();
        at("gem/mapping.yml");
        assert_eq!(ends(&project, what, &["import", "gem"]).exit, 3, "{what}");
        at("fixpoints.toml");
        let ran = ends(&project, what, &["list"]);
        assert_eq!(ran.exit, 3, "{what}: {}", ran.stderr);
        assert!(ran.stderr.contains("not a regular file"), "{}", ran.stderr);
    }
}

#[test]
fn a_journal_that_is_not_a_file_is_refused_at_once() {
    for (what, make) in IRREGULAR {
        for ending in ["-journal", "-wal", "-shm"] {
            let project = stored();
            project.file("fixpoints.toml", "allow-databases = [\"test.db\"]");
            let name = format!("test.db{ending}");
            make(&project.path().join(&name));
            for args in [
                &["compare", "base"][..],
                &["doctor"],
                &["store", "new"],
                &["restore", "base"],
                &["sql", "script.sql"],
            ] {
                let ran = ends(&project, what, args);
                let printed = ran.stdout + &ran.stderr;
                assert!(ran.exit > 1, "{what} {name}: {args:?} {printed}");
                assert!(printed.contains(&name), "{what} {name}: {args:?} {printed}");
            }
        }
    }
}

#[test]
fn what_cannot_be_looked_at_is_not_missing() {
    let project = stored();
    for name in ["loop", "loop.db", "fixpoints.toml"] {
        symlink(name, project.path().join(name)).unwrap();
        let args = match name {
            "loop" => &["--dir", "loop", "list"][..],
            "loop.db" => &["--db", "sqlite:loop.db", "compare", "base"],
            _ => &["list"],
        };
        let ran = project.run(args);
        assert_eq!(ran.exit, 3, "{args:?}: {}{}", ran.stdout, ran.stderr);
        assert!(
            !ran.stderr.contains("there is no"),
            "{args:?}: {}",
            ran.stderr
        );
    }
    let project = stored();
    symlink("nowhere", project.path().join("fixpoints.toml")).unwrap();
    assert_eq!(project.run(&["list"]).exit, 3);
}

#[test]
fn a_pipe_that_a_person_names_is_read() {
    let project = Project::new("sqlite:test.db");
    for (writer, command) in [
        (
            "printf 'CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT)'",
            "sql /dev/stdin",
        ),
        (
            "printf 'a:\\n- id: 1\\n  name: x\\n'",
            "import /dev/stdin --name piped",
        ),
        ("printf '[{\"id\": 2, \"name\": \"y\"}]' | cat", "list"),
    ] {
        let ran = project.shell(&format!("{writer} | fixpoints {command}"));
        assert_eq!(ran.exit, 0, "{command}: {}{}", ran.stdout, ran.stderr);
    }
    assert!(
        project
            .read("fixpoints/piped.yaml")
            .contains("{\"id\": 1, \"name\": \"x\"}")
    );
}

#[test]
fn no_link_below_the_folder_of_fixpoints_is_followed() {
    let project = stored();
    let at = |name: &str| project.path().join(name);
    let base = project.read("fixpoints/base.yaml");
    project.file("outside/base.yaml", &base);
    symlink("../outside", at("fixpoints/linked")).unwrap();
    symlink("../outside/base.yaml", at("fixpoints/alias.yaml")).unwrap();
    symlink("../outside/new.yaml", at("fixpoints/new.yaml")).unwrap();
    project.file("rows.yml", "a:\n- id: 1\n");
    for args in [
        &["store", "linked/base"][..],
        &["store", "linked/more/new"],
        &["store", "alias"],
        &["store", "new"],
        &["store", "new", "--if-missing"],
        &["store", "x", "--parent", "alias"],
        &["restore", "linked/base"],
        &["restore", "alias"],
        &["compare", "alias"],
        &["compare", "new", "--or-store"],
        &["show", "alias"],
        &["diff", "base", "alias"],
        &["remove", "alias"],
        &["accept", "alias"],
        &["accept", "linked/base"],
        &["remove", "linked/base"],
        &["rebase", "child", "--onto", "alias"],
        &["import", "rows.yml", "--name", "alias"],
        &["import", "rows.yml", "--name", "linked/new"],
    ] {
        let (kind, message, hint) = project.fails(args);
        assert_eq!(kind, "io", "{args:?}: {message}");
        assert!(message.contains("it is a link"), "{args:?}: {message}");
        assert!(hint.contains("in place of the link"), "{hint}");
        assert_eq!(project.read("outside/base.yaml"), base, "{args:?}");
        assert_eq!(
            std::fs::read_dir(at("outside")).unwrap().count(),
            1,
            "{args:?}"
        );
        assert!(at("fixpoints/alias.yaml").is_symlink());
    }
    for args in [["list"], ["tree"], ["doctor"]] {
        let ran = project.run(&args);
        let printed = ran.stdout + &ran.stderr;
        assert!(
            printed.contains("cannot use fixpoints/linked: it is a link"),
            "{args:?}: {printed}"
        );
    }
    // The folder itself is whatever its name leads to.
    symlink("fixpoints", at("elsewhere")).unwrap();
    project.done(&["--dir", "elsewhere", "store", "base"]);
    project.done(&["--dir", "elsewhere", "compare", "base"]);
}
