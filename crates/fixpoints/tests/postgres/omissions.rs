//! What a database has and a fixpoint does not hold is said by whatever stores, compares and examines it.

use fixpoints::{Check, Config};

use crate::playground::Playground;

/// What `store`, `compare`, `restore` and `doctor` say.
fn said(playground: &Playground) -> [Vec<String>; 4] {
    said_with(playground, &Config::default())
}

fn said_with(playground: &Playground, config: &Config) -> [Vec<String>; 4] {
    let stored = playground.store("base").unwrap().findings;
    let compared = playground.compare("base").unwrap().omissions;
    let examined = crate::diagnosis::examine(playground, config).findings;
    let coverage = |findings: Vec<fixpoints::Finding>| {
        let found = findings
            .into_iter()
            .filter(|found| found.check == Check::Coverage);
        found
            .map(|found| format!("{}: {}", found.message, found.hint.unwrap()))
            .collect()
    };
    let restored = playground.restore("base").unwrap().omissions;
    let omitted = |omissions: Vec<fixpoints::core::left_out::Omission>| {
        let omissions = omissions.into_iter();
        omissions
            .map(|found| format!("{}: {}", found.message, found.advice))
            .collect()
    };
    [
        coverage(stored),
        omitted(compared),
        omitted(restored),
        coverage(examined),
    ]
}

#[test]
fn large_objects_are_said_to_be_missing_everywhere() {
    let Some(playground) = Playground::new(
        "CREATE EXTENSION lo; CREATE TABLE docs (id int PRIMARY KEY, file oid, other lo, n int); CREATE TABLE plain (id int PRIMARY KEY);",
    ) else {
        return;
    };
    assert_eq!(
        said(&playground),
        [vec![], vec![], vec![], vec![]] as [Vec<String>; 4]
    );
    playground.sql("INSERT INTO docs VALUES (1, lo_from_bytea(0, 'x'), 0, 1)");
    let found = said(&playground);
    for lines in &found {
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("large objects"), "{lines:?}");
        assert!(
            lines[0].contains("docs.file, docs.other may refer"),
            "{lines:?}"
        );
    }
    playground.sql("SELECT lo_unlink(file) FROM docs; SELECT lo_create(77); DROP TABLE docs");
    assert!(said(&playground).iter().all(|lines| lines.len() == 1));
}

#[test]
fn checks_that_older_rows_need_not_pass_are_named_everywhere() {
    let Some(playground) = Playground::new(
        "CREATE DOMAIN few AS int; CREATE TABLE t (id int PRIMARY KEY, n int, few few); CREATE TABLE valid (id int PRIMARY KEY CHECK (id > 0));
         CREATE TABLE parts (id int, y int) PARTITION BY LIST (y); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
         INSERT INTO t VALUES (1, -1, 9);
         ALTER TABLE t ADD CONSTRAINT positive CHECK (n > 0) NOT VALID; ALTER DOMAIN few ADD CONSTRAINT fewer CHECK (VALUE < 5) NOT VALID;
         ALTER TABLE parts_1 ADD CONSTRAINT \"odd \"\"one\" CHECK (id > 0) NOT VALID;",
    ) else {
        return;
    };
    let found = said(&playground);
    let expected = [
        (
            "the check fewer of the domain few is NOT VALID",
            "ALTER DOMAIN \"public\".\"few\" VALIDATE CONSTRAINT \"fewer\"",
        ),
        (
            "the check odd \"one of table parts_1 is NOT VALID",
            "ALTER TABLE \"public\".\"parts_1\" VALIDATE CONSTRAINT \"odd \"\"one\"",
        ),
        (
            "the check positive of table t is NOT VALID",
            "ALTER TABLE \"public\".\"t\" VALIDATE CONSTRAINT \"positive\"",
        ),
    ];
    for mut lines in found {
        lines.sort();
        assert_eq!(lines.len(), expected.len(), "{lines:?}");
        for (line, (message, advice)) in lines.iter().zip(expected) {
            assert!(line.contains(message) && line.contains(advice), "{line}");
        }
    }
    // That is what is warned of.
    playground.sql("DELETE FROM t");
    assert!(playground.restore("base").is_err());
    playground
        .sql("ALTER TABLE parts_1 VALIDATE CONSTRAINT \"odd \"\"one\"; DROP DOMAIN few CASCADE");
    let playground = playground.excluding(&["t"]);
    let config = Config::parse("exclude = [\"t\"]").unwrap();
    assert_eq!(
        said_with(&playground, &config),
        [vec![], vec![], vec![], vec![]] as [Vec<String>; 4]
    );
}

#[test]
fn rows_older_than_a_foreign_key_that_is_not_valid_are_named() {
    let Some(playground) = Playground::new(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int); INSERT INTO c VALUES (1, 7);
         ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p NOT VALID;",
    ) else {
        return;
    };
    let stored = playground.store("base").unwrap().findings;
    let examined = crate::diagnosis::examine(&playground, &Config::default()).findings;
    for findings in [stored, examined] {
        let mut found = findings
            .iter()
            .filter(|found| found.check == Check::ForeignKeys);
        let found = found.next().unwrap();
        assert!(
            found
                .message
                .contains("refers by (p) to a missing row of p"),
            "{}",
            found.message
        );
    }
}
