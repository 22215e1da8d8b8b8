//! A test that holds its connection, or a transaction, has it as before after every operation.

use fixpoints::engines::postgres::Postgres;
use fixpoints::{CompareOptions, Database as _, Error, Skip};
use postgres::Client;

use crate::playground::Playground;

const TABLES: &str = "CREATE TABLE p (id serial PRIMARY KEY, v text); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p);
    CREATE TABLE g (c int REFERENCES c); CREATE TABLE other (id int); INSERT INTO p (v) VALUES ('a'), ('b'); INSERT INTO c VALUES (1, 1), (2, 2); INSERT INTO g VALUES (1);";

fn settings(client: &mut impl postgres::GenericClient) -> String {
    let sql = "SELECT string_agg(name || '=' || setting, E'\\n' ORDER BY name) FROM pg_settings WHERE name NOT IN ('transaction_isolation')";
    client.query_one(sql, &[]).unwrap().get(0)
}

fn restore(
    playground: &Playground,
    database: &mut Postgres<'_>,
) -> fixpoints::Result<fixpoints::RestoreReport> {
    let chain = playground.chain("base").unwrap();
    fixpoints::restore(database, &chain, &playground.scope)
}

fn differs(playground: &Playground, database: &mut Postgres<'_>) -> bool {
    let chain = playground.chain("base").unwrap();
    let options = CompareOptions::default();
    !fixpoints::compare(database, &chain, &playground.scope, &options)
        .unwrap()
        .is_equal()
}

fn prepared(client: &mut Client) {
    client
        .batch_execute("SET search_path = pg_temp, public; SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'; SET application_name = 'mine'; SET lock_timeout = 123")
        .unwrap();
}

#[test]
fn a_connection_is_as_before_after_every_operation() {
    let Some(playground) = Playground::new(TABLES) else {
        return;
    };
    playground.store("base").unwrap();
    let mut client = playground.client();
    prepared(&mut client);
    let before = settings(&mut client);
    client
        .batch_execute("DELETE FROM g; UPDATE p SET v = 'x'")
        .unwrap();
    assert!(differs(&playground, &mut Postgres::on(&mut client)));
    restore(&playground, &mut Postgres::on(&mut client)).unwrap();
    assert!(!differs(&playground, &mut Postgres::on(&mut client)));
    assert_eq!(settings(&mut client), before);
    playground.edit(
        "base",
        &playground.text("base").replace("\"p\": 2", "\"p\": 8"),
    );
    restore(&playground, &mut Postgres::on(&mut client)).unwrap_err();
    assert_eq!(settings(&mut client), before);
    assert!(
        client.batch_execute("INSERT INTO c VALUES (9, 9)").is_err(),
        "foreign keys are enforced again"
    );
}

#[test]
fn inside_a_transaction_everything_is_a_savepoint() {
    let Some(playground) = Playground::new(TABLES) else {
        return;
    };
    playground.store("base").unwrap();
    let good = playground.text("base");
    let mut client = playground.client();
    prepared(&mut client);
    let mut transaction = client.transaction().unwrap();
    let before = settings(&mut transaction);
    transaction.batch_execute("DELETE FROM g; UPDATE p SET v = 'x'; INSERT INTO other VALUES (7); SELECT nextval('p_id_seq')").unwrap();
    assert!(differs(
        &playground,
        &mut Postgres::within(&mut transaction)
    ));
    assert_eq!(settings(&mut transaction), before);

    playground.edit("base", &good.replace("\"p\": 2", "\"p\": 8"));
    let error = restore(&playground, &mut Postgres::within(&mut transaction)).unwrap_err();
    assert!(matches!(error, Error::BrokenReferences { .. }), "{error}");
    assert_eq!(settings(&mut transaction), before);
    playground.edit("base", &good.replace("\"p\": 2", "\"p\": \"x\""));
    restore(&playground, &mut Postgres::within(&mut transaction)).unwrap_err();
    let rows: i64 = transaction
        .query_one("SELECT count(*) FROM p WHERE v = 'x'", &[])
        .unwrap()
        .get(0);
    assert_eq!(rows, 2, "what the test did before is still there");

    playground.edit("base", &good);
    transaction.batch_execute("DELETE FROM other").unwrap();
    restore(&playground, &mut Postgres::within(&mut transaction)).unwrap();
    assert_eq!(settings(&mut transaction), before);
    assert!(!differs(
        &playground,
        &mut Postgres::within(&mut transaction)
    ));
    assert!(
        playground.compare("base").unwrap().sequences.len() == 1,
        "nothing is committed yet but what no transaction undoes"
    );
    transaction.rollback().unwrap();
    assert!(playground.compare("base").unwrap().sequences.len() == 1);
    restore(&playground, &mut Postgres::on(&mut client)).unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
}

#[test]
fn a_savepoint_of_an_owner_keeps_constraints() {
    let Some(playground) = Playground::new(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED); INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1);
         DO $$ BEGIN CREATE ROLE holder LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$; ALTER TABLE p OWNER TO holder; ALTER TABLE c OWNER TO holder; GRANT ALL ON SCHEMA public TO holder;",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    let mut client = playground.place.connect("holder");
    let mut transaction = client.transaction().unwrap();
    transaction
        .batch_execute(
            "INSERT INTO c VALUES (2); DELETE FROM c WHERE p = 1; DELETE FROM p WHERE id = 1",
        )
        .unwrap();
    restore(&playground, &mut Postgres::within(&mut transaction)).unwrap();
    assert!(
        transaction
            .savepoint("s")
            .unwrap()
            .batch_execute("INSERT INTO c VALUES (5); SET CONSTRAINTS ALL IMMEDIATE")
            .is_err()
    );
    transaction.commit().unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
}

#[test]
fn skipped_tables_and_what_depends_on_them_are_left_empty() {
    let Some(mut playground) = Playground::new(TABLES) else {
        return;
    };
    playground.store("base").unwrap();
    playground.scope = fixpoints::Scope::default().skipping(Skip::tables(["c"]));
    playground.restore("base").unwrap();
    assert_eq!(playground.one("SELECT concat((SELECT count(*) FROM p), (SELECT count(*) FROM c), (SELECT count(*) FROM g))"), "200");
    assert!(playground.compare("base").unwrap().is_equal());
    let mut database = playground.database();
    let references = database.read(None).unwrap().references().unwrap();
    assert_eq!(format!("{references:?}"), r#"{"c": {"p"}, "g": {"c"}}"#);
}

#[test]
fn a_restore_waits_for_no_lock_for_long() {
    let Some(playground) = Playground::new(TABLES) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("DELETE FROM g");
    let mut other = playground.client();
    let mut transaction = other.transaction().unwrap();
    transaction.batch_execute("UPDATE c SET id = id").unwrap();
    let mut client = playground.client();
    let mut database = Postgres::on(&mut client).waiting(
        std::time::Duration::from_millis(50),
        std::time::Duration::from_secs(60),
    );
    let error = restore(&playground, &mut database).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("lock timeout; process ") && text.ends_with("idle in transaction) holds c"),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("pg_terminate_backend"));
    assert_eq!(playground.one("SELECT count(*) FROM g"), "0");
}

#[test]
fn a_missing_database_and_a_wrong_user_are_said() {
    let Some(playground) = Playground::new("") else {
        return;
    };
    let url = playground.place.url("postgres");
    let missing = url.replace(&playground.place.name, "no_test");
    assert!(matches!(
        Postgres::open(&missing).err(),
        Some(Error::MissingDatabase { .. })
    ));
    let wrong = url.replace("postgres@", "nobody_at_all:s3cret@");
    let error = Postgres::open(&wrong).err().unwrap().to_string();
    assert!(
        error.contains("does not exist") && !error.contains("s3cret"),
        "{error}"
    );
    let nowhere = Postgres::open("postgres://u:s3cret@127.0.0.1:1/x_test")
        .err()
        .unwrap()
        .to_string();
    assert!(
        nowhere.contains("refused") && !nowhere.contains("s3cret"),
        "{nowhere}"
    );
    let bad = Postgres::open("postgres://u:s3cret@host/x_test?nonsense=1")
        .err()
        .unwrap();
    assert!(
        matches!(&bad, Error::UnsupportedUrl { .. }) && !bad.to_string().contains("s3cret"),
        "{bad}"
    );
}

#[test]
fn a_connection_that_dies_in_a_restore_loses_nothing() {
    let Some(playground) = Playground::new(TABLES) else {
        return;
    };
    let before = playground.dump();
    let mut client = playground.client();
    let backend = client.query_one("SELECT pg_backend_pid()", &[]).unwrap();
    let backend: i32 = backend.get(0);
    let mut database = Postgres::on(&mut client);
    let mut transaction = database.write(None).unwrap();
    let tables = &transaction.catalog().tables;
    let write = transaction.lock(&[]).unwrap();
    write.clear(&tables["g"].table).unwrap();
    write.clear(&tables["c"].table).unwrap();
    playground.one(&format!("SELECT pg_terminate_backend({backend})"));
    assert!(write.clear(&tables["p"].table).is_err());
    drop(transaction);
    assert!(database.write(None).is_err());
    assert_eq!(playground.dump(), before);
}

#[test]
fn two_threads_never_see_each_others_states() {
    let run = |value: &'static str| {
        move || {
            let Some(playground) = Playground::new(TABLES) else {
                return;
            };
            playground.sql(&format!("UPDATE p SET v = '{value}'"));
            playground.store("base").unwrap();
            for _ in 0..3 {
                playground.sql("DELETE FROM p");
                playground.restore("base").unwrap();
                assert_eq!(
                    playground.one("SELECT string_agg(DISTINCT v, '') FROM p"),
                    value
                );
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(run("x"));
        scope.spawn(run("y"));
    });
}

#[test]
fn a_missing_fixpoint_is_an_error() {
    let Some(playground) = Playground::new(TABLES) else {
        return;
    };
    for error in [
        playground.restore("nothing").err(),
        playground.compare("nothing").err(),
    ] {
        assert!(matches!(error, Some(Error::MissingFixpoint { .. })));
    }
}

#[test]
fn a_database_that_does_not_look_like_a_test_is_refused() {
    let url = fixpoints::Location::parse("postgres://app:s3cret@localhost/app").unwrap();
    let refused = fixpoints::Config::default().allow(&url).unwrap_err();
    assert!(matches!(&refused, Error::NotATestDatabase { name, .. } if name == "app"));
    assert!(!refused.to_string().contains("s3cret"));
    let allowing = fixpoints::Config {
        allow_databases: vec!["app".to_owned()],
        ..fixpoints::Config::default()
    };
    allowing.allow(&url).unwrap();
}
