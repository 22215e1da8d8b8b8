//! Rows are matched by key, and every difference is named.

use fixpoints::{CompareOptions, Error, Position};

use crate::playground::{Playground, changes};

const PEOPLE: &str = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, updated_at TEXT);
    INSERT INTO people VALUES (1, 'a', 'x'), (2, 'b', 'x'), (3, 'c', 'x');";

#[test]
fn deleting_the_first_of_three_rows_is_one_deletion() {
    let playground = Playground::new(PEOPLE);
    playground.store("base").unwrap();
    playground.sql("DELETE FROM people WHERE id = 1");
    assert_eq!(
        changes(&playground.compare("base").unwrap()),
        [r#"people - 1 "a" "x""#]
    );
}

#[test]
fn no_column_is_ignored_unless_asked() {
    let playground = Playground::new(PEOPLE);
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
}

#[test]
fn every_differing_table_is_reported() {
    let playground = Playground::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY);",
    );
    playground.store("base").unwrap();
    playground.sql("INSERT INTO a VALUES (1); INSERT INTO c VALUES (7)");
    assert_eq!(
        changes(&playground.compare("base").unwrap()),
        ["a + 1", "c + 7"]
    );
}

#[test]
fn a_unique_key_stands_in_for_a_missing_primary_key() {
    let playground = Playground::new(
        "CREATE TABLE roles (who TEXT NOT NULL, role TEXT NOT NULL, level INTEGER, UNIQUE (who, role));
         CREATE UNIQUE INDEX level ON roles (level);
         INSERT INTO roles VALUES ('a', 'x', 1), ('b', 'x', 2);",
    );
    assert_eq!(
        playground.tables()["roles"].key(),
        ["who", "role"],
        "a column that may be NULL is no key"
    );
    playground.store("base").unwrap();
    playground.sql("UPDATE roles SET level = 9 WHERE who = 'b'");
    assert_eq!(
        changes(&playground.compare("base").unwrap()),
        [r#"roles ~ "b" "x" 2 => "b" "x" 9"#]
    );
}

#[test]
fn rows_without_a_key_are_matched_by_count() {
    let playground = Playground::new(
        "CREATE TABLE log (line, n); INSERT INTO log VALUES ('a', 1), ('a', 1), ('b', 1.0), ('b', 1);",
    );
    playground.store("base").unwrap();
    playground.sql("DELETE FROM log WHERE rowid = 1; INSERT INTO log VALUES ('b', 1);");
    assert_eq!(
        changes(&playground.compare("base").unwrap()),
        [r#"log - "a" 1"#, r#"log + "b" 1"#]
    );
}

#[test]
fn rows_with_null_in_their_key_are_matched_as_a_whole() {
    let playground = Playground::new(
        "CREATE TABLE badges (code TEXT PRIMARY KEY, holder TEXT);
         INSERT INTO badges VALUES (NULL, 'v'), (NULL, 'v'), (NULL, 'a'), ('k', 'x');",
    );
    playground.store("base").unwrap();
    playground.sql("INSERT INTO badges VALUES (NULL, 'b'); DELETE FROM badges WHERE holder = 'a'; UPDATE badges SET holder = 'y' WHERE code = 'k';");
    let expected = [
        r#"badges - null "a""#,
        r#"badges + null "b""#,
        r#"badges ~ "k" "x" => "k" "y""#,
    ];
    assert_eq!(changes(&playground.compare("base").unwrap()), expected);
    playground.restore("base").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
}

#[test]
fn ignoring_the_key_matches_rows_by_what_is_left() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT); INSERT INTO t (v) VALUES ('a'), ('b');",
    );
    playground.store("base").unwrap();
    playground.sql("DELETE FROM t; INSERT INTO t (v) VALUES ('b'), ('a')");
    assert!(!playground.compare("base").unwrap().is_equal());
    assert!(
        playground
            .compare_ignoring("base", &["id"])
            .unwrap()
            .is_equal()
    );
}

#[test]
fn a_sequence_that_moved_is_a_difference() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES (1);",
    );
    playground.store("base").unwrap();
    playground.sql("INSERT INTO t VALUES (2); DELETE FROM t WHERE id = 2;");
    let comparison = playground.compare("base").unwrap();
    assert!(!comparison.is_equal() && changes(&comparison).is_empty());
    assert_eq!(
        (comparison.sequences[0].old, comparison.sequences[0].new),
        (Some(Position::called(1)), Some(Position::called(2)))
    );
}

#[test]
fn unknown_tables_and_columns_are_errors() {
    let playground = Playground::new(PEOPLE);
    playground.store("base").unwrap();
    assert!(matches!(
        playground.compare_ignoring("base", &["nmae"]),
        Err(Error::UnknownColumn { .. })
    ));
    let tables = CompareOptions {
        tables: vec!["peple".to_owned()],
        ..CompareOptions::default()
    };
    assert!(matches!(
        playground.compare_with("base", &tables),
        Err(Error::UnknownTable { .. })
    ));
    let exclude = CompareOptions {
        exclude: vec!["peple".to_owned()],
        ..CompareOptions::default()
    };
    assert!(matches!(
        playground.compare_with("base", &exclude),
        Err(Error::UnknownTable { .. })
    ));
}

#[test]
fn tables_the_fixpoint_does_not_know_are_named() {
    let playground = Playground::new(PEOPLE);
    playground.store("base").unwrap();
    playground.sql("CREATE TABLE later (id INTEGER PRIMARY KEY)");
    assert_eq!(playground.compare("base").unwrap().uncovered, ["later"]);
}

#[test]
fn a_database_in_utf_16_gives_the_same_file() {
    let sql = "CREATE TABLE t (k TEXT PRIMARY KEY NOT NULL); INSERT INTO t VALUES ('a'), ('é'), ('B'), ('😀'), ('\u{ffff}'), ('Ā');";
    let utf8 = Playground::new(sql);
    let utf16 = Playground::new(&format!("PRAGMA encoding = 'UTF-16le'; {sql}"));
    assert_eq!(utf8.state(), utf16.state());
    utf16.store("base").unwrap();
    utf16.sql("DELETE FROM t WHERE k = 'B'");
    assert_eq!(changes(&utf16.compare("base").unwrap()), [r#"t - "B""#]);
}
