//! What becomes of a value: built-in lists, actions, selectors and their precedence.

use super::{another, check, rule};

#[test]
fn built_in_lists_apply_at_every_depth() {
    check(
        "",
        r#"{"a":[{"took_ms":12,"wait_seconds":1.5,"x_secs":-3e2,"updated_at":"2026-11-20T11:30:00.5Z"}]}"#,
        r#"{"a":[{"took_ms":0,"wait_seconds":0,"x_secs":0,"updated_at":"2000-01-01T00:00:00Z"}]}"#,
    );
    check(
        "",
        r#"{"started_at":"2026-11-20T11:30:00.5Z","finished_at":"2026-11-20T11:30:00.5Z","timestamp":"2026-11-20T11:30:00.5Z","captured_at":"2026-11-20T11:30:00.5Z","created_at":"x"}"#,
        r#"{"started_at":"2000-01-01T00:00:00Z","finished_at":"2000-01-01T00:00:00Z","timestamp":"2000-01-01T00:00:00Z","captured_at":"2000-01-01T00:00:00Z","created_at":"x"}"#,
    );
}

#[test]
fn timing_touches_numbers_and_the_clock_touches_strings() {
    let same = r#"{"took_ms":"12 ms","x_secs":null,"y_ms":true,"z_ms":[1],"timestamp":17,"updated_at":null}"#;
    check("", same, same);
}

#[test]
fn a_word_in_place_of_a_time_stays_and_a_local_time_stays_local() {
    check(
        "",
        r#"{"a":{"finished_at":""},"b":{"finished_at":"never"},"c":{"finished_at":"2026-11-26T20:12:39.364432"}}"#,
        r#"{"a":{"finished_at":""},"b":{"finished_at":"never"},"c":{"finished_at":"2000-01-01T00:00:00"}}"#,
    );
}

#[test]
fn a_date_stays_a_date() {
    check(
        "",
        r#"{"updated_at":"2026-11-20"}"#,
        r#"{"updated_at":"2000-01-01"}"#,
    );
}

#[test]
fn names_are_compared_decoded() {
    check("", r#"{"took_\u006ds":12}"#, r#"{"took_\u006ds":0}"#);
}

#[test]
fn what_is_preserved_or_opaque_is_not_touched() {
    let same =
        r#"{"last_value":{"x_ms":1,"updated_at":"2026-11-20T11:30:00Z"},"data":[{"x_ms":1}]}"#;
    check("", same, same);
    check(
        "preserve = ['$.a.x_ms', 'keep_ms']\nextend-opaque = ['$.b[*]']",
        r#"{"a":{"x_ms":1,"y_ms":2},"keep_ms":3,"b":[{"x_ms":4}],"last_value":{"x_ms":5},"data":{"x_ms":6}}"#,
        r#"{"a":{"x_ms":1,"y_ms":0},"keep_ms":3,"b":[{"x_ms":4}],"last_value":{"x_ms":0},"data":{"x_ms":6}}"#,
    );
}

#[test]
fn a_rule_with_a_path_reaches_into_a_payload_and_nothing_else_does() {
    let table = rule("path = '$.data.x_ms'", "{ constant = 7 }")
        + &rule("key = ['id']", "{ constant = 'x' }").replace("'r'", "'s'");
    check(
        &table,
        r#"{"data":{"x_ms":1,"y_ms":2,"id":"a"},"id":"b"}"#,
        r#"{"data":{"x_ms":7,"y_ms":2,"id":"a"},"id":"x"}"#,
    );
    let same = r#"{"last_value":{"x_ms":1}}"#;
    check(&rule("path = '$.last_value.x_ms'", "'zero'"), same, same);
}

#[test]
fn lists_replace_and_extend() {
    check(
        "timing-suffixes = ['_us']\nextend-timing-suffixes = ['_ns']\nextend-wall-clock-fields = ['seen']\ntimestamp = '1999-12-31T00:00:00Z'",
        r#"{"a_us":1,"a_ns":1,"a_ms":1,"seen":"2026-11-20T11:30:00Z","timestamp":"2026-11-20T11:30:00Z"}"#,
        r#"{"a_us":0,"a_ns":0,"a_ms":1,"seen":"1999-12-31T00:00:00Z","timestamp":"1999-12-31T00:00:00Z"}"#,
    );
}

#[test]
fn zero_and_zero_typed_are_for_numbers() {
    let input = r#"{"v":[12,1.5,-1e3,"x",true,null,{"a":1}]}"#;
    check(
        &rule("path = '$.v[*]'", "'zero'"),
        input,
        r#"{"v":[0,0,0,"x",true,null,{"a":1}]}"#,
    );
    check(
        &rule("path = '$.v[*]'", "'zero-typed'"),
        input,
        r#"{"v":[0,0.0,0.0,"x",true,null,{"a":1}]}"#,
    );
    check(
        &rule("path = '$.v[*]', type = 'integer'", "'zero'"),
        input,
        r#"{"v":[0,1.5,-1e3,"x",true,null,{"a":1}]}"#,
    );
}

#[test]
fn a_constant_replaces_anything_but_null() {
    check(
        &rule("key = ['v']", "{ constant = 'x' }"),
        r#"[{"v":1},{"v":"a"},{"v":{"a":[1]}},{"v":[]},{"v":null},{"w":1}]"#,
        r#"[{"v":"x"},{"v":"x"},{"v":"x"},{"v":"x"},{"v":null},{"w":1}]"#,
    );
    check(
        &rule("key = ['v'], type = 'null'", "{ constant = 0 }"),
        r#"{"v":null}"#,
        r#"{"v":0}"#,
    );
    check(
        &rule("key = ['v']", "{ constant = { a = [1, {}], b = [] } }"),
        r#"{"v":1,"w":2}"#,
        r#"{"v":{"a":[1,{}],"b":[]},"w":2}"#,
    );
}

#[test]
fn remove_leaves_no_comma_behind() {
    let remove = rule("key = ['v']", "'remove'");
    check(&remove, r#"{"v":1}"#, "{}");
    check(&remove, r#"{"v":1,"a":2,"b":3}"#, r#"{"a":2,"b":3}"#);
    check(
        &remove,
        r#"{"a":2,"v":{"x":[1,2]},"b":3}"#,
        r#"{"a":2,"b":3}"#,
    );
    check(&remove, r#"{"a":2,"v":null}"#, r#"{"a":2}"#);
    check(
        &rule("path = '$[*]', type = 'number'", "'remove'"),
        r#"[1,"a",2,3,"b",4]"#,
        r#"["a","b"]"#,
    );
    check(
        &rule("path = '$[*]', type = 'object'", "'remove'"),
        r#"[{},{"a":[{}]}]"#,
        "[]",
    );
    check(&rule("type = 'object'", "'remove'"), r#"{"a":{}}"#, "{}");
}

#[test]
fn round_keeps_the_printed_digits() {
    check(
        &rule("key = ['v']", "{ round = 3 }"),
        r#"[{"v":1.23456},{"v":1.10},{"v":7},{"v":-0.00001},{"v":"1.23456"}]"#,
        r#"[{"v":1.235},{"v":1.10},{"v":7},{"v":0.0},{"v":"1.23456"}]"#,
    );
}

#[test]
fn sorting_is_by_value_for_numbers_and_by_text_for_the_rest() {
    let sort = rule("path = '$.v'", "'sort'");
    check(
        &sort,
        r#"{"v":[10,9,-1,1.5],"w":[2,1]}"#,
        r#"{"v":[-1,1.5,9,10],"w":[2,1]}"#,
    );
    check(
        &sort,
        r#"{"v":["b",{"a":2},"a",{"a":1},[1],null,3]}"#,
        r#"{"v":[3,"a","b",[1],null,{"a":1},{"a":2}]}"#,
    );
    check(&sort, r#"{"v":[]}"#, r#"{"v":[]}"#);
    check(&sort, r#"{"v":{"b":1,"a":2}}"#, r#"{"v":{"b":1,"a":2}}"#);
    check(
        &rule("type = 'array'", "'sort'"),
        "[[3,1],[2,9,8],[]]",
        "[[1,3],[2,8,9],[]]",
    );
}

#[test]
fn sorting_sees_what_other_rules_wrote() {
    check(
        &rule("path = '$'", "'sort'"),
        r#"[{"a_ms":9,"b":1},{"a_ms":1,"b":2}]"#,
        r#"[{"a_ms":0,"b":1},{"a_ms":0,"b":2}]"#,
    );
}

#[test]
fn every_selector_narrows() {
    let constant = "{ constant = 'x' }";
    let input = r#"{"a":{"b":"1","id":"2"},"b":"3","my_id":"4"}"#;
    for (matcher, expected) in [
        (
            "key = ['b', 'id']",
            r#"{"a":{"b":"x","id":"x"},"b":"x","my_id":"4"}"#,
        ),
        (
            "suffix = ['id']",
            r#"{"a":{"b":"1","id":"x"},"b":"3","my_id":"x"}"#,
        ),
        (
            "key = ['b'], path = '$.a.*'",
            r#"{"a":{"b":"x","id":"2"},"b":"3","my_id":"4"}"#,
        ),
        (
            "pattern = '^[34]$'",
            r#"{"a":{"b":"1","id":"2"},"b":"x","my_id":"x"}"#,
        ),
        (
            "pattern = '^[34]$', suffix = ['_id']",
            r#"{"a":{"b":"1","id":"2"},"b":"3","my_id":"x"}"#,
        ),
        (
            "type = 'object', key = ['a']",
            r#"{"a":"x","b":"3","my_id":"4"}"#,
        ),
    ] {
        check(&rule(matcher, constant), input, expected);
    }
    check(
        &rule("format = 'uuid'", constant),
        r#"["2f1e8a54-6a3f-4a8e-9c0e-0a4f5d1b2c3d","2f1e8a54"]"#,
        r#"["x","2f1e8a54"]"#,
    );
    check(
        &rule("format = 'date-time'", constant),
        r#"["2026-11-20T11:30:00Z","2026-11-20T11:30:00.123+01:00","2026-11-20","2026-02-30T11:30:00Z"]"#,
        r#"["x","x","2026-11-20","2026-02-30T11:30:00Z"]"#,
    );
}

#[test]
fn paths_choose_what_rfc_9535_says() {
    let input = r#"{"a":[1,2,3,{"b":4,"c":{"b":5}}],"b":6,"d e":{"b":7}}"#;
    for (path, expected) in [
        (
            "$.b",
            r#"{"a":[1,2,3,{"b":4,"c":{"b":5}}],"b":0,"d e":{"b":7}}"#,
        ),
        (
            "$..b",
            r#"{"a":[1,2,3,{"b":0,"c":{"b":0}}],"b":0,"d e":{"b":0}}"#,
        ),
        (
            "$.a[*]",
            r#"{"a":[0,0,0,{"b":4,"c":{"b":5}}],"b":6,"d e":{"b":7}}"#,
        ),
        (
            "$.a[1]",
            r#"{"a":[1,0,3,{"b":4,"c":{"b":5}}],"b":6,"d e":{"b":7}}"#,
        ),
        (
            "$.a[0,2]",
            r#"{"a":[0,2,0,{"b":4,"c":{"b":5}}],"b":6,"d e":{"b":7}}"#,
        ),
        (
            "$.a[1:]",
            r#"{"a":[1,0,0,{"b":4,"c":{"b":5}}],"b":6,"d e":{"b":7}}"#,
        ),
        (
            "$.a[:3:2]",
            r#"{"a":[0,2,0,{"b":4,"c":{"b":5}}],"b":6,"d e":{"b":7}}"#,
        ),
        (
            "$['d e']['b']",
            r#"{"a":[1,2,3,{"b":4,"c":{"b":5}}],"b":6,"d e":{"b":0}}"#,
        ),
        (
            "$.a..b",
            r#"{"a":[1,2,3,{"b":0,"c":{"b":0}}],"b":6,"d e":{"b":7}}"#,
        ),
        (
            "$.a[3].*",
            r#"{"a":[1,2,3,{"b":0,"c":{"b":5}}],"b":6,"d e":{"b":7}}"#,
        ),
        (
            "$..*",
            r#"{"a":[0,0,0,{"b":0,"c":{"b":0}}],"b":0,"d e":{"b":0}}"#,
        ),
    ] {
        check(
            &rule(&format!("path = \"{path}\""), "'zero'"),
            input,
            expected,
        );
    }
}

#[test]
fn except_takes_places_out() {
    let table = "[[rule]]\nname = 'r'\nmatch = { key = ['id'] }\nexcept = ['$.config.*', '$..raw..*']\naction = { constant = 'x' }";
    check(
        table,
        r#"{"id":"a","config":{"id":"b","deep":{"id":"c"}},"raw":[{"id":"d"}]}"#,
        r#"{"id":"x","config":{"id":"b","deep":{"id":"x"}},"raw":[{"id":"d"}]}"#,
    );
}

#[test]
fn the_first_rule_wins_and_rules_win_over_lists() {
    let two = rule("key = ['a_ms']", "{ constant = 1 }")
        + &another("suffix = ['_ms']", "{ constant = 2 }");
    check(
        &two,
        r#"{"a_ms":9,"b_ms":9,"c_secs":9}"#,
        r#"{"a_ms":1,"b_ms":2,"c_secs":0}"#,
    );
}

#[test]
fn constants_come_before_identities_whatever_their_order() {
    let two = rule("key = ['id']", "{ identity = 'id-${n}' }")
        + &another("pattern = '^fixed'", "{ constant = 'x' }");
    check(
        &two,
        r#"[{"id":"fixed 1"},{"id":"other"}]"#,
        r#"[{"id":"x"},{"id":"id-1"}]"#,
    );
}

#[test]
fn a_placeholder_is_not_taken_for_a_value_of_another_rule() {
    let foo = ("pattern = '^foo'", "{ constant = 'bar 1' }");
    let bar = ("pattern = '^bar'", "{ constant = 'baz' }");
    for (first, second) in [(foo, bar), (bar, foo)] {
        let two = rule(first.0, first.1) + &another(second.0, second.1);
        check(&two, r#"["foo","bar 2"]"#, r#"["bar 1","baz"]"#);
    }
}

#[test]
fn scrubbing_changes_text_inside_strings_and_names() {
    check(
        &rule(
            "pattern = 'state (?<kind>[a-z]+) [0-9]+'",
            "{ scrub = 'state ${kind} N' }",
        ),
        r#"{"m":"at state red 17, then state blue 4\n","state x 1":true}"#,
        r#"{"m":"at state red N, then state blue N\n","state x N":true}"#,
    );
}

#[test]
fn two_dollars_are_one_and_one_before_other_text_is_itself() {
    check(
        &rule("pattern = 'USD [0-9]+'", "{ scrub = '$$1 or $x' }"),
        r#"["USD 5"]"#,
        r#"["$1 or $x"]"#,
    );
}

#[test]
fn an_earlier_scrub_claims_its_text() {
    let two = rule("pattern = 'run [0-9]+'", "{ scrub = 'run N' }")
        + &another("pattern = '[0-9]+ of [0-9]+'", "{ scrub = 'some' }");
    check(
        &two,
        r#"["run 12 of 13","12 of 13"]"#,
        r#"["run N of 13","some"]"#,
    );
}

#[test]
fn scrubbed_text_can_be_matched_as_it_is_seen() {
    let two = rule("pattern = '[0-9]{4}'", "{ scrub = 'YEAR' }")
        + &another("pattern = '^in YEAR$'", "{ constant = 'then' }");
    check(&two, r#"["in 1999","by 1999"]"#, r#"["then","by YEAR"]"#);
}

#[test]
fn tokens_that_no_rule_changes_stay_as_printed() {
    let same = r#"["\u00e9\/\u0041","é/A",1.10,1e2,-0,18446744073709551616]"#;
    check(&rule("pattern = 'nothing'", "{ scrub = 'x' }"), same, same);
}
