//! A text as one value to look into, with each number as it was printed where a double is another one.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Deref;
use std::sync::Arc;

use serde_json::Value;

use super::decimal::{Decimal, is_beyond_double};
use super::tokens::{Fail, Framing, Token, Tokens};

/// A document that is looked into. It is a [`Value`], and knows more than that about its numbers.
#[derive(Debug)]
pub struct Document {
    // In a box, so that its parts stay where they are when it is moved.
    value: Box<Value>,
    printed: Printed,
}

/// The numbers of a document that a [`Value`] does not hold as they were printed.
#[derive(Clone, Debug, Default)]
pub struct Printed {
    /// The token of each, by where its approximation lies.
    tokens: Arc<HashMap<usize, Box<str>>>,
    /// Whether arithmetic with doubles may be wrong about any number of the document.
    beyond_doubles: bool,
}

/// A value of a document, or one that stands for itself.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    /// The value, with approximations of some numbers.
    pub value: &'a Value,
    printed: Option<&'a Printed>,
}

/// When two numbers are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sameness {
    /// As in mathematics: `1` is `1.0`.
    OfValue,
    /// As a program's types have it: `1.0` is `1.00`, and not `1`.
    OfType,
}

impl Document {
    /// `value` is what was read from `input`.
    pub(super) fn with_printed(framing: Framing, input: &[u8], value: Value) -> Self {
        let value = Box::new(value);
        let printed = Printed::read(framing, input, &value);
        Document { value, printed }
    }

    /// The document's own value.
    #[must_use]
    pub fn node(&self) -> Node<'_> {
        Node::from(self)
    }

    /// The numbers as printed.
    #[must_use]
    pub fn printed(&self) -> &Printed {
        &self.printed
    }
}

impl From<Value> for Document {
    fn from(value: Value) -> Self {
        Document {
            value: Box::new(value),
            printed: Printed::default(),
        }
    }
}

impl Deref for Document {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.value
    }
}

impl PartialEq<Value> for Document {
    fn eq(&self, other: &Value) -> bool {
        *self.value == *other
    }
}

impl Printed {
    fn read(framing: Framing, input: &[u8], value: &Value) -> Printed {
        let mut tokens = HashMap::new();
        each_number(framing, input, value, |node, token| {
            if is_beyond_double(token) && !node.is_i64() && !node.is_u64() {
                tokens.insert(address(node), token.into());
            }
        });
        Printed {
            tokens: Arc::new(tokens),
            beyond_doubles: true,
        }
    }

    /// The text of a number of the document.
    #[must_use]
    pub fn number<'a>(&'a self, value: &Value) -> Cow<'a, str> {
        match self.tokens.get(&address(value)) {
            Some(token) => Cow::Borrowed(token),
            None => Cow::Owned(value.to_string()),
        }
    }
}

impl<'a> From<&'a Document> for Node<'a> {
    fn from(document: &'a Document) -> Self {
        Node {
            value: &document.value,
            printed: Some(&document.printed),
        }
    }
}

impl<'a> From<&'a Value> for Node<'a> {
    fn from(value: &'a Value) -> Self {
        Node {
            value,
            printed: None,
        }
    }
}

impl<'a> Node<'a> {
    /// A value of a document with these numbers.
    #[must_use]
    pub fn of(value: &'a Value, printed: &'a Printed) -> Self {
        Node {
            value,
            printed: Some(printed),
        }
    }

    /// Another value of the same document.
    #[must_use]
    pub fn with(self, value: &'a Value) -> Self {
        Node { value, ..self }
    }

    /// The numbers as printed, where the value is part of a document.
    #[must_use]
    pub fn printed(self) -> Printed {
        self.printed.cloned().unwrap_or_default()
    }

    /// Whether arithmetic with doubles may be wrong about any number of the document.
    #[must_use]
    pub fn is_beyond_doubles(self) -> bool {
        self.printed.is_some_and(|printed| printed.beyond_doubles)
    }

    /// Whether the value holds a number that was printed otherwise.
    #[must_use]
    pub fn is_approximate(self) -> bool {
        let Some(printed) = self.printed.filter(|printed| !printed.tokens.is_empty()) else {
            return false;
        };
        match self.value {
            Value::Number(_) => printed.tokens.contains_key(&address(self.value)),
            Value::Array(items) => items.iter().any(|item| self.with(item).is_approximate()),
            Value::Object(members) => members
                .values()
                .any(|member| self.with(member).is_approximate()),
            _ => false,
        }
    }

    /// The text of a number.
    #[must_use]
    pub fn number(self) -> Cow<'a, str> {
        match self.printed {
            Some(printed) => printed.number(self.value),
            None => Cow::Owned(self.value.to_string()),
        }
    }

    /// The value as compact JSON, with numbers as printed; no longer than it takes to exceed `most` bytes.
    #[must_use]
    pub fn text(self, most: usize) -> String {
        let mut text = String::new();
        self.push_text(most, &mut text);
        text
    }

    fn push_text(self, most: usize, text: &mut String) {
        match self.value {
            Value::Number(_) => text.push_str(&self.number()),
            Value::Array(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if text.len() > most {
                        return;
                    }
                    text.push_str(if index > 0 { "," } else { "" });
                    self.with(item).push_text(most, text);
                }
                text.push(']');
            }
            Value::Object(members) => {
                text.push('{');
                for (index, (name, member)) in members.iter().enumerate() {
                    if text.len() > most {
                        return;
                    }
                    text.push_str(if index > 0 { "," } else { "" });
                    // Writing to a string cannot fail.
                    let _ = write!(text, "{}:", Value::String(name.clone()));
                    self.with(member).push_text(most, text);
                }
                text.push('}');
            }
            Value::String(string) if string.len() > most => {
                let cut: String = string.chars().take(most).collect();
                let _ = write!(text, "{}", Value::String(cut));
            }
            other => {
                let _ = write!(text, "{other}");
            }
        }
    }

    /// A text that two values share if, and only if, they are the same.
    #[must_use]
    pub fn canonical(self, sameness: Sameness) -> String {
        let mut text = String::new();
        self.push_canonical(sameness, &mut text);
        text
    }

    fn push_canonical(self, sameness: Sameness, text: &mut String) {
        match self.value {
            Value::Number(_) => {
                let printed = self.number();
                if sameness == Sameness::OfType && printed.contains(['.', 'e', 'E']) {
                    text.push('~');
                }
                match Decimal::parse(&printed) {
                    Some(decimal) => text.push_str(&decimal.canonical()),
                    None => text.push_str(&printed),
                }
            }
            Value::Array(items) => {
                text.push('[');
                for item in items {
                    self.with(item).push_canonical(sameness, text);
                    text.push(',');
                }
                text.push(']');
            }
            Value::Object(members) => {
                let mut sorted: Vec<_> = members.iter().collect();
                sorted.sort_by_key(|(name, _)| *name);
                text.push('{');
                for (name, member) in sorted {
                    let _ = write!(text, "{}:", Value::String(name.clone()));
                    self.with(member).push_canonical(sameness, text);
                    text.push(',');
                }
                text.push('}');
            }
            other => {
                let _ = write!(text, "{other}");
            }
        }
    }
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

/// Walks a text and its value side by side and gives each number with its token.
fn each_number(framing: Framing, input: &[u8], value: &Value, mut found: impl FnMut(&Value, &str)) {
    let mut tokens = Tokens::of_text(input, framing);
    // The open arrays and objects, each with how many elements were met. NDJSON is an array of its lines.
    let mut open: Vec<(&Value, usize)> = Vec::new();
    let mut lines = 0;
    let mut member = None;
    loop {
        let token = match tokens.next(&mut ()) {
            Ok(Token::EndOfInput) | Err(Fail::Json(_) | Fail::Io(_)) => return,
            Ok(token) => token,
        };
        match token {
            Token::Name => {
                let name = String::from_utf8_lossy(tokens.name());
                member = open.last().and_then(|(object, _)| object.get(&*name));
                continue;
            }
            Token::ObjectEnd | Token::ArrayEnd => {
                open.pop();
                continue;
            }
            Token::EndOfDocument => {
                lines += 1;
                continue;
            }
            _ => {}
        }
        let here = match (member.take(), open.last_mut(), framing) {
            (Some(member), _, _) => Some(member),
            (None, Some((array, met)), _) => {
                *met += 1;
                array.get(*met - 1)
            }
            (None, None, Framing::Ndjson) => value.get(lines),
            (None, None, Framing::Json) => Some(value),
        };
        let Some(here) = here else { return };
        match token {
            Token::ObjectStart => {
                tokens.enter(0);
                open.push((here, 0));
            }
            Token::ArrayStart => open.push((here, 0)),
            Token::Number => {
                found(
                    here,
                    std::str::from_utf8(tokens.token()).unwrap_or_default(),
                );
            }
            _ => {}
        }
    }
}
