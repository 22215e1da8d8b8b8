//! Rules as people write them, and what can be wrong with one; it does not apply them.

mod action;
pub mod form;
pub mod format;
pub mod moment;
pub mod predicate;
pub mod round;
pub mod template;

pub use action::{Action, SortKeys};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One `[[normalize.rule]]`: what to look for, and what to write in its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RuleSpec {
    /// A name of its own, shown wherever the rule did something.
    pub name: String,
    /// What the rule applies to; all given conditions must hold.
    #[serde(rename = "match")]
    pub matcher: Match,
    /// Paths the rule leaves alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Fixtures to which the rule is limited: patterns over their paths below the corpus folder, such as `lint/*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<String>,
    /// What is written instead.
    pub action: Action,
    /// A value the rule has to match; the rule is refused otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<serde_json::Value>,
    /// Why the values differ from run to run.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// The conditions of a rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Match {
    /// The value is a member with one of these names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// The value is a member whose name ends with one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suffix: Vec<String>,
    /// The value lies here: a path of RFC 9535 made of names, wildcards, indices, slices and `..`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The value is of this JSON type; `name` chooses the names of members instead of values.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub value_type: Option<ValueType>,
    /// The value is a string of this format, such as `uuid`, `date-time` or `date`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The value is a string in which this regular expression matches; anchor it with `^` and `$`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
}

/// The type of a value, or the name of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValueType {
    /// A string.
    String,
    /// Any number.
    Number,
    /// A number printed without fraction and exponent.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// `null`, which is left alone unless a rule names it.
    Null,
    /// An object.
    Object,
    /// An array.
    Array,
    /// The name of a member.
    Name,
}

/// A rule's place in its plan; stable from fixture to fixture for all but schema annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RuleId(pub usize);

/// Where a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// One of the lists under `[normalize]`, or the replacing of sandbox paths.
    BuiltIn,
    /// A `[[normalize.rule]]`.
    Configured,
    /// An `x-stillframe` annotation in a schema.
    Schema,
}

/// What there is to say about a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleInfo {
    /// Its place in the plan.
    pub id: RuleId,
    /// Its name; a JSON pointer into the schema for an annotation.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Why it is there.
    pub reason: String,
}

impl RuleInfo {
    /// What the lock calls it: an annotation by its word, which says more than its place.
    #[must_use]
    pub fn listed_as(&self) -> &str {
        match self.origin {
            Origin::Schema => &self.reason,
            Origin::BuiltIn | Origin::Configured => &self.name,
        }
    }
}

/// Why a rule is refused, and the edit that makes it acceptable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The rule, the key of `[normalize]`, or the place in the schema.
    pub rule: String,
    /// What is wrong with it.
    pub message: String,
    /// The edit to make.
    pub hint: String,
}

impl RuleError {
    /// An error of the rule named `rule`.
    pub fn new(
        rule: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            rule: rule.into(),
            message: message.into(),
            hint: hint.into(),
        }
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule `{}`: {}; {}", self.rule, self.message, self.hint)
    }
}

impl std::error::Error for RuleError {}
