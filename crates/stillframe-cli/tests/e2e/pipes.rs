//! A named pipe where a file should be is refused by name; nothing waits for somebody to write into it.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::project::{Project, Ran};

/// Far more than any of these runs takes.
const BOUND: Duration = Duration::from_secs(30);

fn make_pipe(project: &Project, name: &str) {
    let path = project.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _absent = std::fs::remove_file(&path);
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
}

/// The end of a run that must not wait.
#[track_caller]
fn ended(project: &Project, args: &[&str]) -> Ran {
    let child = project
        .command(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let child = end_of(child, args);
    Ran::from(child.wait_with_output().unwrap())
}

#[track_caller]
fn end_of(mut child: Child, args: &[&str]) -> Child {
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > BOUND {
            child.kill().unwrap();
            panic!("{args:?} waits");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

#[test]
fn every_file_that_a_run_reads_by_its_name_is_refused_as_a_pipe() {
    for (name, command, code) in [
        ("stillframe.toml", "check", 2),
        ("stillframe.toml", "validate", 2),
        ("pocs/01-first/poc.toml", "check", 2),
        ("pocs/01-first/seed", "check", 1),
        ("target/stillframe/lock", "check", 2),
        ("fixtures_generated/corpus.lock", "validate", 2),
        ("schemas/x.schema.json", "check", 2),
        ("schemas/x.schema.json", "validate", 2),
        ("scenarios/x/y.json", "scenario check", 2),
    ] {
        let project = Project::published();
        make_pipe(&project, name);
        let ran = ended(&project, &command.split(' ').collect::<Vec<_>>()).expect(code);
        let output = format!("{}{}", ran.stdout, ran.stderr);
        assert!(output.contains("a named pipe"), "{name}: {output}");
    }
}

#[test]
fn a_seed_file_that_is_a_pipe_is_named_before_anything_runs() {
    let project = Project::shell();
    project.write(
        "pocs/01-first/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"one\"\nrun = []\nstdin = \"seed\"\n",
    );
    make_pipe(&project, "pocs/01-first/seed");
    ended(&project, &["check"])
        .expect(2)
        .says(&["pocs/01-first/seed", "it is a named pipe, not a file"]);
}

#[test]
fn a_step_whose_stdin_became_a_pipe_fails_and_does_not_wait() {
    let project = Project::shell();
    project.script("[ \"$1\" = make ] && { rm seed; mkfifo seed; }\necho '{}'");
    project.write(
        "pocs/01-first/poc.toml",
        "summary = \"x\"\n[[step]]\nrun = [\"make\"]\n[[step]]\ncapture = \"one\"\nrun = []\nstdin = \"seed\"\nnonempty = []\n",
    );
    project.write("pocs/01-first/seed", "");
    ended(&project, &["check"])
        .expect(1)
        .says(&["it is a named pipe, not a file"]);
}

#[test]
fn an_endless_device_is_never_read_as_stdin() {
    let project = Project::shell();
    project.script("[ \"$1\" = make ] && ln -sf /dev/zero seed\ncat > /dev/null; echo '{}'");
    project.write(
        "pocs/01-first/poc.toml",
        "summary = \"x\"\n[[step]]\nrun = [\"make\"]\n[[step]]\ncapture = \"one\"\nrun = []\nstdin = \"seed\"\nnonempty = []\n",
    );
    project.write("pocs/01-first/seed", "");
    ended(&project, &["check"])
        .expect(1)
        .says(&["it is a device, not a file"]);
}

#[test]
fn a_pipe_that_a_target_puts_where_its_output_is_kept_is_never_written() {
    let project = Project::shell();
    project.script("raw=$(dirname \"$0\")/target/stillframe/raw/01-first; mkfifo \"$raw/01.stdout\"; echo '{}'");
    let ran = ended(&project, &["check"]).expect(1);
    ran.says(&["01.stdout", "it is a named pipe, not a file"]);
}

#[test]
fn what_a_person_types_as_an_argument_may_be_a_pipe() {
    let project = Project::shell();
    let output = project
        .command(&[])
        .args(["normalize", "/dev/stdin", "--config", "stillframe.toml"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            use std::io::Write;
            child.stdin.take().unwrap().write_all(b"{\"took_ms\":5}")?;
            child.wait_with_output()
        })
        .unwrap();
    let ran = Ran::from(output).expect(0);
    assert_eq!(ran.stdout, "{\n  \"took_ms\": 0\n}\n");
}
