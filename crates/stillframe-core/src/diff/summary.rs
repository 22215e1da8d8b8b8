//! Differences as lines for people; it decides what to leave out, never what differs.

use std::io::{self, Write};

use indexmap::IndexMap;
use serde_json::Value;

use super::{Change, Difference, diff};
use crate::json::{self, Framing};

/// Longest value shown, in characters.
const SHOWN: usize = 60;

/// As many different changes of one place as are shown one by one.
const ONE_BY_ONE: usize = 3;

/// One line each: `$.tables[0].rows: 24 → 25`, `$.checks[*].hint added (3 places)`.
///
/// The same change in several elements of an array is one line, in the order of first appearance.
pub fn summarize(differences: &[Difference]) -> Vec<String> {
    let mut groups: IndexMap<(String, &str), Vec<&Difference>> = IndexMap::new();
    for difference in differences {
        let place = difference.path.any_index().to_string();
        let key = (place, verb(&difference.change));
        groups.entry(key).or_default().push(difference);
    }
    groups
        .iter()
        .flat_map(|((place, _), group)| group_lines(place, group))
        .collect()
}

/// The lines for two texts, JSON or NDJSON, that differ at least in their bytes.
///
/// Where no value differs the line says so and shows the first differing line: layout, key order
/// and the spelling of numbers (`1.0`, `1.00`) are part of a fixture too.
pub fn summarize_texts(old: &str, new: &str) -> Vec<String> {
    if old == new {
        return Vec::new();
    }
    let lines = match (documents(old), documents(new)) {
        (Some(old), Some(new)) => summarize(&between(old, new)),
        (None, Some(_)) => vec!["the old text is not JSON".to_owned()],
        (Some(_), None) => vec!["the new text is not JSON".to_owned()],
        (None, None) => vec!["neither text is JSON".to_owned()],
    };
    if lines.is_empty() {
        vec![spelling(old, new)]
    } else {
        lines
    }
}

/// `value` as compact JSON of at most 60 characters.
pub fn shortened(value: &Value) -> String {
    let mut start = Start(Vec::new());
    // The writer refuses what goes beyond the part shown; that error is the intended end.
    let _ = serde_json::to_writer(&mut start, value);
    let text = String::from_utf8_lossy(&start.0);
    if text.chars().count() <= SHOWN {
        return text.into_owned();
    }
    let mut cut: String = text.chars().take(SHOWN - 1).collect();
    cut.push('…');
    cut
}

/// The beginning of what is written to it.
struct Start(Vec<u8>);

impl Write for Start {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Four bytes a character, and one character more than is shown, so that a cut is seen.
        let room = (SHOWN + 1) * 4 - self.0.len().min((SHOWN + 1) * 4);
        let taken = bytes.len().min(room);
        self.0.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn verb(change: &Change) -> &'static str {
    match change {
        Change::Changed { .. } => "changed",
        Change::Added(_) => "added",
        Change::Removed(_) => "removed",
        Change::Reordered => "reordered",
    }
}

fn group_lines(place: &str, group: &[&Difference]) -> Vec<String> {
    let first = &group[0].change;
    let count = group.len();
    if count == 1 {
        return vec![line(&group[0].path.to_string(), first)];
    }
    match first {
        Change::Changed { .. } if group.iter().all(|other| other.change == *first) => {
            vec![format!("{} ({count} places)", line(place, first))]
        }
        Change::Changed { .. } if count <= ONE_BY_ONE => group
            .iter()
            .map(|one| line(&one.path.to_string(), &one.change))
            .collect(),
        Change::Changed { .. } => vec![format!(
            "{place} changed ({count} places), first {}",
            line(&group[0].path.to_string(), first)
        )],
        _ => vec![format!("{place} {} ({count} places)", verb(first))],
    }
}

fn line(place: &str, change: &Change) -> String {
    match change {
        Change::Changed { old, new } => changed(place, old, new),
        Change::Added(value) => format!("{place} added: {}", shortened(value)),
        Change::Removed(value) => format!("{place} removed: {}", shortened(value)),
        Change::Reordered => format!("{place} has the same elements in another order"),
    }
}

fn changed(place: &str, old: &Value, new: &Value) -> String {
    let (mut from, mut to) = (shortened(old), shortened(new));
    if let (Value::String(old), Value::String(new)) = (old, new)
        && from == to
    {
        // Both begin alike: show them from just before the first difference.
        let same = old
            .chars()
            .zip(new.chars())
            .take_while(|(a, b)| a == b)
            .count();
        let tail = |text: &str| {
            let rest: String = text.chars().skip(same.saturating_sub(10)).collect();
            format!("…{}", shortened(&Value::String(rest)))
        };
        (from, to) = (tail(old), tail(new));
    }
    format!("{place}: {from} → {to}")
}

/// Every document of a JSON or NDJSON text; none if the text is neither.
fn documents(text: &str) -> Option<Vec<Value>> {
    match json::parse(Framing::Ndjson, text.as_bytes()) {
        Ok(Value::Array(all)) => Some(all).filter(|all| !all.is_empty()),
        _ => json::parse(Framing::Json, text.as_bytes())
            .ok()
            .map(|one| vec![one]),
    }
}

/// The differences of two texts: of their one document, or of their lines as elements of an array.
fn between(old: Vec<Value>, new: Vec<Value>) -> Vec<Difference> {
    match (&old[..], &new[..]) {
        ([old], [new]) => diff(old, new),
        _ => diff(&Value::Array(old), &Value::Array(new)),
    }
}

fn spelling(old: &str, new: &str) -> String {
    let mut after = old.lines().zip(new.lines()).enumerate();
    let Some((at, (old, new))) = after.find(|(_, (old, new))| old != new) else {
        return "only the line ends or the end of the file differ".to_owned();
    };
    let shown = |text: &str| -> String {
        let text = text.trim();
        if text.chars().count() > SHOWN {
            text.chars().take(SHOWN - 1).chain(['…']).collect()
        } else {
            text.to_owned()
        }
    };
    format!(
        "the same values, but layout, key order or number spelling differ: line {}: {} → {}",
        at + 1,
        shown(old),
        shown(new)
    )
}
