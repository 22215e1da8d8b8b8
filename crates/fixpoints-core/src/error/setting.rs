//! The settings that name tables and columns, as errors call them.

use std::fmt;

/// A setting of `fixpoints.toml`, or the option of the library that does the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Tables to leave out.
    Exclude,
    /// Tables to cover all the same.
    Include,
    /// Columns to leave out of comparisons.
    Ignore,
}

impl Setting {
    /// What it names.
    pub fn what(self) -> &'static str {
        match self {
            Self::Exclude | Self::Include => "table",
            Self::Ignore => "column",
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exclude => "exclude",
            Self::Include => "include",
            Self::Ignore => "ignore",
        })
    }
}
