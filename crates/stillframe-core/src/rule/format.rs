//! Recognises the string formats a rule can name; it looks at the text alone and refuses to guess at formats it does not know.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A string format, named as JSON Schema names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// `2026-11-20T11:30:00Z`, RFC 3339.
    DateTime,
    /// `2026-11-20`
    Date,
    /// `11:30:00Z`, RFC 3339.
    Time,
    /// `PT1.5S`, ISO 8601.
    Duration,
    /// Eight, four, four, four and twelve hexadecimal digits.
    Uuid,
    /// An address with one `@`.
    Email,
    /// A scheme, a colon and the rest.
    Uri,
    /// Four decimal numbers.
    Ipv4,
    /// RFC 4291.
    Ipv6,
}

const NAMES: [(&str, TextFormat); 9] = [
    ("date-time", TextFormat::DateTime),
    ("date", TextFormat::Date),
    ("time", TextFormat::Time),
    ("duration", TextFormat::Duration),
    ("uuid", TextFormat::Uuid),
    ("email", TextFormat::Email),
    ("uri", TextFormat::Uri),
    ("ipv4", TextFormat::Ipv4),
    ("ipv6", TextFormat::Ipv6),
];

impl TextFormat {
    /// The format of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|known| known.0 == name)
            .map(|known| known.1)
    }

    /// The names that are known, for a message.
    #[must_use]
    pub fn known() -> String {
        NAMES.map(|known| known.0).join(", ")
    }

    /// Whether it tells a time or how long something took; such values are never numbered.
    #[must_use]
    pub fn is_time(self) -> bool {
        matches!(
            self,
            Self::DateTime | Self::Date | Self::Time | Self::Duration
        )
    }

    /// Whether the text is of this format.
    #[must_use]
    pub fn holds(self, text: &str) -> bool {
        match self {
            Self::DateTime => date_time(text),
            Self::Date => date(text),
            Self::Time => time(text),
            Self::Duration => duration(text),
            Self::Uuid => uuid(text),
            Self::Email => email(text),
            Self::Uri => uri(text),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
        }
    }
}

fn date_time(text: &str) -> bool {
    text.is_ascii()
        && text.len() > 11
        && date(&text[..10])
        && matches!(text.as_bytes()[10], b'T' | b't' | b' ')
        && time(&text[11..])
}

fn date(text: &str) -> bool {
    date_with(text.as_bytes(), b"-")
}

/// Whether a text is a date with any of these bytes between year, month and day.
pub(super) fn date_with(text: &[u8], separators: &[u8]) -> bool {
    let &[y, e, a, r, first, m, n, second, d, t] = text else {
        return false;
    };
    if !separators.contains(&first) || !separators.contains(&second) {
        return false;
    }
    let [Some(century), Some(year), Some(month), Some(day)] =
        [[y, e], [a, r], [m, n], [d, t]].map(two_digits)
    else {
        return false;
    };
    let year = century * 100 + year;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// `hh:mm:ss`, a fraction, and `Z` or an offset.
fn time(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.len() < 9 || bytes[2] != b':' || bytes[5] != b':' {
        return false;
    }
    let below = |range: std::ops::Range<usize>, limit| {
        number(&text[range]).is_some_and(|value| value < limit)
    };
    if !(below(0..2, 24) && below(3..5, 60) && below(6..8, 61)) {
        return false;
    }
    let mut rest = &text[8..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return false;
        }
        rest = &fraction[digits..];
    }
    offset(rest)
}

fn offset(text: &str) -> bool {
    match text.as_bytes() {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', hours @ .., b':', _, _] if hours.len() == 2 => {
            number(&text[1..3]).is_some_and(|value| value < 24)
                && number(&text[4..]).is_some_and(|value| value < 60)
        }
        _ => false,
    }
}

fn number(text: &str) -> Option<u32> {
    (!text.is_empty())
        .then(|| digits(text.as_bytes()))
        .flatten()
}

/// The number of two digits.
#[inline]
pub(super) fn two_digits(text: [u8; 2]) -> Option<u32> {
    let [tens, ones] = text.map(|byte| u32::from(byte.wrapping_sub(b'0')));
    (tens < 10 && ones < 10).then_some(tens * 10 + ones)
}

/// The number that at most nine digits write, and nothing but digits.
fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        Some(number * 10 + digit)
    })
}

fn duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else {
        return false;
    };
    let (days, clock) = match rest.split_once('T') {
        Some((_, "")) => return false,
        Some((days, clock)) => (days, clock),
        None => (rest, ""),
    };
    !rest.is_empty() && parts(days, "YMWD") && parts(clock, "HMS")
}

/// Numbers, each followed by one of the units, which come in order.
fn parts(text: &str, units: &str) -> bool {
    let mut units = units.chars();
    let mut digits = 0;
    for letter in text.chars() {
        if letter.is_ascii_digit() || (digits > 0 && matches!(letter, '.' | ',')) {
            digits += 1;
        } else if digits == 0 || !units.any(|unit| unit == letter) {
            return false;
        } else {
            digits = 0;
        }
    }
    digits == 0
}

fn uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(' ')
    })
}

fn uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
            && !text.contains(' ')
    })
}
