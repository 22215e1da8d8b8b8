//! What acts on tables by itself stays silent in a restore and is as before after it, for whoever restores.

use fixpoints::Database as _;

use crate::playground::Playground;

/// A role that owns what it makes in `public`, and nothing else.
const OWNER: &str = "DO $$ BEGIN CREATE ROLE holder LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
    GRANT ALL ON SCHEMA public TO holder;";

/// Runs a test as the superuser, and as an owner who is none.
fn for_both(schema: &str, check: impl Fn(&Playground)) {
    for user in ["postgres", "holder"] {
        let Some(mut playground) = Playground::new(OWNER) else {
            return;
        };
        playground.user = user;
        playground
            .place
            .connect(user)
            .batch_execute(schema)
            .unwrap();
        check(&playground);
    }
}

const NOTE: &str = "CREATE TABLE history (n text);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO history VALUES (tg_op); NEW.v := ''by a trigger''; RETURN NEW; END';";

#[test]
fn triggers_and_rules_on_updates_are_silent() {
    let schema = format!(
        "{NOTE} CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'), (2, 'b');
         CREATE TRIGGER o BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION note();
         CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION note(); ALTER TABLE t ENABLE ALWAYS TRIGGER a;
         CREATE TABLE ruled (id int PRIMARY KEY, v text); INSERT INTO ruled VALUES (1, 'a');
         CREATE RULE never AS ON UPDATE TO ruled DO INSTEAD NOTHING;"
    );
    for_both(&schema, |playground| {
        playground.store("base").unwrap();
        let before = playground.dump();
        playground.sql("ALTER TABLE t DISABLE TRIGGER ALL; UPDATE t SET v = 'x'; ALTER TABLE t ENABLE TRIGGER o; ALTER TABLE t ENABLE ALWAYS TRIGGER a;
            DROP RULE never ON ruled; UPDATE ruled SET v = 'x'; CREATE RULE never AS ON UPDATE TO ruled DO INSTEAD NOTHING;");
        playground.restore("base").unwrap();
        assert_eq!(playground.dump(), before);
        let mut client = playground.client();
        client
            .batch_execute("UPDATE t SET v = 'y' WHERE id = 1; UPDATE ruled SET v = 'y'")
            .unwrap();
        assert_eq!(
            playground.one("SELECT count(*) FROM history"),
            "2",
            "both are on again"
        );
        assert_eq!(
            playground.one("SELECT v FROM ruled"),
            "a",
            "the rule is there again"
        );
    });
}

#[test]
fn a_trigger_that_is_off_in_one_partition_stays_off() {
    let schema = format!(
        "{NOTE} CREATE TABLE p (id int, v text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
         CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10); CREATE TABLE p2 PARTITION OF p DEFAULT;
         INSERT INTO p VALUES (1, 'a'), (11, 'b');
         CREATE TRIGGER both_kinds BEFORE INSERT OR UPDATE ON p FOR EACH ROW EXECUTE FUNCTION note();
         ALTER TABLE p2 DISABLE TRIGGER both_kinds; ALTER TABLE p1 ENABLE ALWAYS TRIGGER both_kinds;"
    );
    for_both(&schema, |playground| {
        let how = "SELECT string_agg(concat(tgrelid::regclass, tgenabled), ' ' ORDER BY 1) FROM (SELECT * FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text) t";
        let enabled = playground.one(how);
        playground.store("base").unwrap();
        let before = playground.dump();
        playground.sql("DELETE FROM p");
        playground.restore("base").unwrap();
        assert_eq!(playground.dump(), before);
        assert_eq!(playground.one("SELECT count(*) FROM history"), "0");
        assert_eq!(playground.one(how), enabled);
    });
}

#[test]
fn a_sequence_that_only_defaults_name_feeds_their_columns() {
    let Some(playground) = Playground::new(
        "CREATE SEQUENCE ids; CREATE SEQUENCE shared; CREATE SEQUENCE free;
         CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('ids'));
         CREATE TABLE a (id int PRIMARY KEY DEFAULT nextval('shared')); CREATE TABLE b (id int PRIMARY KEY DEFAULT nextval('shared'));
         INSERT INTO t DEFAULT VALUES; SELECT nextval('shared'), nextval('free');",
    ) else {
        return;
    };
    let fed = |playground: &Playground| {
        let mut database = playground.database();
        let catalog = database.read(None).unwrap().catalog();
        ["ids", "shared", "free"].map(|name| {
            let feeds = catalog.sequences[name].feeds.iter();
            let feeds = feeds.map(|feed| format!("{}.{}", feed.table, feed.column));
            feeds.collect::<Vec<_>>().join(" ")
        })
    };
    assert_eq!(fed(&playground), ["t.id", "a.id b.id", ""]);
    let playground = playground.excluding(&["t"]);
    playground.store("base").unwrap();
    let text = playground.text("base");
    let sequences = text.split_once("\nsequences:\n").unwrap().1;
    let names = sequences.lines().filter(|line| line.ends_with(':'));
    assert_eq!(names.collect::<Vec<_>>(), ["  free:", "  shared:"]);
}
