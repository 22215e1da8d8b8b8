//! NDJSON as one array: its paths, and the order of its lines.

use super::{Framing, plan, rule, run};
use crate::normalize::{Accepts, Plan};
use serde_json::json;
use std::sync::Arc;

#[track_caller]
fn check(table: &str, input: &str, expected: &str) {
    let plan = plan(table);
    let once = run(&plan, Framing::Ndjson, input);
    assert_eq!(once, expected);
    assert_eq!(run(&plan, Framing::Ndjson, &once), once, "normalised twice");
}

const THREE: &str = "{\"e\":3,\"id\":\"b\"}\n{\"e\":1,\"id\":\"a\"}\n{\"e\":2,\"id\":\"b\"}\n";

#[test]
fn a_path_begins_with_the_line() {
    let first = rule("path = '$[0].e'", "'zero'");
    check(&first, "{\"e\":3}\n{\"e\":1}\n", "{\"e\":0}\n{\"e\":1}\n");
    let all = rule("path = '$[*].e'", "'zero'");
    check(&all, "{\"e\":3}\n{\"e\":1}\n", "{\"e\":0}\n{\"e\":0}\n");
    let line = rule("path = '$.e'", "'zero'");
    check(&line, "{\"e\":3}\n", "{\"e\":3}\n");
}

#[test]
fn lines_are_sorted_where_a_rule_names_the_array() {
    check(
        &rule("path = '$'", "'sort'"),
        THREE,
        "{\"e\":1,\"id\":\"a\"}\n{\"e\":2,\"id\":\"b\"}\n{\"e\":3,\"id\":\"b\"}\n",
    );
}

#[test]
fn each_line_has_the_annotations_of_its_own_schema() {
    let schema = |word: &str| json!({"properties": {"v": {"x-stillframe": word}}});
    let accepts: Accepts = Arc::new(|_, _| true);
    let plan = Plan::default()
        .with_annotations("a", &schema("duration"), &accepts)
        .and_then(|plan| plan.with_annotations("b", &schema("constant"), &accepts))
        .unwrap()
        .for_lines([Some("a"), None, Some("b")]);
    let text = "{\"v\":\"1s\"}\n{\"v\":\"1s\"}\n{\"v\":\"1s\"}\n";
    let expected = "{\"v\":\"0s\"}\n{\"v\":\"1s\"}\n{\"v\":\"\"}\n";
    assert_eq!(run(&plan, Framing::Ndjson, text), expected);
}
