//! Values that a built-in list masks although they do not vary: perhaps settings, which a list should not hide.

use std::collections::BTreeMap;

use stillframe_core::normalize::{self, Change};
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::rule::Origin;

use super::Looked;
use crate::capture::PocRun;
use crate::freeze;
use crate::rulebook::Rulebook;

/// One finding for each fixture that has such places.
pub(super) fn maybe(rulebook: &Rulebook, looked: &Looked<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (step, capture) in looked.poc.captures() {
        let masked = |run: &PocRun| -> Option<BTreeMap<String, String>> {
            let output = run
                .outputs
                .iter()
                .find(|output| output.step == step.number)?;
            let plan = freeze::plan_of(rulebook, capture, &output.bytes);
            let scrub = freeze::scrub(run);
            let draft = normalize::explain(&plan, &scrub, capture.framing, &output.bytes).ok()?;
            let listed = |change: &&Change| {
                let rule = &plan.rules()[change.rule.0];
                rule.origin == Origin::BuiltIn && rule.name != "machine-paths"
            };
            let pair = |change: &Change| (change.location.clone(), change.before.clone());
            Some(draft.changes().iter().filter(listed).map(pair).collect())
        };
        let (Some(first), Some(second)) = (masked(looked.first), masked(looked.second)) else {
            continue;
        };
        let same = first
            .iter()
            .filter(|(place, value)| second.get(*place) == Some(value));
        let lines: Vec<String> = same
            .map(|(place, value)| {
                format!("{place} is {value} in both runs; if it is a setting, add it to `preserve`")
            })
            .collect();
        if lines.is_empty() {
            continue;
        }
        let fix =
            "list the names of settings under `extend-preserve` of [normalize] in stillframe.toml";
        let mut problem = Problem::new(Kind::MaybeSetting, capture.path.to_string(), fix)
            .at(&looked.poc.id, Some(step.number));
        let more = lines.len().saturating_sub(MOST_LINES);
        problem.details = lines.into_iter().take(MOST_LINES).collect();
        if more > 0 {
            problem.details.push(format!("… and {more} more"));
        }
        problems.push(problem);
    }
    problems
}

/// The most places that a finding lists.
const MOST_LINES: usize = 8;
