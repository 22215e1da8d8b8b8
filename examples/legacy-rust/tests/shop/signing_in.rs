//! Accounts and their members.

use crate::{changed, one, shop, signed_in};
use legacy_rust::sign_in;

#[test]
fn an_owner_signs_in() {
    let (_, alice) = signed_in("alice");
    assert_eq!(alice.role, "owner");
}

#[test]
fn a_member_signs_in() {
    let (_, bob) = signed_in("bob");
    assert_eq!(bob.role, "member");
}

#[test]
fn a_stranger_is_refused() {
    assert!(sign_in(&shop(), "mallory").is_err());
}

#[test]
fn the_account_is_named() {
    let (_, carol) = signed_in("carol");
    assert_eq!(carol.account, "Joyce Ltd");
}

#[test]
fn a_role_can_change() {
    let (db, bob) = signed_in("bob");
    assert_eq!(changed(&db, "UPDATE users SET role = 'owner' WHERE id = ?", [&bob.id]), 1);
    assert_eq!(sign_in(&db, "bob").unwrap().role, "owner");
}

#[test]
fn a_member_invites_another() {
    let (db, bob) = signed_in("bob");
    let account: String = one(&db, "SELECT account_id FROM users WHERE id = ?", [&bob.id]);
    changed(&db, "INSERT INTO users VALUES ('u-dave', ?, 'dave', 'member')", [&account]);
    assert_eq!(sign_in(&db, "dave").unwrap().account, bob.account);
}

#[test]
fn a_new_account_begins_with_its_owner() {
    let db = shop();
    changed(&db, "INSERT INTO accounts VALUES ('a-new', 'New', 'free')", []);
    changed(&db, "INSERT INTO users VALUES ('u-erin', 'a-new', 'erin', 'owner')", []);
    assert_eq!(sign_in(&db, "erin").unwrap().account, "New");
}

#[test]
fn a_handle_is_taken_once() {
    let db = shop();
    changed(&db, "INSERT INTO accounts VALUES ('a-new', 'New', 'free')", []);
    let twice = db.execute("INSERT INTO users VALUES ('u-2', 'a-new', 'alice', 'owner')", []);
    assert!(twice.is_err());
}
