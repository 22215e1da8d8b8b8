//! `check` after each thing that can go out of step, and `regen` twice.

use crate::project::Project;

#[test]
fn regenerating_twice_changes_nothing() {
    let project = Project::published();
    let first = project.tree();
    project
        .stillframe(&["regen"])
        .expect(0)
        .says(&["0 new, 0 changed, 0 removed, 2 unchanged"]);
    assert_eq!(project.tree(), first);
    project.stillframe(&["check"]).expect(0).says(&["2 fresh"]);
}

#[test]
fn a_fixture_is_laid_out_and_normalised() {
    let project = Project::published();
    assert_eq!(
        project.read("fixtures_generated/first/one.json"),
        "{\n  \"command\": \"greet\",\n  \"name\": \"one\",\n  \"took_ms\": 0,\n  \"rows\": [\n    1\n  ]\n}\n"
    );
}

/// Does something to a published project and gives what `check` says, which must not change the tree.
#[track_caller]
fn check_after(change: impl FnOnce(&Project), code: i32, says: &[&str]) {
    let project = Project::published();
    change(&project);
    let before = project.tree();
    project.stillframe(&["check"]).expect(code).says(says);
    assert_eq!(project.tree(), before, "check wrote to the tree");
}

#[test]
fn a_changed_byte_is_stale() {
    check_after(
        |project| project.edit("fixtures_generated/first/one.json", "one", "onE"),
        3,
        &[
            "hand-edited  first/one.json",
            "$.name: \"onE\" → \"one\"",
            "stillframe regen",
        ],
    );
}

#[test]
fn a_deleted_fixture_is_stale() {
    check_after(
        |project| project.remove("fixtures_generated/first/two.json"),
        3,
        &["missing  first/two.json", "01-first, step 2"],
    );
}

#[test]
fn a_stray_fixture_is_stale() {
    check_after(
        |project| project.write("fixtures_generated/old/plan.json", "{}\n"),
        3,
        &["orphan  old/plan.json"],
    );
}

#[test]
fn a_stray_file_of_another_kind_is_broken_and_kept() {
    check_after(
        |project| project.write("fixtures_generated/notes.txt", "mine"),
        1,
        &["foreign  notes.txt"],
    );
}

#[test]
fn a_removed_poc_leaves_orphans() {
    check_after(
        |project| {
            project.write(
                "pocs/02-other/poc.toml",
                "summary = \"x\"\n[[step]]\ncapture = \"three\"\nrun = [\"three\"]\n",
            );
            project.stillframe(&["regen"]).expect(0);
            project.remove("pocs/02-other");
        },
        3,
        &["orphan  other/three.json"],
    );
}

#[test]
fn a_changed_exit_code_is_stale() {
    check_after(
        |project| {
            project.script(
                r#"printf '{"command":"greet","name":"%s","took_ms":1,"rows":[1]}' "$1"; exit 2"#,
            );
        },
        3,
        &["exit-changed  first/one.json", "exit code: 0 → 2"],
    );
}

#[test]
fn a_changed_output_is_stale_with_a_diff() {
    check_after(
        |project| project.edit("tool", "[1]", "[1,2]"),
        3,
        &[
            "stale  first/one.json",
            "$.rows[1] added: 2",
            "+    2",
            "hint: run `stillframe regen` and commit the result",
        ],
    );
}

#[test]
fn a_changed_argument_makes_the_lock_stale() {
    check_after(
        |project| {
            project.edit(
                "pocs/01-first/poc.toml",
                "run = [\"one\"]",
                "run = [\"one\", \"more\"]",
            );
        },
        3,
        &[
            "stale-lock  fixtures_generated/corpus.lock",
            "args: [\"one\"] → [\"one\", \"more\"]",
        ],
    );
}

#[test]
fn a_failing_step_is_broken_and_nothing_is_written() {
    let project = Project::published();
    project.script("echo no database >&2; exit 7");
    project.edit(
        "pocs/01-first/poc.toml",
        "run = [\"one\"]",
        "run = [\"one\"]\nexit = [0]",
    );
    let before = project.tree();
    project.stillframe(&["regen"]).expect(1).says(&[
        "failed  first/one.json",
        "exit code 7, expected 0",
        "stderr: no database",
        "nothing was written",
    ]);
    assert_eq!(project.tree(), before);
}

#[test]
fn a_failure_hides_no_drift_elsewhere() {
    let project = Project::published();
    project.write("pocs/02-bad/poc.toml", "summary = \"x\"\n[[step]]\nrun = [\"x\"]\nexit = [9]\n[[step]]\ncapture = \"bad\"\nrun = []\n");
    project.edit("tool", "[1]", "[2]");
    project
        .stillframe(&["check"])
        .expect(1)
        .says(&["failed", "exit code 0, expected 9", "stale"]);
}

#[test]
fn a_limited_run_judges_and_writes_only_its_pocs() {
    let project = Project::published();
    project.write(
        "pocs/02-other/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"three\"\nrun = [\"three\"]\n",
    );
    project.stillframe(&["regen"]).expect(0);
    project.edit("tool", "[1]", "[2]");
    project.write("fixtures_generated/old.json", "1\n");
    let ran = project
        .stillframe(&["check", "--poc", "02-other"])
        .expect(3)
        .says(&["other/three.json"]);
    assert!(
        !ran.stdout.contains("first/one.json") && !ran.stdout.contains("orphan"),
        "{}",
        ran.stdout
    );
    project
        .stillframe(&["regen", "--poc", "02-other"])
        .expect(0);
    project
        .stillframe(&["check", "--poc", "02-other"])
        .expect(0);
    project
        .stillframe(&["check"])
        .expect(3)
        .says(&["stale   first/one.json", "orphan  old.json"]);
}

#[test]
fn the_number_of_jobs_changes_no_byte() {
    let project = Project::shell();
    for number in 2..12 {
        project.write(
            &format!("pocs/{number:02}-poc/poc.toml"),
            &format!("summary = \"x\"\n[[step]]\ncapture = \"a\"\nrun = [\"{number}\"]\ndest = \"p{number}\"\n").replace("[[step]]", "").replace(
                &format!("dest = \"p{number}\"\n"),
                "",
            ).replace("capture", &format!("dest = \"p{number}\"\n[[step]]\ncapture")),
        );
    }
    project.stillframe(&["regen", "--jobs", "1"]).expect(0);
    let one = project.corpus();
    project.remove("fixtures_generated");
    project.stillframe(&["regen", "--jobs", "7"]).expect(0);
    assert_eq!(project.corpus(), one);
}

#[test]
fn the_json_report_is_versioned_and_whole() {
    let project = Project::published();
    project.edit("tool", "[1]", "[2]");
    let ran = project.stillframe(&["check", "--format", "json"]).expect(3);
    let report: stillframe_core::report::Report = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report.format_version, 1);
    assert_eq!(report.summary.changed, 2);
    assert_eq!(report.problems.len(), 2);
    assert!(report.problems[0].diff.as_ref().unwrap().contains("-    1"));
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_project_without_a_poc_is_refused() {
    let project = Project::shell();
    project.remove("pocs");
    project
        .stillframe(&["check"])
        .expect(2)
        .says(&["no POC", "stillframe poc new NAME"]);
}

#[test]
fn a_filter_that_matches_nothing_is_refused() {
    Project::shell()
        .stillframe(&["regen", "--poc", "nosuch"])
        .expect(2)
        .says(&["matches no POC; there are: 01-first"]);
}

#[test]
fn a_folder_with_files_but_no_lock_is_refused() {
    let project = Project::shell();
    project.write("fixtures_generated/mine.json", "{}\n");
    project
        .stillframe(&["regen"])
        .expect(2)
        .says(&["no corpus.lock", "nothing was touched"]);
    assert_eq!(project.read("fixtures_generated/mine.json"), "{}\n");
}

#[test]
fn validate_reads_the_committed_corpus_alone() {
    let project = Project::published();
    project.remove("tool");
    project.stillframe(&["validate"]).expect(0);
    project.edit("fixtures_generated/first/one.json", "one", "six");
    project
        .stillframe(&["validate"])
        .expect(3)
        .says(&["hand-edited  first/one.json"]);
}

#[test]
fn integers_beyond_any_type_differ_are_validated_and_are_handed_on_as_printed() {
    let project = Project::shell();
    project.write(
        "schemas/greet.schema.json",
        r#"{"type":"object","properties":{"command":{"const":"greet"},"n":{"maximum":12345678901234567890124}}}"#,
    );
    project.write(
        "pocs/01-first/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"one\"\nrun = []\nsave = { n = \"$.n\" }\n[[step]]\nexec = [\"test\", \"${n}\", \"=\", \"12345678901234567890123\"]\n",
    );
    let print = |n: &str| project.script(&format!("printf '{{\"command\":\"greet\",\"n\":{n}}}'"));
    print("12345678901234567890123");
    project.stillframe(&["regen"]).expect(0);
    project.edit("pocs/01-first/poc.toml", "123\"]", "124\"]");
    print("12345678901234567890124");
    project
        .stillframe(&["check"])
        .expect(3)
        .says(&["$.n: 12345678901234567890123 → 12345678901234567890124"]);
    project.edit("pocs/01-first/poc.toml", "124\"]", "125\"]");
    print("12345678901234567890125");
    project.stillframe(&["check"]).expect(1).says(&[
        "$.n: this is greater than the maximum of 12345678901234567890124 (value 12345678901234567890125",
    ]);
}

#[test]
fn files_of_editors_and_systems_are_not_findings() {
    let project = Project::published();
    for folder in [
        "fixtures_generated",
        "fixtures_generated/first",
        "schemas",
        "scenarios/greet",
    ] {
        for name in [
            "Thumbs.db",
            ".DS_Store",
            "one.json~",
            "#one.json#",
            ".one.json.swp",
            "4913",
            "._x.schema.json",
        ] {
            project.write(&format!("{folder}/{name}"), "not JSON");
        }
        let lock = project.path(folder).join(".#one.json");
        std::os::unix::fs::symlink("me@here.1234:1700000000", lock).unwrap();
    }
    project.write("scenarios/greet/one.json", "{\"command\":\"greet\"}\n");
    for command in [
        &["check"][..],
        &["validate"],
        &["regen"],
        &["scenario", "check"],
        &["scenario", "list"],
    ] {
        project.stillframe(command).expect(0);
    }
    assert_eq!(
        project.read("fixtures_generated/first/one.json~"),
        "not JSON"
    );
}

#[test]
fn an_editor_that_is_open_while_a_run_goes_on_changes_nothing_in_it() {
    let project = Project::published();
    project.script(r#"touch "$(dirname "$0")/fixtures_generated/first/.one.json.swp"; printf '{"command":"greet","name":"%s","took_ms":1,"rows":[1]}' "$1""#);
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn regen_ends_with_what_it_published() {
    let project = Project::shell();
    project.script("echo '[]'");
    let ran = project.stillframe(&["regen"]).expect(0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let published = "published 2 new, 0 changed, 0 removed, 0 unchanged in fixtures_generated";
    assert_eq!(
        lines[lines.len() - 3..],
        [published, "  new  first/one.json", "  new  first/two.json"]
    );
    assert!(ran.stdout.contains("2 vacuous\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("fresh"), "{}", ran.stdout);
}

#[test]
fn a_large_fixture_names_the_places_that_differ() {
    let project = Project::shell();
    let rows = |changed: &str| {
        project.script(&format!(
            r#"awk 'BEGIN {{ printf "{{\"rows\":["; for (i = 0; i < 120000; i++) printf "%s{{\"id\":%d,\"name\":\"row %d%s\"}}", i ? "," : "", i, i, i == 99999 ? "{changed}" : ""; print "]}}" }}'"#
        ));
    };
    rows("");
    project.stillframe(&["regen"]).expect(0);
    assert!(project.read("fixtures_generated/first/one.json").len() > 4 << 20);
    rows(" changed");
    project
        .stillframe(&["check"])
        .expect(3)
        .says(&["$.rows[99999].name: \"row 99999\" → \"row 99999 changed\""]);
}

#[test]
fn advice_names_types_only_where_schemas_are_exported() {
    let schema = r#"{"type":"object","properties":{"command":{"const":"greet"},"name":{"type":"integer"},"took_ms":{},"rows":{}}}"#;
    let advice = |project: &Project| {
        let ran = project.stillframe(&["check"]).expect(1);
        ran.stdout
            .lines()
            .find(|line| line.contains("hint: change"))
            .unwrap()
            .trim()
            .to_owned()
    };
    let written = Project::shell();
    written.write("schemas/greet.schema.json", schema);
    assert_eq!(
        advice(&written),
        "hint: change the target's output, or greet.schema.json"
    );
    written.write("schemas/greet.schema.json", "{");
    let ran = written
        .stillframe(&["check"])
        .expect(1)
        .says(&["hint: correct greet.schema.json"]);
    assert!(!ran.stdout.contains("generated"), "{}", ran.stdout);
    let exported = Project::shell();
    exported.write("exports/greet.schema.json", schema);
    exported.edit(
        "tool",
        "#!/bin/sh\n",
        "#!/bin/sh\n[ \"$1\" = export ] && { cp \"$(dirname \"$0\")\"/exports/* \"$2\"; exit; }\n",
    );
    exported.edit(
        "stillframe.toml",
        "command = \"./tool\"\n",
        "command = \"./tool\"\nschemas = [\"export\", \"${dir}\"]\n",
    );
    assert_eq!(
        advice(&exported),
        "hint: change the target's output, or the type that greet.schema.json is generated from"
    );
}

#[test]
fn another_version_is_printed_above_its_drift_and_is_not_drift() {
    let project = Project::shell();
    let version = |number: &str, rows: &str| {
        project.script(&format!(
            "if [ \"$1\" = --version ]; then echo 'tool {number}'; exit; fi\nprintf '{{\"arg\":\"%s\",\"rows\":{rows}}}' \"$1\""
        ));
    };
    project.edit(
        "stillframe.toml",
        "command = \"./tool\"\n",
        "command = \"./tool\"\nversion = [\"--version\"]\n",
    );
    version("1.0", "[1]");
    project.stillframe(&["regen"]).expect(0);
    let lock = project.read("fixtures_generated/corpus.lock");
    assert!(
        lock.ends_with("[target.tool]\nversion = \"tool 1.0\"\n"),
        "{lock}"
    );
    version("2.0", "[1]");
    let ran = project.stillframe(&["check"]).expect(0);
    assert!(!ran.stdout.contains("2.0"), "{}", ran.stdout);
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(project.read("fixtures_generated/corpus.lock"), lock);
    version("2.0", "[2]");
    let ran = project.stillframe(&["check"]).expect(3);
    assert!(
        ran.stdout.starts_with("tool 1.0 → 2.0\nstale"),
        "{}",
        ran.stdout
    );
    project
        .stillframe(&["regen"])
        .expect(0)
        .says(&["tool 1.0 → 2.0"]);
    project.stillframe(&["check"]).expect(0);
    let lock = project.read("fixtures_generated/corpus.lock");
    assert!(lock.contains("version = \"tool 2.0\""), "{lock}");
    project
        .script("[ \"$1\" = --version ] && exit 1; printf '{\"arg\":\"%s\",\"rows\":[2]}' \"$1\"");
    let ran = project.stillframe(&["check"]).expect(0);
    assert!(
        ran.stderr.contains("no version of tool is recorded"),
        "{}",
        ran.stderr
    );
}

#[test]
fn lines_that_differ_at_one_place_are_named_as_a_rule_names_them() {
    let project = Project::shell();
    let step = "summary = \"x\"\n[[step]]\ncapture = \"a\"\nrun = []\nstdout = \"ndjson\"\n";
    project.write("pocs/01-first/poc.toml", step);
    let print = |word: &str| {
        let line = |name: &str| format!("echo '{{\"job\":\"{name}{word}\"}}'\n");
        project.script(&["a", "b", "c"].map(line).concat());
    };
    print("1");
    project.stillframe(&["regen"]).expect(0);
    print("2");
    let ran = project.stillframe(&["check"]).expect(3);
    let place = ran.stdout.lines().find(|line| line.contains('$')).unwrap();
    assert_eq!(place.trim(), "$[*].job changed (3 places)");
    ran.says(&["$[2].job: \"c1\" → \"c2\""]);
    let config = project.read("stillframe.toml");
    let rule = "[[normalize.rule]]\nname = \"job\"\nmatch = { path = \"$[*].job\" }\naction = { constant = \"x\" }\n";
    project.write("stillframe.toml", &format!("{config}{rule}"));
    project.stillframe(&["regen"]).expect(0);
    print("3");
    project.stillframe(&["check"]).expect(0);
}
