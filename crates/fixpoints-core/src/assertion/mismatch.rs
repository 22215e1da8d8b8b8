//! How the database differs from a fixpoint, as a failing test prints it; it compares nothing.

use std::fmt;

use super::text::{self, plural};
use crate::comparison::Comparison;
use crate::excerpt::visible;

/// A database that differs from a fixpoint.
#[derive(Clone)]
pub struct Mismatch {
    fixpoint: String,
    comparison: Comparison,
    hint: String,
}

impl Mismatch {
    /// What a comparison found, and what to do about it.
    #[must_use]
    pub fn new(fixpoint: &str, comparison: Comparison, hint: String) -> Self {
        Self {
            fixpoint: fixpoint.to_owned(),
            comparison,
            hint,
        }
    }

    /// The fixpoint.
    #[must_use]
    pub fn fixpoint(&self) -> &str {
        &self.fixpoint
    }

    /// Everything that differs.
    #[must_use]
    pub fn comparison(&self) -> &Comparison {
        &self.comparison
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the database differs from `{}`", visible(&self.fixpoint))?;
        let Comparison {
            tables,
            sequences,
            uncovered,
            skipped,
            left_out,
            omissions,
        } = &self.comparison;
        for table in tables.iter().filter(|table| !table.changes.is_empty()) {
            let (differences, rows) = (
                plural(table.changes.len() as u64, "difference"),
                plural(table.rows, "row"),
            );
            let name = &table.table.name;
            text::line(f, &format!("{name} ({differences} of {rows} now)"))?;
            text::write_changes(f, table, &|_| true)?;
        }
        for sequence in sequences {
            let at = |value: Option<crate::position::Position>| {
                value.map_or_else(|| "not begun".to_owned(), |value| value.to_string())
            };
            let (table, old, new) = (&sequence.table, at(sequence.old), at(sequence.new));
            text::line(f, &format!("{table} sequence: {old} → {new}"))?;
        }
        if !uncovered.is_empty() {
            let tables = uncovered.join(", ");
            let fixpoint = &self.fixpoint;
            let text = format!("not compared, because `{fixpoint}` does not have them: {tables}");
            text::line(f, &text)?;
        }
        for left in left_out {
            text::line(f, &format!("left out {}: {}", left.table, left.reason))?;
        }
        for omission in omissions {
            text::line(f, &omission.message)?;
        }
        if !skipped.is_empty() {
            let tables = skipped.join(", ");
            text::line(
                f,
                &format!("not compared, because they are skipped: {tables}"),
            )?;
        }
        write!(f, "hint: {}", visible(&self.hint))
    }
}

/// The same as its display: this is what a failing test prints.
impl fmt::Debug for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
