//! A comparison as text: every differing table, row by key, column by column, old and new.

use std::io::Result;

use super::page::Page;
use fixpoints::core::excerpt::{excerpts, visible};
use terminal::{Line, Style, changed_parts, style};

use super::{bad, cell, good, hint, left_out, plural, warnings, whole, write_store};
use crate::invocation::Invocation;
use crate::output::{
    CellMap, ChangeCounts, CompareOutput, CompareStatus, ComparedTable, Position, RowChange,
    SequenceChange, TableStatus,
};

/// Writes a comparison.
pub(crate) fn write(compare: &CompareOutput, typed: &Invocation, out: &mut Page<'_>) -> Result<()> {
    let (database, fixpoint) = (&compare.database, &compare.fixpoint);
    if let Some(stored) = &compare.stored {
        writeln!(out, "there was no `{fixpoint}` to compare with")?;
        write_store(stored, typed, out)?;
        return hint(Some(&format!("look at {} and commit it", stored.path)), out);
    }
    write_tables(&compare.tables, &compare.sequences, typed, out)?;
    if !compare.uncovered_tables.is_empty() {
        writeln!(
            out,
            "not compared, because `{fixpoint}` does not have them: {}",
            visible(&compare.uncovered_tables.join(", "))
        )?;
    }
    left_out(&compare.left_out, out)?;
    warnings(&compare.warnings, out)?;
    if compare.status == CompareStatus::Equal {
        let tables = plural(compare.tables_compared, "table");
        return out.line(&good(format!("{database} equals {fixpoint}: {tables}")));
    }
    let changes = counts(compare.changes);
    let verdict = format!("{database} differs from {fixpoint}: {changes}");
    out.line(&bad(verdict))?;
    let advice = compare.hint.as_deref();
    hint(advice.filter(|_| out.wants_everything()), out)
}

/// Every table that differs, row by row, and every sequence.
pub(crate) fn write_tables(
    tables: &[ComparedTable],
    sequences: &[SequenceChange],
    typed: &Invocation,
    out: &mut Page<'_>,
) -> Result<()> {
    let different = tables
        .iter()
        .filter(|table| table.status == TableStatus::Different);
    for table in different {
        let count = plural(table.changes.len() as u64, "difference");
        let rows = plural(table.rows, "row");
        let head = Line::new()
            .with(style::NAME, &table.name)
            .with(style::PLAIN, format!(" ({count} of {rows} now)"));
        out.line(&head.wrapping(2))?;
        table
            .changes
            .iter()
            .take(typed.limit())
            .try_for_each(|change| write_change(change, out))?;
        let more = table.changes.len().saturating_sub(typed.limit());
        if more > 0 {
            let rows = plural(more as u64, "more row");
            writeln!(out, "  … and {rows} (--limit 0 shows all)")?;
        }
    }
    sequences
        .iter()
        .try_for_each(|change| writeln!(out, "{} {}", visible(&change.table), sequence(change)))
}

fn write_change(change: &RowChange, out: &mut Page<'_>) -> Result<()> {
    match change {
        RowChange::Inserted { data } => out.line(&changed_row(style::ADDED, '+', data)),
        RowChange::Deleted { data } => out.line(&changed_row(style::REMOVED, '-', data)),
        RowChange::Updated { key, columns } => {
            out.line(&changed_row(style::CHANGED, '~', key))?;
            columns.iter().try_for_each(|changed| {
                let (old, new) = excerpts(&whole(&changed.old), &whole(&changed.new));
                let line = Line::plain(format!("      {}: ", visible(&changed.column)));
                out.line(&old_and_new(line, &old, &new).wrapping(8))
            })
        }
    }
}

fn changed_row(of_row: Style, sign: char, cells: &CellMap) -> Line {
    let line = Line::new().with(of_row, format!("  {sign} {}", row(cells)));
    line.wrapping(6)
}

/// A line with two values after it, of which the parts that differ are marked.
fn old_and_new(line: Line, old: &str, new: &str) -> Line {
    let (removed, added) = changed_parts(old, new);
    line.with_parts(style::REMOVED, old, &removed, style::REMOVED.invert())
        .with(style::PLAIN, " → ")
        .with_parts(style::ADDED, new, &added, style::ADDED.invert())
}

/// Values by the name of their column.
pub(crate) fn row(cells: &CellMap) -> String {
    cells
        .iter()
        .map(|(column, value)| format!("{} {}", visible(column), cell(value)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Counts of rows, as in `1 inserted, 2 updated`.
pub(crate) fn counts(counts: ChangeCounts) -> String {
    let parts = [
        (counts.inserted, "inserted"),
        (counts.updated, "updated"),
        (counts.deleted, "deleted"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() {
        "no row changed".to_owned()
    } else {
        parts.join(", ")
    }
}

/// A sequence that moved.
pub(crate) fn sequence(change: &SequenceChange) -> String {
    let at = |value: Option<Position>| {
        value.map_or_else(|| "not begun".to_owned(), |value| value.to_string())
    };
    format!("sequence: {} → {}", at(change.old), at(change.new))
}
