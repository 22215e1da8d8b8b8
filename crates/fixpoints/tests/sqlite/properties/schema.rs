//! SQLite's words for the tables of the model.

use super::dialect::KINDS;
use crate::model::rows::{list, quoted};
use crate::model::{Column, Derived, Key, Layout, Link, Role, Schema, Table, Wait};

/// Tables, and triggers that undo every write.
pub fn create(schema: &Schema) -> String {
    let tables = schema.tables.iter().enumerate();
    tables
        .map(|(at, table)| {
            let mut sql = table_sql(schema, table);
            if table.meddles {
                for event in ["INSERT", "UPDATE", "DELETE"] {
                    let name = quoted(&table.name);
                    sql.push_str(&format!("CREATE TRIGGER meddle{at}{event} BEFORE {event} ON {name} BEGIN SELECT RAISE(IGNORE); END;"));
                }
            }
            sql
        })
        .collect()
}

fn table_sql(schema: &Schema, table: &Table) -> String {
    let columns = table.columns.iter();
    let mut parts: Vec<String> = columns.map(|found| column(schema, table, found)).collect();
    if table.key == Key::Composite {
        let key = table.key_columns();
        parts.push(format!("PRIMARY KEY ({})", list(key.into_iter().rev())));
    }
    let links = table.links.iter().enumerate();
    parts.extend(links.map(|(at, link)| reference(schema, table, at, link)));
    let options = match table.layout {
        Layout::WithoutRowid => " WITHOUT ROWID",
        Layout::Strict => " STRICT",
        Layout::Plain | Layout::Partitioned => "",
    };
    format!(
        "CREATE TABLE {} ({}){options};",
        quoted(&table.name),
        parts.join(", ")
    )
}

fn column(schema: &Schema, table: &Table, column: &Column) -> String {
    let strict = table.layout == Layout::Strict;
    let kind = match column.role {
        Role::Key(part) => key_type(table.key, part, strict),
        Role::Number | Role::Alias | Role::Derived => "INTEGER",
        Role::Link(link, part) => key_type(schema.tables[table.links[link].to].key, part, strict),
        Role::Value(at) if strict => KINDS[table.kinds[at]].1,
        Role::Value(at) => KINDS[table.kinds[at]].0,
    };
    let rest = match column.role {
        Role::Key(_) => key_rest(table.key).to_owned(),
        Role::Alias => " UNIQUE".to_owned(),
        Role::Derived => {
            let kept = match table.derived {
                Some(Derived::Stored) => "STORED",
                _ => "VIRTUAL",
            };
            format!(" AS ({} + 1) {kept}", quoted(table.named(Role::Number)))
        }
        Role::Link(..) => " DEFAULT NULL".to_owned(),
        Role::Number | Role::Value(_) => String::new(),
    };
    format!("{} {kind}{rest}", quoted(&column.name))
}

fn key_type(key: Key, part: usize, strict: bool) -> &'static str {
    match (key, part) {
        (Key::Text | Key::Nullable, _) | (Key::Composite, 1) => "TEXT",
        (Key::Odd, _) if strict => "ANY",
        (Key::Odd, _) => "",
        _ => "INTEGER",
    }
}

fn key_rest(key: Key) -> &'static str {
    match key {
        Key::Counter | Key::Always | Key::ByDefault => " PRIMARY KEY AUTOINCREMENT",
        Key::Number | Key::Nullable => " PRIMARY KEY",
        Key::Text | Key::Odd => " NOT NULL PRIMARY KEY",
        Key::Unique => " NOT NULL UNIQUE",
        Key::Loose => " UNIQUE",
        Key::Composite => " NOT NULL",
        Key::None => "",
    }
}

fn reference(schema: &Schema, table: &Table, at: usize, link: &Link) -> String {
    let to = &schema.tables[link.to];
    let parts = 0..to.key.parts();
    let from = list(parts.map(|part| table.named(Role::Link(at, part))));
    let wait = match link.wait {
        Wait::AtOnce => "",
        Wait::Deferred => " DEFERRABLE INITIALLY DEFERRED",
    };
    let (name, keys, action) = (quoted(&to.name), list(to.key_columns()), link.action);
    format!(
        "FOREIGN KEY ({from}) REFERENCES {name} ({keys}) ON DELETE {action} ON UPDATE {action}{wait}"
    )
}
