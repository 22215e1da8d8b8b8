//! Things a person should know about fixpoints and their database, each with its fix; finding them is done elsewhere.

use serde::{Deserialize, Serialize};

use crate::folder::Folder;
use fixpoints_core::advice::Advice;
use fixpoints_core::left_out::Omission;
use fixpoints_core::name::FixpointName;
use fixpoints_core::names::EXTENSION;
use fixpoints_core::names::shell_word;

/// A check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "CheckName"))]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The database can be opened and read.
    Database,
    /// Every fixpoint file can be read.
    Files,
    /// Every parent exists and has the bytes it was pinned at.
    Parents,
    /// The database still has the schema the fixpoints were stored under.
    Schema,
    /// Every table of the database is covered by every fixpoint.
    Coverage,
    /// Every covered table has a key.
    Keys,
    /// Every sequence is at or ahead of its table.
    Sequences,
    /// No row refers to a missing one.
    ForeignKeys,
    /// What the configuration names exists.
    Configuration,
    /// The database may be stored, and every row of it can be read.
    Store,
    /// Every fixpoint can be restored.
    Restore,
    /// Files are as small as they could be.
    Size,
}

impl Check {
    /// Every check, in the order they are made.
    pub const ALL: [Self; 12] = [
        Self::Database,
        Self::Files,
        Self::Parents,
        Self::Schema,
        Self::Coverage,
        Self::Keys,
        Self::Sequences,
        Self::ForeignKeys,
        Self::Configuration,
        Self::Store,
        Self::Restore,
        Self::Size,
    ];

    /// Whether what it finds makes fixpoints unusable.
    #[must_use]
    pub fn is_critical(self) -> bool {
        matches!(
            self,
            Self::Database
                | Self::Files
                | Self::Parents
                | Self::Schema
                | Self::Configuration
                | Self::Store
                | Self::Restore
        )
    }
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The check that found it.
    pub check: Check,
    /// The fixpoint, table or setting it is about.
    pub subject: Option<String>,
    /// What was found.
    pub message: String,
    /// The command or edit that fixes it.
    pub hint: Option<Advice>,
}

impl Finding {
    /// A child that was stored under other columns than its parent has now.
    #[must_use]
    pub fn outgrown(child: &FixpointName, parent: &FixpointName, folder: &Folder) -> Self {
        let shown = folder.shown();
        let file = shell_word(&format!("{shown}/{parent}.{EXTENSION}"));
        let shown = shell_word(&shown);
        Self {
            check: Check::Schema,
            subject: Some(child.to_string()),
            message: format!(
                "`{child}` was stored under the columns that `{parent}` had before, so that a rebase cannot help"
            ),
            hint: Some(Advice::from(format!(
                "get the former file back with `git checkout -- {file}`, copy all of them with `cp -r {shown} {shown}-old`, and bring `{parent}` over first, then `{child}`, each restored from the copy under the old schema"
            ))),
        }
    }

    /// What a database has and no fixpoint holds.
    #[must_use]
    pub fn omission(omission: Omission) -> Self {
        Self {
            check: Check::Coverage,
            subject: omission.table,
            message: omission.message,
            hint: Some(omission.advice.into()),
        }
    }

    /// A table whose rows nothing identifies.
    #[must_use]
    pub fn keyless(table: &str) -> Self {
        Self {
            check: Check::Keys,
            subject: Some(table.to_owned()),
            message: format!(
                "table {table} has no key, so a changed row shows as one deleted and one inserted"
            ),
            hint: Some(Advice::from(format!(
                "give {table} a primary key, or a unique index over columns that are NOT NULL"
            ))),
        }
    }
}
