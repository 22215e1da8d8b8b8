//! What is mounted onto a file or a folder, where Linux says so: another name that neither a link nor a count shows.

use std::path::{Path, PathBuf};

/// What is mounted onto this very file, as a path in its own file system.
pub(super) fn source(file: &Path) -> Option<PathBuf> {
    mounts()
        .into_iter()
        .rev()
        .find(|mount| mount.place == file)
        .map(|mount| mount.source)
}

/// Whether something is mounted on the way from a folder down to a file.
pub(super) fn are_between(folder: &Path, file: &Path) -> bool {
    let is_between = |mount: &Mount| {
        mount.place != folder && mount.place.starts_with(folder) && file.starts_with(&mount.place)
    };
    mounts().iter().any(is_between)
}

struct Mount {
    source: PathBuf,
    place: PathBuf,
}

fn mounts() -> Vec<Mount> {
    let text = if cfg!(target_os = "linux") {
        std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default()
    } else {
        String::new()
    };
    text.lines().filter_map(mount).collect()
}

/// A line as `36 35 98:0 /source /place rw - ext4 /dev/sda1 rw`.
fn mount(line: &str) -> Option<Mount> {
    let mut fields = line.split(' ').skip(3);
    let (source, place) = (fields.next()?, fields.next()?);
    Some(Mount {
        source: unescaped(source),
        place: unescaped(place),
    })
}

/// Blanks and backslashes are written as octal numbers.
fn unescaped(field: &str) -> PathBuf {
    let mut path = field.to_owned();
    for (escape, letter) in [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ] {
        path = path.replace(escape, letter);
    }
    PathBuf::from(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mounted_file_is_read_with_its_blanks() {
        let found = mount(
            "36 35 98:0 /data/app\\040x.db /srv/test.db rw,noatime master:1 - ext3 /dev/root rw",
        );
        let found = found.unwrap();
        assert_eq!(found.source, Path::new("/data/app x.db"));
        assert_eq!(found.place, Path::new("/srv/test.db"));
    }
}
