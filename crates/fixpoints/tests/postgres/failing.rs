//! What is said in a transaction that failed before the library was asked.

use fixpoints::{Fixpoints, Result};
use postgres::{Client, GenericClient};

use crate::playground::Playground;

const SAID: &str = ": an earlier statement of this transaction failed, and every other is refused until it is rolled back\n\
    hint: roll it back, or to a savepoint; the error of that statement says what was wrong";

/// Two tables with `base` stored; `None` where there is no server, which was said.
fn stored() -> Option<(Playground, Fixpoints, Client)> {
    let here = Playground::new("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1)")?;
    let fixpoints = Fixpoints::new(here.fixpoints().path());
    let mut client = here.client();
    fixpoints.store(&mut client, "base").unwrap();
    Some((here, fixpoints, client))
}

fn fail(client: &mut impl GenericClient) {
    client
        .batch_execute("INSERT INTO a VALUES (1)")
        .unwrap_err();
}

fn check<T>(done: Result<T>) {
    let said = done.err().map(|error| format!("{error:?}"));
    let said = said.unwrap_or_default();
    assert!(
        said.starts_with("cannot ") && said.ends_with(SAID),
        "{said}"
    );
}

#[test]
fn a_transaction_that_failed_earlier_is_named_as_the_cause() {
    let Some((_here, fixpoints, mut client)) = stored() else {
        return;
    };
    let before = fixpoints.snapshot(&mut client).unwrap();
    let mut transaction = client.transaction().unwrap();
    fail(&mut transaction);
    check(fixpoints.restore(&mut transaction, "base"));
    check(fixpoints.store(&mut transaction, "other"));
    check(fixpoints.compare(&mut transaction, "base"));
    check(fixpoints.changes(&mut transaction, &before, |c| c));
    check(fixpoints.snapshot(&mut transaction));
    check(fixpoints.table_names(&mut transaction));
    transaction.rollback().unwrap();
    fixpoints.compare(&mut client, "base").unwrap();
}

#[test]
fn so_is_one_that_was_begun_by_a_statement() {
    let Some((_here, fixpoints, mut client)) = stored() else {
        return;
    };
    client.batch_execute("BEGIN").unwrap();
    fail(&mut client);
    check(fixpoints.restore(&mut client, "base"));
    check(fixpoints.compare(&mut client, "base"));
    client.batch_execute("ROLLBACK").unwrap();
    fixpoints.compare(&mut client, "base").unwrap();
}

#[test]
fn a_savepoint_that_is_rolled_back_to_goes_on() {
    let Some((_here, fixpoints, mut client)) = stored() else {
        return;
    };
    let mut transaction = client.transaction().unwrap();
    let mut savepoint = transaction.savepoint("mine").unwrap();
    fail(&mut savepoint);
    savepoint.rollback().unwrap();
    fixpoints.restore(&mut transaction, "base").unwrap();
}
