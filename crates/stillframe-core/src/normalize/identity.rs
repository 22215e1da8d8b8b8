//! Numbers for identities: one namespace for all documents of a POC; it refuses to give two values one placeholder, or one value two.

use super::compiled::Compiled;
use super::hole::{Extent, Hole, Piece, pieces};
use super::layout::Layout;
use super::plan::Plan;
use super::{Change, Draft};
use crate::json::text;
use crate::json::tokens::Framing;
use crate::rule::RuleId;
use crate::rule::form::Form;
use std::collections::{HashMap, HashSet};

/// The identities of one POC: equal values are equal afterwards, distinct ones distinct.
///
/// First [`reserve`](Self::reserve) every document, so that placeholders which are already there
/// keep their numbers; then [`number`](Self::number) them in step order.
#[derive(Debug, Clone, Default)]
pub struct Identities {
    /// The placeholder of each decoded string.
    texts: HashMap<String, String>,
    /// Every placeholder that is taken.
    taken: HashSet<String>,
    /// The last number given in each form.
    last: HashMap<Form, u64>,
    /// The number of each raw number, as printed.
    numbers: HashMap<String, u64>,
}

impl Identities {
    /// An empty namespace.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes note of the placeholders that a draft holds already.
    pub fn reserve(&mut self, draft: &Draft) {
        for piece in pieces(&draft.text) {
            if let Piece::Hole(hole) = piece {
                self.reserve_hole(&draft.plan.compiled, hole);
            }
        }
    }

    /// The fixture: the draft with every identity numbered.
    pub fn number(&mut self, draft: &Draft) -> Vec<u8> {
        self.number_explained(draft, &mut |_| {})
    }

    /// As [`number`](Self::number), and tells each identity that changed, if the draft was explained.
    pub fn number_explained(&mut self, draft: &Draft, explain: &mut dyn FnMut(Change)) -> Vec<u8> {
        let layout = Layout::new(draft.plan.format(), Framing::Json);
        let mut out = Vec::with_capacity(draft.text.len());
        for piece in pieces(&draft.text) {
            match piece {
                Piece::Text(text) | Piece::Open(text) => out.extend_from_slice(text),
                Piece::Hole(hole) => self.fill(&draft.plan, &layout, hole, explain, &mut out),
            }
        }
        out
    }

    /// Keeps the number of a placeholder.
    pub(super) fn reserve_hole(&mut self, plan: &Compiled, hole: Hole<'_>) {
        if hole.token.first() != Some(&b'"') {
            return;
        }
        let text = text::decode(hole.token);
        let mut forms = plan.rules.iter().filter_map(|rule| rule.effect.form());
        let known = forms.any(|form| form.number(&text).is_some());
        if known {
            self.taken.insert(text.clone().into_owned());
            self.texts
                .insert(text.clone().into_owned(), text.into_owned());
        }
    }

    /// Appends the token for a hole.
    pub(super) fn fill(
        &mut self,
        plan: &Plan,
        layout: &Layout,
        hole: Hole<'_>,
        explain: &mut dyn FnMut(Change),
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        let decoded = text::decode(hole.token);
        if hole.token.first() != Some(&b'"') {
            let token = String::from_utf8_lossy(hole.token);
            out.extend_from_slice(self.numbered(&token).as_bytes());
        } else if let Some(form) = plan.compiled.rules[hole.rule].effect.form() {
            match self.texts.get(&*decoded) {
                Some(same) if **same == *decoded => layout.token(hole.token, out),
                Some(placeholder) => layout.text(placeholder, out),
                None => layout.text(self.place(&decoded, form), out),
            }
        }
        if let Some((document, location)) = hole.place
            && out[start..] != *hole.token
        {
            explain(Change {
                document,
                location: text::decode(location).into_owned(),
                rule: RuleId(hole.rule),
                before: String::from_utf8_lossy(hole.token).into_owned(),
                after: String::from_utf8_lossy(&out[start..]).into_owned(),
            });
        }
        if hole.extent == Extent::Part {
            out.pop();
            out.remove(start);
        }
    }

    /// Gives a value the next free placeholder of a form.
    fn place(&mut self, value: &str, form: &Form) -> &str {
        let last = self.last.entry(form.clone()).or_insert(0);
        let placeholder = loop {
            *last += 1;
            let text = form.write(*last);
            if self.taken.insert(text.clone()) {
                break text;
            }
        };
        self.texts.entry(value.to_owned()).or_insert(placeholder)
    }

    /// The token for a number: its own rank among the numbers, a float when it was one.
    fn numbered(&mut self, token: &str) -> String {
        let next = self.numbers.len() as u64 + 1;
        let number = *self.numbers.entry(token.to_owned()).or_insert(next);
        if token.contains(['.', 'e', 'E']) {
            format!("{number}.0")
        } else {
            number.to_string()
        }
    }
}
