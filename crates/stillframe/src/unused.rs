//! What a project says and nothing answers to: rules, bindings and schemas that had no effect; it judges no output.

use std::collections::{BTreeMap, BTreeSet};

use stillframe_core::binding;
use stillframe_core::compare::Candidates;
use stillframe_core::normalize::Draft;
use stillframe_core::poc::Poc;
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::rule::{RuleId, RuleInfo};

use crate::corpus;
use crate::rulebook::Rulebook;
use crate::workspace::Workspace;

/// What the rules did in some documents.
#[derive(Debug, Default)]
pub struct RuleUse {
    /// How often each rule fired, in the order of the plan; those of schema annotations are not counted here.
    pub hits: Vec<u64>,
    /// Rules that would hold at some place, each with the entry of a list that keeps it away.
    kept_away: BTreeSet<(RuleId, String)>,
    /// Values that rules sort by, and whether an element had them.
    sort_keys: BTreeMap<(RuleId, String), bool>,
}

impl RuleUse {
    /// What they did in one document.
    pub fn of(draft: &Draft) -> RuleUse {
        let kept_away = draft.kept_away();
        RuleUse {
            hits: draft.hits().to_vec(),
            kept_away: kept_away
                .map(|(rule, entry)| (rule, entry.to_owned()))
                .collect(),
            sort_keys: draft.sort_keys().collect(),
        }
    }

    /// Adds what they did elsewhere; the configured rules come first in every plan.
    pub fn add(&mut self, other: RuleUse) {
        let length = self.hits.len().max(other.hits.len());
        self.hits.resize(length, 0);
        for (sum, count) in self.hits.iter_mut().zip(other.hits) {
            *sum += count;
        }
        self.kept_away.extend(other.kept_away);
        for (key, met) in other.sort_keys {
            *self.sort_keys.entry(key).or_default() |= met;
        }
    }
}

/// Rules that did nothing in the whole corpus, or sort by what no element has.
pub fn rules(rulebook: &Rulebook, candidates: &Candidates, used: &RuleUse) -> Vec<Problem> {
    rulebook
        .configured()
        .filter_map(|rule| {
            let (fix, detail) = if used.hits.get(rule.id.0).is_none_or(|count| *count == 0) {
                never_used(rulebook, candidates, used, rule)
            } else {
                never_met(used, rule)?
            };
            Some(Problem::new(Kind::UnusedRule, rule.name.clone(), fix).detail(detail))
        })
        .collect()
}

/// Why a rule did nothing: the edit, and the reason.
fn never_used(
    rulebook: &Rulebook,
    candidates: &Candidates,
    used: &RuleUse,
    rule: &RuleInfo,
) -> (&'static str, String) {
    let mut paths = candidates.fixtures.keys();
    if !paths.any(|path| rulebook.reaches(rule, path.as_str())) {
        return (
            "correct its `within` in stillframe.toml, or remove the rule",
            "no fixture has a path that its `within` matches".to_owned(),
        );
    }
    let kept = used.kept_away.iter().filter(|(kept, _)| *kept == rule.id);
    let entries: Vec<&str> = kept.map(|(_, entry)| entry.as_str()).collect();
    if !entries.is_empty() {
        return (
            "shorten that list under [normalize], name the place by a `path` (which reaches into opaque payloads), or remove the rule",
            format!(
                "it holds only where it is kept away: {}",
                entries.join(", ")
            ),
        );
    }
    (
        "remove the rule from stillframe.toml, or correct its `match`",
        "it matched nothing in the whole corpus".to_owned(),
    )
}

/// What a rule sorts by that no element has, which is a mistake more often than not.
fn never_met(used: &RuleUse, rule: &RuleInfo) -> Option<(&'static str, String)> {
    let missing = used
        .sort_keys
        .iter()
        .filter(|((id, _), met)| *id == rule.id && !**met);
    let paths: Vec<&str> = missing.map(|((_, path), _)| path.as_str()).collect();
    if paths.is_empty() {
        return None;
    }
    let paths = paths.join(", ");
    Some((
        "correct its `by` in stillframe.toml; the paths begin at the element that is sorted",
        format!("no element that it sorts has {paths}"),
    ))
}

/// Patterns of `[[bind]]` that no capture has.
pub fn binds(workspace: &Workspace) -> Vec<Problem> {
    let example = workspace.pocs.iter().flat_map(Poc::captures).next();
    let example = example.map_or("lint/a.json", |(_, capture)| capture.path.as_str());
    binding::unused(&workspace.config.binds, &workspace.pocs)
        .into_iter()
        .map(|pattern| {
            Problem::new(
                Kind::UnusedBind,
                pattern.as_str(),
                "remove it from the [[bind]] in stillframe.toml, or correct it",
            )
            .detail(format!(
                "no capture has such a path; they are written like `{example}`"
            ))
        })
        .collect()
}

/// Schemas that nothing belongs to.
pub fn schemas(
    rulebook: &Rulebook,
    candidates: &Candidates,
    scenario_schemas: &BTreeSet<String>,
) -> Vec<Problem> {
    let Some(schemas) = &rulebook.schemas else {
        return Vec::new();
    };
    let used: BTreeSet<&str> = candidates
        .fixtures
        .values()
        .flat_map(|fixture| fixture.entry.schema.iter())
        .chain(scenario_schemas.iter().map(String::as_str))
        .collect();
    schemas
        .catalogue
        .names()
        .filter(|name| !used.contains(name) && !schemas.catalogue.is_referred_to(name))
        .map(|name| {
            Problem::new(
                Kind::UnusedSchema,
                format!("{name}{}", corpus::SCHEMA_SUFFIX),
                format!("add a step that captures such an output, or `stillframe scenario new {name} NAME`; or delete the schema, if it was written by hand and is not needed"),
            )
            .detail("no fixture and no scenario belongs to it")
        })
        .collect()
}
