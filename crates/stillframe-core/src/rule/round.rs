//! Rounds a number by its digits as printed; it refuses to go through binary floating point, which would change digits nobody asked about.

/// The token with at most `digits` digits after the point, or `None` when it has no more than that.
///
/// `1.23456` → `1.235` (3), `1.9996` → `2.0`, `-0.00001` → `0.0`, `1.5e-7` → `0.0`. Halves are
/// rounded away from zero. A fraction stays a fraction, so that the type of the value does not change.
#[must_use]
pub fn round(token: &str, digits: u8) -> Option<String> {
    let digits = i64::from(digits);
    let negative = token.starts_with('-');
    let unsigned = token.trim_start_matches('-');
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = match exponent.parse::<i32>() {
        Ok(exponent) => i64::from(exponent),
        Err(_) if exponent.starts_with('-') => i64::from(i32::MIN),
        Err(_) => return None,
    };
    let printed = if exponent == 0 {
        fraction
    } else {
        fraction.trim_end_matches('0')
    };
    if printed.len() as i64 - exponent <= digits {
        return None;
    }
    let point = whole.len() as i64 + exponent;
    if point < -digits {
        return (token != "0.0").then(|| "0.0".to_owned());
    }
    let rounded = plain(&format!("{whole}{fraction}"), point, digits, negative);
    (rounded != token).then_some(rounded)
}

/// Writes 0.`all` times 10^`point`, rounded, without an exponent.
fn plain(all: &str, point: i64, digits: i64, negative: bool) -> String {
    let zeros = usize::try_from(-point).unwrap_or(0);
    let mut text = vec![0; zeros + 1];
    text.extend(all.bytes().map(|byte| byte - b'0'));
    // `text` has one leading zero for a carry; its point follows at `cut`.
    let cut = usize::try_from(point.max(0)).unwrap_or(0) + 1;
    let keep = cut + usize::try_from(digits).unwrap_or(0);
    let up = text.get(keep).is_some_and(|&digit| digit >= 5);
    text.resize(keep, 0);
    let mut carry = u8::from(up);
    for digit in text.iter_mut().rev() {
        *digit += carry;
        carry = u8::from(*digit == 10);
        *digit %= 10;
    }
    let show = |part: &[u8]| {
        part.iter()
            .map(|&digit| char::from(b'0' + digit))
            .collect::<String>()
    };
    let (whole, fraction) = (show(&text[..cut]), show(&text[cut..]));
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let sign = if negative && !(whole.is_empty() && fraction.is_empty()) {
        "-"
    } else {
        ""
    };
    let or_zero = |part: &str| {
        if part.is_empty() {
            "0".to_owned()
        } else {
            part.to_owned()
        }
    };
    format!("{sign}{}.{}", or_zero(whole), or_zero(fraction))
}

#[cfg(test)]
mod tests {
    use super::round;

    #[track_caller]
    fn check(token: &str, digits: u8, expected: &str) {
        let rounded = round(token, digits).unwrap_or_else(|| token.to_owned());
        assert_eq!(rounded, expected);
        assert_eq!(round(&rounded, digits), None, "rounded twice");
    }

    #[test]
    fn digits_beyond_the_last_are_rounded_half_away_from_zero() {
        check("1.23456", 3, "1.235");
        check("1.2345", 3, "1.235");
        check("-1.2345", 3, "-1.235");
        check("1.23449999", 3, "1.234");
        check("0.5", 0, "1.0");
        check("123.456", 0, "123.0");
    }

    #[test]
    fn a_carry_runs_through_the_point() {
        check("1.9996", 3, "2.0");
        check("99.9999", 2, "100.0");
        check("0.0009996", 6, "0.001");
    }

    #[test]
    fn next_to_nothing_is_zero_without_a_sign() {
        check("-0.00001", 3, "0.0");
        check("1.5e-7", 3, "0.0");
        check("-4e-99999999999", 3, "0.0");
        check("0.00049", 3, "0.0");
        check("0.0005", 3, "0.001");
    }

    #[test]
    fn what_has_no_more_digits_stays_as_printed() {
        for token in [
            "1",
            "-0",
            "1.10",
            "1e2",
            "1.5E+3",
            "1.234",
            "18446744073709551616",
            "1e99999999999",
            "1.50e-1",
        ] {
            check(token, 3, token);
        }
    }

    #[test]
    fn an_exponent_is_counted_in() {
        check("1234.56e-3", 3, "1.235");
        check("1.23456e1", 3, "12.346");
        check("5e-4", 3, "0.001");
    }
}
