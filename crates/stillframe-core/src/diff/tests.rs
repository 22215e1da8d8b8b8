//! Claims about differences and their summary lines.

use serde_json::{Value, json};

use crate::json::Framing;

use super::{Path, diff, summarize, summarize_texts};

fn lines(old: &Value, new: &Value) -> Vec<String> {
    summarize(&diff(old, new))
}

fn check(old: &Value, new: &Value, expected: &[&str]) {
    assert_eq!(lines(old, new), expected, "{old} against {new}");
}

#[test]
fn a_document_does_not_differ_from_itself() {
    let document = json!({"a": [1, {"b": null}], "c": "d"});
    check(&document, &document, &[]);
}

#[test]
fn a_changed_value_is_shown_with_its_place_and_both_values() {
    let old = json!({"tables": [{"rows": 24}]});
    let new = json!({"tables": [{"rows": 25}]});
    check(&old, &new, &["$.tables[0].rows: 24 → 25"]);
}

#[test]
fn added_and_removed_members_are_named() {
    check(
        &json!({"gone": true, "kept": 1}),
        &json!({"kept": 1, "odd key": "x"}),
        &["$.gone removed: true", "$['odd key'] added: \"x\""],
    );
}

#[test]
fn the_same_addition_in_several_elements_is_one_line() {
    let old = json!({"checks": [{"n": 1}, {"n": 2}, {"n": 3}]});
    let new =
        json!({"checks": [{"n": 1, "hint": "a"}, {"n": 2, "hint": "b"}, {"n": 3, "hint": "c"}]});
    check(&old, &new, &["$.checks[*].hint added (3 places)"]);
}

#[test]
fn the_same_change_in_several_elements_is_one_line() {
    let old = json!([{"v": 1, "k": 1}, {"v": 1, "k": 2}]);
    let new = json!([{"v": 2, "k": 1}, {"v": 2, "k": 2}]);
    check(&old, &new, &["$[*].v: 1 → 2 (2 places)"]);
}

#[test]
fn many_different_changes_of_one_place_are_one_line() {
    let old = json!([{"v": 1}, {"v": 2}, {"v": 3}, {"v": 4}]);
    let new = json!([{"v": 5}, {"v": 6}, {"v": 7}, {"v": 8}]);
    check(
        &old,
        &new,
        &["$[*].v changed (4 places), first $[0].v: 1 → 5"],
    );
}

#[test]
fn a_few_different_changes_of_one_place_begin_with_the_path_of_all() {
    let lines = summarize_texts(
        Framing::Ndjson,
        "{\"id\":1}\n{\"id\":2}\n",
        "{\"id\":3}\n{\"id\":4}\n",
    );
    assert_eq!(
        lines,
        [
            "$[*].id changed (2 places)",
            "$[0].id: 1 → 3",
            "$[1].id: 2 → 4"
        ]
    );
}

#[test]
fn an_inserted_element_is_one_addition() {
    check(&json!([1, 2, 3]), &json!([1, 9, 2, 3]), &["$[1] added: 9"]);
    check(&json!([1, 2, 3]), &json!([2, 3]), &["$[0] removed: 1"]);
}

#[test]
fn an_inserted_element_beside_a_changed_one_is_not_a_cascade() {
    let old = json!([{"name": "a", "rows": 1}, {"name": "b", "rows": 2}]);
    let new = json!([{"name": "z", "rows": 7}, {"name": "a", "rows": 1}, {"name": "b", "rows": 3}]);
    check(
        &old,
        &new,
        &[
            "$[0] added: {\"name\":\"z\",\"rows\":7}",
            "$[2].rows: 2 → 3",
        ],
    );
}

#[test]
fn an_element_is_recognised_by_its_name_when_everything_moved() {
    let old = json!([{"name": "b", "rows": 2}]);
    let new = json!([{"name": "a", "rows": 1}, {"name": "b", "rows": 3}]);
    check(
        &old,
        &new,
        &[
            "$[0] added: {\"name\":\"a\",\"rows\":1}",
            "$[1].rows: 2 → 3",
        ],
    );
}

#[test]
fn another_order_is_said_once() {
    check(
        &json!({"list": ["a", "b", "c"]}),
        &json!({"list": ["c", "a", "b"]}),
        &["$.list has the same elements in another order"],
    );
}

#[test]
fn another_type_is_a_change() {
    check(
        &json!({"a": {"b": 1}}),
        &json!({"a": null}),
        &["$.a: {\"b\":1} → null"],
    );
}

#[test]
fn a_long_value_is_cut_and_two_long_ones_show_where_they_part() {
    let long = "x".repeat(500);
    let found = lines(&json!({"a": 1}), &json!({"a": long}));
    assert!(found[0].chars().count() < 80, "{found:?}");
    let found = lines(&json!(format!("{long}1")), &json!(format!("{long}2")));
    assert!(
        found[0].contains("xxx1\" → …\"") && found[0].ends_with("xxx2\""),
        "{found:?}"
    );
}

#[test]
fn a_huge_array_is_compared_in_order() {
    let old: Vec<u32> = (0..5000).collect();
    let new: Vec<u32> = (10_000..15_000).collect();
    let found = lines(&json!(old), &json!(new));
    assert_eq!(found, ["$[*] changed (5000 places), first $[0]: 0 → 10000"]);
}

#[test]
fn a_number_spelt_otherwise_is_noticed() {
    let found = summarize_texts(
        Framing::Json,
        "{\n  \"a\": 1.0\n}\n",
        "{\n  \"a\": 1.00\n}\n",
    );
    assert_eq!(
        found,
        [
            "the same values, but layout, key order or number spelling differ: line 2: \"a\": 1.0 → \"a\": 1.00"
        ]
    );
}

#[test]
fn numbers_beyond_64_bits_are_noticed() {
    let found = summarize_texts(
        Framing::Json,
        "[18446744073709551617]\n",
        "[18446744073709551618]\n",
    );
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("18446744073709551618"), "{found:?}");
}

#[test]
fn a_lost_final_newline_is_noticed() {
    assert_eq!(
        summarize_texts(Framing::Json, "{}\n", "{}"),
        ["only the line ends or the end of the file differ"]
    );
    assert_eq!(
        summarize_texts(Framing::Json, "{}\n", "{}\n"),
        Vec::<String>::new()
    );
}

#[test]
fn lines_of_ndjson_are_elements() {
    let found = summarize_texts(
        Framing::Ndjson,
        "{\"a\":1}\n{\"a\":2}\n",
        "{\"a\":1}\n{\"a\":3}\n",
    );
    assert_eq!(found, ["$[1].a: 2 → 3"]);
    let found = summarize_texts(Framing::Ndjson, "{\"a\":1}\n", "{\"a\":1}\n{\"a\":3}\n");
    assert_eq!(found, ["$[1] added: {\"a\":3}"]);
    let found = summarize_texts(Framing::Ndjson, "{\"a\":1}\n", "{\"a\":2}\n");
    assert_eq!(found, ["$[0].a: 1 → 2"]);
    let found = summarize_texts(Framing::Ndjson, "{\"a\":1}\n", "");
    assert_eq!(found, ["$[0] removed: {\"a\":1}"]);
}

#[test]
fn text_that_is_not_json_is_said() {
    assert_eq!(
        summarize_texts(Framing::Json, "{}", "{"),
        ["the new text is not JSON"]
    );
}

#[test]
fn a_pointer_becomes_a_path_of_the_document() {
    let document = json!({"a": [{"0": 1, "x y": {"it's": 2}}]});
    for (pointer, path) in [
        ("", "$"),
        ("/a/0/0", "$.a[0]['0']"),
        ("/a/0/x y/it's", "$.a[0]['x y']['it\\'s']"),
    ] {
        assert_eq!(Path::from_pointer(pointer, &document).to_string(), path);
    }
}

#[test]
fn numbers_that_a_double_does_not_tell_apart_differ_as_printed() {
    for (old, new, expected) in [
        (
            "{\"n\": 12345678901234567890123}\n",
            "{\"n\": 12345678901234567890124}\n",
            "$.n: 12345678901234567890123 → 12345678901234567890124",
        ),
        (
            "{\n\"n\": [1e400]\n}",
            "{\n\"n\": [1e401]\n}",
            "$.n[0]: 1e400 → 1e401",
        ),
        (
            "0.1",
            "0.1000000000000000055511151231257827",
            "$: 0.1 → 0.1000000000000000055511151231257827",
        ),
        ("[1e-400,2]", "[2]", "$[0] removed: 1e-400"),
        (
            "[18446744073709551616,18446744073709551617]",
            "[18446744073709551617,18446744073709551616]",
            "$ has the same elements in another order",
        ),
    ] {
        assert_eq!(summarize_texts(Framing::Json, old, new), [expected]);
    }
    let lines = summarize_texts(
        Framing::Ndjson,
        "{\"id\":18446744073709551616}\n{\"id\":18446744073709551617}\n",
        "{\"id\":18446744073709551617}\n",
    );
    assert_eq!(lines, ["$[0] removed: {\"id\":18446744073709551616}"]);
    let spelled = summarize_texts(Framing::Json, "{\"n\": 1e400}\n", "{\"n\": 10e399}\n");
    assert!(
        spelled[0].starts_with("the same values, but "),
        "{spelled:?}"
    );
}

#[test]
fn what_was_removed_is_named_however_much_else_changed() {
    let element = |id: usize, value: usize| json!({"id": id, "value": value});
    let list = |ids: std::ops::Range<usize>, value: usize| -> Value {
        ids.map(|id| element(id, value)).collect()
    };
    // Every element that stayed changed too.
    check(
        &list(0..400, 1),
        &list(1..400, 2),
        &[
            "$[0] removed: {\"id\":0,\"value\":1}",
            "$[*].value: 1 → 2 (399 places)",
        ],
    );
    // As many as before, and none of them the one in its place.
    check(
        &list(0..3, 1),
        &list(1..4, 2),
        &[
            "$[0] removed: {\"id\":0,\"value\":1}",
            "$[*].value: 1 → 2 (2 places)",
            "$[2] added: {\"id\":3,\"value\":2}",
        ],
    );
}

#[test]
fn of_a_large_array_what_was_removed_is_named() {
    let mut old: Vec<Value> = (0..5_000).map(Value::from).collect();
    let mut new = old.clone();
    new.remove(0);
    *new.last_mut().unwrap() = "last".into();
    new.insert(2_500, "middle".into());
    check(
        &json!(old),
        &json!(new),
        &[
            "$[0] removed: 0",
            "$[2500] added: \"middle\"",
            "$[4999]: 4999 → \"last\"",
        ],
    );
    // Nothing in common, and not as many: nobody can say which of them is gone.
    old.pop();
    let others: Vec<Value> = (10_000..14_000).map(Value::from).collect();
    let lines = lines(&json!(old), &json!(others));
    assert_eq!(
        lines,
        [
            "$: 4999 elements → 4000, too many of which differ to tell them apart; first $[0]: 0 → 10000"
        ]
    );
}
