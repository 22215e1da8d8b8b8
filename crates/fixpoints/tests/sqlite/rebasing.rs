//! Fixpoints on parents that changed, and the difference of two fixpoints.

use fixpoints::{
    Chain, Change, CompareOptions, ConflictKind, Constraints, Error, Prefer, RebaseReport, Result,
    StateDiff,
};
use proptest::prelude::{Strategy, any, proptest};

use crate::playground::{Playground, lines, name};

const BASE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE TABLE u (x);
    INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (4, 'd', 4); INSERT INTO u VALUES (1), (1), (2);";

fn rebase(
    playground: &Playground,
    child: &str,
    onto: &str,
    prefer: Prefer,
) -> Result<RebaseReport> {
    fixpoints::rebase(&playground.fixpoints(), &name(child), &name(onto), prefer)
}

fn diff(playground: &Playground, old: &str, new: &str) -> StateDiff {
    let open = |fixpoint: &str| Chain::open(&playground.fixpoints(), &name(fixpoint)).unwrap();
    fixpoints::diff(&open(old), &open(new), &CompareOptions::default()).unwrap()
}

/// Stores `base`, then `child` after one change, then `base` again after another one.
fn moved(child: &str, parent: &str) -> Playground {
    let playground = Playground::new(BASE);
    playground.store("base").unwrap();
    playground.sql(child);
    playground.store_on("child", "base").unwrap();
    playground.restore("base").unwrap();
    playground.sql(parent);
    playground.store("base").unwrap();
    playground
}

#[test]
fn a_child_takes_its_changes_onto_the_new_parent() {
    let playground = moved(
        "UPDATE t SET a = 'A' WHERE id = 1; DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (9, 'z', 9); INSERT INTO u VALUES (2);",
        "UPDATE t SET b = 10 WHERE id = 1; INSERT INTO t VALUES (5, 'e', 5); DELETE FROM u WHERE x = 1;",
    );
    let changes = |text: &str| text.split_once("changes:\n").unwrap().1.to_owned();
    let before = changes(&playground.text("child"));
    let report = rebase(&playground, "child", "base", Prefer::Neither).unwrap();
    assert_eq!(report.conflicts().count(), 0);
    assert_eq!(
        changes(&playground.text("child")),
        before,
        "the delta is the same"
    );
    playground.restore("child").unwrap();
    let rows: String =
        playground.one("SELECT group_concat(id || a || b, ' ') FROM (SELECT * FROM t ORDER BY id)");
    assert_eq!(rows, "1A10 3c3 4d4 5e5 9z9");
    assert_eq!(
        playground.one::<String>("SELECT group_concat(x) FROM u"),
        "2,2"
    );
}

#[test]
fn what_the_parent_did_too_is_left_out() {
    let change = "UPDATE t SET a = 'A' WHERE id = 1; DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (9, 'z', 9);";
    let playground = moved(change, change);
    let report = rebase(&playground, "child", "base", Prefer::Neither).unwrap();
    assert_eq!(report.tables[0].absorbed, 3);
    assert_eq!(lines(&playground.text("child")), "");
}

#[test]
fn each_conflict_is_named_row_by_key_and_column_by_column() {
    let playground = moved(
        "UPDATE t SET a = 'mine', b = 7 WHERE id = 1; UPDATE t SET a = 'mine' WHERE id = 2; DELETE FROM t WHERE id = 3;
         INSERT INTO t VALUES (9, 'mine', 9); DELETE FROM u WHERE x = 1;",
        "UPDATE t SET a = 'theirs' WHERE id = 1; DELETE FROM t WHERE id = 2; UPDATE t SET b = 0 WHERE id = 3;
         INSERT INTO t VALUES (9, 'theirs', 9); DELETE FROM u WHERE rowid = 1;",
    );
    let before = playground.text("child");
    let report = rebase(&playground, "child", "base", Prefer::Neither).unwrap();
    let conflicts: Vec<String> = report
        .conflicts()
        .map(|conflict| {
            let value = |cell: &Option<fixpoints::Cell>| {
                cell.as_ref()
                    .map_or_else(|| "-".to_owned(), |cell| cell.to_json().to_string())
            };
            let columns = conflict.columns.iter().map(|column| {
                let (then, now, child) = (
                    value(&column.then),
                    value(&column.now),
                    value(&column.child),
                );
                format!("{} {then} {now} {child}", column.column)
            });
            let key = conflict
                .row
                .0
                .iter()
                .map(|(_, cell)| cell.to_json().to_string());
            let (key, columns): (Vec<_>, Vec<_>) = (key.collect(), columns.collect());
            format!(
                "{:?} {}: {}",
                conflict.kind,
                key.join(","),
                columns.join("; ")
            )
        })
        .collect();
    let expected = [
        r#"BothUpdated 1: a "a" "theirs" "mine""#,
        r#"DeletedInParent 2: a "b" - "mine""#,
        "DeletedInChild 3: b 3 0 -",
        r#"BothInserted 9: a - "theirs" "mine""#,
        "BothDeleted 1: ",
    ];
    assert_eq!(conflicts, expected);
    assert_eq!(playground.text("child"), before, "nothing is written");
    assert!(report.finished.is_none());
}

#[test]
fn a_preferred_side_wins_and_the_rest_is_kept() {
    let playground = moved(
        "UPDATE t SET a = 'mine', b = 7 WHERE id = 1; DELETE FROM t WHERE id = 3;",
        "UPDATE t SET a = 'theirs' WHERE id = 1; UPDATE t SET b = 0 WHERE id = 3;",
    );
    let child = playground.text("child");
    let rows = "SELECT group_concat(id || a || b, ' ') FROM (SELECT * FROM t ORDER BY id)";
    for (prefer, expected) in [
        (Prefer::Child, "1mine7 2b2 4d4"),
        (Prefer::Parent, "1theirs7 2b2 3c0 4d4"),
    ] {
        playground.write("child", &child);
        let report = rebase(&playground, "child", "base", prefer).unwrap();
        assert_eq!(
            (report.conflicts().count(), report.tables[0].resolved),
            (0, 2)
        );
        playground.restore("child").unwrap();
        assert_eq!(playground.one::<String>(rows), expected);
    }
}

#[test]
fn a_child_wins_against_a_deleted_row_where_the_former_parent_is_at_hand() {
    let playground = moved(
        "UPDATE t SET a = 'mine' WHERE id = 2; UPDATE t SET b = 7 WHERE id = 4",
        "DELETE FROM t WHERE id IN (2, 4)",
    );
    let child = playground.text("child");
    let report = rebase(&playground, "child", "base", Prefer::Child).unwrap();
    let kinds: Vec<ConflictKind> = report.conflicts().map(|conflict| conflict.kind).collect();
    assert_eq!(
        kinds,
        [ConflictKind::DeletedInParent; 2],
        "nobody knows the rest of the rows"
    );
    let report = rebase(&playground, "child", "base", Prefer::Parent).unwrap();
    assert_eq!(report.conflicts().count(), 0);
    playground.write("child", &child);
    playground.sql(
        "DELETE FROM t; INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (4, 'd', 4)",
    );
    playground.store("before").unwrap();
    let report = rebase(&playground, "child", "base", Prefer::Child).unwrap();
    assert_eq!(
        (report.conflicts().count(), report.tables[0].resolved),
        (0, 2)
    );
    playground.restore("child").unwrap();
    assert_eq!(
        playground.one::<String>(
            "SELECT group_concat(id || a || b, ' ') FROM (SELECT * FROM t ORDER BY id)"
        ),
        "1a1 2mine2 3c3 4d7"
    );
}

#[test]
fn a_child_wins_against_a_deleted_row_of_which_it_says_everything() {
    let playground = moved(
        "UPDATE t SET a = 'mine', b = 7 WHERE id = 2",
        "DELETE FROM t WHERE id = 2",
    );
    let report = rebase(&playground, "child", "base", Prefer::Child).unwrap();
    assert_eq!(report.conflicts().count(), 0);
    assert!(
        playground
            .text("child")
            .contains(r#"{"insert": {"id": 2, "a": "mine", "b": 7}}"#)
    );
}

const SHOP: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT UNIQUE); CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a);
    INSERT INTO a VALUES (1, 's'), (2, 't');";

/// What a database says of a rebase: constraints, and each conflict by kind, key and reason.
fn checked(playground: &Playground) -> (Constraints, Vec<String>) {
    let (folder, scope) = (playground.fixpoints(), &playground.scope);
    let database = &mut playground.database();
    let (child, base) = (name("child"), name("base"));
    let report =
        fixpoints::rebase_checked(database, scope, &folder, &child, &base, Prefer::Neither);
    let report = report.unwrap();
    let conflicts = report.conflicts().map(|conflict| {
        let reason = conflict.reason.as_deref().unwrap_or_default();
        format!("{:?} {:?}: {reason}", conflict.kind, conflict.row.0[0].1)
    });
    assert_eq!(report.finished.is_none(), report.conflicts().count() > 0);
    (report.constraints.clone(), conflicts.collect())
}

#[test]
fn rows_that_a_database_refuses_beside_each_other_are_conflicts() {
    let cases = [
        (
            "INSERT INTO a VALUES (3, 'u')",
            "INSERT INTO a VALUES (4, 'u')",
            "Refused Integer(3): UNIQUE constraint failed: a.n",
        ),
        (
            "INSERT INTO b VALUES (1, 2)",
            "DELETE FROM a WHERE id = 2",
            "BrokenReference Integer(1): it refers by (a_id) to a missing row of a",
        ),
    ];
    for (child, parent, expected) in cases {
        let playground = Playground::new(SHOP);
        playground.store("base").unwrap();
        playground.sql(child);
        playground.store_on("child", "base").unwrap();
        playground.restore("base").unwrap();
        playground.sql(parent);
        playground.store("base").unwrap();
        let (file, state) = (playground.text("child"), playground.state());
        assert_eq!(
            checked(&playground),
            (Constraints::Broken, vec![expected.to_owned()])
        );
        assert_eq!(playground.text("child"), file);
        assert_eq!(playground.state(), state, "the database is as before");
    }
}

#[test]
fn a_database_that_takes_the_rows_or_cannot_be_asked_is_told() {
    let playground = moved("INSERT INTO u VALUES (7)", "INSERT INTO u VALUES (8)");
    let before = playground.text("child");
    let state = playground.state();
    assert_eq!(checked(&playground), (Constraints::Held, Vec::new()));
    assert_eq!(playground.state(), state);
    playground.write("child", &before);
    playground.sql("ALTER TABLE t ADD COLUMN new");
    let (constraints, conflicts) = checked(&playground);
    assert_eq!(conflicts, [""; 0]);
    assert!(
        matches!(&constraints, Constraints::Unchecked { reason: Some(reason) } if reason.contains("column t.new was added")),
        "{constraints:?}"
    );
}

#[test]
fn a_full_fixpoint_becomes_a_delta_of_the_same_state() {
    let playground = Playground::new(BASE);
    playground.store("base").unwrap();
    playground.sql("UPDATE t SET a = 'A' WHERE id = 1; DELETE FROM u WHERE x = 2;");
    playground.store("full").unwrap();
    let state = playground.state();
    let report = rebase(&playground, "full", "base", Prefer::Neither).unwrap();
    assert!(report.before.is_none());
    assert!(
        playground
            .text("full")
            .contains("parent: {\"name\": \"base\"")
    );
    playground.restore("base").unwrap();
    playground.restore("full").unwrap();
    assert_eq!(playground.state(), state);
}

#[test]
fn a_child_of_another_branch_moves_with_its_own_changes() {
    let playground = Playground::new(BASE);
    playground.store("base").unwrap();
    playground.sql("UPDATE t SET a = 'A' WHERE id = 1");
    playground.store_on("one", "base").unwrap();
    playground.sql("UPDATE t SET a = 'B' WHERE id = 2");
    playground.store_on("two", "one").unwrap();
    rebase(&playground, "two", "base", Prefer::Neither).unwrap();
    playground.restore("two").unwrap();
    assert_eq!(
        playground.one::<String>("SELECT group_concat(a, '') FROM t"),
        "aBcd"
    );
}

#[test]
fn children_that_stood_on_what_it_held_before_are_named() {
    let playground = moved("INSERT INTO u VALUES (7)", "INSERT INTO u VALUES (8)");
    let stands = |text: &str| text.replace("\"base\"", "\"child\"");
    playground.edit("grandchild", &stands(&playground.text("child")));
    let report = rebase(&playground, "child", "base", Prefer::Neither).unwrap();
    assert_eq!(report.stale_children, [name("grandchild")]);
}

#[test]
fn a_sequence_is_never_put_behind_rows_of_either_side() {
    let playground = moved(
        "INSERT INTO t VALUES (20, 'x', 0)",
        "INSERT INTO t VALUES (30, 'y', 0)",
    );
    rebase(&playground, "child", "base", Prefer::Neither).unwrap();
    playground.restore("child").unwrap();
    assert_eq!(playground.one::<i64>("SELECT seq FROM sqlite_sequence"), 30);
}

#[test]
fn rings_and_moved_columns_are_refused_and_nothing_is_written() {
    let playground = moved("INSERT INTO u VALUES (7)", "ALTER TABLE t ADD COLUMN c");
    let before = playground.text("child");
    let error = rebase(&playground, "child", "base", Prefer::Neither).unwrap_err();
    assert!(
        error.to_string().contains("column t.c was added"),
        "{error}"
    );
    assert_eq!(playground.text("child"), before);
    let playground = Playground::new(BASE);
    playground.store("base").unwrap();
    playground.store_on("child", "base").unwrap();
    for (child, onto) in [("base", "child"), ("base", "base")] {
        let error = rebase(&playground, child, onto, Prefer::Neither).unwrap_err();
        assert!(matches!(error, Error::ParentCycle { .. }), "{error}");
    }
}

#[test]
fn a_difference_names_tables_columns_and_rows() {
    let playground = Playground::new(BASE);
    playground.store("old").unwrap();
    assert!(diff(&playground, "old", "old").is_equal());
    playground.sql(
        "DROP TABLE u; CREATE TABLE v (x); ALTER TABLE t DROP COLUMN b; UPDATE t SET a = 'B' WHERE id = 2;",
    );
    playground.store("new").unwrap();
    let difference = diff(&playground, "old", "new");
    assert_eq!(
        (difference.only_old, difference.only_new),
        (vec!["u".to_owned()], vec!["v".to_owned()])
    );
    assert_eq!(difference.drifts[0].to_string(), "column t.b was dropped");
    assert!(matches!(
        difference.tables[0].changes.as_slice(),
        [Change::Updated { .. }]
    ));
}

#[test]
fn fixpoints_that_differ_in_one_thing_only_are_not_equal() {
    let playground = Playground::new(BASE);
    playground.store("old").unwrap();
    for change in [
        "ALTER TABLE u RENAME COLUMN x TO y",
        "CREATE TABLE v (x)",
        "DROP TABLE u",
        "UPDATE sqlite_sequence SET seq = 9",
        "DELETE FROM u WHERE rowid = 1",
    ] {
        playground.restore("old").unwrap();
        playground.sql(change);
        playground.store("new").unwrap();
        assert!(!diff(&playground, "old", "new").is_equal(), "{change}");
        playground.sql("DROP TABLE IF EXISTS v; DROP TABLE IF EXISTS u; CREATE TABLE u (x)");
    }
}

#[test]
fn a_difference_refuses_names_that_neither_has() {
    let playground = Playground::new(BASE);
    playground.store("old").unwrap();
    let chain = Chain::open(&playground.fixpoints(), &name("old")).unwrap();
    let tables = vec!["nowhere".to_owned()];
    let options = CompareOptions {
        tables,
        ..CompareOptions::default()
    };
    assert!(matches!(
        fixpoints::diff(&chain, &chain, &options),
        Err(Error::UnknownTable { .. })
    ));
    let ignore = vec!["t.nothing".to_owned()];
    let options = CompareOptions {
        ignore,
        ..CompareOptions::default()
    };
    assert!(matches!(
        fixpoints::diff(&chain, &chain, &options),
        Err(Error::UnknownColumn { .. })
    ));
}

/// What one side does to a row of eight.
#[derive(Debug, Clone, Copy)]
enum Act {
    Insert(u8, i8),
    Update(u8, i8),
    Delete(u8),
}

impl Act {
    fn sql(self) -> String {
        match self {
            Self::Insert(id, b) => {
                format!("INSERT OR IGNORE INTO t VALUES ({}, 'n', {b});", id % 8)
            }
            Self::Update(id, b) => format!("UPDATE t SET b = {b} WHERE id = {};", id % 8),
            Self::Delete(id) => format!("DELETE FROM t WHERE id = {};", id % 8),
        }
    }
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = (0..3u8, any::<u8>(), -2..3i8).prop_map(|(kind, id, b)| match kind {
        0 => Act::Insert(id, b),
        1 => Act::Update(id, b),
        _ => Act::Delete(id),
    });
    proptest::collection::vec(act, 0..6)
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 40, failure_persistence: None, ..Default::default() })]

    /// Whatever both sides do, a rebase ends in conflicts and an untouched file, or in a sound child; and a child
    /// whose parent takes back its change has the state it had.
    #[test]
    fn a_rebased_child_is_sound_and_the_way_back_restores_it(mine in acts(), theirs in acts()) {
        let sql = |acts: &[Act]| acts.iter().map(|act| act.sql()).collect::<String>();
        let playground = moved(&sql(&mine), &sql(&theirs));
        let (child, parent) = (playground.text("child"), playground.text("base"));
        let report = rebase(&playground, "child", "base", Prefer::Neither).unwrap();
        if report.finished.is_none() {
            assert_eq!(playground.text("child"), child);
        } else {
            playground.restore("child").unwrap();
            assert!(playground.compare("child").unwrap().is_equal());
        }
        playground.write("child", &child);
        playground.write("base", &parent);
        let settled = rebase(&playground, "child", "base", Prefer::Parent).unwrap();
        assert_eq!(settled.conflicts().count(), 0);
        playground.restore("child").unwrap();
    }
}
