//! Rules of `stillframe.toml` in a project of several fixtures.

use crate::project::Project;

/// A project whose steps print their only argument, with these rules and steps.
fn project(rules: &str, steps: &str) -> Project {
    let project = Project::shell();
    project.script("printf '%s' \"$1\"");
    let config = project.read("stillframe.toml");
    project.write("stillframe.toml", &format!("{config}{rules}"));
    let manifest = format!("summary = \"x\"\n{steps}");
    project.write("pocs/01-first/poc.toml", &manifest);
    project
}

fn step(capture: &str, printed: &str) -> String {
    format!("[[step]]\ncapture = \"{capture}\"\nrun = ['{printed}']\nnonempty = []\n")
}

#[test]
fn an_id_has_one_number_alone_and_inside_a_text_of_another_fixture() {
    let rules = r#"
[[normalize.rule]]
name = "run"
match = { pattern = '\b[0-9a-f]{8}\b' }
action = { identity = "run-${n}" }
"#;
    let steps = step(
        "a",
        r#"{"url": "https://ci.test/runs/4f3a2b1c?x=0000beef"}"#,
    ) + &step("b", r#"{"id": "0000beef", "log 4f3a2b1c": []}"#);
    let project = project(rules, &steps);
    project.stillframe(&["regen"]).expect(0);
    assert!(
        project
            .read("fixtures_generated/first/a.json")
            .contains(r#""https://ci.test/runs/run-1?x=run-2""#)
    );
    let second = project.read("fixtures_generated/first/b.json");
    assert!(second.contains(r#""id": "run-2""#), "{second}");
    assert!(second.contains(r#""log run-1""#), "{second}");
}

#[test]
fn a_rule_that_does_not_settle_is_named_with_its_place() {
    let rules = r#"
[[normalize.rule]]
name = "version"
match = { key = ["m"], pattern = 'v(\d+)\.\d+' }
action = { scrub = "v$1" }
"#;
    let project = project(rules, &step("a", r#"{"m": "v1.2.3"}"#));
    project
        .stillframe(&["check"])
        .expect(1)
        .says(&["the rule `version` would change what it wrote", "in $.m"]);
}

#[test]
fn a_limited_rule_holds_in_its_fixtures_and_is_unused_where_none_matches() {
    let rules = r#"
[[normalize.rule]]
name = "pid"
match = { key = ["pid"] }
within = ["first/a*"]
action = "zero"
"#;
    let steps = step("a", r#"{"pid": 4711}"#) + &step("b", r#"{"pid": 4712}"#);
    let project = project(rules, &steps);
    project.stillframe(&["regen"]).expect(0);
    let read = |name: &str| project.read(&format!("fixtures_generated/first/{name}.json"));
    assert!(read("a").contains("\"pid\": 0"), "{}", read("a"));
    assert!(read("b").contains("\"pid\": 4712"), "{}", read("b"));
    project.edit("stillframe.toml", "first/a*", "lint/*");
    project.stillframe(&["regen"]).expect(0).says(&[
        "unused-rule",
        "no fixture has a path that its `within` matches",
    ]);
    project.edit("stillframe.toml", "lint/*", "lint/[");
    project
        .stillframe(&["check"])
        .expect(2)
        .says(&["rule `pid`", "is not a pattern"]);
}

/// A published stream of a header and two findings, sorted by place.
fn findings() -> Project {
    let rules = r#"
[[normalize.rule]]
name = "order"
match = { path = "$[1:]" }
action = { sort = { by = ["$.file", "$.line"] } }
"#;
    let project = project(rules, "");
    let step = "summary = \"x\"\n[[step]]\ncapture = \"a\"\nrun = []\nstdout = \"ndjson\"\n";
    project.write("pocs/01-first/poc.toml", step);
    project.script(
        r#"echo '{"version":1}'; echo '{"line":10,"file":"b"}'; echo '{"line":9,"file":"b"}'"#,
    );
    project.stillframe(&["regen"]).expect(0);
    project
}

#[test]
fn lines_are_sorted_by_what_they_hold_below_a_header_that_stays() {
    let project = findings();
    assert_eq!(
        project.read("fixtures_generated/first/a.ndjson"),
        "{\"version\":1}\n{\"line\":9,\"file\":\"b\"}\n{\"line\":10,\"file\":\"b\"}\n"
    );
    let lock = project.read("fixtures_generated/corpus.lock");
    assert!(lock.contains(r#"order = ["$[1:]"]"#), "{lock}");
    project.script(
        r#"echo '{"version":1}'; echo '{"line":9,"file":"b"}'; echo '{"line":10,"file":"b"}'"#,
    );
    project.stillframe(&["check", "--deny-warnings"]).expect(0);
}

#[test]
fn a_key_that_no_element_has_is_reported() {
    let project = findings();
    project.edit("stillframe.toml", "$.file", "$.flie");
    project
        .stillframe(&["check"])
        .expect(0)
        .says(&["unused-rule", "no element that it sorts has $.flie"]);
    project.edit("stillframe.toml", "$[1:]", "$[9:]");
    project
        .stillframe(&["check"])
        .says(&["unused-rule", "it matched nothing"]);
}

#[test]
fn a_slice_from_the_end_is_refused_where_nobody_knows_the_end() {
    let project = findings();
    project.edit("stillframe.toml", "$[1:]", "$[-1:].rows");
    project.stillframe(&["check"]).expect(2).says(&[
        "rule `order`",
        "counts from the end",
        "count from the start",
    ]);
}
