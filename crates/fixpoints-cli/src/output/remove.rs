//! The document of `remove`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RemoveWord, Run};

/// What `remove` removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RemoveOutput {
    /// Always `remove`.
    pub command: RemoveWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The name of the fixpoint.
    pub fixpoint: String,
    /// The file it had, from the current folder.
    pub path: String,
    /// The length the file had.
    pub bytes: u64,
}
