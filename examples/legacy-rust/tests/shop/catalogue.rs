//! Products, what is said of them, and how many there are.

use crate::{CHESS, EMMA, changed, one, shop, signed_in};
use legacy_rust::{pieces, price};

#[test]
fn a_product_has_a_price() {
    assert_eq!(price(&shop(), "7c9e6679-7425-40de-944b-e07fc1f90ae7").unwrap(), 950);
}

#[test]
fn games_are_dear() {
    assert!(price(&shop(), "7c9e6679-7425-40de-944b-e07fc1f90ae9").unwrap() > 2000);
}

#[test]
fn what_is_not_sold_has_no_price() {
    assert!(price(&shop(), "7c9e6679-7425-40de-944b-000000000000").is_err());
}

#[test]
fn novels_are_books() {
    let query = "SELECT parent.name FROM categories JOIN categories AS parent ON parent.id = categories.parent_id";
    assert_eq!(one::<String>(&shop(), query, []), "Books");
}

#[test]
fn a_category_has_products() {
    let query = "SELECT count(*) FROM products JOIN categories ON categories.id = category_id WHERE categories.name = 'Novels'";
    assert_eq!(one::<i64>(&shop(), query, []), 2);
}

#[test]
fn a_product_has_a_supplier() {
    let query = "SELECT suppliers.name FROM products JOIN suppliers ON suppliers.id = supplier_id WHERE products.id = ?";
    assert_eq!(one::<String>(&shop(), query, [CHESS]), "Ravens");
}

#[test]
fn a_new_product_is_sold() {
    let db = shop();
    changed(&db, "INSERT INTO products VALUES ('p-new', 2, 1, 'Persuasion', 800)", []);
    assert_eq!(price(&db, "p-new").unwrap(), 800);
}

#[test]
fn a_supplier_is_listed_once() {
    let twice = shop().execute("INSERT INTO suppliers (name) VALUES ('Penguin')", []);
    assert!(twice.is_err());
}

#[test]
fn stars_are_averaged() {
    let query = "SELECT avg(stars) FROM reviews WHERE product_id = ?";
    assert_eq!(one::<f64>(&shop(), query, [EMMA]), 4.5);
}

#[test]
fn a_customer_reviews_a_product() {
    let (db, alice) = signed_in("alice");
    let review = "INSERT INTO reviews (product_id, user_id, stars) VALUES (?, ?, 3)";
    assert_eq!(changed(&db, review, [CHESS, &alice.id]), 1);
}

#[test]
fn pieces_are_counted_over_all_warehouses() {
    assert_eq!(pieces(&shop(), EMMA).unwrap(), 14);
}

#[test]
fn a_city_has_pieces() {
    let query = "SELECT sum(pieces) FROM stock JOIN warehouses ON warehouses.id = warehouse_id WHERE city = 'Berlin'";
    assert_eq!(one::<Option<i64>>(&shop(), query, []), Some(11));
}

#[test]
fn a_piece_is_taken() {
    let db = shop();
    let take = "UPDATE stock SET pieces = pieces - 1 WHERE product_id = ? AND warehouse_id = 1";
    assert_eq!(changed(&db, take, [EMMA]), 1);
}

#[test]
fn no_more_is_taken_than_there_is() {
    let take = "UPDATE stock SET pieces = pieces - 100 WHERE product_id = ?";
    assert!(shop().execute(take, [EMMA]).is_err());
}

#[test]
fn a_new_warehouse_is_filled() {
    let db = shop();
    changed(&db, "INSERT INTO warehouses VALUES (3, 'Oslo')", []);
    assert_eq!(changed(&db, "INSERT INTO stock VALUES (?, 3, 5)", [CHESS]), 1);
}

#[test]
fn a_product_gets_another_name() {
    assert_eq!(changed(&shop(), "UPDATE products SET name = 'Emma 2' WHERE id = ?", [EMMA]), 1);
}
