//! The numbers of a schema as they are written, beside the approximations that a [`Value`] holds; it compares nothing.

use serde_json::{Map, Value};

use crate::json::{Document, Node, is_beyond_double};

/// The keyword under which a schema object holds the texts of its keywords whose numbers a double does not hold.
///
/// It exists in memory only, and moves with its object through every rewriting of the schema.
pub const EXACT: &str = "x-stillframe-exact";

/// Holds the schemas of other files where one of them is of another draft. The validator reaches them by reference only,
/// and does not judge them by the draft of the file that refers to them.
pub const FOREIGN: &str = "x-stillframe-files";
/// Begins the name of each definition that was moved from another place of the document.
pub(super) const MOVED: &str = "#";
/// Keywords whose values are names with schemas.
pub(super) const NAMED: [&str; 6] = [
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
    "dependencies",
];
/// Keywords whose values are data.
pub(super) const DATA: [&str; 4] = ["const", "enum", "default", "examples"];

/// What an object of a schema file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    Schema,
    Names,
}

/// The schema in a file, with the texts of its numbers where they are needed.
pub fn annotated(document: &Document) -> Value {
    copied(document.node(), Is::Schema)
}

fn copied(node: Node<'_>, is: Is) -> Value {
    match node.value {
        Value::Array(list) => list
            .iter()
            .map(|inner| copied(node.with(inner), is))
            .collect(),
        Value::Object(members) => {
            let inner = members.iter().map(|(name, value)| {
                let value = node.with(value);
                let copy = match is {
                    Is::Names => copied(value, Is::Schema),
                    Is::Schema if DATA.contains(&name.as_str()) => value.value.clone(),
                    Is::Schema if NAMED.contains(&name.as_str()) => copied(value, Is::Names),
                    Is::Schema if value.value.is_number() => not_quite_zero(value),
                    Is::Schema => copied(value, Is::Schema),
                };
                (name.clone(), copy)
            });
            let mut copy: Map<String, Value> = inner.collect();
            if is == Is::Schema {
                copy.remove(EXACT);
                let texts = texts(node, members);
                if !texts.is_empty() {
                    copy.insert(EXACT.to_owned(), Value::Object(texts));
                }
            }
            Value::Object(copy)
        }
        other => other.clone(),
    }
}

/// The number of a keyword; one that is too small for a double is the smallest of them, and not zero: whether a keyword
/// takes zero is judged on the double, and it is never asked for more than that.
fn not_quite_zero(node: Node<'_>) -> Value {
    let is_zero = node.value.as_f64() == Some(0.0);
    let text = node.number();
    let mut digits = text.bytes().take_while(|byte| !b"eE".contains(byte));
    if !is_zero || !digits.any(|byte| (b'1'..=b'9').contains(&byte)) {
        return node.value.clone();
    }
    let smallest = f64::from_bits(1);
    Value::from(if text.starts_with('-') {
        -smallest
    } else {
        smallest
    })
}

fn texts(node: Node<'_>, keywords: &Map<String, Value>) -> Map<String, Value> {
    let mut texts = Map::new();
    for (keyword, value) in keywords {
        let judges = value.is_number() || matches!(keyword.as_str(), "const" | "enum");
        let value = node.with(value);
        if judges && value.is_approximate() {
            texts.insert(keyword.clone(), value.text(usize::MAX).into());
        }
    }
    texts
}

/// Whether arithmetic with doubles may be wrong about any number of a schema.
pub fn is_beyond_doubles(schema: &Value) -> bool {
    match schema {
        Value::Number(number) => is_beyond_double(&number.to_string()),
        Value::Array(list) => list.iter().any(is_beyond_doubles),
        Value::Object(members) => {
            members.contains_key(EXACT) || members.values().any(is_beyond_doubles)
        }
        _ => false,
    }
}

/// The text of a keyword's value, as it is written in the schema.
pub fn written(keywords: &Map<String, Value>, keyword: &str) -> String {
    let exact = keywords.get(EXACT).and_then(|texts| texts.get(keyword));
    match (exact, keywords.get(keyword)) {
        (Some(Value::String(text)), _) => text.clone(),
        (_, Some(value)) => value.to_string(),
        (_, None) => String::new(),
    }
}
