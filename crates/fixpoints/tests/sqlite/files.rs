//! The bytes of fixpoint files: stable, atomic, readable after reformatting, and refused when hostile.

use fixpoints::{Error, Written};

use crate::playground::{Playground, name};

const ROWS: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE \"no key\" (x REAL); CREATE TABLE empty (id INTEGER PRIMARY KEY);
    INSERT INTO t VALUES (1, 'a'), (2, NULL);
    INSERT INTO \"no key\" VALUES (1.5); CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO counted VALUES (7);";

#[test]
fn the_file_is_exactly_as_documented() {
    let playground = Playground::new(ROWS);
    playground.store("base").unwrap();
    let expected = r#"format: 2
engine: sqlite
tables:
  counted: {"key": ["id"], "columns": {"id": "INTEGER"}}
  empty: {"key": ["id"], "columns": {"id": "INTEGER"}}
  "no key": {"key": [], "columns": {"x": "REAL"}}
  t: {"key": ["id"], "columns": {"id": "INTEGER", "v": "TEXT"}}
digest: "1"
rows:
  counted:
    rows:
      - {"id": 7}
    end:
      {"count": 1, "digest": "2", "sequence": 7}
  empty:
    rows: []
    end:
      {"count": 0, "digest": "3"}
  "no key":
    rows:
      - {"x": 1.5}
    end:
      {"count": 1, "digest": "4"}
  t:
    rows:
      - {"id": 1, "v": "a"}
      - {"id": 2, "v": null}
    end:
      {"count": 2, "digest": "5"}
"#;
    let (mut text, mut number) = (String::new(), 0);
    for line in playground.text("base").lines() {
        let digest = line.split('"').find(|word| word.len() == 32);
        number += usize::from(digest.is_some());
        let digest = digest.unwrap_or("none of them");
        text.push_str(&line.replace(digest, &number.to_string()));
        text.push('\n');
    }
    assert_eq!(text, expected);
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
        "format: 2\nengine: sqlite\ntables: {}\ndigest: \"f223c4e231a1a738c9f2ca1b2611348c\"\nrows: {}\n"
    );
    assert!(playground.restore("empty").unwrap().tables.is_empty());
}

#[test]
fn a_reformatted_file_means_the_same() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v, w TEXT); INSERT INTO t VALUES (1, 1.5, 'yes'), (2, 'true', '12'), (3, x'00', 'a: b'), (4, -0.0, NULL), (5, 9223372036854775807, '~');",
    );
    playground.store("base").unwrap();
    let text = playground.text("base");
    let digests: Vec<&str> = text.split('"').filter(|word| word.len() == 32).collect();
    let [header, rows] = digests[..] else {
        panic!("{text}")
    };
    let block = format!(
        "# by hand
engine: sqlite
digest: {header}
format: 2
tables: {{t: {{key: [id], columns: {{id: INTEGER, v: '', w: TEXT}}}}}}
rows:
  t:
    end: {{digest: '{rows}', count: 5}}
    rows:
    - id: 1
      v: 1.5
      w: 'yes'
    - {{id: 2, v: 'true', w: \"12\"}}
    - id: 3
      v:
        $bytes: AA==
      w: 'a: b'   # a comment
    - {{w: '~', v: 9223372036854775807, id: 5}}
    - {{id: 4, v: -0.0, w: ~}}
"
    );
    playground.write("hand", &block);
    playground.write("crlf", &text.replace('\n', "\r\n"));
    let commented: String = (text.lines().enumerate())
        .map(|(at, line)| format!("{}# line {at}\n\n{line}\n", " ".repeat(at % 9)))
        .collect();
    playground.write("commented", &commented);
    let content = |fixpoint| {
        let document = playground.fixpoints().open(&name(fixpoint));
        document.unwrap().content
    };
    for other in ["hand", "crlf", "commented"] {
        assert!(playground.compare(other).unwrap().is_equal(), "{other}");
        assert_eq!(
            content(other),
            content("base"),
            "a child can stand on it: {other}"
        );
        playground.sql("DELETE FROM t WHERE id > 1; UPDATE t SET w = 'x'");
        playground.restore(other).unwrap();
        assert!(playground.compare("base").unwrap().is_equal(), "{other}");
    }
}

#[test]
fn a_comment_in_a_parent_breaks_no_child() {
    let playground = Playground::new(ROWS);
    playground.store("base").unwrap();
    playground.sql("UPDATE t SET v = 'x' WHERE id = 2");
    playground.store_on("child", "base").unwrap();
    let commented = playground
        .text("base")
        .replace("\nrows:", "\n# reviewed\nrows:");
    playground.write("base", &commented);
    playground.restore("base").unwrap();
    playground.restore("child").unwrap();
    assert!(playground.compare("child").unwrap().is_equal());
}

#[test]
fn a_row_in_yaml_is_read_and_a_damaged_one_is_not() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, n INTEGER); INSERT INTO t VALUES (1, 'a', 1775), (2, 'b', NULL), (3, 'c', 0);",
    );
    playground.store("base").unwrap();
    let text = playground.text("base");
    let row = r#"{"id": 3, "v": "c", "n": 0}"#;
    for same in [
        "{id: 3, v: 'c', n: 0, }",
        "{id: 3, n: +0, v: c}",
        "{\"id\": 3, \"n\": 0, \"v\": \"\\u0063\"}",
    ] {
        playground.write("base", &text.replace(row, same));
        assert!(playground.compare("base").unwrap().is_equal(), "{same}");
        playground.sql("DELETE FROM t WHERE id > 1; UPDATE t SET v = 'x';");
        playground.restore("base").unwrap();
        assert!(playground.compare("base").unwrap().is_equal(), "{same}");
    }
    let error = |damaged: &str| {
        playground.write("base", damaged);
        let error = playground.compare("base").unwrap_err();
        let hint = error.hint().unwrap();
        assert!(
            hint.contains("fixpoints accept base") && hint.contains("git checkout"),
            "{hint}"
        );
        assert!(playground.restore("base").is_err());
        error.to_string()
    };
    for (from, to, line) in [
        ("1775", "17<5", Some(9)),
        ("null", "nuzl", Some(10)),
        ("1775", "H1775", Some(9)),
        (row, "{id: 3, v: 'x', n: 0}", None),
        (row, "{\"id\": 3, \"v\": \"c\", \"n\": \"0\"}", None),
        (row, "!!map {id: 3, v: 'c', n: 0}", None),
        ("1775", "1776", None),
        ("1775", "1775.0", None),
        ("\"a\"", "\"A\"", None),
    ] {
        let said = error(&text.replacen(from, to, 1));
        let place = line.map_or("not as it was signed: table t ".to_owned(), |line| {
            format!("line {line}, is not a readable fixpoint: in table t: ")
        });
        let is_tag = to.starts_with('!');
        assert!(is_tag || said.contains(&place), "{to}: {said}");
    }
}

#[test]
fn damaged_and_hostile_files_are_refused_with_their_line() {
    let playground = Playground::new(ROWS);
    playground.store("base").unwrap();
    let good = playground.text("base");
    let bomb = "a: &a [x]\nb: &b [*a, *a, *a]\nformat: 2\n".to_owned();
    let deep = format!(
        "{}rows: {}{}\n",
        good.split("\nrows:").next().unwrap().to_owned() + "\n",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let cases = [
        ("cut short", good[..good.len() - 9].to_owned()),
        (
            "cut within rows",
            good[..good.find("      - {\"id\": 2").unwrap()].to_owned(),
        ),
        (
            "cut between tables",
            good[..good.find("  t:\n    rows").unwrap()].to_owned(),
        ),
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
                "  t:\n    rows",
                "  t:\n    rows: []\n    end:\n      {}\n  t:\n    rows",
            ),
        ),
        ("duplicate key", good.replace("{\"id\": 2", "{\"id\": 1")),
        (
            "column declared twice",
            good.replace("{\"x\": \"REAL\"}", "{\"x\": \"REAL\", \"x\": \"TEXT\"}"),
        ),
        (
            "sequence named twice",
            good.replace("\"sequence\": 7", "\"sequence\": 7, \"sequence\": 7"),
        ),
        ("unknown top", format!("{good}extra: 1\n")),
        (
            "unknown table",
            good.replace("  t:\n    rows", "  s:\n    rows"),
        ),
        ("key is no column", good.replace("[\"id\"]", "[\"di\"]")),
        (
            "number too large",
            good.replace("1.5", "18446744073709551616"),
        ),
        (
            "conflict",
            good.replace("\nrows:\n", "\nrows:\n<<<<<<< ours\n"),
        ),
        ("two documents", format!("{good}---\n{good}")),
        (
            "changes without a parent",
            good.replace("\nrows:", "\nchanges:"),
        ),
        (
            "sequence is text",
            good.replace("\"sequence\": 7", "\"sequence\": \"x\""),
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
    for format in ["1", "3", "18446744073709551615"] {
        playground.write(
            "bad",
            &good.replace("format: 2", &format!("format: {format}")),
        );
        assert!(matches!(
            playground.restore("bad"),
            Err(Error::UnsupportedFormat { .. })
        ));
    }
    playground.write("bad", &good.replace("engine: sqlite", "engine: postgres"));
    assert!(matches!(
        playground.restore("bad"),
        Err(Error::Unsigned { .. })
    ));
}

#[test]
fn a_conflict_that_a_merge_left_is_called_one() {
    let playground = Playground::new(ROWS);
    playground.store("base").unwrap();
    let text = playground.text("base");
    let (head, rows) = text.split_once("\nrows:\n").unwrap();
    let marked = format!("{head}\nrows:\n<<<<<<< HEAD\n{rows}=======\n{rows}>>>>>>> other\n");
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
    let row = playground
        .text("base")
        .lines()
        .position(|line| line.contains("\"a\""));
    assert!(matches!(
        playground.restore("bad"),
        Err(Error::Corrupt { line, .. }) if line == row.map(|at| at + 1)
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
