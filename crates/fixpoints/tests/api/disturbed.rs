//! What functions of the application's own write during a restore is noticed before the commit, which does not happen.

use fixpoints::Error;
use rusqlite::functions::FunctionFlags;

use crate::playground::Playground;

#[expect(
    unsafe_code,
    reason = "it is how a function reaches the connection that calls it"
)]
/// A database whose table `z` has a check that runs some SQL for each row, with `base` stored.
fn with_check(sql: &'static str, schema: &str) -> Playground {
    let playground = Playground::new("");
    let flags = FunctionFlags::SQLITE_UTF8;
    let function = move |context: &rusqlite::functions::Context<'_>| {
        // SAFETY: the connection outlives the function, and the statements end before it does.
        let connection = unsafe { context.get_connection() }?;
        let is_on = "SELECT count(*) FROM sqlite_schema WHERE name = 'armed'";
        if connection.query_row(is_on, [], |row| row.get::<_, i64>(0))? > 0 {
            connection.execute_batch(sql)?;
        }
        Ok(true)
    };
    let db = &playground.db;
    db.create_scalar_function("noting", 1, flags, function)
        .unwrap();
    playground.sql(schema);
    let mut playground = playground;
    playground
        .fixpoints
        .store(&mut playground.db, "base")
        .unwrap();
    playground
}

const SCHEMA: &str = "CREATE TABLE z (id INTEGER PRIMARY KEY, n INTEGER CHECK (noting(n)));
    CREATE TABLE b (id INTEGER PRIMARY KEY, n INTEGER); CREATE TABLE schema_migrations (version TEXT PRIMARY KEY);
    INSERT INTO z VALUES (1, 1), (2, 2); INSERT INTO b VALUES (1, 1);";

/// Restores with the check armed, which has to be refused, and says why.
fn refusal(playground: &mut Playground) -> String {
    playground.sql("DELETE FROM z");
    playground.sql("CREATE VIEW armed AS SELECT 1");
    let rows = |playground: &Playground| {
        ["z", "b", "schema_migrations"].map(|table| playground.count(table))
    };
    let before = rows(playground);
    let error = playground
        .fixpoints
        .restore(&mut playground.db, "base")
        .unwrap_err();
    assert!(matches!(error, Error::Disturbed { .. }), "{error}");
    assert!(error.hint().unwrap().starts_with("nothing was changed"));
    assert_eq!(rows(playground), before, "nothing was kept");
    let text = error.to_string();
    text.split_once("meanwhile: ").unwrap().1.to_owned()
}

#[test]
fn rows_that_a_check_writes_into_covered_tables_are_named() {
    let mut playground = with_check("INSERT INTO b (n) VALUES (7)", SCHEMA);
    insta::assert_snapshot!(refusal(&mut playground), @r#"b has {"id": 2} besides, has {"id": 3} besides"#);
    let mut playground = with_check("UPDATE b SET n = n + 1", SCHEMA);
    insta::assert_snapshot!(refusal(&mut playground), @r#"b has other values in n of {"id": 1}"#);
    let mut playground = with_check("DELETE FROM b", SCHEMA);
    insta::assert_snapshot!(refusal(&mut playground), @r#"b lacks {"id": 1}"#);
}

#[test]
fn rows_that_a_check_writes_into_other_tables_are_named_by_their_table() {
    let mut playground = with_check(
        "INSERT OR IGNORE INTO schema_migrations VALUES ('x')",
        SCHEMA,
    );
    insta::assert_snapshot!(refusal(&mut playground), @"rows of schema_migrations were written");
}

#[test]
fn a_check_that_only_reads_is_not_refused() {
    let mut playground = with_check("SELECT 1", SCHEMA);
    playground.sql("DELETE FROM z; CREATE VIEW armed AS SELECT 1");
    playground
        .fixpoints
        .restore(&mut playground.db, "base")
        .unwrap();
    playground
        .fixpoints
        .compare(&mut playground.db, "base")
        .unwrap();
}

#[test]
fn rows_that_a_constraint_drops_silently_are_noticed() {
    for clause in ["REPLACE", "IGNORE"] {
        let mut playground = Playground::stored(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 5), (2, 5), (3, 6)",
        );
        playground.sql(&format!("DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE ON CONFLICT {clause})"));
        let error = playground
            .fixpoints
            .restore(&mut playground.db, "base")
            .unwrap_err()
            .to_string();
        assert!(error.contains("t lacks {\"id\": "), "{error}");
        assert_eq!(playground.count("t"), 0);
    }
}
