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
    let exponent: i64 = exponent.parse().unwrap_or(if exponent.starts_with('-') {
        i64::MIN / 2
    } else {
        return None;
    });
    // The value is 0.DDDD times ten to the power of `point`.
    let all = format!("{whole}{fraction}");
    let fraction = fraction.trim_end_matches('0').len() as i64;
    if fraction.saturating_sub(exponent) <= digits && (exponent == 0 || exponent > 0) {
        return if token.contains(['e', 'E']) || decimals(token) <= digits {
            None
        } else {
            Some(plain(&all, whole.len() as i64, digits, negative))
        };
    }
    let point = (whole.len() as i64).saturating_add(exponent);
    if point < -digits {
        return Some("0.0".to_owned());
    }
    Some(plain(&all, point, digits, negative))
}

fn decimals(token: &str) -> i64 {
    token
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len() as i64)
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
