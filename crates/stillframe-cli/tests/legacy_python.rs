//! The demonstration with pytest, measured for real: what was planted is found, and nothing else.

#![cfg(all(unix, feature = "consumers"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use toml::{Table, Value};

/// PYTHONPATH, where there is a pytest; nothing where there is none.
fn pytest() -> Option<OsString> {
    let tools = std::env::var_os("STILLFRAME_TEST_TOOLS").map_or_else(PathBuf::new, PathBuf::from);
    let candidates = [
        Some(tools.join("pytest-9.2.0").into_os_string()),
        Some(std::env::var_os("PYTHONPATH").unwrap_or_default()),
    ];
    let found = candidates.into_iter().flatten().find(|path| {
        let mut command = Command::new("python3");
        command.env("PYTHONPATH", path);
        let output = command.args(["-m", "pytest", "--version"]).output();
        output.is_ok_and(|output| output.status.success())
    });
    let help = "pip install --target DIR/pytest-9.2.0 pytest==9.2.0, and STILLFRAME_TEST_TOOLS=DIR";
    assert!(
        found.is_some() || std::env::var_os("STILLFRAME_REQUIRE_TOOLS").is_none(),
        "pytest is required here: {help}"
    );
    if found.is_none() {
        let line = format!("left out, because pytest is not installed ({help})\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    found
}

/// A copy of the example without the truth.
struct Example {
    folder: tempfile::TempDir,
    python: OsString,
}

impl Example {
    fn new(python: OsString) -> Example {
        let folder = tempfile::tempdir().unwrap();
        copy(&source(), &folder.path().join("suite"));
        fs::remove_file(folder.path().join("suite/truth.toml")).unwrap();
        fs::create_dir(folder.path().join("state")).unwrap();
        Example { folder, python }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("suite")
    }

    fn detect(&self) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_stillframe"))
            .args(["consumers", "detect"])
            .current_dir(self.root())
            .env("PYTHONPATH", &self.python)
            .env("LEGACY_STATE", self.folder.path().join("state"))
            .env_remove("STILLFRAME_WORK")
            .output()
            .unwrap();
        std::io::stderr().write_all(&output.stdout).unwrap();
        output
    }

    fn lock(&self) -> Table {
        let text = fs::read_to_string(self.root().join("consumers.lock")).unwrap();
        text.parse().unwrap()
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/legacy-python")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let made = ["__pycache__", ".pytest_cache", "target", "consumers.lock"];
        if made.iter().any(|made| name == *made) {
            continue;
        }
        let to = to.join(&name);
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Which test uses what, and how; joint sets; fixtures that nobody uses; tests of which not everything is known.
#[derive(Debug, Default, PartialEq)]
struct Uses {
    alone: BTreeSet<(String, String, String)>,
    joint: BTreeSet<(String, BTreeSet<String>)>,
    unused: BTreeSet<String>,
    unknown: BTreeSet<String>,
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    list.map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn text(table: &Table, key: &str) -> String {
    table[key].as_str().unwrap().to_owned()
}

fn tables<'a>(of: &'a Table, key: &str) -> impl Iterator<Item = &'a Table> {
    let list = of.get(key).and_then(Value::as_array).into_iter().flatten();
    list.map(|one| one.as_table().unwrap())
}

fn planted() -> Uses {
    let truth: Table = fs::read_to_string(source().join("truth.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let mut uses = Uses {
        unused: texts(truth.get("unused")).into_iter().collect(),
        unknown: texts(truth.get("flaky")).into_iter().collect(),
        ..Uses::default()
    };
    for (fixture, classes) in truth["uses"].as_table().unwrap() {
        for (class, tests) in classes.as_table().unwrap() {
            for test in texts(Some(tests)) {
                uses.alone.insert((test, fixture.clone(), class.clone()));
            }
        }
    }
    for joint in tables(&truth, "joint") {
        let fixtures = texts(joint.get("fixtures")).into_iter().collect();
        uses.joint.insert((text(joint, "test"), fixtures));
    }
    uses
}

fn found(lock: &Table) -> Uses {
    let mut uses = Uses::default();
    for fixture in tables(lock, "fixture") {
        let name = text(fixture, "name");
        for consumer in tables(fixture, "consumers") {
            let (test, class) = (text(consumer, "test"), text(consumer, "class"));
            uses.alone.insert((test, name.clone(), class));
        }
        for joint in tables(fixture, "joint") {
            let mut fixtures: BTreeSet<String> = texts(joint.get("or")).into_iter().collect();
            fixtures.insert(name.clone());
            uses.joint.insert((text(joint, "test"), fixtures));
        }
        let is_used = ["consumers", "joint"]
            .iter()
            .any(|key| tables(fixture, key).next().is_some());
        if !is_used {
            uses.unused.insert(name);
        }
    }
    uses.unknown = tables(lock, "unknown")
        .map(|one| text(one, "test"))
        .collect();
    uses
}

#[test]
fn everything_that_was_planted_is_found_and_nothing_else() {
    let Some(python) = pytest() else {
        return;
    };
    let example = Example::new(python);
    let output = example.detect();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (planted, found) = (planted(), found(&example.lock()));
    let missed: Vec<_> = planted.alone.difference(&found.alone).collect();
    let invented: Vec<_> = found.alone.difference(&planted.alone).collect();
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, _, class) in &found.alone {
        *classes.entry(class).or_default() += 1;
    }
    let counts = format!(
        "found {} of {} planted uses, {} false; {} of {} joint sets; by class: {classes:?}\n",
        planted.alone.intersection(&found.alone).count(),
        planted.alone.len(),
        invented.len(),
        planted.joint.intersection(&found.joint).count(),
        planted.joint.len(),
    );
    std::io::stderr().write_all(counts.as_bytes()).unwrap();
    assert!(
        missed.is_empty() && invented.is_empty(),
        "missed {missed:#?}, invented {invented:#?}"
    );
    assert_eq!(found.joint, planted.joint);
    assert_eq!(found.unused, planted.unused);
    assert_eq!(found.unknown, planted.unknown);
}
