//! A folder in which the real binary runs, with nothing of this process's environment.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

pub struct Project {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

/// What a run left behind.
pub struct Ran {
    pub exit: i32,
    pub stdout: String,
    pub stderr: String,
}

#[allow(dead_code, reason = "no test file needs all of it")]
impl Ran {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            exit: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// The only document on stdout.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {:?} {:?}", self.stdout, self.stderr))
    }
}

#[allow(dead_code, reason = "no test file needs all of it")]
impl Project {
    /// An empty folder, whose database is `url`.
    pub fn new(url: &str) -> Self {
        let environment = vec![("FIXPOINTS_DB".to_owned(), url.to_owned())];
        Self {
            folder: tempfile::tempdir().unwrap(),
            environment,
        }
    }

    /// An empty folder, whose configuration has to say what the database is.
    pub fn without_database() -> Self {
        Self {
            environment: Vec::new(),
            ..Self::new("")
        }
    }

    /// With the script run, and its state stored as `base`.
    pub fn stored(url: &str, script: &str) -> Self {
        let project = Self::new(url);
        project.sql(script);
        project.done(&["store", "base"]);
        project
    }

    /// Sets one more variable.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str, text: &str) {
        fixpoints::write_file(&self.path().join(name), text.as_bytes()).unwrap();
    }

    /// Replaces a fixpoint's file by hand, and signs it.
    pub fn edit(&self, fixpoint: &str, text: &str) {
        self.file(&format!("fixpoints/{fixpoint}.yaml"), text);
        self.done(&["accept", fixpoint]);
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    pub fn sql(&self, script: &str) {
        self.file("script.sql", script);
        self.done(&["sql", "script.sql"]);
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_in("", args)
    }

    /// Runs in a folder below.
    pub fn run_in(&self, folder: &str, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fixpoints"));
        command.args(args).current_dir(self.path().join(folder));
        self.finish(command)
    }

    /// The program with these arguments, for whoever looks at more than what it prints.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fixpoints"));
        command.args(args).current_dir(self.path());
        self.surround(&mut command);
        command
    }

    /// A line as a person copies it into a shell.
    #[cfg(unix)]
    pub fn shell(&self, line: &str) -> Ran {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", line]).current_dir(self.path());
        self.finish(command)
    }

    fn surround(&self, command: &mut Command) {
        let program = Path::new(env!("CARGO_BIN_EXE_fixpoints"));
        command.env_clear();
        command.env("PATH", program.parent().unwrap());
        command.envs(self.environment.iter().cloned());
        // Without it no program starts on Windows.
        command.envs(std::env::vars().filter(|(name, _)| name == "SystemRoot"));
    }

    fn finish(&self, mut command: Command) -> Ran {
        self.surround(&mut command);
        Ran::of(command.output().unwrap())
    }

    /// Runs what must succeed.
    pub fn done(&self, args: &[&str]) -> String {
        self.done_in("", args)
    }

    /// Runs what must succeed, in a folder below.
    pub fn done_in(&self, folder: &str, args: &[&str]) -> String {
        let ran = self.run_in(folder, args);
        assert_eq!(ran.exit, 0, "{args:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    pub fn json(&self, args: &[&str]) -> (i32, Value) {
        self.json_in("", args)
    }

    fn json_in(&self, folder: &str, args: &[&str]) -> (i32, Value) {
        let all: Vec<&str> = ["--output", "json"].iter().chain(args).copied().collect();
        let ran = self.run_in(folder, &all);
        assert_eq!(ran.stderr, "", "with JSON nothing goes to stderr");
        (ran.exit, ran.json())
    }

    /// Runs what must fail, as text and as a document, which say the same: its kind, its message, its hint.
    pub fn fails(&self, args: &[&str]) -> (String, String, String) {
        self.fails_in("", args)
    }

    /// Runs what must fail, in a folder below.
    pub fn fails_in(&self, folder: &str, args: &[&str]) -> (String, String, String) {
        let (exit, error) = self.json_in(folder, args);
        assert_eq!((exit, &error["command"]), (3, &"error".into()), "{error}");
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        let (kind, mut message, hint) = (text("kind"), text("message"), text("hint"));
        let ran = self.run_in(folder, args);
        assert_eq!((ran.exit, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(&message) && ran.stderr.contains(&hint));
        assert!(!hint.is_empty(), "{message} has no hint");
        for cause in error["causes"].as_array().unwrap() {
            message.push_str(": ");
            message.push_str(cause.as_str().unwrap());
        }
        (kind, message, hint)
    }
}
