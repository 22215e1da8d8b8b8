//! Identities inside a longer text, and scrubs that write groups: what is numbered, what stays, and what is refused.

use super::*;

const RUN: &str = "{ identity = 'run-${n}' }";
const HEX: &str = "pattern = '[0-9a-f]{8}'";

/// Why a line is refused.
#[track_caller]
fn refused(table: &str, input: &str) {
    let plan = plan(&in_a_line(table));
    let found = draft(&plan, &Scrub::default(), Framing::Ndjson, input.as_bytes());
    let message = found.expect_err(input).to_string();
    assert!(
        message.contains("the rule `r` would change what it wrote"),
        "{message}"
    );
}

#[test]
fn only_what_the_pattern_matched_is_numbered() {
    check(
        &rule(HEX, RUN),
        r#"{"url":"https://x.test/runs/4f3a2b1c?a=\"1\"","id":"4f3a2b1c","to":"0000beef/4f3a2b1c,0000beef"}"#,
        r#"{"url":"https://x.test/runs/run-1?a=\"1\"","id":"run-1","to":"run-2/run-1,run-2"}"#,
    );
}

#[test]
fn equal_ids_share_a_number_across_rules_names_and_forms() {
    let two = rule("key = ['id']", "{ identity = 'job-${n}' }")
        + &another("path = '$.*', pattern = '[0-9]{4,}'", RUN)
        + &another("type = 'name', pattern = '[0-9]{4,}'", RUN).replace("'s'", "'t'");
    check(
        &two,
        r#"{"m":"at /4711/","id":"4711","n":["4712"],"k 4711":{"id":"4713"},"z":"4713: 4711"}"#,
        r#"{"m":"at /run-1/","id":"run-1","n":["4712"],"k run-1":{"id":"job-1"},"z":"job-1: run-1"}"#,
    );
}

#[test]
fn a_placeholder_in_a_text_keeps_its_number() {
    check(
        &rule(HEX, RUN),
        r#"["0000beef","to/run-1/0000cafe","run-3"]"#,
        r#"["run-2","to/run-1/run-4","run-3"]"#,
    );
    // Its own number is a match as well.
    check(
        &rule("pattern = '[0-9]+'", RUN),
        r#"["a 17","a run-1 of 18"]"#,
        r#"["a run-2","a run-1 of run-3"]"#,
    );
    check(
        &rule(HEX, "{ identity = 'e${n}' }"),
        r#"["/abcdee12"]"#,
        r#"["/e1"]"#,
    );
}

#[test]
fn scrubs_and_identities_work_on_one_string() {
    let three = rule("pattern = 'see run-[0-9]+$'", "{ scrub = 'see it' }")
        + &another("pattern = 'took [0-9.]+s'", "{ scrub = 'took Ns' }")
        + &another(HEX, RUN).replace("'s'", "'t'");
    check(
        &three,
        r#"["0000beef took 1.5s","at 0000cafe","took 12s: see 0000beef"]"#,
        r#"["run-1 took Ns","at run-2","took Ns: see it"]"#,
    );
    let paths = Scrub::new([("/tmp/x9", "/stillframe/poc")]);
    let plan = plan(&rule(HEX, RUN));
    let draft = draft(
        &plan,
        &paths,
        Framing::Ndjson,
        br#"["/tmp/x9/0000beef.log"]"#,
    )
    .unwrap();
    let text = Identities::new().number(&draft);
    assert_eq!(text, b"[\"/stillframe/poc/run-1.log\"]\n");
}

#[test]
fn times_inside_a_text_are_not_numbered() {
    check(
        &rule(r"pattern = '20[0-9T:Z-]+'", RUN),
        r#"["at 2026-11-20T11:30:00Z","on 2026-11-20, 2077"]"#,
        r#"["at 2000-01-01T00:00:00Z","on 2000-01-01, run-1"]"#,
    );
}

#[test]
fn other_characters_are_escaped_as_the_layout_asks() {
    let ascii = Format {
        ascii: true,
        ..Format::default()
    };
    let plan = formatted(&rule(HEX, RUN), &ascii);
    let input = "[\"\u{e9}\\n/0000beef/\u{1f600}\"]";
    let expected = "[\"\\u00e9\\n/run-1/\\ud83d\\ude00\"]\n";
    assert_eq!(run(&plan, Framing::Ndjson, input), expected);
}

#[test]
fn names_that_become_equal_are_refused() {
    let two = rule("pattern = 'v[0-9]'", "{ scrub = 'v' }") + &another(HEX, RUN);
    let input = br#"{"v1 0000beef":1,"v2 0000beef":2}"#;
    let found = draft(&plan(&two), &Scrub::default(), Framing::Json, input);
    let message = found.unwrap_err().to_string();
    assert!(message.contains("both rewritten to"), "{message}");
    check(
        &two,
        r#"{"v1 0000beef":1,"v2 0000cafe":2}"#,
        r#"{"v run-1":1,"v run-2":2}"#,
    );
}

#[test]
fn sorting_leaves_parts_out_as_well() {
    let table = rule(HEX, RUN) + &another("path = '$'", "'sort'");
    check(
        &table,
        r#"["b/ffffffff","c","a/eeeeeeee"]"#,
        r#"["a/run-1","b/run-2","c"]"#,
    );
}

#[test]
fn explanations_name_the_part() {
    let table = rule(HEX, RUN) + &another("pattern = '[0-9]+ms'", "{ scrub = 'Nms' }");
    let plan = plan(&table);
    let input = br#"{"m":"/0000beef in 7ms"}"#;
    let draft = explain(&plan, &Scrub::default(), Framing::Json, input).unwrap();
    let mut changes = draft.changes().to_vec();
    Identities::new().number_explained(&draft, &mut |change| changes.push(change));
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
            r#"$.m "/0000beef in 7ms" → "/0000beef in Nms" s"#,
            r#"$.m "0000beef" → "run-1" r"#,
        ]
    );
}

#[test]
fn a_placeholder_that_another_digit_would_continue_is_refused() {
    refused(&rule(HEX, RUN), r#"["/0000beef12"]"#);
    check(
        &rule(HEX, "{ identity = 'run-${n}.' }"),
        r#"["/0000beef12"]"#,
        r#"["/run-1.12"]"#,
    );
}

#[test]
fn a_scrub_with_groups_is_applied_once() {
    check(
        &rule(
            r"pattern = '(?<host>\w+):\d+'",
            "{ scrub = '${host}:0 (${host})' }",
        ),
        r#"["on localhost:4711","localhost:0 (localhost), a:1 b:2"]"#,
        r#"["on localhost:0 (localhost)","localhost:0 (localhost), a:0 (a) b:0 (b)"]"#,
    );
    check(
        &rule(r"pattern = '(\w+)=\d+'", "{ scrub = '$1=$1=0' }"),
        r#"["a=5,bc=67"]"#,
        r#"["a=a=0,bc=bc=0"]"#,
    );
}

#[test]
fn a_scrub_that_cannot_settle_is_refused() {
    refused(
        &rule(r"pattern = '(\w+) (\w+)'", "{ scrub = '$2 $1' }"),
        r#"["b a"]"#,
    );
    refused(
        &rule(r"pattern = 'v(\d+)\.\d+'", "{ scrub = 'v$1' }"),
        r#"["v1.2.3"]"#,
    );
    refused(
        &rule(r"pattern = 'a(\d)'", "{ scrub = '${1}a9' }"),
        r#"["a1"]"#,
    );
    let two =
        rule("pattern = 'a'", "{ scrub = 'b' }") + &another("pattern = 'b'", "{ scrub = 'a' }");
    assert!(draft(&plan(&two), &Scrub::default(), Framing::Json, br#"["a"]"#).is_err());
}

#[test]
fn text_that_another_rule_completes_is_scrubbed_as_it_is_seen() {
    let paths = Scrub::new([("/tmp/x9", "/stillframe/poc")]);
    let plan = plan(&rule(
        "pattern = '/stillframe/poc/[0-9]+'",
        "{ scrub = '/stillframe/poc/N' }",
    ));
    let draft = draft(&plan, &paths, Framing::Ndjson, br#"["/tmp/x9/12"]"#).unwrap();
    assert_eq!(
        Identities::new().number(&draft),
        b"[\"/stillframe/poc/N\"]\n"
    );
}
