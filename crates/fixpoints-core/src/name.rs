//! Names of fixpoints: parsed once, and never a path that leaves the folder.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::names::EXTENSION;
use crate::names::LONGEST;
use crate::secret::redacted;

/// A name that is safe to turn into a file below the folder of fixpoints, on every system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FixpointName(String);

impl FixpointName {
    /// Parses a name: letters, digits, `_`, `-` and `.`, with `/` between folders.
    ///
    /// # Errors
    /// [`Error::BadName`] for anything that could leave the folder or that some system cannot store.
    pub fn parse(name: &str) -> Result<Self> {
        match refusal(name) {
            Some(reason) => Err(Error::BadName {
                // A URL may have been typed in its place.
                name: redacted(name),
                reason,
            }),
            None => Ok(Self(name.to_owned())),
        }
    }

    /// The name as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a name, or a folder in it, differs from this one's by upper and lower case only.
    pub fn is_rival(&self, other: &Self) -> bool {
        let (mut own, mut others) = (self.0.split('/').peekable(), other.0.split('/').peekable());
        while let (Some(part), Some(theirs)) = (own.next(), others.next()) {
            // A file never takes the place of a folder, which has no extension.
            let is_same_kind = own.peek().is_some() == others.peek().is_some();
            if part != theirs {
                return is_same_kind && part.to_lowercase() == theirs.to_lowercase();
            }
        }
        false
    }

    /// The file that holds this fixpoint.
    #[must_use]
    pub fn file_in(&self, folder: &Path) -> PathBuf {
        let mut path = folder.to_path_buf();
        path.extend(self.0.split('/'));
        path.as_mut_os_string().push(format!(".{EXTENSION}"));
        path
    }
}

impl fmt::Display for FixpointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn refusal(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it is empty");
    }
    if name.len() > LONGEST {
        return Some("it is longer than 200 bytes");
    }
    name.split('/').find_map(refused_part)
}

fn refused_part(part: &str) -> Option<&'static str> {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    if part.is_empty() {
        return Some("a part between slashes is empty");
    }
    if part.starts_with(['.', '-']) || part.ends_with('.') {
        return Some("a part begins with `.` or `-`, or ends with `.`");
    }
    if !part
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
    {
        return Some("it has a character that is not a letter, digit, `_`, `-`, `.` or `/`");
    }
    let stem = part
        .split('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let numbered = stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt"));
    if DEVICES.contains(&stem.as_str())
        || (numbered && stem.ends_with(|c: char| c.is_ascii_digit()))
    {
        return Some("Windows reserves it for a device");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        for name in [
            "../x",
            "a/../b",
            "/etc/passwd",
            "a//b",
            "",
            ".",
            "..",
            "C:\\x",
            "a\\b",
            "-rf",
            "a\0b",
            "nul",
            "x/COM1.y",
            "a.",
        ] {
            assert!(FixpointName::parse(name).is_err(), "{name:?} was accepted");
        }
    }

    #[test]
    fn names_that_differ_only_by_case_are_rivals() {
        for (name, other, is_rival) in [
            ("Base", "base", true),
            ("shop/Paid", "shop/paid", true),
            ("Shop/new", "shop/paid", true),
            ("ÄRA", "ära", true),
            ("base", "base", false),
            ("base2", "base", false),
            ("Shop", "shop/paid", false),
            ("shop/new", "shop/paid", false),
            ("a/X/c", "b/x/c", false),
        ] {
            let parse = |name| FixpointName::parse(name).unwrap();
            assert_eq!(
                parse(name).is_rival(&parse(other)),
                is_rival,
                "{name} {other}"
            );
        }
    }

    #[test]
    fn folders_and_dots_inside_names_are_kept() {
        let name = FixpointName::parse("orders/paid.v2").unwrap();
        assert_eq!(
            name.file_in(Path::new("f")),
            Path::new("f").join("orders").join("paid.v2.yaml")
        );
    }
}
