//! What a value of a file means in a column of JSON: itself, or the text of JSON; it knows no database.

use std::collections::BTreeMap;

use crate::column::Column;
use crate::record::Origin;
use crate::value::{Value, plain_decimal};
use crate::yaml::{Kind, Node, json};
use fixpoints_core::cell::Cell;

/// What a string of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strings {
    /// A value: the gem parses `jsonb` before it writes a file.
    Values,
    /// The text of JSON: the gem writes what any other column holds.
    Texts,
    /// Whatever SQLite held, which takes any text for JSON.
    Anything,
    /// A value, unless it is the text of a list or a map, which older suites write.
    ValuesOrTexts,
}

impl Strings {
    pub fn of(origin: Origin, column: Column<'_>) -> Self {
        match origin {
            Origin::Tables => Self::ValuesOrTexts,
            Origin::Gem if column.is_lax => Self::Anything,
            Origin::Gem if column.declared == "jsonb" => Self::Values,
            Origin::Gem => Self::Texts,
        }
    }
}

/// The JSON a column is given, and what was assumed where a string could be either.
pub(crate) fn cell(node: &Node, strings: Strings) -> (Cell, Option<&'static str>) {
    let text = match &node.kind {
        Kind::Scalar(Value::Null) => return (Cell::Null, None),
        Kind::Scalar(Value::Text(text)) => text,
        _ => return (Cell::Text(json(node)), None),
    };
    let (value, as_it_is) = (
        || Cell::Text(json(node)),
        || Cell::Text(text.clone().into_bytes()),
    );
    match strings {
        Strings::Anything => (as_it_is(), None),
        Strings::Texts if is_text_of_json(text) => (as_it_is(), None),
        Strings::Texts => (value(), Some("is not JSON, so it is taken for a string")),
        Strings::Values if is_collection(text) => (
            value(),
            Some(
                "has JSON inside of a string, which stays a string, since the gem writes jsonb itself",
            ),
        ),
        Strings::ValuesOrTexts if is_collection(text) => (
            as_it_is(),
            Some("has JSON inside of a string, which is taken for that JSON"),
        ),
        Strings::Values | Strings::ValuesOrTexts => (value(), None),
    }
}

fn is_text_of_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn is_collection(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && is_text_of_json(text)
}

/// JSON with its keys in one order, and its numbers and spaces in one form.
pub(crate) fn plain(text: &str) -> Option<String> {
    let value = serde_json::from_str(text).ok()?;
    let mut out = String::new();
    write_plain(&mut out, &value);
    Some(out)
}

fn write_plain(out: &mut String, value: &serde_json::Value) {
    use serde_json::Value as Json;
    match value {
        Json::Number(number) => {
            let number = number.to_string();
            out.push_str(&plain_decimal(&number).unwrap_or(number));
        }
        Json::Array(items) => {
            out.push('[');
            for item in items {
                write_plain(out, item);
                out.push(',');
            }
            out.push(']');
        }
        Json::Object(map) => {
            let sorted: BTreeMap<_, _> = map.iter().collect();
            out.push('{');
            for (key, value) in sorted {
                out.push_str(&Json::from(key.as_str()).to_string());
                out.push(':');
                write_plain(out, value);
                out.push(',');
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file's value, what its strings are, and the JSON it becomes; `!` where something was assumed.
    #[test]
    fn a_string_is_a_value_or_a_text_by_where_it_comes_from() {
        let cases = [
            ("\"5\"", Strings::Values, "\"5\""),
            ("abc", Strings::Values, "\"abc\""),
            ("\"\"", Strings::Values, "\"\""),
            ("true", Strings::Values, "true"),
            ("5", Strings::Values, "5"),
            ("{a: \"1\"}", Strings::Values, "{\"a\":\"1\"}"),
            ("'[1]'", Strings::Values, "!\"[1]\""),
            ("'[1]'", Strings::Texts, "[1]"),
            ("'5'", Strings::Texts, "5"),
            ("abc", Strings::Texts, "!\"abc\""),
            ("abc", Strings::Anything, "abc"),
            ("'[1]'", Strings::ValuesOrTexts, "![1]"),
            ("'[1'", Strings::ValuesOrTexts, "\"[1\""),
            ("'5'", Strings::ValuesOrTexts, "\"5\""),
        ];
        for (written, strings, expected) in cases {
            let node = crate::yaml::read(written).unwrap().unwrap();
            let (cell, assumed) = cell(&node, strings);
            let Cell::Text(text) = cell else {
                panic!("{written} is not a text")
            };
            let mark = if assumed.is_some() { "!" } else { "" };
            let found = format!("{mark}{}", String::from_utf8(text).unwrap());
            assert_eq!(found, expected, "{written} {strings:?}");
        }
    }
}
