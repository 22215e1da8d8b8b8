//! Constraints that wait for the end of a transaction hold after a restore as they do for everybody else.

use fixpoints::engines::postgres::Postgres;
use fixpoints::{Dependents, Error, Scope, Skip};

use crate::playground::Playground;

const TABLES: &str = "
    CREATE TABLE seats (id int PRIMARY KEY, row text COLLATE \"C\", n int, UNIQUE (row, n) DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE places (id int PRIMARY KEY DEFERRABLE, v text);
    CREATE TABLE stays (id int PRIMARY KEY, during int4range, gone bool,
        EXCLUDE USING gist (during WITH &&, int4range(id * 0, 1) WITH =) WHERE (NOT gone) DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE parts (id int, n int, UNIQUE (id, n) DEFERRABLE INITIALLY DEFERRED) PARTITION BY RANGE (n);
    CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
    CREATE TABLE parts2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
    INSERT INTO seats VALUES (1, 'a', 1), (2, 'a', 2), (3, NULL, 1), (4, NULL, 1);
    INSERT INTO places VALUES (1, 'x'), (2, 'y');
    INSERT INTO stays VALUES (1, '[1,3)', false), (2, '[3,5)', false), (3, '[1,9)', true);
    INSERT INTO parts VALUES (1, 1), (2, 2), (1, 11);";

/// What is to be restored, and what is said of it.
const CASES: [(&str, &str, &str, &str); 3] = [
    (
        "{\"id\": 2, \"row\": \"a\", \"n\": 2}",
        "{\"id\": 2, \"row\": \"a\", \"n\": 1}",
        "seats",
        "{\"id\": 1}",
    ),
    (
        "\"during\": \"[3,5)\"",
        "\"during\": \"[2,5)\"",
        "stays",
        "{\"id\": 1}",
    ),
    (
        "{\"id\": 1, \"n\": 11}",
        "{\"id\": 1, \"n\": 1}",
        "parts",
        "{\"id\": 1, \"n\": 1}",
    ),
];

const OWNED: &str = "
    DO $$ BEGIN CREATE ROLE keeper LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
    DO $$ DECLARE t text; BEGIN FOR t IN SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
    LOOP EXECUTE format('ALTER TABLE %I OWNER TO keeper', t); END LOOP; END $$;";

#[test]
fn rows_that_a_waiting_constraint_forbids_are_named_and_nothing_is_kept() {
    let Some(mut playground) = Playground::new(TABLES) else {
        return;
    };
    playground.sql(OWNED);
    playground.store("base").unwrap();
    let good = playground.text("base");
    playground.sql("DELETE FROM seats; DELETE FROM places; DELETE FROM stays; DELETE FROM parts");
    let wrecked = playground.dump();
    for user in ["postgres", "keeper"] {
        playground.user = user;
        for (from, to, table, first) in CASES {
            let bad = good.replace(from, to);
            assert_ne!(bad, good, "{from}");
            playground.edit("base", &bad);
            for held in [false, true] {
                let mut client = playground.place.connect(user);
                let chain = playground.chain("base").unwrap();
                let mut transaction = client.transaction().unwrap();
                let said = if held {
                    let mut database = Postgres::within(&mut transaction);
                    fixpoints::restore(&mut database, &chain, &Scope::default())
                } else {
                    playground.restore("base")
                };
                transaction.commit().unwrap();
                let error = said.expect_err(&format!("{user} {table}"));
                assert!(
                    matches!(&error, Error::Row { table: found, row, .. } if found == table && row.to_string() == *first),
                    "{user}: {error:?}"
                );
                let text = error.to_string();
                assert!(
                    text.contains(": the constraint ")
                        && text.contains(" forbids it beside {\"id\": "),
                    "{text}"
                );
                assert_eq!(playground.dump(), wrecked, "{user} {table}");
            }
        }
        playground.edit("base", &good);
        playground.restore("base").unwrap();
        assert!(playground.compare("base").unwrap().is_equal());
        playground.user = "postgres";
        playground
            .sql("DELETE FROM seats; DELETE FROM places; DELETE FROM stays; DELETE FROM parts");
    }
}

#[test]
fn values_may_swap_places_under_a_waiting_constraint() {
    let Some(playground) = Playground::new(TABLES) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("UPDATE seats SET n = 3 - n WHERE row = 'a'; UPDATE places SET id = 3 - id");
    playground.restore("base").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
}

#[test]
fn whoever_may_not_silence_foreign_keys_cannot_keep_dependents_and_is_told_so() {
    let Some(mut playground) = Playground::new(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (7, 1);",
    ) else {
        return;
    };
    playground.sql(OWNED);
    playground.store("base").unwrap();
    playground.scope = Scope::default().skipping(Skip::tables(["p"]).dependents(Dependents::Keep));
    let before = playground.dump();
    playground.user = "keeper";
    let error = playground.restore("base").unwrap_err();
    insta::assert_snapshot!(format!("{error:?}"), @r#"
    cannot put constraints and triggers back: insert or update on table "c" violates foreign key constraint "c_p_fkey" (Key (p)=(1) is not present in table "p"), and only a superuser can leave such a row
    hint: restore as a superuser, or leave such rows out too: unset FIXPOINTS_SKIP_DEPENDENTS
    "#);
    assert_eq!(playground.dump(), before);
    playground.user = "postgres";
    playground.restore("base").unwrap();
    assert_eq!(
        playground.one("SELECT concat((SELECT count(*) FROM p), (SELECT count(*) FROM c))"),
        "01"
    );
}

#[test]
fn what_waits_for_the_callers_commit_goes_on_waiting() {
    let Some(playground) = Playground::new(
        "CREATE TABLE p (id int PRIMARY KEY, n int UNIQUE DEFERRABLE INITIALLY DEFERRED); CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);
         CREATE TABLE x (id int PRIMARY KEY); CREATE TABLE y (x int CONSTRAINT same REFERENCES x DEFERRABLE INITIALLY DEFERRED);
         CREATE TABLE w (x int CONSTRAINT same CHECK (x > 0)); INSERT INTO p VALUES (1, 1), (2, 2); INSERT INTO c VALUES (1);
         CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER always AFTER INSERT ON p EXECUTE FUNCTION note(); ALTER TABLE p ENABLE ALWAYS TRIGGER always;",
    ) else {
        return;
    };
    playground.sql(OWNED);
    playground.store("base").unwrap();
    let scope = Scope::excluding(&["x".to_owned(), "y".to_owned()]);
    let chain = playground.chain("base").unwrap();
    for user in ["postgres", "keeper"] {
        let mut client = playground.place.connect(user);
        let mut transaction = client.transaction().unwrap();
        transaction
            .batch_execute(
                "INSERT INTO y VALUES (1); UPDATE p SET n = 3 - n; INSERT INTO c VALUES (2)",
            )
            .unwrap();
        let mut database = Postgres::within(&mut transaction);
        fixpoints::restore(&mut database, &chain, &scope).unwrap();
        drop(database);
        let after = "INSERT INTO y VALUES (2); INSERT INTO x VALUES (1), (2); INSERT INTO c VALUES (9); INSERT INTO p VALUES (9, 1)";
        transaction.batch_execute(after).unwrap();
        transaction
            .batch_execute("UPDATE p SET n = 9 WHERE id = 9")
            .unwrap();
        transaction.commit().unwrap();
        playground.sql("DELETE FROM x; DELETE FROM y");
        playground.restore("base").unwrap();
        assert!(playground.compare("base").unwrap().is_equal());
    }
}
