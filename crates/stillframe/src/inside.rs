//! Paths below a folder that no link leads out of: what lies in a tree or a download cannot send a write, a deletion or a comparison elsewhere.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// What stands on the way to a path, so that it would lead elsewhere or nowhere.
#[derive(Debug, thiserror::Error)]
pub enum Obstacle {
    /// A component is a link, wherever it leads.
    #[error("{} is a link, and links are not followed there", .0.display())]
    Link(PathBuf),
    /// A component above the last one is not a folder.
    #[error("{} is not a folder", .0.display())]
    NotFolder(PathBuf),
    /// The name itself leaves the folder, such as `../x` or `/x`.
    #[error("`{}` does not stay in its folder", .0.display())]
    Leaves(PathBuf),
}

/// `root/name`, where neither a folder on the way nor the last component is a link. What does not exist is fine.
///
/// `root` itself may be reached through links; it is the caller's.
///
/// # Errors
///
/// The first obstacle on the way.
pub fn below(root: &Path, name: impl AsRef<Path>) -> Result<PathBuf, Obstacle> {
    let mut path = root.to_path_buf();
    let mut components = name.as_ref().components().peekable();
    let mut exists = true;
    while let Some(component) = components.next() {
        let Component::Normal(part) = component else {
            return Err(Obstacle::Leaves(name.as_ref().to_owned()));
        };
        path.push(part);
        // Where one component is missing, so is everything below it. What cannot be looked at fails when it is used.
        let Some(meta) = exists.then(|| fs::symlink_metadata(&path).ok()).flatten() else {
            exists = false;
            continue;
        };
        if meta.is_symlink() {
            return Err(Obstacle::Link(path));
        }
        if components.peek().is_some() && !meta.is_dir() {
            return Err(Obstacle::NotFolder(path));
        }
    }
    Ok(path)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::disk;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_on_the_way_or_at_the_end_is_an_obstacle_even_when_it_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        disk::create_folder(&root.join("real/sub")).unwrap();
        disk::scratch(&root.join("file"), b"").unwrap();
        symlink("real", root.join("linked")).unwrap();
        symlink("nowhere", root.join("real/dangling")).unwrap();
        for name in ["real/sub/x", "real/sub", "new/folder/x", "file"] {
            assert_eq!(below(root, name).unwrap(), root.join(name));
        }
        for name in ["linked", "linked/sub/x", "real/dangling", "real/dangling/x"] {
            assert!(
                matches!(below(root, name), Err(Obstacle::Link(_))),
                "{name}"
            );
        }
        assert!(matches!(below(root, "file/x"), Err(Obstacle::NotFolder(_))));
        for name in ["../x", "/x", "real/../../x"] {
            assert!(
                matches!(below(root, name), Err(Obstacle::Leaves(_))),
                "{name}"
            );
        }
    }

    #[test]
    fn the_folder_itself_may_be_reached_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        disk::create_folder(&folder.path().join("real")).unwrap();
        symlink("real", folder.path().join("linked")).unwrap();
        assert!(below(&folder.path().join("linked"), "x").is_ok());
    }
}
