//! Files of the Ruby gem, and folders of one file per table, become fixpoints.

use std::path::PathBuf;

use fixpoints::{Error, Result};
use fixpoints_import::{ImportOptions, ImportReport, NoteKind, import};

use crate::gem;
use crate::playground::{Playground, lines, name};

const SCHEMA: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, balance DECIMAL(10, 2), role TEXT DEFAULT 'guest', updated_at DATETIME);
    CREATE TABLE books (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), title TEXT);
    CREATE TABLE schema_migrations (version TEXT);
    INSERT INTO users (id, name) VALUES (77, 'was here'); INSERT INTO schema_migrations VALUES ('1');";

struct Suite {
    playground: Playground,
    files: tempfile::TempDir,
}

impl Suite {
    fn new(files: &[(&str, &str)]) -> Self {
        let suite = Self {
            playground: Playground::new(SCHEMA),
            files: tempfile::tempdir().unwrap(),
        };
        for (name, text) in files {
            fixpoints::write_file(&suite.path(name), text.as_bytes()).unwrap();
        }
        suite
    }

    fn path(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    fn import(&self, source: &str) -> Result<ImportReport> {
        self.import_with(source, &ImportOptions::default())
    }

    fn import_with(&self, source: &str, options: &ImportOptions) -> Result<ImportReport> {
        let before = self.playground.state();
        let folder = self.playground.fixpoints();
        let database = &mut self.playground.database();
        let imported = import(
            database,
            &folder,
            &self.playground.scope,
            &self.path(source),
            options,
        );
        assert_eq!(self.playground.state(), before, "the database is as it was");
        imported
    }

    fn rows(&self, fixpoint: &str) -> String {
        lines(&self.playground.text(fixpoint))
    }
}

/// Notes as short text: kind, line, table and column, count.
fn notes(report: &ImportReport) -> Vec<String> {
    let notes = report.notes.iter().map(|note| {
        let line = note.line.unwrap_or_default();
        let (table, column) = (note.table.as_deref(), note.column.as_deref());
        let (table, column) = (table.unwrap_or_default(), column.unwrap_or_default());
        format!("{:?} {line} {table}.{column} {}", note.kind, note.count)
    });
    notes.collect()
}

const BASE: &str = "---
users:
- id: 1
  name: Ada
  balance: !ruby/object:BigDecimal 18:0.11e1
  role: :admin
  updated_at: 2020-01-01 01:00:00.000000000 +01:00
- id: 2
  name: 'No'
  balance:
  role: user
  updated_at: 2020-01-01 00:00:00.000000000 Z
- id: 3
  name: Grace
  balance: 2.5
  role:
  updated_at:
books:
- id: 1
  user_id: 1
  title: Notes
";

#[test]
fn a_full_file_keeps_every_value() {
    let suite = Suite::new(&[("base.yml", BASE)]);
    let report = suite.import("base.yml").unwrap();
    assert_eq!(notes(&report), [""; 0]);
    let expected = r#"  books:
    - {"id": 1, "user_id": 1, "title": "Notes"}
  users:
    - {"id": 1, "name": "Ada", "balance": 1.1, "role": "admin", "updated_at": "2020-01-01 00:00:00"}
    - {"id": 2, "name": "No", "balance": null, "role": "user", "updated_at": "2020-01-01 00:00:00"}
    - {"id": 3, "name": "Grace", "balance": 2.5, "role": null, "updated_at": null}
"#;
    assert_eq!(suite.rows("base"), expected);
    assert!(!suite.playground.compare("base").unwrap().is_equal());
    suite.playground.restore("base").unwrap();
    assert!(suite.playground.compare("base").unwrap().is_equal());
    assert_eq!(
        suite
            .playground
            .one::<i64>("SELECT seq FROM sqlite_sequence"),
        3
    );
    assert_eq!(
        suite
            .playground
            .one::<String>("SELECT version FROM schema_migrations"),
        "1"
    );
}

#[test]
fn changes_are_applied_to_the_parents_rows_by_position() {
    let child = "users:\n- \"++DELETED++\": true\n- name: Yes\n  role: boss\n- {}\n- id: 9\n  name: New\n  balance: 0.0\n  role:\n  updated_at:\nbooks: []\n\"++parent_fixpoint++\": base\n";
    let suite = Suite::new(&[("fp/base.yml", BASE), ("fp/deep/child.yml", child)]);
    let report = suite.import("fp/deep/child.yml").unwrap();
    let names: Vec<&str> = report
        .fixpoints
        .iter()
        .map(|found| found.name.as_str())
        .collect();
    assert_eq!(names, ["base", "deep/child"]);
    // The book of the deleted user is still there.
    assert_eq!(
        notes(&report),
        [
            "Broken 19 books. 1",
            "Assumed 3 users.name 1",
            "Assumed 3 users.updated_at 1"
        ]
    );
    let text = suite.playground.text("deep/child");
    let expected = r#"  users:
    - {"delete": {"id": 1, "name": "Ada", "balance": 1.1, "role": "admin", "updated_at": "2020-01-01 00:00:00"}}
    - {"update": {"id": 2}, "old": {"name": "No", "role": "user"}, "new": {"name": "Yes", "role": "boss"}}
    - {"insert": {"id": 9, "name": "New", "balance": 0, "role": null, "updated_at": null}}
"#;
    assert_eq!(lines(&text), expected);
}

#[test]
fn what_cannot_be_carried_over_is_named() {
    let file = "users:\n- id: 1\n  name: Ada\n  balance: 12345678901234567.89\n  role: x\n  updated_at:\n  shoe: 38\n- id: 2\n  name: B\n  shoe: 40\nghosts:\n- id: 1\n- id: 2\nschema_migrations:\n- version: 2\n";
    let suite = Suite::new(&[("base.yml", file)]);
    let report = suite.import("base.yml").unwrap();
    let expected = [
        "Lost 2 users.shoe 2",
        "Lost 12 ghosts. 2",
        "Lost 15 schema_migrations. 1",
        "Assumed 8 users. 1",
    ];
    assert_eq!(notes(&report), expected);
}

#[test]
fn a_value_the_database_changes_is_named() {
    let file = "users:\n- id: 1\n  name: Ada\n  balance: !ruby/object:BigDecimal 27:0.12345678901234567891e12\n  role: x\n  updated_at:\n";
    let suite = Suite::new(&[("base.yml", file)]);
    let report = suite.import("base.yml").unwrap();
    assert_eq!(notes(&report), ["Changed 2 users.balance 1"]);
    assert!(report.notes[0].message.contains("123456789012.34567891"));
}

#[test]
fn a_child_of_a_parent_that_moved_is_told_so() {
    let child = "users:\n- {}\n\"++parent_fixpoint++\": base\n";
    let suite = Suite::new(&[("base.yml", BASE), ("child.yml", child)]);
    let report = suite.import("child.yml").unwrap();
    assert_eq!(
        (report.notes[0].kind, report.notes[0].line),
        (NoteKind::Lost, None)
    );
    assert!(
        report.notes[0]
            .message
            .contains("has 3 rows of users and this file has changes for 1")
    );
}

#[test]
fn where_one_file_fails_none_is_written() {
    let broken = "users:\n- id: 4\n  name:\n\"++parent_fixpoint++\": base\n";
    let suite = Suite::new(&[
        ("base.yml", BASE),
        (
            "child.yml",
            &broken.replace("- id: 4", "- {}\n- {}\n- {}\n- id: 4"),
        ),
    ]);
    let error = suite.import("child.yml").unwrap_err();
    assert!(
        matches!(&error, Error::Import { line: Some(5), .. }),
        "{error}"
    );
    assert!(!suite.playground.file("base").exists());
}

#[test]
fn a_folder_of_tables_is_one_fixpoint() {
    let suite = Suite::new(&[
        (
            "fixtures/people.yml",
            "D: &D\n  role: x\nada:\n  <<: *D\n  name: $LABEL\n  balance: 1\n",
        ),
        ("fixtures/books.yml", "one:\n  title: T\n  user: ada\n"),
        ("fixtures/mapping.yml", "people:\n  table: users\n"),
    ]);
    let options = ImportOptions {
        name: Some(name("suite")),
        ..ImportOptions::default()
    };
    let error = suite.import_with("fixtures", &options).unwrap_err();
    assert!(error.to_string().contains("users refuses"), "{error}");
    let people = "DEFAULTS: &D\n  role: x\nada:\n  <<: *D\n  name: $LABEL\n  balance: 1\n";
    fixpoints::write_file(&suite.path("fixtures/people.yml"), people.as_bytes()).unwrap();
    let report = suite.import_with("fixtures", &options).unwrap();
    assert_eq!(notes(&report), ["Assumed 4 users.updated_at 1"]);
    let ada = fixpoints_label("ada");
    let rows = suite.rows("suite");
    assert!(
        rows.contains(&format!("\"user_id\": {ada}, \"title\": \"T\"")),
        "{rows}"
    );
    assert!(
        rows.contains(&format!(
            "{{\"id\": {ada}, \"name\": \"ada\", \"balance\": 1, \"role\": \"x\""
        )),
        "{rows}"
    );
}

/// What Rails makes of a label: its CRC, kept below 2^30 - 1.
fn fixpoints_label(label: &str) -> u32 {
    let mut crc = u32::MAX;
    for bit in label
        .bytes()
        .flat_map(|byte| (0..8).map(move |at| byte >> at & 1))
    {
        let low = (crc ^ u32::from(bit)) & 1;
        crc = (crc >> 1) ^ (low * 0xedb8_8320);
    }
    !crc % ((1 << 30) - 1)
}

#[test]
fn what_no_import_can_mean_is_refused_with_its_line() {
    let cases = [
        (
            "a.yml",
            "users:\n- id: 1\n  id: 2\n",
            Some(3),
            "given twice",
        ),
        (
            "a.yml",
            "users:\n- id: !ruby/object:Object {}\n",
            Some(2),
            "is not known",
        ),
        ("a.yml", "users:\n- 1\n", Some(2), "a row is a map"),
        ("a.yml", "1\n", Some(1), "neither"),
        (
            "a.yml",
            "users: []\n++parent_fixpoint++: ../x\n",
            None,
            "no folder above",
        ),
        (
            "a.yml",
            "users: []\n++parent_fixpoint++: a\n",
            None,
            "stands on itself",
        ),
        ("a.yml", "x:\n  name: <%= 1 %>\n", Some(2), "only Ruby"),
        ("d/e.txt", "", None, "it holds no rows"),
    ];
    for (file, text, expected, reason) in cases {
        let suite = Suite::new(&[(file, text)]);
        let source = file.split('/').next().unwrap();
        match suite.import(source).unwrap_err() {
            Error::Import {
                line,
                reason: found,
                ..
            } => {
                assert_eq!(line, expected, "{text}");
                assert!(found.contains(reason), "{text}: {found}");
            }
            other => panic!("{text}: {other}"),
        }
    }
}

#[test]
fn tables_and_fixpoints_in_one_folder_are_refused() {
    let suite = Suite::new(&[("d/base.yml", BASE), ("d/users.yml", "ada:\n  name: Ada\n")]);
    let error = suite.import("d").unwrap_err().to_string();
    assert!(error.contains("import them one by one"), "{error}");
}

#[test]
fn importing_twice_gives_the_same_bytes() {
    let suite = Suite::new(&[("base.yml", BASE)]);
    suite.import("base.yml").unwrap();
    let first = suite.playground.text("base");
    let report = suite.import("base.yml").unwrap();
    assert_eq!(
        report.fixpoints[0].report.written,
        fixpoints::Written::Unchanged
    );
    assert_eq!(suite.playground.text("base"), first);
}

#[test]
fn columns_that_a_file_lacks_are_one_note() {
    let file = "users:\n- id: 1\n  name: A\n- id: 2\n  name: B\n";
    let suite = Suite::new(&[("base.yml", file)]);
    let report = suite.import("base.yml").unwrap();
    let messages: Vec<(&str, u64)> = report
        .notes
        .iter()
        .map(|note| (note.message.as_str(), note.count))
        .collect();
    assert_eq!(
        messages,
        [(
            "the file has no balance, role, updated_at, so the database's defaults stand",
            2
        )]
    );
}

#[test]
fn different_changes_are_different_notes() {
    let row = |id: u8, balance: &str| {
        format!(
            "- id: {id}\n  name: A\n  balance: !ruby/object:BigDecimal {balance}\n  role:\n  updated_at:\n"
        )
    };
    let (big, small) = ("27:0.12345678901234567891e12", "27:0.1234567890123456789e1");
    let file = format!("users:\n{}{}{}", row(1, big), row(2, small), row(3, big));
    let suite = Suite::new(&[("base.yml", &file)]);
    let report = suite.import("base.yml").unwrap();
    assert_eq!(
        notes(&report),
        ["Changed 2 users.balance 2", "Changed 7 users.balance 1"]
    );
}

#[test]
fn rows_without_numbers_are_numbered_the_same_every_time() {
    let file = "users:\n- name: A\n  balance:\n  role:\n  updated_at:\n- id: 4\n  name: B\n  balance:\n  role:\n  updated_at:\n";
    let suite = Suite::new(&[("base.yml", file)]);
    let report = suite.import("base.yml").unwrap();
    assert_eq!(notes(&report), ["Assumed 2 users.id 1"]);
    let first = suite.playground.text("base");
    assert!(first.contains("{\"id\": 5, \"name\": \"A\""), "{first}");
    suite
        .playground
        .sql("INSERT INTO users (name) VALUES ('moves the sequence')");
    suite.import("base.yml").unwrap();
    assert_eq!(suite.playground.text("base"), first);
}

#[test]
fn a_row_that_refers_to_nothing_is_named() {
    let file = format!("{BASE}- id: 2\n  user_id: 9\n  title: Lost\n");
    let suite = Suite::new(&[("base.yml", &file)]);
    let report = suite.import("base.yml").unwrap();
    assert_eq!(notes(&report), ["Broken 22 books. 1"]);
    assert_eq!(
        report.notes[0].message,
        "row {\"id\": 2} of books refers by (user_id) to a missing row of users"
    );
}

#[test]
fn text_in_a_column_of_json_is_what_sqlite_held_or_what_a_fixture_means() {
    let rows = "- {id: 1, data: '[1]'}\n- {id: 2, data: abc}\n- {id: 3, data: {a: 1}}\n";
    let whole = format!("docs:\n{rows}");
    let suite = Suite::new(&[("gem.yml", &whole), ("suite/docs.yml", rows)]);
    suite
        .playground
        .sql("CREATE TABLE docs (id INTEGER PRIMARY KEY, data JSON)");
    suite.import("gem.yml").unwrap();
    let values = |fixpoint: &str| {
        let rows = suite.rows(fixpoint);
        let values = rows
            .lines()
            .filter_map(|line| line.split_once("\"data\": "));
        values
            .map(|(_, value)| value.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(values("gem"), [r#""[1]"}"#, r#""abc"}"#, r#""{\"a\":1}"}"#]);
    let report = suite.import("suite").unwrap();
    assert_eq!(notes(&report), ["Assumed 1 docs.data 1"]);
    assert_eq!(
        values("suite"),
        [r#""[1]"}"#, r#""\"abc\""}"#, r#""{\"a\":1}"}"#]
    );
}

#[test]
fn a_mapping_of_the_folder_is_no_table_where_another_one_is_given() {
    let suite = Suite::new(&[
        (
            "fx/people.yml",
            "- id: 1\n  name: A\n  balance:\n  role:\n  updated_at:\n",
        ),
        ("fx/mapping.yml", "people: books\n"),
        ("other.yml", "people: users\n"),
    ]);
    let options = |mapping: &str| ImportOptions {
        mapping: Some(suite.path(mapping)),
        ..ImportOptions::default()
    };
    let report = suite.import_with("fx", &options("other.yml")).unwrap();
    assert_eq!(notes(&report), ["Assumed 0 . 1"]);
    assert!(
        report.notes[0]
            .message
            .starts_with("it was not read, since ")
    );
    assert!(suite.rows("fx").contains("\"name\": \"A\""));
    let mapping = suite.path("fx/../fx/mapping.yml");
    fixpoints::write_file(&mapping, b"people: users\n").unwrap();
    let report = suite
        .import_with("fx", &options("fx/../fx/mapping.yml"))
        .unwrap();
    assert_eq!(notes(&report), [""; 0]);
}

/// What an import brings into the one table of a database that its file was made from.
fn differences(schema: &str, file: &str) -> (Vec<String>, bool) {
    let suite = Suite {
        playground: Playground::new(schema),
        files: tempfile::tempdir().unwrap(),
    };
    fixpoints::write_file(&suite.path("base.yml"), file.as_bytes()).unwrap();
    let report = suite.import("base.yml").unwrap();
    let comparison = suite.playground.compare("base").unwrap();
    (notes(&report), comparison.is_equal())
}

#[test]
fn the_type_of_a_column_decides_what_a_value_is() {
    // What a column holds, what a file of the gem has, and what is noted.
    let cases = [
        ("BLOB", "X'74657874'", "text", ""),
        ("BLOB", "X''", "\"\"", ""),
        ("BLOB", "X'31'", "'1'", ""),
        ("BLOB", "1", "1", ""),
        ("BLOB", "X'00FF80'", "!binary |-\n    AP+A", ""),
        ("VARBINARY(9)", "X'74657874'", "text", ""),
        ("TEXT", "'text'", "!binary |-\n    dGV4dA==", ""),
        ("TEXT", "X'00FF80'", "!binary |-\n    AP+A", ""),
        ("TEXT", "'12'", "12", ""),
        ("VARCHAR", "'1.50'", "1.50", "Assumed 2 own.v 1"),
        ("VARCHAR", "'007'", "007", "Assumed 2 own.v 1"),
        ("VARCHAR", "'NO'", "NO", "Assumed 2 own.v 1"),
        ("VARCHAR", "'12:30'", "12:30", "Assumed 2 own.v 1"),
        ("VARCHAR", "'2020-1-5'", "2020-1-5", "Assumed 2 own.v 1"),
        ("VARCHAR", "'a'", ":a", ""),
        ("VARCHAR", "NULL", "~", ""),
        ("TIME", "'12:30'", "12:30", "Assumed 2 own.v 1"),
        ("INTEGER", "'admin'", "admin", "Assumed 2 own.v 1"),
        ("INTEGER", "7", "'007'", ""),
        ("INTEGER", "1", "true", ""),
        ("DECIMAL(9, 2)", "1.1", "'1.10'", ""),
        ("REAL", "1", "1", ""),
        ("BOOLEAN", "'t'", "t", ""),
        (
            "DATETIME",
            "'2020-01-01 00:00:00'",
            "2020-01-01 00:00:00 Z",
            "",
        ),
        ("", "1", "1", ""),
        ("", "'1'", "'1'", ""),
    ];
    for (declared, held, written, noted) in cases {
        let schema = format!(
            "CREATE TABLE own (id INTEGER PRIMARY KEY, v {declared}); INSERT INTO own VALUES (1, {held})"
        );
        let (notes, equal) = differences(&schema, &format!("own:\n- id: 1\n  v: {written}\n"));
        assert_eq!(notes.join(", "), noted, "{declared} {written}");
        assert!(equal, "{declared} {written} is {held}");
    }
}

#[test]
fn the_label_of_an_enum_is_not_the_number_that_rails_writes() {
    let suite = Suite::new(&[(
        "fx/own.yml",
        "ada: {v: admin, n: '12', t: on}\nbob: {v: 2, n: x, t: 'yes'}\n",
    )]);
    suite
        .playground
        .sql("CREATE TABLE own (id INTEGER PRIMARY KEY, v INTEGER, n NUMERIC, t BOOLEAN)");
    let report = suite.import("fx").unwrap();
    assert_eq!(notes(&report), ["Changed 1 own.v 1", "Changed 2 own.n 1"]);
    assert!(report.notes[0].message.contains("\"admin\""));
    assert_eq!(suite.rows("fx").matches("\"t\": 1}").count(), 2);
}

#[test]
fn a_list_or_a_map_needs_a_column_that_takes_it() {
    let import = |declared: &str| {
        let suite = Suite::new(&[("fx/own.yml", "one:\n  id: 1\n  v: {a: [1, x]}\n")]);
        let table = format!("CREATE TABLE own (id INTEGER PRIMARY KEY, v {declared})");
        suite.playground.sql(&table);
        let report = suite.import("fx")?;
        Ok::<_, Error>((notes(&report), suite.rows("fx")))
    };
    for declared in ["INTEGER", "BLOB", "DATETIME", "BOOLEAN"] {
        let Err(Error::Import { line, reason, .. }) = import(declared) else {
            panic!("{declared} takes a map")
        };
        assert_eq!(line, Some(3));
        assert!(reason.starts_with("own.v is a map"), "{reason}");
    }
    let (notes, rows) = import("TEXT").unwrap();
    assert_eq!(notes, ["Assumed 2 own.v 1"]);
    assert!(rows.contains(r#""v": "{\"a\":[1,\"x\"]}""#), "{rows}");
    assert_eq!(import("JSON").unwrap().0, [""; 0]);
}

#[test]
fn a_value_that_changes_is_noted_also_in_a_row_without_a_key() {
    let file = "own:\n- v: 2\n  n: b\n- v: !ruby/object:BigDecimal 27:0.12345678901234567891e12\n  n: a\n- v: 2\n  n: b\n";
    let suite = Suite::new(&[("base.yml", file)]);
    suite.playground.sql("CREATE TABLE own (v DECIMAL, n TEXT)");
    let report = suite.import("base.yml").unwrap();
    assert_eq!(notes(&report), ["Changed 4 own.v 1"]);
}

#[test]
fn what_the_gem_makes_is_imported_without_a_difference() {
    let playground = Playground::new("");
    let place = playground.path();
    gem::imports_without_a_difference(&playground, "sqlite3", &place.to_string_lossy());
}

#[test]
fn what_the_database_computes_is_not_lost() {
    let schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER, twice INTEGER AS (v * 2), thrice INTEGER AS (v * 3) STORED)";
    let file = "t:\n- id: 1\n  v: 4\n  twice: 8\n  thrice: 12\n";
    let (notes, _) = differences(schema, file);
    assert_eq!(notes, [""; 0]);
    let (notes, _) = differences(schema, &format!("{file}  other: 1\n"));
    assert_eq!(notes, ["Lost 2 t.other 1"]);
}
