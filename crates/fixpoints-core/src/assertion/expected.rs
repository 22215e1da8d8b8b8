//! The changes a test expects, as it says them, and what that means for each table; it knows nothing of what happened.

use std::collections::{BTreeMap, BTreeSet};

use super::wanted::{Expected, Updated};
use crate::error::{Error, Result};

/// The changes a test expects; tables that are not named are expected not to change.
///
/// Each kind of change is said once for a table: two numbers or two lists of columns for the same rows are an error,
/// and so is `unchanged` beside another expectation. Rows count, sequences do not: a row that was refused or rolled
/// back may have moved one.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ExpectedChanges {
    tables: BTreeMap<String, Vec<Expectation>>,
}

#[derive(Debug, Clone)]
enum Expectation {
    Inserted(u64),
    Deleted(u64),
    Updated(Updated),
    Unchanged,
}

impl ExpectedChanges {
    /// Exactly so many rows are new.
    pub fn inserted(self, table: &str, rows: u64) -> Self {
        self.and(table, Expectation::Inserted(rows))
    }

    /// Exactly so many rows are gone.
    pub fn deleted(self, table: &str, rows: u64) -> Self {
        self.and(table, Expectation::Deleted(rows))
    }

    /// At least one row has other values, in exactly these columns: each in one row or more, and no other in any.
    pub fn updated(
        self,
        table: &str,
        columns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        let updated = Updated {
            rows: None,
            columns,
        };
        self.and(table, Expectation::Updated(updated))
    }

    /// Exactly so many rows have other values, in exactly these columns.
    pub fn updated_rows(
        self,
        table: &str,
        rows: u64,
        columns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        let updated = Updated {
            rows: Some(rows),
            columns,
        };
        self.and(table, Expectation::Updated(updated))
    }

    /// Nothing changes in this table; the same as not to name it, but for the table having to exist.
    pub fn unchanged(self, table: &str) -> Self {
        self.and(table, Expectation::Unchanged)
    }

    fn and(mut self, table: &str, expectation: Expectation) -> Self {
        let all = self.tables.entry(table.to_owned()).or_default();
        all.push(expectation);
        self
    }

    /// What is expected of each table that is named.
    pub(super) fn by_table(&self) -> Result<BTreeMap<&str, Expected>> {
        let tables = self.tables.iter();
        tables
            .map(|(table, all)| Ok((table.as_str(), expected(table, all)?)))
            .collect()
    }
}

impl Expectation {
    fn word(&self) -> &'static str {
        match self {
            Self::Inserted(_) => "inserted",
            Self::Deleted(_) => "deleted",
            Self::Updated(_) => "updated",
            Self::Unchanged => "unchanged",
        }
    }
}

fn expected(table: &str, all: &[Expectation]) -> Result<Expected> {
    let unclear = |reason: String, hint| {
        Err(Error::UnclearExpectation {
            table: table.to_owned(),
            reason,
            hint,
        })
    };
    let mut words = BTreeSet::new();
    let mut expected = Expected::default();
    for one in all {
        if !words.insert(one.word()) && !matches!(one, Expectation::Unchanged) {
            let hint = match one {
                Expectation::Updated(_) => "say it once, with all columns that change",
                _ => "say it once, with the number of all rows",
            };
            return unclear(format!("`{}` is said twice", one.word()), hint);
        }
        match one {
            Expectation::Inserted(rows) => expected.inserted = *rows,
            Expectation::Deleted(rows) => expected.deleted = *rows,
            Expectation::Updated(Updated { rows: Some(0), .. }) | Expectation::Unchanged => {}
            Expectation::Updated(updated) if updated.columns.is_empty() => {
                let hint = "name the columns that change, or expect `unchanged`";
                return unclear("`updated` names no column".to_owned(), hint);
            }
            Expectation::Updated(updated) => expected.updated = Some(updated.clone()),
        }
    }
    match words.iter().find(|word| **word != "unchanged") {
        Some(word) if words.contains("unchanged") => {
            let reason = format!("`unchanged` is said beside `{word}`");
            unclear(reason, "say one of the two")
        }
        _ => Ok(expected),
    }
}
