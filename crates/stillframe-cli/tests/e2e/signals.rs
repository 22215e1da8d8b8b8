//! The first signal ends a run, whatever it is doing, and leaves nothing; a signal that the caller ignores does nothing.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::project::{Project, Ran};

/// Far more than any wait here takes.
const BOUND: Duration = Duration::from_secs(30);

/// A project with a temporary folder of its own, whose target says that it runs and then waits.
fn project(target: &str) -> Project {
    let project = Project::shell();
    project.script(&format!(
        "touch \"$(dirname \"$0\")/running\"\n{target}\necho '{{}}'"
    ));
    project.write(
        "pocs/01-first/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"one\"\nrun = []\nnonempty = []\n",
    );
    fs::create_dir(project.path("tmp")).unwrap();
    project
}

/// The binary, started by a shell that sets something up first.
fn start(project: &Project, before: &str, args: &str) -> Child {
    Command::new("/bin/sh")
        .args([
            "-c",
            &format!("{before}; exec \"$0\" {args}"),
            env!("CARGO_BIN_EXE_stillframe"),
        ])
        .current_dir(project.root())
        .env("TMPDIR", project.path("tmp"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[track_caller]
fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < BOUND, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[track_caller]
fn wait_for_file(project: &Project, name: &str) {
    wait_until(name, || project.path(name).exists());
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Whether these tests were started by something that ignores the signal, as a shell does for what runs behind it; every
/// child inherits that.
fn is_ignored_here(signal: &str) -> bool {
    let number = ["HUP", "INT", "QUIT"]
        .iter()
        .position(|name| *name == signal);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    number
        .zip(mask)
        .is_some_and(|(number, mask)| mask >> number & 1 == 1)
}

#[track_caller]
fn end(mut child: Child) -> Ran {
    wait_until("the run does not end", || {
        child.try_wait().unwrap().is_some()
    });
    Ran::from(child.wait_with_output().unwrap())
}

fn left(project: &Project) -> Vec<String> {
    fs::read_dir(project.path("tmp"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn the_first_signal_ends_a_step_and_leaves_nothing() {
    for signal in ["INT", "TERM", "HUP", "QUIT"] {
        if is_ignored_here(signal) {
            continue;
        }
        let project = project("sleep 3600");
        let run = start(&project, ":", "check");
        wait_for_file(&project, "running");
        send(signal, &run);
        end(run).expect(130);
        assert!(left(&project).is_empty(), "{signal}: {:?}", left(&project));
    }
}

#[test]
fn a_signal_that_the_caller_ignores_stays_ignored() {
    for signal in ["HUP", "INT", "TERM", "QUIT"] {
        let project = project("until [ -e \"$(dirname \"$0\")/go\" ]; do sleep 0.05; done");
        let run = start(&project, &format!("trap '' {signal}"), "regen");
        wait_for_file(&project, "running");
        send(signal, &run);
        // Handled signals are seen within a tick of 50 ms.
        std::thread::sleep(Duration::from_millis(300));
        project.write("go", "");
        end(run).expect(0);
    }
}

#[test]
fn a_run_that_waits_for_another_says_so_and_ends_at_the_first_signal() {
    let project = project("sleep 3600");
    let first = start(&project, ":", "check");
    wait_for_file(&project, "running");
    let mut second = start(&project, ":", "check");
    let mut said = second.stderr.take().unwrap();
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        let mut byte = [0];
        std::io::Read::read_exact(&mut said, &mut byte).unwrap();
        line.push(byte[0]);
    }
    let line = String::from_utf8(line).unwrap();
    assert!(line.contains("target/stillframe/lock"), "{line}");
    assert!(line.contains(&first.id().to_string()), "{line}");
    send("TERM", &second);
    end(second).expect(130);
    send("TERM", &first);
    end(first).expect(130);
}

#[test]
fn an_interrupted_build_export_or_verifier_is_not_called_broken() {
    let wait = "touch running; exec sleep 3600";
    for (what, config) in [
        ("build", "build = [\"./waits\"]\n"),
        ("export", "schemas = [\"wait\", \"${dir}\"]\n"),
        (
            "verifier",
            "[[verify]]\nname = \"waits\"\ncommand = [\"./waits\"]\n",
        ),
    ] {
        let project = project(":");
        project.program("waits", wait);
        project.script(&format!(
            "[ \"$1\" = wait ] && {{ cd \"$(dirname \"$0\")\"; {wait}; }}\necho '{{}}'"
        ));
        project.write(
            "stillframe.toml",
            &format!("format-version = 1\n[target]\ncommand = \"./tool\"\n{config}"),
        );
        let run = start(&project, ":", "regen");
        wait_for_file(&project, "running");
        send("TERM", &run);
        let ran = end(run).expect(130);
        assert_eq!(ran.stdout, "", "{what}");
        assert!(left(&project).is_empty(), "{what}");
    }
}

#[test]
fn a_filter_that_waits_for_its_input_ends_at_the_first_signal() {
    let project = project(":");
    let mut run = Command::new(env!("CARGO_BIN_EXE_stillframe"))
        .args(["normalize", "-"])
        .current_dir(project.root())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let _open = run.stdin.take();
    std::thread::sleep(Duration::from_millis(200));
    send("TERM", &run);
    wait_until("the filter does not end", || {
        run.try_wait().unwrap().is_some()
    });
}

#[test]
fn the_first_signal_ends_a_validation_that_looks_at_nothing() {
    let project = project("cat \"$(dirname \"$0\")/data\"; exit");
    // Each of many values is compared with many others.
    let values = |of: &dyn Fn(usize) -> String| (0..12_000).map(of).collect::<Vec<_>>().join(",");
    let kinds = values(&|at| format!("{{\"x\":{at}}}"));
    project.write(
        "schemas/c.schema.json",
        &format!("{{\"properties\":{{\"command\":{{\"const\":\"c\"}},\"a\":{{\"items\":{{\"enum\":[{kinds}]}}}}}}}}"),
    );
    let data = values(&|_| "{\"x\":11999}".to_owned());
    project.write("data", &format!("{{\"command\":\"c\",\"a\":[{data}]}}"));
    let child = start(&project, ":", "check --once");
    wait_for_file(&project, "running");
    std::thread::sleep(Duration::from_secs(2));
    let sent = Instant::now();
    send("TERM", &child);
    let ran = end(child);
    assert_eq!(ran.code, 130, "{}", ran.stdout);
    assert!(
        sent.elapsed() < Duration::from_secs(4),
        "{:?}",
        sent.elapsed()
    );
    let left: Vec<_> = fs::read_dir(project.path("tmp")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
