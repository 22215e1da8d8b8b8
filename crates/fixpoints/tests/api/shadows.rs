//! What a connection holds beside its database: temporary tables and triggers, and attached databases.

use crate::playground::{Playground, count};

const TREE: &str = "
    CREATE TABLE p (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT NOT NULL UNIQUE);
    CREATE TABLE c (p_id INTEGER REFERENCES p, v TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE u (code TEXT NOT NULL UNIQUE, v TEXT);
    CREATE TABLE n (id TEXT PRIMARY KEY, v TEXT);
    INSERT INTO p VALUES (1, 'p'), (2, 'q');
    INSERT INTO u VALUES ('b', 'x'), ('a', 'y');
    INSERT INTO n VALUES (NULL, 'z'), (NULL, 'a');
    INSERT INTO c VALUES (1, 'a'), (2, 'b');
";

/// Temporary tables of the same names and of other shapes, and a counter of their own.
const SHADOWS: &str = "
    CREATE TEMP TABLE c (zz INTEGER PRIMARY KEY AUTOINCREMENT);
    INSERT INTO temp.c VALUES (70), (71);
    CREATE TEMP TABLE p (id INTEGER PRIMARY KEY, v TEXT NOT NULL);
    INSERT INTO temp.p VALUES (5, 'five');
    CREATE TEMP TABLE u (code TEXT NOT NULL, v TEXT);
    CREATE TEMP TABLE n (id INTEGER PRIMARY KEY, v TEXT);
";

#[test]
fn a_temporary_table_does_not_stand_in_for_one_of_its_name() {
    let mut plain = Playground::stored(TREE);
    let mut here = Playground::new(TREE);
    here.sql(SHADOWS);
    here.fixpoints.store(&mut here.db, "base").unwrap();
    assert_eq!(here.text("base"), plain.text("base"));
    let start = here.fixpoints.restore(&mut here.db, "base").unwrap();
    here.sql("DELETE FROM main.c; UPDATE main.p SET v = 'x' WHERE id = 1; INSERT INTO main.p (v) VALUES ('y')");
    assert!(here.fixpoints.compare(&mut here.db, "base").is_err());
    here.fixpoints.assert_changes(&mut here.db, &start, |c| {
        c.deleted("c", 2).updated("p", ["v"]).inserted("p", 1)
    });
    here.fixpoints.restore(&mut here.db, "base").unwrap();
    here.fixpoints.compare(&mut here.db, "base").unwrap();
    let rows = ["main.c", "main.p", "temp.c", "temp.p"].map(|table| here.count(table));
    assert_eq!(rows, [2, 2, 2, 1]);
    let seen = here.fixpoints.records(&mut here.db, "c", []).unwrap();
    let known = plain.fixpoints.records(&mut plain.db, "c", []).unwrap();
    assert_eq!(seen, known);
    let next = "INSERT INTO temp.c VALUES (NULL) RETURNING zz";
    let next: i64 = here.db.query_row(next, [], |row| row.get(0)).unwrap();
    assert_eq!(next, 72, "the counter of the temporary table stays");
}

/// SQLite reads a table or a view of such a name in the place of its own function.
#[test]
fn a_table_named_like_a_pragma_does_not_stand_in_for_it() {
    for name in [
        "table_list",
        "table_info",
        "table_xinfo",
        "index_list",
        "index_info",
        "index_xinfo",
        "foreign_key_list",
        "foreign_key_check",
        "database_list",
    ] {
        for kind in ["TABLE", "VIEW"] {
            let other = format!(
                "CREATE {kind} pragma_{name} AS SELECT 'main' schema, 'p' name, 'table' type, 1 ncol, 0 wr, 0 strict"
            );
            let mut here = Playground::stored(&format!("{TREE}{other};"));
            here.sql("DELETE FROM c WHERE p_id = 2");
            assert!(
                here.fixpoints.compare(&mut here.db, "base").is_err(),
                "{other}"
            );
            here.fixpoints.restore(&mut here.db, "base").unwrap();
            assert_eq!(here.count("c"), 2, "{other}");
            let text = here.text("base").replace("\"p_id\": 2", "\"p_id\": 5");
            here.edit("bad", &text);
            assert!(
                here.fixpoints.restore(&mut here.db, "bad").is_err(),
                "{other}"
            );
        }
    }
}

#[test]
fn a_broken_reference_is_found_beside_temporary_tables() {
    let mut here = Playground::stored(TREE);
    let text = here.text("base").replace("\"p_id\": 2", "\"p_id\": 5");
    here.edit("bad", &text);
    here.sql(SHADOWS);
    let error = here.fixpoints.restore(&mut here.db, "bad").unwrap_err();
    insta::assert_snapshot!(error, @r#"restoring `bad` would break foreign keys: row {"v": "b"} of c refers by (p_id) to a missing row of p"#);
}

#[test]
fn an_attached_database_is_neither_read_nor_written() {
    let mut here = Playground::new("CREATE TABLE p (id INTEGER PRIMARY KEY)");
    here.sql("ATTACH ':memory:' AS other; CREATE TABLE other.p (id INTEGER PRIMARY KEY); CREATE TABLE other.q (id INTEGER PRIMARY KEY);
              INSERT INTO other.p VALUES (1); INSERT INTO other.q VALUES (1)");
    here.fixpoints.store(&mut here.db, "base").unwrap();
    assert!(!here.text("base").contains("  q:"), "{}", here.text("base"));
    here.sql("INSERT INTO p VALUES (9)");
    here.fixpoints.restore(&mut here.db, "base").unwrap();
    let rows = ["main.p", "other.p", "other.q"].map(|table| here.count(table));
    assert_eq!(rows, [0, 1, 1]);
}

const TRIGGERS: &str = "
    CREATE TEMP TRIGGER one AFTER DELETE ON p BEGIN INSERT INTO log VALUES ('one'); END;
    CREATE TRIGGER temp.\"two \"\"2\" AFTER INSERT ON main.p BEGIN INSERT INTO log VALUES ('two'); END;
    CREATE TEMP TABLE own (id INTEGER);
    CREATE TEMP TRIGGER three AFTER INSERT ON own BEGIN INSERT INTO log VALUES ('three'); END;
";

const LOGGED: &str = "
    CREATE TABLE p (id INTEGER PRIMARY KEY);
    CREATE TABLE log (note TEXT);
    INSERT INTO p VALUES (1), (2);
";

/// What the temporary triggers do when a test goes on.
fn speaks(db: &rusqlite::Connection) -> Vec<String> {
    db.execute_batch(
        "DELETE FROM p WHERE id = 1; INSERT INTO p VALUES (1); INSERT INTO own VALUES (1)",
    )
    .unwrap();
    let mut statement = db.prepare("SELECT note FROM log ORDER BY rowid").unwrap();
    let notes = statement.query_map([], |row| row.get(0)).unwrap();
    notes.map(Result::unwrap).collect()
}

#[test]
fn temporary_triggers_are_silent_in_a_restore_and_run_after_it() {
    let mut here = Playground::stored(LOGGED);
    here.sql(TRIGGERS);
    here.sql("DELETE FROM main.p; INSERT INTO main.p VALUES (3); DELETE FROM log");
    here.fixpoints.restore(&mut here.db, "base").unwrap();
    here.fixpoints.compare(&mut here.db, "base").unwrap();
    assert_eq!(speaks(&here.db), ["one", "two", "three"]);
}

#[test]
fn temporary_triggers_outlive_a_restore_inside_a_transaction_and_one_that_fails() {
    let mut here = Playground::stored(LOGGED);
    here.sql(TRIGGERS);
    let text = here.text("base").replace("{\"id\": 2}", "{\"id\": \"x\"}");
    here.edit("bad", &text);
    here.fixpoints.restore(&mut here.db, "bad").unwrap_err();
    let mut transaction = here.db.transaction().unwrap();
    transaction
        .execute_batch("DELETE FROM p WHERE id = 2; DELETE FROM log")
        .unwrap();
    here.fixpoints.restore(&mut transaction, "bad").unwrap_err();
    assert_eq!(count(&transaction, "p"), 1);
    here.fixpoints.restore(&mut transaction, "base").unwrap();
    assert_eq!(count(&transaction, "log"), 0);
    transaction.rollback().unwrap();
    assert_eq!(speaks(&here.db), ["one", "two", "three"]);
}

#[test]
fn a_full_text_index_is_built_anew_beside_temporary_tables() {
    let mut here = Playground::stored(
        "CREATE TABLE docs (id INTEGER PRIMARY KEY, body TEXT);
         CREATE VIRTUAL TABLE found USING fts5(body, content='docs', content_rowid='id');
         INSERT INTO docs VALUES (1, 'apple pie'); INSERT INTO found(found) VALUES ('rebuild');",
    );
    here.sql(
        "UPDATE docs SET body = 'plum'; INSERT INTO found(found) VALUES ('rebuild');
         CREATE TEMP TABLE found (found TEXT); CREATE TEMP TABLE docs (id INTEGER PRIMARY KEY, body TEXT);
         INSERT INTO temp.docs VALUES (1, 'pear');",
    );
    here.fixpoints.restore(&mut here.db, "base").unwrap();
    let hits = ["apple", "plum", "pear"].map(|word| {
        let sql = format!("main.found WHERE found MATCH '{word}'");
        here.count(&sql)
    });
    assert_eq!(hits, [1, 0, 0]);
    assert_eq!(here.count("temp.found"), 0);
}
