//! Identities: numbering, forms, sorting around them, several documents.

use super::*;

const RUN: &str = "{ identity = 'run-${n}' }";

#[track_caller]
fn check_id(matcher: &str, input: &str, expected: &str) {
    check(&rule(matcher, RUN), input, expected);
}

#[test]
fn equal_stays_equal_and_distinct_stays_distinct() {
    check_id(
        "key = ['id', 'ref']",
        r#"[{"id":"x","ref":"y"},{"id":"y"},{"ref":"x","id":"\u0079"}]"#,
        r#"[{"id":"run-1","ref":"run-2"},{"id":"run-2"},{"ref":"run-1","id":"run-2"}]"#,
    );
}

#[test]
fn a_placeholder_keeps_its_number() {
    check_id(
        "key = ['id']",
        r#"[{"id":"new"},{"id":"run-1"},{"id":"run-007"}]"#,
        r#"[{"id":"run-2"},{"id":"run-1"},{"id":"run-3"}]"#,
    );
}

#[test]
fn names_are_numbered_with_values() {
    check_id(
        "pattern = '^r[0-9]+$'",
        r#"{"first":"r77","runs":{"r12":{"id":"r12"},"r77":{"x_ms":4}}}"#,
        r#"{"first":"run-1","runs":{"run-2":{"id":"run-2"},"run-1":{"x_ms":0}}}"#,
    );
    check_id(
        "path = '$.runs.*', type = 'name'",
        r#"{"runs":{"a":"a","b":1}}"#,
        r#"{"runs":{"run-1":"a","run-2":1}}"#,
    );
}

#[test]
fn numbers_are_numbered_as_numbers() {
    check_id(
        "key = ['pid']",
        r#"[{"pid":4711},{"pid":12},{"pid":4711},{"pid":1.5},{"pid":null},{"pid":true}]"#,
        r#"[{"pid":1},{"pid":2},{"pid":1},{"pid":3.0},{"pid":null},{"pid":true}]"#,
    );
}

#[test]
fn times_are_never_numbered() {
    check_id(
        "key = ['id']",
        r#"[{"id":"2026-11-20T11:30:00Z"},{"id":"2026-11-20"},{"id":"PT1S"}]"#,
        r#"[{"id":"2000-01-01T00:00:00Z"},{"id":"2000-01-01"},{"id":"PT0S"}]"#,
    );
}

#[test]
fn the_first_occurrence_chooses_the_form() {
    let two =
        rule("key = ['run']", RUN) + &another("key = ['job']", "{ identity = 'job-${n:03}' }");
    check(
        &two,
        r#"[{"job":"a"},{"run":"b"},{"run":"a"},{"job":"b"},{"job":"c"}]"#,
        r#"[{"job":"job-001"},{"run":"run-1"},{"run":"job-001"},{"job":"run-1"},{"job":"job-002"}]"#,
    );
}

#[test]
fn forms_that_meet_do_not_collide() {
    let two = rule("key = ['a']", "{ identity = 'x${n}' }")
        + &another("key = ['b']", "{ identity = 'x1${n}' }");
    let values: Vec<String> = (0..12)
        .map(|at| format!(r#"{{"a":"r{at}","b":"s{at}"}}"#))
        .collect();
    let out = run(
        &plan(&two),
        Framing::Ndjson,
        &format!("[{}]", values.join(",")),
    );
    let mut seen: Vec<&str> = out
        .split('"')
        .filter(|text| text.starts_with('x'))
        .collect();
    assert_eq!(seen.len(), 24);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 24);
}

#[test]
fn sorting_leaves_identities_out_and_numbers_follow_the_new_order() {
    let table = rule("key = ['id']", RUN) + &another("path = '$'", "'sort'");
    check(
        &table,
        r#"[{"id":"x","a":2},{"id":"y","a":1}]"#,
        r#"[{"id":"run-1","a":1},{"id":"run-2","a":2}]"#,
    );
    let input = br#"[{"id":"x","a":1},{"id":"y","a":1},{"id":"y","a":1},{"id":"z","a":0}]"#;
    let draft = draft(&plan(&table), &Scrub::default(), Framing::Json, input).unwrap();
    let found: Vec<_> = draft
        .ambiguities()
        .iter()
        .map(|found| (found.location.as_str(), found.ties))
        .collect();
    assert_eq!(found, [("$", 1)]);
}

#[test]
fn one_namespace_spans_all_documents_of_a_poc() {
    let plan = plan(&rule("key = ['id']", RUN));
    let drafts: Vec<Draft> = [
        r#"{"id":"b"}"#,
        r#"{"id":"a"}"#,
        r#"{"id":"b","x":{"id":"run-1"}}"#,
    ]
    .iter()
    .map(|text| draft(&plan, &Scrub::default(), Framing::Ndjson, text.as_bytes()).unwrap())
    .collect();
    let mut identities = Identities::new();
    drafts.iter().for_each(|draft| identities.reserve(draft));
    let texts: Vec<String> = drafts
        .iter()
        .map(|draft| String::from_utf8(identities.number(draft)).unwrap())
        .collect();
    assert_eq!(
        texts.concat(),
        "{\"id\":\"run-2\"}\n{\"id\":\"run-3\"}\n{\"id\":\"run-2\",\"x\":{\"id\":\"run-1\"}}\n"
    );
}

#[test]
fn the_filter_spools_what_waits_for_its_number() {
    let plan = plan(&rule("key = ['id']", RUN));
    let (id, pad) = ("y".repeat(300_000), "x".repeat(1000));
    let line = format!("{{\"id\":\"{id}\",\"pad\":\"{pad}\"}}\n");
    let input = format!(
        "{}{{\"id\":\"run-1\"}}\n{line}{{\"id\":\"z\"}}\n",
        line.repeat(3)
    );
    let (mut out, mut changes) = (Vec::new(), Vec::new());
    let mut keep = |change: Change| changes.push((change.document, change.location, change.after));
    let spool = || Ok(Cursor::new(Vec::new()));
    let (scrub, reader) = (Scrub::default(), &mut input.as_bytes());
    let report = filter(
        &plan,
        &scrub,
        Framing::Ndjson,
        reader,
        &mut out,
        spool,
        Some(&mut keep),
    )
    .unwrap();
    assert_eq!((report.documents, report.hits[3]), (6, 6));
    let out = String::from_utf8(out).unwrap();
    let ids: Vec<&str> = out
        .lines()
        .filter_map(|line| line.split('"').nth(3))
        .collect();
    assert_eq!(ids, ["run-2", "run-2", "run-2", "run-1", "run-2", "run-3"]);
    assert_eq!(changes.len(), 5);
    assert_eq!(
        changes[4],
        (5, "$[5].id".to_owned(), "\"run-3\"".to_owned())
    );
}

#[test]
fn explanations_name_place_rule_and_both_tokens() {
    let plan = plan(&(rule("key = ['id']", RUN) + &another("key = ['gone']", "'remove'")));
    let input =
        br#"{"a":[{"took_ms":12,"x_ms":0}],"gone":{"x":1},"id":"q","b c":{"updated_at":"2026-11-20"}}"#;
    let draft = explain(&plan, &Scrub::default(), Framing::Json, input).unwrap();
    let mut identities = Identities::new();
    identities.reserve(&draft);
    let mut changes = draft.changes().to_vec();
    identities.number_explained(&draft, &mut |change| changes.push(change));
    let lines: Vec<String> = changes
        .iter()
        .map(|change| {
            let rule = &plan.rules()[change.rule.0].name;
            format!(
                "{} {} → {} {rule}",
                change.location, change.before, change.after
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "$.a[0].took_ms 12 → 0 timing-suffixes",
            "$.gone {…} →  s",
            "$['b c'].updated_at \"2026-11-20\" → \"2000-01-01\" wall-clock-fields",
            "$.id \"q\" → \"run-1\" r",
        ]
    );
    assert_eq!(draft.hits(), [2, 1, 0, 1, 1]);
}
