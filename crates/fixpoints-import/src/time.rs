//! Dates and times as Psych reads them, brought to UTC; the calendar is the proleptic Gregorian one.

use jiff::SignedDuration;
use jiff::civil::Date;

const SPACES: [char; 2] = [' ', '\t'];

/// `2020-01-31`, or `2020-1-31`, as databases write it.
pub(crate) fn date(text: &str) -> Option<String> {
    let [year, month, day] = numbers(text, "-", &[4..=4, 1..=2, 1..=2])?;
    let date = Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    Some(date.to_string())
}

/// The moment of `2020-01-31 23:59:59.5 +01:00` in UTC, with microseconds where there are any, as databases take it.
/// What a database cannot hold of the fraction stays, so that it is seen.
pub(crate) fn in_utc(text: &str) -> Option<String> {
    let at = text.find(['T', 't', ' ', '\t'])?;
    let (date, rest) = text.split_at(at);
    let rest = match rest.strip_prefix(['T', 't']) {
        Some(rest) => rest,
        None => rest.trim_start_matches(SPACES),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.'));
    let (clock, zone) = rest.split_at(end.unwrap_or(rest.len()));
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let [year, month, day] = numbers(date, "-", &[4..=4, 1..=2, 1..=2])?;
    let [hour, minute, second] = numbers(clock, ":", &[1..=2, 2..=2, 2..=2])?;
    let midnight = (hour, minute, second) == (24, 0, 0);
    let is_clock = (hour < 24 || midnight) && minute < 60 && second <= 60;
    if !is_clock || !(1..=31).contains(&day) || fraction.contains([':', '.']) {
        return None;
    }
    // To Ruby, 30 February is the day after 29 February, and the sixtieth second the first of the next minute.
    let days = SignedDuration::from_hours(24 * (i64::from(day) - 1) + i64::from(hour));
    let seconds =
        SignedDuration::from_secs(i64::from(minute) * 60 + i64::from(second) - offset(zone)?);
    let first = Date::new(year, month.try_into().ok()?, 1)
        .ok()?
        .at(0, 0, 0, 0);
    let moment = first.checked_add(days.checked_add(seconds)?).ok()?;
    let mut moment = moment.to_string().replacen('T', " ", 1);
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        moment.push_str(&format!(".{fraction:0<6}"));
    }
    Some(moment)
}

/// A date or a time as people and databases write it, in UTC: also without seconds, and with slashes.
pub(crate) fn read(text: &str) -> Option<String> {
    let text = text.trim().replace('/', "-");
    let text = text.strip_suffix("UTC").unwrap_or(&text).replace('z', "Z");
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((&text, "00:00:00"));
    let end = time.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.'));
    let (clock, zone) = time.split_at(end.unwrap_or(time.len()));
    let seconds = if clock.matches(':').count() == 1 {
        ":00"
    } else {
        ""
    };
    in_utc(&format!("{} {clock}{seconds}{zone}", date(day)?))
}

/// How many seconds a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    let zone = zone.trim_start_matches(SPACES);
    if zone.is_empty() || zone == "Z" {
        return Some(0);
    }
    let digits = zone.strip_prefix(['+', '-'])?;
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let (hours, minutes) = digits.split_at(end.min(2));
    let hours: i64 = hours.parse().ok()?;
    let minutes = match minutes.strip_prefix(':') {
        Some(minutes) if minutes.len() == 1 => return None,
        Some(minutes) => minutes,
        None => minutes,
    };
    if minutes.len() > 2 || !minutes.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let minutes: i64 = minutes.parse().unwrap_or_default();
    let seconds = hours * 3600 + minutes * 60;
    // Psych takes the sign from the hours, which have none where they are zero.
    let sign = if zone.starts_with('-') && hours > 0 {
        -1
    } else {
        1
    };
    (seconds < 86_400).then_some(sign * seconds)
}

/// Three numbers of so many digits each.
fn numbers<const N: usize>(
    text: &str,
    separator: &str,
    lengths: &[std::ops::RangeInclusive<usize>; N],
) -> Option<[i16; N]> {
    let parts: Vec<&str> = text.split(separator).collect();
    let parts: [&str; N] = parts.try_into().ok()?;
    let fits = parts.iter().zip(lengths).all(|(part, length)| {
        length.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    });
    fits.then(|| parts.map(|part| part.parse().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_moved_to_utc_across_days_and_years() {
        for (text, expected) in [
            (
                "2020-01-01 00:00:00.000000000 Z",
                Some("2020-01-01 00:00:00"),
            ),
            ("2020-01-01T00:30:00+01:00", Some("2019-12-31 23:30:00")),
            ("2020-02-28 23:30:00 -0100", Some("2020-02-29 00:30:00")),
            ("2020-1-1 1:00:00 +5", Some("2019-12-31 20:00:00")),
            (
                "1969-12-31 23:59:59.5 Z",
                Some("1969-12-31 23:59:59.500000"),
            ),
            (
                "2020-01-01 00:00:00.123456789 Z",
                Some("2020-01-01 00:00:00.123456789"),
            ),
            ("0001-03-01 00:00:00 Z", Some("0001-03-01 00:00:00")),
            ("2021-02-30 23:59:60", Some("2021-03-03 00:00:00")),
            ("2020-12-31 24:00:00 Z", Some("2021-01-01 00:00:00")),
            ("2020-01-01 10:00:00 -00:30", Some("2020-01-01 09:30:00")),
            ("2020-01-01 10:00:00 +053", Some("2020-01-01 04:57:00")),
            ("2020-01-01 10:00:00 +05:3", None),
            ("2020-01-01 10:00:00 +530", None),
            ("2020-01-01 \u{a0}10:00:00", None),
            ("2020-01-01 25:00:00 Z", None),
            ("2020-01-01 a:b:c", None),
            ("2020-01-01 10:00", None),
            ("2020-01-01 10:00:00 z", None),
            ("2020-01-01T 10:00:00", None),
            ("2020-13-01 10:00:00", None),
            ("2020-01-01 10:00:00 +24:00", None),
        ] {
            assert_eq!(in_utc(text).as_deref(), expected, "{text}");
        }
        assert_eq!(date("2020-2-29").as_deref(), Some("2020-02-29"));
        assert_eq!(date("2021-02-29"), None);
    }
}
