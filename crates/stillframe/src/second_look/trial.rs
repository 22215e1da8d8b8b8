//! Tries a rule on what both runs printed: it works if both come out equal where it should, and nothing else changes.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use stillframe_core::config::Config;
use stillframe_core::json;
use stillframe_core::normalize::Settings;
use stillframe_core::poc::Poc;
use stillframe_core::problem::Problem;
use stillframe_core::rule::RuleSpec;
use stillframe_core::varies::{Extent, Place, Renamed, changes_only, renamed_objects};

use super::{Looked, between_knowing, bytes_of};
use crate::freeze::{self, Frozen};
use crate::rulebook::Rulebook;

/// A configuration with the rules that were kept so far.
pub(super) struct Trial<'a> {
    config: Config,
    rulebook: &'a Rulebook,
    looked: &'a [Looked<'a>],
    /// POCs whose fixtures are as committed, and are to stay so.
    unchanged: &'a [(&'a Poc, &'a Frozen)],
    /// Both runs as the configuration alone makes them.
    before: Vec<Before>,
    /// The places that vary without any more rule.
    varying: BTreeSet<Place>,
    /// The places that kept rules cover.
    covered: BTreeMap<Place, Extent>,
}

/// Both runs of a POC without any more rule.
struct Before {
    runs: [Frozen; 2],
    /// For each capture, the objects whose members have other names in each run.
    renamed: Vec<Renamed>,
}

/// What a rulebook makes of both runs of a POC.
struct Outcome {
    /// Where the two runs differ.
    varying: BTreeSet<Place>,
    /// Where the first run differs from what it was without the rules.
    changed: BTreeSet<Place>,
    /// Whether, value by value, it differs only where it may.
    within_bounds: bool,
    /// What stands against it.
    problems: Vec<Problem>,
}

impl<'a> Trial<'a> {
    pub fn new(
        config: &Config,
        rulebook: &'a Rulebook,
        looked: &'a [Looked<'a>],
        unchanged: &'a [(&'a Poc, &'a Frozen)],
    ) -> Self {
        let before = looked.iter().map(|one| before(rulebook, one)).collect();
        let mut trial = Self {
            config: config.clone(),
            rulebook,
            looked,
            unchanged,
            before,
            varying: BTreeSet::new(),
            covered: BTreeMap::new(),
        };
        trial.varying = trial
            .outcomes(rulebook, &BTreeMap::new())
            .into_iter()
            .flat_map(|one| one.varying)
            .collect();
        trial
    }

    /// Whether these rules cover these places and touch no others.
    pub fn works(&self, rules: &str, places: &BTreeMap<Place, Extent>) -> bool {
        let Some(config) = self.with(rules) else {
            return false;
        };
        let Some(rulebook) = self.rulebook.with_normalize(&config) else {
            return false;
        };
        let meant = self.covered_with(places);
        let left: BTreeSet<&Place> = self
            .varying
            .iter()
            .filter(|place| !meant.contains_key(place))
            .collect();
        let outcomes = self.outcomes(&rulebook, &meant);
        let varying: BTreeSet<&Place> = outcomes.iter().flat_map(|one| &one.varying).collect();
        let sound = |(one, before): (&Outcome, &Before)| {
            let as_meant = one.changed.iter().all(|place| meant.contains_key(place));
            one.problems == before.runs[0].problems && as_meant && one.within_bounds
        };
        varying == left
            && outcomes.iter().zip(&self.before).all(sound)
            && self.leaves_the_others(&rulebook)
    }

    /// Goes on with rules that work.
    pub fn keep(&mut self, rules: &str, places: &BTreeMap<Place, Extent>) {
        if let Some(config) = self.with(rules) {
            self.config = config;
        }
        self.covered = self.covered_with(places);
    }

    /// The places that kept rules cover, and these.
    fn covered_with(&self, places: &BTreeMap<Place, Extent>) -> BTreeMap<Place, Extent> {
        let mut covered = self.covered.clone();
        for (place, extent) in places {
            match covered.get_mut(place) {
                Some(known) => known.extend(extent),
                None => _ = covered.insert(place.clone(), extent.clone()),
            }
        }
        covered
    }

    /// Whether fixtures that nothing was found in stay as they are.
    fn leaves_the_others(&self, rulebook: &Rulebook) -> bool {
        self.unchanged.par_iter().all(|(poc, frozen)| {
            frozen.fixtures.iter().all(|fixture| {
                let path = &fixture.entry.path;
                poc.captures()
                    .find(|(_, capture)| capture.path.as_str() == path.as_str())
                    .is_none_or(|(_, capture)| freeze::is_final(rulebook, capture, &fixture.bytes))
            })
        })
    }

    fn with(&self, rules: &str) -> Option<Config> {
        let mut config = self.config.clone();
        config.normalize.rule.extend(parsed(rules)?);
        Some(config)
    }

    fn outcomes(&self, rulebook: &Rulebook, meant: &BTreeMap<Place, Extent>) -> Vec<Outcome> {
        let pairs: Vec<_> = self.looked.iter().zip(&self.before).collect();
        pairs
            .par_iter()
            .map(|(one, before)| outcome(rulebook, one, before, meant))
            .collect()
    }
}

/// What a rulebook makes of both runs.
fn both(rulebook: &Rulebook, looked: &Looked<'_>) -> [Frozen; 2] {
    [looked.first, looked.second].map(|run| freeze::freeze(rulebook, looked.poc, run))
}

fn before(rulebook: &Rulebook, looked: &Looked<'_>) -> Before {
    let runs = both(rulebook, looked);
    let captures = looked.poc.captures();
    let renamed = captures.map(|(_, capture)| {
        let document = |frozen: &Frozen| {
            let bytes = bytes_of(frozen, capture.path.as_str())?;
            json::parse(capture.framing, bytes).ok()
        };
        match (document(&runs[0]), document(&runs[1])) {
            (Some(one), Some(two)) => renamed_objects(one.node(), two.node()),
            _ => Renamed::default(),
        }
    });
    let renamed = renamed.collect();
    Before { runs, renamed }
}

fn outcome(
    rulebook: &Rulebook,
    looked: &Looked<'_>,
    before: &Before,
    meant: &BTreeMap<Place, Extent>,
) -> Outcome {
    let [first, second] = both(rulebook, looked);
    let places = |one: &Frozen, other: &Frozen| {
        let captures = looked.poc.captures().zip(&before.renamed);
        let found = captures
            .flat_map(|((_, capture), renamed)| between_knowing(renamed, capture, one, other));
        found.map(|variation| variation.place).collect()
    };
    let within_bounds = looked.poc.captures().all(|(_, capture)| {
        let document = |frozen: &Frozen| {
            let bytes = bytes_of(frozen, capture.path.as_str())?;
            json::parse(capture.framing, bytes).ok()
        };
        match (
            document(&before.runs[0]),
            document(&before.runs[1]),
            document(&first),
        ) {
            (Some(one), Some(two), Some(after)) => {
                changes_only(one.node(), two.node(), after.node(), meant)
            }
            _ => true,
        }
    });
    Outcome {
        varying: places(&first, &second),
        changed: places(&before.runs[0], &first),
        within_bounds,
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
