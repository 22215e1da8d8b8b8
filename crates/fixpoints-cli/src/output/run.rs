//! When and how long a command ran; what it did is said elsewhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of all documents; it changes when a field changes its meaning or goes away.
pub const FORMAT_VERSION: u64 = 1;

/// One run of the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Names this run; no two runs on one machine share it.
    #[schemars(extend("x-stillframe" = "identity"))]
    pub run_id: String,
    /// When the run began, in UTC (RFC 3339).
    #[schemars(extend("format" = "date-time", "x-stillframe" = "timestamp"))]
    pub started_at: String,
    /// How long it took, in milliseconds.
    #[schemars(extend("x-stillframe" = "duration"))]
    pub duration_ms: u64,
}
