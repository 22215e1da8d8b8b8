//! What a restore did, as text: the tables that were written, and those left empty.

use std::io::Result;

use super::page::Page;
use super::table::{Align, Columns};
use super::{compare, good, plural, skipped, warnings};
use crate::output::{RestoreAction, RestoreOutput, RestoreStatus};

/// Writes what a restore did.
pub(crate) fn write(restore: &RestoreOutput, out: &mut Page<'_>, err: &mut Page<'_>) -> Result<()> {
    if restore.status == RestoreStatus::Unchanged {
        let verdict = format!("{} is at {} already", restore.database, restore.fixpoint);
        out.line(&good(verdict))?;
        return warnings(&restore.warnings, out);
    }
    let verdict = format!("{} is at {} again", restore.database, restore.fixpoint);
    out.line(&good(verdict))?;
    let mut columns = Columns::new(&[Align::Left, Align::Left]);
    let is_skipped = |name: &String| restore.skipped_tables.contains(name);
    for table in restore
        .tables
        .iter()
        .filter(|table| !is_skipped(&table.name))
    {
        let what = match table.action {
            RestoreAction::Unchanged => continue,
            RestoreAction::Patched => format!(
                "{} deleted, {} inserted",
                plural(table.deleted.unwrap_or_default(), "row"),
                table.inserted
            ),
            RestoreAction::Rewritten => format!("rewritten, {}", plural(table.inserted, "row")),
        };
        columns.row([table.name.clone(), what]);
    }
    for sequence in &restore.sequences {
        columns.row([sequence.table.clone(), compare::sequence(sequence)]);
    }
    columns.write_aside("  ", out)?;
    warnings(&restore.warnings, out)?;
    skipped(
        &restore.skipped_tables,
        (restore.skipped_by, "left empty"),
        err,
    )
}
