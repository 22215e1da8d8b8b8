//! What customers are sent.

use crate::{one, shop, signed_in};
use legacy_rust::{is_decorated, welcome};

#[test]
fn everybody_is_welcomed() {
    assert!(welcome(&shop(), "Dora").unwrap().contains("Dora"));
}

#[test]
fn a_customer_is_welcomed_by_account() {
    let (db, alice) = signed_in("alice");
    assert!(welcome(&db, &alice.account).unwrap().contains("Austen"));
}

#[test]
fn a_receipt_has_the_sum() {
    let body: String = one(&shop(), "SELECT body FROM email_templates WHERE name = 'receipt'", []);
    assert!(body.contains("{cents}"));
}

#[test]
fn a_short_message_is_short() {
    let body: String = one(&shop(), "SELECT body FROM sms_templates WHERE name = 'welcome'", []);
    assert!(body.len() < 20);
}

#[test]
fn the_shop_is_decorated() {
    assert!(is_decorated(&shop()).unwrap());
}
