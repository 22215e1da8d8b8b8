//! The files beside a SQLite database that SQLite writes too: none of them may lead to another file.

use std::path::Path;

use super::location::shown_url;
use super::paths::{file_name, names_of};
use fixpoints_core::error::{Error, Fault, Result};

/// What SQLite appends to the name of a database.
const ENDINGS: [&str; 3] = ["-journal", "-wal", "-shm"];

/// Refuses a journal that is a link, or no file at all.
pub(super) fn check(path: &Path, allowed: &[String]) -> Result<()> {
    let is_allowed = allowed.contains(&file_name(path));
    for ending in ENDINGS {
        let mut beside = path.to_path_buf().into_os_string();
        beside.push(ending);
        if let Some(found) =
            strange(Path::new(&beside)).filter(|found| !is_allowed || found.is_link)
        {
            return Err(Error::Database {
                act: format!("cannot open {}", shown_url(path)),
                message: format!("{} beside it {}", file_name(Path::new(&beside)), found.what),
                fault: Fault::StrangeJournal,
            });
        }
    }
    Ok(())
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
        "is not a regular file".to_owned()
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
