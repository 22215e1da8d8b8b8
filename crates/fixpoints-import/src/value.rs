//! Scalars as Ruby's YAML reader understands them; it knows nothing of columns.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// A scalar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    /// A whole number beyond 64 bits, or a `BigDecimal`: its digits.
    Decimal(String),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
    /// As written.
    Date(String),
    /// In UTC.
    Time(String),
}

impl Value {
    /// As a key, or where only text can stand.
    pub fn into_text(self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Real(value) => format!("{value:?}"),
            Self::Decimal(text) | Self::Text(text) | Self::Date(text) | Self::Time(text) => text,
            Self::Bytes(bytes) => BASE64.encode(bytes),
        }
    }
}

/// A number without an exponent, and without zeros that mean nothing: the value of a `BigDecimal` has no scale.
pub(crate) fn plain_decimal(number: &str) -> Option<String> {
    const LONGEST: i32 = 2000;
    let lower = number.to_ascii_lowercase();
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let exponent: i32 = exponent
        .parse()
        .ok()
        .filter(|value: &i32| value.abs() < LONGEST)?;
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let before = usize::try_from((-point).max(0)).ok()?;
    let digits = format!("{}{digits}", "0".repeat(before));
    let point = usize::try_from(point.max(0)).ok()?;
    let after = point.saturating_sub(digits.len());
    let digits = format!("{digits}{}", "0".repeat(after));
    let (whole, fraction) = digits.split_at(point);
    let (whole, fraction) = (
        whole.trim_start_matches('0'),
        fraction.trim_end_matches('0'),
    );
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if whole == "0" && fraction.is_empty() {
        ""
    } else {
        sign
    };
    Some(if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    })
}
