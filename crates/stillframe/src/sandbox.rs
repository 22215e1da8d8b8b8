//! A private copy of a POC to run in, with a home and a temporary folder of its own; it is removed when dropped and never touches the original.

use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use walkdir::WalkDir;

use crate::disk;
use crate::process::cancelled;

mod cleaner;
mod copy;
mod left;
mod run_folder;

pub use cleaner::Cleaner;
pub use left::name_what_is_left;
use run_folder::RunFolder;

/// The file that describes the POC; the target never sees it.
const DESCRIPTION: &str = "poc.toml";

/// Always handed on: without these no program can be found, on Windows none can even start.
const ALWAYS_PASSED: &[&str] = if cfg!(windows) {
    &["PATH", "PATHEXT", "SystemRoot", "ComSpec"]
} else {
    &["PATH"]
};

/// The same everywhere: no time zone, no language, no terminal.
const FIXED: [(&str, &str); 5] = [
    ("COLUMNS", "80"),
    ("LANG", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
    ("NO_COLOR", "1"),
    ("TZ", "UTC"),
];

/// The variables that name the home and the temporary folder.
const HOME: &[&str] = if cfg!(windows) {
    &["HOME", "USERPROFILE"]
} else {
    &["HOME"]
};
const TMP: &[&str] = if cfg!(windows) {
    &["TMPDIR", "TMP", "TEMP"]
} else {
    &["TMPDIR"]
};

/// For the owner alone.
const PRIVATE: u32 = 0o700;

/// Three fresh folders beside each other below the system's temporary folder: far from any repository, so that the target
/// finds no outer `.git` and no outer configuration.
#[derive(Debug)]
pub struct Sandbox {
    folder: PathBuf,
    root: PathBuf,
    home: PathBuf,
    tmp: PathBuf,
    _run: Arc<RunFolder>,
}

impl Sandbox {
    /// A sandbox with nothing in it, which nobody else can look into.
    ///
    /// # Errors
    ///
    /// When the system's temporary folder cannot be written.
    pub fn empty() -> Result<Sandbox> {
        let run = run_folder::current()?;
        let folder = private_folder(run.path(), "")
            .with_context(|| format!("creating a sandbox in {}", run.path().display()))?;
        let base = canonical(&folder)?;
        let sandbox = Sandbox {
            root: base.join("poc"),
            home: base.join("home"),
            tmp: base.join("tmp"),
            folder,
            _run: run,
        };
        for made in [&sandbox.root, &sandbox.home, &sandbox.tmp] {
            fs::create_dir(made)
                .and_then(|()| set_mode(made, PRIVATE))
                .with_context(|| format!("creating {}", made.display()))?;
        }
        Ok(sandbox)
    }

    /// A sandbox with a copy of the POC: files, folders and links, but not its `poc.toml` and not what is left out.
    ///
    /// Files keep their content and whether they may be executed; all other permissions are the same for everybody
    /// (0644 or 0755), because those of a checkout depend on who made it. Special bits (setuid and the like) are dropped.
    ///
    /// # Errors
    ///
    /// When something cannot be copied, is neither file, folder nor link, or is a link that leaves the POC.
    pub fn create(poc: &Path, left_out: &BTreeSet<PathBuf>) -> Result<Sandbox> {
        let sandbox = Sandbox::empty()?;
        let all = WalkDir::new(poc)
            .min_depth(1)
            .sort_by_file_name()
            .into_iter();
        for entry in all.filter_entry(|entry| !left_out.contains(entry.path())) {
            let entry = entry.map_err(|error| disk::unlisted(poc, error))?;
            if cancelled() {
                bail!("interrupted");
            }
            let inside = entry.path().strip_prefix(poc)?;
            if inside == Path::new(DESCRIPTION) {
                continue;
            }
            let to = sandbox.root.join(inside);
            copy::copy(poc, inside, entry.file_type(), &to)
                .with_context(|| format!("copying {} into a sandbox", entry.path().display()))?;
        }
        Ok(sandbox)
    }

    /// The folder the target runs in: the copy of the POC.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The home folder of everything that runs here.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The temporary folder of everything that runs here.
    #[must_use]
    pub fn tmp(&self) -> &Path {
        &self.tmp
    }

    /// The whole environment of a process in here: PATH and the variables in `pass` from ours, then the fixed ones, then
    /// `set`; the later wins.
    #[must_use]
    pub fn environment(
        &self,
        pass: &[String],
        set: &BTreeMap<String, String>,
    ) -> BTreeMap<OsString, OsString> {
        let mut environment = BTreeMap::new();
        for name in ALWAYS_PASSED
            .iter()
            .copied()
            .chain(pass.iter().map(String::as_str))
        {
            if let Some(value) = std::env::var_os(name) {
                environment.insert(OsString::from(name), value);
            }
        }
        let home = HOME.iter().map(|name| (*name, self.home.as_os_str()));
        let tmp = TMP.iter().map(|name| (*name, self.tmp.as_os_str()));
        let fixed = FIXED
            .iter()
            .map(|(name, value)| (*name, OsStr::new(*value)));
        let set = set
            .iter()
            .map(|(name, value)| (name.as_str(), OsStr::new(value)));
        environment.extend(
            home.chain(tmp)
                .chain(fixed)
                .chain(set)
                .map(|(name, value)| (name.into(), value.into())),
        );
        environment
    }

    /// What to call these folders in a fixture. Each comes in the form the process is given and, where the temporary
    /// folder is reached through a link (macOS's `/var`), also as it is written there.
    #[must_use]
    pub fn scrub_pairs(&self) -> Vec<(PathBuf, &'static str)> {
        let written = &self.folder;
        let named = [
            (&self.root, "poc", "/stillframe/poc"),
            (&self.home, "home", "/stillframe/home"),
            (&self.tmp, "tmp", "/stillframe/tmp"),
        ];
        let mut pairs = Vec::new();
        for (given, folder, name) in named {
            pairs.push((given.clone(), name));
            let other = written.join(folder);
            if other != *given {
                pairs.push((other, name));
            }
        }
        pairs
    }
}

/// What stays, and why, is reported with the folder of the run, which tries once more.
impl Drop for Sandbox {
    fn drop(&mut self) {
        let _tried_again_later = disk::remove_tree(&self.folder);
    }
}

/// A new folder with a name that nobody could guess, for the owner alone.
fn private_folder(parent: &Path, prefix: &str) -> io::Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(PRIVATE));
    }
    let folder = builder.tempdir_in(parent)?;
    // The umask may have taken some of it away, and a parent may have added its group.
    set_mode(folder.path(), PRIVATE)?;
    Ok(folder.keep())
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// The path as the process itself will see it. Windows' canonical paths (`\\?\C:\…`) are ones that most programs cannot read.
fn canonical(path: &Path) -> io::Result<PathBuf> {
    if cfg!(windows) {
        Ok(path.to_path_buf())
    } else {
        path.canonicalize()
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::Write;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use tempfile::TempDir;

    /// A POC of a seed file, a program and a description.
    fn poc() -> TempDir {
        let poc = tempfile::tempdir().unwrap();
        for (name, mode, text) in [
            ("poc.toml", 0o644, "summary = ''"),
            ("data/seed.sql", 0o600, "create table t(a);"),
            ("data/poc.toml", 0o644, "not the description"),
            ("tool", 0o700, "#!/bin/sh\n"),
            ("read-only", 0o444, "x"),
        ] {
            let path = poc.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            File::create(&path)
                .unwrap()
                .write_all(text.as_bytes())
                .unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        poc
    }

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn copy_holds_everything_but_the_description() {
        let poc = poc();
        let sandbox = Sandbox::create(poc.path(), &BTreeSet::new()).unwrap();
        let text = fs::read_to_string(sandbox.root().join("data/seed.sql")).unwrap();
        assert_eq!(text, "create table t(a);");
        assert!(!sandbox.root().join("poc.toml").exists());
        assert!(sandbox.root().join("data/poc.toml").exists());
    }

    #[test]
    fn permissions_depend_on_the_executable_bit_alone() {
        let poc = poc();
        let sandbox = Sandbox::create(poc.path(), &BTreeSet::new()).unwrap();
        let of = |name| mode(&sandbox.root().join(name));
        assert_eq!(
            [of("data/seed.sql"), of("read-only"), of("tool")],
            [0o644, 0o644, 0o755]
        );
    }

    #[test]
    fn change_in_the_sandbox_leaves_the_poc_alone() {
        let poc = poc();
        let sandbox = Sandbox::create(poc.path(), &BTreeSet::new()).unwrap();
        let copied = sandbox.root().join("data/seed.sql");
        File::create(&copied)
            .unwrap()
            .write_all(b"changed")
            .unwrap();
        let original = fs::read_to_string(poc.path().join("data/seed.sql")).unwrap();
        assert_eq!(original, "create table t(a);");
    }

    #[test]
    fn links_inside_stay_links() {
        let poc = poc();
        symlink("data/seed.sql", poc.path().join("to-file")).unwrap();
        symlink("../tool", poc.path().join("data/to-tool")).unwrap();
        symlink("nowhere", poc.path().join("dangling")).unwrap();
        let sandbox = Sandbox::create(poc.path(), &BTreeSet::new()).unwrap();
        let target = |name| fs::read_link(sandbox.root().join(name)).unwrap();
        assert_eq!(target("to-file"), Path::new("data/seed.sql"));
        assert_eq!(target("data/to-tool"), Path::new("../tool"));
        assert_eq!(target("dangling"), Path::new("nowhere"));
    }

    #[test]
    fn link_that_leaves_the_poc_is_refused_by_name() {
        for target in ["/etc/passwd", "../outside", "data/../../outside"] {
            let poc = poc();
            symlink(target, poc.path().join("out")).unwrap();
            let error = format!(
                "{:#}",
                Sandbox::create(poc.path(), &BTreeSet::new()).unwrap_err()
            );
            assert!(
                error.contains("the link out points to"),
                "{target}: {error}"
            );
            assert!(error.contains(target), "{error}");
        }
    }

    #[test]
    fn link_that_leaves_through_another_link_is_refused() {
        let poc = poc();
        fs::create_dir_all(poc.path().join("a/b")).unwrap();
        // As written, `c/x/../../..` stays inside; followed, it does not, because `c` is `a`'s parent.
        symlink(".", poc.path().join("a/c")).unwrap();
        symlink("a/c/b/../../..", poc.path().join("up")).unwrap();
        let error = format!(
            "{:#}",
            Sandbox::create(poc.path(), &BTreeSet::new()).unwrap_err()
        );
        assert!(error.contains("the link up points to"), "{error}");
    }

    #[test]
    fn socket_is_refused_by_name() {
        let poc = poc();
        let _socket = std::os::unix::net::UnixListener::bind(poc.path().join("sock")).unwrap();
        let error = format!(
            "{:#}",
            Sandbox::create(poc.path(), &BTreeSet::new()).unwrap_err()
        );
        assert!(error.contains("sock is a socket"), "{error}");
    }

    #[test]
    fn environment_holds_what_is_allowed_and_nothing_else() {
        let sandbox = Sandbox::empty().unwrap();
        let set = BTreeMap::from([("TZ".to_owned(), "Europe/Vienna".to_owned())]);
        let environment = sandbox.environment(
            &["CARGO_PKG_NAME".to_owned(), "UNHEARD_OF".to_owned()],
            &set,
        );
        let names: Vec<&str> = environment
            .keys()
            .filter_map(|name| name.to_str())
            .collect();
        assert_eq!(
            names,
            [
                "CARGO_PKG_NAME",
                "COLUMNS",
                "HOME",
                "LANG",
                "LC_ALL",
                "NO_COLOR",
                "PATH",
                "TMPDIR",
                "TZ"
            ]
        );
        assert_eq!(environment[OsStr::new("TZ")], "Europe/Vienna");
        assert_eq!(environment[OsStr::new("HOME")], sandbox.home());
        assert_eq!(environment[OsStr::new("TMPDIR")], sandbox.tmp());
    }

    #[test]
    fn folders_have_one_name_each_in_fixtures() {
        let sandbox = Sandbox::empty().unwrap();
        let pairs = sandbox.scrub_pairs();
        assert!(pairs.contains(&(sandbox.root().to_path_buf(), "/stillframe/poc")));
        assert!(pairs.contains(&(sandbox.home().to_path_buf(), "/stillframe/home")));
        assert!(pairs.contains(&(sandbox.tmp().to_path_buf(), "/stillframe/tmp")));
    }

    #[test]
    fn dropped_sandbox_is_gone_even_with_read_only_folders() {
        let poc = poc();
        let sandbox = Sandbox::create(poc.path(), &BTreeSet::new()).unwrap();
        let folder = sandbox.folder.clone();
        let closed = sandbox.root().join("data");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
        drop(sandbox);
        assert!(!folder.exists(), "{} is left", folder.display());
    }
}
