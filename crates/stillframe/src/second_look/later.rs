//! Looks for the day of the run, which both runs print alike: the second one is read as if it had been made in another year. It calls nothing broken.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::SystemTime;

use stillframe_core::config::Config;
use stillframe_core::machine::Day;
use stillframe_core::poc::Poc;
use stillframe_core::varies::{Apart, Place, merged};
use walkdir::WalkDir;

use super::trial::{Trial, parsed};
use super::{Looked, Looks, Seen, cover, offers_for, varying_fixtures, with_rules};
use crate::capture::{Output, PocRun};
use crate::disk;
use crate::freeze::Frozen;
use crate::machine;
use crate::rulebook::Rulebook;
use crate::workspace::Workspace;

/// Finds rules that cover the day, on top of those that cover what varies.
pub(super) fn look(
    workspace: &Workspace,
    config: &Config,
    rulebook: &Rulebook,
    looked: &[Looked<'_>],
    unchanged: &[(&Poc, &Frozen)],
    looks: Looks,
    seen: &mut Seen,
) {
    let days = machine::facts(&workspace.root, SystemTime::now()).days;
    let moved: Vec<Option<PocRun>> = looked
        .iter()
        .map(|one| another_year(workspace, one, &days))
        .collect();
    if moved.iter().all(Option::is_none) {
        return;
    }
    let Some(covering) = with_rules(config, rulebook, &seen.rules) else {
        return;
    };
    let mut config = config.clone();
    for rule in &seen.rules {
        config
            .normalize
            .rule
            .extend(parsed(rule).unwrap_or_default());
    }
    // What varies as well and has no rule is a finding already.
    let known: BTreeSet<Place> = looked
        .iter()
        .flat_map(|one| varying_fixtures(&covering, one))
        .flat_map(|one| one.found)
        .map(|variation| variation.place)
        .collect();
    let later: Vec<Looked<'_>> = looked
        .iter()
        .zip(&moved)
        .map(|(one, moved)| Looked {
            second: moved.as_ref().unwrap_or(one.second),
            ..*one
        })
        .collect();
    let varying: Vec<_> = later
        .iter()
        .flat_map(|one| varying_fixtures(&covering, one))
        .collect();
    let all = merged(varying.iter().flat_map(|one| one.found.iter().cloned()));
    let of_the_day: Vec<_> = all
        .into_iter()
        .filter(|variation| !known.contains(&variation.place))
        .collect();
    let mut rules = Vec::new();
    let offers = offers_for(&config, &of_the_day, &varying, Apart::Days);
    let trial = Trial::new(&config, &covering, &later, unchanged);
    let covered = cover(trial, &offers, &mut rules);
    if looks == Looks::FixVarying {
        seen.rules.extend(rules);
        return;
    }
    for one in varying {
        let places = one
            .found
            .iter()
            .filter_map(|variation| covered.get(&variation.place));
        let mut of_it: Vec<String> = places.map(|cover| cover.rule.clone()).collect();
        of_it.dedup();
        if !of_it.is_empty() {
            seen.of_the_day.insert(one.path, of_it);
        }
    }
}

/// The second run with the day moved; nothing where it does not stand in it, or where it comes from the POC itself.
fn another_year(workspace: &Workspace, looked: &Looked<'_>, days: &[Day]) -> Option<PocRun> {
    let run = looked.second;
    let mut found = false;
    let mut outputs = Vec::new();
    for output in &run.outputs {
        let bytes = match std::str::from_utf8(&output.bytes) {
            Ok(text) => match in_another_year(days, text) {
                Some(moved) => {
                    found = true;
                    moved.into_bytes()
                }
                None => output.bytes.clone(),
            },
            Err(_) => output.bytes.clone(),
        };
        outputs.push(Output {
            step: output.step,
            exit: output.exit,
            bytes,
            stderr: Vec::new(),
        });
    }
    let is_clock = found && !is_seed(workspace, looked, days);
    is_clock.then(|| PocRun {
        outputs,
        scrub: run.scrub.clone(),
        surroundings: run.surroundings.clone(),
        ..PocRun::default()
    })
}

fn in_another_year(days: &[Day], text: &str) -> Option<String> {
    days.iter().fold(None, |moved: Option<String>, day| {
        let next = day.in_another_year(moved.as_deref().unwrap_or(text));
        next.or(moved)
    })
}

/// Whether a file that the POC begins with has the day: what is printed may then be a literal.
fn is_seed(workspace: &Workspace, looked: &Looked<'_>, days: &[Day]) -> bool {
    let layers = workspace.layers(looked.poc);
    let files = layers.iter().flat_map(WalkDir::new);
    let mut files = files
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file());
    files.any(|entry| has_day(entry.path(), days))
}

fn has_day(file: &Path, days: &[Day]) -> bool {
    disk::read_regular_text(file).is_ok_and(|text| in_another_year(days, &text).is_some())
}
