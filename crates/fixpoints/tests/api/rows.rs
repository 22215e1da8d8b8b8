//! Names of tables, and rows with columns ignored.

use fixpoints::{Cell, Error};

use crate::playground::{Playground, SHOP};

#[test]
fn covered_tables_are_named() {
    let mut here = Playground::stored(SHOP);
    here.sql("CREATE TABLE schema_migrations (version TEXT)");
    let fixpoints = here.fixpoints.clone().excluding(["audit"]);
    assert_eq!(
        fixpoints.table_names(&mut here.db).unwrap(),
        ["authors", "books", "reviews"]
    );
    let saved = fixpoints.saved(&mut here.db, "base").unwrap();
    assert_eq!(saved.table_names(), ["authors", "books", "reviews"]);
}

#[test]
fn records_come_by_key_without_the_ignored_columns() {
    let mut here = Playground::stored(SHOP);
    here.sql("UPDATE books SET title = 'Persuasion' WHERE id = 1");
    let now = here
        .fixpoints
        .records(&mut here.db, "books", ["updated_at", "books.price"])
        .unwrap();
    insta::assert_debug_snapshot!(now, @r#"
    [
        {"id": 1, "author_id": 1, "title": "Persuasion"},
        {"id": 2, "author_id": 2, "title": "Ulysses"},
    ]
    "#);
    assert_eq!(now[0].get("id"), Some(&Cell::Integer(1)));
    assert_eq!(now[0].get("price"), None);
    assert_eq!(now[1].to_json()["title"], "Ulysses");
    let saved = here.fixpoints.saved(&mut here.db, "base").unwrap();
    let then = saved.records("books", ["updated_at", "price"]).unwrap();
    assert_eq!(then[0].get("title"), Some(&Cell::Text(b"Emma".to_vec())));
    assert_eq!(then[1], now[1]);
}

#[test]
fn rows_of_unknown_and_excluded_tables_are_errors() {
    let mut here = Playground::stored(SHOP);
    let fixpoints = here.fixpoints.clone().excluding(["audit"]);
    for table in ["audit", "nope", "Books"] {
        let error = fixpoints.records(&mut here.db, table, []).unwrap_err();
        assert!(matches!(error, Error::UnknownTable { .. }), "{error}");
        let error = fixpoints
            .saved(&mut here.db, "base")
            .unwrap()
            .records(table, [])
            .unwrap_err();
        assert!(matches!(error, Error::UnknownTable { .. }), "{error}");
    }
    let error = fixpoints
        .records(&mut here.db, "books", ["nope"])
        .unwrap_err();
    assert!(matches!(error, Error::UnknownColumn { .. }), "{error}");
}

#[test]
fn what_was_restored_can_be_read() {
    let mut here = Playground::stored(SHOP);
    let start = here.fixpoints.restore(&mut here.db, "base").unwrap();
    here.sql("DELETE FROM reviews");
    assert_eq!(
        start.records("reviews", ["updated_at"]).unwrap()[0].to_string(),
        r#"{"book_id": 1, "stars": 5}"#
    );
}
