//! Places in a document: how one is written, and selectors that choose them; it refuses selectors that need more than the place to decide.

pub(crate) mod automaton;
mod parse;

use std::fmt::Write;

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
    /// Any of these.
    pub selectors: Vec<Selector>,
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
    /// Elements from `start`, before `end`, every `step`.
    Slice {
        /// The first index.
        start: u64,
        /// The index behind the last.
        end: u64,
        /// At least 1.
        step: u64,
    },
}

/// Why a path is refused, and the edit that helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// What is wrong.
    pub message: String,
    /// The edit to make.
    pub hint: String,
}

impl Path {
    /// Reads a path such as `$.runs[*].id`.
    ///
    /// # Errors
    /// For text that is no path, and for filters, functions and indices from the end.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        parse::path(text)
    }
}

/// Appends `.name`, or `['name']` where the short form is not allowed.
pub fn push_name(path: &mut String, name: &str) {
    let mut letters = name.chars();
    let plain = |c: char| c == '_' || c.is_ascii_alphanumeric() || !c.is_ascii();
    let short = letters
        .next()
        .is_some_and(|c| plain(c) && !c.is_ascii_digit())
        && letters.all(plain);
    let _ = if short {
        write!(path, ".{name}")
    } else {
        write!(
            path,
            "['{}']",
            name.replace('\\', "\\\\").replace('\'', "\\'")
        )
    };
}

/// Appends `[index]`.
pub fn push_index(path: &mut String, index: u64) {
    let _ = write!(path, "[{index}]");
}
