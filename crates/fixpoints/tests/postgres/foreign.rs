//! Rows that another server keeps are neither read nor written, however a table leads to them.

use fixpoints::Database as _;

use crate::playground::Playground;

/// A wrapper without a handler: the server refuses whatever would read or write through it.
const ELSEWHERE: &str =
    "CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER elsewhere FOREIGN DATA WRAPPER nothing;";

fn playground(sql: &str) -> Option<Playground> {
    Playground::new(&format!("{ELSEWHERE}{sql}"))
}

#[test]
fn a_table_with_a_foreign_partition_is_left_out_with_its_partitions_and_says_why() {
    let Some(playground) = playground(
        "CREATE TABLE events (id int, year int) PARTITION BY LIST (year);
         CREATE TABLE events_2020 PARTITION OF events FOR VALUES IN (2020);
         CREATE TABLE events_old PARTITION OF events FOR VALUES IN (2018, 2019) PARTITION BY LIST (year);
         CREATE TABLE events_2018 PARTITION OF events_old FOR VALUES IN (2018);
         CREATE FOREIGN TABLE events_2019 PARTITION OF events_old FOR VALUES IN (2019) SERVER elsewhere;
         CREATE TABLE events_new PARTITION OF events FOR VALUES IN (2021, 2022) PARTITION BY LIST (year);
         CREATE TABLE events_2021 PARTITION OF events_new FOR VALUES IN (2021);
         CREATE TABLE other (id int PRIMARY KEY); INSERT INTO other VALUES (1), (2);
         INSERT INTO events VALUES (1, 2020), (2, 2018), (3, 2021);",
    ) else {
        return;
    };
    let report = playground.store("base").unwrap();
    let tables: Vec<&str> = (report.tables.iter())
        .map(|stored| stored.table.name.as_str())
        .collect();
    assert_eq!(tables, ["other"]);
    let left_out: Vec<String> = (report.left_out.iter())
        .map(|left| format!("{}: {}", left.table, left.reason))
        .collect();
    let of = "it is a partition of events, which is not covered because its partition events_2019 is a foreign table";
    let of_old = of.replace("of events,", "of events_old,");
    let has = "its partition events_2019 is a foreign table";
    assert_eq!(
        left_out,
        [
            format!("events: {has}"),
            format!("events_2018: {of_old}"),
            "events_2019: a foreign table keeps its rows elsewhere".to_owned(),
            format!("events_2020: {of}"),
            format!("events_2021: {of}"),
            format!("events_new: {of}"),
            format!("events_old: {has}"),
        ]
    );
    playground.sql("DELETE FROM other; DELETE FROM events_2020");
    playground.restore("base").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
    assert_eq!(playground.one("SELECT count(*) FROM other"), "2");
    assert_eq!(playground.one("SELECT count(*) FROM events_2020"), "0");
}

#[test]
fn a_local_partition_beside_a_foreign_one_still_counts_for_foreign_keys() {
    let Some(playground) = playground(
        "CREATE TABLE people (id int PRIMARY KEY); CREATE TABLE events (id int, year int) PARTITION BY LIST (year);
         CREATE TABLE events_2020 PARTITION OF events FOR VALUES IN (2020);
         CREATE FOREIGN TABLE events_2019 PARTITION OF events FOR VALUES IN (2019) SERVER elsewhere;
         ALTER TABLE events_2020 ADD FOREIGN KEY (id) REFERENCES people;
         INSERT INTO people VALUES (1)",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("INSERT INTO people VALUES (2); INSERT INTO events_2020 VALUES (2, 2020)");
    let error = playground.restore("base").unwrap_err().to_string();
    assert!(
        error.contains("of events_2020 refers by (id) to a missing row of people"),
        "{error}"
    );
}

#[test]
fn tables_that_foreign_tables_inherit_from_keep_to_their_own_rows() {
    let Some(mut playground) = playground(
        "CREATE TABLE base (id int PRIMARY KEY, n int); CREATE FOREIGN TABLE far () INHERITS (base) SERVER elsewhere;
         CREATE TABLE refs (id int PRIMARY KEY, base int REFERENCES base DEFERRABLE, n int, EXCLUDE USING btree (n WITH =) DEFERRABLE);
         CREATE FOREIGN TABLE far_refs () INHERITS (refs) SERVER elsewhere;
         INSERT INTO base VALUES (1, 1), (2, 2); INSERT INTO refs VALUES (1, 1, 1), (2, 2, 2);
         DO $$ BEGIN CREATE ROLE foreign_owner LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         ALTER TABLE base OWNER TO foreign_owner; ALTER TABLE refs OWNER TO foreign_owner; GRANT ALL ON SCHEMA public TO foreign_owner;",
    ) else {
        return;
    };
    for user in ["postgres", "foreign_owner"] {
        playground.user = user;
        playground.store("base").unwrap();
        playground
            .sql("DELETE FROM ONLY refs WHERE id = 1; UPDATE ONLY base SET n = 7 WHERE id = 2");
        assert!(!playground.compare("base").unwrap().is_equal());
        playground.restore("base").unwrap();
        playground.sql("DELETE FROM ONLY refs; DELETE FROM ONLY base");
        playground.restore("base").unwrap();
        assert!(playground.compare("base").unwrap().is_equal());
    }
}

#[test]
fn a_script_does_not_reach_a_foreign_table_that_is_there() {
    let Some(playground) = Playground::new(
        "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
         CREATE FOREIGN TABLE far (id int) SERVER files OPTIONS (filename '/dev/null')",
    ) else {
        return;
    };
    let run = |script: &str| playground.database().run_script("s.sql", script);
    for script in [
        "DELETE FROM far",
        "SELECT 1; SELECT * FROM far",
        "BEGIN; RESET ALL; SELECT count(*) FROM far; COMMIT",
        "DO $$ BEGIN PERFORM id FROM far; END $$",
        "TRUNCATE far",
        "COPY far FROM stdin;\n1\n\\.\n",
    ] {
        let error = run(script).unwrap_err();
        let expected = "access to non-system foreign table is restricted";
        assert!(error.to_string().contains(expected), "{script}: {error}");
    }
    run("DROP FOREIGN TABLE far").unwrap();
}

#[test]
fn a_foreign_partition_that_came_after_the_store_is_not_written() {
    let Some(playground) = playground(
        "CREATE TABLE events (id int, year int) PARTITION BY LIST (year); CREATE TABLE events_2020 PARTITION OF events FOR VALUES IN (2020);
         CREATE TABLE other (id int PRIMARY KEY); INSERT INTO other VALUES (1); INSERT INTO events VALUES (1, 2020);",
    ) else {
        return;
    };
    let suite = fixpoints::Fixpoints::new(playground.fixpoints().path());
    let mut client = playground.client();
    suite.store(&mut client, "base").unwrap();
    // So that the tables are remembered.
    suite.restore(&mut client, "base").unwrap();
    playground.sql(
        "CREATE FOREIGN TABLE events_2019 PARTITION OF events FOR VALUES IN (2019) SERVER elsewhere; DELETE FROM events_2020; INSERT INTO other VALUES (2)",
    );
    let reason = "its partition events_2019 is a foreign table";
    let failures = [
        suite.restore(&mut client, "base").map(drop).unwrap_err(),
        suite.compare(&mut client, "base").map(drop).unwrap_err(),
    ];
    for error in failures {
        assert!(error.to_string().contains(reason), "{error}");
    }
    assert_eq!(playground.one("SELECT count(*) FROM other"), "2");
    let config = fixpoints::Config::default();
    let left = crate::diagnosis::examine(&playground, &config).left_out;
    assert!(
        left.iter()
            .any(|left| left.table == "events" && left.reason == reason)
    );
}

#[test]
fn a_foreign_partition_that_comes_before_the_lock_is_noticed() {
    let Some(playground) = playground(
        "CREATE TABLE events (id int, year int) PARTITION BY LIST (year); CREATE TABLE events_2020 PARTITION OF events FOR VALUES IN (2020);
         CREATE FOREIGN TABLE far (id int, year int) SERVER elsewhere;",
    ) else {
        return;
    };
    let mut database = playground.database();
    let mut transaction = database.write(None).unwrap();
    let catalog = transaction.catalog();
    let tables: Vec<&fixpoints::Table> = catalog.tables().collect();
    playground.sql("ALTER TABLE events ATTACH PARTITION far FOR VALUES IN (2019)");
    let error = transaction.lock(&tables).err().unwrap();
    assert_eq!(
        error.to_string(),
        "cannot lock table events: it got a partition while the schema was read"
    );
    assert_eq!(error.hint().as_deref(), Some("run it again"));
}
