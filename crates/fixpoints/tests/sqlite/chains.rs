//! Incremental fixpoints, their parents, and schemas that move under them.

use fixpoints::{Error, StoreOptions};

use crate::playground::{Playground, lines};

const BASE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, updated_at TEXT); CREATE TABLE u (x);
    INSERT INTO t VALUES (1, 'a', 'then'), (2, 'b', 'then'), (3, 'c', 'then'); INSERT INTO u VALUES (1), (1);";

#[test]
fn a_child_holds_only_what_changed_and_restores_all() {
    let playground = Playground::new(BASE);
    playground.store("base").unwrap();
    playground.sql("DELETE FROM t WHERE id = 1; UPDATE t SET updated_at = 'now' WHERE id = 3; INSERT INTO u VALUES (2); DELETE FROM u WHERE rowid = 1;");
    let before = playground.state();
    playground.store_on("child", "base").unwrap();
    let text = playground.text("child");
    let changes = lines(&text);
    let expected = [
        "  t:",
        r#"    - {"delete": {"id": 1, "a": "a", "updated_at": "then"}}"#,
        r#"    - {"update": {"id": 3}, "old": {"updated_at": "then"}, "new": {"updated_at": "now"}}"#,
        "  u:",
        r#"    - {"delete": {"x": 1}}"#,
        r#"    - {"insert": {"x": 2}}"#,
        "",
    ];
    assert_eq!(changes, expected.join("\n"));
    playground.restore("base").unwrap();
    playground.restore("child").unwrap();
    assert_eq!(playground.state(), before);
}

#[test]
fn a_parent_stored_again_is_refused_by_name() {
    let playground = Playground::new(BASE);
    playground.store("base").unwrap();
    playground.store_on("child", "base").unwrap();
    playground.sql("DELETE FROM t WHERE id = 2");
    let report = playground.store("base").unwrap();
    assert_eq!(
        report
            .orphaned_children
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["child"]
    );
    let error = playground.restore("child").unwrap_err();
    assert!(matches!(error, Error::ParentMoved { .. }));
    assert!(
        error
            .hint()
            .unwrap()
            .contains("fixpoints rebase child --onto base")
    );
}

#[test]
fn moved_columns_are_named() {
    let playground = Playground::new(BASE);
    playground.store("base").unwrap();
    playground.sql("ALTER TABLE t ADD COLUMN fresh TEXT; ALTER TABLE t DROP COLUMN a;");
    for error in [
        playground.restore("base").map(drop).unwrap_err(),
        playground.compare("base").map(drop).unwrap_err(),
        playground.store_on("child", "base").map(drop).unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(
            text.contains("column t.a was dropped") && text.contains("column t.fresh was added"),
            "{text}"
        );
    }
    assert!(!playground.file("child").exists());
}

#[test]
fn columns_in_another_order_are_no_drift() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT); INSERT INTO t VALUES (1, 'a', 'b');",
    );
    playground.store("base").unwrap();
    playground.sql("DROP TABLE t; CREATE TABLE t (b TEXT, id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES ('b', 1, 'z');");
    playground.store_on("child", "base").unwrap();
    playground.restore("base").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
    assert_eq!(playground.one::<String>("SELECT a || b FROM t"), "ab");
    playground.restore("child").unwrap();
    assert_eq!(playground.one::<String>("SELECT a || b FROM t"), "zb");
}

#[test]
fn a_table_that_came_after_the_parent_is_whole_in_the_child() {
    let playground = Playground::new(BASE);
    playground.store("base").unwrap();
    playground.sql("CREATE TABLE later (id INTEGER PRIMARY KEY); INSERT INTO later VALUES (4)");
    playground.store_on("child", "base").unwrap();
    playground.sql("DELETE FROM later");
    playground.restore("child").unwrap();
    assert_eq!(playground.one::<i64>("SELECT id FROM later"), 4);
}

#[test]
fn rings_and_missing_parents_are_refused() {
    let playground = Playground::new(BASE);
    playground.store("a").unwrap();
    playground.store_on("b", "a").unwrap();
    assert!(matches!(
        playground.store_on("a", "b"),
        Err(Error::ParentCycle { .. })
    ));
    assert!(matches!(
        playground.store_on("a", "a"),
        Err(Error::ParentCycle { .. })
    ));
    assert!(matches!(
        playground.store_on("c", "nothing"),
        Err(Error::MissingFixpoint { .. })
    ));
    std::fs::remove_file(playground.file("a")).unwrap();
    assert!(matches!(
        playground.restore("b"),
        Err(Error::ParentMissing { .. })
    ));
}

#[test]
fn a_table_excluded_by_name_must_exist() {
    let playground = Playground::new(BASE);
    let options = |table: &str| StoreOptions {
        parent: None,
        exclude: vec![table.to_owned()],
        ..StoreOptions::default()
    };
    assert!(matches!(
        playground.store_with("base", &options("nope")),
        Err(Error::UnknownTable { .. })
    ));
    assert_eq!(
        playground
            .store_with("base", &options("u"))
            .unwrap()
            .tables
            .len(),
        1
    );
}

#[test]
fn a_chain_of_thirty_reads_as_one_state() {
    let playground = Playground::new(BASE);
    playground.store("n0").unwrap();
    for step in 1..=30 {
        playground.sql(&format!("INSERT INTO t VALUES ({0}, 'n', NULL); DELETE FROM t WHERE id = {0} - 5; UPDATE t SET a = a || '.';", step + 3));
        playground
            .store_on(&format!("n{step}"), &format!("n{}", step - 1))
            .unwrap();
    }
    let before = playground.state();
    playground.restore("n0").unwrap();
    playground.restore("n30").unwrap();
    assert_eq!(playground.state(), before);
}
