//! Candidates normalised once more, by the project's own rules: nothing may change, and nothing may be masked that their lock does not list.

use std::collections::{BTreeMap, BTreeSet};

use stillframe_core::compare::Fixture;
use stillframe_core::normalize::{self, Draft, Identities, Scrub};
use stillframe_core::poc::{Capture, Poc};
use stillframe_core::rule::RuleInfo;

use super::Loaded;
use crate::binding::bind;
use crate::freeze;
use crate::rulebook::Rulebook;
use crate::workspace::Workspace;

/// What is wrong with fixtures that their own POC captures, by their path.
pub(super) fn faults<'a>(
    loaded: &'a Loaded,
    rulebook: &Rulebook,
    workspace: &Workspace,
) -> BTreeMap<&'a str, String> {
    let mut faults = BTreeMap::new();
    for poc in &workspace.pocs {
        of_poc(poc, loaded, rulebook, &mut faults);
    }
    faults
}

/// The fixtures of a POC share their identities, so that they are numbered together.
fn of_poc<'a>(
    poc: &Poc,
    loaded: &'a Loaded,
    rulebook: &Rulebook,
    faults: &mut BTreeMap<&'a str, String>,
) {
    let fixtures = &loaded.candidates.fixtures;
    let drafts: Vec<(&Fixture, Draft)> = poc
        .captures()
        .filter_map(|(_, capture)| {
            let fixture = fixtures.get(capture.path.as_str())?;
            Some((fixture, draft(fixture, capture, rulebook)?))
        })
        .collect();
    let mut identities = Identities::new();
    for (_, draft) in &drafts {
        identities.reserve(draft);
    }
    for (fixture, draft) in &drafts {
        let fault = if identities.number(draft) != fixture.bytes {
            Some("the rules or the [format] of this project would write it otherwise".to_owned())
        } else {
            unlisted(fixture, draft)
        };
        if let Some(fault) = fault {
            faults.insert(&fixture.entry.path, fault);
        }
    }
}

/// `None` for what is not JSON, which is reported as that.
fn draft(fixture: &Fixture, capture: &Capture, rulebook: &Rulebook) -> Option<Draft> {
    if fixture.bytes.is_empty() {
        return None;
    }
    let document = freeze::parse(capture.framing, &fixture.bytes).ok()?;
    let schemas = rulebook.schemas.as_ref();
    let binding =
        schemas.and_then(|schemas| bind(&schemas.catalogue, capture, &document).ok().flatten());
    let plan = rulebook
        .plan_of(binding.as_ref())
        .for_fixture(capture.path.as_str());
    normalize::draft(&plan, &Scrub::default(), capture.framing, &fixture.bytes).ok()
}

/// Places that a rule masks and the lock does not list, and rules that the lock names and the project does not have. What a
/// rule matched may be gone now, so that the lock may list more places.
fn unlisted(fixture: &Fixture, draft: &Draft) -> Option<String> {
    let listed = &fixture.entry.masked;
    let known: BTreeSet<&str> = draft.rules().map(RuleInfo::listed_as).collect();
    if let Some(name) = listed.keys().find(|name| !known.contains(name.as_str())) {
        return Some(format!(
            "the lock lists places that `{name}` masks, and this project has no such rule"
        ));
    }
    for (rule, places) in draft.masked() {
        let named = listed.get(&rule);
        let missing = places
            .iter()
            .find(|place| named.is_none_or(|named| !named.contains(place)));
        if let Some(place) = missing {
            return Some(format!(
                "{place} is masked by `{rule}`, and the lock does not list that"
            ));
        }
    }
    None
}
