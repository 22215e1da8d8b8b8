//! A value written in TOML, as JSON; what JSON has no form for is refused, never bent.

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// For `#[serde(deserialize_with)]`: refuses dates, NaN and the infinities.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    let written = toml::Value::deserialize(deserializer)?;
    to_json(written).map_err(D::Error::custom)
}

/// The JSON of a TOML value; the error is a lowercase fragment.
pub fn to_json(written: toml::Value) -> Result<Value, String> {
    Ok(match written {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Float(number) => Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| format!("JSON has no number `{number}`; write a string"))?,
        toml::Value::Datetime(date) => {
            return Err(format!("JSON has no dates; write the string \"{date}\""));
        }
        toml::Value::Array(items) => items.into_iter().map(to_json).collect::<Result<_, _>>()?,
        toml::Value::Table(members) => members
            .into_iter()
            .map(|(key, value)| Ok((key, to_json(value)?)))
            .collect::<Result<_, String>>()?,
    })
}

/// A value written in TOML, inside of something larger.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct TomlValue(pub Value);

impl<'de> Deserialize<'de> for TomlValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(TomlValue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(value: &str) -> String {
        let table: toml::Table = format!("v = {value}").parse().unwrap();
        match to_json(table["v"].clone()) {
            Ok(value) => value.to_string(),
            Err(reason) => reason,
        }
    }

    #[test]
    fn what_json_has_no_form_for_is_refused() {
        assert_eq!(
            said("[1, 2.5, \"x\", { a = true }]"),
            r#"[1,2.5,"x",{"a":true}]"#
        );
        assert_eq!(
            said("1979-05-27"),
            "JSON has no dates; write the string \"1979-05-27\""
        );
        assert_eq!(
            said("{ z = [nan] }"),
            "JSON has no number `NaN`; write a string"
        );
    }
}
