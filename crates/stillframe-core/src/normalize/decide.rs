//! What becomes of one value: the first rule that matches decides, and a placeholder stays one; it writes no layout.

use super::effect::Effect;
use super::places::Place;
use super::plan::Compiled;
use super::scrub::{Gauges, Scrub, TooLong, scrub};
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
    /// It is left out.
    Remove(usize),
    /// It cannot be decided, because a rule's pattern would take too long.
    TooLong(usize),
}

/// What is known while a value is judged.
#[derive(Debug)]
pub struct Judge<'p> {
    pub plan: &'p Compiled,
    pub paths: &'p Scrub,
    /// How often each rule matched.
    pub hits: Vec<u64>,
    /// What the patterns of scrub rules cost.
    pub gauges: Gauges,
    /// The rules that matched the last value.
    pub matched: Vec<usize>,
    /// The new token, after [`Decision::Write`].
    pub scratch: Vec<u8>,
}

impl Judge<'_> {
    /// Decides about a value, or about the name of a member.
    pub fn decide(&mut self, place: &Place, value: Scalar<'_>) -> Decision {
        self.matched.clear();
        if let Some(rule) = self.whole(place, value) {
            self.hit(rule);
            return self.apply(rule, value);
        }
        let (Scalar::Text(printed) | Scalar::Name(printed)) = value else {
            return Decision::Keep;
        };
        self.scrub(place, value, printed)
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
            rule.effect.applies(value) && (unasked || rule.predicate.holds(value))
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

    fn scrub(&mut self, place: &Place, value: Scalar<'_>, printed: &str) -> Decision {
        let rules = &self.plan.rules;
        let here: Vec<usize> = place
            .scrub
            .iter()
            .copied()
            .filter(|&id| rules[id].predicate.holds(value))
            .collect();
        let found = scrub(printed, self.paths, rules, &here, &mut self.gauges);
        let done = match found {
            Ok(Some(done)) => done,
            Ok(None) => return Decision::Keep,
            Err(TooLong(rule)) => return Decision::TooLong(rule),
        };
        let first = done.rules[0];
        done.rules.iter().for_each(|&rule| self.hit(rule));
        if done.text == printed {
            return Decision::Same(first);
        }
        // People write patterns for what they see in a fixture, so the scrubbed text counts too.
        let scrubbed = match value {
            Scalar::Name(_) => Scalar::Name(&done.text),
            _ => Scalar::Text(&done.text),
        };
        if let Some(rule) = self.whole(place, scrubbed) {
            self.hit(rule);
            let decision = self.apply(rule, scrubbed);
            if !matches!(decision, Decision::Same(_)) {
                return decision;
            }
        }
        self.scratch.clear();
        text::encode(&done.text, &mut self.scratch);
        Decision::Write(first)
    }
}
