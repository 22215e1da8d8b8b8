//! Whatever a finding quotes, the report that shows it stays inert.

use schemars::schema_for;
use serde_json::Value;
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::report::{Report, Summary};
use stillframe_core::visible::line;

use super::{Form, Outcome};

const HOSTILE: &str = "\u{1b}]8;;http://x\u{1b}\\\u{9b}2J\u{7f}\u{202e}\u{2066}\u{61c}\u{2028}\u{feff}\r\n::error::y\n  ##[error]z\n::add-mask::";

/// Every kind there is, from the schema that is generated from the enum.
fn kinds() -> Vec<Kind> {
    let schema = schema_for!(Kind);
    let words = schema.get("oneOf").and_then(Value::as_array).unwrap();
    words
        .iter()
        .map(|word| serde_json::from_value(word["const"].clone()).unwrap())
        .collect()
}

fn outcome() -> Outcome {
    let problem = |kind| {
        let mut problem = Problem::new(kind, HOSTILE, HOSTILE)
            .detail(HOSTILE)
            .lines(HOSTILE)
            .at(HOSTILE, Some(1));
        problem.diff = Some(format!("-{HOSTILE}\n {HOSTILE}\n{HOSTILE}"));
        problem
    };
    let problems = kinds().into_iter().map(problem).collect();
    let mut outcome = Outcome::new("check", problems, Summary::default());
    outcome.news = vec![HOSTILE.to_owned()];
    outcome.verdict = vec![HOSTILE.to_owned()];
    outcome.hint = Some(HOSTILE.to_owned());
    outcome
}

fn printed(form: Form) -> String {
    let mut out = Vec::new();
    outcome().print(form, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn no_kind_of_finding_prints_what_it_quotes_raw() {
    assert!(kinds().len() > 25);
    for form in [Form::Text, Form::Json] {
        let text = printed(form);
        for shown in text.lines() {
            assert_eq!(line(shown), shown, "{form:?}");
        }
    }
}

#[test]
fn the_document_for_machines_says_exactly_what_was_found() {
    let report: Report = serde_json::from_str(&printed(Form::Json)).unwrap();
    assert_eq!(report.problems, outcome().report.problems);
    assert_eq!(report.problems[0].subject, HOSTILE);
}
