//! The random databases of the shared model, on PostgreSQL.

use std::cell::{RefCell, RefMut};

use fixpoints::{Chain, Comparison, Environment, Fixpoints, Position, Positions};
use postgres::{Client, SimpleQueryMessage, SimpleQueryRow};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::model::acts::Rules;
use crate::model::oracle::Snapshot;
use crate::model::properties::{self, World, steps, stories};
use crate::model::rows::{Dialect as _, list, quoted};
use crate::model::{Derived, Key, Layout, Menu, Role, Schema, Table};
use crate::playground::Playground;
use crate::types::SETUP;

mod dialect;
mod schema;

static MENU: Menu = Menu {
    keys: &[
        Key::Number,
        Key::Counter,
        Key::Always,
        Key::ByDefault,
        Key::Text,
        Key::Composite,
        Key::Odd,
        Key::Unique,
        Key::Loose,
        Key::None,
    ],
    layouts: &[Layout::Plain, Layout::Plain, Layout::Partitioned],
    homes: schema::HOMES,
    derived: &[Derived::Stored],
    kinds: dialect::KINDS,
};

/// A database, and a suite that remembers what it restored in it.
struct Stage {
    here: Playground,
    suite: Fixpoints,
    /// The superuser's.
    client: RefCell<Client>,
    /// The one that a suite has.
    own: RefCell<Client>,
}

impl Stage {
    fn new(user: &'static str) -> Option<Self> {
        let mut here = Playground::new(&format!("{SETUP} {}", schema::COMMON))?;
        here.sql(&format!(
            "DO $$ BEGIN CREATE ROLE {user} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
             GRANT USAGE ON SCHEMA app TO {user}; ALTER TABLE app.things OWNER TO {user};"
        ));
        here.user = user;
        let suite = Fixpoints::new(here.fixpoints().path());
        let suite = suite.in_environment(Environment::default());
        let client = RefCell::new(here.client());
        let own = RefCell::new(here.place.connect(user));
        Some(Self {
            here,
            suite,
            client,
            own,
        })
    }
}

/// The client with quiet triggers, and words for values that are always the same.
fn quiet(stage: &Stage, rules: Rules) -> RefMut<'_, Client> {
    let role = match rules {
        Rules::On => "origin",
        Rules::Off => "replica",
    };
    let mut client = stage.client.borrow_mut();
    let settings = format!(
        "SET fixpoints.quiet = 'on'; SET session_replication_role = {role}; SET timezone = 'UTC'; SET xmloption = content"
    );
    client.batch_execute(&settings).unwrap();
    client
}

/// The client as tests have theirs.
fn plain(stage: &Stage) -> RefMut<'_, Client> {
    stage.own.borrow_mut()
}

fn query(client: &mut Client, sql: &str) -> Vec<SimpleQueryRow> {
    let messages = client.simple_query(sql).unwrap();
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    rows.collect()
}

/// A cell as the oracle spells it.
fn spelled(declared: &str, text: Option<&str>) -> String {
    let Some(text) = text else {
        return "null".to_owned();
    };
    match declared {
        "boolean" | "app.flags" => format!("bool {}", text == "t"),
        "smallint" | "integer" | "bigint" | "oid" => format!("integer {text}"),
        "real" | "double precision" => match text.parse::<f64>().unwrap() {
            real if real.is_nan() => "real nan".to_owned(),
            real => format!("real {real:?}"),
        },
        "bytea" => {
            let digits = text.trim_start_matches("\\x").as_bytes().chunks(2);
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
            let bytes: Vec<u8> = digits.map(|pair| byte(pair).unwrap()).collect();
            format!("bytes {}", bytes.escape_ascii())
        }
        _ => format!("text {}", text.as_bytes().escape_ascii()),
    }
}

fn key_kind(key: Key, part: usize) -> &'static str {
    match (key, part) {
        (Key::Text | Key::Odd, _) | (Key::Composite, 1) => "text",
        _ => "integer",
    }
}

fn rows(client: &mut Client, stage: &Stage, schema: &Schema, table: &Table) -> Vec<Vec<String>> {
    let columns = table.stored();
    let derived = table.columns.iter().filter(|c| c.role == Role::Derived);
    let (names, kinds): (Vec<&str>, Vec<&str>) = columns
        .chain(derived)
        .map(|column| {
            let kind = match column.role {
                Role::Value(at) => dialect::kind(table.kinds[at]).0,
                Role::Key(part) => key_kind(table.key, part),
                Role::Link(link, part) => key_kind(schema.tables[table.links[link].to].key, part),
                Role::Number | Role::Alias | Role::Derived => "integer",
            };
            (column.name.as_str(), kind)
        })
        .unzip();
    let sql = format!("SELECT {} FROM {}", list(names), stage.table(table));
    let rows = query(client, &sql).into_iter();
    let rows = rows.map(|row| {
        let cells = kinds.iter().enumerate();
        cells.map(|(at, kind)| spelled(kind, row.get(at))).collect()
    });
    let mut rows: Vec<Vec<String>> = rows.collect();
    rows.sort();
    rows
}

/// Every sequence of the case: what fixpoints call it, and its name in SQL.
fn sequences(client: &mut Client) -> Vec<(String, String)> {
    let sql = "SELECT nspname, relname FROM pg_sequence JOIN pg_class c ON c.oid = seqrelid
               JOIN pg_namespace n ON n.oid = relnamespace ORDER BY 1, 2";
    let rows = query(client, sql).into_iter();
    rows.map(|row| {
        let (home, name) = (row.get(0).unwrap(), row.get(1).unwrap());
        let sql = format!("{}.{}", quoted(home), quoted(name));
        (called(home, name), sql)
    })
    .collect()
}

/// Where each sequence stands.
fn stands(client: &mut Client) -> Positions {
    let all = sequences(client).into_iter();
    all.map(|(name, sql)| {
        let rows = query(client, &format!("SELECT last_value, is_called FROM {sql}"));
        let position = Position {
            last_value: rows[0].get(0).unwrap().parse().unwrap(),
            is_called: rows[0].get(1) == Some("t"),
        };
        (name, position)
    })
    .collect()
}

/// What a restore may switch off for a while.
fn fingerprint(client: &mut Client) -> String {
    let sql = "SELECT concat(conname, conrelid::regclass, pg_get_constraintdef(oid), convalidated) FROM pg_constraint WHERE conrelid >= 16384
               UNION ALL SELECT concat(tgname, tgenabled, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1";
    let rows = query(client, sql).into_iter();
    rows.map(|row| format!("{:?}\n", row.get(0))).collect()
}

/// The schema is said but for `public`, and parts that are not plain are quoted.
fn called(home: &str, name: &str) -> String {
    let part = |part: &str| {
        if part.contains(['.', '"']) {
            quoted(part)
        } else {
            part.to_owned()
        }
    };
    match home {
        "public" => part(name),
        home => format!("{}.{}", part(home), part(name)),
    }
}

impl World for Stage {
    fn create(&self, schema: &Schema) {
        let mut client = quiet(self, Rules::Off);
        client.batch_execute(&schema::create(self, schema)).unwrap();
    }

    fn run(&self, statements: &[String]) {
        let mut client = quiet(self, Rules::Off);
        let sql = statements.join(";\n");
        if let Err(error) = client.batch_execute(&sql) {
            panic!("{sql}: {error:?}");
        }
    }

    fn dare(&self, statements: &[String], rules: Rules) {
        let mut client = quiet(self, rules);
        for sql in statements {
            let Err(error) = client.batch_execute(sql) else {
                continue;
            };
            let code = error.code().unwrap().code();
            assert!(code.starts_with("23"), "{sql}: {error:?}");
        }
    }

    fn read(&self, schema: &Schema) -> Snapshot {
        let mut client = quiet(self, Rules::Off);
        let tables = schema.tables.iter();
        Snapshot {
            tables: tables
                .map(|table| rows(&mut client, self, schema, table))
                .collect(),
            sequences: stands(&mut client),
            schema: fingerprint(&mut client),
        }
    }

    fn moving(&self, _: &Schema, pick: usize, to: u16) -> Option<String> {
        let all = sequences(&mut quiet(self, Rules::Off));
        let (_, sql) = all.get(pick.checked_rem(all.len())?)?;
        let (name, is_called) = (sql.replace('\'', "''"), to.is_multiple_of(2));
        Some(format!("SELECT setval('{name}', {to}, {is_called})"))
    }

    fn called(&self, table: &Table) -> String {
        called(table.home, &table.name)
    }

    fn store(&self, fixpoint: &str, parent: Option<&str>) {
        match parent {
            Some(parent) => self.here.store_on(fixpoint, parent).unwrap(),
            None => self.here.store(fixpoint).unwrap(),
        };
    }

    fn restore(&self, fixpoint: &str) {
        self.suite.restore(&mut *plain(self), fixpoint).unwrap();
    }

    fn restore_within(&self, fixpoint: &str) {
        let mut client = plain(self);
        let mut transaction = client.transaction().unwrap();
        self.suite.restore(&mut transaction, fixpoint).unwrap();
        transaction.commit().unwrap();
    }

    fn compare(&self, fixpoint: &str) -> Comparison {
        let comparison = self.here.compare(fixpoint).unwrap();
        let remembering = self.suite.compare(&mut *plain(self), fixpoint);
        assert_eq!(comparison.is_equal(), remembering.is_ok());
        comparison
    }

    fn chain(&self, fixpoint: &str) -> Chain {
        self.here.chain(fixpoint).unwrap()
    }

    fn text(&self, fixpoint: &str) -> String {
        self.here.text(fixpoint)
    }
}

/// All cases of a property share one database.
fn check<S: Strategy>(
    user: &'static str,
    drawn: S,
    holds: fn(&Stage, &S::Value) -> Result<(), TestCaseError>,
) {
    let Some(stage) = Stage::new(user) else {
        return;
    };
    let mut runner = TestRunner::new(properties::cases(16));
    if let Err(error) = runner.run(&drawn, |case| holds(&stage, &case)) {
        panic!("{error}");
    }
}

#[test]
fn states_come_back_and_changes_compose() {
    check("postgres", stories(&MENU), properties::states_come_back);
}

#[test]
fn one_change_is_one_difference() {
    let one_change = properties::one_change_is_one_difference;
    check("postgres", steps(&MENU), one_change);
}

/// Who cannot silence foreign keys and triggers takes them away and puts them back.
#[test]
fn states_come_back_for_an_owner_who_is_no_superuser() {
    check("keeper", stories(&MENU), properties::states_come_back);
}

#[test]
fn what_holds_for_every_engine_holds_here() {
    let schema = "CREATE TABLE books (id bigint PRIMARY KEY, title text);
        CREATE TABLE log (at bigint, line text);";
    crate::claims::hold(&|claim| {
        if let Some(playground) = Playground::new(schema) {
            claim(&mut playground.database());
        }
    });
}
