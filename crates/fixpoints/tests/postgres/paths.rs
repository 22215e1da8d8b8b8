//! Types and functions of schemas that the search path does not lead to, or leads to only for the caller.

use crate::playground::{Playground, changes};

const LETTERS: &str = "CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext;
    CREATE TABLE p (k ext.citext PRIMARY KEY, v int); CREATE TABLE c (id int PRIMARY KEY, k ext.citext REFERENCES p (k), n ext.citext UNIQUE DEFERRABLE);
    INSERT INTO p VALUES ('abc', 1), ('d', 2), ('e', 3); INSERT INTO c VALUES (1, 'ABC', 'x'), (2, 'd', 'y');";

/// Stores `base`, and says which rows that refers to are missing.
fn missing_rows(playground: &Playground) -> Vec<String> {
    let report = playground.store("base").unwrap();
    let messages = report.findings.into_iter().map(|found| found.message);
    messages
        .filter(|message| message.contains("missing row"))
        .collect()
}

#[test]
fn references_are_compared_as_the_server_compares_them() {
    let Some(playground) = Playground::new(LETTERS) else {
        return;
    };
    assert_eq!(missing_rows(&playground), [""; 0]);
    playground.sql("DELETE FROM c");
    playground.restore("base").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
    playground.sql("DELETE FROM c; DELETE FROM p WHERE k = 'abc'::ext.citext OR v = 1; UPDATE p SET v = 9 WHERE v = 2; INSERT INTO p VALUES ('f', 4), ('g', 5)");
    playground.restore("base").unwrap();
    assert_eq!(changes(&playground.compare("base").unwrap()), [""; 0]);
}

#[test]
fn a_key_of_any_type_finds_its_rows() {
    for (ty, values) in [
        ("varchar(4)", ["'a'", "'b '", "'a '"]),
        ("char(4)", ["'a'", "'b'", "'  c'"]),
        ("\"char\"", ["'a'", "'b'", "'c'"]),
        ("name", ["'a'", "'b'", "'c'"]),
        ("ext.citext", ["'A'", "'b'", "'c'"]),
        ("ext.mail", ["'A'", "'b'", "'c'"]),
        ("ext.mood", ["'sad'", "'ok'", "'Happy \"'''"]),
        ("ext.mood[]", ["'{sad}'", "'{ok,sad}'", "'{}'"]),
        ("ext.pair", ["'(1,a)'", "'(2,)'", "'(1,b)'"]),
        ("ext.short", ["'a'", "'b'", "'c'"]),
        ("numeric(6, 2)", ["1.10", "2", "-3"]),
        ("bit(3)", ["'101'", "'000'", "'111'"]),
        ("varbit(5)", ["'10'", "''", "'111'"]),
        ("interval(0)", ["'1 day'", "'25:00'", "'-1 s'"]),
        (
            "timestamptz(0)",
            [
                "'2020-01-01 00:00Z'",
                "'infinity'",
                "'0044-03-15 00:00Z BC'",
            ],
        ),
        ("text[]", ["'{a}'", "'{\"b,\\\"\"}'", "'{NULL}'"]),
        ("int4range", ["'[1,2)'", "'empty'", "'(,)'"]),
        ("inet", ["'10.0.0.1'", "'10.0.0.0/8'", "'::1'"]),
        ("bytea", ["'\\x00'", "''", "'\\xff'"]),
        ("float8", ["'NaN'", "1e-300", "-1.5"]),
        ("bool", ["true", "false", "NULL::bool"]),
    ] {
        let [a, b, c] = values;
        let third = if c.starts_with("NULL") {
            String::new()
        } else {
            format!(", ({c}, 3)")
        };
        let Some(playground) = Playground::new(&format!(
            "CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; CREATE DOMAIN ext.mail AS ext.citext CHECK (VALUE <> ''); CREATE TYPE ext.mood AS ENUM ('sad', 'ok', 'Happy \"''');
             CREATE TYPE ext.pair AS (a int, b text); CREATE DOMAIN ext.short AS varchar(3);
             CREATE TABLE t (k {ty} PRIMARY KEY, v int); CREATE TABLE u (k {ty} REFERENCES t (k)); INSERT INTO t VALUES ({a}, 1), ({b}, 2){third}; INSERT INTO u VALUES ({a})"
        )) else {
            return;
        };
        assert_eq!(missing_rows(&playground), [""; 0], "{ty}");
        let before = playground.dump();
        playground.sql("UPDATE t SET v = 7 WHERE v = 1; DELETE FROM t WHERE v = 2; DELETE FROM u");
        playground.store_on("child", "base").unwrap();
        playground.restore("base").unwrap();
        assert_eq!(playground.dump(), before, "{ty}");
        playground.restore("child").unwrap();
        assert!(playground.compare("child").unwrap().is_equal(), "{ty}");
    }
}

#[test]
fn checks_defaults_and_indexes_are_run_where_the_caller_has_their_functions() {
    let Some(playground) = Playground::new(
        "CREATE SCHEMA app; CREATE FUNCTION app.twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 2';
         CREATE FUNCTION app.even(n int) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN twice(n) % 2 = 0; END';
         SET search_path = app; CREATE DOMAIN app.number AS int CHECK (even(VALUE));
         CREATE TABLE app.t (id int PRIMARY KEY, n app.number CHECK (even(n)), d int GENERATED ALWAYS AS (CASE WHEN even(n) THEN 1 END) STORED);
         CREATE INDEX ON app.t ((even(n))); INSERT INTO app.t SELECT i, i FROM generate_series(1, 20) i;",
    ) else {
        return;
    };
    let database = &playground.place.name;
    playground.sql(&format!(
        "ALTER DATABASE {database} SET search_path = app, public"
    ));
    playground.store("base").unwrap();
    let before = playground.dump();
    playground.sql(
        "UPDATE t SET n = 5 WHERE id < 4; DELETE FROM t WHERE id = 9; INSERT INTO t VALUES (77, 1)",
    );
    playground.restore("base").unwrap();
    assert_eq!(playground.dump(), before);
    playground.sql("DELETE FROM t");
    playground.restore("base").unwrap();
    assert_eq!(playground.dump(), before);
}
