//! Bytes of JSON or NDJSON as one value to look into; bytes that are not lossless are refused, never repaired.

use serde_json::Value;
use stillframe_core::json::{self, JsonError};
use stillframe_core::normalize::Framing;

/// The document, or for NDJSON the array of its lines.
pub fn parse(framing: Framing, bytes: &[u8]) -> Result<Value, JsonError> {
    match framing {
        Framing::Json => {
            json::check(bytes)?;
            Ok(value(bytes))
        }
        Framing::Ndjson => lines(bytes)
            .map(|line| json::check(line).map(|()| value(line)))
            .collect::<Result<_, _>>()
            .map(Value::Array),
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
}

fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("the lossless check accepts less than serde_json does")
}
