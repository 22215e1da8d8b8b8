//! Finds the end of one token in a slice of bytes; it refuses to read beyond the slice and says so instead.

use super::error::JsonErrorKind;

/// How far a token reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan<T> {
    /// The token ends before this position.
    Done(usize, T),
    /// The slice ends first.
    Incomplete,
    /// The token is wrong at this position.
    Wrong(usize, Fault),
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A control character that is not escaped.
    Control(u8),
    /// An unknown escape.
    Escape,
    /// Half of a surrogate pair.
    Surrogate,
    /// Bytes that are not UTF-8.
    Utf8,
    /// No number of JSON.
    Number,
}

impl From<Fault> for JsonErrorKind {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Control(byte) => Self::ControlCharacter(byte),
            Fault::Escape => Self::Escape,
            Fault::Surrogate => Self::LoneSurrogate,
            Fault::Utf8 => Self::Utf8,
            Fault::Number => Self::Number,
        }
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Scans a string from the byte after its opening quote to after its closing one; `Done` holds whether it has escapes.
#[inline(always)]
pub fn string(buf: &[u8], start: usize) -> Scan<bool> {
    let mut escaped = false;
    let mut at = start;
    loop {
        at = plain_end(buf, at);
        let next = match buf.get(at) {
            None => return Scan::Incomplete,
            Some(b'"') => return Scan::Done(at + 1, escaped),
            Some(b'\\') => {
                escaped = true;
                escape(buf, at)
            }
            Some(0x80..) => wide(buf, at),
            Some(&byte) => return Scan::Wrong(at, Fault::Control(byte)),
        };
        match next {
            Scan::Done(next, ()) => at = next,
            Scan::Incomplete => return Scan::Incomplete,
            Scan::Wrong(place, kind) => return Scan::Wrong(place, kind),
        }
    }
}

/// The next quote, backslash, control character or byte beyond ASCII, eight bytes at a step.
#[inline(always)]
fn plain_end(buf: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = buf.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (ONES * b'"' as u64);
        let slash = word ^ (ONES * b'\\' as u64);
        // A byte below its subtrahend borrows and sets its high bit; only bits above the lowest
        // hit can be wrong, and only the lowest is used.
        let hits = (quote.wrapping_sub(ONES)
            | slash.wrapping_sub(ONES)
            | word.wrapping_sub(ONES * 0x20)
            | word)
            & HIGH;
        if hits != 0 {
            return at + (hits.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(&byte) = buf.get(at) {
        if !(0x20..0x80).contains(&byte) || byte == b'"' || byte == b'\\' {
            break;
        }
        at += 1;
    }
    at
}

/// The characters beyond ASCII that begin at `at`, as RFC 3629 allows them.
#[inline(never)]
fn wide(buf: &[u8], mut at: usize) -> Scan<()> {
    while let Some(&lead @ 0x80..) = buf.get(at) {
        // Overlong forms, surrogates and what lies beyond Unicode are told by the second byte.
        let (length, second) = match lead {
            0xC2..=0xDF => (2, 0x80..=0xBF),
            0xE0 => (3, 0xA0..=0xBF),
            0xED => (3, 0x80..=0x9F),
            0xE1..=0xEF => (3, 0x80..=0xBF),
            0xF0 => (4, 0x90..=0xBF),
            0xF1..=0xF3 => (4, 0x80..=0xBF),
            0xF4 => (4, 0x80..=0x8F),
            _ => return Scan::Wrong(at, Fault::Utf8),
        };
        for offset in 1..length {
            match buf.get(at + offset) {
                None => return Scan::Incomplete,
                Some(byte) if offset == 1 && second.contains(byte) => {}
                Some(0x80..=0xBF) if offset > 1 => {}
                Some(_) => return Scan::Wrong(at, Fault::Utf8),
            }
        }
        at += length;
    }
    Scan::Done(at, ())
}

/// One escape, or the two of a surrogate pair, from its backslash on.
#[inline(never)]
fn escape(buf: &[u8], at: usize) -> Scan<()> {
    match buf.get(at + 1) {
        None => Scan::Incomplete,
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Scan::Done(at + 2, ()),
        Some(b'u') => match unit(buf, at) {
            Scan::Done(next, high) if (0xD800..0xDC00).contains(&high) => low_half(buf, at, next),
            Scan::Done(_, 0xDC00..0xE000) => Scan::Wrong(at, Fault::Surrogate),
            Scan::Done(next, _) => Scan::Done(next, ()),
            Scan::Incomplete => Scan::Incomplete,
            Scan::Wrong(place, kind) => Scan::Wrong(place, kind),
        },
        Some(_) => Scan::Wrong(at, Fault::Escape),
    }
}

/// The second half of the pair that begins at `at`.
fn low_half(buf: &[u8], at: usize, next: usize) -> Scan<()> {
    let lone = Scan::Wrong(at, Fault::Surrogate);
    match (buf.get(next), buf.get(next + 1)) {
        (None, _) | (Some(b'\\'), None) => Scan::Incomplete,
        (Some(b'\\'), Some(b'u')) => match unit(buf, next) {
            Scan::Done(end, 0xDC00..0xE000) => Scan::Done(end, ()),
            Scan::Done(..) => lone,
            Scan::Incomplete => Scan::Incomplete,
            Scan::Wrong(place, kind) => Scan::Wrong(place, kind),
        },
        _ => lone,
    }
}

/// The code unit of the `\uXXXX` at `at`.
pub fn unit(buf: &[u8], at: usize) -> Scan<u32> {
    let mut value = 0;
    for offset in 2..6 {
        let Some(&byte) = buf.get(at + offset) else {
            return Scan::Incomplete;
        };
        let Some(digit) = char::from(byte).to_digit(16) else {
            return Scan::Wrong(at, Fault::Escape);
        };
        value = value * 16 + digit;
    }
    Scan::Done(at + 6, value)
}

/// Scans a number; `Done` holds whether it has a fraction or an exponent.
///
/// A number has no end of its own, so it is complete only when a byte follows it, or when the
/// caller knows that the input ends here and asks again with `last` behind the slice.
#[inline]
pub fn number(buf: &[u8], start: usize) -> Scan<bool> {
    let mut at = start;
    if buf.get(at) == Some(&b'-') {
        at += 1;
    }
    match buf.get(at) {
        None => return Scan::Incomplete,
        Some(b'0') => at += 1,
        Some(b'1'..=b'9') => at = digits(buf, at),
        Some(_) => return Scan::Wrong(at, Fault::Number),
    }
    // What follows most numbers, and is part of none.
    if let Some(b',' | b'\n' | b'}' | b']') = buf.get(at) {
        return Scan::Done(at, false);
    }
    let mut float = false;
    if buf.get(at) == Some(&b'.') {
        float = true;
        let next = digits(buf, at + 1);
        match buf.get(next) {
            Some(_) if next == at + 1 => return Scan::Wrong(next, Fault::Number),
            _ => at = next,
        }
    }
    if let Some(b'e' | b'E') = buf.get(at) {
        float = true;
        let sign = usize::from(matches!(buf.get(at + 1), Some(b'+' | b'-')));
        let next = digits(buf, at + 1 + sign);
        match buf.get(next) {
            Some(_) if next == at + 1 + sign => return Scan::Wrong(next, Fault::Number),
            _ => at = next,
        }
    }
    match buf.get(at) {
        None => Scan::Incomplete,
        Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'a'..=b'z' | b'A'..=b'Z') => {
            Scan::Wrong(at, Fault::Number)
        }
        Some(_) => Scan::Done(at, float),
    }
}

/// The end of a colon at `at` and of one space after it; `at` where there is none.
pub fn colon_end(buf: &[u8], at: usize) -> usize {
    match buf.get(at..).unwrap_or_default() {
        [b':', b' ', ..] => at + 2,
        [b':', ..] => at + 1,
        _ => at,
    }
}

/// The end of `true`, `false` or `null`, where something else follows it in the slice.
#[inline]
pub fn word(buf: &[u8], start: usize) -> Option<usize> {
    let rest = buf.get(start..)?.first_chunk::<6>()?;
    let length = match rest {
        [b't', b'r', b'u', b'e', ..] | [b'n', b'u', b'l', b'l', ..] => 4,
        [b'f', b'a', b'l', b's', b'e', ..] => 5,
        _ => return None,
    };
    (!rest[length].is_ascii_alphanumeric()).then_some(start + length)
}

/// The first byte from `at` on that is not a digit, or the end of the slice; eight at a step.
#[inline(always)]
fn digits(buf: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = buf.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        // Digits become 0 to 9, and only what is more than that reaches the high bit.
        let value = u64::from_le_bytes(*chunk) ^ (ONES * b'0' as u64);
        let hits = (value.wrapping_add(ONES * 0x76) | value) & HIGH;
        if hits != 0 {
            return at + (hits.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while buf.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

/// The first byte from `at` on that is not whitespace, or the end of the slice.
pub fn gap_end(buf: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = buf.get(at) {
        at = spaces_end(buf, at + 1);
    }
    at
}

/// The first byte from `at` on that is not a space, or the end of the slice; eight at a step.
#[inline]
pub fn spaces_end(buf: &[u8], mut at: usize) -> usize {
    const SPACES: u64 = ONES * b' ' as u64;
    while let Some(chunk) = buf.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let other = u64::from_le_bytes(*chunk) ^ SPACES;
        if other != 0 {
            return at + (other.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while buf.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}
