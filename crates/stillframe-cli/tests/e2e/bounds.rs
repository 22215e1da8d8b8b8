//! What is small to write and endless to work with is refused at a bound, with the place that asks for it.

use serde_json::{Map, Value, json};

use crate::project::Project;

const PRINTS: &str = r#"printf '{"command":"greet","name":"%s"}' "$1""#;

/// A schema of `levels` definitions, each of which leads to the next by `link`.
fn schema(levels: usize, link: impl Fn(Value) -> Value) -> String {
    let mut definitions = Map::new();
    for level in 0..levels {
        let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
        definitions.insert(format!("d{level}"), link(next));
    }
    definitions.insert(format!("d{levels}"), json!({"type": "object"}));
    json!({
        "type": "object",
        "properties": {"command": {"const": "greet"}},
        "allOf": [{"$ref": "#/$defs/d0"}],
        "$defs": definitions,
    })
    .to_string()
}

#[test]
fn a_schema_that_explodes_is_refused_by_every_command_that_reads_it() {
    let project = Project::shell();
    project.script(PRINTS);
    project.write("scenarios/greet/a.json", "{\"command\":\"greet\"}\n");
    project.write("in.json", "{}");
    for schema in [
        schema(40, |next| json!({"allOf": [next, next]})),
        schema(40, |next| json!({"anyOf": [next, {"not": next}]})),
        schema(
            40,
            |next| json!({"unevaluatedProperties": false, "oneOf": [next, next]}),
        ),
        schema(20_000, |next| next),
    ] {
        project.write("schemas/greet.schema.json", &schema);
        for args in [
            &["check"] as &[&str],
            &["scenario", "check"],
            &["scenario", "new", "greet", "b"],
        ] {
            project
                .stillframe(args)
                .expect(1)
                .says(&["broken-schema  greet.schema.json", "for one value"]);
        }
        let args = [
            "normalize",
            "--schema",
            "schemas/greet.schema.json",
            "in.json",
        ];
        let ran = project.stillframe(&args).expect(2);
        assert!(ran.stderr.contains("for one value"), "{}", ran.stderr);
    }
}

#[test]
fn a_schema_that_nests_too_deep_is_refused() {
    let project = Project::shell();
    let deep = format!("{}{{}}{}", "{\"not\":".repeat(100_000), "}".repeat(100_000));
    project.write("schemas/greet.schema.json", &deep);
    project.write("in.json", "{}");
    project
        .stillframe(&["check"])
        .expect(1)
        .says(&["broken-schema"]);
    let args = [
        "normalize",
        "--schema",
        "schemas/greet.schema.json",
        "in.json",
    ];
    assert_eq!(project.stillframe(&args).code, 2);
}

#[test]
fn a_scenario_that_nobody_could_edit_is_refused_with_the_keyword_that_asks_for_it() {
    let project = Project::shell();
    for (wanted, keyword) in [
        (
            json!({"type": "array", "minItems": 1_000_000_000, "items": {"type": "string", "minLength": 1000}}),
            "`minItems` is 1000000000",
        ),
        (
            json!({"type": "string", "minLength": 1e30}),
            "`minLength` is 1e",
        ),
    ] {
        let schema =
            json!({"type": "object", "properties": {"command": {"const": "greet"}, "n": wanted}});
        project.write("schemas/greet.schema.json", &schema.to_string());
        project
            .stillframe(&["scenario", "new", "greet", "a"])
            .expect(1)
            .says(&[keyword]);
    }
}

#[test]
fn a_rule_that_takes_the_square_of_the_text_is_refused_with_its_place() {
    let project = Project::shell();
    project.script(r#"printf '{"m":"'; head -c 2000000 /dev/zero | tr '\0' a; printf '!"}'"#);
    let rule = "[[normalize.rule]]\nname = \"slow\"\nmatch = { key = [\"m\"], pattern = \"a*b|a\" }\naction = { scrub = \"x\" }\nreason = \"x\"\n";
    let config = project.read("stillframe.toml");
    project.write("stillframe.toml", &format!("{config}{rule}"));
    project
        .stillframe(&["check"])
        .expect(1)
        .says(&["the rule `slow`", "in $.m", "2000003 bytes"]);
}

#[test]
fn the_deepest_document_is_validated_under_the_deepest_schema() {
    let project = Project::shell();
    let mut definitions = Map::new();
    for level in 0..29 {
        let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
        definitions.insert(format!("d{level}"), next);
    }
    let last = json!({"type": "object", "properties": {"command": {"const": "greet"}, "x": {"$ref": "#/$defs/d0"}}});
    definitions.insert("d29".to_owned(), last);
    let schema = json!({"$ref": "#/$defs/d0", "$defs": definitions, "properties": {"command": {"const": "greet"}}});
    project.write("schemas/greet.schema.json", &schema.to_string());
    let inside = format!("{}{{\"x\":5}}{}", "{\"x\":".repeat(126), "}".repeat(126));
    let document = format!("{{\"command\":\"greet\",{}", &inside[1..]);
    project.write("scenarios/greet/a.json", &document);
    project.script(&format!(
        "cat {}",
        project.path("scenarios/greet/a.json").display()
    ));
    for args in [&["check"] as &[&str], &["scenario", "check"]] {
        project.stillframe(args).expect(1).says(&["is not of type"]);
    }
}
