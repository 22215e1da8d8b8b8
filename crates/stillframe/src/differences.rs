//! Adds to each finding of drift what differs, in words and as a unified diff; it decides nothing.

use similar::TextDiff;
use stillframe_core::compare::{Candidates, Committed, Folders};
use stillframe_core::diff::summarize_texts;
use stillframe_core::problem::{Kind, Problem};

use crate::audit::framing;

/// The most lines of words that a finding gets.
const MOST_LINES: usize = 8;
/// The most lines of a unified diff that a finding gets.
const MOST_DIFF_LINES: usize = 60;
/// A text above this size gets no unified diff, only the places in words.
const LARGEST: usize = 4 << 20;

/// Explains every stale fixture and schema.
pub fn explain(
    problems: &mut [Problem],
    candidates: &Candidates,
    committed: &Committed,
    folders: Folders<'_>,
) {
    for problem in problems {
        let texts = match problem.kind {
            Kind::Stale | Kind::HandEdited => committed.fixtures.get(&problem.subject).zip(
                candidates
                    .fixtures
                    .get(&problem.subject)
                    .map(|fixture| &fixture.bytes),
            ),
            Kind::StaleSchema => {
                let name = problem.subject.strip_prefix(folders.schemas);
                let name = name.and_then(|name| name.strip_prefix('/'));
                let name = name.unwrap_or_default();
                let now = candidates
                    .schemas
                    .as_ref()
                    .and_then(|schemas| schemas.get(name));
                committed.schemas.get(name).zip(now)
            }
            _ => None,
        };
        if let Some((old, new)) = texts {
            add(problem, old, new);
        }
    }
}

fn add(problem: &mut Problem, old: &[u8], new: &[u8]) {
    let is_large = old.len().max(new.len()) > LARGEST;
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    let lines = summarize_texts(framing(&problem.subject), &old, &new);
    let more = lines.len().saturating_sub(MOST_LINES);
    problem.details.extend(lines.into_iter().take(MOST_LINES));
    if more > 0 {
        problem.details.push(format!("… and {more} more"));
    }
    problem.diff = (!is_large).then(|| unified(&old, &new));
}

/// A unified diff from the committed to the current text, cut to a readable length.
fn unified(old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let whole = diff
        .unified_diff()
        .context_radius(2)
        .header("committed", "current")
        .to_string();
    let mut lines: Vec<&str> = whole.lines().take(MOST_DIFF_LINES).collect();
    if whole.lines().count() > MOST_DIFF_LINES {
        lines.push("…");
    }
    lines.join("\n")
}
