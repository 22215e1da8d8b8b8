//! Claims about validation: what the strict view refuses and accepts, and how it is said.

use serde_json::{Value, json};
use stillframe_core::schema::{Catalogue, Openness};

use super::{SchemaProblem, Validators};

pub(super) fn compile(schema: &Value) -> Result<Validators, Vec<SchemaProblem>> {
    let (catalogue, faults) =
        Catalogue::from_documents([("s.schema.json".to_owned(), schema.clone())]);
    assert_eq!(faults, []);
    Validators::compile(&catalogue)
}

pub(super) fn said(schema: &Value, document: &Value) -> Vec<String> {
    let validators = compile(schema).unwrap();
    let found = validators.validate("s", document);
    found.iter().map(ToString::to_string).collect()
}

/// Every document of `good` is accepted; every one of `bad` is refused, exactly for the
/// properties at the given places.
pub(super) fn check(schema: &Value, good: &[Value], bad: &[(Value, &[&str])]) {
    let validators = compile(schema).unwrap();
    assert_eq!(validators.openness("s"), Some(&Openness::Closed));
    for document in good {
        assert_eq!(validators.validate("s", document), [], "{document}");
    }
    for (document, places) in bad {
        let found = validators.validate("s", document);
        let mut at: Vec<&str> = found.iter().map(|one| &*one.instance_path).collect();
        at.sort_unstable();
        assert_eq!(&at, places, "{document}: {found:?}");
        assert!(
            found
                .iter()
                .all(|one| one.message.contains("does not declare")),
            "{found:?}"
        );
    }
}

#[test]
fn an_unknown_property_of_the_root_is_refused() {
    check(
        &json!({"type": "object", "properties": {"a": {"type": "integer"}}}),
        &[json!({}), json!({"a": 1})],
        &[(
            json!({"a": 1, "b": 2, "odd key": 3}),
            &["$.b", "$['odd key']"],
        )],
    );
}

#[test]
fn an_unknown_property_at_any_depth_is_refused() {
    let schema = json!({
        "type": "object",
        "properties": {
            "list": {"type": "array", "items": {"type": "object", "properties": {
                "deep": {"type": "object", "properties": {"x": {}}}
            }}}
        }
    });
    check(
        &schema,
        &[json!({"list": [{"deep": {"x": {"anything": 1}}}, {}]})],
        &[
            (json!({"list": [{}, {"new": 1}]}), &["$.list[1].new"]),
            (json!({"list": [{"deep": {"y": 1}}]}), &["$.list[0].deep.y"]),
            (
                json!({"list": [{"deep": {"y": 1}, "z": 1}], "w": 1}),
                &["$.list[0].deep.y", "$.list[0].z", "$.w"],
            ),
        ],
    );
}

#[test]
fn a_reference_is_closed_where_it_is_used() {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"one": {"$ref": "#/$defs/P", "description": "first"}, "many": {"type": "array", "items": {"$ref": "#/$defs/P"}}},
        "$defs": {"P": {"type": "object", "properties": {"x": {"type": "integer"}, "in": {"$ref": "#/$defs/Q"}}}, "Q": {"type": "object", "properties": {"q": {"type": "string"}}}}
    });
    check(
        &schema,
        &[json!({"one": {"x": 1, "in": {"q": ""}}, "many": [{"x": 2}, {}]})],
        &[
            (json!({"one": {"y": 1}}), &["$.one.y"]),
            (json!({"many": [{}, {"y": 1}]}), &["$.many[1].y"]),
            (json!({"one": {"x": 1, "in": {"p": 1}}}), &["$.one.in.p"]),
        ],
    );
}

#[test]
fn members_of_all_of_name_each_others_properties() {
    let schema = json!({
        "allOf": [{"$ref": "#/$defs/A"}, {"properties": {"b": {"properties": {"in": {}}}}}],
        "properties": {"c": {}},
        "$defs": {"A": {"type": "object", "properties": {"a": {}}, "required": ["a"]}}
    });
    check(
        &schema,
        &[json!({"a": 1, "b": {"in": 1}, "c": 3})],
        &[
            (json!({"a": 1, "d": 1}), &["$.d"]),
            (json!({"a": 1, "b": {"out": 1}}), &["$.b.out"]),
        ],
    );
}

#[test]
fn a_reference_and_its_siblings_name_each_others_properties() {
    check(
        &json!({
            "properties": {"p": {"$ref": "#/$defs/Base", "properties": {"extra": {"type": "integer"}}}},
            "$defs": {"Base": {"properties": {"base": {}}}}
        }),
        &[json!({"p": {"base": 1, "extra": 2}})],
        &[(
            json!({"p": {"base": 1, "extra": 2, "more": 3}}),
            &["$.p.more"],
        )],
    );
}

#[test]
fn an_internally_tagged_enum_is_closed_by_variant() {
    let schema = json!({
        "oneOf": [
            {"type": "object", "properties": {"kind": {"type": "string", "const": "a"}, "x": {"type": "integer"}}, "required": ["kind", "x"]},
            {"type": "object", "properties": {"kind": {"type": "string", "const": "b"}}, "$ref": "#/$defs/B", "required": ["kind"]},
            {"type": "object", "properties": {"kind": {"type": "string", "const": "unit"}}, "required": ["kind"]}
        ],
        "$defs": {"B": {"type": "object", "properties": {"y": {"type": "object", "properties": {"z": {}}}}}}
    });
    check(
        &schema,
        &[
            json!({"kind": "a", "x": 1}),
            json!({"kind": "b", "y": {"z": 1}}),
            json!({"kind": "unit"}),
        ],
        &[
            (json!({"kind": "a", "x": 1, "y": {}}), &["$.y"]),
            (json!({"kind": "b", "y": {"z": 1, "no": 1}}), &["$.y.no"]),
            (json!({"kind": "unit", "new": 1}), &["$.new"]),
        ],
    );
}

#[test]
fn an_adjacently_tagged_enum_is_closed_by_variant() {
    let variant = |tag: &str, field: &str| {
        json!({"type": "object", "required": ["t", "data"], "properties": {
            "t": {"type": "string", "const": tag},
            "data": {"type": "object", "properties": {field: {"type": "integer"}}}
        }})
    };
    check(
        &json!({"type": "array", "items": {"oneOf": [variant("a", "x"), variant("b", "y")]}}),
        &[
            json!([{"t": "a", "data": {"x": 1}}, {"t": "b", "data": {"y": 1}}, {"t": "b", "data": {}}]),
        ],
        &[
            (
                json!([{"t": "a", "data": {"x": 1, "y": 1}}]),
                &["$[0].data.y"],
            ),
            (
                json!([{"t": "a", "data": {"x": 1, "new": 1}}]),
                &["$[0].data.new"],
            ),
            (json!([{"t": "b", "data": {}, "new": 1}]), &["$[0].new"]),
        ],
    );
}

#[test]
fn an_externally_tagged_enum_is_closed_by_variant() {
    let schema = json!({"properties": {"e": {"oneOf": [
        {"type": "string", "const": "Unit"},
        {"type": "object", "properties": {"Newtype": {"$ref": "#/$defs/N"}}, "required": ["Newtype"], "additionalProperties": false},
        {"type": "object", "properties": {"Tuple": {"type": "array", "prefixItems": [{"type": "object", "properties": {"p": {}}}, {"type": "integer"}], "minItems": 2, "maxItems": 2}}, "required": ["Tuple"], "additionalProperties": false}
    ]}}, "$defs": {"N": {"type": "object", "properties": {"n": {}}}}});
    check(
        &schema,
        &[
            json!({"e": "Unit"}),
            json!({"e": {"Newtype": {"n": 1}}}),
            json!({"e": {"Tuple": [{"p": 1}, 2]}}),
        ],
        &[
            (
                json!({"e": {"Newtype": {"n": 1, "o": 2}}}),
                &["$.e.Newtype.o"],
            ),
            (json!({"e": {"Tuple": [{"q": 1}, 2]}}), &["$.e.Tuple[0].q"]),
            (json!({"e": {"Newtype": {}, "Other": 1}}), &["$.e.Other"]),
        ],
    );
}

#[test]
fn an_untagged_enum_accepts_each_variant_and_no_mixture() {
    let schema = json!({"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}], "$defs": {
        "A": {"type": "object", "properties": {"a": {"type": "object", "properties": {"x": {}}}}, "required": ["a"]},
        "B": {"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"]}
    }});
    check(
        &schema,
        &[json!({"a": {"x": 1}}), json!({"b": 1})],
        &[
            (json!({"a": {"x": 1}, "c": 1}), &["$.c"]),
            (json!({"a": {"y": 1}}), &["$.a.y"]),
        ],
    );
}

#[test]
fn an_untagged_fallback_to_any_value_stays_a_payload() {
    check(
        &json!({"properties": {"v": {"anyOf": [{"$ref": "#/$defs/Known"}, true]}},
            "$defs": {"Known": {"type": "object", "properties": {"k": {"type": "integer"}}}}}),
        &[
            json!({"v": {"k": 1}}),
            json!({"v": {"k": "x", "other": {"deep": 1}}}),
            json!({"v": {"other": 1}}),
            json!({"v": 3}),
        ],
        &[(json!({"w": 1}), &["$.w"])],
    );
}

#[test]
fn a_nullable_reference_is_closed() {
    for nullable in [
        json!({"anyOf": [{"$ref": "#/$defs/P"}, {"type": "null"}]}),
        json!({"oneOf": [{"type": "null"}, {"$ref": "#/$defs/P"}]}),
        json!({"type": ["object", "null"], "properties": {"x": {}}}),
    ] {
        check(
            &json!({"properties": {"p": nullable}, "$defs": {"P": {"type": "object", "properties": {"x": {}}}}}),
            &[json!({"p": null}), json!({"p": {"x": 1}}), json!({})],
            &[(json!({"p": {"x": 1, "y": 2}}), &["$.p.y"])],
        );
    }
}

#[test]
fn a_flattened_struct_and_enum_stay_one_object() {
    let schema = json!({
        "type": "object",
        "properties": {"command": {"const": "c"}, "flat": {"type": "integer"}},
        "required": ["command"],
        "oneOf": [
            {"type": "object", "properties": {"ok": {"type": "object", "properties": {"n": {}}}}, "required": ["ok"]},
            {"type": "object", "properties": {"failed": {"type": "string"}}, "required": ["failed"]}
        ]
    });
    check(
        &schema,
        &[
            json!({"command": "c", "flat": 1, "ok": {"n": 1}}),
            json!({"command": "c", "failed": "x"}),
        ],
        &[
            (json!({"command": "c", "failed": "x", "new": 1}), &["$.new"]),
            (json!({"command": "c", "ok": {"m": 1}}), &["$.ok.m"]),
        ],
    );
}

#[test]
fn a_map_accepts_any_key_and_closes_its_values() {
    let schema = json!({
        "type": "object",
        "properties": {
            "map": {"type": "object", "additionalProperties": {"$ref": "#/$defs/V"}},
            "open": {"type": "object", "additionalProperties": true},
            "flat": {"type": "object", "properties": {"named": {"properties": {"n": {}}}}, "additionalProperties": {"properties": {"m": {}}}},
            "patterned": {"type": "object", "patternProperties": {"^x-": {"properties": {"x": {}}}}}
        },
        "$defs": {"V": {"type": "object", "properties": {"v": {}}}}
    });
    check(
        &schema,
        &[
            json!({"map": {"any key": {"v": 1}, "": {}}}),
            json!({"open": {"a": {"b": {"c": 1}}}}),
            json!({"flat": {"named": {"n": 1}, "other": {"m": 1}}}),
            json!({"patterned": {"x-1": {"x": 1}}}),
        ],
        &[
            (
                json!({"map": {"any key": {"w": 1}}}),
                &["$.map['any key'].w"],
            ),
            (json!({"flat": {"named": {"m": 1}}}), &["$.flat.named.m"]),
            (
                json!({"flat": {"other": {"n": 1, "m": 1}}}),
                &["$.flat.other.n"],
            ),
            (json!({"patterned": {"y": 1}}), &["$.patterned.y"]),
            (
                json!({"patterned": {"x-1": {"y": 1}}}),
                &["$.patterned['x-1'].y"],
            ),
        ],
    );
}

#[test]
fn an_explicit_unevaluated_properties_is_respected() {
    check(
        &json!({"properties": {
            "open": {"properties": {"a": {}}, "unevaluatedProperties": true},
            "typed": {"properties": {"a": {}}, "unevaluatedProperties": {"properties": {"u": {}}}},
            "closed": {"$ref": "#/$defs/A", "unevaluatedProperties": false}
        }, "$defs": {"A": {"properties": {"a": {}}}}}),
        &[json!({"open": {"b": 1}, "typed": {"b": {"u": 1}}, "closed": {"a": 1}})],
        &[
            (json!({"typed": {"b": {"w": 1}}}), &["$.typed.b"]),
            (json!({"closed": {"b": 1}}), &["$.closed.b"]),
        ],
    );
}

#[test]
fn a_payload_stays_open() {
    for payload in [
        json!(true),
        json!({}),
        json!({"description": "anything"}),
        json!({"$ref": "#/$defs/Any"}),
        json!({"type": ["object", "array", "string", "number", "boolean", "null"]}),
        json!({"const": {"deep": {"a": 1}}}),
        json!({"enum": [{"deep": {"a": 1}}, 1]}),
        json!({"type": "object", "const": {"deep": {"a": 1}}}),
    ] {
        check(
            &json!({"properties": {"p": payload}, "$defs": {"Any": true}}),
            &[json!({"p": {"deep": {"a": 1}}})],
            &[(json!({"q": 1}), &["$.q"])],
        );
    }
}

#[test]
fn an_empty_struct_is_closed() {
    check(
        &json!({"properties": {"empty": {"type": "object"}}}),
        &[json!({"empty": {}})],
        &[(json!({"empty": {"a": 1}}), &["$.empty.a"])],
    );
}

#[test]
fn a_recursive_schema_is_closed_at_every_level() {
    let node = json!({"type": "object", "properties": {"v": {}, "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}, "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}});
    check(
        &json!({"$ref": "#/$defs/Node", "$defs": {"Node": node}}),
        &[
            json!({"v": 1, "next": {"next": {"next": null}}, "children": [{"children": [{"v": 2}]}]}),
        ],
        &[
            (json!({"next": {"next": {"w": 1}}}), &["$.next.next.w"]),
            (
                json!({"children": [{"children": [{"w": 1}]}]}),
                &["$.children[0].children[0].w"],
            ),
            (json!({"w": 1}), &["$.w"]),
        ],
    );
}

#[test]
fn a_schema_that_refers_to_its_root_or_to_a_place_is_closed() {
    check(
        &json!({"type": "object", "properties": {
            "v": {"type": "object", "properties": {"x": {}}},
            "again": {"$ref": "#/properties/v"},
            "more": {"allOf": [{"$ref": "#/properties/v"}, {"properties": {"y": {}}}]},
            "kids": {"type": "array", "items": {"$ref": "#"}},
            "tagged": {"allOf": [{"$ref": "#"}, {"properties": {"tag": {}}}]}
        }}),
        &[
            json!({"v": {"x": 1}, "again": {"x": 1}, "more": {"x": 1, "y": 1}}),
            json!({"kids": [{"kids": [{"v": {"x": 1}}]}], "tagged": {"tag": 1, "v": {}}}),
        ],
        &[
            (json!({"again": {"y": 1}}), &["$.again.y"]),
            (json!({"more": {"z": 1}}), &["$.more.z"]),
            (
                json!({"kids": [{"kids": [{"w": 1}]}]}),
                &["$.kids[0].kids[0].w"],
            ),
            (json!({"tagged": {"w": 1}}), &["$.tagged.w"]),
        ],
    );
}

#[test]
fn conditions_are_not_closed_and_what_they_apply_is() {
    check(
        &json!({
            "properties": {"kind": {"type": "string"}, "meta": {"type": "object", "properties": {"m": {}}}},
            "if": {"properties": {"kind": {"const": "a"}, "meta": {"properties": {"m": {"const": 1}}, "required": ["m"]}}, "required": ["kind"]},
            "then": {"properties": {"a": {"type": "object", "properties": {"x": {}}}}},
            "else": {"properties": {"b": {}}},
            "not": {"properties": {"kind": {"const": "never"}}, "required": ["kind"]}
        }),
        &[
            json!({"kind": "a", "meta": {"m": 1}, "a": {"x": 1}}),
            json!({"kind": "b", "b": 1, "meta": {"m": 2}}),
        ],
        &[
            (
                json!({"kind": "a", "meta": {"m": 1}, "a": {"y": 1}}),
                &["$.a.y"],
            ),
            (json!({"kind": "b", "b": 1, "c": 1}), &["$.c"]),
        ],
    );
}

#[test]
fn one_of_several_required_names_opens_nothing() {
    check(
        &json!({"type": "object", "properties": {"a": {}, "b": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        &[json!({"a": 1}), json!({"b": 1}), json!({"a": 1, "b": 1})],
        &[(json!({"a": 1, "c": 1}), &["$.c"])],
    );
}

#[test]
fn a_place_two_schemas_describe_together_accepts_what_either_names() {
    let base = json!({"type": "object", "properties": {
        "meta": {"type": "object", "properties": {"a": {}, "in": {"type": "object", "properties": {"p": {}}}}},
        "list": {"type": "array", "items": {"type": "object", "properties": {"l": {}}}}
    }});
    let refined = json!({"properties": {
        "meta": {"properties": {"b": {}, "in": {"properties": {"q": {}}}}},
        "list": {"items": {"properties": {"k": {"type": "integer"}}}}
    }});
    let good =
        [json!({"meta": {"a": 1, "b": 1, "in": {"p": 1, "q": 1}}, "list": [{"l": 1, "k": 1}]})];
    let bad: [(Value, &[&str]); 4] = [
        (json!({"meta": {"a": 1, "new": 1}}), &["$.meta.new"]),
        (
            json!({"meta": {"in": {"p": 1, "new": 1}}}),
            &["$.meta.in.new"],
        ),
        (
            json!({"meta": {}, "list": [{"l": 1}, {"new": 1}]}),
            &["$.list[1].new"],
        ),
        (json!({"meta": {"b": 1}, "new": 1}), &["$.new"]),
    ];
    for schema in [
        json!({"allOf": [{"$ref": "#/$defs/Base"}, refined], "$defs": {"Base": base}}),
        json!({"$ref": "#/$defs/Base", "properties": refined["properties"], "$defs": {"Base": base}}),
        json!({"properties": base["properties"], "if": {"required": ["meta"]}, "then": refined}),
        json!({"properties": base["properties"], "oneOf": [refined, {"required": ["never"]}]}),
        json!({"properties": base["properties"], "dependentSchemas": {"meta": refined}}),
    ] {
        check(&schema, &good, &bad);
        let held = json!({"properties": {"h h": schema}, "$defs": schema.get("$defs").unwrap_or(&json!({}))});
        let inside = |document: &Value| json!({ "h h": document });
        check(&held, &good.each_ref().map(inside), &[]);
        let validators = compile(&held).unwrap();
        for (document, _) in &bad {
            assert_eq!(
                validators.validate("s", &inside(document)).len(),
                1,
                "{document}"
            );
        }
    }
}

#[test]
fn two_recursive_schemas_together_are_closed_at_every_level() {
    let schema = json!({
        "allOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}],
        "$defs": {
            "A": {"properties": {"a": {}, "next": {"$ref": "#/$defs/A"}}},
            "B": {"properties": {"b": {}, "next": {"$ref": "#/$defs/B"}}}
        }
    });
    check(
        &schema,
        &[json!({"a": 1, "b": 1, "next": {"a": 1, "b": 1, "next": {"a": 1, "b": 1, "next": {}}}})],
        &[
            (
                json!({"next": {"next": {"a": 1, "c": 1}}}),
                &["$.next.next.c"],
            ),
            (json!({"next": {"c": 1}}), &["$.next.c"]),
        ],
    );
}
