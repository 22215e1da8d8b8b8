//! What becomes of one value: the first rule that matches decides, and a placeholder stays one; it writes no layout.

use super::compiled::Compiled;
use super::effect::Effect;
use super::inside::{Context, Gauges, Refusal, Rewritten, Text, rewrite};
use super::places::Place;
use super::scrub::Scrub;
use crate::json::text;
use crate::rule::predicate::Scalar;

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It stays as printed.
    Keep,
    /// A rule matched and left it as it was.
    Same(usize),
    /// The token in the scratch buffer is written instead.
    Write(usize),
    /// The value of a constant rule is written.
    Constant(usize),
    /// An identity will be written.
    Number(usize),
    /// The rewritten text is written, which has identities.
    Parts(usize),
    /// It is left out.
    Remove(usize),
    /// It cannot be decided.
    Refused(Refusal),
}

/// What is known while a value is judged.
#[derive(Debug)]
pub struct Judge<'p> {
    pub plan: &'p Compiled,
    pub inside: Context<'p>,
    /// How often each rule matched.
    pub hits: Vec<u64>,
    /// What the patterns of scrub rules cost.
    pub gauges: Gauges,
    /// The rules that matched the last value.
    pub matched: Vec<usize>,
    /// The new token, after [`Decision::Write`].
    pub scratch: Vec<u8>,
    /// The rewritten text, after [`Decision::Parts`].
    pub text: Text,
}

impl<'p> Judge<'p> {
    /// For one run.
    pub fn new(plan: &'p Compiled, paths: &'p Scrub) -> Self {
        Self {
            plan,
            inside: Context::new(paths, &plan.rules, &plan.timestamp),
            hits: vec![0; plan.rules.len()],
            gauges: Gauges::new(),
            matched: Vec::new(),
            scratch: Vec::new(),
            text: Text::new(""),
        }
    }

    /// Decides about a value, or about the name of a member.
    pub fn decide(&mut self, place: &Place, value: Scalar<'_>) -> Decision {
        self.matched.clear();
        if let Some(rule) = self.whole(place, value) {
            self.hit(rule);
            return self.apply(rule, value);
        }
        match value.text() {
            Some(printed) => self.inside(place, value, printed),
            None => Decision::Keep,
        }
    }

    fn hit(&mut self, rule: usize) {
        self.hits[rule] += 1;
        self.matched.push(rule);
    }

    /// The rule that replaces the whole value.
    fn whole(&self, place: &Place, value: Scalar<'_>) -> Option<usize> {
        let rules = &self.plan.rules;
        let holds = |&&id: &&usize| {
            let rule = &rules[id];
            let unasked = value == Scalar::Null
                && matches!(rule.effect, Effect::Remove)
                && rule.predicate.is_open();
            rule.effect.applies(value)
                && (unasked || rule.predicate.holds(value))
                && rule.takes_whole(value)
        };
        let at = place.whole.iter().position(|id| holds(&id));
        let first = at.map(|at| place.whole[at]);
        // A placeholder need not have what its rule asks of a value, so the rule that wrote it is
        // found by the placeholder itself. A rule that asks for nothing but the location decides
        // about every value alike, and only rules before it can have written one.
        let decided = first.is_some_and(|id| !rules[id].predicate.asks_for_text());
        let writers = match at {
            Some(at) if decided => &place.whole[..at],
            _ => &place.whole[..],
        };
        let named = matches!(value, Scalar::Name(_));
        let wrote = |&&id: &&usize| {
            let rule = &rules[id];
            (!named || rule.predicate.takes_names())
                && rule.effect.wrote(value, &self.plan.timestamp)
        };
        writers.iter().find(wrote).copied().or(first)
    }

    fn apply(&mut self, rule: usize, value: Scalar<'_>) -> Decision {
        let effect = &self.plan.rules[rule].effect;
        self.scratch.clear();
        match effect {
            Effect::Constant(_) => Decision::Constant(rule),
            Effect::Remove => Decision::Remove(rule),
            _ if effect.write(value, &self.plan.timestamp, &mut self.scratch) => {
                Decision::Write(rule)
            }
            Effect::Identity(_) => Decision::Number(rule),
            _ => Decision::Same(rule),
        }
    }

    /// Decides about the text inside a string or a name.
    fn inside(&mut self, place: &Place, value: Scalar<'_>, printed: &str) -> Decision {
        let applying = &place.inside;
        let found = rewrite(value, &self.inside, applying, &mut self.gauges);
        let Rewritten { text, rules } = match found {
            Ok(Some(done)) => done,
            Ok(None) => return Decision::Keep,
            Err(refusal) => return Decision::Refused(refusal),
        };
        let first = rules[0];
        rules.iter().for_each(|&rule| self.hit(rule));
        if text.text == printed && !text.has_identities() {
            return Decision::Same(first);
        }
        // People write patterns for what they see in a fixture, so the rewritten text counts too.
        let rewritten = value.with_text(&text.text);
        let numbers = |rule: &usize| self.plan.rules[*rule].effect.form().is_some();
        let whole = self.whole(place, rewritten);
        if let Some(rule) = whole.filter(|rule| !(text.has_identities() && numbers(rule))) {
            self.hit(rule);
            let decision = self.apply(rule, rewritten);
            if !matches!(decision, Decision::Same(_)) {
                return decision;
            }
        }
        if text.has_identities() {
            self.text = text;
            return Decision::Parts(first);
        }
        self.scratch.clear();
        text::encode(&text.text, &mut self.scratch);
        Decision::Write(first)
    }
}
