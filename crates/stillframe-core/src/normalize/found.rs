//! What the rewriter found in a document besides its text, as reports say it.

use serde::Serialize;

use crate::rule::RuleId;

/// One place where the normalised text differs from what was printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which document of an NDJSON stream, from 0.
    pub document: u64,
    /// Where it was printed, as `$.a[0].b`.
    pub location: String,
    /// The rule that did it.
    pub rule: RuleId,
    /// The token as printed; `{…}` or `[…]` for a whole object or array.
    pub before: String,
    /// The token as written; empty when the value was left out.
    pub after: String,
}

/// An array whose order depends on that of the input, because elements differ in nothing but identities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ambiguity {
    /// Which document of an NDJSON stream, from 0.
    pub document: u64,
    /// The array.
    pub location: String,
    /// The rule that sorts it.
    pub rule: RuleId,
    /// How many neighbours are tied.
    pub ties: usize,
}
