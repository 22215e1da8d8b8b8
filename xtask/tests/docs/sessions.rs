//! Terminal sessions in documents: the `console` blocks of one document are one session in one empty folder, run for real.
//!
//! A line with `$ ` is a command, the lines with `> ` behind it belong to it, the rest is what it prints.
//! `…` stands for anything within a line, a line of nothing else for any number of lines; times are not compared.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::markdown::Document;

/// One command and what the document says it prints.
pub struct Step {
    line: usize,
    command: String,
    shown: Vec<String>,
}

/// Ends the output of each command of the session.
const MARK: &str = "=== end of a step ===";

/// Every command of the document's `console` blocks.
pub fn of_document(document: &Document) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for fence in document.fences().iter().filter(|f| f.info == "console") {
        for (line, text) in (fence.line + 1..).zip(&fence.body) {
            if let Some(command) = text.strip_prefix("$ ") {
                steps.push(Step {
                    line,
                    command: command.to_owned(),
                    shown: Vec::new(),
                });
                continue;
            }
            let step = steps.last_mut().expect("a session begins with a command");
            match text.strip_prefix('>') {
                Some(more) if step.shown.is_empty() => {
                    step.command.push('\n');
                    step.command
                        .push_str(more.strip_prefix(' ').unwrap_or(more));
                }
                _ => step.shown.push(text.clone()),
            }
        }
    }
    steps
}

/// The folder of the built binaries.
pub fn binaries() -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_xtask")).parent().unwrap();
    let built = |path: &Path| path.metadata().and_then(|meta| meta.modified()).ok();
    let newest = built(&std::env::current_exe().unwrap());
    // Testing the whole workspace builds them; testing this package alone does not.
    let fresh = ["stillframe", "fixpoints"]
        .iter()
        .all(|name| built(&folder.join(name)) >= newest);
    if !fresh {
        let status = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "-p",
                "stillframe-cli",
                "-p",
                "fixpoints-cli",
            ])
            .current_dir(crate::repository())
            .status()
            .unwrap();
        assert!(status.success());
    }
    folder.to_owned()
}

/// Runs the session and gives what differs.
pub fn check(binaries: &Path, steps: &[Step]) -> Vec<String> {
    let printed = run(binaries, steps);
    let mut findings = Vec::new();
    for (step, printed) in steps.iter().zip(&printed) {
        let shown: Vec<String> = step.shown.iter().map(|line| without_times(line)).collect();
        let printed: Vec<String> = printed.iter().map(|line| without_times(line)).collect();
        if !lines_match(&shown, &printed) {
            findings.push(format!(
                "{}: `{}` prints\n{}\n",
                step.line,
                step.command,
                printed.join("\n")
            ));
        }
    }
    if printed.len() < steps.len() {
        findings.push(format!(
            "{}: the session ended early",
            steps[printed.len()].line
        ));
    }
    findings
}

/// What each command printed; `$?` goes from one to the next.
fn run(binaries: &Path, steps: &[Step]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("here");
    std::fs::create_dir(&here).unwrap();
    let mut script = String::from("exec 2>&1\nrc=0\n");
    for step in steps {
        script.push_str(&format!(
            "(exit $rc)\n{}\nrc=$?\nprintf '%s\\n' '{MARK}'\n",
            step.command
        ));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(binaries.to_owned()).chain(std::env::split_paths(&path));
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(&here)
        .env_clear()
        .env("PATH", std::env::join_paths(folders).unwrap())
        .env("HOME", folder.path())
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut printed: Vec<Vec<String>> = text
        .split(&format!("{MARK}\n"))
        .map(|part| part.lines().map(str::to_owned).collect())
        .collect();
    printed.pop();
    printed
}

/// `… 0.1 s` differs from run to run.
fn without_times(line: &str) -> String {
    match line.rsplit_once(" ... ") {
        Some((what, time)) if time.ends_with(" s") => format!("{what} ... TIME"),
        _ => line.trim_end().to_owned(),
    }
}

fn lines_match(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((any, rest)) if any.trim() == "…" => {
            (0..=printed.len()).any(|skip| lines_match(rest, &printed[skip..]))
        }
        Some((line, rest)) => printed
            .split_first()
            .is_some_and(|(first, others)| line_matches(line, first) && lines_match(rest, others)),
    }
}

fn line_matches(shown: &str, printed: &str) -> bool {
    let parts: Vec<&str> = shown.split('…').collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return false;
    };
    if parts.len() == 1 {
        return shown == printed;
    }
    let Some(mut rest) = printed.strip_prefix(first) else {
        return false;
    };
    for part in &parts[1..parts.len() - 1] {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(text: &str) -> Vec<String> {
        let document = Document {
            path: "x.md".into(),
            text: format!("```console\n{text}\n```\n"),
        };
        check(Path::new("/nowhere"), &of_document(&document))
    }

    #[test]
    fn a_session_that_prints_something_else_is_found() {
        for text in [
            "$ echo a\nb",
            "$ echo a",
            "$ true\na",
            "$ echo abc\na…d",
            "$ printf 'a\\nb\\n'\n…\na",
            "$ exit 3\n$ true",
        ] {
            assert_eq!(session(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_session_keeps_its_folder_and_its_exit_code() {
        let text =
            "$ cat > f <<'EOF'\n> a\n> EOF\n$ cat f\na\n$ false\n$ echo $?\n1\n$ echo err >&2\nerr";
        assert_eq!(session(text), Vec::<String>::new());
    }

    #[test]
    fn what_is_left_open_may_be_anything() {
        for text in [
            "$ printf 'a\\nb\\nc\\n'\n…\nc",
            "$ echo abcd\na…c…",
            "$ echo 'took ... 1.2 s'\ntook ... 0.1 s",
        ] {
            assert_eq!(session(text), Vec::<String>::new(), "{text}");
        }
    }
}
