//! The second look: what varies is named with the rule that covers it, and what does not is not.

use crate::project::Project;

/// A target that prints this; `$time`, `$uuid` and `$folder` differ from run to run.
fn project(printed: &str) -> Project {
    let project = Project::shell();
    prints(&project, printed);
    project.write(
        "pocs/01-first/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"one\"\nrun = []\nnonempty = []\n",
    );
    project
}

fn prints(project: &Project, printed: &str) {
    project.script(&format!(
        "time=$(date -u +%FT%TZ); uuid=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n' | sed 's/\\(........\\)\\(....\\)\\(....\\)\\(....\\)/\\1-\\2-\\3-\\4-/')\nfolder=$(pwd)\ncat <<END\n{printed}\nEND"
    ));
}

#[test]
fn two_commands_make_a_corpus_of_what_varies() {
    let project = project(
        r#"{"id": "$uuid", "log": "https://x/runs/$uuid/log", "at": "$time", "took": 0.$$, "file": "$folder/x", "n": 3}"#,
    );
    let before = project.read("stillframe.toml") + "# the end\n";
    project.write("stillframe.toml", &before);
    let ran = project.as_typed(&["regen", "--fix-varying"]).expect(0);
    assert!(
        ran.stdout.contains("to stillframe.toml: "),
        "{}",
        ran.stdout
    );
    assert!(project.read("stillframe.toml").starts_with(&before));
    let fixture = project.read("fixtures_generated/first/one.json");
    assert!(
        fixture.contains("\"at\": \"2000-01-01T00:00:00Z\""),
        "{fixture}"
    );
    assert!(fixture.contains("\"n\": 3"), "{fixture}");
    project.as_typed(&["check"]).expect(0);
}

#[test]
fn what_varies_is_broken_and_comes_with_its_rule() {
    let project = project(r#"{"run": "$uuid", "n": 1}"#);
    let ran = project.as_typed(&["regen"]).expect(1);
    assert!(
        ran.stdout.starts_with("varies  first/one.json"),
        "{}",
        ran.stdout
    );
    for expected in [
        "$.run: ",
        "(a UUID)",
        "match  = { key = [\"run\"] }",
        "regen --fix-varying",
    ] {
        assert!(ran.stdout.contains(expected), "{expected}: {}", ran.stdout);
    }
    assert!(!project.path("fixtures_generated").exists());
    project.as_typed(&["regen", "--once"]).expect(0);
    let check = project.as_typed(&["check"]).expect(1);
    assert!(!check.stdout.contains("stale"), "{}", check.stdout);
    project.as_typed(&["accept"]).expect(2);
}

#[test]
fn a_change_of_the_program_is_told_from_what_varies() {
    let project = project(r#"{"n": 1}"#);
    project.as_typed(&["regen"]).expect(0);
    prints(&project, r#"{"n": 2}"#);
    let ran = project.as_typed(&["check"]).expect(3);
    assert!(
        ran.stdout.contains("a second run printed the same"),
        "{}",
        ran.stdout
    );
}

#[test]
fn an_unchanged_corpus_is_looked_at_once() {
    let project = project(r#"{"n": 1}"#);
    project.as_typed(&["regen"]).expect(0);
    project.script("echo x >> \"$(dirname \"$0\")/ran\"; echo '{\"n\": 1}'");
    project.as_typed(&["check"]).expect(0);
    assert_eq!(project.read("ran"), "x\n");
}

#[test]
fn no_rule_is_offered_where_none_helps_or_preserve_forbids_it() {
    let project = project(r#"{"last_value": "$uuid", "list": [1, $(seq -s, $$)]}"#);
    let ran = project.as_typed(&["regen", "--fix-varying"]).expect(1);
    assert!(
        ran.stdout
            .contains("no rule is offered: the two have another number of elements"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("$.last_value: "), "{}", ran.stdout);
    assert!(
        !project
            .read("stillframe.toml")
            .contains("[[normalize.rule]]")
    );
}

#[test]
fn a_setting_that_a_list_masks_is_pointed_out() {
    let project = project(r#"{"timeout_seconds": 30, "took_ms": $$}"#);
    let ran = project.as_typed(&["regen"]).expect(0);
    assert!(
        ran.stdout.contains("maybe-setting  first/one.json"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("$.timeout_seconds is 30 in both runs"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("$.took_ms is"), "{}", ran.stdout);
}
