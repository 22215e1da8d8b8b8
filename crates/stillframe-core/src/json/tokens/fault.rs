//! Words and places for what the token reader refuses; it decides nothing about what is refused.

use super::{BeforeMove, Expect, Fail, Framing, Open, Tokens};
use crate::json::error::{JsonError, JsonErrorKind};
use crate::location;

/// How many bytes of foreign text a message quotes.
const QUOTED: usize = 60;

impl Tokens<'_> {
    /// The place of the current value, as `$.a[0].b`.
    pub fn path(&self) -> String {
        let mut path = String::from("$");
        let mut objects = 0;
        for open in &self.open {
            match open {
                Open::Array(_) if self.enters(open) => {}
                Open::Array(index) => location::push_index(&mut path, *index),
                Open::Object => {
                    let innermost = objects + 1 == self.names.depth();
                    match self.names.current(objects) {
                        Some(name) if !innermost || self.expect != Expect::FirstName => {
                            location::push_name(&mut path, &String::from_utf8_lossy(name));
                        }
                        _ => {}
                    }
                    objects += 1;
                }
            }
        }
        path
    }

    /// Whether `open` is the innermost array and its first element has not begun.
    pub(super) fn enters(&self, open: &Open) -> bool {
        self.expect == Expect::FirstElement
            && self
                .open
                .last()
                .is_some_and(|last| std::ptr::eq(last, open))
    }

    /// An error at the current byte.
    #[cold]
    pub fn fault(&self, kind: JsonErrorKind) -> Fail {
        self.fault_at(self.at, kind)
    }

    /// An error at a place in the window.
    #[cold]
    pub fn fault_at(&self, place: usize, kind: JsonErrorKind) -> Fail {
        let (line, column) = self.input.locate(place);
        let path = self.place_of(&kind);
        Fail::Json(Box::new(JsonError {
            kind,
            line,
            column,
            path,
        }))
    }

    /// Where in the input a fault lies; a document of NDJSON is an element.
    fn place_of(&self, kind: &JsonErrorKind) -> Option<String> {
        let document = match kind {
            JsonErrorKind::Empty | JsonErrorKind::ByteOrderMark => None,
            // It follows a document that is complete.
            JsonErrorKind::TrailingText(_) => Some(self.documents - 1),
            _ => Some(self.documents),
        };
        match (self.framing, document) {
            (Framing::Ndjson, Some(document)) => {
                let mut path = String::from("$");
                location::push_index(&mut path, document);
                Some(path + &self.path()[1..])
            }
            _ => (!self.open.is_empty()).then(|| self.path()),
        }
    }

    pub(super) fn truncated(&self) -> Fail {
        self.fault_at(self.window().len(), JsonErrorKind::Truncated)
    }

    #[cold]
    pub(super) fn unexpected(
        &mut self,
        expected: &'static str,
        holder: &mut impl BeforeMove,
    ) -> Result<Fail, Fail> {
        self.look_ahead(holder)?;
        let found = match self.window().get(self.at) {
            Some(&byte) if byte.is_ascii_graphic() => format!("`{}`", char::from(byte)),
            Some(&byte) if byte < 0x80 => format!("U+{byte:04X}"),
            Some(_) => match self.quote(self.at).chars().next() {
                Some(text) if text != char::REPLACEMENT_CHARACTER => format!("`{text}`"),
                _ => return Ok(self.fault(JsonErrorKind::Utf8)),
            },
            None => return Ok(self.truncated()),
        };
        Ok(self.fault(JsonErrorKind::Unexpected { found, expected }))
    }

    /// What stands here begins no value.
    #[cold]
    pub(super) fn no_value(&mut self, holder: &mut impl BeforeMove) -> Result<Fail, Fail> {
        self.at = self.start;
        self.look_ahead(holder)?;
        for word in ["NaN", "Infinity"] {
            if self.window()[self.at..].starts_with(word.as_bytes()) {
                return Ok(self.fault(JsonErrorKind::NotANumber(word.into())));
            }
        }
        self.unexpected("a value", holder)
    }

    /// What begins as a number is none, or is no number of JSON.
    #[cold]
    pub(super) fn wrong_number(
        &mut self,
        place: usize,
        kind: JsonErrorKind,
        holder: &mut impl BeforeMove,
    ) -> Result<Fail, Fail> {
        let offset = place - self.start;
        self.at = self.start;
        self.look_ahead(holder)?;
        if self.window()[self.start..].starts_with(b"-Infinity") {
            return Ok(self.fault(JsonErrorKind::NotANumber("-Infinity".into())));
        }
        let place = self.start + offset;
        if self.open.is_empty() && self.window().get(place) != Some(&b'.') {
            let text = self.quote(self.start);
            if text.contains([' ', ':']) || text.matches('-').count() > 1 {
                return Ok(self.fault(JsonErrorKind::LeadingText(text)));
            }
        }
        Ok(self.fault_at(place, kind))
    }

    /// The input begins with none of the characters that begin a document.
    #[cold]
    pub(super) fn leading(&mut self, holder: &mut impl BeforeMove) -> Result<(), Fail> {
        self.start = self.at;
        self.look_ahead(holder)?;
        let rest = &self.window()[self.at..];
        let words: [&[u8]; 5] = [b"true", b"false", b"null", b"NaN", b"Infinity"];
        let known = words.iter().any(|word| {
            rest.starts_with(word) && !rest.get(word.len()).is_some_and(u8::is_ascii_alphanumeric)
        });
        if known || words.iter().any(|word| word.starts_with(rest)) {
            return Ok(());
        }
        if !rest[0].is_ascii_graphic() && rest[0] < 0x80 {
            return Err(self.unexpected("a value", holder)?);
        }
        if std::str::from_utf8(&rest[..rest.len().min(4)]).is_err_and(|bad| bad.valid_up_to() == 0)
        {
            return Err(self.fault(JsonErrorKind::Utf8));
        }
        Err(self.fault(JsonErrorKind::LeadingText(self.quote(self.at))))
    }

    pub(super) fn trailing(&self) -> Fail {
        self.fault(JsonErrorKind::TrailingText(self.quote(self.at)))
    }

    /// Sees that the window holds enough to quote from, if the input does.
    pub(super) fn look_ahead(&mut self, holder: &mut impl BeforeMove) -> Result<(), Fail> {
        while self.window().len() - self.at < QUOTED && !self.input.ended() {
            self.refill(self.at, holder)?;
            self.start = self.at;
        }
        Ok(())
    }

    /// The beginning of the line at `place`.
    fn quote(&self, place: usize) -> String {
        let rest = &self.window()[place..self.window().len().min(place + QUOTED)];
        let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
        // A cut through a character would show a replacement character that is not there.
        let text = match std::str::from_utf8(line) {
            Err(cut) if cut.error_len().is_none() => &line[..cut.valid_up_to()],
            _ => line,
        };
        String::from_utf8_lossy(text).trim_end().to_owned()
    }
}
