//! Sandboxes are gone after a run, whatever a target did in them; what a killed run left, the next one removes.

use std::fs;
use std::process::Command;

use crate::project::{Project, Ran, has_tool};

/// A project with a temporary folder of its own.
fn project(target: &str) -> Project {
    let project = Project::shell();
    project.write(
        "pocs/01-first/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"one\"\nrun = []\nnonempty = []\n",
    );
    project.script(target);
    fs::create_dir(project.path("tmp")).unwrap();
    project
}

fn run(project: &Project, args: &[&str]) -> Ran {
    let tmp = project.path("tmp");
    Ran::from(project.command(args).env("TMPDIR", tmp).output().unwrap())
}

fn left(project: &Project) -> Vec<String> {
    let names = fs::read_dir(project.path("tmp")).unwrap();
    names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn closed_folders_loops_and_links_are_removed_without_touching_what_they_lead_to() {
    let project = project(
        "here=$(dirname \"$0\")\nmkdir -p a/b/c; ln -s loop a/loop; ln -s \"$here/kept\" a/b/out; ln -s / a/root; mkfifo a/pipe; chmod 0 a/b/c a/b a ../home; echo '{}'",
    );
    project.write("kept/file", "x");
    run(&project, &["check"]).expect(3);
    assert!(left(&project).is_empty(), "{:?}", left(&project));
    assert_eq!(project.read("kept/file"), "x");
}

#[test]
fn folders_deeper_than_a_path_or_than_files_may_be_open_are_removed() {
    let project = project(
        "i=0; while [ $i -lt 1100 ]; do mkdir ddd; cd -P ddd || exit 9; i=$((i+1)); done; echo '{}'",
    );
    let output = Command::new("/bin/sh")
        .args([
            "-c",
            "ulimit -n 256; exec \"$0\" check",
            env!("CARGO_BIN_EXE_stillframe"),
        ])
        .current_dir(project.root())
        .env("TMPDIR", project.path("tmp"))
        .output()
        .unwrap();
    Ran::from(output).expect(3);
    assert!(left(&project).is_empty(), "{:?}", left(&project));
}

#[test]
fn the_next_run_removes_what_a_killed_one_left_and_nothing_else() {
    let project = project("kill -9 $PPID; sleep 0.1");
    fs::create_dir_all(project.path("tmp/stillframe-notes")).unwrap();
    project.write("tmp/stillframe-notes/lock", "mine");
    run(&project, &["check"]).expect(-1);
    assert_eq!(left(&project).len(), 2);
    std::thread::sleep(std::time::Duration::from_millis(300));
    project.script("echo '{}'");
    run(&project, &["check"]).expect(3);
    assert_eq!(left(&project), ["stillframe-notes"]);
}

#[test]
fn a_run_leaves_the_sandboxes_of_another_that_lives() {
    let first = project(
        "touch \"$(dirname \"$0\")/running\"; until [ -e \"$(dirname \"$0\")/go\" ]; do sleep 0.05; done; echo '{}'",
    );
    let mut running = first
        .command(&["regen"])
        .env("TMPDIR", first.path("tmp"))
        .spawn()
        .unwrap();
    while !first.path("running").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let second = project("echo '{}'");
    let shared = second
        .command(&["check"])
        .env("TMPDIR", first.path("tmp"))
        .output()
        .unwrap();
    Ran::from(shared).expect(3);
    assert_eq!(left(&first).len(), 1, "{:?}", left(&first));
    first.write("go", "");
    assert!(running.wait().unwrap().success());
    assert!(left(&first).is_empty(), "{:?}", left(&first));
}

#[test]
fn a_sandbox_that_cannot_be_removed_is_named_and_removed_by_the_next_run() {
    if !has_tool("strace") {
        return;
    }
    let project = project("mkdir folder; echo '{}'");
    let check = project.command(&["check"]);
    let output = Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "--inject=unlinkat:error=EBUSY",
        ])
        .arg(check.get_program())
        .args(["check", "--once"])
        .current_dir(project.root())
        .env("TMPDIR", project.path("tmp"))
        .output()
        .unwrap();
    let ran = Ran::from(output).expect(3);
    let [folder] = &left(&project)[..] else {
        panic!("{:?}", left(&project))
    };
    let whole = project.path("tmp").join(folder);
    assert!(
        ran.stderr.contains(&format!(
            "the sandboxes in {} could not be removed",
            whole.display()
        )),
        "{}",
        ran.stderr
    );
    run(&project, &["check"]).expect(3);
    assert!(left(&project).is_empty(), "{:?}", left(&project));
}

#[test]
fn folders_too_deep_for_a_path_are_an_error_that_can_be_read() {
    for place in ["pocs/01-first", "fixtures_generated", "schemas"] {
        let project = project("echo '{}'");
        fs::create_dir_all(project.path(place)).unwrap();
        let dig = "i=0; while [ $i -lt 50 ]; do n=$(printf '%0100d' 0); mkdir $n; cd -P $n || exit 9; i=$((i+1)); done";
        let dug = Command::new("/bin/sh")
            .args(["-c", dig])
            .current_dir(project.path(place))
            .status();
        assert!(dug.unwrap().success());
        let ran = run(&project, &["check"]).expect(2);
        let output = format!("{}{}", ran.stdout, ran.stderr);
        assert!(
            output.contains("listing ") && output.len() < 1500,
            "{place}: {output}"
        );
        // The test's own cleaning follows paths.
        let removed = Command::new("rm")
            .arg("-rf")
            .arg(project.path(place))
            .status();
        assert!(removed.unwrap().success());
    }
}
