//! Removing fixpoints, chains of them, and putting sequences behind their tables.

use fixpoints::{Error, ResetSequence, StoreOptions, remove, reset_sequences};

use crate::playground::{Playground, name};

const BASE: &str = "CREATE TABLE t (id int PRIMARY KEY, a text); CREATE TABLE u (x numeric);
    INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c'); INSERT INTO u VALUES (1.0), (1.0), (1);";

#[test]
fn a_fixpoint_that_others_stand_on_stays_and_others_go_with_their_folders() {
    let Some(playground) = Playground::new(BASE) else {
        return;
    };
    let folder = playground.fixpoints();
    playground.store("base").unwrap();
    playground.store_on("a/b/one", "base").unwrap();
    let error = remove(&folder, &name("base")).unwrap_err();
    assert!(error.hint().unwrap().contains("fixpoints remove a/b/one"));
    assert!(playground.file("base").exists());
    remove(&folder, &name("a/b/one")).unwrap();
    assert!(!folder.path().join("a").exists());
    remove(&folder, &name("base")).unwrap();
    let error = playground.restore("base").unwrap_err();
    assert!(matches!(error, Error::MissingFixpoint { .. }), "{error}");
}

#[test]
fn a_chain_of_ten_reads_as_one_state() {
    let Some(playground) = Playground::new(BASE) else {
        return;
    };
    playground.store("n0").unwrap();
    for step in 1..=10 {
        playground.sql(&format!("INSERT INTO t VALUES ({0}, 'n'); DELETE FROM t WHERE id = {0} - 5; UPDATE t SET a = a || '.'; INSERT INTO u VALUES ({0}.0)", step + 3));
        let (child, parent) = (format!("n{step}"), format!("n{}", step - 1));
        playground.store_on(&child, &parent).unwrap();
    }
    let before = playground.dump();
    playground.restore("n0").unwrap();
    playground.restore("n10").unwrap();
    assert_eq!(playground.dump(), before);
}

#[test]
fn rings_and_missing_parents_are_refused() {
    let Some(playground) = Playground::new(BASE) else {
        return;
    };
    playground.store("a").unwrap();
    playground.store_on("b", "a").unwrap();
    let ring = playground.store_on("a", "b");
    assert!(matches!(ring, Err(Error::ParentCycle { .. })));
    let missing = playground.store_on("c", "nothing");
    assert!(matches!(missing, Err(Error::MissingFixpoint { .. })));
    std::fs::remove_file(playground.file("a")).unwrap();
    let orphan = playground.restore("b");
    assert!(matches!(orphan, Err(Error::ParentMissing { .. })));
}

#[test]
fn a_table_that_came_after_the_parent_is_whole_in_the_child() {
    let Some(playground) = Playground::new(BASE) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("CREATE SCHEMA s; CREATE TABLE s.later (id serial PRIMARY KEY); INSERT INTO s.later DEFAULT VALUES");
    playground.store_on("child", "base").unwrap();
    playground.sql("DELETE FROM s.later; SELECT nextval('s.later_id_seq')");
    playground.restore("child").unwrap();
    assert_eq!(playground.one("SELECT id FROM s.later"), "1");
    assert_eq!(playground.one("SELECT nextval('s.later_id_seq')"), "2");
}

#[test]
fn columns_in_another_order_are_no_drift() {
    let Some(playground) = Playground::new(BASE) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql(
        "DROP TABLE t; CREATE TABLE t (a text, id int PRIMARY KEY); INSERT INTO t VALUES ('z', 1);",
    );
    playground.store_on("child", "base").unwrap();
    playground.restore("base").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
    let text = "SELECT string_agg(a, '' ORDER BY id) FROM t";
    assert_eq!(playground.one(text), "abc");
    playground.restore("child").unwrap();
    assert_eq!(playground.one(text), "z");
}

#[test]
fn a_table_excluded_by_name_must_exist() {
    let Some(playground) = Playground::new(BASE) else {
        return;
    };
    let store = |table: &str| {
        let exclude = vec![table.to_owned()];
        let parent = None;
        playground.store_with(
            "base",
            &StoreOptions {
                parent,
                exclude,
                ..StoreOptions::default()
            },
        )
    };
    assert!(matches!(store("nope"), Err(Error::UnknownTable { .. })));
    assert_eq!(store("u").unwrap().tables.len(), 1);
}

const SEQUENCES: &str = "CREATE TABLE ahead (id serial PRIMARY KEY); CREATE TABLE behind (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    CREATE TABLE empty (id bigserial); CREATE TABLE hidden (id serial); CREATE SEQUENCE free; CREATE SEQUENCE down INCREMENT -1 START -1;
    CREATE TABLE falls (id int DEFAULT nextval('down')); ALTER SEQUENCE down OWNED BY falls.id;
    INSERT INTO ahead VALUES (2); INSERT INTO behind OVERRIDING SYSTEM VALUE VALUES (5);
    SELECT setval('ahead_id_seq', 9), setval('empty_id_seq', 3), setval('hidden_id_seq', 7), setval('free', 8);";

const NEXT: &str = "SELECT concat_ws(' ', nextval('ahead_id_seq'), nextval('behind_id_seq'), nextval('empty_id_seq'), nextval('hidden_id_seq'), nextval('free'))";

#[test]
fn sequences_are_put_right_behind_the_highest_key() {
    let Some(playground) = Playground::new(SEQUENCES) else {
        return;
    };
    let playground = playground.excluding(&["hidden"]);
    let reset = || reset_sequences(&mut playground.database(), &playground.scope, &[]).unwrap();
    let moved = |report: &fixpoints::ResetReport| {
        let moved = report.sequences.iter().filter(|reset| reset.is_moved());
        moved.count()
    };
    let report = reset();
    assert_eq!(
        (moved(&report), &report.free[..]),
        (3, &["free".to_owned()][..])
    );
    assert_eq!(moved(&reset()), 0);
    assert_eq!(playground.one(NEXT), "3 6 1 8 9");
}

#[test]
fn a_sequence_that_counts_down_is_put_behind_the_lowest_key() {
    let Some(playground) = Playground::new(SEQUENCES) else {
        return;
    };
    playground.sql("INSERT INTO falls SELECT FROM generate_series(1, 5)");
    let reset = || {
        let tables = ["falls".to_owned()];
        reset_sequences(&mut playground.database(), &playground.scope, &tables).unwrap()
    };
    assert!(!reset().sequences[0].is_moved());
    playground.sql("SELECT setval('down', -2)");
    assert!(reset().sequences[0].standing.is_behind());
    assert_eq!(playground.one("SELECT nextval('down')"), "-6");
}

#[test]
fn only_the_named_tables_sequences_are_reset() {
    let Some(playground) = Playground::new(SEQUENCES) else {
        return;
    };
    let reset = |table: &str| {
        let tables = [table.to_owned()];
        reset_sequences(&mut playground.database(), &playground.scope, &tables)
    };
    let report = reset("behind").unwrap();
    assert!(report.sequences.iter().all(ResetSequence::is_moved));
    assert_eq!(playground.one(NEXT), "10 6 4 8 9");
    let error = reset("nowhere").unwrap_err();
    assert!(matches!(error, Error::UnknownTable { .. }), "{error}");
}

/// A sequence of two tables, one of a partitioned table with defaults of its partitions, and one that tables inherit.
const SHARED: &str = "CREATE SEQUENCE ids; CREATE TABLE a (id int PRIMARY KEY DEFAULT nextval('ids'));
    CREATE TABLE b (id numeric PRIMARY KEY DEFAULT nextval('ids'));
    CREATE TABLE paid (id serial, y int) PARTITION BY LIST (y);
    CREATE TABLE paid_1 PARTITION OF paid FOR VALUES IN (1); CREATE TABLE paid_2 PARTITION OF paid FOR VALUES IN (2);
    ALTER TABLE paid_1 ALTER id SET DEFAULT nextval('paid_id_seq');
    CREATE TABLE parent (id serial PRIMARY KEY); CREATE TABLE child () INHERITS (parent);
    INSERT INTO a VALUES (1); INSERT INTO b VALUES (9); INSERT INTO paid VALUES (4, 2); INSERT INTO child VALUES (7);";

#[test]
fn a_sequence_that_feeds_several_tables_is_judged_and_reset_by_all_of_them() {
    let Some(playground) = Playground::new(SHARED) else {
        return;
    };
    let config = fixpoints::Config::default();
    let behind = || {
        let findings = crate::diagnosis::examine(&playground, &config).findings;
        let behind =
            (findings.into_iter()).filter(|found| found.check == fixpoints::Check::Sequences);
        behind.map(|found| found.message).collect::<Vec<_>>()
    };
    assert_eq!(
        behind(),
        [
            "the sequence ids of b.id stands at 1 (not handed out yet), its highest value is 9",
            "the sequence parent_id_seq of child.id stands at 1 (not handed out yet), its highest value is 7",
            "the sequence paid_id_seq of paid.id stands at 1 (not handed out yet), its highest value is 4",
        ]
    );
    let report = reset_sequences(&mut playground.database(), &playground.scope, &[]).unwrap();
    assert_eq!(report.free, Vec::<String>::new());
    assert_eq!(behind(), Vec::<String>::new());
    let next =
        "SELECT concat_ws(' ', nextval('ids'), nextval('paid_id_seq'), nextval('parent_id_seq'))";
    assert_eq!(playground.one(next), "10 5 8");
}

#[test]
fn a_reset_for_one_table_does_not_hand_out_again_what_another_has_even_one_that_is_excluded() {
    let Some(playground) = Playground::new(SHARED) else {
        return;
    };
    let playground = playground.excluding(&["b"]);
    let reset = reset_sequences(
        &mut playground.database(),
        &playground.scope,
        &["a".to_owned()],
    );
    assert_eq!(reset.unwrap().sequences.len(), 1);
    assert_eq!(playground.one("SELECT nextval('ids')"), "10");
}

#[test]
fn a_sequence_that_feeds_what_is_not_a_number_or_cannot_be_read_is_not_put_back() {
    let Some(playground) = Playground::new(
        "CREATE SEQUENCE numbers; CREATE TABLE bills (id text PRIMARY KEY DEFAULT concat('INV', nextval('numbers')));
         CREATE SEQUENCE ids; CREATE TABLE a (id int PRIMARY KEY DEFAULT nextval('ids'));
         CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER elsewhere FOREIGN DATA WRAPPER nothing;
         CREATE FOREIGN TABLE far (id int DEFAULT nextval('ids')) SERVER elsewhere;
         INSERT INTO bills DEFAULT VALUES; INSERT INTO bills DEFAULT VALUES; SELECT setval('ids', 12)",
    ) else {
        return;
    };
    let report = reset_sequences(&mut playground.database(), &playground.scope, &[]).unwrap();
    assert!(!report.sequences.iter().any(ResetSequence::is_moved));
    playground.sql("INSERT INTO a VALUES (15)");
    reset_sequences(&mut playground.database(), &playground.scope, &[]).unwrap();
    let next = "SELECT concat_ws(' ', nextval('numbers'), nextval('ids'))";
    assert_eq!(playground.one(next), "3 16");
}

#[test]
fn a_sequence_that_feeds_several_tables_comes_back_with_any_of_them() {
    let Some(playground) = Playground::new(SHARED) else {
        return;
    };
    let playground = playground.excluding(&["b"]);
    playground.sql("SELECT setval('ids', 20)");
    playground.store("base").unwrap();
    playground.sql("SELECT setval('ids', 30)");
    let options = fixpoints::CompareOptions {
        tables: vec!["a".to_owned()],
        ..Default::default()
    };
    assert_eq!(
        playground.compare_with("base", &options).unwrap().sequences[0].table,
        "ids"
    );
    playground.restore("base").unwrap();
    assert_eq!(playground.one("SELECT nextval('ids')"), "21");
}
