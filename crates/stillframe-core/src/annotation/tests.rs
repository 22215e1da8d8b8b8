//! Each annotation on each JSON type, before and after.

use crate::normalize::{Accepts, Draft, Framing, Identities, Plan, Scrub, draft};
use serde_json::{Value, json};
use std::sync::Arc;

/// As far as these tests go, an arm accepts what has the constants of its properties.
fn accepts(schema: &Value) -> Accepts {
    let schema = schema.clone();
    Arc::new(move |pointer, value| {
        let arm = schema.pointer(pointer);
        let properties = arm.and_then(|arm| arm["properties"].as_object());
        properties.into_iter().flatten().all(|(name, property)| {
            let constant = property.get("const");
            constant.is_none_or(|constant| value.get(name) == Some(constant))
        })
    })
}

fn run(schema: &Value, input: &str) -> Result<String, Vec<String>> {
    let plan = Plan::default()
        .with_annotations("s", schema, &accepts(schema))
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let plan = plan.for_schema(Some("s"));
    let once = |input: &str| {
        let text = |draft: &Draft| {
            let mut identities = Identities::new();
            identities.reserve(draft);
            String::from_utf8(identities.number(draft)).unwrap()
        };
        text(&draft(&plan, &Scrub::default(), Framing::Ndjson, input.as_bytes()).unwrap())
    };
    let text = once(input);
    assert_eq!(once(&text), text, "normalised twice");
    Ok(text.trim_end().to_owned())
}

#[track_caller]
fn check(schema: &Value, input: &str, expected: &str) {
    assert_eq!(run(schema, input).unwrap(), expected);
}

/// A schema whose `v` is annotated.
fn annotated(word: &str) -> Value {
    json!({"properties": {"v": {"x-stillframe": word}}})
}

#[test]
fn a_duration_is_nothing_in_its_type() {
    let schema = annotated("duration");
    check(&schema, r#"{"v":12}"#, r#"{"v":0}"#);
    check(&schema, r#"{"v":1.5e3}"#, r#"{"v":0.0}"#);
    check(&schema, r#"{"v":"12 ms"}"#, r#"{"v":"0s"}"#);
    check(&schema, r#"{"v":"PT1.5S"}"#, r#"{"v":"PT0S"}"#);
    check(
        &schema,
        r#"{"v":{"secs":1,"nanos":[2,true,null]}}"#,
        r#"{"v":{"secs":0,"nanos":[0,true,null]}}"#,
    );
    check(&schema, r#"{"v":null,"w":12}"#, r#"{"v":null,"w":12}"#);
}

#[test]
fn a_timestamp_keeps_its_format() {
    let schema = annotated("timestamp");
    check(
        &schema,
        r#"{"v":"yesterday"}"#,
        r#"{"v":"2000-01-01T00:00:00Z"}"#,
    );
    check(&schema, r#"{"v":"2026-11-20"}"#, r#"{"v":"2000-01-01"}"#);
    check(&schema, r#"{"v":1700000000}"#, r#"{"v":0}"#);
    let date = json!({"properties": {"v": {"x-stillframe": "timestamp", "format": "date"}}});
    check(&date, r#"{"v":"2026-11-20"}"#, r#"{"v":"2000-01-01"}"#);
    let time = json!({"properties": {"v": {"x-stillframe": "timestamp", "format": "time"}}});
    check(&time, r#"{"v":"11:30:00Z"}"#, r#"{"v":"00:00:00Z"}"#);
    let option = json!({
        "$defs": {"Day": {"type": "string", "format": "date"}},
        "properties": {"v": {"x-stillframe": "timestamp", "anyOf": [{"$ref": "#/$defs/Day"}, {"type": "null"}]}}
    });
    check(&option, r#"{"v":"someday"}"#, r#"{"v":"2000-01-01"}"#);
}

#[test]
fn an_identity_is_valid_in_its_format() {
    check(
        &annotated("identity"),
        r#"{"v":["b","a","b",7,7.5,true]}"#,
        r#"{"v":["id-1","id-2","id-1",1,2.0,true]}"#,
    );
    let uuid = json!({"items": {"x-stillframe": "identity", "format": "uuid"}});
    check(
        &uuid,
        r#"["2f1e8a54-6a3f-4a8e-9c0e-0a4f5d1b2c3d"]"#,
        r#"["00000000-0000-4000-8000-000000000001"]"#,
    );
    let time = json!({"items": {"x-stillframe": "identity", "format": "date-time"}});
    check(
        &time,
        r#"["2026-11-20T11:30:00Z"]"#,
        r#"["2000-01-01T00:00:00Z"]"#,
    );
}

#[test]
fn a_constant_is_the_first_example() {
    check(
        &annotated("constant"),
        r#"{"v":["x",1,1.5,true,null]}"#,
        r#"{"v":["",0,0.0,false,null]}"#,
    );
    let example = json!({"properties": {"v": {"x-stillframe": "constant", "examples": ["1.2.3"]}}});
    check(&example, r#"{"v":"0.9.1"}"#, r#"{"v":"1.2.3"}"#);
}

#[test]
fn keep_protects_from_every_rule() {
    let schema = json!({"properties": {"threshold_seconds": {"x-stillframe": "keep"}, "limits": {"x-stillframe": "keep"}}});
    check(
        &schema,
        r#"{"threshold_seconds":5,"took_seconds":5,"limits":{"a_ms":1}}"#,
        r#"{"threshold_seconds":5,"took_seconds":0,"limits":{"a_ms":1}}"#,
    );
}

#[test]
fn an_inner_annotation_wins() {
    let schema = json!({"properties": {"v": {
        "x-stillframe": "duration",
        "properties": {"limit": {"x-stillframe": "keep"}, "id": {"x-stillframe": "identity"}}
    }}});
    check(
        &schema,
        r#"{"v":{"a":5,"limit":5,"id":"x"}}"#,
        r#"{"v":{"a":0,"limit":5,"id":"id-1"}}"#,
    );
}

#[test]
fn annotations_are_found_in_every_position() {
    let schema = json!({
        "$defs": {"Node": {"properties": {
            "took": {"x-stillframe": "duration"},
            "children": {"items": {"$ref": "#/$defs/Node"}}
        }}},
        "allOf": [{"$ref": "#/$defs/Node"}],
        "properties": {"map": {"properties": {"a": {}}, "additionalProperties": {"$ref": "#/$defs/Node"}}},
        "oneOf": [{"properties": {"pair": {"prefixItems": [{}, {"x-stillframe": "duration"}], "items": {"x-stillframe": "constant"}}}}],
        "patternProperties": {"^t_": {"x-stillframe": "duration"}}
    });
    check(
        &schema,
        r#"{"took":1,"children":[{"took":2,"children":[{"took":3,"other":4}]}],"map":{"a":{"took":5},"b":{"took":6}},"pair":[7,8,"x"],"t_x":9}"#,
        r#"{"took":0,"children":[{"took":0,"children":[{"took":0,"other":4}]}],"map":{"a":{"took":5},"b":{"took":0}},"pair":[7,0,""],"t_x":0}"#,
    );
}

#[test]
fn an_unknown_word_is_refused() {
    let errors = run(&annotated("durations"), "{}").unwrap_err();
    assert_eq!(
        errors,
        [
            r#"rule `schema /properties/v`: x-stillframe is "durations"; write "duration", "timestamp", "identity", "constant" or "keep""#
        ]
    );
}

#[test]
fn an_annotation_in_one_arm_holds_for_what_that_arm_accepts() {
    let schema = json!({"properties": {"runs": {"items": {"oneOf": [
        {"properties": {"kind": {"const": "plan"}, "name": {"type": "string"}}},
        {"properties": {"kind": {"const": "run"}, "name": {"x-stillframe": "identity"}, "of": {"oneOf": [
            {"properties": {"k": {"const": 1}, "v": {"x-stillframe": "duration"}}},
            {"properties": {"k": {"const": 2}}}]}}}]}}}});
    check(
        &schema,
        r#"{"runs":[{"name":"a","kind":"plan"},{"name":"b","kind":"run","of":{"v":5,"k":1}},{"kind":"run","of":{"k":2,"v":5},"name":"a"}]}"#,
        r#"{"runs":[{"name":"a","kind":"plan"},{"name":"id-1","kind":"run","of":{"v":0,"k":1}},{"kind":"run","of":{"k":2,"v":5},"name":"id-2"}]}"#,
    );
}

#[test]
fn an_alternative_of_null_asks_nobody() {
    let schema =
        json!({"properties": {"v": {"anyOf": [{"x-stillframe": "duration"}, {"type": "null"}]}}});
    check(&schema, r#"{"v":5}"#, r#"{"v":0}"#);
    check(&schema, r#"{"v":null}"#, r#"{"v":null}"#);
}
