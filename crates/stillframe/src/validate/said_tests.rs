//! What is said of a document that a schema refuses, and of a schema that cannot be used.

use serde_json::{Value, json};
use stillframe_core::schema::{Catalogue, Openness};

use super::Validators;
use super::tests::{check, compile, said};

#[test]
fn a_wrong_value_is_reported_with_place_schema_and_value_and_without_echoes() {
    let schema = json!({
        "properties": {"tables": {"type": "array", "items": {"$ref": "#/$defs/T"}}},
        "$defs": {"T": {"type": "object", "properties": {"rows": {"type": "integer"}, "name": {"type": "string"}}, "required": ["name"]}}
    });
    assert_eq!(
        said(
            &schema,
            &json!({"tables": [{"name": "a", "rows": "24"}, {"rows": 1}]})
        ),
        [
            "$.tables[0].rows: this is not of type \"integer\" (value \"24\", schema #/$defs/T/properties/rows/type)",
            "$.tables[1]: \"name\" is a required property (value {\"rows\":1}, schema #/$defs/T/required)",
        ]
    );
}

#[test]
fn the_variant_that_was_meant_is_the_one_reported() {
    let variant = |tag: &str| json!({"type": "object", "properties": {"kind": {"const": tag}, "n": {"type": "integer"}}, "required": ["kind", "n"]});
    assert_eq!(
        said(
            &json!({"oneOf": [variant("a"), variant("b")]}),
            &json!({"kind": "b", "n": "x"})
        ),
        ["$.n: this is not of type \"integer\" (value \"x\", schema #/oneOf/1/properties/n/type)"]
    );
}

#[test]
fn formats_are_asserted() {
    for (format, good, bad) in [
        ("date-time", "2000-01-01T00:00:00Z", "yesterday"),
        ("date", "2000-01-01", "2000-13-01"),
        ("uuid", "00000000-0000-4000-8000-000000000001", "1"),
        ("uri", "https://example.com/", "not a uri"),
    ] {
        let schema = json!({"type": "string", "format": format});
        assert_eq!(said(&schema, &json!(good)), Vec::<String>::new());
        assert_eq!(said(&schema, &json!(bad)).len(), 1, "{format}");
    }
    assert_eq!(
        said(&json!({"type": "integer", "format": "uint64"}), &json!(3)),
        Vec::<String>::new()
    );
}

#[test]
fn an_older_draft_is_validated_open_and_says_so() {
    let schema = json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
        "properties": {"a": {"type": "integer"}}, "definitions": {}});
    let validators = compile(&schema).unwrap();
    assert_eq!(validators.validate("s", &json!({"a": 1, "b": 1})), []);
    assert_eq!(validators.validate("s", &json!({"a": "x"})).len(), 1);
    let Some(Openness::Open(reason)) = validators.openness("s") else {
        panic!("a draft-07 schema counts as closed");
    };
    assert!(reason.contains("draft-07"), "{reason}");
}

#[test]
fn draft_2019_09_is_closed() {
    let schema = json!({"$schema": "https://json-schema.org/draft/2019-09/schema", "properties": {"a": {"$ref": "#/$defs/A"}},
        "$defs": {"A": {"properties": {"x": {}}}}});
    check(
        &schema,
        &[json!({"a": {"x": 1}})],
        &[(json!({"a": {"y": 1}}), &["$.a.y"])],
    );
}

#[test]
fn a_broken_schema_is_an_error_that_names_keyword_place_and_draft() {
    for (dialect, schema, expected) in [
        (
            "https://json-schema.org/draft/2020-12/schema",
            json!({"properties": {"a": {"type": "strin"}}}),
            ["`type` at #/properties/a:", "(draft/2020-12)"],
        ),
        (
            "http://json-schema.org/draft-04/schema#",
            json!({"properties": {"a": {"exclusiveMinimum": 3}}}),
            ["`exclusiveMinimum` at #/properties/a: 3", "(draft-04)"],
        ),
        (
            "http://json-schema.org/draft-04/schema#",
            json!({"required": true}),
            ["`required` at #: true", "(draft-04)"],
        ),
        (
            "http://json-schema.org/draft-07/schema#",
            json!({"definitions": {"a/b": {"pattern": "("}}}),
            ["`pattern` at #/definitions/a~1b:", "(draft-07)"],
        ),
    ] {
        let mut schema = schema;
        schema["$schema"] = dialect.into();
        let problems = compile(&schema).unwrap_err();
        for text in expected {
            assert!(problems[0].message.contains(text), "{problems:?}");
        }
    }
}

#[test]
fn a_violation_in_another_file_names_the_file() {
    let files = [
        (
            "s.schema.json",
            json!({"properties": {"a": {"$ref": "parts.json#/$defs/n"}, "b": {"$ref": "whole.json"}}}),
        ),
        ("parts.json", json!({"$defs": {"n": {"type": "integer"}}})),
        ("whole.json", json!({"enum": ["x"]})),
    ];
    let files = files.map(|(file, schema)| (file.to_owned(), schema));
    let (catalogue, faults) = Catalogue::from_documents(files);
    assert_eq!(faults, []);
    let validators = Validators::compile(&catalogue).unwrap();
    let found = validators.validate("s", &json!({"a": "1", "b": "y"}));
    let paths: Vec<&str> = found.iter().map(|one| one.schema_path.as_str()).collect();
    assert_eq!(paths, ["parts.json#/$defs/n/type", "whole.json#/enum"]);
}

#[test]
fn files_of_several_drafts_are_each_judged_by_their_own() {
    let files = [
        (
            "s.schema.json",
            json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
                "properties": {"old": {"$ref": "old.json"}, "new": {"type": "number", "exclusiveMinimum": 3}}}),
        ),
        (
            "old.json",
            json!({"$schema": "http://json-schema.org/draft-04/schema#", "type": "number", "minimum": 3, "exclusiveMinimum": true}),
        ),
    ];
    let files = files.map(|(file, schema)| (file.to_owned(), schema));
    let (catalogue, faults) = Catalogue::from_documents(files);
    assert_eq!(faults, []);
    let validators = Validators::compile(&catalogue).unwrap();
    assert_eq!(validators.validate("s", &json!({"old": 4, "new": 4})), []);
    let found = validators.validate("s", &json!({"old": 3, "new": 3}));
    assert_eq!(found.len(), 2, "{found:?}");
    let Some(Openness::Open(reason)) = validators.openness("s") else {
        panic!("a schema that cannot be closed counts as closed");
    };
    assert!(reason.contains("several drafts"), "{reason}");
}

#[test]
fn a_flood_of_violations_is_cut() {
    let document: serde_json::Map<String, Value> = (0..500)
        .map(|index| (format!("k{index:03}"), json!(1)))
        .collect();
    let found = said(
        &json!({"type": "object", "properties": {}}),
        &Value::Object(document),
    );
    assert_eq!(found.len(), 21);
    assert_eq!(found[20], "$: 480 more violations are not shown");
}

#[test]
fn a_missing_schema_is_a_violation() {
    let validators = compile(&json!(true)).unwrap();
    assert_eq!(
        validators.validate("other", &json!({}))[0].message,
        "there is no schema `other`"
    );
}

#[test]
fn the_variant_that_was_meant_is_found_far_down_a_recursive_document() {
    let variant = |tag: &str| {
        json!({"type": "object", "required": ["kind"], "properties": {
            "kind": {"type": "string", "const": tag},
            "of": {"type": "array", "items": {"$ref": "#/$defs/Node"}}
        }})
    };
    let schema = json!({
        "properties": {"plan": {"$ref": "#/$defs/Node"}},
        "$defs": {"Node": {"oneOf": [variant("and"), variant("or"), variant("not")]}}
    });
    let mut unknown = json!({"kind": "or", "zz": 1});
    let mut untagged = json!({"kind": "nor"});
    let mut place = "$.plan".to_owned();
    for _ in 0..30 {
        unknown = json!({"kind": "and", "of": [{"kind": "not"}, unknown]});
        untagged = json!({"kind": "or", "of": [{"kind": "not"}, untagged]});
        place.push_str(".of[1]");
    }
    check(
        &schema,
        &[json!({"plan": {"kind": "and", "of": [{"kind": "not"}]}})],
        &[(json!({ "plan": unknown }), &[&format!("{place}.zz")])],
    );
    assert_eq!(
        said(&schema, &json!({ "plan": untagged })),
        [format!(
            "{place}.kind: this is not one of \"and\", \"or\" or \"not\" (value \"nor\", schema #/$defs/Node/oneOf)"
        )]
    );
}

#[test]
fn a_pattern_that_takes_too_long_is_not_called_a_mismatch() {
    let schema = json!({"type": "string", "pattern": "^(?:(a+)+\\1)+$"});
    let found = said(&schema, &json!("a".repeat(40) + "b"));
    let expected = "$: whether this matches the pattern is not known after a million steps; write the pattern without a repetition inside a repetition (value ";
    assert!(
        found.len() == 1 && found[0].starts_with(expected),
        "{found:?}"
    );
}
