//! What is written and what is not: by a build server, by a person who records again, by two threads at once.

use fixpoints::{Compare, Environment, Error, ErrorKind, Fixpoints, Operator, Recording, Store};
use postgres::Client;

use crate::playground::Playground;

const SHOP: &str = "CREATE TABLE books (id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, title text, price numeric);
    CREATE TABLE reviews (stars int); INSERT INTO books (title, price) VALUES ('Emma', 9.50), ('Ulysses', 12); INSERT INTO reviews VALUES (5);";

fn suite(here: &Playground, environment: Environment) -> Fixpoints {
    Fixpoints::new(here.fixpoints().path()).in_environment(environment)
}

/// A shop in which nothing is stored.
fn shop() -> Option<(Playground, Fixpoints, Client)> {
    let here = Playground::new(SHOP)?;
    let fixpoints = suite(&here, Environment::default());
    let client = here.client();
    Some((here, fixpoints, client))
}

#[test]
fn a_missing_fixpoint_fails() {
    let Some((_here, fixpoints, mut client)) = shop() else {
        return;
    };
    let compared = fixpoints.compare(&mut client, "base").unwrap_err();
    let restored = fixpoints.restore(&mut client, "base").unwrap_err();
    for error in [compared, restored] {
        assert!(error.kind() == ErrorKind::MissingFixpoint, "{error}");
    }
}

#[test]
fn a_build_server_stores_nothing_by_the_way() {
    let Some((here, _, mut client)) = shop() else {
        return;
    };
    let fixpoints = suite(
        &here,
        Environment {
            operator: Operator::Ci,
            ..Environment::default()
        },
    );
    let stored = fixpoints.store_unless_present(&mut client, "base");
    let compared = fixpoints.compare(&mut client, Compare::with("base").or_store());
    for error in [stored.err(), compared.err()] {
        assert!(matches!(error, Some(Error::ImplicitWrite { .. })));
    }
    assert!(!fixpoints.exists("base").unwrap());
    fixpoints.store(&mut client, "base").unwrap();
    let again = fixpoints.store_unless_present(&mut client, "base").unwrap();
    assert!(again.is_none());
}

#[test]
fn recording_again_stores_what_differs_and_keeps_its_parent() {
    let Some((here, fixpoints, mut client)) = shop() else {
        return;
    };
    fixpoints.store(&mut client, "base").unwrap();
    let start = fixpoints.restore(&mut client, "base").unwrap();
    let sale = Store::named("sale").on(&start);
    fixpoints.store(&mut client, sale).unwrap();
    client
        .batch_execute("UPDATE books SET price = 8.00 WHERE id = 1")
        .unwrap();
    assert!(fixpoints.compare(&mut client, "sale").is_err());
    let environment = Environment {
        recording: Recording::Update,
        ..Environment::default()
    };
    let updating = suite(&here, environment);
    updating.compare(&mut client, "sale").unwrap();
    fixpoints.compare(&mut client, "sale").unwrap();
    let change =
        r#"    - {"update": {"id": 1}, "old": {"price": "9.50"}, "new": {"price": "8.00"}}"#;
    let lines = crate::playground::lines(&here.text("sale"));
    assert!(lines.ends_with(&format!("{change}\n")), "{lines}");
}

#[test]
fn a_parent_that_moved_since_it_was_restored_is_refused() {
    let Some((_here, fixpoints, mut client)) = shop() else {
        return;
    };
    fixpoints.store(&mut client, "base").unwrap();
    let start = fixpoints.restore(&mut client, "base").unwrap();
    client.batch_execute("DELETE FROM reviews").unwrap();
    fixpoints.store(&mut client, "base").unwrap();
    let error = fixpoints.store(&mut client, Store::named("sale").on(&start));
    assert!(matches!(error, Err(Error::RestoredMoved { .. })));
}

#[test]
fn two_threads_never_see_what_the_other_restored() {
    let Some((_here, fixpoints, mut client)) = shop() else {
        return;
    };
    fixpoints.store(&mut client, "base").unwrap();
    client
        .batch_execute("UPDATE books SET price = 8.00 WHERE id = 1")
        .unwrap();
    fixpoints.store(&mut client, "sale").unwrap();
    let barrier = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        for (name, price) in [("base", "9.50"), ("sale", "8.00")] {
            let (fixpoints, barrier) = (&fixpoints, &barrier);
            scope.spawn(move || {
                let here = Playground::new(SHOP).unwrap();
                let mut client = here.client();
                let start = fixpoints.restore(&mut client, name).unwrap();
                barrier.wait();
                client.batch_execute("DELETE FROM reviews").unwrap();
                let child = format!("{name}-child");
                let report = fixpoints.store(&mut client, Store::named(&child).on(&start));
                assert_eq!(report.unwrap().parent.unwrap().name, name);
                barrier.wait();
                fixpoints.restore(&mut client, name).unwrap();
                fixpoints.restore(&mut client, child.as_str()).unwrap();
                assert_eq!(here.one("SELECT price FROM books WHERE id = 1"), price);
                assert_eq!(here.one("SELECT count(*) FROM reviews"), "0");
            });
        }
    });
    let names = ["base", "base-child", "sale", "sale-child"];
    assert_eq!(fixpoints.names().unwrap(), names);
}

#[test]
fn several_databases_keep_their_fixpoints_apart() {
    let (Some((_here, fixpoints, mut client)), Some(other)) = (shop(), Playground::new(SHOP))
    else {
        return;
    };
    let mut second = other.client();
    let (one, two) = (fixpoints.database("one"), fixpoints.database("two"));
    one.store(&mut client, "base").unwrap();
    second.batch_execute("DELETE FROM books").unwrap();
    two.store(&mut second, "base").unwrap();
    second.batch_execute("DELETE FROM reviews").unwrap();
    one.compare(&mut client, "base").unwrap();
    assert!(two.compare(&mut second, "base").is_err());
    two.restore(&mut second, "base").unwrap();
    two.compare(&mut second, "base").unwrap();
    assert!(one.compare(&mut second, "base").is_err());
}
