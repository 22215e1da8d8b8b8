//! Files of the Ruby gem, sequences and rebases on PostgreSQL: its own types decide.

use fixpoints::{ImportOptions, Prefer, import, rebase, reset_sequences};

use crate::playground::{Playground, name};

const SCHEMA: &str = "CREATE TABLE users (id bigserial PRIMARY KEY, name text NOT NULL, balance numeric(30, 10), settings jsonb, tags text[],
        active boolean DEFAULT true, seen timestamptz, updated_at timestamp, scan bytea);
    CREATE SEQUENCE invoice_numbers;
    INSERT INTO users (name) VALUES ('was here'), ('too');";

const FILE: &str = "---
users:
- id: 1
  name: Ada
  balance: !ruby/object:BigDecimal 27:0.12345678901234567891e12
  settings:
    theme: dark
    tags: [a, 1, 1.5, ~]
  tags:
  - plain
  - with \"quotes\" and, commas
  -
  active: false
  seen: 2020-01-01 00:30:00.123456000 +01:00
  updated_at: 2020-01-01 00:00:00.000000000 Z
  scan: !binary |-
    AP8=
- id: 7
  name: 'No'
  balance:
  settings:
  tags: []
  active: true
  seen:
  updated_at:
  scan:
ghosts:
- id: 1
";

#[test]
fn a_file_of_the_gem_gets_its_types_from_the_database() {
    let Some(playground) = Playground::new(SCHEMA) else {
        return;
    };
    let files = tempfile::tempdir().unwrap();
    let path = files.path().join("base.yml");
    fixpoints::write_file(&path, FILE.as_bytes()).unwrap();
    let (folder, options) = (playground.fixpoints(), ImportOptions::default());
    let database = &mut playground.database();
    let report = import(database, &folder, &playground.scope, &path, &options).unwrap();
    let notes: Vec<&str> = report
        .notes
        .iter()
        .map(|note| note.message.as_str())
        .collect();
    assert_eq!(
        notes,
        ["the rows of ghosts are not in the fixpoint: the database has no such table"]
    );
    assert_eq!(
        playground.one("SELECT count(*) FROM users WHERE name IN ('was here', 'too')"),
        "2"
    );
    let before = playground.one("SELECT last_value FROM users_id_seq");
    assert_eq!(before, "2", "the sequence is as it was");
    playground.restore("base").unwrap();
    let row = "SELECT concat_ws('|', balance, settings, tags, active, seen AT TIME ZONE 'UTC', scan) FROM users WHERE id = 1";
    assert_eq!(
        playground.one(row),
        r#"123456789012.3456789100|{"tags": ["a", 1, 1.5, null], "theme": "dark"}|{plain,"with \"quotes\" and, commas",NULL}|f|2019-12-31 23:30:00.123456|\x00ff"#
    );
    assert_eq!(playground.one("SELECT nextval('users_id_seq')"), "8");
}

#[test]
fn sequences_are_put_behind_the_columns_they_feed_and_free_ones_stay() {
    let Some(playground) = Playground::new(SCHEMA) else {
        return;
    };
    playground.sql(
        "SELECT setval('users_id_seq', 50), setval('invoice_numbers', 9); CREATE TABLE empty (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
         INSERT INTO empty DEFAULT VALUES; DELETE FROM empty;",
    );
    let report = reset_sequences(&mut playground.database(), &playground.scope, &[]).unwrap();
    assert_eq!(report.free, ["invoice_numbers"]);
    assert_eq!(playground.one("SELECT nextval('users_id_seq')"), "3");
    assert_eq!(playground.one("SELECT nextval('invoice_numbers')"), "10");
    assert_eq!(
        playground.one("SELECT nextval(pg_get_serial_sequence('empty', 'id'))"),
        "1"
    );
}

#[test]
fn a_child_is_put_onto_a_parent_that_moved() {
    let Some(playground) = Playground::new(SCHEMA) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("UPDATE users SET balance = 1.10 WHERE id = 1");
    playground.store_on("child", "base").unwrap();
    playground.restore("base").unwrap();
    playground
        .sql("UPDATE users SET settings = 'null' WHERE id = 1; DELETE FROM users WHERE id = 2");
    playground.store("base").unwrap();
    let report = rebase(
        &playground.fixpoints(),
        &name("child"),
        &name("base"),
        Prefer::Neither,
    )
    .unwrap();
    assert_eq!(report.conflicts().count(), 0);
    playground.restore("child").unwrap();
    assert_eq!(
        playground.one("SELECT string_agg(concat(id, balance, settings), ' ') FROM users"),
        "11.1000000000null"
    );
}

const CHILD: &str = "users:
- \"++DELETED++\": true
- name: Yes
  balance: !ruby/object:BigDecimal 18:0.11e1
- id: 9
  name: New
  balance:
  settings:
  tags:
  active: false
  seen:
  updated_at: 2020-02-29 23:59:59.000001000 Z
  scan:
\"++parent_fixpoint++\": base
";

fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fixpoints::write_file(&folder.path().join(name), text.as_bytes()).unwrap();
    }
    folder
}

#[test]
fn what_was_imported_is_restored_and_compares_equal() {
    let Some(playground) = Playground::new(SCHEMA) else {
        return;
    };
    let files = written(&[("base.yml", FILE), ("child.yml", CHILD)]);
    let child = files.path().join("child.yml");
    let (folder, options) = (playground.fixpoints(), ImportOptions::default());
    let before = playground.dump();
    let database = &mut playground.database();
    let report = import(database, &folder, &playground.scope, &child, &options).unwrap();
    let names = report.fixpoints.iter().map(|found| found.name.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["base", "child"]);
    assert_eq!(playground.dump(), before, "the database is as it was");
    for (fixpoint, rows) in [
        ("base", "1 Ada 123456789012.3456789100, 7 No"),
        ("child", "7 t 1.1000000000, 9 New"),
    ] {
        assert!(!playground.compare(fixpoint).unwrap().is_equal());
        playground.restore(fixpoint).unwrap();
        assert!(playground.compare(fixpoint).unwrap().is_equal());
        let all =
            "SELECT string_agg(concat_ws(' ', id, name, balance), ', ' ORDER BY id) FROM users";
        assert_eq!(playground.one(all), rows);
        assert_eq!(playground.state(), full_text(&playground, fixpoint));
    }
    let first = playground.text("child");
    import(database, &folder, &playground.scope, &child, &options).unwrap();
    assert_eq!(playground.text("child"), first, "the same bytes again");
}

/// What the fixpoint would be, stored in full.
fn full_text(playground: &Playground, fixpoint: &str) -> String {
    playground.restore(fixpoint).unwrap();
    playground.store("full").unwrap();
    playground.text("full")
}

#[test]
fn where_one_file_fails_none_is_written() {
    let Some(playground) = Playground::new(SCHEMA) else {
        return;
    };
    let broken = "users:\n- {}\n- {}\n- id: 4\n  name:\n\"++parent_fixpoint++\": base\n";
    let files = written(&[("base.yml", FILE), ("child.yml", broken)]);
    let path = files.path().join("child.yml");
    let (folder, options) = (playground.fixpoints(), ImportOptions::default());
    let before = playground.dump();
    let database = &mut playground.database();
    let error = import(database, &folder, &playground.scope, &path, &options).unwrap_err();
    let text = error.to_string();
    assert!(text.contains(r#"users refuses {"id": 4}"#), "{text}");
    assert!(!playground.file("base").exists());
    assert_eq!(playground.dump(), before);
}

#[test]
fn a_folder_of_tables_is_one_fixpoint() {
    let Some(playground) = Playground::new(
        "CREATE TABLE users (id uuid PRIMARY KEY, name text NOT NULL, tags text[]); CREATE TABLE books (id bigserial PRIMARY KEY, user_id uuid REFERENCES users, price numeric(6, 2));",
    ) else {
        return;
    };
    let files = written(&[
        (
            "users.yml",
            "ada:\n  id: 00000000-0000-4000-8000-000000000001\n  name: $LABEL\n  tags: [x]\n",
        ),
        (
            "books.yml",
            "one:\n  id: 4\n  user_id: 00000000-0000-4000-8000-000000000001\n  price: 1.5\n",
        ),
    ]);
    let (folder, scope) = (playground.fixpoints(), &playground.scope);
    let options = ImportOptions {
        name: Some(name("suite")),
        ..ImportOptions::default()
    };
    let database = &mut playground.database();
    import(database, &folder, scope, files.path(), &options).unwrap();
    playground.restore("suite").unwrap();
    assert!(playground.compare("suite").unwrap().is_equal());
    let all = "SELECT concat_ws(' ', u.name, u.tags, b.price) FROM books b JOIN users u ON u.id = user_id";
    assert_eq!(playground.one(all), "ada {x} 1.50");
    assert_eq!(playground.one("SELECT nextval('books_id_seq')"), "5");
}
