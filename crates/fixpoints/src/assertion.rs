//! Which changes a test expects, and how the changes that happened differ from that; it asks no database.

use std::collections::BTreeSet;
use std::fmt;

use crate::compare::{ComparedTable, Comparison};
use crate::error::{Error, Result};
use crate::excerpt::visible;
use crate::merge::Change;
use crate::store::Counts;

mod expected;
mod mismatch;
mod text;
mod verdict;

pub use expected::ExpectedChanges;
use expected::{Expected, Updated};
pub use mismatch::Mismatch;
use verdict::Verdict;

/// Changes that a test did not expect, or expected in vain.
#[derive(Clone)]
pub struct UnexpectedChanges {
    before: String,
    verdicts: Vec<Verdict>,
    /// Tables that the state before does not have, and that may have held anything.
    unknown: Vec<String>,
    /// The expectation that would be met.
    right: String,
}

impl UnexpectedChanges {
    /// Everything that a comparison holds, for tests of what is printed.
    #[cfg(test)]
    pub(crate) fn sample(comparison: &Comparison, before: &str) -> Self {
        let nothing = Expected::default();
        let tables = comparison.tables.iter();
        let verdicts = tables
            .clone()
            .filter_map(|table| Verdict::of(table, &nothing));
        Self {
            before: before.to_owned(),
            verdicts: verdicts.chain(tables.map(Verdict::of_newcomer)).collect(),
            unknown: comparison.uncovered.clone(),
            right: right(comparison, &comparison.tables),
        }
    }

    /// The tables that are not as expected.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        let unknown = self.unknown.iter().map(String::as_str);
        self.verdicts.iter().map(Verdict::table).chain(unknown)
    }
}

impl fmt::Display for UnexpectedChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = visible(&self.before);
        writeln!(f, "the changes since {before} are not those expected")?;
        for verdict in &self.verdicts {
            verdict.fmt(f)?;
        }
        for table in &self.unknown {
            let before = &self.before;
            let unknown = "does not have it, so that its changes are not known";
            text::line(f, &format!("{table}: {before} {unknown}"))?;
        }
        write!(f, "hint: ")?;
        if !self.verdicts.is_empty() {
            write!(f, "if this is right, expect `{}`", visible(&self.right))?;
        }
        if self.unknown.is_empty() {
            return Ok(());
        }
        let and = if self.verdicts.is_empty() {
            ""
        } else {
            ", and "
        };
        write!(
            f,
            "{and}restore {before} and store it again, so that it has these tables, or leave them out with `Fixpoints::excluding`"
        )
    }
}

/// The same as its display: this is what a failing test prints.
impl fmt::Debug for UnexpectedChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What happened since a state.
pub(crate) struct Changes<'a> {
    /// What messages call the state.
    pub before: &'a str,
    pub comparison: &'a Comparison,
    /// The tables among the uncovered ones that came after the state, with all their rows as inserted ones.
    pub newcomers: &'a [ComparedTable],
}

/// Compares what happened with what is expected, but for the tables that are skipped.
pub(crate) fn check(
    changes: &Changes<'_>,
    expected: &ExpectedChanges,
    skips: &dyn Fn(&str) -> bool,
) -> Result<()> {
    let Changes {
        before,
        comparison,
        newcomers,
    } = changes;
    let expected = expected.by_table()?;
    let mut unknown = comparison.uncovered.clone();
    unknown.retain(|name| newcomers.iter().all(|table| table.table.name != *name));
    for (&name, expected) in expected.iter().filter(|(name, _)| !skips(name)) {
        let mut compared = comparison.tables.iter().chain(*newcomers);
        match compared.find(|table| table.table.name == name) {
            Some(table) => check_columns(table, expected)?,
            None if unknown.iter().any(|table| table == name) => {}
            None => return Err(unknown_table(name, comparison)),
        }
    }
    let nothing = Expected::default();
    let compared = comparison.tables.iter().filter_map(|table| {
        let expected = expected.get(table.table.name.as_str());
        Verdict::of(table, expected.unwrap_or(&nothing))
    });
    let new = newcomers
        .iter()
        .filter_map(|table| match expected.get(table.table.name.as_str()) {
            Some(expected) => Verdict::of(table, expected),
            None => Some(Verdict::of_newcomer(table)),
        });
    let verdicts: Vec<Verdict> = compared.chain(new).collect();
    if verdicts.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    Err(Error::UnexpectedChanges(Box::new(UnexpectedChanges {
        before: (*before).to_owned(),
        verdicts,
        unknown,
        right: right(comparison, newcomers),
    })))
}

fn unknown_table(name: &str, comparison: &Comparison) -> Error {
    let known = comparison.tables.iter().map(|table| &table.table.name);
    let mut known: Vec<String> = known.chain(&comparison.uncovered).cloned().collect();
    known.sort();
    Error::UnknownTable {
        table: name.to_owned(),
        known,
    }
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
fn right(comparison: &Comparison, newcomers: &[ComparedTable]) -> String {
    let mut code = "|c| c".to_owned();
    for table in &comparison.tables {
        code.push_str(&right_of(table));
    }
    for table in newcomers {
        let code_of = right_of(table);
        if code_of.is_empty() {
            code.push_str(&format!(".unchanged({:?})", table.table.name));
        }
        code.push_str(&code_of);
    }
    code
}

fn right_of(table: &ComparedTable) -> String {
    let (Happened { counts, columns }, name) = (Happened::to(table), &table.table.name);
    let mut code = String::new();
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
    code
}
