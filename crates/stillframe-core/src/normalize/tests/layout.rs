//! What a fixture looks like, whatever the input looked like.

use super::*;

const LAID_OUT: &str = "{\n  \"a\": [\n    1.10,\n    [],\n    {},\n    [\n      {\n        \"b\": \"\\u00e9é\"\n      }\n    ]\n  ],\n  \"c\": null\n}\n";

#[test]
fn a_document_in_the_layout_comes_out_byte_for_byte() {
    assert_eq!(run(&Plan::default(), Framing::Json, LAID_OUT), LAID_OUT);
}

#[test]
fn every_other_layout_becomes_this_one() {
    let compact: String = LAID_OUT.split_whitespace().collect();
    let windows = LAID_OUT.replace('\n', "\r\n");
    let wide = LAID_OUT
        .replace("  ", "\t\t")
        .replace(": ", " \t:   ")
        .replace(',', " ,\n\n");
    let bare = LAID_OUT.trim_end();
    for input in [
        compact.as_str(),
        &windows,
        &wide,
        bare,
        &format!("\n\n {bare} \n\n"),
    ] {
        assert_eq!(run(&Plan::default(), Framing::Json, input), LAID_OUT);
    }
}

#[test]
fn indentation_is_a_setting() {
    for (indent, expected) in [
        (4, "[\n    [\n        1\n    ]\n]\n"),
        (0, "[\n[\n1\n]\n]\n"),
    ] {
        let format = Format {
            indent,
            ..Format::default()
        };
        assert_eq!(
            run(&formatted("", &format), Framing::Json, "[[1]]"),
            expected
        );
    }
}

#[test]
fn ascii_escapes_what_is_beyond() {
    let ascii = Format {
        ascii: true,
        ..Format::default()
    };
    let plan = formatted(&rule("key = ['v']", "{ constant = 'ü' }"), &ascii);
    let out = run(&plan, Framing::Ndjson, r#"{"é":"a\n\u00E9😀","v":1}"#);
    assert_eq!(
        out,
        "{\"\\u00e9\":\"a\\n\\u00E9\\ud83d\\ude00\",\"v\":\"\\u00fc\"}\n"
    );
    assert_eq!(run(&plan, Framing::Ndjson, &out), out);
}

#[test]
fn keys_are_sorted_by_their_decoded_text() {
    let sorted = Format {
        sort_keys: true,
        ..Format::default()
    };
    let plan = formatted("", &sorted);
    let input =
        r#"{"b":{"z":1,"y":[{"d":1,"c_ms":2}]},"\u0061":2,"é":4,"Z":3,"data":{"b":1,"a":2}}"#;
    let out = run(&plan, Framing::Ndjson, input);
    assert_eq!(
        out,
        "{\"Z\":3,\"\\u0061\":2,\"b\":{\"y\":[{\"c_ms\":0,\"d\":1}],\"z\":1},\"data\":{\"b\":1,\"a\":2},\"é\":4}\n"
    );
    assert_eq!(run(&plan, Framing::Ndjson, &out), out);
    let pretty = run(&plan, Framing::Json, "{\"b\":1,\"a\":[{\"d\":1,\"c\":2}]}");
    assert_eq!(
        pretty,
        "{\n  \"a\": [\n    {\n      \"c\": 2,\n      \"d\": 1\n    }\n  ],\n  \"b\": 1\n}\n"
    );
}

#[test]
fn rules_keep_the_layout() {
    let table = rule("key = ['v']", "{ constant = { a = [1] } }")
        + &rule("key = ['w']", "'remove'").replace("'r'", "'s'")
        + &rule("key = ['l']", "'sort'").replace("'r'", "'t'");
    let input = r#"{"v":1,"w":2,"l":[{"b":1},[2],"x"],"z":{"w":1},"y_ms":5}"#;
    let out = run(&plan(&table), Framing::Json, input);
    assert_eq!(
        out,
        "{\n  \"v\": {\n    \"a\": [\n      1\n    ]\n  },\n  \"l\": [\n    \"x\",\n    [\n      2\n    ],\n    {\n      \"b\": 1\n    }\n  ],\n  \"z\": {},\n  \"y_ms\": 0\n}\n"
    );
    assert_eq!(run(&plan(&table), Framing::Json, &out), out);
}

#[test]
fn ndjson_is_one_compact_document_a_line() {
    let out = run(
        &Plan::default(),
        Framing::Ndjson,
        "{ \"a_ms\" : 2 }\r\n\n [ 1 , 2 ] \n\"x\"",
    );
    assert_eq!(out, "{\"a_ms\":0}\n[1,2]\n\"x\"\n");
}

#[test]
fn names_that_become_equal_are_refused() {
    let plan = plan(&rule("pattern = '[0-9]+'", "{ scrub = 'N' }"));
    let input = br#"{"a 1":1,"a 2":2}"#;
    let error = draft(&plan, &Scrub::default(), Framing::Json, input)
        .unwrap_err()
        .to_string();
    let expected =
        "two keys of one object were both rewritten to \"a N\" at line 1, column 15, in $['a 2']";
    assert!(error.starts_with(expected), "{error}");
}
