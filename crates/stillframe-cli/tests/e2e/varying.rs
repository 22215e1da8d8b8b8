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
fn an_id_that_names_a_member_and_todays_date_are_covered_too() {
    let project = project(r#"{"runs": {"$uuid": {"ok": true}}, "day": "$(date +%F)", "n": 1}"#);
    project.as_typed(&["regen", "--fix-varying"]).expect(0);
    let fixture = project.read("fixtures_generated/first/one.json");
    for expected in [
        "\"00000000-0000-4000-8000-000000000001\": {",
        "\"day\": \"2000-01-01\"",
        "\"n\": 1",
    ] {
        assert!(fixture.contains(expected), "{expected}: {fixture}");
    }
    project.as_typed(&["check"]).expect(0);
}

#[test]
fn todays_date_is_advice_with_its_rule_and_a_literal_where_the_poc_has_it() {
    let project = project(r#"{"day": "$(date +%F)"}"#);
    project.as_typed(&["regen"]).expect(0).says(&[
        "machine-bound  first/one.json",
        "action = { constant = \"2000-01-01\" }",
        "a point in time that differs from day to day",
    ]);
    project.remove("fixtures_generated");
    project.script("cat seed.json");
    let day = std::process::Command::new("date").arg("+%F").output();
    let day = String::from_utf8(day.unwrap().stdout).unwrap();
    let seed = format!("{{\"day\": \"{}\"}}", day.trim());
    project.write("pocs/01-first/seed.json", &seed);
    project.as_typed(&["regen", "--fix-varying"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/first/one.json"),
        seed.replace("{", "{\n  ").replace("}", "\n}\n")
    );
}

#[test]
fn what_is_measured_in_many_members_is_one_finding_and_stays_covered() {
    let members: Vec<String> = (1..=12)
        .map(|number| {
            format!(r#""AL{number:02}": 0.0001$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')"#)
        })
        .collect();
    let project = project(&format!(r#"{{"timings": {{{}}}}}"#, members.join(", ")));
    let ran = project.as_typed(&["regen"]).expect(1).says(&[
        "other places, with the same rule",
        "path = \"$.timings.*\"",
        "nothing was written; `stillframe regen --fix-varying` adds the rules",
    ]);
    assert_eq!(ran.stdout.matches("varies  first").count(), 1);
    assert_eq!(ran.stdout.matches("hint: run").count(), 1);
    project.as_typed(&["regen", "--fix-varying"]).expect(0);
    for _ in 0..2 {
        project.as_typed(&["check"]).expect(0);
    }
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

/// What `regen --fix-varying` and a `check` leave of a program that prints this.
#[track_caller]
fn fixed(printed: &str) -> String {
    let project = project(printed);
    project.as_typed(&["regen", "--fix-varying"]).expect(0);
    project.as_typed(&["check"]).expect(0);
    project.read("fixtures_generated/first/one.json")
}

#[test]
fn a_value_that_stays_the_same_is_not_masked_beside_one_that_varies() {
    let fixture = fixed(r#"{"jobs": [{"id": "$uuid"}, {"id": "root"}, {"id": "main"}]}"#);
    assert!(fixture.contains("root"), "{fixture}");
    assert!(fixture.contains("main"), "{fixture}");
}

#[test]
fn of_a_text_only_the_parts_that_vary_are_replaced() {
    let fixture = fixed(
        r#"{"url": "http://127.0.0.1:$$/x", "said": "listening on :$$, 3 workers, 30s each"}"#,
    );
    assert!(fixture.contains("http://127.0.0.1:0/x"), "{fixture}");
    assert!(fixture.contains(":0, 3 workers, 30s each"), "{fixture}");
}

#[test]
fn of_a_path_only_the_name_that_varies_is_replaced() {
    let fixture = fixed(r#"{"report": "/var/out/$(mktemp -u tmpXXXXXXXX)/out/report.json"}"#);
    assert!(
        fixture.contains("/var/out/name/out/report.json"),
        "{fixture}"
    );
}

#[test]
fn an_id_beside_something_else_that_varies_is_the_same_id() {
    let fixture = fixed(r#"{"id": "$uuid", "said": "run $uuid took $$ ms"}"#);
    let id = "00000000-0000-4000-8000-000000000001";
    assert!(fixture.contains(&format!("\"id\": \"{id}\"")), "{fixture}");
    assert!(
        fixture.contains(&format!("run {id} took 0 ms")),
        "{fixture}"
    );
}

#[test]
fn an_id_that_is_a_name_is_the_same_id() {
    let fixture = fixed(r#"{"id": "$uuid", "results": {"$uuid": {"ok": true}}}"#);
    let id = "00000000-0000-4000-8000-000000000001";
    assert_eq!(fixture.matches(id).count(), 2, "{fixture}");
}

#[test]
fn an_array_in_another_order_keeps_its_data() {
    let project = project("");
    project.script(
        r#"ran="$(dirname "$0")/ran"; if [ -e "$ran" ]; then rm "$ran"; order="3 1 2"; else touch "$ran"; order="1 2 3"; fi
printf '['; for n in $order; do printf '%s{"file": "f%s.py", "took": %s.%s}' "$comma" $n $n $$; comma=,; done; printf ']'"#,
    );
    project.as_typed(&["regen", "--fix-varying"]).expect(0);
    let fixture = project.read("fixtures_generated/first/one.json");
    for file in ["f1.py", "f2.py", "f3.py"] {
        assert!(fixture.contains(file), "{fixture}");
    }
    let config = project.read("stillframe.toml");
    assert!(config.contains("\"sort\""), "{config}");
    project.as_typed(&["check"]).expect(0);
}

#[test]
fn a_rule_for_one_poc_leaves_the_fixtures_of_another_alone() {
    let project = project(r#"{"id": "stable", "n": 1}"#);
    project.as_typed(&["regen"]).expect(0);
    let before = project.read("fixtures_generated/first/one.json");
    project.script(r#"if [ -n "$1" ]; then echo "{\"id\": \"$(cat /proc/sys/kernel/random/uuid)\"}"; else echo '{"id": "stable", "n": 1}'; fi"#);
    project.write(
        "pocs/02-second/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"two\"\nrun = [\"v\"]\n",
    );
    project.as_typed(&["regen", "--fix-varying"]).expect(0);
    assert_eq!(project.read("fixtures_generated/first/one.json"), before);
    project.as_typed(&["check"]).expect(0);
}

#[cfg(unix)]
#[test]
fn rules_are_added_to_the_file_that_is_the_configuration() {
    use std::os::unix::fs::PermissionsExt;
    let project = project(r#"{"id": "$uuid"}"#);
    let (link, real) = (project.path("stillframe.toml"), project.path("real.toml"));
    std::fs::rename(&link, &real).unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink("real.toml", &link).unwrap();
    project.as_typed(&["regen", "--fix-varying"]).expect(0);
    assert!(link.is_symlink());
    assert!(project.read("real.toml").contains("[[normalize.rule]]"));
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_place_under_preserve_is_said_to_be_kept_by_it() {
    let project = project(r#"{"id": "$uuid"}"#);
    let config = project.read("stillframe.toml") + "[normalize]\npreserve = [\"id\"]\n";
    project.write("stillframe.toml", &config);
    let ran = project.as_typed(&["regen"]).expect(1);
    assert!(
        ran.stdout.contains("`preserve` of stillframe.toml"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("write a rule"), "{}", ran.stdout);
}
