//! What a value of a file is in a column: text that the database reads itself, where it is not simpler.

use super::value::Value;
use super::yaml::{Kind, Node};
use crate::cell::{AsCell as _, Cell, CellRef};
use crate::line::encode_text;

/// The value a column is given.
pub(super) fn cell(node: &Node, declared: &str) -> Cell {
    match &node.kind {
        Kind::Scalar(value) => scalar(value),
        Kind::List(items) if declared.ends_with("[]") => Cell::Text(array(items).into_bytes()),
        Kind::List(_) | Kind::Map(_) => Cell::Text(json(node)),
    }
}

fn scalar(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(value) => Cell::Bool(*value),
        Value::Integer(value) => Cell::Integer(*value),
        Value::Real(value) => Cell::Real(*value),
        Value::Bytes(bytes) => Cell::Bytes(bytes.clone()),
        Value::Decimal(text) | Value::Text(text) | Value::Date(text) | Value::Time(text) => {
            Cell::Text(text.clone().into_bytes())
        }
    }
}

/// A collection as JSON, its keys in their order.
fn json(node: &Node) -> Vec<u8> {
    let mut out = Vec::new();
    encode(&mut out, node);
    out
}

fn encode(out: &mut Vec<u8>, node: &Node) {
    match &node.kind {
        Kind::Scalar(Value::Null) => out.extend_from_slice(b"null"),
        Kind::Scalar(value @ (Value::Bool(_) | Value::Integer(_) | Value::Decimal(_))) => {
            out.extend_from_slice(value.clone().into_text().as_bytes());
        }
        Kind::Scalar(Value::Real(value)) if value.is_finite() => {
            out.extend_from_slice(format!("{value:?}").as_bytes());
        }
        Kind::Scalar(value) => encode_text(out, &value.clone().into_text()),
        Kind::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                encode(out, item);
            }
            out.push(b']');
        }
        Kind::Map(map) => {
            out.push(b'{');
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                encode_text(out, key);
                out.push(b':');
                encode(out, value);
            }
            out.push(b'}');
        }
    }
}

/// A PostgreSQL array, with every element quoted.
fn array(items: &[Node]) -> String {
    let items = items.iter().map(|item| match &item.kind {
        Kind::Scalar(Value::Null) => "NULL".to_owned(),
        Kind::Scalar(value) => {
            let text = value.clone().into_text();
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
        }
        Kind::List(items) => array(items),
        Kind::Map(_) => {
            let text = String::from_utf8_lossy(&json(item)).into_owned();
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
        }
    });
    format!("{{{}}}", items.collect::<Vec<_>>().join(","))
}

/// Whether the database holds what it was given, be it in another form: a number, a truth value, a time, JSON.
pub(super) fn is_carried(given: &Cell, found: CellRef<'_>) -> bool {
    if given.cell().same(found) {
        return true;
    }
    let (Some(given), Some(found)) = (text(given.cell()), text(found)) else {
        return false;
    };
    let number = |text: &str| super::value::plain_decimal(text);
    let same_number = number(&given).is_some_and(|given| number(&found) == Some(given));
    let uuid = super::value::plain_uuid(&given);
    let same_uuid = uuid.is_some() && super::value::plain_uuid(&found) == uuid;
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    let is_json = given.starts_with(['{', '[']);
    same_number
        || same_uuid
        || is_time_of(&given, &found)
        || (is_json && json(&given).is_some() && json(&given) == json(&found))
        || (is_json && unquoted(&given) == unquoted(&found))
}

/// What can be compared as text.
fn text(cell: CellRef<'_>) -> Option<String> {
    match cell {
        CellRef::Null | CellRef::Bytes(_) => None,
        CellRef::Bool(value) => Some(u8::from(value).to_string()),
        CellRef::Integer(value) => Some(value.to_string()),
        CellRef::Real(value) => Some(format!("{value:?}")),
        CellRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
    }
}

/// The same moment with fewer or more zeros, with a zone, or a date at midnight.
fn is_time_of(given: &str, found: &str) -> bool {
    let day = given.split(' ').next().is_some_and(super::time::is_date);
    let plain = |text: &str| {
        let text = text.strip_suffix("+00").unwrap_or(text);
        let text = text.strip_suffix(" 00:00:00").unwrap_or(text);
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    day && plain(given) == plain(found)
}

/// An array with its quotes taken off, which PostgreSQL writes only where they are needed.
fn unquoted(array: &str) -> String {
    array.chars().filter(|c| *c != '"').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_form_of_a_value_is_the_value() {
        let text = |text: &str| Cell::Text(text.as_bytes().to_vec());
        for (given, found, carried) in [
            (text("1.10"), Cell::Real(1.1), true),
            (text("1.1"), text("1.10"), true),
            (Cell::Bool(true), Cell::Integer(1), true),
            (
                text("12345678901234567.89"),
                Cell::Real(12_345_678_901_234_568.0),
                false,
            ),
            (text("abc"), Cell::Integer(0), false),
            (Cell::Real(f64::NAN), Cell::Null, false),
            (text("2020-01-01"), text("2020-01-01 00:00:00"), true),
            (
                text("2020-01-01 10:00:00.123456789"),
                text("2020-01-01 10:00:00.123457"),
                false,
            ),
            (text("{\"a\":1}"), text("{\"a\": 1}"), true),
            (text("{\"a\",\"b\"}"), text("{a,b}"), true),
            (text("1"), Cell::Bytes(vec![49]), false),
            (
                text("{6BA7B812-9DAD-11D1-80B4-00C04FD430C8}"),
                text("6ba7b812-9dad-11d1-80b4-00c04fd430c8"),
                true,
            ),
        ] {
            assert_eq!(
                is_carried(&given, found.cell()),
                carried,
                "{given:?} {found:?}"
            );
        }
    }
}
