//! Replaces paths of the sandbox, and matches of scrub rules, inside the text of one string; it never scans what it wrote in the same pass.

use super::effect::Effect;
use super::gauge::Gauge;
use super::plan::{Rule, SANDBOX};
use std::collections::BTreeMap;
use std::ops::Range;

/// Folders that differ from machine to machine, each with what is written instead.
///
/// A path is replaced where it stands as a whole: `/tmp/x` in `/tmp/x/a` and in `"/tmp/x":`, not in
/// `/tmp/xy` nor in `a/tmp/x`. It is found in a `file://` URL, percent-encoded or not, and on
/// Windows with either separator; there the rest of the path gets forward slashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scrub {
    /// The longest first, so that a folder inside another one is found before it.
    needles: Vec<Needle>,
}

/// One way to print one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Needle {
    text: String,
    placeholder: String,
    /// Where it counts as this folder.
    stands: Stands,
}

/// Where in a text a folder's name counts as the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Where a path can begin, up to the end of a component.
    Component,
    /// The same, only inside a `file://` URL.
    Url,
    /// Everywhere: nothing else has this name.
    Anywhere,
}

impl Scrub {
    /// Folders with their placeholders, such as `("/tmp/a1b2/poc", "/stillframe/poc")`.
    ///
    /// A file system's root is passed over: it is part of every path.
    pub fn new<P, Q>(pairs: impl IntoIterator<Item = (P, Q)>) -> Self
    where
        P: AsRef<str>,
        Q: AsRef<str>,
    {
        let mut needles = Vec::new();
        for (path, placeholder) in pairs {
            let path = path.as_ref().trim_end_matches(['/', '\\']);
            if path.len() > 2 {
                spellings(path, placeholder.as_ref(), &mut needles);
            }
        }
        needles.sort_by(|a, b| {
            b.text
                .len()
                .cmp(&a.text.len())
                .then_with(|| a.text.cmp(&b.text))
        });
        needles.dedup_by(|a, b| a.text == b.text);
        Self { needles }
    }

    /// The same, and folders whose names are unique, which are replaced wherever they stand, as in `-I/tmp/x9/poc`.
    #[must_use]
    pub fn anywhere<P, Q>(mut self, folders: impl IntoIterator<Item = (P, Q)>) -> Self
    where
        P: AsRef<str>,
        Q: AsRef<str>,
    {
        for (path, placeholder) in folders {
            self.needles.push(Needle {
                text: path.as_ref().to_owned(),
                placeholder: placeholder.as_ref().to_owned(),
                stands: Stands::Anywhere,
            });
        }
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
        !self.needles.is_empty() && bytes.iter().any(|&byte| byte == b'/' || byte == b'\\')
    }

    fn claim(&self, text: &str, claims: &mut Claims) {
        for needle in &self.needles {
            for (start, _) in text.match_indices(&needle.text) {
                let end = start + needle.text.len();
                if !needle.stands.at(&text[..start], &text[end..]) {
                    continue;
                }
                let mut written = needle.placeholder.clone();
                let mut end = end;
                if needle.text.contains('\\') {
                    let tail = windows_tail(&text[end..]);
                    end += tail.len();
                    written.push_str(&tail.replace('\\', "/"));
                }
                claims.add(start..end, SANDBOX, written);
            }
        }
    }
}

/// Every way in which a folder is printed.
fn spellings(path: &str, placeholder: &str, needles: &mut Vec<Needle>) {
    let mut add = |text: String, placeholder: String, stands| {
        needles.push(Needle {
            text,
            placeholder,
            stands,
        });
    };
    add(path.to_owned(), placeholder.to_owned(), Stands::Component);
    let drive = path.as_bytes().get(1) == Some(&b':');
    let bare = path.strip_prefix(r"\\?\").unwrap_or(path);
    let forward = if drive || bare != path {
        bare.replace('\\', "/")
    } else {
        path.to_owned()
    };
    if forward != path {
        let back = bare.replace('/', r"\");
        add(
            format!(r"\\?\{back}"),
            placeholder.to_owned(),
            Stands::Component,
        );
        add(back, placeholder.to_owned(), Stands::Component);
        add(forward.clone(), placeholder.to_owned(), Stands::Component);
    }
    let encoded = percent_encoded(&forward);
    if encoded != forward {
        add(encoded, percent_encoded(placeholder), Stands::Url);
    }
}

fn percent_encoded(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

impl Stands {
    fn at(self, before: &str, after: &str) -> bool {
        self == Stands::Anywhere
            || starts_component(before, self == Stands::Url) && ends_component(after)
    }
}

/// Whether a path can begin behind this text.
fn starts_component(before: &str, url: bool) -> bool {
    let in_url = ["file://", "file:///", "file://localhost"]
        .iter()
        .any(|head| {
            before.len() >= head.len()
                && before.is_char_boundary(before.len() - head.len())
                && before[before.len() - head.len()..].eq_ignore_ascii_case(head)
        });
    in_url
        || !url
            && !before
                .chars()
                .next_back()
                .is_some_and(|c| in_name(c) || "./\\".contains(c))
}

/// Whether a component ends before this text.
fn ends_component(after: &str) -> bool {
    let mut letters = after.chars();
    match letters.next() {
        Some('.') => !letters.next().is_some_and(in_name),
        Some(letter) => !in_name(letter),
        None => true,
    }
}

fn in_name(letter: char) -> bool {
    letter.is_alphanumeric() || "_-~+@%".contains(letter)
}

/// What follows a Windows folder up to the end of the path.
fn windows_tail(after: &str) -> &str {
    let ends = |c: char| c.is_whitespace() || "\"'<>|:*?;,()[]".contains(c);
    let tail = &after[..after.find(ends).unwrap_or(after.len())];
    if tail.starts_with(['\\', '/']) {
        tail
    } else {
        ""
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
