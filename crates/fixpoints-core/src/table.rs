//! What a fixpoint knows of a table: its key, its columns, the order of its rows; no rows themselves.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::cell::{AsCell, CellRef};
use crate::excerpt::visible;

/// One covered table, as its line in the header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The table's name, unquoted.
    pub name: String,
    key: Vec<String>,
    columns: IndexMap<String, String>,
    key_positions: Vec<usize>,
}

/// Whether a table's key identifies every row of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A primary key or a unique index over columns that are never NULL.
    Exact,
    /// A declared key whose columns may hold NULL; such rows are matched as a whole.
    Nullable,
    /// No key: rows are matched as a multiset.
    None,
}

impl Table {
    /// Whether a name that somebody gives means this table: PostgreSQL's `public.a` is the table `a`.
    #[must_use]
    pub fn is_called(&self, said: &str) -> bool {
        crate::names::is_called(&self.name, said)
    }

    /// A table with the given key columns, all of which must be columns; `None` where one is not.
    #[must_use]
    pub fn new(name: String, key: Vec<String>, columns: IndexMap<String, String>) -> Option<Self> {
        let key_positions = key
            .iter()
            .map(|column| columns.get_index_of(column))
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            name,
            key,
            columns,
            key_positions,
        })
    }

    /// The columns that identify a row; empty where nothing does.
    #[must_use]
    pub fn key(&self) -> &[String] {
        &self.key
    }

    /// Every stored column with its declared type, in the order of a row's cells.
    #[must_use]
    pub fn columns(&self) -> &IndexMap<String, String> {
        &self.columns
    }

    /// Where the key's columns are among a row's cells.
    #[must_use]
    pub fn key_positions(&self) -> &[usize] {
        &self.key_positions
    }

    /// The name of the column at a position.
    ///
    /// # Panics
    /// When the table has no such column.
    #[must_use]
    pub fn column(&self, position: usize) -> &str {
        self.columns
            .get_index(position)
            .expect("positions come from this table")
            .0
    }

    /// Whether a row can be named by its key alone.
    pub fn is_identified<C: AsCell>(&self, row: &[C]) -> bool {
        !self.key_positions.is_empty()
            && !self
                .key_positions
                .iter()
                .any(|&at| row[at].cell().is_null())
    }

    /// The order of rows in a file. Two rows that are equal in it are versions of the same row.
    pub fn order<A: AsCell, B: AsCell>(&self, a: &[A], b: &[B]) -> Ordering {
        let by_key = self
            .key_positions
            .iter()
            .map(|&at| a[at].cell().order(b[at].cell()))
            .find(|order| order.is_ne());
        match by_key {
            Some(order) => order,
            None if self.is_identified(a) => Ordering::Equal,
            None => whole_order(a, b),
        }
    }

    /// Only the named columns, matched as a multiset when a column of the key is not among them.
    #[must_use]
    pub fn without(&self, ignored: &[usize]) -> (Self, Vec<usize>) {
        let kept: Vec<usize> = (0..self.columns.len())
            .filter(|at| !ignored.contains(at))
            .collect();
        let columns = kept
            .iter()
            .filter_map(|&at| self.columns.get_index(at))
            .map(|(k, v)| (k.clone(), v.clone()));
        let columns: IndexMap<String, String> = columns.collect();
        let key = if self.key.iter().all(|column| columns.contains_key(column)) {
            self.key.clone()
        } else {
            Vec::new()
        };
        let table =
            Self::new(self.name.clone(), key, columns).expect("the key is among the kept columns");
        (table, kept)
    }
}

/// Rows by value, then by type, then by the signs of zeros; equal only for the same row.
fn whole_order<A: AsCell, B: AsCell>(a: &[A], b: &[B]) -> Ordering {
    let by = |order: fn(CellRef<'_>, CellRef<'_>) -> Ordering| {
        a.iter()
            .zip(b)
            .map(|(a, b)| order(a.cell(), b.cell()))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    };
    by(|a, b| a.order(b))
        .then_with(|| by(|a, b| a.type_order(b)))
        .then_with(|| by(|a, b| a.sign_order(b)))
}

/// The tables of one database or one file, sorted by name.
pub type Tables = BTreeMap<String, Table>;

/// One table or column that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "SchemaDrift"))]
pub struct Drift {
    /// The table.
    pub table: String,
    /// The column; null where the whole table moved.
    pub column: Option<String>,
    /// How it moved.
    pub change: DriftKind,
}

/// How a table or column moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "DriftChange"))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DriftKind {
    /// It came.
    Added,
    /// It went.
    Dropped,
    /// It has another type.
    Retyped {
        /// The type in the fixpoint.
        old: String,
        /// The type in the database.
        new: String,
    },
    /// Its rows are identified by other columns.
    Rekeyed {
        /// The key in the fixpoint.
        old: Vec<String>,
        /// The key in the database.
        new: Vec<String>,
    },
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = visible(&self.table);
        match &self.column {
            Some(column) => write!(f, "column {table}.{} ", visible(column))?,
            None => write!(f, "table {table} ")?,
        }
        match &self.change {
            DriftKind::Added => f.write_str("was added"),
            DriftKind::Dropped => f.write_str("was dropped"),
            DriftKind::Retyped { old, new } => {
                write!(
                    f,
                    "changed from {} to {}",
                    visible(named(old)),
                    visible(named(new))
                )
            }
            DriftKind::Rekeyed { old, new } => {
                write!(
                    f,
                    "changed its key from ({}) to ({})",
                    visible(&old.join(", ")),
                    visible(&new.join(", "))
                )
            }
        }
    }
}

fn named(kind: &str) -> &str {
    if kind.is_empty() { "no type" } else { kind }
}

/// Every way in which what `found` finds by its name differs from `stored`; other tables are not drift.
#[must_use]
pub fn drifts<'a, 'f>(
    stored: impl IntoIterator<Item = &'a Table>,
    found: impl Fn(&str) -> Option<&'f Table>,
) -> Vec<Drift> {
    let mut drifts = Vec::new();
    for table in stored {
        match found(&table.name) {
            None => drifts.push(Drift {
                table: table.name.clone(),
                column: None,
                change: DriftKind::Dropped,
            }),
            Some(now) => table_drifts(table, now, &mut drifts),
        }
    }
    drifts
}

fn table_drifts(stored: &Table, found: &Table, drifts: &mut Vec<Drift>) {
    let before = drifts.len();
    let mut push = |column: &String, change| {
        drifts.push(Drift {
            table: stored.name.clone(),
            column: Some(column.clone()),
            change,
        });
    };
    for (column, old) in &stored.columns {
        match found.columns.get(column) {
            None => push(column, DriftKind::Dropped),
            Some(new) if new != old => push(
                column,
                DriftKind::Retyped {
                    old: old.clone(),
                    new: new.clone(),
                },
            ),
            Some(_) => {}
        }
    }
    for column in found
        .columns
        .keys()
        .filter(|column| !stored.columns.contains_key(*column))
    {
        push(column, DriftKind::Added);
    }
    if drifts.len() == before && stored.key != found.key {
        let change = DriftKind::Rekeyed {
            old: stored.key.clone(),
            new: found.key.clone(),
        };
        drifts.push(Drift {
            table: stored.name.clone(),
            column: None,
            change,
        });
    }
}
