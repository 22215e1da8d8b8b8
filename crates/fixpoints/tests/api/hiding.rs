//! `FIXPOINTS_HIDE_PLAN`: tables that are hidden from single tests.

use std::path::PathBuf;
use std::thread;

use fixpoints::{Environment, Error, Fixpoints, Hiding, Logged, Recording};

use crate::playground::{Playground, SHOP, desk, updating};

/// The name of the test that the thread of this call belongs to.
fn own_name() -> String {
    thread::current().name().unwrap().to_owned()
}

fn planned(here: &Playground, plan: &str, test: &[&str]) -> Fixpoints {
    here.within(Environment {
        hiding: hiding(here, plan, test),
        ..desk()
    })
}

fn hiding(here: &Playground, plan: &str, test: &[&str]) -> Hiding {
    let path = here.folder.path().join("plan.json");
    fixpoints::write_file(&path, plan.as_bytes()).unwrap();
    Hiding {
        plan: Some(path),
        log: Some(here.folder.path().join("hidden.jsonl")),
        test: test.iter().map(|&name| name.to_owned()).collect(),
        program: None,
    }
}

fn counts(here: &Playground) -> [i64; 3] {
    ["authors", "books", "reviews"].map(|table| here.count(table))
}

fn logged(here: &Playground) -> Vec<Logged> {
    let text = std::fs::read_to_string(here.folder.path().join("hidden.jsonl")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// In a thread of its own, as a helper thread or a worker of a runtime.
fn elsewhere<T: Send>(name: Option<&str>, work: impl FnOnce() -> T + Send) -> T {
    let builder = match name {
        Some(name) => thread::Builder::new().name(name.to_owned()),
        None => thread::Builder::new(),
    };
    thread::scope(|scope| builder.spawn_scoped(scope, work).unwrap().join().unwrap())
}

#[test]
fn the_environment_names_the_plan_and_the_test() {
    let of = |variables: &'static [(&'static str, &'static str)]| {
        let get = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Environment::of(get).hiding
    };
    let plan = of(&[
        ("FIXPOINTS_HIDE_PLAN", "p.json"),
        ("FIXPOINTS_HIDE_LOG", "l.jsonl"),
    ]);
    assert_eq!(plan.plan, Some(PathBuf::from("p.json")));
    assert_eq!(plan.log, Some(PathBuf::from("l.jsonl")));
    let named = |variables| of(variables).test;
    assert!(named(&[]).is_empty() && named(&[("FIXPOINTS_TEST", "")]).is_empty());
    let nextest = &[
        ("NEXTEST_BINARY_ID", "shop::orders"),
        ("NEXTEST_TEST_NAME", "a::b"),
    ];
    assert_eq!(named(nextest), ["shop::orders a::b", "a::b"]);
    assert_eq!(
        named(&[("PYTEST_CURRENT_TEST", "t/test_a.py::test_x[a (b)] (call)")]),
        ["t/test_a.py::test_x[a (b)]"]
    );
    assert_eq!(
        named(&[("FIXPOINTS_TEST", "mine"), ("NEXTEST_TEST_NAME", "a")]),
        ["mine"]
    );
}

#[test]
fn each_test_lacks_what_the_plan_hides_from_it_and_nothing_else() {
    let mut here = Playground::stored(SHOP);
    let plan = r#"{"shop::orders sale": ["authors"], "sale": ["reviews"], "shop::orders other": ["books"]}"#;
    for (test, expected) in [
        (&["shop::orders sale"][..], [0, 2, 1]),
        (&["shop::orders sale", "sale"], [0, 2, 0]),
        (&["shop::books sale", "sale"], [2, 2, 0]),
        (&["shop::orders other", "other"], [2, 0, 1]),
        (&["shop::orders unlisted", "unlisted"], [2, 2, 1]),
    ] {
        let fixpoints = planned(&here, plan, test);
        fixpoints.restore(&mut here.db, "base").unwrap();
        assert_eq!(counts(&here), expected, "{test:?}");
        fixpoints.compare(&mut here.db, "base").unwrap();
    }
}

#[test]
fn a_star_stands_for_every_test() {
    let mut here = Playground::stored(SHOP);
    let fixpoints = planned(&here, r#"{"*": ["books"], "a": ["authors"]}"#, &["a"]);
    fixpoints.restore(&mut here.db, "base").unwrap();
    assert_eq!(counts(&here), [0, 0, 1]);
    let fixpoints = planned(&here, r#"{"*": ["books"], "a": ["authors"]}"#, &["b"]);
    fixpoints.restore(&mut here.db, "base").unwrap();
    assert_eq!(counts(&here), [2, 0, 1]);
    let fixpoints = planned(&here, r#"{"*": ["books"]}"#, &[]);
    elsewhere(Some("main"), || {
        fixpoints.restore(&mut here.db, "base").map(drop)
    })
    .unwrap();
    assert_eq!(counts(&here), [2, 0, 1], "it needs no name");
}

#[test]
fn the_thread_names_the_test() {
    let mut here = Playground::stored(SHOP);
    let own = own_name();
    let fixpoints = planned(&here, &format!(r#"{{"{own}": ["authors"]}}"#), &[]);
    fixpoints.restore(&mut here.db, "base").unwrap();
    assert_eq!(counts(&here), [0, 2, 1]);
    let mut hiding = hiding(&here, &format!(r#"{{"shop::api {own}": ["books"]}}"#), &[]);
    let error = here.within(Environment {
        hiding: hiding.clone(),
        ..desk()
    });
    let error = error.restore(&mut here.db, "base").unwrap_err();
    assert!(
        matches!(error, Error::UnknownTest { .. }),
        "of which program: {error}"
    );
    for (program, expected) in [("shop::api", [2, 0, 1]), ("shop::other", [2, 2, 1])] {
        hiding.program = Some(program.to_owned());
        let fixpoints = here.within(Environment {
            hiding: hiding.clone(),
            ..desk()
        });
        fixpoints.restore(&mut here.db, "base").unwrap();
        assert_eq!(counts(&here), expected, "{program}");
    }
}

#[test]
fn a_restore_that_cannot_tell_which_test_runs_fails() {
    let mut here = Playground::stored(SHOP);
    here.sql("DELETE FROM reviews");
    let fixpoints = planned(&here, r#"{"a": ["authors"]}"#, &[]);
    for thread in [Some("main"), Some("tokio-runtime-worker"), None] {
        let failed = elsewhere(thread, || fixpoints.restore(&mut here.db, "base").map(drop));
        let error = failed.unwrap_err();
        assert!(
            matches!(error, Error::UnknownTest { .. }),
            "{thread:?}: {error}"
        );
    }
    assert_eq!(here.count("reviews"), 0, "nothing was restored");
    let failed = elsewhere(Some("main"), || {
        fixpoints.restore(&mut here.db, "base").map(drop)
    });
    let error = failed.unwrap_err();
    insta::assert_snapshot!(here.placeless(format!("{error}\n{}", error.hint().unwrap())), @r"
    plan.json hides tables from single tests, and it cannot be told which test runs here: the thread is called `main`
    set FIXPOINTS_TEST to the test's name, run the tests with `cargo nextest run`, or restore in the thread of the test; without FIXPOINTS_HIDE_PLAN nothing is hidden
    ");
    // A name makes it known.
    let fixpoints = planned(&here, r#"{"a": ["authors"]}"#, &["a"]);
    elsewhere(None, || fixpoints.restore(&mut here.db, "base").map(drop)).unwrap();
    assert_eq!(counts(&here), [0, 2, 1]);
}

#[test]
fn unknown_tables_and_damaged_plans_are_errors() {
    let mut here = Playground::stored(SHOP);
    let fixpoints = planned(&here, r#"{"a": ["bokks"]}"#, &["a"]);
    let error = fixpoints.restore(&mut here.db, "base").unwrap_err();
    insta::assert_snapshot!(format!("{error}\n{}", error.hint().unwrap()), @r"
    no table is called `bokks`, and FIXPOINTS_HIDE_PLAN is to skip it
    in the plan, name one of books, audit, authors, reviews, or unset FIXPOINTS_HIDE_PLAN
    ");
    for plan in ["", "[]", r#"{"a": "books"}"#, r#"{"a": ["books"]"#] {
        let fixpoints = planned(&here, plan, &["a"]);
        let error = fixpoints.restore(&mut here.db, "base").unwrap_err();
        assert!(matches!(error, Error::HidePlan { .. }), "{plan}: {error}");
    }
    let mut environment = Environment {
        hiding: hiding(&here, "{}", &["a"]),
        ..desk()
    };
    environment.skip = fixpoints::Skip::tables(["books"]);
    let error = here
        .within(environment.clone())
        .restore(&mut here.db, "base")
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("FIXPOINTS_SKIP_TABLES is set too"),
        "{error}"
    );
    environment.skip = fixpoints::Skip::default();
    environment.hiding.plan = Some(here.folder.path().join("nowhere.json"));
    let error = here
        .within(environment)
        .restore(&mut here.db, "base")
        .unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
}

#[test]
fn nothing_is_stored_while_tables_are_hidden_and_nothing_updated_while_a_plan_is_set() {
    let mut here = Playground::stored(SHOP);
    let before = here.text("base");
    let fixpoints = planned(&here, r#"{"a": ["books"]}"#, &["a"]);
    let error = fixpoints.store(&mut here.db, "base").unwrap_err();
    insta::assert_snapshot!(format!("{error}\n{}", error.hint().unwrap()), @r"
    `base` is not stored while tables are skipped, because it would lack their rows
    unset FIXPOINTS_HIDE_PLAN and store it then
    ");
    here.sql("INSERT INTO audit VALUES (1, 'x')");
    let environment = Environment {
        hiding: hiding(&here, "{}", &["b"]),
        ..updating()
    };
    assert_eq!(environment.recording, Recording::Update);
    let error = here
        .within(environment)
        .compare(&mut here.db, "base")
        .unwrap_err();
    assert!(matches!(error, Error::Different(_)), "{error}");
    assert_eq!(here.text("base"), before);
}

#[test]
fn every_restore_is_logged_with_what_it_hid_and_what_it_restored() {
    let mut here = Playground::stored(SHOP);
    let plan = r#"{"shop::orders a": ["books"], "b": ["nope"]}"#;
    for test in [
        &["shop::orders a", "a"][..],
        &["shop::orders c", "c"],
        &["b"],
    ] {
        let _ = planned(&here, plan, test).restore(&mut here.db, "base");
    }
    let planned = planned(&here, plan, &[]);
    let _ = elsewhere(Some("main"), || {
        planned.restore(&mut here.db, "base").map(drop)
    });
    let logged = logged(&here);
    let seen: Vec<_> = logged
        .iter()
        .map(|one| {
            (
                one.test.as_deref(),
                one.hidden.iter().map(String::as_str).collect::<Vec<_>>(),
                one.refused.is_some(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Some("shop::orders a"), vec!["books"], false),
            (Some("shop::orders c"), vec![], false),
            (Some("b"), vec![], true),
            (None, vec![], true),
        ]
    );
    let restored: Vec<_> = logged[0]
        .restored
        .iter()
        .map(|(name, rows)| (name.as_str(), *rows))
        .collect();
    assert_eq!(restored, [("audit", 0), ("authors", 2), ("reviews", 1)]);
    assert_eq!(logged[0].fixpoint, "base");
}

#[test]
fn without_a_plan_nothing_is_read() {
    let mut here = Playground::stored(SHOP);
    elsewhere(None, || {
        here.fixpoints.restore(&mut here.db, "base").map(drop)
    })
    .unwrap();
    assert_eq!(counts(&here), [2, 2, 1]);
    assert!(!here.folder.path().join("hidden.jsonl").exists());
}
