//! The `[normalize]` and `[format]` tables as people write them; it does not judge them.

use crate::rule::RuleSpec;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is normalised. A list replaces its default, `extend-…` adds to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// Numbers in members whose name ends with one of these become 0.
    pub timing_suffixes: Vec<String>,
    /// Added to `timing-suffixes`.
    pub extend_timing_suffixes: Vec<String>,
    /// Points in time in members with one of these names become `timestamp`, in their own form; other text stays.
    pub wall_clock_fields: Vec<String>,
    /// Added to `wall-clock-fields`.
    pub extend_wall_clock_fields: Vec<String>,
    /// What is written for a point in time, in the form of RFC 3339; one without an offset, or without a time, gets
    /// only the parts it has.
    pub timestamp: String,
    /// Names of members, or paths, of values that no rule may touch.
    pub preserve: Vec<String>,
    /// Added to `preserve`.
    pub extend_preserve: Vec<String>,
    /// Names of members, or paths, of payloads that nothing looks into.
    pub opaque: Vec<String>,
    /// Added to `opaque`.
    pub extend_opaque: Vec<String>,
    /// Rules of your own; the first that matches wins, before the lists above.
    pub rule: Vec<RuleSpec>,
}

impl Default for Settings {
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            timing_suffixes: list(&["_ms", "_seconds", "_secs"]),
            extend_timing_suffixes: Vec::new(),
            wall_clock_fields: list(&[
                "updated_at",
                "started_at",
                "finished_at",
                "timestamp",
                "captured_at",
            ]),
            extend_wall_clock_fields: Vec::new(),
            timestamp: "2000-01-01T00:00:00Z".to_owned(),
            preserve: list(&["last_value"]),
            extend_preserve: Vec::new(),
            opaque: list(&["data"]),
            extend_opaque: Vec::new(),
            rule: Vec::new(),
        }
    }
}

/// How fixtures are laid out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Format {
    /// Spaces a level, at most 16.
    #[schemars(range(max = 16))]
    pub indent: usize,
    /// Whether characters beyond ASCII are written as `\uXXXX`.
    pub ascii: bool,
    /// Whether the members of every object are sorted by name; it holds one object in memory.
    pub sort_keys: bool,
}

impl Default for Format {
    fn default() -> Self {
        Self {
            indent: 2,
            ascii: false,
            sort_keys: false,
        }
    }
}
