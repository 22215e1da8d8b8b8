//! `FIXPOINTS_SKIP_TABLES`: tables that are left empty, to see who needs them.

use fixpoints::{Compare, Dependents, Environment, Error, Fixpoints, Skip};

use crate::playground::{Playground, SHOP, desk, updating};

fn skipping(here: &Playground, skip: Skip) -> Fixpoints {
    here.within(Environment { skip, ..desk() })
}

#[test]
fn the_environment_is_read_as_a_value() {
    let of = |list: &'static str, dependents: &'static str| {
        Environment::of(move |name| match name {
            "FIXPOINTS_SKIP_TABLES" => Some(list.to_owned()),
            "FIXPOINTS_SKIP_DEPENDENTS" => Some(dependents.to_owned()),
            _ => None,
        })
        .skip
    };
    assert_eq!(
        of("books, authors,", ""),
        Skip::tables(["authors", "books"])
    );
    assert_eq!(
        of("books", "keep"),
        Skip::tables(["books"]).dependents(Dependents::Keep)
    );
    assert!(of("", "").is_empty() && Environment::of(|_| None) == Environment::default());
}

#[test]
fn a_word_about_dependents_that_means_nothing_is_refused() {
    let mut here = Playground::stored(SHOP);
    for (list, is_refused) in [("authors", true), ("", false)] {
        let skip = Environment::of(move |name| match name {
            "FIXPOINTS_SKIP_TABLES" => Some(list.to_owned()),
            "FIXPOINTS_SKIP_DEPENDENTS" => Some("kepe".to_owned()),
            _ => None,
        })
        .skip;
        match skipping(&here, skip).restore(&mut here.db, "base") {
            Err(Error::UnclearDependents { word }) => assert!(is_refused && word == "kepe"),
            other => assert!(!is_refused && other.is_ok(), "{other:?}"),
        }
    }
}

#[test]
fn skipped_tables_and_what_depends_on_them_are_left_empty() {
    let mut here = Playground::stored(SHOP);
    let fixpoints = skipping(&here, Skip::tables(["authors"]));
    fixpoints.restore(&mut here.db, "base").unwrap();
    let counts = ["authors", "books", "reviews", "audit"].map(|table| here.count(table));
    assert_eq!(counts, [0, 0, 0, 0]);
    here.fixpoints.restore(&mut here.db, "base").unwrap();
    skipping(&here, Skip::tables(["reviews"]))
        .restore(&mut here.db, "base")
        .unwrap();
    let counts = ["authors", "books", "reviews"].map(|table| here.count(table));
    assert_eq!(counts, [2, 2, 0], "what they refer to stays");
}

#[test]
fn dependents_can_be_kept() {
    let mut here = Playground::stored(SHOP);
    let skip = Skip::tables(["books"]).dependents(Dependents::Keep);
    let fixpoints = skipping(&here, skip);
    fixpoints.restore(&mut here.db, "base").unwrap();
    let counts = ["authors", "books", "reviews"].map(|table| here.count(table));
    assert_eq!(counts, [2, 0, 1]);
    fixpoints.compare(&mut here.db, "base").unwrap();
}

#[test]
fn skipped_tables_are_absent_from_comparisons() {
    let mut here = Playground::stored(SHOP);
    let fixpoints = skipping(&here, Skip::tables(["books"]));
    fixpoints.restore(&mut here.db, "base").unwrap();
    let db = &mut here.db;
    fixpoints.compare(db, "base").unwrap();
    fixpoints
        .compare(db, Compare::with("base").ignoring(["books.price"]))
        .unwrap();
    fixpoints
        .compare(db, Compare::with("base").excluding(["books"]))
        .unwrap();
    fixpoints
        .compare(db, Compare::with("base").tables(["books", "audit"]))
        .unwrap();
    let error = fixpoints
        .compare(db, Compare::with("base").tables(["books"]))
        .unwrap_err();
    assert!(
        matches!(error, Error::SkippedTable { .. }),
        "nothing would be compared: {error}"
    );
    let error = fixpoints
        .compare(db, Compare::with("base").excluding(["nope"]))
        .unwrap_err();
    assert!(matches!(error, Error::UnknownTable { .. }), "{error}");
}

#[test]
fn what_is_skipped_is_said_with_what_was_done() {
    let mut here = Playground::stored(SHOP);
    let fixpoints = skipping(&here, Skip::tables(["books"]));
    let start = fixpoints.restore(&mut here.db, "base").unwrap();
    assert_eq!(start.report().skipped, ["books", "reviews"]);
    here.sql("INSERT INTO audit VALUES (1, 'x')");
    let error = fixpoints.compare(&mut here.db, "base").unwrap_err();
    insta::assert_snapshot!(error, @r#"
    the database differs from `base`
    audit (1 difference of 1 row now)
      + id 1, note "x"
    not compared, because they are skipped: books, reviews
    hint: if this is right, run `FIXPOINTS_UPDATE=1 cargo test THIS`
    "#);
}

#[test]
fn changes_are_told_from_what_skipped_tables_really_held() {
    let mut here = Playground::stored(SHOP);
    let fixpoints = skipping(&here, Skip::tables(["books"]));
    let start = fixpoints.restore(&mut here.db, "base").unwrap();
    let seen = fixpoints.snapshot(&mut here.db).unwrap();
    let db = &mut here.db;
    // A test that brings its own book does not need the fixture's.
    db.execute("INSERT INTO books (title) VALUES ('new')", [])
        .unwrap();
    fixpoints.assert_changes(db, &start, |c| c.inserted("books", 1).unchanged("reviews"));
    fixpoints.assert_changes(db, &seen, |c| c.inserted("books", 1));
    fixpoints.restore(db, "base").unwrap();
    // One that changes a book of the fixture does.
    db.execute("UPDATE books SET price = 1 WHERE id = 1", [])
        .unwrap();
    let error = fixpoints
        .changes(db, &start, |c| c.updated("books", ["price"]))
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("books: no row updated, expected some (price)"),
        "{error}"
    );
    let saved = fixpoints.saved(db, "base").unwrap();
    fixpoints.assert_changes(db, &saved, |c| c.unchanged("books"));
}

#[test]
fn skipped_tables_are_absent_from_rows() {
    let mut here = Playground::stored(SHOP);
    let fixpoints = skipping(&here, Skip::tables(["books"]));
    assert_eq!(
        fixpoints.table_names(&mut here.db).unwrap(),
        ["audit", "authors"]
    );
    assert!(matches!(
        fixpoints.records(&mut here.db, "reviews", []),
        Err(Error::SkippedTable { .. })
    ));
    let start = fixpoints.restore(&mut here.db, "base").unwrap();
    let saved = fixpoints.saved(&mut here.db, "base").unwrap();
    for state in [&*start, &saved] {
        assert_eq!(state.table_names(), ["audit", "authors"]);
        assert!(matches!(
            state.records("books", []),
            Err(Error::SkippedTable { .. })
        ));
    }
}

#[test]
fn nothing_is_stored_while_tables_are_skipped() {
    let mut here = Playground::stored(SHOP);
    let before = here.text("base");
    let fixpoints = skipping(&here, Skip::tables(["books"]));
    let error = fixpoints.store(&mut here.db, "base").unwrap_err();
    insta::assert_snapshot!(format!("{error}\n{}", error.hint().unwrap()), @r"
    `base` is not stored while tables are skipped, because it would lack their rows
    unset FIXPOINTS_SKIP_TABLES and store it then
    ");
    assert_eq!(here.text("base"), before);
}

#[test]
fn nothing_is_updated_while_tables_are_skipped() {
    let mut here = Playground::stored(SHOP);
    let before = here.text("base");
    here.sql("INSERT INTO audit VALUES (1, 'x')");
    let environment = Environment {
        skip: Skip::tables(["books"]),
        ..updating()
    };
    let fixpoints = here.within(environment);
    let error = fixpoints.compare(&mut here.db, "base").unwrap_err();
    assert!(matches!(error, Error::Different(_)), "{error}");
    assert_eq!(here.text("base"), before);
}

#[test]
fn an_unknown_name_is_an_error_everywhere() {
    let mut here = Playground::stored(SHOP);
    let fixpoints = skipping(&here, Skip::tables(["bokks"]));
    let db = &mut here.db;
    let errors = [
        fixpoints.restore(db, "base").err(),
        fixpoints.compare(db, "base").err(),
        fixpoints.snapshot(db).err(),
        fixpoints.table_names(db).err(),
        fixpoints.records(db, "books", []).err(),
    ];
    for error in errors {
        let error = error.unwrap();
        assert!(matches!(error, Error::UnknownSkip { .. }), "{error}");
    }
    let error = fixpoints.restore(db, "base").unwrap_err();
    insta::assert_snapshot!(format!("{error}\n{}", error.hint().unwrap()), @r"
    no table is called `bokks`, and FIXPOINTS_SKIP_TABLES is to skip it
    set FIXPOINTS_SKIP_TABLES to one of books, audit, authors, reviews, or unset it
    ");
}
