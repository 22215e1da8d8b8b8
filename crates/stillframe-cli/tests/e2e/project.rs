//! A throw-away project with a shell script as its target, and the real binary run in it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub struct Project {
    folder: TempDir,
}

/// How a run of the binary ended.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// An empty folder outside any repository.
    pub fn empty() -> Project {
        Project::named("")
    }

    /// An empty folder outside any repository, with this in its name.
    pub fn named(name: &str) -> Project {
        let folder = tempfile::Builder::new()
            .prefix(&format!("stillframe-test-{name}"))
            .tempdir()
            .unwrap();
        Project { folder }
    }

    /// A script that prints one document with a list and an exit code, and a POC that captures it twice.
    pub fn shell() -> Project {
        Project::empty().with_shell()
    }

    /// This project as [`Project::shell`] has it.
    pub fn with_shell(self) -> Project {
        let project = self;
        project.script(
            r#"printf '{"command":"greet","name":"%s","took_ms":%s,"rows":[1]}' "${1:-you}" "$$""#,
        );
        project.write(
            "stillframe.toml",
            "format-version = 1\n[target]\ncommand = \"./tool\"\n",
        );
        project.write(
            "pocs/01-first/poc.toml",
            "summary = \"greets\"\n[[step]]\ncapture = \"one\"\nrun = [\"one\"]\n[[step]]\ncapture = \"two\"\nrun = [\"two\"]\n",
        );
        project
    }

    /// A published [`Project::shell`].
    pub fn published() -> Project {
        let project = Project::shell();
        project.stillframe(&["regen"]).expect(0);
        project
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// The target's body.
    pub fn script(&self, body: &str) {
        self.program("tool", body);
    }

    /// A shell script.
    pub fn program(&self, name: &str, body: &str) {
        self.write(name, &format!("#!/bin/sh\n{body}\n"));
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn remove(&self, name: &str) {
        let path = self.path(name);
        if path.is_dir() {
            fs::remove_dir_all(path)
        } else {
            fs::remove_file(path)
        }
        .unwrap();
    }

    /// Replaces text that must be there.
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} has no `{from}`:\n{text}");
        self.write(name, &text.replace(from, to));
    }

    /// A command that is ready to run the binary here, with nothing inherited but PATH. It looks once: only tests of the
    /// second look have to wait for it.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.command_as_typed(args);
        if let Some(&("regen" | "check")) = args.first() {
            command.arg("--once");
        }
        command
    }

    /// The same with exactly these arguments.
    pub fn command_as_typed(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stillframe"));
        command
            .args(args)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap());
        command
    }

    pub fn stillframe(&self, args: &[&str]) -> Ran {
        Ran::from(self.command(args).output().unwrap())
    }

    /// Runs the binary with exactly these arguments.
    pub fn as_typed(&self, args: &[&str]) -> Ran {
        Ran::from(self.command_as_typed(args).output().unwrap())
    }

    /// Every file outside the work folder with its text.
    pub fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.root(), self.root(), &mut files);
        files
    }

    /// The files of the corpus folder, by their path below it.
    pub fn corpus(&self) -> BTreeMap<String, Vec<u8>> {
        self.tree()
            .into_iter()
            .filter_map(|(path, bytes)| {
                Some((path.strip_prefix("fixtures_generated/")?.to_owned(), bytes))
            })
            .collect()
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path
            .strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        if name == "target" || name == ".git" {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            files.insert(name, fs::read(&path).unwrap_or_default());
        }
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// Asserts the exit code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Ran {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// Asserts that stdout holds each of the texts.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Ran {
        for text in texts {
            assert!(
                self.stdout.contains(text),
                "`{text}` is not in:\n{}\nstderr:\n{}",
                self.stdout,
                self.stderr
            );
        }
        self
    }
}

/// Whether a program that a test needs is installed; where all of them must be, its absence is a failure.
pub fn has_tool(program: &str) -> bool {
    let there = Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(
        there || std::env::var_os("STILLFRAME_REQUIRE_TOOLS").is_none(),
        "{program} is required here: apt-get install {program}"
    );
    if !there {
        eprintln!("left out: {program} is not installed");
    }
    there
}
