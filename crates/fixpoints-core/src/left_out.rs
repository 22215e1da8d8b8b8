//! A table that a fixpoint does not hold, and why.

/// A table of the database whose rows are not in a fixpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The table.
    pub table: String,
    /// Why.
    pub reason: String,
}
