//! Where an output is found: stdout, stderr or a file, of a target or of any other program.

use crate::project::Project;

/// A project whose target runs this script, and a POC of these steps.
fn project(script: &str, steps: &str) -> Project {
    let project = Project::shell();
    project.script(script);
    project.write(
        "pocs/01-first/poc.toml",
        &format!("summary = \"x\"\n{steps}"),
    );
    project
}

#[test]
fn a_file_that_the_step_writes_is_the_fixture() {
    let project = project(
        "mkdir -p out; echo '{\"findings\": 2}' > out/report.json; echo 'wrote a report'",
        "[[step]]\ncapture = \"x\"\nrun = []\nfile = \"out/report.json\"\nsave = { n = \"$.findings\" }\nexpect = { \"$.findings\" = 2 }\n",
    );
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/first/x.json"),
        "{\n  \"findings\": 2\n}\n"
    );
    assert_eq!(
        project.read("target/stillframe/raw/01-first/01.file"),
        "{\"findings\": 2}\n"
    );
}

#[test]
fn a_file_of_lines_is_ndjson_by_its_name() {
    let project = project(
        "echo '{\"n\": 1}' > log.jsonl; echo '{\"n\": 2}' >> log.jsonl",
        "[[step]]\ncapture = \"x\"\nrun = []\nfile = \"log.jsonl\"\n",
    );
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/first/x.ndjson"),
        "{\"n\":1}\n{\"n\":2}\n"
    );
}

#[test]
fn a_file_that_the_step_did_not_write_is_not_its_output() {
    let missing = project(
        "exit 0",
        "[[step]]\ncapture = \"x\"\nrun = []\nfile = \"r.json\"\n",
    );
    missing
        .stillframe(&["regen"])
        .expect(1)
        .says(&["the step has no output: r.json does not exist"]);
    let old = project(
        "exit 0",
        "[[step]]\ncapture = \"x\"\nrun = []\nfile = \"r.json\"\n",
    );
    old.write("pocs/01-first/r.json", "{}");
    old.stillframe(&["regen"])
        .expect(1)
        .says(&["the step did not write r.json; it lay there before"]);
    old.script("printf '{}' > r.json");
    old.stillframe(&["regen"]).expect(0);
}

#[test]
fn a_link_that_leads_out_of_the_sandbox_is_not_captured() {
    let project = project(
        "echo '{\"secret\": 1}' > ../outside.json; ln -s ../outside.json r.json",
        "[[step]]\ncapture = \"x\"\nrun = []\nfile = \"r.json\"\n",
    );
    project
        .stillframe(&["regen"])
        .expect(1)
        .says(&["r.json leads out of the sandbox"]);
}

#[test]
fn stderr_is_the_output_where_the_step_says_so() {
    let project = project(
        "echo progress; echo '{\"n\": 1}' >&2; echo '{\"n\": 2}' >&2",
        "[[step]]\ncapture = \"x\"\nrun = []\nstderr = \"ndjson\"\n",
    );
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/first/x.ndjson"),
        "{\"n\":1}\n{\"n\":2}\n"
    );
}

#[test]
fn what_an_exec_prints_is_captured_too_and_the_lock_tells_it_from_a_run() {
    let project = project(
        "exit 1",
        "[[step]]\ncapture = \"x\"\nexec = [\"cat\", \"seed.json\"]\nsave = { n = \"$.n\" }\n[[step]]\ncapture = \"y\"\nexec = [\"echo\", \"[${n}]\"]\n",
    );
    project.write("pocs/01-first/seed.json", "{\"n\": 7}");
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/first/y.json"),
        "[\n  7\n]\n"
    );
    let lock = project.read("fixtures_generated/corpus.lock");
    assert!(lock.contains("exec = true"), "{lock}");
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn an_empty_stream_is_a_fixture_where_the_step_says_that_empty_is_right() {
    let steps = "[[step]]\ncapture = \"x\"\nrun = []\nstdout = \"ndjson\"\nnonempty = []\n";
    let project = project(
        "exit 0",
        &format!("{steps}{}", steps.replace("\"x\"", "\"y\"")),
    );
    let ran = project.stillframe(&["regen"]).expect(0);
    assert!(!ran.stdout.contains("duplicate"), "{}", ran.stdout);
    assert_eq!(project.read("fixtures_generated/first/x.ndjson"), "");
    project.stillframe(&["check", "--deny-warnings"]).expect(0);
    project.stillframe(&["validate"]).expect(0);
    project.script("echo '{\"n\": 1}'");
    project.stillframe(&["check"]).expect(3);
    project.stillframe(&["accept"]).expect(0);
    project.script("exit 0");
    project
        .stillframe(&["check"])
        .expect(3)
        .says(&["$[0] removed"]);
    project.stillframe(&["accept"]).expect(0);
    assert_eq!(project.read("fixtures_generated/first/x.ndjson"), "");
}

#[test]
fn an_empty_stream_is_unreadable_where_the_step_is_silent_about_it() {
    for nonempty in ["", "nonempty = [\"$[0]\"]\n"] {
        let project = project(
            "echo oops >&2",
            &format!("[[step]]\ncapture = \"x\"\nrun = []\nstdout = \"ndjson\"\n{nonempty}"),
        );
        project.stillframe(&["regen"]).expect(1).says(&[
            "unreadable",
            "stderr: oops",
            "nonempty = []",
        ]);
    }
}

#[test]
fn a_step_that_fails_shows_both_streams_and_where_all_of_them_lies() {
    let project = project(
        "echo '[{\"rule\": \"no-undef\"}]'; echo trouble >&2; exit 1",
        "[[step]]\ncapture = \"x\"\nrun = []\nexit = [0]\n",
    );
    project.stillframe(&["regen"]).expect(1).says(&[
        "exit code 1, expected 0",
        "stdout: [{\"rule\": \"no-undef\"}]",
        "stderr: trouble",
        "target/stillframe/raw/01-first/01.stdout, target/stillframe/raw/01-first/01.stderr",
    ]);
}

#[test]
fn an_unreadable_output_is_explained_once() {
    let project = project("echo '{} {}'", "[[step]]\ncapture = \"x\"\nrun = []\n");
    let ran = project.stillframe(&["regen"]).expect(1);
    let hint = "print exactly one document and nothing after it";
    assert_eq!(ran.stdout.matches(hint).count(), 1, "{}", ran.stdout);
}

#[test]
fn a_line_that_cannot_be_read_is_named_as_an_element() {
    let project = project(
        r#"echo '{"n":1}'; echo '{"n":2}'; echo '{"n":{"m":NaN}}'"#,
        "[[step]]\ncapture = \"x\"\nrun = []\nstdout = \"ndjson\"\n",
    );
    project
        .stillframe(&["regen"])
        .expect(1)
        .says(&["NaN is not JSON at line 3, column 11, in $[2].n.m"]);
}
