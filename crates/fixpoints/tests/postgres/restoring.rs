//! Restoring brings everything back, in one transaction, and touches nothing else.

use fixpoints::engines::postgres::Postgres;
use fixpoints::{Action, Error, Position};

use crate::playground::{Playground, changes};

#[test]
fn a_wrecked_database_is_brought_back() {
    let Some(playground) = Playground::new(
        "CREATE TABLE books (id bigserial PRIMARY KEY, title text NOT NULL, price numeric(10, 2), data bytea, made timestamptz);
         CREATE TABLE loans (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, book bigint REFERENCES books);
         INSERT INTO books (title, price, data, made) VALUES (E'a\\tb\\n\\\\N', 1.10, '\\x00ff', '2020-01-01 12:00+02'), ('', NULL, '', '-infinity');
         INSERT INTO loans (book) VALUES (1), (1), (2);",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
    let before = playground.dump();
    playground.sql("DELETE FROM books WHERE id = 1; UPDATE loans SET book = 7; INSERT INTO books (title) VALUES ('z');");
    assert!(!playground.compare("base").unwrap().is_equal());
    playground.restore("base").unwrap();
    assert_eq!(playground.dump(), before);
    assert!(playground.compare("base").unwrap().is_equal());
    assert_eq!(playground.one("SELECT nextval('books_id_seq')"), "3");
}

/// Tables that refer to each other in every way, and act on each other.
const RINGS: &str = "CREATE TABLE a (id int PRIMARY KEY, z int, self int REFERENCES a);
    CREATE TABLE z (id int PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE);
    CREATE TABLE m (id int PRIMARY KEY, z int REFERENCES z ON DELETE SET NULL ON UPDATE CASCADE, a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);
    ALTER TABLE a ADD CONSTRAINT ring FOREIGN KEY (z) REFERENCES z ON DELETE CASCADE;
    COMMENT ON CONSTRAINT ring ON a IS 'it''s a ring';
    INSERT INTO a VALUES (1, 1, 2), (2, 2, 1), (3, NULL, 3); INSERT INTO z VALUES (1, 2), (2, 1), (3, NULL);
    INSERT INTO m VALUES (1, 1, 1), (2, 3, 3);";

const WRECK: &str = "DELETE FROM a WHERE id = 1; UPDATE z SET id = 9 WHERE id = 3; UPDATE m SET z = NULL, a = 2; INSERT INTO a VALUES (7, 9, 7); DELETE FROM z WHERE id = 1;";

#[test]
fn rings_of_foreign_keys_are_brought_back() {
    let Some(playground) = Playground::new(RINGS) else {
        return;
    };
    playground.store("base").unwrap();
    let before = playground.dump();
    playground.sql(WRECK);
    playground.restore("base").unwrap();
    assert_eq!(playground.dump(), before);
}

#[test]
fn an_owner_who_is_no_superuser_can_restore() {
    let Some(mut playground) = Playground::new(RINGS) else {
        return;
    };
    playground.sql(
        "CREATE TABLE log (n int); CREATE TABLE parts (id int, v text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
         CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (10); CREATE TABLE parts2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
         CREATE TABLE uses (part int REFERENCES parts, n int UNIQUE DEFERRABLE INITIALLY DEFERRED);
         INSERT INTO parts VALUES (1, 'a'), (11, 'b'); INSERT INTO uses VALUES (1, 1), (11, 2);
         CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log VALUES (1); RETURN NULL; END';
         CREATE TRIGGER origin AFTER INSERT OR DELETE ON a EXECUTE FUNCTION note();
         CREATE TRIGGER always AFTER INSERT OR DELETE ON a EXECUTE FUNCTION note(); ALTER TABLE a ENABLE ALWAYS TRIGGER always;
         CREATE TRIGGER off AFTER INSERT OR DELETE ON a EXECUTE FUNCTION note(); ALTER TABLE a DISABLE TRIGGER off;
         CREATE TRIGGER part AFTER INSERT OR DELETE ON parts FOR EACH ROW EXECUTE FUNCTION note();
         CREATE RULE never AS ON DELETE TO z DO INSTEAD NOTHING;
         CREATE SEQUENCE free START 5;
         DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'owner') THEN CREATE ROLE owner LOGIN; END IF;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         DO $$ DECLARE t text; BEGIN FOR t IN SELECT format('%I', relname) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
         LOOP EXECUTE format('ALTER TABLE %s OWNER TO owner', t); END LOOP; END $$; ALTER SEQUENCE free OWNER TO owner;
         ALTER FUNCTION note() OWNER TO owner; GRANT ALL ON SCHEMA public TO owner",
    );
    let schema = |playground: &Playground| {
        playground.one(
            "SELECT string_agg(x, E'\\n' ORDER BY x) FROM (
               SELECT concat(conname, conrelid::regclass, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint'), convalidated) FROM pg_constraint WHERE conrelid >= 16384
               UNION ALL SELECT concat(tgname, tgenabled, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal
               UNION ALL SELECT concat(rulename, ev_enabled) FROM pg_rewrite WHERE ev_class >= 16384) s (x)",
        )
    };
    let schema_before = schema(&playground);
    playground.store("base").unwrap();
    let before = playground.dump();
    playground.sql(&format!(
        "{WRECK} DELETE FROM parts; UPDATE uses SET n = n + 1, part = NULL; SELECT nextval('free');"
    ));
    playground.user = "owner";
    playground.restore("base").unwrap();
    assert_eq!(playground.dump(), before);
    assert_eq!(schema(&playground), schema_before);
    assert_eq!(playground.one("SELECT nextval('free')"), "5");
}

#[test]
fn somebody_who_owns_nothing_is_told_so() {
    let Some(mut playground) = Playground::new(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p); INSERT INTO p VALUES (1);
         DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         GRANT ALL ON ALL TABLES IN SCHEMA public TO guest;",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("DELETE FROM p");
    playground.user = "guest";
    let error = playground.restore("base").unwrap_err().to_string();
    assert!(error.contains("must be owner of table"), "{error}");
    assert_eq!(playground.one("SELECT count(*) FROM p"), "0");
}

#[test]
fn tables_of_tools_and_excluded_ones_are_never_touched() {
    let Some(playground) = Playground::new(
        "CREATE SCHEMA app; CREATE TABLE app.schema_migrations (version text PRIMARY KEY);
         CREATE TABLE schema_migrations (version text PRIMARY KEY); CREATE TABLE kept (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY);
         INSERT INTO schema_migrations VALUES ('1'); INSERT INTO kept VALUES (1); INSERT INTO t VALUES (1);",
    ) else {
        return;
    };
    let playground = playground.excluding(&["kept"]);
    playground.store("base").unwrap();
    let text = playground.text("base");
    assert!(!text.contains("kept") && !text.contains("schema_migrations"));
    playground.sql(
        "INSERT INTO schema_migrations VALUES ('2'); INSERT INTO kept VALUES (2); DELETE FROM t",
    );
    playground.restore("base").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
    assert_eq!(playground.one("SELECT count(*) FROM kept"), "2");
    assert_eq!(
        playground.one("SELECT count(*) FROM schema_migrations"),
        "2"
    );
}

#[test]
fn a_row_that_is_refused_is_named_and_nothing_is_lost() {
    let Some(playground) = Playground::new(
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, n int CHECK (n > 0), u int UNIQUE);
         INSERT INTO b VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3);",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    let good = playground.text("base");
    playground.sql("INSERT INTO a VALUES (9); DELETE FROM b;");
    let before = playground.dump();
    for (from, to, row) in [
        ("\"n\": 2", "\"n\": -1", r#"{"id": 2}"#),
        ("\"n\": 3", "\"n\": \"x\"", r#"{"id": 3}"#),
        ("\"u\": 2", "\"u\": 1", r#"{"id": 2}"#),
    ] {
        playground.edit("base", &good.replace(from, to));
        let error = playground.restore("base").unwrap_err();
        assert!(
            matches!(&error, Error::Row { table, row: found, .. } if table == "b" && found.to_string() == *row),
            "{error}"
        );
        assert_eq!(playground.dump(), before);
    }
}

#[test]
fn a_broken_foreign_key_is_named_and_nothing_is_kept() {
    let Some(playground) = Playground::new(
        "CREATE TABLE parents (id int, b text, PRIMARY KEY (id, b)); CREATE SCHEMA app;
         CREATE TABLE app.children (id text PRIMARY KEY, parent int, b text, FOREIGN KEY (parent, b) REFERENCES parents);
         INSERT INTO parents VALUES (1, 'x'); INSERT INTO app.children VALUES ('k', 1, 'x'), ('n', 5, NULL);",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    let text = playground
        .text("base")
        .replace("\"parent\": 1", "\"parent\": 2");
    playground.edit("base", &text);
    let before = playground.dump();
    let error = playground.restore("base").unwrap_err().to_string();
    assert!(
        error.contains(
            r#"row {"id": "k"} of app.children refers by (parent, b) to a missing row of parents"#
        ),
        "{error}"
    );
    assert_eq!(playground.dump(), before);
}

#[test]
fn an_excluded_table_that_would_lose_its_parent_stops_the_restore() {
    let Some(playground) = Playground::new(
        "CREATE TABLE parents (id int PRIMARY KEY); CREATE TABLE notes (id int PRIMARY KEY, parent int REFERENCES parents (id));",
    ) else {
        return;
    };
    let playground = playground.excluding(&["notes"]);
    playground.store("base").unwrap();
    playground.sql("INSERT INTO parents VALUES (1); INSERT INTO notes VALUES (1, 1);");
    assert!(matches!(
        playground.restore("base"),
        Err(Error::BrokenReferences { .. })
    ));
    assert_eq!(playground.one("SELECT count(*) FROM parents"), "1");
}

/// `last_value` and `is_called` of every sequence.
fn positions(playground: &Playground) -> String {
    playground.one(
        "SELECT query_to_xml(string_agg(format('SELECT %L, last_value, is_called FROM %I', relname, relname), ' UNION ALL ' ORDER BY relname), true, true, '')::text
         FROM pg_class WHERE relkind = 'S'",
    )
}

const POSITIONS: &str = "CREATE SEQUENCE a; CREATE SEQUENCE b; CREATE SEQUENCE c; CREATE SEQUENCE d MAXVALUE 7;
    CREATE SEQUENCE e INCREMENT -3; CREATE TABLE t (id serial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY (INCREMENT 5));
    SELECT setval('a', 4), setval('b', 5, false), setval('d', 7), setval('e', -1), setval('t_id_seq', 9, false);";

#[test]
fn a_sequence_comes_back_as_it_was_and_a_rollback_leaves_it() {
    let Some(playground) = Playground::new(POSITIONS) else {
        return;
    };
    let before = positions(&playground);
    playground.store("base").unwrap();
    let text = playground.text("base");
    for expected in [
        "\n  a:\n    {\"value\": 4, \"digest\": ",
        "\n  b:\n    {\"value\": {\"last_value\": 5, \"is_called\": false}, \"digest\": ",
        "\"sequences\": {\"t_id_seq\": {\"last_value\": 9, \"is_called\": false}, \"t_n_seq\": {\"last_value\": 1, \"is_called\": false}}",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    // Each hands out the same value next as before, and is not where it was.
    playground.sql(
        "SELECT setval('a', 5, false), setval('b', 4), setval('c', 1), setval('d', 1, false), setval('e', -4, false), setval('t_id_seq', 8), setval('t_n_seq', 6)",
    );
    let moved = positions(&playground);
    let comparison = playground.compare("base").unwrap();
    let lines = comparison.sequences.iter().map(|found| {
        let [old, new] = [found.old, found.new].map(|at| at.unwrap().to_string());
        format!("{}: {old}, {new}", found.table)
    });
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            "a: 4, 5 (not handed out yet)",
            "b: 5 (not handed out yet), 4",
            "c: 1 (not handed out yet), 1",
            "d: 7, 1 (not handed out yet)",
            "e: -1, -4 (not handed out yet)",
            "t_id_seq: 9 (not handed out yet), 8",
            "t_n_seq: 1 (not handed out yet), 6",
        ]
    );
    let mut client = playground.client();
    let mut transaction = client.transaction().unwrap();
    let chain = playground.chain("base").unwrap();
    let mut database = Postgres::within(&mut transaction);
    fixpoints::restore(&mut database, &chain, &playground.scope).unwrap();
    drop(database);
    transaction.rollback().unwrap();
    assert_eq!(positions(&playground), moved);
    playground.restore("base").unwrap();
    assert_eq!(positions(&playground), before);
    assert!(playground.compare("base").unwrap().is_equal());
}

#[test]
fn a_file_that_has_the_value_before_the_first_one_means_a_sequence_that_has_not_begun() {
    let Some(playground) = Playground::new(
        "CREATE TABLE t (id serial PRIMARY KEY); CREATE SEQUENCE down INCREMENT -1;",
    ) else {
        return;
    };
    let before = positions(&playground);
    playground.store("base").unwrap();
    let text = playground.text("base");
    let older = text
        .replace("{\"last_value\": 1, \"is_called\": false}", "0")
        .replace("{\"last_value\": -1, \"is_called\": false}", "0");
    assert!(!older.contains("is_called"));
    playground.edit("base", &older);
    assert!(playground.compare("base").unwrap().is_equal());
    playground.sql("SELECT nextval('down'), nextval('t_id_seq')");
    assert!(!playground.compare("base").unwrap().is_equal());
    playground.restore("base").unwrap();
    assert_eq!(positions(&playground), before);
}

#[test]
fn sequences_stand_where_they_stood() {
    let Some(playground) = Playground::new(
        "CREATE TABLE t (id serial PRIMARY KEY, v text); CREATE TABLE unused (id int GENERATED BY DEFAULT AS IDENTITY);
         CREATE SEQUENCE free INCREMENT 10 START 100; CREATE SEQUENCE down INCREMENT -1 MINVALUE -5 MAXVALUE 5 START 5;
         CREATE SEQUENCE done MAXVALUE 2 CACHE 1; CREATE SEQUENCE cached CACHE 20; CREATE SEQUENCE widest AS bigint MINVALUE -9223372036854775808 START -9223372036854775808;
         INSERT INTO t (v) VALUES ('a'), ('b'), ('c'); DELETE FROM t WHERE id > 1;
         SELECT nextval('free'), nextval('done'), nextval('down'); SELECT nextval('done'), nextval('cached');",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    let header = playground.chain("base").unwrap().header().clone();
    let stand: Vec<(&str, Position)> = (header.sequences.iter())
        .map(|(name, position)| (name.as_str(), *position))
        .collect();
    let expected = [
        ("cached", Position::called(20)),
        ("done", Position::called(2)),
        ("down", Position::called(5)),
        ("free", Position::called(100)),
        ("t_id_seq", Position::called(3)),
        ("unused_id_seq", Position::next(1)),
        ("widest", Position::next(i64::MIN)),
    ];
    assert_eq!(stand, expected);
    let fed = |name: &str| header.feeds.get(name).map(String::as_str);
    let feeds = ["t_id_seq", "unused_id_seq", "free"].map(fed);
    assert_eq!(feeds, [Some("t"), Some("unused"), None]);
    for name in [
        "t_id_seq",
        "unused_id_seq",
        "free",
        "down",
        "cached",
        "widest",
    ] {
        playground.sql(&format!("SELECT nextval('{name}'), nextval('{name}')"));
    }
    playground.sql("SELECT setval('done', 1, false)");
    assert_eq!(playground.compare("base").unwrap().sequences.len(), 7);
    let report = playground.restore("base").unwrap();
    assert_eq!(report.sequences.len(), 7);
    assert!(playground.compare("base").unwrap().is_equal());
    for (name, next) in [
        ("t_id_seq", "4"),
        ("unused_id_seq", "1"),
        ("free", "110"),
        ("down", "4"),
        ("cached", "21"),
        ("widest", "-9223372036854775808"),
    ] {
        assert_eq!(
            playground.one(&format!("SELECT nextval('{name}')")),
            next,
            "{name}"
        );
    }
    assert!(
        playground
            .client()
            .simple_query("SELECT nextval('done')")
            .is_err()
    );
}

#[test]
fn sequences_are_as_before_when_a_restore_fails() {
    let Some(playground) = Playground::new(
        "CREATE SEQUENCE done MAXVALUE 2; SELECT nextval('done'); SELECT nextval('done'); CREATE TABLE p (id int PRIMARY KEY);
         CREATE TABLE t (id serial PRIMARY KEY, p int REFERENCES p); INSERT INTO t DEFAULT VALUES;",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground.edit(
        "base",
        &playground.text("base").replace("\"p\": null", "\"p\": 8"),
    );
    playground.sql("SELECT setval('done', 1, false), nextval('t_id_seq')");
    assert!(matches!(
        playground.restore("base"),
        Err(Error::BrokenReferences { .. })
    ));
    assert_eq!(playground.one("SELECT nextval('done')"), "1");
    assert_eq!(playground.one("SELECT nextval('t_id_seq')"), "3");
}

#[test]
fn generated_and_identity_columns_are_no_obstacle() {
    let Some(playground) = Playground::new(
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, net int, gross int GENERATED ALWAYS AS (net * 2) STORED);
         INSERT INTO t (net) VALUES (5), (6);",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    assert!(!playground.text("base").contains("gross"));
    playground
        .sql("UPDATE t SET net = 6; DELETE FROM t WHERE id = 2; INSERT INTO t (net) VALUES (1)");
    playground.restore("base").unwrap();
    assert_eq!(
        playground.one("SELECT string_agg(t::text, ' ' ORDER BY id) FROM t"),
        "(1,5,10) (2,6,12)"
    );
    assert_eq!(
        playground.one("INSERT INTO t (net) VALUES (0) RETURNING id"),
        "3"
    );
}

#[test]
fn triggers_and_rules_are_silent_and_stay() {
    let Some(playground) = Playground::new(
        "CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE history (n int); CREATE VIEW w AS SELECT v FROM t;
         CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO history VALUES (1); RETURN NEW; END';
         INSERT INTO t VALUES (1, 'a');
         CREATE TRIGGER o BEFORE INSERT OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION note();
         CREATE TRIGGER a AFTER INSERT OR DELETE ON t EXECUTE FUNCTION note(); ALTER TABLE t ENABLE ALWAYS TRIGGER a;
         CREATE TRIGGER r AFTER INSERT OR DELETE ON t EXECUTE FUNCTION note(); ALTER TABLE t ENABLE REPLICA TRIGGER r;
         CREATE RULE never AS ON DELETE TO t DO INSTEAD NOTHING; ALTER TABLE t ENABLE ALWAYS RULE never;",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground
        .client()
        .batch_execute("UPDATE t SET v = 'b'")
        .unwrap();
    playground.restore("base").unwrap();
    assert_eq!(playground.one("SELECT count(*) FROM history"), "0");
    assert_eq!(playground.one("SELECT v FROM t"), "a");
    playground
        .client()
        .batch_execute("INSERT INTO t VALUES (2, 'b')")
        .unwrap();
    assert_eq!(
        playground.one("SELECT count(*) FROM history"),
        "2",
        "the triggers are on again"
    );
    assert_eq!(playground.one("SELECT string_agg(concat(tgname, tgenabled), ' ' ORDER BY tgname) FROM pg_trigger WHERE NOT tgisinternal"), "aA oO rR");
    assert_eq!(
        playground.one("SELECT ev_enabled FROM pg_rewrite WHERE rulename = 'never'"),
        "A"
    );
}

#[test]
fn only_what_differs_is_written() {
    let Some(playground) = Playground::new(
        "CREATE TABLE same (id int PRIMARY KEY); CREATE TABLE sum (id int PRIMARY KEY, v text UNIQUE);
         INSERT INTO same VALUES (1), (2); INSERT INTO sum VALUES (1, 'a'), (2, 'b'), (3, 'c');",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    let versions = playground.one("SELECT string_agg(xmin::text, ' ') FROM same");
    // The two unique values swap places.
    playground.sql("UPDATE sum SET v = 'x' WHERE id = 1; UPDATE sum SET v = 'a' WHERE id = 2; UPDATE sum SET v = 'b' WHERE id = 1;");
    let report = playground.restore("base").unwrap();
    let actions: Vec<_> = report
        .tables
        .iter()
        .map(|table| (table.table.as_str(), table.action, table.inserted))
        .collect();
    assert_eq!(
        actions,
        [("same", Action::Unchanged, 0), ("sum", Action::Patched, 2)]
    );
    assert!(playground.compare("base").unwrap().is_equal());
    assert_eq!(
        playground.one("SELECT string_agg(xmin::text, ' ') FROM same"),
        versions
    );
}

#[test]
fn tables_that_differ_much_are_rewritten() {
    let Some(playground) = Playground::new(
        "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, repeat('x', 500) FROM generate_series(1, 25000) i",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("UPDATE t SET v = v || 'x'");
    assert_eq!(
        playground.restore("base").unwrap().tables[0].action,
        Action::Rewritten
    );
    assert!(playground.compare("base").unwrap().is_equal());
    // The refused row is one of a later COPY.
    let text = playground
        .text("base")
        .replacen("{\"id\": 24998,", "{\"id\": \"x\",", 1);
    playground.edit("base", &text);
    playground.sql("UPDATE t SET v = v || 'x'");
    assert!(playground.restore("base").is_err());
    assert_eq!(
        playground.one("SELECT count(*) FROM t WHERE length(v) = 501"),
        "25000"
    );
}

#[test]
fn partitions_inheritance_and_other_relations() {
    let Some(playground) = Playground::new(
        "CREATE TABLE events (day date NOT NULL, n int NOT NULL, v text, PRIMARY KEY (day, n)) PARTITION BY RANGE (day);
         CREATE TABLE early PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
         CREATE TABLE late PARTITION OF events FOR VALUES FROM ('2020-01-01') TO (MAXVALUE) PARTITION BY HASH (n);
         CREATE TABLE late0 PARTITION OF late FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE late1 PARTITION OF late FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         CREATE TABLE base (id int PRIMARY KEY); CREATE TABLE derived (extra text) INHERITS (base); CREATE UNLOGGED TABLE loose (n int);
         CREATE MATERIALIZED VIEW seen AS SELECT 1 AS n; CREATE VIEW w AS SELECT * FROM base; CREATE TABLE none (); CREATE TABLE refs (day date, n int, FOREIGN KEY (day, n) REFERENCES events);
         INSERT INTO events VALUES ('2019-01-01', 1, 'a'), ('2021-01-01', 2, 'b'), ('2021-01-01', 3, 'c');
         INSERT INTO base VALUES (1); INSERT INTO derived VALUES (1, 'same id'), (2, 'x'); INSERT INTO loose VALUES (1), (1); INSERT INTO refs VALUES ('2021-01-01', 3);",
    ) else {
        return;
    };
    let report = playground.store("base").unwrap();
    let tables: Vec<_> = report
        .tables
        .iter()
        .map(|table| (table.table.name.as_str(), table.rows))
        .collect();
    assert_eq!(
        tables,
        [
            ("base", 1),
            ("derived", 2),
            ("events", 3),
            ("loose", 2),
            ("refs", 1)
        ]
    );
    // The rows of a partition are there, with those of its table.
    assert!(!report.left_out.iter().any(|left| left.table == "late0"));
    assert!(report.left_out.iter().any(|left| left.table == "none"));
    let before = playground.dump();
    playground.sql("DELETE FROM events WHERE n = 3; UPDATE events SET day = '2022-01-01' WHERE n = 1; DELETE FROM ONLY base; UPDATE derived SET extra = 'y'; DELETE FROM loose");
    assert_eq!(changes(&playground.compare("base").unwrap()).len(), 10);
    playground.restore("base").unwrap();
    assert_eq!(playground.dump(), before);
}

#[test]
fn a_partition_that_is_gone_names_the_row() {
    let Some(playground) = Playground::new(
        "CREATE TABLE e (n int PRIMARY KEY) PARTITION BY RANGE (n); CREATE TABLE e1 PARTITION OF e FOR VALUES FROM (0) TO (5); CREATE TABLE e2 PARTITION OF e FOR VALUES FROM (5) TO (9); INSERT INTO e VALUES (1), (7);",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("DROP TABLE e2");
    let error = playground.restore("base").unwrap_err();
    assert!(
        matches!(&error, Error::Row { row, .. } if row.to_string() == r#"{"n": 7}"#),
        "{error}"
    );
}

#[test]
fn foreign_keys_that_act_in_the_role_of_a_replica_too_are_silent_and_then_as_before() {
    let Some(playground) = Playground::new(
        "CREATE TABLE p (id int PRIMARY KEY, v text); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p ON UPDATE CASCADE, n int UNIQUE DEFERRABLE);
         INSERT INTO p VALUES (1, 'a'), (2, 'b'); INSERT INTO c VALUES (1, 1, 1), (2, 2, 2);
         DO $$ DECLARE r record; BEGIN FOR r IN SELECT tgname, tgrelid::regclass t FROM pg_trigger WHERE tgisinternal LOOP
            EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', r.t, r.tgname); END LOOP; END $$",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground
        .sql("UPDATE p SET id = 3 WHERE id = 2; DELETE FROM c WHERE id = 1; UPDATE c SET n = 1");
    playground.restore("base").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
    assert_eq!(
        playground.one(
            "SELECT string_agg(DISTINCT tgenabled::text, '') FROM pg_trigger WHERE tgisinternal"
        ),
        "A"
    );
}
