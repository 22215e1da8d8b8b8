//! A text with what rules wrote in it; the numbers of its identities are not known yet.

use super::claims::Claims;
use crate::normalize::compiled::Rule;
use crate::rule::form::Form;
use std::ops::Range;

/// What one rule wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub range: Range<usize>,
    pub rule: usize,
    /// What the identity stands for; `None` for text.
    pub raw: Option<String>,
}

/// A text while it is rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    /// The text; in place of each identity, a placeholder of its form.
    pub text: String,
    /// What rules wrote, from left to right.
    spans: Vec<Span>,
}

/// A piece of a text as it will be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    /// Text.
    Text(&'t str),
    /// The number for this value, which this rule gives.
    Identity(usize, &'t str),
}

impl Text {
    /// A text in which nothing was written.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            spans: Vec::new(),
        }
    }

    /// The pieces, from left to right.
    pub fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        let mut done = 0;
        for span in &self.spans {
            let Some(raw) = &span.raw else { continue };
            parts.push(Part::Text(&self.text[done..span.range.start]));
            parts.push(Part::Identity(span.rule, raw));
            done = span.range.end;
        }
        parts.push(Part::Text(&self.text[done..]));
        parts
    }

    /// Whether there is something to number.
    pub fn has_identities(&self) -> bool {
        self.spans.iter().any(|span| span.raw.is_some())
    }

    /// The text with all identities as printed.
    pub fn unnumbered(&self) -> String {
        let plain = |part| match part {
            Part::Text(text) | Part::Identity(_, text) => text,
        };
        self.parts().into_iter().map(plain).collect()
    }

    /// The spans that a range overlaps.
    pub fn spans_in(&self, range: &Range<usize>) -> impl Iterator<Item = &Span> {
        self.spans
            .iter()
            .filter(move |span| span.range.start < range.end && range.start < span.range.end)
    }

    /// The text after these claims.
    pub fn with(&self, claims: &Claims) -> Self {
        let mut out = Self::new("");
        let mut done = 0;
        let mut old = self.spans.iter().peekable();
        for (range, claim) in claims.iter() {
            let same = self.text[range.clone()] == claim.written;
            if same && (claim.raw.is_none() || self.is_identity(&range)) {
                continue;
            }
            while let Some(span) = old.next_if(|span| span.range.end <= range.start) {
                out.take_over(span, done);
            }
            while old.next_if(|span| span.range.start < range.end).is_some() {}
            out.text.push_str(&self.text[done..range.start]);
            let start = out.text.len();
            out.text.push_str(&claim.written);
            out.spans.push(Span {
                range: start..out.text.len(),
                rule: claim.rule,
                raw: claim.raw.clone(),
            });
            done = range.end;
        }
        old.for_each(|span| out.take_over(span, done));
        out.text.push_str(&self.text[done..]);
        out
    }

    /// Adds a span of the text before, of which everything up to `done` is written.
    fn take_over(&mut self, span: &Span, done: usize) {
        let at = |place: usize| self.text.len() + place - done;
        self.spans.push(Span {
            range: at(span.range.start)..at(span.range.end),
            ..span.clone()
        });
    }

    fn is_identity(&self, range: &Range<usize>) -> bool {
        let same = |span: &Span| span.range == *range && span.raw.is_some();
        self.spans.iter().any(same)
    }

    /// Where placeholders stand: those written here, and others of these forms; the longer ones first where two begin.
    pub fn placeholders(&self, forms: &[&Form]) -> Vec<Range<usize>> {
        let own = self.spans.iter().filter(|span| span.raw.is_some());
        let mut found: Vec<Range<usize>> = own.map(|span| span.range.clone()).collect();
        let free = |place: &Range<usize>| self.spans_in(place).all(|span| span.raw.is_none());
        for form in forms {
            found.extend(form.occurrences(&self.text).into_iter().filter(free));
        }
        found.sort_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
        found
    }

    /// A rule whose placeholder could be read as another one, because of a digit beside it.
    pub fn ambiguous(&self, rules: &[Rule]) -> Option<usize> {
        let unclear = |span: &&Span| {
            let form = rules[span.rule].effect.form();
            span.raw.as_deref() != Some(&self.text[span.range.clone()])
                && form.is_some_and(|form| !form.occurrences(&self.text).contains(&span.range))
        };
        let identities = self.spans.iter().filter(|span| span.raw.is_some());
        identities.filter(unclear).map(|span| span.rule).next()
    }
}
