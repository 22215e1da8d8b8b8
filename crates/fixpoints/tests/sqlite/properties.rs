//! Random schemas and rows: what is stored comes back, changes compose, bytes repeat, one change is one difference.

use proptest::prelude::*;
use rusqlite::types::Value;

use crate::playground::{Playground, changes};

#[derive(Debug, Clone, Copy)]
enum Key {
    Rowid,
    Sequence,
    Text,
    Composite,
    WithoutRowid,
    Unique,
    Nullable,
    None,
}

/// A schema of three tables, and two sets of rows for each.
#[derive(Debug, Clone)]
struct Case {
    keys: [Key; 3],
    before: [Vec<(i64, u8, Value)>; 3],
    after: [Vec<(i64, u8, Value)>; 3],
}

fn keys() -> impl Strategy<Value = Key> {
    use Key::{Composite, None, Nullable, Rowid, Sequence, Text, Unique, WithoutRowid};
    prop::sample::select(vec![
        Rowid,
        Sequence,
        Text,
        Composite,
        WithoutRowid,
        Unique,
        Nullable,
        None,
    ])
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::Integer),
        (-2_i64..3).prop_map(Value::Integer),
        any::<f64>()
            .prop_filter("SQLite stores NaN as NULL", |real| !real.is_nan())
            .prop_map(Value::Real),
        prop::sample::select(vec![0.0, -0.0, 1.0, 2.0]).prop_map(Value::Real),
        any::<String>().prop_map(Value::Text),
        prop::sample::select(vec!["", "a", "A", "null"])
            .prop_map(|text| Value::Text(text.to_owned())),
        prop::collection::vec(any::<u8>(), 0..6).prop_map(Value::Blob),
    ]
}

fn rows() -> impl Strategy<Value = Vec<(i64, u8, Value)>> {
    prop::collection::vec((0_i64..12, 0_u8..3, values()), 0..14)
}

fn cases() -> impl Strategy<Value = Case> {
    let three = || [rows(), rows(), rows()];
    ([keys(), keys(), keys()], three(), three()).prop_map(|(keys, before, after)| Case {
        keys,
        before,
        after,
    })
}

fn schema(key: Key, at: usize) -> String {
    match key {
        Key::Rowid => {
            format!("CREATE TABLE t{at} (a INTEGER PRIMARY KEY, b INTEGER, v, g AS (a + b))")
        }
        Key::Sequence => {
            format!("CREATE TABLE t{at} (a INTEGER PRIMARY KEY AUTOINCREMENT, b INTEGER, v)")
        }
        Key::Text => format!("CREATE TABLE t{at} (a TEXT PRIMARY KEY NOT NULL, b INTEGER, v)"),
        Key::Composite => format!(
            "CREATE TABLE t{at} (v, a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (b, a))"
        ),
        Key::WithoutRowid => format!(
            "CREATE TABLE t{at} (b INTEGER, a TEXT COLLATE NOCASE, v, PRIMARY KEY (a)) WITHOUT ROWID"
        ),
        Key::Unique => format!("CREATE TABLE t{at} (v, b INTEGER, a INTEGER NOT NULL UNIQUE)"),
        Key::Nullable => format!("CREATE TABLE t{at} (a TEXT PRIMARY KEY, b INTEGER, v)"),
        Key::None => format!("CREATE TABLE t{at} (a INTEGER, b INTEGER, v)"),
    }
}

fn fill(playground: &Playground, case: &Case, rows: &[Vec<(i64, u8, Value)>; 3]) {
    let mut connection = playground.connection();
    let transaction = connection.transaction().unwrap();
    for (at, rows) in rows.iter().enumerate() {
        transaction
            .execute(&format!("DELETE FROM t{at}"), [])
            .unwrap();
        for (a, b, v) in rows {
            let null = matches!(case.keys[at], Key::Nullable) && a % 3 == 0;
            let a = if null {
                Value::Null
            } else {
                Value::Integer(*a)
            };
            transaction
                .execute(
                    &format!("INSERT OR IGNORE INTO t{at} (a, b, v) VALUES (?1, ?2, ?3)"),
                    (a, b, v),
                )
                .unwrap();
        }
    }
    transaction.commit().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn states_come_back_and_changes_compose(case in cases()) {
        let playground = Playground::new("");
        (0..3).for_each(|at| playground.sql(&schema(case.keys[at], at)));
        fill(&playground, &case, &case.before);
        let before = playground.state();
        playground.store("base").unwrap();
        prop_assert_eq!(&playground.text("base"), &before);

        fill(&playground, &case, &case.after);
        let after = playground.state();
        playground.store_on("child", "base").unwrap();
        let child = playground.text("child");
        playground.store_on("child", "base").unwrap();
        prop_assert_eq!(&child, &playground.text("child"));

        let differs = !playground.compare("base").unwrap().is_equal();
        prop_assert_eq!(differs, before != after);
        playground.restore("base").unwrap();
        prop_assert_eq!(&playground.state(), &before);
        prop_assert!(playground.compare("base").unwrap().is_equal());
        playground.restore("child").unwrap();
        prop_assert_eq!(&playground.state(), &after);
        prop_assert!(playground.compare("child").unwrap().is_equal());
    }

    #[test]
    fn one_change_is_one_difference(case in cases(), table in 0_usize..3, value in values()) {
        let playground = Playground::new("");
        (0..3).for_each(|at| playground.sql(&schema(case.keys[at], at)));
        fill(&playground, &case, &case.before);
        playground.store("base").unwrap();
        let connection = playground.connection();
        let changed = connection
            .execute(&format!("INSERT OR IGNORE INTO t{table} (a, b, v) VALUES (99, 1, ?1)"), [&value])
            .unwrap();
        prop_assert_eq!(changed, 1);
        let found = changes(&playground.compare("base").unwrap());
        prop_assert_eq!(found.len(), 1, "{:?}", found);
        let expected = format!("t{table} + ");
        prop_assert!(found[0].starts_with(&expected), "{}", found[0]);
    }
}
