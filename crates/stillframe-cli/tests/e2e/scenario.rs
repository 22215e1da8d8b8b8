//! Hand-written outputs through the real binary.

use crate::project::Project;

const SCHEMA: &str = r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","required":["command","name"],
"properties":{"command":{"const":"greet"},"name":{"type":"string"},"took_ms":{"type":"integer"},"rows":{"type":"array"}}}"#;

fn project() -> Project {
    let project = Project::shell();
    project.write("schemas/greet.schema.json", SCHEMA);
    project
}

#[test]
fn a_new_scenario_is_valid_listed_and_checked() {
    let project = project();
    project.stillframe(&["scenario", "check"]).expect(2);
    project
        .stillframe(&["scenario", "list"])
        .expect(0)
        .says(&["greet  none"]);
    project
        .stillframe(&["scenario", "new", "greet", "rich"])
        .expect(0);
    project
        .stillframe(&["scenario", "list"])
        .expect(0)
        .says(&["greet  rich"]);
    project
        .stillframe(&["scenario", "check"])
        .expect(0)
        .says(&["1 scenario valid against 1 schema"]);
    project
        .stillframe(&["scenario", "new", "greet", "rich"])
        .expect(2);
}

#[test]
fn a_schema_violation_is_broken_in_capture_and_scenario() {
    let project = project();
    project.stillframe(&["regen"]).expect(0);
    project.write(
        "scenarios/greet/odd.json",
        "{\"command\": \"greet\", \"name\": \"x\", \"nmae\": 1}\n",
    );
    project.stillframe(&["scenario", "check"]).expect(1).says(&[
        "invalid",
        "scenarios/greet/odd.json",
        "nmae",
    ]);
    project.edit("tool", "\"name\":\"%s\"", "\"name\":7,\"x\":\"%s\"");
    project
        .stillframe(&["check"])
        .expect(1)
        .says(&["invalid  first/one.json", "$.name", "7"]);
}
