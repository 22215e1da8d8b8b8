//! Storing, and standing on what was restored.

use fixpoints::{Compare, Error, Fixpoints, Store};

use crate::playground::{Playground, SHOP, ci, database, updating};

#[test]
fn a_fixpoint_exists_once_it_is_stored() {
    let mut here = Playground::new(SHOP);
    assert!(!here.fixpoints.exists("base").unwrap());
    here.fixpoints.store(&mut here.db, "base").unwrap();
    assert!(here.fixpoints.exists("base").unwrap());
    assert!(matches!(
        here.fixpoints.exists("../base"),
        Err(Error::BadName { .. })
    ));
}

#[test]
fn a_fixpoint_is_removed_unless_another_stands_on_it() {
    let mut here = Playground::stored(SHOP);
    let child = Store::named("same").on("base");
    here.fixpoints.store(&mut here.db, child).unwrap();
    let error = here.fixpoints.remove("base").unwrap_err();
    assert!(matches!(error, Error::HasChildren { .. }), "{error}");
    here.fixpoints.remove("same").unwrap();
    here.fixpoints.remove("base").unwrap();
    assert!(here.fixpoints.names().unwrap().is_empty());
}

#[test]
fn what_is_present_is_not_stored_again() {
    let mut here = Playground::new(SHOP);
    let first = here
        .fixpoints
        .store_unless_present(&mut here.db, "base")
        .unwrap();
    assert!(first.is_some());
    here.sql("DELETE FROM audit; DELETE FROM reviews");
    let before = here.text("base");
    let second = here
        .fixpoints
        .store_unless_present(&mut here.db, "base")
        .unwrap();
    assert!(second.is_none() && here.text("base") == before);
}

#[test]
fn a_build_server_stores_nothing_by_the_way() {
    let mut here = Playground::new(SHOP);
    let fixpoints = here.within(ci());
    let error = fixpoints
        .store_unless_present(&mut here.db, "base")
        .unwrap_err();
    assert!(matches!(error, Error::ImplicitWrite { .. }), "{error}");
    let error = fixpoints
        .compare(&mut here.db, Compare::with("base").or_store())
        .unwrap_err();
    insta::assert_snapshot!(format!("{error}\n{}", error.hint().unwrap()), @r"
    `base` is missing and `CI` is set, so nothing is written
    run `FIXPOINTS_UPDATE=1 cargo test THIS` on your own machine and commit the file
    ");
    assert!(!fixpoints.exists("base").unwrap());
    // What was asked for by name is written.
    fixpoints.store(&mut here.db, "base").unwrap();
    assert!(
        fixpoints
            .store_unless_present(&mut here.db, "base")
            .unwrap()
            .is_none()
    );
}

#[test]
fn what_was_restored_is_a_parent() {
    let mut here = Playground::stored(SHOP);
    let start = here.fixpoints.restore(&mut here.db, "base").unwrap();
    assert_eq!(start.name(), "base");
    here.sql("UPDATE books SET price = 8.0 WHERE id = 1");
    let report = here
        .fixpoints
        .store(&mut here.db, Store::named("sale").on(&start))
        .unwrap();
    assert_eq!(report.parent.unwrap().name, "base");
    let text = here.text("sale");
    let mut changes = text.lines().filter(|line| line.contains("- {"));
    let change =
        "      - {\"update\": {\"id\": 1}, \"old\": {\"price\": 9.5}, \"new\": {\"price\": 8.0}}";
    assert_eq!((changes.next(), changes.next()), (Some(change), None));
}

#[test]
fn a_parent_that_moved_since_it_was_restored_is_refused() {
    let mut here = Playground::stored(SHOP);
    let start = here.fixpoints.restore(&mut here.db, "base").unwrap();
    here.sql("UPDATE books SET price = 8.0 WHERE id = 1");
    here.fixpoints.store(&mut here.db, "base").unwrap();
    let error = here
        .fixpoints
        .store(&mut here.db, Store::named("sale").on(&start))
        .unwrap_err();
    assert!(matches!(error, Error::RestoredMoved { .. }), "{error}");
}

#[test]
fn two_threads_never_see_what_the_other_restored() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    fn is_sent<T: Send>() {}
    is_sent::<fixpoints::Restored>();
    let mut here = Playground::stored(SHOP);
    here.sql("UPDATE books SET price = 8.0 WHERE id = 1");
    here.fixpoints.store(&mut here.db, "sale").unwrap();
    is_shared(&here.fixpoints);
    let barrier = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        for name in ["base", "sale"] {
            let (fixpoints, barrier) = (&here.fixpoints, &barrier);
            scope.spawn(move || {
                let mut db = database(SHOP);
                let start = fixpoints.restore(&mut db, name).unwrap();
                barrier.wait();
                db.execute("DELETE FROM reviews", []).unwrap();
                let child = format!("{name}-child");
                let report = fixpoints
                    .store(&mut db, Store::named(&child).on(&start))
                    .unwrap();
                assert_eq!(report.parent.unwrap().name, name);
            });
        }
    });
    assert_eq!(
        here.fixpoints.names().unwrap(),
        ["base", "base-child", "sale", "sale-child"]
    );
}

#[test]
fn several_databases_keep_their_fixpoints_apart() {
    let mut here = Playground::new(SHOP);
    let mut logs = database("CREATE TABLE lines (id INTEGER PRIMARY KEY, text TEXT)");
    let (shop, log) = (
        here.fixpoints.database("shop"),
        here.fixpoints.database("logs"),
    );
    shop.store(&mut here.db, "base").unwrap();
    log.store(&mut logs, "base").unwrap();
    let start = log.restore(&mut logs, "base").unwrap();
    logs.execute("INSERT INTO lines VALUES (1, 'x')", [])
        .unwrap();
    log.store(&mut logs, Store::named("one").on(&start))
        .unwrap();
    log.store(&mut logs, Store::named("same").on("base"))
        .unwrap();
    assert_eq!(
        here.fixpoints.names().unwrap(),
        ["logs/base", "logs/one", "logs/same", "shop/base"]
    );
    shop.compare(&mut here.db, "base").unwrap();
    log.compare(&mut logs, "one").unwrap();
    let error = log.compare(&mut logs, "base").unwrap_err().to_string();
    assert!(
        error.starts_with("the database differs from `logs/base`\n"),
        "{error}"
    );
}

/// A folder that is no temporary one, wherever the checkout and the home folder lie.
fn lasting() -> Option<std::path::PathBuf> {
    let home = std::env::home_dir().unwrap_or_default();
    let folders = [env!("CARGO_TARGET_TMPDIR").into(), home, "/dev/shm".into()];
    let temporary = [std::env::temp_dir(), "/tmp".into()];
    folders
        .into_iter()
        .filter(|folder: &std::path::PathBuf| folder.is_dir())
        .find(|folder| !temporary.iter().any(|top| folder.starts_with(top)))
}

#[test]
fn a_database_that_is_no_test_database_is_refused() {
    let Some(lasting) = lasting() else {
        eprintln!("left out: every folder here is a temporary one");
        return;
    };
    let folder = tempfile::Builder::new().tempdir_in(lasting).unwrap();
    let mut db = rusqlite::Connection::open(folder.path().join("app.db")).unwrap();
    db.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        .unwrap();
    let fixpoints = Fixpoints::new(folder.path());
    let error = fixpoints.store(&mut db, "base").unwrap_err();
    assert!(
        matches!(&error, Error::NotATestDatabase { name, .. } if name == "app.db"),
        "{error}"
    );
    let allowed = fixpoints.clone().allowing(["app.db"]);
    allowed.store(&mut db, "base").unwrap();
    assert!(matches!(
        fixpoints.restore(&mut db, "base"),
        Err(Error::NotATestDatabase { .. })
    ));
    allowed.restore(&mut db, "base").unwrap();
}

#[test]
fn a_project_says_where_its_fixpoints_are_and_what_does_not_count() {
    let mut here = Playground::new(SHOP);
    let toml = "dir = \"f\"\nignore = [\"updated_at\"]\nexclude = [\"audit\"]\n";
    fixpoints::write_file(&here.folder.path().join("fixpoints.toml"), toml.as_bytes()).unwrap();
    let project = Fixpoints::of_project(here.folder.path()).unwrap();
    let report = project.store(&mut here.db, "base").unwrap();
    assert!(here.folder.path().join("f/base.yaml").exists());
    assert!(
        report
            .tables
            .iter()
            .all(|stored| stored.table.name != "audit")
    );
    here.sql("UPDATE books SET updated_at = 'tue'; INSERT INTO audit VALUES (1, 'x')");
    project.compare(&mut here.db, "base").unwrap();
}

#[test]
fn an_update_names_the_fixpoints_that_it_makes_unreadable() {
    let mut here = Playground::stored(SHOP);
    let child = Store::named("kid").on("base");
    here.fixpoints.store(&mut here.db, child).unwrap();
    here.sql("DELETE FROM audit; DELETE FROM reviews");
    let fixpoints = here.within(updating());
    let error = fixpoints.compare(&mut here.db, "base").unwrap_err();
    insta::assert_snapshot!(format!("{error}\n{}", error.hint().unwrap()), @r"
    `base` was stored again, and kid stood on what it held before
    run `fixpoints rebase kid --onto base`, and the test again
    ");
    fixpoints.compare(&mut here.db, "base").unwrap();
}
