//! Which files are temporary: those in the system's folder for them, unless that is where somebody works.

use std::path::{Path, PathBuf};

use super::mounts;
use super::paths::resolved;

/// Judged by what an absolute path leads to: a relative one means the same wherever a project lies.
pub(super) fn is_temporary(path: &Path, project: &Path) -> bool {
    if !path.is_absolute() {
        return false;
    }
    let (path, lived_in) = (resolved(path), lived_in(project));
    let usual = cfg!(unix).then(|| PathBuf::from("/tmp"));
    let usual = usual.into_iter().flat_map(|folder| folder.canonicalize());
    let named = std::env::temp_dir().canonicalize().into_iter();
    let usual = usual.filter(|folder| !lived_in.contains(folder));
    let named = named.filter(|folder| !lived_in.iter().any(|place| overlap(folder, place)));
    let mut folders = usual
        .chain(named)
        .filter(|folder| folder.parent().is_some());
    folders.any(|folder| path.starts_with(&folder) && !mounts::are_between(&folder, &path))
}

/// The home of the user and the project, whole: what TMPDIR names may be both, or in one of them, or around it.
fn lived_in(project: &Path) -> Vec<PathBuf> {
    let here = if project.as_os_str().is_empty() {
        Path::new(".")
    } else {
        project
    };
    let project = here.canonicalize().ok().map(|folder| {
        let repository = folder.ancestors().find(|above| above.join(".git").exists());
        repository.unwrap_or(&folder).to_path_buf()
    });
    let home = std::env::home_dir().and_then(|home| home.canonicalize().ok());
    let home = home.filter(|home| home.parent().is_some());
    project.into_iter().chain(home).collect()
}

fn overlap(a: &Path, b: &Path) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_temporary_by_what_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let temporary = |path: &Path| is_temporary(path, Path::new(""));
        assert!(temporary(&folder.path().join("not/there/app.db")));
        assert!(!temporary(Path::new("app.db")));
        assert!(!temporary(&std::env::temp_dir().join("../usr/app.db")));
        assert!(!temporary(Path::new("/usr/app.db")));
    }
}
