//! One day of the calendar, in the forms in which programs print it.

use regex::Regex;

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
            format!(r"(?i:{d}[ -]{short}(?:{rest})?\.?[ ,-]+{year})"),
            format!(r"(?i:{short}(?:{rest})?\.? +{d}(?:st|nd|rd|th)?,? +(?:{year}|\d\d:\d\d))"),
        ];
        let pattern = format!(r"(?:^|[^0-9])({})(?:[^0-9]|$)", forms.join("|"));
        Regex::new(&pattern).expect("a day is a regular expression")
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
            for separator in [" ", "-"] {
                literals.push(format!("{day}{separator}{short}"));
            }
            for name in [short, &name] {
                for separator in [" ", "  ", " 0", ". "] {
                    literals.push(format!("{name}{separator}{day}"));
                }
            }
        }
        literals
    }
}
