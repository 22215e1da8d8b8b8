//! The token reader: a window on the input, the grammar as a small state machine, and the limits; it copies no token and builds no tree.

use super::error::JsonErrorKind;
use super::names::{Added, MAX_NAMES, Names, hash};
use super::scan::{self, Scan};
use super::shapes::{END, ShapeId, Usual};
use super::text;
use super::window::{CHUNK, Window};
use std::io::Read;

pub use super::token::{BeforeMove, Fail, Framing, Gap, MAX_DEPTH, MAX_TOKEN, Token};

mod documents;
mod fault;
mod gaps;
mod members;
mod pattern;
mod walk;
mod whole;

/// What the grammar allows next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Document,
    FirstName,
    Colon,
    FirstElement,
    MoreMembers,
    MoreElements,
    EndOfDocument,
    NextDocument,
}

/// An open array (with the index of its current element) or object.
#[derive(Debug, Clone, Copy)]
enum Open {
    Array(u64),
    Object,
}

/// A stream of tokens with their places in the window.
pub struct Tokens<'r> {
    input: Window<'r>,
    at: usize,
    gap: Gap,
    /// The gap just skipped held a line break; looked for in NDJSON only.
    broken: bool,
    framing: Framing,
    expect: Expect,
    open: Vec<Open>,
    names: Names,
    documents: u64,
    /// The token lies at `window[start..at]`.
    start: usize,
    /// Where the token before it ended, or `usize::MAX` once that has left the window.
    previous: usize,
    float: bool,
    /// The string last read has escapes.
    escaped: bool,
    decoded: Vec<u8>,
}

impl<'r> Tokens<'r> {
    /// Reads a text that is in memory; most are small, and a large window would take longer to fill than they do.
    pub fn of_text(text: &'r [u8], framing: Framing) -> Self {
        Self::with_chunk(text, framing, text.len().min(CHUNK))
    }

    /// Reads `source` in chunks of the usual size.
    pub fn new(source: impl Read + 'r, framing: Framing) -> Self {
        Self::with_chunk(source, framing, CHUNK)
    }

    /// Reads `source` in chunks of a given size, so that tests can put a border anywhere.
    pub fn with_chunk(source: impl Read + 'r, framing: Framing, chunk: usize) -> Self {
        Self {
            input: Window::new(source, chunk),
            at: 0,
            gap: Gap::OTHER,
            broken: false,
            framing,
            expect: Expect::Document,
            open: Vec::with_capacity(MAX_DEPTH),
            names: Names::default(),
            documents: 0,
            start: 0,
            previous: 0,
            float: false,
            escaped: false,
            decoded: Vec::new(),
        }
    }

    /// The bytes that are in memory.
    #[inline(always)]
    pub fn window(&self) -> &[u8] {
        self.input.bytes()
    }

    /// Where the current token lies in the window.
    pub fn span(&self) -> (usize, usize) {
        (self.start, self.at)
    }

    /// Where the token before ended, or `usize::MAX` when that has left the window.
    pub fn previous(&self) -> usize {
        self.previous
    }

    /// The whitespace directly before the current token.
    #[inline]
    pub fn gap(&self) -> Gap {
        self.gap
    }

    /// The current token as printed.
    pub fn token(&self) -> &[u8] {
        &self.input.bytes()[self.start..self.at]
    }

    /// Whether the number has a fraction or an exponent.
    pub fn is_float(&self) -> bool {
        self.float
    }

    /// The name just read, decoded.
    pub fn name(&self) -> &[u8] {
        if self.escaped {
            &self.decoded
        } else {
            &self.input.bytes()[self.start + 1..self.at - 1]
        }
    }

    /// Says of which kind the object is that has just begun; see [`Names::enter`].
    #[inline]
    pub fn enter(&mut self, kind: u32) {
        self.names.enter(kind);
    }

    /// The shape of the innermost object with the name just read, or [`LISTED`](super::shapes::LISTED).
    #[inline]
    pub fn shape(&self) -> ShapeId {
        self.names.shape()
    }

    /// Adds one more name, as rewritten, to the innermost object; `false` if it has that already.
    pub fn add_name(&mut self, name: &str) -> bool {
        self.names.add_alias(name.as_bytes(), hash(name.as_bytes())) != Added::Duplicate
    }

    /// The decoded name of the innermost object's current member.
    pub fn current_name(&self) -> &[u8] {
        self.names
            .current(self.names.depth().saturating_sub(1))
            .unwrap_or_default()
    }

    /// How many documents are complete.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// The next token, its place, and everything checked that RFC 8259 and this crate ask for.
    ///
    /// # Errors
    /// The first fault of the input, or of reading and writing.
    #[inline]
    pub fn next(&mut self, holder: &mut impl BeforeMove) -> Result<Token, Fail> {
        if let Some(usual) = self.usual_member() {
            self.take_usual(usual);
            if usual.next == END {
                self.names.close();
                return Ok(self.ascend(Token::ObjectEnd));
            }
            self.expect = Expect::Colon;
            self.names.add_usual(usual.next);
            return Ok(Token::Name);
        }
        self.previous = self.at;
        match self.expect {
            Expect::MoreMembers => match self.peek(holder)? {
                b',' => {
                    self.at += 1;
                    self.peek(holder)?;
                    self.read_name(holder)
                }
                _ => self.end_object(holder),
            },
            Expect::Colon => {
                if self.skip_usual_colon() {
                    return self.value(holder);
                }
                if self.peek(holder)? != b':' {
                    return Err(self.unexpected("`:`", holder)?);
                }
                self.at += 1;
                self.peek(holder)?;
                self.value(holder)
            }
            Expect::MoreElements => match self.peek(holder)? {
                b',' => {
                    self.at += 1;
                    if let Some(Open::Array(index)) = self.open.last_mut() {
                        *index += 1;
                    }
                    self.peek(holder)?;
                    self.value(holder)
                }
                _ => self.end_array("`,` or `]`", holder),
            },
            Expect::FirstName => match self.peek(holder)? {
                b'}' => self.end_object(holder),
                _ => self.read_name(holder),
            },
            Expect::FirstElement => match self.peek(holder)? {
                b']' => self.end_array("`]`", holder),
                _ => {
                    self.expect = Expect::MoreElements;
                    self.value(holder)
                }
            },
            Expect::Document | Expect::EndOfDocument | Expect::NextDocument => {
                self.between_documents(holder)
            }
        }
    }

    /// Skips a colon and one space, if that is what stands before a value; `false` otherwise.
    #[inline(always)]
    fn skip_usual_colon(&mut self) -> bool {
        let rest = self.input.bytes().get(self.at..);
        match rest.and_then(|rest| rest.first_chunk::<3>()) {
            Some(&[b':', b' ', byte]) if byte > b' ' => {
                self.gap = Gap::SPACE;
                self.at += 2;
                true
            }
            _ => false,
        }
    }

    /// A value begins at the current byte, which is in the window.
    #[inline]
    fn value(&mut self, holder: &mut impl BeforeMove) -> Result<Token, Fail> {
        self.start = self.at;
        match self.input.bytes()[self.at] {
            b'"' => {
                self.string(holder)?;
                self.complete();
                Ok(Token::String)
            }
            b'-' | b'0'..=b'9' => {
                self.number(holder)?;
                self.complete();
                Ok(Token::Number)
            }
            b'{' => self.descend(Token::ObjectStart),
            b'[' => self.descend(Token::ArrayStart),
            b't' => self.word(b"true", Token::Bool, holder),
            b'f' => self.word(b"false", Token::Bool, holder),
            b'n' => self.word(b"null", Token::Null, holder),
            _ => Err(self.no_value(holder)?),
        }
    }

    /// Sets what may follow a complete value.
    #[inline]
    fn complete(&mut self) {
        self.expect = match self.open.last() {
            Some(Open::Object) => Expect::MoreMembers,
            Some(Open::Array(_)) => Expect::MoreElements,
            None => Expect::EndOfDocument,
        };
    }

    fn descend(&mut self, token: Token) -> Result<Token, Fail> {
        if self.open.len() == MAX_DEPTH {
            return Err(self.fault(JsonErrorKind::Depth(MAX_DEPTH)));
        }
        self.at += 1;
        self.go_inside(token);
        Ok(token)
    }

    /// An array or object has begun.
    #[inline]
    fn go_inside(&mut self, token: Token) {
        if token == Token::ObjectStart {
            self.open.push(Open::Object);
            self.names.open();
            self.expect = Expect::FirstName;
        } else {
            self.open.push(Open::Array(0));
            self.expect = Expect::FirstElement;
        }
    }

    fn end_object(&mut self, holder: &mut impl BeforeMove) -> Result<Token, Fail> {
        if self.input.bytes()[self.at] != b'}' {
            return Err(self.unexpected("`,` or `}`", holder)?);
        }
        if let Some(text) = self.input.bytes().get(self.previous..=self.at) {
            let brace = self.at - self.previous;
            self.names
                .learn_end(Usual::new(text, text.len(), brace, self.gap, END));
        }
        self.at += 1;
        self.names.close();
        Ok(self.ascend(Token::ObjectEnd))
    }

    fn end_array(
        &mut self,
        expected: &'static str,
        holder: &mut impl BeforeMove,
    ) -> Result<Token, Fail> {
        if self.input.bytes()[self.at] != b']' {
            return Err(self.unexpected(expected, holder)?);
        }
        self.at += 1;
        Ok(self.ascend(Token::ArrayEnd))
    }

    fn ascend(&mut self, token: Token) -> Token {
        self.open.pop();
        self.start = self.at - 1;
        self.complete();
        token
    }

    #[inline]
    fn read_name(&mut self, holder: &mut impl BeforeMove) -> Result<Token, Fail> {
        self.start = self.at;
        self.expect = Expect::FirstName;
        if self.input.bytes()[self.at] != b'"' {
            return Err(self.unexpected("a name in double quotes", holder)?);
        }
        self.string(holder)?;
        if self.escaped {
            self.decoded.clear();
            text::unescape(
                &self.input.bytes()[self.start + 1..self.at - 1],
                &mut self.decoded,
            );
        }
        let name = if self.escaped {
            &self.decoded[..]
        } else {
            &self.input.bytes()[self.start + 1..self.at - 1]
        };
        let value = scan::colon_end(self.input.bytes(), self.at);
        let began = |shape| match self.input.bytes().get(self.previous..value) {
            Some(text) if !self.escaped => {
                let (length, name) = (self.at - self.previous, self.start - self.previous);
                Usual::new(text, length, name, self.gap, shape)
            }
            _ => Usual::NONE,
        };
        let added = self.names.learn(name, hash(name), began);
        self.expect = Expect::Colon;
        match added {
            Added::New => Ok(Token::Name),
            Added::Duplicate => {
                let name = String::from_utf8_lossy(self.name()).into_owned();
                Err(self.fault_at(self.start, JsonErrorKind::DuplicateKey(name)))
            }
            Added::Full => Err(self.fault_at(self.start, JsonErrorKind::Names(MAX_NAMES))),
        }
    }

    #[inline(always)]
    fn string(&mut self, holder: &mut impl BeforeMove) -> Result<(), Fail> {
        loop {
            match scan::string(self.input.bytes(), self.start + 1) {
                Scan::Done(end, _) if end - self.start > MAX_TOKEN => {
                    return Err(self.fault_at(self.start, JsonErrorKind::Token(MAX_TOKEN)));
                }
                Scan::Done(end, escaped) => {
                    self.at = end;
                    self.escaped = escaped;
                    return Ok(());
                }
                Scan::Wrong(place, fault) => return Err(self.fault_at(place, fault.into())),
                Scan::Incomplete => self.more_of_token(holder)?,
            }
        }
    }

    #[inline]
    fn number(&mut self, holder: &mut impl BeforeMove) -> Result<(), Fail> {
        loop {
            match scan::number(self.input.bytes(), self.start) {
                Scan::Done(end, _) if end - self.start > MAX_TOKEN => {
                    return Err(self.fault_at(self.start, JsonErrorKind::Token(MAX_TOKEN)));
                }
                Scan::Done(end, float) => {
                    self.at = end;
                    self.float = float;
                    return Ok(());
                }
                Scan::Wrong(place, fault) => {
                    return Err(self.wrong_number(place, fault.into(), holder)?);
                }
                Scan::Incomplete if self.input.ended() => return self.last_number(),
                Scan::Incomplete => self.more_of_token(holder)?,
            }
        }
    }

    /// The input ends with this number, or inside it.
    #[cold]
    fn last_number(&mut self) -> Result<(), Fail> {
        let mut tail = self.window()[self.start..].to_vec();
        tail.push(b'\n');
        match scan::number(&tail, 0) {
            Scan::Done(length, _) if length > MAX_TOKEN => {
                Err(self.fault_at(self.start, JsonErrorKind::Token(MAX_TOKEN)))
            }
            Scan::Done(length, float) => {
                self.at = self.start + length;
                self.float = float;
                Ok(())
            }
            _ => Err(self.truncated()),
        }
    }

    fn word(
        &mut self,
        word: &'static [u8],
        token: Token,
        holder: &mut impl BeforeMove,
    ) -> Result<Token, Fail> {
        while self.window().len() - self.start <= word.len() && !self.input.ended() {
            self.more_of_token(holder)?;
        }
        let rest = &self.window()[self.start..];
        let alone = !rest
            .get(word.len())
            .is_some_and(|byte| byte.is_ascii_alphanumeric());
        if !rest.starts_with(word) || !alone {
            if word.starts_with(rest) {
                return Err(self.truncated());
            }
            return Err(self.no_value(holder)?);
        }
        self.at = self.start + word.len();
        self.complete();
        Ok(token)
    }
}
