//! The names of tests and fixtures, as their runner and their definition give them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A test, by the name under which it can be told apart from all others of its suite.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct TestName(String);

/// A fixture: a file, a table, or a key of a map.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct FixtureName(String);

impl TestName {
    /// The function of a test with parameters: `module::function` of `module::function[path0]`.
    pub fn function(&self) -> &str {
        self.parametrised().unwrap_or(&self.0)
    }

    /// The same; nothing for a test without parameters.
    pub fn parametrised(&self) -> Option<&str> {
        let (function, _) = self.0.strip_suffix(']')?.split_once('[')?;
        Some(function)
    }
}

impl TestName {
    /// Whether this is the other test, or all tests of its function: `module::function[…]` stands for each of them.
    pub fn stands_for(&self, other: &TestName) -> bool {
        self == other || (self.0.ends_with(GROUP) && self.parametrised() == other.parametrised())
    }
}

/// The parameters of a name that stands for all tests of a function.
pub const GROUP: &str = "[…]";

macro_rules! name {
    ($name:ident) => {
        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> $name {
                $name(name.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> $name {
                $name(name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

name!(TestName);
name!(FixtureName);
