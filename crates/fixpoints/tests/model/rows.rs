//! Random rows as SQL literals: every reference of a state leads to a row of it; what a wreck does is elsewhere.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Key, Role, Schema, Table};

/// How an engine spells values.
pub trait Dialect {
    /// A value of one of the engine's kinds.
    fn value(&self, table: &Table, kind: usize, value: &Value) -> String;

    /// The literal of a key of the odd sort.
    fn odd(&self, number: usize) -> String;

    /// What names a table in SQL.
    fn table(&self, table: &Table) -> String;

    /// What finds one row of a table, where it has rows.
    fn nth(&self, table: &Table, nth: u8) -> String;
}

#[derive(Debug, Clone)]
pub enum Value {
    Null,
    /// One of those the engine lists for the kind.
    Listed(usize),
    /// Anything, where the kind can hold it.
    Drawn(u64, String),
}

/// What a row is made of.
#[derive(Debug, Clone)]
pub struct Seed {
    /// Below twelve; those up to sixteen are left for changes.
    pub key: usize,
    pub number: i8,
    pub links: [usize; 3],
    pub values: [Value; 2],
    /// How often it is there, where nothing tells rows apart.
    pub copies: usize,
}

/// All rows of a database, and where its sequences are moved.
#[derive(Debug, Clone)]
pub struct State {
    pub rows: Vec<Vec<Seed>>,
    /// What the unique values begin with.
    pub shift: usize,
    pub moves: Vec<(usize, u16)>,
}

pub fn values() -> impl Strategy<Value = Value> {
    let text = prop::collection::vec(any::<char>(), 0..6);
    prop_oneof![
        1 => Just(Value::Null),
        4 => any::<usize>().prop_map(Value::Listed),
        3 => (any::<u64>(), text).prop_map(|(bits, text)| Value::Drawn(bits, text.into_iter().collect())),
    ]
}

pub fn seeds(keys: std::ops::Range<usize>) -> impl Strategy<Value = Seed> {
    let row = (keys, -2_i8..4, any::<[u8; 3]>(), [values(), values()]);
    (row, 1_usize..3).prop_map(|((key, number, links, values), copies)| Seed {
        key,
        number,
        links: links.map(usize::from),
        values,
        copies,
    })
}

pub fn states() -> impl Strategy<Value = State> {
    let rows = prop::collection::vec(prop::collection::vec(seeds(0..12), 0..9), 4);
    let moves = prop::collection::vec((any::<usize>(), 1_u16..5000), 0..3);
    (rows, 0_usize..16, moves).prop_map(|(rows, shift, moves)| State { rows, shift, moves })
}

const NUMBERS: [i64; 16] = [
    -2_147_483_648,
    -1,
    0,
    1,
    2,
    3,
    9,
    10,
    11,
    99,
    100,
    2_147_483_647,
    12,
    13,
    14,
    15,
];

const TEXTS: [&str; 16] = [
    "", "a", "A", "b", "é", "😀", " ", "null", "1", "01", "a b", "'q", "\"", "z", "Z", "~",
];

/// One part of the key of this number.
pub fn key(dialect: &impl Dialect, key: Key, part: usize, number: usize) -> String {
    let text = |number: usize| format!("'{}'", TEXTS[number].replace('\'', "''"));
    match (key, part) {
        (_, _) if is_null(key, number) => "NULL".to_owned(),
        (Key::Counter | Key::Always | Key::ByDefault, _) => (number + 1).to_string(),
        (Key::Text | Key::Nullable, _) => text(number),
        (Key::Composite, 0) => (number / 4).to_string(),
        (Key::Composite, _) => text(number % 4),
        (Key::Odd, _) => dialect.odd(number),
        (Key::Number | Key::Unique | Key::Loose | Key::None, _) => NUMBERS[number].to_string(),
    }
}

fn is_null(key: Key, number: usize) -> bool {
    matches!(key, Key::Loose | Key::Nullable) && number.is_multiple_of(4)
}

/// Whether several rows may have this key.
fn repeats(key: Key, number: usize) -> bool {
    key == Key::None || is_null(key, number)
}

/// The rows of each table as literals, one for each column that is stored.
pub fn literals(dialect: &impl Dialect, schema: &Schema, state: &State) -> Vec<Vec<Vec<String>>> {
    let kept: Vec<Vec<&Seed>> = schema
        .tables
        .iter()
        .zip(&state.rows)
        .map(|(table, seeds)| distinct(table.key, seeds))
        .collect();
    let tables = schema.tables.iter().zip(&kept);
    tables
        .map(|(table, seeds)| {
            let row = |seed: &&Seed| {
                let columns = table.stored();
                columns
                    .map(|column| {
                        let linked = |link: usize| {
                            let to = table.links[link].to;
                            let parent = schema.tables[to].key;
                            let keys = kept[to].iter().map(|seed| seed.key);
                            let keys: Vec<usize> =
                                keys.filter(|&found| !is_null(parent, found)).collect();
                            keys.get(seed.links[link % 3] % (keys.len() + 1)).copied()
                        };
                        cell(
                            dialect,
                            schema,
                            table,
                            column.role,
                            seed,
                            linked,
                            state.shift,
                        )
                    })
                    .collect()
            };
            seeds.iter().map(row).collect()
        })
        .collect()
}

/// Each key once, unless nothing tells rows apart.
fn distinct(key: Key, seeds: &[Seed]) -> Vec<&Seed> {
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for seed in seeds {
        if repeats(key, seed.key) {
            kept.extend(std::iter::repeat_n(seed, seed.copies));
        } else if seen.insert(seed.key) {
            kept.push(seed);
        }
    }
    kept
}

/// The literal of one column of a row; `linked` chooses the row that is referred to.
pub fn cell(
    dialect: &impl Dialect,
    schema: &Schema,
    table: &Table,
    role: Role,
    seed: &Seed,
    linked: impl Fn(usize) -> Option<usize>,
    shift: usize,
) -> String {
    let null = || "NULL".to_owned();
    match role {
        Role::Key(part) => key(dialect, table.key, part, seed.key),
        Role::Alias if repeats(table.key, seed.key) || seed.number == 0 => null(),
        Role::Alias => (seed.key + shift).to_string(),
        Role::Link(link, part) => linked(link).map_or_else(null, |number| {
            key(
                dialect,
                schema.tables[table.links[link].to].key,
                part,
                number,
            )
        }),
        Role::Value(at) => dialect.value(table, table.kinds[at], &seed.values[at]),
        Role::Number if seed.number == 3 => null(),
        Role::Number | Role::Derived => seed.number.to_string(),
    }
}

/// An identifier, whatever is in it.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names = names.into_iter().map(quoted);
    names.collect::<Vec<_>>().join(", ")
}

/// One statement for all rows; none where there are none.
pub fn insert(dialect: &impl Dialect, table: &Table, rows: &[Vec<String>]) -> Option<String> {
    let columns = list(table.stored().map(|column| column.name.as_str()));
    let overriding = if table.key == Key::Always {
        "OVERRIDING SYSTEM VALUE "
    } else {
        ""
    };
    let rows = rows.iter().map(|row| format!("({})", row.join(", ")));
    let rows = rows.collect::<Vec<_>>().join(", ");
    let name = dialect.table(table);
    (!rows.is_empty()).then(|| format!("INSERT INTO {name} ({columns}) {overriding}VALUES {rows}"))
}

/// What brings a database into a state, from any other.
pub fn fill(dialect: &impl Dialect, schema: &Schema, state: &State) -> Vec<String> {
    let rows = literals(dialect, schema, state);
    let mut statements = Vec::new();
    for (table, rows) in schema.tables.iter().zip(&rows) {
        statements.push(format!("DELETE FROM {}", dialect.table(table)));
        statements.extend(insert(dialect, table, rows));
    }
    statements
}

/// The numbers of the keys that a state gives one table.
pub fn keys(schema: &Schema, state: &State, at: usize) -> Vec<usize> {
    let kept = distinct(schema.tables[at].key, &state.rows[at]);
    kept.into_iter().map(|seed| seed.key).collect()
}
