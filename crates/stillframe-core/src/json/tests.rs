//! Cases for the reader: what is accepted, what is refused, and where.

use super::tokens::{Fail, Framing, Token, Tokens};
use super::*;
use proptest::prelude::*;

mod lists;

/// The error as a person sees it.
fn error(input: &[u8]) -> String {
    check(input).unwrap_err().to_string()
}

/// The kinds and tokens of an input, or its error.
type Read = Result<Vec<(Token, Vec<u8>)>, JsonError>;

/// What is read in chunks of a given size.
fn read(input: &[u8], framing: Framing, chunk: usize) -> Read {
    read_as(input, framing, chunk, Some(0))
}

/// What is read, where objects are said to be of a kind or not.
fn read_as(input: &[u8], framing: Framing, chunk: usize, kind: Option<u32>) -> Read {
    let mut tokens = Tokens::with_chunk(input, framing, chunk);
    let mut found = Vec::new();
    loop {
        match tokens.next(&mut ()) {
            Ok(token) => {
                if let (Token::ObjectStart, Some(kind)) = (token, kind) {
                    tokens.enter(kind);
                }
                found.push((token, tokens.token().to_vec()));
                if token == Token::EndOfInput {
                    return Ok(found);
                }
            }
            Err(Fail::Json(error)) => return Err(*error),
            Err(Fail::Io(error)) => panic!("{error}"),
        }
    }
}

#[test]
fn every_case_of_the_lists_is_judged_as_listed() {
    for case in lists::ACCEPTED {
        assert!(
            check(case.as_bytes()).is_ok(),
            "{case:?}: {:?}",
            check(case.as_bytes())
        );
    }
    for (case, _) in lists::REFUSED {
        assert!(check(case).is_err(), "{:?}", String::from_utf8_lossy(case));
    }
}

#[test]
fn the_second_parser_agrees_but_for_what_is_stricter_here() {
    for case in lists::ACCEPTED {
        let huge = case.bytes().filter(u8::is_ascii_digit).count() > 300 || case.contains("e99");
        let parsed = serde_json::from_str::<serde_json::Value>(case);
        assert!(parsed.is_ok() || huge, "{case:?}: {parsed:?}");
    }
    for &(case, stricter) in lists::REFUSED {
        let parsed = serde_json::from_slice::<serde_json::Value>(case);
        assert_eq!(
            parsed.is_ok(),
            stricter,
            "{:?}",
            String::from_utf8_lossy(case)
        );
    }
}

#[test]
fn errors_name_line_column_path_and_the_way_out() {
    insta::assert_snapshot!(
        error(b"{\n  \"a\": [1, {\"b\": 1,\n    \"b\": 2}]\n}"),
        @r#"duplicate key "b" at line 3, column 5, in $.a[1].b; print each name of an object once"#
    );
    insta::assert_snapshot!(
        error(b"{\"a\\u0062\": 1, \"ab\": 2}"),
        @r#"duplicate key "ab" at line 1, column 16, in $.ab; print each name of an object once"#
    );
    insta::assert_snapshot!(
        error(b"[1, NaN]"),
        @"NaN is not JSON at line 1, column 5, in $[1]; print null or a string; JSON has no such number"
    );
    insta::assert_snapshot!(
        error(b"{\"a b\": -Infinity}"),
        @"-Infinity is not JSON at line 1, column 9, in $['a b']; print null or a string; JSON has no such number"
    );
    insta::assert_snapshot!(
        error(b"{}\nDone in 3 s\n"),
        @r#"text after the JSON ("Done in 3 s") at line 2, column 1; print exactly one document and nothing after it; for one document a line, say stdout = "ndjson""#
    );
    insta::assert_snapshot!(
        error(b"INFO starting\n{}"),
        @r#"text before the JSON ("INFO starting") at line 1, column 1; print logs on stderr and only JSON on stdout"#
    );
    insta::assert_snapshot!(
        error(b"2026-11-20 11:30 starting\n{}"),
        @r#"text before the JSON ("2026-11-20 11:30 starting") at line 1, column 1; print logs on stderr and only JSON on stdout"#
    );
    insta::assert_snapshot!(error(b" \n"), @"no JSON at all, the input is empty at line 2, column 1; print JSON on stdout");
    insta::assert_snapshot!(error(b"\xEF\xBB\xBF{}"), @"a byte-order mark at line 1, column 1; write the output as UTF-8 without a byte-order mark");
    insta::assert_snapshot!(
        error(b"{\"a\": \"x\xFFy\"}"),
        @"bytes that are not UTF-8 at line 1, column 9, in $.a; print text as UTF-8; encode other bytes, say as base64"
    );
    insta::assert_snapshot!(
        error(br#"["\ud800"]"#),
        @"half of a surrogate pair in a string at line 1, column 3, in $[0]; escape characters beyond U+FFFF as a pair"
    );
    insta::assert_snapshot!(
        error(b"{\"a\": [1, 2"),
        @"the input ends inside the document at line 1, column 12, in $.a[1]; see whether the program was cut off while it printed"
    );
    insta::assert_snapshot!(
        error(b"{\"a\": 01}"),
        @"a malformed number at line 1, column 8, in $.a; print digits, with one before and one after a decimal point"
    );
    insta::assert_snapshot!(
        error(b"{'a': 1}"),
        @"found `'`, expected a name in double quotes at line 1, column 2, in $; print the document with a JSON library"
    );
    insta::assert_snapshot!(
        error("[é]".as_bytes()),
        @"found `é`, expected a value at line 1, column 2, in $[0]; print the document with a JSON library"
    );
    insta::assert_snapshot!(
        error(b"[\"a\tb\"]"),
        @r"an unescaped control character (U+0009) in a string at line 1, column 4, in $[0]; escape it as \u00XX, \n or \t"
    );
}

#[test]
fn nesting_is_refused_beyond_its_limit_and_never_crashes() {
    for depth in [1, MAX_DEPTH] {
        let input = [b"[".repeat(depth), b"]".repeat(depth)].concat();
        assert!(check(&input).is_ok());
    }
    for depth in [MAX_DEPTH + 1, 200, 100_000] {
        for input in [b"[".repeat(depth), b"{\"a\":".repeat(depth)] {
            let error = check(&input).unwrap_err();
            assert_eq!(error.kind, JsonErrorKind::Depth(MAX_DEPTH));
        }
    }
}

#[test]
fn a_token_beyond_its_limit_is_refused_at_any_chunk_size() {
    let limit = format!("\"{}\"", "a".repeat(MAX_TOKEN - 2));
    assert!(check(limit.as_bytes()).is_ok());
    let beyond = format!("\"{}\"", "a".repeat(MAX_TOKEN - 1));
    for chunk in [1 << 20, 64 << 20] {
        let error = read(beyond.as_bytes(), Framing::Json, chunk).unwrap_err();
        assert_eq!(error.kind, JsonErrorKind::Token(MAX_TOKEN));
    }
    let number = "1".repeat(MAX_TOKEN + 1);
    assert_eq!(
        check(number.as_bytes()).unwrap_err().kind,
        JsonErrorKind::Token(MAX_TOKEN)
    );
}

#[test]
fn duplicates_are_found_among_few_and_many_names() {
    for count in [2, 10, 63, 64, 65, 66, 1000] {
        let mut names: Vec<String> = (0..count).map(|at| format!("\"name {at}\":{at}")).collect();
        assert!(
            check(format!("{{{}}}", names.join(",")).as_bytes()).is_ok(),
            "{count}"
        );
        for again in [0, count / 2, count - 1] {
            names.push(format!("\"nam\\u0065 {again}\":0"));
            let error = check(format!("{{{}}}", names.join(",")).as_bytes()).unwrap_err();
            assert_eq!(
                error.kind,
                JsonErrorKind::DuplicateKey(format!("name {again}")),
                "{count}"
            );
            names.pop();
        }
    }
}

#[test]
fn a_name_that_is_usual_is_still_a_duplicate() {
    let usual = r#"{"first": 1, "second": 2, "third": 3}"#;
    let twice = r#"{"first": 1, "second": 2, "first": 3, "and": "sixty-four bytes more, so that they are in sight"}"#;
    let error = error(format!("[{usual}, {usual}, {twice}]").as_bytes());
    insta::assert_snapshot!(error, @r#"duplicate key "first" at line 1, column 106, in $[2].second; print each name of an object once"#);
}

#[test]
fn names_that_are_data_do_not_fill_the_memory() {
    let many: String = (0..100_000)
        .map(|at| format!("{{\"name {at}\": {at}}},"))
        .collect();
    assert!(check(format!("[{many} 0]").as_bytes()).is_ok());
}

#[test]
fn an_inner_object_may_repeat_the_names_of_an_outer_one() {
    let inner: String = (0..70).map(|at| format!("\"a{at}\":1,")).collect();
    let text = format!("{{{inner}\"x\":{{{inner}\"x\":{{\"a1\":1,\"x\":2}}}},\"y\":1}}");
    assert!(check(text.as_bytes()).is_ok());
}

#[test]
fn ndjson_holds_one_document_a_line() {
    let kinds = |input: &str| read(input.as_bytes(), Framing::Ndjson, 1 << 10);
    let documents = |input: &str| {
        let found = kinds(input).unwrap();
        found
            .iter()
            .filter(|found| found.0 == Token::EndOfDocument)
            .count()
    };
    assert_eq!(documents("{}\n[1]\n"), 2);
    assert_eq!(documents("{}\r\n\n  \n1\n\"x\""), 3);
    assert_eq!(kinds("{\n}").unwrap_err().kind, JsonErrorKind::LineBreak);
    assert_eq!(kinds("{}\n{\"a\":\n1}").unwrap_err().line, 3);
    assert_eq!(
        kinds("{} {}").unwrap_err().kind,
        JsonErrorKind::TrailingText("{}".into())
    );
    assert_eq!(kinds("\n").unwrap_err().kind, JsonErrorKind::Empty);
}

#[test]
fn a_fault_in_a_stream_names_its_element() {
    for (input, path, line) in [
        ("{}\n{}\n{}\n{\"a\":x}\n", "$[3].a", 4),
        ("{}\n\n[1,{\"a\":[01]}]\n", "$[1][1].a[0]", 3),
        ("{}\nDone.\n", "$[1]", 2),
        ("{}\n\"\\x\"\n", "$[1]", 2),
        ("1\n2 3\n", "$[1]", 2),
        ("1\n{\n}\n", "$[1]", 3),
        ("1\n{\"a\":", "$[1].a", 2),
        ("1\n{\"a\":1,\"a\":2}", "$[1].a", 2),
        ("Done.\n", "$[0]", 1),
        ("\n", "", 2),
    ] {
        let error = read(input.as_bytes(), Framing::Ndjson, 1 << 10).unwrap_err();
        let found = (error.path.as_deref().unwrap_or_default(), error.line);
        assert_eq!(found, (path, line), "{input:?}");
    }
    let error = read(b"{}\n{\"a\":x}\n", Framing::Ndjson, 1 << 10).unwrap_err();
    assert_eq!(
        error.finding(),
        "found `x`, expected a value at line 2, column 6, in $[1].a"
    );
}

/// Documents of every shape, with the texts that make readers stumble.
fn document() -> impl Strategy<Value = serde_json::Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        number,
        ".{0,12}".prop_map(serde_json::Value::from),
        "[\\x00-\\x20\"\\\\é😀]{0,9}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-c\"é]{0,3}", inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Objects that have most of their names in common, as programs print them.
fn records() -> impl Strategy<Value = serde_json::Value> {
    let names = [
        "a",
        "b",
        "ab",
        "data",
        "é",
        "a long name, more than sixty-four bytes of it with its quotes",
    ];
    let names = prop::sample::subsequence(names.to_vec(), 0..=names.len());
    let value = prop_oneof![
        3 => Just(serde_json::json!("text")),
        2 => Just(serde_json::json!(-1.5)),
        1 => Just(serde_json::json!(true)),
        1 => Just(serde_json::json!({"a": null, "b": [1, {"a": 2}]})),
    ];
    let record = (names, value).prop_map(|(names, value)| {
        let members = names
            .into_iter()
            .map(|name| (name.to_owned(), value.clone()));
        serde_json::Value::Object(members.collect())
    });
    (record.clone(), record, prop::collection::vec(0..4u8, 1..12)).prop_map(
        |(one, other, which)| {
            let pick = |which: u8| {
                if which == 0 {
                    other.clone()
                } else {
                    one.clone()
                }
            };
            which.into_iter().map(pick).collect()
        },
    )
}

/// Objects with the names and values that the built-in lists are about.
fn masked_records() -> impl Strategy<Value = serde_json::Value> {
    let value = prop_oneof![
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        prop::sample::select(vec![
            serde_json::json!("2026-11-20T11:30:00.25Z"),
            serde_json::json!("2026-11-20"),
            serde_json::json!("20:12:39"),
            serde_json::json!("never"),
            serde_json::json!("größer \"als\" 😀, and longer than eight bytes"),
            serde_json::json!(null),
            serde_json::json!(false),
            serde_json::json!([]),
            serde_json::json!({}),
            serde_json::json!([0, "20:12", {"took_ms": 7}]),
            serde_json::json!({"a": 1, "took_ms": [1.5], "timestamp": {"c": "20:12"}}),
        ]),
    ];
    let names = ["took_ms", "a", "updated_at", "data", "b", "c", "last_value"];
    let record = prop::collection::vec(value, names.len()).prop_map(move |values| {
        let members = names.iter().map(|name| (*name).to_owned()).zip(values);
        serde_json::Value::Object(members.collect())
    });
    prop::collection::vec(record, 1..9).prop_map(serde_json::Value::from)
}

/// A document's text, pretty or compact, with a few bytes changed, added or taken out.
pub(crate) fn mutated() -> impl Strategy<Value = Vec<u8>> {
    edited(prop_oneof![document(), records()])
}

/// The same of documents that the built-in lists change.
pub(crate) fn mutated_records() -> impl Strategy<Value = Vec<u8>> {
    edited(masked_records())
}

fn edited(value: impl Strategy<Value = serde_json::Value>) -> impl Strategy<Value = Vec<u8>> {
    let edit = (
        any::<prop::sample::Index>(),
        0..3u8,
        prop::sample::select(b"{}[]\",:\\ue01.-+ \n\tn\x80\xC3\0".to_vec()),
    );
    (value, any::<bool>(), prop::collection::vec(edit, 0..4)).prop_map(|(value, pretty, edits)| {
        let text = if pretty {
            serde_json::to_vec_pretty(&value)
        } else {
            serde_json::to_vec(&value)
        };
        let mut text = text.unwrap();
        for (place, how, byte) in edits {
            let at = place.index(text.len() + 1).min(text.len());
            match how {
                0 if at < text.len() => text[at] = byte,
                1 if at < text.len() => drop(text.remove(at)),
                _ => text.insert(at, byte),
            }
        }
        text
    })
}

/// Whether the refusal is one of those that RFC 8259 leaves to the reader.
fn is_stricter(kind: &JsonErrorKind) -> bool {
    matches!(
        kind,
        JsonErrorKind::DuplicateKey(_) | JsonErrorKind::Depth(_)
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn mutated_documents_are_judged_as_by_the_second_parser(text in mutated()) {
        let other = serde_json::from_slice::<serde_json::Value>(&text);
        match check(&text) {
            Ok(()) => {
                let huge = other.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
                prop_assert!(other.is_ok() || huge, "{other:?}");
            }
            Err(error) if is_stricter(&error.kind) => {}
            Err(error) => prop_assert!(other.is_err(), "{error}"),
        }
    }

    #[test]
    fn what_earlier_objects_looked_like_changes_nothing(text in mutated(), again in mutated()) {
        let lines = [&text[..], b"\n", &again, b"\n", &text].concat();
        for (input, framing) in [(&text, Framing::Json), (&lines, Framing::Ndjson)] {
            let afresh = read_as(input, framing, 1 << 16, None);
            prop_assert_eq!(read(input, framing, 1 << 16), afresh);
        }
    }

    #[test]
    fn borders_of_chunks_change_nothing(text in mutated(), chunk in 1usize..40) {
        let lines = [&text[..], b"\n", &text].concat();
        for (input, framing) in [(&text, Framing::Json), (&lines, Framing::Ndjson)] {
            prop_assert_eq!(read(input, framing, chunk), read(input, framing, 1 << 16));
        }
    }
}
