//! Paths that a manifest may name: relative, portable, and never leaving their folder.

use std::collections::BTreeMap;
use std::fmt;

use super::MANIFEST_NAME;
use crate::names::STAGED_SUFFIX;

/// A fixture's path below the corpus folder: relative, forward slashes, never leaving it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FixturePath(String);

impl FixturePath {
    /// Checks a path; the error is the reason, as a lowercase fragment.
    pub fn new(path: &str) -> Result<Self, String> {
        portable(path, "the corpus folder")?;
        let first = path.split('/').next().unwrap_or(path);
        if first.to_lowercase().starts_with(crate::names::LOCK_NAME) {
            return Err(format!("`{first}` is the name of the lock"));
        }
        Ok(FixturePath(path.to_owned()))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the path is on a file system that ignores case.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for FixturePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The longest name that file systems take, without what is added to it while the file is written.
const LONGEST_NAME: usize = 255 - ".".len() - STAGED_SUFFIX.len();

/// Checks that a path stays in its folder and can be created on every system; the error is the reason.
pub(crate) fn portable(path: &str, folder: &str) -> Result<(), String> {
    for part in path.split('/') {
        if matches!(part, "" | "." | "..") {
            return Err(format!("`{path}` does not stay in {folder}"));
        }
        if part.starts_with('.') {
            return Err(format!("`{part}` is a hidden name"));
        }
        if part.ends_with(['.', ' ']) || part.contains(is_unportable) || is_device(part) {
            return Err(format!("`{part}` is not a portable file name"));
        }
        if part.len() > LONGEST_NAME {
            let start: String = part.chars().take(40).collect();
            return Err(format!(
                "`{start}…` is a name of {} bytes, and {LONGEST_NAME} are the most that every system takes",
                part.len()
            ));
        }
    }
    Ok(())
}

/// A path that no folder can hold beside the others, also on a file system that ignores case.
pub(crate) fn clash<'a>(paths: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut folded = BTreeMap::new();
    for path in paths {
        if folded.insert(path.to_lowercase(), path).is_some() {
            return Some(path);
        }
    }
    folded.iter().find_map(|(below, path)| {
        let is_file = below
            .match_indices('/')
            .any(|(end, _)| folded.contains_key(&below[..end]));
        is_file.then_some(*path)
    })
}

/// Whether a path names something in the folder it is written for, other than its manifest.
pub(super) fn stays_inside(path: &str) -> bool {
    path != MANIFEST_NAME && is_plain(path)
}

/// Whether a path leads down from where it starts, in its one spelling.
pub(super) fn is_plain(path: &str) -> bool {
    path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && !path.contains(['\\', ':', '\0'])
}

/// Names that Windows keeps for devices, whatever follows the first dot.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).to_ascii_lowercase();
    let numbered = stem
        .strip_prefix("com")
        .or_else(|| stem.strip_prefix("lpt"));
    matches!(
        stem.trim_end(),
        "con" | "prn" | "aux" | "nul" | "conin$" | "conout$"
    ) || numbered.is_some_and(|rest| {
        let mut rest = rest.trim_end().chars();
        let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³');
        rest.next().is_some_and(is_digit) && rest.next().is_none()
    })
}

fn is_unportable(c: char) -> bool {
    c.is_control() || r#"\:*?"<>|"#.contains(c)
}
