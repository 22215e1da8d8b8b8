//! Every value comes back as it was, with its type.

use rusqlite::types::Value;

use crate::playground::Playground;

#[test]
fn every_value_comes_back_exactly() {
    let playground = Playground::new("CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
    let texts = [
        "",
        "null",
        "1",
        "yes",
        "~",
        "a: b",
        "- a",
        "#",
        "\0",
        "\u{7f}\u{80}\u{85}\u{2028}\u{feff}\u{fffe}\u{ffff}",
        "\"\\/",
        "😀",
        "\r\n\t",
        " x ",
        "{}",
    ];
    let reals = [
        0.0,
        -0.0,
        1.0,
        0.1,
        -1e-7,
        1e15,
        1e16,
        1e300,
        f64::MIN_POSITIVE,
        5e-324,
        f64::MAX,
        f64::INFINITY,
        f64::NEG_INFINITY,
        9_223_372_036_854_775_808.0,
    ];
    let integers = [0, 1, -1, i64::MAX, i64::MIN, 9_007_199_254_740_993];
    let values = texts.map(|text| Value::Text(text.to_owned())).into_iter();
    let values = values
        .chain(reals.map(Value::Real))
        .chain(integers.map(Value::Integer));
    let values: Vec<Value> = values
        .chain([
            Value::Null,
            Value::Blob(vec![]),
            Value::Blob((0..=255).collect()),
        ])
        .collect();
    let connection = playground.connection();
    for value in &values {
        connection
            .execute("INSERT INTO t (v) VALUES (?1)", [value])
            .unwrap();
    }
    connection
        .execute("INSERT INTO t (v) VALUES (CAST(x'61ff' AS TEXT))", [])
        .unwrap();
    playground.store("base").unwrap();
    playground.sql("UPDATE t SET v = 'wrecked'");
    playground.restore("base").unwrap();
    for (at, value) in values.iter().enumerate() {
        let found: Value = playground.one(&format!("SELECT v FROM t WHERE id = {}", at + 1));
        match (&found, value) {
            (Value::Real(a), Value::Real(b)) => assert_eq!(a.to_bits(), b.to_bits()),
            _ => assert_eq!(&found, value),
        }
    }
    let invalid = format!(
        "SELECT hex(v) || typeof(v) FROM t WHERE id = {}",
        values.len() + 1
    );
    assert_eq!(playground.one::<String>(&invalid), "61FFtext");
}

#[test]
fn values_that_compare_equal_are_told_apart() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 1), (2, 'a'), (3, -0.0);",
    );
    playground.store("base").unwrap();
    for change in [
        "UPDATE t SET v = 1.0 WHERE id = 1",
        "UPDATE t SET v = x'61' WHERE id = 2",
        "UPDATE t SET v = 0.0 WHERE id = 3",
    ] {
        playground.sql(change);
        assert!(!playground.compare("base").unwrap().is_equal(), "{change}");
        playground.restore("base").unwrap();
        assert!(playground.compare("base").unwrap().is_equal(), "{change}");
    }
}

#[test]
fn hostile_names_are_only_names() {
    let names = [
        "select",
        "a\"b",
        "a'b",
        "a.b",
        " ",
        "yes",
        "x; DROP TABLE t; --",
        "größe",
        "😀",
        "a\\b",
        "a\tb",
        "%s",
        "1",
        "a: {",
        "sqlite-like",
    ];
    for table in names {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let columns: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        let playground = Playground::new(&format!(
            "CREATE TABLE {0} (k INTEGER PRIMARY KEY AUTOINCREMENT, {1}); INSERT INTO {0} (k) VALUES (1), (2);",
            quoted(table),
            columns.join(", ")
        ));
        playground.store("base").unwrap();
        let before = playground.state();
        playground.sql(&format!(
            "DELETE FROM {0} WHERE k = 1; UPDATE {0} SET {1} = 5;",
            quoted(table),
            columns[3]
        ));
        playground.store_on("child", "base").unwrap();
        playground.restore("base").unwrap();
        assert_eq!(playground.state(), before, "{table}");
        playground.restore("child").unwrap();
        assert!(playground.compare("child").unwrap().is_equal(), "{table}");
    }
}

#[test]
fn signed_zeros_without_a_key_are_counted_in_any_order() {
    let rows = [
        "(-0.0, 1)",
        "(0, 1)",
        "(0.0, 1.0)",
        "(0.0, 1)",
        "(-0.0, 1.0)",
        "(0, -0.0)",
        "(0.0, 1)",
        "(-0.0, 1)",
        "(2, 0.0)",
    ];
    let mut files = std::collections::BTreeSet::new();
    for turn in 0..rows.len() {
        let mut turned = rows;
        turned.rotate_left(turn);
        let playground = Playground::new(&format!(
            "CREATE TABLE t (v, w); INSERT INTO t VALUES {};",
            turned.join(", ")
        ));
        playground.store("base").unwrap();
        playground.store_on("child", "base").unwrap();
        assert_eq!(crate::playground::lines(&playground.text("child")), "");
        files.insert(playground.text("base"));
        playground.sql("DELETE FROM t WHERE rowid = 1");
        assert_eq!(
            crate::playground::changes(&playground.compare("base").unwrap()).len(),
            1
        );
        playground.store_on("child", "base").unwrap();
        playground.restore("base").unwrap();
        assert!(playground.compare("base").unwrap().is_equal());
        playground.restore("child").unwrap();
        assert!(playground.compare("child").unwrap().is_equal());
    }
    assert_eq!(files.len(), 1);
}

#[test]
fn a_value_that_a_column_would_change_is_refused() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, f REAL, n NUMERIC);
         CREATE TABLE bag (v TEXT); INSERT INTO bag VALUES ('a');
         INSERT INTO t VALUES (1, 'a', 2.5, 7), (2, 'b', 2.5, 7);",
    );
    playground.store("base").unwrap();
    let text = playground.text("base");
    for (old, new, said) in [
        (
            r#""v": "a", "f""#,
            r#""v": 7, "f""#,
            r#"{"id": 1} of table t: column v is TEXT and would keep 7 as"#,
        ),
        (
            r#""f": 2.5"#,
            r#""f": 2"#,
            "column f is REAL and would keep 2 as",
        ),
        (
            r#""n": 7"#,
            r#""n": "7""#,
            "column n is NUMERIC and would keep \"7\" as",
        ),
        (r#"{"v": "a"}"#, r#"{"v": 7}"#, "column v is TEXT"),
    ] {
        playground.edit("base", &text.replacen(old, new, 1));
        playground.sql("DELETE FROM t WHERE id = 1; DELETE FROM bag");
        let error = playground.restore("base").unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
        assert_eq!(playground.one::<i64>("SELECT count(*) FROM t"), 1);
    }
}
