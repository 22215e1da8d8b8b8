//! The bytes of fixpoint files: stable, atomic, readable after reformatting, and refused when hostile.

use fixpoints::{Error, Written};

use crate::playground::{Playground, name};

const ROWS: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE \"no key\" (x REAL); INSERT INTO t VALUES (1, 'a'), (2, NULL);
    INSERT INTO \"no key\" VALUES (1.5);";

#[test]
fn the_file_is_exactly_as_documented() {
    let playground = Playground::new(ROWS);
    playground.store("base").unwrap();
    let expected = r#"format: 1
engine: sqlite
tables:
  "no key": {"key": [], "columns": {"x": "REAL"}}
  t: {"key": ["id"], "columns": {"id": "INTEGER", "v": "TEXT"}}
sequences: {}
rows:
  "no key":
    - {"x": 1.5}
  t:
    - {"id": 1, "v": "a"}
    - {"id": 2, "v": null}
"#;
    assert_eq!(playground.text("base"), expected);
}

#[test]
fn storing_again_touches_nothing() {
    let playground = Playground::new(ROWS);
    assert_eq!(playground.store("base").unwrap().written, Written::Created);
    let modified = std::fs::metadata(playground.file("base"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(
        playground.store("base").unwrap().written,
        Written::Unchanged
    );
    assert_eq!(
        std::fs::metadata(playground.file("base"))
            .unwrap()
            .modified()
            .unwrap(),
        modified
    );
    playground.sql("DELETE FROM t");
    assert_eq!(playground.store("base").unwrap().written, Written::Replaced);
    let left: Vec<_> = std::fs::read_dir(playground.fixpoints().path())
        .unwrap()
        .collect();
    assert_eq!(left.len(), 1, "no temporary file is left");
}

#[test]
fn an_empty_database_has_a_file_too() {
    let playground = Playground::new("");
    playground.store("empty").unwrap();
    assert_eq!(
        playground.text("empty"),
        "format: 1\nengine: sqlite\ntables: {}\nsequences: {}\nrows: {}\n"
    );
    assert!(playground.restore("empty").unwrap().tables.is_empty());
}

#[test]
fn a_reformatted_file_means_the_same() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v, w TEXT); INSERT INTO t VALUES (1, 1.5, 'yes'), (2, 'true', '12'), (3, x'00', 'a: b'), (4, -0.0, NULL), (5, 9223372036854775807, '~');",
    );
    playground.store("base").unwrap();
    let block = "# by hand
engine: sqlite
format: 1
tables: {t: {key: [id], columns: {id: INTEGER, v: '', w: TEXT}}}
rows:
  t:
  - id: 1
    v: 1.5
    w: 'yes'
  - {id: 2, v: 'true', w: \"12\"}
  - id: 3
    v:
      $bytes: AA==
    w: 'a: b'
  - {id: 4, v: -0.0, w: ~}
  - {w: '~', v: 9223372036854775807, id: 5}
sequences: {}
";
    playground.write("hand", block);
    assert!(playground.compare("hand").unwrap().is_equal());
    playground.write("crlf", &playground.text("base").replace('\n', "\r\n"));
    assert!(playground.compare("crlf").unwrap().is_equal());
    let hash = |fixpoint| playground.fixpoints().open(&name(fixpoint)).unwrap().blake3;
    assert_eq!(
        hash("crlf"),
        hash("base"),
        "a line end that git converts is no change of a parent"
    );
}

#[test]
fn a_single_line_in_yaml_is_read_where_it_stands() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd');",
    );
    playground.store("base").unwrap();
    let by_hand = playground
        .text("base")
        .replace(r#"{"id": 3, "v": "c"}"#, r#"{"id": 3, v: 'c', }"#);
    playground.write("base", &by_hand);
    assert!(playground.compare("base").unwrap().is_equal());
    playground.sql("DELETE FROM t WHERE id > 1; UPDATE t SET v = 'x';");
    assert_eq!(playground.restore("base").unwrap().tables[0].inserted, 4);
    assert!(playground.compare("base").unwrap().is_equal());
    let torn = by_hand.replace("v: 'c'", "v: 'c");
    playground.write("base", &torn);
    assert!(matches!(
        playground.compare("base"),
        Err(Error::Corrupt { line: Some(10), .. })
    ));
}

#[test]
fn damaged_and_hostile_files_are_refused_with_their_line() {
    let playground = Playground::new(ROWS);
    playground.store("base").unwrap();
    let good = playground.text("base");
    let bomb = "a: &a [x]\nb: &b [*a, *a, *a]\nformat: 1\n".to_owned();
    let deep = format!(
        "{}rows: {}{}\n",
        good.split("rows:").next().unwrap(),
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let cases = [
        ("cut short", good[..good.len() - 9].to_owned()),
        ("empty", String::new()),
        (
            "anchor",
            good.replace("- {\"x\": 1.5}", "- &x {\"x\": 1.5}"),
        ),
        ("bomb", bomb),
        ("deep", deep),
        ("tag", good.replace("1.5", "!!python/object:os.system 1.5")),
        (
            "duplicate column",
            good.replace("\"v\": \"a\"", "\"v\": \"a\", \"v\": \"b\""),
        ),
        (
            "duplicate table",
            good.replace(
                "  t:\n    -",
                "  t:\n    - {\"id\": 0, \"v\": null}\n  t:\n    -",
            ),
        ),
        ("duplicate key", good.replace("{\"id\": 2", "{\"id\": 1")),
        (
            "column declared twice",
            good.replace("{\"x\": \"REAL\"}", "{\"x\": \"REAL\", \"x\": \"TEXT\"}"),
        ),
        (
            "sequence named twice",
            good.replace("sequences: {}", "sequences: {\"t\": 1, \"t\": 2}"),
        ),
        ("unknown top", format!("{good}extra: 1\n")),
        ("unknown table", good.replace("  t:\n    -", "  s:\n    -")),
        ("key is no column", good.replace("[\"id\"]", "[\"di\"]")),
        (
            "number too large",
            good.replace("1.5", "18446744073709551616"),
        ),
        ("conflict", good.replace("rows:\n", "rows:\n<<<<<<< ours\n")),
        ("two documents", format!("{good}---\n{good}")),
        (
            "changes without a parent",
            good.replace("rows:", "changes:"),
        ),
        (
            "sequence is text",
            good.replace("sequences: {}", "sequences: {\"t\": \"x\"}"),
        ),
    ];
    let before = playground.state();
    for (case, text) in cases {
        playground.write("bad", &text);
        match playground.restore("bad") {
            Err(Error::Corrupt { path, .. }) => assert!(path.ends_with("bad.yaml"), "{case}"),
            other => panic!("{case}: {other:?}"),
        }
        assert_eq!(playground.state(), before, "{case}");
    }
    playground.write("bad", &good.replace("format: 1", "format: 2"));
    assert!(matches!(
        playground.restore("bad"),
        Err(Error::UnsupportedFormat { .. })
    ));
    playground.write("bad", &good.replace("engine: sqlite", "engine: postgres"));
    assert!(matches!(
        playground.restore("bad"),
        Err(Error::OtherEngine { .. })
    ));
}

#[test]
fn a_conflict_that_a_merge_left_is_called_one() {
    let playground = Playground::new(ROWS);
    playground.store("base").unwrap();
    let text = playground.text("base");
    let (head, rows) = text.split_once("rows:\n").unwrap();
    let marked = format!("{head}rows:\n<<<<<<< HEAD\n{rows}=======\n{rows}>>>>>>> other\n");
    playground.write("base", &marked);
    let error = playground.restore("base").unwrap_err();
    let line = head.lines().count() + 2;
    let said = error.to_string();
    assert!(
        said.contains(&format!("line {line}")) && said.contains("git left a conflict"),
        "{said}"
    );
    let hint = error.hint().unwrap_or_default();
    assert!(
        hint.contains("git add") && hint.contains("base.yaml"),
        "{hint}"
    );
}

#[test]
fn invalid_utf_8_is_refused_with_its_line() {
    let playground = Playground::new(ROWS);
    playground.store("base").unwrap();
    let mut bytes = playground.text("base").into_bytes();
    let at = bytes
        .windows(3)
        .position(|window| window == b"\"a\"")
        .unwrap()
        + 1;
    bytes[at] = 0xff;
    fixpoints::write_file(&playground.file("bad"), &bytes).unwrap();
    assert!(matches!(
        playground.restore("bad"),
        Err(Error::Corrupt { line: Some(11), .. })
    ));
}

#[test]
fn a_store_that_fails_leaves_the_file_as_it_was() {
    let playground = Playground::new(ROWS);
    playground.store("base").unwrap();
    playground.store_on("child", "base").unwrap();
    let before = playground.text("child");
    playground.write(
        "base",
        &playground.text("base").replace("\"id\": 2", "\"id\": 1"),
    );
    playground.sql("DELETE FROM t");
    assert!(playground.store_on("child", "base").is_err());
    assert_eq!(playground.text("child"), before);
    assert_eq!(
        std::fs::read_dir(playground.fixpoints().path())
            .unwrap()
            .count(),
        2
    );
}

#[test]
fn other_files_in_the_folder_are_no_fixpoints() {
    let playground = Playground::new(ROWS);
    playground.store("a/b").unwrap();
    playground.store("c").unwrap();
    for other in ["README.md", ".hidden.yaml", "-x.yaml"] {
        fixpoints::write_file(&playground.fixpoints().path().join(other), b"x").unwrap();
    }
    let names: Vec<String> = playground
        .fixpoints()
        .names()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(names, ["a/b", "c"]);
}

#[test]
fn what_a_killed_store_left_goes_and_what_is_being_written_stays() {
    let playground = Playground::new(ROWS);
    playground.store("base").unwrap();
    let folder = playground.fixpoints().path().to_path_buf();
    let names = [
        ".fixpoint-a.tmp",
        ".fixpoint-b.tmp",
        ".fixpoint-c.tmp",
        ".other.tmp",
    ];
    let made = names.map(|name| {
        let file = std::fs::File::create(folder.join(name)).unwrap();
        let minute = std::time::Duration::from_secs(60);
        file.set_modified(std::time::SystemTime::now() - minute)
            .unwrap();
        file
    });
    made[1].lock().unwrap();
    made[2].set_modified(std::time::SystemTime::now()).unwrap();
    playground.store("base").unwrap();
    let left = names.map(|name| folder.join(name).exists());
    // The third may have been made a moment ago, and be locked in the next.
    assert_eq!(left, [false, true, true, true]);
}
