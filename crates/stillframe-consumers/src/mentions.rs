//! Places that name a fixture, or one of its rows, without being a test: migrations, seeds, scripts and documents.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use anyhow::{Context, Result};
use stillframe::disk;

use crate::contents::Contents;
use crate::matrix::Mention;
use crate::name::FixtureName;

/// Files that are larger are data, not documents.
const LARGEST: u64 = 16 << 20;
/// How far into a file a NUL byte tells that it is not text.
const LOOK: usize = 8 << 10;

/// Searches files for what refers to fixtures, each file once for all of them.
///
/// # Errors
///
/// When there is more to search for than fits into memory.
pub fn search(
    contents: &Contents,
    root: &Path,
    files: &[PathBuf],
    left_out: &BTreeSet<String>,
) -> Result<BTreeMap<FixtureName, Vec<Mention>>> {
    let mut by_text: BTreeMap<&str, Vec<&FixtureName>> = BTreeMap::new();
    let mut own: BTreeSet<&str> = left_out.iter().map(String::as_str).collect();
    for (name, content) in contents.iter() {
        own.extend(content.held_in.iter().map(String::as_str));
        for text in &content.texts {
            by_text.entry(text.as_str()).or_default().push(name);
        }
    }
    let named: Vec<(&str, Vec<&FixtureName>)> = by_text.into_iter().collect();
    let texts = named.iter().map(|(text, _)| text);
    let searcher = AhoCorasick::new(texts).context("preparing the search for mentions")?;
    let mut mentions: BTreeMap<FixtureName, Vec<Mention>> = contents
        .iter()
        .map(|(name, _)| (name.clone(), Vec::new()))
        .collect();
    for file in files {
        let name = file.to_string_lossy().replace('\\', "/");
        if own.contains(name.as_str()) {
            continue;
        }
        let Some(bytes) = text_of(&root.join(file)) else {
            continue;
        };
        for (line, found) in lines_in(&searcher, &bytes) {
            let (text, fixtures) = &named[found];
            for fixture in fixtures {
                if let Some(places) = mentions.get_mut(*fixture) {
                    places.push(Mention {
                        file: name.clone(),
                        line,
                        text: (*text).to_owned(),
                    });
                }
            }
        }
    }
    for places in mentions.values_mut() {
        places.sort();
        places.dedup();
    }
    Ok(mentions)
}

/// The bytes of a file of text.
fn text_of(path: &Path) -> Option<Vec<u8>> {
    let meta = path.symlink_metadata().ok()?;
    if !meta.is_file() || meta.len() > LARGEST {
        return None;
    }
    let bytes = disk::read_regular(path).ok()?;
    let start = &bytes[..bytes.len().min(LOOK)];
    (!start.contains(&0)).then_some(bytes)
}

/// The lines in which whole words were found, and which.
fn lines_in(searcher: &AhoCorasick, bytes: &[u8]) -> Vec<(usize, usize)> {
    let is_word = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80)
    };
    let mut found = Vec::new();
    for hit in searcher.find_overlapping_iter(bytes) {
        let before = hit.start().checked_sub(1).and_then(|at| bytes.get(at));
        if !is_word(before) && !is_word(bytes.get(hit.end())) {
            found.push((hit.start(), hit.pattern().as_usize()));
        }
    }
    found.sort_unstable();
    let (mut line, mut counted) = (1, 0);
    let lines = found.into_iter().map(|(at, which)| {
        line += bytes[counted..at]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count();
        counted = at;
        (line, which)
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_found_with_their_lines() {
        let searcher = AhoCorasick::new(["users", "users_old", "anna"]).unwrap();
        let text = "-- users\nINSERT INTO users_old, users;\nsusers usersé\nanna's\n";
        let found = lines_in(&searcher, text.as_bytes());
        assert_eq!(found, [(1, 0), (2, 1), (2, 0), (4, 2)]);
    }
}
