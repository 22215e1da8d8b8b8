//! What functions of checks, event triggers and the like write during a restore is noticed before the commit, which
//! does not happen then.

use fixpoints::{Error, Fixpoints};

use crate::playground::Playground;

/// A table that writes elsewhere when it is written, once `armed` has a row: `STATEMENT` stands for what it does.
const CHECKED: &str = "CREATE TABLE armed (x int); CREATE TABLE b (id int PRIMARY KEY, n int); CREATE TABLE log (n serial);
    CREATE TABLE inherits () INHERITS (b);
    CREATE FUNCTION noting(n int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT 1 FROM public.armed) THEN STATEMENT; END IF; RETURN true; END $$;
    CREATE TABLE a (id int PRIMARY KEY, n int CHECK (noting(n)));
    CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    INSERT INTO a VALUES (1, 1), (2, 2); INSERT INTO b VALUES (1, 1), (2, 2);";

/// A restore that has to be refused, and why.
fn refusal(playground: &Playground) -> String {
    let before = playground.dump();
    let error = playground.restore("base").unwrap_err();
    assert!(matches!(error, Error::Disturbed { .. }), "{error}");
    assert!(error.hint().unwrap().starts_with("nothing was changed"));
    assert_eq!(playground.dump(), before, "nothing was kept");
    let text = error.to_string();
    let (_, found) = text.split_once("meanwhile: ").unwrap();
    found.to_owned()
}

fn checked(statement: &str, excluded: &[&str]) -> Option<Playground> {
    let excluded: Vec<&str> = excluded.iter().copied().chain(["armed"]).collect();
    let playground =
        Playground::new(&CHECKED.replace("STATEMENT", statement))?.excluding(&excluded);
    playground.store("base").unwrap();
    playground.sql("DELETE FROM a WHERE id = 1; INSERT INTO armed VALUES (1)");
    Some(playground)
}

#[test]
fn whatever_a_check_writes_is_named() {
    for (statement, excluded, expected) in [
        (
            "INSERT INTO public.b VALUES (n + 10)",
            &[][..],
            r#"b has {"id": 11} besides"#,
        ),
        (
            "UPDATE public.b SET n = 9 WHERE id = 2",
            &[],
            r#"b has other values in n of {"id": 2}"#,
        ),
        (
            "DELETE FROM public.b",
            &[],
            r#"b lacks {"id": 1}, lacks {"id": 2}"#,
        ),
        (
            "TRUNCATE public.b",
            &[],
            r#"b lacks {"id": 1}, lacks {"id": 2}"#,
        ),
        (
            "INSERT INTO public.inherits VALUES (5)",
            &[],
            "inherits has",
        ),
        (
            "INSERT INTO public.log DEFAULT VALUES",
            &["log"],
            "rows of log were written",
        ),
        (
            "PERFORM nextval('public.log_n_seq')",
            &[],
            "sequence log_n_seq stands at 1 instead of at 1 (not handed out yet)",
        ),
        ("TRUNCATE public.log", &["log"], "rows of log were written"),
        (
            "CREATE TABLE public.made AS SELECT 1",
            &[],
            "rows of made were written",
        ),
    ] {
        let Some(playground) = checked(statement, excluded) else {
            return;
        };
        let found = refusal(&playground);
        assert!(found.starts_with(expected), "{statement}: {found}");
    }
}

#[test]
fn a_check_that_leaves_the_fixpoints_state_is_not_refused() {
    for statement in [
        "INSERT INTO public.b VALUES (7); DELETE FROM public.b WHERE id = 7",
        "UPDATE public.b SET n = b.n",
        "CREATE TEMP TABLE IF NOT EXISTS scratch (x int); INSERT INTO scratch VALUES (1)",
        "BEGIN INSERT INTO public.b VALUES (7); RAISE 'no'; EXCEPTION WHEN OTHERS THEN NULL; END",
    ] {
        let Some(playground) = checked(statement, &[]) else {
            return;
        };
        playground.restore("base").unwrap();
        assert!(
            playground.compare("base").unwrap().is_equal(),
            "{statement}"
        );
    }
}

/// Wherever it is set off by whoever may set it, the server counts nothing of what this does.
fn uncounted(statement: &str) -> String {
    format!(
        "PERFORM set_config('track_counts', 'off', true); {statement}; PERFORM set_config('track_counts', 'on', true)"
    )
}

#[test]
fn what_a_check_hides_from_the_counters_is_named_too() {
    for (statement, excluded, expected) in [
        (
            "UPDATE public.b SET n = 9 WHERE id = 2",
            &[][..],
            r#"b has other values in n of {"id": 2}"#,
        ),
        (
            "TRUNCATE public.b",
            &[],
            r#"b lacks {"id": 1}, lacks {"id": 2}"#,
        ),
        (
            "INSERT INTO public.log DEFAULT VALUES",
            &["log"],
            "rows of log were written",
        ),
        ("TRUNCATE public.log", &["log"], "rows of log were written"),
    ] {
        let Some(playground) = checked(&uncounted(statement), excluded) else {
            return;
        };
        assert_eq!(refusal(&playground), expected, "{statement}");
    }
    // The restore itself writes this table too.
    let Some(playground) = checked(&uncounted("UPDATE public.b SET n = 9 WHERE id = 2"), &[])
    else {
        return;
    };
    playground.sql("DELETE FROM b WHERE id = 1");
    let found = refusal(&playground);
    assert_eq!(found, r#"b has other values in n of {"id": 2}"#);
}

#[test]
fn a_check_that_changes_the_schema_is_named() {
    for (statement, excluded, expected) in [
        ("DROP TABLE IF EXISTS public.b CASCADE", &[][..], "b"),
        ("ALTER TABLE public.b DROP COLUMN IF EXISTS n", &[], "b"),
        (
            "ALTER TABLE public.b ADD COLUMN IF NOT EXISTS w int DEFAULT 7",
            &[],
            "b",
        ),
        ("ALTER TABLE public.b ALTER n TYPE bigint", &[], "b"),
        (
            "ALTER TABLE public.b DROP CONSTRAINT IF EXISTS b_pkey",
            &[],
            "b",
        ),
        ("DROP TABLE IF EXISTS public.log", &["log"], "log"),
        (
            "CREATE TABLE IF NOT EXISTS public.made (x int)",
            &[],
            "made",
        ),
        (
            "IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'late') THEN CREATE TRIGGER late AFTER INSERT ON public.log EXECUTE FUNCTION public.noted(); END IF",
            &["log"],
            "log",
        ),
    ] {
        let Some(playground) = checked(statement, excluded) else {
            return;
        };
        let found = refusal(&playground);
        let expected = format!("the schema of {expected} was changed");
        assert!(found.contains(&expected), "{statement}: {found}");
    }
}

#[test]
fn a_server_that_counts_nothing_has_every_covered_table_read_again() {
    let Some(playground) = checked("INSERT INTO public.b VALUES (n + 10)", &[]) else {
        return;
    };
    let database = &playground.place.name;
    playground.sql(&format!("ALTER DATABASE {database} SET track_counts = off"));
    assert!(refusal(&playground).starts_with("b has"));
    playground.sql("DELETE FROM armed");
    playground.restore("base").unwrap();
}

/// An ordinary log of changes to the schema, in a database whose owner restores: triggers are switched off one by one.
const LOGGED: &str = "CREATE TABLE a (id serial PRIMARY KEY, v text); CREATE TABLE ddl_log (id serial PRIMARY KEY, tag text);
    CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION t();
    INSERT INTO a (v) VALUES ('x');
    DO $$ BEGIN CREATE ROLE logged_owner LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
    ALTER TABLE a OWNER TO logged_owner; ALTER TABLE ddl_log OWNER TO logged_owner; GRANT ALL ON SCHEMA public TO logged_owner;
    CREATE FUNCTION et() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN INSERT INTO public.ddl_log (tag) VALUES (tg_tag); END $$;
    CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION et()";

#[test]
fn what_an_event_trigger_logs_is_named() {
    let Some(mut playground) = Playground::new(LOGGED) else {
        return;
    };
    playground.user = "logged_owner";
    playground.store("base").unwrap();
    playground.sql("DELETE FROM a");
    let found = refusal(&playground);
    assert!(found.starts_with(r#"ddl_log has {"id": "#), "{found}");
    playground.scope = fixpoints::Scope::excluding(&["ddl_log".to_owned()]);
    playground.store("other").unwrap();
    playground.sql("INSERT INTO a (v) VALUES ('y')");
    let error = playground.restore("other").unwrap_err().to_string();
    assert!(error.contains("rows of ddl_log were written"), "{error}");
    // Resetting sequences runs the same event trigger.
    playground.sql("SELECT setval('a_id_seq', 50)");
    let mut database = playground.database();
    let error = fixpoints::reset_sequences(&mut database, &playground.scope, &[]).unwrap_err();
    assert!(error.to_string().contains("ddl_log"), "{error}");
    assert_eq!(playground.one("SELECT last_value FROM a_id_seq"), "50");
}

#[test]
fn what_was_written_earlier_on_a_connection_is_nobodys_disturbance() {
    let Some(playground) =
        Playground::new("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1)")
    else {
        return;
    };
    let fixpoints = Fixpoints::new(playground.fixpoints().path());
    let mut client = playground.client();
    fixpoints.store(&mut client, "base").unwrap();
    for _ in 0..3 {
        client
            .batch_execute("INSERT INTO a SELECT generate_series(2, 9)")
            .unwrap();
        fixpoints.restore(&mut client, "base").unwrap();
    }
    client
        .batch_execute("BEGIN; INSERT INTO a VALUES (5); TRUNCATE a; INSERT INTO a VALUES (6)")
        .unwrap();
    fixpoints.restore(&mut client, "base").unwrap();
    client.batch_execute("COMMIT").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
}

#[test]
fn a_deferred_trigger_that_something_wakes_runs_before_the_commit() {
    let Some(mut playground) = Playground::new(
        "CREATE TABLE armed (x int); CREATE TABLE other (x int); CREATE TABLE last (x int);
         CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.last VALUES (1); RETURN NULL; END';
         CREATE CONSTRAINT TRIGGER late AFTER INSERT ON other DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
         ALTER TABLE other ENABLE ALWAYS TRIGGER late;
         CREATE FUNCTION noting(n int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
            IF EXISTS (SELECT 1 FROM public.armed) THEN INSERT INTO public.other VALUES (1); DELETE FROM public.other; END IF; RETURN true; END $$;
         CREATE TABLE a (id int PRIMARY KEY, n int CHECK (noting(n))); INSERT INTO a VALUES (1, 1);",
    ) else {
        return;
    };
    playground = playground.excluding(&["armed"]);
    playground.store("base").unwrap();
    playground.sql("DELETE FROM a; INSERT INTO armed VALUES (1)");
    let found = refusal(&playground);
    assert!(found.contains("last has"), "{found}");
}

#[test]
fn a_domain_an_index_and_triggers_that_nothing_else_silences_are_noticed_too() {
    for made in [
        "CREATE DOMAIN watched AS int CHECK (noting(VALUE)); CREATE TABLE z (id int PRIMARY KEY, n watched)",
        "CREATE TABLE z (id int PRIMARY KEY, n int); CREATE INDEX ON z ((noting(n)))",
        "CREATE TABLE z (id int PRIMARY KEY, n int, g bool GENERATED ALWAYS AS (noting(n)) STORED)",
        "CREATE TABLE z (id int PRIMARY KEY, n int); CREATE INDEX ON z (n) WHERE noting(n)",
        "CREATE TABLE z (id int, n int CHECK (noting(n)), PRIMARY KEY (id, n)) PARTITION BY LIST (n); CREATE TABLE z1 PARTITION OF z FOR VALUES IN (1); CREATE TABLE z2 PARTITION OF z DEFAULT",
    ] {
        let Some(playground) = Playground::new(&format!(
            "CREATE TABLE armed (x int); CREATE TABLE b (id int PRIMARY KEY);
             CREATE FUNCTION noting(n int) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM wrote(); RETURN true; END $$;
             CREATE FUNCTION wrote() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
                IF EXISTS (SELECT 1 FROM public.armed) THEN INSERT INTO public.b SELECT 1 + count(*) FROM public.b; END IF; END $$;
             {made}; INSERT INTO z VALUES (1, 1), (2, 2)"
        )) else {
            return;
        };
        let playground = playground.excluding(&["armed"]);
        playground.store("base").unwrap();
        playground.sql("UPDATE z SET n = 3 WHERE id = 1; INSERT INTO armed VALUES (1)");
        let found = refusal(&playground);
        assert_eq!(found, r#"b has {"id": 1} besides"#, "{made}");
    }
}
