//! Removing fixpoints, and putting sequences behind their tables.

use fixpoints::{Error, Scope, remove, reset_sequences};

use crate::playground::{Playground, name};

#[test]
fn a_fixpoint_is_removed_with_the_folders_it_leaves_empty() {
    let playground = Playground::new("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    playground.store("a/b/one").unwrap();
    playground.store("a/two").unwrap();
    let folder = playground.fixpoints();
    remove(&folder, &name("a/b/one")).unwrap();
    assert!(!folder.path().join("a").join("b").exists());
    remove(&folder, &name("a/two")).unwrap();
    assert!(folder.path().exists() && !folder.path().join("a").exists());
    assert!(matches!(
        remove(&folder, &name("a/two")),
        Err(Error::MissingFixpoint { .. })
    ));
}

#[test]
fn a_fixpoint_that_others_stand_on_stays() {
    let playground = Playground::new("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    playground.store("base").unwrap();
    playground.store_on("one", "base").unwrap();
    playground.store_on("two", "base").unwrap();
    let error = remove(&playground.fixpoints(), &name("base")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`base` cannot be removed, because one; two stand on it"
    );
    assert!(error.hint().unwrap().contains("fixpoints remove one"));
    assert!(playground.file("base").exists());
}

#[test]
fn a_file_that_cannot_be_read_can_be_removed() {
    let playground = Playground::new("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    playground.write("torn", "format: 2\nengine");
    remove(&playground.fixpoints(), &name("torn")).unwrap();
    assert!(!playground.file("torn").exists());
}

const SEQUENCES: &str = "CREATE TABLE ahead (id INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TABLE behind (id INTEGER PRIMARY KEY AUTOINCREMENT);
    CREATE TABLE empty (id INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TABLE hidden (id INTEGER PRIMARY KEY AUTOINCREMENT);
    INSERT INTO ahead VALUES (2), (9); DELETE FROM ahead WHERE id = 9; INSERT INTO behind VALUES (5);
    UPDATE sqlite_sequence SET seq = 1 WHERE name = 'behind';
    INSERT INTO empty VALUES (3); DELETE FROM empty; INSERT INTO hidden VALUES (7); DELETE FROM hidden;";

#[test]
fn sequences_are_put_right_behind_the_highest_key() {
    let playground = Playground::new(SEQUENCES).excluding(&["hidden"]);
    let report = reset_sequences(&mut playground.database(), &playground.scope, &[]).unwrap();
    let moved: Vec<_> = report
        .sequences
        .iter()
        .filter(|reset| reset.is_moved())
        .collect();
    assert_eq!(moved.len(), 3);
    let after =
        "SELECT group_concat(name || seq) FROM (SELECT * FROM sqlite_sequence ORDER BY name)";
    assert_eq!(playground.one::<String>(after), "ahead2,behind5,hidden7");
    let again = reset_sequences(&mut playground.database(), &playground.scope, &[]).unwrap();
    assert!(
        !again
            .sequences
            .iter()
            .any(fixpoints::ResetSequence::is_moved)
    );
}

#[test]
fn only_the_named_tables_sequences_are_reset() {
    let playground = Playground::new(SEQUENCES);
    let tables = ["behind".to_owned()];
    reset_sequences(&mut playground.database(), &Scope::default(), &tables).unwrap();
    let after =
        "SELECT group_concat(name || seq) FROM (SELECT * FROM sqlite_sequence ORDER BY name)";
    assert_eq!(
        playground.one::<String>(after),
        "ahead9,behind5,empty3,hidden7"
    );
    let tables = ["nowhere".to_owned()];
    let error =
        reset_sequences(&mut playground.database(), &Scope::default(), &tables).unwrap_err();
    assert!(matches!(error, Error::UnknownTable { .. }));
}
