//! Points in time as programs print them: which form a text has, and the same form of another time; it refuses to guess at numbers.

use super::format::{date_with, two_digits};

/// How a point in time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A date and a time that says where on earth: RFC 3339, RFC 2822, and their kin.
    Instant,
    /// A date and a time without an offset; the letter between them, and whether there are seconds.
    Local(&'static str, Seconds),
    /// A date.
    Date,
    /// A time of day with an offset.
    Time,
    /// A time of day without one.
    LocalTime(Seconds),
}

/// Whether a time of day has seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seconds {
    /// `20:12:39`, perhaps with a fraction.
    Given,
    /// `20:12`
    Left,
}

/// The parts of a timestamp of RFC 3339, as in `2000-01-01T00:00:00Z`.
const DATE: usize = 10;
const MINUTES: usize = 16;
const SECONDS: usize = 19;

impl Moment {
    /// The form of a text that is a point in time and nothing else.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Self::of_bytes(text.as_bytes())
    }

    /// The same, of bytes; all forms are ASCII.
    #[must_use]
    pub fn of_bytes(text: &[u8]) -> Option<Self> {
        if !text.is_ascii() || text.len() < "20:12".len() {
            return None;
        }
        // The first sign tells which form it can be.
        match text {
            [_, _, b':', ..] => clock_alone(text),
            [_, _, _, _, b'-', ..] if text.len() == DATE => {
                date_with(text, b"-").then_some(Self::Date)
            }
            [_, _, _, _, b'-' | b'/', ..] => iso(text),
            _ => basic(text).or_else(|| named(text)),
        }
    }

    /// `timestamp`, which is of RFC 3339, in this form.
    #[must_use]
    pub fn write(self, timestamp: &str) -> String {
        self.parts(timestamp).concat()
    }

    /// What [`write`](Self::write) writes: a date, a sign and a time, each of which may be missing.
    #[must_use]
    pub fn parts(self, timestamp: &str) -> [&str; 3] {
        let part = |from, to| timestamp.get(from..to).unwrap_or_default();
        let end = |seconds| {
            if seconds == Seconds::Given {
                SECONDS
            } else {
                MINUTES
            }
        };
        match self {
            Self::Instant => [timestamp, "", ""],
            Self::Local(between, seconds) => [part(0, DATE), between, part(DATE + 1, end(seconds))],
            Self::Date => [part(0, DATE), "", ""],
            Self::Time => [part(DATE + 1, timestamp.len()), "", ""],
            Self::LocalTime(seconds) => [part(DATE + 1, end(seconds)), "", ""],
        }
    }
}

/// `20:12:39.5Z`, `20:12:39` or `20:12`.
fn clock_alone(text: &[u8]) -> Option<Moment> {
    let (seconds, rest) = clock(text)?;
    match rest {
        b"" => Some(Moment::LocalTime(seconds)),
        zone if is_zone(zone) => Some(Moment::Time),
        _ => None,
    }
}

/// `2026-11-26T20:12:39+01:00`, `2026-11-26 20:12:39 +0100 CET`, `2026/11/26 20:12`.
fn iso(text: &[u8]) -> Option<Moment> {
    let (date, rest) = text.split_at_checked(DATE)?;
    let (between, time) = match rest.split_first()? {
        (b'T', time) => ("T", time),
        (b't', time) => ("t", time),
        (b' ', time) => (" ", time),
        _ => return None,
    };
    if !date_with(date, b"-/") {
        return None;
    }
    let (seconds, zone) = clock(time)?;
    if zone.is_empty() {
        return Some(Moment::Local(between, seconds));
    }
    is_zone(zone).then_some(Moment::Instant)
}

/// `20261126T201239Z`
fn basic(text: &[u8]) -> Option<Moment> {
    let text = std::str::from_utf8(text).ok()?;
    let (date, time) = text.split_once(['T', 't'])?;
    let length = time.bytes().take_while(u8::is_ascii_digit).count();
    if date.len() != 8
        || !(length == 4 || length == 6)
        || !date.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let date = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
    let (time, zone) = time.split_at(length);
    let time = match time.get(4..6) {
        Some(seconds) => format!("{}:{}:{seconds}", &time[..2], &time[2..4]),
        None => format!("{}:{}", &time[..2], &time[2..]),
    };
    iso(format!("{date}T{time}{zone}").as_bytes())
}

/// `Thu, 26 Nov 2026 20:12:39 +0000`, `Thu Nov 26 20:12:39 2026`, and the same with a zone.
fn named(text: &[u8]) -> Option<Moment> {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let text = std::str::from_utf8(text).ok()?;
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let day_of_week = |word: &str| DAYS.contains(&word.trim_end_matches(','));
    let words = match words.split_first() {
        Some((first, rest)) if day_of_week(first) => rest,
        _ => &words[..],
    };
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let day = |word: &str| is_number(word) && word.len() <= 2;
    let year = |word: &str| is_number(word) && word.len() == 4;
    let (time, zone) = match *words {
        [d, month, y, time, ref zone @ ..] if day(d) && MONTHS.contains(&month) && year(y) => {
            (time, zone.first())
        }
        [month, d, time, y] if MONTHS.contains(&month) && day(d) && year(y) => (time, None),
        [month, d, time, ref zone, y] if MONTHS.contains(&month) && day(d) && year(y) => {
            (time, Some(zone))
        }
        _ => return None,
    };
    match (clock(time.as_bytes())?, zone) {
        ((seconds, b""), None) => Some(Moment::Local("T", seconds)),
        ((_, b""), Some(zone)) => is_zone(zone.as_bytes()).then_some(Moment::Instant),
        _ => None,
    }
}

/// A time of day at the beginning of a text, and what follows it.
fn clock(text: &[u8]) -> Option<(Seconds, &[u8])> {
    let below = |at: usize, limit| {
        let two = text.get(at..).and_then(|rest| rest.first_chunk());
        two.and_then(|two| two_digits(*two))
            .is_some_and(|value| value < limit)
    };
    if !below(0, 24) || text.get(2) != Some(&b':') || !below(3, 60) {
        return None;
    }
    if text.get(5) != Some(&b':') {
        return Some((Seconds::Left, &text[5..]));
    }
    // A leap second is the sixty-first.
    if !below(6, 61) {
        return None;
    }
    let rest = &text[8..];
    let Some((b'.' | b',', fraction)) = rest.split_first() else {
        return Some((Seconds::Given, rest));
    };
    let length = fraction
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (length > 0).then(|| (Seconds::Given, &fraction[length..]))
}

/// `Z`, `+01:00`, ` +0100`, ` UTC`, ` +0100 CET`, and the clock reading that Go adds.
fn is_zone(text: &[u8]) -> bool {
    let offset = |word: &[u8]| match word {
        [b'+' | b'-', rest @ ..] => {
            let length = rest.iter().filter(|byte| **byte != b':').count();
            let is_digit = |byte: &u8| byte.is_ascii_digit() || *byte == b':';
            matches!(length, 2 | 4) && rest.iter().all(is_digit)
        }
        _ => false,
    };
    let name = |word: &[u8]| {
        word.eq_ignore_ascii_case(b"z")
            || (2..=5).contains(&word.len()) && word.iter().all(u8::is_ascii_uppercase)
    };
    if matches!(text, b"Z") {
        return true;
    }
    let mut words = text
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty());
    let first = words.next().is_some_and(|word| offset(word) || name(word));
    first && words.all(|word| name(word) || word.starts_with(b"m=+"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Option<String> {
        Moment::of(text).map(|form| form.write("2000-01-01T00:00:00Z"))
    }

    #[test]
    fn a_point_in_time_keeps_its_form() {
        for (text, expected) in [
            ("2026-11-26T20:12:39Z", "2000-01-01T00:00:00Z"),
            ("2026-11-26T20:12:39.364432+01:00", "2000-01-01T00:00:00Z"),
            ("2026-11-26 20:12:39 UTC", "2000-01-01T00:00:00Z"),
            (
                "2026-11-26 20:12:39.5 +0100 CET m=+0.05",
                "2000-01-01T00:00:00Z",
            ),
            ("20261126T201239Z", "2000-01-01T00:00:00Z"),
            ("Thu, 26 Nov 2026 20:12:39 +0000", "2000-01-01T00:00:00Z"),
            ("Thu, 26 Nov 2026 20:12:39 GMT", "2000-01-01T00:00:00Z"),
            ("Thu Nov 26 20:12:39 CET 2026", "2000-01-01T00:00:00Z"),
            ("2026-11-26T20:12:39.364432", "2000-01-01T00:00:00"),
            ("2026-11-26 20:12:39,5", "2000-01-01 00:00:00"),
            ("2026-11-26 20:12", "2000-01-01 00:00"),
            ("Thu Nov 26 20:12:39 2026", "2000-01-01T00:00:00"),
            ("2026-11-26", "2000-01-01"),
            ("20:12:39.5Z", "00:00:00Z"),
            ("20:12:39", "00:00:00"),
            ("20:12", "00:00"),
        ] {
            assert_eq!(written(text).as_deref(), Some(expected), "{text}");
            assert_eq!(
                written(expected).as_deref(),
                Some(expected),
                "{text}, again"
            );
        }
    }

    #[test]
    fn words_and_numbers_are_no_points_in_time() {
        for text in [
            "",
            "never",
            "pending",
            "1763678400",
            "2026",
            "2026-13-01",
            "2026-11-26T",
            "25:00",
            "2026-11-26T20:12:39 and later",
            "2026-11-26T24:12:39Z",
            "12:30 o'clock",
            "1.20:12",
            "20261126",
            "May 1",
            "Thu",
            "localhost:20:12",
            "2026-11-26T20:12:39Zulu",
        ] {
            assert_eq!(written(text), None, "{text}");
        }
    }
}
