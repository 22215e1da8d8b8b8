//! A random database, alike for every engine: what its tables are, before an engine spells them; it runs nothing.

pub mod acts;
pub mod damage;
pub mod oracle;
pub mod properties;
pub mod rows;

use proptest::prelude::*;

/// What an engine has to choose from.
#[derive(Debug)]
pub struct Menu {
    pub keys: &'static [Key],
    pub layouts: &'static [Layout],
    /// The schemas tables live in.
    pub homes: &'static [&'static str],
    pub derived: &'static [Derived],
    /// How many kinds of values there are.
    pub kinds: usize,
}

/// How rows of a table are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Number,
    /// `AUTOINCREMENT`, or a column that a sequence feeds by default.
    Counter,
    /// An identity column that takes no values but by an override.
    Always,
    ByDefault,
    Text,
    Composite,
    /// A type in which equal numbers can be written in several ways.
    Odd,
    /// No primary key, but a unique column that is never NULL.
    Unique,
    /// A unique column that may be NULL, which is no key.
    Loose,
    /// A primary key that may be NULL.
    Nullable,
    None,
}

/// How a table keeps its rows.
#[allow(dead_code, reason = "no engine has them all")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Plain,
    WithoutRowid,
    Strict,
    Partitioned,
}

/// A generated column.
#[allow(dead_code, reason = "no engine has them all")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derived {
    Stored,
    Virtual,
}

/// When a constraint is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    AtOnce,
    Deferred,
}

/// A foreign key.
#[derive(Debug, Clone)]
pub struct Link {
    pub to: usize,
    /// What follows `ON DELETE` and `ON UPDATE`.
    pub action: &'static str,
    pub wait: Wait,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A part of the key.
    Key(usize),
    /// A whole number, or NULL.
    Number,
    /// Unique, or NULL.
    Alias,
    /// A part of a reference.
    Link(usize, usize),
    Value(usize),
    /// Generated from the number.
    Derived,
}

#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub role: Role,
}

#[derive(Debug, Clone)]
pub struct Table {
    pub home: &'static str,
    pub name: String,
    pub key: Key,
    pub layout: Layout,
    pub links: Vec<Link>,
    /// The kinds of its values.
    pub kinds: [usize; 2],
    pub derived: Option<Derived>,
    /// Whether there is a column of unique values, and when they are checked.
    pub alias: Option<Wait>,
    /// Whether its triggers undo every write.
    pub meddles: bool,
    pub columns: Vec<Column>,
}

#[derive(Debug, Clone)]
pub struct Schema {
    pub tables: Vec<Table>,
    /// The increments of sequences that feed no table.
    #[allow(dead_code, reason = "SQLite has none")]
    pub free: Vec<i64>,
}

impl Table {
    /// The columns a file knows.
    pub fn stored(&self) -> impl Iterator<Item = &Column> {
        let columns = self.columns.iter();
        columns.filter(|column| column.role != Role::Derived)
    }

    pub fn named(&self, role: Role) -> &str {
        let found = self.columns.iter().find(|column| column.role == role);
        &found.unwrap().name
    }

    /// The names of the key's columns.
    pub fn key_columns(&self) -> Vec<&str> {
        let parts = 0..self.key.parts();
        parts.map(|part| self.named(Role::Key(part))).collect()
    }
}

impl Key {
    /// Columns it is made of.
    pub fn parts(self) -> usize {
        match self {
            Self::None => 0,
            Self::Composite => 2,
            _ => 1,
        }
    }

    pub fn is_primary(self) -> bool {
        !matches!(self, Self::Unique | Self::Loose | Self::None)
    }

    /// Whether fixpoints match rows by it.
    pub fn names_rows(self) -> bool {
        !matches!(self, Self::Loose | Self::None)
    }

    pub fn has_sequence(self) -> bool {
        matches!(self, Self::Counter | Self::Always | Self::ByDefault)
    }
}

/// What a table is drawn from.
#[derive(Debug, Clone)]
struct Draft {
    key: Key,
    layout: Layout,
    home: &'static str,
    links: Vec<(usize, &'static str, Wait)>,
    kinds: [usize; 2],
    derived: Option<Derived>,
    alias: Option<Wait>,
    meddles: bool,
    turn: usize,
}

/// How tables refer to each other besides what each drew.
#[derive(Debug, Clone, Copy)]
enum Graph {
    Drawn,
    Chain,
    Ring,
    Selves,
}

const TABLES: [&str; 9] = [
    "t",
    "select",
    "a\"b",
    "größe",
    "x; DROP TABLE t; --",
    "Upper",
    "a.b",
    "😀",
    "it's",
];

const COLUMNS: [&str; 14] = [
    "id", "order", "c\"d", "größe", "x'); --", "Upper", "a.b", "rowid", "😀", "%s", "a: {", "$1",
    " ", "null",
];

const ACTIONS: [&str; 4] = ["CASCADE", "SET NULL", "NO ACTION", "SET DEFAULT"];

fn wait() -> impl Strategy<Value = Wait> {
    prop::sample::select(vec![Wait::AtOnce, Wait::Deferred])
}

fn drafts(menu: &'static Menu) -> impl Strategy<Value = Draft> {
    use prop::sample::select;
    let links = (0_usize..4, select(ACTIONS.to_vec()), wait());
    let first = (
        select(menu.keys.to_vec()),
        select(menu.layouts.to_vec()),
        select(menu.homes.to_vec()),
        prop::collection::vec(links, 0..=2),
        [0..menu.kinds, 0..menu.kinds],
    );
    let second = (
        prop::option::of(select(menu.derived.to_vec())),
        prop::option::of(wait()),
        any::<bool>(),
        any::<usize>(),
    );
    (first, second).prop_map(|(first, second)| Draft {
        key: first.0,
        layout: first.1,
        home: first.2,
        links: first.3,
        kinds: first.4,
        derived: second.0,
        alias: second.1,
        meddles: second.2,
        turn: second.3,
    })
}

/// Random schemas of one to four tables.
pub fn schemas(menu: &'static Menu) -> impl Strategy<Value = Schema> {
    let graphs = vec![Graph::Drawn, Graph::Chain, Graph::Ring, Graph::Selves];
    let free = prop::collection::vec(prop::sample::select(vec![1, 10, -1]), 0..=2);
    let drafts = prop::collection::vec(drafts(menu), 1..=4);
    (drafts, prop::sample::select(graphs), 0_usize..9, free).prop_map(
        |(drafts, graph, offset, free)| Schema {
            tables: build(&drafts, graph, offset),
            free,
        },
    )
}

fn build(drafts: &[Draft], graph: Graph, offset: usize) -> Vec<Table> {
    let tables = drafts.iter().enumerate();
    tables
        .map(|(at, draft)| {
            let layout = layout(draft);
            let alias = draft.alias.filter(|_| layout != Layout::Partitioned);
            let mut table = Table {
                home: draft.home,
                name: TABLES[(offset + at) % TABLES.len()].to_owned(),
                key: draft.key,
                layout,
                links: links(drafts, graph, at),
                kinds: draft.kinds,
                derived: draft.derived,
                alias,
                meddles: draft.meddles,
                columns: Vec::new(),
            };
            table.columns = columns(&table, drafts, offset, draft.turn);
            table
        })
        .collect()
}

/// The layout that was drawn, where the key can have it.
fn layout(draft: &Draft) -> Layout {
    let fits = match draft.layout {
        Layout::WithoutRowid => {
            let key = draft.key;
            key.is_primary() && !key.has_sequence() && key != Key::Nullable
        }
        Layout::Partitioned => draft.key != Key::None,
        Layout::Strict => draft.key != Key::Nullable,
        Layout::Plain => true,
    };
    if fits { draft.layout } else { Layout::Plain }
}

/// References to tables whose rows can be referred to.
fn links(drafts: &[Draft], graph: Graph, at: usize) -> Vec<Link> {
    let draft = &drafts[at];
    let more = match graph {
        Graph::Drawn => None,
        Graph::Chain => at.checked_sub(1),
        Graph::Ring => Some((at + 1) % drafts.len()),
        Graph::Selves => Some(at),
    };
    let more = more.map(|to| (to, ACTIONS[draft.turn % 2], Wait::AtOnce));
    let links = draft.links.iter().copied().chain(more);
    links
        .map(|(to, action, wait)| Link {
            to: to % drafts.len(),
            action,
            wait,
        })
        .filter(|link| drafts[link.to].key != Key::None)
        .collect()
}

fn columns(table: &Table, drafts: &[Draft], offset: usize, turn: usize) -> Vec<Column> {
    let mut roles: Vec<Role> = (0..table.key.parts()).map(Role::Key).collect();
    roles.push(Role::Number);
    roles.extend(table.alias.map(|_| Role::Alias));
    for (at, link) in table.links.iter().enumerate() {
        let parts = drafts[link.to].key.parts();
        roles.extend((0..parts).map(|part| Role::Link(at, part)));
    }
    roles.extend([Role::Value(0), Role::Value(1)]);
    roles.extend(table.derived.map(|_| Role::Derived));
    let turn = turn % roles.len();
    roles.rotate_left(turn);
    let named = roles.into_iter().enumerate();
    named
        .map(|(at, role)| Column {
            name: COLUMNS[(offset + at) % COLUMNS.len()].to_owned(),
            role,
        })
        .collect()
}
