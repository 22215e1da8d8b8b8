//! Reads what Rust's test harness prints: one line a test, the failures, and a summary; other output may stand between.

use std::collections::{BTreeMap, BTreeSet};

use crate::outcome::{Outcome, Phase};

/// What one process of a test program printed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Printed {
    /// How each test ended.
    pub(super) outcomes: BTreeMap<String, Outcome>,
    /// The test whose line was begun last and is not ended. Only with one thread is a line begun before its test runs.
    pub(super) running: Option<String>,
    /// Whether the summary was printed, so that every test has run.
    pub(super) is_whole: bool,
}

/// How a test ended, as its line has it.
#[derive(Clone, Copy, PartialEq)]
enum Word {
    Ok,
    Failed,
    Ignored,
    /// Something else stands where the word is expected: what the test printed past the harness.
    Unclear,
}

/// Reads it; `names` are the tests that the program was to run.
pub(super) fn read(stdout: &str, names: &BTreeSet<String>) -> Printed {
    let lines: Vec<&str> = stdout.lines().collect();
    let summary = lines.iter().rposition(|line| counts(line).is_some());
    let is_list = |line: &&str| line.trim_end() == "failures:";
    let body = &lines[..summary.unwrap_or(lines.len())];
    let first = body.iter().position(is_list);
    let last = body.iter().rposition(is_list);
    let mut words: BTreeMap<&str, Word> = BTreeMap::new();
    let mut running = None;
    for line in &body[..first.unwrap_or(body.len())] {
        if let Some((name, word)) = test_line(line, names) {
            words.insert(name, word);
            running = (word == Word::Unclear).then(|| name.to_owned());
        }
    }
    let failed: BTreeSet<&str> = match last {
        Some(last) => body[last..]
            .iter()
            .filter_map(|line| line.strip_prefix("    "))
            .collect(),
        None => BTreeSet::new(),
    };
    if let Some(summary) = summary {
        running = None;
        settle(
            &mut words,
            names,
            &failed,
            counts(lines[summary]).unwrap_or(0),
        );
    }
    let mut messages = match (first, last) {
        (Some(first), Some(last)) if first < last => messages(&body[first + 1..last], names),
        _ => BTreeMap::new(),
    };
    let mut outcomes = BTreeMap::new();
    for (name, word) in words {
        let outcome = match word {
            Word::Ok => Outcome::Passed,
            Word::Ignored => Outcome::Skipped,
            Word::Failed => {
                let message = messages.remove(name).unwrap_or_default();
                Outcome::failed(Phase::Body, &message)
            }
            Word::Unclear => continue,
        };
        outcomes.insert(name.to_owned(), outcome);
    }
    Printed {
        outcomes,
        running,
        is_whole: summary.is_some(),
    }
}

/// Decides about tests whose line was torn by other output: the list of failures names every test that failed, and the
/// summary counts all of them.
fn settle<'a>(
    words: &mut BTreeMap<&'a str, Word>,
    names: &'a BTreeSet<String>,
    failed: &BTreeSet<&str>,
    count: usize,
) {
    let clear = words
        .values()
        .filter(|word| **word != Word::Unclear)
        .count();
    let unclear: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| words.get(name).is_none_or(|word| *word == Word::Unclear))
        .collect();
    let all_have_run = count == clear + unclear.len();
    for name in unclear {
        if failed.contains(name) {
            words.insert(name, Word::Failed);
        } else if all_have_run || words.contains_key(name) {
            words.insert(name, Word::Ok);
        }
    }
}

/// `test NAME ... WORD`
fn test_line<'a>(line: &str, names: &'a BTreeSet<String>) -> Option<(&'a str, Word)> {
    let rest = line.strip_prefix("test ")?;
    let (name, word) = rest.match_indices(" ... ").find_map(|(at, dots)| {
        let name = rest[..at]
            .strip_suffix(" - should panic")
            .unwrap_or(&rest[..at]);
        Some((names.get(name)?, rest[at + dots.len()..].trim_end()))
    })?;
    let word = match word.split_whitespace().next() {
        Some("ok") if word == "ok" || word.starts_with("ok <") => Word::Ok,
        Some("FAILED") => Word::Failed,
        Some("ignored" | "ignored,") => Word::Ignored,
        Some("bench:") => Word::Ok,
        _ => Word::Unclear,
    };
    Some((name, word))
}

/// How many tests the summary counts: passed, failed, ignored and measured.
fn counts(line: &str) -> Option<usize> {
    let summary = line.strip_prefix("test result: ")?;
    let (_, counts) = summary.split_once(". ")?;
    let counts = counts.split("; ").filter_map(|part| part.split_once(' '));
    let counts =
        counts.filter(|(_, what)| ["passed", "failed", "ignored", "measured"].contains(what));
    counts.map(|(count, _)| count.parse::<usize>().ok()).sum()
}

/// What each failed test printed.
fn messages(lines: &[&str], names: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut sections: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut current: Option<&String> = None;
    for line in lines {
        let header = line
            .strip_prefix("---- ")
            .and_then(|line| line.strip_suffix(" ----"));
        let name = header.and_then(|name| names.get(name.strip_suffix(" stdout").unwrap_or(name)));
        match (name, current) {
            (Some(name), _) => current = Some(name),
            (None, Some(current)) => sections.entry(current.clone()).or_default().push(line),
            (None, None) => {}
        }
    }
    let sections = sections.into_iter();
    sections
        .map(|(name, lines)| (name, message(&lines)))
        .collect()
}

/// The panic, or the error that was returned; what the test printed before is dropped. All of it where there is neither.
fn message(lines: &[&str]) -> String {
    let is_panic = |line: &&str| line.starts_with("thread '") && line.contains(" panicked at ");
    let is_error = |line: &&str| line.starts_with("Error: ");
    let begin = lines.iter().position(is_panic);
    let begin = begin.or_else(|| lines.iter().rposition(is_error));
    let kept = lines[begin.unwrap_or(0)..]
        .iter()
        .filter(|line| !line.starts_with("note: run with `RUST_BACKTRACE"));
    kept.copied().collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn shown(printed: &Printed) -> Vec<String> {
        let outcomes = printed.outcomes.iter();
        outcomes
            .map(|(name, outcome)| match outcome {
                Outcome::Passed => format!("{name}: passed"),
                Outcome::Skipped => format!("{name}: skipped"),
                Outcome::Failed(failure) => {
                    format!("{name}: {}", failure.message.replace('\n', "|"))
                }
                other => format!("{name}: {other:?}"),
            })
            .collect()
    }

    #[test]
    fn lines_failures_and_summary_are_read() {
        let printed = read(
            "\nrunning 5 tests\ntest t::bad ... FAILED\ntest t::ig ... ignored, slow\ntest t::ok ... ok\ntest t::err ... FAILED\ntest t::sp - should panic ... ok\n\nfailures:\n\n---- t::bad stdout ----\ntest t::ok ... FAILED\nfailures:\n\nthread 't::bad' (123) panicked at src/lib.rs:5:9:\nno such table: a\nnote: run with `RUST_BACKTRACE=1` environment variable\n\n---- t::err stdout ----\nprinted\nError: \"no\"\n\n\nfailures:\n    t::bad\n    t::err\n\ntest result: FAILED. 2 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.28s\n\n",
            &names(&["t::bad", "t::ig", "t::ok", "t::err", "t::sp"]),
        );
        assert_eq!(
            shown(&printed),
            [
                "t::bad: thread 't::bad' (123) panicked at src/lib.rs:5:9:|no such table: a",
                "t::err: Error: \"no\"",
                "t::ig: skipped",
                "t::ok: passed",
                "t::sp: passed",
            ]
        );
        assert!(printed.is_whole);
    }

    #[test]
    fn a_line_that_was_torn_is_settled_by_the_summary() {
        let all = names(&["a", "b", "c"]);
        let end = |passed: usize, failed: usize| {
            format!(
                "test result: x. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out\n"
            )
        };
        let torn = "test a ... hello\nok\nchildtest b ... FAILED\ntest c ... ok\n";
        let list = "\nfailures:\n\n---- b stdout ----\nno\n\nfailures:\n    b\n\n";
        let printed = read(&format!("{torn}{list}{}", end(2, 1)), &all);
        assert_eq!(shown(&printed), ["a: passed", "b: no", "c: passed"]);
        // A test that the summary does not count has not run.
        let printed = read(
            &format!("test a ... ok\ntest c ... ok\n{}", end(2, 0)),
            &all,
        );
        assert_eq!(shown(&printed), ["a: passed", "c: passed"]);
    }

    #[test]
    fn the_test_that_ran_when_the_process_ended_is_known() {
        let all = names(&["a", "b", "c"]);
        let printed = read("running 3 tests\ntest a ... ok\ntest b ... ", &all);
        assert_eq!(shown(&printed), ["a: passed"]);
        assert_eq!(printed.running.as_deref(), Some("b"));
        assert!(!printed.is_whole);
        let printed = read(
            "running 3 tests\ntest a ... torn\nok\ntest b ... ok\n",
            &all,
        );
        assert_eq!(printed.running, None);
        assert_eq!(shown(&printed), ["b: passed"]);
    }
}
