//! Expectations that contradict each other, and tables and columns that came after the state they are told from.

use fixpoints::{Error, ExpectedChanges, Store};

use crate::playground::{Playground, SHOP, panic_of};

/// What is said of expectations that cannot be meant.
fn refused(expect: impl FnOnce(ExpectedChanges) -> ExpectedChanges) -> String {
    let mut here = Playground::stored(SHOP);
    let before = here.fixpoints.restore(&mut here.db, "base").unwrap();
    here.sql("INSERT INTO audit VALUES (1, 'x'); UPDATE books SET price = 1.0");
    let done = here.fixpoints.changes(&mut here.db, &before, expect);
    done.err()
        .map(|error| format!("{error:?}"))
        .unwrap_or_default()
}

#[test]
fn a_kind_of_change_is_said_once_for_each_table() {
    insta::assert_snapshot!(refused(|c| c.inserted("audit", 1).inserted("audit", 1)), @r#"
    the expectations about audit are not clear: `inserted` is said twice
    hint: say it once, with the number of all rows
    "#);
    insta::assert_snapshot!(refused(|c| c.deleted("audit", 1).deleted("audit", 2)), @r#"
    the expectations about audit are not clear: `deleted` is said twice
    hint: say it once, with the number of all rows
    "#);
    let twice = refused(|c| c.updated("books", ["price"]).updated("books", ["title"]));
    insta::assert_snapshot!(twice, @r#"
    the expectations about books are not clear: `updated` is said twice
    hint: say it once, with all columns that change
    "#);
    let rows = refused(|c| {
        c.updated("books", ["price"])
            .updated_rows("books", 2, ["price"])
    });
    assert_eq!(rows, twice);
    let rows = refused(|c| {
        c.updated_rows("books", 1, ["price"])
            .updated_rows("books", 1, ["title"])
    });
    assert_eq!(rows, twice);
}

#[test]
fn unchanged_stands_alone() {
    let said = refused(|c| {
        c.inserted("audit", 1)
            .unchanged("books")
            .updated("books", ["price"])
    });
    insta::assert_snapshot!(said, @r#"
    the expectations about books are not clear: `unchanged` is said beside `updated`
    hint: say one of the two
    "#);
    let last = refused(|c| c.inserted("audit", 1).unchanged("audit"));
    insta::assert_snapshot!(last, @r#"
    the expectations about audit are not clear: `unchanged` is said beside `inserted`
    hint: say one of the two
    "#);
}

#[test]
fn an_update_names_its_columns() {
    let nothing: [&str; 0] = [];
    insta::assert_snapshot!(refused(|c| c.updated("books", nothing)), @r#"
    the expectations about books are not clear: `updated` names no column
    hint: name the columns that change, or expect `unchanged`
    "#);
}

#[test]
fn none_of_a_kind_may_be_said() {
    let mut here = Playground::stored(SHOP);
    let before = here.fixpoints.restore(&mut here.db, "base").unwrap();
    here.fixpoints.assert_changes(&mut here.db, &before, |c| {
        c.inserted("books", 0)
            .updated_rows("books", 0, ["price"])
            .deleted("books", 0)
            .unchanged("audit")
            .unchanged("audit")
    });
}

const LATER: &str = "CREATE TABLE later (id INTEGER PRIMARY KEY, at TEXT); INSERT INTO later VALUES (7, 'x'), (8, 'y');
    CREATE TABLE empty (id INTEGER PRIMARY KEY)";

#[test]
fn a_table_that_came_later_was_empty_before() {
    let mut here = Playground::stored(SHOP);
    let restored = here.fixpoints.restore(&mut here.db, "base").unwrap();
    let snapshot = here.fixpoints.snapshot(&mut here.db).unwrap();
    here.sql(LATER);
    for before in [&*restored, &snapshot] {
        here.fixpoints.assert_changes(&mut here.db, before, |c| {
            c.inserted("later", 2).unchanged("empty")
        });
    }
    let wrong = |c: ExpectedChanges| c.inserted("later", 3).inserted("empty", 1);
    let error = here.fixpoints.changes(&mut here.db, &snapshot, wrong);
    insta::assert_snapshot!(error.unwrap_err(), @r#"
    the changes since the snapshot are not those expected
    empty: no row inserted, expected 1
    later: 2 rows inserted, expected 3
      + id 7, at "x"
      + id 8, at "y"
    hint: if this is right, expect `|c| c.unchanged("empty").inserted("later", 2)`
    "#);
}

#[test]
fn a_table_that_came_later_must_be_named() {
    let mut here = Playground::stored(SHOP);
    let fixpoints = here.fixpoints.clone().ignoring(["at"]);
    let before = fixpoints.snapshot(&mut here.db).unwrap();
    here.sql(LATER);
    let panic = panic_of(|| fixpoints.assert_changes(&mut here.db, &before, |c| c));
    insta::assert_snapshot!(panic, @r#"
    the changes since the snapshot are not those expected
    empty: the table is new, without rows
    later: the table is new, with 2 rows
      + id 7
      + id 8
    hint: if this is right, expect `|c| c.unchanged("empty").inserted("later", 2)`
    "#);
    let error = fixpoints.changes(&mut here.db, &before, |c| c.unchanged("latter"));
    assert!(
        matches!(&error, Err(Error::UnknownTable { known, .. }) if known.contains(&"later".to_owned())),
        "{error:?}"
    );
}

#[test]
fn a_table_that_a_fixpoint_leaves_out_may_hold_anything() {
    let mut here = Playground::stored(SHOP);
    here.sql("INSERT INTO audit VALUES (1, 'x')");
    let lean = Store::named("lean").excluding(["audit"]);
    here.fixpoints.store(&mut here.db, lean).unwrap();
    let restored = here.fixpoints.restore(&mut here.db, "lean").unwrap();
    let saved = here.fixpoints.saved(&mut here.db, "lean").unwrap();
    here.sql("UPDATE books SET price = 1.0 WHERE id = 1");
    for before in [&*restored, &saved] {
        let expect = |c: ExpectedChanges| c.inserted("audit", 1);
        let error = here.fixpoints.changes(&mut here.db, before, expect);
        insta::allow_duplicates!(insta::assert_snapshot!(error.unwrap_err(), @r#"
        the changes since `lean` are not those expected
        books: 1 row updated (price), expected none
          ~ id 1
              price: 9.5 → 1.0
        audit: `lean` does not have it, so that its changes are not known
        hint: if this is right, expect `|c| c.updated("books", ["price"])`, and restore `lean` and store it again, so that it has these tables, or leave them out with `Fixpoints::excluding`
        "#));
    }
    let apart = here.fixpoints.clone().excluding(["audit"]);
    apart.assert_changes(&mut here.db, &restored, |c| c.updated("books", ["price"]));
}

#[test]
fn a_table_that_was_excluded_when_the_state_was_taken_did_not_come_later() {
    let mut here = Playground::stored(SHOP);
    here.sql("INSERT INTO audit VALUES (1, 'x')");
    let apart = here.fixpoints.clone().excluding(["audit"]);
    let lean = Store::named("lean").excluding(["audit"]);
    here.fixpoints.store(&mut here.db, lean).unwrap();
    let restored = apart.restore(&mut here.db, "lean").unwrap();
    let snapshot = apart.snapshot(&mut here.db).unwrap();
    for before in [&*restored, &snapshot] {
        let expect = |c: ExpectedChanges| c.inserted("audit", 1);
        let error = here.fixpoints.changes(&mut here.db, before, expect);
        let text = error.unwrap_err().to_string();
        assert!(text.contains("does not have it"), "{text}");
    }
}

#[test]
fn a_schema_that_moved_since_the_state_was_taken_is_said() {
    let mut here = Playground::stored(SHOP);
    let snapshot = here.fixpoints.snapshot(&mut here.db).unwrap();
    let restored = here.fixpoints.restore(&mut here.db, "base").unwrap();
    here.sql("ALTER TABLE audit ADD COLUMN who TEXT");
    let error = here.fixpoints.changes(&mut here.db, &snapshot, |c| c);
    insta::assert_snapshot!(format!("{:?}", error.unwrap_err()), @r#"
    the schema moved since the snapshot: column audit.who was added
    hint: change the schema first, and take the state to tell changes from after that
    "#);
    let error = here.fixpoints.changes(&mut here.db, &restored, |c| c);
    insta::assert_snapshot!(error.unwrap_err(), @"the schema moved since `base` was restored: column audit.who was added");
}

#[test]
fn a_handle_whose_file_moved_says_to_restore_again() {
    let mut here = Playground::stored(SHOP);
    let start = here.fixpoints.restore(&mut here.db, "base").unwrap();
    here.sql("UPDATE books SET price = 8.0 WHERE id = 1");
    here.fixpoints.store(&mut here.db, "base").unwrap();
    let kid = Store::named("kid").on(&start);
    let error = here.fixpoints.store(&mut here.db, kid.clone());
    insta::assert_snapshot!(format!("{:?}", error.unwrap_err()), @r#"
    `base` changed since it was restored here, so that `kid` cannot stand on it
    hint: restore `base` again, and store `kid` on what that returns
    "#);
    here.fixpoints.remove("base").unwrap();
    let error = here.fixpoints.store(&mut here.db, kid).unwrap_err();
    assert!(matches!(error, Error::MissingFixpoint { .. }), "{error}");
}
