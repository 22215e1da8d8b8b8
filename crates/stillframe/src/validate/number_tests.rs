//! Claims about numbers: they are judged as they are printed and written, not as the doubles that come nearest.

use stillframe_core::json::{self, Framing};
use stillframe_core::schema::Catalogue;

use super::Validators;

fn said(schema: &str, document: &str) -> Vec<String> {
    let (catalogue, faults) = Catalogue::from_texts([("s.schema.json", schema)]);
    assert_eq!(faults, [], "{schema}");
    let validators = Validators::compile(&catalogue).unwrap();
    let document = json::parse(Framing::Json, document.as_bytes()).unwrap();
    let found = validators.validate("s", &document);
    found.iter().map(ToString::to_string).collect()
}

/// As a whole document, and inside of one, beside a reference and in an alternative.
fn check(schema: &str, good: &[&str], bad: &[&str]) {
    let wrapped = [
        schema.to_owned(),
        format!("{{\"items\":{schema}}}"),
        format!("{{\"properties\":{{\"minimum\":{schema}}}}}"),
        format!("{{\"$ref\":\"#/$defs/const\",\"$defs\":{{\"const\":{schema}}}}}"),
        format!("{{\"oneOf\":[{{\"type\":\"boolean\"}},{schema}]}}"),
        format!("{{\"not\":{{\"not\":{schema}}}}}"),
    ];
    for (index, schema) in wrapped.iter().enumerate() {
        let inside = |value: &str| match index {
            1 => format!("[{value}]"),
            2 => format!("{{\"minimum\":{value}}}"),
            _ => value.to_owned(),
        };
        for value in good {
            assert_eq!(said(schema, &inside(value)), [""; 0], "{schema} {value}");
        }
        for value in bad {
            assert_ne!(said(schema, &inside(value)), [""; 0], "{schema} {value}");
        }
    }
}

#[test]
fn bounds_are_exact() {
    check(
        r#"{"maximum":18446744073709551616}"#,
        &[
            "18446744073709551616",
            "18446744073709551616.0",
            "1e19",
            "-1e400",
            "1",
            "\"x\"",
        ],
        &["18446744073709551617", "18446744073709551616.5", "1e400"],
    );
    check(
        r#"{"minimum":18446744073709551617}"#,
        &["18446744073709551617", "1e400"],
        &["18446744073709551616", "0", "-1e400"],
    );
    check(
        r#"{"maximum":9007199254740992}"#,
        &["9007199254740992"],
        &["9007199254740993", "9007199254740992.5"],
    );
    check(
        r#"{"maximum":9007199254740992.5}"#,
        &["9007199254740992"],
        &["9007199254740993"],
    );
    check(
        r#"{"exclusiveMaximum":0.1}"#,
        &["0.09999999999999999999999999"],
        &["0.1", "0.1000000000000000055511151231257827"],
    );
    check(
        r#"{"exclusiveMinimum":0.1}"#,
        &["0.1000000000000000055511151231257827"],
        &["0.1", "1E-400"],
    );
    check(
        r#"{"minimum":1e-400}"#,
        &["1E-400", "1"],
        &["0", "-0", "-0.0", "1e-401"],
    );
    check(
        r#"{"maximum":1e400}"#,
        &["1e400", "10e399", "1e308"],
        &["1e401", "1.0000000000000000001e400"],
    );
    let draft_4 = r#"{"$schema":"http://json-schema.org/draft-04/schema#","minimum":18446744073709551616,"exclusiveMinimum":true}"#;
    assert_eq!(said(draft_4, "18446744073709551617"), [""; 0]);
    assert_eq!(said(draft_4, "18446744073709551616").len(), 1);
}

#[test]
fn multiples_are_exact() {
    check(
        r#"{"multipleOf":0.1}"#,
        &["0.3", "12345678901234567890.1", "1e400", "0", "-0.0"],
        &["0.30000000000000004", "12345678901234567890.15", "1E-400"],
    );
    check(
        r#"{"multipleOf":3}"#,
        &["36893488147419103233", "3e400"],
        &["36893488147419103232", "1e400"],
    );
    check(
        r#"{"multipleOf":0.7}"#,
        &["9007199254740994.3"],
        &["9007199254740993"],
    );
    check(
        r#"{"multipleOf":18446744073709551617}"#,
        &["36893488147419103234"],
        &["36893488147419103232"],
    );
    check(
        r#"{"multipleOf":1e-400}"#,
        &["1e-400", "3E-400", "0", "1", "-0.1", "1e400"],
        &["1e-401", "1.5e-400", "1.0000000000000001e-400"],
    );
    check(
        r#"{"multipleOf":0.3e-399}"#,
        &["3e-400", "0.6e-399", "3"],
        &["1e-400", "1"],
    );
}

#[test]
fn what_asks_for_nothing_or_less_is_refused() {
    for schema in [
        r#"{"multipleOf":0}"#,
        r#"{"multipleOf":0e-400}"#,
        r#"{"multipleOf":-1e-400}"#,
        r#"{"minLength":1e-400}"#,
    ] {
        let (catalogue, faults) = Catalogue::from_texts([("s.schema.json", schema)]);
        let refused = !faults.is_empty() || Validators::compile(&catalogue).is_err();
        assert!(refused, "{schema}");
    }
}

#[test]
fn constants_and_lists_are_exact() {
    check(
        r#"{"const":12345678901234567890123}"#,
        &[
            "12345678901234567890123",
            "12345678901234567890123.0",
            "1.2345678901234567890123e22",
        ],
        &["12345678901234567890124", "1.2345678901234567e22"],
    );
    check(
        r#"{"const":0}"#,
        &["0", "-0", "0.0", "-0.0", "0e400"],
        &["1e-400"],
    );
    check(
        r#"{"enum":[1e400,"x",{"a":[9007199254740993.0]}]}"#,
        &["1e400", "10E399", "\"x\"", r#"{"a":[9007199254740993]}"#],
        &[
            "1e401",
            "1e308",
            r#"{"a":[9007199254740992]}"#,
            r#"{"a":[9007199254740993,1]}"#,
        ],
    );
}

#[test]
fn integers_are_told_from_fractions() {
    check(
        r#"{"type":"integer"}"#,
        &["1e400", "1.0", "18446744073709551617", "-0.0", "1.5e1"],
        &[
            "12345678901234567890.5",
            "1E-400",
            "0.5",
            "\"1\"",
            "1.00000000000000000000001",
        ],
    );
    let both = r#"{"type":["integer","null"]}"#;
    check(both, &["null", "1e400"], &["1e-400", "\"x\""]);
}

#[test]
fn elements_are_told_apart() {
    check(
        r#"{"uniqueItems":true}"#,
        &[
            "[18446744073709551616,18446744073709551617]",
            "[1e400,1e401]",
            "[[1e400],[1e401]]",
        ],
        &[
            "[1e400,10e399]",
            "[1,1.0]",
            r#"[{"a":1e400,"b":1},{"b":1,"a":10e399}]"#,
        ],
    );
}

#[test]
fn a_violation_shows_both_numbers_as_they_are_written() {
    assert_eq!(
        said(
            r#"{"properties":{"n":{"maximum":18446744073709551616}}}"#,
            r#"{"n":18446744073709551617}"#
        ),
        [
            "$.n: this is greater than the maximum of 18446744073709551616 (value 18446744073709551617, schema #/properties/n/maximum)"
        ]
    );
    assert_eq!(
        said(r#"{"const":1e400}"#, "1e401"),
        ["$: 1e400 was expected (value 1e401, schema #/const)"]
    );
}

#[test]
fn limits_of_any_size_do_not_overflow() {
    for limit in [
        "1e30",
        "1180591620717411303424",
        "18446744073709551616",
        "1e400",
    ] {
        for (keyword, value) in [
            ("Length", "\"abc\""),
            ("Items", "[1]"),
            ("Properties", "{\"a\":1}"),
        ] {
            let schema = |word: &str| {
                format!("{{\"{word}{keyword}\":{limit},\"additionalProperties\":true}}")
            };
            assert_eq!(said(&schema("max"), value), [""; 0], "{limit} {keyword}");
            assert_eq!(said(&schema("min"), value).len(), 1, "{limit} {keyword}");
        }
        let contains = |word: &str| format!("{{\"contains\":true,\"{word}Contains\":{limit}}}");
        assert_eq!(said(&contains("max"), "[1]"), [""; 0]);
        assert_eq!(said(&contains("min"), "[1]").len(), 1);
    }
}

#[test]
fn what_keeps_the_numbers_is_no_property_of_a_document() {
    let schema =
        r#"{"properties":{"minimum":{"maximum":18446744073709551616},"const":{"minimum":1e400}}}"#;
    assert_eq!(said(schema, r#"{"minimum":1}"#), [""; 0]);
    let found = said(schema, r#"{"x-stillframe-exact":1}"#);
    assert_eq!(found.len(), 1, "{found:?}");
}
