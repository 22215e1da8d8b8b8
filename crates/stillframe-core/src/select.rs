//! JSONPath (RFC 9535) over a parsed document, for `save`, `nonempty` and `expect`; the normaliser has its own, narrower paths.

use std::fmt;

use serde_json::Value;
use serde_json_path::JsonPath;

use crate::json::{Node, Sameness};

/// A parsed JSONPath that remembers how it was written.
#[derive(Debug, Clone)]
pub struct Selector {
    written: String,
    path: JsonPath,
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl Selector {
    /// Parses a path; the error is a lowercase fragment.
    pub fn parse(text: &str) -> Result<Self, String> {
        let path = JsonPath::parse(text).map_err(|error| {
            format!("`{text}` is no JSONPath: {error}; write it like \"$.tables[*].rows\"")
        })?;
        Ok(Selector {
            written: text.to_owned(),
            path,
        })
    }

    /// What `save` keeps: the one node, a string as its text, anything else as JSON.
    pub fn save<'a>(&self, document: impl Into<Node<'a>>) -> Result<String, String> {
        let document = document.into();
        match self.one(document.value)? {
            Value::String(text) => Ok(text.clone()),
            node @ Value::Number(_) => Ok(document.with(node).number().into_owned()),
            node @ Value::Bool(_) => Ok(node.to_string()),
            node => Err(format!(
                "{self} finds {}, not a string, number or boolean",
                shape(node)
            )),
        }
    }

    /// What is wrong with `expect`, if anything.
    pub fn expect<'a>(&self, document: impl Into<Node<'a>>, expected: &Value) -> Option<String> {
        let (document, expected) = (document.into(), Node::from(expected));
        match self.one(document.value) {
            Ok(node) if same(document.with(node), expected) => None,
            Ok(node) => Some(format!(
                "{self} is {}, expected {}",
                short(document.with(node)),
                short(expected)
            )),
            Err(reason) => Some(reason),
        }
    }

    /// What is wrong with `nonempty`, if anything.
    pub fn nonempty(&self, document: &Value) -> Option<String> {
        let nodes = self.path.query(document).all();
        if nodes.is_empty() {
            return Some(format!("{self} finds nothing"));
        }
        nodes
            .into_iter()
            .find(|node| is_empty(node))
            .map(|node| format!("{self} finds {}", shape(node)))
    }

    fn one<'a>(&self, document: &'a Value) -> Result<&'a Value, String> {
        let nodes = self.path.query(document).all();
        match nodes.as_slice() {
            [node] => Ok(node),
            [] => Err(format!("{self} finds nothing")),
            nodes => Err(format!(
                "{self} finds {} nodes, not exactly one",
                nodes.len()
            )),
        }
    }
}

/// Whether a document has lists and all of them are empty, the sign of a capture that says nothing.
pub fn only_empty_lists(document: &Value) -> bool {
    fn walk(node: &Value, lists: &mut usize) -> bool {
        match node {
            Value::Array(items) => {
                *lists += 1;
                items.is_empty()
            }
            Value::Object(members) => members.values().all(|member| walk(member, lists)),
            _ => true,
        }
    }
    let mut lists = 0;
    walk(document, &mut lists) && lists > 0
}

fn is_empty(node: &Value) -> bool {
    match node {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Equal as JSON; numbers by value, so that `2` in TOML meets `2.0` in JSON.
fn same(left: Node<'_>, right: Node<'_>) -> bool {
    left.canonical(Sameness::OfValue) == right.canonical(Sameness::OfValue)
}

fn shape(node: &Value) -> &'static str {
    match node {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "an empty string",
        Value::String(_) => "a string",
        Value::Array(items) if items.is_empty() => "an empty array",
        Value::Array(_) => "an array",
        Value::Object(members) if members.is_empty() => "an empty object",
        Value::Object(_) => "an object",
    }
}

fn short(node: Node<'_>) -> String {
    const MOST: usize = 120;
    let text = node.text(MOST * 4);
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sel(text: &str) -> Selector {
        Selector::parse(text).unwrap()
    }

    #[test]
    fn expect_wants_exactly_one_node_of_that_value() {
        let doc = json!({"n": 2, "f": 2.0, "rows": [1, 2]});
        assert_eq!(sel("$.n").expect(&doc, &json!(2)), None);
        assert_eq!(sel("$.f").expect(&doc, &json!(2)), None);
        assert_eq!(
            sel("$.n").expect(&doc, &json!(3)).unwrap(),
            "$.n is 2, expected 3"
        );
        assert_eq!(
            sel("$.x").expect(&doc, &json!(3)).unwrap(),
            "$.x finds nothing"
        );
        assert_eq!(
            sel("$.rows[*]").expect(&doc, &json!(1)).unwrap(),
            "$.rows[*] finds 2 nodes, not exactly one"
        );
    }

    #[test]
    fn nonempty_names_what_is_empty() {
        let doc = json!({"rows": [], "names": ["a", ""], "n": 0});
        assert_eq!(
            sel("$.rows").nonempty(&doc).unwrap(),
            "$.rows finds an empty array"
        );
        assert_eq!(
            sel("$.rows[*]").nonempty(&doc).unwrap(),
            "$.rows[*] finds nothing"
        );
        assert_eq!(
            sel("$.names[*]").nonempty(&doc).unwrap(),
            "$.names[*] finds an empty string"
        );
        assert_eq!(sel("$.n").nonempty(&doc), None);
    }

    #[test]
    fn only_empty_lists_needs_a_list() {
        assert!(only_empty_lists(
            &json!({"ok": true, "rows": [], "in": {"x": []}})
        ));
        assert!(!only_empty_lists(&json!({"ok": true})));
        assert!(!only_empty_lists(&json!({"a": [], "b": [1]})));
    }

    #[test]
    fn numbers_are_saved_and_expected_as_printed() {
        let text = br#"{"id": 12345678901234567890123, "n": 9007199254740993, "x": 0.10}"#;
        let document = crate::json::parse(crate::json::Framing::Json, text).unwrap();
        assert_eq!(
            sel("$.id").save(&document).unwrap(),
            "12345678901234567890123"
        );
        assert_eq!(sel("$.x").expect(&document, &json!(0.1)), None);
        assert_eq!(
            sel("$.n").expect(&document, &json!(9_007_199_254_740_993_u64)),
            None
        );
        assert_eq!(
            sel("$.n")
                .expect(&document, &json!(9_007_199_254_740_992.0))
                .unwrap(),
            "$.n is 9007199254740993, expected 9007199254740992.0"
        );
    }
}
