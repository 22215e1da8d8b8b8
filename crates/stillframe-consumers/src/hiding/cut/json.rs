//! Where the members of a JSON object lie.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::{Context, Result, bail};
use serde::de::IgnoredAny;

use super::{Part, Said};

/// The members, each from the beginning of its name to the end of its value.
pub(super) fn parts(text: &str) -> Result<Vec<Part>> {
    let _valid: IgnoredAny = serde_json::from_str(text).context("reading JSON")?;
    if !text.trim_start().starts_with('{') {
        bail!("the file is not an object");
    }
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut seen = BTreeSet::new();
    let mut at = text.find('{').map_or(0, |open| open + 1);
    loop {
        at = skip(bytes, at, |byte| byte.is_ascii_whitespace() || byte == b',');
        if bytes.get(at) != Some(&b'"') {
            return Ok(parts);
        }
        let start = at;
        at = end_of_string(bytes, at);
        let key: String = serde_json::from_str(&text[start..at]).context("reading JSON")?;
        if !seen.insert(key.clone()) {
            bail!("the key {key:?} is there twice; remove one of them");
        }
        at = end_of_value(bytes, at);
        parts.push(Part {
            key,
            bytes: start..at,
        });
    }
}

/// What to cut: with each member the gap before it, and its comma.
pub(super) fn ranges(parts: &[Part], cut: &[bool]) -> Vec<Range<usize>> {
    let kept_before = |number: usize| cut[..number].contains(&false);
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for number in (0..parts.len()).filter(|number| cut[*number]) {
        let own = &parts[number].bytes;
        // A member behind one that stays takes the comma before it along, any other the comma after it.
        let range = if kept_before(number) {
            parts[number - 1].bytes.end..own.end
        } else {
            match parts.get(number + 1) {
                Some(next) => own.start..next.bytes.start,
                None => own.clone(),
            }
        };
        ranges.push(range);
    }
    ranges
}

pub(super) fn said(text: &str) -> Result<Said> {
    let parts = parts(text)?;
    let said = parts.into_iter().map(|part| {
        let text = text[part.bytes].to_owned();
        (part.key, text)
    });
    Ok(said.collect())
}

fn skip(bytes: &[u8], from: usize, skipped: impl Fn(u8) -> bool) -> usize {
    let rest = bytes[from..].iter();
    from + rest.take_while(|byte| skipped(**byte)).count()
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// The end of the value of a member, from the end of its name. The text is known to be JSON.
fn end_of_value(bytes: &[u8], name: usize) -> usize {
    let mut at = name;
    let mut depth = 0_usize;
    let mut end = name;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = end_of_string(bytes, at);
                end = at;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b'}' | b',' if depth == 0 => return end,
            _ => {}
        }
        at += 1;
        if !byte.is_ascii_whitespace() {
            end = at;
        }
    }
    end
}
