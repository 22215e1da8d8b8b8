//! What happens to a database: random wrecks, and single changes of which each is known; no engine is named.

use proptest::prelude::*;

use super::rows::{self, Dialect, Seed, Value, quoted, seeds, values};
use super::{Key, Role, Schema, Table};

/// One step of a wreck.
#[derive(Debug, Clone)]
pub enum Act {
    Insert(usize, Seed),
    Update(usize, u8, usize, Seed),
    Delete(usize, u8),
    /// Moves a sequence.
    Move(usize, u16),
}

/// Whether foreign keys act while a database is wrecked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    Off,
    On,
}

#[derive(Debug, Clone)]
pub struct Wreck {
    pub rules: Rules,
    pub acts: Vec<Act>,
}

pub fn wrecks() -> impl Strategy<Value = Wreck> {
    let table = any::<usize>;
    let act = prop_oneof![
        (table(), seeds(0..16)).prop_map(|(table, seed)| Act::Insert(table, seed)),
        (table(), any::<u8>(), any::<usize>(), seeds(0..16))
            .prop_map(|(table, nth, column, seed)| Act::Update(table, nth, column, seed)),
        (table(), any::<u8>()).prop_map(|(table, nth)| Act::Delete(table, nth)),
        (any::<usize>(), 1_u16..5000).prop_map(|(pick, to)| Act::Move(pick, to)),
    ];
    let rules = prop::sample::select(vec![Rules::Off, Rules::On]);
    (rules, prop::collection::vec(act, 1..8)).prop_map(|(rules, acts)| Wreck { rules, acts })
}

/// Unique values of single changes begin here, beyond those of any state.
const FRESH: usize = 100;

/// The literal of a column, with references that may lead nowhere.
fn loose(
    dialect: &impl Dialect,
    schema: &Schema,
    table: &Table,
    role: Role,
    seed: &Seed,
) -> String {
    let linked = |link: usize| Some(seed.links[link % 3] % 17).filter(|&number| number < 16);
    rows::cell(dialect, schema, table, role, seed, linked, FRESH)
}

pub fn whole_row(dialect: &impl Dialect, schema: &Schema, table: &Table, seed: &Seed) -> String {
    let row = table.stored();
    let row = row.map(|column| loose(dialect, schema, table, column.role, seed));
    let rows = [row.collect()];
    rows::insert(dialect, table, &rows).unwrap()
}

impl Act {
    /// Its statement; `None` for the move of a sequence, which each engine says its own way.
    pub fn statement(&self, dialect: &impl Dialect, schema: &Schema) -> Option<String> {
        let table = |at: &usize| &schema.tables[at % schema.tables.len()];
        Some(match self {
            Self::Insert(at, seed) => whole_row(dialect, schema, table(at), seed),
            Self::Update(at, nth, column, seed) => {
                let table = table(at);
                let columns: Vec<_> = table.stored().filter(|c| is_free(table, c.role)).collect();
                let column = columns[column % columns.len()];
                let value = match column.role {
                    Role::Alias => (seed.links[0] % 16).to_string(),
                    role => loose(dialect, schema, table, role, seed),
                };
                update(
                    dialect,
                    table,
                    &column.name,
                    &value,
                    &dialect.nth(table, *nth),
                )
            }
            Self::Delete(at, nth) => {
                let table = table(at);
                let (name, one) = (dialect.table(table), dialect.nth(table, *nth));
                format!("DELETE FROM {name} WHERE {one}")
            }
            Self::Move(..) => return None,
        })
    }
}

/// Whether a column takes any value; one kind of identity takes none.
fn is_free(table: &Table, role: Role) -> bool {
    !(table.key == Key::Always && matches!(role, Role::Key(_)))
}

fn update(dialect: &impl Dialect, table: &Table, column: &str, value: &str, one: &str) -> String {
    let (name, column) = (dialect.table(table), quoted(column));
    format!("UPDATE {name} SET {column} = {value} WHERE {one}")
}

/// A change of one thing.
#[derive(Debug, Clone)]
pub enum Single {
    Insert(Seed),
    Delete(u8),
    /// One cell gets another value.
    Cell(u8, usize, Seed, Vec<Value>),
    /// One cell becomes NULL.
    Null(u8, usize),
    /// One row gets another key.
    Rekey(u8, usize),
    /// Two rows exchange their keys.
    Swap(usize, usize),
    Move(usize, u16),
}

pub fn singles() -> impl Strategy<Value = Single> {
    let nth = any::<u8>;
    let more = prop::collection::vec(values(), 4);
    prop_oneof![
        2 => seeds(12..16).prop_map(Single::Insert),
        2 => nth().prop_map(Single::Delete),
        4 => (nth(), any::<usize>(), seeds(12..16), more).prop_map(|(nth, column, seed, more)| Single::Cell(nth, column, seed, more)),
        2 => (nth(), any::<usize>()).prop_map(|(nth, column)| Single::Null(nth, column)),
        2 => (nth(), 12_usize..16).prop_map(|(nth, number)| Single::Rekey(nth, number)),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Single::Swap(a, b)),
        1 => (any::<usize>(), 1_u16..5000).prop_map(|(pick, to)| Single::Move(pick, to)),
    ]
}

impl Single {
    /// What a comparison may call it, as the signs of its lines; each of these is the whole answer, or nothing is.
    pub fn shapes(&self) -> &'static [&'static str] {
        match self {
            Self::Insert(_) => &["+"],
            Self::Delete(_) => &["-"],
            Self::Cell(..) | Self::Null(..) => &["~", "+-"],
            Self::Rekey(..) => &["+-", "+"],
            Self::Swap(..) => &["~~"],
            Self::Move(..) => &["#"],
        }
    }

    /// Statements to try one after the other until one of them changed something; each may be several in a row.
    pub fn attempts(
        &self,
        dialect: &impl Dialect,
        schema: &Schema,
        at: usize,
        keys: &[usize],
    ) -> Vec<Vec<String>> {
        let table = &schema.tables[at];
        let cells: Vec<_> = table
            .stored()
            .filter(|column| !matches!(column.role, Role::Key(_)))
            .collect();
        match self {
            Self::Insert(seed) => vec![vec![whole_row(dialect, schema, table, seed)]],
            Self::Delete(nth) => vec![vec![format!(
                "DELETE FROM {} WHERE {}",
                dialect.table(table),
                dialect.nth(table, *nth)
            )]],
            Self::Cell(nth, column, seed, more) => {
                let column = cells[column % cells.len()];
                let tries = others(seed, more);
                tries
                    .iter()
                    .map(|seed| {
                        let value = loose(dialect, schema, table, column.role, seed);
                        let one = dialect.nth(table, *nth);
                        vec![update(dialect, table, &column.name, &value, &one)]
                    })
                    .collect()
            }
            Self::Null(nth, column) => {
                let column = cells[column % cells.len()];
                let one = dialect.nth(table, *nth);
                vec![vec![update(dialect, table, &column.name, "NULL", &one)]]
            }
            Self::Rekey(nth, number) => rekey(dialect, table, &dialect.nth(table, *nth), *number),
            Self::Swap(a, b) => swap(dialect, table, keys, *a, *b),
            Self::Move(..) => Vec::new(),
        }
    }
}

/// The same row with other values, of which one is another one.
fn others(seed: &Seed, more: &[Value]) -> Vec<Seed> {
    let listed = (0..3).map(Value::Listed);
    let mut tries = vec![seed.clone()];
    for (at, value) in more.iter().cloned().chain(listed).enumerate() {
        let mut other = seed.clone();
        other.values = [value.clone(), value];
        other.number = i8::try_from(at).unwrap() + 20;
        other.links = other.links.map(|link| link + at + 1);
        tries.push(other);
    }
    tries
}

/// The parts of a key, each equal to its value.
fn keyed(dialect: &impl Dialect, table: &Table, number: usize, between: &str) -> String {
    let parts = table.key_columns().into_iter().enumerate();
    let parts = parts.map(|(part, column)| {
        let value = rows::key(dialect, table.key, part, number);
        format!("{} = {value}", quoted(column))
    });
    parts.collect::<Vec<_>>().join(between)
}

fn rekey(dialect: &impl Dialect, table: &Table, one: &str, number: usize) -> Vec<Vec<String>> {
    if table.key.parts() == 0 || table.key == Key::Always {
        return Vec::new();
    }
    let (name, key) = (dialect.table(table), keyed(dialect, table, number, ", "));
    vec![vec![format!("UPDATE {name} SET {key} WHERE {one}")]]
}

/// By way of a key that no row has.
fn swap(
    dialect: &impl Dialect,
    table: &Table,
    keys: &[usize],
    a: usize,
    b: usize,
) -> Vec<Vec<String>> {
    let named: Vec<usize> = keys.iter().copied().filter(|key| key % 4 != 0).collect();
    if named.len() < 2 || !table.key.names_rows() || table.key == Key::Always {
        return Vec::new();
    }
    let (a, b) = (named[a % named.len()], named[b % named.len()]);
    if a == b {
        return Vec::new();
    }
    let step = |from: usize, to: usize| {
        let one = keyed(dialect, table, from, " AND ");
        let (name, key) = (dialect.table(table), keyed(dialect, table, to, ", "));
        format!("UPDATE {name} SET {key} WHERE {one}")
    };
    vec![vec![step(a, 13), step(b, a), step(13, b)]]
}
