//! Damaged files of SQLite databases.

use crate::model::damage::{Ward, damages};
use crate::model::properties::cases;
use crate::playground::Playground;

fn ward() -> Ward {
    let playground = Playground::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER, v TEXT, p REAL, b BLOB);
         INSERT INTO a VALUES (1, 1775, NULL, 9.5, x'00ff'), (20, -1, 'a \"b\"', 1e300, NULL), (21, 0, 'é#: - ', 0.0, 'x');
         CREATE TABLE bag (v); INSERT INTO bag VALUES (1), (1), (1.0), ('1'), (NULL);
         CREATE TABLE \"no rows\" (id TEXT PRIMARY KEY) WITHOUT ROWID;
         CREATE TABLE pair (x INTEGER, y TEXT, z, PRIMARY KEY (y, x)); INSERT INTO pair VALUES (1, 'p', 9e999), (2, 'p', CAST(x'ff' AS TEXT));",
    );
    playground.store("base").unwrap();
    playground.sql(
        "UPDATE a SET v = 'A', n = 12 WHERE id = 1; DELETE FROM a WHERE id = 20; INSERT INTO a (v) VALUES ('new');
         DELETE FROM bag WHERE v = '1'; INSERT INTO \"no rows\" VALUES ('k'); UPDATE pair SET z = 1 WHERE x = 1;",
    );
    playground.store_on("child", "base").unwrap();
    Ward::new(&playground.text("base"), &playground.text("child"))
}

#[test]
fn a_file_that_was_cut_off_anywhere_is_refused_or_whole() {
    assert!(ward().truncations() > 2000);
}

#[test]
fn a_damaged_byte_is_noticed_or_changes_nothing() {
    let ward = ward();
    let mut runner = proptest::test_runner::TestRunner::new(cases(10_000));
    runner
        .run(&damages(), |damage| ward.damaged(damage))
        .unwrap();
}
