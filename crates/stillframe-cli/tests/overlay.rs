//! The private copy lies over the path of the suite's own tree, which only the real program can do.

#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that cannot set itself up fails"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const DEFINITION: &str = r#"format-version = 1
[suite]
runner = "nextest"
command = ["cargo", "nextest", "run"]
env = { ORIGINAL = "ROOT" }
[[fixtures]]
files = ["data/*"]
"#;

const TESTS: &str = r#"
use std::path::Path;
#[test] fn by_the_compiled_path() { std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/data/one, two.txt")).unwrap(); }
#[test] fn by_the_own_path() { std::fs::read(Path::new(&std::env::var("ORIGINAL").unwrap()).join("data/three.txt")).unwrap(); }
#[test] fn at_the_own_path() {
    let original = std::env::var("ORIGINAL").unwrap();
    assert_eq!(std::env::current_dir().unwrap(), Path::new(&original));
    std::fs::write(Path::new(&original).join("written.txt"), "").unwrap();
}
"#;

fn suite(folder: &Path) -> std::path::PathBuf {
    let root = folder.canonicalize().unwrap().join("suite");
    for name in ["data", "tests"] {
        fs::create_dir_all(root.join(name)).unwrap();
    }
    let write = |name: &str, text: &str| fs::write(root.join(name), text).unwrap();
    write(
        "Cargo.toml",
        "[package]\nname = \"small\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\ntest = false\n[workspace]\n",
    );
    write("lib.rs", "");
    write("tests/all.rs", TESTS);
    write("data/one, two.txt", "1");
    write("data/three.txt", "3");
    write("data/four.txt", "4");
    let text = DEFINITION.replace("ROOT", &root.display().to_string());
    write("consumers.toml", &text);
    root
}

fn stillframe(root: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stillframe"))
        .args(args)
        .current_dir(root)
        .output()
        .unwrap()
}

#[test]
fn a_suite_that_names_its_own_path_sees_what_is_hidden_and_writes_only_to_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    let root = suite(folder.path());
    let output = stillframe(&root, &["consumers", "detect", "--runs", "1"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("cannot be laid over") {
        // Containers may forbid namespaces; then the reason is told.
        assert!(stderr.contains("namespace"), "{stderr}");
        return;
    }
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let lock = fs::read_to_string(root.join("consumers.lock")).unwrap();
    let consumers: Vec<&str> = lock.lines().filter(|line| line.contains("by_")).collect();
    assert_eq!(consumers.len(), 2, "{lock}");
    for (fixture, test) in [
        ("data/one, two.txt", "by_the_compiled_path"),
        ("data/three.txt", "by_the_own_path"),
    ] {
        let at = lock.find(fixture).unwrap();
        let next = lock[at..]
            .find("[[fixture]]")
            .map_or(lock.len(), |end| at + end);
        assert!(lock[at..next].contains(test), "{lock}");
    }
    assert!(!root.join("written.txt").exists());
    assert!(!root.join("target/stillframe-consumers/copy").exists());
    assert!(
        !root
            .join("data/four.txt")
            .metadata()
            .unwrap()
            .permissions()
            .readonly()
    );
}

#[test]
fn strace_sees_which_files_each_test_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let root = suite(folder.path());
    let text = fs::read_to_string(root.join("consumers.toml")).unwrap();
    fs::write(
        root.join("consumers.toml"),
        format!("{text}[observe]\nfiles = \"strace\"\n"),
    )
    .unwrap();
    let output = stillframe(&root, &["consumers", "detect", "--runs", "1"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("strace") {
        // It is not installed, or tracing is forbidden; then nothing is measured as if it had been seen.
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        return;
    }
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let journal = fs::read_dir(root.join("target/stillframe-consumers"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .map(|path| fs::read_to_string(path).unwrap())
        .unwrap();
    let observed = &journal[journal.find("\"observed\"").unwrap()..];
    for (test, fixtures) in [
        ("by_the_compiled_path", "[\"data/one, two.txt\"]"),
        ("by_the_own_path", "[\"data/three.txt\"]"),
        ("at_the_own_path", "[]"),
    ] {
        let expected = format!("\"small::all {test}\":{fixtures}");
        assert!(observed.contains(&expected), "{expected}: {observed}");
    }
}

#[test]
fn a_layer_that_cannot_be_laid_is_an_error_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing").display().to_string();
    let at = folder.path().display().to_string();
    let words = ["consumers", "within", "--lay", &missing, &at, "--", "true"];
    let output = stillframe(folder.path(), &words);
    assert_eq!(output.status.code(), Some(125));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.starts_with("stillframe consumers within: "),
        "{stderr}"
    );
}
