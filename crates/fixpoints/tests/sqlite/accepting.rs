//! Files that were edited or merged by hand are refused until somebody signs them.

use std::path::Path;
use std::process::Command;

use fixpoints::{AcceptReport, Change, Error, Outcome, Result, StoreOptions, accept};

use crate::playground::{Playground, lines, name};

const SQL: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT); CREATE TABLE m (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE z (x INTEGER);
    INSERT INTO a VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four'), (5, 'five'), (6, 'six'); INSERT INTO m VALUES (1, 'm'); INSERT INTO z VALUES (1), (1), (2);";

fn accepted(playground: &Playground, fixpoint: &str) -> Result<AcceptReport> {
    accept(&playground.fixpoints(), &name(fixpoint))
}

/// The changed rows that a report shows, as short text.
fn shown(report: &AcceptReport) -> Vec<String> {
    let tables = report.changes.iter().flat_map(|changes| &changes.tables);
    let mut shown = Vec::new();
    for table in tables {
        shown.extend(table.changes.iter().map(|change| {
            let sign = match change {
                Change::Inserted(_) => '+',
                Change::Deleted(_) => '-',
                Change::Updated { .. } => '~',
            };
            format!("{sign} {}", table.table.name)
        }));
    }
    shown
}

/// Runs git beside the fixpoints; says whether it succeeded.
fn git(playground: &Playground, args: &[&str]) -> bool {
    let folder = playground.fixpoints();
    let mut command = Command::new("git");
    command.arg("-C").arg(folder.path()).args([
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "commit.gpgsign=false",
    ]);
    let output = command.args(args).output().unwrap();
    output.status.success()
}

fn commit(playground: &Playground, message: &str) {
    assert!(git(playground, &["add", "--all"]) && git(playground, &["commit", "-qm", message]));
}

/// A repository with `base` in it.
fn repository(sql: &str) -> Playground {
    let playground = Playground::new(sql);
    playground.store("base").unwrap();
    assert!(git(&playground, &["init", "-q", "-b", "main"]));
    commit(&playground, "base");
    playground
}

/// Two branches that changed the database, each in its way; returns whether git merges them.
fn merged(playground: &Playground, ours: &str, theirs: &str) -> bool {
    assert!(git(playground, &["checkout", "-qb", "theirs"]));
    playground.restore("base").unwrap();
    playground.sql(theirs);
    playground.store("base").unwrap();
    commit(playground, "theirs");
    assert!(git(playground, &["checkout", "-q", "main"]));
    std::fs::remove_file(playground.path()).unwrap();
    playground.sql(SQL);
    playground.sql(ours);
    playground.store("base").unwrap();
    commit(playground, "ours");
    git(playground, &["merge", "-q", "theirs"])
}

#[test]
fn an_edit_is_refused_until_it_is_accepted_which_shows_it() {
    let playground = repository(SQL);
    let edited = (playground.text("base"))
        .replace("\"two\"", "\"2\"")
        .replace("      - {\"x\": 2}\n", "");
    playground.write("base", &edited);
    for refused in [
        playground.restore("base").map(drop),
        playground.compare("base").map(drop),
        playground.store_on("child", "base").map(drop),
    ] {
        let error = refused.unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains(
                "table a does not match its digest; table z has 2 rows where 3 were signed"
            ),
            "{text}"
        );
        assert!(error.hint().unwrap().contains("fixpoints accept base"));
    }
    let report = accepted(&playground, "base").unwrap();
    assert_eq!(report.outcome, Outcome::Signed);
    assert_eq!(report.damages.len(), 2);
    assert_eq!(shown(&report), ["~ a", "- z"]);
    assert!(report.since.is_some());
    playground.restore("base").unwrap();
    assert_eq!(
        playground.one::<String>("SELECT v FROM a WHERE id = 2"),
        "2"
    );
    assert_eq!(
        accepted(&playground, "base").unwrap().outcome,
        Outcome::Sound
    );
    playground.store("base").unwrap();
    assert!(!git(&playground, &["diff", "--quiet", "HEAD"]));
    let (edited, stored) = (lines(&edited), lines(&playground.text("base")));
    assert_eq!(edited, stored, "a store writes what was signed");
}

#[test]
fn a_parent_that_can_be_none_is_not_signed() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    playground.store_on("a", "base").unwrap();
    playground.store_on("b", "a").unwrap();
    let text = playground.text("a");
    for (parent, is_ring) in [
        ("../../etc/passwd", false),
        ("/etc/x", false),
        ("b", true),
        ("a", true),
    ] {
        let edited = text.replace("\"name\": \"base\"", &format!("\"name\": \"{parent}\""));
        playground.write("a", &edited);
        let error = accepted(&playground, "a").unwrap_err();
        match is_ring {
            true => assert!(matches!(error, Error::ParentCycle { .. }), "{error}"),
            false => assert!(matches!(error, Error::Corrupt { .. }), "{error}"),
        }
        assert_eq!(playground.text("a"), edited);
    }
}

#[test]
fn an_end_that_says_nothing_may_have_had_a_sequence() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    let text = playground.text("base");
    let kept = text.lines().filter(|line| !line.contains("\"sequence\""));
    let cut: String = kept.map(|line| format!("{line}\n")).collect();
    assert_ne!(cut, text);
    playground.write("base", &cut);
    let report = accepted(&playground, "base").unwrap();
    let found: Vec<String> = report.damages.iter().map(ToString::to_string).collect();
    let lost = "table a has an empty `end`, so that a sequence it may have had is lost";
    assert!(found.contains(&lost.to_owned()), "{found:?}");
}

#[test]
fn two_documents_in_a_file_are_called_that() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    let text = playground.text("base");
    playground.write("base", &format!("{text}---\n{text}"));
    let error = accepted(&playground, "base").unwrap_err().to_string();
    assert!(error.ends_with("it has more than one document"), "{error}");
}

#[test]
fn what_cannot_be_read_is_not_signed() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    let text = playground.text("base");
    let cut = text.find("    end:\n").unwrap();
    for damaged in [
        text[..cut].to_owned(),
        text.replace("\"two\"", "\"two"),
        text.replace("{\"id\": 2,", "{\"id\": 1,"),
        text.replace("  z: {", "  y: {"),
        text.replace("[\"id\"]", "[\"di\"]"),
    ] {
        playground.write("base", &damaged);
        let error = accepted(&playground, "base").unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
        assert_eq!(playground.text("base"), damaged);
    }
    assert!(matches!(
        accepted(&playground, "other"),
        Err(Error::MissingFixpoint { .. })
    ));
}

#[test]
fn children_of_what_was_accepted_are_named() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    playground.store_on("child", "base").unwrap();
    let edited = playground.text("base").replace("\"two\"", "\"2\"");
    playground.write("base", &edited);
    let report = accepted(&playground, "base").unwrap();
    assert_eq!(report.stale_children, [name("child")]);
    assert!(report.since.is_none(), "there is no repository");
    let error = playground.restore("child").unwrap_err();
    assert!(matches!(error, Error::ParentMoved { .. }));
}

#[test]
fn branches_that_change_different_tables_merge_by_themselves() {
    let playground = repository(SQL);
    assert!(merged(
        &playground,
        "UPDATE a SET v = 'ours' WHERE id = 6; INSERT INTO a (v) VALUES ('seven')",
        "UPDATE m SET v = 'theirs'; DELETE FROM z WHERE x = 2",
    ));
    playground.restore("base").unwrap();
    assert_eq!(playground.one::<String>("SELECT v FROM m"), "theirs");
    assert_eq!(playground.one::<i64>("SELECT count(*) FROM a"), 7);
    assert_eq!(playground.one::<i64>("SELECT count(*) FROM z"), 2);
}

#[test]
fn rows_of_one_table_that_git_merges_are_signed_by_accept() {
    for (theirs, ours) in [(1, 6), (6, 1), (1, 4)] {
        let playground = repository(SQL);
        let change = |id, v| format!("UPDATE a SET v = '{v}' WHERE id = {id}");
        let (ours, theirs) = (change(ours, "ours"), change(theirs, "theirs"));
        assert!(
            !merged(&playground, &ours, &theirs),
            "the digest is in conflict"
        );
        let error = playground.restore("base").unwrap_err();
        assert!(
            error.hint().unwrap().contains("fixpoints accept base"),
            "{error:?}"
        );
        let report = accepted(&playground, "base").unwrap();
        assert_eq!(report.outcome, Outcome::Merged);
        assert_eq!(shown(&report), ["~ a"], "what came from the other branch");
        playground.restore("base").unwrap();
        let rows: String = playground.one("SELECT group_concat(v) FROM a WHERE v LIKE '%s'");
        assert!(rows.contains("ours") && rows.contains("theirs"), "{rows}");
    }
}

#[test]
fn a_row_that_both_branches_changed_is_left_to_a_person() {
    let playground = repository(SQL);
    let change = |v| format!("UPDATE a SET v = '{v}' WHERE id = 3");
    assert!(!merged(&playground, &change("ours"), &change("theirs")));
    let before = playground.text("base");
    let first = before.lines().position(|line| line.starts_with("<<<<<<<"));
    let error = accepted(&playground, "base").unwrap_err();
    let text = error.to_string();
    let lines = format!("rows of table a, at lines {}–", first.unwrap() + 1);
    assert!(text.contains(&lines), "{text}\n{before}");
    assert!(error.hint().unwrap().contains("fixpoints accept base"));
    assert_eq!(playground.text("base"), before);
    // The person keeps their row, and leaves the digest to the tool.
    let settled = before.lines().scan(true, |keep, line| {
        let is_row = line.starts_with("      - ");
        *keep &= !line.starts_with("<<<<<<<") || is_row;
        Some(line)
    });
    let mut kept: Vec<&str> = settled.collect();
    kept.retain(|line| !line.contains("ours"));
    let conflict = kept
        .iter()
        .position(|line| line.starts_with("<<<<<<<"))
        .unwrap();
    kept.drain(conflict..=conflict + 1);
    let end = kept
        .iter()
        .position(|line| line.starts_with(">>>>>>>"))
        .unwrap();
    kept.remove(end);
    playground.write("base", &(kept.join("\n") + "\n"));
    accepted(&playground, "base").unwrap();
    playground.restore("base").unwrap();
    assert_eq!(
        playground.one::<String>("SELECT v FROM a WHERE id = 3"),
        "theirs"
    );
}

#[test]
fn a_table_that_each_branch_adds_is_kept() {
    for (ours, theirs) in [("b", "c"), ("c", "b"), ("b", "x"), ("zz", "zy")] {
        let playground = repository(SQL);
        let create = |table: &str| {
            format!(
                "CREATE TABLE {table} (id INTEGER PRIMARY KEY AUTOINCREMENT, {table} TEXT); INSERT INTO {table} VALUES (1, '{table}'), (2, 'same')"
            )
        };
        merged(&playground, &create(ours), &create(theirs));
        let report = accepted(&playground, "base").unwrap();
        assert_eq!(report.outcome, Outcome::Merged, "{ours} {theirs}");
        let chain = fixpoints::Chain::open(&playground.fixpoints(), &name("base")).unwrap();
        let tables: Vec<&String> = chain.header().tables.keys().collect();
        assert_eq!(tables.len(), 5, "{tables:?}");
        playground.sql(&create(theirs));
        playground.restore("base").unwrap();
        assert!(playground.compare("base").unwrap().is_equal());
    }
}

#[test]
fn a_sequence_that_both_branches_advanced_stands_at_the_higher_place() {
    let playground = repository(SQL);
    let advance = |to| format!("UPDATE sqlite_sequence SET seq = {to} WHERE name = 'a'");
    assert!(!merged(&playground, &advance(30), &advance(20)));
    accepted(&playground, "base").unwrap();
    playground.restore("base").unwrap();
    assert_eq!(playground.one::<i64>("SELECT seq FROM sqlite_sequence"), 30);
}

/// Writes a folder as an earlier version of this program did.
fn format_1(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        fixpoints::write_file(&folder.join(format!("{name}.yaml")), text.as_bytes()).unwrap();
    }
}

const BASE_1: &str = r#"format: 1
engine: sqlite
tables:
  a: {"key": ["id"], "columns": {"id": "INTEGER", "v": "TEXT"}}
  m: {"key": ["id"], "columns": {"id": "INTEGER", "v": "TEXT"}}
  z: {"key": [], "columns": {"x": "INTEGER"}}
sequences: {"a": 6}
rows:
  a:
    - {"id": 1, "v": "\u0085 '1.10' \"x\" \\ 😀"}
    - {"id": 2, "v": {"$bytes": "AP8="}}
    - {"id": 9223372036854775807, "v": null}
  z:
    - {"x": -0.5}
    - {"x": 1}
    - {"x": 1.25e+20}
"#;

fn child_1(parent: &str, text: &str, row: &str) -> String {
    let hash = blake3::hash(text.as_bytes()).to_hex();
    let tables = BASE_1.split_once("tables:").unwrap().1;
    let tables = tables.split_once("sequences:").unwrap().0;
    format!(
        "format: 1\nengine: sqlite\nparent: {{\"name\": \"{parent}\", \"blake3\": \"{hash}\"}}\ntables:{tables}sequences: {{\"a\": 7}}\nchanges:\n  m:\n    - {row}\n"
    )
}

/// A chain of three.
fn chain_1() -> [(&'static str, String); 3] {
    let child = child_1("base", BASE_1, r#"{"insert": {"id": 1, "v": "1"}}"#);
    let grandchild = child_1("child", &child, r#"{"insert": {"id": 2, "v": "2"}}"#);
    [
        ("base", BASE_1.to_owned()),
        ("child", child),
        ("grandchild", grandchild),
    ]
}

#[test]
fn a_chain_of_format_1_is_rewritten_as_a_whole() {
    for accepted_first in ["base", "child", "grandchild"] {
        let playground = Playground::new(SQL);
        let folder = playground.fixpoints();
        let files = chain_1();
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        format_1(folder.path(), &files);
        let error = playground.restore("grandchild").unwrap_err();
        assert!(matches!(error, Error::UnsupportedFormat { .. }));
        assert!(
            error
                .hint()
                .unwrap()
                .contains("fixpoints accept grandchild")
        );
        let report = accepted(&playground, accepted_first).unwrap();
        assert_eq!(report.outcome, Outcome::Rewritten);
        assert_eq!(report.rewritten.len(), 2);
        playground.restore("grandchild").unwrap();
        assert!(playground.compare("grandchild").unwrap().is_equal());
        assert_eq!(playground.one::<i64>("SELECT count(*) FROM m"), 2);
        assert_eq!(playground.one::<i64>("SELECT max(id) FROM a"), i64::MAX);
        assert_eq!(playground.one::<i64>("SELECT seq FROM sqlite_sequence"), 7);
        let (text, rows) = (
            playground.text("base"),
            BASE_1.split_once("rows:\n").unwrap().1,
        );
        assert_eq!(lines(&text), rows, "every value is as it was");
        let fresh = StoreOptions::default();
        playground.restore("base").unwrap();
        playground.store_with("base", &fresh).unwrap();
        assert_eq!(playground.text("base"), text);
    }
}

#[test]
fn a_child_of_format_1_finds_what_its_parent_was_in_the_history() {
    let playground = repository(SQL);
    let folder = playground.fixpoints();
    let [base, child, _] = chain_1();
    format_1(folder.path(), &[("base", &base.1)]);
    commit(&playground, "format 1");
    accepted(&playground, "base").unwrap();
    commit(&playground, "format 2");
    format_1(folder.path(), &[("child", &child.1)]);
    let report = accepted(&playground, "child").unwrap();
    assert!(!report.parent_moved);
    playground.restore("child").unwrap();
    // A parent that was changed since is not what the child stands on.
    format_1(folder.path(), &[("child", &child.1)]);
    playground.edit(
        "base",
        &playground.text("base").replace("{\"x\": 1}", "{\"x\": 3}"),
    );
    assert!(accepted(&playground, "child").unwrap().parent_moved);
    let error = playground.restore("child").unwrap_err();
    assert!(matches!(error, Error::ParentMoved { .. }));
}

#[test]
fn a_database_without_rows_replaces_none() {
    let playground = Playground::new(SQL);
    let store = |options: &StoreOptions| playground.store_with("base", options);
    let likely = StoreOptions::default();
    store(&likely).unwrap();
    playground.sql("DROP TABLE a; DROP TABLE m; DROP TABLE z");
    let before = playground.text("base");
    let error = store(&likely).unwrap_err();
    assert!(matches!(error, Error::WouldEmpty { .. }), "{error}");
    assert!(
        error
            .hint()
            .unwrap()
            .contains("fixpoints store base --force")
    );
    assert_eq!(playground.text("base"), before);
    playground.write("base", "damaged");
    assert!(store(&likely).is_err(), "nobody knows what was in there");
    playground.store("base").unwrap();
    store(&likely).unwrap();
}

#[test]
fn a_fixpoint_of_another_engine_is_not_replaced() {
    let playground = Playground::new(SQL);
    let likely = StoreOptions::default();
    for text in [
        "format: 1\nengine: postgres\ntables: {}\nsequences: {}\nrows: {}\n",
        "format: 2\nengine: postgres\ntables: {}\ndigest: \"0\"\nrows: {}\n",
    ] {
        playground.write("base", text);
        let error = playground.store_with("base", &likely).unwrap_err();
        assert!(matches!(error, Error::WouldReplaceEngine { .. }), "{error}");
        assert_eq!(playground.text("base"), text);
    }
    playground.store("base").unwrap();
}

#[test]
fn a_key_that_would_become_another_one_and_an_unknown_sequence_are_not_restored() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    let text = playground.text("base");
    playground.edit(
        "base",
        &text.replace("{\"id\": 1, \"v\": \"m\"}", "{\"id\": null, \"v\": \"m\"}"),
    );
    playground.sql("DELETE FROM m");
    let error = playground.restore("base").unwrap_err();
    assert!(matches!(error, Error::Row { .. }), "{error}");
    let end = text.rfind("{\"count\": 3").unwrap();
    let counted = format!(
        "{}{}",
        &text[..end],
        text[end..].replacen('}', ", \"sequence\": 9}", 1)
    );
    playground.edit("base", &counted);
    let error = playground.restore("base").unwrap_err();
    assert!(error.to_string().contains("AUTOINCREMENT"), "{error}");
}
