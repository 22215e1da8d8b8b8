//! The facts, and the same asked of the Psych that is installed here.

use std::path::Path;
use std::process::Command;

use super::*;
use crate::yaml::{self, Kind};

/// What stands in a file, what Psych calls it, and its value. The oracle is asked about each of them, too.
const FACTS: &str = include_str!("facts.txt");

/// Which strings are asked about, and how many.
const SEED: &str = "1";
const COUNT: &str = "100000";

fn facts() -> impl Iterator<Item = (&'static str, &'static str)> {
    FACTS.lines().map(|line| line.split_once(" => ").unwrap())
}

/// As the oracle writes it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null ".to_owned(),
        Value::Bool(value) => format!("bool {value}"),
        Value::Integer(value) => format!("integer {value}"),
        Value::Decimal(digits) => format!("integer {digits}"),
        Value::Real(value) if value.is_nan() => "float 7ff8000000000000".to_owned(),
        Value::Real(value) => format!("float {:016x}", value.to_bits()),
        Value::Text(text) => format!("text {text}"),
        Value::Bytes(bytes) => format!("bytes {bytes:?}"),
        Value::Date(date) => format!("date {date}"),
        Value::Time(time) => {
            let (second, fraction) = time.split_once('.').unwrap_or((time, ""));
            format!("time {second}.{fraction:0<9.9}")
        }
    }
}

#[test]
fn plain_scalars_mean_what_they_mean_to_psych() {
    for (text, expected) in facts() {
        assert_eq!(shown(&plain(text)).trim_end(), expected, "{text}");
    }
}

#[test]
fn what_the_installed_psych_dumps_and_loads_is_read_as_psych_reads_it() {
    let Some(oracle) = asked() else {
        return;
    };
    let read = |name: &str| std::fs::read_to_string(oracle.path().join(name)).unwrap();
    let strings: Vec<(String, String)> = serde_json::from_str(&read("dumped.json")).unwrap();
    let wrong = strings.iter().filter_map(|(text, rows)| {
        let found = code(rows);
        let message = || format!("{text:?} is dumped as {rows:?} and was read as {found:?}");
        (found.as_ref() != Ok(text)).then(message)
    });
    none(&wrong.collect::<Vec<_>>());
    let scalars: Vec<(String, String, String)> =
        serde_json::from_str(&read("loaded.json")).unwrap();
    let wrong = scalars.iter().filter_map(|(text, class, value)| {
        let (found, expected) = (shown(&plain(text)), format!("{class} {value}"));
        let message = || format!("{text:?} is {expected:?} and was read as {found:?}");
        (found.trim_end() != expected.trim_end()).then(message)
    });
    none(&wrong.collect::<Vec<_>>());
}

fn none(wrong: &[String]) {
    let some = &wrong[..wrong.len().min(20)];
    assert!(wrong.is_empty(), "{}: {some:#?}", wrong.len());
}

/// The text in the first row.
fn code(rows: &str) -> Result<String, String> {
    let rows = yaml::read(rows).map_err(|refused| refused.reason)?;
    let Some(Kind::List(mut rows)) = rows.map(|node| node.kind) else {
        return Err("no list".to_owned());
    };
    let Kind::Map(mut row) = rows.swap_remove(0).kind else {
        return Err("no map".to_owned());
    };
    match row.swap_remove("code").map(|node| node.kind) {
        Some(Kind::Scalar(Value::Text(code))) => Ok(code),
        other => Err(format!("{other:?}")),
    }
}

/// The folder the oracle wrote; `None` where Ruby is not installed, unless it has to be.
fn asked() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/psych/oracle.rb");
    let texts = folder.path().join("facts.txt");
    let lines: String = facts().map(|(text, _)| format!("{text}\n")).collect();
    fixpoints::write_file(&texts, lines.as_bytes()).unwrap();
    let ran = Command::new("ruby")
        .arg("-W1")
        .arg(script)
        .arg(folder.path())
        .args([SEED, COUNT])
        .arg(texts)
        .output();
    match ran {
        Ok(ran) => {
            let said = String::from_utf8_lossy(&ran.stderr);
            assert!(ran.status.success(), "{said}");
            eprint!("{said}");
            Some(folder)
        }
        Err(error) => {
            const REQUIRED: &str = "FIXPOINTS_REQUIRE_SERVERS";
            let required = std::env::var_os(REQUIRED).is_some_and(|value| value == "1");
            assert!(
                !required,
                "{REQUIRED}=1, and ruby does not run ({error}): apt-get install ruby"
            );
            eprintln!("skipped: ruby is not installed (apt-get install ruby)");
            None
        }
    }
}

fn text_of(value: &str) -> Value {
    Value::Text(value.to_owned())
}

#[test]
fn tags_of_ruby_are_read_and_others_refused() {
    let decimal = |value: &str| resolve(value, true, Some("!ruby/object:BigDecimal"));
    for (written, expected) in [
        ("18:0.11e1", "1.1"),
        ("27:0.1e4", "1000"),
        ("-0.5e-3", "-0.0005"),
        ("0.0", "0"),
        ("36:0.12345678901234567890123e3", "123.45678901234567890123"),
    ] {
        assert_eq!(
            decimal(written),
            Ok(Value::Decimal(expected.to_owned())),
            "{written}"
        );
    }
    assert!(decimal("1e999999999").is_err() && decimal("x").is_err());
    assert_eq!(resolve("a", true, Some("!ruby/symbol")), Ok(text_of("a")));
    assert_eq!(
        resolve("AP8=\n", false, Some("!binary")),
        Ok(Value::Bytes(vec![0, 255]))
    );
    assert!(resolve("x", true, Some("!ruby/object:OpenStruct")).is_err());
    for (written, tag, expected) in [
        ("12", "!", Value::Integer(12)),
        ("12", "!str", text_of("12")),
        ("12", "!ruby/string:SafeBuffer", text_of("12")),
        ("12", "tag:yaml.org,2002:float", Value::Real(12.0)),
        ("x", "tag:yaml.org,2002:null", text_of("x")),
    ] {
        assert_eq!(resolve(written, false, Some(tag)), Ok(expected), "{tag}");
    }
}
