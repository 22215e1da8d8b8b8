//! Names of partitions, whose rows are those of their table: nothing is done to the whole that was said of a part.

use fixpoints::{CompareOptions, Config, Error, ErrorKind, Replace, Scope, Skip, StoreOptions};

use crate::playground::Playground;

const EVENTS: &str = "CREATE TABLE ev (id int, y int, PRIMARY KEY (id, y)) PARTITION BY LIST (y);
    CREATE TABLE ev_old PARTITION OF ev FOR VALUES IN (1) PARTITION BY LIST (id);
    CREATE TABLE ev_old_1 PARTITION OF ev_old FOR VALUES IN (1);
    CREATE SCHEMA app; CREATE TABLE app.ev_new PARTITION OF ev FOR VALUES IN (2);
    CREATE TABLE ev_own (id int PRIMARY KEY, n int); INSERT INTO ev VALUES (1, 1), (2, 2);";

/// What is refused, and what is to be written.
fn refused<T: std::fmt::Debug>(result: fixpoints::Result<T>, partition: &str, instead: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownTable, "{error}");
    let message = error.to_string();
    let expected = format!(
        "{partition}, a partition of ev, whose rows are stored, compared and restored together"
    );
    assert!(message.contains(&expected), "{message}");
    let hint = error.hint().unwrap();
    assert!(
        hint.contains(&format!("write `{instead}` in its place")),
        "{hint}"
    );
}

#[test]
fn a_partition_that_is_excluded_is_refused_on_every_way() {
    let Some(playground) = Playground::new(EVENTS) else {
        return;
    };
    playground.store("base").unwrap();
    for (said, partition) in [
        ("ev_old", "ev_old"),
        ("public.ev_old_1", "ev_old_1"),
        ("app.ev_new", "app.ev_new"),
        ("app.*", "app.ev_new"),
        ("ev_*", "ev_old"),
    ] {
        let exclude = StoreOptions {
            exclude: vec![said.to_owned()],
            replace: Replace::Anything,
            ..StoreOptions::default()
        };
        refused(playground.store_with("x", &exclude), partition, "ev");
        let options = CompareOptions {
            exclude: vec![said.to_owned()],
            ..CompareOptions::default()
        };
        refused(playground.compare_with("base", &options), partition, "ev");
        let chain = playground.chain("base").unwrap();
        let mut database = playground.database();
        for scope in [
            Scope::excluding(&[said.to_owned()]),
            Scope::default().skipping(Skip::tables([said])),
        ] {
            refused(
                fixpoints::restore(&mut database, &chain, &scope),
                partition,
                "ev",
            );
            let compared =
                fixpoints::compare(&mut database, &chain, &scope, &CompareOptions::default());
            refused(compared, partition, "ev");
        }
    }
    assert!(!playground.file("x").exists());
}

#[test]
fn a_pattern_that_means_the_table_too_excludes_it_with_its_partitions() {
    let Some(playground) = Playground::new(EVENTS) else {
        return;
    };
    let playground = playground.excluding(&["ev*", "app.*"]);
    let report = playground.store("base").unwrap();
    assert_eq!(report.tables.len(), 0);
    let left: Vec<&str> = (report.left_out.iter().map(|left| left.table.as_str())).collect();
    assert_eq!(left, ["ev", "ev_own"]);
    assert!(!playground.text("base").contains("\"y\": 1}"));
}

#[test]
fn a_partition_that_is_named_for_something_else_is_refused_too() {
    let Some(playground) = Playground::new(EVENTS) else {
        return;
    };
    playground.store("base").unwrap();
    let only = |said: &str| CompareOptions {
        tables: vec![said.to_owned()],
        ..CompareOptions::default()
    };
    refused(
        playground.compare_with("base", &only("ev_old")),
        "ev_old",
        "ev",
    );
    assert!(
        playground
            .compare_with("base", &only("ev*"))
            .unwrap()
            .is_equal()
    );
    for said in ["ev_old.id", "ev_*.id", "app.ev_new.y"] {
        let column = said.rsplit_once('.').unwrap().1;
        let partition = if said.starts_with("app") {
            "app.ev_new"
        } else {
            "ev_old"
        };
        let (ignored, configured) = (
            CompareOptions {
                ignore: vec![said.to_owned()],
                ..CompareOptions::default()
            },
            CompareOptions {
                ignore_configured: vec![said.to_owned()],
                ..CompareOptions::default()
            },
        );
        for options in [ignored, configured] {
            let compared = playground.compare_with("base", &options);
            refused(compared, partition, &format!("ev.{column}"));
        }
    }
    assert!(
        playground
            .compare_ignoring("base", &["ev*.id", "y"])
            .unwrap()
            .is_equal()
    );
    let reset = fixpoints::reset_sequences(
        &mut playground.database(),
        &playground.scope,
        &["ev_old".to_owned()],
    );
    refused(reset, "ev_old", "ev");
    let included = playground.scope.clone().including(&["ev_old".to_owned()]);
    fixpoints::restore(
        &mut playground.database(),
        &playground.chain("base").unwrap(),
        &included,
    )
    .unwrap();
    let included = Scope::excluding(&["ev*".to_owned()]).including(&["ev_old".to_owned()]);
    let chain = playground.chain("base").unwrap();
    refused(
        fixpoints::restore(&mut playground.database(), &chain, &included),
        "ev_old",
        "ev",
    );
}

#[test]
fn doctor_names_a_configured_partition() {
    let Some(playground) = Playground::new(EVENTS) else {
        return;
    };
    let config = Config::parse("exclude = [\"ev_old\"]\nignore = [\"ev_old.id\"]").unwrap();
    let findings = crate::diagnosis::examine(&playground, &config).findings;
    let subjects: Vec<_> = (findings.iter())
        .filter(|found| found.check == fixpoints::Check::Configuration)
        .map(|found| found.subject.as_deref().unwrap_or_default())
        .collect();
    assert_eq!(subjects, ["ev_old", "ev_old.id"]);
}

#[test]
fn a_table_of_a_fixpoint_that_became_a_partition_is_refused_with_the_reason() {
    let Some(playground) = Playground::new(
        "CREATE TABLE ev (y int) PARTITION BY LIST (y); CREATE TABLE late (y int); INSERT INTO late VALUES (1)",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground
        .sql("ALTER TABLE ev ATTACH PARTITION late FOR VALUES IN (1); INSERT INTO ev VALUES (1)");
    let error = playground.restore("base").unwrap_err();
    assert!(matches!(error, Error::Database { .. }), "{error}");
    let message = error.to_string();
    assert!(
        message.contains("its rows are rows of ev, of which it is a partition"),
        "{message}"
    );
    assert_eq!(playground.one("SELECT count(*) FROM ev"), "2");
}

#[test]
fn a_partition_that_a_test_expects_changes_of_is_refused_too() {
    let Some(playground) = Playground::new(EVENTS) else {
        return;
    };
    let suite = fixpoints::Fixpoints::new(playground.fixpoints().path());
    let mut client = playground.client();
    suite.store(&mut client, "base").unwrap();
    let before = suite.snapshot(&mut client).unwrap();
    let changes = suite.changes(&mut client, &before, |c| c.unchanged("ev_old"));
    refused(changes, "ev_old", "ev");
    let changes = suite.changes(&mut client, &before, |c| c.unchanged("ev_older"));
    assert!(matches!(changes, Err(Error::UnknownTable { .. })));
}
