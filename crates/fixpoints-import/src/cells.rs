//! What a value of a file is in a column: text that the database reads itself, where it is not simpler.

use crate::value::Value;
use crate::yaml::{Kind, Node, json};
use fixpoints_core::cell::{AsCell as _, Cell, CellRef};

/// The value a column is given.
pub(crate) fn cell(node: &Node, declared: &str) -> Cell {
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

/// Whether a column of this type holds what it was given, be it in another form: a number, a truth value, a time,
/// JSON.
pub(crate) fn is_carried(declared: &str, given: &Cell, found: CellRef<'_>) -> bool {
    if given.cell().same(found) {
        return true;
    }
    let (Some(given), Some(found)) = (text(given.cell()), text(found)) else {
        return false;
    };
    let declared = declared.to_ascii_lowercase();
    if crate::json::is_json(&declared) {
        return crate::json::is_same(&given, &found);
    }
    let both = |read: fn(&str) -> Option<String>| {
        let (given, found) = (read(&given), read(&found));
        given.is_some() && given == found
    };
    let is_array = given.starts_with(['{', '[']);
    both(crate::value::plain_decimal)
        || both(crate::identity::plain_uuid)
        || both(unbounded)
        || (declared.contains("bool") && both(truth))
        || (is_clock(&declared) && both(clock))
        || is_time_of(&given, &found)
        || (is_array && crate::json::is_same(&given, &found))
        || (is_array && unquoted(&given) == unquoted(&found))
}

/// What is a number of floats and decimals, and a moment of some databases.
fn unbounded(text: &str) -> Option<String> {
    let word = match text.to_ascii_lowercase().as_str() {
        "nan" => "nan",
        "inf" | "infinity" => "infinity",
        "-inf" | "-infinity" => "-infinity",
        _ => return None,
    };
    Some(word.to_owned())
}

/// In the words that databases take.
fn truth(text: &str) -> Option<String> {
    let value = match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "y" | "yes" | "on" => true,
        "0" | "f" | "false" | "n" | "no" | "off" => false,
        _ => return None,
    };
    Some(value.to_string())
}

/// A time of day, which has no date.
fn is_clock(declared: &str) -> bool {
    declared.starts_with("time") && !declared.starts_with("timestamp")
}

/// ActiveRecord says it with the first day of 2000.
fn clock(text: &str) -> Option<String> {
    let time = text.strip_prefix("2000-01-01 ").unwrap_or(text);
    time.contains(':').then(|| plain_time(time).to_owned())
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
    let day = given
        .split(' ')
        .next()
        .is_some_and(|day| crate::time::date(day).is_some());
    let plain = |text: &str| {
        let text = plain_time(text);
        text.strip_suffix(" 00:00:00").unwrap_or(text).to_owned()
    };
    day && plain(given) == plain(found)
}

/// Without its zone, which is UTC, and zeros that mean nothing.
fn plain_time(text: &str) -> &str {
    let text = text.strip_suffix("+00").unwrap_or(text);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
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
                is_carried("", &given, found.cell()),
                carried,
                "{given:?} {found:?}"
            );
        }
    }

    #[test]
    fn what_a_type_takes_in_many_forms_is_no_change() {
        let text = |text: &str| Cell::Text(text.as_bytes().to_vec());
        for (declared, given, found, carried) in [
            ("boolean", text("t"), Cell::Bool(true), true),
            ("boolean", text("no"), Cell::Bool(true), false),
            ("text", text("t"), Cell::Bool(true), false),
            (
                "time(6) without time zone",
                text("2000-01-01 12:34:56.500000"),
                text("12:34:56.5"),
                true,
            ),
            (
                "time without time zone",
                text("2001-01-01 12:34:56"),
                text("12:34:56"),
                false,
            ),
            (
                "timestamp without time zone",
                text("2000-01-01 12:34:56"),
                text("12:34:56"),
                false,
            ),
            ("numeric", Cell::Real(f64::NAN), text("NaN"), true),
            (
                "date",
                Cell::Real(f64::NEG_INFINITY),
                text("-infinity"),
                true,
            ),
            ("numeric", Cell::Real(f64::INFINITY), text("NaN"), false),
            ("jsonb", text("\"5\""), text("5"), false),
            ("jsonb", text("1e20"), text("100000000000000000000"), true),
        ] {
            assert_eq!(
                is_carried(declared, &given, found.cell()),
                carried,
                "{declared} {given:?} {found:?}"
            );
        }
    }
}
