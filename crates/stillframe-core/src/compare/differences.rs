//! How two records of a corpus differ, in lines for a person; it decides nothing.

use std::collections::BTreeMap;

use crate::lock::{Entry, Lock, Masked};

/// `ruff 0.12.0 → 0.5.0`
pub(super) fn version_changes(
    was: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> Vec<String> {
    let change = |(name, now): (&String, &String)| {
        let was = was.get(name).filter(|was| *was != now)?;
        let words = || was.split(' ').zip(now.split(' '));
        let same = words().take_while(|(was, now)| was == now).count();
        let rest: Vec<&str> = now.split(' ').skip(same).collect();
        // Where it only grew or shrank, or does not say whose version it is, nothing is left out.
        let rest = if rest.is_empty() {
            now.clone()
        } else {
            rest.join(" ")
        };
        let name = if same == 0 {
            format!("{name}: ")
        } else {
            String::new()
        };
        Some(format!("{name}{was} → {rest}"))
    };
    now.iter().filter_map(change).collect()
}

pub(super) fn lock_differences(old: Option<&Lock>, new: &Lock) -> Vec<String> {
    let Some(old) = old else {
        return vec!["there is none".into()];
    };
    let mut lines = Vec::new();
    for (path, entry) in &new.fixtures {
        match old.fixtures.get(path) {
            None => lines.push(format!("{path}: not recorded")),
            Some(was) if was == entry => {}
            Some(was) => lines.push(format!("{path}: {}", entry_difference(was, entry))),
        }
    }
    for path in old
        .fixtures
        .keys()
        .filter(|path| !new.fixtures.contains_key(*path))
    {
        lines.push(format!("{path}: recorded, but no capture produces it"));
    }
    for (name, now) in &new.schemas {
        match old.schemas.get(name) {
            None => lines.push(format!("{name}: not recorded")),
            Some(was) if was == now => {}
            Some(_) => lines.push(format!(
                "{name}: the recorded hash is not that of the schema"
            )),
        }
    }
    let dropped = old
        .schemas
        .keys()
        .filter(|name| !new.schemas.contains_key(*name));
    lines
        .extend(dropped.map(|name| format!("{name}: recorded, but the target does not export it")));
    lines
}

fn entry_difference(was: &Entry, now: &Entry) -> String {
    let mut parts = Vec::new();
    if was.poc != now.poc {
        parts.push(format!("poc: {} → {}", was.poc, now.poc));
    }
    if (&was.target, was.exec) != (&now.target, now.exec) {
        parts.push(format!("program: {} → {}", program(was), program(now)));
    }
    if was.args != now.args {
        parts.push(format!("args: {:?} → {:?}", was.args, now.args));
    }
    if was.schema != now.schema {
        parts.push(format!("schema: {} → {}", was.schema, now.schema));
    }
    let masks = |word: &'static str, from, to| {
        added_masks(from, to).map(move |(place, rule)| format!("{word} masked: {place} ({rule})"))
    };
    parts.extend(masks("newly", &was.masked, &now.masked));
    parts.extend(masks("no longer", &now.masked, &was.masked));
    if was.blake3 != now.blake3 {
        parts.push("the recorded hash is not that of the published bytes".into());
    }
    parts.join(", ")
}

/// The places that only the second has, each with its rule.
pub(super) fn added_masks<'m>(
    was: &'m Masked,
    now: &'m Masked,
) -> impl Iterator<Item = (&'m str, &'m str)> {
    now.iter().flat_map(|(rule, places)| {
        let known = was.get(rule);
        let new = move |place: &&String| known.is_none_or(|list| !list.contains(place));
        places
            .iter()
            .filter(new)
            .map(move |place| (place.as_str(), rule.as_str()))
    })
}

/// What a step runs, in the words of its keys.
fn program(entry: &Entry) -> String {
    match &entry.target {
        _ if entry.exec => "exec".into(),
        None => "[target]".into(),
        Some(name) => format!("target = {name:?}"),
    }
}
