//! The difference of two fixpoints as text, like a comparison.

use std::io::Result;

use super::page::Page;
use fixpoints::core::excerpt::visible;

use super::compare::{counts, write_tables};
use super::{bad, good, plural};
use crate::invocation::Invocation;
use crate::output::{DiffOutput, DiffStatus, DriftChange, SchemaDrift};

/// Writes a difference.
pub(crate) fn write(diff: &DiffOutput, typed: &Invocation, out: &mut Page<'_>) -> Result<()> {
    let (old, new) = (&diff.old, &diff.new);
    write_tables(&diff.tables, &diff.sequences, typed, out)?;
    diff.drifts.iter().try_for_each(|found| drift(found, out))?;
    for (name, tables) in [(old, &diff.only_old), (new, &diff.only_new)] {
        if !tables.is_empty() {
            writeln!(out, "only in {name}: {}", visible(&tables.join(", ")))?;
        }
    }
    if diff.status == DiffStatus::Equal {
        let tables = plural(diff.tables_compared, "table");
        return out.line(&good(format!("{new} equals {old}: {tables}")));
    }
    out.line(&bad(format!("{new} differs from {old}: {}", summary(diff))))
}

/// Rows and tables; where there are none of either, what else differs.
fn summary(diff: &DiffOutput) -> String {
    let changes = diff.changes;
    let mut parts = Vec::new();
    if changes.inserted + changes.updated + changes.deleted > 0 {
        parts.push(counts(changes));
    }
    let several = |parts: &mut Vec<String>, count: usize, what: &str| {
        if count > 0 {
            parts.push(plural(count as u64, what));
        }
    };
    several(
        &mut parts,
        diff.only_old.len() + diff.only_new.len(),
        "table",
    );
    if parts.is_empty() {
        several(&mut parts, diff.drifts.len(), "column");
        several(&mut parts, diff.sequences.len(), "sequence");
    }
    parts.join(", ")
}

pub(crate) fn drift(drift: &SchemaDrift, out: &mut Page<'_>) -> Result<()> {
    let place = match &drift.column {
        Some(column) => format!("column {}.{column}", drift.table),
        None => format!("table {}", drift.table),
    };
    let place = visible(&place);
    match &drift.change {
        DriftChange::Added => writeln!(out, "{place} was added"),
        DriftChange::Dropped => writeln!(out, "{place} was dropped"),
        DriftChange::Retyped { old, new } => {
            writeln!(out, "{place}: {} → {}", visible(old), visible(new))
        }
        DriftChange::Rekeyed { old, new } => {
            writeln!(
                out,
                "{place}: key ({}) → ({})",
                visible(&old.join(", ")),
                visible(&new.join(", "))
            )
        }
    }
}
