//! Where a sequence stands, as documents show it: the same JSON as in a fixpoint file.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a sequence stands: the value it handed out last, or, as an object, the one it is to hand out next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Position {
    /// The value it handed out last.
    HandedOut(#[schemars(extend("x-stillframe" = "keep"))] i64),
    /// A value that was not handed out yet.
    Next(NextValue),
}

/// A value that a sequence is to hand out next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NextValue {
    /// That value.
    #[schemars(extend("x-stillframe" = "keep"))]
    pub last_value: i64,
    /// Whether it was handed out: always false.
    pub is_called: bool,
}

impl From<fixpoints::Position> for Position {
    fn from(position: fixpoints::Position) -> Self {
        let fixpoints::Position {
            last_value,
            is_called,
        } = position;
        if is_called {
            return Self::HandedOut(last_value);
        }
        Self::Next(NextValue {
            last_value,
            is_called,
        })
    }
}

impl From<Position> for fixpoints::Position {
    fn from(position: Position) -> Self {
        match position {
            Position::HandedOut(value) => Self::called(value),
            Position::Next(next) => Self {
                last_value: next.last_value,
                is_called: next.is_called,
            },
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fixpoints::Position::from(*self).fmt(f)
    }
}

/// Where each of some sequences stands.
pub fn positions(found: &fixpoints::Positions) -> std::collections::BTreeMap<String, Position> {
    let found = found.iter();
    found
        .map(|(name, position)| (name.clone(), (*position).into()))
        .collect()
}
