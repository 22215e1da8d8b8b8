//! References between files, by each of the ways in which they are published.

use serde_json::{Value, json};

use crate::schema::{Catalogue, CatalogueFault, Openness, strict};

fn catalogue(files: &[(&str, Value)]) -> (Catalogue, Vec<CatalogueFault>) {
    let files = files
        .iter()
        .map(|(file, schema)| ((*file).to_owned(), schema.clone()));
    Catalogue::from_documents(files)
}

/// What `properties.a` of `s.schema.json` refers to, in the end.
fn led(files: &[(&str, Value)]) -> Value {
    let (catalogue, faults) = catalogue(files);
    assert_eq!(faults, []);
    let schema = catalogue.get("s").unwrap();
    let mut at = &schema["properties"]["a"];
    while let Some(reference) = at["$ref"].as_str() {
        at = schema
            .pointer(reference.strip_prefix('#').unwrap())
            .unwrap();
    }
    at.clone()
}

fn referring(id: &str, reference: &str) -> (&'static str, Value) {
    let mut schema = json!({"properties": {"a": {"$ref": reference}}});
    if !id.is_empty() {
        schema["$id"] = id.into();
    }
    ("s.schema.json", schema)
}

#[test]
fn a_reference_finds_its_target_by_id_path_and_name() {
    let found = json!({"title": "found"});
    let with_id = json!({"$id": "https://example.org/v1/t.json", "title": "found"});
    let place = json!({"definitions": {"a b": {"title": "found"}}});
    let anchored = json!({"$defs": {"x": {"$anchor": "here", "title": "found"}}});
    for (id, reference, file, target) in [
        (
            "https://example.org/v1/s.json",
            "t.json",
            "other.json",
            &with_id,
        ),
        (
            "https://example.org/v1/s.json",
            "/v1/t.json",
            "other.json",
            &with_id,
        ),
        ("", "https://example.org/v1/t.json", "other.json", &with_id),
        (
            "",
            "HTTPS://example.org:443/v1/x/../t.json#",
            "other.json",
            &with_id,
        ),
        ("", "t.schema.json", "t.schema.json", &found),
        ("", "./parts/t.json", "parts/t.json", &found),
        ("", "parts/two%20words.json", "parts/two words.json", &found),
        ("https://example.org/v1/s.json", "t.json", "t.json", &found),
        (
            "https://example.org/v1/s.json",
            "../common/t.json?v=2",
            "parts/t.json",
            &found,
        ),
        ("urn:example:s", "t.json", "t.json", &found),
        ("", "t.json#/definitions/a%20b", "t.json", &place),
        ("", "t.json#here", "t.json", &anchored),
    ] {
        let led = led(&[referring(id, reference), (file, target.clone())]);
        assert_eq!(led["title"], "found", "{id} {reference} {file}");
    }
}

#[test]
fn a_file_in_the_same_folder_comes_first() {
    let files = [
        (
            "v1/s.schema.json",
            json!({"properties": {"a": {"$ref": "t.json"}}}),
        ),
        (
            "v1/t.json",
            json!({"$id": "https://example.org/t.json", "title": "1"}),
        ),
        (
            "v2/s.schema.json",
            json!({"properties": {"a": {"$ref": "https://example.org/t.json"}}}),
        ),
        (
            "v2/t.json",
            json!({"$id": "https://example.org/t.json", "title": "2"}),
        ),
    ];
    let (catalogue, faults) = catalogue(&files);
    assert_eq!(faults, []);
    for (name, title) in [("v1/s", "1"), ("v2/s", "2")] {
        let schema = catalogue.get(name).unwrap();
        let reference = schema["properties"]["a"]["$ref"].as_str().unwrap();
        assert_eq!(schema.pointer(&reference[1..]).unwrap()["title"], title);
    }
}

#[test]
fn what_a_target_refers_to_comes_along_and_a_circle_ends() {
    let files = [
        referring("", "t.json#/definitions/x"),
        (
            "t.json",
            json!({"definitions": {"x": {"properties": {"back": {"$ref": "s.schema.json"}, "y": {"$ref": "#/definitions/y"}, "self": {"$ref": "#/definitions/x"}}},
                "y": {"title": "y"}, "unused": {"$ref": "nowhere.json"}}}),
        ),
    ];
    let (catalogue, faults) = catalogue(&files);
    assert_eq!(faults, [], "what nothing leads to need not be there");
    assert_eq!(
        catalogue.get("s").unwrap(),
        &json!({
            "properties": {"a": {"$ref": "#/$defs/.~1t.json:~1definitions~1x"}},
            "$defs": {
                "./t.json:/definitions/x": {"properties": {
                    "back": {"$ref": "#"},
                    "y": {"$ref": "#/$defs/.~1t.json:~1definitions~1y"},
                    "self": {"$ref": "#/$defs/.~1t.json:~1definitions~1x"}
                }},
                "./t.json:/definitions/y": {"title": "y"}
            }
        })
    );
}

#[test]
fn schemas_inside_a_file_that_have_an_id_of_their_own_are_found() {
    let schema = json!({
        "$id": "https://example.org/s.json",
        "properties": {"a": {"$ref": "inner.json"}},
        "$defs": {"inner": {"$id": "inner.json", "$ref": "#/definitions/x", "definitions": {"x": {"title": "found"}}}}
    });
    assert_eq!(led(&[("s.schema.json", schema)])["title"], "found");
}

#[test]
fn a_schema_that_needs_no_other_file_stays_as_it_is() {
    for schema in [
        json!({"$id": "https://example.org/s", "$ref": "#/$defs/x", "$defs": {"x": {"$anchor": "x"}}}),
        json!({"$ref": "http://json-schema.org/draft-07/schema#"}),
        json!({"properties": {"$ref": {"type": "string"}}, "const": {"$ref": "gone.json"}, "x-note": {"$ref": "gone.json"}}),
        json!({"$dynamicRef": "#node", "$defs": {"a": {"$dynamicAnchor": "node"}, "b": {"$id": "b", "$dynamicAnchor": "node"}}}),
        json!({"properties": {"a": {"$ref": "#/gone"}}}),
    ] {
        let (catalogue, faults) = catalogue(&[("s.schema.json", schema.clone())]);
        assert_eq!(faults, []);
        assert_eq!(catalogue.get("s"), Some(&schema));
    }
}

#[test]
fn references_within_a_file_become_pointers_however_they_are_written() {
    let id = "https://example.org/s.json";
    for (reference, more) in [
        ("#x", json!({"$anchor": "x"})),
        ("s.json#/$defs/x", json!({})),
        ("https://example.org/s.json#x", json!({"$anchor": "x"})),
        ("s.schema.json#/$defs/x", json!({})),
        ("x.json", json!({"$id": "x.json"})),
    ] {
        let mut x = more;
        x["title"] = "found".into();
        let schema =
            json!({"$id": id, "properties": {"a": {"$ref": reference}}, "$defs": {"x": x}});
        let (catalogue, faults) = catalogue(&[("s.schema.json", schema)]);
        assert_eq!(faults, [], "{reference}");
        let found = &catalogue.get("s").unwrap()["properties"]["a"]["$ref"];
        assert_eq!(found, "#/$defs/x", "{reference}");
    }
    let tree =
        json!({"$id": id, "$dynamicAnchor": "node", "properties": {"a": {"$dynamicRef": "#node"}}});
    let (catalogue, _) = catalogue(&[("s.schema.json", tree)]);
    assert_eq!(
        catalogue.get("s").unwrap()["properties"]["a"],
        json!({"$ref": "#"})
    );
}

#[test]
fn bounds_follow_references_to_the_own_file() {
    let next = |n: usize| json!({"$ref": format!("https://example.org/s.json#/$defs/d{n}")});
    let definitions: serde_json::Map<String, Value> = (0..30)
        .map(|n| {
            (
                format!("d{n}"),
                json!({"allOf": [next(n + 1), next(n + 1)]}),
            )
        })
        .chain([("d30".to_owned(), json!({}))])
        .collect();
    let schema =
        json!({"$id": "https://example.org/s.json", "allOf": [next(0)], "$defs": definitions});
    let (_, faults) = catalogue(&[("s.schema.json", schema)]);
    assert!(
        matches!(faults[..], [CatalogueFault::Explosive { .. }]),
        "{faults:?}"
    );
}

#[test]
fn two_files_with_one_id_are_reported_where_they_differ() {
    let t = |title: &str| json!({"$id": "https://example.org/t", "title": title});
    let refer = referring("", "https://example.org/t");
    let files = [refer.clone(), ("a/t.json", t("1")), ("b/t.json", t("2"))];
    let (_, faults) = catalogue(&files);
    assert!(
        faults[0]
            .to_string()
            .contains("may be any of a/t.json, b/t.json"),
        "{faults:?}"
    );
    let files = [refer.clone(), ("t1.json", t("1")), ("t2.json", t("2"))];
    let (_, faults) = catalogue(&files);
    assert!(
        faults[0]
            .to_string()
            .contains("may be any of t1.json, t2.json"),
        "{faults:?}"
    );
    let files = [
        refer.clone(),
        ("a/t.json", t("found")),
        ("b/t.json", t("found")),
    ];
    assert_eq!(led(&files)["title"], "found");
    let files = [refer, ("t.json", t("found")), ("b/t.json", t("2"))];
    assert_eq!(
        led(&files)["title"],
        "found",
        "the one in the same folder is meant"
    );
    let path = referring("https://example.org/s", "b/t.json");
    let other = |title: &str| json!({"$id": "https://example.org/b/t.json", "title": title});
    let files = [path, ("b/t.json", other("found")), ("c/t.json", other("2"))];
    assert_eq!(led(&files)["title"], "found", "the path tells them apart");
}

#[test]
fn a_path_may_be_written_as_people_write_it() {
    for (reference, file) in [
        ("../c/größe.json", "c/größe.json"),
        ("../c/gr%C3%B6%C3%9Fe.json", "c/größe.json"),
        ("../c/a b.json", "c/a b.json"),
        ("../c/a%20b.json", "c/a b.json"),
        ("../c/50%25.json", "c/50%.json"),
        ("../c/[x].json", "c/[x].json"),
    ] {
        let other = format!("d/{}", &file[2..]);
        let files = [
            ("v/s.schema.json", json!({"$ref": reference})),
            (file, json!({"title": "found"})),
            (other.as_str(), json!({"title": "other"})),
        ];
        let (catalogue, faults) = catalogue(&files);
        assert_eq!(faults, [], "{reference}");
        let schema = catalogue.get("v/s").unwrap();
        let definitions = schema["$defs"].as_object().unwrap();
        assert_eq!(
            definitions.values().next().unwrap()["title"],
            "found",
            "{reference}"
        );
    }
}

#[test]
fn a_part_of_another_draft_is_kept_apart() {
    let inner = json!({"$id": "https://example.org/t", "$schema": "http://json-schema.org/draft-07/schema#", "items": [{"title": "found"}]});
    let schema =
        json!({"properties": {"a": {"$ref": "https://example.org/t"}}, "$defs": {"t": inner}});
    let (catalogue, faults) = catalogue(&[("s.schema.json", schema)]);
    assert_eq!(faults, []);
    let schema = catalogue.get("s").unwrap();
    let reference = schema["properties"]["a"]["$ref"].as_str().unwrap();
    assert_eq!(schema["$defs"]["t"]["$ref"], reference);
    let piece = &schema.pointer(&reference[1..]).unwrap()["allOf"][0];
    assert_eq!(piece["items"][0]["title"], "found");
    assert_eq!(piece["$schema"], "http://json-schema.org/draft-07/schema#");
}

#[test]
fn what_is_missing_is_named_in_one_order() {
    let schema = json!({"properties": {"a": {"$ref": "z.json"}, "b": {"$ref": "y.json#/x"}, "c": {"$ref": "there.json#/x"}, "d": {"$ref": "y.json"}}});
    let (_, faults) = catalogue(&[("s.schema.json", schema), ("there.json", json!({}))]);
    let [CatalogueFault::Incomplete { file, lost }] = &faults[..] else {
        panic!("{faults:?}");
    };
    assert_eq!(file, "s.schema.json");
    let reported: Vec<String> = lost.iter().map(ToString::to_string).collect();
    let nothing = "no schema file has that `$id`, path or name (nothing is downloaded)";
    assert_eq!(
        reported,
        [
            format!("`y.json` is missing: #/properties/b refers to it, and {nothing}"),
            format!("`y.json` is missing: #/properties/d refers to it, and {nothing}"),
            format!("`z.json` is missing: #/properties/a refers to it, and {nothing}"),
            "`there.json` has no `#/x`, to which #/properties/c refers".to_owned(),
        ]
    );
}

#[test]
fn a_name_in_several_folders_and_a_torn_file_are_reported() {
    let files = [
        referring("https://example.org/s", "https://example.org/t.json"),
        ("a/t.json", json!({})),
        ("b/t.json", json!({})),
    ];
    let (_, faults) = catalogue(&files);
    assert!(
        faults[0].to_string().contains("a/t.json, b/t.json"),
        "{faults:?}"
    );
    let (_, faults) =
        Catalogue::from_texts([("s.schema.json", r#"{"$ref": "t.json"}"#), ("t.json", "{")]);
    assert!(
        faults[0]
            .to_string()
            .contains("`t.json`, to which # refers, is not"),
        "{faults:?}"
    );
}

#[test]
fn the_strict_view_bounds_and_commands_follow_references_between_files() {
    let files = [
        referring("", "t.json"),
        (
            "t.json",
            json!({"type": "object", "properties": {"x": {"type": "object", "properties": {}}}}),
        ),
        ("c.schema.json", json!({"$ref": "base.json"})),
        (
            "base.json",
            json!({"properties": {"command": {"const": "go"}}}),
        ),
    ];
    let (catalogue, faults) = catalogue(&files);
    assert_eq!(faults, []);
    assert_eq!(catalogue.bind(None, &json!({"command": "go"})), Ok("c"));
    let view = strict(catalogue.get("s").unwrap()).unwrap().value;
    assert_eq!(view["properties"]["a"]["unevaluatedProperties"], false);
    let inner = &view["$defs"]["./t.json"]["properties"]["x"];
    assert_eq!(inner["unevaluatedProperties"], false);
    let twice = |next: &str| json!({"allOf": [{"$ref": next}, {"$ref": next}]});
    let many: Vec<(String, Value)> = (0..30)
        .map(|n| {
            (
                format!("d{n}.schema.json"),
                twice(&format!("d{}.schema.json", n + 1)),
            )
        })
        .chain([("d30.schema.json".to_owned(), json!(true))])
        .collect();
    let (_, faults) = Catalogue::from_documents(many);
    assert!(
        matches!(faults.first(), Some(CatalogueFault::Explosive { .. })),
        "{faults:?}"
    );
}

#[test]
fn an_older_draft_is_open_only_where_something_stays_open() {
    let closed = json!({"additionalProperties": false, "properties": {"a": {}}});
    let open = json!({"properties": {"a": {}}});
    for (schema, expected) in [
        (
            json!({"additionalProperties": false, "properties": {"a": {"type": "object"}}}),
            vec!["#/properties/a"],
        ),
        (
            json!({"additionalProperties": false, "properties": {"a": {}, "b": closed, "c": {"type": "array", "items": closed}}}),
            vec![],
        ),
        (
            json!({"additionalProperties": {"$ref": "#/definitions/x"}, "definitions": {"x": closed}}),
            vec![],
        ),
        (
            json!({"additionalProperties": {"$ref": "#/definitions/x"}, "definitions": {"x": open}}),
            vec!["#/definitions/x"],
        ),
        (
            json!({"$ref": "#/definitions/x", "additionalProperties": false, "definitions": {"x": open}}),
            vec!["#/definitions/x"],
        ),
        (
            json!({"additionalProperties": false, "definitions": {"unused": {"properties": {"a": open}}}}),
            vec![],
        ),
        (json!({"oneOf": [closed, {"type": "null"}]}), vec![]),
        (json!({"oneOf": [closed, open]}), vec!["#"]),
        (json!({"allOf": [closed, open]}), vec![]),
        (
            json!({"additionalProperties": true, "properties": {"a": {}}}),
            vec![],
        ),
        (
            json!({"additionalProperties": {"$ref": "#/definitions/x", "properties": {"b": {}}}, "definitions": {"x": {"type": "string"}}}),
            vec![],
        ),
        (
            json!({"additionalProperties": {"$ref": "#x"}, "definitions": {"x": {"$id": "#x", "properties": {"b": {}}}}}),
            vec!["#/definitions/x"],
        ),
        (
            json!({"patternProperties": {".*": {"type": "string"}}}),
            vec![],
        ),
        (json!({"patternProperties": {"^x-": {}}}), vec!["#"]),
        (
            json!({"properties": {"a": {}}, "propertyNames": {"enum": ["a"]}}),
            vec![],
        ),
        (
            json!({"properties": {"a": {}}, "propertyNames": {"$ref": "#/definitions/n"}, "definitions": {"n": {"enum": ["a"]}}}),
            vec![],
        ),
        (
            json!({"properties": {"a": {}}, "propertyNames": {"minLength": 1}}),
            vec!["#"],
        ),
        (json!({"type": "object", "maxProperties": 0}), vec![]),
        (
            json!({"additionalProperties": false, "properties": {"a": open, "b": open, "c": open, "d": open}}),
            vec!["#/properties/a, #/properties/b, #/properties/c and 1 more"],
        ),
    ] {
        let mut schema = schema;
        schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
        let (catalogue, faults) = catalogue(&[("s.schema.json", schema.clone())]);
        assert_eq!(faults, []);
        match (
            strict(catalogue.get("s").unwrap()).unwrap().openness,
            &expected[..],
        ) {
            (Openness::Closed, []) => {}
            (Openness::Open(reason), [places]) => {
                assert!(
                    reason.contains(&format!(" at {places}")),
                    "{schema}: {reason}"
                );
            }
            (found, _) => panic!("{schema}: {found:?}"),
        }
    }
}
