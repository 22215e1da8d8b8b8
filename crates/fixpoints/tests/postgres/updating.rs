//! Rows that changed are updated in place where that is possible, and come back as well where it is not.

use crate::playground::Playground;
use crate::server::Server;

/// Wrecks a table and restores it; says whether its rows moved in the table, as those that are replaced do.
fn moves(schema: &str, wreck: &str) -> Option<bool> {
    let server = Server::quiet()?;
    let playground = Playground::on(&server, schema);
    playground.store("base").unwrap();
    let before = playground.dump();
    playground.sql(wreck);
    let indexed = "SELECT pg_relation_size('t_pkey')";
    let size = playground.one(indexed);
    playground.restore("base").unwrap();
    assert_eq!(playground.dump(), before, "{schema}\n{wreck}");
    assert!(playground.compare("base").unwrap().is_equal());
    Some(playground.one(indexed) != size)
}

/// A thousand rows in a page layout that leaves room for a second version of each.
fn table(columns: &str, rest: &str) -> String {
    format!(
        "CREATE TABLE t (id int PRIMARY KEY, n int, {columns}) WITH (fillfactor = 40);
         {rest};
         INSERT INTO t (id, n) SELECT i, i FROM generate_series(1, 1000) i;"
    )
}

#[test]
fn plain_columns_are_updated_and_indexes_left_alone() {
    let schema = table("v text DEFAULT 'a'", "");
    for wreck in [
        "UPDATE t SET v = 'b'",
        "UPDATE t SET v = NULL; UPDATE t SET n = 7",
        "UPDATE t SET v = 'b' WHERE id < 300; UPDATE t SET n = NULL WHERE id > 200",
    ] {
        if let Some(moves) = moves(&schema, wreck) {
            assert!(!moves, "{wreck}");
        }
    }
}

#[test]
fn values_that_must_be_unique_are_swapped_back() {
    let swap = "UPDATE t SET n = n + 5000; UPDATE t SET n = 6001 - n";
    for (columns, rest) in [
        ("UNIQUE (n)", ""),
        ("UNIQUE (n) DEFERRABLE INITIALLY DEFERRED", ""),
        ("v int DEFAULT 1", "CREATE UNIQUE INDEX ON t (v, n)"),
        ("v int DEFAULT 1", "CREATE UNIQUE INDEX ON t (abs(n))"),
        (
            "v int DEFAULT 1",
            "CREATE UNIQUE INDEX ON t (n) WHERE v = 1",
        ),
        ("g int GENERATED ALWAYS AS (n) STORED UNIQUE", ""),
        ("EXCLUDE (n WITH =)", ""),
        ("EXCLUDE USING gist (int4range(n, n + 1) WITH &&)", ""),
    ] {
        moves(&table(columns, rest), swap);
    }
}

#[test]
fn a_row_that_takes_another_ones_place_in_part_of_an_index_comes_back() {
    let schema = table(
        "live bool DEFAULT false",
        "CREATE UNIQUE INDEX ON t ((1)) WHERE live",
    );
    let schema = format!("{schema} UPDATE t SET live = true WHERE id = 7");
    moves(
        &schema,
        "UPDATE t SET live = false; UPDATE t SET live = true WHERE id = 8",
    );
}

#[test]
fn an_identity_that_only_the_server_sets_comes_back() {
    moves(
        "CREATE TABLE t (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY); INSERT INTO t (id) SELECT generate_series(1, 50)",
        "DELETE FROM t WHERE id < 20; INSERT INTO t (id) SELECT generate_series(1, 19)",
    );
}

#[test]
fn rows_of_partitions_come_back_to_their_own() {
    moves(
        "CREATE TABLE t (id int, n int, v text, PRIMARY KEY (id, n)) PARTITION BY LIST (n);
         CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t2 PARTITION OF t DEFAULT;
         CREATE UNIQUE INDEX ON t1 (v);
         INSERT INTO t SELECT i, i % 2, i FROM generate_series(1, 60) i;",
        "UPDATE t SET v = 'x' || v; UPDATE t SET n = 1 - n WHERE id < 30",
    );
}

#[test]
fn an_update_reaches_its_own_table_and_not_those_that_inherit() {
    moves(
        "CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE heir (PRIMARY KEY (id)) INHERITS (t);
         INSERT INTO t VALUES (1, 'a'), (2, 'b'); INSERT INTO heir VALUES (1, 'h')",
        "UPDATE ONLY t SET v = 'x'",
    );
}

#[test]
fn hostile_names_and_values_are_only_that() {
    moves(
        r#"CREATE TABLE t (id int CONSTRAINT t_pkey PRIMARY KEY, "v0" text, "t" text, "select" text, "a""b'c" text);
         INSERT INTO t VALUES (1, 'it''s', E'\\', ''); INSERT INTO t VALUES (2, '::int', 'NULL', NULL, '$1')"#,
        r#"UPDATE t SET "v0" = 'x', "t" = NULL, "select" = 'NULL', "a""b'c" = E'\\''' "#,
    );
}

#[test]
fn a_row_that_the_server_refuses_is_told() {
    let Some(playground) = Playground::new(
        "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'long'), (2, 'b')",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("UPDATE t SET v = 'c'; ALTER TABLE t ADD CHECK (length(v) < 3)");
    let before = playground.dump();
    let error = playground.restore("base").unwrap_err().to_string();
    assert!(
        error.contains("(1, long)") && error.contains("t_v_check"),
        "{error}"
    );
    assert_eq!(playground.dump(), before);
}

#[test]
fn a_row_that_cannot_be_updated_is_named() {
    let Some(playground) = Playground::new(
        "CREATE TABLE \"Größen (VALUES\" (id int PRIMARY KEY, n int CHECK (n > 0), v text, b bool NOT NULL);
         INSERT INTO \"Größen (VALUES\" VALUES (1, 1, 'ä', true), (2, 2, NULL, false), (3, 3, 'c, d', true);",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    let good = playground.text("base");
    playground.sql("UPDATE \"Größen (VALUES\" SET n = n + 10, b = NOT b");
    let before = playground.dump();
    for (from, to, row) in [
        ("\"n\": 1", "\"n\": \"x\"", r#"{"id": 1}"#),
        ("\"n\": 3", "\"n\": \"x\"", r#"{"id": 3}"#),
        ("\"n\": 2", "\"n\": -1", r#"{"id": 2}"#),
        ("\"n\": 3", "\"n\": -1", r#"{"id": 3}"#),
        (
            "\"v\": null, \"b\": false",
            "\"v\": null, \"b\": null",
            r#"{"id": 2}"#,
        ),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good, "{from}");
        playground.edit("base", &bad);
        let error = playground.restore("base").unwrap_err();
        assert!(
            matches!(&error, fixpoints::Error::Row { row: found, .. } if found.to_string() == *row),
            "{from} {to}: {error}"
        );
        assert_eq!(playground.dump(), before);
    }
}

#[test]
fn an_updated_reference_is_checked_and_other_columns_need_no_check() {
    let Some(playground) = Playground::new(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p, v text);
         INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1, 'a')",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("UPDATE c SET v = 'b'");
    playground.restore("base").unwrap();
    let text = playground.text("base");
    playground.edit("base", &text.replace(r#""p": 1"#, r#""p": 7"#));
    let error = playground.restore("base").unwrap_err().to_string();
    assert!(
        error.contains(r#"row {"id": 1} of c refers by (p)"#),
        "{error}"
    );
    assert_eq!(playground.one("SELECT p FROM c"), "1");
}
