//! Which lines of a TOML file belong to which top-level key.

use std::ops::Range;

use anyhow::{Context, Result};

use super::{Part, Said};

/// Runs of lines, each of one key. A key has several where its tables are written apart.
pub(super) fn parts(text: &str) -> Result<Vec<Part>> {
    read(text)?;
    let mut parts: Vec<Part> = Vec::new();
    let mut lines = Lines::default();
    let mut in_table = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bytes = at..at + line.len();
        at = bytes.end;
        let begins = lines.is_outside();
        lines.read(line);
        let trimmed = line.trim_start();
        if begins && (trimmed.trim_end().is_empty() || trimmed.starts_with('#')) {
            continue;
        }
        let header = trimmed.starts_with('[');
        let key = match begins {
            true if header => first_key(trimmed.trim_start_matches('[').trim_start()),
            true if !in_table => first_key(trimmed),
            _ => None,
        };
        in_table |= begins && header;
        extend(&mut parts, key, bytes);
    }
    Ok(parts)
}

/// A line that begins nothing belongs to the part before it, with the comments between.
fn extend(parts: &mut Vec<Part>, key: Option<String>, bytes: Range<usize>) {
    match (key, parts.last_mut()) {
        (Some(key), _) => parts.push(Part { key, bytes }),
        (None, Some(last)) => last.bytes.end = bytes.end,
        (None, None) => {}
    }
}

/// The first part of a dotted key: what stands before a dot, an equals sign or a bracket.
fn first_key(text: &str) -> Option<String> {
    let end = match text.chars().next()? {
        quote @ ('"' | '\'') => {
            let mut escaped = false;
            let close = text[1..].char_indices().find(|(_, letter)| {
                let closes = *letter == quote && !escaped;
                escaped = quote == '"' && *letter == '\\' && !escaped;
                closes
            });
            close?.0 + 2
        }
        _ => text.find(|letter: char| {
            !letter.is_ascii_alphanumeric() && letter != '_' && letter != '-'
        })?,
    };
    let table: toml::Table = toml::from_str(&format!("{} = 0", &text[..end])).ok()?;
    table.keys().next().cloned()
}

/// Whether a line begins inside of something that is longer than a line.
#[derive(Debug, Default)]
struct Lines {
    /// What closes the text that is open.
    text: Option<&'static str>,
    brackets: usize,
}

impl Lines {
    fn is_outside(&self) -> bool {
        self.text.is_none() && self.brackets == 0
    }

    fn read(&mut self, line: &str) {
        let mut rest = line;
        while let Some(letter) = rest.chars().next() {
            if let Some(close) = self.text {
                if close.starts_with('"') && letter == '\\' {
                    let escaped = rest.chars().nth(1).map_or(0, char::len_utf8);
                    rest = &rest[1 + escaped..];
                } else if let Some(after) = rest.strip_prefix(close) {
                    self.text = None;
                    // Quotes before the closing ones belong to the text.
                    rest = after.trim_start_matches(&close[..1]);
                } else {
                    rest = &rest[letter.len_utf8()..];
                }
                continue;
            }
            let open = ["\"\"\"", "'''", "\"", "'"];
            if let Some(open) = open.into_iter().find(|open| rest.starts_with(open)) {
                let empty = open.len() == 1 && rest[1..].starts_with(open);
                rest = &rest[if empty { 2 } else { open.len() }..];
                self.text = (!empty).then_some(open);
                continue;
            }
            match letter {
                '#' => return,
                '[' | '{' => self.brackets += 1,
                ']' | '}' => self.brackets = self.brackets.saturating_sub(1),
                _ => {}
            }
            rest = &rest[letter.len_utf8()..];
        }
    }
}

fn read(text: &str) -> Result<toml::Table> {
    toml::from_str(text).context("reading TOML")
}

pub(super) fn said(text: &str) -> Result<Said> {
    let table = read(text)?;
    let said = table
        .into_iter()
        .map(|(key, value)| (key, value.to_string()));
    Ok(said.collect())
}
