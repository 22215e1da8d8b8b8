//! Which changes a test expects, and how the changes that happened differ from that; it asks no database.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::compare::{ComparedTable, Comparison};
use crate::error::{Error, Result};
use crate::merge::Change;
use crate::store::Counts;

mod mismatch;
mod text;
mod verdict;

pub use mismatch::Mismatch;
use verdict::Verdict;

/// The changes a test expects; tables that are not named are expected not to change.
///
/// Rows count, sequences do not: a row that was refused or rolled back may have moved one.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ExpectedChanges {
    tables: BTreeMap<String, Expected>,
}

/// What is expected of one table.
#[derive(Debug, Clone, Default)]
struct Expected {
    inserted: u64,
    deleted: u64,
    updated: Option<Updated>,
}

#[derive(Debug, Clone, Default)]
struct Updated {
    /// How many rows, if that matters.
    rows: Option<u64>,
    columns: BTreeSet<String>,
}

impl ExpectedChanges {
    /// Exactly so many rows are new.
    pub fn inserted(mut self, table: &str, rows: u64) -> Self {
        self.of(table).inserted = rows;
        self
    }

    /// Exactly so many rows are gone.
    pub fn deleted(mut self, table: &str, rows: u64) -> Self {
        self.of(table).deleted = rows;
        self
    }

    /// At least one row has other values, in exactly these columns: each in one row or more, and no other in any.
    pub fn updated(
        mut self,
        table: &str,
        columns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let updated = self.of(table).updated.get_or_insert_default();
        updated.columns.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Exactly so many rows have other values, in exactly these columns.
    pub fn updated_rows(
        self,
        table: &str,
        rows: u64,
        columns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let mut expected = self.updated(table, columns);
        let updated = expected.of(table).updated.get_or_insert_default();
        updated.rows = Some(rows);
        expected
    }

    /// Nothing changes in this table; the same as not to name it, but for the table having to exist.
    pub fn unchanged(mut self, table: &str) -> Self {
        *self.of(table) = Expected::default();
        self
    }

    fn of(&mut self, table: &str) -> &mut Expected {
        self.tables.entry(table.to_owned()).or_default()
    }
}

/// Changes that a test did not expect, or expected in vain.
#[derive(Clone)]
pub struct UnexpectedChanges {
    before: String,
    verdicts: Vec<Verdict>,
    /// Tables that came after the state they should be compared with.
    unknown: Vec<String>,
    /// The expectation that would be met.
    right: String,
}

impl UnexpectedChanges {
    /// The tables that are not as expected.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        let unknown = self.unknown.iter().map(String::as_str);
        self.verdicts.iter().map(Verdict::table).chain(unknown)
    }
}

impl fmt::Display for UnexpectedChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "the changes since {} are not those expected",
            self.before
        )?;
        for verdict in &self.verdicts {
            verdict.fmt(f)?;
        }
        for table in &self.unknown {
            writeln!(
                f,
                "{table}: {} does not have it, so that its changes are not known",
                self.before
            )?;
        }
        if self.verdicts.is_empty() {
            return write!(
                f,
                "hint: restore the fixpoint and store it again, so that it has them, or exclude these tables"
            );
        }
        write!(f, "hint: if this is right, expect `{}`", self.right)
    }
}

/// The same as its display: this is what a failing test prints.
impl fmt::Debug for UnexpectedChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Compares what happened with what is expected.
pub(crate) fn check(
    before: &str,
    comparison: &Comparison,
    expected: &ExpectedChanges,
    skips: &dyn Fn(&str) -> bool,
) -> Result<()> {
    let compared = |name: &str| {
        comparison
            .tables
            .iter()
            .find(|table| table.table.name == name)
    };
    for (name, expected) in expected.tables.iter().filter(|(name, _)| !skips(name)) {
        let table = compared(name).ok_or_else(|| Error::UnknownTable {
            table: name.clone(),
            known: comparison
                .tables
                .iter()
                .map(|table| table.table.name.clone())
                .collect(),
        })?;
        check_columns(table, expected)?;
    }
    let nothing = Expected::default();
    let verdicts = comparison.tables.iter().filter_map(|table| {
        let expected = expected.tables.get(&table.table.name).unwrap_or(&nothing);
        Verdict::of(table, expected)
    });
    let verdicts: Vec<Verdict> = verdicts.collect();
    if verdicts.is_empty() && comparison.uncovered.is_empty() {
        return Ok(());
    }
    Err(Error::UnexpectedChanges(Box::new(UnexpectedChanges {
        before: before.to_owned(),
        verdicts,
        unknown: comparison.uncovered.clone(),
        right: right(comparison),
    })))
}

fn check_columns(table: &ComparedTable, expected: &Expected) -> Result<()> {
    let columns = expected.updated.iter().flat_map(|updated| &updated.columns);
    let unknown = |column: &&String| !table.table.columns().contains_key(*column);
    match columns.into_iter().find(unknown) {
        Some(column) => Err(Error::UnknownColumn {
            column: format!("{}.{column}", table.table.name),
        }),
        None => Ok(()),
    }
}

/// What happened to one table: rows by kind, and the columns that were updated.
struct Happened {
    counts: Counts,
    columns: BTreeSet<String>,
}

impl Happened {
    fn to(table: &ComparedTable) -> Self {
        let (mut counts, mut columns) = (Counts::default(), BTreeSet::new());
        for change in &table.changes {
            counts.add(change);
            if let Change::Updated { old, new } = change {
                let changed = Change::changed_columns(&table.table, old, new).into_iter();
                columns.extend(changed.map(|at| table.table.column(at).to_owned()));
            }
        }
        Self { counts, columns }
    }
}

/// The code that expects exactly what happened.
fn right(comparison: &Comparison) -> String {
    let mut code = "|c| c".to_owned();
    for table in &comparison.tables {
        let (Happened { counts, columns }, name) = (Happened::to(table), &table.table.name);
        if counts.inserted > 0 {
            code.push_str(&format!(".inserted({name:?}, {})", counts.inserted));
        }
        if counts.updated > 0 {
            let columns: Vec<&String> = columns.iter().collect();
            code.push_str(&format!(".updated({name:?}, {columns:?})"));
        }
        if counts.deleted > 0 {
            code.push_str(&format!(".deleted({name:?}, {})", counts.deleted));
        }
    }
    code
}
