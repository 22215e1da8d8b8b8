//! Files of the Ruby gem, sequences and rebases on PostgreSQL: its own types decide.

use fixpoints::{Conflict, Constraints, Prefer, rebase, rebase_checked, reset_sequences};
use fixpoints_import::{ImportOptions, ImportReport, import};

use crate::gem;
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

/// Imports files, the first of which is or contains them all, and looks that the database is as before.
fn imported(playground: &Playground, files: &[(&str, &str)]) -> ImportReport {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fixpoints::write_file(&folder.path().join(name), text.as_bytes()).unwrap();
    }
    let source = folder.path().join(files[0].0.split('/').next().unwrap());
    let (fixpoints, options) = (playground.fixpoints(), ImportOptions::default());
    let (database, before) = (&mut playground.database(), playground.state());
    let report = import(database, &fixpoints, &playground.scope, &source, &options).unwrap();
    assert_eq!(playground.state(), before, "the database is as it was");
    report
}

fn messages(report: &ImportReport) -> Vec<String> {
    let notes = report.notes.iter();
    let notes = notes.map(|note| {
        let line = note.line.unwrap_or_default();
        format!("{:?} {line}: {}", note.kind, note.message)
    });
    notes.collect()
}

const DOCS: &str = "CREATE TABLE docs (id integer PRIMARY KEY, parsed jsonb, raw json)";

#[test]
fn a_string_of_jsonb_is_a_string() {
    let Some(playground) = Playground::new(DOCS) else {
        return;
    };
    let file = "docs:
- {id: 1, parsed: '5', raw: '5'}
- {id: 2, parsed: abc, raw: '\"abc\"'}
- {id: 3, parsed: '', raw: '{\"a\":  1}'}
- {id: 4, parsed: true, raw: 'true'}
- {id: 5, parsed: {a: '1', b: [2.50, ~]}, raw: abc}
- {id: 6, parsed: '{\"a\": 1}', raw: [1]}
- {id: 7, parsed: 1.0e+20, raw:}
- {id: 8, parsed:, raw: 1}
";
    let report = imported(&playground, &[("base.yml", file)]);
    assert_eq!(
        messages(&report),
        [
            "Assumed 6: raw is not JSON, so it is taken for a string",
            "Assumed 7: parsed has JSON inside of a string, which stays a string, since the gem writes jsonb itself",
        ]
    );
    playground.restore("base").unwrap();
    assert_eq!(
        playground
            .one("SELECT string_agg(coalesce(parsed::text, 'NULL'), '; ' ORDER BY id) FROM docs"),
        r#""5"; "abc"; ""; true; {"a": "1", "b": [2.5, null]}; "{\"a\": 1}"; 100000000000000000000; NULL"#
    );
    assert_eq!(
        playground
            .one("SELECT string_agg(coalesce(raw::text, 'NULL'), '; ' ORDER BY id) FROM docs"),
        r#"5; "abc"; {"a":  1}; true; "abc"; [1]; NULL; 1"#
    );
}

#[test]
fn the_text_of_a_list_or_a_map_in_a_fixture_is_json() {
    let Some(playground) = Playground::new(DOCS) else {
        return;
    };
    let file = "- {id: 1, parsed: '{\"a\": 1}', raw: '[1]'}\n- {id: 2, parsed: '5', raw: abc}\n";
    let report = imported(&playground, &[("suite/docs.yml", file)]);
    assert_eq!(
        messages(&report),
        [
            "Assumed 1: parsed has JSON inside of a string, which is taken for that JSON",
            "Assumed 1: raw has JSON inside of a string, which is taken for that JSON",
        ]
    );
    playground.restore("suite").unwrap();
    assert_eq!(
        playground.one("SELECT string_agg(concat(parsed, raw), '; ' ORDER BY id) FROM docs"),
        r#"{"a": 1}[1]; "5""abc""#
    );
}

#[test]
fn sequences_are_as_before_and_importing_twice_is_the_same() {
    let Some(playground) = Playground::new(
        "CREATE SEQUENCE tickets; CREATE TABLE users (id serial PRIMARY KEY, name text, code text DEFAULT 'n' || nextval('tickets'));
         CREATE TABLE items (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
         INSERT INTO users (name) VALUES ('x'), ('y'); DELETE FROM users WHERE id = 2;",
    ) else {
        return;
    };
    let standing = || {
        playground.one(
            "SELECT string_agg(concat(sequencename, last_value), ' ' ORDER BY sequencename) FROM pg_sequences",
        )
    };
    let before = standing();
    let file = "users:\n- name: A\n- id: 8\n  name: B\n- name: C\n  code: own\nitems:\n- name: I\n";
    let report = imported(&playground, &[("base.yml", file)]);
    assert_eq!(
        messages(&report),
        [
            "Assumed 2: the file has no code, so the database's default stands",
            "Assumed 2: the file has no id, so rows are numbered after its last one",
            "Assumed 8: the file has no id, so rows are numbered after its last one",
        ]
    );
    assert_eq!(standing(), before);
    let first = playground.text("base");
    imported(&playground, &[("base.yml", file)]);
    assert_eq!(playground.text("base"), first);
    assert_eq!(standing(), before);
    playground.restore("base").unwrap();
    assert_eq!(
        playground.one("SELECT string_agg(concat(id, name, code), ' ' ORDER BY id) FROM users"),
        "8Bn4 9An3 10Cown"
    );
    assert_eq!(playground.one("SELECT nextval('users_id_seq')"), "11");
}

#[test]
fn values_that_say_the_same_are_no_changes() {
    let Some(playground) = Playground::new(
        "CREATE TABLE v (id integer PRIMARY KEY, admin boolean, at time, n numeric, day date, r real)",
    ) else {
        return;
    };
    let file = "v:
- {id: 1, admin: t, at: 2000-01-01 12:34:56.000000000 Z, n: !ruby/object:BigDecimal '9:NaN', day: .inf, r: 1.5}
- {id: 2, admin: 'no', at: '12:34:56.50', n: 1.50, day: 2020-01-01, r: 0.1}
- {id: 3, admin: true, at: 2001-02-03 12:34:56.000000000 Z, n: 1, day: 2020-01-01, r: 16777217.0}
- {id: 4, admin: true, at:, n: 1, day: 2020-01-01, r: 0.123456789}
";
    let report = imported(&playground, &[("base.yml", file)]);
    assert_eq!(
        messages(&report),
        [
            r#"Changed 4: at is "2001-02-03 12:34:56" in the file and "12:34:56" in the database"#,
            "Changed 4: r is 16777217.0 in the file and 16777216.0 in the database",
            "Changed 5: r is 0.123456789 in the file and 0.12345679 in the database",
        ]
    );
}

#[test]
fn a_row_that_refers_to_nothing_is_named() {
    let Some(playground) = Playground::new(
        "CREATE TABLE users (id uuid PRIMARY KEY); CREATE TABLE items (id serial PRIMARY KEY, user_id uuid REFERENCES users (id))",
    ) else {
        return;
    };
    let user = "6ba7b812-9dad-11d1-80b4-00c04fd430c8";
    let file =
        format!("items:\n- id: 1\n  user_id: {user}\n- id: 2\n  user_id: {user}\nusers: []\n");
    let report = imported(&playground, &[("base.yml", &file)]);
    let message = |line, id| {
        format!(
            "Broken {line}: row {{\"id\": {id}}} of items refers by (user_id) to a missing row of users"
        )
    };
    assert_eq!(messages(&report), [message(2, 1), message(4, 2)]);
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
        ("child", "7 Yes 1.1000000000, 9 New"),
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

#[test]
fn rows_that_the_server_refuses_beside_each_other_are_conflicts() {
    let schema = "CREATE TABLE a (id integer PRIMARY KEY, n text UNIQUE); CREATE TABLE b (id serial PRIMARY KEY, a_id integer REFERENCES a (id));
         INSERT INTO a VALUES (1, 's'), (2, 't'); CREATE TABLE c (id integer PRIMARY KEY, n text UNIQUE DEFERRABLE);";
    let cases = [
        (
            "INSERT INTO a VALUES (3, 'u')",
            "INSERT INTO a VALUES (4, 'u')",
            "Refused",
            "unique constraint",
        ),
        (
            "INSERT INTO b (a_id) VALUES (2)",
            "DELETE FROM a WHERE id = 2",
            "BrokenReference",
            "a missing row of a",
        ),
        (
            "INSERT INTO a VALUES (3, 'u')",
            "INSERT INTO a VALUES (4, 'v')",
            "",
            "",
        ),
        (
            "INSERT INTO c VALUES (3, 'u')",
            "INSERT INTO c VALUES (4, 'u')",
            "Refused",
            "",
        ),
    ];
    for (child, parent, kind, reason) in cases {
        let Some(playground) = Playground::new(schema) else {
            return;
        };
        playground.store("base").unwrap();
        playground.sql(child);
        playground.store_on("child", "base").unwrap();
        playground.restore("base").unwrap();
        playground.sql(parent);
        playground.store("base").unwrap();
        let (state, file) = (playground.state(), playground.text("child"));
        let (folder, database) = (playground.fixpoints(), &mut playground.database());
        let (scope, child, base) = (&playground.scope, name("child"), name("base"));
        let report = rebase_checked(database, scope, &folder, &child, &base, Prefer::Neither);
        let report = report.unwrap();
        assert_eq!(playground.state(), state, "the database is as before");
        let conflicts: Vec<&Conflict> = report.conflicts().collect();
        if kind.is_empty() {
            assert_eq!(report.constraints, Constraints::Held);
            playground.restore("child").unwrap();
            continue;
        }
        assert_eq!(report.constraints, Constraints::Broken);
        assert_eq!(playground.text("child"), file);
        assert_eq!(format!("{:?}", conflicts[0].kind), kind);
        let words = conflicts[0].reason.as_deref().unwrap_or_default();
        assert!(words.contains(reason), "{words}");
    }
}

#[test]
fn the_type_of_a_column_decides_what_a_value_is() {
    // What a column holds, what a file of the gem has, and what is noted.
    let as_written = "has values without quotes that Ruby does not read as text";
    let cases = [
        ("bytea", "'\\x74657874'", "text", ""),
        ("bytea", "'\\x5c2b'", "\\+", ""),
        ("bytea", "'\\x00ff80'", "\\x00ff80", ""),
        ("bytea", "'\\x31'", "1", ""),
        ("bytea[]", "'{\"\\\\x00ff\"}'", "[!binary AP8=]", ""),
        ("text", "'text'", "!binary dGV4dA==", ""),
        ("text", "'1.50'", "1.50", as_written),
        ("citext", "'NO'", "NO", as_written),
        ("text[]", "'{1.50,NO,NULL}'", "[1.50, NO, ~]", ""),
        ("char(3)", "'a'", "a", ""),
        ("mood", "'off'", "off", as_written),
        ("interval", "'12:30'", "12:30", as_written),
        (
            "interval",
            "'1 hour'",
            "1 hour",
            "which the database reads as",
        ),
        ("inet", "'::1'", "0:0::1", "which the database reads as"),
        ("time", "'12:30'", "12:30", as_written),
        ("date", "'2020-01-05'", "2020-1-5", ""),
        (
            "date",
            "'2020-01-05'",
            "5 January 2020",
            "which the database reads as",
        ),
        (
            "timestamptz",
            "'2020-01-05 10:00Z'",
            "'2020-01-05T12:00+02:00'",
            "",
        ),
        ("double precision[]", "'{1,2.5}'", "[1.0, 2.5]", ""),
        ("boolean", "true", "'t'", ""),
        ("integer", "7", "'007'", ""),
        ("integer", "8", "010", ""),
        ("hstore", "'a=>1, b=>NULL'", "{b: ~, a: 1}", ""),
        ("hstore", "'a=>\"x, \\\"y\"'", "{a: 'x, \"y'}", ""),
        (
            "hstore",
            "'a=>\"\", \"b c\"=>1.50'",
            "{a: '', b c: 1.50}",
            "",
        ),
        ("hstore", "'b=>2, a=>1'", "'b=>2,a=>1'", ""),
        ("hstore[]", "ARRAY['a=>1'::hstore]", "[{a: 1}]", ""),
        ("jsonb", "'{\"a\": [1]}'", "{a: [1]}", ""),
    ];
    let Some(playground) = Playground::new(
        "CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('on', 'off')",
    ) else {
        return;
    };
    for (declared, held, written, noted) in cases {
        playground.sql(&format!(
            "DROP TABLE IF EXISTS own; CREATE TABLE own (id integer PRIMARY KEY, v {declared}); INSERT INTO own VALUES (1, {held})"
        ));
        let file = format!("own:\n- id: 1\n  v: {written}\n");
        let messages = messages(&imported(&playground, &[("base.yml", &file)])).join(", ");
        assert_eq!(
            messages.is_empty(),
            noted.is_empty(),
            "{declared} {written}: {messages}"
        );
        assert!(
            messages.contains(noted) && !messages.contains("Changed"),
            "{messages}"
        );
        let comparison = playground.compare("base").unwrap();
        assert!(comparison.is_equal(), "{declared} {written} is {held}");
    }
}

#[test]
fn what_a_column_cannot_take_is_refused_with_its_line() {
    let Some(playground) = Playground::new("CREATE TYPE pair AS (a integer, b integer)") else {
        return;
    };
    for (declared, value, reason) in [
        (
            "integer",
            "{a: 1}",
            "own.v is a map, and the column is of type integer",
        ),
        (
            "integer[]",
            "{a: 1}",
            "own.v is a map, and the column is of type integer[]",
        ),
        (
            "numeric",
            "[1]",
            "own.v is a list, and the column is of type numeric",
        ),
        (
            "integer",
            "admin",
            "own.v is \"admin\", and the column is of type integer",
        ),
        (
            "text",
            "!binary AP8=",
            "own.v holds bytes that are not UTF-8",
        ),
        (
            "pair",
            "{a: 1}",
            "own.v is a list or a map, which was written as JSON",
        ),
    ] {
        playground.sql(&format!(
            "DROP TABLE IF EXISTS own; CREATE TABLE own (id integer PRIMARY KEY, v {declared})"
        ));
        let files = written(&[(
            "own.yml",
            &format!("one:\n  id: 1\n  v: {value}\ntwo:\n  id: 2\n  v:\n"),
        )]);
        let (folder, options) = (playground.fixpoints(), ImportOptions::default());
        let database = &mut playground.database();
        let source = files.path().join("own.yml");
        let error = import(database, &folder, &playground.scope, &source, &options).unwrap_err();
        match error {
            fixpoints::Error::Import {
                line,
                reason: found,
                ..
            } => {
                assert_eq!(line, Some(3), "{declared}: {found}");
                assert!(found.starts_with(reason), "{declared}: {found}");
            }
            other => panic!("{declared}: {other}"),
        }
    }
}

#[test]
fn a_value_that_changes_is_noted_also_in_a_row_without_a_key() {
    let Some(playground) = Playground::new(
        "CREATE TABLE own (v numeric(5, 2), n text); CREATE TABLE named (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), v numeric(5, 2))",
    ) else {
        return;
    };
    let file = "own:
- {v: 2.5, n: b}
- {v: 1.005, n: a}
- {v: 2.50, n: b}
named:
- v: 1.005
- v: 1
";
    let report = imported(&playground, &[("base.yml", file)]);
    let changed = messages(&report);
    let changed: Vec<&str> = changed
        .iter()
        .map(String::as_str)
        .filter(|message| message.starts_with("Changed"))
        .collect();
    assert_eq!(
        changed,
        [
            "Changed 3: v is 1.005 in the file and \"1.01\" in the database",
            "Changed 6: v is 1.005 in the file and \"1.01\" in the database",
        ]
    );
}

#[test]
fn what_the_gem_makes_is_imported_without_a_difference() {
    let Some(playground) = Playground::new("CREATE EXTENSION hstore") else {
        return;
    };
    let (socket, name) = (playground.place.door(), &playground.place.name);
    let host = socket.parent().unwrap().display();
    gem::imports_without_a_difference(
        &playground,
        "postgresql",
        &format!("{host}:{name}:postgres"),
    );
}
