//! Every value of every type comes back as it was.

use crate::playground::{Playground, changes};
use crate::types::{SETUP, TYPES};

#[test]
fn every_type_comes_back_exactly() {
    let Some(playground) = Playground::new(SETUP) else {
        return;
    };
    let mut all = TYPES.to_vec();
    for extension in ["hstore", "citext"] {
        let found =
            format!("SELECT count(*) FROM pg_available_extensions WHERE name = '{extension}'");
        if playground.one(&found) == "1" {
            playground.sql(&format!("CREATE EXTENSION {extension} SCHEMA app"));
        }
    }
    if playground.one("SELECT to_regtype('app.hstore') IS NOT NULL") == "t" {
        all.push((
            "app.hstore",
            &["''", "'a=>NULL,\"b c\"=>\"NULL\",\"\\\"\"=>\"\"'"],
        ));
        all.push(("app.citext", &["'Aa'", "''"]));
    }
    for (at, (declared, values)) in all.iter().enumerate() {
        let mut sql = format!(
            "CREATE TABLE t{at} (id int PRIMARY KEY, v {declared}); INSERT INTO t{at} VALUES (0, NULL);"
        );
        let mut bag = format!("CREATE TABLE bag{at} (v {declared});");
        for (id, value) in values.iter().enumerate() {
            sql.push_str(&format!("INSERT INTO t{at} VALUES ({}, {value});", id + 1));
            bag.push_str(&format!(
                "INSERT INTO bag{at} VALUES ({value}), (NULL), ({value});"
            ));
        }
        playground.sql(&format!("{sql}{bag}"));
    }
    let before = playground.dump();
    playground.store("base").unwrap();
    let text = playground.text("base");
    assert!(playground.compare("base").unwrap().is_equal());
    for at in 0..all.len() {
        playground.sql(&format!("UPDATE t{at} SET v = NULL; DELETE FROM bag{at};"));
    }
    playground.restore("base").unwrap();
    assert_eq!(playground.dump(), before);
    assert_eq!(playground.state(), text);
    for at in 0..all.len() {
        playground.sql(&format!(
            "DELETE FROM t{at} WHERE id > 0; INSERT INTO bag{at} VALUES (NULL);"
        ));
    }
    playground.store_on("child", "base").unwrap();
    playground.restore("base").unwrap();
    assert_eq!(playground.dump(), before);
    playground.restore("child").unwrap();
    assert!(playground.compare("child").unwrap().is_equal());
}

#[test]
fn every_type_that_can_be_a_key_is_one() {
    let Some(playground) = Playground::new(SETUP) else {
        return;
    };
    let mut made = Vec::new();
    for (at, (declared, values)) in TYPES.iter().enumerate() {
        let create = format!("CREATE TABLE t{at} (v {declared} PRIMARY KEY, n int)");
        // An index of boxes can be made, and holds one only.
        if *declared == "box[]" || playground.client().batch_execute(&create).is_err() {
            continue;
        }
        made.push(at);
        for value in *values {
            playground.sql(&format!(
                "INSERT INTO t{at} VALUES ({value}, 1) ON CONFLICT DO NOTHING"
            ));
        }
    }
    assert!(made.len() > 35, "{made:?}");
    playground.store("base").unwrap();
    let before = playground.dump();
    for at in made {
        playground.sql(&format!(
            "UPDATE t{at} SET n = 2; DELETE FROM t{at} WHERE ctid = '(0,1)';"
        ));
    }
    playground.restore("base").unwrap();
    assert_eq!(playground.dump(), before);
    assert!(playground.compare("base").unwrap().is_equal());
}

#[test]
fn files_are_read_as_a_person_would_expect() {
    let Some(playground) = Playground::new(
        "CREATE TABLE t (id int PRIMARY KEY, b boolean, n numeric(6,2), f float8, j json, jb jsonb, y bytea, a int[], w timestamptz);
         INSERT INTO t VALUES (1, true, 1.10, 1.5, '{\"a\":  1}', 'null', '\\x00ff', '{1,NULL}', '2020-01-01 12:00+02'), (2, NULL, NULL, 'NaN', NULL, NULL, NULL, NULL, NULL);",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    let expected = r#"  t:
    - {"id": 1, "b": true, "n": "1.10", "f": 1.5, "j": "{\"a\":  1}", "jb": "null", "y": {"$bytes": "AP8="}, "a": "{1,NULL}", "w": "2020-01-01 10:00:00+00"}
    - {"id": 2, "b": null, "n": null, "f": {"$real": "nan"}, "j": null, "jb": null, "y": null, "a": null, "w": null}
"#;
    let text = playground.text("base");
    assert_eq!(crate::playground::lines(&text), expected);
    let table = r#"  t: {"key": ["id"], "columns": {"id": "integer", "b": "boolean", "n": "numeric(6,2)", "f": "double precision", "j": "json", "jb": "jsonb", "y": "bytea", "a": "integer[]", "w": "timestamp with time zone"}}"#;
    assert!(text.lines().any(|line| line == table), "{text}");
}

#[test]
fn values_that_compare_equal_are_told_apart() {
    let Some(playground) = Playground::new(
        "CREATE TABLE t (id int PRIMARY KEY, n numeric, f float8, j json, jb jsonb, c char(4), i interval);
         INSERT INTO t VALUES (1, 1.10, 0, '{\"a\":1}', 'null', 'a', '1 mon');",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    for change in [
        "n = 1.1",
        "f = '-0'",
        "j = '{\"a\": 1}'",
        "jb = NULL",
        "i = '30 days'",
    ] {
        playground.sql(&format!("UPDATE t SET {change}"));
        assert!(!playground.compare("base").unwrap().is_equal(), "{change}");
        playground.restore("base").unwrap();
        assert!(playground.compare("base").unwrap().is_equal(), "{change}");
    }
}

#[test]
fn settings_of_the_database_change_no_byte() {
    let Some(playground) = Playground::new(
        "CREATE TABLE t (id int PRIMARY KEY, d date, i interval, f float8, y bytea, w timestamptz, x xml, \"a b\" text[]);
         INSERT INTO t VALUES (1, '2020-02-01', '1 mon -1 day', 0.1, '\\x00', '2020-02-01 00:00+00', 'a<b/>', '{NULL,\"NULL\"}');",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    let name = &playground.place.name;
    for setting in [
        "datestyle = 'SQL, DMY'",
        "intervalstyle = 'sql_standard'",
        "extra_float_digits = -5",
        "bytea_output = 'escape'",
        "timezone = 'Asia/Kolkata'",
        "standard_conforming_strings = off",
        "array_nulls = off",
        "quote_all_identifiers = on",
        "idle_in_transaction_session_timeout = 1",
        "xmloption = document",
    ] {
        playground.sql(&format!("ALTER DATABASE {name} SET {setting}"));
    }
    assert_eq!(playground.state(), playground.text("base"));
    playground.sql(
        "UPDATE t SET d = NULL, i = NULL, f = 1, y = NULL, w = NULL, x = NULL, \"a b\" = NULL",
    );
    playground.restore("base").unwrap();
    assert_eq!(playground.state(), playground.text("base"));
}

#[test]
fn hostile_names_are_only_names() {
    let long = "é".repeat(31);
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
        "$1",
        "Upper",
        "sqlite_x",
        &long,
    ];
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let Some(playground) = Playground::new("") else {
        return;
    };
    let columns: Vec<String> = names
        .iter()
        .map(|name| format!("{} text", quoted(name)))
        .collect();
    for schema in ["public", "a", "a.b", "UP\"per"] {
        playground.sql(&format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(schema)));
        for table in names {
            let table = format!("{}.{}", quoted(schema), quoted(table));
            playground.sql(&format!(
                "CREATE TABLE {table} (k serial PRIMARY KEY, {}); INSERT INTO {table} (k) VALUES (DEFAULT), (DEFAULT);",
                columns.join(", ")
            ));
        }
    }
    playground.store("base").unwrap();
    assert_eq!(
        playground.chain("base").unwrap().header().tables.len(),
        4 * names.len()
    );
    let before = playground.dump();
    for schema in ["public", "a.b", "UP\"per"] {
        for table in names {
            let table = format!("{}.{}", quoted(schema), quoted(table));
            playground.sql(&format!(
                "DELETE FROM {table} WHERE k = 1; UPDATE {table} SET {} = 5",
                quoted(names[3])
            ));
        }
    }
    playground.store_on("child", "base").unwrap();
    playground.restore("base").unwrap();
    assert_eq!(playground.dump(), before);
    playground.restore("child").unwrap();
    assert!(playground.compare("child").unwrap().is_equal());
    assert_eq!(
        changes(&playground.compare("base").unwrap()).len(),
        3 * 2 * names.len()
    );
}

#[test]
fn a_value_that_a_column_would_change_is_refused() {
    let Some(playground) = Playground::new(
        "CREATE TABLE t (id int PRIMARY KEY, v text, n numeric, f float8, b bool);
         INSERT INTO t VALUES (1, 'a', 1.50, 2.5, true), (2, 'b', 1.50, 2.5, true);",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    let text = playground.text("base");
    for (old, new, column) in [
        (
            r#""v": "a""#,
            r#""v": 7"#,
            "column v is text and would keep 7 as",
        ),
        (r#""n": "1.50""#, r#""n": 1.50"#, "column n is numeric"),
        (r#""f": 2.5"#, r#""f": 2"#, "column f is double precision"),
        (r#""b": true"#, r#""b": "t""#, "column b is boolean"),
    ] {
        playground.edit("base", &text.replacen(old, new, 1));
        playground.sql("DELETE FROM t WHERE id = 1");
        let error = playground.restore("base").unwrap_err().to_string();
        assert!(
            error.contains(column) && error.contains(r#"{"id": 1}"#),
            "{error}"
        );
        assert_eq!(playground.one("SELECT count(*) FROM t"), "1");
    }
}
