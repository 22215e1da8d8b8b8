//! What reaches a terminal or a log: names and values that somebody made to act on it do not, whatever is run.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;

use std::collections::BTreeSet;

use clap::CommandFactory as _;
use project::{Project, Ran};

/// Parts of names and values: escapes, C1 controls, turned writing, links of terminals, and commands of build servers.
const HOSTILE: [&str; 8] = [
    "a\n::error ::x",
    "::error ::x\r",
    "\u{1b}[2Ja\u{1b}]0;x\u{7}",
    "a\u{9b}2J\u{85}::warning ::x",
    "\u{1b}]8;;http://x\u{1b}\\a\u{1b}]8;;\u{1b}\\",
    "a\u{202e}gpj.exe\u{2066}\u{200f}",
    "a\u{2028}::error ::x\u{2029}",
    "##[error]x ##vso[task.setvariable]x",
];

/// What is printed is text without control characters, and no line of it is a command.
fn check(what: &str, ran: &Ran) {
    for printed in [&ran.stdout, &ran.stderr] {
        let hidden = printed
            .chars()
            .find(|c| *c != '\n' && fixpoints::core::excerpt::is_hidden(*c));
        assert_eq!(hidden, None, "{what}: {printed:?}");
        let mut lines = printed.lines();
        let command = lines.find(|line| {
            line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso[")
        });
        assert_eq!(command, None, "{what}: {printed:?}");
    }
}

/// Everything that can be run, as a person would, and with names of which each is hostile.
fn commands(text: &str) -> Vec<Vec<&str>> {
    let db = "test \n::error ::x\u{1b}[2J.db";
    vec![
        vec!["sql", "script.sql"],
        vec!["sql", text],
        vec!["sql", "wrong.sql"],
        vec!["--db", db, "sql", "script.sql"],
        vec!["--db", db, "store", "named"],
        vec!["--db", db, "restore", "named"],
        vec!["--db", db, "compare", "named"],
        vec!["--db", db, "doctor"],
        vec!["--db", text, "store", "base"],
        vec!["store", "base"],
        vec!["store", "base", "--exclude-table", text],
        vec!["store", text],
        vec!["sql", "change.sql"],
        vec!["store", "child", "--parent", "base"],
        vec!["sql", "change.sql"],
        vec!["compare", "base"],
        vec!["compare", "child"],
        vec!["compare", "new", "--or-store"],
        vec!["compare", "base", "--ignore", text],
        vec!["compare", "base", "--table", text],
        vec!["diff", "base", "child"],
        vec!["list"],
        vec!["show", "base", "--rows"],
        vec!["show", "child"],
        vec!["tree"],
        vec!["doctor"],
        vec!["store", "base"],
        vec!["tree"],
        vec!["accept", "base"],
        vec!["accept", "damaged"],
        vec!["accept", "edited"],
        vec!["restore", "edited"],
        vec!["rebase", "child", "--onto", "base"],
        vec!["remove", "base"],
        vec!["import", "gem.yml"],
        vec!["import", "rows.yml", "--name", "rows"],
        vec!["import", text],
        vec!["sequences", "reset"],
        vec!["sql", "alter.sql"],
        vec!["restore", "base"],
        vec!["doctor"],
        vec!["restore", "damaged"],
        vec!["list"],
        vec!["remove", "child"],
        vec!["export-schemas", text],
        vec!["completions", "bash"],
        vec!["completions", text],
        vec!["--dir", text, "list"],
        vec!["--dir", text, "store", "base"],
        vec!["--output", text, "list"],
        vec![text],
        vec!["list", text],
        vec!["compare", "base", "--limit", text],
    ]
}

#[test]
fn every_command_is_among_those_that_are_run() {
    let run: BTreeSet<&str> = commands("x").iter().flatten().copied().collect();
    let cli = fixpoints_cli::args::Cli::command();
    for command in cli.get_subcommands() {
        assert!(
            run.contains(command.get_name()),
            "{} is not run",
            command.get_name()
        );
    }
}

#[test]
fn nothing_that_is_printed_acts_on_whoever_reads_it() {
    for text in HOSTILE {
        let project = Project::new("sqlite:test.db");
        let (name, value) = (text.replace('"', "\"\""), text.replace('\'', "''"));
        project.file(
            "script.sql",
            &format!(
                "CREATE TABLE \"{name}\" (\"k{name}\" INTEGER PRIMARY KEY AUTOINCREMENT, \"{name}\" \"T{name}\" REFERENCES p (id));
                 CREATE TABLE p (id TEXT PRIMARY KEY);
                 PRAGMA foreign_keys = OFF;
                 INSERT INTO \"{name}\" VALUES (1, '{value}'), (7, '{value}');"
            ),
        );
        project.file("change.sql", &format!("PRAGMA foreign_keys = OFF; UPDATE \"{name}\" SET \"{name}\" = \"{name}\" || '{value}' WHERE \"k{name}\" = 1; INSERT INTO \"{name}\" (\"{name}\") VALUES ('{value}')"));
        project.file("wrong.sql", &format!("SELECT * FROM \"no {name}\""));
        project.file(
            "alter.sql",
            &format!("ALTER TABLE \"{name}\" ADD COLUMN \"x{name}\" TEXT"),
        );
        project.file(
            "fixpoints/damaged.yaml",
            &format!("format: 1\nengine: \"{}\"\n", text.escape_default()),
        );
        let key = serde_json::to_string(text).unwrap();
        project.file("gem.yml", &format!("{key}:\n- {key}: {key}\n"));
        project.file("rows.yml", &format!("{key}:\n  {key}: {key}\n"));
        for args in commands(text) {
            if args.contains(&"edited") {
                let stored = project.read("fixpoints/base.yaml");
                let stored = stored.replace("\"digest\": \"", "\"digest\": \"0");
                project.file("fixpoints/edited.yaml", &stored);
            }
            for format in ["text", "json"] {
                let all: Vec<&str> = args.iter().copied().chain(["--output", format]).collect();
                check(&format!("{args:?}"), &project.run(&all));
            }
        }
        // The configuration is a text from elsewhere too.
        for configured in ["db", "dir", "exclude", "broken-references"] {
            let list = if configured == "exclude" {
                ("[", "]")
            } else {
                ("", "")
            };
            project.file(
                "fixpoints.toml",
                &format!("{configured} = {}{key}{}\n", list.0, list.1),
            );
            check(configured, &project.run(&["doctor"]));
            check(configured, &project.run(&["list"]));
        }
        project.file("fixpoints.toml", &format!("{key} = 1\n"));
        check("a key", &project.run(&["list"]));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_is_full_or_closed_changes_no_exit_code() {
    use std::process::Stdio;
    let project = Project::stored("sqlite:test.db", "CREATE TABLE a (id INTEGER PRIMARY KEY)");
    project.sql("INSERT INTO a VALUES (1)");
    for (args, exit) in [
        (&["list"][..], 0),
        (&["compare", "base"], 1),
        (&["restore", "no"], 3),
        (&["completions", "bash"], 0),
        (&["export-schemas", "schemas"], 0),
        (&["--help"], 0),
        (&["--version"], 0),
        (&["help", "store"], 0),
        (&["no-such-command"], 2),
        (&["store", "next"], 0),
        (&["restore", "base"], 0),
    ] {
        for format in ["text", "json"] {
            let full = || {
                let full = std::fs::File::options().write(true).open("/dev/full");
                Stdio::from(full.unwrap())
            };
            let closed = || {
                let (reader, writer) = std::io::pipe().unwrap();
                drop(reader);
                Stdio::from(writer)
            };
            for (stdout, stderr) in [
                (full(), full()),
                (closed(), closed()),
                (Stdio::null(), full()),
                (full(), closed()),
            ] {
                let all: Vec<&str> = ["--output", format].iter().chain(args).copied().collect();
                let mut command = project.command(&all);
                let status = command.stdout(stdout).stderr(stderr).status().unwrap();
                assert_eq!(status.code(), Some(exit), "{all:?}");
            }
        }
        project.sql("INSERT OR IGNORE INTO a VALUES (1)");
    }
}

#[test]
fn names_of_any_length_are_printed() {
    let name = "n".repeat(70_000);
    let project = Project::new("sqlite:test.db");
    project.sql(&format!("CREATE TABLE \"{name}\" (id INTEGER PRIMARY KEY AUTOINCREMENT, \"c{name}\" TEXT); INSERT INTO \"{name}\" VALUES (1, '{name}'), (2, 'é{name}');"));
    project.done(&["store", "base"]);
    project.sql(&format!("UPDATE \"{name}\" SET \"c{name}\" = 'ü{name}' WHERE id = 1; DELETE FROM \"{name}\" WHERE id = 2"));
    for (args, exit) in [
        (&["compare", "base"][..], 1),
        (&["store", "child", "--parent", "base"], 0),
        (&["diff", "base", "child"], 1),
        (&["show", "child", "--rows"], 0),
        (&["show", "base"], 0),
        (&["sequences", "reset"], 0),
        (&["doctor"], 0),
        (&["restore", "base"], 0),
        (&["restore", "base"], 0),
        (&["compare", "base", "--table", &name], 0),
        (&["compare", "base", "--table", &name[..60_000]], 3),
    ] {
        let ran = project.run(args);
        assert_eq!(
            ran.exit,
            exit,
            "{:?} {}",
            args[0],
            ran.stderr.get(..300).unwrap_or(&ran.stderr)
        );
        assert!(!ran.stderr.contains("panicked"));
    }
}
