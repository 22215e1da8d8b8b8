//! Carriers, addresses and taxes.

use crate::{changed, one, shop, signed_in};
use legacy_rust::{migrate, ship, with_tax};

#[test]
fn something_is_sent_off() {
    ship(&shop(), 1, "PX-2").unwrap();
}

#[test]
fn pigeons_carry_too() {
    let db = shop();
    ship(&db, 2, "coo").unwrap();
    assert_eq!(one::<i64>(&db, "SELECT count(*) FROM shipments WHERE code = 'coo'", []), 1);
}

#[test]
fn a_parcel_can_be_followed() {
    assert_eq!(one::<String>(&shop(), "SELECT code FROM shipments WHERE id = 1", []), "PX-1");
}

#[test]
fn a_parcel_has_a_carrier() {
    let query = "SELECT name FROM shipments JOIN carriers ON carriers.id = carrier_id WHERE shipments.id = 1";
    assert_eq!(one::<String>(&shop(), query, []), "Pony Express");
}

#[test]
fn a_customer_lives_somewhere() {
    let (db, alice) = signed_in("alice");
    let street: String = one(&db, "SELECT street FROM addresses WHERE user_id = ?", [&alice.id]);
    assert_eq!(street, "Elm Street 1");
}

#[test]
fn a_customer_moves_in() {
    let (db, bob) = signed_in("bob");
    let add = "INSERT INTO addresses (user_id, street, country) VALUES (?, 'Ash Street 3', 'DE')";
    assert_eq!(changed(&db, add, [&bob.id]), 1);
}

#[test]
fn the_newest_schema_can_ship() {
    migrate(&shop()).unwrap();
}

#[test]
fn regions_are_named() {
    let db = shop();
    migrate(&db).unwrap();
    assert_eq!(one::<String>(&db, "SELECT name FROM regions WHERE code = 'de'", []), "Germany");
}

#[test]
fn taxes_are_added() {
    assert_eq!(with_tax(&shop(), 1000, "DE").unwrap(), 1190);
}

#[test]
fn taxes_are_those_of_the_address() {
    let (db, carol) = signed_in("carol");
    let country: String = one(&db, "SELECT country FROM addresses WHERE user_id = ?", [&carol.id]);
    assert_eq!(with_tax(&db, 1000, &country).unwrap(), 1230);
}
