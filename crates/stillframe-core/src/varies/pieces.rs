//! The parts of a text that programs make anew in each run: points in time, ids, durations, numbers; the rest is words.

use std::sync::LazyLock;

use regex::Regex;

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Eight, four, four, four and twelve hexadecimal digits.
    Uuid,
    /// A date with a time.
    Moment,
    /// A date.
    Date,
    /// A date in another order, or with the name of its month.
    NamedDate,
    /// A time of day.
    Time,
    /// A number with a unit of time.
    Duration,
    /// At least seven hexadecimal digits, with a letter among them or very many.
    Hash,
    /// A number.
    Number,
    /// One component of a path.
    Component,
    /// Anything else.
    Other,
}

/// The patterns in the order in which they are tried; each stands for exactly its class.
const CLASSES: [(Class, &str, &str); 8] = [
    (
        Class::Uuid,
        r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "a UUID",
    ),
    (
        Class::Moment,
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?",
        "a point in time",
    ),
    (Class::Date, r"\d{4}-\d\d-\d\d", "a date"),
    (
        Class::NamedDate,
        r"(?:\d{1,2}[ -])?\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?(?: +\d{1,2}(?:st|nd|rd|th)?\b)?,?[ -]\d{4}\b|\b\d{1,2}[./]\d{1,2}[./]\d{4}\b|\b\d{4}[./_]\d\d[./_]\d\d\b",
        "a date",
    ),
    (Class::Time, r"\d\d:\d\d:\d\d(?:[.,]\d+)?", "a time of day"),
    (
        Class::Duration,
        r"\d+(?:\.\d+)? ?(?:ns|us|µs|ms|min|s|m|h)\b",
        "a duration",
    ),
    (Class::Hash, r"[0-9a-f]{7,128}", "a hash"),
    (Class::Number, r"\d+(?:\.\d+)?", "a number"),
];

static ANY: LazyLock<Regex> = LazyLock::new(|| {
    let arms: Vec<String> = CLASSES
        .iter()
        .map(|(_, pattern, _)| format!("({pattern})"))
        .collect();
    Regex::new(&arms.join("|")).expect("the patterns are well-formed")
});

impl Class {
    /// The regular expression that matches it.
    pub fn pattern(self) -> &'static str {
        if self == Self::Component {
            return "[^/]+";
        }
        CLASSES
            .iter()
            .find(|known| known.0 == self)
            .map_or("", |known| known.1)
    }

    /// What it is called.
    pub fn words(self) -> &'static str {
        if self == Self::Component {
            return "a name in a path";
        }
        CLASSES
            .iter()
            .find(|known| known.0 == self)
            .map_or("text", |known| known.2)
    }
}

/// One part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece<'t> {
    pub class: Class,
    pub text: &'t str,
}

/// Cuts a text into its parts; together they are the text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut done = 0;
    for captures in ANY.captures_iter(text) {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        let arm = (1..=CLASSES.len()).find(|&arm| captures.get(arm).is_some());
        let class = arm.map_or(Class::Other, |arm| CLASSES[arm - 1].0);
        let digits = whole.as_str().bytes().all(|byte| byte.is_ascii_digit());
        let class = match class {
            // Seven digits are a number before they are a hash.
            Class::Hash if digits && whole.len() < 20 => Class::Number,
            other => other,
        };
        if whole.start() > done {
            found.push(Piece {
                class: Class::Other,
                text: &text[done..whole.start()],
            });
        }
        found.push(Piece {
            class,
            text: whole.as_str(),
        });
        done = whole.end();
    }
    if done < text.len() {
        found.push(Piece {
            class: Class::Other,
            text: &text[done..],
        });
    }
    found
}

/// Cuts a text at its slashes, which are parts too.
pub fn components(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    if !text.contains('/') || text.contains(char::is_whitespace) {
        return vec![Piece {
            class: Class::Other,
            text,
        }];
    }
    for (at, name) in text.split('/').enumerate() {
        if at > 0 {
            found.push(Piece {
                class: Class::Other,
                text: "/",
            });
        }
        if !name.is_empty() {
            found.push(Piece {
                class: Class::Component,
                text: name,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_one_part_in_whatever_order() {
        for text in [
            "27 November 2026",
            "27-Nov-2026",
            "Nov 27, 2026",
            "November 27th 2026",
            "27.11.2026",
            "11/27/2026",
            "2026/11/27",
        ] {
            let found = pieces(text);
            let classes: Vec<Class> = found.iter().map(|piece| piece.class).collect();
            assert_eq!(classes, [Class::NamedDate], "{text}");
        }
        let classes = |text| {
            pieces(text)
                .iter()
                .map(|piece| piece.class)
                .collect::<Vec<_>>()
        };
        assert!(!classes("version 1.2.3 of Mayor 2026").contains(&Class::NamedDate));
    }

    #[test]
    fn parts_are_told_apart() {
        let found = |text| -> Vec<(Class, &str)> {
            pieces(text)
                .into_iter()
                .map(|piece| (piece.class, piece.text))
                .collect()
        };
        assert_eq!(
            found("run 0193a2b1-7c3d-7e4f-8a5b-6c7d8e9f0a1b took 12.5 ms"),
            [
                (Class::Other, "run "),
                (Class::Uuid, "0193a2b1-7c3d-7e4f-8a5b-6c7d8e9f0a1b"),
                (Class::Other, " took "),
                (Class::Duration, "12.5 ms"),
            ]
        );
        assert_eq!(
            found("2026-11-26T20:12:39.5Z 3f2a9c1d 4711"),
            [
                (Class::Moment, "2026-11-26T20:12:39.5Z"),
                (Class::Other, " "),
                (Class::Hash, "3f2a9c1d"),
                (Class::Other, " "),
                (Class::Number, "4711"),
            ]
        );
    }
}
