//! Schemas exported by the target: bound, validated on both sides of the rules, and compared with the committed ones.

use crate::project::Project;

const SCRIPT: &str = r#"
if [ "$1" = export ]; then
  printf '{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","required":["command"],"properties":{"command":{"const":"greet"},"name":{"type":"string"},"took_ms":{"type":"integer","minimum":0},"rows":{"type":"array"},"at":{"type":"string","format":"date-time","x-stillframe":"timestamp"}}}\n' > "$2/greet.schema.json"
  exit
fi
printf '{"command":"greet","name":"%s","took_ms":%s,"at":"2026-01-0%sT00:00:00Z","rows":[1]}' "$1" "$$" "$(( $$ % 9 + 1 ))"
"#;

fn project() -> Project {
    let project = Project::shell();
    project.script(SCRIPT);
    let config = project.read("stillframe.toml");
    project.write(
        "stillframe.toml",
        &format!("{config}schemas = [\"export\", \"${{dir}}\"]\n"),
    );
    project.stillframe(&["regen"]).expect(0);
    project
}

#[test]
fn schemas_are_published_with_the_corpus_and_their_annotations_are_rules() {
    let project = project();
    assert!(project.path("schemas/greet.schema.json").exists());
    assert!(
        project
            .read("fixtures_generated/first/one.json")
            .contains("\"at\": \"2000-01-01T00:00:00Z\"")
    );
    assert!(
        project
            .read("fixtures_generated/corpus.lock")
            .contains("schema = \"greet\"")
    );
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn a_committed_schema_that_differs_is_stale() {
    let project = project();
    project.edit(
        "schemas/greet.schema.json",
        "\"type\":\"string\"}",
        "\"type\":\"integer\"}",
    );
    project
        .stillframe(&["check"])
        .expect(3)
        .says(&["stale-schema  schemas/greet.schema.json"]);
    project
        .stillframe(&["validate"])
        .expect(1)
        .says(&["invalid", "$.name"]);
    project
        .stillframe(&["regen"])
        .expect(0)
        .says(&["updated 1 schema"]);
}

#[test]
fn an_undeclared_field_is_invalid_with_its_place_and_value() {
    let project = project();
    project.edit("tool", "\"rows\":[1]}'", "\"rows\":[1],\"extra\":\"sup\"}'");
    project.stillframe(&["check"]).expect(1).says(&[
        "invalid  first/one.json",
        "$.extra",
        "\"sup\"",
    ]);
}

#[test]
fn a_fixture_of_no_schema_is_a_finding() {
    let project = project();
    project.edit(
        "tool",
        "printf '{\"command\":\"greet\"",
        "printf '{\"command\":\"salute\"",
    );
    project.stillframe(&["check"]).expect(1).says(&[
        "unbound  first/one.json",
        "salute",
        "schema = \"…\"",
    ]);
    let config = project.read("stillframe.toml");
    project.write(
        "stillframe.toml",
        &format!("{config}[problems]\nunbound = \"warn\"\n"),
    );
    project
        .stillframe(&["check"])
        .expect(2)
        .says(&["[problems] `unbound` is not advisory"]);
}

#[test]
fn a_fixture_of_two_schemas_is_a_finding() {
    let project = project();
    project.edit(
        "tool",
        "  exit\n",
        "  cp \"$2/greet.schema.json\" \"$2/hello.schema.json\"\n  exit\n",
    );
    project
        .stillframe(&["check"])
        .expect(1)
        .says(&["ambiguous", "greet", "hello"]);
}

#[test]
fn a_rule_that_turns_a_valid_document_invalid_is_a_finding() {
    let project = project();
    project.edit("tool", "\"minimum\":0", "\"minimum\":1");
    project.stillframe(&["check"]).expect(1).says(&[
        "rule-breaks-schema  first/one.json",
        "valid as printed, but not as normalised",
        "$.took_ms",
    ]);
}

#[test]
fn a_schema_that_nothing_uses_is_advice() {
    let project = project();
    project.edit(
        "tool",
        "  exit\n",
        "  echo '{}' > \"$2/other.schema.json\"\n  exit\n",
    );
    project
        .stillframe(&["regen"])
        .expect(0)
        .says(&["unused-schema", "other.schema.json"]);
    project.write("scenarios/other/a.json", "{\"command\": \"other\"}\n");
    let ran = project.stillframe(&["check"]).expect(0);
    assert!(!ran.stdout.contains("unused-schema"), "{}", ran.stdout);
}

/// A project whose target exports the schemas `start` and `stop` and prints these lines.
fn events(lines: &str) -> Project {
    let project = Project::shell();
    let schema = |command: &str, more: &str| {
        format!(
            r#"{{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","required":["command"],"properties":{{"command":{{"const":"{command}"}},{more}}}}}"#
        )
    };
    let start = schema(
        "start",
        r#""spent":{"type":"integer","x-stillframe":"duration"}"#,
    );
    let stop = schema("stop", r#""spent":{"type":"integer"}"#);
    project.script(&format!(
        "if [ \"$1\" = export ]; then\n  echo '{start}' > \"$2/start.schema.json\"\n  echo '{stop}' > \"$2/stop.schema.json\"\n  exit\nfi\ncat <<'END'\n{lines}\nEND"
    ));
    project.write(
        "stillframe.toml",
        "format-version = 1\n[target]\ncommand = \"./tool\"\nschemas = [\"export\", \"${dir}\"]\n",
    );
    project.write(
        "pocs/01-first/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"x\"\nrun = []\nstdout = \"ndjson\"\n",
    );
    project
}

const EVENTS: &str = "{\"command\":\"start\",\"spent\":7}\n{\"command\":\"stop\",\"spent\":7}\n{\"command\":\"start\",\"spent\":8}";

#[test]
fn each_line_has_the_schema_that_it_names_with_that_schemas_annotations() {
    let project = events(EVENTS);
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/first/x.ndjson"),
        "{\"command\":\"start\",\"spent\":0}\n{\"command\":\"stop\",\"spent\":7}\n{\"command\":\"start\",\"spent\":0}\n"
    );
    let lock = project.read("fixtures_generated/corpus.lock");
    assert!(lock.contains("schema = [\"start\", \"stop\"]"), "{lock}");
    project.stillframe(&["check", "--deny-warnings"]).expect(0);
    project.stillframe(&["validate"]).expect(0);
    project.edit("tool", "stop\",\"spent\":7", "stop\",\"spent\":9");
    project
        .stillframe(&["check"])
        .expect(3)
        .says(&["$[1].spent: 7 → 9"]);
    project.stillframe(&["accept"]).expect(0);
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn a_line_keeps_its_schema_when_lines_are_sorted() {
    let project = events(EVENTS);
    let config = project.read("stillframe.toml");
    let rule = "[[normalize.rule]]\nname = \"order\"\nmatch = { path = \"$\" }\naction = { sort = { by = [\"$.command\"] } }\n";
    project.write("stillframe.toml", &format!("{config}{rule}"));
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/first/x.ndjson"),
        "{\"command\":\"start\",\"spent\":0}\n{\"command\":\"start\",\"spent\":0}\n{\"command\":\"stop\",\"spent\":7}\n"
    );
    project.stillframe(&["check", "--deny-warnings"]).expect(0);
    project.stillframe(&["validate"]).expect(0);
}

#[test]
fn what_is_wrong_with_a_line_is_named_as_in_a_rule() {
    events(&EVENTS.replace("8}", "\"8\"}"))
        .stillframe(&["regen"])
        .expect(1)
        .says(&[
            "invalid",
            "$[2].spent",
            "the type that start.schema.json is generated from",
        ]);
    events(&format!("{EVENTS}\n{{\"command\":\"pause\"}}"))
        .stillframe(&["regen"])
        .expect(1)
        .says(&["unbound", "$[3]: "]);
}

const GREET: &str = "{\"properties\":{\"command\":{\"const\":\"greet\"},\"name\":{},\"took_ms\":{},\"rows\":{\"items\":{\"type\":\"integer\"}}}}";

#[test]
fn a_schema_that_is_a_link_is_validated_against() {
    let project = Project::shell();
    project.write("common/greet.json", GREET);
    std::fs::create_dir(project.path("schemas")).unwrap();
    let link = project.path("schemas/greet.schema.json");
    std::os::unix::fs::symlink("../common/greet.json", link).unwrap();
    project.stillframe(&["regen"]).expect(0);
    assert!(
        project
            .read("fixtures_generated/corpus.lock")
            .contains("schema = \"greet\"")
    );
    project.edit("tool", "[1]", "[\"a\"]");
    project.stillframe(&["check"]).expect(1).says(&["invalid"]);
}

#[test]
fn a_schema_that_cannot_be_reached_is_an_error() {
    let links = [
        Some("nowhere.json"),
        Some("greet.schema.json"),
        Some("."),
        None,
    ];
    for leads in links {
        let project = Project::published();
        let place = project.path("schemas/greet.schema.json");
        std::fs::create_dir(project.path("schemas")).unwrap();
        match leads {
            Some(leads) => std::os::unix::fs::symlink(leads, place).unwrap(),
            None => std::fs::create_dir(place).unwrap(),
        }
        for command in [
            &["validate"][..],
            &["check"],
            &["regen"],
            &["scenario", "check"],
        ] {
            let ran = project.stillframe(command);
            assert_eq!(ran.code, 2, "{leads:?} {command:?}: {}", ran.stdout);
            assert!(
                ran.stderr.contains("schemas/greet.schema.json"),
                "{}",
                ran.stderr
            );
        }
    }
}

#[test]
fn a_fixture_whose_recorded_schema_is_gone_is_not_valid() {
    let project = Project::shell();
    project.write("schemas/greet.schema.json", GREET);
    project.stillframe(&["regen"]).expect(0);
    project.stillframe(&["validate"]).expect(0);
    project.remove("schemas/greet.schema.json");
    let ran = project
        .stillframe(&["validate"])
        .says(&["the schema `greet`, which does not exist"]);
    assert_ne!(ran.code, 0);
}

#[test]
fn what_is_wrong_with_one_of_several_lines_names_its_schema() {
    events(&EVENTS.replace("8}", "\"8\"}"))
        .stillframe(&["regen"])
        .expect(1)
        .says(&[
            "$[2].spent",
            "schema start.schema.json#/properties/spent/type",
        ]);
}
