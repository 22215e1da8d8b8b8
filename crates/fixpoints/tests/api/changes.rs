//! Change assertions: whatever is not named must be unchanged.

use fixpoints::{Error, ExpectedChanges};

use crate::playground::{Playground, SHOP, panic_of};

fn post(here: &Playground) {
    here.sql(
        "INSERT INTO audit VALUES (1, 'x');
         UPDATE books SET price = 1.0, updated_at = 'tue' WHERE id = 1;
         DELETE FROM authors WHERE id = 2;",
    );
}

/// What the assertion says of a change.
fn said(sql: &str, expect: impl FnOnce(ExpectedChanges) -> ExpectedChanges) -> String {
    let mut here = Playground::stored(SHOP);
    let before = here.fixpoints.restore(&mut here.db, "base").unwrap();
    here.sql(sql);
    here.fixpoints
        .changes(&mut here.db, &before, expect)
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

#[test]
fn expected_changes_pass_since_a_restore_and_since_a_snapshot() {
    let mut here = Playground::stored(SHOP);
    let restored = here.fixpoints.restore(&mut here.db, "base").unwrap();
    let snapshot = here.fixpoints.snapshot(&mut here.db).unwrap();
    post(&here);
    // Joyce's book went with him.
    let expect = |c: ExpectedChanges| {
        c.inserted("audit", 1)
            .updated("books", ["price", "updated_at"])
            .deleted("authors", 1)
            .deleted("books", 1)
            .unchanged("reviews")
    };
    here.fixpoints
        .assert_changes(&mut here.db, &restored, expect);
    here.fixpoints
        .assert_changes(&mut here.db, &snapshot, expect);
    here.fixpoints.assert_changes(&mut here.db, &snapshot, |c| {
        c.inserted("audit", 1)
            .updated_rows("books", 1, ["price", "updated_at"])
            .deleted("authors", 1)
            .deleted("books", 1)
    });
}

#[test]
fn nothing_expected_and_nothing_changed_passes() {
    assert_eq!(said("", |c| c), "");
    assert_eq!(
        said("UPDATE books SET price = price", |c| c.unchanged("books")),
        ""
    );
}

#[test]
fn what_is_not_named_must_be_unchanged() {
    let mut here = Playground::stored(SHOP);
    let before = here.fixpoints.restore(&mut here.db, "base").unwrap();
    post(&here);
    let expect = |c: ExpectedChanges| c.inserted("audit", 2).updated("books", ["price"]);
    let panic = panic_of(|| here.fixpoints.assert_changes(&mut here.db, &before, expect));
    insta::assert_snapshot!(panic, @r#"
    the changes since `base` are not those expected
    audit: 1 row inserted, expected 2
      + id 1, note "x"
    authors: 1 row deleted, expected none
      - id 2, name "Joyce"
    books: 1 row updated (price, updated_at), expected some (price)
      ~ id 1
          price: 9.5 → 1.0
          updated_at: "mon" → "tue"
    books: 1 row deleted, expected none
      - id 2, author_id 2, title "Ulysses", price 12.0, updated_at "mon"
    hint: if this is right, expect `|c| c.inserted("audit", 1).deleted("authors", 1).updated("books", ["price", "updated_at"]).deleted("books", 1)`
    "#);
}

#[test]
fn each_wrong_count_is_named() {
    insta::assert_snapshot!(said("INSERT INTO audit VALUES (7, 'x')", |c| c), @r#"
    the changes since `base` are not those expected
    audit: 1 row inserted, expected none
      + id 7, note "x"
    hint: if this is right, expect `|c| c.inserted("audit", 1)`
    "#);
    insta::assert_snapshot!(said("", |c| c.inserted("audit", 1).deleted("books", 1).updated("reviews", ["stars"])), @r"
    the changes since `base` are not those expected
    audit: no row inserted, expected 1
    books: no row deleted, expected 1
    reviews: no row updated, expected some (stars)
    hint: if this is right, expect `|c| c`
    ");
    insta::assert_snapshot!(
        said("UPDATE books SET price = 1", |c| c.updated_rows("books", 1, ["price"])), @r#"
        the changes since `base` are not those expected
        books: 2 rows updated (price), expected 1 (price)
          ~ id 1
              price: 9.5 → 1.0
          ~ id 2
              price: 12.0 → 1.0
        hint: if this is right, expect `|c| c.updated("books", ["price"])`
        "#);
    insta::assert_snapshot!(
        said("UPDATE books SET price = 1", |c| c.updated("books", ["price", "title"])), @r#"
        the changes since `base` are not those expected
        books: 2 rows updated (price), expected some (price, title)
          ~ id 1
              price: 9.5 → 1.0
          ~ id 2
              price: 12.0 → 1.0
        hint: if this is right, expect `|c| c.updated("books", ["price"])`
        "#);
}

#[test]
fn the_hint_is_code_that_passes() {
    let sql = "UPDATE books SET price = 1; DELETE FROM reviews";
    let text = said(sql, |c| c);
    assert!(
        text.ends_with(r#"expect `|c| c.updated("books", ["price"]).deleted("reviews", 1)`"#),
        "{text}"
    );
    assert_eq!(
        said(sql, |c| c.updated("books", ["price"]).deleted("reviews", 1)),
        ""
    );
}

#[test]
fn unknown_tables_and_columns_are_errors() {
    let mut here = Playground::new(SHOP);
    let before = here.fixpoints.snapshot(&mut here.db).unwrap();
    let error = here
        .fixpoints
        .changes(&mut here.db, &before, |c| c.unchanged("bokks"))
        .unwrap_err();
    assert!(matches!(error, Error::UnknownTable { .. }), "{error}");
    let error = here
        .fixpoints
        .changes(&mut here.db, &before, |c| c.updated("books", ["prise"]))
        .unwrap_err();
    assert!(
        matches!(&error, Error::UnknownColumn { column } if column == "books.prise"),
        "{error}"
    );
}

#[test]
fn ignored_columns_do_not_count() {
    let mut here = Playground::new(SHOP);
    let fixpoints = here
        .fixpoints
        .clone()
        .ignoring(["updated_at"])
        .excluding(["audit"]);
    let before = fixpoints.snapshot(&mut here.db).unwrap();
    here.sql("UPDATE books SET updated_at = 'tue'; INSERT INTO audit VALUES (1, 'x')");
    fixpoints.assert_changes(&mut here.db, &before, |c| c);
}

#[test]
fn a_snapshot_writes_nothing_into_the_folder() {
    let mut here = Playground::new(SHOP);
    let before = here.fixpoints.snapshot(&mut here.db).unwrap();
    assert_eq!(here.fixpoints.names().unwrap(), Vec::<String>::new());
    assert_eq!(
        before.table_names(),
        ["audit", "authors", "books", "reviews"]
    );
}
