//! Scripts are one transaction, and their errors name the statement and the line.

use fixpoints::{Database as _, Error};

use crate::playground::Playground;

#[test]
fn a_script_is_one_transaction_and_counts_its_rows() {
    let Some(playground) = Playground::new("") else {
        return;
    };
    let script = "-- a comment;\nCREATE TABLE t (id int PRIMARY KEY, v text);\nINSERT INTO t VALUES (1, ';'), (2, $$;$$);\n\
        CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $f$ SELECT 1; SELECT 2; $f$;\nSELECT * FROM t; UPDATE t SET v = 'x';";
    let report = playground
        .database()
        .run_script("seed.sql", script)
        .unwrap();
    assert_eq!(
        (
            report.statements,
            report.rows_changed,
            report.one_transaction
        ),
        (5, 4, true)
    );
    let failing = "INSERT INTO t VALUES (3, 'y');\n\nINSERT INTO t\n  VALUES (1, 'z');";
    let error = playground
        .database()
        .run_script("more.sql", failing)
        .unwrap_err();
    let Error::Script {
        statement,
        line,
        message,
        ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!((*statement, *line), (2, 3));
    assert!(message.contains("Key (id)=(1) already exists"), "{message}");
    assert_eq!(playground.one("SELECT count(*) FROM t"), "2");
    let wrong = "SELECT 1;\nSELECT\n  nonsense FROM t";
    let error = playground
        .database()
        .run_script("wrong.sql", wrong)
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Script {
                statement: 2,
                line: 3,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_script_may_control_transactions_itself() {
    let Some(playground) = Playground::new("CREATE TABLE t (id int)") else {
        return;
    };
    let script =
        "BEGIN; INSERT INTO t VALUES (1); COMMIT; VACUUM t; INSERT INTO t VALUES (2); nonsense;";
    let mut database = playground.database();
    assert!(database.run_script("s.sql", script).is_err());
    assert_eq!(playground.one("SELECT count(*) FROM t"), "2");
    let report = database
        .run_script("s.sql", "start transaction; DELETE FROM t; rollback;")
        .unwrap();
    assert!(!report.one_transaction);
    assert_eq!(playground.one("SELECT count(*) FROM t"), "2");
}
