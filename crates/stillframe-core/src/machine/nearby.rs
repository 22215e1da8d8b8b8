//! The token around a place in a fixture, read from the beginning of its line; it looks at nothing else and judges nothing.

use std::ops::Range;

use crate::json::scan::{self, Scan};

/// A string, which may be a name, or a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nearby {
    Text(Range<usize>),
    Number(Range<usize>),
}

impl Nearby {
    /// The token that holds the byte at `place`; a token begins at `from` at the latest where the line does not begin later.
    ///
    /// No token of JSON goes over the end of a line.
    pub fn at(fixture: &[u8], from: usize, place: usize) -> Option<Self> {
        let before = &fixture[from..place];
        let line = before.iter().rposition(|&byte| byte == b'\n');
        let mut at = line.map_or(from, |line| from + line + 1);
        while at <= place {
            let start = at;
            let found = match fixture[at] {
                b'"' => match scan::string(fixture, at + 1) {
                    Scan::Done(end, _) => Self::Text(start..end),
                    _ => return None,
                },
                b'-' | b'0'..=b'9' => Self::Number(start..number_end(fixture, at)),
                _ => {
                    at += 1;
                    continue;
                }
            };
            at = found.range().end;
            if at > place {
                return Some(found);
            }
        }
        None
    }

    /// Where it lies.
    pub fn range(&self) -> Range<usize> {
        match self {
            Self::Text(range) | Self::Number(range) => range.clone(),
        }
    }
}

fn number_end(fixture: &[u8], start: usize) -> usize {
    let part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let length = fixture[start..].iter().take_while(|byte| part(byte));
    start + length.count()
}
