//! Virtual tables: their rows are in shadow tables, and nowhere else, so that these are part of the state.

use fixpoints::engines::sqlite::Sqlite;
use fixpoints::{Chain, CompareOptions, Error, Fault, RestoreReport, Scope, Skip};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::playground::{Playground, name};

/// One of each, with rows, and what a query finds in them all.
const EACH: &str = "
    CREATE TABLE docs (id INTEGER PRIMARY KEY, body TEXT);
    INSERT INTO docs VALUES (1, 'first'), (2, 'second');
    CREATE VIRTUAL TABLE notes USING fts5(title, body, prefix='2');
    INSERT INTO notes VALUES ('milk', 'buy two'), ('bread', 'rye');
    INSERT INTO notes (notes, rank) VALUES ('automerge', 3);
    CREATE VIRTUAL TABLE bare USING fts5(body, content='', contentless_delete=1);
    INSERT INTO bare (rowid, body) VALUES (7, 'nowhere else');
    CREATE VIRTUAL TABLE outer USING fts5(body, content='docs', content_rowid='id');
    INSERT INTO outer (rowid, body) SELECT id, body FROM docs;
    CREATE VIRTUAL TABLE old USING fts4(t);
    INSERT INTO old VALUES ('kept');
    CREATE VIRTUAL TABLE older USING fts3(t);
    INSERT INTO older VALUES ('kept too');
    CREATE VIRTUAL TABLE box USING rtree(id, x0, x1, +label);
    INSERT INTO box VALUES (1, 0, 1, 'unit');
";

const CHANGED: &str = "
    DELETE FROM notes; INSERT INTO notes VALUES ('tea', 'green'), ('coffee', 'black'), ('water', 'still');
    DELETE FROM bare WHERE rowid = 7; INSERT INTO bare (rowid, body) VALUES (9, 'other');
    INSERT INTO outer (outer, rowid, body) VALUES ('delete', 1, 'first');
    DELETE FROM old; INSERT INTO old VALUES ('else'), ('more');
    DELETE FROM older;
    DELETE FROM box; INSERT INTO box VALUES (7, 5, 6, 'far'), (8, 5, 6, 'farther');
";

/// What the tables answer, on any connection.
fn answers(connection: &Connection) -> Vec<String> {
    [
        "SELECT group_concat(rowid || title || body) FROM notes",
        "SELECT group_concat(rowid) FROM notes WHERE notes MATCH 'ry*'",
        "SELECT group_concat(rowid) FROM notes WHERE notes MATCH 'green'",
        "SELECT v FROM notes_config WHERE k = 'automerge'",
        "SELECT group_concat(rowid) FROM bare WHERE bare MATCH 'nowhere'",
        "SELECT group_concat(rowid) FROM bare WHERE bare MATCH 'other'",
        "SELECT group_concat(rowid) FROM outer WHERE outer MATCH 'first'",
        "SELECT group_concat(t) FROM old WHERE old MATCH 'kept'",
        "SELECT group_concat(t) FROM old",
        "SELECT group_concat(t) FROM older WHERE older MATCH 'too'",
        "SELECT group_concat(id || label) FROM box WHERE x0 >= 0 AND x1 <= 1",
        "SELECT count(*) FROM box",
    ]
    .map(|sql| {
        let answer: Option<rusqlite::types::Value> =
            connection.query_row(sql, [], |row| row.get(0)).unwrap();
        format!("{answer:?}")
    })
    .into()
}

/// Every index agrees with itself.
fn check(connection: &Connection) {
    for index in ["notes", "outer"] {
        let sql = format!("INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 0)");
        connection.execute_batch(&sql).unwrap();
    }
    for index in ["old", "older"] {
        let sql = format!("INSERT INTO {index} ({index}) VALUES ('integrity-check')");
        connection.execute_batch(&sql).unwrap();
    }
    let found: String = connection
        .query_row("SELECT rtreecheck('box')", [], |row| row.get(0))
        .unwrap();
    assert_eq!(found, "ok");
}

fn restore(connection: &Connection, playground: &Playground) -> fixpoints::Result<RestoreReport> {
    let chain = Chain::open(&playground.fixpoints(), &name("base"))?;
    fixpoints::restore(&mut Sqlite::over(connection), &chain, &playground.scope)
}

#[test]
fn the_rows_of_virtual_tables_come_back_as_they_were() {
    let playground = Playground::new(EACH);
    let wanted = answers(&playground.connection());
    let report = playground.store("base").unwrap();
    assert_eq!(report.left_out, []);
    let stored = playground.state();
    playground.sql(CHANGED);
    assert_ne!(answers(&playground.connection()), wanted);
    let compared = playground.compare("base").unwrap();
    let different: Vec<&str> = compared
        .tables
        .iter()
        .filter(|table| !table.changes.is_empty())
        .map(|table| table.table.name.as_str())
        .collect();
    for table in [
        "notes_content",
        "bare_data",
        "outer_data",
        "old_content",
        "older_content",
        "box_node",
    ] {
        assert!(different.contains(&table), "{table}: {different:?}");
    }
    playground.restore("base").unwrap();
    assert_eq!(answers(&playground.connection()), wanted);
    check(&playground.connection());
    assert_eq!(playground.state(), stored);
    assert!(playground.compare("base").unwrap().is_equal());
}

#[test]
fn a_connection_that_used_an_index_before_sees_the_restored_one() {
    let playground = Playground::new(EACH);
    let mut connection = playground.connection();
    let wanted = answers(&connection);
    playground.store("base").unwrap();
    for _ in 0..2 {
        connection.execute_batch(CHANGED).unwrap();
        answers(&connection);
        restore(&connection, &playground).unwrap();
        assert_eq!(answers(&connection), wanted);
        check(&connection);
        assert!(playground.compare("base").unwrap().is_equal());
        // What is written next goes on from the restored index.
        connection.execute_batch("INSERT INTO notes VALUES ('later', 'added'); INSERT INTO box VALUES (3, 2, 3, 'c')").unwrap();
        check(&connection);
        let found: i64 = connection
            .query_row(
                "SELECT count(*) FROM notes WHERE notes MATCH 'added OR rye'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(found, 2);
    }
    // In a transaction of the caller, in which the index has rows that it did not write out yet.
    restore(&connection, &playground).unwrap();
    let before = connection.transaction().unwrap();
    before.execute_batch(CHANGED).unwrap();
    restore(&before, &playground).unwrap();
    assert_eq!(answers(&before), wanted);
    before
        .execute_batch(
            "INSERT INTO notes VALUES ('in', 'transaction'); INSERT INTO old VALUES ('x')",
        )
        .unwrap();
    check(&before);
    restore(&before, &playground).unwrap();
    before.commit().unwrap();
    assert_eq!(answers(&connection), wanted);
    check(&connection);
    assert!(playground.compare("base").unwrap().is_equal());
    // And undone by the caller.
    connection.execute_batch(CHANGED).unwrap();
    let changed = answers(&connection);
    let undone = connection.transaction().unwrap();
    restore(&undone, &playground).unwrap();
    assert_eq!(answers(&undone), wanted);
    undone.rollback().unwrap();
    assert_eq!(answers(&connection), changed);
    check(&connection);
}

#[test]
fn a_connection_that_guards_shadow_tables_guards_them_again() {
    const DEFENSIVE: DbConfig = DbConfig::SQLITE_DBCONFIG_DEFENSIVE;
    let playground = Playground::new(EACH);
    let connection = playground.connection();
    let wanted = answers(&connection);
    playground.store("base").unwrap();
    playground.sql(CHANGED);
    connection.set_db_config(DEFENSIVE, true).unwrap();
    restore(&connection, &playground).unwrap();
    assert_eq!(answers(&connection), wanted);
    assert!(connection.db_config(DEFENSIVE).unwrap());
    let guarded = connection.execute_batch("DELETE FROM notes_content");
    assert!(guarded.is_err(), "it was not guarded");
}

#[test]
fn a_table_of_the_user_is_no_shadow_for_its_name() {
    for (made, index) in [
        (
            "CREATE TABLE chunks_content",
            "CREATE VIRTUAL TABLE chunks USING fts5(body, content='chunks_content', content_rowid='id')",
        ),
        (
            "CREATE TABLE CHUNKS_Content",
            "CREATE VIRTUAL TABLE \"Chunks\" USING fts5(body, content=[chunks_content], content_rowid=\"id\")",
        ),
        (
            "CREATE TABLE chunks_docsize",
            "CREATE VIRTUAL TABLE chunks USING fts5(body, columnsize=0)",
        ),
        (
            "CREATE TABLE chunks_content",
            "CREATE VIRTUAL TABLE chunks USING fts4(content='chunks_content', body)",
        ),
        (
            "CREATE TABLE chunks_docsize",
            "CREATE VIRTUAL TABLE chunks USING fts3(body)",
        ),
        (
            "CREATE TABLE chunks_segments",
            "CREATE VIRTUAL TABLE chunks USING rtree(id, a, b)",
        ),
    ] {
        let made = format!("{made} (id INTEGER PRIMARY KEY, body TEXT)");
        for sql in [format!("{made};{index};"), format!("{index};{made};")] {
            let mine = made.split(' ').nth(2).unwrap();
            let playground = Playground::new(&format!(
                "{sql} INSERT INTO {mine} VALUES (1, 'the only copy')"
            ));
            playground.store("base").unwrap();
            playground.sql(&format!("DELETE FROM {mine}"));
            let compared = playground.compare("base").unwrap();
            assert!(!compared.is_equal(), "{sql}");
            playground.restore("base").unwrap();
            let body: String = playground.one(&format!("SELECT body FROM {mine}"));
            assert_eq!(body, "the only copy", "{sql}");
            // It is not left out with the index either.
            let name = if index.contains("Chunks") {
                "Chunks"
            } else {
                "chunks"
            };
            let playground = playground.excluding(&[name]);
            let report = playground.store("less").unwrap();
            let stored: Vec<&str> = report
                .tables
                .iter()
                .map(|table| table.table.name.as_str())
                .collect();
            assert_eq!(stored, [mine], "{sql}");
        }
    }
}

#[test]
fn an_index_finds_its_rows_by_rowids_that_are_no_column() {
    for (made, module) in [
        (
            "CREATE TABLE docs (body TEXT)",
            "fts5(body, content='docs')",
        ),
        (
            "CREATE TABLE docs (body TEXT)",
            "fts4(content='docs', body)",
        ),
        (
            "CREATE TABLE docs (k TEXT PRIMARY KEY, body TEXT)",
            "fts5(body, content=\"Docs\", content_rowid=rowid)",
        ),
        (
            "CREATE TABLE docs (rowid TEXT, body TEXT)",
            "fts5(body, content='docs', content_rowid='_rowid_')",
        ),
        (
            "CREATE TABLE docs (id INTEGER UNIQUE, body TEXT)",
            "fts5(body, content='docs', content_rowid='id')",
        ),
        (
            "CREATE TABLE docs (k TEXT NOT NULL UNIQUE DEFAULT (hex(randomblob(8))), body TEXT)",
            "fts5(body, content='docs')",
        ),
    ] {
        let id = if made.contains("id INTEGER") {
            "id"
        } else {
            "_rowid_"
        };
        let playground = Playground::new(&format!(
            "{made};
             INSERT INTO docs ({id}, body) VALUES (10, 'one'), (20, 'two'), (30, 'three');
             CREATE VIRTUAL TABLE f USING {module}; INSERT INTO f (f) VALUES ('rebuild');"
        ));
        playground.store("base").unwrap();
        playground.sql(&format!(
            "DELETE FROM docs WHERE body = 'two'; INSERT INTO docs ({id}, body) VALUES (20, 'four');
             UPDATE docs SET body = 'five' WHERE body = 'one'; INSERT INTO f (f) VALUES ('rebuild');"
        ));
        assert!(!playground.compare("base").unwrap().is_equal(), "{made}");
        playground.restore("base").unwrap();
        let body: String = playground.one("SELECT body FROM f WHERE f MATCH 'two'");
        assert_eq!(body, "two", "{made} {module}");
        assert_eq!(
            playground.one::<i64>("SELECT rowid FROM f WHERE f MATCH 'three'"),
            30
        );
        let check = if module.starts_with("fts5") {
            "INSERT INTO f (f, rank) VALUES ('integrity-check', 1)"
        } else {
            "INSERT INTO f (f) VALUES ('integrity-check')"
        };
        playground.sql(check);
        assert!(
            playground.compare("base").unwrap().is_equal(),
            "{made} {module}"
        );
        // Emptied, all rows come in another way.
        playground.sql("DELETE FROM docs");
        playground.restore("base").unwrap();
        playground.sql(check);
        assert!(
            playground.compare("base").unwrap().is_equal(),
            "{made} {module}"
        );
    }
}

#[test]
fn an_index_that_is_left_out_is_left_alone_or_built_again() {
    let playground = Playground::new(EACH).excluding(&["notes", "box", "outer"]);
    let report = playground.store("base").unwrap();
    let left_out: Vec<&str> = report
        .left_out
        .iter()
        .map(|left| left.table.as_str())
        .collect();
    assert!(
        left_out.contains(&"notes_content") && left_out.contains(&"box_node"),
        "{left_out:?}"
    );
    playground.sql(CHANGED);
    playground.sql("UPDATE docs SET body = 'third' WHERE id = 2");
    playground.restore("base").unwrap();
    assert_eq!(playground.one::<i64>("SELECT count(*) FROM notes"), 3);
    assert_eq!(playground.one::<i64>("SELECT count(*) FROM box"), 2);
    // Its content is covered, so that it follows.
    assert_eq!(
        playground.one::<i64>("SELECT rowid FROM outer WHERE outer MATCH 'first'"),
        1
    );
    assert_eq!(
        playground.one::<i64>("SELECT count(*) FROM outer WHERE outer MATCH 'third'"),
        0
    );
    check(&playground.connection());
}

#[test]
fn an_index_of_which_only_the_content_is_covered_is_built_again() {
    let playground = Playground::new(EACH).excluding(&[
        "notes_data",
        "notes_idx",
        "notes_docsize",
        "old_segdir",
    ]);
    let wanted = answers(&playground.connection());
    playground.store("base").unwrap();
    playground.sql(CHANGED);
    playground.restore("base").unwrap();
    assert_eq!(answers(&playground.connection()), wanted);
    check(&playground.connection());
}

#[test]
fn what_nothing_builds_again_is_not_restored_in_part() {
    for part in ["box_parent", "bare_data"] {
        let playground = Playground::new(EACH).excluding(&[part]);
        let before = playground.one::<i64>("SELECT count(*) FROM box");
        playground.store("base").unwrap();
        playground.sql(CHANGED);
        let error = playground.restore("base").unwrap_err();
        assert!(
            matches!(
                error,
                Error::Database {
                    fault: Fault::TornTable,
                    ..
                }
            ),
            "{error}"
        );
        assert!(
            error.to_string().contains(part) && error.hint().is_some(),
            "{error}"
        );
        assert_ne!(playground.one::<i64>("SELECT count(*) FROM box"), before);
    }
}

#[test]
fn a_virtual_table_without_rows_here_is_named() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY);
         CREATE VIRTUAL TABLE notes USING fts5(body);
         CREATE VIRTUAL TABLE words USING fts5vocab(notes, row);
         CREATE VIRTUAL TABLE pages USING dbstat;",
    );
    playground.sql(
        "PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING vec0(e float[2])');
         CREATE TABLE v_chunks (id INTEGER PRIMARY KEY, b BLOB);
         INSERT INTO v_chunks VALUES (1, x'00ff');",
    );
    let report = playground.store("base").unwrap();
    let left_out = report.left_out.iter();
    let left_out: Vec<String> = left_out
        .map(|left| format!("{}: {}", left.table, left.reason))
        .collect();
    assert_eq!(
        left_out,
        [
            "pages: a virtual table of the module dbstat keeps no rows in this database",
            "v: the module vec0 is not loaded: rows that it keeps in ordinary tables are stored with those, all others are not",
            "words: a virtual table of the module fts5vocab keeps no rows in this database",
        ]
    );
    playground.sql("DELETE FROM v_chunks");
    let compared = playground.compare("base").unwrap();
    assert!(!compared.is_equal());
    assert_eq!(compared.left_out, report.left_out);
    playground.restore("base").unwrap();
    assert_eq!(
        playground.one::<Vec<u8>>("SELECT b FROM v_chunks"),
        [0, 0xff]
    );
}

#[test]
fn a_virtual_table_is_named_for_all_that_holds_its_rows() {
    let playground = Playground::new(EACH);
    playground.store("base").unwrap();
    let options = CompareOptions {
        tables: vec!["notes".to_owned()],
        ..CompareOptions::default()
    };
    let compared = playground.compare_with("base", &options).unwrap();
    let names: Vec<&str> = compared
        .tables
        .iter()
        .map(|table| table.table.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "notes_config",
            "notes_content",
            "notes_data",
            "notes_docsize",
            "notes_idx"
        ]
    );
}

#[test]
fn the_name_of_an_index_skips_the_tables_that_hold_its_rows() {
    let playground = Playground::new(EACH);
    playground.store("base").unwrap();
    let chain = Chain::open(&playground.fixpoints(), &name("base")).unwrap();
    for index in ["notes", "bare", "outer", "old", "older"] {
        playground.sql(CHANGED);
        let scope = Scope::default().skipping(Skip::tables([index]));
        let report = fixpoints::restore(&mut playground.database(), &chain, &scope).unwrap();
        let prefix = format!("{index}_");
        assert!(!report.skipped.is_empty(), "{index}");
        for table in &report.skipped {
            assert!(table.starts_with(&prefix), "{index}: {table}");
        }
        let connection = playground.connection();
        let rows = match index {
            // Its rows are in another table, which is not skipped.
            "outer" => 2,
            _ => 0,
        };
        let sql = format!("SELECT count(*) FROM {index}");
        assert_eq!(playground.one::<i64>(&sql), rows, "{index}");
        check(&connection);
        connection
            .execute_batch(&format!("INSERT INTO {index} (rowid) VALUES (77)"))
            .unwrap();
        playground.restore("base").unwrap();
        assert!(playground.compare("base").unwrap().is_equal(), "{index}");
    }
    let scope = Scope::default().skipping(Skip::tables(["box"]));
    let error = fixpoints::restore(&mut playground.database(), &chain, &scope).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot leave the virtual table box empty: only a full-text index can be built again from nothing"
    );
    assert!(playground.compare("base").unwrap().is_equal());
}
