//! Folders of sandboxes that could not be removed, until somebody reports them; it removes nothing itself.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::print;

static LEFT: Mutex<Vec<(PathBuf, String)>> = Mutex::new(Vec::new());

/// Prints a line on stderr for each folder that could not be removed since the last call; at the end of a program.
pub fn name_what_is_left() {
    let left = std::mem::take(&mut *LEFT.lock().unwrap_or_else(PoisonError::into_inner));
    for (folder, reason) in left {
        print::note(&format!(
            "warning: the sandboxes in {} could not be removed ({reason}); the next run tries again",
            folder.display()
        ));
    }
}

pub(super) fn note(folder: &Path, error: &io::Error) {
    LEFT.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push((folder.to_path_buf(), error.to_string()));
}
