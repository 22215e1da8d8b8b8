//! A suite that nextest runs, made for each test: what it hides, it hides by a variable.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The fixtures are tables only by name: each test looks whether the variable names one.
const TESTS: &str = r#"fn has(name: &str) -> bool {
    let skipped = std::env::var("SKIPPED").unwrap_or_default();
    !skipped.split(',').any(|skipped| skipped == name)
}

#[test]
fn anna_is_a_user() {
    assert!(has("users"), "there is no user anna");
}

#[test]
fn anna_is_an_admin() {
    assert!(has("users"), "there is no user anna");
    assert!(has("roles"), "FOREIGN KEY constraint failed");
}

#[test]
fn either_will_do() {
    assert!(has("cache") || has("store"), "neither cache nor store");
}

#[test]
fn needs_nothing() {}
"#;

const DEFINITION: &str = r#"format-version = 1

[suite]
runner = "nextest"
command = ["cargo", "nextest", "run"]
runs = 2

[[fixtures]]
tables = { database = "none", hide = "SKIPPED", names = ["users", "cache", "roles", "store", "themes"] }
"#;

/// What is found about it.
pub const LOCK: &str = r#"# Written by `stillframe consumers detect`; which test consumes which fixture. Do not edit.
version = 1

[[fixture]]
name = "cache"
kind = "table"
consumers = []
joint = [
    { test = "suite::uses either_will_do", or = ["store"] },
]

[[fixture]]
name = "roles"
kind = "table"
consumers = [
    { test = "suite::uses anna_is_an_admin", class = "reference" },
]

[[fixture]]
name = "store"
kind = "table"
consumers = []
joint = [
    { test = "suite::uses either_will_do", or = ["cache"] },
]

[[fixture]]
name = "themes"
kind = "table"
consumers = []

[[fixture]]
name = "users"
kind = "table"
consumers = [
    { test = "suite::uses anna_is_a_user", class = "reads" },
    { test = "suite::uses anna_is_an_admin", class = "reads" },
]
"#;

/// Whether the tests can run; where every tool must be there, its absence is a failure.
pub fn has_nextest() -> bool {
    let there = Command::new("cargo")
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(
        there || std::env::var_os("STILLFRAME_REQUIRE_TOOLS").is_none(),
        "cargo-nextest is required here: cargo install cargo-nextest"
    );
    if !there {
        eprintln!("left out: cargo-nextest is not installed");
    }
    there
}

/// A folder with a suite.
pub struct Project {
    root: tempfile::TempDir,
}

/// How a command ended.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// With its files committed.
    pub fn new() -> Project {
        let project = Project {
            root: tempfile::tempdir().unwrap(),
        };
        project.write(
            "Cargo.toml",
            "[package]\nname = \"suite\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n",
        );
        project.write("src/lib.rs", "");
        project.write("tests/uses.rs", TESTS);
        project.write("consumers.toml", DEFINITION);
        project.write(".gitignore", "target\nCargo.lock\n");
        project.git(&["init", "--quiet", "--initial-branch=main"]);
        project.commit();
        project
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Adds to the end of a file.
    pub fn append(&self, name: &str, text: &str) {
        let before = fs::read_to_string(self.path(name)).unwrap();
        self.write(name, &format!("{before}{text}"));
    }

    /// Has the suite ignore what it is asked to hide.
    pub fn hide_nothing(&self) {
        let tests = TESTS.replace(
            "skipped == name",
            "skipped.contains('\\n') && skipped == name",
        );
        assert_ne!(tests, TESTS);
        self.write("tests/uses.rs", &tests);
    }

    pub fn lock(&self) -> String {
        fs::read_to_string(self.path("consumers.lock")).unwrap_or_default()
    }

    /// The only journal of a work folder.
    pub fn journal(&self, work: &str) -> PathBuf {
        let folder = self.path(work).join("stillframe-consumers");
        let mut journals = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
        let journal = journals.next().unwrap();
        assert_eq!(journals.next(), None);
        journal
    }

    pub fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "change"]);
    }

    pub fn git(&self, args: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@b.example"]);
        let output = hermetic(git.args(args), self.root.path()).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {output:?}");
    }

    /// A command that is not started yet.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stillframe"));
        command.arg("consumers").args(args);
        hermetic(&mut command, self.root.path());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `stillframe consumers`.
    pub fn consumers(&self, args: &[&str]) -> Ran {
        Ran::from(self.command(args).output().unwrap())
    }
}

/// Nothing of the caller's environment but what starts programs.
fn hermetic<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    command.env_clear().current_dir(folder);
    for name in [
        "PATH",
        "HOME",
        "CARGO_HOME",
        "RUSTUP_HOME",
        "RUSTUP_TOOLCHAIN",
    ] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_NET_OFFLINE", "true")
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Asserts how it ended.
    #[track_caller]
    pub fn expect(self, code: i32) -> Ran {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// Asserts that stdout is this, line by line.
    #[track_caller]
    pub fn prints(self, expected: &str) -> Ran {
        assert_eq!(self.stdout, expected, "stderr:\n{}", self.stderr);
        self
    }

    /// Asserts that the output holds each of the texts.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Ran {
        let all = format!("{}{}", self.stdout, self.stderr);
        for text in texts {
            assert!(all.contains(text), "`{text}` is not in:\n{all}");
        }
        self
    }
}
