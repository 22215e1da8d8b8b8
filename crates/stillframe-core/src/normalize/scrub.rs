//! Replaces paths of the sandbox, and matches of scrub rules, inside the text of one string; it never scans what it wrote in the same pass.

use super::effect::Effect;
use super::gauge::Gauge;
use super::plan::{Rule, SANDBOX};
use needle::{Needle, Stands};
use std::collections::BTreeMap;
use std::ops::Range;

pub(crate) mod needle;

/// Folders that differ from machine to machine, each with what is written instead.
///
/// A path is replaced where it stands as a whole: `/tmp/x` in `/tmp/x/a` and in `"/tmp/x":`, not in
/// `/tmp/xy` nor in `a/tmp/x`. It is found in URLs, percent-encoded, and with the escapes of JSON and
/// of shells, as it stands in a text inside a text; the placeholder is spelled in the same way. On
/// Windows it is found with either separator; there the rest of the path gets forward slashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scrub {
    /// The longest first, so that a folder inside another one is found before it.
    needles: Vec<Needle>,
}

impl Scrub {
    /// Folders with their placeholders, such as `("/tmp/a1b2/poc", "/stillframe/poc")`.
    ///
    /// A file system's root is passed over, because it is part of every path. So is a folder right below it, such as
    /// `/app`, which may be a literal.
    pub fn new<P, Q>(pairs: impl IntoIterator<Item = (P, Q)>) -> Self
    where
        P: AsRef<str>,
        Q: AsRef<str>,
    {
        Self::default().with(pairs, Stands::Component)
    }

    /// The same, and folders whose names are unique, which are replaced wherever they stand, as in `x/tmp/x9/poc`.
    #[must_use]
    pub fn anywhere<P, Q>(self, folders: impl IntoIterator<Item = (P, Q)>) -> Self
    where
        P: AsRef<str>,
        Q: AsRef<str>,
    {
        self.with(folders, Stands::Anywhere)
    }

    fn with<P, Q>(mut self, pairs: impl IntoIterator<Item = (P, Q)>, stands: Stands) -> Self
    where
        P: AsRef<str>,
        Q: AsRef<str>,
    {
        for (path, placeholder) in pairs {
            let path = path.as_ref().trim_end_matches(['/', '\\']);
            self.needles
                .push(Needle::new(path, placeholder.as_ref(), stands));
        }
        self.needles.retain(|needle| needle.components() > 1);
        self.needles.sort_by(|a, b| {
            let (a, b) = (a.path(), b.path());
            b.len().cmp(&a.len()).then_with(|| a.cmp(b))
        });
        self.needles.dedup_by(|a, b| a.path() == b.path());
        self
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// Whether a text of these bytes could hold a path.
    #[inline]
    pub(crate) fn may_match(&self, bytes: &[u8]) -> bool {
        !self.needles.is_empty() && bytes.iter().any(|byte| matches!(byte, b'/' | b'\\' | b'%'))
    }

    fn claim(&self, text: &str, claims: &mut Claims) {
        // Neighbours often have one anchor: the folders of a sandbox lie in one folder.
        let mut last = ("", true);
        for needle in &self.needles {
            if needle.anchor() != last.0 {
                last = (needle.anchor(), text.contains(needle.anchor()));
            }
            if last.1 {
                for found in needle.find(text) {
                    claims.add(found.range, SANDBOX, found.written);
                }
            }
        }
    }
}

/// Ranges of the text that will be replaced; an earlier claim keeps a later one away.
#[derive(Debug, Default)]
struct Claims {
    /// By their start: the end, and what is written.
    ranges: BTreeMap<usize, (usize, String)>,
    /// The rules that claimed something, in the order in which they were asked.
    rules: Vec<usize>,
}

impl Claims {
    fn add(&mut self, range: Range<usize>, rule: usize, written: String) {
        let before = self.ranges.range(..range.end).next_back();
        if before.is_some_and(|(_, &(end, _))| end > range.start) {
            return;
        }
        self.ranges.insert(range.start, (range.end, written));
        if self.rules.last() != Some(&rule) {
            self.rules.push(rule);
        }
    }

    /// The text with all claims replaced.
    fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for (&start, (end, written)) in &self.ranges {
            out.push_str(&text[done..start]);
            out.push_str(written);
            done = *end;
        }
        out.push_str(&text[done..]);
        out
    }
}

/// A scrubbed text, and the rules that matched, the first one first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Scrubbed {
    pub text: String,
    pub rules: Vec<usize>,
}

/// Passes are repeated until nothing changes, so that normalising twice changes nothing; a rule
/// that matches its own text is refused earlier, so this limit is met by odd contexts only.
const PASSES: usize = 8;

/// A rule that would take too long on a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong(pub usize);

/// How far the patterns of some rules read.
pub(crate) type Gauges = BTreeMap<usize, Gauge>;

/// Scrubs a text; `None` when no rule matches.
pub(crate) fn scrub(
    text: &str,
    paths: &Scrub,
    rules: &[Rule],
    applying: &[usize],
    gauges: &mut Gauges,
) -> Result<Option<Scrubbed>, TooLong> {
    let mut claims = pass(text, paths, rules, applying, gauges)?;
    let matched = std::mem::take(&mut claims.rules);
    if matched.is_empty() {
        return Ok(None);
    }
    let mut done = claims.apply(text);
    for _ in 1..PASSES {
        claims = pass(&done, paths, rules, applying, gauges)?;
        let next = claims.apply(&done);
        if next == done {
            break;
        }
        done = next;
    }
    Ok(Some(Scrubbed {
        text: done,
        rules: matched,
    }))
}

fn pass(
    text: &str,
    paths: &Scrub,
    rules: &[Rule],
    applying: &[usize],
    gauges: &mut Gauges,
) -> Result<Claims, TooLong> {
    let mut claims = Claims::default();
    if paths.may_match(text.as_bytes()) {
        paths.claim(text, &mut claims);
    }
    for &id in applying {
        let (Effect::Scrub(template), Some(regex)) =
            (&rules[id].effect, &rules[id].predicate.pattern)
        else {
            continue;
        };
        let gauge = gauges.entry(id).or_default();
        if !gauge.is_affordable(regex, text) {
            return Err(TooLong(id));
        }
        for found in regex.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            let mut written = String::new();
            found.expand(template, &mut written);
            claims.add(whole.range(), id, written);
        }
    }
    Ok(claims)
}

#[cfg(test)]
mod tests;
