//! One run at a time in a work folder: the second waits for the first, and says so.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::cancelled;
use crate::{disk, print};

/// How often a run that waits looks again.
const PAUSE: Duration = Duration::from_millis(50);

/// Kept while a run reads or writes the corpus; the system frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl RunLock {
    /// Waits until no other run holds the work folder; `None` when this one is interrupted before it began.
    pub fn acquire(work: &Path) -> Result<Option<RunLock>> {
        disk::create_folder(work)?;
        let path = work.join("lock");
        let act = || format!("locking {}", path.display());
        let mut file = disk::open_lock(&path).with_context(act)?;
        let mut waiting = false;
        loop {
            match file.try_lock() {
                Ok(()) if cancelled() => return Ok(None),
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if cancelled() => return Ok(None),
                Err(TryLockError::WouldBlock) => {
                    if !waiting {
                        tell(&path, &mut file);
                    }
                    waiting = true;
                    std::thread::sleep(PAUSE);
                }
                Err(TryLockError::Error(error)) => return Err(error).with_context(act),
            }
        }
        // The number is for whoever waits; without it the lock holds as well.
        let _unnamed = name_holder(&mut file);
        Ok(Some(RunLock { _file: file }))
    }
}

fn name_holder(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn tell(path: &Path, file: &mut File) {
    let mut text = String::new();
    // Windows does not let anybody read what another process has locked.
    let read = file.take(32).read_to_string(&mut text);
    let holder = match text.trim().parse::<u32>() {
        Ok(number) if read.is_ok() => format!(" (process {number})"),
        _ => String::new(),
    };
    print::note(&format!(
        "waiting for another stillframe run{holder}, which has locked {}",
        path.display()
    ));
}
