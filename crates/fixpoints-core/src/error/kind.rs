//! The kinds of errors, for programs that branch on them; what an error says is beside it.

use serde::{Deserialize, Serialize};

use super::{Error, Setting};

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// No file holds the named fixpoint.
    MissingFixpoint,
    /// The name cannot be a file below the folder of fixpoints.
    BadName,
    /// No database was named anywhere.
    NoDatabase,
    /// The database file does not exist.
    MissingDatabase,
    /// The URL is of a kind this build cannot open.
    UnsupportedUrl,
    /// The URL looks like a database somebody needs.
    NotATestDatabase,
    /// The tables of the database are no longer those of the fixpoint.
    SchemaDrift,
    /// The rows to restore refer to rows that do not exist.
    BrokenReferences,
    /// The file is not a fixpoint file.
    Corrupt,
    /// The file does not hold what was signed.
    Unsigned,
    /// The file was written by an unknown version of the format.
    UnsupportedFormat,
    /// The fixpoint was stored from another kind of database.
    OtherEngine,
    /// A database without rows would have replaced a fixpoint that has some.
    WouldEmpty,
    /// The parent was stored again after the child was.
    ParentMoved,
    /// The parent of an incremental fixpoint is gone.
    ParentMissing,
    /// A fixpoint is its own ancestor.
    ParentCycle,
    /// Other fixpoints stand on the one that was to be removed.
    HasChildren,
    /// A file of another tool cannot be taken over.
    Import,
    /// A table was named that the operation does not cover.
    UnknownTable,
    /// A column was named that no covered table has.
    UnknownColumn,
    /// A fixpoint would have been written where only a person should write one.
    ImplicitWrite,
    /// A statement of a script failed.
    Script,
    /// A row could not be written back.
    Row,
    /// The database refused something.
    Database,
    /// The configuration file is not valid.
    Config,
    /// A file or folder could not be read or written.
    Io,
    /// The database is not in the state a test wants, or a test changed other rows than it said.
    #[cfg_attr(feature = "schema", schemars(skip))]
    Different,
    /// There was nothing to compare with, so that the state was stored for a person to look at.
    #[cfg_attr(feature = "schema", schemars(skip))]
    StoredInstead,
    /// A test said two things about the same rows, or nothing.
    #[cfg_attr(feature = "schema", schemars(skip))]
    UnclearExpectation,
}

impl Error {
    /// The kind of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::MissingFixpoint { .. } | Self::NothingToCompare { .. } => {
                ErrorKind::MissingFixpoint
            }
            Self::BadName { .. } | Self::NameTaken { .. } => ErrorKind::BadName,
            Self::NoDatabase | Self::SeveralDatabases { .. } => ErrorKind::NoDatabase,
            Self::MissingDatabase { .. } => ErrorKind::MissingDatabase,
            Self::UnsupportedUrl { .. } => ErrorKind::UnsupportedUrl,
            Self::NotATestDatabase { .. } => ErrorKind::NotATestDatabase,
            Self::SchemaDrift { .. } | Self::SchemaMovedSince { .. } => ErrorKind::SchemaDrift,
            Self::BrokenReferences { .. } => ErrorKind::BrokenReferences,
            Self::Corrupt { .. } | Self::Unmerged { .. } => ErrorKind::Corrupt,
            Self::Unsigned { .. } => ErrorKind::Unsigned,
            Self::UnsupportedFormat { .. } => ErrorKind::UnsupportedFormat,
            Self::OtherEngine { .. }
            | Self::EnginesDiffer { .. }
            | Self::WouldReplaceEngine { .. } => ErrorKind::OtherEngine,
            Self::WouldEmpty { .. } => ErrorKind::WouldEmpty,
            Self::ParentMoved { .. } | Self::RestoredMoved { .. } | Self::ChildrenLeft { .. } => {
                ErrorKind::ParentMoved
            }
            Self::ParentMissing { .. } => ErrorKind::ParentMissing,
            Self::ParentCycle { .. } => ErrorKind::ParentCycle,
            Self::UnknownTable { .. }
            | Self::Partition { .. }
            | Self::Unmatched {
                setting: Setting::Exclude | Setting::Include,
                ..
            }
            | Self::UnknownSkip { .. }
            | Self::SkippedTable { .. } => ErrorKind::UnknownTable,
            Self::UnclearDependents { .. } | Self::HidePlan { .. } | Self::UnknownTest { .. } => {
                ErrorKind::Config
            }
            Self::HasChildren { .. } => ErrorKind::HasChildren,
            Self::Import { .. } => ErrorKind::Import,
            Self::Different(_) | Self::UnexpectedChanges(_) => ErrorKind::Different,
            Self::StoredInstead { .. } => ErrorKind::StoredInstead,
            Self::UnclearExpectation { .. } => ErrorKind::UnclearExpectation,
            Self::UnknownColumn { .. }
            | Self::Unmatched {
                setting: Setting::Ignore,
                ..
            } => ErrorKind::UnknownColumn,
            Self::ImplicitWrite { .. } | Self::SkippingStore { .. } => ErrorKind::ImplicitWrite,
            Self::Script { .. } => ErrorKind::Script,
            Self::Row { .. } | Self::Disturbed { .. } | Self::DisturbedReset { .. } => {
                ErrorKind::Row
            }
            Self::Database { .. } => ErrorKind::Database,
            Self::Config { .. } => ErrorKind::Config,
            Self::Io { .. } => ErrorKind::Io,
        }
    }
}
