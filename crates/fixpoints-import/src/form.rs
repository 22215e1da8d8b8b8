//! The one form of all spellings of a value: what a column's type takes for equal has the same form.

use crate::column::{Column, Takes};
use crate::identity::plain_uuid;
use crate::time;
use crate::value::plain_decimal;
use fixpoints_core::cell::{AsCell as _, Cell, CellRef};

/// A value without its spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    Null,
    Bytes(Vec<u8>),
    Text(String),
}

/// What became of a value in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is the same, be it spelled otherwise.
    Kept,
    /// The database reads a spelling that is only its own.
    Read,
    Changed,
}

/// What a column made of a value.
pub(crate) fn fate(column: Column<'_>, given: &Cell, found: CellRef<'_>) -> Fate {
    if given.cell().same(found) || form(column, given.cell()) == form(column, found) {
        return Fate::Kept;
    }
    let (Cell::Text(text), CellRef::Text(_)) = (given, found) else {
        return Fate::Changed;
    };
    let text = String::from_utf8_lossy(text);
    // An interval, an address or `5 January 2020`: the database would have refused what it cannot read.
    let is_strange = match column.takes {
        Takes::Other | Takes::Hstore => number(&text).is_none(),
        Takes::Moment => time::read(&text).is_none(),
        Takes::Clock => clock(&text).or_else(|| time::read(&text)).is_none(),
        _ => false,
    };
    if is_strange && !column.is_lax {
        Fate::Read
    } else {
        Fate::Changed
    }
}

/// The form of a value in a column.
pub(crate) fn form(column: Column<'_>, cell: CellRef<'_>) -> Form {
    let text = match cell {
        CellRef::Null => return Form::Null,
        CellRef::Bytes(bytes) => return Form::Bytes(bytes.to_vec()),
        CellRef::Bool(value) => u8::from(value).to_string(),
        CellRef::Integer(value) => value.to_string(),
        CellRef::Real(value) => format!("{value:?}"),
        CellRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
    };
    Form::Text(plain(column, &text).unwrap_or(text))
}

fn plain(column: Column<'_>, text: &str) -> Option<String> {
    match column.takes {
        Takes::Text if column.declared.starts_with("character(") => {
            Some(text.trim_end_matches(' ').to_owned())
        }
        Takes::Text | Takes::Bytes => None,
        Takes::Integer | Takes::Number => number(text),
        Takes::Truth => truth(text)
            .map(|value| u8::from(value).to_string())
            .or_else(|| number(text)),
        Takes::Moment => time::read(text).or_else(|| number(text)),
        Takes::Clock => clock(text),
        Takes::Uuid => plain_uuid(text),
        Takes::Json => crate::json::plain(text),
        Takes::Hstore => Some(sorted(text)),
        Takes::Array => Some(elements(column.of_elements(), text)),
        Takes::Other => number(text)
            .or_else(|| plain_uuid(text))
            .or_else(|| time::read(text))
            .or_else(|| {
                text.starts_with('[')
                    .then(|| crate::json::plain(text))
                    .flatten()
            }),
    }
}

/// Whether a column of numbers reads a text.
pub(crate) fn is_number(text: &str) -> bool {
    number(text).is_some()
        || !text
            .trim_start()
            .starts_with(|first: char| first.is_alphabetic())
}

/// A number without an exponent and zeros that mean nothing, or NaN and the infinities.
fn number(text: &str) -> Option<String> {
    let text = text.trim();
    let word = match text.to_ascii_lowercase().as_str() {
        "nan" => "nan",
        "inf" | "infinity" => "infinity",
        "-inf" | "-infinity" => "-infinity",
        _ => return plain_decimal(text),
    };
    Some(word.to_owned())
}

/// In the words that databases take.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "y" | "yes" | "on" => Some(true),
        "0" | "f" | "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// ActiveRecord gives a time of day the first day of 2000.
fn clock(text: &str) -> Option<String> {
    const DAY: &str = "2000-01-01 ";
    let time = text.strip_prefix(DAY).unwrap_or(text);
    time::read(&format!("{DAY}{time}"))
}

/// A PostgreSQL array without its quotes, which are written only where they are needed.
fn elements(column: Column<'_>, text: &str) -> String {
    if column.takes == Takes::Json {
        return text.to_owned();
    }
    let bare = text.replace('"', "");
    let parts = bare.split(['{', '}', ',']);
    let parts = parts.map(|part| plain(column, part).unwrap_or_else(|| part.to_owned()));
    parts.collect::<Vec<_>>().join(",")
}

/// The text of an hstore, in the order PostgreSQL gives it.
pub(crate) fn hstore<'a>(pairs: impl Iterator<Item = (&'a str, Option<String>)>) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_by_key(|(key, _)| (key.len(), *key));
    let pairs = pairs.iter().map(|(key, value)| {
        let value = value.as_deref().map_or_else(|| "NULL".to_owned(), quoted);
        format!("{}=>{value}", quoted(key))
    });
    pairs.collect::<Vec<_>>().join(", ")
}

/// The pairs of an hstore without quotes and spaces, in one order.
fn sorted(text: &str) -> String {
    let bare: String = text.chars().filter(|c| !matches!(c, '"' | ' ')).collect();
    let mut pairs: Vec<&str> = bare.split(',').collect();
    pairs.sort_unstable();
    pairs.join(",")
}

/// Bytes as PostgreSQL writes them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    format!("\\x{}", digits.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_spelling_of_a_value_is_the_value() {
        let text = |text: &str| Cell::Text(text.as_bytes().to_vec());
        let cases = [
            ("decimal", text("1.10"), Cell::Real(1.1), Fate::Kept),
            ("numeric(10,2)", text(" 1.1"), text("1.10"), Fate::Kept),
            (
                "decimal",
                text("12345678901234567.89"),
                Cell::Real(12_345_678_901_234_568.0),
                Fate::Changed,
            ),
            ("integer", text("abc"), Cell::Integer(0), Fate::Changed),
            ("real", Cell::Real(f64::NAN), Cell::Null, Fate::Changed),
            ("numeric", Cell::Real(f64::NAN), text("NaN"), Fate::Kept),
            (
                "numeric",
                Cell::Real(f64::INFINITY),
                text("NaN"),
                Fate::Changed,
            ),
            (
                "date",
                Cell::Real(f64::NEG_INFINITY),
                text("-infinity"),
                Fate::Kept,
            ),
            ("boolean", Cell::Bool(true), Cell::Integer(1), Fate::Kept),
            ("boolean", text("t"), Cell::Bool(true), Fate::Kept),
            ("boolean", text("no"), Cell::Bool(true), Fate::Changed),
            ("text", text("t"), Cell::Bool(true), Fate::Changed),
            ("text", text("1.0"), text("1"), Fate::Changed),
            ("character(3)", text("a"), text("a  "), Fate::Kept),
            (
                "character varying(3)",
                text("a  "),
                text("a"),
                Fate::Changed,
            ),
            ("date", text("2020-1-5"), text("2020-01-05"), Fate::Kept),
            ("date", text("2020/01/05"), text("2020-01-05"), Fate::Kept),
            (
                "date",
                text("2020-01-05 10:00:00"),
                text("2020-01-05"),
                Fate::Changed,
            ),
            (
                "date",
                text("5 January 2020"),
                text("2020-01-05"),
                Fate::Read,
            ),
            (
                "timestamp without time zone",
                text("2020-01-01"),
                text("2020-01-01 00:00:00"),
                Fate::Kept,
            ),
            (
                "timestamp without time zone",
                text("2020-01-01T10:00Z"),
                text("2020-01-01 10:00:00"),
                Fate::Kept,
            ),
            (
                "timestamp without time zone",
                text("2020-01-01 10:00 +02:00"),
                text("2020-01-01 10:00:00"),
                Fate::Changed,
            ),
            (
                "timestamp with time zone",
                text("2020-01-01 10:00 +02"),
                text("2020-01-01 08:00:00+00"),
                Fate::Kept,
            ),
            (
                "timestamp without time zone",
                text("2020-01-01 10:00:00.123456789"),
                text("2020-01-01 10:00:00.123457"),
                Fate::Changed,
            ),
            (
                "time(6) without time zone",
                text("2000-01-01 12:34:56.500000"),
                text("12:34:56.5"),
                Fate::Kept,
            ),
            (
                "time without time zone",
                text("9:30"),
                text("09:30:00"),
                Fate::Kept,
            ),
            (
                "time without time zone",
                text("2001-01-01 12:34:56"),
                text("12:34:56"),
                Fate::Changed,
            ),
            (
                "jsonb",
                text("{\"b\":1e20,\"a\":[1.0]}"),
                text("{\"a\": [1], \"b\": 100000000000000000000}"),
                Fate::Kept,
            ),
            ("jsonb", text("\"5\""), text("5"), Fate::Changed),
            ("text[]", text("{\"a\",\"b\"}"), text("{a,b}"), Fate::Kept),
            (
                "double precision[]",
                text("{\"1.0\",NULL}"),
                text("{1,NULL}"),
                Fate::Kept,
            ),
            (
                "hstore",
                text("b=>2, a=>NULL"),
                text("\"a\"=>NULL, \"b\"=>\"2\""),
                Fate::Kept,
            ),
            (
                "uuid",
                text("{6BA7B812-9DAD-11D1-80B4-00C04FD430C8}"),
                text("6ba7b812-9dad-11d1-80b4-00c04fd430c8"),
                Fate::Kept,
            ),
            ("interval", text("1 hour"), text("01:00:00"), Fate::Read),
            ("", text("1"), Cell::Bytes(vec![49]), Fate::Changed),
        ];
        for (declared, given, found, expected) in cases {
            let column = Column::new("postgres", "a", declared);
            assert_eq!(
                fate(column, &given, found.cell()),
                expected,
                "{declared} {given:?} {found:?}"
            );
        }
    }

    #[test]
    fn an_hstore_is_written_as_postgresql_writes_it() {
        let pairs = [
            ("long", Some("a\"b\\".to_owned())),
            ("b", None),
            ("a", Some(String::new())),
        ];
        assert_eq!(
            hstore(pairs.into_iter()),
            r#""a"=>"", "b"=>NULL, "long"=>"a\"b\\""#
        );
    }
}
