//! Reads a text as a document that can be looked into; a number beyond a double is an approximation there, beside the number as printed.

use serde::Deserialize;
use serde_json::Value;

use super::{Document, Framing, JsonError, Numbers, check_all};

/// The largest number that a double holds; one beyond it is looked at as this.
const LARGEST: &[u8] = b"1.7976931348623157e308";

/// The document, or for NDJSON the array of its lines.
///
/// # Errors
/// The first place where the input is not the JSON this crate accepts.
pub fn parse(framing: Framing, input: &[u8]) -> Result<Document, JsonError> {
    let numbers = check_all(framing, input)?;
    let value = match framing {
        Framing::Json => value(input),
        Framing::Ndjson => input
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty())
            .map(value)
            .collect(),
    };
    Ok(match numbers {
        Numbers::Doubles => Document::from(value),
        Numbers::Beyond => Document::with_printed(framing, input, value),
    })
}

/// Reads what was checked. serde_json refuses two things that are right: the last level of nesting, and large numbers.
fn value(text: &[u8]) -> Value {
    let read = |text: &[u8]| {
        let mut reader = serde_json::Deserializer::from_slice(text);
        reader.disable_recursion_limit();
        Value::deserialize(&mut reader)
    };
    read(text).unwrap_or_else(|_| {
        read(&within_doubles(text))
            .expect("a checked text has no fault but numbers beyond a double")
    })
}

/// The text with each number beyond a double replaced by the largest one of its sign.
fn within_doubles(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(byte) = rest.first() {
        let length = match byte {
            b'"' => string_length(rest),
            b'-' | b'0'..=b'9' => number_length(rest),
            _ => 1,
        };
        let (token, after) = rest.split_at(length);
        let number: Option<f64> = std::str::from_utf8(token)
            .ok()
            .and_then(|token| token.parse().ok());
        match number {
            Some(number) if number.is_infinite() => {
                if number.is_sign_negative() {
                    out.push(b'-');
                }
                out.extend_from_slice(LARGEST);
            }
            _ => out.extend_from_slice(token),
        }
        rest = after;
    }
    out
}

fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

fn number_length(text: &[u8]) -> usize {
    text.iter()
        .position(|byte| !(byte.is_ascii_digit() || b"+-.eE".contains(byte)))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::super::MAX_DEPTH;
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_beyond_a_double_is_looked_at_as_the_largest() {
        let text = br#"{"a": [1e400, -2E+999, 1e-999], "b": "1e400 \" 1e400", "c": 1}"#;
        assert_eq!(
            parse(Framing::Json, text).unwrap(),
            json!({"a": [f64::MAX, f64::MIN, 0.0], "b": "1e400 \" 1e400", "c": 1})
        );
    }

    #[test]
    fn every_level_that_is_allowed_can_be_looked_into() {
        let text = ["[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH)].concat();
        assert!(parse(Framing::Json, text.as_bytes()).unwrap().is_array());
    }

    #[test]
    fn a_fault_in_a_stream_is_located_in_the_stream() {
        let error = parse(Framing::Ndjson, b"{\"a\":1}\n{\"b\":x}\n").unwrap_err();
        assert_eq!((error.line, error.column), (2, 6));
    }
}
