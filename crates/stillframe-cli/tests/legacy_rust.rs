//! `examples/legacy-rust`: `stillframe consumers detect` finds what was planted there and nothing else, with few executions.

#![cfg(feature = "consumers")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json as json;

/// `(test, class, fixtures)`; fixtures are several for a joint use only.
type Use = (String, String, BTreeSet<String>);

fn example() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/legacy-rust");
    root.canonicalize().unwrap()
}

/// A copy of the demonstration, which is measured in place of it.
struct Copy(tempfile::TempDir);

impl Copy {
    fn new() -> Copy {
        let copy = Copy(tempfile::tempdir().unwrap());
        copy_folder(&example(), copy.0.path());
        // The tool must not know the answer.
        fs::remove_file(copy.0.path().join("truth.toml")).unwrap();
        let manifest = copy.0.path().join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        let fixpoints = example().join("../../crates/fixpoints").canonicalize();
        let text = text.replace(
            "../../crates/fixpoints",
            &fixpoints.unwrap().display().to_string(),
        );
        write(&manifest, &text);
        copy
    }

    fn detect(&self) -> Output {
        // Built once for all runs of this test.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("legacy-rust");
        Command::new(env!("CARGO_BIN_EXE_stillframe"))
            .args(["consumers", "detect"])
            .current_dir(self.0.path())
            .env("CARGO_TARGET_DIR", target)
            .env_remove("STILLFRAME_WORK")
            .output()
            .unwrap()
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_name() == "target" || entry.file_name() == "consumers.lock" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn write(path: &Path, text: &str) {
    let mut file = fs::File::create(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// What was planted, and the tests that pass or fail by chance.
fn planted() -> (BTreeSet<Use>, BTreeSet<String>) {
    let text = fs::read_to_string(example().join("truth.toml")).unwrap();
    let modules: BTreeMap<String, toml::Table> = toml::from_str(&text).unwrap();
    let (mut uses, mut flaky) = (BTreeSet::new(), BTreeSet::new());
    for (module, tests) in modules {
        for (test, what) in tests {
            let test = format!("legacy-rust::shop {module}::{test}");
            for (class, fixtures) in what.as_table().unwrap() {
                if class == "flaky" {
                    flaky.insert(test.clone());
                    continue;
                }
                for fixture in fixtures.as_array().unwrap() {
                    let set = match fixture {
                        toml::Value::Array(set) => set.clone(),
                        one => vec![one.clone()],
                    };
                    let names = set.iter().map(|name| name.as_str().unwrap().to_owned());
                    uses.insert((test.clone(), class.clone(), names.collect()));
                }
            }
        }
    }
    (uses, flaky)
}

/// What the tool wrote down, and the tests of which it does not know everything.
fn found(root: &Path) -> (BTreeSet<Use>, BTreeSet<String>) {
    let text = fs::read_to_string(root.join("consumers.lock")).unwrap();
    let lock: toml::Table = toml::from_str(&text).unwrap();
    let lock = json::to_value(lock).unwrap();
    let text = |value: &json::Value| value.as_str().unwrap().to_owned();
    let list = |value: &json::Value| value.as_array().cloned().unwrap_or_default();
    let mut uses = BTreeSet::new();
    for fixture in list(&lock["fixture"]) {
        let name = text(&fixture["name"]);
        for consumer in list(&fixture["consumers"]) {
            let one = BTreeSet::from([name.clone()]);
            uses.insert((text(&consumer["test"]), text(&consumer["class"]), one));
        }
        for joint in list(&fixture["joint"]) {
            let mut set: BTreeSet<String> = list(&joint["or"]).iter().map(text).collect();
            set.insert(name.clone());
            uses.insert((text(&joint["test"]), "joint".to_owned(), set));
        }
    }
    let unknown = list(&lock["unknown"]);
    (uses, unknown.iter().map(|one| text(&one["test"])).collect())
}

/// The number before or after some words.
fn number(text: &str, pattern: [&str; 2]) -> u64 {
    let [before, after] = pattern;
    let digits = |piece: &str, from_end: bool| -> String {
        let is_digit = |letter: &char| letter.is_ascii_digit();
        if from_end {
            let found: Vec<char> = piece.chars().rev().take_while(is_digit).collect();
            found.into_iter().rev().collect()
        } else {
            piece.chars().take_while(is_digit).collect()
        }
    };
    let found = match text.split_once(after) {
        Some((piece, _)) if before.is_empty() => digits(piece, true),
        _ => digits(text.split_once(before).unwrap().1, false),
    };
    found.parse().unwrap()
}

fn nextest_is_there() -> bool {
    let runs = Command::new("cargo")
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    let help = "cargo install cargo-nextest";
    assert!(
        runs || std::env::var_os("STILLFRAME_REQUIRE_TOOLS").is_none(),
        "cargo-nextest is required here: {help}"
    );
    if !runs {
        let line = format!("left out, because cargo-nextest is not installed ({help})\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    runs
}

#[test]
fn every_planted_consumer_is_found_with_its_class_and_no_other() {
    if !nextest_is_there() {
        return;
    }
    let copy = Copy::new();
    let output = copy.detect();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stdout}\n{stderr}");
    let (planted, flaky) = planted();
    let (found, unknown) = found(copy.0.path());
    let missing: Vec<&Use> = planted.difference(&found).collect();
    let wrong: Vec<&Use> = found.difference(&planted).collect();
    assert!(
        missing.is_empty() && wrong.is_empty(),
        "not found: {missing:#?}\nfound, and not planted: {wrong:#?}\n{stdout}\n{stderr}"
    );
    assert_eq!(unknown, flaky, "{stdout}");
    let executions = number(&stdout, ["", " executions in "]);
    let one_at_a_time = number(&stderr, ["one fixture at a time would take ", "\0"]);
    let line = format!(
        "{} uses found; {executions} executions, {one_at_a_time} with one fixture at a time\n",
        planted.len()
    );
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    assert!(executions * 2 <= one_at_a_time, "{line}");
}
