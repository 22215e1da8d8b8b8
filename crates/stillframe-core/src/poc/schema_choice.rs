//! Which schema a step or the configuration gives a capture.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

/// What decides about a capture's schema.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SchemaChoice {
    /// The output itself.
    #[default]
    Output,
    /// The configuration or the step names one.
    Schema(String),
    /// It is not validated.
    Off,
}

impl fmt::Display for SchemaChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SchemaChoice::Output => f.write_str("what the output names"),
            SchemaChoice::Schema(name) => write!(f, "\"{name}\""),
            SchemaChoice::Off => f.write_str("false"),
        }
    }
}

/// `schema = "name"` or `schema = false`; where it is left out, the output decides.
impl<'de> Deserialize<'de> for SchemaChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrFalse;
        impl Visitor<'_> for NameOrFalse {
            type Value = SchemaChoice;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a schema, or `false`")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<SchemaChoice, E> {
                if name.is_empty() {
                    return Err(E::custom(
                        "`schema = \"\"` names no schema; write `false` where the output has none",
                    ));
                }
                Ok(SchemaChoice::Schema(name.to_owned()))
            }
            fn visit_bool<E: de::Error>(self, validated: bool) -> Result<SchemaChoice, E> {
                if validated {
                    return Err(E::custom(
                        "`schema = true` does not say which one; write its name, or leave `schema` out",
                    ));
                }
                Ok(SchemaChoice::Off)
            }
        }
        deserializer.deserialize_any(NameOrFalse)
    }
}

impl JsonSchema for SchemaChoice {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SchemaChoice".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [{"type": "string", "minLength": 1}, {"const": false}]})
    }
}
