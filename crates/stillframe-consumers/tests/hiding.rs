//! Whether hiding really hides, and nothing of the user's is changed: small suites, generated and run for real.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use stillframe::exit_code::ExitCode;
use stillframe_consumers::commands::{Where, detect};
use stillframe_consumers::detection::{Budget, Failing, Options, Shard};

/// A suite in a folder of its own.
struct Suite {
    folder: tempfile::TempDir,
}

impl Suite {
    fn new(files: &[(&str, &str)]) -> Suite {
        let folder = tempfile::tempdir().unwrap();
        let suite = Suite { folder };
        for (name, text) in files {
            suite.write(name, text);
        }
        suite
    }

    fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("suite")
    }

    fn write(&self, name: &str, text: &str) {
        stillframe::disk::scratch(&self.root().join(name), text.as_bytes()).unwrap();
    }

    fn detect(&self) -> Result<ExitCode> {
        let at = Where {
            root: Some(self.root()),
            work: Some(self.folder.path().join("work")),
        };
        let options = Options {
            runs: 0,
            failing: Failing::Refused,
            budget: Budget {
                executions: None,
                time: Some(Duration::from_secs(300)),
            },
            shard: "1/1".parse::<Shard>().unwrap(),
        };
        detect::run(&at, Some(1), &options, &mut Vec::new())
    }

    /// What `consumers.lock` says, a line per fixture.
    fn consumers(&self) -> String {
        let text = fs::read_to_string(self.root().join("consumers.lock")).unwrap();
        let lock: toml::Value = toml::from_str(&text).unwrap();
        let mut lines = String::new();
        for fixture in lock["fixture"].as_array().unwrap() {
            lines.push_str(fixture["name"].as_str().unwrap());
            lines.push(':');
            for consumer in fixture["consumers"].as_array().unwrap() {
                let part = |key: &str| consumer[key].as_str().unwrap().to_owned();
                lines.push_str(&format!(" {} {}", part("test"), part("class")));
            }
            lines.push('\n');
        }
        lines
    }
}

const NEXTEST: &str = r#"format-version = 1
[suite]
runner = "nextest"
command = ["cargo", "nextest", "run"]
"#;

const MANIFEST: &str = "[package]\nname = \"small\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\ntest = false\n[workspace]\n";

/// Every file below a folder, with its content and the time of its last change.
fn everything(root: &Path) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
    let items = stillframe::disk::list(root).unwrap();
    let files = items.into_iter().filter(|item| item.path.is_file());
    files
        .map(|item| {
            let modified = item.path.metadata().unwrap().modified().unwrap();
            (item.path.clone(), fs::read(item.path).unwrap(), modified)
        })
        .filter(|(path, ..)| !path.ends_with("consumers.lock"))
        .collect()
}

#[test]
fn files_are_hidden_in_a_private_copy_and_the_own_tree_stays_as_it_was() {
    let suite = Suite::new(&[
        ("Cargo.toml", MANIFEST),
        ("lib.rs", ""),
        (
            "consumers.toml",
            &format!("{NEXTEST}[[fixtures]]\nfiles = [\"data/*\"]\n"),
        ),
        ("data/a, b\nc.txt", "one"),
        ("data/two.txt", "two"),
        ("data/own.txt", "own"),
        ("data/nobody.txt", "three"),
        ("lonely/file.txt", "four"),
        (
            "tests/all.rs",
            r#"
            fn read(name: &str) -> String { std::fs::read_to_string(name).unwrap() }
            #[test] fn by_relative_path() { assert_eq!(read("data/a, b\nc.txt"), "one"); }
            #[test] fn by_the_compiled_path() { assert_eq!(read(concat!(env!("CARGO_MANIFEST_DIR"), "/data/two.txt")), "two"); }
            #[test] fn spoils_what_the_next_run_needs() {
                assert_eq!(read("data/own.txt"), "own");
                std::fs::write("data/own.txt", "spoilt").unwrap();
                assert!(!std::path::Path::new("left/by/a/test.txt").exists());
                std::fs::create_dir_all("left/by/a").unwrap();
                std::fs::write("left/by/a/test.txt", "left").unwrap();
                std::fs::remove_dir_all("lonely").unwrap();
            }
            "#,
        ),
    ]);
    let before = everything(&suite.root());
    let left = suite.folder.path().join("work/stillframe-consumers/copy");
    stillframe::disk::scratch(&left.join("tree/of/a/killed run"), b"x").unwrap();
    stillframe::disk::scratch(&left.with_file_name(".stillframe-consumers"), b"x").unwrap();
    assert_eq!(suite.detect().unwrap(), ExitCode::Fresh);
    assert_eq!(
        suite.consumers(),
        "\
data/a, b\nc.txt: small::all by_relative_path reads
data/nobody.txt:
data/own.txt: small::all spoils_what_the_next_run_needs reads
data/two.txt: small::all by_the_compiled_path reads
"
    );
    assert_eq!(everything(&suite.root()), before);
    assert!(!left.exists());
}

#[test]
fn a_listing_is_a_use_and_what_git_ignores_is_neither_restored_nor_forgotten() {
    let suite = Suite::new(&[
        ("Cargo.toml", MANIFEST),
        ("lib.rs", ""),
        (
            "consumers.toml",
            &format!("{NEXTEST}[[fixtures]]\nfiles = [\"data/*\", \"built/*.txt\"]\n"),
        ),
        (".gitignore", "target\nbuilt\n*.cache\nCargo.lock\n"),
        ("data/one.txt", "one"),
        ("built/two.txt", "two"),
        (
            "tests/all.rs",
            r#"
            use std::path::Path;
            #[test] fn listed() { assert!(std::fs::read_dir("data").unwrap().count() > 0); }
            #[test] fn ignored() {
                assert_eq!(std::fs::read_to_string("built/two.txt").unwrap(), "two");
                std::fs::write("built/two.txt", "changed").unwrap();
            }
            #[test] fn cached() {
                assert!(!Path::new("new.txt").exists());
                std::fs::write("new.txt", "").unwrap();
                std::fs::write("a.cache", "").unwrap();
                std::fs::create_dir_all("target/more").unwrap();
            }
            "#,
        ),
    ]);
    let git = std::process::Command::new("git")
        .args(["init", "--quiet"])
        .arg(suite.root())
        .status();
    assert!(git.unwrap().success());
    assert_eq!(suite.detect().unwrap(), ExitCode::Fresh);
    assert_eq!(
        suite.consumers(),
        "\
built/two.txt: small::all ignored reads
data/one.txt: small::all listed reads
"
    );
}

#[test]
fn a_suite_that_writes_to_the_real_tree_is_named() {
    let suite = Suite::new(&[
        ("Cargo.toml", MANIFEST),
        ("lib.rs", ""),
        ("data/one.txt", "one"),
        (
            "tests/all.rs",
            r#"#[test] fn writes() { std::fs::write(concat!(env!("REAL"), "/out, of.txt"), "").unwrap(); }"#,
        ),
    ]);
    let real = suite.root().display().to_string();
    suite.write(
        "consumers.toml",
        &format!("{NEXTEST}env = {{ REAL = {real:?} }}\n[[fixtures]]\nfiles = [\"data/*\"]\n"),
    );
    let error = suite.detect().unwrap_err().to_string();
    assert!(error.contains("\"out, of.txt\""), "{error}");
    assert!(!suite.root().join("consumers.lock").exists());
}

#[test]
fn a_pattern_that_matches_nothing_is_refused() {
    let suite = Suite::new(&[(
        "consumers.toml",
        &format!("{NEXTEST}[[fixtures]]\nfiles = [\"data/*\"]\n"),
    )]);
    let error = format!("{:#}", suite.detect().unwrap_err());
    assert!(
        error.contains("number 1: the pattern \"data/*\" matches no file"),
        "{error}"
    );
}
