//! The command that runs a suite by nextest, taken apart so that it can be run again for some tests and with a report.

use anyhow::{Result, bail};

/// The profile that runs are made with.
pub(super) const PROFILE: &str = "stillframe";

/// Options of nextest that name a profile.
const PROFILES: &[&str] = &["-P", "--profile"];

/// Options of nextest that select tests.
const FILTERS: &[&str] = &["-E", "--filterset", "--filter-expr"];

/// Options of `cargo nextest` that say what is compiled and how; they have a value.
const BUILD_OPTIONS: &[&str] = &[
    "-p",
    "--package",
    "--exclude",
    "--bin",
    "--example",
    "--test",
    "--bench",
    "-F",
    "--features",
    "--build-jobs",
    "--cargo-profile",
    "--target",
    "--target-dir",
    "--manifest-path",
    "--config",
    "-Z",
];

/// The same without a value.
const BUILD_FLAGS: &[&str] = &[
    "--workspace",
    "--all",
    "--lib",
    "--bins",
    "--examples",
    "--tests",
    "--benches",
    "--all-targets",
    "--all-features",
    "--no-default-features",
    "-r",
    "--release",
    "--frozen",
    "--locked",
    "--offline",
    "--cargo-quiet",
    "--cargo-verbose",
    "--ignore-rust-version",
    "--future-incompat-report",
    "--unit-graph",
];

/// What we say of a run ourselves, or what would end it at the first failure; with a value.
const OUR_OPTIONS: &[&str] = &["--retries", "--color", "--max-fail"];

/// The same without a value.
const OUR_FLAGS: &[&str] = &["--no-fail-fast", "--nff", "--fail-fast", "--ff"];

/// Which filters choose the tests of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filters {
    /// Those of the suite's own command.
    OfTheSuite,
    /// Those that are added: nextest runs what any of several filters selects.
    Ours,
}

/// The suite's own command.
#[derive(Debug, Clone)]
pub(super) struct Command {
    /// Up to `run`, which is left out.
    program: Vec<String>,
    /// After `run`, without what we say ourselves.
    options: Vec<String>,
    /// From `--` on: what chooses tests by their names.
    names: Vec<String>,
}

impl Command {
    pub(super) fn parse(command: &[String]) -> Result<Command> {
        let end = command.iter().position(|word| word == "--");
        let (before, names) = command.split_at(end.unwrap_or(command.len()));
        let Some(run) = before.iter().position(|word| word == "run" || word == "r") else {
            bail!(
                "the command of the runner nextest is {:?}; write [\"cargo\", \"nextest\", \"run\"], with the flags that the suite needs",
                command.join(" ")
            );
        };
        let options = &before[run + 1..];
        if without(options, PROFILES, &[]).len() < options.len() {
            bail!(
                "the command of the runner nextest is {:?}; leave out the profile, because runs are made with one of our own: what the tests need stands in [profile.default] of nextest's configuration",
                command.join(" ")
            );
        }
        Ok(Command {
            program: before[..run].to_vec(),
            options: without(options, OUR_OPTIONS, OUR_FLAGS),
            names: names.to_vec(),
        })
    }

    /// Compiles the tests and prints where they are.
    pub(super) fn list_binaries(&self) -> Vec<String> {
        let mut list = self.program.clone();
        list.push("list".to_owned());
        list.extend(self.building().cloned());
        list.extend(["--list-type", "binaries-only", "--message-format", "json"].map(String::from));
        list
    }

    /// Prints what cargo knows of the packages.
    pub(super) fn cargo_metadata(&self) -> Vec<String> {
        let mut metadata = vec![self.program[0].clone()];
        metadata.extend(["metadata", "--format-version", "1"].map(String::from));
        metadata
    }

    /// Runs tests that are compiled.
    pub(super) fn run(&self, more: &[String], filters: Filters) -> Vec<String> {
        let mut run = self.program.clone();
        run.push("run".to_owned());
        let options = without(&self.options, BUILD_OPTIONS, BUILD_FLAGS);
        run.extend(match filters {
            Filters::OfTheSuite => options,
            Filters::Ours => without(&options, FILTERS, &[]),
        });
        run.extend(["--profile", PROFILE, "--no-fail-fast"].map(String::from));
        run.extend(["--retries", "0", "--color", "never"].map(String::from));
        run.extend_from_slice(more);
        run.extend_from_slice(&self.names);
        run
    }

    /// The words that say what is compiled and how.
    fn building(&self) -> impl Iterator<Item = &String> {
        let running = without(&self.options, BUILD_OPTIONS, BUILD_FLAGS);
        let mut running = running.into_iter().peekable();
        self.options
            .iter()
            .filter(move |word| running.next_if(|next| next == *word).is_none())
    }
}

/// A command without these options, which have a value, and without these flags.
fn without(command: &[String], options: &[&str], flags: &[&str]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = command.iter();
    while let Some(word) = words.next() {
        let name = word.split_once('=').map_or(word.as_str(), |(name, _)| name);
        let is_joined = |option: &&&str| {
            // `-pname`
            option.len() == 2 && word.len() > 2 && word.starts_with(**option)
        };
        if options.contains(&word.as_str()) {
            words.next();
        } else if !options.contains(&name)
            && !flags.contains(&word.as_str())
            && options.iter().find(is_joined).is_none()
        {
            kept.push(word.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_compiled_and_run_with_what_belongs_to_either() {
        let words = "cargo +beta nextest run --workspace -p a --features=x,y -Fz --no-capture --retries 2 -E test(slow) --offline -- --skip b";
        let words: Vec<String> = words.split(' ').map(String::from).collect();
        let command = Command::parse(&words).unwrap();
        assert_eq!(
            command.list_binaries().join(" "),
            "cargo +beta nextest list --workspace -p a --features=x,y -Fz --offline --list-type binaries-only --message-format json"
        );
        let ours = "--profile stillframe --no-fail-fast --retries 0 --color never";
        let more = ["--more".to_owned()];
        assert_eq!(
            command.run(&more, Filters::OfTheSuite).join(" "),
            format!("cargo +beta nextest run --no-capture -E test(slow) {ours} --more -- --skip b")
        );
        assert_eq!(
            command.run(&more, Filters::Ours).join(" "),
            format!("cargo +beta nextest run --no-capture {ours} --more -- --skip b")
        );
    }

    #[test]
    fn a_command_that_runs_no_tests_or_names_a_profile_is_refused() {
        let words = ["cargo", "test", "--", "run"].map(String::from);
        let error = Command::parse(&words).unwrap_err();
        assert!(error.to_string().contains("cargo test -- run"), "{error}");
        let words = ["cargo", "nextest", "run", "--profile=ci"].map(String::from);
        let error = Command::parse(&words).unwrap_err();
        assert!(error.to_string().contains("[profile.default]"), "{error}");
    }
}
