//! The filter, with and without a project.

use std::io::Write;
use std::process::Stdio;

use crate::project::{Project, Ran};

fn filter(project: &Project, args: &[&str], input: &str) -> Ran {
    let mut child = project
        .command(&[&["normalize"], args].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A filter that refuses its rules never reads.
    let _unread = child.stdin.take().unwrap().write_all(input.as_bytes());
    Ran::from(child.wait_with_output().unwrap())
}

#[test]
fn the_built_in_rules_apply_without_any_configuration() {
    let ran = filter(
        &Project::empty(),
        &[],
        r#"{"took_ms":7,"note":"7 ms","updated_at":"2026-11-20T11:30:00Z","n":1.10,"last_value":3}"#,
    )
    .expect(0);
    assert_eq!(
        ran.stdout,
        "{\n  \"took_ms\": 0,\n  \"note\": \"7 ms\",\n  \"updated_at\": \"2000-01-01T00:00:00Z\",\n  \"n\": 1.10,\n  \"last_value\": 3\n}\n"
    );
    assert_eq!(
        filter(&Project::empty(), &[], &ran.stdout).expect(0).stdout,
        ran.stdout
    );
}

#[test]
fn explain_names_the_rule_and_the_reason_of_each_place() {
    let project = Project::empty();
    project.write(
        "stillframe.toml",
        "format-version = 1\n[target]\ncommand = \"x\"\n[[normalize.rule]]\nname = \"id\"\nmatch = { key = [\"id\"] }\naction = { identity = \"id-${n}\" }\nreason = \"minted\"\n",
    );
    let ran = filter(&project, &["--explain"], r#"{"id":"a9","took_ms":7}"#).expect(0);
    assert!(
        ran.stderr.contains("$.id  \"a9\" → \"id-1\"  (id: minted)"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("$.took_ms  7 → 0  (timing-suffixes"),
        "{}",
        ran.stderr
    );
}

#[test]
fn files_and_ndjson_are_read_too() {
    let project = Project::empty();
    project.write("a.ndjson", "{\"n\": 1}\n{\"took_ms\": 2}\n");
    project.write("b.json", "[ ]");
    let ran = project
        .stillframe(&["normalize", "a.ndjson", "b.json"])
        .expect(0);
    assert_eq!(ran.stdout, "{\"n\":1}\n{\"took_ms\":0}\n[]\n");
    project.stillframe(&["normalize", "nosuch.json"]).expect(2);
}

#[test]
fn what_is_not_lossless_is_refused_with_its_place() {
    for (input, says) in [
        ("{\"a\":NaN}", "column 6"),
        ("{\"a\":1,\"\\u0061\":2}", "duplicate key"),
        ("log\n{}", "text before the JSON"),
        ("{}\nlog", "line 2"),
        ("", "empty"),
    ] {
        let ran = filter(&Project::empty(), &[], input).expect(1);
        assert!(ran.stderr.contains(says), "{input}: {}", ran.stderr);
    }
}

#[test]
fn a_rule_that_cannot_work_is_refused() {
    let project = Project::empty();
    for (rule, says) in [
        (
            "match = { pattern = \"x*\" }\naction = { constant = \"x\" }",
            "empty string",
        ),
        (
            "match = { path = \"$.a[?@.b]\" }\naction = \"zero\"",
            "filter",
        ),
        (
            "match = { pattern = \"^run-\" }\naction = { constant = \"x\" }\nexample = \"job-1\"",
            "example",
        ),
    ] {
        project.write(
            "stillframe.toml",
            &format!("format-version = 1\n[target]\ncommand = \"x\"\n[[normalize.rule]]\nname = \"odd\"\nreason = \"x\"\n{rule}\n"),
        );
        let ran = filter(&project, &[], "{}").expect(2);
        assert!(
            ran.stderr.contains(says) && ran.stderr.contains("odd"),
            "{rule}: {}",
            ran.stderr
        );
    }
}
