//! Patterns over the paths of fixtures, such as `lint/*`; they never look at a folder.

use glob::{MatchOptions, Pattern};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// `*` and `?` stay within a folder, `**` does not; a dot is like any other character.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// A pattern over the paths of fixtures below the corpus folder.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
pub struct FixturePattern(Pattern);

impl FixturePattern {
    /// Reads a pattern; the error is a whole message.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with('/') {
            return Err(format!(
                "`{text}` begins with `/`; patterns are matched with paths below the corpus folder, such as `lint/a.json`"
            ));
        }
        Pattern::new(text)
            .map(FixturePattern)
            .map_err(|error| format!("`{text}` is not a pattern: {error}"))
    }

    /// Whether it matches a fixture's path, which has forward slashes.
    pub fn matches(&self, path: &str) -> bool {
        self.0.matches_with(path, OPTIONS)
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl<'de> Deserialize<'de> for FixturePattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        FixturePattern::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
