//! Reads the text of a path; it refuses what cannot be decided while a document streams by.

use std::str::CharIndices;

use super::{Path, PathError, Segment, Selector};

/// What is left of the text.
struct Cursor<'a> {
    text: &'a str,
    rest: &'a str,
}

/// Reads a whole path.
pub fn path(text: &str) -> Result<Path, PathError> {
    let mut cursor = Cursor { text, rest: text };
    if !cursor.take("$") {
        return Err(cursor.error(
            "does not begin with `$`",
            "write it from the root, as $.a.b",
        ));
    }
    let mut segments = Vec::new();
    while !cursor.rest.is_empty() {
        segments.push(cursor.segment()?);
    }
    Ok(Path { segments })
}

impl<'a> Cursor<'a> {
    fn take(&mut self, prefix: &str) -> bool {
        let found = self.rest.strip_prefix(prefix);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn error(&self, what: &str, hint: &str) -> PathError {
        let at = self.text.len() - self.rest.len() + 1;
        let message = format!("the path {:?} {what} (column {at})", self.text);
        PathError {
            message,
            hint: hint.to_owned(),
        }
    }

    fn segment(&mut self) -> Result<Segment, PathError> {
        self.spaces();
        let descend = self.take("..");
        if self.rest.starts_with('[') {
            return Ok(Segment {
                descend,
                selectors: self.bracket()?,
            });
        }
        if !descend && !self.take(".") {
            return Err(self.error("goes on with neither `.` nor `[`", "separate names by `.`"));
        }
        if self.take("*") {
            return Ok(Segment {
                descend,
                selectors: vec![Selector::Wildcard],
            });
        }
        let name = self.short_name()?;
        Ok(Segment {
            descend,
            selectors: vec![Selector::Name(name.to_owned())],
        })
    }

    fn short_name(&mut self) -> Result<&'a str, PathError> {
        let plain = |c: char| c == '_' || c.is_ascii_alphanumeric() || !c.is_ascii();
        let end = self.rest.find(|c| !plain(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        let hint = "write other names in brackets, as $['a-b']";
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.error("lacks a name", hint));
        }
        self.rest = rest;
        match rest.chars().next() {
            None | Some('.' | '[' | ' ') => Ok(name),
            Some('(') => Err(self.error("calls a function", ALONE)),
            Some(_) => Err(self.error("has a character that no short name holds", hint)),
        }
    }

    fn bracket(&mut self) -> Result<Vec<Selector>, PathError> {
        let mut selectors = Vec::new();
        while selectors.is_empty() && self.take("[") || self.take(",") {
            self.spaces();
            selectors.push(self.selector()?);
            self.spaces();
        }
        if self.take("]") {
            return Ok(selectors);
        }
        Err(self.error("has a bracket that is not closed", "close it with `]`"))
    }

    fn selector(&mut self) -> Result<Selector, PathError> {
        match self.rest.chars().next() {
            Some('*') => {
                self.take("*");
                Ok(Selector::Wildcard)
            }
            Some('?') => Err(self.error("has a filter", ALONE)),
            Some(quote @ ('\'' | '"')) => self.quoted(quote).map(Selector::Name),
            _ => self.index_or_slice(),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, PathError> {
        let mut name = String::new();
        let mut letters = self.rest[1..].char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => name.push(match letters.next() {
                    Some((_, 'n')) => '\n',
                    Some((_, 't')) => '\t',
                    Some((_, 'r')) => '\r',
                    Some((_, 'b')) => '\u{8}',
                    Some((_, 'f')) => '\u{c}',
                    Some((_, 'u')) => code_point(&mut letters).ok_or_else(|| {
                        self.error(
                            "has an escape without a character",
                            "write four hexadecimal digits after `\\u`",
                        )
                    })?,
                    Some((_, plain @ ('\'' | '"' | '\\' | '/'))) => plain,
                    _ => {
                        return Err(self.error(
                            "has an escape it does not need",
                            "write the character itself",
                        ));
                    }
                }),
                _ if letter == quote => {
                    self.rest = &self.rest[at + 2..];
                    return Ok(name);
                }
                _ => name.push(letter),
            }
        }
        Err(self.error("has a quote that is not closed", "close the quote"))
    }

    fn index_or_slice(&mut self) -> Result<Selector, PathError> {
        let first = self.integer()?;
        self.spaces();
        if !self.take(":") {
            let hint = "choose by a name in quotes, an index, a slice or `*`";
            return first
                .map(Selector::Index)
                .ok_or_else(|| self.error("lacks a selector", hint));
        }
        self.spaces();
        let end = self.integer()?;
        self.spaces();
        let step = if self.take(":") {
            self.spaces();
            self.integer()?
        } else {
            None
        };
        if step == Some(0) {
            return Err(self.error(
                "has a step of 0, which chooses nothing",
                "use a step from 1",
            ));
        }
        Ok(Selector::Slice {
            start: first.unwrap_or(0),
            end: end.unwrap_or(u64::MAX),
            step: step.unwrap_or(1),
        })
    }

    fn integer(&mut self) -> Result<Option<u64>, PathError> {
        if self.rest.starts_with('-') {
            return Err(self.error("counts from the end", ALONE));
        }
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        if digits.is_empty() {
            return Ok(None);
        }
        let number = digits
            .parse()
            .ok()
            .filter(|_| digits == "0" || !digits.starts_with('0'));
        let number = number.ok_or_else(|| self.error("has no such index", "write it plainly"))?;
        self.rest = rest;
        Ok(Some(number))
    }
}

/// The character after `\u`: four hexadecimal digits, or two such escapes for what UTF-16 writes as a pair.
fn code_point(letters: &mut CharIndices<'_>) -> Option<char> {
    let first = code_unit(letters)?;
    if let Some(Ok(c)) = char::decode_utf16([first]).next() {
        return Some(c);
    }
    let (backslash, u) = (letters.next()?.1, letters.next()?.1);
    let second = code_unit(letters).filter(|_| (backslash, u) == ('\\', 'u'))?;
    char::decode_utf16([first, second]).next()?.ok()
}

fn code_unit(letters: &mut CharIndices<'_>) -> Option<u16> {
    let digits: Option<Vec<u32>> = (0..4).map(|_| letters.next()?.1.to_digit(16)).collect();
    let unit = digits?.iter().fold(0, |unit, digit| unit * 16 + digit);
    u16::try_from(unit).ok()
}

const ALONE: &str = "a rule is decided by the location alone, while the document streams by; \
choose by names, indices, slices, `*` and `..`, and by `type`, `format` or `pattern` of the value";
