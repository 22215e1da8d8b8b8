//! A publish that is killed at every system call that changes the disk, or fails there, loses nothing and is never called fresh.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::project::{Project, Ran, has_tool};

/// The calls that change the disk. strace counts each of them by itself.
const CALLS: &[&str] = &[
    "openat",
    "write",
    "pwrite64",
    "writev",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "fsync",
    "fdatasync",
    "ftruncate",
    "fchmod",
    "syncfs",
    "link",
    "linkat",
];

const GREET: &str =
    r#"{"properties":{"command":{"const":"greet"},"name":{},"took_ms":{},"rows":{}}}"#;

type Tree = BTreeMap<String, Vec<u8>>;

/// A project whose accept changes, adds and deletes a fixture, and does the same to schemas.
struct Case {
    project: Project,
    before: Tree,
    after: Tree,
}

impl Case {
    fn new() -> Case {
        let project = Project::shell();
        let tool = project.read("tool").replace("#!/bin/sh\n", "");
        let root = project.root().display();
        project.script(&format!(
            "if [ \"$1\" = export ]; then cp {root}/exports/* \"$2\"; exit; fi\n{tool}"
        ));
        let config = project.read("stillframe.toml");
        project.write(
            "stillframe.toml",
            &format!("{config}schemas = [\"export\", \"${{dir}}\"]\n"),
        );
        project.write("exports/greet.schema.json", GREET);
        project.write("exports/old.schema.json", "{}");
        project.stillframe(&["regen"]).expect(0);
        project.write("schemas/mine.schema.json", "{\"title\":\"by hand\"}");
        project.edit(
            "exports/greet.schema.json",
            "greet",
            "greet\",\"title\":\"x",
        );
        project.remove("exports/old.schema.json");
        project.write("exports/new.schema.json", "{}");
        project.write("pocs/01-first/poc.toml", "summary = \"x\"\n[[step]]\ncapture = \"one\"\nrun = [\"uno\"]\n[[step]]\ncapture = \"new/three\"\nrun = [\"three\"]\n");
        let before = published(&project);
        project.stillframe(&["check"]).expect(3);
        let saved = project.path("target/saved");
        fs::rename(project.path("target/stillframe/candidates"), &saved).unwrap();
        project
            .stillframe(&["accept", "--from", "target/saved"])
            .expect(0);
        let after = published(&project);
        assert_eq!(
            after.keys().map(String::as_str).collect::<Vec<_>>(),
            [
                "fixtures_generated/corpus.lock",
                "fixtures_generated/first/new/three.json",
                "fixtures_generated/first/one.json",
                "schemas/greet.schema.json",
                "schemas/mine.schema.json",
                "schemas/new.schema.json",
            ]
        );
        Case {
            project,
            before,
            after,
        }
    }

    /// Puts the corpus back as it was before.
    fn reset(&self) {
        self.project.remove("fixtures_generated");
        self.project.remove("schemas");
        for (name, bytes) in &self.before {
            self.project
                .write(name, std::str::from_utf8(bytes).unwrap());
        }
    }

    /// Runs accept with something done to the n-th call that changes the disk below the corpus folder.
    fn accept_with(&self, call: &str, inject: &str, n: usize) -> Ran {
        let accept = self.project.command(&["accept", "--from", "target/saved"]);
        let mut strace = Command::new("strace");
        strace
            .args(["-f", "-qq", "-o", "target/strace.log"])
            .arg(format!("--inject={call}:{inject}:when={n}"))
            .arg(accept.get_program())
            .args(accept.get_args())
            .current_dir(self.project.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap());
        Ran::from(strace.output().unwrap())
    }
}

/// Every file of the two folders that a publish writes.
fn published(project: &Project) -> Tree {
    let mut tree = project.tree();
    tree.retain(|name, _| name.starts_with("fixtures_generated/") || name.starts_with("schemas/"));
    tree
}

#[test]
fn a_publish_killed_at_any_call_is_recognised_and_completed_or_undone() {
    if !has_tool("strace") {
        return;
    }
    let case = Case::new();
    let (mut undone, mut completed) = (0, 0);
    for call in CALLS {
        for n in 1.. {
            case.reset();
            if case.accept_with(call, "signal=KILL", n).code == 0 {
                break;
            }
            match after_a_kill(&case, &format!("{call} {n}")) {
                Settled::Undone => undone += 1,
                Settled::Completed => completed += 1,
            }
        }
    }
    assert!(
        undone > 10 && completed > 5,
        "undone {undone}, completed {completed}"
    );
}

/// What the next writing command made of a killed publish.
enum Settled {
    Undone,
    Completed,
}

fn after_a_kill(case: &Case, point: &str) -> Settled {
    let left = published(&case.project);
    assert_each_file_is_whole(case, &left, point);
    // A mixture is never fresh, neither for a full check nor for the one that runs nothing.
    let check = case.project.stillframe(&["check"]);
    let settled = left == case.after;
    assert_eq!(
        check.code,
        if settled { 0 } else { 3 },
        "{point}:\n{}",
        check.stdout
    );
    if left != case.before && !settled {
        assert!(
            check.stdout.contains("interrupted"),
            "{point}:\n{}",
            check.stdout
        );
        case.project
            .stillframe(&["validate"])
            .expect(3)
            .says(&["interrupted"]);
    }
    // The next writing command settles it, whatever it would write itself.
    let other = case
        .project
        .stillframe(&["accept", "--from", "target/nosuch"])
        .expect(2);
    let recovered = published(&case.project);
    let undone = recovered == case.before;
    assert!(
        undone || recovered == case.after,
        "{point}: neither before nor after\n{}",
        other.stderr
    );
    case.project.stillframe(&["regen"]).expect(0);
    assert_eq!(published(&case.project), case.after, "{point}");
    case.project.stillframe(&["check"]).expect(0);
    if undone {
        Settled::Undone
    } else {
        Settled::Completed
    }
}

fn assert_each_file_is_whole(case: &Case, left: &Tree, point: &str) {
    for (path, bytes) in left
        .iter()
        .filter(|(path, _)| !path.contains("stillframe-new") && !path.ends_with(".journal"))
    {
        let whole = case.before.get(path) == Some(bytes) || case.after.get(path) == Some(bytes);
        assert!(whole, "{point}: {path} is neither old nor new");
    }
}

#[test]
fn a_full_disk_at_any_call_loses_nothing() {
    if !has_tool("strace") {
        return;
    }
    let case = Case::new();
    let mut failed = 0;
    for call in CALLS {
        for n in 1.. {
            case.reset();
            let ran = case.accept_with(call, "error=ENOSPC", n);
            let corpus = published(&case.project);
            if ran.code == 0 && corpus == case.after && !injected(&case) {
                break;
            }
            failed += 1;
            let point = format!("{call} {n}");
            let log = case.project.read("target/strace.log");
            let could_speak = !log
                .lines()
                .any(|line| line.contains("INJECTED") && line.contains("write(2,"));
            let silent = ran.stderr.is_empty() && ran.stdout.is_empty();
            assert!(
                ran.code == 0 || !could_speak || !silent,
                "{point} failed without a word:\n{log}"
            );
            assert_each_file_is_whole(&case, &corpus, &point);
            case.project.stillframe(&["regen"]).expect(0);
            assert_eq!(published(&case.project), case.after, "{point}");
        }
    }
    assert!(failed > 15, "{failed}");
}

/// Whether the last traced run had an error injected.
fn injected(case: &Case) -> bool {
    case.project.read("target/strace.log").contains("INJECTED")
}
