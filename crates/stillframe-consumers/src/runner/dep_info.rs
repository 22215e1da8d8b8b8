//! Which files went into compiled programs, by the dependency files that rustc writes beside them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use walkdir::WalkDir;

/// Every file that any dependency file below cargo's target folder names. Names that are relative count from each of the
/// bases: too many files only cost time.
///
/// # Errors
///
/// When a dependency file cannot be read.
pub(super) fn files(target: &Path, bases: [&PathBuf; 2]) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    // target/debug/deps, or target/TRIPLE/debug/deps
    for entry in WalkDir::new(target).max_depth(4).sort_by_file_name() {
        let Ok(entry) = entry else { continue };
        let path = entry.path();
        let in_deps = path.parent().and_then(Path::file_name) == Some("deps".as_ref());
        if !in_deps || path.extension() != Some("d".as_ref()) {
            continue;
        }
        let text = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        for name in names(&String::from_utf8_lossy(&text)) {
            files.extend(bases.iter().map(|base| plain(&base.join(&name))));
        }
    }
    Ok(files)
}

/// The files that a dependency file has a line for, in which it gives them no dependencies of their own.
fn names(text: &str) -> Vec<String> {
    let alone = text.lines().filter_map(|line| line.strip_suffix(':'));
    alone
        .map(|name| name.replace("\\ ", " ").replace("\\#", "#"))
        .collect()
}

/// Without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_were_compiled_in_are_found_by_relative_and_absolute_names() {
        let folder = tempfile::tempdir().unwrap();
        let deps = folder.path().join("debug/deps/small.d");
        let text = "/t/small: tests/all.rs tests/../data/a\\ b.txt /s/c.txt\n\ntests/all.rs:\ntests/../data/a\\ b.txt:\n/s/c.txt:\n";
        stillframe::disk::scratch(&deps, text.as_bytes()).unwrap();
        let bases = [PathBuf::from("/s"), PathBuf::from("/s/cwd")];
        let files = files(folder.path(), [&bases[0], &bases[1]]).unwrap();
        for file in [
            "/s/data/a b.txt",
            "/s/cwd/data/a b.txt",
            "/s/c.txt",
            "/s/tests/all.rs",
        ] {
            assert!(files.contains(Path::new(file)), "{file}: {files:?}");
        }
        assert!(!files.contains(Path::new("/t/small")));
    }
}
