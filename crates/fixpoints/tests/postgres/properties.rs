//! Random schemas and rows: what is stored comes back, changes compose, bytes repeat, one change is one difference.

use std::cell::RefCell;

use proptest::prelude::*;

use crate::playground::{Playground, changes};

/// Ways to name a row: columns `a` and `b` are in every table, `v` is of a random type.
const KEYS: [&str; 8] = [
    "a int PRIMARY KEY, b int, v TYPE",
    "a serial PRIMARY KEY, b int, v TYPE, s int GENERATED ALWAYS AS (a + b) STORED",
    "a int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, b int, v TYPE",
    "a text PRIMARY KEY, b int, v TYPE",
    "v TYPE, a int, b numeric, PRIMARY KEY (b, a)",
    "v TYPE, b int, a int NOT NULL UNIQUE",
    "a int, b int, v TYPE",
    "a int PRIMARY KEY, b int, v TYPE, up int REFERENCES tN (a)",
];

const VALUES: [(&str, &[&str]); 10] = [
    (
        "text",
        &[
            "''",
            "'a'",
            "'A'",
            "'null'",
            "E'\\t\\n\\\\'",
            "'é😀\u{2028}'",
        ],
    ),
    ("numeric", &["1", "1.0", "1.10", "'NaN'", "-0.00"]),
    (
        "float8",
        &["0", "'-0'", "'NaN'", "'-Infinity'", "1e300", "0.1"],
    ),
    ("bytea", &["''", "'\\x00'", "'\\xff5c'"]),
    ("json", &["'null'", "'{}'", "'{ }'"]),
    ("jsonb", &["'null'", "'{\"a\": 1.0}'"]),
    ("text[]", &["'{}'", "'{NULL,\"NULL\"}'", "'{{a},{b}}'"]),
    (
        "timestamptz",
        &[
            "'infinity'",
            "'2020-01-01 00:00+00'",
            "'0044-03-15 00:00+00 BC'",
        ],
    ),
    ("boolean", &["true", "false"]),
    ("int4range", &["'empty'", "'[1,3)'", "'(,)'"]),
];

type Rows = Vec<(u8, u8, u8)>;

/// Three tables, and two sets of rows for each.
#[derive(Debug, Clone)]
struct Case {
    tables: [(usize, usize); 3],
    before: [Rows; 3],
    after: [Rows; 3],
}

fn cases() -> impl Strategy<Value = Case> {
    let rows = || prop::collection::vec((0_u8..12, 0_u8..3, any::<u8>()), 0..14);
    let three = || [rows(), rows(), rows()];
    let table = || (0..KEYS.len(), 0..VALUES.len());
    ([table(), table(), table()], three(), three()).prop_map(|(tables, before, after)| Case {
        tables,
        before,
        after,
    })
}

fn value(kind: usize, choice: u8) -> &'static str {
    let values = VALUES[kind].1;
    values
        .get(usize::from(choice) % (values.len() + 1))
        .copied()
        .unwrap_or("NULL")
}

fn insert(case: &Case, at: usize, (a, b, v): (u8, u8, u8)) -> String {
    let (key, kind) = case.tables[at];
    let overriding = if KEYS[key].contains("ALWAYS AS IDENTITY") {
        "OVERRIDING SYSTEM VALUE"
    } else {
        ""
    };
    let value = value(kind, v);
    format!(
        "INSERT INTO t{at} (a, b, v) {overriding} VALUES ({a}, {b}, {value}) ON CONFLICT DO NOTHING;"
    )
}

/// Puts rows in, and moves the sequences.
fn fill(playground: &Playground, case: &Case, rows: &[Rows; 3]) {
    let mut sql = "BEGIN;".to_owned();
    for (at, rows) in rows.iter().enumerate() {
        let (key, _) = case.tables[at];
        sql.push_str(&format!("DELETE FROM t{at};"));
        rows.iter()
            .for_each(|row| sql.push_str(&insert(case, at, *row)));
        if KEYS[key].contains("REFERENCES") {
            sql.push_str(&format!(
                "UPDATE t{at} SET up = (SELECT a FROM t{at} ORDER BY -a LIMIT 1) WHERE b = 1;"
            ));
        }
        if KEYS[key].contains("serial") {
            sql.push_str(&format!(
                "SELECT setval('t{at}_a_seq', {}, {});",
                rows.len() + 1,
                rows.len() % 2 == 0
            ));
        }
    }
    sql.push_str("COMMIT");
    playground.sql(&sql);
}

fn build(playground: &Playground, case: &Case) {
    playground.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    for (at, (key, kind)) in case.tables.iter().enumerate() {
        let columns = KEYS[*key]
            .replace("TYPE", VALUES[*kind].0)
            .replace("tN", &format!("t{at}"));
        playground.sql(&format!("CREATE TABLE t{at} ({columns})"));
    }
    fill(playground, case, &case.before);
}

thread_local! {
    /// One database for all cases of a property.
    static PLAYGROUND: RefCell<Option<Playground>> = const { RefCell::new(None) };
}

fn on_server(
    work: impl FnOnce(&Playground) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    PLAYGROUND.with_borrow_mut(|held| {
        if held.is_none() {
            *held = Playground::new("");
        }
        held.as_ref().map_or(Ok(()), work)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn states_come_back_and_changes_compose(case in cases()) {
        on_server(|playground| {
            build(playground, &case);
            let before = (playground.state(), playground.dump());
            playground.store("base").unwrap();
            prop_assert_eq!(&playground.text("base"), &before.0);

            fill(playground, &case, &case.after);
            let after = (playground.state(), playground.dump());
            playground.store_on("child", "base").unwrap();
            let child = playground.text("child");
            playground.store_on("child", "base").unwrap();
            prop_assert_eq!(&child, &playground.text("child"));

            let differs = !playground.compare("base").unwrap().is_equal();
            prop_assert_eq!(differs, before.0 != after.0);
            playground.restore("base").unwrap();
            prop_assert_eq!(&(playground.state(), playground.dump()), &before);
            prop_assert!(playground.compare("base").unwrap().is_equal());
            playground.restore("child").unwrap();
            prop_assert_eq!(&(playground.state(), playground.dump()), &after);
            prop_assert!(playground.compare("child").unwrap().is_equal());
            Ok(())
        })?;
    }

    #[test]
    fn one_change_is_one_difference(case in cases(), table in 0_usize..3, choice: u8) {
        on_server(|playground| {
            build(playground, &case);
            playground.store("base").unwrap();
            playground.sql(&insert(&case, table, (99, 1, choice)));
            let found = changes(&playground.compare("base").unwrap());
            prop_assert_eq!(found.len(), 1, "{:?}", found);
            let expected = format!("t{table} + ");
            prop_assert!(found[0].starts_with(&expected), "{}", found[0]);
            Ok(())
        })?;
    }
}
