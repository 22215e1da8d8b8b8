//! What a value of a file is in a column, whose own type decides; the database reads what is not simpler itself.

use crate::column::{Column, Takes};
use crate::form;
use crate::json;
use crate::note::NoteKind;
use crate::record::Origin;
use crate::value::Value;
use crate::yaml::{self, Kind, Node};
use fixpoints_core::cell::Cell;

/// A cell, and what a person should know about it.
type Noted = (Cell, Option<(NoteKind, String)>);

/// The value a column is given, or why it can have none.
pub(crate) fn cell(node: &Node, column: Column<'_>, origin: Origin) -> Result<Noted, String> {
    let value = match &node.kind {
        Kind::Scalar(Value::Null) => return Ok((Cell::Null, None)),
        _ if column.takes == Takes::Json => {
            let strings = json::Strings::of(origin, column);
            let (cell, assumed) = json::cell(node, strings);
            return Ok((
                cell,
                assumed.map(|what| (NoteKind::Assumed, what.to_owned())),
            ));
        }
        Kind::Scalar(value) => value,
        Kind::List(_) | Kind::Map(_) => return collection(node, column),
    };
    match (column.takes, value) {
        (Takes::Text, Value::Bytes(bytes)) => decoded(bytes, column),
        (Takes::Text | Takes::Uuid, _) => Ok(as_text(written(node, column))),
        (Takes::Bytes, Value::Bytes(bytes)) => Ok((Cell::Bytes(bytes.clone()), None)),
        // What the gem read as a number out of such a column of SQLite was a number there.
        (Takes::Bytes, value) if column.is_lax && origin == Origin::Gem && !is_text(value) => {
            Ok((plain(value), None))
        }
        (Takes::Bytes, Value::Text(text)) if !column.is_lax && origin == Origin::Gem => {
            let bytes = from_hex(text).unwrap_or_else(|| text.clone().into_bytes());
            Ok((Cell::Bytes(bytes), None))
        }
        (Takes::Bytes, _) => {
            let (text, note) = written(node, column);
            Ok((Cell::Bytes(text.into_bytes()), note))
        }
        (Takes::Clock, Value::Integer(_) | Value::Real(_)) => Ok(as_text(written(node, column))),
        (_, Value::Bytes(bytes)) if !column.is_lax => decoded(bytes, column),
        (Takes::Integer | Takes::Number, Value::Text(text)) if !form::is_number(text) => {
            label(text, column, origin)
        }
        (Takes::Truth, Value::Text(text)) if column.is_lax && origin == Origin::Tables => {
            match form::truth(text) {
                Some(value) => Ok((Cell::Bool(value), None)),
                None => label(text, column, origin),
            }
        }
        (Takes::Other | Takes::Hstore, _) if !column.is_lax => Ok(as_text(written(node, column))),
        _ => Ok((plain(value), None)),
    }
}

/// What Ruby reads there.
fn plain(value: &Value) -> Cell {
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

fn is_text(value: &Value) -> bool {
    matches!(value, Value::Text(_))
}

/// What stands in the file, which a column of another type would not keep.
fn written(node: &Node, column: Column<'_>) -> (String, Option<(NoteKind, String)>) {
    let text = node.text();
    let note = node.is_read_otherwise().then(|| {
        let message = format!(
            "has values without quotes that Ruby does not read as text; they stay as they are written, since the column is of type {}",
            column.declared
        );
        (NoteKind::Assumed, message)
    });
    (text, note)
}

fn as_text((text, note): (String, Option<(NoteKind, String)>)) -> Noted {
    (Cell::Text(text.into_bytes()), note)
}

/// What is base64 in the file, in a column that does not take bytes.
fn decoded(bytes: &[u8], column: Column<'_>) -> Result<Noted, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((Cell::Text(text.as_bytes().to_vec()), None)),
        Err(_) if column.is_lax => Ok((Cell::Bytes(bytes.to_vec()), None)),
        Err(_) => Err(format!(
            "holds bytes that are not UTF-8, and the column is of type {}",
            column.declared
        )),
    }
}

/// The bytes that PostgreSQL writes as `\x00ff`, and so the gem.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x")?.as_bytes();
    digits.chunks(2).map(pair).collect()
}

fn pair(digits: &[u8]) -> Option<u8> {
    let [high, low] = digits else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

/// A word where a number is wanted: SQLite takes it.
fn label(text: &str, column: Column<'_>, origin: Origin) -> Result<Noted, String> {
    let what = format!("is {text:?}, and the column is of type {}", column.declared);
    let cell = Cell::Text(text.as_bytes().to_vec());
    match origin {
        _ if !column.is_lax => Err(format!("{what}; write the value that stands for it there")),
        Origin::Gem => Ok((
            cell,
            Some((NoteKind::Assumed, format!("{what}, which keeps text too"))),
        )),
        Origin::Tables => {
            let message = format!(
                "{what}: Rails would write another value for it, such as the number of an enum's label; write that value into the file"
            );
            Ok((cell, Some((NoteKind::Changed, message))))
        }
    }
}

/// Whether a value is written as JSON into a column of which it is not known whether it takes that.
pub(crate) fn is_json_for(node: &Node, column: Column<'_>) -> bool {
    column.takes == Takes::Other && matches!(node.kind, Kind::List(_) | Kind::Map(_))
}

fn collection(node: &Node, column: Column<'_>) -> Result<Noted, String> {
    let text = match (&node.kind, column.takes) {
        (Kind::List(items), Takes::Array) => {
            return array(items, column.of_elements()).map(|text| as_text((text, None)));
        }
        (Kind::Map(map), Takes::Hstore) => {
            let pairs = map.iter().map(|(key, node)| (key.as_str(), element(node)));
            return Ok(as_text((form::hstore(pairs), None)));
        }
        (_, Takes::Text | Takes::Other) => yaml::json(node),
        (kind, _) => {
            let what = if matches!(kind, Kind::Map(_)) {
                "map"
            } else {
                "list"
            };
            return Err(format!(
                "is a {what}, and the column is of type {}",
                column.declared
            ));
        }
    };
    let message = "is a list or a map, which was written as JSON; Rails writes YAML";
    let note = (column.takes == Takes::Text || column.is_lax)
        .then(|| (NoteKind::Assumed, message.to_owned()));
    Ok((Cell::Text(text), note))
}

/// A value inside of one that the database reads as text.
fn element(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Scalar(Value::Null) => None,
        Kind::Scalar(_) => Some(node.text()),
        Kind::List(_) | Kind::Map(_) => {
            Some(String::from_utf8_lossy(&yaml::json(node)).into_owned())
        }
    }
}

/// A PostgreSQL array, with every element quoted.
fn array(items: &[Node], column: Column<'_>) -> Result<String, String> {
    let items = items.iter().map(|item| {
        let quoted =
            |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        match &item.kind {
            Kind::List(items) if column.takes != Takes::Json => array(items, column),
            _ => Ok(match cell(item, column, Origin::Tables)?.0 {
                Cell::Null => "NULL".to_owned(),
                Cell::Bytes(bytes) => quoted(&form::hex(&bytes)),
                Cell::Text(text) => quoted(&String::from_utf8_lossy(&text)),
                Cell::Bool(value) => value.to_string(),
                Cell::Integer(value) => value.to_string(),
                Cell::Real(value) => format!("{value:?}"),
            }),
        }
    });
    let items: Vec<String> = items.collect::<Result<_, _>>()?;
    Ok(format!("{{{}}}", items.join(",")))
}
