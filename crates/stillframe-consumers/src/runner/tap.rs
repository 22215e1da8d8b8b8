//! Reads TAP, of versions 12 to 14, as test programs print it: leniently, as anything else may stand between its lines.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::outcome::{Outcome, Phase};

/// What a report says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tap {
    /// Every test and how it ended, in its order. A test inside of others has their names before its own.
    pub tests: Vec<(String, Outcome)>,
    /// Why it is not whole: it has no plan, fewer tests than its plan, or says itself that it was given up.
    pub problem: Option<String>,
}

/// A test line that is being read, and what stands below it.
#[derive(Debug)]
struct Point {
    name: String,
    end: End,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Ok,
    NotOk,
    Skipped,
}

/// The lines of one indentation.
#[derive(Default)]
struct Level {
    points: Vec<Point>,
    /// How many test lines there were; points that lie deeper are not counted.
    lines: usize,
    plan: Option<usize>,
    /// The first of the points that lines of explanation belong to now; all after it do, too.
    explained: usize,
}

/// Reads a report.
pub fn read(text: &str) -> Tap {
    let mut levels: BTreeMap<usize, Level> = BTreeMap::from([(0, Level::default())]);
    let mut yaml: Option<usize> = None;
    let mut last = 0;
    let mut given_up = None;
    for line in text.lines() {
        let words = line.trim_start();
        let indent = line.len() - words.len();
        if let Some(start) = yaml {
            if words.trim_end() == "..." {
                yaml = None;
                continue;
            }
            if indent >= start || words.is_empty() {
                add(&mut levels, last, words);
                continue;
            }
            yaml = None;
        }
        if words.trim_end() == "---" && indent > last {
            yaml = Some(indent);
        } else if let Some(reason) = words.strip_prefix("Bail out!") {
            given_up = Some(reason.trim().to_owned());
        } else if let Some(point) = point(words, levels.get(&indent)) {
            close(&mut levels, indent, point);
            last = indent;
        } else if let Some(plan) = plan(words) {
            levels.entry(indent).or_default().plan = Some(plan);
        } else if let Some(comment) = words.strip_prefix('#')
            && !comment.trim_start().starts_with("Subtest:")
        {
            add(
                &mut levels,
                last,
                comment.strip_prefix(' ').unwrap_or(comment),
            );
        }
    }
    let top = levels.remove(&0).unwrap_or_default();
    let problem = match (given_up, top.plan) {
        (Some(reason), _) => Some(format!("it was given up: {reason}")),
        (None, None) => Some("it has no plan, such as 1..9, at its begin or end".to_owned()),
        (None, Some(plan)) if top.lines < plan => Some(format!(
            "it has {} of the {plan} tests that its plan says",
            top.lines
        )),
        _ => None,
    };
    Tap {
        tests: top.points.into_iter().map(Point::outcome).collect(),
        problem,
    }
}

/// Adds a line of explanation to what was ended last.
fn add(levels: &mut BTreeMap<usize, Level>, indent: usize, line: &str) {
    let Some(level) = levels.get_mut(&indent) else {
        return;
    };
    for point in level.points.iter_mut().skip(level.explained) {
        point.text.push_str(line);
        point.text.push('\n');
    }
}

/// Ends a test. What lies deeper belongs to it: then it is the group of those tests.
fn close(levels: &mut BTreeMap<usize, Level>, indent: usize, point: Point) {
    let deeper = levels.split_off(&(indent + 1));
    let mut inner: Vec<Point> = deeper
        .into_values()
        .flat_map(|level| level.points)
        .collect();
    let level = levels.entry(indent).or_default();
    level.lines += 1;
    level.explained = level.points.len();
    if inner.is_empty() {
        level.points.push(point);
        return;
    }
    let none_failed = inner.iter().all(|inner| inner.end != End::NotOk);
    // What fails after the last test of a group, or before its first, fails all of them.
    let all_fail = point.end == End::NotOk && none_failed;
    for inner in &mut inner {
        if all_fail && inner.end == End::Ok {
            inner.end = End::NotOk;
        }
        inner.name = format!("{} > {}", point.name, inner.name);
    }
    level.points.append(&mut inner);
    if !all_fail {
        level.explained = level.points.len();
    }
}

fn point(words: &str, level: Option<&Level>) -> Option<Point> {
    static LINE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(not )?ok(?:\s+([0-9]+))?(?:\s+-)?(?:\s+(.*))?$"));
    let parts = LINE.captures(words.trim_end())?;
    let described = parts.get(3).map_or("", |text| text.as_str());
    let (name, directive) = split(described);
    let number = || match parts.get(2) {
        Some(number) => number.as_str().to_owned(),
        None => (level.map_or(0, |level| level.lines) + 1).to_string(),
    };
    let end = match directive {
        Some(_) => End::Skipped,
        None if parts.get(1).is_some() => End::NotOk,
        None => End::Ok,
    };
    Some(Point {
        name: if name.is_empty() { number() } else { name },
        end,
        text: String::new(),
    })
}

/// The name, and the directive after it: a test that is to do is not one that counts. Times are part of neither.
fn split(described: &str) -> (String, Option<&str>) {
    static DIRECTIVE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)(?:^|\s)#\s*((?:skip|todo)\b.*|time=\S*)$"));
    let found = DIRECTIVE.captures(described).and_then(|parts| parts.get(1));
    let name = match DIRECTIVE.find(described) {
        Some(all) => &described[..all.start()],
        None => described,
    };
    let name = name.trim().replace("\\#", "#").replace("\\\\", "\\");
    let directive = found.map(|directive| directive.as_str());
    (name, directive.filter(|text| !text.starts_with("time=")))
}

fn plan(words: &str) -> Option<usize> {
    static PLAN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^1\.\.([0-9]+)(?:\s.*)?$"));
    PLAN.captures(words)?.get(1)?.as_str().parse().ok()
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}

impl Point {
    fn outcome(self) -> (String, Outcome) {
        let outcome = match self.end {
            End::Ok => Outcome::Passed,
            End::NotOk => Outcome::failed(Phase::Body, &self.text),
            End::Skipped => Outcome::Skipped,
        };
        (self.name, outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(report: &str, expected: &[&str], problem: Option<&str>) {
        let tap = read(report);
        let shown: Vec<String> = tap
            .tests
            .iter()
            .map(|(name, outcome)| match outcome {
                Outcome::Passed => format!("{name}: passed"),
                Outcome::Skipped => format!("{name}: skipped"),
                Outcome::Failed(failure) => {
                    format!("{name}: {}", failure.message.replace('\n', "|"))
                }
                other => format!("{name}: {other:?}"),
            })
            .collect();
        assert_eq!(shown, expected, "{report}");
        assert_eq!(tap.problem.as_deref(), problem, "{report}");
    }

    #[test]
    fn names_directives_and_explanations_are_read() {
        check(
            "TAP version 13\n1..6\nok 1 - one\nsome output\nnot ok 2 - two \\# 2\n# got 1\n# wanted 2\nok 3 - three # SKIP no database\nnot ok 4 - four # TODO later\nnot ok 5 five\n  ---\n  message: 'no'\n  ok: 1\n  ...\nok\n",
            &[
                "one: passed",
                "two # 2: got 1|wanted 2",
                "three: skipped",
                "four: skipped",
                "five: message: 'no'|ok: 1",
                "6: passed",
            ],
            None,
        );
    }

    #[test]
    fn times_are_not_part_of_a_name() {
        check("ok 1 - one # time=12.5ms\n1..1\n", &["one: passed"], None);
    }

    #[test]
    fn tests_in_groups_have_the_names_of_the_groups() {
        check(
            "# Subtest: group\n    ok 1 - one\n    not ok 2 - two\n      ---\n      error: no\n      ...\n    1..2\nnot ok 1 - group\n    ok 1 - three\n    1..1\nnot ok 2 - teardown\n  ---\n  error: left open\n  ...\n1..2\n",
            &[
                "group > one: passed",
                "group > two: error: no",
                "teardown > three: error: left open",
            ],
            None,
        );
    }

    #[test]
    fn a_report_that_is_not_whole_says_so() {
        check(
            "1..3\nok 1 - one\n",
            &["one: passed"],
            Some("it has 1 of the 3 tests that its plan says"),
        );
        check(
            "ok 1 - one\n",
            &["one: passed"],
            Some("it has no plan, such as 1..9, at its begin or end"),
        );
        check(
            "1..2\nok 1 - one\nBail out! no database\n",
            &["one: passed"],
            Some("it was given up: no database"),
        );
        check("1..0 # SKIP none\n", &[], None);
    }
}
