//! What can be wrong with a JSON text, where, and what to do about it; it does not decide whether to go on.

use std::fmt;

/// The characters of a path that a message shows.
const LONGEST_PATH: usize = 120;

/// What is wrong with the input.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// Nothing but whitespace.
    Empty,
    /// The input starts with the three bytes of a byte-order mark.
    ByteOrderMark,
    /// Something other than JSON stands before the document; holds its beginning.
    LeadingText(String),
    /// Something follows the document; holds its beginning.
    TrailingText(String),
    /// The input ends inside the document.
    Truncated,
    /// A character that cannot stand here; holds what was found and what was expected.
    Unexpected {
        /// The character, quoted, or its code when it cannot be shown.
        found: String,
        /// What the grammar allows here.
        expected: &'static str,
    },
    /// `NaN`, `Infinity` or `-Infinity`; holds the word.
    NotANumber(String),
    /// A number that JSON does not allow, such as `01`, `.5` or `1.`.
    Number,
    /// A control character inside a string must be escaped.
    ControlCharacter(u8),
    /// A backslash followed by something that is no escape.
    Escape,
    /// Half of a surrogate pair without the other half.
    LoneSurrogate,
    /// Bytes that are not UTF-8.
    Utf8,
    /// Two equal names in one object; holds the name.
    DuplicateKey(String),
    /// Two names of one object became equal when a rule rewrote them; holds the name.
    MergedKeys(String),
    /// Finding every match of a rule's pattern in a text takes time in proportion to the square of its length.
    SlowPattern {
        /// The rule.
        rule: String,
        /// The length of the text in bytes.
        length: usize,
    },
    /// A rule would change what it wrote, so that normalising twice would differ from once; holds the rule.
    UnsettledRule(String),
    /// More levels of nesting than allowed; holds the limit.
    Depth(usize),
    /// A string or a number longer than allowed; holds the limit in bytes.
    Token(usize),
    /// More names in the open objects than the check for duplicates holds; holds the limit.
    Names(usize),
    /// A document of an NDJSON stream spans more than one line.
    LineBreak,
}

/// The first place where an input is not acceptable JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// What is wrong.
    pub kind: JsonErrorKind,
    /// Line, from 1.
    pub line: u64,
    /// Column in bytes, from 1.
    pub column: u64,
    /// The place in the document, as `$.a[0].b`; `None` outside of any value.
    pub path: Option<String>,
}

impl JsonError {
    /// What to do about it, as a fragment.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match &self.kind {
            JsonErrorKind::Empty => "print JSON on stdout",
            JsonErrorKind::ByteOrderMark => "write the output as UTF-8 without a byte-order mark",
            JsonErrorKind::LeadingText(_) => "print logs on stderr and only JSON on stdout",
            JsonErrorKind::TrailingText(_) => {
                "print exactly one document and nothing after it; for one document a line, say stdout = \"ndjson\""
            }
            JsonErrorKind::Truncated => "see whether the program was cut off while it printed",
            JsonErrorKind::Unexpected { .. } => "print the document with a JSON library",
            JsonErrorKind::NotANumber(_) => "print null or a string; JSON has no such number",
            JsonErrorKind::Number => "print digits, with one before and one after a decimal point",
            JsonErrorKind::ControlCharacter(_) => "escape it as \\u00XX, \\n or \\t",
            JsonErrorKind::Escape => "use one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX",
            JsonErrorKind::LoneSurrogate => "escape characters beyond U+FFFF as a pair",
            JsonErrorKind::Utf8 => "print text as UTF-8; encode other bytes, say as base64",
            JsonErrorKind::DuplicateKey(_) => "print each name of an object once",
            JsonErrorKind::MergedKeys(_) => "narrow the rule, or add the place to its `except`",
            JsonErrorKind::SlowPattern { .. } => {
                "write the pattern so that no part of it reads on to the end of the text for a match that is shorter, or except the place"
            }
            JsonErrorKind::UnsettledRule(_) => JsonErrorKind::UNSETTLED_HINT,
            JsonErrorKind::Depth(_) => "flatten the document; fixtures this deep help nobody",
            JsonErrorKind::Token(_) => "keep large payloads out of captured output",
            JsonErrorKind::Names(_) => "print a list instead of an object this large",
            JsonErrorKind::LineBreak => {
                "print each document on one line, or say stdout = \"json\" for a single one"
            }
        }
    }
}

impl JsonErrorKind {
    /// What to do about a rule that does not settle.
    pub(crate) const UNSETTLED_HINT: &str = "let the pattern match whole words (`\\b` at both ends), or choose a text that it does not match";
}

impl fmt::Display for JsonErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no JSON at all, the input is empty"),
            Self::ByteOrderMark => f.write_str("a byte-order mark"),
            Self::LeadingText(text) => write!(f, "text before the JSON ({text:?})"),
            Self::TrailingText(text) => write!(f, "text after the JSON ({text:?})"),
            Self::Truncated => f.write_str("the input ends inside the document"),
            Self::Unexpected { found, expected } => {
                write!(f, "found {found}, expected {expected}")
            }
            Self::NotANumber(word) => write!(f, "{word} is not JSON"),
            Self::Number => f.write_str("a malformed number"),
            Self::ControlCharacter(byte) => {
                write!(
                    f,
                    "an unescaped control character (U+{byte:04X}) in a string"
                )
            }
            Self::Escape => f.write_str("an unknown escape in a string"),
            Self::LoneSurrogate => f.write_str("half of a surrogate pair in a string"),
            Self::Utf8 => f.write_str("bytes that are not UTF-8"),
            Self::DuplicateKey(name) => write!(f, "duplicate key {name:?}"),
            Self::MergedKeys(name) => {
                write!(f, "two keys of one object were both rewritten to {name:?}")
            }
            Self::SlowPattern { rule, length } => write!(
                f,
                "the pattern of the rule `{rule}` would read a text of {length} bytes again for each of its matches"
            ),
            Self::UnsettledRule(rule) => write!(
                f,
                "the rule `{rule}` would change what it wrote when the fixture is normalised again"
            ),
            Self::Depth(limit) => write!(f, "more than {limit} levels of nesting"),
            Self::Token(limit) => write!(f, "a string or number of more than {limit} bytes"),
            Self::Names(limit) => write!(f, "more than {limit} names in the open objects"),
            Self::LineBreak => f.write_str("a line ends inside its document"),
        }
    }
}

impl JsonError {
    /// What is wrong and where, without [`JsonError::hint`].
    #[must_use]
    pub fn finding(&self) -> String {
        let Self {
            kind,
            line,
            column,
            path,
        } = self;
        let place = match path {
            None => String::new(),
            Some(path) => match path.char_indices().nth(LONGEST_PATH) {
                Some((end, _)) => format!(", in {}…", &path[..end]),
                None => format!(", in {path}"),
            },
        };
        format!("{kind} at line {line}, column {column}{place}")
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.finding(), self.hint())
    }
}

impl std::error::Error for JsonError {}
