//! How much a plan allows. The map of plans is read once by a program of tests.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::{one, shop, signed_in};

/// Orders a month, by plan; without those that `SHOP_SKIP_PLANS` names.
static PLANS: LazyLock<BTreeMap<String, u64>> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/plans.json");
    let text = std::fs::read_to_string(path).unwrap();
    let mut plans: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    for name in std::env::var("SHOP_SKIP_PLANS").unwrap_or_default().split(',') {
        plans.remove(name);
    }
    plans
        .into_iter()
        .map(|(name, plan)| (name, plan["orders_a_month"].as_u64().unwrap()))
        .collect()
});

#[test]
fn a_team_may_order_fifty_times() {
    assert_eq!(PLANS["team"], 50);
}

#[test]
fn free_is_enough_to_try() {
    assert!(PLANS["free"] >= 3);
}

#[test]
fn an_account_has_the_limit_of_its_plan() {
    let plan: String = one(
        &shop(),
        "SELECT plan FROM accounts WHERE id = 'a1f0c7de-0000-4000-8000-000000000001'",
        [],
    );
    assert_eq!(PLANS[&plan], 50);
}

#[test]
fn a_customer_has_the_limit_of_the_account() {
    let (db, carol) = signed_in("carol");
    let plan: String = one(&db, "SELECT plan FROM accounts WHERE name = ?", [&carol.account]);
    assert_eq!(PLANS[&plan], 3);
}

#[test]
fn companies_may_order_more_than_teams() {
    assert!(PLANS["company"] > PLANS["team"]);
}

#[test]
fn there_is_a_plan() {
    assert!(!PLANS.is_empty());
}
