//! Nobody reads on, or there is no room: the verdict is the same.

use std::fs::File;
use std::process::{Command, Stdio};

use crate::project::Project;

/// A project whose corpus is stale, with a scenario and a schema.
fn stale() -> Project {
    let project = Project::published();
    project.script(r#"printf '{"command":"greet","rows":[2]}'"#);
    project.write(
        "schemas/greet.schema.json",
        r#"{"type":"object","properties":{"command":{"const":"greet"},"rows":{},"name":{},"took_ms":{}}}"#,
    );
    project.write("scenarios/greet/a.json", "{\"command\":\"greet\"}\n");
    project
}

/// Each with the exit code it has when everything it prints is read.
const RUNS: [(&[&str], i32); 11] = [
    (&["check"], 3),
    (&["check", "--format", "json"], 3),
    (&["check", "--deny-warnings"], 1),
    (&["validate"], 1),
    (&["scenario", "list"], 0),
    (&["scenario", "list", "--format", "json"], 0),
    (&["scenario", "check"], 0),
    (&["scenario", "new", "greet", "a"], 2),
    (&["init"], 2),
    (&["--no-such-flag"], 2),
    (&["--help"], 0),
];

enum Output {
    Full,
    Closed,
}

impl Output {
    fn stream(&self) -> Stdio {
        match self {
            Output::Full => File::options()
                .write(true)
                .open("/dev/full")
                .unwrap()
                .into(),
            Output::Closed => std::io::pipe().unwrap().1.into(),
        }
    }
}

fn code(command: &mut Command) -> Option<i32> {
    command.status().unwrap().code()
}

#[cfg(target_os = "linux")]
#[test]
fn a_closed_or_full_output_changes_no_exit_code() {
    let project = stale();
    for (args, expected) in RUNS {
        assert_eq!(project.stillframe(args).code, expected, "{args:?}");
        for output in [Output::Full, Output::Closed] {
            let run = |out: Stdio, err: Stdio| code(project.command(args).stdout(out).stderr(err));
            let null = Stdio::null;
            let codes = [
                run(output.stream(), null()),
                run(null(), output.stream()),
                run(output.stream(), output.stream()),
            ];
            assert_eq!(codes, [Some(expected); 3], "{args:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_published_is_published_whoever_reads_about_it() {
    for output in [Output::Full, Output::Closed] {
        let project = stale();
        let run = project
            .command(&["regen"])
            .stdout(output.stream())
            .stderr(output.stream())
            .status()
            .unwrap();
        assert_eq!(run.code(), Some(0));
        project.stillframe(&["check"]).expect(0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn of_a_filter_and_a_script_nothing_may_be_missing() {
    let project = stale();
    for args in [
        &["normalize", "scenarios/greet/a.json"] as &[&str],
        &["completions", "bash"],
        &["init", "--print"],
    ] {
        let run = |output: Output| {
            code(
                project
                    .command(args)
                    .stdout(output.stream())
                    .stderr(Stdio::null()),
            )
        };
        assert_eq!(run(Output::Full), Some(2), "{args:?}");
        assert_eq!(run(Output::Closed), Some(0), "{args:?}");
    }
    let explained = ["normalize", "--explain", "scenarios/greet/a.json"];
    let notes_lost = project
        .command(&explained)
        .stdout(Stdio::null())
        .stderr(Output::Full.stream())
        .status();
    assert_eq!(notes_lost.unwrap().code(), Some(0));
}
