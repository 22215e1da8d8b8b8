//! Scalars as Ruby's YAML reader understands them; it knows nothing of columns.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::psych;

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

/// What a scalar means; `plain` where it is not quoted.
pub(crate) fn resolve(text: &str, plain: bool, tag: Option<&str>) -> Result<Value, String> {
    let wrong = |what: &str| format!("{text:?} is not {what}");
    match tag {
        None if plain => Ok(psych::plain(text)),
        None => Ok(Value::Text(text.to_owned())),
        Some("!binary" | "tag:yaml.org,2002:binary") => {
            let compact: String = text.split_whitespace().collect();
            let bytes = BASE64.decode(compact).map_err(|_| wrong("base64"))?;
            Ok(Value::Bytes(bytes))
        }
        Some("!ruby/object:BigDecimal") => decimal(text).ok_or_else(|| wrong("a BigDecimal")),
        Some("tag:yaml.org,2002:float" | "!float") => match psych::plain(text) {
            Value::Integer(value) => Ok(Value::Real(value as f64)),
            number @ Value::Real(_) => Ok(number),
            _ => Err(wrong("a number")),
        },
        Some("!str" | "tag:yaml.org,2002:str") => Ok(Value::Text(text.to_owned())),
        Some(tag) if is_text(tag) => Ok(Value::Text(text.to_owned())),
        // Psych reads what is inside, whether it has quotes or not, and asks no further.
        Some(
            "!"
            | "!ruby/object:Date"
            | "!ruby/object:DateTime"
            | "!ruby/object:Time"
            | "tag:yaml.org,2002:bool"
            | "tag:yaml.org,2002:int"
            | "tag:yaml.org,2002:null"
            | "tag:yaml.org,2002:timestamp",
        ) => Ok(psych::plain(text)),
        Some(other) => Err(format!("the tag {other} is not known")),
    }
}

/// Symbols and strings, also those of a class of their own.
fn is_text(tag: &str) -> bool {
    let kind = tag.strip_prefix("!ruby/").unwrap_or_default();
    let kind = kind.split(':').next().unwrap_or_default();
    ["string", "sym", "symbol"].contains(&kind)
}

/// `18:0.11e1`, where the first number says how much room it took in memory, as the plain decimal `1.1`.
fn decimal(text: &str) -> Option<Value> {
    let number = match text.split_once(':') {
        Some((room, number)) if room.chars().all(|c| c.is_ascii_digit()) => number,
        _ => text,
    };
    match number {
        "NaN" => return Some(Value::Real(f64::NAN)),
        "Infinity" => return Some(Value::Real(f64::INFINITY)),
        "-Infinity" => return Some(Value::Real(f64::NEG_INFINITY)),
        _ => {}
    }
    plain_decimal(number).map(Value::Decimal)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    #[test]
    fn tags_of_ruby_are_read_and_others_refused() {
        let decimal = |value: &str| resolve(value, true, Some("!ruby/object:BigDecimal"));
        for (written, expected) in [
            ("18:0.11e1", "1.1"),
            ("27:0.1e4", "1000"),
            ("-0.5e-3", "-0.0005"),
            ("0.0", "0"),
            ("36:0.12345678901234567890123e3", "123.45678901234567890123"),
        ] {
            assert_eq!(
                decimal(written),
                Ok(Value::Decimal(expected.to_owned())),
                "{written}"
            );
        }
        assert!(decimal("1e999999999").is_err() && decimal("x").is_err());
        assert_eq!(resolve("a", true, Some("!ruby/symbol")), Ok(text("a")));
        assert_eq!(
            resolve("AP8=\n", false, Some("!binary")),
            Ok(Value::Bytes(vec![0, 255]))
        );
        assert!(resolve("x", true, Some("!ruby/object:OpenStruct")).is_err());
        for (written, tag, expected) in [
            ("12", "!", Value::Integer(12)),
            ("12", "!str", text("12")),
            ("12", "!ruby/string:SafeBuffer", text("12")),
            ("12", "tag:yaml.org,2002:float", Value::Real(12.0)),
            ("x", "tag:yaml.org,2002:null", text("x")),
        ] {
            assert_eq!(resolve(written, false, Some(tag)), Ok(expected), "{tag}");
        }
    }
}
