//! Currencies and settings.

use crate::{EMMA, one, shop};
use legacy_rust::{price, price_in};

#[test]
fn a_price_is_shown_in_dollars() {
    assert_eq!(price_in(&shop(), 1000, "USD").unwrap(), 1100);
}

#[test]
fn emma_is_sold_for_dollars() {
    let db = shop();
    let cents = price(&db, EMMA).unwrap();
    assert_eq!(price_in(&db, cents, "USD").unwrap(), 1045);
}

#[test]
fn the_shop_has_a_currency() {
    let db = shop();
    let currency: String = one(&db, "SELECT value FROM settings WHERE name = 'currency'", []);
    assert_eq!(price_in(&db, 500, &currency).unwrap(), 500);
}

#[test]
fn unknown_money_is_refused() {
    assert!(price_in(&shop(), 500, "XXX").is_err());
}

#[test]
fn the_shop_has_a_name() {
    let name: String = one(&shop(), "SELECT value FROM settings WHERE name = 'shop'", []);
    assert_eq!(name, "Stillshop");
}

#[test]
fn the_dark_theme_is_black() {
    let colour: String = one(&shop(), "SELECT colour FROM themes WHERE name = 'dark'", []);
    assert_eq!(colour, "black");
}
