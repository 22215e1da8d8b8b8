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

#[test]
fn a_transaction_that_a_comment_ends_or_hides_is_not_taken_for_ours() {
    let Some(playground) = Playground::new("CREATE TABLE t (id int)") else {
        return;
    };
    for end in ["COMMIT/**/", "/* c */COMMIT", "END--\n", "COMMIT\tWORK"] {
        let script = format!("INSERT INTO t VALUES (1); {end}; nonsense");
        let error = playground.database().run_script("s.sql", &script);
        let error = error.unwrap_err();
        let Error::Script {
            one_transaction, ..
        } = error
        else {
            panic!("{error}")
        };
        assert!(!one_transaction, "{end}");
        assert_eq!(
            playground.one("WITH gone AS (DELETE FROM t RETURNING 1) SELECT count(*) FROM gone"),
            "1"
        );
    }
}

#[test]
fn functions_in_sqls_own_form_and_rules_of_several_statements_run() {
    let Some(playground) = Playground::new("") else {
        return;
    };
    let script = "CREATE TABLE t (id int); CREATE TABLE log (id int);
        CREATE FUNCTION f(i int) RETURNS text BEGIN ATOMIC SELECT CASE WHEN i = 1 THEN 'one;' END; SELECT 'x;y'::text; END;
        CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO log VALUES (1); INSERT INTO log VALUES (2));
        INSERT INTO t VALUES (1); SELECT f(1)";
    let report = playground.database().run_script("s.sql", script).unwrap();
    assert_eq!((report.statements, report.one_transaction), (6, true));
    assert_eq!(playground.one("SELECT count(*) FROM log"), "2");
    assert_eq!(playground.one("SELECT f(1)"), "x;y");
}

#[test]
fn a_server_that_reads_backslashes_in_strings_reads_a_script_as_we_do() {
    let Some(playground) = Playground::new("CREATE TABLE t (v text)") else {
        return;
    };
    let database = &playground.place.name;
    playground.sql(&format!(
        "ALTER DATABASE {database} SET standard_conforming_strings = off"
    ));
    let script = r"INSERT INTO t VALUES (''); INSERT INTO t VALUES (';')";
    playground.database().run_script("s.sql", script).unwrap();
    assert_eq!(playground.one("SELECT count(*) FROM t"), "2");
}
