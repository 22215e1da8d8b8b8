//! Bytes of JSON or NDJSON as one value to look into; bytes that are not lossless are refused, never repaired.

use serde::Deserialize;
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

/// Reads what the lossless check has accepted; its bound on nesting is one above serde_json's own.
fn value(bytes: &[u8]) -> Value {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    reader.disable_recursion_limit();
    Value::deserialize(&mut reader).expect("the lossless check accepts less than serde_json does")
}
