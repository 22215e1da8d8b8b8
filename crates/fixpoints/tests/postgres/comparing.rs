//! Rows are matched by key, every difference is named, and a parent or a schema that moved is refused.

use fixpoints::{CompareOptions, Error, Position};

use crate::playground::{Playground, changes};

const PEOPLE: &str = "CREATE TABLE people (id int PRIMARY KEY, name text, updated_at text);
    INSERT INTO people VALUES (1, 'a', 'x'), (2, 'b', 'x'), (3, 'c', 'x');";

#[test]
fn deleting_the_first_of_three_rows_is_one_deletion() {
    let Some(playground) = Playground::new(PEOPLE) else {
        return;
    };
    playground.store("base").unwrap();
    // The rows left are read in another order, too.
    playground.sql("DELETE FROM people WHERE id = 1; UPDATE people SET name = name WHERE id = 2");
    assert_eq!(
        changes(&playground.compare("base").unwrap()),
        [r#"people - 1 "a" "x""#]
    );
}

#[test]
fn no_column_is_ignored_unless_asked() {
    let Some(playground) = Playground::new(PEOPLE) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("UPDATE people SET updated_at = 'y' WHERE id = 2");
    assert_eq!(
        changes(&playground.compare("base").unwrap()),
        [r#"people ~ 2 "b" "x" => 2 "b" "y""#]
    );
    assert!(
        playground
            .compare_ignoring("base", &["updated_at"])
            .unwrap()
            .is_equal()
    );
    assert!(
        playground
            .compare_ignoring("base", &["people.updated_at"])
            .unwrap()
            .is_equal()
    );
    let other = playground.compare_ignoring("base", &["name"]).unwrap();
    assert_eq!(changes(&other), [r#"people ~ 2 "x" => 2 "y""#]);
    assert!(matches!(
        playground.compare_ignoring("base", &["nmae"]),
        Err(Error::UnknownColumn { .. })
    ));
}

#[test]
fn every_differing_table_is_reported() {
    let Some(playground) = Playground::new(
        "CREATE SCHEMA s; CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE s.c (id int PRIMARY KEY);",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground
        .sql("INSERT INTO a VALUES (1); INSERT INTO s.c VALUES (7); CREATE TABLE later (id int)");
    let comparison = playground.compare("base").unwrap();
    assert_eq!(changes(&comparison), ["a + 1", "s.c + 7"]);
    assert_eq!(comparison.uncovered, ["later"]);
    let only = CompareOptions {
        tables: vec!["s.c".to_owned()],
        ..CompareOptions::default()
    };
    assert_eq!(
        changes(&playground.compare_with("base", &only).unwrap()),
        ["s.c + 7"]
    );
}

#[test]
fn a_unique_key_stands_in_for_a_missing_primary_key() {
    let Some(playground) = Playground::new(
        "CREATE TABLE roles (who text NOT NULL, role text NOT NULL, level int, n int NOT NULL, UNIQUE (who, role) INCLUDE (level));
         CREATE UNIQUE INDEX level ON roles (level); CREATE UNIQUE INDEX part ON roles (n) WHERE n > 5; CREATE UNIQUE INDEX expression ON roles ((n + 1));
         INSERT INTO roles VALUES ('a', 'x', 1, 1), ('b', 'x', 2, 2);",
    ) else {
        return;
    };
    assert_eq!(playground.tables()["roles"].key(), ["who", "role"]);
    playground.store("base").unwrap();
    playground.sql("UPDATE roles SET level = 9 WHERE who = 'b'");
    assert_eq!(
        changes(&playground.compare("base").unwrap()),
        [r#"roles ~ "b" "x" 2 2 => "b" "x" 9 2"#]
    );
}

#[test]
fn rows_without_a_key_are_matched_by_count() {
    let Some(playground) = Playground::new(
        "CREATE TABLE log (line text, n float8, j json); INSERT INTO log VALUES ('a', 1, NULL), ('a', 1, NULL), ('b', '-0', '{}'), ('b', 0, '{}'), (NULL, NULL, 'null'), ('', 0, '[]');",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("DELETE FROM log WHERE ctid = (SELECT min(ctid) FROM log WHERE line = 'a'); INSERT INTO log VALUES ('b', '-0', '{}'), (NULL, NULL, NULL);");
    assert_eq!(
        changes(&playground.compare("base").unwrap()),
        [
            r#"log + null null null"#,
            r#"log - "a" 1.0 null"#,
            r#"log + "b" -0.0 "{}""#
        ]
    );
    playground.restore("base").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
}

#[test]
fn ignoring_the_key_matches_rows_by_what_is_left() {
    let Some(playground) = Playground::new(
        "CREATE TABLE t (id serial PRIMARY KEY, v text); INSERT INTO t (v) VALUES ('a'), ('b');",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("DELETE FROM t; INSERT INTO t (v) VALUES ('b'), ('a')");
    let comparison = playground.compare("base").unwrap();
    let sequence = &comparison.sequences[0];
    assert_eq!(
        (sequence.old, sequence.new),
        (Some(Position::called(2)), Some(Position::called(4)))
    );
    assert_eq!(changes(&comparison).len(), 4);
    let without = playground.compare_ignoring("base", &["id"]).unwrap();
    assert!(without.is_equal(), "{without:?}");
}

#[test]
fn unknown_tables_are_errors() {
    let Some(playground) = Playground::new(PEOPLE) else {
        return;
    };
    playground.store("base").unwrap();
    let peple = || vec!["peple".to_owned()];
    let tables = CompareOptions {
        tables: peple(),
        ..CompareOptions::default()
    };
    let exclude = CompareOptions {
        exclude: peple(),
        ..CompareOptions::default()
    };
    for options in [tables, exclude] {
        let error = playground.compare_with("base", &options).unwrap_err();
        assert!(matches!(error, Error::UnknownTable { .. }), "{error}");
    }
}

#[test]
fn keys_are_ordered_by_their_bytes_whatever_the_collation() {
    let Some(playground) = Playground::new(
        "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         CREATE TABLE t (k text COLLATE loose PRIMARY KEY, c char(3) NOT NULL); CREATE TABLE u (k numeric PRIMARY KEY); CREATE TABLE i (k inet, c char(4), PRIMARY KEY (k, c));
         INSERT INTO t VALUES ('a', 'a'), ('B', 'b'), ('é', ''), ('😀', ' '), ('z', 'z'), ('\u{ffff}', 'x'), ('', ''); INSERT INTO u VALUES (10), (9), (1.0), ('NaN'), (-1);
         INSERT INTO i VALUES ('1.2.3.4', 'a'), ('1.2.3.4/24', 'a'), ('1.2.3.4', E'a\\t'), ('::1', ''), ('10.0.0.1', 'x');",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
    let before = playground.dump();
    playground.sql("UPDATE t SET k = 'A' WHERE k = 'a'; UPDATE u SET k = 1.00 WHERE k = 1; UPDATE i SET c = 'b' WHERE k = '::1'");
    assert_eq!(changes(&playground.compare("base").unwrap()).len(), 6);
    playground.restore("base").unwrap();
    assert_eq!(playground.dump(), before);
}

#[test]
fn a_child_holds_only_what_changed_and_a_moved_parent_is_refused() {
    let Some(playground) = Playground::new(PEOPLE) else {
        return;
    };
    playground.store("base").unwrap();
    playground
        .sql("DELETE FROM people WHERE id = 1; UPDATE people SET updated_at = 'now' WHERE id = 3");
    let before = playground.dump();
    playground.store_on("child", "base").unwrap();
    let text = playground.text("child");
    let expected = [
        "  people:",
        r#"    - {"delete": {"id": 1, "name": "a", "updated_at": "x"}}"#,
        r#"    - {"update": {"id": 3}, "old": {"updated_at": "x"}, "new": {"updated_at": "now"}}"#,
        "",
    ];
    assert_eq!(crate::playground::lines(&text), expected.join("\n"));
    playground.restore("base").unwrap();
    playground.restore("child").unwrap();
    assert_eq!(playground.dump(), before);
    playground.sql("DELETE FROM people");
    playground.store("base").unwrap();
    let error = playground.restore("child").unwrap_err();
    assert!(matches!(error, Error::ParentMoved { .. }), "{error}");
    let hint = error.hint().unwrap();
    assert!(
        hint.contains("fixpoints rebase child --onto base"),
        "{hint}"
    );
}

#[test]
fn moved_columns_are_named() {
    let Some(playground) = Playground::new(
        "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (id int PRIMARY KEY, a text, m mood, n numeric(4,2)); INSERT INTO t VALUES (1, 'a', 'a', 1)",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("ALTER TABLE t ADD COLUMN fresh int, DROP COLUMN a, ALTER n TYPE numeric(5,2)");
    for error in [
        playground.restore("base").map(drop).unwrap_err(),
        playground.compare("base").map(drop).unwrap_err(),
        playground.store_on("child", "base").map(drop).unwrap_err(),
    ] {
        let text = error.to_string();
        for part in [
            "column t.a was dropped",
            "column t.fresh was added",
            "column t.n changed from numeric(4,2) to numeric(5,2)",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
    assert!(!playground.file("child").exists());
}

#[test]
fn a_fixpoint_of_another_engine_is_refused() {
    let Some(playground) = Playground::new(PEOPLE) else {
        return;
    };
    playground.store("base").unwrap();
    let text = playground
        .text("base")
        .replace("engine: postgres", "engine: sqlite");
    playground.edit("base", &text);
    assert!(matches!(
        playground.restore("base"),
        Err(Error::OtherEngine { .. })
    ));
}

#[test]
fn a_store_sees_one_moment() {
    let Some(playground) = Playground::new(PEOPLE) else {
        return;
    };
    playground.store("base").unwrap();
    let mut writer = playground.client();
    let mut other = writer.transaction().unwrap();
    other.batch_execute("DELETE FROM people").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
    assert_eq!(playground.state(), playground.text("base"));
    drop(other);
}

#[test]
fn databases_in_other_encodings_give_the_same_file() {
    let sql = "CREATE TABLE t (k text PRIMARY KEY, j json, n name); INSERT INTO t VALUES ('a', '\"é\"', 'ü'), ('é', 'null', ''), ('B', NULL, NULL), ('ÿ', NULL, NULL), ('~', NULL, NULL);";
    let Some(utf8) = Playground::new(sql) else {
        return;
    };
    for encoding in ["LATIN1", "EUC_JIS_2004", "SQL_ASCII"] {
        let other = Playground::in_encoding(encoding).unwrap();
        let sql = if encoding.starts_with("EUC") {
            sql.replace(['ü', 'ÿ'], "é")
                .replace("('é', NULL, NULL), ", "")
        } else {
            sql.to_owned()
        };
        other.sql(&sql);
        if !encoding.starts_with("EUC") {
            assert_eq!(other.state(), utf8.state(), "{encoding}");
        }
        other.store("base").unwrap();
        assert!(other.compare("base").unwrap().is_equal(), "{encoding}");
        let before = other.state();
        other.sql("DELETE FROM t WHERE k = 'B'; UPDATE t SET n = 'x' WHERE k = 'é'");
        assert_eq!(
            changes(&other.compare("base").unwrap()).len(),
            2,
            "{encoding}"
        );
        other.restore("base").unwrap();
        assert_eq!(other.state(), before, "{encoding}");
    }
}
