//! Cases for the whole normaliser, before and after.

use super::*;

/// The plan of a `[normalize]` table.
fn plan(table: &str) -> Plan {
    let settings: Settings = toml::from_str(table).unwrap();
    Plan::compile(&settings, &Format::default()).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// One document through a plan, as one POC.
fn run(plan: &Plan, input: &str) -> String {
    let draft = draft(plan, &Scrub::default(), Framing::Json, input.as_bytes()).unwrap();
    let mut identities = Identities::new();
    identities.reserve(&draft);
    String::from_utf8(identities.number(&draft)).unwrap()
}

/// Both sides as compact JSON, so that a case is one line; and twice is once.
#[track_caller]
fn check(table: &str, input: &str, expected: &str) {
    let plan = plan(table);
    let once = run(&plan, input);
    assert_eq!(run(&plan, &once), once, "normalised twice");
    let line = draft(
        &Plan::default(),
        &Scrub::default(),
        Framing::Ndjson,
        input.as_bytes(),
    );
    drop(line);
    assert_eq!(compact(&once), expected);
}

/// The text without its layout.
fn compact(text: &str) -> String {
    text.lines()
        .map(str::trim_start)
        .collect::<Vec<_>>()
        .concat()
        .replace("\": ", "\":")
}

#[test]
fn built_in_lists_apply_at_every_depth() {
    check(
        "",
        r#"{"a":[{"took_ms":12,"wait_seconds":1.5,"x_secs":-3e2,"updated_at":"now"}]}"#,
        r#"{"a":[{"took_ms":0,"wait_seconds":0,"x_secs":0,"updated_at":"2000-01-01T00:00:00Z"}]}"#,
    );
}

#[test]
fn identities_are_numbered_in_document_order() {
    check(
        "[[rule]]\nname='run'\nmatch={key=['id']}\naction={identity='run-${n}'}",
        r#"[{"id":"x"},{"id":"y"},{"id":"x"}]"#,
        r#"[{"id":"run-1"},{"id":"run-2"},{"id":"run-1"}]"#,
    );
}

#[test]
fn sorted_arrays_leave_identities_out() {
    check(
        "[[rule]]\nname='run'\nmatch={key=['id']}\naction={identity='run-${n}'}\n[[rule]]\nname='s'\nmatch={path='$'}\naction='sort'",
        r#"[{"id":"x","a":2},{"id":"y","a":1},10,9]"#,
        r#"[9,10,{"id":"run-1","a":1},{"id":"run-2","a":2}]"#,
    );
}
