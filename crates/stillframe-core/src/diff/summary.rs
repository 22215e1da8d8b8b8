//! Differences as lines for people; it decides what to leave out, never what differs.

use indexmap::IndexMap;
use serde_json::Value;

use super::{Change, Difference, Shown, diff, diff_elements};
use crate::json::{self, Document, Framing, Node};

/// Longest value shown, in characters.
const SHOWN: usize = 60;

/// As many different changes of one place as are shown one by one, after the line that names the place as a rule would.
const ONE_BY_ONE: usize = 3;

/// One line each: `$.tables[0].rows: 24 → 25`, `$.checks[*].hint added (3 places)`.
///
/// The same change in several elements of an array is one line, in the order of first appearance. Different ones begin with
/// the path of all of them.
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

/// The lines for two texts that differ at least in their bytes; NDJSON is one array of its lines.
///
/// Where no value differs the line says so and shows the first differing line: layout, key order
/// and the spelling of numbers (`1.0`, `1.00`) are part of a fixture too.
pub fn summarize_texts(framing: Framing, old: &str, new: &str) -> Vec<String> {
    if old == new {
        return Vec::new();
    }
    let lines = match (Read::new(framing, old), Read::new(framing, new)) {
        (Some(old), Some(new)) => summarize(&between(&old, &new)),
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

/// A value as compact JSON of at most 60 characters.
pub fn shortened<'a>(value: impl Into<Node<'a>>) -> String {
    // Four bytes a character, and one character more than is shown, so that a cut is seen.
    let text = value.into().text((SHOWN + 1) * 4);
    if text.chars().count() <= SHOWN {
        return text;
    }
    let mut cut: String = text.chars().take(SHOWN - 1).collect();
    cut.push('…');
    cut
}

fn verb(change: &Change) -> &'static str {
    match change {
        Change::Changed { .. } => "changed",
        Change::Added(_) => "added",
        Change::Removed(_) => "removed",
        Change::Reordered => "reordered",
        Change::Many { .. } => "many",
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
        Change::Changed { .. } if count <= ONE_BY_ONE => {
            let each = group.iter();
            let each = each.map(|one| line(&one.path.to_string(), &one.change));
            [format!("{place} changed ({count} places)")]
                .into_iter()
                .chain(each)
                .collect()
        }
        Change::Changed { .. } => vec![format!(
            "{place} changed ({count} places), first {}",
            line(&group[0].path.to_string(), first)
        )],
        Change::Many { .. } => group
            .iter()
            .map(|one| line(&one.path.to_string(), &one.change))
            .collect(),
        _ => vec![format!("{place} {} ({count} places)", verb(first))],
    }
}

fn line(place: &str, change: &Change) -> String {
    match change {
        Change::Changed { old, new } => changed(place, old, new),
        Change::Added(value) => format!("{place} added: {}", value.text),
        Change::Removed(value) => format!("{place} removed: {}", value.text),
        Change::Reordered => format!("{place} has the same elements in another order"),
        Change::Many {
            old,
            new,
            first: (at, from, to),
        } => format!(
            "{place}: {old} elements → {new}, too many of which differ to tell them apart; first {}",
            changed(&format!("{place}[{at}]"), from, to)
        ),
    }
}

fn changed(place: &str, old: &Shown, new: &Shown) -> String {
    let (from, to) = if old.text == new.text {
        where_they_differ(&old.value, &new.value).unwrap_or((old.text.clone(), new.text.clone()))
    } else {
        (old.text.clone(), new.text.clone())
    };
    format!("{place}: {from} → {to}")
}

/// Two values as compact JSON of at most 60 characters each, cut so that the difference is seen.
pub fn both_shortened(old: Node<'_>, new: Node<'_>) -> (String, String) {
    let (from, to) = (shortened(old), shortened(new));
    let differ = (from == to).then(|| where_they_differ(old.value, new.value));
    differ.flatten().unwrap_or((from, to))
}

/// The ends of two texts that begin alike, from just before the first difference.
fn where_they_differ(old: &Value, new: &Value) -> Option<(String, String)> {
    let (Value::String(old), Value::String(new)) = (old, new) else {
        return None;
    };
    let same = old
        .chars()
        .zip(new.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let tail = |text: &str| {
        let rest: String = text.chars().skip(same.saturating_sub(10)).collect();
        format!("…{}", shortened(&Value::String(rest)))
    };
    Some((tail(old), tail(new)))
}

/// A text that was read.
struct Read {
    document: Document,
    framing: Framing,
}

impl Read {
    /// None if the text is not what it should be.
    fn new(framing: Framing, text: &str) -> Option<Read> {
        // A stream can be without a line.
        let (framing_read, text) = match framing {
            Framing::Ndjson if text.trim().is_empty() => (Framing::Json, "[]"),
            framing => (framing, text),
        };
        let document = json::parse(framing_read, text.as_bytes()).ok()?;
        Some(Read { document, framing })
    }

    /// The document, or the lines.
    fn documents(&self) -> Vec<Node<'_>> {
        let root = self.document.node();
        match (self.framing, root.value) {
            (Framing::Ndjson, Value::Array(lines)) => {
                lines.iter().map(|line| root.with(line)).collect()
            }
            _ => vec![root],
        }
    }
}

/// The differences of two texts: of their one document, or of their lines as elements of an array.
fn between(old: &Read, new: &Read) -> Vec<Difference> {
    match (old.framing, &old.documents()[..], &new.documents()[..]) {
        (Framing::Json, [old], [new]) => diff(*old, *new),
        (_, old, new) => diff_elements(old, new),
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
