//! The text form: a column of words, a column of subjects, the rest beside or below them, and last the command to run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use stillframe_core::problem::{Class, Kind, Place, Problem};
use terminal::{Line, Style, style};

use super::columns::{Columns, GAP, blanks};
use super::detail::{detail, is_verbatim};
use super::{Amount, Conclusion, Look, Outcome, diff};
use crate::print;

/// Where lines go, and how wide they may be.
struct Page<'a> {
    out: &'a mut dyn Write,
    width: Option<usize>,
}

impl Page<'_> {
    fn line(&mut self, line: &Line) -> io::Result<()> {
        print::styled(self.out, line, self.width)
    }
}

pub(super) fn print(outcome: &Outcome, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let page = &mut Page {
        out,
        width: look.width,
    };
    for version in &outcome.versions {
        page.line(&Line::message(version))?;
    }
    let problems = &outcome.report.problems;
    let rows = problems
        .iter()
        .map(|problem| (problem.kind.word(), problem.subject.as_str()));
    let columns = Columns::of(rows, 0, look.width);
    for (at, problem) in problems.iter().enumerate() {
        print_problem(problem, columns, page)?;
        if !is_said_below(problem, &problems[at + 1..]) {
            print_fix(problem, columns, page)?;
        }
    }
    let everything = look.amount == Amount::Everything;
    for news in outcome.news.iter().filter(|_| everything) {
        page.line(&Line::message(&redact::message(news)))?;
    }
    if !problems.is_empty() {
        page.line(&counts(outcome))?;
    }
    print_conclusion(&outcome.conclusion, look.amount, page)?;
    match &outcome.hint {
        Some(hint) if everything => {
            page.line(&Line::message(&format!("hint: {}", redact::message(hint))))
        }
        _ => Ok(()),
    }
}

fn print_problem(problem: &Problem, columns: Columns, page: &mut Page<'_>) -> io::Result<()> {
    let indent = columns.word + GAP;
    let head = Line::new()
        .with(of_class(problem.class), problem.kind.word())
        .with(style::PLAIN, blanks(problem.kind.word(), indent));
    let mut details = problem.details.iter();
    let beside = match &problem.place {
        Some(place) => Some(Line::new().with(style::FAINT, where_it_is(place))),
        None => details.next().map(|text| detail(text)),
    };
    print_row(head, &problem.subject, beside, columns, indent, page)?;
    for text in details {
        page.line(&indented(text, indent))?;
    }
    if let Some(diff) = &problem.diff {
        for line in diff::lines(diff, indent + 2, page.width) {
            page.line(&line)?;
        }
    }
    for text in problem.rule.iter().flat_map(|rule| rule.lines()) {
        let indent = if text.is_empty() { 0 } else { indent + 2 };
        page.line(&indented(text, indent))?;
    }
    Ok(())
}

/// Whether a later finding of the kind ends with the same hint, so that one is enough.
fn is_said_below(problem: &Problem, later: &[Problem]) -> bool {
    let mut alike = later.iter().take_while(|next| next.kind == problem.kind);
    alike.any(|next| next.fix == problem.fix)
}

fn print_fix(problem: &Problem, columns: Columns, page: &mut Page<'_>) -> io::Result<()> {
    if !has_its_own_fix(problem) {
        return Ok(());
    }
    let indent = " ".repeat(columns.word + GAP);
    page.line(&Line::message(&format!("{indent}hint: {}", problem.fix)))
}

/// A row of up to three columns; the third one stands below the others where there is no room for it.
fn print_row(
    head: Line,
    subject: &str,
    beside: Option<Line>,
    columns: Columns,
    indent: usize,
    page: &mut Page<'_>,
) -> io::Result<()> {
    match (beside, columns.beside) {
        (Some(beside), Some(third)) => {
            let gap = blanks(subject, columns.subject + GAP);
            let head = head.with(style::NAME, subject).with(style::PLAIN, gap);
            page.line(&head.and(beside).wrapping(third))
        }
        (Some(beside), None) => {
            page.line(&head.with(style::NAME, subject))?;
            let below = Line::plain(" ".repeat(indent)).and(beside);
            page.line(&below.wrapping(indent))
        }
        (None, _) => page.line(&head.with(style::NAME, subject)),
    }
}

fn indented(text: &str, indent: usize) -> Line {
    let line = Line::plain(" ".repeat(indent)).and(detail(text));
    if is_verbatim(text) {
        line
    } else {
        line.wrapping(indent)
    }
}

fn of_class(class: Class) -> Style {
    match class {
        Class::Setup | Class::Broken => style::BAD,
        Class::Stale => style::WARNING,
        Class::Advisory => style::NOTICE,
    }
}

/// What `regen` fixes is printed once, at the end; a finding whose cause is not known has no fix.
fn has_its_own_fix(problem: &Problem) -> bool {
    if problem.fix.is_empty() {
        return false;
    }
    problem.class != Class::Stale || matches!(problem.kind, Kind::HandEdited | Kind::Conflict)
}

fn where_it_is(place: &Place) -> String {
    match place.step {
        Some(step) => format!("{}, step {step}", place.poc),
        None => place.poc.clone(),
    }
}

/// `1 stale, 1 orphan, 29 fresh`; what was published says itself how much is unchanged.
fn counts(outcome: &Outcome) -> Line {
    let mut words: BTreeMap<(Class, &str), usize> = BTreeMap::new();
    for problem in &outcome.report.problems {
        *words
            .entry((problem.class, problem.kind.word()))
            .or_default() += 1;
    }
    let mut parts: Vec<(Style, String)> = words
        .into_iter()
        .map(|((class, word), count)| (of_class(class), format!("{count} {word}")))
        .collect();
    let summary = outcome.report.summary;
    let was_published = !outcome.conclusion.lines.is_empty();
    if !was_published && (summary.captures > 0 || summary.unchanged > 0) {
        let of_fresh = match summary.unchanged {
            0 => style::PLAIN,
            _ => style::GOOD,
        };
        parts.push((of_fresh, format!("{} fresh", summary.unchanged)));
    }
    let mut line = Line::new();
    for (at, (of_part, part)) in parts.iter().enumerate() {
        line.push(style::PLAIN, if at > 0 { ", " } else { "" });
        line.push(*of_part, part);
    }
    line.wrapping(0)
}

fn print_conclusion(
    conclusion: &Conclusion,
    amount: Amount,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let Some((first, others)) = conclusion.lines.split_first() else {
        return Ok(());
    };
    page.line(&Line::new().with(style::GOOD, first).wrapping(2))?;
    if amount == Amount::Findings {
        return Ok(());
    }
    for other in others {
        page.line(&Line::message(other))?;
    }
    const INDENT: usize = 2;
    let rows = conclusion.entries.iter();
    let rows = rows.map(|entry| (entry.word, entry.path.as_str()));
    let columns = Columns::of(rows, INDENT, page.width);
    for entry in &conclusion.entries {
        let head = Line::plain(" ".repeat(INDENT))
            .with(of_word(entry.word), entry.word)
            .with(style::PLAIN, blanks(entry.word, columns.word + GAP));
        let mut details = entry.details.iter();
        let first = details.next().map(|text| detail(text));
        let below = columns.beside.unwrap_or(INDENT + columns.word + GAP);
        print_row(head, &entry.path, first, columns, below, page)?;
        for text in details {
            page.line(&indented(text, below))?;
        }
    }
    if conclusion.more > 0 {
        let more = conclusion.more;
        page.line(&Line::message(&format!(
            "  … and {more} more lines; `git status` shows every file"
        )))?;
    }
    Ok(())
}

fn of_word(word: &str) -> Style {
    match word {
        "new" => style::ADDED,
        "removed" => style::REMOVED,
        "masked" => style::NOTICE,
        _ => style::CHANGED,
    }
}
