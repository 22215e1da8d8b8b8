//! Scalars as Ruby's YAML reader understands them; it knows nothing of columns.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::time;

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
            Self::Real(value) => value.to_string(),
            Self::Decimal(text) | Self::Text(text) | Self::Date(text) | Self::Time(text) => text,
            Self::Bytes(bytes) => BASE64.encode(bytes),
        }
    }
}

/// What a scalar means; `plain` where it is not quoted.
pub(crate) fn resolve(text: &str, plain: bool, tag: Option<&str>) -> Result<Value, String> {
    let Some(tag) = tag else {
        return if plain {
            untagged(text)
        } else {
            Ok(Value::Text(text.to_owned()))
        };
    };
    let wrong = |what: &str| format!("{text:?} is no {what}");
    match tag {
        "!" | "!str" | "tag:yaml.org,2002:str" | "!ruby/string" | "!ruby/symbol" | "!ruby/sym" => {
            Ok(Value::Text(text.to_owned()))
        }
        "!binary" | "tag:yaml.org,2002:binary" => {
            let compact: String = text.split_whitespace().collect();
            BASE64
                .decode(compact)
                .map(Value::Bytes)
                .map_err(|_| wrong("base64"))
        }
        "!ruby/object:BigDecimal" => decimal(text).ok_or_else(|| wrong("BigDecimal")),
        "!ruby/object:Date" => match untagged(text)? {
            date @ Value::Date(_) => Ok(date),
            _ => Err(wrong("date")),
        },
        "!ruby/object:DateTime" | "!ruby/object:Time" | "tag:yaml.org,2002:timestamp" => {
            match untagged(text)? {
                time @ (Value::Time(_) | Value::Date(_)) => Ok(time),
                _ => Err(wrong("time")),
            }
        }
        "tag:yaml.org,2002:null" => Ok(Value::Null),
        "tag:yaml.org,2002:int" => match untagged(text)? {
            number @ (Value::Integer(_) | Value::Decimal(_)) => Ok(number),
            _ => Err(wrong("whole number")),
        },
        "tag:yaml.org,2002:float" => real(text)
            .or_else(|| text.parse().ok())
            .map(Value::Real)
            .ok_or_else(|| wrong("number")),
        "tag:yaml.org,2002:bool" => boolean(text)
            .map(Value::Bool)
            .ok_or_else(|| wrong("truth value")),
        other => Err(format!("the tag {other} is not known")),
    }
}

fn untagged(text: &str) -> Result<Value, String> {
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Value::Null);
    }
    if let Some(value) = boolean(text) {
        return Ok(Value::Bool(value));
    }
    if let Some(symbol) = text.strip_prefix(':').filter(|symbol| !symbol.is_empty()) {
        let quoted = symbol
            .strip_prefix('"')
            .and_then(|inner| inner.strip_suffix('"'));
        return Ok(Value::Text(quoted.unwrap_or(symbol).to_owned()));
    }
    let number = integer(text)
        .or_else(|| base_60(text))
        .or_else(|| real(text).map(Value::Real));
    if let Some(number) = number {
        return Ok(number);
    }
    if time::is_date(text) {
        return Ok(Value::Date(text.to_owned()));
    }
    if time::looks_like_time(text) {
        return time::in_utc(text)
            .map(Value::Time)
            .ok_or_else(|| format!("{text:?} is no time"));
    }
    Ok(Value::Text(text.to_owned()))
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Decimal, binary, octal with a leading zero, or hexadecimal; `_` and `,` between digits mean nothing.
fn integer(text: &str) -> Option<Value> {
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (if text.starts_with('-') { "-" } else { "" }, rest),
        None => ("", text),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) || digits.ends_with(['_', ',']) {
        return None;
    }
    let compact: String = digits.chars().filter(|c| !matches!(c, '_' | ',')).collect();
    let (radix, rest) = if let Some(rest) = compact.strip_prefix("0x") {
        (16, rest)
    } else if let Some(rest) = compact.strip_prefix("0b") {
        (2, rest)
    } else if compact.len() > 1 && compact.starts_with('0') {
        (8, &compact[1..])
    } else {
        (10, compact.as_str())
    };
    if rest.is_empty() || !rest.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let signed = format!("{sign}{rest}");
    match i64::from_str_radix(&signed, radix) {
        Ok(value) => Some(Value::Integer(value)),
        Err(_) => (radix == 10).then_some(Value::Decimal(signed)),
    }
}

/// `12:30` is a number to Ruby, as to every reader of YAML 1.1.
fn base_60(text: &str) -> Option<Value> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let parts: Vec<&str> = digits.split(':').collect();
    let fits = |part: &&str| {
        (1..=2).contains(&part.len()) && part.parse::<u8>().is_ok_and(|value| value < 60)
    };
    if !(2..=3).contains(&parts.len()) || !parts[1..].iter().all(fits) {
        return None;
    }
    let first: i64 = parts[0].parse().ok().filter(|value: &i64| *value >= 0)?;
    let mut value = first.checked_mul(3600)?;
    for (part, weight) in parts[1..].iter().zip([60, 1]) {
        value = value.checked_add(part.parse::<i64>().ok()? * weight)?;
    }
    Some(Value::Integer(sign * value))
}

/// With a point; the infinities and NaN have names.
fn real(text: &str) -> Option<f64> {
    match text.to_ascii_lowercase().as_str() {
        ".inf" | "+.inf" => return Some(f64::INFINITY),
        "-.inf" => return Some(f64::NEG_INFINITY),
        ".nan" => return Some(f64::NAN),
        _ => {}
    }
    let allowed =
        |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E' | '_' | ',');
    let digits = text.chars().any(|c| c.is_ascii_digit());
    if !text.contains('.') || !digits || !text.chars().all(allowed) {
        return None;
    }
    let compact: String = text.chars().filter(|c| !matches!(c, '_' | ',')).collect();
    compact.parse().ok()
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

/// A UUID without braces, hyphens and capitals.
pub(crate) fn plain_uuid(text: &str) -> Option<String> {
    let inside = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    let digits: String = inside
        .unwrap_or(text)
        .chars()
        .filter(|c| *c != '-')
        .collect();
    let is_uuid = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_uuid.then(|| digits.to_ascii_lowercase())
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
    fn scalars_mean_what_they_mean_to_ruby() {
        let time = |value: &str| Value::Time(value.to_owned());
        let cases = [
            ("~", Value::Null),
            ("Yes", Value::Bool(true)),
            ("off", Value::Bool(false)),
            (":paid", text("paid")),
            (":\"paid twice\"", text("paid twice")),
            ("1_000", Value::Integer(1000)),
            ("-12", Value::Integer(-12)),
            ("010", Value::Integer(8)),
            ("08", text("08")),
            ("0x1f", Value::Integer(31)),
            ("12:30", Value::Integer(45_000)),
            (
                "18446744073709551616",
                Value::Decimal("18446744073709551616".to_owned()),
            ),
            ("1.50", Value::Real(1.5)),
            ("-.inf", Value::Real(f64::NEG_INFINITY)),
            ("1.2.3", text("1.2.3")),
            ("2020-02-29", Value::Date("2020-02-29".to_owned())),
            (
                "2020-01-01 00:00:00.000000000 Z",
                time("2020-01-01 00:00:00"),
            ),
            (
                "2020-01-01 01:30:00.120000000 +02:00",
                time("2019-12-31 23:30:00.120000"),
            ),
            ("plain words", text("plain words")),
        ];
        for (written, expected) in cases {
            assert_eq!(resolve(written, true, None), Ok(expected), "{written}");
        }
        assert_eq!(resolve("1", false, None), Ok(text("1")));
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
    }
}
