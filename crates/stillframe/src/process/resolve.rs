//! From the name of a program to the absolute path of its file; it starts nothing.

use super::SpawnError;
use super::spawn_error::is_missing;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Find the file of a program: with a slash from `base`, without one by name in the folders of `path_var`.
///
/// A bare name left to the operating system would be looked up in *our* PATH, not the child's.
///
/// # Errors
///
/// [`SpawnError::NotFound`] and [`SpawnError::NotExecutable`].
pub fn resolve(
    program: &str,
    base: &Path,
    path_var: Option<&OsStr>,
) -> Result<PathBuf, SpawnError> {
    let has_separator = program.chars().any(std::path::is_separator);
    let folders: Vec<PathBuf> = match path_var {
        _ if has_separator => vec![base.to_path_buf()],
        Some(path) => std::env::split_paths(path)
            .map(|folder| base.join(folder))
            .collect(),
        None => Vec::new(),
    };
    let mut refused = None;
    for candidate in folders
        .iter()
        .flat_map(|folder| spellings(&folder.join(program)))
    {
        match judge(&candidate) {
            Candidate::Program => return Ok(absolute(candidate)),
            Candidate::Refused => refused = refused.or(Some(absolute(candidate))),
            Candidate::Absent => {}
        }
    }
    match refused {
        Some(path) if has_separator || path.is_file() => Err(SpawnError::not_executable(path)),
        _ if has_separator => Err(absent(absolute(base.join(program)))),
        _ => Err(SpawnError::NotOnPath {
            program: program.to_owned(),
        }),
    }
}

/// Nothing can be seen at a program's path: there is nothing, or it may not be looked at.
fn absent(path: PathBuf) -> SpawnError {
    match path.metadata() {
        Err(source) if !is_missing(&path) => SpawnError::Other { path, source },
        _ => SpawnError::NotFound { path },
    }
}

enum Candidate {
    Program,
    Refused,
    Absent,
}

#[cfg(unix)]
fn judge(path: &Path) -> Candidate {
    use std::os::unix::fs::PermissionsExt;
    match path.metadata() {
        Ok(meta) if meta.is_file() && meta.permissions().mode() & 0o111 != 0 => Candidate::Program,
        Ok(_) => Candidate::Refused,
        Err(_) => Candidate::Absent,
    }
}

#[cfg(not(unix))]
fn judge(path: &Path) -> Candidate {
    match path.metadata() {
        Ok(meta) if meta.is_file() => Candidate::Program,
        Ok(_) => Candidate::Refused,
        Err(_) => Candidate::Absent,
    }
}

#[cfg(not(windows))]
fn spellings(path: &Path) -> Vec<PathBuf> {
    vec![path.to_path_buf()]
}

/// A name without an extension stands for each of the extensions of programs.
#[cfg(windows)]
fn spellings(path: &Path) -> Vec<PathBuf> {
    if path.extension().is_some() {
        return vec![path.to_path_buf()];
    }
    let extensions = std::env::var("PATHEXT").unwrap_or_else(|_| ".COM;.EXE;.BAT;.CMD".to_owned());
    extensions
        .split(';')
        .filter(|extension| !extension.is_empty())
        .map(|extension| {
            let mut name = path.as_os_str().to_owned();
            name.push(extension);
            PathBuf::from(name)
        })
        .collect()
}

/// Fails only for an empty path, which is no candidate.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::os::unix::fs::PermissionsExt;

    /// A folder with the program `tool`, the plain file `notes` and the folder `sub`.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, mode) in [("tool", 0o755), ("notes", 0o644)] {
            let path = folder.path().join(name);
            File::create(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::create_dir(folder.path().join("sub")).unwrap();
        folder
    }

    #[test]
    fn slash_means_from_the_base() {
        let folder = folder();
        let found = resolve("./tool", folder.path(), None).unwrap();
        assert_eq!(found, folder.path().join("tool"));
    }

    #[test]
    fn bare_name_means_on_path_and_never_from_the_base() {
        let folder = folder();
        let path = std::env::join_paths([Path::new("/nonexistent"), folder.path()]).unwrap();
        assert_eq!(
            resolve("tool", Path::new("/"), Some(&path)).unwrap(),
            folder.path().join("tool")
        );
        let error = resolve("tool", folder.path(), Some(OsStr::new("/nonexistent"))).unwrap_err();
        assert!(matches!(error, SpawnError::NotOnPath { .. }), "{error}");
        let error = resolve("tool", folder.path(), None).unwrap_err();
        assert!(matches!(error, SpawnError::NotOnPath { .. }), "{error}");
    }

    #[test]
    fn missing_plain_and_folder_are_told_apart() {
        let folder = folder();
        let of = |name: &str| resolve(name, folder.path(), None).unwrap_err();
        assert!(matches!(of("./gone"), SpawnError::NotFound { .. }));
        assert!(matches!(of("./notes"), SpawnError::NotExecutable { .. }));
        assert!(matches!(of("./sub"), SpawnError::IsFolder { .. }));
    }

    #[test]
    fn plain_file_on_path_is_named_rather_than_not_found() {
        let folder = folder();
        let error = resolve("notes", Path::new("/"), Some(folder.path().as_os_str())).unwrap_err();
        assert!(matches!(error, SpawnError::NotExecutable { .. }), "{error}");
        assert_eq!(
            error.hint(),
            Some(format!(
                "chmod +x {}",
                folder.path().join("notes").display()
            ))
        );
    }
}
