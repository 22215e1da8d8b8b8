//! The tests of the shop, which share one fixpoint.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod catalogue;
mod letters;
mod limits;
mod money;
mod on_disk;
mod orders;
mod pure;
mod shipping;
mod signing_in;

use fixpoints::Fixpoints;
use fixpoints::rusqlite::types::FromSql;
use fixpoints::rusqlite::{Connection, Params};
use legacy_rust::Member;

const EMMA: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const CHESS: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae9";

/// An empty database with the schema of the shop.
fn empty() -> Connection {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(include_str!("../../migrations/0001_shop.sql")).unwrap();
    db.pragma_update(None, "foreign_keys", 1).unwrap();
    db
}

/// The shop that most tests begin with.
fn shop() -> Connection {
    let mut db = empty();
    let fixpoints = Fixpoints::of_project(env!("CARGO_MANIFEST_DIR")).unwrap();
    fixpoints.restore(&mut db, "base").unwrap();
    db
}

/// The same, with somebody signed in.
fn signed_in(handle: &str) -> (Connection, Member) {
    let db = shop();
    let member = legacy_rust::sign_in(&db, handle).unwrap();
    (db, member)
}

fn one<T: FromSql>(db: &Connection, query: &str, params: impl Params) -> T {
    db.query_row(query, params, |row| row.get(0)).unwrap()
}

fn changed(db: &Connection, statement: &str, params: impl Params) -> usize {
    db.execute(statement, params).unwrap()
}
