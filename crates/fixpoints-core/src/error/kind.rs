//! The kinds of errors, for programs that branch on them; what an error says is beside it.

use super::{Error, Setting};

/// The kinds of [`Error`], for programs that branch on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "each is described at the variant of `Error` with its name"
)]
pub enum ErrorKind {
    MissingFixpoint,
    BadName,
    NoDatabase,
    MissingDatabase,
    UnsupportedUrl,
    NotATestDatabase,
    SchemaDrift,
    BrokenReferences,
    Corrupt,
    Unsigned,
    UnsupportedFormat,
    OtherEngine,
    WouldEmpty,
    ParentMoved,
    ParentMissing,
    ParentCycle,
    HasChildren,
    Import,
    UnknownTable,
    UnknownColumn,
    ImplicitWrite,
    Script,
    Row,
    Database,
    Config,
    Io,
    Different,
    StoredInstead,
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
