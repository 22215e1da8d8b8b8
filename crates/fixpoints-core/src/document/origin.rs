//! Where a document was read from, and what is wrong with it there; it reads nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::name::FixpointName;
use crate::names::shown;
use crate::table::Tables;

/// A file, and the fixpoint it is.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Where the file is.
    pub path: PathBuf,
    /// The name by which commands take it.
    pub fixpoint: String,
}

impl Origin {
    /// A file outside a folder of fixpoints.
    pub fn file(path: &Path) -> Self {
        let stem = path.file_stem().unwrap_or_default();
        Self {
            path: path.to_path_buf(),
            fixpoint: stem.to_string_lossy().into_owned(),
        }
    }

    /// The file of a fixpoint.
    #[must_use]
    pub fn fixpoint(path: PathBuf, name: &FixpointName) -> Self {
        Self {
            path,
            fixpoint: name.to_string(),
        }
    }

    /// An [`Error::Corrupt`] about this file.
    pub fn corrupt(&self, line: Option<usize>, reason: impl Into<String>) -> Error {
        Error::Corrupt {
            fixpoint: self.fixpoint.clone(),
            path: shown(&self.path),
            line,
            reason: reason.into(),
        }
    }

    /// An [`Error::UnsupportedFormat`] about this file.
    #[must_use]
    pub fn unsupported(&self, found: &str) -> Error {
        Error::UnsupportedFormat {
            fixpoint: self.fixpoint.clone(),
            path: shown(&self.path),
            found: found.to_owned(),
        }
    }

    /// An [`Error::Corrupt`] about a table whose key is not among its columns.
    #[must_use]
    pub fn keyless(&self, table: &str) -> Error {
        let reason = format!("the key of table {table} is not among its columns");
        self.corrupt(None, reason)
    }

    /// Every table of the header has a place below, and the other way round.
    pub fn check_sections<T>(
        &self,
        tables: &Tables,
        sections: &BTreeMap<String, T>,
    ) -> Result<(), Error> {
        if let Some(name) = tables.keys().find(|name| !sections.contains_key(*name)) {
            let reason = format!("it has no rows and no end of table {name}: they were lost");
            return Err(self.corrupt(None, reason));
        }
        if let Some(name) = sections.keys().find(|name| !tables.contains_key(*name)) {
            let reason = format!("it has rows of table {name}, which its header does not name");
            return Err(self.corrupt(None, reason));
        }
        Ok(())
    }
}
