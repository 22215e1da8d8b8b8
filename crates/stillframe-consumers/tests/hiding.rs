//! Whether hiding really hides, and nothing of the user's is changed: small suites, generated and run for real.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use stillframe::exit_code::ExitCode;
use stillframe_consumers::commands::{
    Where,
    detect::{self, Request},
};
use stillframe_consumers::detection::{Budget, Failing, Options, Shard};
use stillframe_consumers::progress::Shows;

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
        let request = Request {
            runs: Some(1),
            in_diff: None,
        };
        detect::run(&at, &request, &options, Shows::Lines, &mut Vec::new())
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
fn what_is_compiled_into_the_tests_is_compiled_again() {
    let suite = Suite::new(&[
        ("Cargo.toml", MANIFEST),
        ("lib.rs", ""),
        (
            "consumers.toml",
            &format!(
                "{NEXTEST}[[fixtures]]\nkeys = {{ file = \"data/a b.json\" }}\n[[fixtures]]\nfiles = [\"data/c.txt\"]\n"
            ),
        ),
        ("data/a b.json", "{\"one\": 1, \"two\": 2}"),
        ("data/c.txt", "c"),
        (
            "tests/all.rs",
            r#"
            const MAP: &str = include_str!("../data/a b.json");
            #[test] fn one() { assert!(MAP.contains("one")); }
            #[test] fn two() { assert!(MAP.contains("two")); }
            #[test] fn compiled() { assert_eq!(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/c.txt")), "c"); }
            "#,
        ),
    ]);
    assert_eq!(suite.detect().unwrap(), ExitCode::Fresh);
    assert_eq!(
        suite.consumers(),
        "\
data/a b.json#one: small::all one reads
data/a b.json#two: small::all two reads
data/c.txt: small::all compiled setup small::all one setup small::all two setup
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

#[test]
fn keys_are_hidden_one_by_one_and_anchors_that_others_use_are_left_alone() {
    let suite = Suite::new(&[
        ("Cargo.toml", MANIFEST),
        ("lib.rs", ""),
        (
            "consumers.toml",
            &format!(
                "{NEXTEST}{}",
                ["a.yml", "b.json", "c.toml"]
                    .map(|file| format!("[[fixtures]]\nkeys = {{ file = \"data/{file}\" }}\n"))
                    .concat()
            ),
        ),
        (
            "data/a.yml",
            "defaults: &defaults\n  x: 1\n\"one, two\":\n  <<: *defaults\nthree: 3\n",
        ),
        (
            "data/b.json",
            "{\"four\\n\": 4.0, \"five\": 5, \"nobody\": 0}\n",
        ),
        ("data/c.toml", "six = 6\n[seven]\nx = 7\n"),
        (
            "tests/all.rs",
            r#"
            fn has(file: &str, text: &str) { assert!(std::fs::read_to_string(format!("data/{file}")).unwrap().contains(text)); }
            #[test] fn one() { has("a.yml", "one, two"); }
            #[test] fn three() { has("a.yml", "three: 3\n"); }
            #[test] fn four() { has("b.json", "{\"four\\n\": 4.0"); has("b.json", "}\n"); }
            #[test] fn six_or_seven() { let text = std::fs::read_to_string("data/c.toml").unwrap(); assert!(!text.is_empty()); }
            #[test] fn whole() { has("a.yml", "defaults: &defaults"); }
            "#,
        ),
    ]);
    let before = everything(&suite.root());
    assert_eq!(suite.detect().unwrap(), ExitCode::Fresh);
    assert_eq!(
        suite.consumers(),
        "\
data/a.yml#one, two: small::all one reads
data/a.yml#three: small::all three reads
data/b.json#five:
data/b.json#four\n: small::all four reads
data/b.json#nobody:
data/c.toml#seven:
data/c.toml#six:
"
    );
    let lock = fs::read_to_string(suite.root().join("consumers.lock")).unwrap();
    assert!(lock.contains("six_or_seven"), "{lock}");
    assert_eq!(everything(&suite.root()), before);
}

#[test]
fn a_table_and_the_file_that_feeds_it_are_hidden_together() {
    let suite = Suite::new(&[
        ("Cargo.toml", MANIFEST),
        ("lib.rs", ""),
        (
            "consumers.toml",
            &format!(
                "{NEXTEST}[[fixtures]]\nmapping = \"data/map.json\"\ntables = {{ fixpoint = \"base\", names = [\"users\", \"plans\"], hide = \"SKIP_THESE\" }}\n"
            ),
        ),
        ("data/map.json", "{\"users\": \"u.yml\"}"),
        ("data/u.yml", "users"),
        (
            "tests/all.rs",
            r#"
            fn skipped(name: &str) -> bool { std::env::var("SKIP_THESE").unwrap_or_default().split(',').any(|skipped| skipped == name) }
            #[test] fn by_file() { assert!(std::path::Path::new("data/u.yml").exists()); }
            #[test] fn by_table() { assert!(!skipped("users")); }
            #[test] fn both_or_none() { assert_eq!(skipped("users"), !std::path::Path::new("data/u.yml").exists()); }
            #[test] fn without_a_file() { assert!(!skipped("plans")); }
            "#,
        ),
    ]);
    assert_eq!(suite.detect().unwrap(), ExitCode::Fresh);
    assert_eq!(
        suite.consumers(),
        "\
plans: small::all without_a_file reads
users: small::all by_file reads small::all by_table reads
"
    );
}

/// A suite whose fixtures lie in a folder that only a hook reaches.
fn hooked(hook: &str) -> Suite {
    let suite = Suite::new(&[
        ("Cargo.toml", MANIFEST),
        ("lib.rs", ""),
        ("hook.sh", hook),
        (
            "tests/all.rs",
            r#"
            fn there(name: &str) { assert!(std::path::Path::new(env!("STATE")).join(name).exists()); }
            #[test] fn one() { there("a, b"); }
            #[test] fn two() { there("c\nd"); there("a, b"); }
            "#,
        ),
    ]);
    let state = suite.folder.path().join("state");
    for name in ["a, b", "c\nd", "away/x"] {
        stillframe::disk::scratch(&state.join(name), b"").unwrap();
    }
    let definition = format!(
        "{NEXTEST}env = {{ STATE = {:?} }}\n[[fixtures]]\nhook = [\"sh\", \"hook.sh\", \"${{fixture}}\"]\nlist = [\"sh\", \"hook.sh\", \"list\"]\n",
        state.display().to_string()
    );
    suite.write("consumers.toml", &definition);
    suite
}

const HOOK: &str = r#"
case "$1" in
list) printf 'a, b\0c\nd\0' ;;
*) if [ -n "$STILLFRAME_SHOW" ]; then mv "$STATE/away/$1" "$STATE/"; else mv "$STATE/$1" "$STATE/away/"; fi ;;
esac
"#;

#[test]
fn hooks_hide_one_after_the_other_and_show_again_also_after_a_killed_run() {
    let suite = hooked(HOOK);
    let state = suite.folder.path().join("state");
    fs::rename(state.join("a, b"), state.join("away/a, b")).unwrap();
    let work = suite.folder.path().join("work/stillframe-consumers");
    stillframe::disk::scratch(&work.join(".stillframe-consumers"), b"").unwrap();
    let left = br#"[["sh", "hook.sh", "a, b"]]"#;
    stillframe::disk::scratch(&work.join("hidden-by-hooks.json"), left).unwrap();
    assert_eq!(suite.detect().unwrap(), ExitCode::Fresh);
    assert_eq!(
        suite.consumers(),
        "a, b: small::all one reads small::all two reads\nc\nd: small::all two reads\n"
    );
    assert!(state.join("a, b").exists() && state.join("c\nd").exists());
    assert!(!work.join("hidden-by-hooks.json").exists());
}

#[test]
fn a_hook_that_fails_is_named_and_what_was_hidden_is_shown_again() {
    let failing = HOOK.replace(
        "else mv",
        "else [ \"$1\" != 'a, b' ] || touch \"$STATE/seen\"; [ \"$1\" = 'a, b' ] || exit 3; mv",
    );
    let suite = hooked(&failing);
    let state = suite.folder.path().join("state");
    let error = format!("{:#}", suite.detect().unwrap_err());
    assert!(error.contains("`sh hook.sh c\nd` failed: "), "{error}");
    assert!(error.contains('3'), "{error}");
    assert!(state.join("seen").exists());
    assert!(state.join("a, b").exists() && state.join("c\nd").exists());
}
