//! Commands that documents name: subcommands, flags, packages and recipes exist; nothing is run but `--help`.

use std::fs;
use std::path::Path;
use std::process::Command;

use clap::CommandFactory as _;
use clap::error::ErrorKind;

use crate::markdown::Document;

/// The programs whose commands are checked.
const PROGRAMS: &[&str] = &["stillframe", "fixpoints", "cargo", "just", ".ci/run"];

/// Every command of a document with its line.
pub fn of_document(document: &Document) -> Vec<(usize, String)> {
    let mut commands = document.spans();
    for fence in document.fences() {
        let lines = (fence.line + 1..).zip(&fence.body);
        match fence.info.as_str() {
            "console" => commands.extend(
                lines.filter_map(|(line, text)| Some((line, text.strip_prefix("$ ")?.to_owned()))),
            ),
            "sh" => commands.extend(lines.map(|(line, text)| (line, text.clone()))),
            _ => {}
        }
    }
    split(commands)
}

/// Every command that a workflow runs, with its line.
pub fn of_workflow(text: &str) -> Vec<(usize, String)> {
    let runs = (1..).zip(text.lines()).filter_map(|(line, text)| {
        let command = text
            .trim_start()
            .trim_start_matches("- ")
            .strip_prefix("run: ")?;
        Some((line, command.to_owned()))
    });
    split(runs.collect())
}

/// `a && b | c  # d` holds three commands.
fn split(lines: Vec<(usize, String)>) -> Vec<(usize, String)> {
    let mut commands = Vec::new();
    for (line, text) in lines {
        let text = text.split(" #").next().unwrap_or_default();
        for part in text.split(['|', ';']).flat_map(|part| part.split("&&")) {
            let words: Vec<&str> = part
                .split_whitespace()
                .skip_while(|word| is_assignment(word))
                .collect();
            if words.first().is_some_and(|word| PROGRAMS.contains(word)) {
                commands.push((line, words.join(" ")));
            }
        }
    }
    commands
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    })
}

/// What is wrong with a command, if anything.
pub fn check(root: &Path, command: &str) -> Option<String> {
    let words: Vec<String> = words(command);
    let rest: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    match words[0].as_str() {
        "stillframe" => parse(stillframe_cli::command(), &words),
        "fixpoints" => parse(fixpoints_cli::args::Cli::command(), &words),
        "just" => recipe(root, rest.first().copied()),
        "cargo" if rest.first() == Some(&"xtask") => xtask(&rest[1..]),
        "cargo" => cargo(root, &rest),
        path => (!root.join(path).exists()).then(|| "no such file".to_owned()),
    }
}

/// Words as a shell splits them, up to a redirection.
fn words(command: &str) -> Vec<String> {
    command
        .split_whitespace()
        .take_while(|word| !word.starts_with(['>', '<']) && !word.starts_with("2>"))
        .map(|word| word.trim_matches(['"', '\'']).to_owned())
        .collect()
}

/// A command may be named without its arguments, but not with ones that do not exist.
fn parse(command: clap::Command, words: &[String]) -> Option<String> {
    use ErrorKind::{
        DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion,
        MissingRequiredArgument, MissingSubcommand,
    };
    let error = command.try_get_matches_from(words).err()?;
    let unfinished = matches!(
        error.kind(),
        DisplayHelp
            | DisplayHelpOnMissingArgumentOrSubcommand
            | DisplayVersion
            | MissingRequiredArgument
            | MissingSubcommand
    );
    (!unfinished).then(|| {
        error
            .to_string()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    })
}

/// With `--help` behind it, the binary itself parses the words and does nothing.
fn xtask(words: &[&str]) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(words)
        .arg("--help")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    (!output.status.success()).then(|| said.lines().next().unwrap_or_default().to_owned())
}

fn recipe(root: &Path, name: Option<&str>) -> Option<String> {
    let justfile = fs::read_to_string(root.join("justfile")).unwrap();
    let known = justfile
        .lines()
        .filter(|line| !line.starts_with([' ', '#']) && line.contains(':'))
        .filter_map(|line| line.split([' ', ':']).next())
        .any(|recipe| Some(recipe) == name);
    (!known && name.is_some()).then(|| "no such recipe in the justfile".to_owned())
}

/// Packages, paths and tests that cargo is told.
fn cargo(root: &Path, words: &[&str]) -> Option<String> {
    let value = |names: [&str; 2]| {
        let at = words.iter().position(|word| names.contains(word))?;
        words.get(at + 1).copied()
    };
    let folder = value(["--package", "-p"]).map(|package| match package {
        "xtask" => root.join("xtask"),
        package => root.join("crates").join(package),
    });
    if let Some(folder) = &folder
        && !folder.join("Cargo.toml").is_file()
    {
        return Some("no such package".to_owned());
    }
    if let Some(path) = value(["--path", "--path"])
        && !root.join(path).join("Cargo.toml").is_file()
    {
        return Some("no package there".to_owned());
    }
    if let (Some(folder), Some(test)) = (&folder, value(["--test", "--test"])) {
        let tests = folder.join("tests");
        if !tests.join(format!("{test}.rs")).is_file()
            && !tests.join(test).join("main.rs").is_file()
        {
            return Some("no such test".to_owned());
        }
    }
    let binary: Vec<String> = match words.iter().position(|word| *word == "--") {
        Some(at) if words[0] == "run" => words[at..].iter().map(|w| (*w).to_owned()).collect(),
        _ => return None,
    };
    match value(["--package", "-p"]) {
        Some("stillframe-cli") => parse(stillframe_cli::command(), &binary),
        Some("fixpoints-cli") => parse(fixpoints_cli::args::Cli::command(), &binary),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository;

    #[test]
    fn what_does_not_exist_is_found() {
        for command in [
            "stillframe publish",
            "stillframe check --quick",
            "stillframe check --format xml",
            "fixpoints store base --gone",
            "cargo xtask regen",
            "cargo xtask codegen --force",
            "just regen",
            "cargo test -p gone",
            "cargo test -p xtask --test gone",
            "cargo install --path crates/gone",
            "cargo run --package stillframe-cli -- publish",
            ".ci/gone",
        ] {
            assert!(check(&repository(), command).is_some(), "{command}");
        }
    }

    #[test]
    fn what_exists_passes_also_without_its_arguments() {
        for command in [
            "stillframe",
            "stillframe scenario new",
            "stillframe init --target ./tool -- --json",
            "fixpoints --db sqlite:test.db store",
            "cargo xtask regen-fixtures --check --poc 01-basics",
            "just drift-check",
            "cargo test -p xtask --test docs",
            "cargo run --package stillframe-cli -- accept --from DIR",
            ".ci/run",
        ] {
            assert_eq!(check(&repository(), command), None, "{command}");
        }
    }

    #[test]
    fn a_line_is_split_into_its_commands() {
        let lines = vec![(7, "CI=1 cargo xtask ci && just ci # all | of it".to_owned())];
        let commands: Vec<String> = split(lines).into_iter().map(|(_, c)| c).collect();
        assert_eq!(commands, ["cargo xtask ci", "just ci"]);
    }
}
