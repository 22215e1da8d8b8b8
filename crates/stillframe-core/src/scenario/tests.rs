//! Claims about scenarios and about the documents made up from a schema.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{NoSample, address, check, list, sample};
use crate::json::Document;
use crate::problem::Kind;
use crate::schema::Catalogue;

fn catalogue() -> Catalogue {
    let schema = |command: &str| json!({"properties": {"command": {"const": command}}});
    let (catalogue, faults) = Catalogue::from_documents([
        ("store.schema.json".to_owned(), schema("store")),
        ("undo.schema.json".to_owned(), schema("restore")),
        ("one.schema.json".to_owned(), schema("shared")),
        ("two.schema.json".to_owned(), schema("shared")),
        ("plain.schema.json".to_owned(), json!({"type": "array"})),
    ]);
    assert_eq!(faults.len(), 1);
    catalogue
}

fn found(path: &str, text: &str) -> Vec<(Kind, String)> {
    let files = BTreeMap::from([(path.to_owned(), text.as_bytes().to_vec())]);
    let violations = |name: &str, document: &Document| match document.get("bad") {
        Some(_) => vec![format!("bad for {name}")],
        None => Vec::new(),
    };
    let problems = check("scenarios", &files, &catalogue(), violations);
    problems
        .into_iter()
        .map(|problem| (problem.kind, problem.details.join("\n")))
        .collect()
}

#[test]
fn a_scenario_is_a_json_file_in_the_folder_of_its_command() {
    assert_eq!(address("store/rich.json"), Some(("store", "rich")));
    for path in [
        "rich.json",
        "store/deep/rich.json",
        "store/rich.txt",
        "store/.json",
        "a b/c.json",
        "../x.json",
    ] {
        assert_eq!(address(path), None, "{path}");
    }
}

#[test]
fn a_good_scenario_is_no_problem() {
    assert_eq!(found("store/rich.json", "{\"command\": \"store\"}"), []);
    assert_eq!(found("restore/rich.json", "{\"command\": \"restore\"}"), []);
    assert_eq!(found("plain/rich.json", "[]"), []);
}

#[test]
fn no_scenario_at_all_is_a_problem() {
    let problems = check("scenarios", &BTreeMap::new(), &catalogue(), |_, _| {
        Vec::new()
    });
    assert_eq!(problems[0].kind, Kind::Prerequisite);
    assert_eq!(found("README.md", "# Scenarios")[0].0, Kind::Prerequisite);
}

#[test]
fn each_fault_has_its_kind() {
    for (path, text, kind, detail) in [
        ("stray.json", "{}", Kind::Unbound, "folder of its command"),
        (
            "store/x.jsonc",
            "{}",
            Kind::Unbound,
            "folder of its command",
        ),
        (
            "store/x.json",
            "{\"a\":1,\"a\":2}",
            Kind::Unreadable,
            "duplicate",
        ),
        ("store/x.json", "", Kind::Unreadable, "empty"),
        (
            "store/x.json",
            "{\"command\":\"restore\"}",
            Kind::Invalid,
            "`command` is `restore`",
        ),
        (
            "store/x.json",
            "{\"command\":\"store\",\"bad\":1}",
            Kind::Invalid,
            "bad for store",
        ),
        (
            "restore/x.json",
            "{\"command\":\"restore\",\"bad\":1}",
            Kind::Invalid,
            "bad for undo",
        ),
        (
            "shared/x.json",
            "{\"command\":\"shared\"}",
            Kind::Ambiguous,
            "`one`, `two`",
        ),
        (
            "stroe/x.json",
            "{\"command\":\"stroe\"}",
            Kind::Unbound,
            "did you mean `store`?",
        ),
    ] {
        let problems = found(path, text);
        assert_eq!(problems.len(), 1, "{path}");
        assert_eq!(problems[0].0, kind, "{path}");
        assert!(problems[0].1.contains(detail), "{path}: {problems:?}");
    }
}

#[test]
fn schemas_without_a_scenario_are_listed_with_their_command() {
    let listing = list(["store/a.json", "store/b.json", "README.md"], &catalogue());
    assert_eq!(listing.scenarios["store"], ["a", "b"]);
    let without = [
        ("one", "shared"),
        ("plain", "plain"),
        ("two", "shared"),
        ("undo", "restore"),
    ];
    let listed = listing
        .without
        .iter()
        .map(|(name, command)| (&**name, &**command));
    assert_eq!(listed.collect::<Vec<_>>(), without);
}

fn made(schema: &Value) -> Value {
    serde_json::to_value(sample(schema).ok()).unwrap()
}

#[test]
fn a_sample_has_every_property_and_starts_with_the_command() {
    let schema = json!({
        "type": "object",
        "required": ["rows", "command"],
        "properties": {
            "at": {"type": "string", "format": "date-time"},
            "command": {"const": "store"},
            "rows": {"type": "integer", "minimum": 3},
            "note": {"type": ["string", "null"]},
            "tables": {"type": "array", "items": {"$ref": "#/$defs/T"}}
        },
        "$defs": {"T": {"type": "object", "properties": {"name": {"type": "string"}, "sub": {"$ref": "#/$defs/T"}}, "required": ["name"]}}
    });
    let made = sample(&schema).unwrap();
    insta::assert_snapshot!(made.to_text(), @r#"
    {
      "command": "store",
      "rows": 3,
      "at": "2000-01-01T00:00:00Z",
      "note": "example",
      "tables": [
        {
          "name": "example"
        }
      ]
    }
    "#);
}

#[test]
fn a_sample_merges_compositions_and_takes_the_first_alternative() {
    let schema = json!({
        "properties": {"a": {"type": "boolean"}},
        "allOf": [{"properties": {"b": {"enum": [2, 3]}}}],
        "oneOf": [{"properties": {"kind": {"const": "x"}}}, {"properties": {"kind": {"const": "y"}}}],
        "$ref": "#/$defs/C",
        "$defs": {"C": {"type": "object", "properties": {"c": {"anyOf": [{"type": "null"}, {"type": "number"}]}}}}
    });
    assert_eq!(
        made(&schema),
        json!({"a": true, "b": 2, "kind": "x", "c": 0.5})
    );
}

#[test]
fn a_sample_ends_where_a_schema_recurs() {
    let node = json!({"properties": {"next": {"anyOf": [{"$ref": "#/$defs/N"}, {"type": "null"}]}, "kids": {"type": "array", "items": {"$ref": "#/$defs/N"}}}, "required": ["next", "kids"]});
    let schema = json!({"$ref": "#/$defs/N", "$defs": {"N": node}});
    assert_eq!(made(&schema), json!({"next": null, "kids": []}));
    let endless = json!({"$ref": "#/$defs/N", "$defs": {"N": {"properties": {"n": {"$ref": "#/$defs/N"}}, "required": ["n"]}}});
    assert_eq!(sample(&endless), Err(NoSample::Nothing));
}

#[test]
fn a_sample_that_nobody_could_edit_is_refused_with_the_keyword_that_asks_for_it() {
    let list = |items: Value| json!({"type": "array", "minItems": 1_000, "items": items});
    let text = json!({"type": "string", "minLength": 2_000});
    for (schema, asked) in [
        (
            json!({"type": "array", "minItems": 1_000_000_000, "items": true}),
            "`minItems` is 1000000000",
        ),
        (
            json!({"type": "array", "minItems": 1e30, "items": true}),
            "`minItems` is 1e+30",
        ),
        (
            json!({"type": "string", "minLength": u64::MAX}),
            "`minLength` is 18446744073709551615",
        ),
        (
            list(list(list(json!({"type": "null"})))),
            "`minItems` is 1000, and in each element `minItems` is 1000, and in each element `minItems` is 1000",
        ),
        (
            list(text),
            "`minItems` is 1000, and in each element `minLength` is 2000",
        ),
    ] {
        let schema = json!({"type": "object", "properties": {"a": schema}});
        assert_eq!(sample(&schema), Err(NoSample::TooLarge(asked.to_owned())));
    }
}

#[test]
fn a_sample_that_doubles_at_every_level_is_refused() {
    let mut definitions = serde_json::Map::new();
    for level in 0..40 {
        let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
        let both = json!({"type": "object", "properties": {"a": next, "b": next}});
        definitions.insert(format!("d{level}"), both);
    }
    let schema = json!({"$ref": "#/$defs/d0", "$defs": definitions});
    assert!(matches!(sample(&schema), Err(NoSample::TooLarge(_))));
}
