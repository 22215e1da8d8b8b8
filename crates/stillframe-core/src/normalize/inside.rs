//! What becomes of the text inside one string: paths, matches of scrub rules and identities; it gives no numbers, and refuses what would change again the next time.
//!
//! A replacement can complete a text that another rule matches, because people write patterns for what they see in a
//! fixture. So passes are repeated until nothing changes, and then normalising twice changes nothing. In between, an
//! identity is written as the first placeholder of its form, for the rules after it to see.

pub mod claims;
mod spans;

use super::compiled::Rule;
use super::effect::{Effect, still};
use super::gauge::Gauge;
use super::scrub::Scrub;
use crate::rule::form::Form;
use crate::rule::predicate::Scalar;
use claims::{Claim, Claims};
use regex::Regex;
pub(crate) use spans::{Part, Text};
use std::collections::BTreeMap;
use std::ops::Range;

/// Rules that do not settle in as many passes change each other's text for ever.
const PASSES: usize = 8;

/// Why a text cannot be decided, with the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Its pattern would take too long.
    TooLong(usize),
    /// It would change what it wrote, now or the next time.
    Unsettled(usize),
}

/// How far the patterns of some rules read.
pub(crate) type Gauges = BTreeMap<usize, Gauge>;

/// What does not depend on the text.
#[derive(Debug)]
pub(crate) struct Context<'p> {
    pub paths: &'p Scrub,
    pub rules: &'p [Rule],
    /// The forms of all placeholders: values that are equal share one, whichever rule wrote it.
    pub forms: Vec<&'p Form>,
    pub timestamp: &'p str,
}

impl<'p> Context<'p> {
    /// For the rules of a plan.
    pub fn new(paths: &'p Scrub, rules: &'p [Rule], timestamp: &'p str) -> Self {
        let mut forms: Vec<&Form> = rules.iter().filter_map(|rule| rule.effect.form()).collect();
        forms.sort();
        forms.dedup();
        Self {
            paths,
            rules,
            forms,
            timestamp,
        }
    }
}

/// A text as it will be written, and the rules that matched, the first one first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rewritten {
    pub text: Text,
    pub rules: Vec<usize>,
}

/// Rewrites the text of a string, or of a name; `None` when no rule matches. `applying` are the rules of the place.
pub(crate) fn rewrite(
    value: Scalar<'_>,
    context: &Context<'_>,
    applying: &[usize],
    gauges: &mut Gauges,
) -> Result<Option<Rewritten>, Refusal> {
    let Some(text) = value.text() else {
        return Ok(None);
    };
    let mut pass = Pass {
        value,
        context,
        applying,
        gauges,
    };
    let mut done = Text::new(text);
    let mut rules = Vec::new();
    let mut last = None;
    for _ in 0..PASSES {
        let claims = pass.claims(&done)?;
        for rule in claims.rules() {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        last = claims.first_change(&done.text);
        pass.check(&claims, &done)?;
        done = done.with(&claims);
        if last.is_none() {
            break;
        }
    }
    match last.or_else(|| done.ambiguous(context.rules)) {
        Some(rule) => Err(Refusal::Unsettled(rule)),
        None if rules.is_empty() => Ok(None),
        None => Ok(Some(Rewritten { text: done, rules })),
    }
}

/// One look at a text by all rules.
struct Pass<'c, 'p> {
    value: Scalar<'c>,
    context: &'c Context<'p>,
    applying: &'c [usize],
    gauges: &'c mut Gauges,
}

impl Pass<'_, '_> {
    fn claims(&mut self, done: &Text) -> Result<Claims, Refusal> {
        let mut claims = Claims::default();
        let context = self.context;
        if context.paths.may_match(done.text.as_bytes()) {
            context.paths.claim(&done.text, &mut claims);
        }
        let value = self.value.with_text(&done.text);
        for &id in self.applying {
            let rule = &context.rules[id];
            let Some(regex) = &rule.predicate.pattern else {
                continue;
            };
            let holds = rule.predicate.holds(value);
            let gauge = self.gauges.entry(id).or_default();
            if holds && !gauge.is_affordable(regex, &done.text) {
                return Err(Refusal::TooLong(id));
            }
            match &rule.effect {
                Effect::Scrub(template) if holds => {
                    for found in regex.captures_iter(&done.text) {
                        let Some(whole) = found.get(0) else { continue };
                        let written = template.expand(&found);
                        claims.add_written(&done.text, whole.range(), id, written);
                    }
                }
                Effect::Identity(form) if rule.predicate.takes(value) => {
                    let regex = holds.then_some(regex);
                    self.claim_identities(done, (id, form), regex, &mut claims);
                }
                _ => {}
            }
        }
        Ok(claims)
    }

    /// Claims what is to be numbered, and the placeholders that are there already.
    fn claim_identities(
        &self,
        done: &Text,
        (id, form): (usize, &Form),
        regex: Option<&Regex>,
        claims: &mut Claims,
    ) {
        let known = done.placeholders(&self.context.forms);
        let matches = regex.map(|regex| regex.find_iter(&done.text));
        for found in matches
            .into_iter()
            .flatten()
            .filter(|found| !found.is_empty())
        {
            let inside =
                |place: &&Range<usize>| place.start <= found.start() && found.end() <= place.end;
            if let Some(place) = known.iter().find(inside) {
                claims.add(place.clone(), Claim::keep(id, &done.text[place.clone()]));
            } else if let Some(still) = still(found.as_str(), self.context.timestamp) {
                claims.add(found.range(), Claim::text(id, still));
            } else {
                claims.add(
                    found.range(),
                    Claim::number(id, form.write(1), found.as_str()),
                );
            }
        }
        for place in known {
            claims.add(place.clone(), Claim::keep(id, &done.text[place]));
        }
    }

    /// Refuses a rule that would change its own text, or that of an identity, whose number is not known here.
    fn check(&self, claims: &Claims, done: &Text) -> Result<(), Refusal> {
        for (range, claim) in claims.changes(&done.text) {
            let rule = claim.rule;
            let scrubs = match self.context.rules.get(rule).map(|rule| &rule.effect) {
                Some(Effect::Scrub(template)) => !template.has_groups(),
                _ => false,
            };
            for span in done.spans_in(&range) {
                let covered = range.start <= span.range.start && span.range.end <= range.end;
                let allowed = match &span.raw {
                    Some(_) => scrubs && covered,
                    None => scrubs || span.rule != rule,
                };
                if !allowed {
                    return Err(Refusal::Unsettled(rule));
                }
            }
        }
        Ok(())
    }
}
