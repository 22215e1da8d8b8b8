//! Whether the disk has space for a private copy; said before anything is copied.

use std::path::Path;

use anyhow::{Result, bail};

use super::tree::Tree;

/// What is left free for the suite itself.
const RESERVE: u64 = 64 << 20;

/// Compares what the copy takes with what the disk has.
///
/// # Errors
///
/// When the space does not suffice.
pub fn check(original: &Path, folder: &Path, tree: &Tree) -> Result<()> {
    let Some(free) = free(folder)? else {
        return Ok(());
    };
    // Files that share their blocks take next to nothing.
    let needed = if tree.shares_blocks(original, folder) {
        0
    } else {
        tree.bytes()
    };
    suffices(original, folder, needed, free)
}

fn suffices(original: &Path, folder: &Path, needed: u64, free: u64) -> Result<()> {
    if needed + RESERVE > free {
        bail!(
            "a private copy of {} takes {}, and the disk of {} has {} free (and {} of it stay free for the suite); free some space, or name a folder on another disk with --work",
            original.display(),
            shown(needed),
            folder.display(),
            shown(free),
            shown(RESERVE)
        );
    }
    Ok(())
}

#[cfg(unix)]
fn free(folder: &Path) -> Result<Option<u64>> {
    use anyhow::Context;
    let disk = rustix::fs::statvfs(folder)
        .with_context(|| format!("asking how much space {} has", folder.display()))?;
    Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize)))
}

#[cfg(not(unix))]
fn free(_folder: &Path) -> Result<Option<u64>> {
    Ok(None)
}

/// A number of bytes for people.
pub fn shown(bytes: u64) -> String {
    let (unit, size) = match bytes {
        0..1_000_000 => ("kB", 1e3),
        1_000_000..1_000_000_000 => ("MB", 1e6),
        _ => ("GB", 1e9),
    };
    format!("{:.1} {unit}", bytes as f64 / size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_space_is_told_with_both_figures() {
        let (original, folder) = (Path::new("/suite"), Path::new("/work"));
        suffices(original, folder, 0, RESERVE).unwrap();
        let error = suffices(original, folder, 5_230_000_000, 3_100_000_000).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("takes 5.2 GB"), "{text}");
        assert!(text.contains("has 3.1 GB free"), "{text}");
    }
}
