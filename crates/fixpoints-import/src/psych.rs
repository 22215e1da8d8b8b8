//! What a plain scalar is to Psych, Ruby's YAML library: its rules, in its order. They are not those of YAML 1.1, and
//! what Psych writes without quotes is a text only under its own rules.
//!
//! Psych 4 and 5 differ in `0_` and `0,`, and in dates before 1583; this is Psych 5.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use num_bigint::BigInt;

use crate::time;
use crate::value::{Value, plain_decimal};

/// Reads a scalar that has neither quotes nor a tag.
pub(crate) fn plain(text: &str) -> Value {
    let read = [word, time, date, special, symbol, base_60, real, integer];
    if text.is_empty() {
        return Value::Null;
    }
    let known = read.iter().find_map(|read| read(text));
    known.unwrap_or_else(|| Value::Text(text.to_owned()))
}

fn word(text: &str) -> Option<Value> {
    // A text may have several lines, and Ruby's `^` and `$` match at each of them.
    let lower = text.to_ascii_lowercase();
    let mut lines = lower.split('\n');
    if text.chars().count() > 5
        || lines.any(|line| !line.starts_with(['y', 't', 'o', 'n', 'f', '~']))
    {
        return None;
    }
    let has = |words: &[&str]| lower.split('\n').any(|line| words.contains(&line));
    if text == "~" || has(&["null"]) {
        Some(Value::Null)
    } else if has(&["yes", "true", "on"]) {
        Some(Value::Bool(true))
    } else {
        has(&["no", "false", "off"]).then_some(Value::Bool(false))
    }
}

fn time(text: &str) -> Option<Value> {
    time::in_utc(text).map(Value::Time)
}

fn date(text: &str) -> Option<Value> {
    time::date(text).map(Value::Date)
}

fn special(text: &str) -> Option<Value> {
    let value = match text.to_ascii_lowercase().as_str() {
        ".inf" | "+.inf" => f64::INFINITY,
        "-.inf" => f64::NEG_INFINITY,
        ".nan" => f64::NAN,
        _ => return None,
    };
    Some(Value::Real(value))
}

/// `:paid`, `:"paid twice"`; what follows the last quote is dropped.
fn symbol(text: &str) -> Option<Value> {
    let name = text.strip_prefix(':').filter(|name| !name.is_empty())?;
    if text.contains('\n') {
        return None;
    }
    let quoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| Some(name.strip_prefix(quote)?.rsplit_once(quote)?.0));
    let name = quoted.map_or(name, |name| name.strip_prefix(':').unwrap_or(name));
    Some(Value::Text(name.to_owned()))
}

/// `12:30` and `12:30:15.5`, in seconds. A sign belongs to the hours alone: `-0:30` is 1800.
fn base_60(text: &str) -> Option<Value> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let (sign, digits) = signed(whole);
    let mut parts = digits.split(':');
    let hours = parts.next().filter(|hours| is_number(hours, "_"))?;
    let rest: Vec<u8> = parts.map(sixtieth).collect::<Option<_>>()?;
    let hours = format!("{sign}{}", up_to_two_underscores(hours));
    let (minutes, seconds) = match rest[..] {
        [minutes] => (minutes, 0),
        [minutes, seconds] => (minutes, seconds),
        _ => return None,
    };
    let Some(fraction) = fraction else {
        let hours: BigInt = hours.parse().ok()?;
        return Some(whole_number(
            &(hours * 3600 + u32::from(minutes) * 60 + u32::from(seconds)),
        ));
    };
    if !fraction
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'_')
    {
        return None;
    }
    let fraction = up_to_two_underscores(fraction);
    let float = |number: &str| number.parse::<f64>().ok();
    let last = float(&format!("{}.{fraction}", rest.last()?))?;
    let sum = float(&hours)? * 3600.0;
    Some(Value::Real(match rest[..] {
        [_] => sum + last * 60.0,
        _ => sum + f64::from(minutes) * 60.0 + last,
    }))
}

fn sixtieth(text: &str) -> Option<u8> {
    let is_short = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|value| is_short && *value < 60)
}

/// What Ruby reads of digits that have underscores between them: two in a row end a number.
fn up_to_two_underscores(digits: &str) -> String {
    let first = digits.split("__").next().unwrap_or_default();
    let first = if first.starts_with('_') { "" } else { first };
    first.replace('_', "")
}

/// With a point, and a sign before an exponent.
fn real(text: &str) -> Option<Value> {
    let (sign, digits) = signed(text);
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    let is_whole = whole.is_empty() || is_number(whole, "_,");
    let is_exponent = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']);
        digits.is_some_and(|digits| is_number(digits, ""))
    });
    let is_fraction = fraction.is_empty() || is_number(fraction, "");
    if !is_whole || !is_fraction || !is_exponent || mantissa == "." {
        return None;
    }
    let whole = without_separators(whole);
    let exponent = exponent.unwrap_or("0");
    format!("{sign}{whole}.{fraction}e{exponent}")
        .parse()
        .ok()
        .map(Value::Real)
}

/// Decimal, binary, hexadecimal, or octal with a leading zero.
fn integer(text: &str) -> Option<Value> {
    let (sign, digits) = signed(text);
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'b', ..] => (2, without_separators(&digits[2..])),
        [b'0', b'x', ..] => (16, without_separators(&digits[2..])),
        [b'0', _, ..] => (8, without_separators(&digits[1..])),
        // Only here a separator stands between two digits.
        _ if digits.split(['_', ',']).any(str::is_empty) => return None,
        _ => (10, without_separators(digits)),
    };
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let number = BigInt::parse_bytes(format!("{sign}{digits}").as_bytes(), radix)?;
    Some(whole_number(&number))
}

fn whole_number(number: &BigInt) -> Value {
    match i64::try_from(number) {
        Ok(value) => Value::Integer(value),
        Err(_) => Value::Decimal(number.to_string()),
    }
}

fn signed(text: &str) -> (&str, &str) {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    (if text.starts_with('-') { "-" } else { "" }, digits)
}

/// Whether a text is a digit, then digits and separators.
fn is_number(text: &str, separators: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || separators.contains(c))
}

fn without_separators(digits: &str) -> String {
    digits.replace(['_', ','], "")
}

/// What a scalar means; `is_plain` where it is not quoted.
pub(crate) fn resolve(text: &str, is_plain: bool, tag: Option<&str>) -> Result<Value, String> {
    let wrong = |what: &str| format!("{text:?} is not {what}");
    match tag {
        None if is_plain => Ok(plain(text)),
        None => Ok(Value::Text(text.to_owned())),
        Some("!binary" | "tag:yaml.org,2002:binary") => {
            let compact: String = text.split_whitespace().collect();
            let bytes = BASE64.decode(compact).map_err(|_| wrong("base64"))?;
            Ok(Value::Bytes(bytes))
        }
        Some("!ruby/object:BigDecimal") => decimal(text).ok_or_else(|| wrong("a BigDecimal")),
        Some("tag:yaml.org,2002:float" | "!float") => match plain(text) {
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
        ) => Ok(plain(text)),
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

#[cfg(test)]
mod tests;
