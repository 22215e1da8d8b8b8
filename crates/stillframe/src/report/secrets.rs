//! Findings without what may be a password in them. What they tell of a fixture stays as it is: it is published, and a report about it has to show it.

use stillframe_core::problem::{Kind, Problem};

/// The finding as it may be seen by anybody who reads a log.
pub(super) fn left_out(mut problem: Problem) -> Problem {
    let clean = |text: &mut String| *text = redact::message(text).into_owned();
    clean(&mut problem.subject);
    clean(&mut problem.fix);
    if !quotes_a_fixture(problem.kind) {
        problem.details.iter_mut().for_each(clean);
    }
    problem
}

/// Whether the details are places of a document with their values, as in `$.token: "a" → "b"`.
fn quotes_a_fixture(kind: Kind) -> bool {
    use Kind::*;
    match kind {
        Expectation | Invalid | RuleBreaksSchema | AmbiguousSort | Varies | Missing | Stale
        | Orphan | HandEdited | ExitChanged | StaleLock | StaleSchema | Duplicate | Vacuous
        | MaybeSetting | MachineBound => true,
        Config | Prerequisite | StepFailed | Unreadable | SaveFailed | Unbound | Ambiguous
        | BrokenSchema | VerifierFailed | Foreign | ChangedDuringRun | Conflict | Interrupted
        | UnusedRule | UnusedSchema | UnusedBind | Leaky | OpenSchema => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_left_out_wherever_it_was_mistyped() {
        let text = "set = { DB = \"postgres://me:s3cret@127.0.0.1/app\" }";
        let problem = Problem::new(Kind::Config, text, text)
            .lines("5 | PASSWORD = s3cret\ntool --password s3cret x");
        let shown = format!("{:?}", left_out(problem));
        assert!(!shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn what_a_fixture_holds_is_shown() {
        let line = "$.token: \"a\" → \"b\"";
        let problem = Problem::new(Kind::Stale, "a.json", "").detail(line);
        assert_eq!(left_out(problem.clone()), problem);
    }
}
