//! Folders of the machine, found in a text in every spelling; it replaces nothing itself.

use super::compiled::SANDBOX;
use super::inside::claims::{Claim, Claims};
use needle::{Needle, Stands};

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

    /// Claims every folder in a text.
    pub(super) fn claim(&self, text: &str, claims: &mut Claims) {
        // Neighbours often have one anchor: the folders of a sandbox lie in one folder.
        let mut last = ("", true);
        for needle in &self.needles {
            if needle.anchor() != last.0 {
                last = (needle.anchor(), text.contains(needle.anchor()));
            }
            if last.1 {
                for found in needle.find(text) {
                    claims.add(found.range, Claim::text(SANDBOX, found.written));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
