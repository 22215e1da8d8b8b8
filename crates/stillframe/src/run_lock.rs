//! One run at a time in a work folder: the second waits for the first, and says so.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context, Result};

use crate::{disk, print};

/// Held while a run reads or writes the corpus; the system frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl RunLock {
    /// Waits until no other run holds the work folder.
    pub fn acquire(work: &Path) -> Result<RunLock> {
        disk::create_folder(work)?;
        let path = work.join("lock");
        let act = || format!("locking {}", path.display());
        let file = disk::open_lock(&path).with_context(act)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                print::note(&format!(
                    "waiting for another stillframe run in {}",
                    work.display()
                ));
                file.lock().with_context(act)?;
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(act),
        }
        Ok(RunLock { _file: file })
    }
}
