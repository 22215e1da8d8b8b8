//! Files that editors and operating systems leave in any folder; nobody wrote them on purpose, so they are not findings.

/// Whether a path ends in the name of such a file.
///
/// ```
/// use stillframe_core::litter::is_litter;
/// assert!(is_litter("first/one.json~"));
/// assert!(!is_litter("first/one.json"));
/// ```
#[must_use]
pub fn is_litter(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    is_of_a_system(name) || is_of_an_editor(name)
}

/// Views, icons and indexes of folders: Windows, macOS (with the forks of files on foreign disks), KDE and NFS.
fn is_of_a_system(name: &str) -> bool {
    let names = [
        "Thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "desktop.ini",
        ".DS_Store",
        ".directory",
        "Icon\r",
    ];
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
        || ["._", ".nfs", ".fuse_hidden"]
            .iter()
            .any(|start| name.starts_with(start))
}

/// Backups, locks and swap files: Emacs, Vim (`4913` is its test of whether a folder can be written), Kate, JetBrains.
fn is_of_an_editor(name: &str) -> bool {
    let wrapped = name.len() > 2 && name.starts_with('#') && name.ends_with('#');
    let ends = [
        "~",
        ".swp",
        ".swo",
        ".swn",
        ".swx",
        ".kate-swp",
        "___jb_tmp___",
        "___jb_old___",
    ];
    wrapped
        || name == "4913"
        || name.starts_with(".#")
        || ends.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_editors_and_systems_leave_is_told_from_what_people_write() {
        for name in [
            "Thumbs.db",
            "thumbs.db",
            ".DS_Store",
            "desktop.ini",
            ".directory",
            "._one.json",
            "one.json~",
            ".#one.json",
            "#one.json#",
            ".one.json.swp",
            "one.swp",
            "4913",
            ".one.json.kate-swp",
            "one.json___jb_tmp___",
        ] {
            assert!(is_litter(name), "{name}");
            assert!(is_litter(&format!("a/{name}")), "{name}");
        }
        for name in [
            "one.json",
            "notes.txt",
            "#",
            "##",
            "4913.json",
            "~/one.json",
            "desktop.json",
            "one.bak",
        ] {
            assert!(!is_litter(name), "{name}");
        }
    }
}
