//! The files beside a SQLite database that SQLite writes too: none of them may lead to another file.

use std::path::{Path, PathBuf};

use super::location::shown_url;
use super::paths::{file_name, names_of};
use fixpoints_core::error::{Error, Fault, Result};

/// What SQLite appends to the name of a database.
const ENDINGS: [&str; 3] = ["-journal", "-wal", "-shm"];

/// Refuses a journal that is a link, or no file at all.
pub(super) fn check(path: &Path, allowed: &[String]) -> Result<()> {
    let is_allowed = allowed.contains(&file_name(path));
    for beside in beside(path) {
        if let Some(found) = strange(&beside).filter(|found| !is_allowed || found.is_link) {
            return Err(refused(path, &beside, &found.what));
        }
    }
    Ok(())
}

/// Refuses what SQLite would wait for, as for a pipe: a database of the name `typed`, at `path`, and what lies beside it.
pub(crate) fn check_regular(typed: &Path, path: &Path) -> Result<()> {
    if is_irregular(path) {
        return Err(Error::Database {
            act: act(typed),
            message: crate::regular::IRREGULAR.to_owned(),
            fault: Fault::Unknown,
        });
    }
    match beside(path).find(|beside| is_irregular(beside)) {
        Some(beside) => Err(refused(typed, &beside, NOT_A_FILE)),
        None => Ok(()),
    }
}

const NOT_A_FILE: &str = "is not a regular file";

fn beside(path: &Path) -> impl Iterator<Item = PathBuf> {
    let path = path.to_path_buf();
    ENDINGS.iter().map(move |ending| {
        let mut beside = path.clone();
        beside.as_mut_os_string().push(ending);
        beside
    })
}

fn refused(path: &Path, beside: &Path, what: &str) -> Error {
    Error::Database {
        act: act(path),
        message: format!("{} beside it {what}", file_name(beside)),
        fault: Fault::StrangeJournal,
    }
}

fn act(path: &Path) -> String {
    format!("cannot open {}", shown_url(path))
}

fn is_irregular(path: &Path) -> bool {
    let data = std::fs::metadata(path);
    data.is_ok_and(|data| !data.is_file() && !data.is_dir())
}

struct Strange {
    is_link: bool,
    what: String,
}

fn strange(file: &Path) -> Option<Strange> {
    let data = std::fs::symlink_metadata(file).ok()?;
    let what = if data.is_symlink() {
        "is a link, and SQLite would write what it leads to".to_owned()
    } else if !data.is_file() {
        NOT_A_FILE.to_owned()
    } else if names_of(&data) > 1 {
        format!(
            "has {} names (hard links), and SQLite would write all of them",
            names_of(&data)
        )
    } else {
        return None;
    };
    Some(Strange {
        is_link: data.is_symlink(),
        what,
    })
}
