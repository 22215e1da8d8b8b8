//! The random databases of the shared model, on SQLite.

use fixpoints::{Chain, Comparison, Environment, Fixpoints, Position, Positions};
use proptest::prelude::*;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode};

use crate::model::acts::Rules;
use crate::model::oracle::Snapshot;
use crate::model::properties::{self, World, steps, stories};
use crate::model::rows::{list, quoted};
use crate::model::{Derived, Key, Layout, Menu, Role, Schema, Table};
use crate::playground::{Playground, name};

mod dialect;
mod schema;

use dialect::KINDS;

static MENU: Menu = Menu {
    keys: &[
        Key::Number,
        Key::Counter,
        Key::ByDefault,
        Key::Text,
        Key::Composite,
        Key::Odd,
        Key::Unique,
        Key::Loose,
        Key::Nullable,
        Key::None,
    ],
    layouts: &[
        Layout::Plain,
        Layout::Plain,
        Layout::WithoutRowid,
        Layout::Strict,
    ],
    homes: &["main"],
    derived: &[Derived::Stored, Derived::Virtual],
    kinds: KINDS.len(),
};

/// A connection on which no trigger runs.
fn silent(playground: &Playground, rules: Rules) -> Connection {
    let connection = playground.connection();
    let enforce = |config, on| connection.set_db_config(config, on).unwrap();
    enforce(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false);
    enforce(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, rules == Rules::On);
    connection
}

/// A cell as the oracle spells it.
fn spelled(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "null".to_owned(),
        ValueRef::Integer(value) => format!("integer {value}"),
        ValueRef::Real(value) => format!("real {value:?}"),
        ValueRef::Text(text) => format!("text {}", text.escape_ascii()),
        ValueRef::Blob(bytes) => format!("bytes {}", bytes.escape_ascii()),
    }
}

fn rows(connection: &Connection, table: &Table) -> Vec<Vec<String>> {
    let derived = table.derived.map(|_| table.named(Role::Derived));
    let columns = table.stored().map(|column| column.name.as_str());
    let columns = list(columns.chain(derived));
    let sql = format!("SELECT {columns} FROM {}", quoted(&table.name));
    let mut statement = connection.prepare(&sql).unwrap();
    let width = statement.column_count();
    let rows = statement.query_map([], |row| {
        (0..width).map(|at| row.get_ref(at).map(spelled)).collect()
    });
    let mut rows: Vec<Vec<String>> = rows.unwrap().map(Result::unwrap).collect();
    rows.sort();
    rows
}

fn sequences(connection: &Connection) -> Positions {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'";
    let exists: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    if exists == 0 {
        return Positions::new();
    }
    let mut statement = connection
        .prepare("SELECT name, seq FROM sqlite_sequence")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, Position::called(row.get(1)?))));
    rows.unwrap().map(Result::unwrap).collect()
}

impl World for Playground {
    fn create(&self, schema: &Schema) {
        self.sql(&schema::create(schema));
    }

    fn run(&self, statements: &[String]) {
        let mut connection = silent(self, Rules::Off);
        let transaction = connection.transaction().unwrap();
        for sql in statements {
            if let Err(error) = transaction.execute_batch(sql) {
                panic!("{sql}: {error}");
            }
        }
        transaction.commit().unwrap();
    }

    fn dare(&self, statements: &[String], rules: Rules) {
        let connection = silent(self, rules);
        for sql in statements {
            let Err(error) = connection.execute_batch(sql) else {
                continue;
            };
            let code = error.sqlite_error_code();
            assert_eq!(code, Some(ErrorCode::ConstraintViolation), "{sql}: {error}");
        }
    }

    fn read(&self, schema: &Schema) -> Snapshot {
        let connection = self.connection();
        let tables = schema.tables.iter();
        Snapshot {
            tables: tables.map(|table| rows(&connection, table)).collect(),
            sequences: sequences(&connection),
            schema: self.one("SELECT group_concat(sql, ';') FROM sqlite_schema"),
        }
    }

    fn moving(&self, schema: &Schema, pick: usize, to: u16) -> Option<String> {
        let tables = schema.tables.iter();
        let fed: Vec<&Table> = tables.filter(|table| table.key.has_sequence()).collect();
        let name = fed
            .get(pick.checked_rem(fed.len())?)?
            .name
            .replace('\'', "''");
        Some(if to.is_multiple_of(7) {
            format!("DELETE FROM sqlite_sequence WHERE name = '{name}'")
        } else {
            format!("UPDATE sqlite_sequence SET seq = {to} WHERE name = '{name}'")
        })
    }

    fn called(&self, table: &Table) -> String {
        table.name.clone()
    }

    fn store(&self, fixpoint: &str, parent: Option<&str>) {
        match parent {
            Some(parent) => self.store_on(fixpoint, parent).unwrap(),
            None => self.store(fixpoint).unwrap(),
        };
    }

    fn restore(&self, fixpoint: &str) {
        self.restore(fixpoint).unwrap();
    }

    fn restore_within(&self, fixpoint: &str) {
        let suite = Fixpoints::new(self.fixpoints().path());
        let suite = suite.in_environment(Environment::default());
        let mut connection = self.connection();
        connection.pragma_update(None, "foreign_keys", 1).unwrap();
        let mut transaction = connection.transaction().unwrap();
        suite.restore(&mut transaction, fixpoint).unwrap();
        transaction.commit().unwrap();
    }

    fn compare(&self, fixpoint: &str) -> Comparison {
        self.compare(fixpoint).unwrap()
    }

    fn chain(&self, fixpoint: &str) -> Chain {
        Chain::open(&self.fixpoints(), &name(fixpoint)).unwrap()
    }

    fn text(&self, fixpoint: &str) -> String {
        self.text(fixpoint)
    }
}

proptest! {
    #![proptest_config(properties::cases(48))]

    #[test]
    fn states_come_back_and_changes_compose(story in stories(&MENU)) {
        properties::states_come_back(&Playground::new(""), &story)?;
    }

    #[test]
    fn one_change_is_one_difference(step in steps(&MENU)) {
        properties::one_change_is_one_difference(&Playground::new(""), &step)?;
    }
}

#[test]
fn what_holds_for_every_engine_holds_here() {
    let schema = "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);
        CREATE TABLE log (at INTEGER, line TEXT);";
    crate::claims::hold(&|claim| claim(&mut Playground::new(schema).database()));
}
