//! Rows that the database lacks something for: what is missing is to be created, and the row is right.

use fixpoints::{Error, Fault};

use crate::playground::Playground;

#[test]
fn advice_is_about_what_is_missing_and_not_about_the_row() {
    for (sql, lost, fault, advice) in [
        (
            "CREATE TABLE t (id int, y int) PARTITION BY LIST (y); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2);
             INSERT INTO t VALUES (1, 1), (2, 2)",
            "DROP TABLE t2",
            Fault::MissingPartition,
            "PARTITION OF",
        ),
        (
            "CREATE FUNCTION helper(int) RETURNS bool LANGUAGE sql AS 'SELECT true';
             CREATE FUNCTION is_good(int) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN public.helper($1); END';
             CREATE TABLE t (id int PRIMARY KEY CHECK (is_good(id))); INSERT INTO t VALUES (1)",
            "DROP FUNCTION helper; DELETE FROM t",
            Fault::MissingObject,
            "create what the message names",
        ),
        (
            "CREATE TYPE mood AS ENUM ('good'); CREATE TABLE t (id int PRIMARY KEY, kind regtype); INSERT INTO t VALUES (1, 'mood')",
            "DELETE FROM t; DROP TYPE mood",
            Fault::MissingObject,
            "create what the message names",
        ),
        (
            "CREATE VIEW other AS SELECT 1; CREATE TABLE t (id int PRIMARY KEY, kind regclass); INSERT INTO t VALUES (1, 'other')",
            "DELETE FROM t; DROP VIEW other",
            Fault::MissingObject,
            "create what the message names",
        ),
        (
            "CREATE COLLATION odd (locale = 'C.utf8'); CREATE TABLE t (name text COLLATE odd PRIMARY KEY); INSERT INTO t VALUES ('a'), ('b')",
            "DELETE FROM t; SET allow_system_table_mods = on; UPDATE pg_collation SET collcollate = 'xx_XX.utf8', collctype = 'xx_XX.utf8' WHERE collname = 'odd'",
            Fault::MissingCollation,
            "install the locale",
        ),
    ] {
        let Some(playground) = Playground::new(sql) else {
            return;
        };
        playground.store("base").unwrap();
        playground.sql(lost);
        let error = playground.restore("base").unwrap_err();
        let (Error::Row { fault: found, .. } | Error::Database { fault: found, .. }) = &error else {
            panic!("{error}");
        };
        assert_eq!(*found, fault, "{error}");
        let hint = error.hint().unwrap().to_string();
        assert!(hint.contains(advice) && !hint.contains("correct the row"), "{error}: {hint}");
    }
}
