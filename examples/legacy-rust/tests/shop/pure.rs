//! Tests that need no rows.

use crate::{empty, one};
use legacy_rust::{pieces, total};

#[test]
fn an_empty_shop_has_nothing() {
    assert_eq!(pieces(&empty(), "any").unwrap(), 0);
}

#[test]
fn an_order_that_is_not_there_costs_nothing() {
    assert_eq!(total(&empty(), "any").unwrap(), 0);
}

#[test]
fn the_schema_has_all_tables() {
    let query = "SELECT count(*) FROM sqlite_master WHERE type = 'table'";
    assert_eq!(one::<i64>(&empty(), query, []), 28);
}
