//! Parts of a file that do not match their digests; it decides nothing about them.

use std::fmt;

/// A part of a file that was changed since it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Which part.
    pub part: SignedPart,
    /// How it differs from what was signed.
    pub difference: String,
}

/// What has a digest of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignedPart {
    /// The engine, the parent, the columns and keys of tables, and which sequences there are.
    Header,
    /// The rows of a table, and its sequences.
    Table(String),
    /// A sequence that feeds no table.
    Sequence(String),
}

impl fmt::Display for SignedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("the header"),
            Self::Table(name) => write!(f, "table {name}"),
            Self::Sequence(name) => write!(f, "sequence {name}"),
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.part, self.difference)
    }
}

/// How digests differ.
pub(super) fn of_digest(claimed: Option<&String>) -> String {
    match claimed {
        Some(_) => "does not match its digest".to_owned(),
        None => "has no digest".to_owned(),
    }
}

/// How many rows there are, and how many were signed.
pub(super) fn of_count(lines: u64, signed: u64) -> String {
    let rows = if lines == 1 { "row" } else { "rows" };
    format!("has {lines} {rows} where {signed} were signed")
}
