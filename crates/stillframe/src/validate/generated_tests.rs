//! Claims about the strict view of schemas generated from Rust types, for every place of real documents.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::{Value, json};
use stillframe_core::schema::Catalogue;

use super::Validators;

#[derive(Serialize, JsonSchema)]
struct Leaf {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Empty {}

#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Internal {
    Unit,
    Newtype(Leaf),
    Fields { leaf: Leaf, count: u64 },
}

#[derive(Serialize, JsonSchema)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    Newtype(Leaf),
    Fields { one: Option<Leaf>, two: Option<u8> },
    Tuple(Leaf, u8),
}

#[derive(Serialize, JsonSchema)]
enum External {
    Unit,
    Newtype(Leaf),
    Fields { leaf: Leaf },
    Tuple(Leaf, Empty),
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Untagged {
    Leaf(Leaf),
    List(Vec<Leaf>),
    Number(f64),
}

#[derive(Serialize, JsonSchema)]
struct Tree {
    value: u32,
    left: Option<Box<Tree>>,
    children: Vec<Tree>,
}

#[derive(Serialize, JsonSchema)]
struct Common {
    run_id: String,
    inner: Leaf,
}

#[derive(Serialize, JsonSchema)]
struct Output {
    command: String,
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    variant: Internal,
    /// A documented reference.
    documented: Leaf,
    optional: Option<Leaf>,
    internal: Vec<Internal>,
    adjacent: Vec<Adjacent>,
    external: Vec<External>,
    untagged: Vec<Untagged>,
    tree: Tree,
    map: BTreeMap<String, Leaf>,
    nested: BTreeMap<String, BTreeMap<String, Vec<Internal>>>,
    pair: (Leaf, Internal),
    result: Result<Leaf, External>,
    empty: Empty,
    payload: Value,
    payload_map: serde_json::Map<String, Value>,
}

fn leaf() -> Leaf {
    Leaf {
        name: "a".into(),
        hint: Some("b".into()),
    }
}

fn tree(depth: u32) -> Tree {
    Tree {
        value: depth,
        left: (depth > 0).then(|| Box::new(tree(depth - 1))),
        children: if depth > 0 { vec![tree(0)] } else { Vec::new() },
    }
}

fn output() -> Output {
    Output {
        command: "all".into(),
        common: Common {
            run_id: "r".into(),
            inner: leaf(),
        },
        variant: Internal::Fields {
            leaf: leaf(),
            count: 1,
        },
        documented: leaf(),
        optional: Some(leaf()),
        internal: vec![
            Internal::Unit,
            Internal::Newtype(leaf()),
            Internal::Fields {
                leaf: leaf(),
                count: 2,
            },
        ],
        adjacent: vec![
            Adjacent::Unit,
            Adjacent::Newtype(leaf()),
            Adjacent::Fields {
                one: Some(leaf()),
                two: None,
            },
            Adjacent::Tuple(leaf(), 1),
        ],
        external: vec![
            External::Unit,
            External::Newtype(leaf()),
            External::Fields { leaf: leaf() },
            External::Tuple(leaf(), Empty {}),
        ],
        untagged: vec![
            Untagged::Leaf(leaf()),
            Untagged::List(vec![leaf()]),
            Untagged::Number(0.5),
        ],
        tree: tree(2),
        map: [("any key".to_owned(), leaf())].into(),
        nested: [(
            "a".to_owned(),
            [("b".to_owned(), vec![Internal::Newtype(leaf())])].into(),
        )]
        .into(),
        pair: (leaf(), Internal::Unit),
        result: Err(External::Newtype(leaf())),
        empty: Empty {},
        payload: json!({"free": {"deep": 1}}),
        payload_map: [("free".to_owned(), json!({"deep": 1}))]
            .into_iter()
            .collect(),
    }
}

/// Every object of the document, as a pointer.
fn objects(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.push(at.to_owned());
            for (key, inner) in members {
                objects(inner, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                objects(inner, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn validators(schema: Schema) -> Validators {
    let (catalogue, faults) =
        Catalogue::from_documents([("s.schema.json".to_owned(), schema.to_value())]);
    assert_eq!(faults, []);
    Validators::compile(&catalogue).unwrap()
}

/// Places that hold what nobody declared: payloads, and maps with keys of their own.
fn is_open(place: &str) -> bool {
    place.starts_with("/payload") || ["/map", "/nested", "/nested/a"].contains(&place)
}

fn every_place_is_closed(schema: Schema, document: &Value) {
    let validators = validators(schema);
    assert_eq!(validators.validate("s", document), []);
    let mut places = Vec::new();
    objects(document, "", &mut places);
    for place in places.iter().filter(|place| !is_open(place)) {
        let mut altered = document.clone();
        let holder = altered
            .pointer_mut(place)
            .and_then(Value::as_object_mut)
            .unwrap();
        holder.insert("zz_unknown".into(), json!({"a": 1}));
        let found = validators.validate("s", &altered);
        assert_eq!(found.len(), 1, "{place}: {found:?}");
        assert!(
            found[0].instance_path.ends_with(".zz_unknown"),
            "{place}: {found:?}"
        );
    }
    for place in places.iter().filter(|place| place.starts_with("/payload")) {
        let mut altered = document.clone();
        let holder = altered
            .pointer_mut(place)
            .and_then(Value::as_object_mut)
            .unwrap();
        holder.insert("zz_unknown".into(), json!({"a": 1}));
        assert_eq!(validators.validate("s", &altered), [], "{place}");
    }
}

#[test]
fn an_unknown_property_is_refused_at_every_place_of_a_generated_schema() {
    let document = serde_json::to_value(output()).unwrap();
    let settings = SchemaSettings::draft2020_12().for_serialize();
    every_place_is_closed(
        settings.into_generator().into_root_schema_for::<Output>(),
        &document,
    );
}

#[test]
fn inlined_subschemas_are_closed_as_well() {
    let document = serde_json::to_value(output()).unwrap();
    let settings = SchemaSettings::draft2020_12()
        .for_serialize()
        .with(|settings| settings.inline_subschemas = true);
    every_place_is_closed(
        settings.into_generator().into_root_schema_for::<Output>(),
        &document,
    );
}

#[test]
fn every_variant_of_a_flattened_enum_is_accepted() {
    let schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let validators = validators(schema.into_root_schema_for::<Output>());
    for variant in [
        Internal::Unit,
        Internal::Newtype(leaf()),
        Internal::Fields {
            leaf: leaf(),
            count: 3,
        },
    ] {
        let document = serde_json::to_value(Output {
            variant,
            ..output()
        })
        .unwrap();
        assert_eq!(validators.validate("s", &document), []);
    }
}
