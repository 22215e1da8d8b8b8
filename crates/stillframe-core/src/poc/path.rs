//! Paths that a manifest may name: relative, portable, and never leaving their folder.

use std::fmt;

use super::MANIFEST_NAME;

/// A fixture's path below the corpus folder: relative, forward slashes, never leaving it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FixturePath(String);

impl FixturePath {
    /// Checks a path; the error is the reason, as a lowercase fragment.
    pub fn new(path: &str) -> Result<Self, String> {
        for part in path.split('/') {
            if matches!(part, "" | "." | "..") {
                return Err(format!("`{path}` does not stay in the corpus folder"));
            }
            if part.starts_with('.') {
                return Err(format!("`{part}` is a hidden name"));
            }
            if part.ends_with(['.', ' ']) || part.contains(is_unportable) || is_device(part) {
                return Err(format!("`{part}` is no portable file name"));
            }
        }
        let first = path.split('/').next().unwrap_or(path);
        if first.to_lowercase().starts_with(crate::lock::LOCK_NAME) {
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

/// Whether a path names something in the folder it is written for, other than its manifest.
pub(super) fn stays_inside(path: &str) -> bool {
    path != MANIFEST_NAME
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && !path.contains(['\\', ':'])
}

/// Names that Windows keeps for devices, whatever follows the first dot.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).to_ascii_lowercase();
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|c: char| c.is_ascii_digit())
}

fn is_unportable(c: char) -> bool {
    c.is_control() || r#"\:*?"<>|"#.contains(c)
}
