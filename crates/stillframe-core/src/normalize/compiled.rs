//! Rules as the rewriter asks them: conditions, effects, and the automaton of their places.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::effect::{Effect, Stage};
use super::settings::Format;
use crate::location::automaton::{Automaton, State};
use crate::pattern::FixturePattern;
use crate::rule::predicate::{Predicate, Scalar};
use crate::rule::{Origin, RuleId, RuleInfo};

/// What a plan holds.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    pub infos: Vec<RuleInfo>,
    pub rules: Vec<Rule>,
    /// Rules in the order in which they are asked.
    pub order: Vec<usize>,
    pub automaton: Automaton,
    /// What keeps rules away from places.
    pub guards: Vec<Guard>,
    /// Alternatives of schemas whose annotations differ.
    pub choices: Vec<Choice>,
    /// The state of the documents of each annotated schema.
    pub annotated: BTreeMap<String, State>,
    pub timestamp: String,
    pub format: Format,
}

/// Says whether the subschema at a JSON pointer accepts a value.
pub type Accepts = Arc<dyn Fn(&str, &serde_json::Value) -> bool + Send + Sync>;

/// The arms of a `oneOf` or `anyOf`: each holds for the values that it accepts.
#[derive(Clone)]
pub(crate) struct Choice {
    /// Each arm's pointer in its schema, and its state.
    pub arms: Vec<(String, State)>,
    pub accepts: Accepts,
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Choice")
            .field("arms", &self.arms)
            .finish_non_exhaustive()
    }
}

impl Choice {
    /// The states of the arms that accept a value.
    pub fn accepted(&self, value: &serde_json::Value) -> impl Iterator<Item = State> {
        let accepts = |arm: &&(String, State)| (self.accepts)(&arm.0, value);
        self.arms.iter().filter(accepts).map(|arm| arm.1)
    }
}

/// An entry of a list that keeps rules away.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    /// The list and the entry, for a message.
    pub entry: String,
    pub keeps: Guards,
}

/// Which rules a guard keeps away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guards {
    /// All of them.
    Everything,
    /// Those that name no path: a payload that no list looks into.
    Payload,
}

/// One compiled rule.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// Which parts of the location have to hold, as bits of [`Part`].
    pub needs: u8,
    pub predicate: Predicate,
    pub effect: Effect,
    /// How deep an annotation stands; the deepest at a place silences the others.
    pub depth: Option<usize>,
    /// The fixtures to which it is limited; empty for all.
    pub within: Vec<FixturePattern>,
}

/// The rule that stands for `timing-suffixes`.
pub(crate) const TIMING: usize = 0;
/// The rule that stands for `wall-clock-fields`.
pub(crate) const WALL_CLOCK: usize = 1;
/// The rule that stands for replacing sandbox paths.
pub(crate) const SANDBOX: usize = 2;

impl Compiled {
    /// Adds a guard and returns its index.
    pub fn guard(&mut self, list: &str, entry: &str, keeps: Guards) -> usize {
        let entry = format!("{list}: {entry}");
        self.guards.push(Guard { entry, keeps });
        self.guards.len() - 1
    }

    /// Adds a rule and returns its index.
    pub fn push(&mut self, name: &str, origin: Origin, reason: &str, rule: Rule) -> usize {
        let id = self.rules.len();
        self.infos.push(RuleInfo {
            id: RuleId(id),
            name: name.to_owned(),
            origin,
            reason: reason.to_owned(),
        });
        self.rules.push(rule);
        id
    }
}

impl Rule {
    /// Whether it holds in the fixture with this path, or in an input whose path is not known.
    pub fn reaches(&self, fixture: Option<&str>) -> bool {
        let matches = |path| self.within.iter().any(|pattern| pattern.matches(path));
        self.within.is_empty() || fixture.is_some_and(matches)
    }

    /// Whether it belongs to this stage.
    pub fn is(&self, stage: Stage) -> bool {
        self.effect.stage() == stage
    }

    /// Whether it can change a part of a text and leave the rest.
    pub fn is_for_parts(&self) -> bool {
        self.is(Stage::Scrub) || self.is(Stage::Identity) && self.predicate.pattern.is_some()
    }

    /// Whether it is about the whole value: an identity with a pattern numbers what the pattern matches.
    pub fn takes_whole(&self, value: Scalar<'_>) -> bool {
        let Some(text) = value.text() else {
            return true;
        };
        let pattern = self.predicate.pattern.as_ref();
        let pattern = pattern.filter(|_| self.is(Stage::Identity));
        pattern.is_none_or(|regex| {
            regex
                .find(text)
                .is_some_and(|found| found.range() == (0..text.len()))
        })
    }
}
