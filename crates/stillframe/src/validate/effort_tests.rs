//! Claims about how long validation takes, in schemas that contain themselves.

use serde_json::{Map, Value, json};
use stillframe_core::schema::Catalogue;

use super::{SchemaProblem, Validators, Violation};

fn compiled(schema: &Value) -> Result<Validators, Vec<SchemaProblem>> {
    let (catalogue, faults) =
        Catalogue::from_documents([("s.schema.json".to_owned(), schema.clone())]);
    assert_eq!(faults, []);
    Validators::compile(&catalogue)
}

fn violations(schema: &Value, document: &Value) -> Vec<Violation> {
    compiled(schema).unwrap().validate("s", document)
}

fn nested(depth: usize, leaf: Value, level: impl Fn(Value) -> Value) -> Value {
    (0..depth).fold(leaf, |inner, _| level(inner))
}

fn operand() -> Value {
    json!({"$ref": "#/$defs/expr"})
}

/// A tree of expressions, each of which is one of these.
fn expressions(keyword: &str, alternatives: &[Value]) -> Value {
    json!({"$ref": "#/$defs/expr", "$defs": {"expr": {keyword: alternatives}}})
}

/// Alternatives that a name tells apart for people, and nothing for a validator.
fn untagged(keyword: &str) -> Value {
    let unary = |name: &str| json!({"type": "object", "properties": {name: operand(), "arg": operand()}, "required": ["arg"]});
    let names = ["neg", "not", "abs", "sqrt"].map(unary);
    expressions(
        keyword,
        &[&[json!({"type": "number"})], &names[..]].concat(),
    )
}

#[test]
fn alternatives_that_contain_each_other_are_refused_in_bounded_time() {
    for (keyword, verdict) in [
        ("anyOf", "satisfies none of the alternatives"),
        ("oneOf", "does not satisfy exactly one of the alternatives"),
    ] {
        let deep = nested(100, json!("x"), |inner| json!({ "arg": inner }));
        let found = violations(&untagged(keyword), &json!(deep));
        let [one] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!(one.instance_path, "$", "{keyword}");
        assert_eq!(one.schema_path, format!("#/$defs/expr/{keyword}"));
        assert!(one.message.contains(verdict), "{one}");
        assert!(one.message.contains("give each alternative a tag"), "{one}");
    }
}

#[test]
fn an_unknown_property_below_alternatives_that_contain_each_other_is_refused_in_bounded_time() {
    let deep = nested(
        60,
        json!({"arg": 1, "more": 2}),
        |inner| json!({ "arg": inner }),
    );
    let found = violations(&untagged("anyOf"), &deep);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].message.contains("give each alternative a tag"),
        "{found:?}"
    );
}

#[test]
fn what_is_valid_is_quickly_known_to_be() {
    let deep = nested(100, json!(1), |inner| json!({ "arg": inner }));
    assert_eq!(violations(&untagged("anyOf"), &deep), []);
}

/// `levels` definitions, each with two alternatives that lead to the next one.
fn ladder(levels: usize) -> Value {
    let definition = |level: usize| {
        let alternative = |name: &str| json!({"properties": {"a": {"$ref": format!("#/$defs/d{}", level + 1)}, name: {"type": "number"}}});
        (
            format!("d{level}"),
            json!({"anyOf": [alternative("x"), alternative("y")]}),
        )
    };
    let mut definitions: Map<String, Value> = (0..levels).map(definition).collect();
    definitions.insert(format!("d{levels}"), json!({"type": "number"}));
    json!({"$ref": "#/$defs/d0", "$defs": definitions})
}

#[test]
fn a_ladder_of_alternatives_is_compiled_once_and_given_up_at_one_step() {
    let deep = nested(40, json!("x"), |inner| json!({ "a": inner }));
    let found = violations(&ladder(40), &deep);
    let [one] = &found[..] else {
        panic!("{found:?}");
    };
    assert!(one.message.contains("too many steps"), "{one}");
    assert!(one.schema_path.starts_with("#/$defs/d"), "{one}");
    assert!(one.instance_path.starts_with("$.a.a"), "{one}");
    assert_eq!(violations(&ladder(40), &deep), found);
    let shallow = nested(6, json!("x"), |inner| json!({ "a": inner }));
    assert_eq!(violations(&ladder(6), &shallow).len(), 1);
}

#[test]
fn schemas_that_describe_a_place_in_too_many_combinations_are_refused() {
    let q = |n: usize| json!({"$ref": format!("#/$defs/q{n}")});
    let last = 20;
    let mut definitions: Map<String, Value> = (1..last)
        .map(|n| {
            let next = q(n + 1);
            (
                format!("q{n}"),
                json!({"type": "object", "properties": {"a": next, "b": next}}),
            )
        })
        .collect();
    definitions.insert(
        "q0".into(),
        json!({"type": "object", "properties": {"a": {"allOf": [q(0), q(1)]}, "b": q(0)}}),
    );
    definitions.insert(
        format!("q{last}"),
        json!({"type": "object", "properties": {"z": {}}}),
    );
    let faults = compiled(&json!({"allOf": [q(0), q(1)], "$defs": definitions})).unwrap_err();
    assert!(
        faults[0]
            .message
            .contains("combinations of schemas describe one place together"),
        "{faults:?}"
    );
}

#[test]
fn tagged_alternatives_are_told_apart_at_any_depth() {
    let tag = |name: &str| {
        [
            json!({"const": name}),
            json!({"enum": [name]}),
            json!({"type": "string", "const": name}),
        ]
    };
    let alternatives = |kind: usize| {
        ["neg", "not", "abs"].map(|name| {
            let properties = json!({"type": tag(name)[kind], "arg": operand(), "other": operand()});
            json!({"type": "object", "properties": properties, "required": ["type", "arg"]})
        })
    };
    let leaf = json!({"type": "object", "properties": {"type": {"const": "num"}, "value": {"type": "number"}}, "required": ["type", "value"]});
    for keyword in ["anyOf", "oneOf"] {
        for kind in 0..3 {
            let schema = expressions(
                keyword,
                &[&alternatives(kind)[..], std::slice::from_ref(&leaf)].concat(),
            );
            let level = |inner| json!({"type": "not", "arg": inner});
            let good = nested(60, json!({"type": "num", "value": 1}), level);
            assert_eq!(violations(&schema, &good), []);
            for (bad, at, place) in [
                (
                    json!({"type": "num", "value": "x"}),
                    ".value",
                    "/3/properties/value/type",
                ),
                (json!({"type": "num", "value": 1, "more": 1}), ".more", ""),
            ] {
                let found = violations(&schema, &nested(60, bad, level));
                let [one] = &found[..] else {
                    panic!("{keyword} {kind}: {found:?}");
                };
                let path = format!("$.{}{at}", vec!["arg"; 60].join("."));
                assert_eq!(one.instance_path, path, "{keyword} {kind}");
                let expected = format!("#/$defs/expr/{keyword}{place}");
                assert!(place.is_empty() || one.schema_path == expected, "{one}");
            }
        }
    }
}

/// As many enums as `serde` derives them, each of whose variants holds all of the others.
fn syntax_tree(enums: usize, variants: usize) -> Value {
    let variant = |name: String| {
        let mut properties: Map<String, Value> = (0..enums)
            .map(|n| {
                (
                    format!("e{n}"),
                    json!({"anyOf": [{"$ref": format!("#/$defs/E{n}")}, {"type": "null"}]}),
                )
            })
            .collect();
        properties.insert("type".into(), json!({"type": "string", "const": name}));
        json!({"type": "object", "properties": properties, "required": ["type"]})
    };
    let definitions: Map<String, Value> = (0..enums)
        .map(|n| {
            let variants: Vec<Value> = (0..variants).map(|v| variant(format!("v{v}"))).collect();
            (format!("E{n}"), json!({ "oneOf": variants }))
        })
        .collect();
    json!({"$ref": "#/$defs/E0", "$defs": definitions})
}

#[test]
fn enums_that_hold_each_other_are_compiled_once() {
    let schema = syntax_tree(10, 8);
    let validators = compiled(&schema).unwrap();
    let good = nested(
        50,
        json!({"type": "v1"}),
        |inner| json!({"type": "v2", "e3": inner, "e4": null}),
    );
    assert_eq!(validators.validate("s", &good), []);
    let bad = nested(
        50,
        json!({"type": "v1", "odd": 1}),
        |inner| json!({"type": "v2", "e3": inner, "e4": {"type": "v0"}}),
    );
    let found = validators.validate("s", &bad);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].instance_path.ends_with("e3.e3.odd"), "{found:?}");
}

#[test]
fn a_large_document_of_ordinary_shape_is_far_from_the_bound() {
    let point = json!({"type": "object", "properties": {"x": {"$ref": "#/$defs/n"}, "y": {"$ref": "#/$defs/n"}}, "required": ["x"]});
    let schema = json!({"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/p"}, {"$ref": "#/$defs/n"}]},
        "$defs": {"p": point, "n": {"type": "number"}}});
    let items: Vec<Value> = (0..200_000).map(|n| json!({"x": n, "y": 1})).collect();
    assert_eq!(violations(&schema, &Value::Array(items)), []);
}

#[test]
fn the_deepest_document_is_validated_on_a_small_stack() {
    let level = |inner| json!({"type": "not", "arg": inner});
    let alternative = |name: &str| json!({"type": "object", "properties": {"type": {"const": name}, "arg": operand()}, "required": ["type"]});
    for keyword in ["anyOf", "oneOf"] {
        let schema = expressions(keyword, &["not", "neg", "num"].map(alternative));
        assert_eq!(
            violations(&schema, &nested(126, json!({"type": "num"}), level)),
            []
        );
        let found = violations(
            &schema,
            &nested(126, json!({"type": "num", "more": 1}), level),
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].instance_path.ends_with(".more"), "{found:?}");
    }
}

#[test]
fn a_specification_describes_itself() {
    let schema = json!({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "http://json-schema.org/draft-07/schema#"});
    let good = nested(
        50,
        json!({"type": "string"}),
        |inner| json!({"properties": {"a": inner}, "items": [{}], "anyOf": [{}]}),
    );
    assert_eq!(violations(&schema, &good), []);
    let bad = nested(
        50,
        json!({"type": "strong"}),
        |inner| json!({"properties": {"a": inner}, "items": [{}]}),
    );
    let found = violations(&schema, &bad);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].instance_path.ends_with(".properties.a.type"),
        "{found:?}"
    );
}
