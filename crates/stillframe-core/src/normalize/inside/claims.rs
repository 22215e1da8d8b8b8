//! Ranges of a text that rules claim; an earlier claim keeps a later one away.

use std::collections::BTreeMap;
use std::ops::Range;

/// What a rule does to a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub rule: usize,
    /// What is written; the first placeholder of its form for a new identity.
    pub written: String,
    /// What an identity stands for.
    pub raw: Option<String>,
}

impl Claim {
    /// Text in its place.
    pub fn text(rule: usize, written: String) -> Self {
        Self {
            rule,
            written,
            raw: None,
        }
    }

    /// A number in its place.
    pub fn number(rule: usize, placeholder: String, raw: &str) -> Self {
        Self {
            rule,
            written: placeholder,
            raw: Some(raw.to_owned()),
        }
    }

    /// A placeholder that is there already.
    pub fn keep(rule: usize, placeholder: &str) -> Self {
        Self::number(rule, placeholder.to_owned(), placeholder)
    }
}

/// The claims on one text.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    /// By their start, with their end.
    ranges: BTreeMap<usize, (usize, Claim)>,
    /// The rules that claimed something, in the order in which they were asked.
    rules: Vec<usize>,
}

impl Claims {
    /// Adds a claim, unless an earlier one stands in its way.
    pub fn add(&mut self, range: Range<usize>, claim: Claim) {
        let before = self.ranges.range(..range.end).next_back();
        let taken = before.is_some_and(|(_, &(end, _))| end > range.start)
            || self.ranges.contains_key(&range.start);
        if taken {
            return;
        }
        if self.rules.last() != Some(&claim.rule) {
            self.rules.push(claim.rule);
        }
        self.ranges.insert(range.start, (range.end, claim));
    }

    /// Adds the claim of a rule that writes `written` for a match. A match inside a text that is already what the rule
    /// writes for it stays, so that a rule whose text its own pattern matches is applied once.
    pub fn add_written(&mut self, text: &str, at: Range<usize>, rule: usize, written: String) {
        let at = own_text(text, &at, &written).unwrap_or(at);
        self.add(at, Claim::text(rule, written));
    }

    /// The rules that claimed something, in the order in which they were asked.
    pub fn rules(&self) -> impl Iterator<Item = usize> {
        self.rules.iter().copied()
    }

    /// All claims, from left to right.
    pub fn iter(&self) -> impl Iterator<Item = (Range<usize>, &Claim)> {
        self.ranges
            .iter()
            .map(|(&start, (end, claim))| (start..*end, claim))
    }

    /// Those that change the text.
    pub fn changes<'c>(&'c self, text: &'c str) -> impl Iterator<Item = (Range<usize>, &'c Claim)> {
        self.iter()
            .filter(|(range, claim)| text[range.clone()] != claim.written)
    }

    /// The first rule that changes the text.
    pub fn first_change(&self, text: &str) -> Option<usize> {
        self.changes(text).next().map(|(_, claim)| claim.rule)
    }
}

/// Where `written` stands around a match.
fn own_text(text: &str, at: &Range<usize>, written: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let first = at.end.saturating_sub(written.len());
    (first..=at.start)
        .find(|&start| bytes[start..].starts_with(written.as_bytes()))
        .map(|start| start..start + written.len())
        .filter(|found| at.end <= found.end)
}
