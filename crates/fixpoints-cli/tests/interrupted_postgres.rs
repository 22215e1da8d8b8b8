//! On PostgreSQL, a store and a restore that are killed, or lose the server, at every call: database and files are as before or as after.

#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that cannot set itself up fails"
)]

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Output};
use std::time::Duration;

use postgres::Client;
use tempfile::TempDir;

#[path = "../../fixpoints/tests/postgres/server.rs"]
#[allow(dead_code, reason = "the library's tests use all of it")]
mod server;

use server::{Place, Server};

/// The calls that reach the server.
const TALK: &[&str] = &[
    "socket", "connect", "sendto", "sendmsg", "write", "writev", "recvfrom", "recvmsg", "read",
];

/// The calls that change the disk, and those that ask the server.
const RECORD: &[&str] = &[
    "sendto",
    "recvfrom",
    "openat",
    "write",
    "writev",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "mkdir",
    "fsync",
    "fchmod",
    "linkat",
];

const SEED: &str = "
    CREATE TABLE authors (id serial PRIMARY KEY, best int, name text NOT NULL UNIQUE DEFERRABLE);
    CREATE TABLE books (id int PRIMARY KEY, author int REFERENCES authors ON DELETE CASCADE, title text);
    CREATE TABLE notes (v text);
    ALTER TABLE authors ADD CONSTRAINT ring FOREIGN KEY (best) REFERENCES books DEFERRABLE INITIALLY DEFERRED NOT VALID;
    COMMENT ON CONSTRAINT ring ON authors IS 'a ring';
    INSERT INTO authors (name) VALUES ('Austen'), ('Joyce');
    INSERT INTO books VALUES (1, 1, 'Emma'), (2, 2, 'Ulysses'); INSERT INTO notes VALUES ('a'), ('a');
    UPDATE authors SET best = id; SET CONSTRAINTS ALL IMMEDIATE;
    DO $$ BEGIN CREATE ROLE librarian LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
    ALTER TABLE authors OWNER TO librarian; ALTER TABLE books OWNER TO librarian; ALTER TABLE notes OWNER TO librarian;
    GRANT ALL ON SCHEMA public TO librarian;";
const WRECK: &str = "UPDATE authors SET best = NULL WHERE id = 1; DELETE FROM books WHERE id = 1; DELETE FROM notes;
    INSERT INTO notes VALUES ('b'); INSERT INTO authors (name) VALUES ('Woolf');";

/// Rows, constraints, triggers and sequences.
const PICTURE: &str = "SELECT string_agg(x, E'\\n' ORDER BY x) FROM (
    SELECT concat(oid::regclass, query_to_xml(format(CASE relkind WHEN 'r' THEN 'SELECT * FROM %s t ORDER BY t::text'
        ELSE 'SELECT last_value + is_called::int AS next FROM %s' END, oid::regclass), true, true, ''))
        FROM pg_class WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat(conrelid::regclass, ' ', conname, ' ', pg_get_constraintdef(oid), convalidated,
        obj_description(oid, 'pg_constraint')) FROM pg_constraint WHERE conrelid >= 16384
    UNION ALL SELECT concat(tgrelid::regclass, tgtype, tgenabled) FROM pg_trigger) s (x)";

/// A wrecked database with one stored fixpoint, and who works on it.
struct Ward {
    folder: TempDir,
    place: Place,
    user: &'static str,
    watcher: Client,
}

impl Ward {
    fn new(user: &'static str) -> Option<Self> {
        let place = Server::get()?.database();
        let mut ward = Self {
            folder: tempfile::tempdir().unwrap(),
            watcher: place.connect("postgres"),
            place,
            user,
        };
        ward.watcher.batch_execute(SEED).unwrap();
        ward.run(&["store", "base"]);
        ward.watcher.batch_execute(WRECK).unwrap();
        ward.run(&["store", "wreck"]);
        Some(ward)
    }

    fn output(&self, program: &str, before: &[&str], words: &[&str]) -> Output {
        Command::new(program)
            .args(before)
            .args(words)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("PGPASSWORD", "s3cret")
            .env("FIXPOINTS_DB", self.place.url(self.user))
            .output()
            .unwrap()
    }

    fn run(&self, words: &[&str]) {
        let output = self.output(env!("CARGO_BIN_EXE_fixpoints"), &[], words);
        assert!(output.status.success(), "{words:?}: {output:?}");
    }

    /// Runs a command with something done to its n-th call of this name; gives its output, and whether that call came.
    fn run_with(&self, call: &str, inject: &str, n: usize, words: &[&str]) -> (Output, bool) {
        let inject = format!("--inject={call}:{inject}:when={n}");
        let program = env!("CARGO_BIN_EXE_fixpoints");
        let trace = ["-f", "-qq", "-o", "strace.log", &inject, program];
        let output = self.output("strace", &trace, words);
        let log = fs::read(self.folder.path().join("strace.log")).unwrap();
        let is_reached =
            !output.status.success() || String::from_utf8_lossy(&log).contains("INJECTED");
        (output, is_reached)
    }

    /// What the database holds when every session but that of the watcher is over, with its locks.
    fn left(&mut self) -> String {
        let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        while self
            .watcher
            .query_one(others, &[])
            .unwrap()
            .get::<_, i64>(0)
            > 0
        {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.watcher.query_one(PICTURE, &[]).unwrap().get(0)
    }

    /// Every fixpoint. What a killed store leaves of another is hidden, and swept by a later one.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = fs::read_dir(self.folder.path().join("fixpoints")).unwrap();
        let files = folder.map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        });
        files.filter(|(name, _)| !name.starts_with('.')).collect()
    }

    /// As it was before the command, by way of a restore that is watched by the test.
    fn put_back(&mut self, files: &BTreeMap<String, Vec<u8>>) {
        let folder = self.folder.path().join("fixpoints");
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        for (name, bytes) in files {
            fs::write(folder.join(name), bytes).unwrap();
        }
        self.run(&["restore", "wreck"]);
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
fn at_every_call(
    user: &'static str,
    calls: &[&str],
    inject: &str,
    words: &[&str],
) -> Option<(usize, usize)> {
    let mut ward = Ward::new(user)?;
    let files = ward.files();
    let before = (ward.left(), files.clone());
    ward.run(words);
    let after = (ward.left(), ward.files());
    assert_ne!(
        before, after,
        "the command changes nothing, so nothing is tested"
    );
    let (mut reached, mut done) = (0, 0);
    for call in calls {
        for n in 1.. {
            ward.put_back(&files);
            let (output, is_reached) = ward.run_with(call, inject, n, words);
            if !is_reached {
                break;
            }
            reached += 1;
            let left = (ward.left(), ward.files());
            let case = format!("{user} {call} {n}: {output:?}");
            done += usize::from(left == after);
            assert!(
                left == before || left == after,
                "{case}: neither as before nor as after"
            );
            assert!(!format!("{output:?}").contains("s3cret"), "{case}");
            ward.run(words);
            assert_eq!(
                (ward.left(), ward.files()),
                after,
                "{case}: the next run does not mend it"
            );
        }
    }
    Some((reached, done))
}

#[test]
fn a_restore_killed_at_any_call_is_all_or_nothing() {
    if strace_is_missing() {
        return;
    }
    for user in ["postgres", "librarian"] {
        let Some((reached, done)) = at_every_call(user, TALK, "signal=KILL", &["restore", "base"])
        else {
            return;
        };
        assert!(
            reached > 30 && done > 0,
            "{user}: {reached} calls, {done} done"
        );
    }
}

#[test]
fn a_restore_whose_connection_breaks_at_any_call_is_all_or_nothing() {
    if strace_is_missing() {
        return;
    }
    let calls = ["connect", "sendto", "recvfrom"];
    let found = at_every_call(
        "librarian",
        &calls,
        "error=ECONNRESET",
        &["restore", "base"],
    );
    assert!(found.is_none_or(|(reached, _)| reached > 10), "{found:?}");
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
        let Some((reached, done)) = at_every_call("librarian", RECORD, "signal=KILL", words) else {
            return;
        };
        assert!(
            reached > 30 && done > 0,
            "{words:?}: {reached} calls, {done} done"
        );
    }
}
