//! What a script may reach besides its own database: other databases for tests, and no other file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::ffi::SQLITE_ATTACH;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::location::{allow_file, refused_path};
use super::paths::resolved;
use super::{fault, opened};
use crate::engines::guard::{NotATest, TestDatabases};
use fixpoints_core::error::Result;

/// Settings that choose where SQLite writes.
const FOLDERS: [&str; 2] = ["temp_store_directory", "data_store_directory"];

/// The limits of one connection.
#[derive(Debug)]
pub(super) struct Reach {
    tests: TestDatabases,
    seen: Arc<Mutex<Seen>>,
}

/// What SQLite was asked for since somebody looked.
#[derive(Debug, Default)]
struct Seen {
    attached: bool,
    refused: Option<Refusal>,
}

/// Why a statement may not run.
#[derive(Debug, Clone)]
pub(super) enum Refusal {
    NotATest(NotATest),
    Other(String),
}

impl Reach {
    /// Limits a connection of our own for as long as it lasts.
    pub fn limit(connection: &mut Connection, tests: TestDatabases) -> rusqlite::Result<Self> {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (judging, noting) = (tests.clone(), Arc::clone(&seen));
        connection.authorizer(Some(move |context: AuthContext<'_>| {
            let mut seen = noting.lock().unwrap_or_else(PoisonError::into_inner);
            seen.attached |= matches!(context.action, AuthAction::Attach { .. });
            match refusal(context.action, &judging) {
                None => Authorization::Allow,
                Some(refusal) => {
                    seen.refused = Some(refusal);
                    Authorization::Deny
                }
            }
        }))?;
        Ok(Self { tests, seen })
    }

    /// Why the last statement was refused, if it was.
    pub fn refused(&self) -> Option<Refusal> {
        self.seen().refused.take()
    }

    /// Looks at the files that a statement attached.
    ///
    /// # Errors
    /// Those of [`opened::check`].
    pub fn check(&self, connection: &Connection) -> Result<()> {
        if !std::mem::take(&mut self.seen().attached) {
            return Ok(());
        }
        let files =
            files(connection).map_err(fault::refused("cannot list the attached databases"))?;
        files
            .iter()
            .try_for_each(|file| opened::check(file, file, Some(&self.tests)))
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn files(connection: &Connection) -> rusqlite::Result<Vec<PathBuf>> {
    let mut list = connection.prepare("PRAGMA database_list")?;
    let files = list.query_map([], |row| row.get::<_, String>("file").map(PathBuf::from))?;
    let mut files: Vec<PathBuf> = files.collect::<rusqlite::Result<_>>()?;
    files.retain(|file| !file.as_os_str().is_empty());
    Ok(files)
}

fn refusal(action: AuthAction<'_>, tests: &TestDatabases) -> Option<Refusal> {
    let other = |text: &str| Some(Refusal::Other(text.to_owned()));
    match action {
        AuthAction::Attach { filename } => attached(filename, tests),
        AuthAction::Unknown { code, .. } if code == SQLITE_ATTACH => {
            other("it computes the name of the database it attaches, which has to be written out")
        }
        AuthAction::Pragma { pragma_name, .. } if is_folder(pragma_name) => Some(Refusal::Other(
            format!("`{pragma_name}` chooses where SQLite writes"),
        )),
        AuthAction::Function { function_name }
            if function_name.eq_ignore_ascii_case("load_extension") =>
        {
            other("it loads an extension")
        }
        _ => None,
    }
}

fn is_folder(pragma: &str) -> bool {
    FOLDERS
        .iter()
        .any(|folder| pragma.eq_ignore_ascii_case(folder))
}

/// `VACUUM` attaches a temporary database without a name, and `VACUUM INTO` the file it writes.
fn attached(name: &str, tests: &TestDatabases) -> Option<Refusal> {
    if name.is_empty() || name == ":memory:" {
        return None;
    }
    if name.starts_with("file:") {
        let text = "it attaches a URI, where the path of a file is wanted";
        return Some(Refusal::Other(text.to_owned()));
    }
    let path = Path::new(name);
    if let Some(found) = refused_path(path, tests) {
        return Some(Refusal::NotATest(found));
    }
    allow_file(path, &resolved(path), tests)
        .err()
        .map(|error| Refusal::Other(error.to_string()))
}
