//! Tables in which a publication lets no row be deleted or updated: they come back, or it is said what helps.

use crate::playground::Playground;

/// In every kind of publication: tables without a key, one with a unique key that is not its identity, a partitioned
/// one, and others that refer to them.
const PUBLISHED: &str = "CREATE TABLE log (w text); CREATE TABLE named (id int NOT NULL UNIQUE, v text);
    CREATE TABLE child (id int PRIMARY KEY, named int REFERENCES named (id)); CREATE TABLE keyed (id int PRIMARY KEY, v text);
    CREATE TABLE nothing (id int PRIMARY KEY, v text); ALTER TABLE nothing REPLICA IDENTITY NOTHING;
    CREATE TABLE own (id int NOT NULL UNIQUE, up int REFERENCES own (id));
    CREATE TABLE parts (id int, y int) PARTITION BY LIST (y); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
    CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2);
    CREATE TABLE base (v int); CREATE TABLE heir (w int) INHERITS (base);
    INSERT INTO log VALUES ('a'), ('a'); INSERT INTO named VALUES (1, 'a'), (2, 'b'); INSERT INTO child VALUES (1, 1);
    INSERT INTO keyed VALUES (1, 'a'); INSERT INTO nothing VALUES (1, 'a'), (2, 'b'); INSERT INTO own VALUES (1, NULL), (2, 1);
    INSERT INTO parts VALUES (1, 1), (2, 2); INSERT INTO base VALUES (1); INSERT INTO heir VALUES (2, 2);
    CREATE TABLE emptied (n int); CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.emptied VALUES (1); RETURN NULL; END $$;
    CREATE TRIGGER noted AFTER TRUNCATE ON named EXECUTE FUNCTION note(); CREATE TRIGGER always AFTER TRUNCATE ON own EXECUTE FUNCTION note();
    ALTER TABLE own ENABLE ALWAYS TRIGGER always;
    COMMENT ON CONSTRAINT child_named_fkey ON child IS 'kept';
    DO $$ BEGIN CREATE ROLE published_owner LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
    GRANT ALL ON SCHEMA public TO published_owner;
    DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        LOOP EXECUTE format('ALTER TABLE %s OWNER TO published_owner', t); END LOOP; END $$;";

/// Without the role of a replica, in which the server looks at nothing of this.
const CHANGED: &str = "ALTER PUBLICATION p SET (publish = 'insert'); INSERT INTO log VALUES ('b'); UPDATE named SET v = 'c' WHERE id = 2;
    INSERT INTO named VALUES (3, 'x'); INSERT INTO child VALUES (2, 3); DELETE FROM nothing WHERE id = 1; UPDATE nothing SET v = 'z';
    INSERT INTO own VALUES (3, 3); DELETE FROM own WHERE id = 2; DELETE FROM parts WHERE y = 1; INSERT INTO parts VALUES (9, 2); UPDATE keyed SET v = 'k';
    DELETE FROM ONLY base; INSERT INTO heir VALUES (3, 3);";

#[test]
fn tables_whose_rows_a_publication_holds_fast_come_back_all_the_same() {
    let publications = [
        "FOR ALL TABLES",
        "FOR TABLE log, named, child, nothing, own, parts, base",
        "FOR TABLE parts, log, named, own, nothing, base WITH (publish_via_partition_root = true)",
        "FOR TABLES IN SCHEMA public WITH (publish = 'insert, delete')",
        "FOR ALL TABLES WITH (publish = 'update')",
    ];
    for publication in publications {
        for user in ["postgres", "published_owner"] {
            let Some(mut playground) = Playground::new(PUBLISHED) else {
                return;
            };
            playground.sql(&format!("CREATE PUBLICATION p {publication}"));
            let publish = playground.one("SELECT concat_ws(', ', CASE WHEN pubinsert THEN 'insert' END, CASE WHEN pubupdate THEN 'update' END, CASE WHEN pubdelete THEN 'delete' END) FROM pg_publication");
            playground.user = user;
            playground.store("base").unwrap();
            let (before, constraints) = (playground.dump(), constraints(&playground));
            playground.sql(CHANGED);
            playground.sql(&format!("ALTER PUBLICATION p SET (publish = '{publish}')"));
            playground
                .restore("base")
                .unwrap_or_else(|error| panic!("{publication}, {user}: {error}"));
            assert_eq!(playground.dump(), before, "{publication}, {user}");
            assert_eq!(self::constraints(&playground), constraints);
            assert!(playground.compare("base").unwrap().is_equal());
        }
    }
}

/// Foreign keys with what they are called and whether they hold, and triggers.
fn constraints(playground: &Playground) -> String {
    playground.one(
        "SELECT concat((SELECT string_agg(concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated, obj_description(oid, 'pg_constraint')), E'\\n' ORDER BY conrelid::regclass::text, conname) FROM pg_constraint WHERE conparentid = 0 AND contype = 'f'),
            (SELECT string_agg(concat_ws(' ', tgrelid::regclass, tgname, tgenabled), E'\\n' ORDER BY tgrelid::regclass::text, tgname) FROM pg_trigger WHERE NOT tgisinternal))",
    )
}

#[test]
fn a_skipped_table_that_is_published_is_emptied() {
    let Some(playground) = Playground::new(PUBLISHED) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("CREATE PUBLICATION p FOR ALL TABLES");
    let scope = playground
        .scope
        .clone()
        .skipping(fixpoints::Skip::tables(["named", "log"]));
    let chain = playground.chain("base").unwrap();
    fixpoints::restore(&mut playground.database(), &chain, &scope).unwrap();
    assert_eq!(playground.one("SELECT (SELECT count(*) FROM named) + (SELECT count(*) FROM log) + (SELECT count(*) FROM child)"), "0");
}

#[test]
fn a_row_that_a_publication_filters_by_what_does_not_identify_it_is_refused_with_what_helps() {
    let Some(playground) = Playground::new(
        "CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL); INSERT INTO t VALUES (1, 1), (2, 2);",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    playground.sql("INSERT INTO t VALUES (3, 3); CREATE PUBLICATION p FOR TABLE t WHERE (v > 0)");
    let error = playground.restore("base").unwrap_err();
    let hint = error.hint().unwrap_or_else(|| panic!("{error}"));
    assert!(hint.contains("REPLICA IDENTITY FULL"), "{hint}");
    playground.sql("ALTER TABLE t REPLICA IDENTITY FULL");
    playground.restore("base").unwrap();
}
