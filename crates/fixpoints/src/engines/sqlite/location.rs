//! Where a SQLite database is: the path in its URL, its name, and whether the file is one for tests; it opens nothing.

use std::path::Path;

use fixpoints_core::advice::Command;
use fixpoints_core::database::{Database, Missing};
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::names::shown;
use fixpoints_core::secret::{redacted, without_secrets};

use super::paths::{file_name, names, resolved};
use super::temporary::is_temporary;
use super::{Sqlite, beside, mounts, opened};
use crate::engines::engine::Engine;
use crate::engines::guard::{NotATest, TestDatabases};

/// SQLite, whose locations are `sqlite:PATH`.
#[derive(Debug)]
pub(crate) struct SqliteEngine;

const SCHEME: &str = "sqlite:";
const MEMORY: &str = ":memory:";

impl Engine for SqliteEngine {
    fn title(&self) -> &'static str {
        "SQLite"
    }

    fn schemes(&self) -> &'static [&'static str] {
        &["sqlite", "sqlite3"]
    }

    fn claims(&self, text: &str) -> bool {
        let extension = Path::new(text).extension().unwrap_or_default();
        let extension = extension.to_ascii_lowercase();
        text == MEMORY
            || ["db", "sqlite", "sqlite3"]
                .iter()
                .any(|known| extension == *known)
    }

    fn parse(&self, url: &str) -> Result<String, (Fault, String)> {
        let refused = |reason: &str| Err((Fault::Unknown, reason.to_owned()));
        let path = match url.split_once(':') {
            Some(("sqlite" | "sqlite3", rest)) => rest.strip_prefix("//").unwrap_or(rest),
            _ => url,
        };
        if path.is_empty() {
            return refused("it names no file");
        }
        // SQLite would read more than a name out of it.
        if path.starts_with("file:") {
            return refused("it is a URI, where the path of a file is wanted");
        }
        Ok(format!("{SCHEME}{path}"))
    }

    fn database_name(&self, text: &str) -> String {
        file_name(path(text))
    }

    fn below(&self, text: &str, home: &Path) -> String {
        if self.is_transient(text) {
            return text.to_owned();
        }
        format!("{SCHEME}{}", home.join(path(text)).display())
    }

    fn is_transient(&self, text: &str) -> bool {
        path(text).as_os_str() == MEMORY
    }

    fn allow(&self, text: &str, tests: &TestDatabases) -> Result<()> {
        if self.is_transient(text) {
            return Ok(());
        }
        allow_file(path(text), &resolved(path(text)), tests)
    }

    fn allow_open(&self, text: &str, tests: &TestDatabases) -> Result<()> {
        let path = path(text);
        // Without a file, as with a virtual file system, or after it lost its name, there is only the name to judge.
        if path.symlink_metadata().is_ok() {
            opened::check(path, path, Some(tests))
        } else {
            self.allow(text, tests)
        }
    }

    fn open(
        &self,
        text: &str,
        missing: Missing,
        tests: Option<&TestDatabases>,
    ) -> Result<Box<dyn Database>> {
        let path = path(text);
        let is_missing = || path.try_exists().is_ok_and(|exists| !exists);
        if missing == Missing::Refuse && !self.is_transient(text) && is_missing() {
            return Err(Error::MissingDatabase {
                url: redacted(text),
                create: Command::fixpoints("sql FILE"),
            });
        }
        Ok(Box::new(Sqlite::open_file(path, missing, tests)?))
    }
}

fn path(text: &str) -> &Path {
    Path::new(text.strip_prefix(SCHEME).unwrap_or(text))
}

/// A path as messages show it.
pub(super) fn shown_url(path: &Path) -> String {
    redacted(&format!("{SCHEME}{}", path.display()))
}

/// Refuses a file that is not one for tests, by the path that was typed and the one it leads to.
pub(super) fn allow_file(typed: &Path, found: &Path, tests: &TestDatabases) -> Result<()> {
    match refused_file(typed, found, tests) {
        Some(found) => Err(found.into()),
        None => {
            beside::check_regular(typed, found)?;
            beside::check(found, &tests.allowed)
        }
    }
}

/// A file has the name that was typed, the one that links lead to, and that of what is mounted there. One that has
/// further names elsewhere, which nobody can tell, has to be allowed.
pub(super) fn refused_file(typed: &Path, found: &Path, tests: &TestDatabases) -> Option<NotATest> {
    let refused = |what: String, name: &str| {
        let (shown, name) = (shown_url(typed) + &what, without_secrets(name).into_owned());
        Some(NotATest { shown, name })
    };
    let is_temporary = is_temporary(typed, &[&tests.project, &tests.folder]);
    let (name, found_name) = (file_name(typed), file_name(found));
    if !tests.is_known(&name) && !is_temporary {
        return refused(String::new(), &name);
    }
    if !tests.is_known(&found_name) && !is_temporary {
        return refused(format!(", a link to {},", shown(found)), &found_name);
    }
    if let Some(source) = mounts::source(found) {
        let name = file_name(&source);
        if !tests.is_known(&name) {
            return refused(
                format!(", onto which {} is mounted,", shown(&source)),
                &name,
            );
        }
    }
    let names = names(found);
    if names > 1 && !tests.allowed.contains(&found_name) {
        let what = format!(", a file with {names} names (hard links),");
        return refused(what, &found_name);
    }
    None
}

/// What keeps the file at a path from being one for tests.
pub(super) fn refused_path(path: &Path, tests: &TestDatabases) -> Option<NotATest> {
    refused_file(path, &resolved(path), tests)
}
