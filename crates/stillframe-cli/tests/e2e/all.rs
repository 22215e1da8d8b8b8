//! `--all`: every project below a folder, and what is said where there is none here.

use std::process::Command;

use crate::project::{Project, has_tool};

/// A folder without a project, over two that are published.
fn two_projects() -> Project {
    let project = Project::empty();
    for folder in ["a", "deep/b"] {
        project.program(&format!("{folder}/tool"), "echo '{\"rows\":[1]}'");
        project.write(
            &format!("{folder}/stillframe.toml"),
            "format-version = 1\n[target]\ncommand = \"./tool\"\n",
        );
        project.write(
            &format!("{folder}/pocs/x/poc.toml"),
            "summary = \"x\"\n[[step]]\ncapture = \"x\"\nrun = []\n",
        );
    }
    // A seed of a POC, and what other programs generate, are not projects.
    for folder in ["a/pocs/x", "node_modules/c", "a/target/d", ".venv/e"] {
        project.write(&format!("{folder}/stillframe.toml"), "nonsense");
    }
    project.stillframe(&["regen", "--all"]).expect(0).says(&[
        "== 2 projects",
        "a       fresh",
        "deep/b  fresh",
    ]);
    project
}

#[test]
fn every_project_below_is_checked_and_the_worst_code_is_given() {
    let project = two_projects();
    project
        .stillframe(&["check", "--all"])
        .expect(0)
        .says(&["== a\n1 fresh"]);
    project.edit("a/tool", "[1]", "[2]");
    project
        .stillframe(&["check", "--all"])
        .expect(3)
        .says(&["a       stale", "deep/b  fresh"]);
    project.program("deep/b/tool", "echo nonsense");
    project
        .stillframe(&["check", "--all"])
        .expect(1)
        .says(&["a       stale", "deep/b  broken"]);
    project.write("deep/b/stillframe.toml", "nonsense");
    let ran = project
        .stillframe(&["check", "--all", "--format", "json"])
        .expect(2);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["verdict"], "setup");
    assert_eq!(document["projects"][0]["report"]["verdict"], "stale");
    assert_eq!(document["projects"][1]["project"], "deep/b");
    project
        .stillframe(&["check", "--all", "--root", "a"])
        .expect(3)
        .says(&["== 1 project\n.  stale"]);
}

#[test]
fn what_git_ignores_is_not_searched() {
    if !has_tool("git") {
        return;
    }
    let project = two_projects();
    project.write(".gitignore", "/generated/\n");
    project.write("generated/f/stillframe.toml", "nonsense");
    let status = Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(project.root())
        .status();
    assert!(status.unwrap().success());
    project
        .stillframe(&["check", "--all"])
        .expect(0)
        .says(&["== 2 projects"]);
}

#[test]
fn without_a_project_here_those_below_are_named() {
    let project = two_projects();
    for command in ["check", "validate", "regen"] {
        let ran = project.stillframe(&[command]).expect(2);
        ran.says(&[
            "there is one in a",
            "there is one in deep/b",
            "--root",
            "--all",
        ]);
    }
    let empty = Project::empty();
    empty
        .stillframe(&["check"])
        .expect(2)
        .says(&["stillframe init"]);
    empty
        .stillframe(&["check", "--all"])
        .expect(2)
        .says(&["or below it"]);
}

#[test]
fn a_work_folder_that_is_named_is_shared_out_between_the_projects() {
    let project = two_projects();
    let work = Project::empty();
    let args = ["check", "--all", "--work", work.root().to_str().unwrap()];
    project.stillframe(&args).expect(0);
    assert!(work.path("deep_b/candidates").exists());
    project.stillframe(&args).expect(0);
}
