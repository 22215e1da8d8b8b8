//! Claims about binding, and about where the strict view closes; what it refuses is tested with a validator.

use serde_json::{Value, json};

use super::{BindError, Catalogue, CatalogueFault, Openness, dispatched, strict, undispatched};

fn catalogue(schemas: &[(&str, Value)]) -> (Catalogue, Vec<CatalogueFault>) {
    let files = schemas
        .iter()
        .map(|(file, schema)| ((*file).to_owned(), schema.clone()));
    Catalogue::from_documents(files)
}

fn claiming(command: &str) -> Value {
    json!({"type": "object", "properties": {"command": {"type": "string", "const": command}}})
}

#[test]
fn the_command_constant_binds_before_the_name() {
    let (catalogue, faults) = catalogue(&[
        ("store.schema.json", json!({"type": "object"})),
        ("saved.schema.json", claiming("store")),
        ("plain.schema.json", json!({"type": "object"})),
    ]);
    assert_eq!(faults, []);
    for (document, bound) in [
        (json!({"command": "store"}), Ok("saved")),
        (json!({"command": "plain"}), Ok("plain")),
        (
            json!({"command": "none"}),
            Err(BindError::Unbound {
                command: Some("none".into()),
            }),
        ),
        (
            json!({"command": 3}),
            Err(BindError::Unbound { command: None }),
        ),
        (json!([1]), Err(BindError::Unbound { command: None })),
    ] {
        assert_eq!(catalogue.bind(None, &document), bound, "{document}");
    }
}

#[test]
fn an_explicit_name_wins_and_a_misspelt_one_gets_suggestions() {
    let (catalogue, _) = catalogue(&[
        ("store.schema.json", claiming("store")),
        ("restore.schema.json", claiming("restore")),
    ]);
    assert_eq!(
        catalogue.bind(Some("restore"), &json!({"command": "store"})),
        Ok("restore")
    );
    let error = catalogue.bind(Some("stoer"), &json!({})).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no schema `stoer`; did you mean `store`?"
    );
    let error = catalogue
        .bind(Some("quite-another"), &json!({}))
        .unwrap_err();
    assert_eq!(error.to_string(), "there is no schema `quite-another`");
}

#[test]
fn two_claims_of_one_command_are_ambiguous() {
    let (catalogue, faults) = catalogue(&[
        ("b.schema.json", claiming("x")),
        ("a.schema.json", claiming("x")),
    ]);
    let names = vec!["a".to_owned(), "b".to_owned()];
    let command = "x".to_owned();
    let fault = CatalogueFault::SharedCommand {
        command: command.clone(),
        names: names.clone(),
    };
    assert_eq!(faults, [fault]);
    let error = BindError::Ambiguous { command, names };
    assert_eq!(catalogue.bind(None, &json!({"command": "x"})), Err(error));
}

#[test]
fn a_command_is_found_through_enums_references_and_alternatives() {
    for schema in [
        json!({"properties": {"command": {"enum": ["x"]}}}),
        json!({"properties": {"command": {"$ref": "#/$defs/C"}}, "$defs": {"C": {"type": "string", "const": "x"}}}),
        json!({"$ref": "#/$defs/Out", "$defs": {"Out": {"properties": {"command": {"const": "x"}}}}}),
        json!({"oneOf": [{"properties": {"command": {"const": "x"}}}, {"properties": {"command": {"const": "y"}}}]}),
        json!({"allOf": [{"properties": {"command": {"const": "x"}}}, {"$ref": "#"}]}),
    ] {
        let (catalogue, _) = catalogue(&[("n.schema.json", schema.clone())]);
        assert_eq!(
            catalogue.bind(None, &json!({"command": "x"})),
            Ok("n"),
            "{schema}"
        );
    }
}

#[test]
fn files_that_are_no_schemas_are_named() {
    let (catalogue, faults) = Catalogue::from_texts([
        ("good.schema.json", "true"),
        ("list.schema.json", "[]"),
        ("torn.schema.json", "{"),
        ("README.md", "{}"),
    ]);
    assert_eq!(catalogue.names().collect::<Vec<_>>(), ["good"]);
    let mut said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    said.sort();
    assert_eq!(
        said.len(),
        2,
        "a file of another name counts only where one refers to it"
    );
    assert!(
        said[0].starts_with("`list.schema.json` is not a JSON Schema"),
        "{said:?}"
    );
    assert!(
        said[1].starts_with("`torn.schema.json` is not a JSON Schema"),
        "{said:?}"
    );
}

/// The strict view of `schema` is `expected`.
fn check(schema: &Value, expected: &Value) {
    assert_eq!(strict(schema).unwrap().value, *expected);
}

#[test]
fn the_view_closes_around_references_and_never_inside_a_branch() {
    check(
        &json!({"allOf": [{"properties": {"a": {"$ref": "#/$defs/P"}}}], "$defs": {"P": {"properties": {}}}}),
        &json!({
            "allOf": [{"properties": {"a": {"$ref": "#/$defs/P", "unevaluatedProperties": false}}}],
            "unevaluatedProperties": false,
            "$defs": {"P": {"properties": {}}}
        }),
    );
}

#[test]
fn the_view_leaves_what_is_declared() {
    for declared in [
        json!({"properties": {}, "additionalProperties": true}),
        json!({"properties": {}, "unevaluatedProperties": true}),
        json!({"additionalProperties": {"type": "string"}}),
        json!({"type": "string"}),
        json!({}),
        json!(true),
        json!(false),
    ] {
        check(&declared, &declared);
    }
}

#[test]
fn the_view_leaves_predicates() {
    let predicate = json!({"properties": {"k": {"properties": {"x": {"const": 1}}}}});
    check(
        &json!({"if": predicate, "not": predicate, "contains": predicate, "properties": {}}),
        &json!({"if": predicate, "not": predicate, "contains": predicate, "properties": {}, "unevaluatedProperties": false}),
    );
}

#[test]
fn the_view_of_the_view_is_the_view() {
    let schema = json!({
        "properties": {"a": {"anyOf": [{"$ref": "#/$defs/N"}, {"type": "null"}]}, "b": {"prefixItems": [{"type": "object"}]}},
        "$defs": {"N": {"properties": {"n": {"$ref": "#/$defs/N"}}}}
    });
    let once = strict(&schema).unwrap().value;
    assert_eq!(strict(&once).unwrap().value, once);
}

#[test]
fn drafts_before_2019_09_stay_open() {
    for dialect in [
        "http://json-schema.org/draft-07/schema#",
        "http://json-schema.org/draft-04/schema#",
    ] {
        let schema = json!({"$schema": dialect, "properties": {"a": {}}});
        let view = strict(&schema).unwrap();
        assert_eq!(view.value, schema);
        assert!(matches!(view.openness, Openness::Open(_)), "{dialect}");
    }
}

#[test]
fn places_among_conditions_are_those_of_the_branches() {
    let branch = |tag: &str| json!({"properties": {"t": {"const": tag}}, "required": ["t"]});
    let schema =
        json!({"items": {"allOf": [{"type": "object"}], "oneOf": [branch("a"), branch("b")]}});
    let conditions = dispatched(&schema).unwrap();
    assert_eq!(conditions["items"].get("oneOf"), None);
    assert_eq!(conditions["items"]["allOf"].as_array().unwrap().len(), 4);
    for (place, stands_for) in [
        ("/items/allOf/0/type", "/items/allOf/0/type"),
        ("/items/allOf/1/then/required", "/items/oneOf/0/required"),
        (
            "/items/allOf/2/then/properties/t/const",
            "/items/oneOf/1/properties/t/const",
        ),
        ("/items/allOf/3/properties/t/enum", "/items/oneOf"),
        ("/items/type", "/items/type"),
    ] {
        assert_eq!(undispatched(&schema, place), stands_for);
    }
}

#[test]
fn alternatives_without_a_tag_stay_alternatives() {
    let tagged = |tag: &str| json!({"properties": {"t": {"const": tag}}, "required": ["t"]});
    for branches in [
        json!([tagged("a"), tagged("a")]),
        json!([tagged("a"), {"properties": {"t": {"const": "b"}}}]),
        json!([tagged("a"), {"type": "null"}]),
        json!([]),
    ] {
        let schema = json!({ "oneOf": branches });
        assert_eq!(dispatched(&schema), Some(schema.clone()));
    }
    let into_a_branch =
        json!({"oneOf": [tagged("a"), tagged("b")], "items": {"$ref": "#/oneOf/0"}});
    assert_eq!(dispatched(&into_a_branch), None);
}
