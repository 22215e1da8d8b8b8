//! Cases for facts about the machine and the day.

use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

/// Friday, 2026-11-27 00:28:44 UTC.
const NOW: i64 = 1_795_739_324;

fn machine() -> Machine {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Machine {
        hosts: texts(&["buildbox7.corp.example", "buildbox7", "vm"]),
        users: texts(&["adalove", "root", "ed"]),
        folders: texts(&["/home/adalove", "/app", "/", "C:\\ci"]),
        days: vec![Day::of(NOW), Day::of(NOW - 86_400)],
        now: NOW,
    }
}

#[track_caller]
fn check(fixture: &str, expected: &[&str]) {
    let lines = Look::new(&machine()).at(Framing::Json, fixture.as_bytes());
    assert_eq!(lines, expected, "{fixture}");
}

/// The label of what is found in a JSON value.
fn label(value: &str) -> Option<String> {
    let lines = Look::new(&machine()).at(Framing::Json, value.as_bytes());
    let line = lines.first()?;
    line.split_once(": $").map(|(label, _)| label.to_owned())
}

#[test]
fn days_are_counted_as_the_calendar_does() {
    for (seconds, year, month, day) in [
        (0, 1970, 1, 1),
        (-1, 1969, 12, 31),
        (951_782_400, 2000, 2, 29),
        (951_868_800, 2000, 3, 1),
        (4_107_542_400, 2100, 3, 1),
        (NOW, 2026, 11, 27),
    ] {
        assert_eq!(Day::of(seconds), Day { year, month, day });
    }
}

#[test]
fn today_is_found_in_the_usual_forms() {
    for text in [
        "2026-11-27",
        "2026-11-27T00:28:44Z",
        "built 2026/11/27, twice",
        r"2026\/11\/27",
        "2026.11.27",
        "run_2026_11_27",
        "20261127",
        "run-20261127T002844Z",
        "backup20261127002844.sql",
        "27.11.2026",
        "11/27/2026",
        "27/11/2026",
        "27-11-2026",
        "Nov 27, 2026",
        "November 27, 2026",
        "27 Nov 2026",
        "27-NOV-2026",
        "27 November 2026",
        "Fri, 27 Nov 2026 00:28:44 +0000",
        "Fri Nov 27 00:28:44 2026",
        "-rw-r--r-- 1 x x 0 Nov 27 00:28 a",
        // The day began before the run ended.
        "2026-11-26",
    ] {
        let found = label(&format!("{{\"a\": \"{text}\"}}"));
        assert_eq!(found.as_deref(), Some("today's date"), "{text}");
    }
    assert_eq!(label("20261127").as_deref(), Some("today's date"));
}

#[test]
fn a_day_or_month_below_ten_is_found_with_and_without_a_zero() {
    let machine = Machine {
        days: vec![Day {
            year: 2026,
            month: 1,
            day: 7,
        }],
        now: NOW,
        ..Machine::default()
    };
    let look = Look::new(&machine);
    for text in [
        "2026-01-07",
        "2026-1-7",
        "7.1.2026",
        "07.01.2026",
        "1/7/2026",
        "20260107",
        "Jan  7 00:28",
        "Jan 07, 2026",
        "7 Jan 2026",
        "07-JAN-2026",
        "January 7th, 2026",
    ] {
        let found = look.at(Framing::Json, format!("\"{text}\"").as_bytes());
        assert_eq!(found.len(), 1, "{text}");
    }
    for text in [
        "2026-01-17",
        "2026-11-07",
        "2026-1-70",
        "17.1.2026",
        "7.11.2026",
        "Jan 17 00:28",
    ] {
        let found = look.at(Framing::Json, format!("\"{text}\"").as_bytes());
        assert_eq!(found.len(), 0, "{text}");
    }
}

#[test]
fn a_number_near_now_is_found_in_every_unit() {
    for value in [
        "1795739324",
        "1795739324.25",
        "1.795739324e9",
        "1795652925",
        "1795825723",
        "1795739324123",
        "1795739324123456",
        "1795739324123456789",
        "\"1795739324\"",
        "\"run-1795739324123\"",
        "{\"1795739324\": 1}",
    ] {
        let found = label(value);
        assert_eq!(
            found.as_deref(),
            Some("a point in time within a day of now"),
            "{value}"
        );
    }
}

#[test]
fn other_days_and_numbers_are_not_reported() {
    for value in [
        "\"2026-11-20\"",
        "\"2025-11-27\"",
        "\"2026-11-28\"",
        "\"12026-11-27\"",
        "\"2026-11-270\"",
        "\"120261127\"",
        "\"202611271\"",
        "\"2000-01-01T00:00:00Z\"",
        "1795600000",
        "1795900000",
        "17957393241",
        "0.1795739324",
        "\"0.1795739324\"",
        "\"179573932\"",
        "1763678400",
        "[1, 2, 1795]",
    ] {
        assert_eq!(label(value), None, "{value}");
    }
}

#[test]
fn distinct_names_are_found_as_words() {
    for (value, whose) in [
        ("\"buildbox7\"", "the host's name, buildbox7"),
        ("\"http://BUILDBOX7:8080/x\"", "the host's name, buildbox7"),
        ("\"Buildbox7 is up\"", "the host's name, buildbox7"),
        ("\"by adalove@example.org\"", "the user's name, adalove"),
        ("\"owner_adalove\"", "the user's name, adalove"),
        ("{\"adalove\": 1}", "the user's name, adalove"),
    ] {
        assert_eq!(label(value).as_deref(), Some(whose), "{value}");
    }
    for value in ["\"buildbox77\"", "\"adalovelace\"", "\"xadalove\"", "1"] {
        assert_eq!(label(value), None, "{value}");
    }
}

#[test]
fn short_and_common_names_count_only_as_whole_values_and_components() {
    for value in [
        "\"root\"",
        "\"x/root/y\"",
        r#""C:\\root\\x""#,
        "{\"a/root\": 1}",
        "\"ed\"",
        "\"vm/1\"",
    ] {
        assert!(label(value).is_some(), "{value}");
    }
    for value in [
        "\"the root of all\"",
        "\"root-1\"",
        "\"rooted/x\"",
        "\"an ed\"",
        "{\"roots\": \"vms\"}",
        // A name says what the member holds.
        "{\"root\": 1}",
        "{\"ed\": {\"vm\": []}}",
        "\"vm-1\"",
    ] {
        assert_eq!(label(value), None, "{value}");
    }
}

#[test]
fn a_folder_that_is_not_replaced_is_reported() {
    for (value, folder) in [
        ("\"/app\"", "/app"),
        ("\"at /app/x.rs:3\"", "/app"),
        (r#""\/app\/x""#, "/app"),
        ("\"file:///app/x\"", "/app"),
        ("\"?at=%2Fapp%2Fx\"", "/app"),
        (r#""c:\\ci\\x""#, "C:/ci"),
        ("\"/home/adalove/x\"", "/home/adalove"),
    ] {
        let lines = Look::new(&machine()).at(Framing::Json, value.as_bytes());
        let label = format!("the folder {folder}: $, as in ");
        assert!(
            lines.iter().any(|line| line.starts_with(&label)),
            "{value}: {lines:?}"
        );
    }
    for value in [
        "\"/application\"",
        "\"/x/app\"",
        "\"app/x\"",
        "\"C:\\\\cinema\"",
        "\"/\"",
    ] {
        assert_eq!(label(value), None, "{value}");
    }
}

#[test]
fn places_are_patterns_with_one_example() {
    check(
        r#"{"runs": [{"on": "buildbox7"}, {"on": "buildbox7"}], "by/root": {"at": 1795739324}}"#,
        &[
            "the host's name, buildbox7: $.runs[*].on, as in \"buildbox7\"",
            "the user's name, root: $.*~, as in \"by/root\"",
            "a point in time within a day of now: $['by/root'].at, as in 1795739324",
        ],
    );
    let members: Vec<String> = ["a", "b", "c", "d", "e", "f", "g"]
        .map(|name| format!("\"{name}\": \"buildbox7\""))
        .into();
    check(
        &format!("{{{}}}", members.join(",")),
        &[
            "the host's name, buildbox7: $.a, $.b, $.c, $.d, $.e and 2 more places, as in \"buildbox7\"",
        ],
    );
}

#[test]
fn lines_are_elements_of_one_array() {
    let lines =
        Look::new(&machine()).at(Framing::Ndjson, b"{\"on\":\"x\"}\n{\"on\":\"buildbox7\"}\n");
    assert_eq!(
        lines,
        ["the host's name, buildbox7: $[*].on, as in \"buildbox7\""]
    );
}

#[test]
fn a_long_example_is_cut_around_what_was_found() {
    let text = format!("\"{} buildbox7 {}\"", "é".repeat(400), "y".repeat(400));
    let lines = Look::new(&machine()).at(Framing::Json, text.as_bytes());
    let (_, example) = lines[0].split_once("as in ").unwrap();
    assert!(
        example.contains("buildbox7") && example.chars().count() < 70,
        "{example}"
    );
    assert!(
        example.starts_with("\"…é") && example.ends_with("y…\""),
        "{example}"
    );
}

static LOOK: LazyLock<Look> = LazyLock::new(|| Look::new(&machine()));

/// Texts that are signs, or nearly.
fn nearly() -> impl Strategy<Value = serde_json::Value> {
    let parts = [
        "buildbox7",
        "ed",
        "root",
        "\"",
        "/",
        "\\",
        " ",
        "x",
        "é",
        "2026-11-27",
        "2026-11-2",
        "1795739324",
        "17957",
        "/home/adalove",
        "/app",
        "\n",
    ];
    let text = prop::collection::vec(prop::sample::select(parts.to_vec()), 0..4);
    let number = prop::sample::select(vec![
        1_795_739_324_i64,
        17_957,
        179_573_932_400_000,
        20_261_127,
        -1_795_739_324,
    ]);
    prop_oneof![
        4 => text.prop_map(|parts| serde_json::Value::from(parts.concat())),
        1 => number.prop_map(serde_json::Value::from),
        1 => Just(serde_json::json!([true, null, -0.5e-7])),
    ]
}

proptest! {
    #[test]
    fn a_fixture_is_judged_as_if_all_of_it_were_read(values in prop::collection::vec((nearly(), nearly()), 0..6), pretty: bool) {
        let member = |(name, value): &(serde_json::Value, serde_json::Value)| {
            serde_json::json!({ (name.to_string()): value, "plain": name })
        };
        let document = serde_json::Value::from_iter(values.iter().map(member));
        let fixture = if pretty { format!("{document:#}\n") } else { format!("{document}\n") };
        let all = LOOK.read(Framing::Json, fixture.as_bytes());
        prop_assert_eq!(LOOK.at(Framing::Json, fixture.as_bytes()), all);
    }
}

#[test]
fn what_is_part_of_another_sign_is_not_named_beside_it() {
    let machine = Machine {
        users: vec!["root".to_owned()],
        folders: vec!["/root".to_owned(), "/root/project".to_owned()],
        now: NOW,
        ..Machine::default()
    };
    let look = Look::new(&machine);
    for (value, expected) in [
        ("/root/x", "the folder /root: $, as in \"/root/x\""),
        (
            "/root/project/x",
            "the folder /root/project: $, as in \"/root/project/x\"",
        ),
        ("root", "the user's name, root: $, as in \"root\""),
    ] {
        let fixture = format!("{value:?}");
        assert_eq!(look.at(Framing::Json, fixture.as_bytes()), [expected]);
    }
}
