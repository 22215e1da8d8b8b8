//! What an array is sorted by, and slices of arrays.

use super::{Format, Framing, Plan, Settings, another, plan, rule, run};
use crate::normalize::{Scrub, draft};

/// One document in, one out; and twice changes nothing.
#[track_caller]
fn check(table: &str, input: &str, expected: &str) {
    let sorting = plan(table);
    let once = run(&sorting, Framing::Json, input);
    let nothing = plan("timing-suffixes = []\nwall-clock-fields = []");
    assert_eq!(once, run(&nothing, Framing::Json, expected));
    assert_eq!(
        run(&sorting, Framing::Json, &once),
        once,
        "normalised twice"
    );
}

const BY_PLACE: &str = "{ sort = { by = ['$.file', '$.line'] } }";

#[test]
fn keys_decide_in_their_order_and_numbers_by_value() {
    check(
        &rule("path = '$'", BY_PLACE),
        r#"[{"line":10,"file":"b"},{"line":9,"file":"b"},{"file":"a","line":70}]"#,
        r#"[{"file":"a","line":70},{"line":9,"file":"b"},{"line":10,"file":"b"}]"#,
    );
}

#[test]
fn a_key_may_lie_deeper_and_name_the_element_itself() {
    check(
        &rule(
            "path = '$'",
            "{ sort = { by = [\"$.at['the line'][1]\"] } }",
        ),
        r#"[{"at":{"the line":[0,3]},"x":[{"at":1}]},{"at":{"x":"}","the line":["]\"",2]}},{"at":{"the line":[7]}}]"#,
        r#"[{"at":{"the line":[7]}},{"at":{"x":"}","the line":["]\"",2]}},{"at":{"the line":[0,3]},"x":[{"at":1}]}]"#,
    );
    check(
        &rule("path = '$'", "{ sort = { by = ['$'] } }"),
        "[10,9,\"a\"]",
        "[9,10,\"a\"]",
    );
}

#[test]
fn what_is_missing_comes_first_then_numbers_then_strings_then_the_rest() {
    check(
        &rule("path = '$'", "{ sort = { by = ['$.k'] } }"),
        r#"[{"k":{}},{"k":"a b"},{"k":"a"},{"k":null},{"k":[1]},{"k":-2.5},{"k":"10"},{"k":9},{"k":false},3,{"a":1}]"#,
        r#"[3,{"a":1},{"k":-2.5},{"k":9},{"k":"10"},{"k":"a"},{"k":"a b"},{"k":[1]},{"k":false},{"k":null},{"k":{}}]"#,
    );
}

#[test]
fn what_a_string_says_counts_and_not_how_it_is_escaped() {
    check(
        &rule("path = '$'", "{ sort = { by = ['$.k'] } }"),
        r#"[{"k":"\u0062"},{"k":"c"},{"k":"a"},{"\u006b":"aa"}]"#,
        r#"[{"k":"a"},{"\u006b":"aa"},{"k":"\u0062"},{"k":"c"}]"#,
    );
}

#[test]
fn elements_of_one_key_are_in_the_order_of_their_text() {
    let table = rule("path = '$'", "{ sort = { by = ['$.k'] } }");
    let sorted = r#"[{"k":1,"v":"a"},{"k":1,"v":"b"},{"k":2,"v":"a"}]"#;
    for input in [
        r#"[{"k":1,"v":"b"},{"k":2,"v":"a"},{"k":1,"v":"a"}]"#,
        r#"[{"k":2,"v":"a"},{"k":1,"v":"a"},{"k":1,"v":"b"}]"#,
    ] {
        check(&table, input, sorted);
    }
}

#[test]
fn keys_are_as_they_will_be_written_and_identities_are_left_out() {
    let ids = rule("key = ['id']", "{ identity = 'run-${n}' }")
        + &another("key = ['t']", "'zero'").replace("'s'", "'z'");
    let table = ids + &another("path = '$'", "{ sort = { by = ['$.t', '$.id', '$.a'] } }");
    check(
        &table,
        r#"[{"id":"x}\"","t":1,"a":2},{"id":"y","t":2,"a":1}]"#,
        r#"[{"id":"run-1","t":0,"a":1},{"id":"run-2","t":0,"a":2}]"#,
    );
    let plan = plan(&table);
    let input = br#"[{"id":"x","a":1},{"id":"y","a":1}]"#;
    let draft = draft(&plan, &Scrub::default(), Framing::Json, input).unwrap();
    let found: Vec<_> = draft.ambiguities().iter().map(|one| one.ties).collect();
    assert_eq!(found, [1]);
}

#[test]
fn a_slice_is_sorted_and_the_rest_stays() {
    for (path, expected) in [
        ("$.a[1:]", r#"{"a":[9,1,2,3,4]}"#),
        ("$.a[:-2]", r#"{"a":[2,4,9,3,1]}"#),
        ("$.a[-3:-1]", r#"{"a":[9,4,2,3,1]}"#),
        ("$.a[::2]", r#"{"a":[1,4,2,3,9]}"#),
        ("$.a[7:]", r#"{"a":[9,4,2,3,1]}"#),
        ("$.a[-9:2]", r#"{"a":[4,9,2,3,1]}"#),
        ("$..[3:]", r#"{"a":[9,4,2,1,3]}"#),
        ("$['a'][:]", r#"{"a":[1,2,3,4,9]}"#),
    ] {
        check(
            &rule(&format!("path = \"{path}\""), "'sort'"),
            r#"{"a":[9,4,2,3,1]}"#,
            expected,
        );
    }
}

#[test]
fn a_slice_names_the_array_and_not_what_is_in_it() {
    check(
        &rule("path = '$.a[1:]'", "'sort'"),
        r#"{"a":[[3,2],[2,1],[1,0]]}"#,
        r#"{"a":[[3,2],[1,0],[2,1]]}"#,
    );
    check(
        &rule("path = '$.a[1:][:]'", "'sort'"),
        r#"{"a":[[3,2],[2,1],[1,0]]}"#,
        r#"{"a":[[3,2],[1,2],[0,1]]}"#,
    );
}

#[test]
fn rules_share_an_array_and_the_first_one_has_each_element() {
    let table = rule("path = '$[:3]'", "'sort'") + &another("path = '$[1:]'", "'sort'");
    check(&table, "[3,2,1,9,8,7]", "[1,2,3,7,8,9]");
}

#[test]
fn what_is_left_out_does_not_count_in_a_slice() {
    let table =
        rule("path = '$[*]', type = 'boolean'", "'remove'") + &another("path = '$[:2]'", "'sort'");
    check(&table, "[true,3,2,false,1]", "[2,3,1]");
}

#[test]
fn lines_are_sorted_by_keys_and_a_header_stays() {
    let table = rule("path = '$[1:-1]'", "{ sort = { by = ['$.n'] } }");
    let plan = plan(&table);
    let text = "{\"v\":1}\n{\"n\":10}\n{\"n\":9}\n{\"end\":1}\n";
    let once = run(&plan, Framing::Ndjson, text);
    assert_eq!(once, "{\"v\":1}\n{\"n\":9}\n{\"n\":10}\n{\"end\":1}\n");
    assert_eq!(run(&plan, Framing::Ndjson, &once), once);
}

#[test]
fn the_array_is_named_as_the_rule_names_it() {
    let masked = |path: &str, framing, text: &str| {
        let plan = plan(&rule(&format!("path = '{path}'"), "'sort'"));
        let draft = draft(&plan, &Scrub::default(), framing, text.as_bytes()).unwrap();
        draft.masked()["r"].clone()
    };
    assert_eq!(masked("$", Framing::Ndjson, "{}\n[2,1]\n"), ["$"]);
    assert_eq!(masked("$[1:]", Framing::Ndjson, "{}\n[2,1]\n"), ["$[1:]"]);
    assert_eq!(
        masked("$[ : -1 : 2 ]", Framing::Ndjson, "1\n"),
        ["$[:-1:2]"]
    );
    assert_eq!(
        masked("$[*][1:]", Framing::Ndjson, "{}\n[2,1]\n"),
        ["$[*][1:]"]
    );
    assert_eq!(masked("$.a[1:]", Framing::Json, "{\"a\":[]}"), ["$.a[1:]"]);
    let either = masked("$..[1:]", Framing::Ndjson, "[2,1]\n[3]\n");
    assert_eq!(either, ["$[*][1:]", "$[1:]"]);
}

#[test]
fn an_order_that_nobody_can_tell_is_reported_at_the_array() {
    let table =
        rule("key = ['id']", "{ identity = 'x-${n}' }") + &another("path = '$[1:]'", "'sort'");
    let text = b"{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n";
    let draft = draft(&plan(&table), &Scrub::default(), Framing::Ndjson, text).unwrap();
    let found: Vec<_> = draft
        .ambiguities()
        .iter()
        .map(|one| &*one.location)
        .collect();
    assert_eq!(found, ["$[1:]"]);
}

#[test]
fn what_cannot_be_sorted_by_is_refused() {
    let refused = |matcher: &str, action: &str| {
        let settings: Settings = toml::from_str(&rule(matcher, action)).unwrap();
        match Plan::compile(&settings, &Format::default()) {
            Ok(_) => panic!("{matcher} {action} was accepted"),
            Err(errors) => errors[0].to_string(),
        }
    };
    for (matcher, action, words) in [
        ("path = '$'", "{ sort = { by = [] } }", "sorts by nothing"),
        (
            "path = '$'",
            "{ sort = { by = ['line'] } }",
            "begin with `$`",
        ),
        (
            "path = '$'",
            "{ sort = { by = ['$.a[*]'] } }",
            "more than one",
        ),
        (
            "path = '$'",
            "{ sort = { by = ['$..a'] } }",
            "more than one",
        ),
        (
            "path = '$'",
            "{ sort = { by = ['$.a[1:]'] } }",
            "more than one",
        ),
        (
            "path = '$'",
            "{ sort = { by = ['$.a[-1]'] } }",
            "from the end",
        ),
        ("path = '$[-1:].a'", "'sort'", "from the end"),
        ("path = '$[-1:].a'", "'zero'", "from the end"),
        ("path = '$[1:-1]'", "'zero'", "from the end"),
        ("path = '$[-1]'", "'sort'", "from the end"),
        ("path = '$[0,2:]'", "'sort'", "one slice"),
        ("path = '$[1:2,3:]'", "'sort'", "one slice"),
        ("path = '$[::-1]'", "'sort'", "step"),
        ("path = '$[::-1]'", "'zero'", "step"),
    ] {
        let message = refused(matcher, action);
        assert!(message.contains(words), "{matcher} {action}: {message}");
    }
}

#[test]
fn an_action_that_is_written_wrongly_says_how() {
    for (action, words) in [
        ("{ sort = {} }", "missing field `by`"),
        (
            "{ sort = { by = ['$'], reverse = true } }",
            "unknown field `reverse`",
        ),
        ("{ sort = ['$'] }", "{ sort = { by ="),
        ("'round'", "{ round = 3 }"),
        ("{ zero = true }", "\"zero\""),
        ("{ round = 1, constant = 2 }", "one"),
        ("{}", "an action"),
        ("'sorted'", "unknown variant `sorted`"),
        ("3", "an action"),
    ] {
        let error = toml::from_str::<Settings>(&rule("path = '$'", action)).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(words), "{action}: {error}");
    }
}
