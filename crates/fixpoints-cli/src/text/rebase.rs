//! A rebase as text: what the fixpoint stands on now, or each conflict in three versions.

use std::io::Result;

use super::page::Page;
use fixpoints::core::excerpt::visible;
use terminal::{Line, style};

use super::compare::{counts, row};
use super::{bad, cell, good, hint, plural, stale_children};
use crate::invocation::Invocation;
use crate::output::{Cell, ConflictKind, Constraints, RebaseOutput, RebaseStatus, RowConflict};

/// Writes a rebase.
pub(crate) fn write(rebase: &RebaseOutput, typed: &Invocation, out: &mut Page<'_>) -> Result<()> {
    let (name, onto) = (&rebase.fixpoint, &rebase.after.name);
    for table in rebase
        .tables
        .iter()
        .filter(|table| !table.conflicts.is_empty())
    {
        let conflicts = plural(table.conflicts.len() as u64, "conflict");
        let head = Line::new()
            .with(style::NAME, &table.name)
            .with(style::PLAIN, format!(" ({conflicts})"));
        out.line(&head)?;
        table
            .conflicts
            .iter()
            .try_for_each(|found| conflict(found, out))?;
    }
    let verdict = match rebase.status {
        RebaseStatus::Conflicts => {
            let conflicts = plural(rebase.conflicts, "conflict");
            format!("{name} cannot stand on {onto}: {conflicts}; nothing was written")
        }
        RebaseStatus::Unchanged => format!("{name} stands on {onto} already"),
        RebaseStatus::Rebased => format!("{name} stands on {onto}: {}", counts(rebase.changes)),
    };
    out.line(&match rebase.status {
        RebaseStatus::Conflicts => bad(verdict),
        RebaseStatus::Unchanged | RebaseStatus::Rebased => good(verdict),
    })?;
    if rebase.absorbed > 0 {
        writeln!(
            out,
            "  {} the parent has too",
            plural(rebase.absorbed, "change")
        )?;
    }
    if rebase.resolved > 0 {
        writeln!(out, "  {} settled", plural(rebase.resolved, "conflict"))?;
    }
    if !rebase.added_tables.is_empty() {
        writeln!(
            out,
            "  tables that came with it: {}",
            visible(&rebase.added_tables.join(", "))
        )?;
    }
    if let (RebaseStatus::Rebased, Constraints::Unchecked { reason }) =
        (rebase.status, &rebase.constraints)
    {
        let reason = reason.as_deref().unwrap_or("no database was asked");
        writeln!(
            out,
            "  constraints were not checked: {reason}; `fixpoints restore {name}` does"
        )?;
    }
    if rebase.status == RebaseStatus::Conflicts {
        return hint(rebase.hint.as_deref(), out);
    }
    stale_children(name, &rebase.stale_children, typed, out)
}

fn conflict(conflict: &RowConflict, out: &mut Page<'_>) -> Result<()> {
    let what = match conflict.kind {
        ConflictKind::BothInserted => "inserted on both sides",
        ConflictKind::BothUpdated => "updated on both sides",
        ConflictKind::DeletedInParent => "updated here, deleted in the parent",
        ConflictKind::DeletedInChild => "deleted here, updated in the parent",
        ConflictKind::BothDeleted => "deleted here, gone from the parent",
        ConflictKind::Refused | ConflictKind::BrokenReference => "the database does not take it",
    };
    let reason = conflict.reason.as_deref();
    let reason = reason
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default();
    let line = Line::plain("  ")
        .with(style::BAD, format!("! {}", row(&conflict.key)))
        .with(style::PLAIN, format!(": {what}{reason}"));
    out.line(&line.wrapping(6))?;
    let shown = |value: &Option<Cell>| value.as_ref().map_or_else(|| "–".to_owned(), cell);
    conflict.columns.iter().try_for_each(|contested| {
        let versions = &contested.versions;
        let (then, now, child) = (
            shown(&versions.then),
            shown(&versions.now),
            shown(&versions.child),
        );
        writeln!(
            out,
            "      {}: was {then}, parent {now}, here {child}",
            visible(&contested.column)
        )
    })
}
