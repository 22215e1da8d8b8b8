//! The token reader: a window on the input, the grammar as a small state machine, and the limits; it copies no token and builds no tree.

use super::error::{JsonError, JsonErrorKind};
use super::lines::Lines;
use super::names::{Added, MAX_NAMES, Names, hash};
use super::scan::{self, Scan, StringTraits};
use super::text;
use std::io::{self, Read};

mod fault;

/// How deep arrays and objects may nest.
pub const MAX_DEPTH: usize = 128;
/// How long one string or number may be, in bytes.
pub const MAX_TOKEN: usize = 16 << 20;
/// How much is read at once.
const CHUNK: usize = 256 << 10;

/// One document, or one a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// One document.
    Json,
    /// One document a line; lines of whitespace are passed over.
    Ndjson,
}

/// What was found next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// `{`
    ObjectStart,
    /// `}`
    ObjectEnd,
    /// `[`
    ArrayStart,
    /// `]`
    ArrayEnd,
    /// A member's name; its colon is consumed with the value.
    Name,
    /// A string value.
    String,
    /// A number; [`Tokens::is_float`] tells whether it has a fraction or an exponent.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`
    Null,
    /// A document is complete.
    EndOfDocument,
    /// Nothing follows.
    EndOfInput,
}

/// Why reading stopped.
#[derive(Debug)]
pub enum Fail {
    /// The input is not acceptable.
    Json(Box<JsonError>),
    /// The input could not be read, or the output not written.
    Io(io::Error),
}

impl From<io::Error> for Fail {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Who holds positions in the window; called before it moves.
pub trait BeforeMove {
    /// Copies what it needs out of the window; its positions are void afterwards.
    ///
    /// # Errors
    /// When writing fails.
    fn before_move(&mut self, window: &[u8]) -> io::Result<()>;
}

impl BeforeMove for () {
    fn before_move(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// The whitespace before a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap(usize);

impl Gap {
    /// None.
    pub const NONE: Self = Self(0);
    /// One space.
    pub const SPACE: Self = Self(1);
    /// Anything that is not one of the others.
    pub const OTHER: Self = Self(usize::MAX);

    /// A line break and so many spaces.
    #[inline]
    pub const fn line(spaces: usize) -> Self {
        Self(spaces + 2)
    }
}

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
#[derive(Debug)]
pub struct Tokens<R> {
    source: R,
    window: Vec<u8>,
    end: usize,
    at: usize,
    chunk: usize,
    ended: bool,
    fresh: bool,
    gap: Gap,
    /// The gap just skipped held a line break; looked for in NDJSON only.
    broken: bool,
    lines: Lines,
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
    traits: StringTraits,
    decoded: Vec<u8>,
    name_hash: u64,
}

impl<R: Read> Tokens<R> {
    /// Reads `source` in chunks of the usual size.
    pub fn new(source: R, framing: Framing) -> Self {
        Self::with_chunk(source, framing, CHUNK)
    }

    /// Reads `source` in chunks of a given size, so that tests can put a border anywhere.
    pub fn with_chunk(source: R, framing: Framing, chunk: usize) -> Self {
        Self {
            source,
            window: Vec::new(),
            end: 0,
            at: 0,
            chunk: chunk.max(1),
            ended: false,
            fresh: true,
            gap: Gap::OTHER,
            broken: false,
            lines: Lines::default(),
            framing,
            expect: Expect::Document,
            open: Vec::with_capacity(MAX_DEPTH),
            names: Names::default(),
            documents: 0,
            start: 0,
            previous: 0,
            float: false,
            traits: StringTraits::default(),
            decoded: Vec::new(),
            name_hash: 0,
        }
    }

    /// The bytes that are in memory.
    pub fn window(&self) -> &[u8] {
        &self.window[..self.end]
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
        &self.window[self.start..self.at]
    }

    /// Whether the number has a fraction or an exponent.
    pub fn is_float(&self) -> bool {
        self.float
    }

    /// The name just read, decoded.
    pub fn name(&self) -> &[u8] {
        if self.traits.escaped {
            &self.decoded
        } else {
            &self.window[self.start + 1..self.at - 1]
        }
    }

    /// The hash of the name just read.
    pub fn name_hash(&self) -> u64 {
        self.name_hash
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

    #[cold]
    fn between_documents(&mut self, holder: &mut impl BeforeMove) -> Result<Token, Fail> {
        if self.expect == Expect::EndOfDocument {
            self.documents += 1;
            self.start = self.at;
            self.expect = Expect::NextDocument;
            return Ok(Token::EndOfDocument);
        }
        let first = self.documents == 0;
        match self.skip_gap(holder)? {
            None if first => Err(self.fault(JsonErrorKind::Empty)),
            None => {
                self.start = self.at;
                Ok(Token::EndOfInput)
            }
            Some(_) if !first && !self.broken => {
                self.look_ahead(holder)?;
                Err(self.trailing())
            }
            Some(byte) => self.first_token(byte, holder),
        }
    }

    fn first_token(&mut self, byte: u8, holder: &mut impl BeforeMove) -> Result<Token, Fail> {
        if !matches!(byte, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9') {
            self.leading(holder)?;
        }
        self.value(holder)
    }

    /// A value begins at the current byte, which is in the window.
    #[inline]
    fn value(&mut self, holder: &mut impl BeforeMove) -> Result<Token, Fail> {
        self.start = self.at;
        match self.window[self.at] {
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
            b'{' => {
                self.descend(Open::Object)?;
                self.names.open();
                self.expect = Expect::FirstName;
                Ok(Token::ObjectStart)
            }
            b'[' => {
                self.descend(Open::Array(0))?;
                self.expect = Expect::FirstElement;
                Ok(Token::ArrayStart)
            }
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

    fn descend(&mut self, open: Open) -> Result<(), Fail> {
        if self.open.len() == MAX_DEPTH {
            return Err(self.fault(JsonErrorKind::Depth(MAX_DEPTH)));
        }
        self.open.push(open);
        self.at += 1;
        Ok(())
    }

    fn end_object(&mut self, holder: &mut impl BeforeMove) -> Result<Token, Fail> {
        if self.window[self.at] != b'}' {
            return Err(self.unexpected("`,` or `}`", holder)?);
        }
        self.names.close();
        Ok(self.ascend(Token::ObjectEnd))
    }

    fn end_array(
        &mut self,
        expected: &'static str,
        holder: &mut impl BeforeMove,
    ) -> Result<Token, Fail> {
        if self.window[self.at] != b']' {
            return Err(self.unexpected(expected, holder)?);
        }
        Ok(self.ascend(Token::ArrayEnd))
    }

    fn ascend(&mut self, token: Token) -> Token {
        self.open.pop();
        self.start = self.at;
        self.at += 1;
        self.complete();
        token
    }

    #[inline]
    fn read_name(&mut self, holder: &mut impl BeforeMove) -> Result<Token, Fail> {
        self.start = self.at;
        self.expect = Expect::FirstName;
        if self.window[self.at] != b'"' {
            return Err(self.unexpected("a name in double quotes", holder)?);
        }
        self.string(holder)?;
        if self.traits.escaped {
            self.decoded.clear();
            text::unescape(&self.window[self.start + 1..self.at - 1], &mut self.decoded);
        }
        let name = if self.traits.escaped {
            &self.decoded[..]
        } else {
            &self.window[self.start + 1..self.at - 1]
        };
        self.name_hash = hash(name);
        let added = self.names.add(name, self.name_hash);
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
            match scan::string(&self.window[..self.end], self.start + 1) {
                Scan::Done(end, _) if end - self.start > MAX_TOKEN => {
                    return Err(self.fault_at(self.start, JsonErrorKind::Token(MAX_TOKEN)));
                }
                Scan::Done(end, traits) => {
                    self.at = end;
                    self.traits = traits;
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
            match scan::number(&self.window[..self.end], self.start) {
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
                Scan::Incomplete if self.ended => return self.last_number(),
                Scan::Incomplete => self.more_of_token(holder)?,
            }
        }
    }

    /// The input ends with this number, or inside it.
    #[cold]
    fn last_number(&mut self) -> Result<(), Fail> {
        let mut tail = self.window[self.start..self.end].to_vec();
        tail.push(b'\n');
        match scan::number(&tail, 0) {
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
        while self.end - self.start <= word.len() && !self.ended {
            self.more_of_token(holder)?;
        }
        let rest = &self.window[self.start..self.end];
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

    /// The next byte that is not whitespace; the document goes on, so there has to be one.
    #[inline]
    fn peek(&mut self, holder: &mut impl BeforeMove) -> Result<u8, Fail> {
        let window = &self.window[..self.end];
        match window.get(self.at) {
            Some(&byte) if byte > b' ' => {
                self.gap = Gap::NONE;
                return Ok(byte);
            }
            Some(b' ') => match window.get(self.at + 1) {
                Some(&byte) if byte > b' ' => {
                    self.gap = Gap::SPACE;
                    self.at += 1;
                    return Ok(byte);
                }
                _ => {}
            },
            Some(b'\n') if self.framing == Framing::Json => {
                let end = scan::spaces_end(window, self.at + 1);
                match window.get(end) {
                    Some(&byte) if byte > b' ' => {
                        self.gap = Gap::line(end - self.at - 1);
                        self.at = end;
                        return Ok(byte);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        self.peek_beyond_gap(holder)
    }

    #[inline(never)]
    fn peek_beyond_gap(&mut self, holder: &mut impl BeforeMove) -> Result<u8, Fail> {
        match self.skip_gap(holder)? {
            Some(_) if self.broken => Err(self.fault(JsonErrorKind::LineBreak)),
            Some(byte) => Ok(byte),
            None => Err(self.truncated()),
        }
    }

    /// Skips whitespace, over as many windows as it takes.
    fn skip_gap(&mut self, holder: &mut impl BeforeMove) -> Result<Option<u8>, Fail> {
        self.broken = false;
        self.gap = Gap::OTHER;
        loop {
            let from = self.at;
            self.at = scan::gap_end(&self.window[..self.end], self.at);
            if self.framing == Framing::Ndjson {
                self.broken |= self.window[from..self.at].contains(&b'\n');
            }
            if let Some(&byte) = self.window[..self.end].get(self.at) {
                return Ok(Some(byte));
            }
            if self.ended {
                return Ok(None);
            }
            self.refill(self.at, holder)?;
        }
    }

    /// Reads on behind the token at `start`.
    #[cold]
    fn more_of_token(&mut self, holder: &mut impl BeforeMove) -> Result<(), Fail> {
        if self.ended {
            return Err(self.truncated());
        }
        if self.end - self.start > MAX_TOKEN {
            return Err(self.fault_at(self.start, JsonErrorKind::Token(MAX_TOKEN)));
        }
        let keep = self.start;
        self.refill(keep, holder)?;
        self.start = 0;
        self.at = 0;
        Ok(())
    }

    /// Forgets what lies before `keep` and reads one more chunk; `at` becomes relative to `keep`.
    #[cold]
    fn refill(&mut self, keep: usize, holder: &mut impl BeforeMove) -> Result<(), Fail> {
        holder.before_move(&self.window[..self.end])?;
        self.lines.pass(&self.window[..keep]);
        self.window.copy_within(keep..self.end, 0);
        self.end -= keep;
        self.at -= keep;
        self.previous = usize::MAX;
        let limit = self.end
            + self.chunk.max(
                self.end
                    .min(MAX_TOKEN + self.chunk - self.end.min(MAX_TOKEN)),
            );
        if self.window.len() < limit {
            self.window.resize(limit, 0);
        }
        let count = read_some(&mut self.source, &mut self.window[self.end..limit])?;
        self.ended = count == 0;
        self.end += count;
        if std::mem::take(&mut self.fresh) {
            self.start_of_input(holder)?;
        }
        Ok(())
    }

    /// Looks for a byte-order mark, which may arrive in pieces.
    fn start_of_input(&mut self, holder: &mut impl BeforeMove) -> Result<(), Fail> {
        const MARK: &[u8] = b"\xEF\xBB\xBF";
        while self.end < MARK.len() && MARK.starts_with(self.window()) && !self.ended {
            self.refill(0, holder)?;
        }
        if self.window().starts_with(MARK) {
            return Err(self.fault_at(0, JsonErrorKind::ByteOrderMark));
        }
        Ok(())
    }
}

fn read_some(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
