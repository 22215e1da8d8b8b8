//! What is known of the tables of one database, and the SQL that names their parts; no rows.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::name::quoted;
use fixpoints_core::catalog::Catalog;
use fixpoints_core::cell::CellRef;
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::table::{KeyKind, Table};

/// How the text of a type becomes a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Integer,
    Real,
    Bytes,
    /// Text already sorted by a collation, as `text` and `varchar` are.
    Text,
    /// Any other type, in the text form PostgreSQL gives it.
    Other,
}

impl Kind {
    /// The kind of a built-in type, by its number in the catalogue, which never changes.
    pub fn of(oid: u32) -> Self {
        match oid {
            16 => Self::Bool,
            20 | 21 | 23 | 26 => Self::Integer,
            700 | 701 => Self::Real,
            17 => Self::Bytes,
            25 | 1043 => Self::Text,
            _ => Self::Other,
        }
    }

    /// Whether a value is one of this kind, and so read again as it was written.
    pub fn keeps(self, cell: CellRef<'_>) -> bool {
        match cell {
            CellRef::Null => true,
            CellRef::Bool(_) => self == Self::Bool,
            CellRef::Integer(_) => self == Self::Integer,
            CellRef::Real(_) => self == Self::Real,
            CellRef::Text(_) => matches!(self, Self::Text | Self::Other),
            CellRef::Bytes(_) => self == Self::Bytes,
        }
    }
}

/// Columns that one UPDATE cannot set in many rows, whose new values may be the old ones of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bound {
    /// These: columns of unique indexes, and identities that only the server sets.
    Columns(BTreeSet<String>),
    /// Any: an index is over an expression or a part of the rows, or the table has partitions.
    All,
}

/// A column that is stored.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub kind: Kind,
    pub declared: String,
    /// The type in SQL, with its schema and without what it is limited to.
    pub type_sql: String,
}

impl Column {
    /// Whether its numbers may be those of large objects: `lo` is the domain that comes with the server for them.
    pub fn refers_to_large_objects(&self) -> bool {
        let name = self.declared.rsplit('.').next().unwrap_or_default();
        matches!(name, "oid" | "lo")
    }
}

/// A table, covered or not.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub oid: u32,
    /// What it is called in files.
    pub name: String,
    /// What it is called in SQL.
    pub sql: String,
    pub is_partitioned: bool,
    /// Whether the server refuses to delete and update rows: a publication would tell of a row that nothing identifies.
    pub is_append_only: bool,
    /// The table whose partition it is; itself otherwise.
    pub root: u32,
    pub columns: BTreeMap<String, Column>,
    pub key: KeyKind,
    /// The columns of that key.
    pub key_columns: Vec<String>,
    /// How a row `t` is found by them, as `v.v0` and so on.
    pub key_condition: String,
    /// What keeps rows from being updated one after the other.
    pub bound: Bound,
}

/// A foreign key.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub oid: u32,
    pub name: String,
    pub child: u32,
    pub parent: u32,
    /// Columns that refer, and those they refer to.
    pub columns: Vec<(String, String)>,
    /// How a row `p` that is referred to is found from a row `c` that refers.
    pub condition: String,
    /// Whether some columns may be NULL while others are not.
    pub is_partial: bool,
}

/// A foreign key between a table that is covered and one that is not read.
#[derive(Debug, Clone)]
pub(super) struct Uncheckable {
    pub name: String,
    /// The table that is covered.
    pub near: u32,
    /// The columns of that table that refer; none where it is referred to.
    pub columns: Vec<String>,
    /// Why the other one is not read.
    pub reason: String,
}

/// A constraint that may wait for the end of a transaction.
#[derive(Debug, Clone)]
pub(super) struct Deferrable {
    pub oid: u32,
    /// The table it is a constraint of.
    pub on: u32,
    /// The table a foreign key refers to.
    pub parent: u32,
    /// Whether it forbids rows beside each other.
    pub excludes: bool,
    /// What it is called in SQL.
    pub sql: String,
    /// Whether it waits from the start, and its name says so of no other constraint.
    pub is_deferred: bool,
}

/// A trigger or rule that is not off.
#[derive(Debug, Clone)]
pub(super) struct Reaction {
    /// `TRIGGER` or `RULE`.
    pub sort: &'static str,
    pub relation: u32,
    pub name: String,
    /// PostgreSQL's letter: `O`rigin, `A`lways or `R`eplica.
    pub enabled: char,
    /// Whether it is the server's own, such as one of a foreign key.
    pub is_internal: bool,
}

/// A sequence.
#[derive(Debug, Clone)]
pub(super) struct Sequence {
    pub sql: String,
    pub increment: i64,
    pub start: i64,
}

/// What was read of the schema; where sequences stand is not part of it.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub catalog: Catalog,
    pub known: Known,
}

/// What the SQL needs to know of it.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub relations: BTreeMap<u32, Relation>,
    /// Covered tables by what files call them.
    pub names: BTreeMap<String, u32>,
    pub references: Vec<Reference>,
    pub deferrables: Vec<Deferrable>,
    pub reactions: Vec<Reaction>,
    pub sequences: BTreeMap<String, Sequence>,
    /// Foreign keys that nobody can check, because the table at one end is not read.
    pub uncheckable: Vec<Uncheckable>,
    /// Whether rows that are written, or changes of the schema, may run code of the database's own.
    pub runs_code: bool,
    /// Whether the server sends UTF-8 for certain.
    pub is_utf8: bool,
    /// Whether the server's own order of bytes is that of UTF-8.
    pub sorts_utf8: bool,
}

impl Known {
    pub fn relation(&self, name: &str) -> Option<&Relation> {
        self.relations.get(self.names.get(name)?)
    }

    /// What a table is, whatever its rows: the same before and after its foreign keys were dropped and made again.
    pub fn description(&self, oid: u32) -> Option<String> {
        let relation = self.relations.get(&oid)?;
        let references = self.references.iter().filter(|found| found.child == oid);
        let references: Vec<_> = references
            .map(|found| (&found.name, found.parent, &found.columns, &found.condition))
            .collect();
        let reactions = self.reactions.iter().filter(|found| found.relation == oid);
        let reactions: Vec<_> = reactions.collect();
        let deferrables = self.deferrables.iter().filter(|found| found.on == oid);
        let mut deferrables: Vec<_> = deferrables
            .map(|found| (&found.sql, found.is_deferred, found.excludes))
            .collect();
        deferrables.sort();
        Some(format!(
            "{relation:?} {references:?} {reactions:?} {deferrables:?}"
        ))
    }

    /// The covered table a relation belongs to.
    pub fn root(&self, oid: u32) -> Option<&Relation> {
        let root = self.relations.get(&oid)?.root;
        self.relations.get(&root)
    }
}

impl Relation {
    /// The table without tables that inherit from it, whose rows are their own.
    pub fn only(&self) -> String {
        if self.is_partitioned {
            self.sql.clone()
        } else {
            format!("ONLY {}", self.sql)
        }
    }

    /// Whether an UPDATE may set a column in many rows.
    pub fn may_be_set(&self, name: &str) -> bool {
        match &self.bound {
            Bound::Columns(bound) => !bound.contains(name),
            Bound::All => false,
        }
    }

    pub fn column(&self, name: &str) -> Result<&Column> {
        self.columns.get(name).ok_or_else(|| Error::Database {
            act: format!("cannot find column {}.{name}", self.name),
            message: "it was not there when the schema was read".to_owned(),
            fault: Fault::Unknown,
        })
    }

    /// The kinds of the columns of `table`, in its order.
    pub fn kinds(&self, table: &Table) -> Result<Vec<Kind>> {
        let columns = table.columns().keys();
        columns
            .map(|name| self.column(name).map(|column| column.kind))
            .collect()
    }

    /// The columns that name a row: the key, else all.
    pub fn naming(&self) -> Table {
        let column = |name: &String, column: &Column| (name.clone(), column.declared.clone());
        let key = self.key_columns.iter();
        let mut columns: IndexMap<String, String> = key
            .filter_map(|name| Some(column(name, self.columns.get(name)?)))
            .collect();
        if columns.is_empty() {
            columns.extend(self.columns.iter().map(|(name, found)| column(name, found)));
        }
        Table::new(self.name.clone(), Vec::new(), columns)
            .expect("a table without a key has no wrong one")
    }

    /// The query for the rows of `table` in the order of [`Table::order`].
    pub fn select(&self, table: &Table, known: &Known) -> Result<String> {
        let columns: Vec<String> = table.columns().keys().map(|name| quoted(name)).collect();
        let order = self.order_by(table, known)?;
        Ok(format!(
            "SELECT {} FROM {} ORDER BY {}",
            columns.join(", "),
            self.only(),
            order.join(", ")
        ))
    }

    fn order_by(&self, table: &Table, known: &Known) -> Result<Vec<String>> {
        let nulls = if self.is_exact(table) {
            Nulls::Never
        } else {
            Nulls::Possible
        };
        let mut terms = Vec::new();
        for name in table.key() {
            terms.extend(self.term(name, known, nulls)?);
        }
        if matches!(nulls, Nulls::Never) {
            return Ok(terms);
        }
        for name in table.columns().keys() {
            terms.extend(self.term(name, known, Nulls::Possible)?);
        }
        // What is left the same may differ in the signs of zeros: the negative ones come first.
        for name in table.columns().keys() {
            if self.column(name)?.kind == Kind::Real {
                terms.push(format!("concat({}) <> '-0'", quoted(name)));
            }
        }
        Ok(terms)
    }

    /// Whether the key of `table` is the key this database has, whose columns are never NULL.
    fn is_exact(&self, table: &Table) -> bool {
        self.key == KeyKind::Exact && table.key() == self.key_columns
    }

    fn term(&self, name: &str, known: &Known, nulls: Nulls) -> Result<Vec<String>> {
        let kind = self.column(name)?.kind;
        let column = quoted(name);
        let text = |value: String| {
            if known.sorts_utf8 {
                format!("{value} COLLATE \"C\"")
            } else {
                format!("convert_to({value}, 'UTF8')")
            }
        };
        Ok(match (kind, nulls) {
            (Kind::Text, _) => vec![format!("{} NULLS FIRST", text(format!("{column}::text")))],
            // `concat` gives what the type's own output gives, where a cast to text would not, and NULL as ''.
            (Kind::Other, Nulls::Possible) => vec![
                format!("({column} IS DISTINCT FROM NULL)"),
                text(format!("concat({column})")),
            ],
            (Kind::Other, Nulls::Never) => vec![text(format!("concat({column})"))],
            (_, Nulls::Never) => vec![column],
            (_, Nulls::Possible) => vec![format!("{column} NULLS FIRST")],
        })
    }
}

#[derive(Clone, Copy)]
enum Nulls {
    Never,
    Possible,
}
