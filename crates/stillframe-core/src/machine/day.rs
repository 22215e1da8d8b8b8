//! One day of the calendar, in the forms in which programs print it.

use regex::Regex;

use super::quick::Hint;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// The year, as in 2026.
    pub year: i64,
    /// From 1.
    pub month: u8,
    /// From 1.
    pub day: u8,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Day {
    /// The day in UTC at this many seconds since 1970.
    ///
    /// The algorithm is `civil_from_days` of Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
    pub fn of(seconds: i64) -> Self {
        let days = seconds.div_euclid(86_400) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        // Years begin in March there.
        let (month, next) = if month < 10 {
            (month + 3, 0)
        } else {
            (month - 9, 1)
        };
        Self {
            year: year + era * 400 + next,
            month: month as u8,
            day: day as u8,
        }
    }

    fn name(self) -> &'static str {
        MONTHS[usize::from(self.month.clamp(1, 12)) - 1]
    }

    /// Finds the day as its first group: ISO 8601 and its relatives, other orders, names of months, with or without a time.
    pub(super) fn pattern(self) -> Regex {
        let Self { year, month, day } = self;
        let name = self.name();
        let (short, rest) = name.split_at(3);
        let two = |number: u8| {
            if number < 10 {
                format!("0?{number}")
            } else {
                number.to_string()
            }
        };
        let (m, d) = (two(month), two(day));
        let separator = r"(?:-|\\?/|\.|_)";
        let forms = [
            [year.to_string(), m.clone(), d.clone()].join(separator),
            [d.clone(), m.clone(), year.to_string()].join(separator),
            [m, d.clone(), year.to_string()].join(separator),
            format!(r"{year}{month:02}{day:02}(?:\d{{4}}|\d{{6}}|\d{{9}})?"),
            format!(r"(?i:{d}(?:\.? |-|\\?/){short}(?:{rest})?\.?(?:[ ,-]|\\?/)+{year})"),
            format!(r"(?i:{short}(?:{rest})?\.? +{d}(?:st|nd|rd|th)?,? +(?:{year}|\d\d:\d\d))"),
        ];
        let pattern = format!(r"(?:^|[^0-9])({})(?:[^0-9]|$)", forms.join("|"));
        Regex::new(&pattern).expect("a day is a regular expression")
    }

    /// A text in which this day is one of another year, in the form in which it stands there; nothing where it does not stand.
    pub fn in_another_year(self, text: &str) -> Option<String> {
        // Also one that has the 29th of February.
        const LATER: i64 = 4;
        let (year, later) = (self.year.to_string(), (self.year + LATER).to_string());
        let literals = self.literals();
        if !literals.iter().any(|literal| text.contains(literal)) {
            return None;
        }
        let pattern = self.pattern();
        let mut moved = String::new();
        let mut done = 0;
        while let Some(groups) = pattern.captures_at(text, done) {
            let Some(day) = groups.iter().skip(1).flatten().next() else {
                break;
            };
            moved.push_str(&text[done..day.start()]);
            moved.push_str(&day.as_str().replacen(&year, &later, 1));
            done = day.end();
        }
        moved.push_str(&text[done..]);
        (moved != text).then_some(moved)
    }

    /// The same texts, each with the part by which it is looked for: the year, or the letter beside the day with as much of
    /// the day as makes it rare. Some have three bytes, and a search for parts of three is quicker than for more.
    pub(super) fn hints(self) -> Vec<Hint> {
        let (year, day) = (self.year.to_string(), self.day.to_string());
        let is_letter = |letter: char| letter.is_ascii_alphabetic();
        let hint = |text: String| {
            let part = if text.contains(&year) {
                year.clone()
            } else if let Some(month) = text.strip_suffix(&day) {
                // The point after a month is rare enough without its last letter.
                let from = month.find('.').or(month.rfind(is_letter));
                text[from.unwrap_or(0)..].to_owned()
            } else {
                let letter = text.find(is_letter).unwrap_or(text.len() - 1);
                text[day.len() - 1..=letter].to_owned()
            };
            Hint::new(text, &part)
        };
        self.literals().into_iter().map(hint).collect()
    }

    /// Texts one of which stands wherever the pattern matches, in a JSON string as printed.
    pub(super) fn literals(self) -> Vec<String> {
        let Self { year, month, day } = self;
        let mut literals = vec![format!("{year}{month:02}{day:02}")];
        for separator in ["-", "/", ".", "_", "\\/"] {
            literals.push(format!("{year}{separator}{month:02}"));
            literals.push(format!("{year}{separator}{month}"));
            literals.push(format!("{month}{separator}{year}"));
            literals.push(format!("{day}{separator}{year}"));
        }
        let name = self.name();
        for name in [name.to_owned(), name.to_uppercase(), name.to_lowercase()] {
            let short = &name[..3];
            for separator in [" ", ". ", "-", "/", "\\/"] {
                literals.push(format!("{day}{separator}{short}"));
            }
            for name in [short, &name] {
                for separator in [" ", "  ", ". "] {
                    literals.push(format!("{name}{separator}{day}"));
                }
                if day < 10 {
                    literals.push(format!("{name} 0{day}"));
                }
            }
        }
        literals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::quick::Quick;

    #[test]
    fn every_form_of_every_day_is_found_by_its_part() {
        for seconds in (0..366).map(|day| day * 86_400) {
            let day = Day::of(seconds);
            let quick = Quick::new(day.hints());
            for literal in day.literals() {
                let text = format!("\"as of {literal}\"");
                assert!(quick.find(text.as_bytes(), 0).is_some(), "{text}");
            }
        }
    }

    #[test]
    fn a_day_keeps_its_form_in_another_year() {
        let day = Day {
            year: 2026,
            month: 11,
            day: 27,
        };
        for (text, expected) in [
            ("2026-11-27", Some("2030-11-27")),
            (
                r#"{"a":"2026-11-27T10:00:00Z","b":"27.11.2026"}"#,
                Some(r#"{"a":"2030-11-27T10:00:00Z","b":"27.11.2030"}"#),
            ),
            ("2026-11-27 2026-11-27", Some("2030-11-27 2030-11-27")),
            (
                "Fri, 27 Nov 2026 10:00:00 GMT",
                Some("Fri, 27 Nov 2030 10:00:00 GMT"),
            ),
            (
                "[27/Nov/2026:10:00:00 +0000]",
                Some("[27/Nov/2030:10:00:00 +0000]"),
            ),
            (r"[27\/Nov\/2026]", Some(r"[27\/Nov\/2030]")),
            ("27. November 2026", Some("27. November 2030")),
            ("run-20261127-1", Some("run-20301127-1")),
            ("2026-11-28", None),
            ("12026-11-27", None),
            ("2026", None),
        ] {
            assert_eq!(day.in_another_year(text).as_deref(), expected, "{text}");
        }
    }
}
