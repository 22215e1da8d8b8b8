//! Orders, what is paid for them, and their invoices.

use crate::{CHESS, changed, one, shop, signed_in};
use legacy_rust::{add_line, open_order, pay, print_invoice, redeem, total};

const PAID: &str = "0d9f8b1c-0000-4000-8000-000000000001";
const OPEN: &str = "0d9f8b1c-0000-4000-8000-000000000002";

#[test]
fn a_customer_sees_all_orders() {
    let (db, alice) = signed_in("alice");
    let query = "SELECT count(*) FROM orders WHERE user_id = ?";
    assert_eq!(one::<i64>(&db, query, [&alice.id]), 2);
}

#[test]
fn an_order_costs_the_sum_of_its_lines() {
    assert_eq!(total(&shop(), PAID).unwrap(), 4900);
}

#[test]
fn an_order_names_its_products() {
    let (db, _) = signed_in("alice");
    let query = "SELECT name FROM order_lines JOIN products ON products.id = product_id WHERE order_id = ?";
    assert_eq!(one::<String>(&db, query, [OPEN]), "Ulysses");
}

#[test]
fn a_customer_opens_an_order() {
    let (db, alice) = signed_in("alice");
    let order = open_order(&db, &alice.id).unwrap();
    assert_eq!(one::<String>(&db, "SELECT status FROM orders WHERE id = ?", [&order]), "open");
}

#[test]
fn a_product_is_put_into_an_order() {
    let (db, alice) = signed_in("alice");
    let order = open_order(&db, &alice.id).unwrap();
    add_line(&db, &order, CHESS, 2, 6000).unwrap();
    assert_eq!(total(&db, &order).unwrap(), 6000);
}

#[test]
fn a_customer_cancels_an_order() {
    let (db, alice) = signed_in("alice");
    let cancel = "UPDATE orders SET status = 'cancelled' WHERE id = ? AND user_id = ?";
    assert_eq!(changed(&db, cancel, [OPEN, &alice.id]), 1);
}

#[test]
fn a_customer_pays() {
    let (db, _) = signed_in("alice");
    pay(&db, OPEN, 1200).unwrap();
    let query = "SELECT state FROM payments WHERE order_id = ?";
    assert_eq!(one::<String>(&db, query, [OPEN]), "settled");
}

#[test]
fn a_paid_order_is_settled() {
    let query = "SELECT state FROM payments WHERE order_id = ?";
    assert_eq!(one::<String>(&shop(), query, [PAID]), "settled");
}

#[test]
fn a_payment_is_given_back() {
    let refund = "UPDATE payments SET state = 'refunded' WHERE order_id = ?";
    assert_eq!(changed(&shop(), refund, [PAID]), 1);
}

#[test]
fn an_invoice_gets_the_next_number() {
    let (db, _) = signed_in("alice");
    let number = print_invoice(&db, OPEN, 1200).unwrap();
    assert_eq!(number, 8);
}

#[test]
fn invoices_are_kept() {
    assert_eq!(one::<i64>(&shop(), "SELECT cents FROM invoices WHERE number = 7", []), 4900);
}

#[test]
fn old_numbers_are_known() {
    let note: String = one(&shop(), "SELECT note FROM ledger WHERE number = 1", []);
    assert!(note.contains("before"));
}

#[test]
fn an_empty_order_costs_nothing() {
    let (db, bob) = signed_in("bob");
    let order = open_order(&db, &bob.id).unwrap();
    assert_eq!(total(&db, &order).unwrap(), 0);
}

#[test]
fn nobody_sees_the_orders_of_others() {
    let (db, carol) = signed_in("carol");
    let query = "SELECT count(*) FROM orders WHERE id = ? AND user_id = ?";
    assert_eq!(one::<i64>(&db, query, [PAID, &carol.id]), 0);
}

#[test]
fn a_coupon_makes_it_cheaper() {
    let (db, _) = signed_in("alice");
    assert_eq!(1000 - 1000 * redeem(&db, "SPRING").unwrap() / 100, 900);
}

#[test]
fn a_used_coupon_is_refused() {
    assert!(redeem(&shop(), "OLD").is_err());
}

#[test]
fn a_coupon_is_redeemed_once() {
    let db = shop();
    redeem(&db, "SPRING").unwrap();
    assert!(redeem(&db, "SPRING").is_err());
}
