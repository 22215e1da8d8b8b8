//! One normalised text that waits for its identities; it holds the whole text and refuses nothing but malformed input.

use super::effect::Effect;
use super::found::{Ambiguity, Change};
use super::masks::Masks;
use super::plan::Plan;
use super::rewrite::{Explain, Findings, Rewriter};
use super::scrub::Scrub;
use crate::json::JsonError;
use crate::json::tokens::{Fail, Framing, Tokens};
use crate::location::shown;
use crate::rule::{RuleId, RuleInfo};
use std::collections::{BTreeMap, BTreeSet};

/// A normalised text in which identities are not numbered yet.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(super) text: Vec<u8>,
    pub(super) plan: Plan,
    hits: Vec<u64>,
    changes: Vec<Change>,
    ambiguities: Vec<Ambiguity>,
    documents: u64,
    masked: BTreeMap<usize, Vec<String>>,
    kept_away: BTreeSet<(usize, usize)>,
    keys: BTreeMap<(usize, usize), bool>,
    lines: Vec<usize>,
}

impl Draft {
    /// The draft of a stream without a document.
    #[must_use]
    pub fn empty(plan: &Plan) -> Self {
        Self {
            text: Vec::new(),
            plan: plan.clone(),
            hits: Vec::new(),
            changes: Vec::new(),
            ambiguities: Vec::new(),
            documents: 0,
            masked: BTreeMap::new(),
            kept_away: BTreeSet::new(),
            keys: BTreeMap::new(),
            lines: Vec::new(),
        }
    }

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

    /// The places where rules applied, as patterns of locations, by the rule's name; annotations by their word. A rule
    /// applies wherever it decides about a value, whether or not that changes it.
    #[must_use]
    pub fn masked(&self) -> BTreeMap<String, Vec<String>> {
        let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (rule, places) in &self.masked {
            let name = self.plan.rules()[*rule].listed_as();
            named
                .entry(name.to_owned())
                .or_default()
                .extend(places.iter().cloned());
        }
        let listed = |(name, places): (_, BTreeSet<_>)| (name, places.into_iter().collect());
        named.into_iter().map(listed).collect()
    }

    /// The rules that it was made by.
    pub fn rules(&self) -> impl Iterator<Item = &RuleInfo> {
        self.plan.rules().iter()
    }

    /// Rules that would hold at some place, each with the entry of `preserve` or `opaque` that keeps it away.
    pub fn kept_away(&self) -> impl Iterator<Item = (RuleId, &str)> {
        let guards = &self.plan.compiled.guards;
        let named = |&(rule, guard): &(usize, usize)| (RuleId(rule), &*guards[guard].entry);
        self.kept_away.iter().map(named)
    }

    /// For each value that a rule sorts by: whether an element that it sorted has it.
    pub fn sort_keys(&self) -> impl Iterator<Item = ((RuleId, String), bool)> {
        let rules = &self.plan.compiled.rules;
        self.keys.iter().filter_map(|(&(rule, by), &met)| {
            let Effect::Sort(sorting) = &rules[rule].effect else {
                return None;
            };
            Some(((RuleId(rule), shown(&sorting.by[by])), met))
        })
    }

    /// Which line of the input has become line `at` of the text.
    #[must_use]
    pub fn line_of(&self, at: usize) -> usize {
        self.lines.get(at).copied().unwrap_or(at)
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
    let tokens = Tokens::of_text(input, framing);
    let mut text = Vec::with_capacity(input.len());
    let masks = Masks::default();
    match Rewriter::new(plan, scrub, tokens, framing, &mut text, masks, explain).run() {
        Ok(found) => Ok(Draft::new(text, plan, found)),
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
            masked: found.masked,
            kept_away: found.kept_away,
            keys: found.keys,
            lines: found.lines,
        }
    }
}
