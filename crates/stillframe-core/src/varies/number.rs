//! What a number that varies stands for, as far as its name and its two values tell.

use super::pair::Place;

/// What a number stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Numeric {
    Moment,
    Elapsed,
    Counter,
    /// A fraction that is the same when rounded to so many digits.
    Noise(u8),
    Any,
}

const TIMES: &[&str] = &[
    "ms",
    "us",
    "ns",
    "s",
    "sec",
    "secs",
    "second",
    "seconds",
    "millis",
    "time",
    "times",
    "timing",
    "timings",
    "took",
    "elapsed",
    "duration",
    "durations",
    "latency",
    "latencies",
    "runtime",
    "uptime",
    "cpu",
    "wall",
    "age",
];
const COUNTERS: &[&str] = &[
    "id",
    "pid",
    "seq",
    "sequence",
    "counter",
    "number",
    "no",
    "version",
    "revision",
    "generation",
    "serial",
];

pub(super) fn numeric(place: &Place, pairs: &[(String, String)]) -> Numeric {
    if are_moments(pairs) {
        return Numeric::Moment;
    }
    // A member of `timings` is a time, whatever its own name.
    if words(&place.pattern).any(|word| TIMES.contains(&word.as_str())) {
        return Numeric::Elapsed;
    }
    let float = |token: &str| token.contains(['.', 'e', 'E']);
    if pairs
        .iter()
        .any(|(first, second)| float(first) || float(second))
    {
        return noise(&values(pairs)).map_or(Numeric::Any, Numeric::Noise);
    }
    let key = place.key.as_deref().unwrap_or_default();
    if words(key).any(|word| COUNTERS.contains(&word.as_str())) {
        return Numeric::Counter;
    }
    Numeric::Any
}

/// Whether all of these are seconds since 1970, or parts of a second, and those of a pair lie close together.
pub(super) fn are_moments(pairs: &[(String, String)]) -> bool {
    /// Of this century, in seconds.
    const CENTURY: std::ops::Range<f64> = 1e9..4.1e9;
    const DAY: f64 = 86_400.0;
    let values = values(pairs);
    let in_unit = |unit: f64| {
        let mut seconds = values
            .iter()
            .map(|(first, second)| (first / unit, second / unit));
        seconds.all(|(first, second)| CENTURY.contains(&first) && (first - second).abs() < DAY)
    };
    values.len() == pairs.len() && [1.0, 1e3, 1e6, 1e9].into_iter().any(in_unit)
}

/// How many digits are the same in spite of noise.
///
/// Whatever was measured differs by more: were it rounded, a third run would now and then fall on the other side.
fn noise(values: &[(f64, f64)]) -> Option<u8> {
    /// Of the value.
    const MOST: f64 = 1e-4;
    let near = |&(first, second): &(f64, f64)| {
        (first - second).abs() <= MOST * first.abs().max(second.abs())
    };
    let same = |digits: &u8| {
        let rounded = |value: f64| format!("{value:.*}", usize::from(*digits));
        values
            .iter()
            .all(|&(first, second)| rounded(first) == rounded(second))
    };
    let digits = (0..=9).rev().find(same)?;
    // One digit fewer than would do for these two: a third run differs a little more.
    values.iter().all(near).then(|| digits.saturating_sub(1))
}

fn values(pairs: &[(String, String)]) -> Vec<(f64, f64)> {
    let value =
        |(first, second): &(String, String)| Some((first.parse().ok()?, second.parse().ok()?));
    pairs.iter().filter_map(value).collect()
}

/// The words of names such as `real_time`, `durationMs` and `$.timings.AL01`, in lower case.
fn words(names: &str) -> impl Iterator<Item = String> {
    let mut text = String::new();
    let mut was_lower = false;
    for letter in names.chars() {
        if was_lower && letter.is_uppercase() {
            text.push(' ');
        }
        was_lower = letter.is_lowercase();
        text.extend(letter.to_lowercase());
    }
    let words: Vec<String> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .map(str::to_owned)
        .collect();
    words.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str, first: &str, second: &str) -> Numeric {
        let key = pattern.rsplit('.').next().map(str::to_owned);
        let place = Place {
            pattern: pattern.to_owned(),
            of: String::new(),
            key,
        };
        numeric(&place, &[(first.to_owned(), second.to_owned())])
    }

    #[test]
    fn only_what_differs_in_its_last_digits_is_noise() {
        assert_eq!(of("$.x", "0.30000000000000004", "0.3"), Numeric::Noise(8));
        assert_eq!(of("$.x", "0.123456", "0.123461"), Numeric::Noise(4));
        for (first, second) in [
            ("9.14e-05", "9.19e-05"),
            ("0.8312", "0.8314"),
            ("0.0", "0.1"),
        ] {
            assert_eq!(
                of("$.x", first, second),
                Numeric::Any,
                "{first} and {second}"
            );
        }
    }

    #[test]
    fn a_time_is_known_by_any_name_around_it() {
        for name in [
            "$.took",
            "$.durationMs",
            "$[*].timings.AL01",
            "$.real_time",
            "$.Elapsed",
        ] {
            assert_eq!(of(name, "0.5", "0.7"), Numeric::Elapsed, "{name}");
        }
        assert_eq!(of("$.items", "5", "7"), Numeric::Any);
    }

    #[test]
    fn two_points_in_time_lie_close_together() {
        assert_eq!(of("$.x", "1795746951", "1795746965"), Numeric::Moment);
        assert_eq!(of("$.x", "1795746951123", "1795746965321"), Numeric::Moment);
        assert_eq!(of("$.x", "1795746951", "3012345678"), Numeric::Any);
    }
}
