//! Whatever a finding quotes, the report that shows it stays inert.

use schemars::schema_for;
use serde_json::Value;
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::report::{Report, Summary};
use stillframe_core::visible::line;

use super::{Amount, Entry, Form, Look, Outcome};

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
    outcome.conclusion.lines = vec![HOSTILE.to_owned(); 2];
    outcome.conclusion.entries = vec![Entry {
        word: "new",
        path: HOSTILE.to_owned(),
        details: vec![HOSTILE.to_owned()],
    }];
    outcome.hint = Some(HOSTILE.to_owned());
    outcome
}

/// What is printed without our own styles; what is left of a style of somebody else's would be seen.
fn printed(form: Form, look: Look) -> String {
    let mut out = Vec::new();
    outcome().print(form, look, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    // What we write begins with a bracket and ends with the letter of a style.
    let styles = styles_of(&text);
    let mut plain = text;
    for style in styles {
        plain = plain.replace(&style, "");
    }
    plain
}

/// The styles in a text: an escape, a bracket, digits, and an `m`.
fn styles_of(text: &str) -> std::collections::BTreeSet<String> {
    let rest = |part: &str| {
        let digits = part.strip_prefix('[')?;
        let end = digits.find(|c: char| !c.is_ascii_digit())?;
        digits[end..]
            .starts_with('m')
            .then(|| format!("\u{1b}[{}m", &digits[..end]))
    };
    text.split('\u{1b}').skip(1).filter_map(rest).collect()
}

#[test]
fn no_kind_of_finding_prints_what_it_quotes_raw() {
    assert!(kinds().len() > 25);
    let narrow = Look {
        amount: Amount::Findings,
        width: Some(60),
    };
    for form in [Form::Text, Form::Json] {
        for look in [Look::default(), narrow] {
            let text = printed(form, look);
            for shown in text.lines() {
                assert_eq!(line(shown), shown, "{form:?}");
            }
        }
    }
}

#[test]
fn the_document_for_machines_says_exactly_what_was_found() {
    let report: Report = serde_json::from_str(&printed(Form::Json, Look::default())).unwrap();
    assert_eq!(report.problems, outcome().report.problems);
    assert_eq!(report.problems[0].subject, HOSTILE);
}
