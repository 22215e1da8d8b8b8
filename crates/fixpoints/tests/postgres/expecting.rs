//! Tables and columns that came after the state changes are told from, and temporary tables: as on SQLite.

use fixpoints::{Error, Fixpoints};
use postgres::Client;

use crate::playground::Playground;

/// A table with `base` stored; `None` where there is no server, which was said.
fn stored() -> Option<(Playground, Fixpoints, Client)> {
    let here = Playground::new("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1)")?;
    let fixpoints = Fixpoints::new(here.fixpoints().path());
    let mut client = here.client();
    fixpoints.store(&mut client, "base").unwrap();
    Some((here, fixpoints, client))
}

#[test]
fn a_table_that_came_later_was_empty_before() {
    let Some((_here, fixpoints, mut client)) = stored() else {
        return;
    };
    let restored = fixpoints.restore(&mut client, "base").unwrap();
    let snapshot = fixpoints.snapshot(&mut client).unwrap();
    client
        .batch_execute("CREATE TABLE later (id int PRIMARY KEY); INSERT INTO later VALUES (7)")
        .unwrap();
    for before in [&*restored, &snapshot] {
        fixpoints.assert_changes(&mut client, before, |c| c.inserted("later", 1));
        let error = fixpoints.changes(&mut client, before, |c| c).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("later: the table is new, with 1 row\n  + id 7\n"),
            "{text}"
        );
    }
    client
        .batch_execute("ALTER TABLE a ADD COLUMN b int")
        .unwrap();
    let error = fixpoints
        .changes(&mut client, &restored, |c| c)
        .unwrap_err();
    assert!(matches!(error, Error::SchemaMovedSince { .. }), "{error}");
}

#[test]
fn a_temporary_table_does_not_stand_in_for_one_of_its_name() {
    let Some((_here, fixpoints, mut client)) = stored() else {
        return;
    };
    let shadow = "CREATE TEMP TABLE a (zz int); INSERT INTO pg_temp.a VALUES (70), (71)";
    client.batch_execute(shadow).unwrap();
    let start = fixpoints.restore(&mut client, "base").unwrap();
    client.batch_execute("DELETE FROM public.a").unwrap();
    fixpoints.assert_changes(&mut client, &start, |c| c.deleted("a", 1));
    fixpoints.store(&mut client, "empty").unwrap();
    fixpoints.restore(&mut client, "base").unwrap();
    fixpoints.compare(&mut client, "base").unwrap();
    assert_eq!(fixpoints.records(&mut client, "a", []).unwrap().len(), 1);
    let row = client.query_one("SELECT count(*) FROM public.a", &[]);
    assert_eq!(row.unwrap().get::<_, i64>(0), 1);
    let row = client.query_one("SELECT count(*) FROM pg_temp.a", &[]);
    assert_eq!(row.unwrap().get::<_, i64>(0), 2);
}
