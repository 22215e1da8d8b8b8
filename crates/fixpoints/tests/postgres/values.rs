//! Every value of every type comes back as it was.

use crate::playground::{Playground, changes};

/// A type, and values of it as SQL.
const TYPES: [(&str, &[&str]); 60] = [
    ("boolean", &["true", "false"]),
    ("smallint", &["-32768", "32767", "0"]),
    ("integer", &["-2147483648", "2147483647"]),
    (
        "bigint",
        &[
            "-9223372036854775808",
            "9223372036854775807",
            "9007199254740993",
        ],
    ),
    ("oid", &["0", "4294967295"]),
    (
        "numeric",
        &[
            "1.10",
            "1.1",
            "0.00",
            "-0",
            "'NaN'",
            "'Infinity'",
            "'-Infinity'",
            "1e300",
            "1e-300",
            "123456789012345678901234567890.1234567890",
        ],
    ),
    ("numeric(12,3)", &["1", "-999999999.999"]),
    (
        "real",
        &[
            "0",
            "'-0'",
            "1.1",
            "'NaN'",
            "'Infinity'",
            "'-Infinity'",
            "3.4028235e38",
            "1e-45",
            "16777217",
        ],
    ),
    (
        "double precision",
        &[
            "0",
            "'-0'",
            "0.1",
            "'NaN'",
            "'Infinity'",
            "'-Infinity'",
            "1.7976931348623157e308",
            "4.94065645841247e-324",
            "1e15",
            "1e16",
            "9007199254740993",
        ],
    ),
    ("money", &["'-92233720368547758.08'", "'1234.5'", "0"]),
    (
        "text",
        &[
            "''",
            "' '",
            "E'\\t\\n\\r\\b\\f\\v\\\\N\\\\.'",
            "'\\N'",
            "'\\.'",
            "'null'",
            "'😀 é \u{85}\u{2028}\u{feff}\u{ffff}'",
            "E'\\u0001\\u007f'",
            "'\"''$$'",
        ],
    ),
    ("varchar(5)", &["'a  '", "''"]),
    ("char(5)", &["'a'", "''", "' b'"]),
    ("\"char\"", &["'a'", "''", "'\\377'"]),
    ("name", &["'x'", "''"]),
    ("bytea", &["''", "'\\x00ff5c0a09'", "'\\x5c78'"]),
    (
        "timestamp",
        &[
            "'infinity'",
            "'-infinity'",
            "'4713-01-01 00:00:00 BC'",
            "'294276-12-31 23:59:59.999999'",
            "'2000-01-01 00:00:00.000001'",
        ],
    ),
    (
        "timestamptz",
        &[
            "'infinity'",
            "'-infinity'",
            "'4713-01-02 00:00:00+00 BC'",
            "'294276-12-31 23:59:59.999999+00'",
            "'2020-06-30 12:00:00+02'",
        ],
    ),
    ("timestamptz(0)", &["'2020-06-30 12:00:00.6+02'"]),
    (
        "date",
        &[
            "'infinity'",
            "'-infinity'",
            "'4713-01-01 BC'",
            "'5874897-12-31'",
            "'0001-01-01'",
        ],
    ),
    ("time", &["'00:00:00'", "'24:00:00'", "'23:59:59.999999'"]),
    (
        "timetz",
        &[
            "'00:00:00+15:59'",
            "'24:00:00-15:59'",
            "'12:00:00.1+05:30:15'",
        ],
    ),
    (
        "interval",
        &[
            "'-178000000 years'",
            "'178000000 years'",
            "'1 mon -1 days +00:00:01'",
            "'-1 mon 1 day -00:00:00.000001'",
            "'0'",
            "'1 year 2 mons 3 days 04:05:06.789'",
        ],
    ),
    (
        "uuid",
        &[
            "'00000000-0000-0000-0000-000000000000'",
            "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
        ],
    ),
    (
        "json",
        &[
            "'null'",
            "'{\"a\":1,  \"a\": 2 }'",
            "'1.10'",
            "'\"\\u0041\"'",
            "'[ 1e2 ]'",
        ],
    ),
    (
        "jsonb",
        &[
            "'null'",
            "'{\"b\":1.10,\"a\":[null,\"x\"]}'",
            "'\"\\\\\"'",
            "'[]'",
        ],
    ),
    ("jsonpath", &["'$.a[*] ? (@ > 1)'"]),
    ("xml", &["'<a b=\"c\">é</a>'", "'x<b/>y'", "''"]),
    (
        "inet",
        &["'1.2.3.4'", "'1.2.3.4/24'", "'::1'", "'::ffff:1.2.3.4/100'"],
    ),
    ("cidr", &["'10.0.0.0/8'", "'::/0'"]),
    ("macaddr", &["'08:00:2b:01:02:03'"]),
    ("macaddr8", &["'08:00:2b:01:02:03:04:05'"]),
    ("bit(3)", &["B'101'", "B'000'"]),
    ("varbit", &["B''", "B'0001'"]),
    ("tsvector", &["'a:1A fat:2B,4C ''x y'':3'", "''"]),
    ("tsquery", &["'fat & (rat | !cat:AB) <2> x'", "''"]),
    ("point", &["'(1.1,-0)'", "'(Infinity,NaN)'"]),
    ("line", &["'{1,2,3}'"]),
    ("lseg", &["'[(0,0),(1,1e300)]'"]),
    ("box", &["'(1,1),(0,0)'"]),
    ("path", &["'[(0,0),(1,1)]'", "'((0,0),(1,1))'"]),
    ("polygon", &["'((0,0),(1,1),(2,0))'"]),
    ("circle", &["'<(0,0),1.5>'"]),
    ("pg_lsn", &["'16/B374D848'"]),
    ("txid_snapshot", &["'10:20:10,14,15'"]),
    ("xid8", &["'18446744073709551615'"]),
    ("tid", &["'(0,1)'"]),
    ("regclass", &["'app.things'", "'pg_class'"]),
    ("regtype", &["'app.mood'", "'integer'"]),
    (
        "integer[]",
        &["'{}'", "'{1,NULL,3}'", "'{{1,2},{3,4}}'", "'[0:1]={1,2}'"],
    ),
    (
        "text[]",
        &[
            "'{\"\",\"NULL\",NULL,\"a,b\",\"\\\"\",\"\\\\\\\\\"}'",
            "'{{{x}}}'",
        ],
    ),
    ("box[]", &["'{(1,1),(0,0);(2,2),(1,1)}'"]),
    ("int4range", &["'empty'", "'(,)'", "'[1,5)'", "'(,7]'"]),
    (
        "tstzrange",
        &["'[2020-01-01 00:00+00,infinity]'", "'[-infinity,)'"],
    ),
    ("int4multirange", &["'{}'", "'{[1,3),[5,8)}'"]),
    ("app.mood", &["'sad'", "'it''s, \"ok\"'"]),
    ("app.positive", &["1", "9.50"]),
    (
        "app.pair",
        &["ROW(NULL, NULL)", "ROW(1, 'a,\"b\"\\')", "ROW(NULL, '')"],
    ),
    ("app.pair[]", &["ARRAY[ROW(1, 'x')::app.pair, NULL]"]),
    ("app.flags", &["true", "false"]),
];

const SETUP: &str = "CREATE SCHEMA app; CREATE TABLE app.things (id int PRIMARY KEY);
    CREATE TYPE app.mood AS ENUM ('sad', 'it''s, \"ok\"'); CREATE DOMAIN app.number AS numeric CHECK (VALUE > 0);
    CREATE DOMAIN app.positive AS app.number; CREATE TYPE app.pair AS (a int, b text); CREATE DOMAIN app.flags AS boolean;";

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
    let expected = r#"format: 1
engine: postgres
tables:
  t: {"key": ["id"], "columns": {"id": "integer", "b": "boolean", "n": "numeric(6,2)", "f": "double precision", "j": "json", "jb": "jsonb", "y": "bytea", "a": "integer[]", "w": "timestamp with time zone"}}
sequences: {}
rows:
  t:
    - {"id": 1, "b": true, "n": "1.10", "f": 1.5, "j": "{\"a\":  1}", "jb": "null", "y": {"$bytes": "AP8="}, "a": "{1,NULL}", "w": "2020-01-01 10:00:00+00"}
    - {"id": 2, "b": null, "n": null, "f": {"$real": "nan"}, "j": null, "jb": null, "y": null, "a": null, "w": null}
"#;
    assert_eq!(playground.text("base"), expected);
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
