//! Damaged files of PostgreSQL databases, whose sequences may feed no table.

use crate::model::damage::{Ward, damages};
use crate::model::properties::cases;
use crate::playground::Playground;

fn ward() -> Option<Ward> {
    let playground = Playground::new(
        "CREATE TABLE a (id serial PRIMARY KEY, n bigint, v text, p float8, b bytea, d numeric, ok boolean, j jsonb, at timestamptz, s int[]);
         INSERT INTO a (n, v, p, b, d, ok, j, at, s) VALUES (1775, NULL, 9.5, '\\x00ff', 1.10, true, '{\"a\": [1, null]}', '2020-01-01 12:00+02', '{1,NULL}'),
           (-1, 'a \"b\"', 'NaN', NULL, 'Infinity', false, 'null', 'infinity', '{}');
         CREATE TABLE bag (v text); INSERT INTO bag VALUES ('x'), ('x'), (NULL);
         CREATE SCHEMA app; CREATE TABLE app.empty (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
         CREATE SEQUENCE invoices START 1000; CREATE SEQUENCE app.orders INCREMENT -1; SELECT nextval('invoices');",
    )?;
    playground.store("base").unwrap();
    playground.sql(
        "UPDATE a SET v = 'A', d = 12 WHERE id = 1; DELETE FROM a WHERE id = 2; INSERT INTO a (v) VALUES ('new');
         DELETE FROM bag WHERE v IS NULL; INSERT INTO app.empty DEFAULT VALUES; SELECT nextval('invoices'), nextval('app.orders');",
    );
    playground.store_on("child", "base").unwrap();
    Some(Ward::new(
        &playground.text("base"),
        &playground.text("child"),
    ))
}

#[test]
fn a_file_that_was_cut_off_anywhere_is_refused_or_whole() {
    if let Some(ward) = ward() {
        assert!(ward.truncations() > 2000);
    }
}

#[test]
fn a_damaged_byte_is_noticed_or_changes_nothing() {
    let Some(ward) = ward() else {
        return;
    };
    let mut runner = proptest::test_runner::TestRunner::new(cases(10_000));
    runner
        .run(&damages(), |damage| ward.damaged(damage))
        .unwrap();
}
