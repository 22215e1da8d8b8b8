//! Branches that each change the corpus, merged by git: regen needs no merge by hand, and the others name what to do.

use std::process::Command;

use crate::project::{Project, has_tool};

fn git(project: &Project, args: &[&str]) -> bool {
    let output = Command::new("git")
        .args(["-c", "user.name=x", "-c", "user.email=x@example.com"])
        .args(args)
        .current_dir(project.root())
        .output()
        .unwrap();
    output.status.success()
}

fn commit(project: &Project) {
    assert!(git(project, &["add", "--all"]));
    assert!(git(project, &["commit", "--quiet", "-m", "x"]));
}

fn add_poc(project: &Project, name: &str) {
    let args = ["poc", "new", name, "--", name];
    project.stillframe(&args).expect(0);
    project.stillframe(&["regen"]).expect(0);
    commit(project);
}

/// A repository in the middle of a merge of two branches, each after its own change.
fn merging(style: &str, one: impl Fn(&Project), other: impl Fn(&Project)) -> Project {
    let project = Project::published();
    project.write(".gitignore", "/target\n");
    assert!(git(&project, &["init", "--quiet", "--initial-branch=main"]));
    assert!(git(&project, &["config", "merge.conflictStyle", style]));
    commit(&project);
    assert!(git(&project, &["checkout", "--quiet", "-b", "other"]));
    other(&project);
    assert!(git(&project, &["checkout", "--quiet", "main"]));
    one(&project);
    assert!(!git(&project, &["merge", "other"]), "there is no conflict");
    project
}

#[test]
fn two_branches_that_each_add_a_poc_are_merged_by_regen_alone() {
    if !has_tool("git") {
        return;
    }
    for style in ["merge", "diff3", "zdiff3"] {
        let add = |name: &'static str| move |project: &Project| add_poc(project, name);
        let project = merging(style, add("03-plums"), add("02-pears"));
        assert!(
            project
                .read("fixtures_generated/corpus.lock")
                .contains("<<<<<<<")
        );
        let ran = project.stillframe(&["regen"]).expect(0);
        ran.says(&[
            "merged  fixtures_generated/corpus.lock",
            "0 new, 0 changed, 0 removed",
        ]);
        commit(&project);
        project.stillframe(&["check"]).expect(0).says(&["4 fresh"]);
        project.stillframe(&["validate"]).expect(0);
    }
}

#[test]
fn a_merge_that_is_not_finished_is_named_with_its_line_and_the_command() {
    if !has_tool("git") {
        return;
    }
    let add = |name: &'static str| move |project: &Project| add_poc(project, name);
    let project = merging("merge", add("03-plums"), add("02-pears"));
    let before = project.tree();
    for command in ["check", "validate"] {
        let ran = project.stillframe(&[command]).expect(3);
        let ran = ran.says(&[
            "conflict",
            "fixtures_generated/corpus.lock",
            "conflict marks begin in line",
            "stillframe regen",
            "git add",
        ]);
        assert!(!ran.stdout.contains("git checkout"), "{}", ran.stdout);
    }
    assert_eq!(project.tree(), before);
    project.stillframe(&["check"]).expect(3);
    project.stillframe(&["accept"]).expect(0);
    project.stillframe(&["check"]).expect(0).says(&["4 fresh"]);
}

#[test]
fn marks_in_a_fixture_are_written_over_and_not_called_an_edit_by_hand() {
    if !has_tool("git") {
        return;
    }
    let print = |rows: &'static str| {
        move |project: &Project| {
            project.edit("tool", "[1]", rows);
            project.stillframe(&["regen"]).expect(0);
            assert!(git(project, &["checkout", "tool"]));
            commit(project);
        }
    };
    let project = merging("diff3", print("[1,2]"), print("[3]"));
    assert!(
        project
            .read("fixtures_generated/first/one.json")
            .contains("<<<<<<<")
    );
    for command in ["check", "validate"] {
        let ran = project.stillframe(&[command]).expect(3);
        let ran = ran.says(&["conflict  first/one.json"]);
        assert!(!ran.stdout.contains("hand-edited"), "{}", ran.stdout);
    }
    project.stillframe(&["regen"]).expect(0);
    commit(&project);
    project.stillframe(&["check"]).expect(0).says(&["2 fresh"]);
}

#[test]
fn what_only_a_person_can_merge_is_left_to_one() {
    let project = Project::published();
    project.edit(
        "pocs/01-first/poc.toml",
        "summary",
        "<<<<<<< HEAD\n=======\n>>>>>>> x\nsummary",
    );
    project
        .stillframe(&["regen"])
        .expect(2)
        .says(&["conflict marks begin in line 1", "without the marks"]);
    let project = Project::published();
    let lock = project.read("fixtures_generated/corpus.lock");
    project.write(
        "fixtures_generated/corpus.lock",
        &lock.replace("version = 1", "version 1"),
    );
    project
        .stillframe(&["regen"])
        .expect(2)
        .says(&["cannot be read", "git checkout"]);
}
