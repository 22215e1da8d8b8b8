//! Code of roles that may do less than we is never called with our rights, by what only reads and plans.

use fixpoints::{Scope, reset_sequences};

use crate::playground::Playground;

/// Functions of an unprivileged role that refuse to be called with other rights than its own.
const SETUP: &str = "
    DO $$ BEGIN CREATE ROLE unprivileged LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
    GRANT ALL ON SCHEMA public TO unprivileged;
    CREATE TABLE ours (id serial PRIMARY KEY, v int); INSERT INTO ours (v) VALUES (1);
    SET SESSION AUTHORIZATION unprivileged;
    CREATE FUNCTION pure(x int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
        IF current_user <> 'unprivileged' THEN RAISE 'called with the rights of %', current_user; END IF; RETURN x; END $$;
    CREATE OPERATOR ## (leftarg = int, rightarg = int, function = plus);
    CREATE FUNCTION wrapped(x int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT public.pure(1) + x';
    CREATE TYPE e AS ENUM ('1', '2');
    CREATE DOMAIN de AS e;
    CREATE FUNCTION number_of(public.e) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN public.pure($1::text::int); END $$;
    CREATE CAST (e AS int) WITH FUNCTION number_of(e) AS IMPLICIT;
    CREATE TABLE a (id serial PRIMARY KEY, v int);";

fn playground(sql: &str) -> Option<Playground> {
    let operator = "CREATE FUNCTION plus(a int, b int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN public.pure(a) + b; END $$; CREATE OPERATOR ##";
    let setup = SETUP.replace("CREATE OPERATOR ##", operator);
    Playground::new(&format!(
        "{setup} INSERT INTO a (v) VALUES (7); {sql}; RESET SESSION AUTHORIZATION"
    ))
}

/// What each command leaves out of it, and why.
fn left_out(playground: &Playground, made: &str) -> Vec<String> {
    let report = playground.store("base");
    let report = report.unwrap_or_else(|error| panic!("{made}: {error}"));
    playground.compare("base").unwrap();
    let mut database = playground.database();
    reset_sequences(&mut database, &Scope::default(), &[]).unwrap();
    playground.sql("DELETE FROM ours");
    playground.restore("base").unwrap();
    assert_eq!(playground.one("SELECT count(*) FROM ours"), "1", "{made}");
    let reasons = report.left_out.iter();
    reasons
        .map(|left| format!("{}: {}", left.table, left.reason))
        .collect()
}

#[test]
fn a_table_whose_plans_call_a_function_of_somebody_with_less_rights_is_left_out() {
    let calls = |name: &str| {
        format!("calls public.{name}, a function of unprivileged, with the rights of postgres")
    };
    for (made, expected) in [
        (
            "CREATE INDEX x ON a ((pure(1)))",
            vec![format!("a: its index x {}", calls("pure"))],
        ),
        (
            "CREATE INDEX x ON a (v) WHERE pure(1) = 1",
            vec![format!("a: its index x {}", calls("pure"))],
        ),
        (
            "CREATE INDEX x ON a ((v + wrapped(v)))",
            vec![format!("a: its index x {}", calls("wrapped"))],
        ),
        (
            "CREATE INDEX x ON a ((1 ## 1))",
            vec![format!("a: its index x {}", calls("plus"))],
        ),
        (
            "CREATE STATISTICS x ON (pure(1) + v), (id + v) FROM a",
            vec![format!("a: its statistics x {}", calls("pure"))],
        ),
        (
            "CREATE TABLE q (id int, v int) PARTITION BY LIST ((pure(1) + v)); CREATE TABLE q1 PARTITION OF q FOR VALUES IN (2); INSERT INTO q VALUES (1, 1)",
            vec![
                format!("q: its partition key {}", calls("pure")),
                format!(
                    "q1: it is a partition of q, which is not covered because its partition key {}",
                    calls("pure")
                ),
            ],
        ),
        (
            "CREATE TABLE q (id int, v int) PARTITION BY LIST (v); CREATE TABLE q1 PARTITION OF q FOR VALUES IN (1); CREATE TABLE q2 PARTITION OF q DEFAULT; CREATE INDEX x ON q1 ((pure(1)))",
            vec![
                format!(
                    "q: its partition q1 is not covered because its index x {}",
                    calls("pure")
                ),
                format!("q1: its index x {}", calls("pure")),
                format!(
                    "q2: it is a partition of q, which is not covered because its partition q1 is not covered because its index x {}",
                    calls("pure")
                ),
            ],
        ),
        (
            "CREATE TABLE c (id int PRIMARY KEY, p e REFERENCES a); INSERT INTO c VALUES (1, '1')",
            vec![format!(
                "c: its foreign key c_p_fkey {}",
                calls("number_of")
            )],
        ),
        (
            "CREATE TABLE c (id int PRIMARY KEY, p de REFERENCES a); INSERT INTO c VALUES (1, '1')",
            vec![format!(
                "c: its foreign key c_p_fkey {}",
                calls("number_of")
            )],
        ),
        // Planning need not look at these at all.
        (
            "CREATE TABLE q (id int, v int) PARTITION BY LIST (v); CREATE TABLE q1 PARTITION OF q FOR VALUES IN (1); ALTER TABLE q1 ADD CHECK (pure(1) = v); INSERT INTO q VALUES (1, 1)",
            vec![],
        ),
        (
            "ALTER TABLE a ALTER v SET DEFAULT pure(3), ADD CHECK (pure(1) = 1), ADD g int GENERATED ALWAYS AS (pure(1)) STORED",
            vec![],
        ),
    ] {
        let Some(playground) = playground(made) else {
            return;
        };
        assert_eq!(left_out(&playground, made), expected, "{made}");
    }
}

#[test]
fn functions_of_ones_own_and_of_superusers_are_called_as_ever() {
    let Some(mut playground) = playground(
        "CREATE INDEX x ON a ((pure(1))); CREATE TABLE c (id int PRIMARY KEY, p e REFERENCES a); INSERT INTO c VALUES (1, '1');
         RESET SESSION AUTHORIZATION;
         CREATE FUNCTION theirs(x int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN x; END'; CREATE INDEX ON ours ((theirs(1)));
         ALTER TABLE ours OWNER TO unprivileged; SET SESSION AUTHORIZATION unprivileged",
    ) else {
        return;
    };
    playground.user = "unprivileged";
    assert_eq!(left_out(&playground, ""), Vec::<String>::new());
    // Whoever may become the superuser may do as much.
    playground.user = "postgres";
    playground.sql("CREATE ROLE powerful; GRANT postgres TO powerful; ALTER FUNCTION pure(int) OWNER TO powerful; ALTER FUNCTION number_of(e) OWNER TO powerful;
        CREATE OR REPLACE FUNCTION pure(x int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN x; END'");
    assert_eq!(left_out(&playground, ""), Vec::<String>::new());
}

#[test]
fn what_a_table_that_is_left_out_refers_to_is_not_restored_unchecked() {
    let Some(playground) = playground("CREATE TABLE c (id int PRIMARY KEY, p e REFERENCES a)")
    else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("UPDATE a SET v = 9");
    playground.restore("base").unwrap();
    playground.sql("INSERT INTO a VALUES (2)");
    let error = playground.restore("base").unwrap_err().to_string();
    let expected = "cannot check the foreign key c_p_fkey after a was written: the table at its other end is not read: its foreign key c_p_fkey calls public.number_of";
    assert!(error.contains(expected), "{error}");
}

#[test]
fn a_table_that_was_stored_and_cannot_be_read_any_more_says_why() {
    let Some(playground) = playground("SELECT 1") else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("SET SESSION AUTHORIZATION unprivileged; CREATE INDEX x ON a ((pure(1)))");
    let errors = [
        playground.restore("base").unwrap_err(),
        playground.compare("base").unwrap_err(),
    ];
    for error in errors.map(|error| error.to_string()) {
        let expected = "cannot read table a, which base covers: its index x calls public.pure, a function of unprivileged, with the rights of postgres";
        assert_eq!(error, expected);
    }
}
