//! Tries a rule on what both runs printed: it works if both come out equal where it should, and nothing else changes.

use std::collections::BTreeSet;

use rayon::prelude::*;
use stillframe_core::config::Config;
use stillframe_core::normalize::Settings;
use stillframe_core::problem::Problem;
use stillframe_core::rule::RuleSpec;
use stillframe_core::varies::Place;

use super::{Looked, between};
use crate::freeze::{self, Frozen};
use crate::rulebook::Rulebook;

/// A configuration with the rules that were kept so far.
pub(super) struct Trial<'a> {
    config: Config,
    rulebook: &'a Rulebook,
    looked: &'a [Looked<'a>],
    /// The first runs as the configuration alone makes them.
    before: Vec<Frozen>,
    /// The places that vary without any more rule.
    varying: BTreeSet<Place>,
    /// The places that kept rules cover.
    covered: BTreeSet<Place>,
}

/// What a rulebook makes of both runs of a POC.
struct Outcome {
    /// Where the two runs differ.
    varying: BTreeSet<Place>,
    /// Where the first run differs from what it was without the rules.
    changed: BTreeSet<Place>,
    /// What stands against it.
    problems: Vec<Problem>,
}

impl<'a> Trial<'a> {
    pub fn new(config: &Config, rulebook: &'a Rulebook, looked: &'a [Looked<'a>]) -> Self {
        let frozen = |one: &Looked<'_>| freeze::freeze(rulebook, one.poc, one.first);
        let before: Vec<Frozen> = looked.iter().map(frozen).collect();
        let mut trial = Self {
            config: config.clone(),
            rulebook,
            looked,
            before,
            varying: BTreeSet::new(),
            covered: BTreeSet::new(),
        };
        trial.varying = trial
            .outcomes(rulebook)
            .into_iter()
            .flat_map(|one| one.varying)
            .collect();
        trial
    }

    /// Whether these rules cover these places and touch no others.
    pub fn works(&self, rules: &str, places: &BTreeSet<Place>) -> bool {
        let Some(config) = self.with(rules) else {
            return false;
        };
        let Some(rulebook) = self.rulebook.with_normalize(&config) else {
            return false;
        };
        let meant: BTreeSet<Place> = self.covered.union(places).cloned().collect();
        let left: BTreeSet<Place> = self.varying.difference(&meant).cloned().collect();
        let outcomes = self.outcomes(&rulebook);
        let varying: BTreeSet<&Place> = outcomes.iter().flat_map(|one| &one.varying).collect();
        let sound = |(one, before): (&Outcome, &Frozen)| {
            one.problems == before.problems && one.changed.is_subset(&meant)
        };
        varying.into_iter().eq(left.iter()) && outcomes.iter().zip(&self.before).all(sound)
    }

    /// Goes on with rules that work.
    pub fn keep(&mut self, rules: &str, places: &BTreeSet<Place>) {
        if let Some(config) = self.with(rules) {
            self.config = config;
        }
        self.covered.extend(places.iter().cloned());
    }

    fn with(&self, rules: &str) -> Option<Config> {
        let mut config = self.config.clone();
        config.normalize.rule.extend(parsed(rules)?);
        Some(config)
    }

    fn outcomes(&self, rulebook: &Rulebook) -> Vec<Outcome> {
        let pairs: Vec<_> = self.looked.iter().zip(&self.before).collect();
        pairs
            .par_iter()
            .map(|(one, before)| outcome(rulebook, one, before))
            .collect()
    }
}

fn outcome(rulebook: &Rulebook, looked: &Looked<'_>, before: &Frozen) -> Outcome {
    let first = freeze::freeze(rulebook, looked.poc, looked.first);
    let second = freeze::freeze(rulebook, looked.poc, &looked.second);
    let places = |one: &Frozen, other: &Frozen| {
        let captures = looked.poc.captures();
        let found = captures.flat_map(|(_, capture)| between(capture, one, other));
        found.map(|variation| variation.place).collect()
    };
    Outcome {
        varying: places(&first, &second),
        changed: places(before, &first),
        problems: first.problems,
    }
}

/// The rules of a text that holds nothing else.
pub fn parsed(rules: &str) -> Option<Vec<RuleSpec>> {
    #[derive(serde::Deserialize)]
    struct File {
        normalize: Settings,
    }
    let file: File = toml::from_str(rules).ok()?;
    Some(file.normalize.rule)
}
