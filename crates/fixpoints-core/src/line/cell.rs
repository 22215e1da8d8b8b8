//! Reads one value; tags it does not know are refused.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use super::{BYTES, REAL, TEXT};
use crate::cell::Cell;

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value: null, a number, text, or a tagged object")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Cell, E> {
        Ok(Cell::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Cell, E> {
        i64::try_from(value)
            .map(Cell::Integer)
            .map_err(|_| E::custom("an integer does not fit into 64 bits"))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Cell, E> {
        Ok(Cell::Real(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Cell, E> {
        Ok(Cell::Text(value.as_bytes().to_vec()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
        let Some((tag, text)) = map.next_entry::<String, String>()? else {
            return Err(de::Error::custom("an empty object is no value"));
        };
        if map.next_key::<de::IgnoredAny>()?.is_some() {
            return Err(de::Error::custom("a tagged value has one key"));
        }
        tagged(&tag, &text).map_err(de::Error::custom)
    }
}

fn tagged(tag: &str, text: &str) -> Result<Cell, String> {
    let bytes = || {
        BASE64
            .decode(text)
            .map_err(|error| format!("{tag} holds no base64: {error}"))
    };
    match (tag, text) {
        (BYTES, _) => bytes().map(Cell::Bytes),
        (TEXT, _) => bytes().map(Cell::Text),
        (REAL, "nan") => Ok(Cell::Real(f64::NAN)),
        (REAL, "inf") => Ok(Cell::Real(f64::INFINITY)),
        (REAL, "-inf") => Ok(Cell::Real(f64::NEG_INFINITY)),
        (REAL, other) => Err(format!("{REAL} cannot be {other:?}")),
        (other, _) => Err(format!("unknown tag {other:?}")),
    }
}
