//! The document of `tree`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Run, TreeWord};

/// Which fixpoint stands on which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TreeOutput {
    /// Always `tree`.
    pub command: TreeWord,
    /// The version of this document's shape.
    pub format_version: u64,
    /// The run that printed this.
    pub run: Run,
    /// The folder that holds them.
    pub folder: String,
    /// Fixpoints in all.
    pub fixpoints: u64,
    /// The longest way from a root, counted in fixpoints.
    pub depth: u64,
    /// Fixpoints that stand on no other, and parents that are missing.
    pub roots: Vec<TreeNode>,
}

/// A fixpoint and those that stand on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TreeNode {
    /// Its name.
    pub name: String,
    /// Whether it can be restored.
    pub status: NodeStatus,
    /// Rows, or changes, its file holds.
    pub lines: u64,
    /// What is wrong with it, or with what it stands on.
    pub problem: Option<String>,
    /// The command that fixes it, where something is wrong with it.
    pub hint: Option<String>,
    /// The fixpoints that stand on it, by name.
    pub children: Vec<TreeNode>,
}

/// Whether a fixpoint can be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeStatus {
    /// It can.
    Ok,
    /// It does not exist, and another stands on it.
    Missing,
    /// Its parent changed after it was stored.
    ParentMoved,
    /// Its own file is sound, and one that it stands on is missing, or is itself not sound.
    Blocked,
    /// Its file cannot be read.
    Unreadable,
    /// It is its own ancestor.
    Cycle,
}
