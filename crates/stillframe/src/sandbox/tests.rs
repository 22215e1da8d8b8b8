//! What a sandbox holds, whatever the POC and the caller look like.

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

/// The folder of a sandbox that something is done to, and the next sandbox, in a run of their own.
fn one_after_the_other(act: impl FnOnce(&Sandbox)) -> (TempDir, PathBuf, Sandbox) {
    let temporary = tempfile::tempdir().unwrap();
    let run = Arc::new(run_folder::create(temporary.path()).unwrap());
    let first = Sandbox::empty_in(Arc::clone(&run), Look::First).unwrap();
    act(&first);
    let folder = first.folder.clone();
    drop(first);
    let second = Sandbox::empty_in(run, Look::First).unwrap();
    (temporary, folder, second)
}

fn inode(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&path.metadata().unwrap())
}

fn modes(sandbox: &Sandbox) -> [u32; 3] {
    [&sandbox.root, &sandbox.home, &sandbox.tmp].map(|path| mode(path))
}

#[test]
fn folders_that_are_as_they_were_made_are_used_again_under_another_name() {
    let mut home = 0;
    let (_temporary, first, second) = one_after_the_other(|sandbox| {
        home = inode(&sandbox.home);
        fs::create_dir_all(sandbox.root.join("deep/er")).unwrap();
    });
    assert_eq!(inode(&second.home), home);
    assert_ne!(first, second.folder);
    assert!(!first.exists());
    assert_eq!(fs::read_dir(&second.root).unwrap().count(), 0);
    assert_eq!(modes(&second), [0o700; 3]);
}

#[test]
fn folders_that_something_was_done_to_are_not_used_again() {
    let changes: [&dyn Fn(&Sandbox); 6] = [
        &|sandbox| drop(File::create(sandbox.home.join("cache")).unwrap()),
        &|sandbox| drop(File::create(sandbox.folder.join("beside")).unwrap()),
        &|sandbox| fs::set_permissions(&sandbox.tmp, fs::Permissions::from_mode(0o755)).unwrap(),
        &|sandbox| fs::remove_dir(&sandbox.tmp).unwrap(),
        &|sandbox| fs::remove_dir(&sandbox.root).unwrap(),
        &|sandbox| {
            fs::remove_dir(&sandbox.home).unwrap();
            symlink(&sandbox.tmp, &sandbox.home).unwrap();
        },
    ];
    for change in changes {
        let (_temporary, first, second) = one_after_the_other(change);
        assert!(!first.exists());
        assert_eq!(fs::read_dir(&second.folder).unwrap().count(), 3);
        assert_eq!(fs::read_dir(&second.home).unwrap().count(), 0);
        assert_eq!(modes(&second), [0o700; 3]);
    }
}
