//! The text form: a column of words, a column of subjects, the rest indented, and last the command to run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use stillframe_core::problem::{Class, Kind, Place, Problem};
use stillframe_core::visible::visible;

use super::Outcome;
use crate::print::line;

/// Subjects up to this width share a column.
const WIDEST: usize = 48;

pub(super) fn print(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let problems = &outcome.report.problems;
    let columns = Columns::of(problems);
    for problem in problems {
        print_problem(problem, &columns, out)?;
        if has_its_own_fix(problem) {
            line(out, &format!("{}hint: {}", columns.indent(), problem.fix))?;
        }
    }
    for news in &outcome.news {
        line(out, news)?;
    }
    if !problems.is_empty() {
        line(out, &counts(outcome))?;
    }
    for verdict in &outcome.verdict {
        line(out, verdict)?;
    }
    if let Some(hint) = &outcome.hint {
        line(out, &format!("hint: {hint}"))?;
    }
    Ok(())
}

struct Columns {
    word: usize,
    subject: usize,
}

impl Columns {
    fn of(problems: &[Problem]) -> Columns {
        let widest = |width: fn(&Problem) -> usize| {
            problems.iter().map(width).filter(|w| *w <= WIDEST).max()
        };
        Columns {
            word: widest(|p| p.kind.word().len()).unwrap_or(0),
            subject: widest(|p| visible(&p.subject).chars().count()).unwrap_or(0),
        }
    }

    fn indent(&self) -> String {
        " ".repeat(self.word + 2)
    }
}

fn print_problem(problem: &Problem, columns: &Columns, out: &mut dyn Write) -> io::Result<()> {
    let Columns { word, subject } = *columns;
    let indent = columns.indent();
    let head = format!(
        "{:word$}  {:subject$}",
        problem.kind.word(),
        visible(&problem.subject)
    );
    let mut details = problem.details.iter();
    let beside = match &problem.place {
        Some(place) => Some(where_it_is(place)),
        None => details.next().cloned(),
    };
    match beside {
        Some(beside) => line(out, &format!("{head}  {beside}"))?,
        None => line(out, &head)?,
    }
    for detail in details {
        line(out, &format!("{indent}{detail}"))?;
    }
    for changed in problem.diff.iter().flat_map(|diff| diff.lines()) {
        line(out, &format!("{indent}  {changed}"))?;
    }
    Ok(())
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
fn counts(outcome: &Outcome) -> String {
    let mut words: BTreeMap<(Class, &str), usize> = BTreeMap::new();
    for problem in &outcome.report.problems {
        *words
            .entry((problem.class, problem.kind.word()))
            .or_default() += 1;
    }
    let mut parts: Vec<String> = words
        .into_iter()
        .map(|((_, word), count)| format!("{count} {word}"))
        .collect();
    let summary = outcome.report.summary;
    let was_published = !outcome.verdict.is_empty();
    if !was_published && (summary.captures > 0 || summary.unchanged > 0) {
        parts.push(format!("{} fresh", summary.unchanged));
    }
    parts.join(", ")
}
