//! The difference of two fixpoints as text, like a comparison.

use std::io::{Result, Write};

use super::compare::{counts, write_tables};
use super::plural;
use crate::output::{DiffOutput, DiffStatus, DriftChange, SchemaDrift};

/// Writes a difference.
pub(crate) fn write(diff: &DiffOutput, out: &mut dyn Write) -> Result<()> {
    let (old, new) = (&diff.old, &diff.new);
    write_tables(&diff.tables, &diff.sequences, out)?;
    diff.drifts.iter().try_for_each(|found| drift(found, out))?;
    for (name, tables) in [(old, &diff.only_old), (new, &diff.only_new)] {
        if !tables.is_empty() {
            writeln!(out, "only in {name}: {}", tables.join(", "))?;
        }
    }
    if diff.status == DiffStatus::Equal {
        return writeln!(
            out,
            "{new} equals {old}: {}",
            plural(diff.tables_compared, "table")
        );
    }
    writeln!(out, "{new} differs from {old}: {}", counts(diff.changes))
}

fn drift(drift: &SchemaDrift, out: &mut dyn Write) -> Result<()> {
    let place = match &drift.column {
        Some(column) => format!("column {}.{column}", drift.table),
        None => format!("table {}", drift.table),
    };
    match &drift.change {
        DriftChange::Added => writeln!(out, "{place} was added"),
        DriftChange::Dropped => writeln!(out, "{place} was dropped"),
        DriftChange::Retyped { old, new } => writeln!(out, "{place}: {old} → {new}"),
        DriftChange::Rekeyed { old, new } => {
            writeln!(
                out,
                "{place}: key ({}) → ({})",
                old.join(", "),
                new.join(", ")
            )
        }
    }
}
