//! What git ignores reaches no sandbox; where git does not answer, nothing is copied.

use std::process::Command;

use crate::project::{Project, Ran, has_tool};

/// A repository with a POC, whose target lists its folder, and a file there that git ignores.
fn repository() -> Project {
    let project = Project::shell();
    project.script("printf '{\"files\":\"%s\"}' \"$(ls | tr '\\n' ' ')\"");
    project.write(
        "pocs/01-first/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"one\"\nrun = []\nnonempty = []\n",
    );
    project.write("pocs/01-first/seed", "");
    project.write("pocs/01-first/key.secret", "key");
    project.write(".gitignore", "*.secret\n/target\n");
    git(&project, &["init", "--quiet"]);
    project
}

fn git(project: &Project, args: &[&str]) {
    let status = Command::new("git")
        .args(args)
        .current_dir(project.root())
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn ignored_file_does_not_reach_the_sandbox_whatever_the_environment_says() {
    if !has_tool("git") {
        return;
    }
    let project = repository();
    let other = repository();
    for (name, value) in [
        ("NOTHING", String::new()),
        ("GIT_DIR", other.path(".git").display().to_string()),
        ("GIT_WORK_TREE", other.root().display().to_string()),
        ("GIT_CEILING_DIRECTORIES", "/".to_owned()),
        ("GIT_INDEX_FILE", "/nonexistent".to_owned()),
        ("GIT_LITERAL_PATHSPECS", "maybe".to_owned()),
    ] {
        let ran = project
            .command(&["regen"])
            .env(name, &value)
            .output()
            .unwrap();
        assert!(
            ran.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&ran.stdout)
        );
        let fixture = project.read("fixtures_generated/first/one.json");
        assert!(
            fixture.contains("seed") && !fixture.contains("secret"),
            "{name}: {fixture}"
        );
    }
}

#[test]
fn a_repository_that_git_does_not_read_is_a_setup_error_in_gits_own_words() {
    if !has_tool("git") {
        return;
    }
    let project = repository();
    project.write(".git/HEAD", "nonsense");
    let ran = project.stillframe(&["regen"]).expect(2);
    let ran = ran.says(&[
        "git does not tell which files it ignores below pocs",
        "fatal: ",
    ]);
    assert!(!ran.stdout.contains("hint: "), "{}", ran.stdout);
    assert!(!project.path("fixtures_generated").exists());
}

#[test]
fn dubious_ownership_is_answered_with_the_command_that_git_names() {
    let project = Project::shell();
    project.write(".git/HEAD", "");
    // No test can give a file to somebody else, so git is a script that answers as git does then.
    project.program(
        "bin/git",
        "printf \"fatal: detected dubious ownership in repository at '/p'\\nTo add an exception for this directory, call:\\n\\n\\tgit config --global --add safe.directory /p\\n\" >&2; exit 128",
    );
    let path = format!(
        "{}:{}",
        project.path("bin").display(),
        std::env::var("PATH").unwrap()
    );
    let output = project
        .command(&["check"])
        .env("PATH", path)
        .output()
        .unwrap();
    Ran::from(output).expect(2).says(&[
        "detected dubious ownership",
        "hint: git config --global --add safe.directory /p",
    ]);
}

#[test]
fn a_repository_without_git_installed_is_a_setup_error_and_a_plain_folder_is_not() {
    if !has_tool("git") {
        return;
    }
    let project = repository();
    let without = |project: &Project| {
        let output = project
            .command(&["regen"])
            .env("PATH", "/nonexistent")
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    project.script("echo '{}'");
    let (code, stdout) = without(&project);
    assert_eq!(code, Some(2), "{stdout}");
    assert!(stdout.contains("hint: install git"), "{stdout}");
    project.remove(".git");
    assert_eq!(without(&project).0, Some(0));
}

#[test]
fn a_poc_that_git_ignores_is_named_before_anything_runs() {
    if !has_tool("git") {
        return;
    }
    let project = repository();
    project.write(".gitignore", "/pocs/01-first/\n");
    project.stillframe(&["regen"]).expect(2).says(&[
        "git ignores the POC",
        "git add --force pocs/01-first/poc.toml",
    ]);
}
