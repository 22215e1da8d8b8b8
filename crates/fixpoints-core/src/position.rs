//! Where a sequence stands, and how files and messages say it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

/// Where a sequence stands: exactly what the database says of it.
///
/// Of two positions of one sequence that counts up, the greater one is the further one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The value it handed out last, or is to hand out next.
    pub last_value: i64,
    /// Whether that value was handed out; always, where a database keeps nothing of a sequence before its first value.
    pub is_called: bool,
}

/// Where sequences stand, by their names.
pub type Positions = BTreeMap<String, Position>;

impl Position {
    /// A value that was handed out.
    #[must_use]
    pub fn called(last_value: i64) -> Self {
        Self {
            last_value,
            is_called: true,
        }
    }

    /// A value that comes next.
    #[must_use]
    pub fn next(last_value: i64) -> Self {
        Self {
            last_value,
            is_called: false,
        }
    }

    /// The JSON that a file has: a number, where it was handed out.
    #[must_use]
    pub fn to_json(self) -> String {
        let Self {
            last_value,
            is_called,
        } = self;
        if is_called {
            return last_value.to_string();
        }
        format!("{{\"last_value\": {last_value}, \"is_called\": false}}")
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.last_value)?;
        if self.is_called {
            return Ok(());
        }
        f.write_str(" (not handed out yet)")
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrFields)
    }
}

struct NumberOrFields;

impl<'de> Visitor<'de> for NumberOrFields {
    type Value = Position;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, or an object with last_value and is_called")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Position, E> {
        Ok(Position::called(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Position, E> {
        let value = i64::try_from(value).map_err(E::custom)?;
        Ok(Position::called(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Position, A::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            last_value: i64,
            is_called: bool,
        }

        let map = de::value::MapAccessDeserializer::new(map);
        let Fields {
            last_value,
            is_called,
        } = Fields::deserialize(map)?;
        Ok(Position {
            last_value,
            is_called,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_is_written() {
        for position in [
            Position::called(3),
            Position::next(1),
            Position::called(i64::MIN),
            Position::next(i64::MAX),
        ] {
            let json = position.to_json();
            let read: Position = serde_json::from_str(&json).unwrap();
            assert_eq!(read, position, "{json}");
        }
    }

    #[test]
    fn what_is_not_a_position_is_refused() {
        for json in [
            "1.0",
            "9223372036854775808",
            "true",
            "{\"last_value\": 1}",
            "{\"last_value\": 1, \"is_called\": false, \"more\": 1}",
            "{\"last_value\": 1, \"last_value\": 2, \"is_called\": false}",
        ] {
            assert!(serde_json::from_str::<Position>(json).is_err(), "{json}");
        }
    }
}
