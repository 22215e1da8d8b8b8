//! Fixpoints on parents that changed, and the difference of two fixpoints, with the values of PostgreSQL.

use fixpoints::{
    Cell, Chain, Change, CompareOptions, ConflictKind, Error, Position, Prefer, RebaseReport,
    Result, StateDiff,
};

use crate::playground::{Playground, lines, name};

const BASE: &str = "CREATE SCHEMA app; CREATE TABLE app.t (id serial PRIMARY KEY, a text, n numeric(6, 2), j jsonb); CREATE TABLE u (x json);
    INSERT INTO app.t (a, n, j) VALUES ('a', 1.10, '1'), ('b', 2, NULL), ('c', 3, 'null'), ('d', 4, '{}'); INSERT INTO u VALUES ('1'), ('1'), ('1.0');";

fn rebase(
    playground: &Playground,
    child: &str,
    onto: &str,
    prefer: Prefer,
) -> Result<RebaseReport> {
    fixpoints::rebase(&playground.fixpoints(), &name(child), &name(onto), prefer)
}

fn open(playground: &Playground, fixpoint: &str) -> Chain {
    playground.chain(fixpoint).unwrap()
}

fn diff(playground: &Playground, old: &str, new: &str) -> StateDiff {
    let (old, new) = (open(playground, old), open(playground, new));
    fixpoints::diff(&old, &new, &CompareOptions::default()).unwrap()
}

/// Stores `base`, then `child` after one change, then `base` again after another one.
fn moved(child: &str, parent: &str) -> Option<Playground> {
    let playground = Playground::new(BASE)?;
    playground.store("base").unwrap();
    playground.sql(child);
    playground.store_on("child", "base").unwrap();
    playground.restore("base").unwrap();
    playground.sql(parent);
    playground.store("base").unwrap();
    Some(playground)
}

const ROWS: &str = "SELECT string_agg(concat_ws('|', id, a, n, j), ' ' ORDER BY id) FROM app.t";

#[test]
fn a_child_takes_its_changes_onto_the_new_parent() {
    let Some(playground) = moved(
        "UPDATE app.t SET a = 'A' WHERE id = 1; DELETE FROM app.t WHERE id = 2; INSERT INTO app.t VALUES (9, 'z', 9, '[]'); INSERT INTO u VALUES ('1.0');",
        "UPDATE app.t SET n = 1.1 + 9 WHERE id = 1; INSERT INTO app.t VALUES (5, 'e', 5, '5'); DELETE FROM u WHERE x::text = '1';",
    ) else {
        return;
    };
    let changes = |text: &str| text.split_once("changes:\n").unwrap().1.to_owned();
    let before = changes(&playground.text("child"));
    let report = rebase(&playground, "child", "base", Prefer::Neither).unwrap();
    assert_eq!(report.conflicts().count(), 0);
    assert_eq!(changes(&playground.text("child")), before);
    playground.restore("child").unwrap();
    assert_eq!(
        playground.one(ROWS),
        "1|A|10.10|1 3|c|3.00|null 4|d|4.00|{} 5|e|5.00|5 9|z|9.00|[]"
    );
    assert_eq!(
        playground.one("SELECT string_agg(x::text, ' ') FROM u"),
        "1.0 1.0"
    );
    assert!(playground.compare("child").unwrap().is_equal());
}

#[test]
fn what_the_parent_did_too_is_left_out() {
    let change = "UPDATE app.t SET j = 'null' WHERE id = 2; DELETE FROM app.t WHERE id = 3; INSERT INTO app.t VALUES (9, 'z', 9);";
    let Some(playground) = moved(change, change) else {
        return;
    };
    let report = rebase(&playground, "child", "base", Prefer::Neither).unwrap();
    assert_eq!(report.tables[0].absorbed, 3);
    assert_eq!(lines(&playground.text("child")), "");
}

#[test]
fn each_conflict_is_named_row_by_key_and_column_by_column() {
    let Some(playground) = moved(
        "UPDATE app.t SET n = 1.1 + 0.01, a = 'mine' WHERE id = 1; UPDATE app.t SET j = 'null' WHERE id = 2; DELETE FROM app.t WHERE id = 3;
         INSERT INTO app.t VALUES (9, 'mine', 9, NULL); DELETE FROM u WHERE x::text = '1.0';",
        "UPDATE app.t SET n = 7 WHERE id = 1; DELETE FROM app.t WHERE id = 2; UPDATE app.t SET j = NULL WHERE id = 3;
         INSERT INTO app.t VALUES (9, 'theirs', 9, NULL); DELETE FROM u WHERE x::text = '1.0';",
    ) else {
        return;
    };
    let before = playground.text("child");
    let report = rebase(&playground, "child", "base", Prefer::Neither).unwrap();
    let shown = |cell: &Option<Cell>| {
        let json = cell.as_ref().map(|cell| cell.to_json().to_string());
        json.unwrap_or_else(|| "-".to_owned())
    };
    let conflicts = report.conflicts().map(|conflict| {
        let columns = conflict.columns.iter().map(|column| {
            let (then, now) = (shown(&column.then), shown(&column.now));
            format!("{} {then} {now} {}", column.column, shown(&column.child))
        });
        let key = conflict.row.0.iter().map(|(_, cell)| cell.to_json());
        let key: Vec<String> = key.map(|key| key.to_string()).collect();
        let columns = columns.collect::<Vec<_>>().join("; ");
        format!("{:?} {}: {columns}", conflict.kind, key.join(","))
    });
    let expected = [
        r#"BothUpdated 1: n "1.10" "7.00" "1.11""#,
        r#"DeletedInParent 2: j null - "null""#,
        r#"DeletedInChild 3: j "null" null -"#,
        r#"BothInserted 9: a - "theirs" "mine""#,
        r#"BothDeleted "1.0": "#,
    ];
    assert_eq!(conflicts.collect::<Vec<_>>(), expected);
    assert_eq!(playground.text("child"), before, "nothing is written");
    assert!(report.finished.is_none());
}

#[test]
fn a_preferred_side_wins_and_the_rest_is_kept() {
    let Some(playground) = moved(
        "UPDATE app.t SET a = 'mine', n = 7 WHERE id = 1; DELETE FROM app.t WHERE id > 2;",
        "UPDATE app.t SET a = 'theirs' WHERE id = 1; UPDATE app.t SET j = '0' WHERE id = 3; DELETE FROM app.t WHERE id = 4;",
    ) else {
        return;
    };
    let child = playground.text("child");
    for (prefer, expected) in [
        (Prefer::Child, "1|mine|7.00|1 2|b|2.00"),
        (Prefer::Parent, "1|theirs|7.00|1 2|b|2.00 3|c|3.00|0"),
    ] {
        playground.write("child", &child);
        let report = rebase(&playground, "child", "base", prefer).unwrap();
        let counts = (report.conflicts().count(), report.tables[0].resolved);
        assert_eq!(counts, (0, 2));
        playground.restore("child").unwrap();
        assert_eq!(playground.one(ROWS), expected);
    }
}

#[test]
fn a_child_cannot_win_against_a_row_that_nobody_knows() {
    let Some(playground) = moved(
        "UPDATE app.t SET a = 'mine' WHERE id = 2",
        "DELETE FROM app.t WHERE id = 2",
    ) else {
        return;
    };
    let report = rebase(&playground, "child", "base", Prefer::Child).unwrap();
    let kinds: Vec<ConflictKind> = report.conflicts().map(|conflict| conflict.kind).collect();
    assert_eq!(kinds, [ConflictKind::DeletedInParent]);
    let report = rebase(&playground, "child", "base", Prefer::Parent).unwrap();
    assert_eq!(report.conflicts().count(), 0);
}

#[test]
fn a_full_fixpoint_becomes_a_delta_and_moves_between_branches() {
    let Some(playground) = Playground::new(BASE) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("UPDATE app.t SET a = 'A' WHERE id = 1");
    playground.store("one").unwrap();
    let state = playground.dump();
    let report = rebase(&playground, "one", "base", Prefer::Neither).unwrap();
    assert!(report.before.is_none());
    let parent = "parent: {\"name\": \"base\"";
    assert!(playground.text("one").contains(parent));
    playground.sql("UPDATE app.t SET a = 'B' WHERE id = 2");
    playground.store_on("two", "one").unwrap();
    rebase(&playground, "two", "base", Prefer::Neither).unwrap();
    playground.restore("two").unwrap();
    let text = "SELECT string_agg(a, '' ORDER BY id) FROM app.t";
    assert_eq!(playground.one(text), "aBcd");
    playground.restore("one").unwrap();
    assert_eq!(playground.dump(), state);
}

#[test]
fn a_sequence_is_never_put_behind_rows_of_either_side() {
    let add = |id: u8| {
        format!("INSERT INTO app.t VALUES ({id}, 'x', 0); SELECT setval('app.t_id_seq', {id})")
    };
    let Some(playground) = moved(&add(20), &add(30)) else {
        return;
    };
    rebase(&playground, "child", "base", Prefer::Neither).unwrap();
    playground.restore("child").unwrap();
    assert_eq!(playground.one("SELECT nextval('app.t_id_seq')"), "31");
}

#[test]
fn rings_and_moved_columns_are_refused_and_nothing_is_written() {
    let Some(playground) = moved(
        "INSERT INTO u VALUES ('7')",
        "ALTER TABLE app.t ADD COLUMN c int",
    ) else {
        return;
    };
    let before = playground.text("child");
    let error = rebase(&playground, "child", "base", Prefer::Neither).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("column app.t.c was added"), "{text}");
    assert_eq!(playground.text("child"), before);
    playground.store("base").unwrap();
    playground.store_on("child", "base").unwrap();
    for (child, onto) in [("base", "child"), ("base", "base")] {
        let error = rebase(&playground, child, onto, Prefer::Neither).unwrap_err();
        assert!(matches!(error, Error::ParentCycle { .. }), "{error}");
    }
}

#[test]
fn a_difference_names_tables_columns_rows_and_sequences() {
    let Some(playground) = Playground::new(BASE) else {
        return;
    };
    playground.store("old").unwrap();
    assert!(diff(&playground, "old", "old").is_equal());
    playground.sql(
        "DROP TABLE u; CREATE TABLE v (x int); ALTER TABLE app.t DROP COLUMN n; UPDATE app.t SET j = 'null' WHERE id = 2; SELECT setval('app.t_id_seq', 9)",
    );
    playground.store("new").unwrap();
    let difference = diff(&playground, "old", "new");
    let only = (difference.only_old, difference.only_new);
    assert_eq!(only, (vec!["u".to_owned()], vec!["v".to_owned()]));
    let drift = difference.drifts[0].to_string();
    assert_eq!(drift, "column app.t.n was dropped");
    let changes = difference.tables[0].changes.as_slice();
    assert!(matches!(changes, [Change::Updated { .. }]));
    let sequence = &difference.sequences[0];
    assert_eq!(
        (sequence.old, sequence.new),
        (Some(Position::called(4)), Some(Position::called(9)))
    );
}

#[test]
fn fixpoints_that_differ_in_one_thing_only_are_not_equal() {
    let Some(playground) = Playground::new(BASE) else {
        return;
    };
    playground.store("old").unwrap();
    for change in [
        "ALTER TABLE u RENAME COLUMN x TO y",
        "ALTER TABLE u ALTER x TYPE jsonb",
        "CREATE TABLE v (x int)",
        "DROP TABLE u",
        "SELECT setval('app.t_id_seq', 9)",
        "DELETE FROM u WHERE x::text = '1.0'",
        "UPDATE app.t SET j = NULL WHERE id = 3",
    ] {
        playground.restore("old").unwrap();
        playground.sql(change);
        playground.store("new").unwrap();
        assert!(!diff(&playground, "old", "new").is_equal(), "{change}");
        playground.sql("DROP TABLE IF EXISTS v; DROP TABLE IF EXISTS u; CREATE TABLE u (x json)");
    }
}

#[test]
fn a_difference_refuses_names_that_neither_has() {
    let Some(playground) = Playground::new(BASE) else {
        return;
    };
    playground.store("old").unwrap();
    let chain = open(&playground, "old");
    let tables = vec!["t".to_owned()];
    let options = CompareOptions {
        tables,
        ..CompareOptions::default()
    };
    assert!(matches!(
        fixpoints::diff(&chain, &chain, &options),
        Err(Error::UnknownTable { .. })
    ));
    let ignore = vec!["app.t.nothing".to_owned()];
    let options = CompareOptions {
        ignore,
        ..CompareOptions::default()
    };
    assert!(matches!(
        fixpoints::diff(&chain, &chain, &options),
        Err(Error::UnknownColumn { .. })
    ));
}
