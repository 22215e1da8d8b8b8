//! What is listed of a run besides its text: where rules applied, and what kept one away.

use super::{Framing, Scrub, plan, rule};
use crate::normalize::{Draft, draft};

fn drafted(table: &str, paths: &Scrub, framing: Framing, input: &str) -> Draft {
    draft(&plan(table), paths, framing, input.as_bytes()).unwrap()
}

/// `rule: places` of each rule that applied.
fn masked(table: &str, input: &str) -> Vec<String> {
    let paths = Scrub::new([("/tmp/sf/poc", "/stillframe/poc")]);
    let listed = drafted(table, &paths, Framing::Json, input).masked();
    let line = |(rule, places): (String, Vec<String>)| format!("{rule}: {}", places.join(" "));
    listed.into_iter().map(line).collect()
}

#[test]
fn places_are_listed_whether_or_not_the_value_changes() {
    let table = rule("key = ['id']", "{ identity = 'id-${n}' }");
    for elapsed in ["0", "17"] {
        let input = format!(
            r#"{{"elapsed_ms": {elapsed}, "tables": [{{"id": "a", "updated_at": "2026-11-20"}}, {{"id": "id-1", "took_ms": 1}}]}}"#
        );
        assert_eq!(
            masked(&table, &input),
            [
                "r: $.tables[*].id",
                "timing-suffixes: $.elapsed_ms $.tables[*].took_ms",
                "wall-clock-fields: $.tables[*].updated_at",
            ]
        );
    }
}

#[test]
fn a_place_is_listed_only_where_the_rule_decides() {
    assert!(
        masked(
            "",
            r#"{"updated_at": "never", "x_ms": null, "data": {"y_ms": 1}}"#
        )
        .is_empty()
    );
}

#[test]
fn paths_are_listed_where_one_stood_also_in_names_and_payloads() {
    let input = r#"{"/tmp/sf/poc/a.txt": {"took_ms": 1}, "data": {"file": "/tmp/sf/poc/b.txt"}}"#;
    assert_eq!(
        masked("", input),
        [
            "machine-paths: $.*~ $.data.file",
            "timing-suffixes: $.*.took_ms"
        ]
    );
}

#[test]
fn a_list_of_lists_and_a_list_are_two_places() {
    let input =
        r#"{"a": [[{"x_ms": 1}], {"x_ms": 2}], "v": [{"w": {"x_ms": 3}}, {"w": [{"x_ms": 4}]}]}"#;
    let places = "$.a[*].x_ms $.a[*][*].x_ms $.v[*].w.x_ms $.v[*].w[*].x_ms";
    assert_eq!(masked("", input), [format!("timing-suffixes: {places}")]);
}

#[test]
fn lines_are_elements_of_one_array() {
    let listed = drafted(
        "",
        &Scrub::default(),
        Framing::Ndjson,
        "{\"x_ms\":1}\n{\"x_ms\":2}\n",
    );
    assert_eq!(listed.masked()["timing-suffixes"], ["$[*].x_ms"]);
}

#[test]
fn what_keeps_a_rule_away_is_named() {
    let table = rule("key = ['id']", "'zero'");
    let draft = drafted(
        &table,
        &Scrub::default(),
        Framing::Json,
        r#"{"data": [{"id": 1}]}"#,
    );
    let away: Vec<(usize, &str)> = draft
        .kept_away()
        .map(|(rule, entry)| (rule.0, entry))
        .collect();
    assert_eq!(away, [(3, "opaque: data")]);
}
