//! The layout of fixtures: what stands between tokens; it refuses to change tokens, but for escaping them.

use super::settings::Format;
use crate::json::text;
use crate::json::tokens::{Framing, Gap, MAX_DEPTH};
use serde_json::Value;

/// What stands between two tokens.
#[derive(Debug, Clone, Copy)]
pub struct Joint<'t> {
    /// The text, with the comma or colon if there is one.
    pub text: &'t [u8],
    /// The whitespace that the text ends with.
    pub gap: Gap,
}

impl Joint<'_> {
    /// Nothing.
    pub const NONE: Joint<'static> = Joint {
        text: b"",
        gap: Gap::NONE,
    };
}

/// Line breaks and indentation, or neither.
#[derive(Debug)]
pub struct Layout {
    /// A comma, a line break, and the deepest indentation; empty for one document a line.
    joint: Vec<u8>,
    indent: usize,
    compact: bool,
    /// Whether characters beyond ASCII are escaped.
    pub ascii: bool,
    /// Whether members are sorted by name.
    pub sort_keys: bool,
}

impl Layout {
    /// The layout of a fixture.
    pub fn new(format: &Format, framing: Framing) -> Self {
        let mut joint = b",\n".to_vec();
        joint.resize(2 + format.indent * (MAX_DEPTH + 1), b' ');
        Self {
            joint,
            indent: format.indent,
            compact: framing == Framing::Ndjson,
            ascii: format.ascii,
            sort_keys: format.sort_keys,
        }
    }

    /// What stands before an item when `kept` were written before it.
    #[inline]
    pub fn before_item(&self, kept: u64, depth: usize) -> Joint<'_> {
        let start = usize::from(kept == 0);
        let spaces = self.indent * depth;
        if self.compact {
            Joint {
                text: &self.joint[start..1],
                gap: Gap::NONE,
            }
        } else {
            Joint {
                text: &self.joint[start..2 + spaces],
                gap: Gap::line(spaces),
            }
        }
    }

    /// What stands before the closing bracket.
    #[inline]
    pub fn before_end(&self, depth: usize) -> Joint<'_> {
        self.before_item(0, depth)
    }

    /// What stands between a name and its value.
    #[inline]
    pub fn colon(&self) -> Joint<'static> {
        if self.compact {
            Joint {
                text: b":",
                gap: Gap::NONE,
            }
        } else {
            Joint {
                text: b": ",
                gap: Gap::SPACE,
            }
        }
    }

    /// Appends a token, escaped if need be.
    pub fn token(&self, token: &[u8], out: &mut Vec<u8>) {
        if self.ascii && !token.is_ascii() {
            text::to_ascii(token, out);
        } else {
            out.extend_from_slice(token);
        }
    }

    /// Appends a value that a rule gives, at a depth.
    pub fn value(&self, value: &Value, depth: usize, out: &mut Vec<u8>) {
        match value {
            Value::Array(elements) => {
                out.push(b'[');
                for (at, element) in elements.iter().enumerate() {
                    out.extend_from_slice(self.before_item(at as u64, depth + 1).text);
                    self.value(element, depth + 1, out);
                }
                self.close(elements.len(), depth, b']', out);
            }
            Value::Object(members) => {
                out.push(b'{');
                for (at, (name, member)) in members.iter().enumerate() {
                    out.extend_from_slice(self.before_item(at as u64, depth + 1).text);
                    self.text(name, out);
                    out.extend_from_slice(self.colon().text);
                    self.value(member, depth + 1, out);
                }
                self.close(members.len(), depth, b'}', out);
            }
            Value::String(text) => self.text(text, out),
            other => out.extend_from_slice(other.to_string().as_bytes()),
        }
    }

    fn close(&self, items: usize, depth: usize, bracket: u8, out: &mut Vec<u8>) {
        if items > 0 {
            out.extend_from_slice(self.before_end(depth).text);
        }
        out.push(bracket);
    }

    /// Appends the token of a text.
    pub fn text(&self, text: &str, out: &mut Vec<u8>) {
        let mut token = Vec::new();
        text::encode(text, &mut token);
        self.token(&token, out);
    }
}
