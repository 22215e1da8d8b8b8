//! How reports look: colours where somebody looks at a terminal or asks for them, and lines that fit into it.

use std::fs::File;
use std::io::Read as _;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::project::{Project, Ran};

const ESCAPE: char = '\u{1b}';

/// A published project whose target prints something else now.
fn drifted() -> Project {
    let project = Project::published();
    project.remove("pocs/01-first");
    project.remove("fixtures_generated");
    project.write(
        "pocs/01-first/poc.toml",
        "summary = \"greets\"\n[[step]]\ncapture = \"one\"\nrun = [\"one\"]\n",
    );
    project.stillframe(&["regen"]).expect(0);
    project.edit("tool", "[1]", "[2]");
    project
}

/// Runs the binary on a terminal so many columns wide, and gives what it shows there.
fn on_a_terminal(project: &Project, args: &[&str], width: u16, env: &[(&str, &str)]) -> String {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let size = Winsize {
        ws_row: 50,
        ws_col: width,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&ours, size).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let mut command = project.command(args);
    command
        .env("TERM", "xterm-256color")
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .stdout(theirs);
    let mut child = command.spawn().unwrap();
    // The command keeps the other end open as long as it exists.
    drop(command);
    let mut shown = Vec::new();
    // On Linux the end of a terminal is an error.
    let _ended = File::from(ours).read_to_end(&mut shown);
    child.wait().unwrap();
    String::from_utf8(shown).unwrap().replace("\r\n", "\n")
}

/// The same text with each escape as a caret.
fn caret(text: &str) -> String {
    text.replace(ESCAPE, "^")
}

#[test]
fn a_drift_report_in_colours_is_this() {
    let ran = drifted()
        .stillframe(&["check", "--color", "always"])
        .expect(3);
    let expected = "\
^[1m^[35mstale^[0m  ^[1mfirst/one.json^[0m  ^[2m01-first, step 1^[0m
       $.rows[0]: ^[31m1^[0m → ^[32m2^[0m
         ^[1m--- committed^[0m
         ^[1m+++ current^[0m
         ^[2m@@ -4,5 +4,5 @@^[0m
            \"took_ms\": 0,
            \"rows\": [
         ^[31m-    1^[0m
         ^[32m+    2^[0m
            ]
          }
the candidates are in target/stillframe/candidates; ^[1m`stillframe accept`^[0m publishes them as they are
^[1m^[35m1 stale^[0m, 0 fresh
^[1mhint:^[0m run ^[1m`stillframe regen`^[0m and commit the result
";
    assert_eq!(caret(&ran.stdout), expected);
}

#[test]
fn the_changed_part_of_a_line_is_marked() {
    let project = drifted();
    project.edit("tool", "greet", "great");
    project.edit("tool", "\"name\":\"%s\"", "\"name\":\"the %s\"");
    let ran = project.stillframe(&["check", "--color=always"]).expect(3);
    let shown = caret(&ran.stdout);
    for line in [
        "^[31m-  \"command\": \"^[0m^[7m^[31mgreet^[0m^[31m\",^[0m",
        "^[32m+  \"name\": \"^[0m^[7m^[32mthe ^[0m^[32mone\",^[0m",
    ] {
        assert!(shown.contains(line), "{line} is not in:\n{shown}");
    }
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let project = drifted();
    let has_colours = |ran: &Ran| ran.stdout.contains(ESCAPE) || ran.stderr.contains(ESCAPE);
    let in_a_pipe = |args: &[&str], env: &[(&str, &str)]| {
        let output = project.command(args).envs(env.iter().copied()).output();
        has_colours(&Ran::from(output.unwrap()))
    };
    assert!(!in_a_pipe(&["check"], &[]));
    assert!(in_a_pipe(&["check"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!in_a_pipe(
        &["check"],
        &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]
    ));
    assert!(!in_a_pipe(
        &["check", "--color", "never"],
        &[("CLICOLOR_FORCE", "1")]
    ));
    assert!(in_a_pipe(
        &["check", "--color", "always"],
        &[("NO_COLOR", "1")]
    ));
    assert!(!in_a_pipe(
        &["check", "--format", "json", "--color", "always"],
        &[]
    ));
    assert!(!in_a_pipe(&["--help"], &[]));
    let on_one = |args: &[&str], env| on_a_terminal(&project, args, 80, env).contains(ESCAPE);
    assert!(on_one(&["check"], &[]));
    assert!(on_one(&["--help"], &[]));
    assert!(!on_one(&["check"], &[("NO_COLOR", "1")]));
    assert!(!on_one(&["check"], &[("TERM", "dumb")]));
    assert!(!on_one(&["check", "--color", "never"], &[]));
    assert!(!on_one(&["--help", "--color", "never"], &[]));
}

#[test]
fn colours_change_no_text() {
    let project = drifted();
    project.write("fixtures_generated/no\u{7}tes##[error].txt", "\u{1b}[31m");
    let plain = project.stillframe(&["check"]).expect(1).stdout;
    let coloured = project
        .stillframe(&["check", "--color", "always"])
        .expect(1)
        .stdout;
    assert_ne!(coloured, plain);
    assert_eq!(terminal::strip_str(&coloured).to_string(), plain);
    assert!(plain.contains(r"no\u0007tes\u0023#[error].txt"), "{plain}");
}

#[test]
fn quiet_prints_findings_and_the_verdict_only() {
    let project = drifted();
    let ran = project.stillframe(&["check", "--quiet"]).expect(3);
    assert_eq!(ran.stderr, "");
    let first = ran.stdout.lines().next().unwrap();
    assert_eq!(first, "stale  first/one.json  01-first, step 1");
    assert_eq!(ran.stdout.lines().last().unwrap(), "1 stale, 0 fresh");
    assert!(!ran.stdout.contains("candidates"), "{}", ran.stdout);
    let ran = project.stillframe(&["-q", "regen"]).expect(0);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str()),
        (
            "published 0 new, 1 changed, 0 removed, 0 unchanged in fixtures_generated\n",
            ""
        )
    );
    let ran = project.stillframe(&["check", "-q"]).expect(0);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str()),
        ("1 fresh\n", "")
    );
}

#[test]
fn a_report_fits_into_the_terminal() {
    let project = drifted();
    project.edit(
        "tool",
        "\"rows\"",
        &format!("\"note\":\"{}\",\"rows\"", "words ".repeat(60)),
    );
    project.write("fixtures_generated/a-file-with-a-rather-long-name.txt", "");
    for width in [60, 200] {
        let shown = on_a_terminal(&project, &["check", "--color", "never"], width, &[]);
        for line in shown.lines() {
            // A word is not broken, so that a path can be copied.
            let is_word = !line.trim().contains(' ');
            assert!(
                terminal::columns(line) <= usize::from(width) || is_word,
                "{width}: {line}\n{shown}"
            );
        }
    }
    let narrow = on_a_terminal(&project, &["check", "--color", "never"], 60, &[]);
    let expected = "\
foreign  a-file-with-a-rather-long-name.txt
         a file, folder or link in the corpus that is not a
         fixture; it is never deleted for you
";
    assert!(narrow.starts_with(expected), "{narrow}");
    let wide = on_a_terminal(&project, &["check", "--color", "never"], 200, &[]);
    let expected = "foreign  a-file-with-a-rather-long-name.txt  a file, folder or link in the corpus that is not a fixture; it is never deleted for you\n";
    assert!(wide.starts_with(expected), "{wide}");
}
