//! A store and a restore that are killed, or fail, at every call that changes the disk: database and files are as before or as after.

#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that cannot set itself up fails"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// The calls that change the disk. strace counts each of them by itself.
const CALLS: &[&str] = &[
    "openat",
    "write",
    "pwrite64",
    "writev",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "fsync",
    "fdatasync",
    "ftruncate",
    "fchmod",
    "link",
    "linkat",
];

const SEED: &str = "CREATE TABLE authors (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);
CREATE TABLE books (id INTEGER PRIMARY KEY, author INTEGER REFERENCES authors (id), title TEXT, cover BLOB);
INSERT INTO authors (name) VALUES ('Austen'), ('Joyce');
INSERT INTO books VALUES (1, 1, 'Emma', x'00ff'), (2, 2, 'Ulysses', NULL);\n";
const WRECK: &str = "DELETE FROM books WHERE id = 1;
UPDATE authors SET name = upper(name);
INSERT INTO authors (name) VALUES ('Woolf');\n";

/// A database with one stored fixpoint, wrecked after it.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        place.write("seed.sql", SEED);
        place.write("wreck.sql", WRECK);
        place.run(&["sql", "seed.sql"]);
        place.run(&["store", "base"]);
        place.run(&["sql", "wreck.sql"]);
        place
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.root().join(name), text).unwrap();
    }

    fn output(&self, program: &str, before: &[&str], words: &[&str]) -> Output {
        Command::new(program)
            .args(before)
            .args(words)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("FIXPOINTS_DB", "sqlite:test.db")
            .output()
            .unwrap()
    }

    fn run(&self, words: &[&str]) -> String {
        let output = self.output(env!("CARGO_BIN_EXE_fixpoints"), &[], words);
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command with something done to its n-th call of this name; says whether that call was still reached.
    fn run_with(&self, call: &str, inject: &str, n: usize, words: &[&str]) -> bool {
        let inject = format!("--inject={call}:{inject}:when={n}");
        let trace = [
            "-f",
            "-qq",
            "-o",
            "strace.log",
            &inject,
            env!("CARGO_BIN_EXE_fixpoints"),
        ];
        let output = self.output("strace", &trace, words);
        let log = String::from_utf8_lossy(&fs::read(self.root().join("strace.log")).unwrap())
            .into_owned();
        !output.status.success() || log.contains("INJECTED")
    }

    /// Every file but those of the trace and, while it holds a hot journal, the database.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = self.root().join("fixpoints");
        let files = fs::read_dir(folder).unwrap().map(|entry| {
            let entry = entry.unwrap();
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        });
        // A temporary file that a killed store leaves is hidden, and swept by a later one.
        files.filter(|(name, _)| !name.starts_with('.')).collect()
    }

    /// The database as a fixpoint would have it.
    fn state(&self) -> Vec<u8> {
        let probe = tempfile::tempdir().unwrap();
        let folder = probe.path().to_str().unwrap();
        self.run(&["--dir", folder, "store", "probe"]);
        fs::read(probe.path().join("probe.yaml")).unwrap()
    }

    fn save(&self) -> Vec<u8> {
        fs::read(self.root().join("test.db")).unwrap()
    }

    fn put_back(&self, database: &[u8], files: &BTreeMap<String, Vec<u8>>) {
        for leftover in ["test.db-journal", "test.db-wal", "test.db-shm"] {
            let _absent = fs::remove_file(self.root().join(leftover));
        }
        fs::write(self.root().join("test.db"), database).unwrap();
        let folder = self.root().join("fixpoints");
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        for (name, bytes) in files {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
}

fn strace_is_missing() -> bool {
    let missing = Command::new("strace").arg("--version").output().is_err();
    assert!(
        !missing || std::env::var_os("STILLFRAME_REQUIRE_TOOLS").is_none(),
        "strace is required here: apt-get install strace"
    );
    if missing {
        eprintln!("left out: strace is not installed");
    }
    missing
}

/// Does `words` with `inject` at each call in turn, and gives how many were reached, and how many runs left the state after.
fn at_every_call(inject: &str, words: &[&str]) -> (usize, usize) {
    let place = Place::new();
    let (database, files) = (place.save(), place.files());
    let before = (place.state(), place.files());
    place.run(words);
    let after = (place.state(), place.files());
    assert_ne!(
        before, after,
        "the command changes nothing, so nothing is tested"
    );
    let (mut reached, mut done) = (0, 0);
    for call in CALLS {
        for n in 1.. {
            place.put_back(&database, &files);
            if !place.run_with(call, inject, n, words) {
                break;
            }
            reached += 1;
            let left = (place.state(), place.files());
            done += usize::from(left == after);
            assert!(
                left == before || left == after,
                "{call} {n}: neither as before nor as after"
            );
            place.run(words);
            assert_eq!(
                (place.state(), place.files()),
                after,
                "{call} {n}: the next run does not mend it"
            );
        }
    }
    (reached, done)
}

#[test]
fn a_restore_killed_at_any_call_is_all_or_nothing() {
    if strace_is_missing() {
        return;
    }
    let (reached, done) = at_every_call("signal=KILL", &["restore", "base"]);
    assert!(reached > 10 && done > 0, "{reached} calls, {done} done");
}

#[test]
fn a_store_killed_at_any_call_is_all_or_nothing() {
    if strace_is_missing() {
        return;
    }
    for words in [
        ["store", "base"].as_slice(),
        &["store", "child", "--parent", "base"],
    ] {
        let (reached, done) = at_every_call("signal=KILL", words);
        assert!(
            reached > 10 && done > 0,
            "{words:?}: {reached} calls, {done} done"
        );
    }
}

#[test]
fn a_full_disk_at_any_call_is_all_or_nothing() {
    if strace_is_missing() {
        return;
    }
    for words in [["restore", "base"].as_slice(), &["store", "base"]] {
        let (reached, _) = at_every_call("error=ENOSPC", words);
        assert!(reached > 10, "{words:?}: {reached} calls");
    }
}
