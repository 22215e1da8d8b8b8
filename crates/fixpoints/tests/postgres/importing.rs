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
