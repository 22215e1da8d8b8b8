//! Comparing with a fixpoint: what counts, what a failure says, and how it is recorded again.

use fixpoints::{Compare, Error, ErrorKind, Store};

use crate::playground::{Playground, SHOP, ci, panic_of, updating};

fn sale() -> Playground {
    let here = Playground::stored(SHOP);
    here.sql(
        "UPDATE books SET price = 8.0, updated_at = 'tue' WHERE id = 1;
         UPDATE reviews SET updated_at = 'tue';
         DELETE FROM books WHERE id = 2;
         INSERT INTO audit VALUES (1, 'it''s a \"sale\"');",
    );
    here
}

#[test]
fn a_failure_shows_every_table_row_and_column() {
    let mut here = sale();
    let error = here.fixpoints.compare(&mut here.db, "base").unwrap_err();
    insta::assert_snapshot!(error, @r#"
    the database differs from `base`
    audit (1 difference of 1 row now)
      + id 1, note "it's a \"sale\""
    books (2 differences of 1 row now)
      ~ id 1
          price: 9.5 → 8.0
          updated_at: "mon" → "tue"
      - id 2, author_id 2, title "Ulysses", price 12.0, updated_at "mon"
    reviews (2 differences of 1 row now)
      - book_id 1, stars 5, updated_at "mon"
      + book_id 1, stars 5, updated_at "tue"
    hint: if this is right, run `FIXPOINTS_UPDATE=1 cargo test THIS`
    "#);
    assert!(error.hint().is_none(), "the message holds it");
    let panic = panic_of(|| here.fixpoints.assert_equals(&mut here.db, "base"));
    assert_eq!(panic, error.to_string());
    // A test that returns its error prints it in the same form.
    assert!(format!("{error:?}").contains("      price: 9.5 → 8.0\n"));
}

#[test]
fn columns_are_ignored_everywhere_or_in_one_table() {
    let mut here = Playground::stored(SHOP);
    here.sql("UPDATE books SET updated_at = 'tue'; UPDATE reviews SET updated_at = 'tue'");
    let (fixpoints, db) = (&here.fixpoints, &mut here.db);
    assert!(fixpoints.compare(db, "base").is_err());
    fixpoints
        .compare(db, Compare::with("base").ignoring(["updated_at"]))
        .unwrap();
    let both = ["books.updated_at", "reviews.updated_at"];
    fixpoints
        .compare(db, Compare::with("base").ignoring(both))
        .unwrap();
    let one = fixpoints
        .compare(db, Compare::with("base").ignoring(["books.updated_at"]))
        .unwrap_err();
    assert!(
        one.to_string().contains("reviews") && !one.to_string().contains("books"),
        "{one}"
    );
    let mut ignoring = |names: [&str; 2]| fixpoints.clone().ignoring(names).compare(db, "base");
    ignoring(["upd*_at", "books.updated_at"]).unwrap();
    let error = ignoring(["updated_at", "not_there"]).unwrap_err();
    assert!(matches!(error, Error::Unmatched { .. }), "{error}");
    let error = fixpoints
        .compare(db, Compare::with("base").ignoring(["not_there"]))
        .unwrap_err();
    assert!(matches!(error, Error::UnknownColumn { .. }), "{error}");
}

#[test]
fn tables_are_chosen_and_excluded() {
    let mut here = Playground::stored(SHOP);
    here.sql("INSERT INTO audit VALUES (1, 'x')");
    let (fixpoints, db) = (&here.fixpoints, &mut here.db);
    fixpoints
        .compare(db, Compare::with("base").tables(["books", "authors"]))
        .unwrap();
    assert!(
        fixpoints
            .compare(db, Compare::with("base").tables(["audit"]))
            .is_err()
    );
    fixpoints
        .compare(db, Compare::with("base").excluding(["audit"]))
        .unwrap();
    fixpoints
        .clone()
        .excluding(["audit"])
        .compare(db, "base")
        .unwrap();
    for unknown in [
        Compare::with("base").tables(["nope"]),
        Compare::with("base").excluding(["nope"]),
    ] {
        let error = fixpoints.compare(db, unknown).unwrap_err();
        assert!(matches!(error, Error::UnknownTable { .. }), "{error}");
    }
}

#[test]
fn a_missing_fixpoint_fails() {
    let mut here = Playground::new(SHOP);
    let error = here.fixpoints.compare(&mut here.db, "base").unwrap_err();
    assert!(error.kind() == ErrorKind::MissingFixpoint, "{error}");
    let panic = panic_of(|| here.fixpoints.assert_equals(&mut here.db, "base"));
    insta::assert_snapshot!(here.placeless(panic), @r"
    no fixpoint named `base` in fixpoints
    hint: run `FIXPOINTS_UPDATE=1 cargo test THIS` to store it, then look at the file and commit it
    ");
}

#[test]
fn an_error_that_a_test_returns_prints_what_to_do() {
    let mut here = Playground::new(SHOP);
    let error = here.fixpoints.restore(&mut here.db, "base").unwrap_err();
    insta::assert_snapshot!(here.placeless(format!("{error:?}")), @r"
    no fixpoint named `base` in fixpoints
    hint: run `fixpoints store base` to store it, or `fixpoints list` to see what there is
    ");
}

#[test]
fn or_store_stores_and_fails_once() {
    let mut here = Playground::stored(SHOP);
    let start = here.fixpoints.restore(&mut here.db, "base").unwrap();
    here.sql("DELETE FROM reviews");
    let with = Compare::with("none")
        .or_store()
        .on(&start)
        .excluding(["audit"]);
    let panic = panic_of(|| here.fixpoints.assert_equals(&mut here.db, with.clone()));
    insta::assert_snapshot!(here.placeless(panic), @r"
    there was no `none` to compare with, so fixpoints/none.yaml was stored
    hint: look at fixpoints/none.yaml, commit it, and run the test again
    ");
    here.fixpoints.compare(&mut here.db, with).unwrap();
    let text = here.text("none");
    assert!(
        text.contains("parent: {\"name\": \"base\"") && !text.contains("audit"),
        "{text}"
    );
}

#[test]
fn updating_stores_what_differs_and_keeps_its_parent() {
    let mut here = Playground::stored(SHOP);
    here.sql("DELETE FROM reviews");
    here.fixpoints
        .store(&mut here.db, Store::named("none").on("base"))
        .unwrap();
    here.sql("INSERT INTO audit VALUES (1, 'x')");
    let fixpoints = here.within(updating());
    fixpoints.compare(&mut here.db, "none").unwrap();
    fixpoints.compare(&mut here.db, "new").unwrap();
    here.fixpoints.compare(&mut here.db, "none").unwrap();
    assert!(here.text("none").contains("parent: {\"name\": \"base\""));
    assert!(!here.text("new").contains("parent:"));
}

#[test]
fn updating_leaves_out_the_tables_that_are_not_compared() {
    let mut here = Playground::new(SHOP);
    let with = || Compare::with("shop").excluding(["audit"]);
    let fixpoints = here.within(updating());
    fixpoints.compare(&mut here.db, with()).unwrap();
    here.sql("DELETE FROM reviews");
    fixpoints.compare(&mut here.db, with()).unwrap();
    here.fixpoints.compare(&mut here.db, with()).unwrap();
    assert!(!here.text("shop").contains("audit"));
}

#[test]
fn updating_keeps_the_parent_of_one_of_several_databases() {
    let mut here = Playground::new(SHOP);
    let shop = here.within(updating()).database("shop");
    shop.store(&mut here.db, "base").unwrap();
    here.sql("DELETE FROM reviews");
    shop.store(&mut here.db, Store::named("none").on("base"))
        .unwrap();
    here.sql("INSERT INTO audit VALUES (1, 'x')");
    shop.compare(&mut here.db, "none").unwrap();
    assert!(
        here.text("shop/none")
            .contains("parent: {\"name\": \"shop/base\"")
    );
}

#[test]
fn a_build_server_updates_nothing() {
    let mut here = sale();
    let before = here.text("base");
    let environment = fixpoints::Environment {
        operator: ci().operator,
        ..updating()
    };
    let error = here
        .within(environment)
        .compare(&mut here.db, "base")
        .unwrap_err();
    assert!(matches!(error, Error::Different(_)) && here.text("base") == before);
}

#[test]
fn an_update_keeps_the_tables_that_were_not_compared() {
    let mut here = sale();
    let fixpoints = here.within(updating());
    let with = || Compare::with("base").excluding(["audit"]);
    fixpoints.compare(&mut here.db, with()).unwrap();
    let saved = fixpoints.saved(&mut here.db, "base").unwrap();
    assert_eq!(
        saved.table_names(),
        ["audit", "authors", "books", "reviews"]
    );
    // What the file never had stays out of it.
    let store = Store::named("small").excluding(["audit"]);
    fixpoints.store(&mut here.db, store).unwrap();
    here.sql("DELETE FROM reviews");
    let with = Compare::with("small").excluding(["audit"]);
    fixpoints.compare(&mut here.db, with).unwrap();
    let saved = fixpoints.saved(&mut here.db, "small").unwrap();
    assert_eq!(saved.table_names(), ["authors", "books", "reviews"]);
}

/// What is said in the thread of a test called `orders::sale`.
fn said_by_sale(environment: fixpoints::Environment) -> String {
    let mut here = sale();
    let fixpoints = here.within(environment);
    let work = move || {
        let error = fixpoints.compare(&mut here.db, "base").unwrap_err();
        error.to_string()
    };
    let thread = std::thread::Builder::new().name("orders::sale".to_owned());
    thread.spawn(work).unwrap().join().unwrap()
}

#[test]
fn the_running_test_and_no_other_is_named_in_the_hint() {
    let text = said_by_sale(fixpoints::Environment::default());
    assert!(
        text.ends_with("run `FIXPOINTS_UPDATE=1 cargo test -- orders::sale --exact`"),
        "{text}"
    );
    let own = fixpoints::Environment {
        command: Some("just test {test}".to_owned()),
        ..fixpoints::Environment::default()
    };
    let text = said_by_sale(own);
    assert!(
        text.ends_with("run `FIXPOINTS_UPDATE=1 just test orders::sale`"),
        "{text}"
    );
}

#[test]
fn a_test_of_this_process_is_named_with_its_package_and_file() {
    let environment = fixpoints::Environment {
        command: fixpoints::Environment::of_process().command,
        ..fixpoints::Environment::default()
    };
    let mut here = sale();
    let fixpoints = here.within(environment);
    let text = fixpoints.compare(&mut here.db, "base").unwrap_err();
    let test = "comparing::a_test_of_this_process_is_named_with_its_package_and_file";
    assert!(
        text.to_string()
            .ends_with(&format!(" -p fixpoints --test api -- {test} --exact`")),
        "{text}"
    );
}

#[test]
fn a_flood_of_differences_is_counted() {
    let mut here = Playground::stored("CREATE TABLE n (id INTEGER PRIMARY KEY)");
    here.sql("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 120) INSERT INTO n SELECT x FROM c");
    let text = here
        .fixpoints
        .compare(&mut here.db, "base")
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("n (120 differences of 120 rows now)") && text.contains("  … and 70 more\n"),
        "{text}"
    );
}

#[test]
fn long_values_are_shown_where_they_differ() {
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, printf('%.500c', 'ä') || 'x');";
    let mut here = Playground::stored(sql);
    here.sql("UPDATE t SET v = printf('%.500c', 'ä') || 'yz'; INSERT INTO t VALUES (2, printf('%.300c', 'b'))");
    let text = here
        .fixpoints
        .compare(&mut here.db, "base")
        .unwrap_err()
        .to_string();
    let (same, b) = ("ä".repeat(30), "b".repeat(199));
    assert!(
        text.contains(&format!(
            "      v: …{same}x\" (503 characters) → …{same}yz\" (504 characters)\n"
        )),
        "{text}"
    );
    assert!(
        text.contains(&format!("  + id 2, v \"{b}… (302 characters)\n")),
        "{text}"
    );
}
