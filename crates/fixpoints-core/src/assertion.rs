//! Which changes a test expects, and how the changes that happened differ from that; it asks no database.

use crate::comparison::{ComparedTable, Comparison};
use crate::error::{Error, Result};

mod expected;
mod happened;
mod mismatch;
mod text;
mod unexpected;
mod verdict;
mod wanted;

pub use expected::ExpectedChanges;
pub use mismatch::Mismatch;
pub use unexpected::UnexpectedChanges;
use unexpected::right;
use verdict::Verdict;
use wanted::Expected;

/// What happened since a state.
#[derive(Debug)]
pub struct Changes<'a> {
    /// What messages call the state.
    pub before: &'a str,
    /// What a comparison with it found.
    pub comparison: &'a Comparison,
    /// The tables among the uncovered ones that came after the state, with all their rows as inserted ones.
    pub newcomers: &'a [ComparedTable],
}

/// Compares what happened with what is expected, but for the tables that are skipped.
pub fn check(
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
