//! Dates and times as Ruby writes them, brought to UTC; the calendar is the proleptic Gregorian one.

/// `2020-01-31`
pub(crate) fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts.as_slice(), [year, month, day]
        if year.len() == 4 && [year, month, day].iter().all(|part| is_number(part))
            && month.parse().is_ok_and(|month: u32| (1..=12).contains(&month))
            && day.parse().is_ok_and(|day: u32| (1..=31).contains(&day)))
}

/// A date, then something with colons.
pub(crate) fn looks_like_time(text: &str) -> bool {
    text.split_once(['T', 't', ' '])
        .is_some_and(|(date, time)| is_date(date) && time.trim_start().contains(':'))
}

/// The same moment in UTC, with microseconds where there are any, as databases take it. What a database cannot hold
/// of the fraction stays, so that it is seen.
pub(crate) fn in_utc(text: &str) -> Option<String> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let (time, offset) = split_offset(rest.trim());
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let clock: Vec<i64> = time
        .split(':')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let [hour, minute, second] = clock.as_slice() else {
        return None;
    };
    let valid = (0..24).contains(hour) && (0..60).contains(minute) && (0..=60).contains(second);
    let fraction = fraction.trim_end_matches('0');
    if !valid || !fraction.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let date: Vec<i64> = date
        .split('-')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let days = days(date[0], date[1], date[2]);
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset?;
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let rest = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (rest / 3600, rest % 3600 / 60, rest % 60);
    let mut moment = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
    if !fraction.is_empty() {
        moment.push_str(&format!(".{fraction:0<6}"));
    }
    Some(moment)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The clock, and how many seconds it is ahead of UTC.
fn split_offset(text: &str) -> (&str, Option<i64>) {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return (clock.trim_end(), Some(0));
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return (text, Some(0));
    };
    let digits: String = text[at + 1..].chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = digits.split_at(digits.len().min(2));
    let minutes = if minutes.is_empty() { "0" } else { minutes };
    let seconds = match (hours.parse::<i64>(), minutes.parse::<i64>()) {
        (Ok(hours), Ok(minutes)) => Some(hours * 3600 + minutes * 60),
        _ => None,
    };
    let sign = if text[at..].starts_with('-') { -1 } else { 1 };
    (text[..at].trim_end(), seconds.map(|seconds| sign * seconds))
}

/// Days since 1970, by the method of Howard Hinnant's `days_from_civil`.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date of a day since 1970, by the same author's `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march = (5 * day_of_year + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_moved_to_utc_across_days_and_years() {
        for (text, expected) in [
            ("2020-01-01 00:00:00.000000000 Z", "2020-01-01 00:00:00"),
            ("2020-01-01T00:30:00+01:00", "2019-12-31 23:30:00"),
            ("2020-02-28 23:30:00 -0100", "2020-02-29 00:30:00"),
            ("1969-12-31 23:59:59.5 Z", "1969-12-31 23:59:59.500000"),
            (
                "2020-01-01 00:00:00.123456789 Z",
                "2020-01-01 00:00:00.123456789",
            ),
            ("0001-03-01 00:00:00 Z", "0001-03-01 00:00:00"),
        ] {
            assert_eq!(in_utc(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "2020-01-01 25:00:00 Z",
            "2020-01-01 a:b:c",
            "2020-01-01 10:00",
        ] {
            assert_eq!(in_utc(text), None, "{text}");
        }
    }
}
