//! Connections that a test holds: its transactions stay its own.

use fixpoints::{Error, Store, TestConnection};
use rusqlite::Connection;

use crate::playground::{Playground, SHOP, count, database};

fn wreck(db: &Connection) {
    db.execute_batch("DELETE FROM reviews; DELETE FROM authors; INSERT INTO audit VALUES (1, 'x')")
        .unwrap();
}

#[test]
fn a_callers_transaction_that_is_rolled_back_leaves_nothing() {
    let mut here = Playground::stored(SHOP);
    wreck(&here.db);
    let mut transaction = here.db.transaction().unwrap();
    here.fixpoints.restore(&mut transaction, "base").unwrap();
    assert_eq!(count(&transaction, "authors"), 2);
    here.fixpoints.compare(&mut transaction, "base").unwrap();
    let before = here.fixpoints.snapshot(&mut transaction).unwrap();
    transaction
        .execute("INSERT INTO audit VALUES (9, 'y')", [])
        .unwrap();
    here.fixpoints
        .assert_changes(&mut transaction, &before, |c| c.inserted("audit", 1));
    here.fixpoints.store(&mut transaction, "inside").unwrap();
    transaction.rollback().unwrap();
    assert_eq!(
        (here.count("authors"), here.count("audit")),
        (0, 1),
        "as the wreck left it"
    );
}

#[test]
fn a_callers_transaction_that_is_committed_keeps_the_restore() {
    let mut here = Playground::stored(SHOP);
    wreck(&here.db);
    let mut transaction = here.db.transaction().unwrap();
    here.fixpoints.restore(&mut transaction, "base").unwrap();
    transaction.commit().unwrap();
    here.fixpoints.compare(&mut here.db, "base").unwrap();
}

#[test]
fn savepoints_and_transactions_begun_by_hand_are_kept_too() {
    let mut here = Playground::stored(SHOP);
    let mut outer = here.db.transaction().unwrap();
    let mut savepoint = outer.savepoint().unwrap();
    wreck(&savepoint);
    here.fixpoints.restore(&mut savepoint, "base").unwrap();
    assert_eq!(count(&savepoint, "authors"), 2);
    savepoint.rollback().unwrap();
    drop(savepoint);
    drop(outer);
    here.sql("BEGIN");
    wreck(&here.db);
    here.fixpoints.restore(&mut here.db, "base").unwrap();
    assert!(!here.db.is_autocommit());
    here.sql("ROLLBACK");
    here.fixpoints.compare(&mut here.db, "base").unwrap();
}

#[test]
fn a_restore_that_fails_inside_a_transaction_undoes_only_itself() {
    let mut here = Playground::stored(SHOP);
    let text = here
        .text("base")
        .replace("\"author_id\": 1", "\"author_id\": 77");
    here.edit("bad", &text);
    let mut transaction = here.db.transaction().unwrap();
    wreck(&transaction);
    let error = here.fixpoints.restore(&mut transaction, "bad").unwrap_err();
    assert!(matches!(error, Error::BrokenReferences { .. }), "{error}");
    assert_eq!(
        (count(&transaction, "authors"), count(&transaction, "audit")),
        (0, 1),
        "the test's own work stays"
    );
    transaction.commit().unwrap();
    assert_eq!(here.count("audit"), 1);
}

#[test]
fn inside_a_transaction_nothing_cascades_and_no_trigger_runs() {
    let mut here = Playground::stored(SHOP);
    here.sql(
        "CREATE TRIGGER loud AFTER DELETE ON authors BEGIN INSERT INTO audit VALUES (99, 'trigger'); END;
         CREATE TABLE orders (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES authors ON DELETE CASCADE);
         INSERT INTO authors VALUES (3, 'Woolf');
         INSERT INTO orders VALUES (1, 1);",
    );
    let mut transaction = here.db.transaction().unwrap();
    transaction
        .execute("UPDATE authors SET name = 'A' WHERE id = 1", [])
        .unwrap();
    here.fixpoints.restore(&mut transaction, "base").unwrap();
    assert_eq!(
        count(&transaction, "orders"),
        1,
        "a table that is not covered is not touched"
    );
    assert_eq!(count(&transaction, "audit"), 0);
    // Both are on again for the test itself.
    transaction
        .execute("DELETE FROM authors WHERE id = 2", [])
        .unwrap();
    assert_eq!(
        (count(&transaction, "books"), count(&transaction, "audit")),
        (1, 1)
    );
    assert!(
        transaction
            .execute("INSERT INTO orders VALUES (2, 404)", [])
            .is_err()
    );
}

/// A limit of SQLite: what waits for the commit is a number, which nothing lowers while foreign keys are off.
#[test]
fn a_violation_that_waited_before_a_restore_still_stops_the_callers_commit() {
    let mut here = Playground::stored(SHOP);
    let mut transaction = here.db.transaction().unwrap();
    transaction
        .execute_batch("PRAGMA defer_foreign_keys = 1; INSERT INTO reviews VALUES (404, 1, '')")
        .unwrap();
    here.fixpoints.restore(&mut transaction, "base").unwrap();
    here.fixpoints.compare(&mut transaction, "base").unwrap();
    let refused = transaction.execute_batch("COMMIT").unwrap_err();
    assert!(refused.to_string().contains("FOREIGN KEY"), "{refused}");
    // The caller may go on with it, or undo it, as after any refused commit.
    here.fixpoints.compare(&mut transaction, "base").unwrap();
    transaction.rollback().unwrap();
    here.fixpoints.compare(&mut here.db, "base").unwrap();
    let mut transaction = here.db.transaction().unwrap();
    here.fixpoints.restore(&mut transaction, "base").unwrap();
    transaction.commit().unwrap();
}

#[test]
fn foreign_keys_that_were_off_stay_off() {
    let mut here = Playground::stored(SHOP);
    here.db.pragma_update(None, "foreign_keys", 0).unwrap();
    here.fixpoints.restore(&mut here.db, "base").unwrap();
    here.sql("INSERT INTO reviews VALUES (404, 1, '')");
}

#[test]
fn a_helper_may_take_any_connection() {
    fn reset(fixpoints: &fixpoints::Fixpoints, held: &mut dyn TestConnection) {
        fixpoints.restore(held, "base").unwrap();
    }
    let mut here = Playground::stored(SHOP);
    wreck(&here.db);
    reset(&here.fixpoints, &mut here.db.transaction().unwrap());
    assert_eq!(here.count("authors"), 0);
    reset(&here.fixpoints, &mut &here.db);
    assert_eq!(here.count("authors"), 2);
}

#[test]
fn another_connection_of_the_same_schema_is_restored_alike() {
    let mut here = Playground::stored(SHOP);
    let mut other = database(SHOP);
    wreck(&other);
    let start = here.fixpoints.restore(&mut other, "base").unwrap();
    here.fixpoints.compare(&mut other, "base").unwrap();
    here.fixpoints
        .store(&mut here.db, Store::named("same").on(&start))
        .unwrap();
    assert!(!here.text("same").contains("- {"));
}
