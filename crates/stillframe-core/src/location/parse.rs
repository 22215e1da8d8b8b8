//! Reads the text of a path; it refuses what cannot be decided while a document streams by.

use std::str::CharIndices;

use super::{ArrayPart, Path, PathError, Segment, Selector, Slice};

/// What is left of the text.
struct Cursor<'a> {
    text: &'a str,
    rest: &'a str,
    /// What a bound that was read is refused with wherever the number of elements is not known.
    refused: Option<PathError>,
}

/// Reads a whole path.
pub fn path(text: &str) -> Result<Path, PathError> {
    let Segments { segments, refused } = Segments::read(text)?;
    match refused {
        Some((_, error)) => Err(error),
        None => Ok(Path { segments }),
    }
}

/// Reads the path of an array or of a slice of one.
pub fn array_part(text: &str) -> Result<ArrayPart, PathError> {
    let Segments {
        mut segments,
        refused,
    } = Segments::read(text)?;
    let last = segments.last().map_or(&[][..], |last| &last.selectors);
    let slice = match last {
        [Selector::Slice(slice)] => Some(*slice),
        several if several.iter().any(is_slice) => {
            let (message, hint) = (
                format!("the path {text:?} names more than one slice"),
                "name one slice, and write a rule for each",
            );
            return Err(PathError::new(message, hint));
        }
        _ => None,
    };
    let allowed = slice.map(|_| segments.len() - 1);
    if let Some((_, error)) = refused.filter(|(at, _)| Some(*at) != allowed) {
        return Err(error);
    }
    if slice.is_some() && segments.pop().is_some_and(|last| last.descend) {
        segments.push(Segment {
            descend: true,
            selectors: Vec::new(),
        });
    }
    let array = Path { segments };
    Ok(ArrayPart { array, slice })
}

fn is_slice(selector: &Selector) -> bool {
    matches!(selector, Selector::Slice(_))
}

/// The steps of a path.
struct Segments {
    segments: Vec<Segment>,
    /// The first step that counts from the end, and what that is refused with.
    refused: Option<(usize, PathError)>,
}

impl Segments {
    fn read(text: &str) -> Result<Segments, PathError> {
        let mut cursor = Cursor {
            text,
            rest: text,
            refused: None,
        };
        if !cursor.take("$") {
            return Err(cursor.error(
                "does not begin with `$`",
                "write it from the root, as $.a.b",
            ));
        }
        let mut segments = Vec::new();
        let mut refused = None;
        while !cursor.rest.is_empty() {
            segments.push(cursor.segment()?);
            let found = cursor.refused.take();
            refused = refused.or(found.map(|error| (segments.len() - 1, error)));
        }
        Ok(Segments { segments, refused })
    }
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
        PathError::new(
            format!("the path {:?} {what} (column {at})", self.text),
            hint,
        )
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
        let begins = self.rest;
        let first = self.integer()?;
        self.spaces();
        if !self.take(":") {
            let hint = "choose by a name in quotes, an index, a slice or `*`";
            let first = first.ok_or_else(|| self.error("lacks a selector", hint))?;
            return u64::try_from(first).map(Selector::Index).map_err(|_| {
                self.rest = begins;
                self.error("counts from the end", FROM_THE_END)
            });
        }
        self.spaces();
        let end = self.integer()?;
        self.spaces();
        let slice = Slice {
            start: first.unwrap_or(0),
            end,
            step: self.step()?,
        };
        if slice.counts_from_the_end() {
            self.refused = Some(self.error("has a slice that counts from the end", FROM_THE_END));
        }
        Ok(Selector::Slice(slice))
    }

    fn step(&mut self) -> Result<u64, PathError> {
        if !self.take(":") {
            return Ok(1);
        }
        self.spaces();
        let step = self.integer()?.unwrap_or(1);
        u64::try_from(step)
            .ok()
            .filter(|step| *step > 0)
            .ok_or_else(|| {
                let what = format!("has a step of {step}, which chooses nothing in order");
                self.error(&what, "use a step from 1")
            })
    }

    fn integer(&mut self) -> Result<Option<i64>, PathError> {
        let (sign, unsigned) = match self.rest.strip_prefix('-') {
            Some(unsigned) => ("-", unsigned),
            None => ("", self.rest),
        };
        let end = unsigned
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(unsigned.len());
        let (digits, rest) = unsigned.split_at(end);
        if digits.is_empty() && sign.is_empty() {
            return Ok(None);
        }
        let plain = !digits.starts_with('0') || digits == "0" && sign.is_empty();
        let number = format!("{sign}{digits}").parse().ok().filter(|_| plain);
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

const FROM_THE_END: &str = "count from the start, since how many elements there are is not known while the document \
streams by; only a `sort` knows, in a slice at the end of its path";
