//! A suite's next restore does not read what nobody wrote since the last, and nothing that was written escapes it.

use fixpoints::{Action, Fixpoints, RestoreReport, Store};
use postgres::Client;
use tempfile::TempDir;

use crate::playground::Playground;
use crate::server::{Place, Server};

const SHOP: &str = "
    CREATE TABLE authors (id int PRIMARY KEY, name text);
    CREATE TABLE books (id serial PRIMARY KEY, author_id int REFERENCES authors, title text);
    CREATE TABLE notes (note text);
    CREATE TABLE empty (id int);
    CREATE TABLE parts (id int, part int, PRIMARY KEY (id, part)) PARTITION BY LIST (part);
    CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
    CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2);
    INSERT INTO authors VALUES (1, 'Austen'), (2, 'Joyce');
    INSERT INTO books (author_id, title) VALUES (1, 'Emma'), (2, 'Ulysses');
    INSERT INTO notes VALUES ('a'), ('a'), ('b');
    INSERT INTO parts VALUES (1, 1), (1, 2), (2, 2);
";

/// A shop that was restored to `base` once; `None` where there is no server, which was said.
fn shop() -> Option<(Playground, Fixpoints, Client)> {
    let here = Playground::new(SHOP)?;
    let fixpoints = Fixpoints::new(here.fixpoints().path());
    let mut client = here.client();
    fixpoints.store(&mut client, "base").unwrap();
    fixpoints.restore(&mut client, "base").unwrap();
    Some((here, fixpoints, client))
}

/// Asks one who remembers nothing.
fn is(here: &Playground, client: &mut Client, name: &str) {
    Fixpoints::new(here.fixpoints().path()).assert_equals(client, name);
}

/// The tables that were read.
fn read(report: &RestoreReport) -> Vec<&str> {
    let read = report
        .tables
        .iter()
        .filter(|table| !table.duration.is_zero());
    read.map(|table| table.table.as_str()).collect()
}

/// The tables that were written.
fn written(report: &RestoreReport) -> Vec<&str> {
    let written = report
        .tables
        .iter()
        .filter(|table| table.action != Action::Unchanged);
    written.map(|table| table.table.as_str()).collect()
}

/// A shop on a server of its own, restored once.
struct Quiet {
    folder: TempDir,
    place: Place,
    fixpoints: Fixpoints,
    client: Client,
}

impl Quiet {
    fn shop(server: &Server) -> Self {
        let (folder, place) = (tempfile::tempdir().unwrap(), server.database());
        let (fixpoints, mut client) = (Fixpoints::new(folder.path()), place.connect("postgres"));
        client.batch_execute(SHOP).unwrap();
        fixpoints.store(&mut client, "base").unwrap();
        fixpoints.restore(&mut client, "base").unwrap();
        Self {
            folder,
            place,
            fixpoints,
            client,
        }
    }

    /// Runs SQL; the next restore must write exactly these tables, and read no others.
    fn check(&mut self, sql: &str, expected: &[&str]) {
        self.client.batch_execute(sql).unwrap();
        let restored = self.fixpoints.restore(&mut self.client, "base").unwrap();
        assert_eq!(written(restored.report()), expected, "{sql}");
        assert_eq!(read(restored.report()), expected, "{sql}");
        self.is("base");
    }

    /// Asks one who remembers nothing.
    fn is(&mut self, name: &str) {
        let stranger = Fixpoints::new(self.folder.path());
        stranger.assert_equals(&mut self.client, name);
    }
}

fn check(sql: &str, expected: &[&str]) {
    let Some(server) = Server::quiet() else {
        return;
    };
    let mut shop = Quiet::shop(&server);
    shop.check(sql, expected);
    // What was written is read once more: the server may have kept it otherwise than it was given.
    let again = shop.fixpoints.restore(&mut shop.client, "base").unwrap();
    assert_eq!(read(again.report()), expected, "{sql}");
    shop.check("", &[]);
}

#[test]
fn only_what_was_written_is_read() {
    check("", &[]);
    check("UPDATE books SET title = 'x' WHERE id = 1", &["books"]);
    check("DELETE FROM notes WHERE note = 'b'", &["notes"]);
    check(
        "DELETE FROM notes; INSERT INTO empty VALUES (1)",
        &["empty", "notes"],
    );
    check("INSERT INTO books (title) VALUES ('new')", &["books"]);
    check("TRUNCATE authors CASCADE", &["authors", "books"]);
    check("UPDATE parts SET part = 1 WHERE id = 2", &["parts"]);
    check("TRUNCATE parts_2", &["parts"]);
    check("BEGIN; DELETE FROM notes; DELETE FROM books; ROLLBACK", &[]);
    check(
        "BEGIN; SAVEPOINT s; DELETE FROM books; RELEASE s; COMMIT",
        &["books"],
    );
}

#[test]
fn one_row_for_another_is_seen() {
    check(
        "DELETE FROM notes WHERE note = 'b'; INSERT INTO notes VALUES ('c')",
        &["notes"],
    );
    check(
        "BEGIN; DELETE FROM books WHERE id = 2; INSERT INTO books (id, title) VALUES (7, 'x'); COMMIT",
        &["books"],
    );
}

/// Does something to a shop that may leave every row as it was; the next restore reads what it must.
fn is_restored_after(what: &str, act: impl FnOnce(&Playground, &mut Client)) {
    let Some((here, fixpoints, mut client)) = shop() else {
        return;
    };
    act(&here, &mut client);
    fixpoints
        .restore(&mut client, "base")
        .unwrap_or_else(|error| panic!("{what}: {error:?}"));
    is(&here, &mut client, "base");
}

fn runs(sql: &'static str) -> impl FnOnce(&Playground, &mut Client) {
    move |_, client| {
        for statement in sql.split(';') {
            client.batch_execute(statement).unwrap();
        }
    }
}

#[test]
fn what_moves_rows_or_columns_is_seen() {
    for sql in [
        "ALTER TABLE books DROP COLUMN title; ALTER TABLE books ADD COLUMN title text",
        "ALTER TABLE books DROP COLUMN title; ALTER TABLE books ADD COLUMN title text DEFAULT 'x'",
        "ALTER TABLE books ALTER COLUMN title TYPE text USING upper(title)",
        "ALTER TABLE books RENAME title TO t; ALTER TABLE books RENAME t TO title; UPDATE books SET title = 'x'",
        "VACUUM FULL books; DELETE FROM books",
        "VACUUM FREEZE books; DELETE FROM books WHERE id = 1",
        "UPDATE books SET title = 'x'; VACUUM FREEZE books",
        "UPDATE books SET title = 'x'; VACUUM FULL; ANALYZE; REINDEX TABLE books",
        "CREATE TABLE other AS SELECT id, author_id, 'x' AS title FROM books; ALTER TABLE other RENAME TO old; DROP TABLE old; DELETE FROM books",
        "ALTER TABLE parts DETACH PARTITION parts_1; CREATE TABLE parts_3 PARTITION OF parts FOR VALUES IN (1)",
        "CREATE TABLE heir () INHERITS (authors); INSERT INTO heir VALUES (9, 'x'); DELETE FROM ONLY authors WHERE id > 5",
        "CREATE INDEX ON books (title); UPDATE books SET title = 'x'; DROP INDEX books_title_idx",
        "COMMENT ON TABLE books IS 'x'; CREATE VIEW v AS SELECT * FROM books; DROP VIEW v; TRUNCATE books",
        "SELECT nextval('books_id_seq'); SELECT setval('books_id_seq', 99)",
    ] {
        is_restored_after(sql, runs(sql));
    }
}

#[test]
fn a_table_made_again_is_read_again() {
    is_restored_after("drop and create", |_, client| {
        client
            .batch_execute(
                "ALTER TABLE books DROP CONSTRAINT books_author_id_fkey; DROP TABLE authors;
                 CREATE TABLE authors (id int PRIMARY KEY, name text);
                 INSERT INTO authors VALUES (1, 'Brontë'), (2, 'Joyce');",
            )
            .unwrap();
    });
}

#[test]
fn whoever_began_before_the_restore_and_writes_after_it_is_seen() {
    let Some((here, fixpoints, mut client)) = shop() else {
        return;
    };
    let mut early = here.client();
    // With a number of its own before the restore has one.
    early.batch_execute("BEGIN; SELECT txid_current()").unwrap();
    client
        .batch_execute("UPDATE books SET title = 'wrong'")
        .unwrap();
    fixpoints.restore(&mut client, "base").unwrap();
    early
        .batch_execute("UPDATE books SET title = 'early' WHERE id = 1; UPDATE notes SET note = 'early'; COMMIT")
        .unwrap();
    let restored = fixpoints.restore(&mut client, "base").unwrap();
    assert_eq!(written(restored.report()), ["books", "notes"]);
    is(&here, &mut client, "base");
}

#[test]
fn a_transaction_that_runs_all_the_time_does_not_make_restores_slow() {
    let Some(server) = Server::quiet() else {
        return;
    };
    let mut shop = Quiet::shop(&server);
    let mut early = shop.place.connect("postgres");
    early.batch_execute("BEGIN; SELECT txid_current()").unwrap();
    for round in 0..15 {
        for table in ["notes", "books"] {
            let sql = format!(
                "UPDATE {table} SET {}; SELECT nextval('books_id_seq')",
                match table {
                    "notes" => format!("note = '{round}'"),
                    _ => format!("title = '{round}'"),
                }
            );
            shop.check(&sql, &[table]);
            shop.fixpoints.restore(&mut shop.client, "base").unwrap();
            shop.check("", &[]);
        }
    }
    // From here on more is read than must be, and nothing is missed.
    for round in 0..15 {
        let sql = format!("UPDATE books SET title = '{round}'; SELECT nextval('books_id_seq')");
        shop.client.batch_execute(&sql).unwrap();
        let restored = shop.fixpoints.restore(&mut shop.client, "base").unwrap();
        assert_eq!(written(restored.report()), ["books"], "round {round}");
        shop.is("base");
    }
}

#[test]
fn a_parent_and_its_child_differ_by_what_the_child_changed() {
    let Some((here, fixpoints, mut client)) = shop() else {
        return;
    };
    client
        .batch_execute("UPDATE books SET title = 'sold'")
        .unwrap();
    fixpoints
        .store(&mut client, Store::named("sold").on("base"))
        .unwrap();
    let base = fixpoints.restore(&mut client, "base").unwrap();
    assert_eq!(written(base.report()), ["books"]);
    let sold = fixpoints.restore(&mut client, "sold").unwrap();
    assert_eq!(written(sold.report()), ["books"]);
    is(&here, &mut client, "sold");
    let base = fixpoints.restore(&mut client, "base").unwrap();
    assert_eq!(written(base.report()), ["books"]);
    is(&here, &mut client, "base");
}

#[test]
fn a_fixpoint_recorded_again_is_read_again() {
    let Some((here, fixpoints, mut client)) = shop() else {
        return;
    };
    client.batch_execute("DELETE FROM notes").unwrap();
    fixpoints.store(&mut client, "base").unwrap();
    client
        .batch_execute("INSERT INTO notes VALUES ('a'), ('a'), ('b')")
        .unwrap();
    let restored = fixpoints.restore(&mut client, "base").unwrap();
    assert_eq!(written(restored.report()), ["notes"]);
    is(&here, &mut client, "base");
}

#[test]
fn a_restore_inside_a_transaction_is_remembered_by_nobody() {
    let Some((here, fixpoints, mut client)) = shop() else {
        return;
    };
    client
        .batch_execute("UPDATE books SET title = 'wrong'")
        .unwrap();
    let mut transaction = client.transaction().unwrap();
    let inside = fixpoints.restore(&mut transaction, "base").unwrap();
    assert_eq!(written(inside.report()), ["books"]);
    transaction.batch_execute("DELETE FROM notes").unwrap();
    let inside = fixpoints.restore(&mut transaction, "base").unwrap();
    assert_eq!(written(inside.report()), ["notes"]);
    transaction.rollback().unwrap();
    let restored = fixpoints.restore(&mut client, "base").unwrap();
    assert_eq!(written(restored.report()), ["books"]);
    is(&here, &mut client, "base");
}

#[test]
fn a_failed_restore_leaves_what_was_remembered() {
    let Some((here, fixpoints, mut client)) = shop() else {
        return;
    };
    client
        .batch_execute("ALTER TABLE books ADD CONSTRAINT short CHECK (length(title) < 5) NOT VALID; DELETE FROM books")
        .unwrap();
    fixpoints.restore(&mut client, "base").unwrap_err();
    client
        .batch_execute("ALTER TABLE books DROP CONSTRAINT short")
        .unwrap();
    let restored = fixpoints.restore(&mut client, "base").unwrap();
    assert_eq!(written(restored.report()), ["books"]);
    is(&here, &mut client, "base");
}

#[test]
fn who_owns_the_tables_but_not_the_server_restores_the_same() {
    let Some(here) = Playground::new("") else {
        return;
    };
    here.sql(
        "DO $$ BEGIN CREATE ROLE holder LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$; GRANT ALL ON SCHEMA public TO holder",
    );
    let mut client = here.place.connect("holder");
    client.batch_execute(SHOP).unwrap();
    let fixpoints = Fixpoints::new(here.fixpoints().path());
    fixpoints.store(&mut client, "base").unwrap();
    fixpoints.restore(&mut client, "base").unwrap();
    for round in 0..3 {
        let sql = format!("UPDATE books SET title = '{round}'; DELETE FROM notes");
        client.batch_execute(&sql).unwrap();
        let restored = fixpoints.restore(&mut client, "base").unwrap();
        assert_eq!(written(restored.report()), ["books", "notes"]);
        is(&here, &mut client, "base");
    }
}

#[test]
fn a_comparison_after_a_restore_misses_nothing() {
    let Some((_here, fixpoints, mut client)) = shop() else {
        return;
    };
    for (sql, expected) in [
        ("", vec![]),
        ("UPDATE books SET title = 'x' WHERE id = 1", vec!["books"]),
        (
            "DELETE FROM notes WHERE note = 'b'; INSERT INTO empty VALUES (1)",
            vec!["empty", "notes"],
        ),
        ("UPDATE parts SET part = 1 WHERE id = 2", vec!["parts"]),
        ("UPDATE authors SET name = name", vec![]),
        ("TRUNCATE authors CASCADE", vec!["authors", "books"]),
    ] {
        let start = fixpoints.restore(&mut client, "base").unwrap();
        client.batch_execute(sql).unwrap();
        let error = fixpoints.changes(&mut client, &start, |c| c).err();
        let said = error.map(|error| error.to_string()).unwrap_or_default();
        for table in ["authors", "books", "empty", "notes", "parts"] {
            let is_named = said
                .lines()
                .any(|line| line.trim_start().starts_with(table));
            assert_eq!(
                is_named,
                expected.contains(&table),
                "{sql}: {table}\n{said}"
            );
        }
        assert_eq!(
            fixpoints.compare(&mut client, "base").is_ok(),
            expected.is_empty(),
            "{sql}"
        );
        // In a transaction of the test's own too, before it is committed.
        fixpoints.restore(&mut client, "base").unwrap();
        let mut transaction = client.transaction().unwrap();
        transaction.batch_execute(sql).unwrap();
        let is_equal = fixpoints.compare(&mut transaction, "base").is_ok();
        assert_eq!(is_equal, expected.is_empty(), "{sql}");
    }
}

#[test]
fn what_the_server_keeps_otherwise_is_not_taken_for_the_files() {
    let Some((here, fixpoints, mut client)) = shop() else {
        return;
    };
    client
        .batch_execute("CREATE TABLE docs (id int PRIMARY KEY, d jsonb); INSERT INTO docs VALUES (1, '[1, 2]')")
        .unwrap();
    fixpoints.store(&mut client, "base").unwrap();
    here.edit("base", &here.text("base").replace("[1, 2]", "[1,2]"));
    for _ in 0..2 {
        fixpoints.restore(&mut client, "base").unwrap();
        let error = fixpoints
            .compare(&mut client, "base")
            .unwrap_err()
            .to_string();
        assert!(error.contains("docs"), "{error}");
    }
}
