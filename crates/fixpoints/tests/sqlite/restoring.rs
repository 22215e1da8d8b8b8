//! A restore is all or nothing, touches what differs and nothing else, and puts back every part of the state.

use fixpoints::{Action, Error};

use crate::playground::Playground;

#[test]
fn rows_that_refer_in_circles_come_back() {
    let playground = Playground::new(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES people (id), team INTEGER REFERENCES teams (id));
         CREATE TABLE teams (id INTEGER PRIMARY KEY, lead INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE);
         INSERT INTO people VALUES (1, NULL, 1), (2, 1, 1); INSERT INTO teams VALUES (1, 2);",
    );
    playground.store("base").unwrap();
    let before = playground.state();
    playground.sql("DELETE FROM people; DELETE FROM teams;");
    playground.restore("base").unwrap();
    assert_eq!(playground.state(), before);
    playground.sql("UPDATE people SET boss = 3 WHERE id = 2; INSERT INTO people VALUES (3, NULL, 1); DELETE FROM people WHERE id = 1;");
    playground.restore("base").unwrap();
    assert_eq!(playground.state(), before, "a cascade took a row along");
}

#[test]
fn tables_of_tools_and_excluded_tables_are_not_touched() {
    let playground = Playground::new(
        "CREATE TABLE schema_migrations (version TEXT PRIMARY KEY); CREATE TABLE audit (id INTEGER PRIMARY KEY);
         CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO schema_migrations VALUES ('1'); INSERT INTO audit VALUES (1);",
    )
    .excluding(&["audit"]);
    let report = playground.store("base").unwrap();
    assert_eq!(report.tables.len(), 1);
    assert_eq!(report.left_out.len(), 2);
    playground.sql("INSERT INTO schema_migrations VALUES ('2'); INSERT INTO audit VALUES (2); INSERT INTO t VALUES (5);");
    playground.restore("base").unwrap();
    assert_eq!(
        playground.one::<i64>(
            "SELECT (SELECT count(*) FROM schema_migrations) + (SELECT count(*) FROM audit)"
        ),
        4
    );
    assert_eq!(playground.one::<i64>("SELECT count(*) FROM t"), 0);
}

#[test]
fn a_failed_insert_leaves_the_database_as_it_was() {
    let playground = Playground::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0)); INSERT INTO b VALUES (1, 1);",
    );
    playground.store("base").unwrap();
    playground.edit(
        "base",
        &playground.text("base").replace("\"n\": 1", "\"n\": -1"),
    );
    playground.sql("INSERT INTO a VALUES (9); UPDATE b SET n = 5;");
    let before = playground.state();
    let error = playground.restore("base").unwrap_err();
    assert!(
        matches!(&error, Error::Row { table, row, .. } if table == "b" && row.to_string() == r#"{"id": 1}"#),
        "{error}"
    );
    assert_eq!(playground.state(), before);
}

#[test]
fn a_broken_foreign_key_is_named_and_nothing_is_kept() {
    let playground = Playground::new(
        "CREATE TABLE parents (id INTEGER PRIMARY KEY); CREATE TABLE children (id TEXT PRIMARY KEY, parent INTEGER REFERENCES parents (id));
         INSERT INTO parents VALUES (1); INSERT INTO children VALUES ('k', 1);",
    );
    playground.store("base").unwrap();
    playground.edit(
        "base",
        &playground
            .text("base")
            .replace("\"parent\": 1", "\"parent\": 2"),
    );
    let before = playground.state();
    let error = playground.restore("base").unwrap_err().to_string();
    assert!(
        error.contains(
            r#"row {"id": "k"} of children refers by (parent) to a missing row of parents"#
        ),
        "{error}"
    );
    assert_eq!(playground.state(), before);
}

#[test]
fn an_excluded_table_that_would_lose_its_parent_stops_the_restore() {
    let playground = Playground::new(
        "CREATE TABLE parents (id INTEGER PRIMARY KEY); CREATE TABLE notes (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id));",
    )
    .excluding(&["notes"]);
    playground.store("base").unwrap();
    playground.sql("INSERT INTO parents VALUES (1); INSERT INTO notes VALUES (1, 1);");
    assert!(matches!(
        playground.restore("base"),
        Err(Error::BrokenReferences { .. })
    ));
    assert_eq!(playground.one::<i64>("SELECT count(*) FROM parents"), 1);
}

#[test]
fn sequences_stand_where_they_stood() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT); CREATE TABLE unused (id INTEGER PRIMARY KEY AUTOINCREMENT);
         INSERT INTO t (v) VALUES ('a'), ('b'), ('c'); DELETE FROM t WHERE id > 1;",
    );
    playground.store("base").unwrap();
    playground.sql("INSERT INTO t (v) VALUES ('x'); INSERT INTO unused VALUES (4);");
    playground.restore("base").unwrap();
    playground.sql("INSERT INTO t (v) VALUES ('next'); INSERT INTO unused DEFAULT VALUES;");
    assert_eq!(
        playground.one::<i64>("SELECT max(id) FROM t"),
        4,
        "not max(id) + 1, which would be 2"
    );
    assert_eq!(playground.one::<i64>("SELECT max(id) FROM unused"), 1);
}

#[test]
fn a_counter_that_was_forgotten_stays_forgotten() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES (7); DELETE FROM sqlite_sequence;",
    );
    playground.store("base").unwrap();
    playground.sql("DELETE FROM t");
    playground.restore("base").unwrap();
    assert_eq!(
        playground.one::<i64>("SELECT count(*) FROM sqlite_sequence"),
        0
    );
    assert!(playground.compare("base").unwrap().is_equal());
}

#[test]
fn generated_columns_are_neither_stored_nor_written() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, net INTEGER, gross INTEGER AS (net * 2) STORED, label TEXT AS ('n' || id));
         INSERT INTO t (id, net) VALUES (1, 5);",
    );
    playground.store("base").unwrap();
    assert!(!playground.text("base").contains("gross"));
    playground.sql("UPDATE t SET net = 6");
    playground.restore("base").unwrap();
    assert_eq!(playground.one::<i64>("SELECT gross FROM t"), 10);
}

#[test]
fn triggers_and_views_are_left_alone_and_stay() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE history (id INTEGER PRIMARY KEY, v TEXT); CREATE VIEW w AS SELECT v FROM t;
         INSERT INTO t VALUES (1, 'a');
         CREATE TRIGGER come AFTER INSERT ON t BEGIN INSERT INTO history (v) VALUES (new.v); END;
         CREATE TRIGGER go BEFORE DELETE ON t BEGIN SELECT raise(ABORT, 'never'); END;",
    );
    playground.store("base").unwrap();
    playground.sql("UPDATE t SET v = 'b'; INSERT INTO history (v) VALUES ('z');");
    playground.restore("base").unwrap();
    assert_eq!(playground.one::<i64>("SELECT count(*) FROM history"), 0);
    playground.sql("INSERT INTO t VALUES (2, 'b')");
    assert_eq!(
        playground.one::<String>("SELECT v FROM history"),
        "b",
        "the trigger is on again"
    );
}

#[test]
fn only_what_differs_is_written() {
    let playground = Playground::new(
        "CREATE TABLE same (id INTEGER PRIMARY KEY); CREATE TABLE some (id INTEGER PRIMARY KEY, v UNIQUE);
         INSERT INTO same VALUES (1), (2); INSERT INTO some VALUES (1, 'a'), (2, 'b'), (3, 'c');",
    );
    playground.store("base").unwrap();
    // The two unique values swap places.
    playground.sql("UPDATE some SET v = 'x' WHERE id = 1; UPDATE some SET v = 'a' WHERE id = 2; UPDATE some SET v = 'b' WHERE id = 1;");
    let report = playground.restore("base").unwrap();
    let actions: Vec<_> = report
        .tables
        .iter()
        .map(|table| (table.table.as_str(), table.action, table.inserted))
        .collect();
    assert_eq!(
        actions,
        [("same", Action::Unchanged, 0), ("some", Action::Patched, 2)]
    );
    assert!(playground.compare("base").unwrap().is_equal());
}

#[test]
fn tables_that_differ_much_are_rewritten() {
    let playground = Playground::new("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
    playground.sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO t SELECT i, hex(zeroblob(2000)) FROM n");
    playground.store("base").unwrap();
    playground.sql("UPDATE t SET v = v || 'x'");
    assert_eq!(
        playground.restore("base").unwrap().tables[0].action,
        Action::Rewritten
    );
    assert!(playground.compare("base").unwrap().is_equal());
}

#[test]
fn a_key_that_ignores_case_is_still_matched_exactly() {
    let playground = Playground::new(
        "CREATE TABLE a (k TEXT PRIMARY KEY COLLATE NOCASE NOT NULL); CREATE TABLE b (k TEXT NOT NULL COLLATE NOCASE, v); CREATE UNIQUE INDEX exact ON b (k COLLATE BINARY);
         INSERT INTO a VALUES ('Key'); INSERT INTO b VALUES ('x', 1), ('X', 2);",
    );
    playground.store("base").unwrap();
    let before = playground.state();
    playground.sql("UPDATE a SET k = 'kEY'; UPDATE b SET v = 3 WHERE k = 'X' COLLATE BINARY;");
    playground.restore("base").unwrap();
    assert_eq!(playground.state(), before);
}

#[test]
fn the_connection_is_as_before_after_a_restore() {
    let playground = Playground::new("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    playground.store("base").unwrap();
    playground.edit(
        "base",
        &playground
            .text("base")
            .replace("    rows: []", "    rows:\n      - {\"id\": \"x\"}"),
    );
    let chain =
        fixpoints::Chain::open(&playground.fixpoints(), &crate::playground::name("base")).unwrap();
    let mut database = playground.database();
    fixpoints::restore(&mut database, &chain, &playground.scope).unwrap_err();
    playground.sql("CREATE TABLE child (t INTEGER REFERENCES t (id))");
    let script =
        fixpoints::Database::run_script(&mut database, "s", "INSERT INTO child VALUES (7)");
    assert!(script.is_err(), "foreign keys are enforced again");
}

#[test]
fn broken_rows_of_tables_without_rowids_are_named_too() {
    let playground = Playground::new(
        "CREATE TABLE parents (a INTEGER, b TEXT, PRIMARY KEY (a, b)); INSERT INTO parents VALUES (1, 'x');
         CREATE TABLE children (id TEXT PRIMARY KEY, a INTEGER, b TEXT, FOREIGN KEY (a, b) REFERENCES parents) WITHOUT ROWID;
         INSERT INTO children VALUES ('fine', 1, 'x'), ('null', 1, NULL), ('p', 1, 'x'), ('q', 1, 'x');",
    );
    playground.store("base").unwrap();
    let text = playground.text("base");
    let text = text
        .replace(r#""p", "a": 1"#, r#""p", "a": 7"#)
        .replace(r#""q", "a": 1"#, r#""q", "a": 8"#);
    playground.edit("base", &text);
    let Err(Error::BrokenReferences { broken, .. }) = playground.restore("base") else {
        panic!("it was restored")
    };
    let rows: Vec<String> = broken.iter().map(|broken| broken.row.to_string()).collect();
    assert_eq!(rows, [r#"{"id": "p"}"#, r#"{"id": "q"}"#]);
    assert_eq!(broken[0].columns, ["a", "b"]);
}

#[test]
fn a_foreign_key_that_sqlite_itself_refuses_does_not_stop_anything() {
    let playground = Playground::new(
        "CREATE TABLE parents (a INTEGER, b INTEGER); CREATE TABLE children (id INTEGER PRIMARY KEY, b INTEGER REFERENCES parents (b));
         CREATE TABLE orphans (id INTEGER PRIMARY KEY, b INTEGER REFERENCES nowhere (b)); INSERT INTO children VALUES (1, 1);",
    );
    playground.store("base").unwrap();
    playground.sql("DELETE FROM children");
    playground.restore("base").unwrap();
    assert_eq!(playground.one::<i64>("SELECT count(*) FROM children"), 1);
}

#[test]
fn a_full_text_index_over_a_table_follows_its_rows() {
    let playground = Playground::new(
        "CREATE TABLE docs (id INTEGER PRIMARY KEY, body TEXT);
         CREATE VIRTUAL TABLE f USING fts5(body, content='docs', content_rowid='id');
         CREATE TRIGGER docs_i AFTER INSERT ON docs BEGIN INSERT INTO f (rowid, body) VALUES (new.id, new.body); END;
         CREATE TRIGGER docs_u AFTER UPDATE ON docs BEGIN
           INSERT INTO f (f, rowid, body) VALUES ('delete', old.id, old.body); INSERT INTO f (rowid, body) VALUES (new.id, new.body);
         END;
         INSERT INTO docs VALUES (1, 'hello');",
    );
    playground.store("base").unwrap();
    playground.sql("UPDATE docs SET body = 'bye' WHERE id = 1;");
    playground.restore("base").unwrap();
    playground.sql("INSERT INTO f (f, rank) VALUES ('integrity-check', 1);");
    assert_eq!(
        playground.one::<i64>("SELECT count(*) FROM f WHERE f MATCH 'hello'"),
        1
    );
    assert_eq!(
        playground.one::<i64>("SELECT count(*) FROM f WHERE f MATCH 'bye'"),
        0
    );
}
