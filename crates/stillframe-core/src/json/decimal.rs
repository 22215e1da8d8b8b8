//! Numbers as they are written, compared exactly: digits and an exponent, and never a double.

use std::borrow::Cow;
use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};

/// As many digits as an exponent, or a divisor, may have. Nobody writes more, and arithmetic on them takes the square.
const MOST_DIGITS: usize = 4096;
/// A number of up to so many significant digits, and of a modest size, is the same number as a double.
const DIGITS_OF_A_DOUBLE: usize = 15;

/// The number 0.d₁d₂…dₙ × 10^exponent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal<'a> {
    negative: bool,
    /// Without zeros at either end; none for zero.
    digits: Cow<'a, [u8]>,
    exponent: BigInt,
}

impl<'a> Decimal<'a> {
    /// Reads a number as JSON writes it; none for an exponent of more than 4096 digits.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (mantissa, exponent) = split_exponent(text);
        let negative = mantissa.starts_with('-');
        let mantissa = mantissa.trim_start_matches('-');
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let (digits, leading) = if fraction.bytes().all(|digit| digit == b'0') {
            (Cow::Borrowed(whole.as_bytes()), whole.len())
        } else {
            let all = [whole.as_bytes(), fraction.as_bytes()].concat();
            (Cow::Owned(all), whole.len())
        };
        let before = digits.iter().take_while(|digit| **digit == b'0').count();
        if before == digits.len() {
            return Some(Decimal {
                negative: false,
                digits: Cow::Borrowed(&[]),
                exponent: BigInt::ZERO,
            });
        }
        let after = digits
            .iter()
            .rev()
            .take_while(|digit| **digit == b'0')
            .count();
        let kept = before..digits.len() - after;
        let digits = match digits {
            Cow::Borrowed(all) => Cow::Borrowed(&all[kept]),
            Cow::Owned(all) => Cow::Owned(all[kept].to_vec()),
        };
        let exponent = written_exponent(exponent)? + BigInt::from(leading) - BigInt::from(before);
        Some(Decimal {
            negative,
            digits,
            exponent,
        })
    }

    /// The same number without the text it was read from.
    #[must_use]
    pub fn into_owned(self) -> Decimal<'static> {
        Decimal {
            negative: self.negative,
            digits: Cow::Owned(self.digits.into_owned()),
            exponent: self.exponent,
        }
    }

    fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Whether it has no fraction: `1.0` and `1e2` have none.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        self.is_zero() || self.exponent >= BigInt::from(self.digits.len())
    }

    /// Whether it is a whole number of times `divisor`; none for a divisor of zero, or of more than 4096 digits.
    #[must_use]
    pub fn is_multiple_of(&self, divisor: &Decimal<'_>) -> Option<bool> {
        if divisor.is_zero() || divisor.digits.len() > MOST_DIGITS {
            return None;
        }
        if self.is_zero() {
            return Some(true);
        }
        // value / divisor = (digits × 10^shift) / (the divisor's digits)
        let shift =
            (&self.exponent - self.digits.len()) - (&divisor.exponent - divisor.digits.len());
        // The digits do not end in a zero, so they are no multiple of ten.
        let Ok(shift) = u64::try_from(&shift) else {
            return Some(shift.sign() == Sign::Plus && self.divides(divisor, u64::MAX));
        };
        Some(self.divides(divisor, shift))
    }

    /// Whether digits × 10^shift is a multiple of the divisor's digits.
    fn divides(&self, divisor: &Decimal<'_>, shift: u64) -> bool {
        let mut rest = BigUint::parse_bytes(&divisor.digits, 10).unwrap_or_default();
        // Of its factors of two and five, the power of ten provides `shift` each.
        for prime in [2u32, 5] {
            let mut provided = 0;
            while provided < shift && (&rest % prime) == BigUint::ZERO {
                rest /= prime;
                provided += 1;
            }
        }
        remainder(&self.digits, &rest) == BigUint::ZERO
    }

    /// One spelling for each number.
    #[must_use]
    pub fn canonical(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let digits = String::from_utf8_lossy(&self.digits);
        format!("{sign}0.{digits}e{}", self.exponent)
    }

    fn cmp_magnitude(&self, other: &Decimal<'_>) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self
                .exponent
                .cmp(&other.exponent)
                .then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.cmp_magnitude(other),
            (true, true) => other.cmp_magnitude(self),
        }
    }
}

/// Whether a double may stand for another number than this text.
pub(crate) fn is_beyond_double(text: &str) -> bool {
    let (mantissa, exponent) = split_exponent(text);
    if text.len() <= DIGITS_OF_A_DOUBLE && exponent.is_empty() {
        return false;
    }
    let digits = mantissa
        .bytes()
        .filter(u8::is_ascii_digit)
        .skip_while(|digit| *digit == b'0')
        .count();
    // Far from where doubles end on either side, with room for the digits before and after the point.
    let modest = mantissa.len() < 50
        && exponent.len() <= 4
        && exponent.parse::<i32>().unwrap_or(0).abs() < 200;
    digits > DIGITS_OF_A_DOUBLE || !modest
}

fn split_exponent(text: &str) -> (&str, &str) {
    text.split_once(['e', 'E']).unwrap_or((text, ""))
}

fn written_exponent(text: &str) -> Option<BigInt> {
    let negative = text.starts_with('-');
    let digits = text.trim_start_matches(['+', '-']).trim_start_matches('0');
    if digits.len() > MOST_DIGITS {
        return None;
    }
    let size = BigInt::parse_bytes(digits.as_bytes(), 10).unwrap_or_default();
    Some(if negative { -size } else { size })
}

/// The remainder of a number given by its digits, in time in proportion to their count.
fn remainder(digits: &[u8], divisor: &BigUint) -> BigUint {
    if let Ok(divisor) = u64::try_from(divisor) {
        let next = |rest, digit: &u8| (rest * 10 + u128::from(digit - b'0')) % u128::from(divisor);
        let rest: u128 = digits.iter().fold(0, next);
        return BigUint::from(rest);
    }
    let mut rest = BigUint::ZERO;
    for chunk in digits.chunks(18) {
        let value = chunk
            .iter()
            .fold(0u64, |value, digit| value * 10 + u64::from(digit - b'0'));
        rest = (rest * 10u64.pow(chunk.len() as u32) + value) % divisor;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal<'_> {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn numbers_are_compared_as_they_are_written() {
        let ascending = [
            "-1e99999999999999999999",
            "-18446744073709551617",
            "-18446744073709551616",
            "-1",
            "-1E-400",
            "0",
            "1e-99999999999999999999",
            "1e-400",
            "0.1",
            "0.1000000000000000055511151231257827",
            "0.30000000000000004",
            "1",
            "9007199254740992",
            "9007199254740993",
            "18446744073709551615",
            "18446744073709551616",
            "1e400",
            "1.0000000000000000000000000000001e400",
            "1e401",
            "1e99999999999999999999",
        ];
        for (index, smaller) in ascending.iter().enumerate() {
            for larger in &ascending[index + 1..] {
                assert!(decimal(smaller) < decimal(larger), "{smaller} {larger}");
                assert!(decimal(larger) > decimal(smaller), "{smaller} {larger}");
            }
        }
    }

    #[test]
    fn a_number_has_many_spellings() {
        for same in [
            &["0", "-0", "0.0", "-0.00e7", "0e99999999999999999999"] as &[&str],
            &[
                "100",
                "1e2",
                "1E+2",
                "100.0",
                "0.1e3",
                "1000e-1",
                "1.00e0002",
            ],
            &["-0.5", "-5e-1", "-0.50"],
            &["1e400", "10e399", "0.001E403"],
        ] {
            for text in same {
                assert_eq!(decimal(text), decimal(same[0]), "{text}");
                assert_eq!(decimal(text).canonical(), decimal(same[0]).canonical());
            }
        }
    }

    #[test]
    fn integers_are_told_from_fractions_at_any_size() {
        for text in [
            "0",
            "-0.0",
            "1.0",
            "1e400",
            "1.5e1",
            "18446744073709551617",
            "100e-2",
        ] {
            assert!(decimal(text).is_integer(), "{text}");
        }
        for text in [
            "0.5",
            "1e-400",
            "1.5",
            "18446744073709551617.5",
            "1e-99999999999999999999",
        ] {
            assert!(!decimal(text).is_integer(), "{text}");
        }
    }

    #[test]
    fn multiples_are_exact() {
        for (value, divisor, expected) in [
            ("0.3", "0.1", true),
            ("0.30000000000000004", "0.1", false),
            ("18446744073709551617", "2", false),
            ("18446744073709551618", "2", true),
            ("1e400", "3", false),
            ("3e400", "3", true),
            ("1e400", "7e399", false),
            ("1e400", "16e390", true),
            ("1e99999999999999999999", "1024", true),
            ("1e-400", "1e-401", true),
            ("1e-401", "1e-400", false),
            ("0", "7", true),
            ("4.5", "1.5", true),
            (
                "340282366920938463463374607431768211456",
                "18446744073709551616",
                true,
            ),
            (
                "340282366920938463463374607431768211457",
                "18446744073709551616",
                false,
            ),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
                true,
            ),
        ] {
            let found = decimal(value).is_multiple_of(&decimal(divisor));
            assert_eq!(found, Some(expected), "{value} {divisor}");
        }
        assert_eq!(decimal("1").is_multiple_of(&decimal("0")), None);
    }

    #[test]
    fn what_a_double_holds_is_told_from_what_it_does_not() {
        for text in [
            "0",
            "-0.0",
            "0.1",
            "123456789012345",
            "1e22",
            "1.5e-150",
            "0.000001",
        ] {
            assert!(!is_beyond_double(text), "{text}");
        }
        for text in [
            "9007199254740993",
            "0.10000000000000001",
            "1e400",
            "1e-400",
            "1e0000000000000000000400",
            &format!("0.{}1", "0".repeat(400)),
            "123456789012345678901234567890",
        ] {
            assert!(is_beyond_double(text), "{text}");
        }
    }

    #[test]
    fn an_exponent_that_nobody_writes_is_refused() {
        assert!(Decimal::parse(&format!("1e{}", "9".repeat(4097))).is_none());
        assert!(Decimal::parse(&format!("1e{}", "0".repeat(4097))).is_some());
    }

    proptest! {
        #[test]
        fn it_agrees_with_integers(a in any::<i64>(), b in any::<i64>(), zeros in 0usize..4) {
            let spell = |n: i64| format!("{n}.{}", "0".repeat(zeros + 1));
            let (x, y) = (spell(a), b.to_string());
            prop_assert_eq!(decimal(&x).cmp(&decimal(&y)), a.cmp(&b));
            prop_assert!(decimal(&x).is_integer());
            if b != 0 {
                prop_assert_eq!(decimal(&x).is_multiple_of(&decimal(&y)), Some(i128::from(a) % i128::from(b) == 0));
            }
        }

        #[test]
        fn a_number_within_a_double_is_the_number_that_the_double_prints(
            digits in 0u64..1_000_000_000_000_000, exponent in -150i32..150,
        ) {
            let text = format!("{digits}e{exponent}");
            prop_assume!(!is_beyond_double(&text));
            let double: f64 = text.parse().unwrap();
            let printed = serde_json::Number::from_f64(double).unwrap().to_string();
            prop_assert_eq!(decimal(&printed), decimal(&text));
        }
    }
}
