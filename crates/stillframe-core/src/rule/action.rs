//! What a rule writes, as people write it: a word, or a table with one entry; it does not judge what is in it.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::Error as WordError;
use serde::de::{Deserializer, Error, IgnoredAny, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::toml_value::TomlValue;

/// What a rule writes.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// `0` for a number; other types are left alone.
    Zero,
    /// `0.0` for a number with a fraction or an exponent, `0` for the others.
    ZeroTyped,
    /// This value.
    Constant(serde_json::Value),
    /// A numbered placeholder such as `run-${n}` for the value, or for each match of `pattern` inside it; equal texts get
    /// equal numbers. `${n:012}` pads with zeros.
    Identity(String),
    /// This text for each match of `pattern` inside the string; `${name}` and `$1` are groups of the pattern, `$$` is a dollar.
    Scrub(String),
    /// The array, or the slice of one that `path` ends with, in the order of its elements' text.
    Sort,
    /// The same in the order of what is named here.
    #[serde(rename = "sort")]
    SortBy(SortKeys),
    /// The number with at most this many digits after the point.
    Round(u8),
    /// Nothing: the member or element disappears.
    Remove,
}

/// What elements are sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SortKeys {
    /// Values in each element, such as `$.file`: names and indices from the element on, the most important first. Elements
    /// without such a value come first, then numbers, strings and the rest; elements that are equal in all of them are in
    /// the order of their text.
    #[schemars(length(min = 1))]
    pub by: Vec<String>,
}

/// The name of an action.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Zero,
    ZeroTyped,
    Constant,
    Identity,
    Scrub,
    Sort,
    Round,
    Remove,
}

impl Word {
    fn read<E: Error>(text: &str) -> Result<Word, E> {
        let read: Result<Word, WordError> = Word::deserialize(text.into_deserializer());
        read.map_err(E::custom)
    }

    /// How the action is written where it needs a value; none for those that need none.
    fn with_value(self) -> Option<&'static str> {
        match self {
            Word::Zero | Word::ZeroTyped | Word::Sort | Word::Remove => None,
            Word::Constant => Some("{ constant = \"text\" }"),
            Word::Identity => Some("{ identity = \"id-${n}\" }"),
            Word::Scrub => Some("{ scrub = \"text\" }"),
            Word::Round => Some("{ round = 3 }"),
        }
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = Action;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an action, as \"zero\" or { constant = \"text\" }")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Action, E> {
        let word = Word::read(text)?;
        match word {
            Word::Zero => Ok(Action::Zero),
            Word::ZeroTyped => Ok(Action::ZeroTyped),
            Word::Sort => Ok(Action::Sort),
            Word::Remove => Ok(Action::Remove),
            Word::Constant | Word::Identity | Word::Scrub | Word::Round => {
                let form = word.with_value().unwrap_or_default();
                Err(E::custom(format!("`{text}` needs a value: {form}")))
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Action, A::Error> {
        let Some(text) = table.next_key::<String>()? else {
            return Err(A::Error::custom(
                "an empty table is not an action; write one, as \"zero\" or { constant = \"text\" }",
            ));
        };
        let action = match Word::read(&text)? {
            Word::Constant => Action::Constant(table.next_value::<TomlValue>()?.0),
            Word::Identity => Action::Identity(table.next_value()?),
            Word::Scrub => Action::Scrub(table.next_value()?),
            Word::Sort => Action::SortBy(table.next_value::<Keys>()?.0),
            Word::Round => Action::Round(table.next_value()?),
            Word::Zero | Word::ZeroTyped | Word::Remove => {
                return Err(A::Error::custom(format!(
                    "`{text}` takes no value: action = \"{text}\""
                )));
            }
        };
        match table.next_key::<IgnoredAny>()? {
            None => Ok(action),
            Some(_) => Err(A::Error::custom(
                "a rule has one action; write a rule for each",
            )),
        }
    }
}

/// The table of a sort, whose form is told where it is something else.
struct Keys(SortKeys);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeysWritten).map(Keys)
    }
}

struct KeysWritten;

impl<'de> Visitor<'de> for KeysWritten {
    type Value = SortKeys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what to sort by, as { sort = { by = [\"$.name\"] } }")
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<SortKeys, A::Error> {
        SortKeys::deserialize(serde::de::value::MapAccessDeserializer::new(table))
    }
}
