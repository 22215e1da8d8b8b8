//! Which files are temporary: those in the system's folder for them, unless that is where somebody works.

use std::path::{Path, PathBuf};

use super::mounts;
use super::paths::resolved;

/// Judged by what an absolute path leads to: a relative one means the same wherever a project lies.
pub(super) fn is_temporary(path: &Path, used: &[&Path]) -> bool {
    if !path.is_absolute() {
        return false;
    }
    let (path, lived_in) = (resolved(path), lived_in(used));
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

/// The homes of the user, and the project and the folder of fixpoints, each whole: what TMPDIR names may be one of them,
/// or in one, or around it.
fn lived_in(used: &[&Path]) -> Vec<PathBuf> {
    let homes = std::env::home_dir().into_iter().chain(known_home());
    let homes = homes.filter_map(|home| home.canonicalize().ok());
    let homes = homes.filter(|home| home.parent().is_some());
    let used = used.iter().map(|folder| {
        let folder = resolved(&Path::new(".").join(folder));
        let repository = folder.ancestors().find(|above| above.join(".git").exists());
        repository.unwrap_or(&folder).to_path_buf()
    });
    used.chain(homes).collect()
}

/// The home that the system knows the user by, whatever HOME says.
#[cfg(unix)]
fn known_home() -> Option<PathBuf> {
    let user = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut users = users.lines().map(|line| line.split(':'));
    let mut user = users.find(|fields| fields.clone().nth(2) == Some(&user))?;
    user.nth(5).map(PathBuf::from)
}

#[cfg(not(unix))]
fn known_home() -> Option<PathBuf> {
    None
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
        let temporary = |path: &Path| is_temporary(path, &[]);
        assert!(temporary(&folder.path().join("not/there/app.db")));
        assert!(!temporary(Path::new("app.db")));
        assert!(!temporary(&std::env::temp_dir().join("../usr/app.db")));
        assert!(!temporary(Path::new("/usr/app.db")));
    }

    #[cfg(unix)]
    #[test]
    fn the_home_that_the_system_knows_is_lived_in_whatever_home_says() {
        let Some(home) = known_home().and_then(|home| home.canonicalize().ok()) else {
            return;
        };
        assert!(home.parent().is_none() || lived_in(&[]).contains(&home));
    }
}
