//! Which lines of a YAML file belong to which top-level key.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, anyhow, bail};
use granit_parser::{Event, Parser, Span};

use super::{Part, Said};

/// The key whose maps are merged into the one it stands in.
const MERGE: &str = "<<";

/// A top-level key and everything below it.
struct Entry<'a> {
    key: String,
    first_line: usize,
    /// The line after its last one.
    end_line: usize,
    events: Vec<Event<'a>>,
}

/// The lines of each key, without the comments and empty lines after it.
pub(super) fn parts(text: &str) -> Result<Vec<Part>> {
    let mut starts = vec![0];
    starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
    let start_of = |line: usize| starts.get(line - 1).copied().unwrap_or(text.len());
    let mut parts = Vec::new();
    for entry in entries(text)? {
        if entry.key != MERGE {
            parts.push(Part {
                key: entry.key,
                bytes: start_of(entry.first_line)..start_of(entry.end_line),
            });
        }
    }
    Ok(parts)
}

/// Keys with an anchor that is used outside of them.
pub(super) fn needed_by_others(text: &str) -> Result<BTreeMap<String, String>> {
    let entries = entries(text)?;
    let mut homes = BTreeMap::new();
    for (number, entry) in entries.iter().enumerate() {
        let anchors = entry.events.iter().filter_map(anchor_of);
        homes.extend(anchors.map(|anchor| (anchor, number)));
    }
    let mut needed = BTreeMap::new();
    for (number, entry) in entries.iter().enumerate() {
        for event in &entry.events {
            let Event::Alias(anchor) = event else {
                continue;
            };
            let Some(home) = homes.get(anchor).filter(|home| **home != number) else {
                continue;
            };
            let reason = format!("the key {:?} uses an anchor that lies in it", entry.key);
            needed.insert(entries[*home].key.clone(), reason);
        }
    }
    Ok(needed)
}

pub(super) fn said(text: &str) -> Result<Said> {
    let mut names = BTreeMap::new();
    let mut said = Said::new();
    for entry in entries(text)? {
        let mut text = String::new();
        for event in &entry.events {
            text.push_str(&shown(event, &mut names, &entry.key));
        }
        said.insert(entry.key, text);
    }
    Ok(said)
}

/// An event as text. Anchors are numbered through a file, so that they are named by where they lie instead.
fn shown(event: &Event<'_>, names: &mut BTreeMap<usize, String>, key: &str) -> String {
    if let Some(anchor) = anchor_of(event) {
        let name = format!("&{key}/{}", names.len());
        names.insert(anchor, name);
    }
    match event {
        Event::Alias(anchor) => match names.get(anchor) {
            Some(name) => name.split('/').next().unwrap_or_default().to_owned(),
            None => "?".to_owned(),
        },
        Event::Scalar(text, style, _, tag) => format!("{text:?} {style:?} {tag:?};"),
        Event::SequenceStart(style, _, tag) => format!("[{style:?} {tag:?}"),
        Event::MappingStart(style, _, tag) => format!("{{{style:?} {tag:?}"),
        other => format!("{other:?};"),
    }
}

fn anchor_of(event: &Event<'_>) -> Option<usize> {
    match event {
        Event::Scalar(_, _, anchor, _)
        | Event::SequenceStart(_, anchor, _)
        | Event::MappingStart(_, anchor, _) => Some(*anchor).filter(|anchor| *anchor > 0),
        _ => None,
    }
}

fn entries(text: &str) -> Result<Vec<Entry<'_>>> {
    let mut events = events(text)?.into_iter().peekable();
    match events.next() {
        Some((Event::MappingStart(..), _)) => {}
        _ => bail!("the file is not a map"),
    }
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut seen = BTreeSet::new();
    while let Some((event, span)) = events.next() {
        if matches!(event, Event::MappingEnd) {
            break;
        }
        let Event::Scalar(key, ..) = event else {
            bail!("line {}: a top-level key is not a text", span.start.line());
        };
        let mut entry = Entry {
            key: Cow::into_owned(key),
            first_line: span.start.line(),
            end_line: span.end.line() + 1,
            events: Vec::new(),
        };
        if !seen.insert(entry.key.clone()) {
            bail!("the key {:?} is there twice; remove one of them", entry.key);
        }
        let on_line_of_another = entries
            .last()
            .is_some_and(|before| before.end_line > entry.first_line);
        if on_line_of_another || span.start.col() != 0 {
            bail!(
                "line {}: the key {:?} is not on lines of its own; write each top-level key at the beginning of a line",
                entry.first_line,
                entry.key
            );
        }
        let mut depth = 0_usize;
        for (event, span) in events.by_ref() {
            match event {
                Event::SequenceStart(..) | Event::MappingStart(..) => depth += 1,
                Event::SequenceEnd | Event::MappingEnd => depth -= 1,
                _ => {}
            }
            entry.end_line = entry.end_line.max(end_line(text, &event, span));
            entry.events.push(event);
            if depth == 0 {
                break;
            }
        }
        entries.push(entry);
    }
    match events.next() {
        None => Ok(entries),
        Some(_) => bail!("the file holds more than one document"),
    }
}

/// The line after the last one of an event.
fn end_line(text: &str, event: &Event<'_>, span: Span) -> usize {
    let line = span.end.line();
    match event {
        // A text written as a block ends where the next thing begins.
        Event::Scalar(..) if span.end.col() == 0 && line > span.start.line() => {
            let before: Vec<&str> = text.lines().take(line - 1).collect();
            let empty = before
                .iter()
                .rev()
                .take_while(|line| line.trim().is_empty());
            line - empty.count()
        }
        // So does a map or list written as a block, and what is in it has told its lines already.
        _ if span.start == span.end => 0,
        _ => line + 1,
    }
}

fn events(text: &str) -> Result<Vec<(Event<'_>, Span)>> {
    let mut events = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event
            .map_err(|error| anyhow!("line {}: {}", error.marker().line(), error.info()))
            .context("reading YAML")?;
        match event {
            Event::SequenceEnd | Event::MappingEnd => events.push((event, span)),
            event if event.is_node() => events.push((event, span)),
            _ => {}
        }
    }
    Ok(events)
}
