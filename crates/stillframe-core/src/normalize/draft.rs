//! One normalised text that waits for its identities; it holds the whole text and refuses nothing but malformed input.

use super::plan::Plan;
use super::rewrite::{Explain, Findings, Rewriter};
use super::scrub::Scrub;
use crate::json::JsonError;
use crate::json::tokens::{Fail, Framing, Tokens};
use crate::rule::RuleId;
use serde::Serialize;

/// A normalised text in which identities are not numbered yet.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(super) text: Vec<u8>,
    pub(super) plan: Plan,
    hits: Vec<u64>,
    changes: Vec<Change>,
    ambiguities: Vec<Ambiguity>,
    documents: u64,
}

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

impl Draft {
    /// How often each rule matched, by the rule's id.
    #[must_use]
    pub fn hits(&self) -> &[u64] {
        &self.hits
    }

    /// What changed, but for identities; empty unless the draft was made by [`explain`].
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Sorted arrays in which the order of some elements is that of the input.
    #[must_use]
    pub fn ambiguities(&self) -> &[Ambiguity] {
        &self.ambiguities
    }

    /// How many documents the text holds.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.documents
    }
}

/// Normalises a text, but for the numbers of its identities.
///
/// # Errors
/// The first place where the input is not acceptable JSON.
pub fn draft(
    plan: &Plan,
    scrub: &Scrub,
    framing: Framing,
    input: &[u8],
) -> Result<Draft, JsonError> {
    make(plan, scrub, framing, input, None)
}

/// As [`draft`], and keeps what changed where.
///
/// # Errors
/// The first place where the input is not acceptable JSON.
pub fn explain(
    plan: &Plan,
    scrub: &Scrub,
    framing: Framing,
    input: &[u8],
) -> Result<Draft, JsonError> {
    let mut changes = Vec::new();
    let mut keep = |change| changes.push(change);
    let mut draft = make(plan, scrub, framing, input, Some(&mut keep))?;
    draft.changes = changes;
    Ok(draft)
}

fn make(
    plan: &Plan,
    scrub: &Scrub,
    framing: Framing,
    input: &[u8],
    explain: Explain<'_>,
) -> Result<Draft, JsonError> {
    let tokens = Tokens::new(input, framing);
    let text = Vec::with_capacity(input.len());
    match Rewriter::new(plan, scrub, tokens, framing, text, explain).run() {
        Ok((text, found)) => Ok(Draft::new(text, plan, found)),
        Err(Fail::Json(error)) => Err(*error),
        Err(Fail::Io(_)) => unreachable!("memory is read and written without errors"),
    }
}

impl Draft {
    fn new(text: Vec<u8>, plan: &Plan, found: Findings) -> Self {
        Self {
            text,
            plan: plan.clone(),
            hits: found.hits,
            changes: Vec::new(),
            ambiguities: found.ambiguities,
            documents: found.documents,
        }
    }
}
