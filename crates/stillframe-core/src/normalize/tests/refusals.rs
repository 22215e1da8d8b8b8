//! Rules that are refused, and what is said about them.

use super::*;

/// All refusals of a table.
fn refusals(table: &str) -> Vec<String> {
    let settings: Settings = toml::from_str(table).unwrap();
    let errors = Plan::compile(&settings, &Format::default())
        .err()
        .unwrap_or_default();
    errors.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn refused(matcher: &str, action: &str, expected: &str) {
    let found = refusals(&rule(matcher, action));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with(&format!("rule `r`: {expected}")),
        "{}",
        found[0]
    );
}

#[test]
fn patterns_and_formats_are_judged() {
    let constant = "{ constant = 'x' }";
    for (matcher, expected) in [
        (
            "pattern = 'a*'",
            r#"the pattern "a*" matches the empty string; use `+`"#,
        ),
        (
            "pattern = '('",
            r#"the pattern "(" does not parse (unclosed group)"#,
        ),
        (
            "format = 'uid'",
            r#"the format "uid" is not known; use one of date-time, date,"#,
        ),
    ] {
        refused(matcher, constant, expected);
    }
}

#[test]
fn paths_are_judged() {
    for (path, expected) in [
        (
            "$[?@.a]",
            "has a filter (column 3); a rule is decided by the location alone",
        ),
        ("$[-1]", "counts from the end (column 3)"),
        ("$[-2:]", "has a slice that counts from the end (column 6)"),
        ("$[::-1]", "has a step of -1"),
        ("$.a.length()", "calls a function"),
        ("a.b", "does not begin with `$`"),
        ("$.a-b", "has a character that no short name holds"),
        ("$.", "lacks a name"),
        ("$[01]", "has no such index"),
        ("$[1", "has a bracket that is not closed"),
        ("$[]", "lacks a selector"),
        ("$[0:1:0]", "has a step of 0"),
        ("$a", "goes on with neither `.` nor `[`"),
    ] {
        let matcher = format!("path = '{path}'");
        refused(&matcher, "'zero'", &format!("the path {path:?} {expected}"));
    }
}

#[test]
fn actions_that_cannot_work_are_refused() {
    for (matcher, action, expected) in [
        ("", "'zero'", "matches everything"),
        ("suffix = ['']", "'zero'", "has an empty suffix"),
        (
            "type = 'string'",
            "'zero'",
            "has an action that leaves values of its `type` alone",
        ),
        (
            "key = ['a'], pattern = 'x'",
            "'zero-typed'",
            "asks for text, and its action leaves",
        ),
        (
            "key = ['a']",
            "{ round = 16 }",
            "rounds to more digits than a number has",
        ),
        (
            "key = ['a']",
            "{ scrub = 'x' }",
            "scrubs, and has no pattern to say what",
        ),
        (
            "pattern = 'x'",
            "{ scrub = 'x1x1' }",
            "matches its own text \"x1x1\"",
        ),
        (
            "pattern = 'x'",
            "{ scrub = '${kind}' }",
            "writes ${kind}, which is not a group",
        ),
        (
            "pattern = 'x(y)'",
            "{ scrub = '$1 $2' }",
            "writes ${2}, which is not a group",
        ),
        (
            "pattern = 'x(y)'",
            "{ scrub = '${y' }",
            "writes \"${y\", where a ${ is not closed",
        ),
        (
            "format = 'date-time'",
            "{ identity = 't-${n}' }",
            "would number a time",
        ),
        (
            "key = ['a']",
            "{ identity = 'run' }",
            "the form \"run\" has no ${n}",
        ),
        (
            "key = ['a']",
            "{ identity = '${n}' }",
            "the form \"${n}\" cannot be told from",
        ),
        (
            "key = ['a']",
            "{ identity = 'a${m}' }",
            "the form \"a${m}\" holds ${m}",
        ),
        ("path = '$'", "'remove'", "would remove the document itself"),
        (
            "type = 'name', pattern = 'x'",
            "'remove'",
            "would make names equal",
        ),
        (
            "type = 'number', pattern = 'x'",
            "{ constant = 1 }",
            "asks for text in a value",
        ),
    ] {
        refused(matcher, action, expected);
    }
}

#[test]
fn a_rule_has_to_match_its_own_example() {
    let with = |matcher: &str, action: &str, example: &str| {
        refusals(&(rule(matcher, action) + "example = " + example))
    };
    let identity = "{ identity = 'run-${n}' }";
    assert!(with("pattern = '^run-.+'", identity, "'run-20261120-113000-001'").is_empty());
    assert_eq!(
        with("pattern = '^run-'", identity, "'job-1'"),
        ["rule `r`: does not match its own example \"job-1\"; correct `match`, or the example"]
    );
    assert_eq!(
        with("pattern = '^run-'", identity, "'run-17'"),
        [
            "rule `r`: takes its own example \"run-17\" for a placeholder; give the identity a form that raw values do not have"
        ]
    );
    assert_eq!(
        with("key = ['a']", identity, "'2026-11-20T11:30:00Z'").len(),
        1
    );
    assert_eq!(with("key = ['a']", "'zero'", "'12'").len(), 1);
    assert!(with("key = ['a']", "'zero'", "12").is_empty());
}

#[test]
fn an_example_shows_what_cannot_settle() {
    let with = |pattern: &str, action: &str, example: &str| {
        let table = rule(&format!("pattern = '{pattern}'"), action);
        refusals(&format!("{table}example = '{example}'"))
    };
    for (pattern, action, example, expected) in [
        (
            r"v(\d+)\.\d+",
            "{ scrub = 'v$1' }",
            "v1.2.3",
            "would change what it wrote",
        ),
        (
            "^run-",
            "{ identity = 'run-${n}' }",
            "run-2026-1",
            "let the pattern match the whole",
        ),
        (
            "[0-9a-f]{4}",
            "{ identity = 'run-${n}' }",
            "to beef7",
            "would change what it wrote",
        ),
    ] {
        let found = with(pattern, action, example);
        assert!(found.len() == 1 && found[0].contains(expected), "{found:?}");
    }
    assert!(with(r"v(\d+)\.\d+", "{ scrub = 'v$1' }", "v1.2").is_empty());
    assert!(with("[0-9]+", "{ identity = 'run-${n}' }", "to 7").is_empty());
}

#[test]
fn all_refusals_come_at_once() {
    let table = "timestamp = 'now'\npreserve = ['']\nopaque = ['$[']\n".to_owned()
        + &rule("pattern = '('", "{ constant = 'x' }")
        + &rule("path = '$[-1]'", "'zero'");
    let found = refusals(&table);
    let rules: Vec<&str> = found
        .iter()
        .filter_map(|text| text.split('`').nth(1))
        .collect();
    assert_eq!(rules, ["timestamp", "preserve", "r", "r", "r", "opaque"]);
}

#[test]
fn unknown_keys_are_refused() {
    for table in [
        "timing-suffix = []",
        "[[rule]]\nname='r'\nmatch={keys=['a']}\naction='zero'",
        "[[rule]]\nname='r'\nmatch={key=['a']}\naction='nil'",
    ] {
        assert!(toml::from_str::<Settings>(table).is_err(), "{table}");
    }
    assert!(toml::from_str::<Format>("sort_keys = true").is_err());
}
