//! What decides about the place of an element: the values it is sorted by, then all of its text; identities count for nothing.

use super::find::find;
use crate::json::text::decode;
use crate::location::Child;
use crate::normalize::hole::without_holes;
use std::cmp::Ordering;

/// What decides about one element.
#[derive(Debug)]
pub struct Key {
    values: Vec<Value>,
    text: Value,
}

/// A value as it is compared; what comes first is listed first.
#[derive(Debug)]
enum Value {
    Missing,
    /// A number, and its token for those that a float cannot tell apart.
    Number(f64, Vec<u8>),
    /// What a string says.
    Text(String),
    /// The text of anything else.
    Other(Vec<u8>),
}

impl Key {
    /// The key of an element, given as it will be written.
    pub fn of(element: &[u8], by: &[Vec<Child>]) -> Self {
        let value = |path: &Vec<Child>| match find(element, path) {
            None => Value::Missing,
            Some(found) => Value::named(without_holes(found)),
        };
        Self {
            values: by.iter().map(value).collect(),
            text: Value::whole(without_holes(element)),
        }
    }

    /// Whether the element has the value number `by`.
    pub fn has(&self, by: usize) -> bool {
        !matches!(self.values[by], Value::Missing)
    }

    pub fn cmp(&self, other: &Key) -> Ordering {
        let pairs = self.values.iter().zip(&other.values);
        pairs
            .map(|(one, other)| one.cmp(other))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| self.text.cmp(&other.text))
    }
}

impl Value {
    /// A value that elements are sorted by.
    fn named(text: Vec<u8>) -> Self {
        if text.first() == Some(&b'"') {
            return Value::Text(decode(&text).into_owned());
        }
        Value::whole(text)
    }

    /// An element as a whole: a number, or its text.
    fn whole(text: Vec<u8>) -> Self {
        match number(&text) {
            Some(number) => Value::Number(number, text),
            None => Value::Other(text),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Value::Missing => 0,
            Value::Number(..) => 1,
            Value::Text(_) => 2,
            Value::Other(_) => 3,
        }
    }

    fn cmp(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Value::Number(a, one), Value::Number(b, other)) => {
                a.total_cmp(b).then_with(|| one.cmp(other))
            }
            (Value::Text(one), Value::Text(other)) => one.cmp(other),
            (Value::Other(one), Value::Other(other)) => one.cmp(other),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

fn number(text: &[u8]) -> Option<f64> {
    if !matches!(text.first(), Some(b'-' | b'0'..=b'9')) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}
