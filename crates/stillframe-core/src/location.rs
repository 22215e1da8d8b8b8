//! Places in a document: how one is written, and selectors that choose them; it refuses selectors that need more than the place to decide.

pub(crate) mod automaton;
mod parse;
mod slice;

pub use slice::Slice;

use std::borrow::Cow;
use std::fmt::Write;

use crate::visible::visible;

/// A path of RFC 9535 without filters: what a location alone decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// From the root on.
    pub segments: Vec<Segment>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// `..`: the step starts at every descendant, and at the place itself.
    pub descend: bool,
    /// Any of these; none where the step ends where it starts.
    pub selectors: Vec<Selector>,
}

/// A whole array, or a slice of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrayPart {
    /// The array.
    pub array: Path,
    /// Its elements that are meant; all of them without it.
    pub slice: Option<Slice>,
}

/// A step to one child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Child {
    /// The member of this name.
    Name(String),
    /// The element at this index.
    Index(u64),
}

/// Chooses children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// The member of this name.
    Name(String),
    /// Every member and element.
    Wildcard,
    /// The element at this index.
    Index(u64),
    /// Some elements.
    Slice(Slice),
}

/// Why a path is refused, and the edit that helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// What is wrong.
    pub message: String,
    /// The edit to make.
    pub hint: String,
}

impl PathError {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
        }
    }
}

impl Path {
    /// Reads a path such as `$.runs[*].id`.
    ///
    /// # Errors
    /// For text that is no path, and for filters, functions and indices from the end.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        parse::path(text)
    }

    /// The one place that it names; none where it can choose several.
    #[must_use]
    pub fn single(self) -> Option<Vec<Child>> {
        let child = |segment: Segment| {
            let [selector] = <[_; 1]>::try_from(segment.selectors).ok()?;
            match selector {
                _ if segment.descend => None,
                Selector::Name(name) => Some(Child::Name(name)),
                Selector::Index(index) => Some(Child::Index(index)),
                Selector::Wildcard | Selector::Slice(_) => None,
            }
        };
        self.segments.into_iter().map(child).collect()
    }
}

impl ArrayPart {
    /// Reads the path of an array, such as `$.rows`, or of a slice of one, such as `$.rows[1:-1]`.
    ///
    /// # Errors
    /// As for [`Path::parse`]; but the last step may be a slice that counts from the end.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        parse::array_part(text)
    }
}

/// A way from a value to one inside it, as `$.place.line`.
#[must_use]
pub fn shown(way: &[Child]) -> String {
    let mut path = "$".to_owned();
    for child in way {
        match child {
            Child::Name(name) => push_name(&mut path, name),
            Child::Index(index) => push_index(&mut path, *index),
        }
    }
    path
}

/// Appends `.name`, or `['name']` where the short form is not allowed.
pub fn push_name(path: &mut String, name: &str) {
    let mut letters = name.chars();
    let plain = |c: char| c == '_' || c.is_ascii_alphanumeric() || !c.is_ascii();
    let short = letters
        .next()
        .is_some_and(|c| plain(c) && !c.is_ascii_digit())
        && letters.all(plain)
        && matches!(visible(name), Cow::Borrowed(_));
    let _ = if short {
        write!(path, ".{name}")
    } else {
        let name = name.replace('\\', "\\\\").replace('\'', "\\'");
        // In quotes the escapes are those of JSON, so that the path still names the member.
        write!(path, "['{}']", visible(&name))
    };
}

/// Appends `[index]`.
pub fn push_index(path: &mut String, index: u64) {
    let _ = write!(path, "[{index}]");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_inert_and_read_back_as_the_same_name() {
        for (name, written) in [
            ("größe", "$.größe"),
            ("a-b", "$['a-b']"),
            ("it's\\", "$['it\\'s\\\\']"),
            ("a\n::error\u{1b}", "$['a\\n::error\\u001b']"),
            ("\u{202e}x\u{9b}", "$['\\u202ex\\u009b']"),
            ("\u{e0041}##[error]", "$['\\udb40\\udc41\\u0023#[error]']"),
        ] {
            let mut path = "$".to_owned();
            push_name(&mut path, name);
            assert_eq!(path, written);
            let read = Path::parse(&path).unwrap();
            let selector = Selector::Name(name.to_owned());
            assert_eq!(read.segments[0].selectors, [selector], "{path}");
        }
    }

    #[test]
    fn an_escape_without_a_character_is_refused() {
        for path in [
            "$['\\ud800']",
            "$['\\u12']",
            "$['\\u+123']",
            "$['\\ud800\\n']",
        ] {
            assert!(Path::parse(path).is_err(), "{path}");
        }
    }
}
